"""Where the places of a flow stand in a picture: in layers from top to bottom, no line across a box.

The layered drawing of Sugiyama, Tagawa and Toda (1981): flows that lead back are turned round, each place stands below
everything it gets material from, a line that passes a layer has a lane of its own there, and lines from one place share
a lane. At most ``PER_LAYER`` boxes stand side by side, so that a phone shows the letters as well as a desk does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from plant_models.flow_graph import Flow, FlowGraph, FlowKind, Place, PlaceKind

PER_LAYER = 2
BOX_WIDTH = 190.0
LANE_WIDTH = 6.0
GAP_X = 16.0
GAP_Y = 40.0
MARGIN = 14.0
TITLE_HEIGHT = 28.0
LINE_HEIGHT = 17.0

_SWEEPS = 12
"""Times the layers are ordered and moved by their neighbours; more change nothing in plants of a hundred places."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A place with its upper left corner and its size."""

    place: Place
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Wire:
    """A flow as points from its start to its end; between two of them it bends or runs straight down a lane."""

    flow: Flow
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A flow laid out: boxes and wires in units of the picture."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


@dataclass(slots=True)
class _Spot:
    """A box or a lane in its layer."""

    key: str
    layer: int
    width: float
    place: Place | None = None
    x: float = 0.0


def lay_out(graph: FlowGraph) -> Drawing:
    """The drawing of a flow; the same flow is always drawn in the same way."""
    turned = _turned(graph)
    layers = _layers(graph, turned)
    spots, paths = _with_lanes(graph, layers, turned)
    rows = _ordered(spots, paths)
    _moved(rows, paths)
    return _drawn(graph, rows, paths)


def in_reading_order(graph: FlowGraph) -> list[Flow]:
    """The flows as one reads the picture: from top to bottom, then from left to right."""
    places = {box.place.key: (box.y, box.x) for box in lay_out(graph).boxes}
    return sorted(graph.flows.values(), key=lambda one: (places[one.start], places[one.end]))


# ---- layers


def _turned(graph: FlowGraph) -> dict[Flow, tuple[str, str]]:
    """The ends of every flow, exchanged where it would close a loop: rework first."""
    following: dict[str, list[str]] = defaultdict(list)
    ends: dict[Flow, tuple[str, str]] = {}

    def rank(flow: Flow) -> tuple[bool, bool]:
        """Rework leads back before anything else does, and then what is taken from a stock again."""
        return (flow.kind is FlowKind.REWORK, graph.places[flow.start].kind is PlaceKind.STOCK)

    for flow in sorted(graph.flows.values(), key=rank):
        back = flow.start == flow.end or _leads_to(following, flow.end, flow.start)
        ends[flow] = (flow.end, flow.start) if back else (flow.start, flow.end)
        following[ends[flow][0]].append(ends[flow][1])
    return ends


def _leads_to(following: Mapping[str, Sequence[str]], start: str, end: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        for one in following.get(waiting.pop(), ()):
            if one == end:
                return True
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return False


def _layers(graph: FlowGraph, turned: Mapping[Flow, tuple[str, str]]) -> dict[str, int]:
    """Layer of every place: as far down as the longest way to it, and what is only given right above its first use."""
    before: dict[str, set[str]] = {key: set() for key in graph.places}
    after: dict[str, set[str]] = {key: set() for key in graph.places}
    for start, end in turned.values():
        if start != end:
            before[end].add(start)
            after[start].add(end)
    order = _in_order(before, after)
    depth: dict[str, int] = {}
    for key in order:
        depth[key] = max((depth[one] + 1 for one in before[key]), default=0)
    for key in reversed(order):
        if graph.places[key].kind in (PlaceKind.SUPPLIERS, PlaceKind.STOCK) and after[key]:
            depth[key] = min(depth[one] for one in after[key]) - 1
    return _narrowed(order, depth)


def _in_order(before: Mapping[str, set[str]], after: Mapping[str, set[str]]) -> list[str]:
    rank = {key: number for number, key in enumerate(before)}
    missing = {key: len(others) for key, others in before.items()}
    free = [key for key, count in missing.items() if not count]
    order: list[str] = []
    for key in free:  # grows while it is read
        order.append(key)
        for one in sorted(after[key], key=rank.__getitem__):
            missing[one] -= 1
            if not missing[one]:
                free.append(one)
    return order


def _narrowed(order: Sequence[str], depth: Mapping[str, int]) -> dict[str, int]:
    """At most so many boxes a layer: what is over stands in a layer of its own below."""
    layer: dict[str, int] = {}
    top = 0
    for level in sorted(set(depth.values())):
        group = [key for key in order if depth[key] == level]
        layer |= {key: top + number // PER_LAYER for number, key in enumerate(group)}
        top += -(-len(group) // PER_LAYER)
    return layer


# ---- lanes and order


def _with_lanes(
    graph: FlowGraph, layers: Mapping[str, int], turned: Mapping[Flow, tuple[str, str]]
) -> tuple[dict[str, _Spot], dict[Flow, list[_Spot]]]:
    """Every box and lane, and the spots each flow passes from top to bottom; flows from one place share their lanes."""
    spots = {key: _Spot(key, layers[key], BOX_WIDTH, place) for key, place in graph.places.items()}
    paths: dict[Flow, list[_Spot]] = {}
    for flow, (upper, lower) in turned.items():
        if upper == lower:
            continue
        path = [spots[upper]]
        for layer in range(layers[upper] + 1, layers[lower]):
            back = flow.start != upper
            key = f"{'back to' if back else 'from'} {upper} {flow.kind} {layer}"
            path.append(spots.setdefault(key, _Spot(key, layer, LANE_WIDTH)))
        paths[flow] = [*path, spots[lower]]
    return spots, paths


def _ordered(spots: Mapping[str, _Spot], paths: Mapping[Flow, Sequence[_Spot]]) -> list[list[_Spot]]:
    """The spots of each layer from left to right, moved to where their neighbours are until few wires cross."""
    rows: list[list[_Spot]] = [[] for _ in range(1 + max((spot.layer for spot in spots.values()), default=0))]
    for spot in spots.values():
        rows[spot.layer].append(spot)
    upper, lower = _neighbours(paths)
    for sweep in range(_SWEEPS):
        neighbours = lower if sweep % 2 else upper
        places = {spot.key: (number + 0.5) / len(row) for row in rows for number, spot in enumerate(row)}
        for row in reversed(rows) if sweep % 2 else rows:
            wanted = {
                spot.key: _mean((places[one.key] for one in neighbours[spot.key]), places[spot.key]) for spot in row
            }
            row.sort(key=lambda spot: wanted[spot.key])
            places |= {spot.key: (number + 0.5) / len(row) for number, spot in enumerate(row)}
    return rows


def _neighbours(
    paths: Mapping[Flow, Sequence[_Spot]],
) -> tuple[dict[str, list[_Spot]], dict[str, list[_Spot]]]:
    upper: dict[str, list[_Spot]] = defaultdict(list)
    lower: dict[str, list[_Spot]] = defaultdict(list)
    for path in paths.values():
        for one, other in pairwise(path):
            if one not in upper[other.key]:
                upper[other.key].append(one)
                lower[one.key].append(other)
    return upper, lower


def _mean(values: Iterable[float], default: float) -> float:
    several = list(values)
    return sum(several) / len(several) if several else default


# ---- where they stand


def _moved(rows: Sequence[Sequence[_Spot]], paths: Mapping[Flow, Sequence[_Spot]]) -> None:
    """Give every spot its x: near its neighbours, in the order of its row, never over another, never wide."""
    upper, lower = _neighbours(paths)
    width = max((_offsets(row)[-1] + (row[0].width + row[-1].width) / 2 for row in rows if row), default=0.0)
    for row in rows:
        _spread(row, [width / 2 for _ in row], width)
    for sweep in range(2 * _SWEEPS):
        neighbours = lower if sweep % 2 else upper
        for row in reversed(rows) if sweep % 2 else rows:
            _spread(row, [_mean((one.x for one in neighbours[spot.key]), spot.x) for spot in row], width)


def _offsets(row: Sequence[_Spot]) -> list[float]:
    """How far each middle stands at least from that of the first."""
    offsets = [0.0]
    for one, other in pairwise(row):
        gap = GAP_X if one.place is not None or other.place is not None else GAP_X / 2
        offsets.append(offsets[-1] + (one.width + other.width) / 2 + gap)
    return offsets


def _spread(row: Sequence[_Spot], wanted: Sequence[float], width: float) -> None:
    """The middles nearest to what is wanted that keep order and gaps: runs that collide share their mean place.

    Isotonic regression by pooling adjacent violators, within the width of the picture.
    """
    offsets = _offsets(row)
    runs: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=False):
        mean, count = want - offset, 1
        while runs and runs[-1][0] > mean:
            before, size = runs.pop()
            mean, count = (before * size + mean * count) / (size + count), size + count
        runs.append((mean, count))
    least = MARGIN + (row[0].width / 2 if row else 0.0)
    most = MARGIN + width - offsets[-1] - (row[-1].width / 2 if row else 0.0)
    starts = [min(max(mean, least), most) for mean, count in runs for _ in range(count)]
    for spot, offset, start in zip(row, offsets, starts, strict=False):
        spot.x = start + offset


def _height(place: Place) -> float:
    return TITLE_HEIGHT + LINE_HEIGHT * len(place.lines)


def _drawn(graph: FlowGraph, rows: Sequence[Sequence[_Spot]], paths: Mapping[Flow, Sequence[_Spot]]) -> Drawing:
    tops, y = [], MARGIN
    for row in rows:
        tops.append(y)
        y += max((_height(spot.place) for spot in row if spot.place is not None), default=0.0) + GAP_Y
    tops.append(y)
    boxes = {
        spot.key: Box(spot.place, spot.x - BOX_WIDTH / 2, tops[spot.layer], _height(spot.place))
        for row in rows
        for spot in row
        if spot.place is not None
    }
    wires = tuple(Wire(flow, _points(flow, path, tops, boxes, paths)) for flow, path in paths.items())
    right = max((spot.x + spot.width / 2 for row in rows for spot in row), default=0.0)
    ordered = tuple(boxes[key] for key in graph.places if key in boxes)
    return Drawing(right + MARGIN, y - GAP_Y + MARGIN, ordered, wires)


def _points(
    flow: Flow,
    path: Sequence[_Spot],
    tops: Sequence[float],
    boxes: Mapping[str, Box],
    paths: Mapping[Flow, Sequence[_Spot]],
) -> tuple[Point, ...]:
    """From the lower edge of the upper box down the lanes to the upper edge of the lower one; or the other way."""
    first, last = path[0], path[-1]
    x = _port(first, flow, paths, at=0)
    points: list[Point] = [(x, boxes[first.key].y + boxes[first.key].height)]
    if points[0][1] < tops[first.layer + 1] - GAP_Y:  # past a taller neighbour before it bends
        points.append((x, tops[first.layer + 1] - GAP_Y))
    for lane in path[1:-1]:
        points += [(lane.x, tops[lane.layer]), (lane.x, tops[lane.layer + 1] - GAP_Y)]
    points.append((_port(last, flow, paths, at=-1), boxes[last.key].y))
    return tuple(points if flow.start == first.key else reversed(points))


def _port(spot: _Spot, flow: Flow, paths: Mapping[Flow, Sequence[_Spot]], *, at: int) -> float:
    """Where on the edge of a box a wire stands: side by side, in the order of what they lead to, ways back apart."""

    def port(path: Sequence[_Spot], leads: Flow) -> tuple[float, str, bool]:
        other = path[1] if at == 0 else path[-2]
        return (other.x, other.key, leads.start == path[0].key)

    order = sorted({port(path, leads) for leads, path in paths.items() if path[at] is spot})
    step = min(24.0, (BOX_WIDTH - 24.0) / len(order))
    return spot.x + (order.index(port(paths[flow], flow)) - (len(order) - 1) / 2) * step
