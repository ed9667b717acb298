"""What a lot code is made of: a union of parts, each of fixed width, so that a code reads back in one way only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from trace_core.lot_codes.check_characters import ALPHANUMERIC, DIGITS

ALPHABETS: Mapping[str, str] = {
    "digits": DIGITS,
    "letters": ALPHANUMERIC[10:],
    "alphanumeric": ALPHANUMERIC,
    # Without the letters that people and cameras take for digits: B 8, I 1, O 0, S 5, Z 2.
    "clear": "".join(char for char in ALPHANUMERIC if char not in "BIOSZ"),
}
"""The characters a part may hold, by the name a rule declares them with."""


class Reset(StrEnum):
    """When a sequence begins anew. Day, shift and hour are those of production (see ``day_starts``)."""

    NEVER = "never"
    YEAR = "year"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    SHIFT = "shift"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Literal:
    """The same characters in every code."""

    text: str

    @property
    def width(self) -> int:
        """How many characters it prints."""
        return len(self.text)


@dataclass(frozen=True, slots=True)
class Word:
    """A value the plant gives: plant, line, item or any other ``name``, always ``width`` characters."""

    name: str
    width: int
    alphabet: str = DIGITS
    values: tuple[str, ...] = ()
    """The only values allowed; any of the alphabet where empty. A single one needs not be given."""


@dataclass(frozen=True, slots=True)
class DateText:
    """One or more date tokens of the production day, printed without separators."""

    tokens: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many characters it prints."""
        return sum(len(token) for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Hour:
    """The hour of the wall clock, 00 to 23."""

    width: int = 2


@dataclass(frozen=True, slots=True)
class Shift:
    """The name of the shift, one of those the rule declares; all names have one width."""

    width: int = 1


@dataclass(frozen=True, slots=True)
class Sequence:
    """A number that counts from ``start`` and begins anew with each ``reset``, written in the alphabet's base."""

    width: int
    reset: Reset = Reset.DAY
    alphabet: str = DIGITS
    start: int = 1

    @property
    def largest(self) -> int:
        """The last number that fits."""
        return int(len(self.alphabet) ** self.width) - 1

    def write(self, number: int) -> str:
        """``number`` (0 to ``largest``) with leading zeros of the alphabet."""
        if self.alphabet == DIGITS:
            return f"{number:0{self.width}}"
        digits = []
        for _ in range(self.width):
            number, digit = divmod(number, len(self.alphabet))
            digits.append(self.alphabet[digit])
        return "".join(reversed(digits))

    def read(self, text: str) -> int:
        """The number that ``write`` wrote."""
        number = 0
        for char in text:
            number = number * len(self.alphabet) + self.alphabet.index(char)
        return number


Part: TypeAlias = Literal | Word | DateText | Hour | Shift | Sequence


@dataclass(frozen=True, slots=True)
class CodeFields:
    """What a lot code says. ``first_day`` to ``last_day`` are the production days it can mean (None: says no date).

    ``hour``, ``sequence`` None and ``shift`` "" where the rule prints none.
    """

    first_day: date | None = None
    last_day: date | None = None
    hour: int | None = None
    shift: str = ""
    sequence: int | None = None
    words: tuple[tuple[str, str], ...] = ()
    """Name and value of each word, in the order printed."""

    def word(self, name: str) -> str:
        """The value of one word; "" where the rule prints none of that name."""
        return dict(self.words).get(name, "")
