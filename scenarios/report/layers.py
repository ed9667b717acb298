"""A genealogy as columns that can be drawn: at most ``MAX_NODES`` boxes, the rest counted, the suspect's path kept.

Lots of one item share a column, as far left as what they are made of allows; what nothing precedes stands right before
its first use. Loops (rework) are drawn backwards. Carriers and customers are the last two columns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

MAX_NODES = 60
"""Boxes drawn at most; more cannot be read on a sheet of A4."""

MAX_COLUMNS = 9
"""Columns drawn at most; of a deeper genealogy the first and last ones, and one box that counts those between."""


@dataclass(frozen=True, slots=True)
class Genealogy:
    """What is to be drawn. ``links`` run from what went in to what came out; ``path`` is reached from the suspect."""

    links: Sequence[tuple[str, str]]
    group_of: Mapping[str, str]
    path: Set[str] = frozenset()
    roots: Set[str] = frozenset()
    weight_of: Mapping[str, float] = field(default_factory=dict)
    last_columns: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """One drawn box: a single thing, or ``count`` of them under one key."""

    key: str
    ids: tuple[str, ...]
    on_path: bool
    is_root: bool

    @property
    def count(self) -> int:
        """How many things it stands for."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn connection between two boxes, by their keys; ``count`` links run along it."""

    start: str
    end: str
    count: int
    on_path: bool


@dataclass(frozen=True, slots=True)
class Column:
    """Boxes drawn one above the other. ``groups`` are the items in it; ``total`` counts things, not boxes."""

    boxes: tuple[Box, ...]
    groups: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Columns from left to right and the lines between them."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


def arrange(genealogy: Genealogy) -> Drawing:
    """The drawing of a genealogy; equal input in any order gives an equal drawing."""
    layers = [*_material_layers(genealogy), *(sorted(set(ids)) for ids in genealogy.last_columns if ids)]
    layers = _without_the_middle(layers)
    cap = max(2, MAX_NODES // max(1, len(layers)))
    columns = tuple(_column(ids, cap, genealogy, number) for number, ids in enumerate(layers))
    return Drawing(columns, _lines(columns, genealogy))


def _material_layers(genealogy: Genealogy) -> list[list[str]]:
    tail = {one for ids in genealogy.last_columns for one in ids}
    depth = _depth_of_groups(
        (genealogy.group_of[a], genealogy.group_of[b])
        for a, b in genealogy.links
        if a in genealogy.group_of and b in genealogy.group_of
    )
    layers: dict[int, list[str]] = defaultdict(list)
    for one in sorted(genealogy.group_of):
        if one not in tail:
            layers[depth.get(genealogy.group_of[one], 0)].append(one)
    return [layers[level] for level in sorted(layers)]


def _depth_of_groups(links: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Longest path to every group, loops opened; sources move right before their first use."""
    weights = Counter((start, end) for start, end in links if start != end)
    after: dict[str, set[str]] = defaultdict(set)
    before: dict[str, set[str]] = defaultdict(set)
    for start, end in weights:
        after[start].add(end)
        before[end].add(start)
    order = _in_order(weights, after, before)
    depth: dict[str, int] = {}
    for group in order:
        depth[group] = max((depth[one] + 1 for one in before[group] if one in depth), default=0)
    for group in reversed(order):
        if not before[group] and after[group]:
            depth[group] = max(0, min(depth[one] for one in after[group]) - 1)
    return depth


def _in_order(
    weights: Mapping[tuple[str, str], int], after: Mapping[str, set[str]], before: Mapping[str, set[str]]
) -> list[str]:
    """Every group after all that went into it; in a loop first the one that gives most more than it gets.

    The greedy rule of Eades, Lin and Smyth (1993) for few links against the order: rework is a thin stream.
    """
    left = {one for link in weights for one in link}
    getting = {one: sum(weights[other, one] for other in before.get(one, ())) for one in left}
    free = sorted(one for one in left if not getting[one])
    order: list[str] = []
    while left:
        if free:
            group = free.pop(0)
        else:
            giving = {one: sum(weights[one, other] for other in after.get(one, ()) if other in left) for one in left}
            group = min(left, key=lambda one: (getting[one] - giving[one], one))
        left.remove(group)
        order.append(group)
        for other in sorted(after.get(group, ())):
            getting[other] -= weights[group, other]
            if other in left and not getting[other]:
                free.append(other)
    return order


def _without_the_middle(layers: list[list[str]]) -> list[list[str]]:
    if len(layers) <= MAX_COLUMNS:
        return layers
    head = MAX_COLUMNS // 2
    tail = MAX_COLUMNS - head - 1
    middle = sorted(one for layer in layers[head:-tail] for one in layer)
    return [*layers[:head], middle, *layers[-tail:]]


def _column(ids: Sequence[str], cap: int, genealogy: Genealogy, number: int) -> Column:
    """The column's boxes: what is suspected, its path, then the heaviest; what is over the cap is counted."""

    def rank(one: str) -> tuple[bool, bool, float, str]:
        return (one not in genealogy.roots, one not in genealogy.path, -genealogy.weight_of.get(one, 0.0), one)

    ranked = sorted(ids, key=rank)
    drawn = ranked if len(ranked) <= cap else ranked[: cap - 2]
    rest = ranked[len(drawn) :]
    boxes = [Box(one, (one,), one in genealogy.path, one in genealogy.roots) for one in drawn]
    for on_path in (True, False):
        more = tuple(one for one in rest if (one in genealogy.path) == on_path)
        if more:
            boxes.append(Box(f"+{number}{on_path}", more, on_path, is_root=False))
    groups = tuple(sorted({genealogy.group_of[one] for one in ids if one in genealogy.group_of}))
    return Column(tuple(boxes), groups, len(ids))


def _lines(columns: Sequence[Column], genealogy: Genealogy) -> tuple[Line, ...]:
    box_of = {one: box.key for column in columns for box in column.boxes for one in box.ids}
    counts: dict[tuple[str, str], int] = defaultdict(int)
    on_path: set[tuple[str, str]] = set()
    for start, end in genealogy.links:
        ends = (box_of.get(start), box_of.get(end))
        if ends[0] is None or ends[1] is None or ends[0] == ends[1]:
            continue
        pair = (ends[0], ends[1])
        counts[pair] += 1
        if start in genealogy.path and end in genealogy.path:
            on_path.add(pair)
    return tuple(Line(*pair, count, pair in on_path) for pair, count in sorted(counts.items()))
