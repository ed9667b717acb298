"""Whereabouts in words: mounts, packings, cleanings, voyages, and the facts about one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from trace_core.genealogy.columns import to_moment
from trace_core.genealogy.event_columns import FactKind
from trace_core.genealogy.movements import open_shipments_of
from trace_core.genealogy.records import Cleaning, Fact, Mount, Packing, Voyage
from trace_core.genealogy.run_reading import moment
from trace_core.genealogy.view import View
from trace_core.genealogy.windows import Window

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _span(one: Window) -> tuple[datetime | None, datetime | None]:
    return (to_moment(one.start) if one.is_start_known else None), to_moment(one.end)


def mounts(view: View, windows: Iterable[Window]) -> list[Mount]:
    """Windows of vessels, slots and assemblies, by start."""
    found = []
    for one in windows:
        holder, thing = view.canonical(one.holder), view.canonical(one.child)
        unit, label = view.unit(one.unit), view.label(one.start_event)
        found.append(Mount(holder, thing, *_span(one), one.quantity, unit, one.left, one.ending, label))
    return sorted(found, key=lambda one: (one.start or _BEGINNING, one.holder, one.thing, one.event, str(one.end)))


def packings(view: View, windows: Iterable[Window]) -> list[Packing]:
    """Windows of carriers, by start."""
    found = []
    for one in windows:
        carrier, thing = view.canonical(one.holder), view.canonical(one.child)
        unit, label = view.unit(one.unit), view.label(one.start_event)
        found.append(Packing(carrier, thing, *_span(one), one.quantity, unit, label))
    return sorted(found, key=lambda one: (one.start or _BEGINNING, one.carrier, one.thing, one.event, str(one.end)))


def cleanings(view: View, vessel: int) -> list[Cleaning]:
    """The cleanings of a vessel, by start."""
    rows = view.tables.cleanings
    found = [
        Cleaning(
            vessel=view.canonical(vessel),
            start=moment(rows.start[row]),
            end=moment(rows.end[row]),
            is_effective=bool(rows.is_effective[row]),
            event=view.label(rows.event[row]),
        )
        for row in rows.by_holder.rows(vessel)
        if not view.dead[rows.event[row]]
    ]
    return sorted(found, key=lambda one: (one.start, one.end, one.event))


def facts(view: View, thing: int) -> Iterator[Fact]:
    """Every fact about a thing, in no order."""
    mentions, events = view.tables.mentions, view.tables.events
    for row in view.mentions(thing):
        event = mentions.event[row]
        yield Fact(
            kind=FactKind(events.kind[event]),
            thing=view.canonical(thing),
            event=view.label(event),
            sequence=events.sequence[event],
            time=moment(events.time[event]),
            recorded=moment(events.recorded[event]),
            quantity=view.quantity(mentions.quantity[row]),
            unit=view.unit(mentions.unit[row]),
            step=events.text(events.step[event]),
            disposition=events.text(events.disposition[event]),
            location=events.text(events.location[event]),
            source=events.party(events.sources, event),
            destination=events.party(events.destinations, event),
            equipment=events.text(events.equipment[event]),
            operation=events.text(events.operation[event]),
            reason=events.text(events.reason[event]),
        )


def voyages(view: View, thing: int) -> list[Voyage]:
    """The shipments of a thing by itself, and of the carriers it lay in while it did, by time."""
    mentions, events = view.tables.mentions, view.tables.events
    found = set()
    ways = [(thing, None), *((stay.holder, stay) for stay in view.outer(thing))]
    for carrier, stay in ways:
        unreceived = {event for event, _ in open_shipments_of(view, carrier)}
        for row, time in view.shipments(carrier):
            if stay is not None and not stay.start - view.margin <= time <= stay.end + view.margin:
                continue
            event = mentions.event[row]
            quantity = view.quantity(mentions.quantity[row]) if stay is None else stay.own.quantity
            unit = mentions.unit[row] if stay is None else stay.own.unit
            found.add(
                Voyage(
                    thing=view.canonical(thing),
                    carrier="" if stay is None else view.canonical(carrier),
                    packing="" if stay is None else view.label(stay.own.start_event),
                    destination=events.party(events.destinations, event),
                    time=moment(time),
                    quantity=quantity,
                    unit=view.unit(unit),
                    event=view.label(event),
                    is_open=event in unreceived,
                )
            )
    return sorted(found, key=lambda one: (one.time, one.carrier, one.event, one.packing, str(one.quantity)))
