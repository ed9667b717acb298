"""The declared table from report to facts: what a record of a device or a posting of a business system comes to.

Nothing here refuses by exception and nothing is dropped: what cannot be understood comes back as a
:class:`~trace_core.capture.rejection.Rejection`, which the core answers and quarantines.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from trace_core.capture.device_facts import RECEIVED, Knowledge, facts_of_record
from trace_core.capture.posting_facts import facts_of_posting
from trace_core.capture.records import DeviceRecord, Report
from trace_core.capture.rejection import Rejection, RejectReason
from trace_core.capture.rules import CaptureRules
from trace_core.errors import BadInput
from trace_core.vocabulary.events import Event, TransformationEvent
from trace_core.vocabulary.masterdata import MasterRecord

Fact: TypeAlias = Event | MasterRecord
"""What a report comes to: something that happened, or what something is."""

JUDGED = frozenset({"certificate", "clockQuality", "despiteHold"})
"""Plant facts that the core adds to what the record says, from what it knew when the record came in."""

_INTERVAL = frozenset({"start", "end"})


def events_of(
    report: Report, rules: CaptureRules, knowledge: Knowledge, received: datetime
) -> tuple[Fact, ...] | Rejection:
    """The facts ``report`` states; empty for a question (ARRIVE), a Rejection where it cannot be understood.

    ``received`` stands in for the time of a device without a clock, and the event says so in ``plant:clockQuality``.
    """
    try:
        if isinstance(report, DeviceRecord):
            return facts_of_record(report, rules, knowledge, received)
        return facts_of_posting(report, rules)
    except BadInput as error:  # the one edge where an id that no scheme can hold becomes an answer
        return Rejection(RejectReason.BAD_IDENTIFIER, str(error))


def replayed(event: Event, earlier: Event) -> Event:
    """``event`` with all that its record does not say taken from ``earlier``, the event of the same key.

    A device that repeats a record must meet its own event again, even where papers came in between.
    """
    copied = JUDGED
    more: dict[str, Any] = {"sources": earlier.sources, "destinations": earlier.destinations}
    if isinstance(event, TransformationEvent):
        more["biz_step"] = earlier.biz_step
    if event.plant.get("clockQuality") == earlier.plant.get("clockQuality") == RECEIVED:
        more["event_time"] = earlier.event_time
        copied = JUDGED | _INTERVAL
    said = {key: value for key, value in event.plant.items() if key not in copied}
    added = {key: value for key, value in earlier.plant.items() if key in copied}
    return replace(event, plant=said | added, **more)
