"""A log that lives as long as the process: for notebooks, drills and tests."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence

from trace_core.errors import StoreError
from trace_core.log.admission import Admission, Fact, Tail, check_entries, fact_of, is_use
from trace_core.log.chain import Row, columns_of, to_microseconds, verify_rows
from trace_core.log.port import GENESIS, Appended, Entry, Head, Record, Reuse, Verification
from trace_core.vocabulary.clock import Clock


class MemoryLog:
    """An :class:`~trace_core.log.port.EventLog` in memory; threads may share it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: list[Record] = []
        self._known = _KnownFacts()
        self._lock = threading.Lock()
        self._is_closed = False

    def append(self, entries: Sequence[Entry], reuse: Reuse = Reuse.KEEP) -> list[Appended]:
        """Write all entries or none; one outcome per entry, in order."""
        check_entries(entries)
        with self._lock:
            self._check_open()
            admission = Admission(self._known, self._tail(), self._clock.now(), reuse)
            admission.admit(entries)
            self._records.extend(admission.records)
            self._known.add(admission.records)
        return admission.outcomes

    def batch(self) -> contextlib.AbstractContextManager[None]:
        """Nothing to gather: an append in memory is done at once."""
        self._check_open()
        return contextlib.nullcontext()

    def read(self, after: int = 0, limit: int | None = None) -> Iterator[Record]:
        """Records with a sequence above ``after``, in order, at most ``limit``."""
        assert after >= 0, f"expected a sequence, got {after!r}"
        assert limit is None or limit >= 0, f"expected a count, got {limit!r}"
        self._check_open()
        return iter(self._records[after : None if limit is None else after + limit])

    def head(self) -> Head:
        """The end of the chain."""
        self._check_open()
        tail = self._tail()
        return Head(tail.sequence, tail.hash)

    def verify(self, expect_head: bytes | None = None) -> Verification:
        """Recompute the chain over every column."""
        self._check_open()
        return verify_rows(map(_row, list(self._records)), expect_head)

    def close(self) -> None:
        """Forget the records; closing twice is harmless."""
        self._is_closed = True
        self._records = []
        self._known = _KnownFacts()

    def _tail(self) -> Tail:
        if not self._records:
            return Tail(0, GENESIS, 0)
        last = self._records[-1]
        return Tail(last.sequence, last.hash, to_microseconds(last.record_time))

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreError("in memory", "the log was closed")


class _KnownFacts:
    def __init__(self) -> None:
        self._facts: dict[Fact, int] = {}
        self._uses: dict[str, int] = {}

    def add(self, records: Sequence[Record]) -> None:
        for record in records:
            self._facts[fact_of(record.entry)] = record.sequence
            if is_use(record.entry):
                self._uses.setdefault(record.entry.event_id, record.sequence)

    def sequence_of(self, fact: Fact) -> int | None:
        return self._facts.get(fact)

    def first_use(self, event_id: str) -> int | None:
        return self._uses.get(event_id)


def _row(record: Record) -> Row:
    return Row._make((record.sequence, to_microseconds(record.record_time), *columns_of(record.entry), record.hash))
