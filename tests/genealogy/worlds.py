"""Small made-up plants as logs: every kind of event the index follows, drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from trace_core.vocabulary.events import (
    Action,
    AggregationEvent,
    Amount,
    AssociationEvent,
    ErrorDeclaration,
    Event,
    Link,
    ObjectEvent,
    TransformationEvent,
)
from trace_core.vocabulary.identity import Identity, Kind, plant_id
from trace_core.vocabulary.times import format_time

DAY = datetime(2024, 3, 1, tzinfo=UTC)
LOTS = [plant_id(Kind.LOT, f"L{number}", "milk") for number in range(6)]
SERIALS = [plant_id(Kind.SERIAL, f"S{number}", "pump") for number in range(3)]
CARRIERS = [plant_id(Kind.CARRIER, f"C{number}") for number in range(3)]
VESSELS = [plant_id(Kind.EQUIPMENT, f"V{number}") for number in range(2)]
MATERIAL = [*LOTS, *SERIALS]


def at(minutes: float) -> datetime:
    """A moment of the day the worlds play on."""
    return DAY + timedelta(minutes=minutes)


def made(name: str, minutes: float, inputs: Sequence[Identity], outputs: Sequence[Identity], **more: Any) -> Event:
    """A transformation; lots with 10 kg each, serials by their id."""
    plant = more.pop("plant", {})
    return TransformationEvent(
        event_id=name,
        event_time=at(minutes),
        inputs=tuple(one for one in inputs if one.kind is not Kind.LOT),
        input_amounts=tuple(Amount(one, Decimal(10), "KGM") for one in inputs if one.kind is Kind.LOT),
        outputs=tuple(one for one in outputs if one.kind is not Kind.LOT),
        output_amounts=tuple(Amount(one, Decimal(10), "KGM") for one in outputs if one.kind is Kind.LOT),
        plant=plant,
        **more,
    )


def packed(name: str, minutes: float, parent: Identity, children: Sequence[Identity], action: str = "ADD") -> Event:
    """An aggregation; without children a DELETE empties the parent."""
    return AggregationEvent(
        event_id=name, event_time=at(minutes), action=Action(action), parent=parent, **_sides(children)
    )


def joined(name: str, minutes: float, parent: Identity, children: Sequence[Identity], action: str = "ADD") -> Event:
    """An association: a mount where the parent is a vessel, a build where it is a serial."""
    return AssociationEvent(
        event_id=name, event_time=at(minutes), action=Action(action), parent=parent, **_sides(children)
    )


def seen(
    name: str, minutes: float, things: Sequence[Identity], step: str, action: str = "OBSERVE", **more: Any
) -> Event:
    """An object event; lots with 10 kg each."""
    sides = _sides(things, Decimal(10))
    return ObjectEvent(event_id=name, event_time=at(minutes), action=Action(action), biz_step=step, **sides, **more)


def cleaned(name: str, minutes: float, vessel: Identity, **more: Any) -> Event:
    """An effective cleaning of a vessel."""
    plant = {"operation": "cleaning", "equipment": vessel.canonical}
    return seen(name, minutes, (), "", plant=plant, **more)


def drawn(name: str, start: float, end: float, vessel: Identity, outputs: Sequence[Identity]) -> Event:
    """A passage that drew from a vessel between two moments."""
    plant = {"drawnFrom": [vessel.canonical], "start": format_time(at(start)), "end": format_time(at(end))}
    return made(name, end, (), outputs, plant=plant)


def withdrawn(event: Event, minutes: float = 0.0) -> Event:
    """The same event again with an error declaration."""
    return replace(event, error=ErrorDeclaration(at(minutes), "incorrect_data"))


def measured(event: Event, quantity: str, unit: str = "KGM") -> Event:
    """The event with another quantity of each lot it names."""
    assert not isinstance(event, TransformationEvent)
    return replace(event, amounts=tuple(Amount(one.id, Decimal(quantity), unit) for one in event.amounts))


def _sides(things: Sequence[Identity], quantity: Decimal | None = None) -> dict[str, Any]:
    unit = None if quantity is None else "KGM"
    return {
        "epcs": tuple(one for one in things if one.kind is not Kind.LOT),
        "amounts": tuple(Amount(one, quantity, unit) for one in things if one.kind is Kind.LOT),
    }


def some(things: Sequence[Identity], least: int = 0, most: int = 2) -> st.SearchStrategy[list[Identity]]:
    """A few of ``things``, each once."""
    return st.lists(st.sampled_from(list(things)), min_size=least, max_size=most, unique_by=lambda one: one.canonical)


@st.composite
def _anything(draw: st.DrawFn, name: str, minutes: float) -> Event:
    """Any one event: dense genealogy, builds, orders reported in parts, receipts and shipments."""
    sort = draw(st.sampled_from(["make", "make", "order", "build", "see", "hold", "hold"]))
    if sort in ("make", "order"):
        sources = draw(some([*MATERIAL, *CARRIERS[:1]]))
        order = draw(st.sampled_from(["order-1", "order-2"])) if sort == "order" else ""
        return made(name, minutes, sources, draw(some(MATERIAL)), transformation_id=order)
    if sort == "build":
        parent = draw(st.integers(0, 2))
        action = draw(st.sampled_from(["ADD", "ADD", "DELETE"]))
        return joined(name, minutes, SERIALS[parent], draw(some([*LOTS, *SERIALS[:parent]])), action)
    if sort == "hold":
        return draw(_held(name, minutes))
    things = draw(some([*MATERIAL, *CARRIERS], 1))
    steps = [("receiving", "ADD"), ("shipping", "OBSERVE"), ("void_shipping", "OBSERVE"), ("destroying", "DELETE")]
    step, action = draw(st.sampled_from(steps))
    parties = (Link("possessing_party", draw(st.sampled_from(["party-a", "party-b"]))),)
    return seen(name, minutes, things, step, action, sources=parties)


@st.composite
def _held(draw: st.DrawFn, name: str, minutes: float) -> Event:
    """Two raw lots go in and out of two carriers and a vessel, which are used up into lots of their own.

    All that links the raw lots to what is made of them is where they lay, and when.
    """
    raw, made_of_them = LOTS[:2], LOTS[2:]
    sort = draw(
        st.sampled_from(["pack", "pack", "unpack", "mount", "mount", "unmount", "clean", "use", "draw", "draw"])
    )
    carrier = draw(st.integers(0, 1))
    inside = [*raw, *CARRIERS[:carrier]]
    if sort == "pack":
        action = draw(st.sampled_from(["ADD", "ADD", "ADD", "OBSERVE"]))
        return packed(name, minutes, CARRIERS[carrier], draw(some(inside, 1)), action)
    if sort == "unpack":
        return packed(name, minutes, CARRIERS[carrier], draw(some(inside, 0, 1)), "DELETE")
    if sort == "mount":
        return joined(name, minutes, VESSELS[0], draw(some([*raw, CARRIERS[0]], 1, 1)))
    if sort == "unmount":
        return joined(name, minutes, VESSELS[0], draw(some([*raw, CARRIERS[0]], 0, 1)), "DELETE")
    if sort == "clean":
        return cleaned(name, minutes, VESSELS[0])
    output = [draw(st.sampled_from(made_of_them))]
    if sort == "use":
        return made(name, minutes, [CARRIERS[carrier]], output)
    start = minutes - draw(st.sampled_from([0, 0, 30, 200]))
    return drawn(name, start, minutes, draw(st.sampled_from([VESSELS[0], VESSELS[0], CARRIERS[1]])), output)


@st.composite
def logs(draw: st.DrawFn, step_minutes: float = 60.0, most: int = 14) -> list[Event]:
    """A log of distinct events at least ``step_minutes`` apart, some withdrawn, some under an id used before."""
    one_event = draw(st.sampled_from([_anything, _held, _held]))
    count = draw(st.integers(1, most))
    log = [draw(one_event(f"e{number}", number * step_minutes)) for number in range(count)]
    for event in draw(st.lists(st.sampled_from(log), max_size=3, unique_by=lambda one: one.event_id)):
        late = timedelta(minutes=draw(st.sampled_from([0, 0, 0, 1])))
        log.append(withdrawn(replace(event, event_time=event.event_time + late)))
    return log


@st.composite
def quick_moves(draw: st.DrawFn) -> list[Event]:
    """Things put into one holder, taken out and used up within minutes of one another; possible, and none unrecorded.

    Each use makes a lot of its own, so that a link lost is a link seen to be lost.
    """
    holder = draw(st.sampled_from([CARRIERS[0], VESSELS[0]]))
    log: list[Event] = []
    inside: list[Identity] = []
    minutes = 0.0
    for number in range(draw(st.integers(3, 9))):
        minutes += draw(st.sampled_from([2.0, 9.0, 40.0]))
        outside = [one for one in LOTS[:2] if one not in inside]
        ways = ["in"] * bool(outside) + ["out", "empty", "use", "use"] * bool(inside)
        event, inside = _moved(f"e{number}", minutes, holder, draw(st.sampled_from(ways)), inside, outside)
        log.append(event)
    return log


def _moved(
    name: str, minutes: float, holder: Identity, way: str, inside: list[Identity], outside: list[Identity]
) -> tuple[Event, list[Identity]]:
    move = packed if holder.kind is Kind.CARRIER else joined
    if way == "in":
        return move(name, minutes, holder, outside[:1]), [*inside, outside[0]]
    if way == "out":
        return move(name, minutes, holder, inside[:1], "DELETE"), inside[1:]
    if way == "empty":
        return move(name, minutes, holder, [], "DELETE"), []
    output = [plant_id(Kind.LOT, f"made-{name}", "milk")]
    if holder.kind is Kind.CARRIER:
        return made(name, minutes, [holder], output), inside
    return drawn(name, minutes, minutes, holder, output), inside
