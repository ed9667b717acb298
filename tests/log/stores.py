"""Small stores for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

from trace_core.log import Entry, EntryKind, Record, SqliteLog
from trace_core.testing.log_contract import NOON, entry_of
from trace_core.vocabulary.clock import SetClock

CLOCK = SetClock(NOON)


def some_entries() -> list[Entry]:
    """Five entries that use every column, every kind and a second script."""
    return [
        entry_of("urn:plant:event:press-1:7:1", "steel"),
        Entry(EntryKind.MASTERDATA, '{"name":"酸奶厂"}'.encode(), b"m" * 32, "urn:plant:item", "", "plant.yaml", ""),
        entry_of("urn:plant:event:press-1:7:2", "鋼", declared="2026-11-02T12:00:00.000Z"),
        Entry(EntryKind.QUARANTINE, b'{"a":[1.50]}', b"q" * 32, "urn:plant:event:press-1:7:3", "", "a.json", "no unit"),
        entry_of("urn:plant:event:press-1:7:4", "aluminium"),
    ]


def stored_at(path: Path, entries: list[Entry] | None = None) -> list[Record]:
    """The records of a closed store at ``path``, each appended by itself a second after the one before."""
    clock = SetClock(NOON)
    log = SqliteLog(path, clock, must_be_new=True)
    for entry in entries or some_entries():
        log.append([entry])
        clock.advance(1)
    records = list(log.read())
    log.close()
    return records
