"""The hash chain: what a record's hash covers, and the walk that finds the first record that is not what was written.

::

    hash = SHA-256( hash before | 8 sequence | 8 record time | n kind | n event id | n declaration time
                    | n source | n note | n content hash | n payload )

The hash before is 32 bytes (:data:`~trace_core.log.port.GENESIS` before the first record). Every column is preceded by
its length as 8 bytes, big-endian (8 and n above), so that no two records give the same bytes. Sequence and record time
(microseconds since 1970 in UTC) are 8 bytes, big-endian, signed; texts are UTF-8. Nothing else goes in: neither the
kind of store nor how records were packed into appends.

What a chain cannot show: that records are missing at its end (give ``expect_head``), and that somebody who can write
the store computed it anew from some record on (keep heads where he cannot).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from trace_core.errors import StoreDamaged
from trace_core.log.port import GENESIS, Entry, EntryKind, FirstBad, Head, Verification

_INTEGERS = struct.Struct(">QqQq")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_KINDS = frozenset(kind.value.encode() for kind in EntryKind)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Row(NamedTuple):
    """A record as it lies in the store: texts as their UTF-8 bytes, which a damaged store may have made no UTF-8."""

    sequence: int
    record_time_us: int
    kind: bytes
    event_id: bytes
    declaration_time: bytes
    source: bytes
    note: bytes
    content_hash: bytes
    payload: bytes
    hash: bytes


def columns_of(entry: Entry) -> tuple[bytes, ...]:
    """The entry's columns in the order of the chain; ``UnicodeEncodeError`` where a text holds half a surrogate."""
    return (
        entry.kind.value.encode(),
        entry.event_id.encode(),
        entry.declaration_time.encode(),
        entry.source.encode(),
        entry.note.encode(),
        entry.content_hash,
        entry.payload,
    )


def link_hash(previous: bytes, sequence: int, record_time_us: int, columns: Sequence[bytes]) -> bytes:
    """The hash of the record with these columns after the record whose hash is ``previous``."""
    parts = [previous, _INTEGERS.pack(8, sequence, 8, record_time_us)]
    for column in columns:
        parts.append(len(column).to_bytes(8, "big"))
        parts.append(column)
    return hashlib.sha256(b"".join(parts)).digest()


def to_microseconds(moment: datetime) -> int:
    """Microseconds from 1970-01-01T00:00Z to ``moment``, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The moment in UTC; ``OverflowError`` outside the years 1 to 9999."""
    return _EPOCH + timedelta(microseconds=microseconds)


def is_json_object(payload: bytes) -> bool:
    """Whether ``payload`` is the UTF-8 text of one JSON object."""
    try:
        payload.decode()
        _OBJECT.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def verify_rows(rows: Iterable[Row], expect_head: bytes | None = None) -> Verification:
    """Walk ``rows`` in their order and name the first that is not what was written.

    Rows after the first bad one are still counted. A :class:`StoreDamaged` out of ``rows`` counts as a bad record.
    """
    walk = _Walk(expect_head)
    try:
        for row in rows:
            walk.step(row)
    except StoreDamaged as damage:
        walk.find(walk.records + 1, None, f"cannot be read: {damage.problem}")
    return walk.finish()


class _Walk:
    """The state of one verification."""

    def __init__(self, expect_head: bytes | None) -> None:
        self.records = 0
        self._expect_head = expect_head
        self._met_expected = expect_head is None or expect_head == GENESIS
        self._last = Row(0, 0, b"", b"", b"", b"", b"", b"", b"", GENESIS)
        self._first_bad: FirstBad | None = None
        self._computed: bytes | None = None  # of the bad record, until what follows tells which side is true

    def step(self, row: Row) -> None:
        self.records += 1
        if self._computed is not None:
            self._blame(self._computed, row)
        if self._first_bad is None:
            self._examine(row)
        self._met_expected = self._met_expected or row.hash == self._expect_head
        self._last = row

    def find(self, sequence: int, event_id: bytes | None, reason: str) -> None:
        """Note the first bad record; later ones only follow from it."""
        if self._first_bad is None:
            text = event_id.decode(errors="replace") if event_id else ""
            self._first_bad = FirstBad(sequence, text, reason)

    def finish(self) -> Verification:
        if self._computed is not None:
            self._blame(self._computed, None)
        if not self._met_expected:
            self.find(
                self.records + 1,
                None,
                f"no record has the expected head {_short(self._expect_head)}: records after {self._last.sequence} "
                "are missing, or the log was written anew",
            )
        stored = self._last.hash if type(self._last.hash) is bytes else b""
        return Verification(self.records, Head(self._last.sequence, stored), self._first_bad)

    def _examine(self, row: Row) -> None:
        expected = self._last.sequence + 1
        if row.sequence != expected:
            self.find(expected, None, f"missing: after record {expected - 1} comes record {row.sequence}")
        elif fault := _fault_of_form(row):
            self.find(expected, row.event_id if type(row.event_id) is bytes else None, fault)
        elif (computed := link_hash(self._last.hash, *row[:2], row[2:9])) != row.hash:
            self._computed = computed
            self.find(expected, row.event_id, "its columns do not give its hash: one of them or the hash was changed")
        elif self.records > 1 and row.record_time_us < self._last.record_time_us:
            self.find(expected, row.event_id, "its record_time lies before that of the record before it")

    def _blame(self, computed: bytes, follower: Row | None) -> None:
        """Say which was changed, the hash or another column: what follows was chained to the true hash."""
        assert self._first_bad is not None
        bad = self._last
        if follower is None:
            follows_computed, follows_stored = computed == self._expect_head, bad.hash == self._expect_head
        else:
            follows_computed, follows_stored = _follows(follower, computed), _follows(follower, bad.hash)
        self._computed = None
        sequence, event_id = self._first_bad.sequence, self._first_bad.event_id
        if follows_computed:
            reason = f"its hash was changed: its columns give {_short(computed)}, stored is {_short(bad.hash)}"
        elif follows_stored:
            reason = f"a column was changed: its hash {_short(bad.hash)} stands, its columns give {_short(computed)}"
        else:
            return
        self._first_bad = FirstBad(sequence, event_id, reason)


def _follows(row: Row, previous: bytes) -> bool:
    return not _fault_of_form(row) and link_hash(previous, *row[:2], row[2:9]) == row.hash


def _fault_of_form(row: Row) -> str:
    """What in ``row`` no append can have written, whatever the hash says; empty if nothing."""
    if type(row.record_time_us) is not int:
        return f"record_time was changed: expected whole microseconds, got {row.record_time_us!r}"
    for name, column in zip(Row._fields[2:], row[2:], strict=True):
        if type(column) is not bytes:
            return f"{name} was changed: expected its bytes, got {column!r}"
    if row.kind not in _KINDS:
        return f"kind was changed: expected one of {', '.join(EntryKind)}, got {row.kind.decode(errors='replace')!r}"
    for name, column in zip(Row._fields[3:7], row[3:7], strict=True):
        if not _is_text(column):
            return f"{name} was changed: it is no UTF-8 any more"
    if not is_json_object(row.payload):
        return "payload was changed: it is no JSON object any more"
    if len(row.hash) != len(GENESIS):
        return f"hash was changed: expected {len(GENESIS)} bytes, got {len(row.hash)}"
    return ""


def _is_text(column: bytes) -> bool:
    try:
        column.decode()
    except UnicodeDecodeError:
        return False
    return True


def _short(digest: bytes | None) -> str:
    return f"{digest.hex()[:12]}..." if digest else "none"
