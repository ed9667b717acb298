"""A station with more than plain service: several machines, hours, breakdowns, set-ups, collecting, order of rank."""

from __future__ import annotations

from bisect import insort_right
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from trace_core.errors import BadInput
from twin.line.features import Breakdowns, Collects, SetUp
from twin.line.places import STATES, Giver, Load, Node, let_in
from twin.line.server import EMPTY, MATERIAL, Server
from twin.line.station import Station

if TYPE_CHECKING:
    from twin.line.hours import Hours
    from twin.line.line import Line


class Machine(Station, kind="with features"):
    """See `Station`: ``serves`` machines, each with its own breakdowns and set-ups, one queue before them."""

    __slots__ = (
        "_arrivals",
        "_collects",
        "_held",
        "_hours",
        "_is_open",
        "_is_stopped",
        "_look_s",
        "_pauses",
        "_rank",
        "_servers",
        "asks_before",
        "breakdowns",
        "next_set_up",
        "set_up",
    )

    def __init__(
        self,
        line: Line,
        name: str,
        *,
        blocking: Literal["after", "before"] = "after",
        opens: Hours | None = None,
        at_close: Literal["finishes", "pauses"] = "finishes",
        breakdowns: Sequence[Breakdowns] = (),
        set_up: SetUp | None = None,
        collects: Collects | None = None,
        rank: Callable[[Load], Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(line, name, **options)
        if collects is not None and rank is not None:
            raise BadInput("a rank, or a number of loads it collects", "both", f"station {name}")
        self.asks_before = blocking == "before"
        self.breakdowns = tuple(breakdowns)
        self.set_up = set_up
        self.next_set_up = line.sampler(None if set_up is None else set_up.takes, f"{name}/set-up")
        self._collects = collects
        self._rank = rank
        self._arrivals: deque[float] = deque()
        self._look_s = -1.0
        self._held = 0.0
        self._is_stopped = False
        self._hours = opens
        self._is_open = opens is None or opens.is_open(self.began)
        self._pauses = at_close == "pauses"
        self._servers = [Server(self, number) for number in range(self.serves)]
        self._await_change()

    # ---- loads come in

    def is_free(self) -> bool:
        """Whether it would take a load now."""
        collects = self._collects
        if collects is None:
            return len(self._queue) < self._places or self._ready() is not None
        chamber = 0 if self._ready() is None else collects.loads
        return len(self._queue) < self._places + chamber

    def offer(self, load: Load, giver: Giver) -> bool:
        """True: taken; else ``giver`` waits for room."""
        if self._collects is None and not self._queue and (server := self._ready()) is not None:
            self._held -= self._kernel.now
            server.take(load, 1)
            return True
        if not self.is_free():
            self.givers.append(giver)
            return False
        self._waited -= self._kernel.now
        if self._rank is None:
            self._queue.append(load)
        else:
            insort_right(self._queue, load, key=self._rank)
        if self._collects is not None:
            self._arrivals.append(self._kernel.now)
        self.dispatch()
        return True

    def _ready(self) -> Server | None:
        """The first of the machines that can take a load."""
        if not self.accepts:
            return None
        for server in self._servers:
            if server.phase == EMPTY and not server.down:
                return server
        return None

    def dispatch(self) -> None:
        """Give waiting loads to machines that can take them."""
        while self._queue and (server := self._ready()) is not None:
            count = 1 if self._collects is None else self._charge(self._collects)
            if count == 0:
                return
            now = self._kernel.now
            self._waited += count * now
            self._held -= count * now
            if self._collects is None:
                server.take(self._queue.popleft(), 1)
                continue
            for _ in range(count):
                self._arrivals.popleft()
            server.take(tuple(self._queue.popleft() for _ in range(count)), count)

    def _charge(self, collects: Collects) -> int:
        """How many loads begin together now; 0 while it waits for more."""
        here, now = len(self._queue), self._kernel.now
        if here >= collects.loads:
            return collects.loads
        if collects.waits is None:
            return 0
        latest = self._arrivals[0] + collects.waits
        if now >= latest:
            return here
        if self._look_s != latest:
            self._look_s = latest
            self._kernel.call_at(latest, self._look)
        return 0

    def _look(self) -> None:
        self.dispatch()
        let_in(self)

    # ---- what its machines ask

    def target_of(self, load: Load) -> Node:
        """Where ``load`` goes on."""
        return self._target(load[0] if isinstance(load, tuple) and self._collects is not None else load)

    @property
    def works(self) -> bool:
        """Whether work of the caller's says what becomes of a load."""
        return self._work is not None

    def seconds_of(self, load: Load) -> float:
        """How long ``load`` takes; below 0 where it cannot begin."""
        return self._takes() if self._work is None else self._work.begin(load)

    def results_of(self, load: Load, count: int, begin_s: float) -> list[Load]:
        """What goes on of ``load``, which is finished."""
        self._finished += count
        if self._work is not None:
            results = self._results(self._work.end(load), count)
            self._held += (count - len(results)) * self._kernel.now
            return results
        loads = [load] if self._collects is None else list(load)
        for one in loads:
            self._log.extend((self._kernel.now, begin_s, self._number, one))
        return loads

    def gave(self) -> None:
        """A load has left it."""
        self._held += self._kernel.now

    def moved_up(self) -> Machine:
        """A machine is empty, and the next loads come in; those who wait for room are told by the caller."""
        self.dispatch()
        return self

    def emptied(self) -> None:
        """A machine is empty: the next loads come in."""
        self.dispatch()
        if self.givers:
            let_in(self)

    def scrapped(self, load: Load, count: int) -> None:
        """A breakdown has spoilt ``load``."""
        stopped = getattr(self._work, "stopped", None)
        if stopped is not None:
            stopped(load)
        self.line.came(-count)
        self._held += count * self._kernel.now

    # ---- hours, and stops from outside

    @property
    def accepts(self) -> bool:
        """Whether a load may begin."""
        return self._is_open and not self._is_stopped

    @property
    def is_halted(self) -> bool:
        """Whether what is under way stands still."""
        return self._is_stopped or (self._pauses and not self._is_open)

    def _await_change(self) -> None:
        if self._hours is not None:
            moment, _ = self._hours.next_change(self._kernel.now)
            if moment < float("inf"):
                self._kernel.call_at(moment, self._change)

    def _change(self) -> None:
        assert self._hours is not None
        self._is_open = self._hours.is_open(self._kernel.now)
        self._await_change()
        self._adjust()

    def _adjust(self) -> None:
        """Halt what must stand still, let go on what may."""
        for server in self._servers:
            if self.is_halted:
                server.halt()
            else:
                server.go_on()
        self.dispatch()
        let_in(self)

    def stop(self) -> None:
        """From outside: no load begins or goes on, until `resume`. A finished load still leaves where there is room."""
        self._is_stopped = True
        self._adjust()

    def resume(self) -> None:
        """From outside: it goes on."""
        self._is_stopped = False
        self._adjust()

    def retry(self) -> None:
        """Work that could not begin is asked again, machine by machine."""
        for server in self._servers:
            if server.phase == MATERIAL:
                server.go_on()

    # ---- what it tells

    @property
    def is_stopped(self) -> bool:
        """Whether it is stopped from outside."""
        return self._is_stopped

    @property
    def occupied(self) -> int:
        """Loads in its machines."""
        return sum(server.occupied for server in self._servers)

    @property
    def states(self) -> tuple[str, ...]:
        """What each of its machines is at now."""
        return tuple(STATES[server.state] for server in self._servers)

    def _spent(self) -> list[float]:
        times = [server.times() for server in self._servers]
        return [sum(one[state] for one in times) for state in range(len(STATES))]

    def load_seconds(self) -> float:
        """Loads in it and before it, integrated over time."""
        return self._held + self.occupied * self._kernel.now + self.queue_seconds()

    def waits_on(self) -> tuple[object, ...] | None:
        """The nodes its machines are blocked by; None where one of them goes on by itself or could take a load."""
        found: list[object] = []
        for server in self._servers:
            waits = server.waits_on()
            if waits is None:
                return None
            found.extend(waits)
        return tuple(found)
