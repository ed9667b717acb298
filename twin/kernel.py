"""Simulated time on SimPy's queue: the only file that knows how SimPy keeps it.

A process is a generator that yields events; whoever needs speed uses `Kernel.call_in`, which puts a plain call into the
same queue without an event object of its own callbacks. Ties go by the order in which things were scheduled. Times are
seconds from the start of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappush
from typing import Any, TypeAlias

import simpy
from simpy.events import NORMAL

Steps: TypeAlias = Generator[simpy.Event, Any, None]
"""What a process is made of."""


class _Call(simpy.Event):
    """A call in the queue; done with, it is kept for the next one."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel._env)  # noqa: SLF001 - this file is the kernel
        self._ok = True
        self._value = None
        self.run: Callable[[], object] = _nothing


def _nothing() -> None:
    return None


class Kernel:
    """The clock and the queue of one run."""

    def __init__(self) -> None:
        self._env = simpy.Environment()
        self._queue: list[Any] = self._env._queue  # noqa: SLF001
        self._idle: list[_Call] = []

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return float(self._env.now)

    def start(self, steps: Steps) -> simpy.Process:
        """Begin a process now."""
        return self._env.process(steps)

    def wait(self, seconds: float) -> simpy.Event:
        """An event ``seconds`` from now."""
        return self._env.timeout(seconds)

    def wait_until(self, moment_s: float) -> simpy.Event:
        """An event at ``moment_s``, or now where that has passed."""
        return self._env.timeout(max(0.0, moment_s - self._env.now))

    def call_in(self, seconds: float, run: Callable[[], object]) -> None:
        """Call ``run`` ``seconds`` from now."""
        call = self._idle.pop() if self._idle else _Call(self)
        call.callbacks = [self._called]
        call.run = run
        env = self._env
        heappush(self._queue, (env._now + seconds, NORMAL, next(env._eid), call))  # noqa: SLF001

    def _called(self, call: simpy.Event) -> None:
        assert isinstance(call, _Call)
        run, call.run = call.run, _nothing
        self._idle.append(call)
        run()

    def signal(self) -> Signal:
        """A new signal of this kernel."""
        return Signal(self._env)

    def run(self, until_s: float) -> None:
        """Run everything up to and including ``until_s``; what is due later stays in the queue."""
        env = self._env
        stop = simpy.Event(env)
        stop._ok, stop._value = True, None  # noqa: SLF001
        # After everything of that moment: no event of SimPy's has a priority behind NORMAL.
        heappush(self._queue, (max(until_s, env._now), NORMAL + 1, next(env._eid), stop))  # noqa: SLF001
        env.run(stop)


class Signal:
    """Something has changed: wakes all who wait for it, in the order in which they came."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._event = env.event()

    def wait(self) -> simpy.Event:
        """The next time it fires."""
        return self._event

    def fire(self) -> None:
        """Wake all who wait."""
        if self._event.callbacks:
            event, self._event = self._event, self._env.event()
            event.succeed()
