"""Who moves a run on: a clock on the wall, or somebody outside.

`twin.simulation.simulate` runs as fast as possible. `Paced` follows a monotonic clock at a speed (1 is real time) on
asyncio, with pause, single steps and changes of speed; `Stepped` goes where an outside clock says. All three move the
same :class:`twin.simulation.Running`, so that the same inputs at the same simulated moments give the same bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from math import floor, isfinite

from trace_core.errors import BadInput
from twin.inputs import Action, ExternalInput
from twin.simulation import Running, TwinRun

TICK_S = 0.05
"""The longest sleep: how soon a pause, a speed or an input is taken up; 20 wake-ups a second while nothing is due."""

SLICE_S = 0.02
"""How long events are run before everybody else on the loop has a turn."""

SLICE_MOMENTS = 500
"""The most moments run before that, where the clock stands still."""

FASTEST = 1e6
"""Simulated seconds a second: above it there is nothing to pace."""

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[object]]


class Paced:
    """A run that keeps to a clock. Everything but `run` may be called at any time from the same loop."""

    def __init__(
        self, running: Running, speed: float = 1.0, *, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        """``speed`` is simulated seconds a second; ``clock`` gives monotonic seconds. BadInput for a speed of none."""
        self.running = running
        self._clock, self._sleep = clock, sleep
        self._speed = _checked(speed)
        self._is_paused = False
        self._from_s, self._since = running.now_s, clock()
        self.most_behind_s = 0.0
        """The most that the run ever was behind, in simulated seconds."""

    @property
    def speed(self) -> float:
        """Simulated seconds a second while it is not paused."""
        return self._speed

    @property
    def is_paused(self) -> bool:
        """Whether simulated time stands still."""
        return self._is_paused

    @property
    def target_s(self) -> float:
        """Where the run should be now, in simulated seconds (whole milliseconds), never beyond its end."""
        if self._is_paused:
            return self._from_s
        passed = (self._clock() - self._since) * self._speed
        return max(self._from_s, min(self.running.end_s, floor((self._from_s + passed) * 1000) / 1000))

    @property
    def lag_s(self) -> float:
        """How far the run is behind where it should be, in simulated seconds."""
        return max(0.0, self.target_s - self.running.now_s)

    def pause(self) -> None:
        """Stop simulated time where the run is."""
        self._count_from_here()
        self._is_paused = True

    def resume(self) -> None:
        """Go on from where the run is; nothing is caught up."""
        self._is_paused = False
        self._count_from_here()

    def change_speed(self, speed: float) -> None:
        """Go on at ``speed`` from where the run is; what it was behind is let go."""
        self._speed = _checked(speed)
        self._count_from_here()

    def step(self) -> float:
        """Pause, and let happen what is due at the next moment; gives that moment in simulated seconds."""
        self.pause()
        self.running.run_until(self.running.next_s)
        self._count_from_here()
        return self.running.now_s

    def apply(self, action: Action) -> ExternalInput:
        """Do ``action`` where the run is now, see :meth:`twin.simulation.Running.apply`."""
        return self.running.apply(action)

    def _count_from_here(self) -> None:
        self._from_s, self._since = self.running.now_s, self._clock()

    async def run(self) -> TwinRun:
        """Keep to the clock until the end of the run; gives the finished run. The loop is never held for long."""
        while not self.running.is_over:
            self._run_a_slice()
            if not self.running.is_over:
                await self._sleep(self._pause_before_next())
        return self.running.finish()

    def _run_a_slice(self) -> None:
        running, began, target_s = self.running, self._clock(), self.target_s
        for _ in range(SLICE_MOMENTS):
            due_s = running.next_s
            if due_s >= target_s or self._clock() - began >= SLICE_S:
                break
            running.run_until(due_s)
        if running.next_s >= target_s > running.now_s:
            running.run_until(target_s)
        self.most_behind_s = max(self.most_behind_s, self.lag_s)

    def _pause_before_next(self) -> float:
        """Seconds to sleep; 0 while it is behind."""
        if self._is_paused:
            return TICK_S
        if self.lag_s > 0.0:
            return 0.0
        return min(TICK_S, max(0.001, (self.running.next_s - self.target_s) / self._speed))


def _checked(speed: float) -> float:
    if not (isfinite(speed) and 0.0 < speed <= FASTEST):
        raise BadInput(f"a speed above 0 and up to {FASTEST:,.0f} simulated seconds a second", speed, "speed")
    return speed


class Stepped:
    """A run that an outside clock moves: a co-simulation, a game, a test bench."""

    def __init__(self, running: Running) -> None:
        self.running = running

    def advance_to(self, moment: float | datetime) -> float:
        """Let everything happen up to and including ``moment`` (seconds from the start, or a time with its zone).

        Gives when something happens next, in simulated seconds, so that the outside clock may go there at once.
        BadInput for a moment before the one the run has reached, or after its end.
        """
        running = self.running
        moment_s = (moment - running.spec.start).total_seconds() if isinstance(moment, datetime) else moment
        if not running.now_s <= moment_s <= running.end_s:
            raise BadInput(f"a moment from {running.now_s} to {running.end_s} s", moment_s, "advance_to")
        running.run_until(moment_s)
        return running.next_s

    def finish(self) -> TwinRun:
        """Run to the end; gives the finished run."""
        return self.running.finish()
