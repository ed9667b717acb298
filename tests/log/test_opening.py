"""How a store is opened, and how what is no store of ours is refused: said what, and what to do, and left as it was."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from tests.log.stores import CLOCK, some_entries, stored_at
from trace_core.errors import (
    ForeignStore,
    NewerStore,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreReadOnly,
)
from trace_core.log import EventLog, MemoryLog, Reuse, SqliteLog, open_store, sqlite_file
from trace_core.log.sqlite_file import APPLICATION_ID
from trace_core.testing.log_contract import entry_of

MODES = [{"is_read_only": True}, {"is_read_only": False}]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "plant.db"
    stored_at(path)
    return path


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """Rights bind only who is not root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder every user may enter, with a store in it."""
    folder = Path(tempfile.mkdtemp(prefix="tracetwin-rights-"))
    folder.chmod(0o755)
    stored_at(folder / "plant.db")
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# open_store


def test_open_store_chooses_by_the_path(tmp_path: Path) -> None:
    logs: list[EventLog] = [open_store(":memory:", CLOCK), open_store(str(tmp_path / "a.db"), CLOCK)]
    assert [type(log) for log in logs] == [MemoryLog, SqliteLog]
    for log in logs:
        log.close()


def test_open_store_makes_a_store_only_where_it_may(tmp_path: Path) -> None:
    path = tmp_path / "plant.db"
    with pytest.raises(StoreError, match=r"plant\.db: there is no such store; check the path"):
        open_store(path, CLOCK, mode="ro")
    assert list(tmp_path.iterdir()) == []
    open_store(path, CLOCK, mode="create").close()
    log = open_store(path, CLOCK, mode="create")  # still without records, as an interrupted creation leaves it
    log.append(some_entries())
    log.close()
    with pytest.raises(StoreError, match="expected no records here yet, there are some; name another file"):
        open_store(path, CLOCK, mode="create")
    open_store(path, CLOCK, mode="rw").close()
    open_store(path, CLOCK, mode="ro").close()


@pytest.mark.parametrize("where", ["postgresql://user:secret@host/db", "mysql://host/db"])
def test_a_store_of_another_kind_is_refused_without_printing_its_password(where: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="expected the path of an SQLite file") as refusal:
        open_store(where, CLOCK)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("where", ["", ":memory:"])
def test_nothing_cannot_be_opened_to_read(where: str) -> None:
    with pytest.raises(StoreError, match="expected the path of a store"):
        open_store(where, CLOCK, mode="ro")


@pytest.mark.parametrize("name", ["工厂 plant?immutable=1#x%41.db", "file:plant.db", "-plant", " "])
def test_any_file_name_is_taken_literally(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stored_at(Path(name))
    assert names_in(tmp_path) == [name]
    log = open_store(name, CLOCK, mode="ro")
    assert log.verify().records == 5
    log.close()


# what the file is


@pytest.mark.parametrize("mode", MODES)
def test_a_file_that_is_no_sqlite_file_is_refused_and_left_alone(tmp_path: Path, mode: dict[str, bool]) -> None:
    sizes = (1, 16, 99, 100, 101, 511, 512, 513, 1024, 4096)
    texts = [(b"serial,lot\n1,2\n" * 300)[:size] for size in sizes]
    for content in (*texts, *(bytes(size) for size in sizes), b"SQLite format 3\0", b"SQLite format 3\0" * 256):
        path = tmp_path / "list.csv"
        path.write_bytes(content)
        with pytest.raises(StoreError, match=r"list\.csv: "):
            SqliteLog(path, CLOCK, **mode)
        assert path.read_bytes() == content
        assert names_in(tmp_path) == ["list.csv"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("application_id", [0, 252006675])
@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_another_applications_sqlite_file_is_refused_and_left_alone(
    tmp_path: Path, mode: dict[str, bool], application_id: int, journal: str
) -> None:
    path = tmp_path / "other.db"
    db = apsw.Connection(str(path))
    db.execute(
        f"PRAGMA journal_mode={journal}; PRAGMA application_id={application_id}; CREATE TABLE lots (id)"
    ).fetchall()
    db.close()
    content = path.read_bytes()
    with pytest.raises(ForeignStore, match="expected a tracetwin store, got an SQLite file of another application"):
        SqliteLog(path, CLOCK, **mode)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mode", MODES)
def test_a_newer_store_is_refused_and_left_alone(store: Path, mode: dict[str, bool]) -> None:
    db = apsw.Connection(str(store))
    db.execute("PRAGMA user_version=2; ALTER TABLE records ADD COLUMN signature BLOB").fetchall()
    db.close()
    content = store.read_bytes()
    with pytest.raises(NewerStore, match="layout 2, this one reads up to 1; upgrade tracetwin"):
        SqliteLog(store, CLOCK, **mode)
    assert store.read_bytes() == content


def test_an_empty_file_is_a_store_not_yet_begun(tmp_path: Path) -> None:
    """An interrupted creation leaves one; so may mktemp."""
    path = tmp_path / "plant.db"
    path.touch()
    with pytest.raises(StoreError, match="the file is empty: nothing was ever recorded in it"):
        SqliteLog(path, CLOCK, is_read_only=True)
    assert path.stat().st_size == 0
    log = SqliteLog(path, CLOCK, must_be_new=True)
    log.append(some_entries())
    log.close()
    assert SqliteLog(path, CLOCK).verify().records == 5


@pytest.mark.parametrize("mode", MODES)
def test_a_folder_a_pipe_and_impossible_paths_are_refused(tmp_path: Path, mode: dict[str, bool]) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match=r"expected a file, got a folder; name a file in it, such as .*tracetwin\.db"):
        SqliteLog(tmp_path, CLOCK, **mode)
    with pytest.raises(StoreError, match="expected an ordinary file, got a device or pipe"):
        SqliteLog(tmp_path / "pipe", CLOCK, **mode)
    for name in ("x" * 300, "zero\0byte", "half\udcff"):
        with pytest.raises(StoreError):
            SqliteLog(tmp_path / name, CLOCK, **mode)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no" / "plant.db"
    with pytest.raises(StoreError, match=r"expected a folder at .*no', there is none; make it first"):
        SqliteLog(path, CLOCK)
    with pytest.raises(StoreError, match="there is no such store"):
        SqliteLog(path, CLOCK, is_read_only=True)


def test_the_file_is_marked_as_ours(store: Path) -> None:
    header = store.read_bytes()[:100]
    assert header[68:72] == APPLICATION_ID.to_bytes(4, "big") == b"TtLg"
    assert header[60:64] == (1).to_bytes(4, "big")


def test_commits_wait_for_the_disk(store: Path) -> None:
    log = SqliteLog(store, CLOCK)
    names = ("journal_mode", "synchronous", "fullfsync", "checkpoint_fullfsync", "cache_size", "trusted_schema")
    pragmas = [log._db.execute(f"PRAGMA {name}").get for name in names]
    log.close()
    assert pragmas == ["wal", 2, 1, 1, -65536, 0]


# rights


def test_reading_changes_nothing_and_leaves_nothing_behind(store: Path) -> None:
    before = (store.read_bytes(), store.stat().st_mtime_ns)
    log = SqliteLog(store, CLOCK, is_read_only=True)
    assert log.verify().is_intact
    assert len(list(log.read())) == 5
    with pytest.raises(StoreReadOnly, match="it was opened to read only"):
        log.append([entry_of("urn:new")], Reuse.KEEP)
    log.close()
    assert (store.read_bytes(), store.stat().st_mtime_ns) == before
    assert names_in(store.parent) == [store.name]


def test_a_store_on_a_write_protected_medium_can_be_read_and_verified(shared_folder: Path) -> None:
    path = shared_folder / "plant.db"
    path.chmod(0o444)
    shared_folder.chmod(0o555)
    with ordinary_user():
        log = SqliteLog(path, CLOCK, is_read_only=True)
        assert log.verify().is_intact
        assert len(list(log.read())) == 5
        log.close()
        with pytest.raises(StoreReadOnly, match=r"it cannot be written; this user may not write the file"):
            SqliteLog(path, CLOCK)
    assert names_in(shared_folder) == ["plant.db"]


def test_a_folder_that_cannot_be_written_is_named(shared_folder: Path) -> None:
    path = shared_folder / "plant.db"
    path.chmod(0o666)
    shared_folder.chmod(0o555)
    with ordinary_user():
        with pytest.raises(StoreError, match=r"this user may not write the folder .* write-ahead log"):
            SqliteLog(path, CLOCK)
        with pytest.raises(StoreError, match="this user may not write the folder"):
            SqliteLog(shared_folder / "new.db", CLOCK)


def test_a_file_that_cannot_be_read_is_named(shared_folder: Path) -> None:
    path = shared_folder / "plant.db"
    path.chmod(0o000)
    shared_folder.chmod(0o777)
    with ordinary_user():
        for mode in MODES:
            with pytest.raises(StoreError, match="this user may not read the file"):
                SqliteLog(path, CLOCK, **mode)


# locks


def test_a_locked_store_is_busy_after_the_timeout_and_can_still_be_read(store: Path) -> None:
    other = apsw.Connection(str(store))
    log = SqliteLog(store, CLOCK, busy_timeout_s=0.02)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="another process is writing to it; wait until the other process is done"):
        log.append([entry_of("urn:new")])
    assert len(list(log.read())) == 5
    assert log.verify().is_intact
    other.execute("COMMIT")
    assert log.append([entry_of("urn:new")])[0].sequence == 6
    other.close()
    log.close()


def test_a_store_held_for_another_use_is_busy_when_opened(store: Path) -> None:
    other = apsw.Connection(str(store))
    other.execute(
        "PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE; DELETE FROM records WHERE sequence=99; COMMIT"
    ).fetchall()
    for mode in MODES:
        with pytest.raises(StoreBusy):
            SqliteLog(store, CLOCK, busy_timeout_s=0.02, **mode)
    other.close()


def test_an_interrupted_append_leaves_no_transaction_open(store: Path) -> None:
    class InterruptedClock:
        def now(self) -> None:
            raise KeyboardInterrupt

    log = SqliteLog(store, InterruptedClock())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        log.append([entry_of("urn:new")])
    other = SqliteLog(store, CLOCK, busy_timeout_s=0.02)
    assert other.append([entry_of("urn:new")])[0].sequence == 6
    log.close()
    other.close()


def test_a_writer_sees_what_another_one_appended(store: Path) -> None:
    one, other = SqliteLog(store, CLOCK), SqliteLog(store, CLOCK)
    assert one.append([entry_of("urn:one")])[0].sequence == 6
    assert other.append([entry_of("urn:one"), entry_of("urn:other")])[1].sequence == 7
    assert one.head() == other.head()
    assert one.append([entry_of("urn:other"), entry_of("urn:third")])[1].sequence == 8
    one.close()
    assert other.verify().records == 8
    other.close()


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_threads_may_share_a_log(tmp_path: Path, kind: str) -> None:
    log = MemoryLog(CLOCK) if kind == "memory" else SqliteLog(tmp_path / "plant.db", CLOCK)

    def work(worker: int) -> None:
        for number in range(20):
            log.append([entry_of(f"urn:{worker}:{number}"), entry_of(f"urn:shared:{number}")])
            list(log.read())

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))  # raises what a thread raised
    assert log.verify().is_intact
    assert log.head().sequence == 4 * 20 + 20
    log.close()


def test_a_long_read_pages_through_the_file(tmp_path: Path) -> None:
    path = tmp_path / "plant.db"
    log = SqliteLog(path, CLOCK)
    log.append([entry_of(f"urn:{number}") for number in range(2500)])
    assert [record.sequence for record in log.read(3, 2400)] == list(range(4, 2404))
    log.close()


def test_a_broken_index_is_told_when_it_bites(store: Path) -> None:
    db = apsw.Connection(str(store))
    db.execute("PRAGMA writable_schema=ON")
    db.execute("UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'records_fact'")
    db.close()
    with pytest.raises(StoreDamaged):
        SqliteLog(store, CLOCK).append([entry_of("urn:new")])


# two processes that lay a store out at the same moment, step by step


def test_a_store_laid_out_between_two_looks_at_it_is_no_foreign_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plant.db"
    path.touch()
    look = sqlite_file._one
    others: list[SqliteLog] = []

    def look_and_let_another_in(db: apsw.Connection, statement: str) -> apsw.SQLiteValue:
        seen = look(db, statement)
        if statement == "PRAGMA application_id" and not others:
            monkeypatch.setattr(sqlite_file, "_one", look)
            with contextlib.suppress(StoreBusy):
                others.append(SqliteLog(path, CLOCK, busy_timeout_s=0))
        return seen

    monkeypatch.setattr(sqlite_file, "_one", look_and_let_another_in)
    log = SqliteLog(path, CLOCK)
    assert log.append([entry_of("urn:1")])[0].sequence == 1
    for one in (log, *others):
        one.close()


@pytest.mark.parametrize("is_freed", [True, False])
def test_switching_a_new_file_to_its_write_ahead_log_waits_for_another_that_switches(
    store: Path, monkeypatch: pytest.MonkeyPatch, is_freed: bool
) -> None:
    other = apsw.Connection(str(store))
    other.execute("PRAGMA journal_mode=DELETE").fetchall()  # as it is just after it was laid out
    other.execute("BEGIN; SELECT count(*) FROM records").fetchall()
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if is_freed and other.in_transaction:
            other.execute("COMMIT")

    monkeypatch.setattr("time.sleep", pause)
    if is_freed:
        SqliteLog(store, CLOCK, busy_timeout_s=0.05).close()
        assert len(pauses) == 1
    else:
        with pytest.raises(StoreBusy):
            SqliteLog(store, CLOCK, busy_timeout_s=0.05)
        assert sum(pauses) == pytest.approx(0.05)
    other.close()
