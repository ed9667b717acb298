"""When a station is open: the declared shifts on the plant's calendar, or plain intervals that repeat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from math import floor, inf
from typing import Protocol

from plant_models.work import Shift
from trace_core.errors import BadInput
from twin.calendar import WEEKDAYS, Calendar

MOST_STEPS = 10_000
"""Ends of shifts and breaks looked at to find the next change: a year of breaks; where all agree, nothing changes."""


class Hours(Protocol):
    """When a station is open."""

    def is_open(self, now_s: float) -> bool:
        """Whether it is open at ``now_s``."""

    def next_change(self, now_s: float) -> tuple[float, bool]:
        """The next moment after ``now_s`` at which it opens (True) or closes; infinity where there is none."""


class Repeated:
    """Open in ``intervals`` of seconds, each from its begin to before its end, again every ``period`` seconds."""

    __slots__ = ("_intervals", "_period")

    def __init__(self, intervals: Sequence[tuple[float, float]], period: float) -> None:
        ends = [end for interval in intervals for end in interval]
        if ends != sorted(ends) or not ends or ends[0] < 0 or ends[-1] > period:
            raise BadInput("intervals in order, within the period", list(intervals), "Repeated")
        self._intervals = tuple(one for one in intervals if one[0] < one[1])
        self._period = period

    def is_open(self, now_s: float) -> bool:
        """Whether it is open at ``now_s``."""
        within = now_s - floor(now_s / self._period) * self._period
        return any(begin <= within < end for begin, end in self._intervals)

    def next_change(self, now_s: float) -> tuple[float, bool]:
        """The next moment after ``now_s`` at which it opens (True) or closes."""
        start = floor(now_s / self._period) * self._period
        is_open = self.is_open(now_s)
        for round_s in (start, start + self._period, start + 2 * self._period):
            for end in sorted({end for interval in self._intervals for end in interval}):
                if round_s + end > now_s and self.is_open(round_s + end) != is_open:
                    return round_s + end, not is_open
        return inf, is_open


class ShiftHours:
    """Open in the declared ``shifts``, closed in their breaks, on the plant's wall clock."""

    __slots__ = ("_calendar", "_edges", "_shifts")

    def __init__(self, shifts: Sequence[Shift], calendar: Calendar) -> None:
        self._shifts = tuple(shifts)
        self._calendar = calendar
        clocks = {clock for shift in shifts for clock in (shift.begins, shift.ends)}
        clocks |= {clock for shift in shifts for one in shift.breaks for clock in (one.begins, one.ends)}
        self._edges: tuple[time, ...] = tuple(sorted(clocks))

    def is_open(self, now_s: float) -> bool:
        """Whether a shift is on and no break of it."""
        return any(self._is_within(shift, now_s) for shift in self._shifts)

    def _is_within(self, shift: Shift, now_s: float) -> bool:
        if not self._is_between(shift.days, shift.begins, shift.ends, now_s):
            return False
        return not any(self._is_between(WEEKDAYS, one.begins, one.ends, now_s) for one in shift.breaks)

    def _is_between(self, days: Sequence[str], begins: time, ends: time, now_s: float) -> bool:
        """Whether the last begin on one of ``days`` is later than the last end that follows one."""
        opened = self._last(days, begins, now_s)
        return opened > -inf and self._calendar.next(WEEKDAYS, ends, opened) > now_s

    def _last(self, days: Sequence[str], clock: time, now_s: float) -> float:
        """The last ``clock`` of one of ``days`` up to ``now_s``, looking back a little more than a day."""
        found, moment = -inf, now_s - 100_000.0
        while (moment := self._calendar.next(days, clock, moment)) <= now_s:
            found = moment
        return found

    def next_change(self, now_s: float) -> tuple[float, bool]:
        """The next moment after ``now_s`` at which it opens (True) or closes; infinity where there is none."""
        is_open, moment = self.is_open(now_s), now_s
        for _ in range(min(MOST_STEPS, 16 * len(self._edges))):
            moment = min(self._calendar.next(WEEKDAYS, clock, moment) for clock in self._edges)
            if self.is_open(moment) != is_open:
                return moment, not is_open
        return inf, is_open
