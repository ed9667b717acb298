"""Findings about where things came from and went: origins, receipts, shipments, times that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from trace_core.genealogy.accounts import Account
from trace_core.genealogy.answer import FindingKind
from trace_core.genealogy.columns import EVER, NONE, to_moment
from trace_core.genealogy.event_columns import FactKind
from trace_core.genealogy.trace import Trace
from trace_core.genealogy.view import View
from trace_core.vocabulary.times import format_time


def find_movements(trace: Trace) -> None:
    """Note unresolved origins, receipts nobody shipped, shipments nobody received, and uses before the source."""
    for origin in trace.origins:
        _check_origin(trace, origin)
    open_shipments: dict[str, set[str]] = {}
    for thing in trace.members:
        account = trace.accounts[thing]
        around = [*account.events, *trace.carrier_events.get(thing, ())]
        _check_receipts(trace, thing, around)
        _check_times(trace, account)
    carriers = {stay.holder for stays in trace.stays.values() for stay in stays}
    for thing in sorted({*trace.members, *carriers}):
        found = [one for one in open_shipments_of(trace.view, thing) if one[0] in trace.events]
        if found:
            trace.open_shipments[thing] = found
        for _, destination in found:
            open_shipments.setdefault(destination, set()).add(trace.name(thing))
    for destination, ids in open_shipments.items():
        detail = f"shipped to {destination or 'nobody recorded where'}, no receipt recorded"
        trace.report(FindingKind.OPEN_SHIPMENT, ids, detail)


def _check_origin(trace: Trace, origin: int) -> None:
    view = trace.view
    group = [one for one in trace.members if trace.shown.get(one, one) == origin] if trace.shown else [origin]
    if any(trace.accounts[one].has_source for one in group):
        return
    kind = view.tables.events.kind
    around = (event for one in group for event in trace.carrier_events.get(one, ()))
    if not any(kind[event] == FactKind.RECEIPT for event in around):
        detail = "no record of its making, commissioning or receipt"
        trace.report(FindingKind.UNRESOLVED_ORIGIN, (trace.name(origin),), detail)


def _check_receipts(trace: Trace, thing: int, around: list[int]) -> None:
    """A receipt from somebody who ships here, of something that somebody never shipped."""
    events = trace.view.tables.events
    for event in around:
        if events.kind[event] != FactKind.RECEIPT or event not in events.sources:
            continue
        for source in events.sources[event]:
            if _ships_here(trace.view, source) and not _was_shipped_by(trace, source, around):
                party = events.text(source)
                detail = f"received from {party}, whose shipments are recorded here, and never shipped by it"
                trace.report(FindingKind.ORPHAN_RECEIPT, (trace.name(thing), party), detail)


def _ships_here(view: View, party: int) -> bool:
    events = view.tables.events
    return any(not view.dead[events.shipment_event[row]] for row in events.shipments_from.rows(party))


def _was_shipped_by(trace: Trace, party: int, around: list[int]) -> bool:
    """Whether a shipping event near the thing is the party's, or says of nobody that it was theirs."""
    events = trace.view.tables.events
    shipments = [event for event in around if events.kind[event] == FactKind.SHIPMENT]
    return any(party in events.shippers(event) or not events.sources.get(event) for event in shipments)


def open_shipments_of(view: View, thing: int) -> list[tuple[int, str]]:
    """(event, destination) of each shipment of ``thing`` after which nothing says that it, or what it held, arrived.

    Looked up once for each thing: a pallet is asked for by every unit on it.
    """
    found = view.open_shipments.get(thing)
    if found is None:
        found = view.open_shipments[thing] = list(_open_shipments(view, thing))
    return found


def _open_shipments(view: View, thing: int) -> Iterator[tuple[int, str]]:
    shipments = view.shipments(thing)
    if not shipments:
        return
    events, mentions = view.tables.events, view.tables.mentions
    latest = max(_receipt_times(view, thing), default=-EVER)
    for row, time in shipments:
        if latest < time - view.margin:
            event = mentions.event[row]
            yield event, events.party(events.destinations, event)


def _receipt_times(view: View, thing: int) -> Iterator[int]:
    inside = {stay.window.child for stay in view.contents(thing, -EVER, EVER, view.margin)}
    events, mentions = view.tables.events, view.tables.mentions
    for one in {thing, *inside, *(stay.holder for stay in view.outer(thing))}:
        for row in view.mentions(one):
            event = mentions.event[row]
            if events.kind[event] == FactKind.RECEIPT:
                yield events.time[event]


def _check_times(trace: Trace, account: Account) -> None:
    """Used before it was there: by more than two clocks can differ."""
    if not account.used:
        return
    events = trace.view.tables.events
    used = min(account.used, key=lambda one: (one.time, trace.view.label(one.event)))
    sources = [one.time for one in (*account.added, *account.made)] + [events.time[one] for one in account.commissioned]
    if not sources:
        sources = [one.time for one in account.received]
    place = events.location[used.event]
    received_there = [one.time for one in account.received if events.location[one.event] == place != NONE]
    made_there = any(events.location[one.event] == place for one in (*account.added, *account.made))
    for what, times in (("there was any", sources), ("it was received there", [] if made_there else received_there)):
        if times and used.time < min(times) - trace.view.margin:
            detail = f"used {_shown(used.time)} in {trace.view.label(used.event)}, before {what} ({_shown(min(times))})"
            trace.report(FindingKind.TIME_ORDER, (trace.name(account.thing),), detail)


def _shown(time: int) -> str:
    moment = to_moment(time)
    return format_time(moment) if moment is not None else "at an unknown time"
