"""Whatever is changed in a store is found; a changed record is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import numpy as np
import pytest

from tests.log.stores import CLOCK, some_entries, stored_at
from trace_core.errors import StoreDamaged, StoreError
from trace_core.log import FirstBad, MemoryLog, Record, SqliteLog, Verification
from trace_core.log.chain import Row, columns_of, link_hash, to_microseconds, verify_rows
from trace_core.testing.log_contract import entry_of

TEXTS = ("kind", "event_id", "declaration_time", "source", "note")
BLOBS = ("content_hash", "payload", "hash")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "plant.db"
    stored_at(path)
    return path


def tamper(path: Path, *statements: str) -> None:
    db = apsw.Connection(str(path))
    db.execute("PRAGMA ignore_check_constraints=ON")
    for statement in statements:
        db.execute(statement)
    db.close()


def verified(path: Path, expect_head: bytes | None = None) -> Verification:
    log = SqliteLog(path, CLOCK, is_read_only=True)
    try:
        return log.verify(expect_head)
    finally:
        log.close()


def first_bad(path: Path, expect_head: bytes | None = None) -> FirstBad:
    bad = verified(path, expect_head).first_bad
    assert bad is not None
    return bad


def test_every_byte_of_every_stored_column_is_covered(store: Path) -> None:
    """Each byte in turn, through SQL, so that SQLite's own checks see nothing; the record is named exactly."""
    db = apsw.Connection(str(store))
    log = SqliteLog(store, CLOCK, is_read_only=True)
    for sequence in range(1, len(some_entries()) + 1):
        for column in (*TEXTS, *BLOBS):
            kind = "TEXT" if column in TEXTS else "BLOB"
            update = f"UPDATE records SET {column} = CAST(? AS {kind}) WHERE sequence = {sequence}"
            original = db.execute(f"SELECT CAST({column} AS BLOB) FROM records WHERE sequence = {sequence}").get
            for position in range(len(original)):
                changed = bytearray(original)
                changed[position] ^= 1 << (position % 8)
                db.execute(update, (bytes(changed),))
                bad = log.verify().first_bad
                assert bad is not None, f"byte {position} of {column} of record {sequence}"
                assert bad.sequence == sequence, f"byte {position} of {column} of record {sequence}"
            db.execute(update, (original,))
    assert log.verify().is_intact
    log.close()
    db.close()


def test_every_bit_of_sequence_and_record_time_is_covered(store: Path) -> None:
    db = apsw.Connection(str(store))
    log = SqliteLog(store, CLOCK, is_read_only=True)
    for column in ("record_time_us", "sequence"):
        for bit in range(3, 64):  # a lower bit of a sequence would meet another record
            original = db.execute(f"SELECT {column} FROM records WHERE sequence = 3").get
            mask = 1 << bit if bit < 63 else -(1 << 63)
            rowid_is = f"rowid = {original ^ mask if column == 'sequence' else 3}"
            db.execute(f"UPDATE records SET {column} = ? WHERE sequence = 3", (original ^ mask,))
            bad = log.verify().first_bad
            assert bad is not None
            assert bad.sequence == (1 if column == "sequence" and bit == 63 else 3), f"bit {bit} of {column}"
            db.execute(f"UPDATE records SET {column} = ? WHERE {rowid_is}", (original,))
    assert log.verify().is_intact
    log.close()
    db.close()


def test_changing_several_columns_so_that_their_joined_text_stays_is_found(store: Path) -> None:
    tamper(store, "UPDATE records SET source = source || 'x', note = 'y' WHERE sequence = 1")
    store_two = store.with_name("two.db")
    stored_at(store_two)
    tamper(store_two, "UPDATE records SET source = 'a.jso', note = 'nno unit' WHERE sequence = 4")
    assert first_bad(store).sequence == 1
    assert first_bad(store_two).sequence == 4


def test_the_reason_says_which_side_was_changed(store: Path) -> None:
    head = verified(store).head.hash
    cases = {
        "UPDATE records SET payload = CAST('{}' AS BLOB) WHERE sequence = 2": (2, "a column was changed"),
        "UPDATE records SET hash = zeroblob(32) WHERE sequence = 2": (2, "its hash was changed"),
        "UPDATE records SET hash = zeroblob(32) WHERE sequence = 5": (5, "its hash was changed"),
        "UPDATE records SET note = 'n' WHERE sequence = 5": (5, "a column was changed"),
        "UPDATE records SET hash = zeroblob(31) WHERE sequence = 2": (2, "hash was changed: expected 32 bytes, got 31"),
        "UPDATE records SET kind = 'evenu' WHERE sequence = 1": (1, "kind was changed"),
        "UPDATE records SET payload = CAST('{' AS BLOB) WHERE sequence = 1": (1, "payload was changed"),
        "UPDATE records SET note = CAST(x'ff' AS TEXT) WHERE sequence = 1": (1, "note was changed: it is no UTF-8"),
        "UPDATE records SET event_id = CAST(x'ff' AS TEXT) WHERE sequence = 1": (1, "event_id was changed"),
        "DELETE FROM records WHERE sequence = 2": (2, "missing: after record 1 comes record 3"),
        "DELETE FROM records WHERE sequence = 1": (1, "missing: after record 0 comes record 2"),
        "UPDATE records SET sequence = 9 WHERE sequence = 5": (5, "missing: after record 4 comes record 9"),
        "UPDATE records SET sequence = -5 WHERE sequence = 5": (1, "missing: after record 0 comes record -5"),
    }
    for statement, (sequence, reason) in cases.items():
        copy = store.with_name("copy.db")
        shutil.copy(store, copy)
        tamper(copy, statement)
        bad = first_bad(copy, head)
        assert bad.sequence == sequence, statement
        assert bad.reason.startswith(reason), statement


def test_a_bad_record_is_named_with_its_event_id_and_the_rest_is_counted(store: Path) -> None:
    tamper(store, "UPDATE records SET source = 'forged' WHERE sequence = 3")
    verification = verified(store)
    assert not verification.is_intact
    assert verification.first_bad is not None
    assert verification.first_bad.event_id == "urn:plant:event:press-1:7:2"
    assert verification.records == 5
    assert verification.head.sequence == 5


def test_swapped_records_are_found(store: Path) -> None:
    tamper(
        store,
        "UPDATE records SET sequence = 99 WHERE sequence = 2",
        "UPDATE records SET sequence = 2 WHERE sequence = 3",
        "UPDATE records SET sequence = 3 WHERE sequence = 99",
    )
    assert first_bad(store).sequence == 2


def test_a_cut_tail_is_found_against_a_noted_head_only(store: Path) -> None:
    head = verified(store).head
    tamper(store, "DELETE FROM records WHERE sequence > 3")
    assert verified(store).is_intact
    bad = first_bad(store, head.hash)
    assert bad.sequence == 4
    assert "records after 3 are missing" in bad.reason


def test_a_tail_cut_and_written_anew_is_found_against_a_noted_head(store: Path) -> None:
    head = verified(store).head
    tamper(store, "DELETE FROM records WHERE sequence = 5")
    log = SqliteLog(store, CLOCK)
    log.append([entry_of("urn:forged"), entry_of("urn:forged:2")])
    log.close()
    assert verified(store).is_intact
    assert not verified(store, head.hash).is_intact


def test_times_that_run_backwards_are_found_under_sound_hashes() -> None:
    """Only somebody who computes the chain anew can write them; the log itself never does."""
    entries = some_entries()
    rows, previous = [], bytes(32)
    for number, entry in enumerate(entries, start=1):
        time_us = 1_000_000 - number
        previous = link_hash(previous, number, time_us, columns_of(entry))
        rows.append(Row._make((number, time_us, *columns_of(entry), previous)))
    bad = verify_rows(rows).first_bad
    assert bad is not None
    assert bad.sequence == 2
    assert "record_time lies before" in bad.reason


def test_a_record_changed_in_memory_is_found_too() -> None:
    log = MemoryLog(CLOCK)
    log.append(some_entries())
    record = log._records[2]
    log._records[2] = Record(record.sequence, record.record_time, entry_of("urn:other"), record.hash)
    bad = log.verify().first_bad
    assert bad is not None
    assert (bad.sequence, bad.event_id) == (3, "urn:other")


def test_an_index_that_hides_a_record_is_not_believed(store: Path) -> None:
    """The index is emptied behind SQLite's back: the table still gives every record, and the file is refused."""
    db = apsw.Connection(str(store))
    db.execute("PRAGMA writable_schema=ON")
    layout = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'records_fact'").get
    db.execute("UPDATE sqlite_schema SET sql = sql || ' WHERE sequence > 4' WHERE name = 'records_fact'")
    db.execute("PRAGMA writable_schema=RESET; REINDEX")
    db.execute("PRAGMA writable_schema=ON")
    db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'records_fact'", (layout,))
    db.close()
    with pytest.raises(StoreDamaged, match=r"every record is whole, but not the file around them.*records_fact"):
        verified(store)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER forge AFTER INSERT ON records BEGIN DELETE FROM records; END",
        "CREATE VIEW kept AS SELECT * FROM records",
        "DROP INDEX records_fact",
        "ALTER TABLE records RENAME COLUMN note TO remark",
        "DROP TABLE records",
        "PRAGMA user_version = 0",
    ],
)
def test_a_changed_layout_is_refused(store: Path, statement: str) -> None:
    tamper(store, statement)
    for is_read_only in (True, False):
        with pytest.raises(StoreDamaged, match="its tables are not as version 1 lays them out"):
            SqliteLog(store, CLOCK, is_read_only=is_read_only)


def test_reading_past_a_missing_record_is_refused_and_not_silently_shorter(store: Path) -> None:
    tamper(store, "DELETE FROM records WHERE sequence = 3")
    log = SqliteLog(store, CLOCK, is_read_only=True)
    reading = log.read()
    assert [next(reading).sequence, next(reading).sequence] == [1, 2]
    with pytest.raises(StoreDamaged, match="record 3 is missing"):
        next(reading)
    with pytest.raises(StoreDamaged, match="record 3 is missing"):
        list(log.read(2, 1))
    log.close()


@pytest.mark.parametrize("change", ["kind = 'x'", "record_time_us = 9223372036854775807", "note = CAST(x'ff' AS TEXT)"])
def test_a_record_that_cannot_be_read_is_refused_with_a_message(store: Path, change: str) -> None:
    tamper(store, f"UPDATE records SET {change} WHERE sequence = 3")
    log = SqliteLog(store, CLOCK, is_read_only=True)
    with pytest.raises(StoreDamaged):
        list(log.read())
    log.close()


def outcome_after_damage(path: Path, originals: list[Record]) -> str:
    """What verifying a damaged file says; asserts that it never says intact of anything but the original records."""
    log = None
    try:
        log = SqliteLog(path, CLOCK, is_read_only=True)
        verification = log.verify()
        kept = list(log.read()) if verification.is_intact else []
    except StoreError as error:
        return "refused" if str(path) in str(error) else f"unclear: {error}"
    finally:
        if log is not None:
            log.close()
    if not verification.is_intact:
        return "named"
    assert kept == originals[: len(kept)]
    return "unchanged" if len(kept) == len(originals) else "cut"


@pytest.fixture
def flipped(tmp_path: Path) -> Callable[[bytes, int, int], Path]:
    def write(content: bytes, offset: int, mask: int) -> Path:
        path = tmp_path / "flipped.db"
        for ending in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        changed = bytearray(content)
        changed[offset] ^= mask
        path.write_bytes(changed)
        return path

    return write


def test_no_flipped_byte_of_the_file_passes_as_changed_content(
    trials: Callable[[int], Iterator[int]], tmp_path: Path, flipped: Callable[[bytes, int, int], Path]
) -> None:
    """Offsets over the whole file: header, schema, table, index, overflow pages; a third of them within the records."""
    whole = tmp_path / "whole.db"
    long_event = entry_of("urn:long", "x" * 9000)  # needs overflow pages
    originals = stored_at(whole, [*some_entries(), long_event])
    content = whole.read_bytes()
    used = [offset for offset, byte in enumerate(content) if byte]
    seen = dict.fromkeys(("refused", "named", "unchanged"), 0)
    for seed in trials(4000):
        stream = np.random.default_rng((20261102, seed))
        offset = int(stream.choice(used)) if seed % 3 else int(stream.integers(len(content)))
        outcome = outcome_after_damage(flipped(content, offset, 1 << int(stream.integers(8))), originals)
        assert outcome in seen, f"offset {offset}: {outcome}"
        seen[outcome] += 1
    assert seen["refused"] or seen["named"]


def test_a_file_cut_anywhere_is_refused_or_named(tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    originals = stored_at(whole, [*some_entries(), entry_of("urn:long", "x" * 9000)])
    content = whole.read_bytes()
    for length in [*range(1, 700, 43), *range(1024, len(content), 1024), len(content) - 1]:
        path = tmp_path / "cut.db"
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        path.write_bytes(content[:length])
        assert outcome_after_damage(path, originals) in {"refused", "named"}, length


def test_a_file_emptied_while_records_wait_in_its_wal_is_refused(tmp_path: Path) -> None:
    path, copy = tmp_path / "plant.db", tmp_path / "copy.db"
    log = SqliteLog(path, CLOCK)
    log.append(some_entries())
    shutil.copy(path.with_name("plant.db-wal"), copy.with_name("copy.db-wal"))
    log.close()
    copy.touch()
    for is_read_only in (True, False):
        with pytest.raises(StoreDamaged, match=r"records wait in copy\.db-wal"):
            SqliteLog(copy, CLOCK, is_read_only=is_read_only)
    assert copy.with_name("copy.db-wal").stat().st_size > 0


def test_times_are_stored_as_whole_microseconds(store: Path) -> None:
    db = apsw.Connection(str(store))
    times = [row[0] for row in db.execute("SELECT record_time_us FROM records ORDER BY sequence")]
    db.close()
    log = SqliteLog(store, CLOCK, is_read_only=True)
    assert times == [to_microseconds(record.record_time) for record in log.read()]
    log.close()
