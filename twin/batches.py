"""Batch processes: draw from vessels, add what the recipe says, take in rework, hold in a tank until it is packed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from plant_models.spec import Process, Product, Recipe
from trace_core.capture.records import RecordType, Result, WorkOrder
from twin.conduct import ConductKind
from twin.floor import Floor
from twin.kernel import Steps
from twin.ledger import Move
from twin.material import InHand, Item, Lot, Portion, Surface
from twin.observe.observer import exact
from twin.stock import Stock
from twin.vessels import Vessels


@dataclass(slots=True, eq=False)
class Tank:
    """A tank and what of its batch is left in it. All that is drawn from it has met whatever its surface has."""

    name: str
    held: InHand
    surface: Surface = field(default_factory=Surface)
    is_free: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """A batch that can be packed, in its tank."""

    product: str
    portion: Portion
    tank: Tank

    @property
    def left(self) -> int:
        """How much of it is left, in quanta."""
        return self.tank.held.mass // self.portion.lot.item.mass


class BatchProcess:
    """One declared process: one batch after the other through its station, each into a tank of its own."""

    def __init__(
        self,
        floor: Floor,
        name: str,
        spec: Process,
        vessels: Vessels,
        stocks: dict[str, Stock],
        ready: Callable[[Batch], None],
    ) -> None:
        self._floor = floor
        self._spec = spec
        self._vessels = vessels
        self._stocks = stocks
        self._ready = ready
        self._station = InHand(floor.ledger.place(spec.station))
        self._surface = Surface()
        self._tanks = [Tank(tank, InHand(floor.ledger.place(tank))) for tank in spec.tanks.members]
        self._luck = floor.stream(f"process/{name}")
        self._rework = {one.rework.item for one in floor.spec.products.values() if one.rework is not None}
        self._orders: deque[tuple[str, float]] = deque()
        self._changed = floor.kernel.signal()
        self._drain = floor.ledger.place("drain", inside=False)
        floor.kernel.start(self._work())

    def order(self, product: str) -> None:
        """One batch for ``product``, as soon as its turn comes."""
        self._orders.append((product, self._floor.now))
        self._changed.fire()

    def held(self) -> dict[str, int]:
        """What the station and each tank hold, in quanta of mass."""
        return {self._spec.station: self._station.mass} | {tank.name: tank.held.mass for tank in self._tanks}

    def _work(self) -> Steps:
        while True:
            tank = next((tank for tank in self._tanks if tank.is_free), None)
            if tank is None or not self._orders:
                yield self._changed.wait()
                continue
            product, ordered_s = self._orders.popleft()
            plan = self._floor.spec.plan
            if plan is not None and self._floor.now - ordered_s > plan.give_up_after:
                continue
            tank.is_free = False
            yield from self._batch(product, tank)

    # ---- one batch

    def _batch(self, name: str, tank: Tank) -> Steps:
        floor, product = self._floor, self._floor.spec.products[name]
        recipe = floor.spec.recipes[product.recipe]
        made = floor.items[recipe.makes]
        size = floor.quanta(recipe.batch)
        order = floor.number("B")
        moment = floor.calendar.moment(floor.now)
        floor.observer.post(WorkOrder("ERP", order, moment, made.gtin, exact(size, made.decimals), made.unit))
        for item, amount in recipe.inputs.items():
            yield from self._until_there(floor.items[item], floor.quanta(amount))
        added = self._added(recipe, product)
        lot = floor.new_lot(made, self._spec.lot_code, self._spec.tank_station)
        generation = max((portion.generation for portion, _ in added), default=0)
        batch = floor.ledger.portion(lot, floor.expiry(made), generation)
        self._add(batch, added, order)
        milk = size - sum(quantity for _, quantity in added)
        yield from self._vessels.draw(milk, self._spec.flow, batch, self._station, self._spec.station, order)
        self._into_tank(batch, size, tank)
        floor.kernel.start(self._hold(Batch(name, batch, tank), size, order))
        yield from self._clean_station()

    def _until_there(self, item: Item, quantity: int) -> Steps:
        stock = self._stocks[item.name]
        while stock.available(item) < quantity:
            yield stock.changed.wait()

    def _added(self, recipe: Recipe, product: Product) -> list[tuple[Portion, int]]:
        """What goes in besides what fills the batch up: the recipe's inputs, and rework where there is some."""
        floor = self._floor
        added = []
        for name, amount in recipe.inputs.items():
            item = floor.items[name]
            added += self._stocks[name].take(item, floor.quanta(amount))
        if product.rework is not None:
            item = floor.items[product.rework.item]
            stock = self._stocks[item.name]
            quantity = min(stock.available(item), floor.quanta(product.rework.up_to))
            added += stock.take(item, quantity) if quantity else []
        return added

    def _add(self, batch: Portion, added: list[tuple[Portion, int]], order: str) -> None:
        floor = self._floor
        by_lot: dict[Lot, int] = {}
        for portion, quantity in added:
            item = portion.lot.item
            source = self._stocks[item.name].place
            floor.ledger.move(Move.FEED, source, self._station.place, item, quantity, portion, batch)
            floor.ledger.link(batch, portion, quantity * item.mass)
            self._station.add(portion, quantity)
            by_lot[portion.lot] = by_lot.get(portion.lot, 0) + quantity
        for lot, quantity in self._told(by_lot).items():
            floor.observer.record(self._spec.station, RecordType.CONSUME, lot=lot, quantity=quantity, order=order)

    def _told(self, by_lot: dict[Lot, int]) -> dict[Lot, int]:
        """What people report of the lots used: rework not at all, or several lots of an item as one, where they err."""
        conduct, station = self._floor.conduct, self._spec.station
        told: dict[Lot, int] = {}
        first: dict[str, Lot] = {}
        for lot, quantity in by_lot.items():
            name = lot.item.name
            if name in self._rework and conduct.strikes(
                ConductKind.UNREGISTERED_REWORK, station, name, lot.label, "used"
            ):
                continue
            booked = first.setdefault(name, lot)
            if booked is not lot and not conduct.strikes(
                ConductKind.BULK_ISSUE, station, name, lot.label, f"reported as {booked.label}"
            ):
                booked = lot
            told[booked] = told.get(booked, 0) + quantity
        return told

    def _into_tank(self, batch: Portion, size: int, tank: Tank) -> None:
        """The station's hold-up is pushed out with water, so all of the batch reaches the tank."""
        floor = self._floor
        floor.ledger.link_contacts(batch, self._surface.contacts)
        self._surface.touch((batch,))
        tank.surface.touch((batch,))  # what is left of others in the tank meets what is drawn from it, not the batch
        floor.ledger.move(Move.FEED, self._station.place, tank.held.place, batch.lot.item, size, batch)
        self._station.add(batch, -size)
        tank.held.add(batch, size)

    def _hold(self, batch: Batch, size: int, order: str) -> Steps:
        floor, tanks = self._floor, self._spec.tanks
        share = 1.0 + self._luck.normal(0.0, tanks.spread)
        yield floor.kernel.wait(tanks.holds_for * max(0.5, share))
        lot, station = batch.portion.lot, self._spec.tank_station
        measured = (round(self._luck.normal(4.35, 0.05), 2), round(self._luck.normal(20.0, 0.5), 1))
        floor.observer.record(station, RecordType.MEASURE, lot=lot, order=order, result=Result.OK, measured=measured)
        floor.observer.record(station, RecordType.COMPLETE, lot=lot, quantity=size, order=order)
        self._ready(batch)

    def _clean_station(self) -> Steps:
        clean, station = self._spec.clean, self._spec.station
        if self._floor.conduct.strikes(ConductKind.SKIPPED_STEP, station, detail="clean"):
            return
        yield self._floor.kernel.wait(clean.takes)
        self._surface.clean(self._floor.is_cleaned(station, clean))
        self._floor.observer.record(station, RecordType.CLEAN, slot=station, result=Result.OK, measured=(clean.takes,))

    def empty(self, batch: Batch, reason: int) -> None:
        """Drain what is left of a packed batch, and clean its tank for the next one."""
        floor, tank, left = self._floor, batch.tank, batch.left
        if left:
            lot = batch.portion.lot
            floor.ledger.move(Move.LOSE, tank.held.place, self._drain, lot.item, left, batch.portion)
            tank.held.add(batch.portion, -left)
            floor.observer.record(self._spec.tank_station, RecordType.SCRAP, lot=lot, quantity=left, nok_code=reason)
        floor.kernel.start(self._clean_tank(tank))

    def _clean_tank(self, tank: Tank) -> Steps:
        clean, station = self._spec.tanks.clean, self._spec.tank_station
        yield self._floor.kernel.wait(clean.takes)
        tank.surface.clean(self._floor.is_cleaned(tank.name, clean))
        self._floor.observer.record(
            station, RecordType.CLEAN, slot=tank.name, result=Result.OK, measured=(clean.takes,)
        )
        tank.is_free = True
        self._changed.fire()
