"""The edges of an answer: every input row to every thing its process made, as far as the trace reached."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice, pairwise
from operator import attrgetter
from typing import TypeAlias

from trace_core.genealogy.answer import Allocation, Edge, FindingKind
from trace_core.genealogy.columns import NONE
from trace_core.genealogy.trace import Trace
from trace_core.genealogy.traversal import Reach
from trace_core.genealogy.view import Input, View

Link: TypeAlias = tuple[int, int, int]
"""(process, number of the input, output)."""


def edges_of(trace: Trace, limit: int) -> tuple[Edge, ...]:
    """The edges, parallel ones kept, sorted; at most ``limit``, with the finding ``limit`` where there are more."""
    links: set[Link] = set()
    for reach in trace.reaches:
        for process in reach.processes:
            taken, made = _sides(trace.view, reach, process)
            if len(taken) * len(made) > limit:
                return _cut_edges(trace, limit)
            links.update((process, number, output) for number in taken for output in made)
            if len(links) > limit:
                return _cut_edges(trace, limit)
    return _sorted_edges(trace, links)


def _cut_edges(trace: Trace, limit: int) -> tuple[Edge, ...]:
    """The first ``limit`` edges in the order of their processes' names, so that the cut is the same in every store."""
    detail = f"more than {limit} edges: the list of edges is cut there; all lots, serials and carriers are listed"
    trace.report(FindingKind.LIMIT, trace.names(trace.roots), detail)
    links: set[Link] = set()
    for process in sorted(trace.processes, key=trace.process_order):
        for reach in trace.reaches:
            if process in reach.processes:
                links.update(islice(_ordered_links(trace, reach, process), limit - len(links)))
    return _sorted_edges(trace, links)


def _ordered_links(trace: Trace, reach: Reach, process: int) -> Iterator[Link]:
    view = trace.view
    taken, made = _sides(view, reach, process)
    named = {number: view.inputs_of(process)[number] for number in taken}
    taken.sort(key=lambda number: (trace.name(named[number].thing), view.label(named[number].event)))
    made.sort(key=trace.name)
    return ((process, number, output) for number in taken for output in made)


def _sides(view: View, reach: Reach, process: int) -> tuple[list[int], list[int]]:
    """The numbers of the inputs, and the outputs, of a process that are on the way: every one leads to every other."""
    things = reach.things
    taken = view.inputs_of(process)
    if reach.is_backward:
        return list(range(len(taken))), [one for one in _made(view, process) if one in things]
    return [number for number, one in enumerate(taken) if one.thing in things], list(reach.reached[process])


def _made(view: View, process: int) -> list[int]:
    thing = view.tables.outputs.thing
    return list(dict.fromkeys(thing[row] for row in view.process_outputs(process)))


def _sorted_edges(trace: Trace, links: set[Link]) -> tuple[Edge, ...]:
    view = trace.view
    sources: dict[tuple[int, int], tuple[str, Decimal | None, str | None, str, Allocation]] = {}
    edges = []
    for process, number, output in links:
        source = sources.get((process, number))
        if source is None:
            one = view.inputs_of(process)[number]
            source = (
                trace.name(one.thing),
                one.quantity,
                view.unit(one.unit),
                view.label(one.event),
                _allocation(view, process, one),
            )
            sources[process, number] = source
        edges.append(Edge(source[0], trace.name(output), *source[1:]))
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
