"""Simulated time: one queue of plain calls, which SimPy's environment schedules into as well.

The only file that knows how SimPy keeps its clock and queue. A process is a generator that yields events of SimPy.
Whoever needs speed has a plain call put into the same queue: no event is made for it at all. Ties go by the order in
which things were scheduled. Times are seconds from the start of the run. A kernel without generator processes can be
deep-copied, with all that is due, if the calls are bound methods.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Iterator
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import repeat
from math import inf
from typing import Any, TypeAlias

import simpy
from simpy.events import NORMAL

from trace_core.errors import NotCopyable

Steps: TypeAlias = Generator[simpy.Event, Any, None]
"""What a process is made of."""

Due: TypeAlias = tuple[float, int, int, Callable[[], object]]
"""What stands in the queue: when it is due, its priority, its number, and what to call."""

PAUSE = 4096
"""Events between two pauses, in which what was noted down in passing is put in order: a few milliseconds of work."""


class _Reached(Exception):
    """The end of a run is reached."""


def _reached() -> None:
    raise _Reached


class _Environment(simpy.Environment):
    """SimPy's environment, its clock and its queue the kernel's: what it schedules stands there as a call too."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        super().__init__()

    def schedule(self, event: simpy.Event, priority: Any = NORMAL, delay: float = 0) -> None:
        kernel = self._kernel
        due: Due = (kernel.now + delay, priority, next(kernel.order), partial(_happened, event))
        heappush(kernel.agenda, due)

    @property
    def _now(self) -> float:
        return self._kernel.now

    @_now.setter
    def _now(self, moment_s: float) -> None:
        self._kernel.now = moment_s


class Kernel:
    """The clock and the queue of one run.

    ``now``: seconds since the start. ``agenda`` and ``order`` are for the stations that schedule their own calls
    without a detour: they push ``(time, NORMAL, next(order), call)``.
    """

    __slots__ = ("_env", "_pauses", "_processes", "agenda", "now", "order")

    def __init__(self) -> None:
        self.now = 0.0
        self.agenda: list[Due] = []
        # A range counts as fast as itertools.count and can be copied.
        self.order: Iterator[int] = iter(range(2**62))
        self._env = _Environment(self)
        self._pauses: list[Callable[[], object]] = []
        self._processes: list[simpy.Process] = []

    def start(self, steps: Steps) -> simpy.Process:
        """Begin a process now."""
        process = self._env.process(steps)
        self._processes.append(process)
        if len(self._processes) % PAUSE == 0:
            self._forget_the_ended()
        return process

    @property
    def processes(self) -> tuple[str, ...]:
        """The names of the generator processes that have not ended."""
        self._forget_the_ended()
        return tuple(process.name for process in self._processes)

    def _forget_the_ended(self) -> None:
        self._processes = [process for process in self._processes if process.is_alive]

    def wait(self, seconds: float) -> simpy.Event:
        """An event ``seconds`` from now."""
        return self._env.timeout(seconds)

    def wait_until(self, moment_s: float) -> simpy.Event:
        """An event at ``moment_s``, or now where that has passed."""
        return self._env.timeout(max(0.0, moment_s - self.now))

    def call_in(self, seconds: float, run: Callable[[], object]) -> None:
        """Call ``run`` ``seconds`` from now."""
        heappush(self.agenda, (self.now + seconds, NORMAL, next(self.order), run))

    def call_at(self, moment_s: float, run: Callable[[], object]) -> None:
        """Call ``run`` at ``moment_s``, or now where that has passed."""
        heappush(self.agenda, (max(moment_s, self.now), NORMAL, next(self.order), run))

    def cancel(self, run: Callable[[], object]) -> float:
        """Take the call of ``run`` that is due first out of the queue; gives the seconds that were left.

        It must be in the queue. Costs a search of it.
        """
        due = min(due for due in self.agenda if due[3] == run)
        self.agenda.remove(due)
        heapify(self.agenda)
        return due[0] - self.now

    def at_pause(self, run: Callable[[], object]) -> None:
        """Call ``run`` every few thousand events and at the end of each run; it must not change what happens."""
        self._pauses.append(run)

    def signal(self) -> Signal:
        """A new signal of this kernel."""
        return Signal(self._env)

    def peek(self) -> float:
        """When the next thing is due; infinity where nothing is."""
        return float(self.agenda[0][0]) if self.agenda else inf

    def step(self) -> bool:
        """Do the next thing that is due; False where nothing is."""
        if not self.agenda:
            return False
        self.now, _, _, run = heappop(self.agenda)
        run()
        return True

    def run(self, until_s: float) -> None:
        """Run everything up to and including ``until_s``; what is due later stays in the queue."""
        # After everything of that moment: no event of SimPy's has a priority behind NORMAL.
        end = (max(until_s, self.now), NORMAL + 1, next(self.order), _reached)
        heappush(self.agenda, end)
        try:
            self._go_on()
        except _Reached:
            pass
        except BaseException:
            self.agenda.remove(end)
            heapify(self.agenda)
            raise
        self._pause()

    def run_out(self) -> None:
        """Run until nothing is due any more; the clock stays at the last thing that was."""
        self._go_on()
        self._pause()

    def _go_on(self) -> None:
        agenda = self.agenda
        while agenda:
            for _ in repeat(None, PAUSE):
                self.now, _, _, run = heappop(agenda)
                run()
                if not agenda:
                    return
            self._pause()

    def _pause(self) -> None:
        for run in self._pauses:
            run()

    def __deepcopy__(self, memo: dict[int, Any]) -> Kernel:
        if self.processes:
            raise NotCopyable(self.processes[0], "a generator process, which Python cannot copy")
        twin = object.__new__(type(self))
        memo[id(self)] = twin
        for name in self.__slots__:
            setattr(twin, name, copy.deepcopy(getattr(self, name), memo))
        return twin


def _happened(event: simpy.Event) -> None:
    """What SimPy does with an event of its own: tell all who wait; a fault nobody took care of ends the run."""
    callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
    for callback in callbacks:
        callback(event)
    if not event._ok and not hasattr(event, "_defused"):  # noqa: SLF001
        fault = event._value  # noqa: SLF001
        raise type(fault)(*fault.args) from fault


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
