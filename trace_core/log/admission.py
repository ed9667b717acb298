"""Which entries of an append become records, and which stand in the log already.

Every store asks here, so all stores agree.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

from trace_core.errors import DocumentError, LimitExceeded
from trace_core.log.chain import columns_of, from_microseconds, is_json_object, link_hash, to_microseconds
from trace_core.log.port import (
    MAX_PAYLOAD_BYTES,
    MAX_TEXT_BYTES,
    Appended,
    Entry,
    EntryKind,
    Outcome,
    Record,
    Reuse,
)

Fact: TypeAlias = tuple[str, str, str, bytes]
"""Identity of a fact: (event id, kind, declaration time, content hash)."""


class Tail(NamedTuple):
    """Where the chain goes on: sequence, hash and record time (us since 1970) of the last record."""

    sequence: int
    hash: bytes
    record_time_us: int


class KnownFacts(Protocol):
    """What a store must be able to say of the records that stand in it."""

    def sequence_of(self, fact: Fact) -> int | None:
        """The record that states ``fact``."""

    def first_use(self, event_id: str) -> int | None:
        """The first record with an undeclared event of this id (quarantined ones are none)."""


def fact_of(entry: Entry) -> Fact:
    """The identity of what ``entry`` states."""
    return (entry.event_id, entry.kind.value, entry.declaration_time, entry.content_hash)


def is_use(entry: Entry) -> bool:
    """Whether ``entry`` lays claim to its event id: an undeclared event with an id."""
    return entry.kind is EntryKind.EVENT and not entry.declaration_time and bool(entry.event_id)


def check_entries(entries: Sequence[Entry]) -> None:
    """Refuse what no store takes, before anything is written; names the entry by its index."""
    for index, entry in enumerate(entries):
        try:
            _check(entry)
        except DocumentError as error:
            error.where = f"entries[{index}] (event id {entry.event_id!r})"
            raise


def _check(entry: Entry) -> None:
    if len(entry.payload) > MAX_PAYLOAD_BYTES:
        expected = f"a payload of at most {MAX_PAYLOAD_BYTES} bytes (MAX_PAYLOAD_BYTES)"
        raise LimitExceeded(expected, f"{len(entry.payload)} bytes", remedy="split the event")
    if not is_json_object(entry.payload):
        raise DocumentError("a JSON object as payload", entry.payload[:80])
    try:
        *texts, content_hash, _payload = columns_of(entry)
    except UnicodeEncodeError as error:
        raise DocumentError("text that can be written as UTF-8", error.object) from error
    longest = max(map(len, (*texts, content_hash)))
    if longest > MAX_TEXT_BYTES:
        expected = f"columns beside the payload of at most {MAX_TEXT_BYTES} bytes (MAX_TEXT_BYTES)"
        raise LimitExceeded(expected, f"{longest} bytes")


class Admission:
    """Decides entry by entry, in their order; an earlier entry of the same append counts as standing in the log."""

    def __init__(self, known: KnownFacts, tail: Tail, now: datetime, reuse: Reuse) -> None:
        self.records: list[Record] = []
        self.outcomes: list[Appended] = []
        self._known = known
        self._reuse = reuse
        self._sequence = tail.sequence
        self._hash = tail.hash
        self._record_time_us = max(tail.record_time_us, to_microseconds(now)) if tail.sequence else to_microseconds(now)
        self._record_time = from_microseconds(self._record_time_us)
        self._facts: dict[Fact, int] = {}
        self._uses: dict[str, int] = {}

    def admit(self, entries: Sequence[Entry]) -> None:
        """Fill ``records`` with what is to be written and ``outcomes`` with what became of each entry."""
        for entry in entries:
            sequence = self._sequence_of(entry)
            if sequence is None and self._reuse is Reuse.QUARANTINE and is_use(entry):
                used_by = self._first_use(entry.event_id)
                if used_by is not None:
                    entry = _quarantined(entry, used_by)  # noqa: PLW2901 - the entry is replaced by its quarantined form
                    sequence = self._sequence_of(entry)
            self.outcomes.append(self._write(entry) if sequence is None else Appended(Outcome.DUPLICATE, sequence))

    def _write(self, entry: Entry) -> Appended:
        self._sequence += 1
        self._hash = link_hash(self._hash, self._sequence, self._record_time_us, columns_of(entry))
        self.records.append(Record(self._sequence, self._record_time, entry, self._hash))
        self._facts[fact_of(entry)] = self._sequence
        if is_use(entry):
            self._uses.setdefault(entry.event_id, self._sequence)
        if entry.kind is EntryKind.QUARANTINE:
            return Appended(Outcome.QUARANTINED, self._sequence, entry.note)
        return Appended(Outcome.ACCEPTED, self._sequence)

    def _sequence_of(self, entry: Entry) -> int | None:
        fact = fact_of(entry)
        written = self._facts.get(fact)
        return written if written is not None else self._known.sequence_of(fact)

    def _first_use(self, event_id: str) -> int | None:
        stored = self._known.first_use(event_id)
        return stored if stored is not None else self._uses.get(event_id)


def _quarantined(entry: Entry, used_by: int) -> Entry:
    reason = f"event id already used by record {used_by} with other content"
    note = f"{entry.note}; {reason}" if entry.note else reason
    return dataclasses.replace(entry, kind=EntryKind.QUARANTINE, note=note)
