"""When a declared fault strikes: evenly, after a change of lot, around a change of shift, in outages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from twin.observe.shifts import Shifts
from twin.streams import Stream


class Pattern(StrEnum):
    """How a fault is spread over time."""

    INDEPENDENT = "independent"
    """Each report or opportunity by itself, with the same rate."""
    AT_LOT_CHANGE = "at_lot_change"
    """Only the first reports after another lot of the item is named at the station."""
    SHIFT_CHANGE = "shift_change"
    """All the time, ``factor`` times as often around a change of shift."""
    OUTAGE = "outage"
    """Only in intervals that come by chance: exponential gaps, exponential lengths."""


@dataclass(frozen=True, slots=True)
class When:
    """``from_s`` to ``until_s`` (seconds of the run) bound every pattern; the other numbers belong to one each.

    ``first``: how many reports after a lot change. ``factor`` and ``around_s``: how many times as often, how long
    before and after a change of shift. ``every_s`` and ``lasts_s``: mean gap and mean length of outages.
    """

    pattern: Pattern = Pattern.INDEPENDENT
    from_s: float = 0.0
    until_s: float = inf
    first: int = 1
    factor: float = 5.0
    around_s: float = 900.0
    every_s: float = 0.0
    lasts_s: float = 0.0


ALWAYS = When()


class Timing:
    """A :class:`When` in one run. Asked with times that never run backwards."""

    def __init__(self, when: When, shifts: Shifts, luck: Stream) -> None:
        self._when = when
        self._shifts = shifts
        self._luck = luck
        self._begins = self._ends = -1.0
        self._is_plain = when == ALWAYS

    def rate(self, rate: float, now_s: float) -> float:
        """The probability at ``now_s`` of what is declared as ``rate``; a change of lot is the caller's to see."""
        if self._is_plain:
            return rate
        when = self._when
        if not when.from_s <= now_s < when.until_s:
            return 0.0
        if when.pattern is Pattern.SHIFT_CHANGE:
            is_near = self._shifts.seconds_to_change(now_s) <= when.around_s
            return min(1.0, rate * when.factor) if is_near else rate
        if when.pattern is Pattern.OUTAGE:
            return rate if self.is_out(now_s) else 0.0
        return rate

    def is_out(self, now_s: float) -> bool:
        """Whether ``now_s`` lies in an outage. Without a rhythm all of the window is one."""
        when = self._when
        if not when.from_s <= now_s < when.until_s:
            return False
        if when.pattern is not Pattern.OUTAGE:
            return True
        while self._ends <= now_s:
            self._begins = max(self._ends, when.from_s) + self._luck.exponential(when.every_s)
            self._ends = self._begins + self._luck.exponential(when.lasts_s)
        return self._begins <= now_s

    def out_until(self) -> float:
        """When the outage that :meth:`is_out` found ends."""
        when = self._when
        return min(self._ends, when.until_s) if when.pattern is Pattern.OUTAGE else when.until_s
