"""What nodes of a line are to each other: places that take loads, and givers that wait for room.

A giver offers a load to a place. The place takes it, or remembers the giver and calls its ``room`` when there is some;
givers are served first come, first served. A place never looks into a load.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable

Load: TypeAlias = Any
"""What goes through a line: a number, or an object of the caller's."""

WAITS = -1.0
"""What ``Work.begin`` gives where it cannot begin yet."""

STATES = ("working", "starved", "blocked", "down", "setting_up", "closed", "waiting_material")
"""What a machine can be at; ``closed`` also while stopped from outside, ``down`` also while it waits for the crew."""

WORKING, STARVED, BLOCKED, DOWN, SETTING_UP, CLOSED, WAITING_MATERIAL = range(len(STATES))


@runtime_checkable
class Node(Protocol):
    """Whatever takes loads."""

    @property
    def name(self) -> str:
        """Its name within the line."""

    def offer(self, load: Load, giver: Giver) -> bool:
        """True: taken. False: ``giver`` is remembered, once, and its ``room`` called when there is room."""


class Giver(Protocol):
    """Whoever offers loads."""

    def room(self, node: Any) -> Place | None:
        """``node`` has room for a load: give it one, and wait again where there are more.

        Gives the place that thereby got room itself, if it did: its own givers are told next.
        """


class Work(Protocol):
    """What a machine does with a load; a machine that collects begins and ends a tuple of loads."""

    def begin(self, load: Load) -> float:
        """Seconds it takes; or ``WAITS``: whoever makes it possible calls the station's ``retry``."""

    def end(self, load: Load) -> Load | list[Load] | None:
        """What goes on: the load, others in their order, or None where nothing does."""


class Place:
    """A node that remembers who waits for room in it."""

    __slots__ = ("givers", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.givers: deque[Giver] = deque()

    @property
    def is_stopped(self) -> bool:
        """Whether it is stopped from outside."""
        return False

    def is_free(self) -> bool:
        """Whether it would take a load now."""
        raise NotImplementedError

    def offer(self, load: Load, giver: Giver) -> bool:
        """True: taken; else ``giver`` waits for room."""
        raise NotImplementedError

    def has_room(self, giver: Giver) -> bool:
        """Whether a load would be taken now; if not, ``giver`` waits for room."""
        if self.is_free():
            return True
        self.givers.append(giver)
        return False

    def load_seconds(self) -> float:
        """Loads in it, integrated over time up to now."""
        return 0.0

    def brought(self) -> tuple[int, float]:
        """Loads it brought into the line that nobody else counts, and the sum of the moments at which they came."""
        return 0, 0.0

    def faults(self) -> list[str]:
        """A sentence for each way in which what it noted down contradicts itself."""
        return []

    def summary(self) -> dict[str, float]:
        """What it did, by name, for tables; empty where it is no station."""
        return {}

    def waits_on(self) -> Iterable[object] | None:
        """The nodes that must take a load before anything here goes on; None where something goes on by itself."""
        return None


def let_in(place: Place | None) -> None:
    """Tell those who wait for room in ``place``, and in every place that gets room by it.

    Not recursive: a line of a thousand blocked machines moves up in one go.
    """
    if place is None:
        return
    due = [place]
    while due:
        place = due[-1]
        if place.givers and place.is_free():
            freed = place.givers.popleft().room(place)
            if freed is not None and freed.givers:
                due.append(freed)
        else:
            due.pop()
