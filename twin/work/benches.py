"""What a machine of the line does with loads: whatever their tasks say, one by one or a charge at a time."""

from __future__ import annotations

from collections.abc import Sequence

from plant_models.work import Collects
from twin.floor import Floor
from twin.line.places import WAITS
from twin.line.station import Station
from twin.work.loads import Job, Load
from twin.work.routing import Routing


class Bench:
    """The work of one station."""

    def __init__(self, routing: Routing, name: str) -> None:
        self.station: Station | None = None
        self._routing = routing
        self._name = name

    def begin(self, load: Load) -> float:
        """Seconds it takes, or WAITS."""
        task = load.task
        if load.is_between or task is None:
            task = self._routing.arrive(load, self._name)
        return task.begin(load, self.retry)

    def end(self, load: Load) -> Load | list[Load] | None:
        """What goes on."""
        return task_of(load).end(load)

    def stopped(self, load: Load) -> bool:
        """A breakdown spoilt ``load``: it is thrown away, with all that went into it."""
        task = task_of(load)
        task.spoil(load)
        return True

    def retry(self) -> None:
        """Something that was missing may be there now."""
        assert self.station is not None, "a bench belongs to a station"
        self.station.retry()


class Furnace:
    """The work of a station that collects: all loads of a charge together, each at its position."""

    def __init__(self, routing: Routing, floor: Floor, name: str, spec: Collects) -> None:
        self.station: Station | None = None
        self._routing = routing
        self._name = name
        self._spec = spec
        self._floor = floor
        self._luck = floor.stream(f"work/{name}/hot")
        self._charges = 0
        self._day = ""
        self._begun: dict[Load, float] = {}

    def begin(self, loads: Sequence[Load]) -> float:
        """The longest time of all; WAITS where one of them lacks something: the others keep what they have taken."""
        charge = self._charge(loads)
        for load in loads:
            if load not in self._begun:
                seconds = self._routing.arrive(load, self._name).begin(load, self.retry, charge)
                if seconds == WAITS:
                    return WAITS
                self._begun[load] = seconds
        seconds = max(self._begun[load] for load in loads)
        for load in loads:
            load.begun_s = self._floor.now
            del self._begun[load]
        return seconds

    def _charge(self, loads: Sequence[Load]) -> str:
        """Which charge these are: counted by the day, given when the first of them is looked at."""
        if not any(load in self._begun for load in loads):
            day = self._floor.calendar.local_date(self._floor.now).isoformat()
            self._charges = self._charges + 1 if day == self._day else 1
            self._day = day
        charge = f"{self._name} {self._day}/{self._charges}"
        positions = self._spec.positions
        for number, load in enumerate(loads):
            load.charge = charge
            load.position = positions[number % len(positions)] if positions else ""
        return charge

    def end(self, loads: Sequence[Load]) -> list[Load]:
        """What goes on of all."""
        is_hot = self._spec.chance > 0.0 and self._luck.chance(self._spec.chance)
        parts: list[Load] = []
        for load in loads:
            if is_hot and load.position in self._spec.hot and self._spec.defect is not None:
                load.burnt = self._spec.defect
            going_on = task_of(load).end(load)
            parts += going_on if isinstance(going_on, list) else [] if going_on is None else [going_on]
        return parts

    def stopped(self, loads: Sequence[Load]) -> bool:
        """A breakdown spoilt the charge."""
        for load in loads:
            task_of(load).spoil(load)
        return True

    def retry(self) -> None:
        """Something that was missing may be there now."""
        assert self.station is not None, "a furnace belongs to a station"
        self.station.retry()


def task_of(load: Load) -> Job:
    """The task of a load at a station."""
    assert load.task is not None, "a load at a station has a task"
    return load.task
