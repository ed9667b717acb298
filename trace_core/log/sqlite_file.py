"""The SQLite file of a log: its layout, how it is opened, and what SQLite's refusals mean to whoever runs a command.

The file is WAL with synchronous=FULL: an append is on the disk before it is acknowledged, and readers never wait for
the writer. Beside ``plant.db`` lie ``plant.db-wal`` and ``plant.db-shm`` while it is open, or after a kill; they belong
to it and move with it. WAL needs a local disk, not a network share (https://sqlite.org/wal.html).

The file is never opened by anything but SQLite: closing any other descriptor of it would drop this process's locks
(https://sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import apsw

from trace_core.errors import (
    ForeignStore,
    NewerStore,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreReadOnly,
)
from trace_core.log.port import SCHEMA_VERSION

APPLICATION_ID = 0x54744C67  # "TtLg"; in bytes 68 to 71 of the file
"""Marks the file as ours."""

BUSY_TIMEOUT_S = 10.0
"""How long a writer waits for another one; an append of half a million entries takes about this."""

_LAYOUT = {
    "records": (
        "CREATE TABLE records (sequence INTEGER PRIMARY KEY, record_time_us INTEGER NOT NULL, kind TEXT NOT NULL, "
        "event_id TEXT NOT NULL, declaration_time TEXT NOT NULL, source TEXT NOT NULL, note TEXT NOT NULL, "
        "content_hash BLOB NOT NULL, hash BLOB NOT NULL, payload BLOB NOT NULL) STRICT"
    ),
    "records_fact": "CREATE UNIQUE INDEX records_fact ON records (event_id, kind, declaration_time, content_hash)",
}
_JOURNAL_LIMIT_BYTES = 64 * 2**20  # what a big append leaves of the WAL is cut back to this
_CACHE_KIB = 64 * 2**10  # the index of facts is written in random places; SQLite's own 2 MB would thrash
_SWITCH_PAUSE_S = 0.01  # between two attempts to make a new file keep a write-ahead log: it takes a millisecond
_SMALLEST_PAGE_BYTES = 512  # SQLite takes a shorter file for an empty one, and would write over it
_RESTORE = "restore it from a copy; the damaged file is left as it is"


def open_to_write(path: Path, *, must_be_new: bool, busy_timeout_s: float) -> apsw.Connection:
    """A connection that may append; lays the store out where there is none yet."""
    _look_at(path)
    if not path.parent.is_dir():
        raise StoreError(str(path), f"expected a folder at {str(path.parent)!r}, there is none", "make it first")
    with _connected(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE, busy_timeout_s) as db:
        if db.readonly("main"):
            raise _read_only(path)
        if not _identify(db, path):
            _lay_out(db, path)
        if must_be_new and _one(db, "SELECT count(*) FROM (SELECT 1 FROM records LIMIT 1)"):
            remedy = "name another file, or append to it"
            raise StoreError(str(path), "expected no records here yet, there are some", remedy)
        _switch_to_wal(db, path, busy_timeout_s)
        _set_durable(db)
        return db


def open_to_read(path: Path, *, busy_timeout_s: float) -> apsw.Connection:
    """A connection that cannot write; refuses where there is no store."""
    _look_at(path)
    if not path.exists():
        raise StoreError(str(path), "there is no such store", "check the path, or record something into it first")
    try:
        with _connected(path, apsw.SQLITE_OPEN_READONLY, busy_timeout_s) as db:
            return _recognised(db, path)
    except (StoreReadOnly, _CannotOpen):
        if not _is_at_rest(path):
            raise
    # No right to make the files that WAL readers share, as on a write-protected medium; and no writer left any.
    with _connected(path, apsw.SQLITE_OPEN_READONLY, busy_timeout_s, is_immutable=True) as db:
        return _recognised(db, path)


def close_reader(db: apsw.Connection, path: Path) -> None:
    """Close a connection that only read, and let SQLite remove the empty WAL and index that it could not itself."""
    db.close()
    wal = _beside(path, "-wal")
    if wal.exists() and _size_bytes(wal) == 0 and _may(path, os.W_OK):
        with contextlib.suppress(apsw.Error):
            last = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
            with contextlib.closing(last):
                last.execute("SELECT count(*) FROM sqlite_schema").fetchall()


def check_file(db: apsw.Connection, path: Path) -> None:
    """Refuse a file whose pages or index contradict its table (PRAGMA integrity_check)."""
    with translated(path):
        messages = [str(row[0]) for row in db.execute("PRAGMA integrity_check(3)")]
    if messages != ["ok"]:
        problem = f"every record is whole, but not the file around them: {'; '.join(messages)}"
        raise StoreDamaged(str(path), problem, _RESTORE)


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns what SQLite raises into the store errors of the tree."""
    store = str(path)
    try:
        yield
    except (apsw.BusyError, apsw.LockedError) as error:
        remedy = "wait until the other process is done, or end it, then repeat"
        raise StoreBusy(store, "another process is writing to it", remedy) from error
    except apsw.FullError as error:
        raise _full(path) from error
    except apsw.ReadOnlyError as error:
        raise _read_only(path) from error
    except apsw.CantOpenError as error:
        raise _CannotOpen(store, "it cannot be opened", _rights_missing(path)) from error
    except apsw.IOError as error:
        raise _disk_failure(path, error) from error
    except (apsw.NoMemError, apsw.InterruptError, apsw.TooBigError, apsw.ConnectionClosedError) as error:
        raise StoreError(store, str(error)) from error
    except (apsw.Error, UnicodeDecodeError) as error:
        raise StoreDamaged(store, f"its file is damaged ({error})", _RESTORE) from error


class _CannotOpen(StoreError):
    """SQLite could not open one of the store's files."""


def _look_at(path: Path) -> None:
    """Refuse what SQLite would misread, or wait on for ever, before it is opened."""
    try:
        _look_at_kind(path)
    except (OSError, ValueError) as error:  # not allowed to look, too long a name, a zero byte in it
        raise StoreError(repr(str(path)), f"expected a path that can be looked at ({error})") from error


def _look_at_kind(path: Path) -> None:
    store = str(path)
    if path.is_dir():
        raise StoreError(store, "expected a file, got a folder", f"name a file in it, such as {path / 'tracetwin.db'}")
    if path.exists() and not path.is_file():
        raise StoreError(store, "expected an ordinary file, got a device or pipe")
    wal = _beside(path, "-wal")
    if path.is_file() and _size_bytes(path) == 0 and _size_bytes(wal) > 0:
        raise StoreDamaged(store, f"the file is empty, but records wait in {wal.name}", _RESTORE)


@contextlib.contextmanager
def _connected(
    path: Path, flags: int, busy_timeout_s: float, *, is_immutable: bool = False
) -> Iterator[apsw.Connection]:
    """A connection with its errors translated; closed where the block fails."""
    name = str(path)
    if is_immutable:
        name = f"file:{quote(str(path.absolute()))}?immutable=1"
        flags |= apsw.SQLITE_OPEN_URI
    with translated(path):
        try:
            db = apsw.Connection(name, flags=flags)
        except ValueError as error:  # half a surrogate, or a zero byte
            raise StoreError(repr(name), f"expected a path that SQLite can open ({error})") from error
        try:
            db.set_busy_timeout(round(busy_timeout_s * 1000))
            _run(db, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0")
            yield db
        except BaseException:
            db.close()
            raise


def _recognised(db: apsw.Connection, path: Path) -> apsw.Connection:
    if not _identify(db, path):
        raise StoreError(str(path), "the file is empty: nothing was ever recorded in it", "check the path")
    return db


def _identify(db: apsw.Connection, path: Path) -> bool:
    """Whether this is a store of ours; False for an empty file, as an interrupted creation leaves; refuses all else."""
    store = str(path)
    try:
        with db:  # one moment for all: another process may be laying the store out
            application_id, version, encoding, pages = (
                _one(db, f"PRAGMA {name}") for name in ("application_id", "user_version", "encoding", "page_count")
            )
            layout = dict(db.execute("SELECT name, sql FROM sqlite_schema"))
    except apsw.NotADBError as error:
        raise ForeignStore(store, "expected a tracetwin store, got a file that is no SQLite file") from error
    if application_id == 0 and version == 0 and not layout and pages in {0, 1}:
        if 0 < _size_bytes(path) < _SMALLEST_PAGE_BYTES:
            raise ForeignStore(store, "expected a tracetwin store, got a file that is no SQLite file")
        return False
    if application_id != APPLICATION_ID:
        problem = f"expected a tracetwin store, got an SQLite file of another application (id {application_id})"
        raise ForeignStore(store, problem)
    if isinstance(version, int) and version > SCHEMA_VERSION:
        problem = f"it was written by a newer version: layout {version}, this one reads up to {SCHEMA_VERSION}"
        raise NewerStore(store, problem, "upgrade tracetwin")
    if version != SCHEMA_VERSION or layout != _LAYOUT or encoding != "UTF-8":
        problem = f"its tables are not as version {SCHEMA_VERSION} lays them out (version {version!r})"
        raise StoreDamaged(store, problem, _RESTORE)
    return True


def _lay_out(db: apsw.Connection, path: Path) -> None:
    """Lay the store out in one transaction: after an interruption the file is empty or complete."""
    db.execute("BEGIN IMMEDIATE")
    try:
        if not _identify(db, path):  # another process may have been faster
            _run(db, f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={SCHEMA_VERSION}")
            _run(db, ";".join(_LAYOUT.values()))
        db.execute("COMMIT")
    except BaseException:
        roll_back(db)
        raise


def roll_back(db: apsw.Connection) -> None:
    """End the transaction without a trace; SQLite has done so itself after some failures."""
    if db.in_transaction:
        db.execute("ROLLBACK")


def _switch_to_wal(db: apsw.Connection, path: Path, busy_timeout_s: float) -> None:
    """Keep a write-ahead log from here on; the file remembers it.

    SQLite does not wait when two processes switch a new file at once, since each would wait for the other; so we do.
    """
    db.set_busy_timeout(0)
    attempts_left = round(busy_timeout_s / _SWITCH_PAUSE_S)
    mode = None
    while mode is None:
        try:
            mode = _one(db, "PRAGMA journal_mode=WAL")
        except apsw.BusyError:
            if attempts_left <= 0:
                raise
            attempts_left -= 1
            time.sleep(_SWITCH_PAUSE_S)
    db.set_busy_timeout(round(busy_timeout_s * 1000))
    if mode != "wal":
        raise StoreError(str(path), "its disk cannot hold a write-ahead log", "use a local disk, not a network share")


def _set_durable(db: apsw.Connection) -> None:
    """Make every commit reach the disk before it returns; fullfsync matters on macOS only."""
    _run(db, "PRAGMA synchronous=FULL; PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON")
    _run(db, f"PRAGMA journal_size_limit={_JOURNAL_LIMIT_BYTES}; PRAGMA cache_size=-{_CACHE_KIB}")


def _run(db: apsw.Connection, statements: str) -> None:
    """Run them all: apsw would stop at the first that answers with a row, as some pragmas do, until it is fetched."""
    db.execute(statements).fetchall()


def _one(db: apsw.Connection, statement: str) -> apsw.SQLiteValue:
    return db.execute(statement).get


def _is_at_rest(path: Path) -> bool:
    """Whether the main file is the whole store: nobody left a log to be played back."""
    return not _beside(path, "-journal").exists() and _size_bytes(_beside(path, "-wal")) == 0


def _size_bytes(path: Path) -> int:
    """0 for a file that is not there: another process may remove its WAL at any moment."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _read_only(path: Path) -> StoreReadOnly:
    return StoreReadOnly(str(path), "it cannot be written", _rights_missing(path))


def _rights_missing(path: Path) -> str:
    """What stands in the way, as far as it can be seen."""
    if path.exists() and not _may(path, os.R_OK):
        return f"this user may not read the file {str(path)!r}"
    if path.exists() and not _may(path, os.W_OK):
        return f"this user may not write the file {str(path)!r}: change its rights, or copy it"
    if not _may(path.parent, os.W_OK):
        problem = f"this user may not write the folder {str(path.parent)!r}, where the store keeps its write-ahead log"
        return f"{problem}: change its rights, or copy the store with its -wal file to another folder"
    return f"check the rights of {str(path)!r}, its -wal and -shm files and its folder"


def _may(path: Path, right: int) -> bool:
    return os.access(path, right, effective_ids=os.access in os.supports_effective_ids)


def _full(path: Path) -> StoreFull:
    problem = "no space is left on its disk; this last write was left out whole, what was acknowledged before is kept"
    return StoreFull(str(path), problem, "make room, then repeat")


def _disk_failure(path: Path, error: apsw.IOError) -> StoreError:
    code = getattr(error, "extendedresult", None)  # apsw's type stubs leave it out
    if code in {apsw.SQLITE_IOERR_SHORT_READ, apsw.SQLITE_IOERR_CORRUPTFS}:
        return StoreDamaged(str(path), f"its file is shorter than it should be ({error})", _RESTORE)
    if code == apsw.SQLITE_IOERR_SHMSIZE:
        return _full(path)
    return StoreError(str(path), f"its disk failed ({error})", "check the disk, then run `verify`")
