"""A station: takes loads, works on them, gives them on. What every kind of station has in common.

``Station(...)`` gives the simplest kind that has what is asked for: the plain one of `twin.line.plain`, which is the
fastest, or the one of `twin.line.machine`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from math import isclose
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from plant_models.work import LawSpec
from trace_core.errors import BadInput
from twin.line.places import STATES, Load, Node, Place, Work

if TYPE_CHECKING:
    from twin.line.features import Breakdowns, Collects, SetUp
    from twin.line.hours import Hours
    from twin.line.line import Line

Then: TypeAlias = Node | Callable[[Load], Node | None] | None
"""Where loads go on: always there, where a function of the load says, or (None) out of the line."""

UNBOUNDED = 2**62
"""Places of a queue that any number of loads may stand in."""


class Station(Place):
    """A machine of ``line``, or ``serves`` like machines with one queue.

    ``takes``: the seconds of each load, a law, or a function that gives the next time. ``work`` says instead how long a
    load takes and what becomes of it; without one a row of ``line.operations`` tells of each load worked on.
    ``waiting``: loads that may stand before it, any number where left out. ``blocking`` ``after`` service: a finished
    load stays in the machine until there is room for it; ``before``: work begins when there is room. Room is not kept:
    where others give to the same node, a load may have to wait after service even so. ``rank``: of those waiting the
    one with the least goes first, and of equals the first that came. ``opens`` and ``at_close``: hours of work, and
    whether what is under way ``finishes`` or ``pauses`` when they end. ``collects``: several loads at once.
    """

    __slots__ = (
        "_finished",
        "_kernel",
        "_log",
        "_number",
        "_places",
        "_queue",
        "_route",
        "_takes",
        "_then",
        "_tickets",
        "_waited",
        "_work",
        "began",
        "line",
        "serves",
    )

    def __new__(cls, *_: object, **options: Any) -> Station:
        """The simplest kind that has what the options ask for."""
        if cls is not Station:
            return object.__new__(cls)
        plain = {"serves": 1, "blocking": "after", "breakdowns": ()}
        asked = any(options.get(name, plain.get(name)) != plain.get(name) for name in _FEATURES)
        return object.__new__(_KINDS["with features" if asked else "plain"])

    def __init_subclass__(cls, kind: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if kind:
            _KINDS[kind] = cls

    def __init__(
        self,
        line: Line,
        name: str,
        *,
        takes: LawSpec | float | Callable[[], float] | None = None,
        serves: int = 1,
        waiting: int | None = None,
        work: Work | None = None,
        then: Then = None,
        blocking: Literal["after", "before"] = "after",
        opens: Hours | None = None,
        at_close: Literal["finishes", "pauses"] = "finishes",
        breakdowns: Sequence[Breakdowns] = (),
        set_up: SetUp | None = None,
        collects: Collects | None = None,
        rank: Callable[[Load], Any] | None = None,
    ) -> None:
        super().__init__(name)
        if serves < 1:
            raise BadInput("a station that serves at least 1 load", serves, f"station {name}: serves")
        if waiting is not None and waiting < 0:
            raise BadInput("0 or more waiting loads, or None for any number", waiting, f"station {name}: waiting")
        self.line = line
        self._kernel = line.kernel
        self._number = float(line.add(self))  # as rows hold it: no conversion
        self._log = line.operations.fresh
        self._takes = line.sampler(takes, f"{name}/takes")
        self._work = work
        self._places = UNBOUNDED if waiting is None else waiting
        self._queue: deque[Load] = deque()
        self._tickets: Tickets | None = None
        self._waited = 0.0
        self._then: Node | None = None
        self._route: Callable[[Load], Node | None] | None = None
        self.then = then
        self.serves = serves
        self.began = line.kernel.now
        self._finished = 0

    @property
    def then(self) -> Then:
        """Where loads go on."""
        return self._route or self._then

    @then.setter
    def then(self, then: Then) -> None:
        is_node = hasattr(then, "offer")
        self._then = (self.line.exit if then is None else then) if then is None or is_node else None  # type: ignore[assignment]
        self._route = None if then is None or is_node else then  # type: ignore[assignment]

    def _target(self, load: Load) -> Node:
        if self._route is None:
            assert self._then is not None
            return self._then
        return self._route(load) or self.line.exit

    def put(self, load: Load) -> None:
        """An arrival from outside: it waits before the station, in any number, and comes in when its turn comes."""
        self.line.came(1)
        tickets = self._tickets
        if tickets is None:
            tickets = self._tickets = Tickets(self)
        if tickets.loads or not self.offer(load, tickets):
            tickets.loads.append(load)
            self._waited -= self._kernel.now

    def retry(self) -> None:
        """Work that could not begin is asked again."""
        raise NotImplementedError

    def stop(self) -> None:
        """From outside: no load begins or goes on, until `resume`."""
        raise NotImplementedError

    def resume(self) -> None:
        """From outside: it goes on."""
        raise NotImplementedError

    @property
    def finished(self) -> int:
        """Loads worked on to the end."""
        return self._finished if self._work is not None else self.line.operations.count(int(self._number))

    @property
    def occupied(self) -> int:
        """Loads in its machines."""
        raise NotImplementedError

    @property
    def is_bottomless(self) -> bool:
        """Whether any number may wait before it."""
        return self._places == UNBOUNDED

    @property
    def queue_length(self) -> int:
        """Loads waiting before it, those from outside included."""
        return len(self._queue) + (0 if self._tickets is None else len(self._tickets.loads))

    @property
    def states(self) -> tuple[str, ...]:
        """What each of its machines is at now."""
        raise NotImplementedError

    @property
    def elapsed(self) -> float:
        """Seconds it has been there."""
        return self._kernel.now - self.began

    def _spent(self) -> list[float]:
        raise NotImplementedError

    @property
    def state_times(self) -> dict[str, float]:
        """Seconds in each state, machines added up: together ``elapsed`` times ``serves``."""
        return dict(zip(STATES, self._spent(), strict=True))

    def share(self, state: str) -> float:
        """The part of its time it was in ``state``."""
        return self.state_times[state] / (self.elapsed * self.serves)

    def queue_seconds(self) -> float:
        """Loads waiting before it, integrated over time."""
        return self._waited + self.queue_length * self._kernel.now

    @property
    def mean_queue(self) -> float:
        """Loads waiting before it on average."""
        return self.queue_seconds() / self.elapsed

    @property
    def mean_load(self) -> float:
        """Loads in it and waiting before it on average."""
        return self.load_seconds() / self.elapsed

    def faults(self) -> list[str]:
        """A sentence where its states do not add up to the time it was there."""
        spent, there = sum(self._spent()), self.elapsed * self.serves
        if isclose(spent, there, rel_tol=1e-9, abs_tol=1e-6):
            return []
        return [f"station {self.name}: its states last {spent!r} s together, it was there {there!r} s"]

    def summary(self) -> dict[str, float]:
        """Loads finished, loads waiting on average, and the share of its time in each state."""
        shares = {state: self.share(state) for state in STATES}
        return {"finished": self.finished, "mean_queue": self.mean_queue, **shares}

    def _results(self, made: object, took: int) -> list[Load]:
        """What goes on, after work on ``took`` loads gave ``made``."""
        results = made if isinstance(made, list) else [] if made is None else [made]
        if len(results) != took:
            self.line.came(len(results) - took)
        return results


_KINDS: dict[str, type[Station]] = {}
"""The kinds of station there are; `twin.line` imports them all."""

_FEATURES = ("serves", "blocking", "opens", "breakdowns", "set_up", "collects", "rank")
"""What a plain station does not have."""


class Tickets:
    """Arrivals from outside that wait until the station takes them."""

    __slots__ = ("_station", "loads")

    def __init__(self, station: Station) -> None:
        self._station = station
        self.loads: deque[Load] = deque()

    def room(self, node: Station) -> None:
        """The next one comes in."""
        node._waited += node._kernel.now  # noqa: SLF001 - the doorstep of this station
        taken = node.offer(self.loads.popleft(), self)
        assert taken, f"station {node.name} had room and took nothing"
        if self.loads:
            node.givers.append(self)
