"""From names to an answer: find what was asked for, reach, note the findings, and put it all into words."""

from __future__ import annotations

from trace_core.genealogy.answer import INCOMPLETE, Direction, Edge, TraceAnswer, TraceShipment, UnknownThing
from trace_core.genealogy.columns import to_moment
from trace_core.genealogy.findings import find_all, report_homonyms
from trace_core.genealogy.links import edges_of
from trace_core.genealogy.trace import Trace, reached
from trace_core.genealogy.view import View
from trace_core.vocabulary.identity import Kind


def answer_for(
    view: View, queries: tuple[str, ...], direction: Direction, edge_limit: int
) -> TraceAnswer | UnknownThing:
    """The answer to a question, or the names nobody knows."""
    named = {query: view.find(query) for query in queries}
    unknown = [UnknownThing(query, view.near(query)) for query, nodes in named.items() if not nodes]
    if unknown:
        return UnknownThing(unknown[0].name, unknown[0].near, tuple(unknown[1:]))
    trace = reached(view, sorted({node for nodes in named.values() for node in nodes}), direction)
    report_homonyms(trace, named)
    edges = edges_of(trace, edge_limit)
    find_all(trace)
    return _in_words(trace, direction, edges)


def _in_words(trace: Trace, direction: Direction, edges: tuple[Edge, ...]) -> TraceAnswer:
    view = trace.view
    looped = {thing for group in trace.loops for thing in group}
    shown_roots = {trace.shown.get(root, root) for root in trace.roots}
    looped = {trace.shown.get(thing, thing) for thing in looped}
    listed = {trace.shown.get(thing, thing) for thing in trace.members} - (shown_roots - looped)
    carriers = {stay.holder for stays in trace.stays.values() for stay in stays}
    carriers |= {thing for thing in listed if view.kind(thing) is Kind.CARRIER}
    serials = [one for one in listed if view.kind(one) in (Kind.SERIAL, Kind.ASSET) and one not in carriers]
    serials += [one for one in listed & carriers if view.kind(one) is Kind.SERIAL]
    findings = tuple(sorted(set(trace.findings)))
    return TraceAnswer(
        direction=direction,
        roots=trace.names(trace.roots),
        lots=trace.names(one for one in listed if view.kind(one) is Kind.LOT),
        serials=trace.names(serials),
        carriers=trace.names(carriers),
        origins=trace.names(trace.origins),
        edges=edges,
        events=tuple(sorted(view.label(event) for event in trace.events)),
        shipments=_shipments(trace, carriers),
        findings=findings,
        aliases=_aliases(trace, carriers),
        complete=not any(one.kind in INCOMPLETE for one in findings),
        delta_s=view.margin / 2_000_000,
    )


def _shipments(trace: Trace, carriers: set[int]) -> tuple[TraceShipment, ...]:
    view = trace.view
    events, mentions = view.tables.events, view.tables.mentions
    shipped = set()
    for thing in {*trace.members, *carriers}:
        for row, time in view.shipments(thing):
            event = mentions.event[row]
            moment = to_moment(time)
            if event in trace.events and moment is not None:
                shipped.add(TraceShipment(trace.name(thing), events.party(events.destinations, event) or None, moment))
    return tuple(sorted(shipped, key=lambda one: (one.time, one.carrier, one.destination or "")))


def _aliases(trace: Trace, carriers: set[int]) -> dict[str, tuple[str, ...]]:
    view = trace.view
    forms: dict[str, set[str]] = {}
    for node in {*trace.members, *carriers}:
        own = trace.name(node)
        others = {view.canonical(node), *view.tables.names.forms(node, view.known)} - {own}
        if others:
            forms.setdefault(own, set()).update(others)
    return {own: tuple(sorted(forms[own])) for own in sorted(forms)}
