"""Typed columns that only grow: what the index keeps instead of an object per edge.

A row is a dense int; a column is an ``array``; rows that share a key hang together in a `Star` (forward-star linked
lists in two arrays), so an append is O(1) and visible to the next query, and a kernel can walk the same memory later.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeAlias, TypeVar

Ints: TypeAlias = "array[int]"
"""A column of whole numbers: ``i`` (32 bit: 2,147,483,647 rows, then OverflowError) or ``q`` (64 bit)."""

NONE = -1
"""No row, no code, no node."""

EVER = 1 << 62
"""A moment after every moment, in microseconds; ``-EVER`` is before every moment."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Value = TypeVar("Value", bound=Hashable)


def ints() -> Ints:
    """An empty column of 32-bit numbers."""
    return array("i")


def longs() -> Ints:
    """An empty column of 64-bit numbers."""
    return array("q")


class Star:
    """The rows of each key, newest first. Every row of a table is linked once, in order of its number."""

    __slots__ = ("head", "next")

    def __init__(self) -> None:
        self.head = ints()
        self.next = ints()

    def link(self, key: int) -> None:
        """Hang the next row under ``key``; ``NONE`` leaves it unlinked."""
        head = self.head
        if key < 0:
            self.next.append(NONE)
            return
        if key >= len(head):
            head.extend([NONE] * (key + 1 + (len(head) >> 1) - len(head)))
        self.next.append(head[key])
        head[key] = len(self.next) - 1

    def first(self, key: int) -> int:
        """The newest row of ``key``; ``NONE`` where it has none. `next` leads on."""
        return self.head[key] if 0 <= key < len(self.head) else NONE

    def rows(self, key: int) -> Iterator[int]:
        """The rows of ``key``, newest first."""
        row = self.first(key)
        following = self.next
        while row >= 0:
            yield row
            row = following[row]


class Codes(Generic[Value]):
    """Dense codes of values, in order of first use: a long column of few distinct values becomes small numbers."""

    __slots__ = ("_codes", "values")

    def __init__(self) -> None:
        self._codes: dict[Value, int] = {}
        self.values: list[Value] = []

    def code(self, value: Value) -> int:
        """The code of ``value``, a new one at its first use."""
        found = self._codes.get(value)
        if found is None:
            found = self._codes[value] = len(self.values)
            self.values.append(value)
        return found

    def code_of(self, value: Value | None) -> int:
        """The code of ``value``; ``NONE`` for None."""
        return NONE if value is None else self.code(value)

    def known(self, value: Value) -> int:
        """The code of ``value`` where it has one; ``NONE`` elsewhere."""
        return self._codes.get(value, NONE)

    def value(self, code: int) -> Value | None:
        """The value of ``code``; None for ``NONE``."""
        return self.values[code] if code >= 0 else None


def to_microseconds(moment: datetime) -> int:
    """``moment`` as microseconds since 1970 in UTC, exactly."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def to_moment(microseconds: int) -> datetime | None:
    """The aware UTC datetime; None for ``EVER`` and ``-EVER``, which no calendar holds."""
    return None if abs(microseconds) >= EVER else _EPOCH + timedelta(microseconds=microseconds)
