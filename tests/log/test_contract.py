"""Every store passes the one contract suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from trace_core.log import EventLog, MemoryLog, SqliteLog
from trace_core.testing.log_contract import EventLogContract
from trace_core.vocabulary.clock import Clock


class TestMemoryLog(EventLogContract):
    def open_log(self, clock: Clock) -> EventLog:
        return MemoryLog(clock)


class TestSqliteLog(EventLogContract):
    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.count = 0

    def open_log(self, clock: Clock) -> EventLog:
        self.count += 1
        return SqliteLog(self.folder / f"{self.count}.db", clock, must_be_new=True)

    def reopen(self, log: EventLog, clock: Clock) -> EventLog:
        assert isinstance(log, SqliteLog)
        log.close()
        return SqliteLog(log.path, clock)
