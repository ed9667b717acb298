"""The same questions answered slowly and plainly, on networkx, for worlds whose clocks are right and events far apart.

It shares no code with the index: it folds the whole log anew for every question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

import networkx as nx

from trace_core.vocabulary.epcis_json import content_hash
from trace_core.vocabulary.events import (
    AggregationEvent,
    AssociationEvent,
    CommonFields,
    Event,
    ObjectEvent,
    TransformationEvent,
)
from trace_core.vocabulary.identity import Kind
from trace_core.vocabulary.times import parse_time

EARLY = datetime(1900, 1, 1, tzinfo=UTC)
LATE = datetime(2900, 1, 1, tzinfo=UTC)
Stay = tuple[str, datetime, datetime]


def sound(log: Iterable[Event]) -> list[Event]:
    """The events that count, by EVENTS.md, in order of time."""
    log = list(log)
    void = set()
    for declared in (one for one in log if one.error is not None):
        same_id = [one for one in log if one.error is None and one.event_id == declared.event_id]
        equal = [one for one in same_id if content_hash(one) == content_hash(declared)]
        withdrawn = equal if equal else same_id if len(same_id) == 1 else []
        void |= {id(one) for one in withdrawn}
    return sorted((one for one in log if one.error is None and id(one) not in void), key=lambda one: one.event_time)


def stays(log: list[Event]) -> dict[str, list[Stay]]:
    """Who lay in what, from when to when: holder to (thing, start, end)."""
    found: dict[str, list[Stay]] = defaultdict(list)
    since: dict[tuple[str, str], datetime] = {}
    emptied: dict[str, datetime] = defaultdict(lambda: EARLY)

    def leave(holder: str, thing: str, time: datetime) -> None:
        found[holder].append((thing, since.pop((holder, thing), emptied[holder]), time))

    for event in log:
        holders, things, act = _holding(event)
        for holder in holders:
            if act == "EMPTY":
                for inside in [one for at, one in since if at == holder]:
                    leave(holder, inside, event.event_time)
                emptied[holder] = event.event_time
            for thing in things:
                if act == "DELETE":
                    leave(holder, thing, event.event_time)
                else:
                    start = event.event_time if act == "ADD" else emptied[holder]
                    since.setdefault((holder, thing), start)
    for (holder, thing), start in since.items():
        found[holder].append((thing, start, LATE))
    return found


def _holding(event: Event) -> tuple[set[str], list[str], str]:
    if isinstance(event, AggregationEvent | AssociationEvent):
        assert event.parent is not None
        things = [one.canonical for one in event.epcs] + [one.id.canonical for one in event.amounts]
        act = event.action.value if things or event.action.value != "DELETE" else "EMPTY"
        return {event.parent.canonical}, things, act
    if isinstance(event, ObjectEvent) and event.plant.get("operation") == "cleaning":
        return {str(event.plant["equipment"])}, [], "EMPTY"
    return set(), [], ""


def graph_of(log: Iterable[Event]) -> nx.MultiDiGraph[str]:
    """Things to processes to things, each row an edge."""
    events = sound(log)
    lay = stays(events)
    packs = stays([one for one in events if isinstance(one, AggregationEvent)])
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for event in events:
        if isinstance(event, TransformationEvent):
            _add_transformation(graph, event, lay, packs)
        elif isinstance(event, AssociationEvent) and event.parent.kind is Kind.SERIAL:
            process = f"build {event.parent.canonical}"
            for one in (*event.epcs, *(amount.id for amount in event.amounts)):
                graph.add_edge(one.canonical, process)
                graph.add_edge(process, event.parent.canonical)
    return graph


def _add_transformation(
    graph: nx.MultiDiGraph[str], event: TransformationEvent, lay: dict[str, list[Stay]], packs: dict[str, list[Stay]]
) -> None:
    process = f"process {event.transformation_id or event.event_id}"
    taken = [one.canonical for one in event.inputs] + [one.id.canonical for one in event.input_amounts]
    for thing in taken:
        graph.add_edge(thing, process)
        for inside in _inside(packs, thing, event.event_time, event.event_time):
            graph.add_edge(inside, process)
    start, end = _interval(event)
    holders = event.plant.get("drawnFrom", [])
    assert isinstance(holders, list)
    for holder in holders:
        for thing, since, until in lay.get(str(holder), []):
            if since <= end and until >= start:
                graph.add_edge(thing, process)
                for inside in _inside(packs, thing, max(since, start), min(until, end)):
                    graph.add_edge(inside, process)
    for one in (*event.outputs, *(amount.id for amount in event.output_amounts)):
        graph.add_edge(process, one.canonical)


def _interval(event: CommonFields) -> tuple[datetime, datetime]:
    if "start" not in event.plant:
        return event.event_time, event.event_time
    return parse_time(str(event.plant["start"])), parse_time(str(event.plant["end"]))


def _inside(packs: dict[str, list[Stay]], holder: str, start: datetime, end: datetime) -> set[str]:
    found = set()
    for thing, since, until in packs.get(holder, []):
        if max(since, start) <= min(until, end):
            found |= {thing, *_inside(packs, thing, max(since, start), min(until, end))}
    return found


def reached(graph: nx.MultiDiGraph[str], start: str, direction: str) -> set[str]:
    """Everything one leads to or comes from; itself only where a loop leads back."""
    if start not in graph:
        return set()
    way = graph if direction == "forward" else graph.reverse()
    onward: set[str] = set()
    for one in way.successors(start):
        onward |= {one, *nx.descendants(way, one)}
    return {one for one in onward if not one.startswith(("process ", "build "))}
