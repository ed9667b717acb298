"""Random operations on all stores at once: every answer, every hash and every verification agrees."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from trace_core.log import Entry, EntryKind, EventLog, MemoryLog, Reuse, SqliteLog
from trace_core.testing.log_contract import NOON
from trace_core.vocabulary.clock import SetClock

# few of each, so that facts and ids meet again
entries = st.builds(
    Entry,
    kind=st.sampled_from(EntryKind),
    payload=st.sampled_from([b"{}", b'{"a":1}', '{"lot":"批次"}'.encode()]),
    content_hash=st.sampled_from([b"h1", b"h2", b"h3"]),
    event_id=st.sampled_from(["", "urn:1", "urn:2", "urn:批"]),
    declaration_time=st.sampled_from(["", "", "2026-11-02T12:00:00.000Z"]),
    source=st.sampled_from(["", "a.json"]),
    note=st.sampled_from(["", "no unit"]),
)


class StoresAgree(RuleBasedStateMachine):
    """One memory log, two SQLite logs; the last is given one entry at a time."""

    @initialize()
    def open_all(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tracetwin-agreement-"))
        self.clock = SetClock(NOON)
        self.memory = MemoryLog(self.clock)
        self.whole = SqliteLog(self.folder / "whole.db", self.clock)
        self.single = SqliteLog(self.folder / "single.db", self.clock)
        self.heads = [self.memory.head()]

    @property
    def logs(self) -> list[EventLog]:
        return [self.memory, self.whole, self.single]

    @rule(batch=st.lists(entries, max_size=6), reuse=st.sampled_from(Reuse))
    def append(self, batch: list[Entry], reuse: Reuse) -> None:
        outcomes = self.memory.append(batch, reuse)
        assert self.whole.append(batch, reuse) == outcomes
        assert [self.single.append([entry], reuse)[0] for entry in batch] == outcomes
        self.heads.append(self.memory.head())

    @rule(seconds=st.integers(-3600, 3600))
    def set_the_clock(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(after=st.integers(0, 12), limit=st.none() | st.integers(0, 6))
    def read(self, after: int, limit: int | None) -> None:
        first, *others = [list(log.read(after, limit)) for log in self.logs]
        assert all(other == first for other in others)

    @rule()
    def reopen(self) -> None:
        self.whole.close()
        self.whole = SqliteLog(self.whole.path, self.clock)

    @rule()
    def read_through_a_second_opening(self) -> None:
        reader = SqliteLog(self.whole.path, self.clock, is_read_only=True)
        assert list(reader.read()) == list(self.memory.read())
        reader.close()

    @rule(head=st.data())
    def verify(self, head: st.DataObject) -> None:
        noted = head.draw(st.sampled_from(self.heads))
        verifications = [log.verify(noted.hash) for log in self.logs]
        assert all(one == verifications[0] for one in verifications)
        assert verifications[0].is_intact

    @invariant()
    def heads_are_equal(self) -> None:
        if hasattr(self, "memory"):
            assert {log.head() for log in self.logs} == {self.memory.head()}

    @invariant()
    def sequences_have_no_gap_and_no_fact_stands_twice(self) -> None:
        if hasattr(self, "memory"):
            records = list(self.memory.read())
            assert [record.sequence for record in records] == list(range(1, len(records) + 1))
            kept = [record.entry for record in records]
            facts = {(one.kind, one.event_id, one.declaration_time, one.content_hash) for one in kept}
            assert len(facts) == len(records)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            for log in self.logs:
                log.close()
            shutil.rmtree(self.folder)


TestStoresAgree = StoresAgree.TestCase
TestStoresAgree.settings = hypothesis.settings(
    max_examples=hypothesis.settings().max_examples // 4, stateful_step_count=20
)
