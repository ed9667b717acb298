"""The event log as the rest of the core sees it: append, read, verify.

A log only appends. Each record carries the SHA-256 of the one before it, so a changed, lost or inserted record is
found and named. What was acknowledged is durable. The chain is per record, so packing and kind of store never change
the head.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

GENESIS = bytes(32)
"""The hash before the first record."""

SCHEMA_VERSION = 1
"""Version of the stored layout and of what the chain covers; a store with a higher one is refused.

A later version that adds a column copies the store into a new file, never alters one in place: the old file stays as
the proof of the old chain, and the new one begins with a record that names the old head.
"""

MAX_PAYLOAD_BYTES = 16 * 2**20
"""The largest payload: thousands of times an ordinary event (1 to 4 KiB); a page of them fits in memory."""

MAX_TEXT_BYTES = 64 * 2**10
"""The largest event id, declaration time, source, note (as UTF-8) or content hash."""


BATCH_RECORDS = 2000
"""Records of a batch between two commits: a commit is then a hundredth of the cost, and a killed run loses seconds."""


class EntryKind(StrEnum):
    """What a record holds."""

    EVENT = "event"  # an EPCIS event as JSON-LD object
    QUARANTINE = "quarantine"  # an event that was kept out of the genealogy; ``note`` says why
    MASTERDATA = "masterdata"  # a masterdata record as JSON


class Reuse(StrEnum):
    """What to do with an undeclared event whose eventID another content already uses (EVENTS.md, Rules)."""

    KEEP = "keep"
    QUARANTINE = "quarantine"


class Outcome(StrEnum):
    """What became of an entry."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"  # the same fact stands in the log already: nothing was written
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to append. ``payload`` is a JSON object in canonical form, at most ``MAX_PAYLOAD_BYTES``.

    The identity of a fact is (event_id, kind, declaration_time, content_hash): payload, source and note may differ
    between two reports of it, and the first one stands. ``declaration_time`` is the error declaration's time (canonical
    text), empty where the event declares nothing.
    """

    kind: EntryKind
    payload: bytes
    content_hash: bytes
    event_id: str = ""
    declaration_time: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it stands in the log; ``sequence`` counts from 1 gapless, ``record_time`` never runs backwards."""

    sequence: int
    record_time: datetime
    entry: Entry
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: the last sequence (0 = empty log) and its hash."""

    sequence: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of one entry; ``sequence`` is the record it stands in (the earlier one for a duplicate)."""

    outcome: Outcome
    sequence: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class FirstBad:
    """The first record that is not what was written."""

    sequence: int
    event_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the chain is whole; ``first_bad`` is None exactly when it is.

    ``records`` and ``head`` are what the store holds, whole or not: how many could be read, and the last one's hash as
    it is stored.
    """

    records: int
    head: Head
    first_bad: FirstBad | None

    @property
    def is_intact(self) -> bool:
        """Whether every record is as it was written and none is missing."""
        return self.first_bad is None


class EventLog(Protocol):
    """An append-only log of records. Every implementation passes ``trace_core.testing.log_contract``."""

    def append(self, entries: Sequence[Entry], reuse: Reuse = Reuse.KEEP) -> list[Appended]:
        """Write all entries or none, durable before it returns; one outcome per entry, in order.

        A fact that stands in the log, or earlier in ``entries``, already is a duplicate and is not written again. With
        ``Reuse.QUARANTINE`` an undeclared event whose id another undeclared content uses is written as quarantined;
        its replay is a duplicate of the quarantined record. The record time is the clock's, or the last record's where
        the clock stands before it. Raises ``BadInput`` for an entry no store takes, and ``StoreError``.
        """

    def batch(self) -> AbstractContextManager[None]:
        """Appends within are made durable together: at least every ``BATCH_RECORDS``, and at the end, however it ends.

        For a source that can repeat what was lost (a simulation, a file): until then nothing is acknowledged to anybody
        outside. Each append is still whole or not made. One batch at a time, and no other writer within it.
        """

    def read(self, after: int = 0, limit: int | None = None) -> Iterator[Record]:
        """Records with a sequence above ``after``, in order, at most ``limit``: those acknowledged before the call."""

    def head(self) -> Head:
        """The end of the chain."""

    def verify(self, expect_head: bytes | None = None) -> Verification:
        """Recompute the chain over every column of every record as it lies in the store.

        ``expect_head`` is the hash of a head noted earlier: some record must have it, so a cut tail is found as well
        (the log may have grown since; compare ``Verification.head`` where it may not). Raises ``StoreDamaged`` where
        the records are whole and the file around them is not.
        """

    def close(self) -> None:
        """Give back what the log holds open; closing twice is harmless."""
