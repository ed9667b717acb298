"""Machines: a declared station as one of the line, with its features and the work it does."""

from __future__ import annotations

from typing import Protocol

from plant_models.work import Machine, SetUp
from twin.feeders import FeederBank
from twin.floor import Floor
from twin.line.conveyor import Conveyor
from twin.line.crew import Crew
from twin.line.features import Breakdowns, Collects
from twin.line.features import SetUp as LineSetUp
from twin.line.hours import ShiftHours
from twin.line.line import Line
from twin.line.station import Station
from twin.signals import Signals
from twin.work.benches import Bench, Furnace
from twin.work.contacts import Contacts
from twin.work.loads import Load
from twin.work.routing import Leaving, Routing


class Around(Protocol):
    """What machines stand among."""

    line: Line
    routing: Routing
    signals: Signals
    crews: dict[str, Crew]
    contacts: dict[str, Contacts]
    banks: dict[str, FeederBank]


def machine(shop: Around, floor: Floor, name: str) -> Station | Conveyor:
    """The station ``name`` of the plant, as its machine is declared."""
    spec = floor.spec.machines.get(name, Machine())
    if spec.conveys is not None:
        bench = Bench(shop.routing, name)
        conveyor = Conveyor(
            shop.line,
            name,
            holds=spec.conveys.holds,
            accumulates=spec.conveys.accumulates,
            work=bench,
            then=Leaving(shop.routing, name),
        )
        bench.station = conveyor
        return conveyor
    work: Bench | Furnace = Bench(shop.routing, name)
    if spec.collects is not None:
        work = Furnace(shop.routing, floor, name, spec.collects)
    station = Station(
        shop.line,
        name,
        work=work,
        then=Leaving(shop.routing, name),
        serves=spec.serves,
        waiting=spec.waiting,
        blocking=spec.blocking,
        opens=None if spec.open is None else ShiftHours(floor.spec.shifts[spec.open], floor.calendar),
        at_close=spec.at_close,
        breakdowns=_breakdowns(shop, spec),
        set_up=None if spec.set_up is None else _set_up(shop, floor, name, spec.set_up),
        collects=None if spec.collects is None else Collects(spec.collects.loads, spec.collects.waits),
    )
    work.station = station
    return station


def _breakdowns(shop: Around, spec: Machine) -> tuple[Breakdowns, ...]:
    return tuple(
        Breakdowns(one.every, one.repair, one.counts, one.load, None if one.crew is None else shop.crews[one.crew])
        for one in spec.breakdowns
    )


def _set_up(shop: Around, floor: Floor, name: str, spec: SetUp) -> LineSetUp:
    takes = floor.law(spec.takes, f"work/{name}/set-up")
    done = SetUpDone(shop, floor, name, spec)
    crew = None if spec.crew is None else shop.crews[spec.crew]
    if spec.between == "campaigns":
        return LineSetUp(takes, campaign=spec.campaign, crew=crew, done=done)
    return LineSetUp(takes, key=Kind(shop.routing, name, spec.between), crew=crew, done=done)


class Kind:
    """What loads differ in, for set-ups at one station: the item they become there, or the order they are of."""

    def __init__(self, routing: Routing, station: str, between: str) -> None:
        self._routing = routing
        self._station = station
        self._between = between

    def __call__(self, load: Load | tuple[Load, ...]) -> object:
        """What tells ``load`` (or a charge, by its first load) from others."""
        first = load[0] if isinstance(load, tuple) else load
        if self._between == "orders":
            return first.order
        task = self._routing.arrive(first, self._station)
        return task.makes or first.item


class SetUpDone:
    """What follows a set-up: drift begins anew, and where it cleans, the station is clean."""

    def __init__(self, shop: Around, floor: Floor, name: str, spec: SetUp) -> None:
        self._shop = shop
        self._floor = floor
        self._name = name
        self._spec = spec
        self._is_slot = any(name in device.stations and name in device.slots for device in floor.spec.devices.values())

    def __call__(self, load: Load | tuple[Load, ...]) -> None:
        """The set-up for ``load`` has ended."""
        first = load[0] if isinstance(load, tuple) else load
        self._shop.signals.set_up(self._name)
        if self._spec.cleans is None:
            return
        effective = self._shop.contacts[self._name].clean(self._spec.cleans)
        if (bank := self._shop.banks.get(self._name)) is not None:
            bank.clean(effective)
        if self._is_slot:
            self._shop.routing.arrive(first, self._name).tell_cleaned(self._spec.takes.mean)
