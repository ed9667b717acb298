"""The plant's wall clock: from seconds of the run to moments, and from times of day to seconds of the run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Calendar:
    """Counts seconds from ``start`` and knows the plant's time zone, summer time included."""

    def __init__(self, start: datetime, zone: str) -> None:
        self.start = start.astimezone(UTC)
        self._zone = ZoneInfo(zone)

    def moment(self, now_s: float) -> datetime:
        """The moment ``now_s`` seconds into the run, in UTC, to the millisecond: what a device's clock shows."""
        return self.start + timedelta(milliseconds=round(now_s * 1000))

    def seconds_to(self, moment: datetime) -> float:
        """Seconds from the start of the run to ``moment``."""
        return (moment - self.start).total_seconds()

    def weekday(self, now_s: float) -> str:
        """The day of the week on the plant's wall clock."""
        return WEEKDAYS[self.moment(now_s).astimezone(self._zone).weekday()]

    def local_date(self, now_s: float) -> date:
        """The date on the plant's wall clock."""
        return self.moment(now_s).astimezone(self._zone).date()

    def next(self, days: Collection[str], at: time, after_s: float) -> float:
        """Seconds to the first ``at`` of one of ``days`` that is later than ``after_s``.

        A time of day that summer time leaves out comes an hour later; one that comes twice counts once, the first time.
        """
        assert days, "a calendar entry needs at least one weekday"
        day = self.moment(after_s).astimezone(self._zone).date() - timedelta(days=1)
        while True:
            if WEEKDAYS[day.weekday()] in days:
                found = self.seconds_to(datetime.combine(day, at, self._zone).astimezone(UTC))
                if found > after_s:
                    return found
            day += timedelta(days=1)
