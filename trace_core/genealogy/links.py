"""The edges of an answer: every input row to every thing its process made, as far as the trace reached."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from operator import attrgetter

from trace_core.genealogy.answer import Allocation, Edge, FindingKind
from trace_core.genealogy.columns import NONE
from trace_core.genealogy.trace import Trace
from trace_core.genealogy.traversal import Reach
from trace_core.genealogy.view import Input, View


def edges_of(trace: Trace, limit: int) -> tuple[Edge, ...]:
    """The edges, parallel ones kept, sorted; at most ``limit``, with the finding ``limit`` where there are more."""
    links: set[tuple[int, int, int]] = set()
    for reach in trace.reaches:
        for process in reach.processes:
            links.update(_links_of(trace.view, reach, process))
            if len(links) > limit:
                return _cut_edges(trace, limit)
    return _sorted_edges(trace, links)


def _cut_edges(trace: Trace, limit: int) -> tuple[Edge, ...]:
    """The first ``limit`` edges in the order of their processes' names, so that the cut is the same in every store."""
    detail = f"more than {limit} edges: the list of edges is cut there; all lots, serials and carriers are listed"
    trace.report(FindingKind.LIMIT, trace.names(trace.roots), detail)
    edges: dict[Edge, None] = {}
    for process in sorted(trace.processes, key=trace.process_order):
        links = {
            link
            for reach in trace.reaches
            if process in reach.processes
            for link in _links_of(trace.view, reach, process)
        }
        edges.update(dict.fromkeys(_sorted_edges(trace, links)))
        if len(edges) >= limit:
            break
    return tuple(sorted(list(edges)[:limit], key=_edge_order))


def _links_of(view: View, reach: Reach, process: int) -> list[tuple[int, int, int]]:
    """(process, number of the input, output) of every link on the way."""
    things = reach.things
    made = reach.reached[process] if not reach.is_backward else _made(view, process)
    taken = view.inputs_of(process)
    if reach.is_backward:
        made = [one for one in made if one in things]
        return [(process, number, one) for number in range(len(taken)) for one in made]
    return [(process, number, one) for number, was in enumerate(taken) if was.thing in things for one in made]


def _made(view: View, process: int) -> list[int]:
    thing = view.tables.outputs.thing
    return list(dict.fromkeys(thing[row] for row in view.process_outputs(process)))


def _sorted_edges(trace: Trace, links: set[tuple[int, int, int]]) -> tuple[Edge, ...]:
    view = trace.view
    names = {node: trace.name(node) for node in trace.members}
    sources: dict[tuple[int, int], tuple[str, Decimal | None, str | None, str, Allocation]] = {}
    edges = []
    for process, number, output in links:
        source = sources.get((process, number))
        if source is None:
            one = view.inputs_of(process)[number]
            source = (
                names[one.thing],
                one.quantity,
                view.unit(one.unit),
                view.label(one.event),
                _allocation(view, process, one),
            )
            sources[process, number] = source
        edges.append(Edge(source[0], names[output], *source[1:]))
    edges.sort(key=_MAIN_ORDER)
    if any(_MAIN_ORDER(one) == _MAIN_ORDER(other) for one, other in pairwise(edges)):
        edges.sort(key=_edge_order)
    return tuple(edges)


_MAIN_ORDER = attrgetter("input", "output", "event")


def _edge_order(edge: Edge) -> tuple[str, str, str, Decimal, str, str]:
    quantity = Decimal(-1) if edge.quantity is None else edge.quantity
    return (edge.input, edge.output, edge.event, quantity, edge.unit or "", edge.allocation)


def _allocation(view: View, process: int, one: Input) -> Allocation:
    if one.holder != NONE and not (one.is_sure and one.is_alone):
        return Allocation.BOUNDED
    events = view.tables.events
    said = events.text(events.allocation[one.event])
    if said and one.holder == NONE and said in _SAID:
        return _SAID[said]
    if view.tables.processes.assembled[process] >= 0:
        return Allocation.EXACT
    is_only_output = len(_made(view, process)) == 1
    has_classes = any(event in events.classes for event in view.process_events(process))
    return Allocation.EXACT if is_only_output and not has_classes else Allocation.ORDER


_SAID = {one.value: one for one in Allocation}
