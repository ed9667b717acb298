"""Where loads come into a line and leave it: sources, sinks, cards that limit how many are between them."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from plant_models.work import LawSpec
from trace_core.errors import BadInput
from twin.line.operations import number_of
from twin.line.places import Giver, Load, Place
from twin.line.station import UNBOUNDED, Station
from twin.npz import Array

if TYPE_CHECKING:
    from twin.line.line import Line

WhenFull: TypeAlias = Literal["waits", "stops", "loses"]


class Source(Place):
    """Gives loads to ``then``: as many as it takes (``between`` None), or with a time ``between`` arrivals.

    ``make`` gives the load of a number, by default the number itself, from 0. ``when_full``: arrivals that find no room
    wait outside, in any number (``waits``); are gone (``loses``); or the next time begins only when there is room
    (``stops``). ``limit``: so many in all. ``cards``: a load comes in only with one, see `Cards`. ``came``, ``lost``:
    how many; ``times``: when each load came in, in order.
    """

    __slots__ = (
        "_between",
        "_cards",
        "_full",
        "_kernel",
        "_limit",
        "_line",
        "_make",
        "_outside",
        "_outside_s",
        "arrived",
        "lost",
        "then",
        "times",
    )

    def __init__(
        self,
        line: Line,
        name: str,
        *,
        then: Place,
        between: LawSpec | float | Callable[[], float] | None = None,
        make: Callable[[int], Load] | None = None,
        limit: int | None = None,
        when_full: WhenFull = "waits",
        cards: Cards | None = None,
    ) -> None:
        super().__init__(name)
        if between is None and cards is None and limit is None and _is_bottomless(then):
            raise BadInput("a bound where loads are given without end: limit, cards or waiting", None, f"source {name}")
        self._line, self._kernel = line, line.kernel
        line.add(self)
        self.then = then
        self._between = None if between is None else line.sampler(between, f"{name}/between")
        self._make = make
        self._limit = UNBOUNDED if limit is None else limit
        self._full = when_full
        self._cards = cards
        self.arrived = 0
        self.lost = 0
        self.times = array("d")
        self._outside: deque[Load] = deque()
        self._outside_s = 0.0
        self._kernel.call_in(0.0, self.give_all if between is None else self._time_next)

    @property
    def came(self) -> int:
        """Loads that came into the line."""
        return len(self.times)

    def _next_load(self) -> Load:
        """The next load, which comes in now."""
        number = self.arrived
        self.arrived = number + 1
        self.times.append(self._kernel.now)
        return number if self._make is None else self._make(number)

    def give_all(self) -> None:
        """As many as there is room for; then it waits."""
        while self.arrived < self._limit and (self._cards is None or self._cards.take(self)):
            if not self.then.has_room(self):
                if self._cards is not None:
                    self._cards.give_back()
                return
            self._give()

    def _give(self) -> None:
        taken = self.then.offer(self._next_load(), self)
        assert taken, f"source {self.name}: {self.then.name} had room and took nothing"

    def room(self, node: Place) -> None:
        """There is room for one."""
        if self._between is not None:
            self._room_after_arrival(node)
        elif self._cards is not None:
            self.give_all()
        elif (number := self.arrived) < self._limit:
            self.arrived = number + 1
            self.times.append(self._kernel.now)
            node.offer(number if self._make is None else self._make(number), self)
            node.givers.append(self)

    def _time_next(self) -> None:
        """Begin the time to the next arrival, unless it would find no room and must not come."""
        if self.arrived + self.lost < self._limit and (self._full != "stops" or self.then.has_room(self)):
            assert self._between is not None
            self._kernel.call_in(self._between(), self._arrive)

    def _arrive(self) -> None:
        if self._full == "loses" and not self.then.is_free():
            self.lost += 1
        else:
            load = self._next_load()
            if self._outside or not self.then.offer(load, self):
                self._outside.append(load)
                self._outside_s -= self._kernel.now
        if not (self._full == "stops" and self._outside):
            self._time_next()

    def _room_after_arrival(self, node: Place) -> None:
        if not self._outside:
            self._time_next()
            return
        self._outside_s += self._kernel.now
        taken = node.offer(self._outside.popleft(), self)
        assert taken, f"source {self.name}: {node.name} had room and took nothing"
        if self._outside:
            node.givers.append(self)
        elif self._full == "stops":
            self._time_next()

    def is_free(self) -> bool:
        """Never: it only gives."""
        return False

    def brought(self) -> tuple[int, float]:
        """How many loads came in here, and the sum of the moments at which they did."""
        return len(self.times), float(np.sum(self.times))

    def load_seconds(self) -> float:
        """Arrivals that wait outside, integrated over time."""
        return self._outside_s + len(self._outside) * self._kernel.now

    @property
    def waiting(self) -> int:
        """Arrivals that wait outside."""
        return len(self._outside)

    def waits_on(self) -> tuple[object, ...] | None:
        """The node that has no room."""
        return (self.then,) if self._outside else None


class Cards:
    """So many cards go round between a source and a sink: as many loads may be between them (CONWIP)."""

    __slots__ = ("count", "free", "waiting")

    def __init__(self, count: int) -> None:
        if count < 1:
            raise BadInput("1 card or more", count, "Cards")
        self.count = self.free = count
        self.waiting: deque[Source] = deque()

    def take(self, source: Source) -> bool:
        """Whether there was a card; if not, ``source`` waits for one."""
        if self.free:
            self.free -= 1
            return True
        self.waiting.append(source)
        return False

    def give_back(self) -> None:
        """A card is free again; the source that waited longest is told."""
        self.free += 1
        if self.waiting:
            self.waiting.popleft().give_all()


class Sink(Place):
    """Where loads leave the line and are counted. ``cards`` come back here."""

    __slots__ = ("_cards", "_fresh", "_kernel", "_line", "_numbers", "_times")

    def __init__(self, line: Line, name: str, *, cards: Cards | None = None) -> None:
        super().__init__(name)
        self._line, self._kernel = line, line.kernel
        self._cards = cards
        self._fresh: list[Load] = []
        self._times, self._numbers = array("d"), array("q")
        line.add(self)
        self._kernel.at_pause(self._settle)

    def is_free(self) -> bool:
        """Always."""
        return True

    def offer(self, load: Load, giver: Giver) -> bool:
        """Taken, and gone."""
        self._fresh.extend((self._kernel.now, load))
        if self._cards is not None:
            self._cards.give_back()
        return True

    def _settle(self) -> None:
        self._times.extend(self._fresh[0::2])
        loads = self._fresh[1::2]
        try:
            numbers = array("q", loads)
        except TypeError:
            numbers = array("q", map(number_of, loads))
        self._numbers.extend(numbers)
        self._fresh.clear()

    @property
    def count(self) -> int:
        """Loads that left here."""
        return len(self._times) + len(self._fresh) // 2

    def brought(self) -> tuple[int, float]:
        """How many loads left here, as a number below 0, and the sum of the moments at which they did, likewise."""
        return -self.count, -float(np.sum(self.times))

    @property
    def times(self) -> Array:
        """When each load left, in order, in seconds."""
        self._settle()
        return np.array(self._times)

    @property
    def numbers(self) -> Array:
        """The number of each load that left, in order."""
        self._settle()
        return np.array(self._numbers)

    def throughput(self, since_s: float = 0.0) -> float:
        """Loads a second that left since ``since_s``, up to now."""
        return float(np.count_nonzero(self.times > since_s)) / (self._kernel.now - since_s)

    def flow_times(self, source: Source) -> Array:
        """How long each load that left was in the line since it came from ``source``, numbered by it."""
        came: Array = np.array(source.times)[self.numbers]
        return np.asarray(self.times - came)


def _is_bottomless(node: object) -> bool:
    return isinstance(node, Station) and node.is_bottomless
