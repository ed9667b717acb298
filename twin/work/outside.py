"""Work done by a supplier: loads travel there, and back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from plant_models.projection import party_id
from plant_models.work import Operation
from trace_core.capture.records import DeliveryNote, PurchaseOrder
from twin.floor import Floor
from twin.line.line import Line
from twin.line.places import Giver, Node, Place, let_in
from twin.work.loads import Load
from twin.work.routing import Routing


class Trip(Place):
    """A way that takes time; what has arrived waits in its order for room."""

    def __init__(
        self,
        floor: Floor,
        line: Line,
        name: str,
        takes: Callable[[], float],
        target: Callable[[Load], Node],
        sets_out: Callable[[Load], None],
        arrives: Callable[[Load], None],
    ) -> None:
        super().__init__(name)
        line.add(self)
        self._floor = floor
        self._takes = takes
        self._target = target
        self._sets_out = sets_out
        self._arrives = arrives
        self._arrived: dict[Node, deque[Load]] = {}
        self._here = 0
        self._load_seconds = 0.0

    def is_free(self) -> bool:
        """Always."""
        return True

    def offer(self, load: Load, giver: Giver) -> bool:
        """Taken: it sets out."""
        del giver
        self._count(1)
        self._sets_out(load)
        self._floor.kernel.call_in(self._takes(), partial(self._arrive, load))
        return True

    def _arrive(self, load: Load) -> None:
        self._arrives(load)
        node = self._target(load)
        waiting = self._arrived.setdefault(node, deque())
        if waiting or not node.offer(load, self):
            waiting.append(load)
        else:
            self._count(-1)

    def room(self, node: Node) -> Place | None:
        """The next one that has arrived goes in."""
        waiting = self._arrived[node]
        if node.offer(waiting[0], self):
            waiting.popleft()
            self._count(-1)
            if waiting and isinstance(node, Place):
                node.has_room(self)
                let_in(node)
        return None

    def _count(self, change: int) -> None:
        self._here += change
        self._load_seconds -= change * self._floor.kernel.now

    def load_seconds(self) -> float:
        """Loads on the way, integrated over time."""
        return self._load_seconds + self._here * self._floor.kernel.now


class Always:
    """The same node for every load."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def __call__(self, load: Load) -> Node:
        """Where ``load`` goes."""
        return self._node


class Onward:
    """Where loads go on after ``station``."""

    def __init__(self, routing: Routing, station: str) -> None:
        self._routing = routing
        self._station = station

    def __call__(self, load: Load) -> Node:
        """Where ``load`` goes."""
        return self._routing.next_node(load, self._station)


class Papers:
    """What is reported of loads that go to a supplier and come back."""

    def __init__(self, floor: Floor, spec: Operation) -> None:
        assert spec.outside is not None, "asked only where a supplier does the work"
        self._floor = floor
        self._party = party_id(spec.outside, floor.spec.suppliers[spec.outside])

    def sent(self, load: Load) -> None:
        """``load`` leaves the plant, from the station where it was last."""
        floor, task = self._floor, load.task
        number = floor.number("D")
        if task is None or not load.is_named or not floor.observer.is_listening:
            return
        floor.observer.post(DeliveryNote("ERP", number, floor.calendar.moment(floor.now), self._party))
        load.sender = task
        task.tell_sent(load, number)

    def received(self, load: Load) -> None:
        """``load`` is back, where it had left from."""
        floor, item = self._floor, load.item
        number = floor.number("P")
        sender = load.sender or load.task
        load.sender = None
        if item is None or sender is None or not load.is_named or not floor.observer.is_listening:
            return
        floor.observer.post(PurchaseOrder("ERP", number, floor.calendar.moment(floor.now), self._party, item.gtin))
        sender.tell_received(load, number)


def nothing(load: Load) -> None:
    """Nobody reports anything of ``load``."""
    del load
