"""Routing: which operation comes next for a load, at which of its stations, and how tickets reach the first one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from plant_models.work import Operation, Step
from twin.floor import Floor
from twin.line.places import Node
from twin.line.station import Station
from twin.work.bills import Bill
from twin.work.loads import Job, Load, Owner
from twin.work.paths import Choice, Path
from twin.work.tasks import Task


@dataclass(slots=True)
class Place:
    """A station of the line, and how much it can have in work at once."""

    station: Station
    serves: int


class Book(Protocol):
    """Who hands out the loads of orders."""

    def next_ticket(self, order: Any) -> Load | None:
        """The next load of ``order``, not begun yet; None where all are."""


class Tickets:
    """The line of orders before one set of first stations: as many tickets wait as these can begin at once."""

    def __init__(self, routing: Routing, most: int) -> None:
        self._routing = routing
        self._most = most
        self._waiting = 0
        self._orders: deque[tuple[Book, Owner]] = deque()

    def add(self, book: Book, order: Owner) -> None:
        """``order`` joins the line."""
        self._orders.append((book, order))
        self._fill()

    def begun(self) -> None:
        """One ticket is in work."""
        self._waiting -= 1
        self._fill()

    def _fill(self) -> None:
        while self._waiting < self._most and self._orders:
            book, order = self._orders[0]
            load = book.next_ticket(order)
            if load is None:
                self._orders.popleft()
                continue
            self._waiting += 1
            self._routing.put(load)


class Leaving:
    """Where loads go on from one station."""

    def __init__(self, routing: Routing, station: str) -> None:
        self._routing = routing
        self._station = station

    def __call__(self, load: Load) -> Node | None:
        """Where ``load`` goes on: on the way back, where a supplier has it."""
        task = load.task
        if load.is_between and task is not None and task.way_back is not None:
            return task.way_back
        return self._routing.next_node(load, self._station)


class Routing:
    """All routes, and the stations of the line."""

    def __init__(self, floor: Floor, tasks: Mapping[str, Sequence[Task]]) -> None:
        self._floor = floor
        self._tasks = tasks
        self.places: dict[str, Place] = {}
        self._luck = {name: floor.stream(f"route/{name}") for name in floor.spec.routes}
        self._tickets: dict[tuple[str, ...], Tickets] = {}
        self._operations: Mapping[str, Operation] = floor.spec.operations
        self._paths = {name: self._paths_of(name) for name in floor.spec.routes}
        self.end: Callable[[Load], Node] = _nowhere

    def _paths_of(self, name: str) -> list[tuple[float, Path[Task]]]:
        route = self._floor.spec.routes[name]
        versions = [(0.0, route.steps), *((change.after, change.steps) for change in route.changes)]
        return [(after, self._path(name, steps)) for after, steps in versions]

    def _path(self, name: str, steps: Sequence[Step]) -> Path[Task]:
        choices = tuple(self._choice(step) for step in steps)
        bills = tuple(_bill_of(choice.tasks[0]) for choice in choices)
        size = self._operations[choices[0].operations[0]].load
        path = Path(name, choices, bills, None if size is None else self._floor.quanta(size))
        made = 1_000_000
        for number, choice in enumerate(choices):
            maker = choice.tasks[0].maker
            if maker is None:
                continue
            expected = path.expected(made, number + 1)
            for stock, need in maker.intake.kit_needs():
                path.kit.append((stock, need.item, need.quantity * expected, maker.intake.bill.amount * made))
        return path

    def _choice(self, step: Step) -> Choice[Task]:
        if isinstance(step, str):
            return Choice(tuple(self._tasks[step]), operations=(step,))
        if isinstance(step, list):
            return Choice(tuple(task for name in step for task in self._tasks[name]), operations=tuple(step))
        weighted = {name: (weight, tuple(self._tasks[name])) for name, weight in step.items()}
        return Choice(tuple(task for _, tasks in weighted.values() for task in tasks), weighted, tuple(step))

    def path(self, route: str) -> Path[Task]:
        """``route`` as it is now."""
        now = self._floor.now
        return [path for after, path in self._paths[route] if after <= now][-1]

    # ---- loads

    def offer_tickets(self, book: Book, order: Owner) -> None:
        """Begin on ``order`` as soon as its turn comes."""
        tasks = order.path.choices[0].tasks
        key = tuple(sorted({task.station for task in tasks}))
        tickets = self._tickets.get(key)
        if tickets is None:
            tickets = self._tickets[key] = Tickets(self, sum(self.places[name].serves for name in key))
        tickets.add(book, order)

    def begun(self, load: Load) -> None:
        """A ticket is in work."""
        key = tuple(sorted({task.station for task in load.order.path.choices[0].tasks}))
        self._tickets[key].begun()

    def put(self, load: Load) -> None:
        """Put a ticket before the first station."""
        task = self._least_busy(self._tasks_of_next(load))
        self.places[task.station].station.put(load)

    def next_node(self, load: Load, station: str) -> Node:
        """Where ``load`` goes when it leaves ``station``, or will go where that is asked before work on it."""
        if not load.is_between:
            self.arrive(load, station)
            step = load.step + 1
        elif load.via:
            return self._least_busy(self._tasks[load.via]).way_in
        else:
            step = load.step + 1
        if step >= len(load.order.path.choices):
            return self.end(load)
        return self._least_busy(self._tasks_at(load, step)).way_in

    def arrive(self, load: Load, station: str) -> Job:
        """The task of ``load`` at ``station``, where it has come to or has been for a while."""
        task = load.task
        if not load.is_between and task is not None:
            return task
        tasks = self._tasks_of_next(load)
        if load.via:
            load.via = ""
        else:
            load.step += 1
        load.is_between = False
        load.task = task = next(task for task in tasks if task.station == station)
        load.branch = None
        return task

    def _tasks_of_next(self, load: Load) -> Sequence[Job]:
        return self._tasks[load.via] if load.via else self._tasks_at(load, load.step + 1)

    def _tasks_at(self, load: Load, step: int) -> Sequence[Job]:
        """What can do ``step`` of a load's route; a choice by weight is made once for each load and step."""
        path = load.order.path
        choice = path.choices[step]
        if not choice.weighted:
            return choice.tasks
        if load.branch is None or load.branch[0] != step:
            names, weights = list(choice.weighted), [weight for weight, _ in choice.weighted.values()]
            load.branch = (step, self._luck[path.route].choice(names, weights))
        return choice.weighted[load.branch[1]][1]

    def _least_busy(self, tasks: Sequence[Job]) -> Job:
        """Of those free the first declared, else the one with the fewest waiting."""
        best, least = tasks[0], -1
        if len(tasks) == 1:
            return best
        for task in tasks:
            place = self.places[task.station]
            backlog = max(0, place.station.occupied + place.station.queue_length - place.serves + 1)
            if least < 0 or backlog < least:
                best, least = task, backlog
                if not least:
                    break
        return best


def _bill_of(task: Task) -> Bill | None:
    return None if task.maker is None else task.maker.intake.bill


def _nowhere(load: Load) -> Node:
    raise AssertionError(f"nobody said where routes end, for {load.item}")
