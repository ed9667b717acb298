"""Clocks, as parameters: everything that needs the time is given one.

This module is the only one that reads the machine's clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment as an aware datetime in UTC."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment by the machine's clock, to the microsecond."""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands where it was set: for simulated time, replays and tests."""

    def __init__(self, moment: datetime) -> None:
        self._moment = _aware(moment)

    def now(self) -> datetime:
        """The moment last set."""
        return self._moment

    def set(self, moment: datetime) -> None:
        """Move the clock to ``moment``; it may go backwards, as real clocks do."""
        self._moment = _aware(moment)

    def advance(self, seconds: float) -> None:
        """Move the clock forward by ``seconds``."""
        self._moment += timedelta(seconds=seconds)


def _aware(moment: datetime) -> datetime:
    assert moment.tzinfo is not None, f"a clock needs an aware time, got {moment!r}"
    return moment.astimezone(UTC)
