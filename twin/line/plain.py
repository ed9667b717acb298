"""The plain station: always open, never failing, one load at a time, blocking after service. Nothing here can wait."""

from __future__ import annotations

from heapq import heappush
from typing import Any

from simpy.events import NORMAL

from twin.laws import Law, Recorded
from twin.line.places import (
    BLOCKED,
    CLOSED,
    STARVED,
    STATES,
    WAITING_MATERIAL,
    WORKING,
    Giver,
    Load,
    Node,
    let_in,
)
from twin.line.station import Station

_NOBODY = "nobody"
"""In the place of a load while a station without one is stopped: whoever comes must wait. A copy has the same."""


class PlainStation(Station, kind="plain"):
    """See `Station`. Its finished loads go to ``_then`` without a function call where that is one node."""

    __slots__ = (
        "_agenda",
        "_at",
        "_blocked",
        "_done",
        "_held",
        "_load",
        "_more",
        "_order",
        "_other",
        "_paused",
        "_since",
        "_starved",
        "_state",
        "_times",
        "_working",
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._agenda = self._kernel.agenda
        self._order = self._kernel.order
        self._done = self._finish if self._work is None else self._finish_work
        # Where times are drawn ahead and no work is asked, they are taken from there without a call.
        is_drawn = self._work is None and isinstance(self._takes, Law | Recorded)
        self._times: list[float] = self._takes.times if is_drawn else []  # type: ignore[attr-defined]
        self._load: Load = None
        self._more: list[Load] = []
        self._at: Node | None = None
        self._paused: _Pause | None = None
        self._state = STARVED
        self._since = self.began
        self._working = self._starved = self._blocked = self._held = 0.0
        self._other = [0.0] * len(STATES)

    def is_free(self) -> bool:
        """Whether it would take a load now."""
        return self._load is None or len(self._queue) < self._places

    def offer(self, load: Load, giver: Giver) -> bool:
        """True: taken; else ``giver`` waits for room."""
        if self._load is None:
            now = self._kernel.now
            self._starved += now - self._since
            self._since = now
            self._load = load
            times = self._times
            if times:
                self._state = WORKING
                heappush(self._agenda, (now + times.pop(), NORMAL, next(self._order), self._done))
            else:
                self._begin()
            return True
        queue = self._queue
        if len(queue) < self._places:
            self._waited -= self._kernel.now
            queue.append(load)
            return True
        self.givers.append(giver)
        return False

    def _begin(self) -> None:
        """Begin on the load in it: by its work, or where the times drawn ahead are used up."""
        seconds = self._takes() if self._work is None else self._work.begin(self._load)
        if seconds < 0:
            self._state = WAITING_MATERIAL
            return
        self._state = WORKING
        heappush(self._agenda, (self._kernel.now + seconds, NORMAL, next(self._order), self._done))

    def _finish(self) -> None:
        """The load in it is finished. Written out without calls: this is where a line spends its time."""
        now, load, since = self._kernel.now, self._load, self._since
        self._working += now - since
        self._since = now
        self._log.extend((now, since, self._number, load))
        then = self._then
        if then is None:
            then = self._target(load)
        if not then.offer(load, self):
            self._state = BLOCKED
            self._at = then
            return
        queue = self._queue
        if queue:
            self._waited += now
            self._load = queue.popleft()
            times = self._times
            if times:
                heappush(self._agenda, (now + times.pop(), NORMAL, next(self._order), self._done))
            else:
                self._begin()
        else:
            self._load = None
            self._state = STARVED
        if self.givers:
            self._let_in()

    def _let_in(self) -> None:
        """One place got free: whoever waits first is told, and others only if it did not take it."""
        freed = self.givers.popleft().room(self)
        if freed is not None and freed.givers:
            let_in(freed)
        if self.givers and (self._load is None or len(self._queue) < self._places):
            let_in(self)

    def _finish_work(self) -> None:
        """The same for a station whose work says what becomes of the load."""
        assert self._work is not None
        load = self._load
        self._spend(self._kernel.now)
        self._finished += 1
        results = self._results(self._work.end(load), 1)
        if not results:
            moved = self._emptied()
        else:
            self._load, *self._more = results
            self._held -= len(self._more) * self._kernel.now
            moved = self._pass_on(self._target(self._load))
        if moved and self.givers:
            self._let_in()

    def _pass_on(self, then: Node) -> bool:
        """Give on what is finished; whether its queue moved up."""
        while then.offer(self._load, self):
            if not self._more:
                return self._emptied()
            self._load = self._more.pop(0)
            self._held += self._kernel.now
            then = self._target(self._load)
        self._state = BLOCKED
        self._at = then
        return False

    def _emptied(self) -> bool:
        if self._paused is not None:
            self._load = _NOBODY
            self._state = CLOSED
            return False
        self._next(self._kernel.now)
        return True

    def _next(self, now: float) -> None:
        """The machine is empty: the next load comes in."""
        queue = self._queue
        if queue:
            self._waited += now
            self._load = queue.popleft()
            times = self._times
            if times:
                self._state = WORKING
                heappush(self._agenda, (now + times.pop(), NORMAL, next(self._order), self._done))
            else:
                self._begin()
        else:
            self._load = None
            self._state = STARVED

    def room(self, node: Node) -> Station | None:
        """Where the finished load goes there is room: the machine gets empty, and so may its own queue."""
        self._spend(self._kernel.now)
        return self if self._pass_on(node) else None

    def retry(self) -> None:
        """Work that could not begin is asked again."""
        if self._state == WAITING_MATERIAL:
            self._spend(self._kernel.now)
            self._begin()

    def _spend(self, now: float) -> None:
        """Note the time in the present state; it begins anew."""
        passed, self._since = now - self._since, now
        if self._state == WORKING:
            self._working += passed
        elif self._state == BLOCKED:
            self._blocked += passed
        elif self._state == STARVED:
            self._starved += passed
        else:
            self._other[self._state] += passed

    def stop(self) -> None:
        """From outside: no load begins or goes on, until `resume`. A finished load still leaves where there is room."""
        if self._paused is not None:
            return
        self._paused = _Pause(self._state, self._since)
        if self._state == BLOCKED:
            return
        if self._state == WORKING:
            self._paused.left = self._kernel.cancel(self._done)
        self._spend(self._kernel.now)
        self._state = CLOSED
        if self._load is None:
            self._load = _NOBODY
        else:
            self._held -= self._kernel.now

    def resume(self) -> None:
        """From outside: it goes on."""
        paused, self._paused = self._paused, None
        if paused is None or self._state == BLOCKED:
            return
        now = self._kernel.now
        self._spend(now)
        if self._load is _NOBODY:
            self._next(now)
            let_in(self)
            return
        self._held += now
        self._state = paused.state
        if paused.state == WORKING:
            # The operation began when it did; the pause in it is no work.
            self._working -= now - paused.since
            self._since = paused.since
            self._kernel.call_in(paused.left, self._done)
        elif paused.state == WAITING_MATERIAL:
            self._begin()

    @property
    def is_stopped(self) -> bool:
        """Whether it is stopped from outside."""
        return self._paused is not None

    @property
    def occupied(self) -> int:
        """Loads in it."""
        return 0 if self._load is None or self._load is _NOBODY else 1 + len(self._more)

    @property
    def states(self) -> tuple[str, ...]:
        """What it is at now."""
        return (STATES[self._state],)

    def _spent(self) -> list[float]:
        spent = list(self._other)
        spent[WORKING], spent[STARVED], spent[BLOCKED] = self._working, self._starved, self._blocked
        spent[self._state] += self._kernel.now - self._since
        return spent

    def load_seconds(self) -> float:
        """Loads in it and before it, integrated over time."""
        spent, now = self._spent(), self._kernel.now
        held = self._held + len(self._more) * now
        if self._state == CLOSED and self._load is not _NOBODY:
            held += now
        return spent[WORKING] + spent[BLOCKED] + spent[WAITING_MATERIAL] + held + self.queue_seconds()

    def waits_on(self) -> tuple[object, ...] | None:
        """The node it is blocked by; nobody in the line where it waits for material."""
        if self._state == BLOCKED:
            return (self._at,)
        return () if self._state == WAITING_MATERIAL else None


class _Pause:
    """What a stopped station was at: its state, since when, and the seconds of work left."""

    __slots__ = ("left", "since", "state")

    def __init__(self, state: int, since: float) -> None:
        self.state = state
        self.since = since
        self.left = 0.0
