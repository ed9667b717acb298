"""Groups of vessels: filled, drawn, cleaned, each at its own time, with a rest between one and the other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import inf

from plant_models.amounts import Rate
from plant_models.spec import VesselGroup
from trace_core.capture.records import RecordType, Result
from twin.floor import Floor
from twin.kernel import Steps
from twin.ledger import Move
from twin.material import InHand, Portion
from twin.mixing import Content, content

SLIVER = 0.05
"""A vessel is only topped up where a load fits, or at least this share of its capacity is free."""


class Activity(Enum):
    """What a vessel is doing."""

    NOTHING = "nothing"
    FILLING = "filling"
    DRAWING = "drawing"
    CLEANING = "cleaning"


@dataclass(slots=True, eq=False)
class _Vessel:
    name: str
    place: int
    capacity: int
    content: Content
    doing: Activity = Activity.NOTHING
    did: Activity = Activity.NOTHING
    idle_since_s: float = -inf
    cleaned_s: float = 0.0
    is_draining: bool = False
    """Chosen to be drawn down: not filled again before it is."""


class Vessels:
    """One declared group.

    A vessel is never filled, drawn and cleaned at once, and between two different activities lies the declared rest, so
    that clocks which differ by less than half of it cannot confuse them. A vessel that is being drawn down is not
    topped up. Once down to the heel it is cleaned if that is due (the heel goes to the drain), or filled on its heel.
    """

    def __init__(self, floor: Floor, name: str, spec: VesselGroup) -> None:
        self.name = name
        self.item = floor.items[spec.holds]
        self._floor = floor
        self._spec = spec
        self._heel = floor.quanta(spec.heel)
        self._drain = floor.ledger.place("drain", inside=False)
        self._changed = floor.kernel.signal()
        self._vessels = [
            _Vessel(member, floor.ledger.place(member), floor.quanta(capacity), content(spec.mixing, spec.tanks))
            for member, capacity in spec.members.items()
        ]

    def held(self) -> dict[str, int]:
        """What each vessel holds, in quanta of mass."""
        return {vessel.name: vessel.content.quantity * self.item.mass for vessel in self._vessels}

    # ---- filling

    def fill(self, portion: Portion, quantity: int, source: InHand, flow: Rate, station: str) -> Steps:
        """Fill ``quantity`` of ``portion`` from ``source``, into as many vessels as it needs, waiting for room."""
        left = quantity
        while left:
            vessel = self._to_fill(left)
            if vessel is None:
                yield self._changed.wait()
                continue
            part = min(left, vessel.capacity - vessel.content.quantity)
            vessel.doing = Activity.FILLING
            yield self._floor.kernel.wait(self._floor.seconds_for(part, flow))
            vessel.content.fill(portion, part)
            source.add(portion, -part)
            self._floor.ledger.move(Move.FILL, source.place, vessel.place, self.item, part, portion)
            self._floor.observer.record(station, RecordType.MOUNT, lot=portion.lot, quantity=part, slot=vessel.name)
            self._end(vessel)
            left -= part

    def _to_fill(self, load: int) -> _Vessel | None:
        """The fullest vessel with room that may be filled now."""

        def has_room(vessel: _Vessel) -> bool:
            room = vessel.capacity - vessel.content.quantity
            return room >= min(load, max(1, int(SLIVER * vessel.capacity)))

        ready = [one for one in self._vessels if not one.is_draining and self._is_ready(one, Activity.FILLING)]
        return max((one for one in ready if has_room(one)), key=lambda one: one.content.quantity, default=None)

    # ---- drawing

    def draw(self, quantity: int, flow: Rate, into: Portion, target: InHand, station: str, order: str) -> Steps:
        """Draw ``quantity`` to make ``into``, from as many vessels as it needs, waiting for content."""
        left = quantity
        while left:
            vessel = self._to_draw()
            if vessel is None:
                yield self._changed.wait()
                continue
            part = min(left, vessel.content.quantity - self._heel)
            vessel.doing, vessel.is_draining = Activity.DRAWING, True
            seconds = self._floor.seconds_for(part, flow)
            yield self._floor.kernel.wait(seconds)
            drawn = vessel.content.draw(part)
            target.add(self.item, part)
            self._floor.ledger.move(Move.DRAW, vessel.place, target.place, self.item, part, None, into)
            self._floor.ledger.link_drawn(into, drawn)
            self._floor.observer.record(
                station,
                RecordType.CONSUME,
                item=self.item,
                quantity=part,
                order=order,
                slot=vessel.name,
                measured=(seconds,),
            )
            self._end(vessel)
            left -= part
            if vessel.content.quantity <= self._heel:
                self._drawn_down(vessel)

    def _to_draw(self) -> _Vessel | None:
        """The vessel being drawn down, else the fullest that may be drawn now."""
        full = [one for one in self._vessels if one.content.quantity > self._heel]
        ready = [one for one in full if self._is_ready(one, Activity.DRAWING)]
        return max(ready, key=lambda one: (one.is_draining, one.content.quantity), default=None)

    # ---- between

    def _is_ready(self, vessel: _Vessel, activity: Activity) -> bool:
        rested = vessel.did in (activity, Activity.NOTHING) or self._floor.now >= vessel.idle_since_s + self._spec.rest
        return vessel.doing is Activity.NOTHING and rested

    def _end(self, vessel: _Vessel) -> None:
        vessel.did, vessel.doing, vessel.idle_since_s = vessel.doing, Activity.NOTHING, self._floor.now
        self._changed.fire()
        self._floor.kernel.call_in(self._spec.rest, self._changed.fire)

    def _drawn_down(self, vessel: _Vessel) -> None:
        vessel.is_draining = False
        if self._floor.now - vessel.cleaned_s >= self._spec.clean.every:
            vessel.doing = Activity.CLEANING
            self._floor.kernel.start(self._clean(vessel))

    def _clean(self, vessel: _Vessel) -> Steps:
        clean = self._spec.clean
        yield self._floor.kernel.wait(self._spec.rest)
        if heel := vessel.content.quantity:
            vessel.content.draw(heel)
            self._floor.ledger.move(Move.LOSE, vessel.place, self._drain, self.item, heel, None)
        yield self._floor.kernel.wait(clean.takes)
        vessel.content.surface.clean(self._floor.is_cleaned(vessel.name, clean))
        vessel.cleaned_s = self._floor.now
        self._floor.observer.record(
            self._spec.station, RecordType.CLEAN, slot=vessel.name, result=Result.OK, measured=(clean.takes,)
        )
        self._end(vessel)
