"""Loads that can never go on again: who waits for whom, and whether that is a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

from trace_core.errors import TracetwinError
from twin.line.places import Place


class Deadlock(TracetwinError):
    """Loads of a line can never go on: ``names`` of the nodes they are in, ``time_s`` when that was found.

    ``is_circle``: they wait for each other, in this order; else for what nobody is left to bring.
    """

    def __init__(self, names: tuple[str, ...], time_s: float, is_circle: bool) -> None:
        self.names = names
        self.time_s = time_s
        self.is_circle = is_circle
        super().__init__(names, time_s, is_circle)

    def __str__(self) -> str:
        if self.is_circle:
            what = f"{' -> '.join((*self.names, self.names[0]))} wait for each other"
            remedy = "give one of them more places, or let fewer loads in"
        else:
            what = f"nothing is due any more, and loads wait in {', '.join(self.names)}"
            remedy = "see what they wait for: material, room, or the other input of a kit"
        return f"deadlock at {self.time_s:.3f} s: {what}; {remedy}"


def deadlock_of(nodes: Iterable[Place], now_s: float, next_s: float) -> Deadlock | None:
    """Nodes that wait for each other in a circle; or all that are stuck where nothing is due (``next_s`` infinite).

    Where a station is stopped from outside, others may wait for it for ever without being stuck.
    """
    nodes = tuple(nodes)
    waits = {node: tuple(targets) for node in nodes if (targets := node.waits_on()) is not None}
    if circle := _circle(_dead(waits)):
        return Deadlock(circle, now_s, is_circle=True)
    if waits and next_s == inf and not any(node.is_stopped for node in nodes):
        return Deadlock(tuple(node.name for node in waits), now_s, is_circle=False)
    return None


def _dead(waits: Mapping[Place, tuple[object, ...]]) -> dict[Place, tuple[object, ...]]:
    """Those of whom every one they wait for is dead too."""
    dead = {node: targets for node, targets in waits.items() if targets}
    while True:
        alive = [node for node, targets in dead.items() if any(target not in dead for target in targets)]
        if not alive:
            return dead
        for node in alive:
            del dead[node]


def _circle(dead: Mapping[Place, tuple[object, ...]]) -> tuple[str, ...]:
    if not dead:
        return ()
    node, path = next(iter(dead)), list[Place]()
    while node not in path:
        path.append(node)
        target = dead[node][0]
        assert isinstance(target, Place)
        node = target
    return tuple(one.name for one in path[path.index(node) :])
