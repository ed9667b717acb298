"""A log in one SQLite file (apsw brings its own SQLite; the system's may corrupt a WAL, 3.7.0 to 3.51.2)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw

from trace_core.errors import StoreDamaged, StoreError, StoreReadOnly
from trace_core.log.admission import Admission, Fact, Tail, check_entries
from trace_core.log.chain import Row, from_microseconds, to_microseconds, verify_rows
from trace_core.log.port import (
    BATCH_RECORDS,
    GENESIS,
    Appended,
    Entry,
    EntryKind,
    Head,
    Record,
    Reuse,
    Verification,
)
from trace_core.log.sqlite_file import (
    BUSY_TIMEOUT_S,
    check_file,
    close_reader,
    open_to_read,
    open_to_write,
    roll_back,
    translated,
)
from trace_core.vocabulary.clock import Clock

_PAGE_RECORDS = 1000
_PAGE_BYTES = 32 * 2**20  # a page ends once its payloads reach this: two of the largest
_SELECT_RECORDS = (
    "SELECT sequence, record_time_us, kind, event_id, declaration_time, source, note, content_hash, payload, hash "
    "FROM records NOT INDEXED WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?"
)
_SELECT_ROWS = (  # from the table itself, texts as the bytes that lie there
    "SELECT sequence, record_time_us, CAST(kind AS BLOB), CAST(event_id AS BLOB), CAST(declaration_time AS BLOB), "
    "CAST(source AS BLOB), CAST(note AS BLOB), content_hash, payload, hash FROM records NOT INDEXED ORDER BY sequence"
)
_SELECT_TAIL = "SELECT sequence, hash, record_time_us FROM records NOT INDEXED ORDER BY sequence DESC LIMIT 1"
_SELECT_FACT = (
    "SELECT sequence FROM records WHERE event_id = ? AND kind = ? AND declaration_time = ? AND content_hash = ?"
)
_SELECT_FIRST_USE = "SELECT min(sequence) FROM records WHERE event_id = ? AND kind = 'event' AND declaration_time = ''"
_INSERT = (
    "INSERT INTO records (sequence, record_time_us, kind, event_id, declaration_time, source, note, content_hash, "
    "payload, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_KINDS = {kind.value: kind for kind in EntryKind}


class SqliteLog:
    """An :class:`~trace_core.log.port.EventLog` in a file; threads may share it, processes open one each.

    ``is_read_only`` never makes or changes a store; ``must_be_new`` refuses one that holds records. A writer waits
    ``busy_timeout_s`` for another one, then raises ``StoreBusy``. An empty file counts as a store not yet begun.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        is_read_only: bool = False,
        must_be_new: bool = False,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        assert not (is_read_only and must_be_new), "a new store cannot be read-only"
        self.path = path
        self.is_read_only = is_read_only
        self._clock = clock
        self._busy_timeout_s = busy_timeout_s
        self._lock = threading.Lock()
        self._is_closed = False
        self._is_batch = False
        self._uncommitted = 0
        if is_read_only:
            self._db = open_to_read(path, busy_timeout_s=busy_timeout_s)
        else:
            self._db = open_to_write(path, must_be_new=must_be_new, busy_timeout_s=busy_timeout_s)

    def append(self, entries: Sequence[Entry], reuse: Reuse = Reuse.KEEP) -> list[Appended]:
        """Write all entries or none, in one transaction that is on the disk before this returns."""
        if self.is_read_only:
            raise StoreReadOnly(str(self.path), "it was opened to read only")
        check_entries(entries)
        with self._connection() as db:
            if self._is_batch:
                return self._append_to_batch(db, entries, reuse)
            db.execute("BEGIN IMMEDIATE")
            try:
                outcomes = self._insert(db, entries, reuse)
                db.execute("COMMIT")
            except BaseException:  # an interruption too must leave no transaction open
                roll_back(db)
                raise
        return outcomes

    def _append_to_batch(self, db: apsw.Connection, entries: Sequence[Entry], reuse: Reuse) -> list[Appended]:
        if not db.in_transaction:
            db.execute("BEGIN IMMEDIATE")
        db.execute("SAVEPOINT append")
        try:
            outcomes = self._insert(db, entries, reuse)
        except BaseException:
            if db.in_transaction:  # some failures end the whole transaction themselves
                db.execute("ROLLBACK TO append")
            raise
        db.execute("RELEASE append")
        self._uncommitted += len(outcomes)
        if self._uncommitted >= BATCH_RECORDS:
            self._commit_batch(db)
        return outcomes

    def _commit_batch(self, db: apsw.Connection) -> None:
        self._uncommitted = 0
        if db.in_transaction:
            db.execute("COMMIT")

    def _insert(self, db: apsw.Connection, entries: Sequence[Entry], reuse: Reuse) -> list[Appended]:
        admission = Admission(_KnownFacts(db), self._tail(db), self._clock.now(), reuse)
        admission.admit(entries)
        db.executemany(_INSERT, map(_parameters, admission.records))
        return admission.outcomes

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """Appends within are committed together, at least every ``BATCH_RECORDS``, and at the end however it ends."""
        assert not self._is_batch, "one batch at a time"
        self._is_batch = True
        try:
            yield
        finally:
            self._is_batch = False
            with self._connection() as db:
                try:
                    self._commit_batch(db)
                except BaseException:
                    roll_back(db)
                    raise

    def read(self, after: int = 0, limit: int | None = None) -> Iterator[Record]:
        """Records with a sequence above ``after``, in order, at most ``limit``; holds no lock between two of them."""
        assert after >= 0, f"expected a sequence, got {after!r}"
        assert limit is None or limit >= 0, f"expected a count, got {limit!r}"
        last = self.head().sequence
        return self._read_up_to(after, last if limit is None else min(last, after + limit))

    def head(self) -> Head:
        """The end of the chain."""
        with self._connection() as db:
            tail = self._tail(db)
        return Head(tail.sequence, tail.hash)

    def verify(self, expect_head: bytes | None = None) -> Verification:
        """Recompute the chain over every column as it lies on the disk, then check the file's pages and index."""
        with self._connection():
            db = open_to_read(self.path, busy_timeout_s=self._busy_timeout_s)
        try:
            verification = verify_rows(self._rows_on_disk(db), expect_head)
            if verification.is_intact:
                check_file(db, self.path)
            return verification
        finally:
            close_reader(db, self.path)

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            if self.is_read_only:
                close_reader(self._db, self.path)
            else:
                self._db.close()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[apsw.Connection]:
        """The connection, for one thread at a time, with its errors translated."""
        with self._lock, translated(self.path):
            if self._is_closed:
                raise StoreError(str(self.path), "the log was closed")
            yield self._db

    def _tail(self, db: apsw.Connection) -> Tail:
        row = db.execute(_SELECT_TAIL).fetchone()
        if row is None:
            return Tail(0, GENESIS, 0)
        sequence, digest, record_time_us = row
        if not (isinstance(sequence, int) and isinstance(digest, bytes) and isinstance(record_time_us, int)):
            raise self._unreadable(sequence)
        return Tail(sequence, digest, record_time_us)

    def _read_up_to(self, after: int, last: int) -> Iterator[Record]:
        while after < last:
            page = self._page(after, last)
            for record in page:
                if record.sequence != after + 1:
                    break
                after += 1
                yield record
            if not page or after != page[-1].sequence:
                problem = f"record {after + 1} is missing"
                raise StoreDamaged(str(self.path), problem, "run `verify`, and restore the store from a copy")

    def _page(self, after: int, last: int) -> list[Record]:
        """Some records after ``after``; no statement stays open, so that a slow reader never holds up the WAL."""
        records: list[Record] = []
        size_bytes = 0
        with self._connection() as db, contextlib.closing(db.cursor()) as cursor:
            for row in cursor.execute(_SELECT_RECORDS, (after, last, _PAGE_RECORDS)):
                records.append(self._record(row))
                size_bytes += len(records[-1].entry.payload)
                if size_bytes >= _PAGE_BYTES:
                    break
        return records

    def _record(self, row: apsw.SQLiteValues) -> Record:
        sequence, time_us, kind, event_id, declaration_time, source, note, content_hash, payload, digest = row
        try:
            entry = Entry(_KINDS[kind], payload, content_hash, event_id, declaration_time, source, note)  # type: ignore[index, arg-type]
            return Record(sequence, from_microseconds(time_us), entry, digest)  # type: ignore[arg-type]
        except (KeyError, OverflowError, TypeError) as error:
            raise self._unreadable(sequence) from error

    def _rows_on_disk(self, db: apsw.Connection) -> Iterator[Row]:
        with translated(self.path):
            for row in db.execute(_SELECT_ROWS):
                yield Row._make(row)

    def _unreadable(self, sequence: object) -> StoreDamaged:
        problem = f"record {sequence!r} cannot be read"
        return StoreDamaged(str(self.path), problem, "run `verify`, and restore the store from a copy")


class _KnownFacts:
    """Looks facts up in the index; ``verify`` does not."""

    def __init__(self, db: apsw.Connection) -> None:
        self._cursor = db.cursor()

    def sequence_of(self, fact: Fact) -> int | None:
        row = self._cursor.execute(_SELECT_FACT, fact).fetchone()
        return row[0] if row else None

    def first_use(self, event_id: str) -> int | None:
        row = self._cursor.execute(_SELECT_FIRST_USE, (event_id,)).fetchone()
        return row[0] if row else None


def _parameters(record: Record) -> apsw.SQLiteValues:
    entry = record.entry
    return (
        record.sequence,
        to_microseconds(record.record_time),
        entry.kind.value,
        entry.event_id,
        entry.declaration_time,
        entry.source,
        entry.note,
        entry.content_hash,
        entry.payload,
        record.hash,
    )
