"""When shifts change: as the plant declares it, else every eight hours from the start of the run."""

from __future__ import annotations

from bisect import bisect_right
from datetime import time

from plant_models.spec import PlantSpec
from twin.calendar import Calendar

DEFAULT_SHIFT_S = 8 * 3600.0
"""Three shifts a day, where a plant declares none."""


class Shifts:
    """The changes of shift, numbered from 0 for the first shift of the run."""

    def __init__(self, spec: PlantSpec, calendar: Calendar) -> None:
        declared = [one for shifts in spec.shifts.values() for one in shifts]
        self._calendar = calendar
        self._marks: tuple[tuple[tuple[str, ...], time], ...] = tuple(
            dict.fromkeys((tuple(one.days), at) for one in declared for at in (one.begins, one.ends))
        )
        self._changes: list[float] = []
        self._now = (0.0, 0.0, 0)
        """The shift asked for last: from when to when, and its number."""

    def number(self, now_s: float) -> int:
        """How many changes there were by ``now_s``."""
        if not self._marks:
            return int(now_s // DEFAULT_SHIFT_S)
        since, until, number = self._now
        if not since <= now_s < until:
            self._know(now_s)
            number = bisect_right(self._changes, now_s)
            self._now = (self._changes[number - 1] if number else 0.0, self._changes[number], number)
        return number

    def ends(self, now_s: float) -> float:
        """When the shift of ``now_s`` ends."""
        if not self._marks:
            return (now_s // DEFAULT_SHIFT_S + 1) * DEFAULT_SHIFT_S
        self._know(now_s)
        return self._changes[bisect_right(self._changes, now_s)]

    def began(self, now_s: float) -> float:
        """When the shift of ``now_s`` began; 0 for the first of the run."""
        if not self._marks:
            return now_s // DEFAULT_SHIFT_S * DEFAULT_SHIFT_S
        self._know(now_s)
        number = bisect_right(self._changes, now_s)
        return self._changes[number - 1] if number else 0.0

    def seconds_to_change(self, now_s: float) -> float:
        """How far the nearest change is, past or to come; the start of the run is none."""
        began = self.began(now_s)
        to_come = self.ends(now_s) - now_s
        return min(now_s - began, to_come) if began > 0.0 else to_come

    def _know(self, now_s: float) -> None:
        """List the changes up to the first one after ``now_s``."""
        while not self._changes or self._changes[-1] <= now_s:
            last = self._changes[-1] if self._changes else 0.0
            self._changes.append(min(self._calendar.next(days, at, last) for days, at in self._marks))
