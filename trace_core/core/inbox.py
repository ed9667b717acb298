"""Where reports come in: rules make facts of them, control says what stands against them, the log keeps them.

What a device reports has happened, and is recorded whatever the holds say; the answer tells the device to stop. A
question (ARRIVE) has not happened, and is only recorded where it was refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from trace_core.capture.device_facts import Knowledge, event_id_of, refusal_of, things_of
from trace_core.capture.facts import Fact, events_of, replayed
from trace_core.capture.quarantine import quarantined
from trace_core.capture.records import Answer, AnswerCode, DeviceRecord, RecordType, Report
from trace_core.capture.rejection import Rejection, RejectReason
from trace_core.capture.rules import CaptureRules
from trace_core.control.interlock import Block, Interlock, answer_to
from trace_core.core.entries import entry_of, event_of
from trace_core.log.port import EventLog, Outcome, Reuse
from trace_core.vocabulary.clock import Clock
from trace_core.vocabulary.events import Event

OWN_EVENTS = "urn:plant:event:"
"""How the id of every event begins that capture made."""

_MOVING = frozenset({RecordType.CONSUME, RecordType.COMPLETE, RecordType.MOUNT, RecordType.PACK, RecordType.SHIP})


class Inbox:
    """Takes in one report after another. Not shared between threads."""

    def __init__(
        self,
        log: EventLog,
        clock: Clock,
        rules: CaptureRules,
        knowledge: Knowledge,
        interlock: Interlock,
        stored_at: Callable[[str], int | None],
        refresh: Callable[[], None],
    ) -> None:
        self._log = log
        self._clock = clock
        self._rules = rules
        self._knowledge = knowledge
        self._interlock = interlock
        self._stored_at = stored_at
        self._refresh = refresh

    def take(self, report: Report) -> Answer:
        """The answer to ``report``, given once it is safe in the log."""
        self._refresh()
        received = self._clock.now()
        facts = events_of(report, self._rules, self._knowledge, received)
        if isinstance(facts, Rejection):
            return self._reject(report, facts)
        blocks = self._blocks(report)
        if isinstance(report, DeviceRecord) and report.type is RecordType.ARRIVE:
            return self._answer_question(report, blocks, received)
        for fact in facts:
            refused = self._keep(fact, report, blocks)
            if refused is not None:
                return refused
        if not isinstance(report, DeviceRecord):
            return Answer(AnswerCode.RELEASE)
        self._refresh()  # what it reports may lie under a hold from now on: made of or packed with something held
        return answer_to([one.canonical for one in things_of(report)], self._blocks(report))

    def _reject(self, report: Report, rejection: Rejection) -> Answer:
        self._log.append([quarantined(report, rejection)])
        return Answer(AnswerCode.REJECT_FORMAT, int(rejection.reason), rejection.text)

    def _blocks(self, report: Report) -> tuple[Block, ...]:
        if not isinstance(report, DeviceRecord):
            return ()
        station = self._rules.stations[report.device, report.station]
        vessel = self._rules.slots.get((report.device, report.slot), "")
        things = [one.canonical for one in things_of(report)]
        places = [one for one in (station.location, station.equipment) if one]
        return self._interlock.blocks([*things, vessel] if vessel else things, places)

    def _answer_question(self, record: DeviceRecord, blocks: Sequence[Block], received: datetime) -> Answer:
        if blocks and self._stored_at(event_id_of(record)) is None:
            event = refusal_of(record, self._rules, received, _hold_ids(blocks))
            self._log.append([entry_of(event, record.device)])
        return answer_to([one.canonical for one in things_of(record)], blocks)

    def _keep(self, fact: Fact, report: Report, blocks: Sequence[Block]) -> Answer | None:
        """Append the fact; an answer where it was no news, or contradicts what its key said before."""
        source = report.device if isinstance(report, DeviceRecord) else report.source
        if isinstance(fact, Event):
            if blocks and isinstance(report, DeviceRecord) and report.type in _MOVING:
                fact = replace(fact, plant={**fact.plant, "despiteHold": [*_hold_ids(blocks)]})
            earlier = self._earlier(fact.event_id)
            if earlier is not None:
                fact = replayed(fact, earlier)
        (done,) = self._log.append([entry_of(fact, source)], Reuse.QUARANTINE)
        if done.outcome is Outcome.DUPLICATE:
            return Answer(AnswerCode.DUPLICATE, text="the same report was taken in before")
        if done.outcome is Outcome.QUARANTINED:
            return Answer(AnswerCode.REJECT_FORMAT, int(RejectReason.REUSED_KEY), done.note)
        return None

    def _earlier(self, event_id: str) -> Event | None:
        sequence = self._stored_at(event_id)
        if sequence is None:
            return None
        return event_of(next(iter(self._log.read(after=sequence - 1, limit=1))))


def _hold_ids(blocks: Sequence[Block]) -> list[str]:
    return list(dict.fromkeys(block.hold.hold_id for block in blocks))
