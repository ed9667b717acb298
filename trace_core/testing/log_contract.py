"""What every :class:`~trace_core.log.port.EventLog` does. Subclass it, say how to open your log, and let pytest run it.

::

    class TestMyLog(EventLogContract):
        def open_log(self, clock):
            return MyLog(clock)

A log that outlives its process also gives ``reopen``, and is then asked what is left after closing.
"""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from trace_core.errors import BadInput, LimitExceeded, TracetwinError
from trace_core.log.port import (
    GENESIS,
    MAX_PAYLOAD_BYTES,
    MAX_TEXT_BYTES,
    Appended,
    Entry,
    EntryKind,
    EventLog,
    Head,
    Outcome,
    Reuse,
)
from trace_core.vocabulary.clock import Clock, SetClock

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
"""Where the clocks of the suite start."""


def entry_of(event_id: str, content: str = "", kind: EntryKind = EntryKind.EVENT, declared: str = "") -> Entry:
    """A small entry; equal arguments state the same fact."""
    payload = json.dumps({"eventID": event_id, "content": content}, ensure_ascii=False).encode()
    return Entry(kind, payload, hashlib.sha256(content.encode()).digest(), event_id, declared, source="contract")


class EventLogContract:
    """The suite; ``open_log`` gives a new, empty log each time."""

    @abstractmethod
    def open_log(self, clock: Clock) -> EventLog:
        """A new, empty log whose record times come from ``clock``."""

    def reopen(self, log: EventLog, clock: Clock) -> EventLog:
        """``log``, closed and opened again; as it is where it does not outlive its process."""
        return log

    def log_at_noon(self) -> EventLog:
        """An empty log whose clock stands at noon."""
        return self.open_log(SetClock(NOON))

    # an empty log

    def test_an_empty_log_has_no_records_and_is_intact(self) -> None:
        log = self.log_at_noon()
        assert log.head() == Head(0, GENESIS)
        assert list(log.read()) == []
        assert log.verify().is_intact
        assert log.verify(GENESIS).is_intact
        assert log.verify().records == 0

    def test_appending_nothing_changes_nothing(self) -> None:
        log = self.log_at_noon()
        assert log.append([]) == []
        assert log.head() == Head(0, GENESIS)

    # a batch

    def test_a_batch_gives_what_single_appends_give(self) -> None:
        apart, together = self.log_at_noon(), self.log_at_noon()
        entries = [entry_of(f"e{number}") for number in range(5)]
        for one in entries:
            apart.append([one])
        with together.batch():
            for place, one in enumerate(entries):
                together.append([one])
                assert together.append([one])[0].outcome is Outcome.DUPLICATE
                assert [record.entry for record in together.read(after=place)] == [one], "read within the batch"
        assert together.head() == apart.head()
        assert together.verify().is_intact
        assert self.reopen(together, SetClock(NOON)).head() == apart.head()

    def test_a_batch_that_fails_keeps_what_was_appended_whole(self) -> None:
        log = self.log_at_noon()
        refused = Entry(EntryKind.EVENT, b"no JSON", b"", "e3")
        try:
            with log.batch():
                log.append([entry_of("e1")])
                log.append([entry_of("e2"), refused])
        except BadInput:
            pass
        else:  # pragma: no cover - a log that takes it fails the test below as well
            msg = "a refused entry must raise within a batch too"
            raise AssertionError(msg)
        assert [record.entry for record in log.read()] == [entry_of("e1")]
        log.append([entry_of("e4")])
        assert log.verify().is_intact

    # append and read

    def test_entries_come_back_as_they_went_in_and_in_order(self) -> None:
        log = self.log_at_noon()
        entries = [
            entry_of("urn:a", "牛乳 🥛"),
            Entry(EntryKind.EVENT, b'{ "spaced" : [1.50, null] }', b"", "urn:b\0c"),
            entry_of("", "no id", EntryKind.MASTERDATA),
            entry_of("urn:a", "牛乳 🥛", declared="2026-11-02T12:00:00.000Z"),
            Entry(EntryKind.QUARANTINE, b"{}", b"\0\xff", "urn:d", "", "file.json", "line 1\nline 2"),
        ]
        outcomes = log.append(entries)
        assert [one.sequence for one in outcomes] == [1, 2, 3, 4, 5]
        records = list(log.read())
        assert [record.entry for record in records] == entries
        assert [record.sequence for record in records] == [1, 2, 3, 4, 5]
        assert {record.record_time for record in records} == {NOON}
        assert log.head() == Head(5, records[-1].hash)

    def test_reading_starts_after_a_sequence_and_ends_at_a_limit(self) -> None:
        log = self.log_at_noon()
        log.append([entry_of(f"urn:{number}") for number in range(1, 8)])

        def sequences(after: int, limit: int | None = None) -> list[int]:
            return [record.sequence for record in log.read(after, limit)]

        assert sequences(0, 3) == [1, 2, 3]
        assert sequences(5) == [6, 7]
        assert sequences(5, 100) == [6, 7]
        assert sequences(3, 0) == []
        assert sequences(7) == []
        assert sequences(99, 2) == []

    def test_a_read_sees_what_was_acknowledged_when_it_was_asked_for(self) -> None:
        log = self.log_at_noon()
        log.append([entry_of("urn:1"), entry_of("urn:2")])
        reading = log.read()
        log.append([entry_of("urn:3")])
        seen = []
        for record in reading:
            seen.append(record.sequence)
            log.append([entry_of(f"urn:while-reading-{record.sequence}")])
        assert seen == [1, 2]
        assert [record.sequence for record in log.read()] == [1, 2, 3, 4, 5]

    def test_two_reads_at_a_time_do_not_disturb_each_other(self) -> None:
        log = self.log_at_noon()
        log.append([entry_of(f"urn:{number}") for number in range(5)])
        pairs = [(one.sequence, other.sequence) for one, other in zip(log.read(), log.read(2), strict=False)]
        assert pairs == [(1, 3), (2, 4), (3, 5)]

    # record time

    def test_record_time_is_the_clocks_to_the_microsecond(self) -> None:
        moment = NOON + timedelta(microseconds=123457)
        log = self.open_log(SetClock(moment))
        log.append([entry_of("urn:1")])
        assert next(log.read()).record_time == moment

    def test_record_time_never_runs_backwards(self) -> None:
        clock = SetClock(NOON)
        log = self.open_log(clock)
        for seconds in (0, 60, -3600, 30, 61):
            clock.set(NOON + timedelta(seconds=seconds))
            log.append([entry_of(f"urn:{seconds}")])
        offsets = [(record.record_time - NOON).total_seconds() for record in log.read()]
        assert offsets == [0, 60, 60, 60, 61]
        assert log.verify().is_intact

    def test_a_clock_before_1970_is_taken_at_its_word(self) -> None:
        moment = datetime(1969, 7, 20, 20, 17, tzinfo=UTC)
        log = self.open_log(SetClock(moment))
        log.append([entry_of("urn:1")])
        assert next(log.read()).record_time == moment
        assert log.verify().is_intact

    # one fact, one record

    def test_the_same_fact_again_is_a_duplicate_of_the_first(self) -> None:
        log = self.log_at_noon()
        log.append([entry_of("urn:1", "a"), entry_of("urn:2", "b")])
        head = log.head()
        assert log.append([entry_of("urn:2", "b")]) == [Appended(Outcome.DUPLICATE, 2)]
        assert log.head() == head

    def test_the_same_fact_twice_in_one_append_is_written_once(self) -> None:
        log = self.log_at_noon()
        outcomes = log.append([entry_of("urn:1", "a"), entry_of("urn:1", "a"), entry_of("urn:2", "b")])
        assert outcomes == [
            Appended(Outcome.ACCEPTED, 1),
            Appended(Outcome.DUPLICATE, 1),
            Appended(Outcome.ACCEPTED, 2),
        ]

    def test_source_note_and_payload_are_not_part_of_a_fact(self) -> None:
        log = self.log_at_noon()
        first = Entry(EntryKind.EVENT, b'{"a":1}', b"h", "urn:1", source="one.json")
        again = Entry(EntryKind.EVENT, b'{"a" : 1}', b"h", "urn:1", source="two.json", note="seen again")
        log.append([first])
        assert log.append([again]) == [Appended(Outcome.DUPLICATE, 1)]
        assert next(log.read()).entry == first

    def test_id_kind_declaration_time_and_content_each_make_another_fact(self) -> None:
        log = self.log_at_noon()
        declared = "2026-11-02T12:00:00.000Z"
        entries = [
            entry_of("urn:1", "a"),
            entry_of("urn:2", "a"),
            entry_of("urn:1", "b"),
            entry_of("urn:1", "a", declared=declared),
            entry_of("urn:1", "a", declared="2026-11-02T12:00:00.001Z"),
            entry_of("urn:1", "a", EntryKind.MASTERDATA),
        ]
        assert log.append(entries) == [Appended(Outcome.ACCEPTED, number) for number in range(1, 7)]

    def test_ids_are_compared_to_the_letter(self) -> None:
        log = self.log_at_noon()
        ids = ["urn:A", "urn:a", "urn:a ", "urn:ä", "urn:a\u0308", "urn:a\0", ""]
        assert {one.outcome for one in log.append([entry_of(one) for one in ids])} == {Outcome.ACCEPTED}

    # reuse of an event id

    def test_keep_keeps_every_distinct_content_of_an_id(self) -> None:
        log = self.log_at_noon()
        outcomes = log.append([entry_of("urn:1", "a"), entry_of("urn:1", "b")], Reuse.KEEP)
        assert [one.outcome for one in outcomes] == [Outcome.ACCEPTED, Outcome.ACCEPTED]

    def test_quarantine_writes_other_content_apart_and_says_which_record_has_the_id(self) -> None:
        log = self.log_at_noon()
        log.append([entry_of("urn:0"), entry_of("urn:1", "a")])
        (outcome,) = log.append([entry_of("urn:1", "b")], Reuse.QUARANTINE)
        assert outcome.outcome is Outcome.QUARANTINED
        assert outcome.sequence == 3
        assert "record 2" in outcome.note
        record = next(log.read(2))
        assert record.entry.kind is EntryKind.QUARANTINE
        assert record.entry.note == outcome.note
        assert record.entry.payload == entry_of("urn:1", "b").payload
        assert log.verify().is_intact

    def test_quarantine_works_within_one_append(self) -> None:
        log = self.log_at_noon()
        outcomes = log.append(
            [entry_of("urn:1", "a"), entry_of("urn:1", "b"), entry_of("urn:1", "c")], Reuse.QUARANTINE
        )
        assert [one.outcome for one in outcomes] == [Outcome.ACCEPTED, Outcome.QUARANTINED, Outcome.QUARANTINED]
        assert all("record 1" in one.note for one in outcomes[1:])

    def test_replaying_a_quarantined_event_is_a_duplicate(self) -> None:
        log = self.log_at_noon()
        entries = [entry_of("urn:1", "a"), entry_of("urn:1", "b")]
        log.append(entries, Reuse.QUARANTINE)
        assert log.append(entries, Reuse.QUARANTINE) == [
            Appended(Outcome.DUPLICATE, 1),
            Appended(Outcome.DUPLICATE, 2),
        ]

    def test_a_fact_kept_before_is_a_duplicate_under_quarantine_too(self) -> None:
        log = self.log_at_noon()
        entries = [entry_of("urn:1", "a"), entry_of("urn:1", "b")]
        log.append(entries, Reuse.KEEP)
        assert log.append([entries[1]], Reuse.QUARANTINE) == [Appended(Outcome.DUPLICATE, 2)]

    def test_declared_events_masterdata_and_nameless_events_are_never_quarantined(self) -> None:
        log = self.log_at_noon()
        log.append([entry_of("urn:1", "a"), entry_of("", "a")])
        entries = [
            entry_of("urn:1", "b", declared="2026-11-02T12:00:00.000Z"),
            entry_of("urn:1", "c", EntryKind.MASTERDATA),
            entry_of("", "b"),
        ]
        assert {one.outcome for one in log.append(entries, Reuse.QUARANTINE)} == {Outcome.ACCEPTED}

    def test_an_id_used_only_by_a_declaration_or_in_quarantine_is_free(self) -> None:
        log = self.log_at_noon()
        log.append(
            [entry_of("urn:1", "a", declared="2026-11-02T12:00:00.000Z"), entry_of("urn:1", "b", EntryKind.QUARANTINE)]
        )
        assert log.append([entry_of("urn:1", "c")], Reuse.QUARANTINE) == [Appended(Outcome.ACCEPTED, 3)]

    def test_an_entry_that_comes_quarantined_is_answered_as_such_with_its_note(self) -> None:
        log = self.log_at_noon()
        entry = Entry(EntryKind.QUARANTINE, b"{}", b"h", "urn:1", note="no unit")
        assert log.append([entry]) == [Appended(Outcome.QUARANTINED, 1, "no unit")]

    # all or none

    def test_one_refused_entry_refuses_the_append_and_is_named(self) -> None:
        log = self.log_at_noon()
        too_large = b'{"a":"%s"}' % (b"x" * MAX_PAYLOAD_BYTES)
        refused = {
            "no JSON": Entry(EntryKind.EVENT, b'{"cut', b"h", "urn:bad"),
            "no object": Entry(EntryKind.EVENT, b"[1]", b"h", "urn:bad"),
            "no UTF-8": Entry(EntryKind.EVENT, b'{"a":"\xff"}', b"h", "urn:bad"),
            "too deep": Entry(EntryKind.EVENT, b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", b"h", "urn:bad"),
            "too large": Entry(EntryKind.EVENT, too_large, b"h", "urn:bad"),
            "half a surrogate": Entry(EntryKind.EVENT, b"{}", b"h", "urn:bad\ud800"),
            "too long": Entry(EntryKind.EVENT, b"{}", b"h", "urn:bad", source="x" * (MAX_TEXT_BYTES + 1)),
        }
        for entry in refused.values():
            error = _refusal(partial(log.append, [entry_of("urn:1"), entry_of("urn:2"), entry]))
            assert isinstance(error, BadInput)
            assert "entries[2]" in str(error)
        error = _refusal(partial(log.append, [refused["too large"]]))
        assert isinstance(error, LimitExceeded)
        assert str(MAX_PAYLOAD_BYTES) in str(error)
        assert log.head() == Head(0, GENESIS)
        assert log.append([entry_of("urn:1")]) == [Appended(Outcome.ACCEPTED, 1)]

    def test_the_largest_payload_allowed_is_taken(self) -> None:
        log = self.log_at_noon()
        frame = len(b'{"a":""}')
        payload = b'{"a":"%s"}' % (b"x" * (MAX_PAYLOAD_BYTES - frame))
        entries = [Entry(EntryKind.EVENT, payload, b"%d" % number, f"urn:{number}") for number in range(3)]
        log.append(entries)
        assert [record.entry.payload == payload for record in log.read()] == [True] * 3
        assert log.verify().is_intact

    # the chain

    def test_the_head_does_not_depend_on_how_entries_were_packed(self) -> None:
        entries = [entry_of(f"urn:{number}", f"content {number}") for number in range(12)]
        heads = set()
        for size in (1, 5, 12):
            log = self.log_at_noon()
            for start in range(0, len(entries), size):
                log.append(entries[start : start + size])
            heads.add(log.head())
        assert len(heads) == 1

    def test_the_chain_is_the_documented_one(self) -> None:
        log = self.log_at_noon()
        log.append([Entry(EntryKind.EVENT, b'{"a":1}', b"\x01\x02", "urn:1", "", "f.json", "note")])
        columns = [b"event", b"urn:1", b"", b"f.json", b"note", b"\x01\x02", b'{"a":1}']
        noon_us = int(NOON.timestamp()) * 1_000_000
        text = bytes(32) + b"".join(
            len(column).to_bytes(8, "big") + column
            for column in [(1).to_bytes(8, "big"), noon_us.to_bytes(8, "big"), *columns]
        )
        assert log.head().hash == hashlib.sha256(text).digest()

    def test_an_earlier_head_is_still_found_after_the_log_grew(self) -> None:
        log = self.log_at_noon()
        log.append([entry_of("urn:1")])
        noted = log.head()
        log.append([entry_of("urn:2")])
        verification = log.verify(noted.hash)
        assert verification.is_intact
        assert verification.records == 2
        assert verification.head == log.head()

    def test_a_head_the_log_never_had_is_named(self) -> None:
        log = self.log_at_noon()
        log.append([entry_of("urn:1"), entry_of("urn:2")])
        verification = log.verify(bytes(range(32)))
        assert verification.first_bad is not None
        assert verification.first_bad.sequence == 3
        assert "000102030405" in verification.first_bad.reason
        assert verification.records == 2

    # closing

    def test_closing_twice_is_harmless_and_a_closed_log_says_so(self) -> None:
        log = self.log_at_noon()
        log.append([entry_of("urn:1")])
        log.close()
        log.close()
        for use in (log.head, log.verify, log.read, lambda: log.append([entry_of("urn:2")])):
            assert "the log was closed" in str(_refusal(use))

    def test_a_reopened_log_goes_on_where_it_was(self) -> None:
        clock = SetClock(NOON)
        log = self.open_log(clock)
        log.append([entry_of("urn:1", "a"), entry_of("urn:2", "b")])
        before, records = log.head(), list(log.read())
        clock.advance(-60)
        log = self.reopen(log, clock)
        assert log.head() == before
        assert list(log.read()) == records
        assert log.append([entry_of("urn:2", "b"), entry_of("urn:3", "c")]) == [
            Appended(Outcome.DUPLICATE, 2),
            Appended(Outcome.ACCEPTED, 3),
        ]
        assert next(log.read(2)).record_time == NOON
        assert log.verify(before.hash).is_intact


def _refusal(use: Callable[[], object]) -> TracetwinError:
    try:
        use()
    except TracetwinError as error:
        return error
    raise AssertionError(f"{use} should have been refused")
