"""The core as one: log, index and control. The log is the only store; index and holds follow it by tailing.

Another process may append to the same log: every question and every command first takes in what is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trace_core.capture.records import Answer, Report
from trace_core.capture.rules import CaptureRules
from trace_core.control.commands import place_hold, release_hold
from trace_core.control.holds import Hold, HoldBook, Reach, Release
from trace_core.control.interlock import Interlock
from trace_core.core.breaches import Breaches
from trace_core.core.entries import entry_of, event_of, master_of
from trace_core.core.naming import Naming
from trace_core.core.surroundings import IndexSurroundings
from trace_core.errors import BadInput, StoreDamaged
from trace_core.genealogy.answer import TraceAnswer, UnknownThing
from trace_core.genealogy.index import TraceIndex
from trace_core.log.chain import columns_of, link_hash, to_microseconds
from trace_core.log.port import GENESIS, Appended, EntryKind, EventLog, Record, Reuse, Verification
from trace_core.vocabulary.clock import Clock
from trace_core.vocabulary.epcis_json import event_to_epcis
from trace_core.vocabulary.events import Event
from trace_core.vocabulary.identity import Identity
from trace_core.vocabulary.masterdata import MasterdataView, MasterRecord, RunStamp

if TYPE_CHECKING:
    from trace_core.core.inbox import Inbox
    from trace_core.core.ingest import IngestReport, Watcher
    from trace_core.scope.answer import RecallAnswer
    from trace_core.scope.evidence import Evidence

DELTA_S = 300.0
"""How far any one clock may be wrong by default; printed in answers."""


class TraceCore:
    """All that a plant's traceability answers from one log.

    ``rules`` are needed to capture reports only. Not shared between threads: one writer, and questions between.
    """

    def __init__(
        self, log: EventLog, clock: Clock, delta_s: float = DELTA_S, rules: CaptureRules | None = None
    ) -> None:
        self.log = log
        self.clock = clock
        self.delta_s = delta_s
        self.index = TraceIndex(delta_s)
        self.masterdata = MasterdataView()
        self.runs: list[RunStamp] = []
        self._rules = rules
        self._book = HoldBook()
        self._breaches = Breaches()
        self._surroundings = IndexSurroundings(self.index)
        self._interlock = Interlock(self._book, self._surroundings, timedelta(seconds=2 * delta_s))
        self._naming = Naming(
            self.index, self.masterdata, self._surroundings.kind_of, self._surroundings.forms_of, self._book.places
        )
        self._own_events: dict[str, int] = {}
        self._applied = 0
        self._last_hash = GENESIS
        self._evidence: tuple[tuple[int, datetime | None, datetime | None], Evidence] | None = None
        self._inbox: Inbox | None = None
        self.refresh()

    # ---- following the log

    def refresh(self) -> None:
        """Take in all that stands in the log and was not seen yet, by whomever it was appended."""
        for record in self.log.read(after=self._applied):
            self._check_link(record)
            self._apply(record)
            self._applied = record.sequence
            self._last_hash = record.hash

    def _check_link(self, record: Record) -> None:
        """No answer is given from a record that is not what was written."""
        written = link_hash(
            self._last_hash, record.sequence, to_microseconds(record.record_time), columns_of(record.entry)
        )
        if written != record.hash:
            problem = f"record {record.sequence} is not what was written"
            raise StoreDamaged("log", problem, "see: tracetwin verify")

    def _apply(self, record: Record) -> None:
        try:
            if record.entry.kind is EntryKind.EVENT:
                self._apply_event(record, event_of(record))
            elif record.entry.kind is EntryKind.MASTERDATA:
                self._apply_master(master_of(record))
        except BadInput as error:
            problem = f"record {record.sequence} cannot be read: {error}"
            raise StoreDamaged("log", problem, "see: tracetwin verify") from error

    def _apply_event(self, record: Record, event: Event) -> None:
        self.index.apply(record.sequence, record.record_time, event, record.entry.content_hash)
        self._book.apply(record.sequence, event)
        if event.plant:
            self._breaches.apply(event)
            if "device" in event.plant and event.error is None:
                self._own_events.setdefault(event.event_id, record.sequence)

    def _apply_master(self, record: MasterRecord) -> None:
        self.masterdata.add(record)
        self.index.apply_masterdata(record)
        if isinstance(record, RunStamp):
            self.runs.append(record)

    # ---- what comes in

    def capture(self, report: Report) -> Answer:
        """The answer to one report, given once it is safe in the log. Nothing is dropped, nothing raises."""
        answer = self._the_inbox().take(report)
        self.refresh()
        return answer

    def _the_inbox(self) -> Inbox:
        if self._inbox is None:
            from trace_core.core.inbox import Inbox

            assert self._rules is not None, "capture needs rules: TraceCore(..., rules=profile.rules())"
            self._inbox = Inbox(
                self.log, self.clock, self._rules, self, self._interlock, self._own_events.get, self.refresh
            )
        return self._inbox

    def append_events(self, events: Iterable[Event], source: str = "", reuse: Reuse = Reuse.KEEP) -> list[Appended]:
        """Append events whole or not at all; one without an eventID gets its CBV event hash."""
        from trace_core.exchange.event_hash import event_hash

        named = (one if one.event_id else replace(one, event_id=event_hash(event_to_epcis(one))) for one in events)
        outcomes = self.log.append([entry_of(one, source) for one in named], reuse)
        self.refresh()
        return outcomes

    def append_masterdata(self, records: Iterable[MasterRecord], source: str = "") -> list[Appended]:
        """Append master records whole or not at all."""
        outcomes = self.log.append([entry_of(one, source) for one in records])
        self.refresh()
        return outcomes

    def ingest(
        self, paths: Iterable[Path | str], *, strict: bool = False, mapping: Any = None, watch: Watcher | None = None
    ) -> IngestReport:
        """Take in files of other systems, see :mod:`trace_core.core.ingest`."""
        from trace_core.core.ingest import ingest

        report = ingest(paths, self.log, self.clock, strict=strict, mapping=mapping, watch=watch)
        self.refresh()
        return report

    # ---- what is asked

    def trace(
        self,
        ids: str | Sequence[str],
        direction: str = "backward",
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> TraceAnswer | UnknownThing:
        """The genealogy of what ``ids`` name, see :meth:`TraceIndex.trace`, with what moved in spite of a hold."""
        self.refresh()
        answer = self.index.trace(ids, direction, as_of, known_at)
        if isinstance(answer, UnknownThing):
            return answer
        more = self._breaches.findings((*answer.roots, *answer.lots, *answer.serials, *answer.carriers))
        return replace(answer, findings=(*answer.findings, *more)) if more else answer

    def recall(
        self,
        suspects: Sequence[str] = (),
        station: str | None = None,
        window: tuple[datetime, datetime] | None = None,
        errors: int | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> RecallAnswer | UnknownThing:
        """The scope of a recall of the suspects, or of all that passed ``station`` in ``window``, or of both."""
        from trace_core.core.recall import RecallQuestion, recall

        self.refresh()
        question = RecallQuestion(suspects, station, window, errors, as_of, known_at)
        return recall(question, self.index, lambda: self.evidence(as_of, known_at), self._naming, self._breaches)

    def evidence(self, as_of: datetime | None = None, known_at: datetime | None = None) -> Evidence:
        """The records in the words a scope is argued in; kept until something new stands in the log."""
        from trace_core.scope.reading import evidence_from

        self.refresh()
        moment = (self._applied, as_of, known_at)
        if self._evidence is None or self._evidence[0] != moment:
            self._evidence = (moment, evidence_from(self.index.read(as_of, known_at), self.masterdata))
        return self._evidence[1]

    def verify(self, expect_head: bytes | None = None) -> Verification:
        """Whether the log is as it was written."""
        return self.log.verify(expect_head)

    # ---- control

    def hold(
        self, ids: str | Sequence[str], who: str, why: str, reach: Reach | str = Reach.LOT, *, in_advance: bool = False
    ) -> Hold | UnknownThing:
        """Put what ``ids`` name on hold; the hold stands in the log when this returns.

        ``in_advance`` takes a thing nobody recorded yet, so that it is stopped when it comes. CommandRefused where who
        or why is missing, or a thing is not of the sort ``reach`` speaks of.
        """
        self.refresh()
        wanted = Reach(reach)
        things = self._naming.things((ids,) if isinstance(ids, str) else ids, wanted, in_advance=in_advance)
        if isinstance(things, UnknownThing):
            return things
        event = place_hold(things, wanted, who, why, self.clock.now(), self.log.head().hash)
        self.append_events([event], source="control")
        hold = self._book.get(str(event.plant["holdId"]))
        assert hold is not None, "an appended hold is in the book"
        return hold

    def release(self, hold_id: str, who: str, why: str) -> Release:
        """End a hold; CommandRefused where who or why is missing, or no such hold is in force."""
        self.refresh()
        event = release_hold(hold_id, who, why, self.clock.now(), self.log.head().hash, self._book)
        self.append_events([event], source="control")
        release = self._book.release_of(hold_id)
        assert release is not None, "an appended release is in the book"
        return release

    def holds(self) -> tuple[Hold, ...]:
        """The holds in force, in the order they were placed."""
        self.refresh()
        return self._book.holds()

    def may(self, ids: str | Sequence[str], places: Sequence[str] = ()) -> Answer | UnknownThing:
        """Whether what ``ids`` name may go on (to ``places``): RELEASE, or BLOCK with the hold against it."""
        self.refresh()
        things = self._naming.things((ids,) if isinstance(ids, str) else ids, Reach.LOT)
        if isinstance(things, UnknownThing):
            return things
        return self._interlock.may([one.canonical for one in things], places)

    # ---- what capture asks

    def get(self, key: str, /) -> MasterRecord | None:
        """The latest master record of the id ``key``."""
        return self.masterdata.get(key)

    def was_made(self, lot: Identity) -> bool:
        """Whether some event already reported ``lot`` as an output."""
        return self._surroundings.was_made(lot.canonical)
