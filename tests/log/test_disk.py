"""A disk that fills, fails or forgets: nothing is half-written, and what was acknowledged had been synced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.log.stores import CLOCK, some_entries, stored_at
from trace_core.errors import StoreError, StoreFull
from trace_core.log import Entry, Outcome, SqliteLog
from trace_core.testing.log_contract import entry_of

NEW = [entry_of(f"urn:new:{number}", f"{number}" + "x" * 3000) for number in range(8)]


class Disk(apsw.VFS):
    """SQLite's own disk, except that the n-th write from now on fails; remembers what was not yet synced."""

    def __init__(self) -> None:
        self.below = apsw.vfs_names()[0]
        super().__init__("tracetwin-test-disk", self.below, makedefault=True)
        self.writes_left: int | None = None
        self.error: Callable[[], apsw.Error] = apsw.FullError
        self.unsynced: set[str] = set()

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - apsw's name
        return _File(self, name, flags)

    def write(self, file: str) -> None:
        if self.writes_left is not None:
            if self.writes_left == 0:
                raise self.error()
            self.writes_left -= 1
        self.unsynced.add(file)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        super().__init__(disk.below, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - apsw's name
        self._disk.write(self._name)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - apsw's name
        super().xSync(flags)
        self._disk.unsynced.discard(self._name)


# what SQLite need not do at once (a checkpoint) it tries again later; apsw reports the failure of the disk all the same
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.unregister()
    assert apsw.vfs_names()[0] == disk.below


def append_until_it_fits(log: SqliteLog, disk: Disk, entries: list[Entry]) -> int:
    """Give the disk room for one more write each time; after each refusal the log must be as it was."""
    before = log.head()
    for room in range(10_000):
        disk.writes_left = room
        try:
            outcomes = log.append(entries)
        except StoreError as error:
            disk.writes_left = None
            refusal = str(error)
            assert log.head() == before
            assert log.verify(before.hash).head == before
        else:
            disk.writes_left = None
            assert {one.outcome for one in outcomes} == {Outcome.ACCEPTED}
            return room
        assert str(log.path) in refusal
    raise AssertionError("the append never fitted")


def test_a_disk_full_at_any_write_of_an_append_leaves_the_log_as_it_was(tmp_path: Path, disk: Disk) -> None:
    path = tmp_path / "plant.db"
    stored_at(path)
    log = SqliteLog(path, CLOCK)
    assert append_until_it_fits(log, disk, NEW) > 8
    assert log.verify().records == 5 + len(NEW)
    log.close()
    assert SqliteLog(path, CLOCK, is_read_only=True).verify().records == 5 + len(NEW)


def test_a_full_disk_is_named_as_such(tmp_path: Path, disk: Disk) -> None:
    log = SqliteLog(tmp_path / "plant.db", CLOCK)
    disk.writes_left = 0
    with pytest.raises(StoreFull, match="no space is left on its disk; this last write was left out whole"):
        log.append(NEW)
    disk.writes_left = None
    log.close()


def test_a_full_file_is_told_as_a_full_disk(tmp_path: Path) -> None:
    """By SQLite's own limit, without a disk of ours."""
    log = SqliteLog(tmp_path / "plant.db", CLOCK)
    log.append(some_entries())
    before = log.head()
    pages = log._db.execute("PRAGMA page_count").get
    log._db.execute(f"PRAGMA max_page_count={pages + 2}").fetchall()
    with pytest.raises(StoreFull):
        log.append([entry_of(f"urn:{number}", "x" * 5000) for number in range(50)])
    assert log.head() == before
    assert log.verify(before.hash).records == 5
    assert log.append([entry_of("urn:small")])[0].sequence == 6
    log.close()


def test_a_failing_disk_is_told_and_leaves_the_log_as_it_was(tmp_path: Path, disk: Disk) -> None:
    disk.error = apsw.IOError
    path = tmp_path / "plant.db"
    stored_at(path)
    log = SqliteLog(path, CLOCK)
    append_until_it_fits(log, disk, NEW)
    assert log.verify().records == 5 + len(NEW)
    log.close()


def test_a_creation_stopped_at_any_write_can_be_begun_again(tmp_path: Path, disk: Disk) -> None:
    path = tmp_path / "plant.db"
    for room in range(100):
        disk.writes_left = room
        try:
            log = SqliteLog(path, CLOCK, must_be_new=True)
        except StoreError:
            continue
        finally:
            disk.writes_left = None
        break
    else:
        raise AssertionError("the store was never laid out")
    assert room > 2
    log.append(some_entries())
    assert log.verify().records == 5
    log.close()


def test_what_is_acknowledged_was_synced_first(tmp_path: Path, disk: Disk) -> None:
    log = SqliteLog(tmp_path / "plant.db", CLOCK)
    for number in range(50):
        log.append([entry_of(f"urn:{number}", "x" * 1000)])
        assert not [name for name in disk.unsynced if name.endswith("-wal")]
    log.close()


def test_a_copy_of_the_files_after_each_append_holds_what_was_acknowledged(tmp_path: Path) -> None:
    """As a crash leaves them: the main file and the write-ahead log, without the shared index."""
    path = tmp_path / "plant.db"
    log = SqliteLog(path, CLOCK)
    for number in range(30):
        log.append([entry_of(f"urn:{number}", "x" * 20_000)])
        crashed = tmp_path / f"crashed-{number}.db"
        crashed.write_bytes(path.read_bytes())
        crashed.with_name(f"{crashed.name}-wal").write_bytes(path.with_name("plant.db-wal").read_bytes())
        reader = SqliteLog(crashed, CLOCK, is_read_only=True)
        verification = reader.verify(log.head().hash)
        assert verification.is_intact
        assert verification.records == number + 1
        reader.close()
    log.close()
