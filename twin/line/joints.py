"""What takes no time: buffers, kits of several inputs, splitting, and the choice of the next node."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from trace_core.errors import BadInput
from twin.line.places import Giver, Load, Place, let_in
from twin.line.station import UNBOUNDED, Station
from twin.streams import Stream

if TYPE_CHECKING:
    from twin.line.line import Line


class Buffer(Place):
    """A place of its own for ``holds`` loads (any number where left out) between stations, first in, first out."""

    __slots__ = ("_holds", "_kernel", "_loads", "_waited", "then")

    def __init__(self, line: Line, name: str, *, then: Place, holds: int | None = None) -> None:
        super().__init__(name)
        if holds is not None and holds < 1:
            raise BadInput("a buffer that holds at least 1 load", holds, f"buffer {name}: holds")
        line.add(self)
        self._kernel = line.kernel
        self.then = then
        self._holds = UNBOUNDED if holds is None else holds
        self._loads: deque[Load] = deque()
        self._waited = 0.0

    def __len__(self) -> int:
        return len(self._loads)

    def is_free(self) -> bool:
        """Whether it would take a load now."""
        return len(self._loads) < self._holds

    def offer(self, load: Load, giver: Giver) -> bool:
        """True: taken, or straight through; else ``giver`` waits for room."""
        if not self._loads and self.then.offer(load, self):
            return True
        if not self.is_free():
            self.givers.append(giver)
            return False
        self._loads.append(load)
        self._waited -= self._kernel.now
        return True

    def room(self, node: Place) -> Buffer | None:
        """The longest waiting load goes on."""
        if not node.offer(self._loads[0], self):
            return None
        self._loads.popleft()
        self._waited += self._kernel.now
        if self._loads:
            node.givers.append(self)
        return self

    def load_seconds(self) -> float:
        """Loads in it, integrated over time."""
        return self._waited + len(self._loads) * self._kernel.now

    def waits_on(self) -> tuple[object, ...] | None:
        """The node that has no room."""
        return (self.then,) if self._loads else None


class Input(Place):
    """Where one kind of input of a kit waits."""

    __slots__ = ("_kernel", "_kit", "_waited", "holds", "loads", "needs")

    def __init__(self, line: Line, kit: Kitting, name: str, needs: int, holds: int) -> None:
        super().__init__(f"{kit.name}.{name}")
        line.add(self)
        self._kernel = line.kernel
        self._kit = kit
        self.needs = needs
        self.holds = holds
        self.loads: deque[Load] = deque()
        self._waited = 0.0

    def is_free(self) -> bool:
        """Whether it would take a load now."""
        return len(self.loads) < self.holds

    def offer(self, load: Load, giver: Giver) -> bool:
        """True: taken; else ``giver`` waits for room."""
        if not self.is_free():
            self.givers.append(giver)
            return False
        self.loads.append(load)
        self._waited -= self._kernel.now
        self._kit.make()
        return True

    def take(self) -> list[Load]:
        """What one kit needs of it."""
        self._waited += self.needs * self._kernel.now
        return [self.loads.popleft() for _ in range(self.needs)]

    def load_seconds(self) -> float:
        """Loads in it, integrated over time."""
        return self._waited + len(self.loads) * self._kernel.now

    def waits_on(self) -> tuple[object, ...] | None:
        """The kit, where somebody waits for room here."""
        return (self._kit,) if self.givers else None


class Kitting(Place):
    """Puts together a kit as soon as all its inputs are there and ``then`` has room: nothing here takes time.

    ``needs``: so many of each input for a kit. ``holds``: so many of each may wait (a number for all, or one for each;
    left out: any number). ``join`` makes one load of the tuple of all, by default the tuple. Give loads to
    ``inputs[name]``.
    """

    __slots__ = ("_join", "_line", "inputs", "made", "then")

    def __init__(
        self,
        line: Line,
        name: str,
        *,
        needs: Mapping[str, int],
        then: Place,
        holds: int | Mapping[str, int] | None = None,
        join: Callable[[tuple[Load, ...]], Load] | None = None,
    ) -> None:
        super().__init__(name)
        line.add(self)
        self._line = line
        self._join = join
        self.then = then
        self.made = 0
        self.inputs: dict[str, Input] = {}
        for one, count in needs.items():
            most = holds.get(one) if isinstance(holds, Mapping) else holds
            if count < 1 or (most is not None and most < count):
                raise BadInput("inputs of at least 1 that their places can hold", (count, most), f"kit {name}: {one}")
            self.inputs[one] = Input(line, self, one, count, UNBOUNDED if most is None else most)

    def make(self) -> None:
        """As many kits as there are inputs and room for."""
        while all(len(one.loads) >= one.needs for one in self.inputs.values()):
            if not self.then.has_room(self):
                return
            self._give()

    def _give(self) -> None:
        parts = tuple(load for one in self.inputs.values() for load in one.take())
        self._line.came(1 - len(parts))
        self.made += 1
        taken = self.then.offer(parts if self._join is None else self._join(parts), self)
        assert taken, f"kit {self.name}: {self.then.name} had room and took nothing"
        for one in self.inputs.values():
            let_in(one)

    def room(self, node: Place) -> None:
        """There is room for a kit."""
        self.make()

    def is_free(self) -> bool:
        """Never: its inputs take loads, not the kit itself."""
        return False

    def offer(self, load: Load, giver: Giver) -> bool:
        """Refused: loads go to its inputs."""
        raise BadInput(f"a load given to one of {sorted(self.inputs)}", load, f"kit {self.name}")

    def waits_on(self) -> tuple[object, ...] | None:
        """The node that has no room for a kit; None where an input is missing."""
        missing = any(len(one.loads) < one.needs for one in self.inputs.values())
        return None if missing else (self.then,)


class Assembly(Kitting):
    """A station that works on kits: see `Kitting` and, for ``options``, `Station`. ``station`` is where the work is."""

    __slots__ = ("station",)

    def __init__(
        self,
        line: Line,
        name: str,
        *,
        needs: Mapping[str, int],
        holds: int | Mapping[str, int] | None = None,
        join: Callable[[tuple[Load, ...]], Load] | None = None,
        **options: Any,
    ) -> None:
        self.station = Station(line, f"{name} station", waiting=0, **options)
        super().__init__(line, name, needs=needs, then=self.station, holds=holds, join=join)


class Splitter(Place):
    """Makes several loads of one at once: ``split`` gives them, in the order in which they go on."""

    __slots__ = ("_kernel", "_left", "_line", "_split", "_waited", "then")

    def __init__(self, line: Line, name: str, *, split: Callable[[Load], Sequence[Load]], then: Place) -> None:
        super().__init__(name)
        line.add(self)
        self._line, self._kernel = line, line.kernel
        self._split = split
        self.then = then
        self._left: deque[Load] = deque()
        self._waited = 0.0

    def is_free(self) -> bool:
        """Whether it would take a load now: all of the last one have gone on."""
        return not self._left

    def offer(self, load: Load, giver: Giver) -> bool:
        """True: taken; else ``giver`` waits until all of the last one have gone on."""
        if self._left:
            self.givers.append(giver)
            return False
        self._left.extend(self._split(load))
        self._line.came(len(self._left) - 1)
        self._waited -= len(self._left) * self._kernel.now
        self._give()
        return True

    def _give(self) -> None:
        while self._left and self.then.offer(self._left[0], self):
            self._left.popleft()
            self._waited += self._kernel.now

    def room(self, node: Place) -> Splitter:
        """The next ones go on."""
        self._give()
        return self

    def load_seconds(self) -> float:
        """Loads in it, integrated over time."""
        return self._waited + len(self._left) * self._kernel.now

    def waits_on(self) -> tuple[object, ...] | None:
        """The node that has no room."""
        return (self.then,) if self._left else None


class Odds:
    """Chooses the next node of each load by chance: ``nodes`` with their weights; None is the way out of the line."""

    __slots__ = ("_nodes", "_stream", "_sums")

    def __init__(self, stream: Stream, weights: Mapping[Any, float]) -> None:
        if not weights or min(weights.values()) < 0 or sum(weights.values()) <= 0:
            raise BadInput("weights of 0 or more, not all 0", list(weights.values()), "Odds")
        self._stream = stream
        self._nodes: list[Place | None] = list(weights)
        self._sums = list(accumulate(weights.values()))

    def __call__(self, load: Load) -> Place | None:
        """Where ``load`` goes."""
        chosen = bisect_right(self._sums, self._stream.uniform() * self._sums[-1])
        return self._nodes[min(chosen, len(self._nodes) - 1)]


class FewestWaiting:
    """Chooses the station with the fewest loads in and before it; of equals the first declared."""

    __slots__ = ("_stations",)

    def __init__(self, stations: Sequence[Station]) -> None:
        self._stations = tuple(stations)

    def __call__(self, load: Load) -> Station:
        """Where ``load`` goes."""
        return min(self._stations, key=lambda station: station.queue_length + station.occupied)
