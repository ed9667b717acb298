"""The way from devices to the core: what is on it, and what arrives when."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from trace_core.capture.records import Report
from twin.calendar import Calendar

Deliver = Callable[[Report, datetime], object]
"""Takes a report and the moment it arrives; called in order of arrival."""


@dataclass(slots=True, eq=False)
class Envelope:
    """A report on its way; one that is withdrawn never arrives."""

    report: Report
    due_s: float
    order: int
    is_withdrawn: bool = False


class Transit:
    """Everything that was sent and has not arrived; what is due at one time arrives in the order of sending."""

    def __init__(self, calendar: Calendar, deliver: Deliver | None) -> None:
        self._calendar = calendar
        self._deliver = deliver
        self._queue: list[tuple[float, int, int, Envelope]] = []
        self._order = 0
        self.delivered = 0
        """How many reports have arrived."""

    def send(self, due_s: float, report: Report) -> Envelope:
        """Put ``report`` on its way; it arrives at ``due_s``."""
        envelope = Envelope(report, due_s, self._order + 1)
        self._put(envelope)
        return envelope

    def release(self, envelope: Envelope, due_s: float, report: Report) -> None:
        """Send ``report`` in place of what ``envelope`` holds, and at ``due_s``; before all that was sent after it."""
        envelope.is_withdrawn = True
        self._put(Envelope(report, due_s, envelope.order))

    def _put(self, envelope: Envelope) -> None:
        self._order += 1
        heapq.heappush(self._queue, (envelope.due_s, envelope.order, self._order, envelope))

    def arrive(self, until_s: float) -> None:
        """Deliver what is due by ``until_s``."""
        queue = self._queue
        while queue and queue[0][0] <= until_s:
            due_s, _, _, envelope = heapq.heappop(queue)
            if not envelope.is_withdrawn:
                self.hand_over(envelope.report, self._calendar.moment(due_s))

    def hand_over(self, report: Report, arrives: datetime) -> None:
        """Deliver ``report`` at once."""
        self.delivered += 1
        if self._deliver is not None:
            self._deliver(report, arrives)
