"""A declared plant put together: every part of the file becomes a running part, and each knows only its neighbours."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Protocol

from plant_models.amounts import Amount
from plant_models.projection import location_id
from plant_models.spec import Counts, Plan
from trace_core.capture.records import StockCount
from trace_core.errors import BadInput
from twin.batches import Batch, BatchProcess
from twin.carriers import CarrierStore, Palletiser, Shipping
from twin.collecting import Vehicles
from twin.floor import Floor
from twin.kernel import Steps
from twin.laboratory import Laboratory
from twin.line.line import Line
from twin.line.station import Station
from twin.material import Lot
from twin.observe.observer import exact
from twin.packing import PackingLine
from twin.stock import Stock
from twin.supplies import Supplies
from twin.vessels import Vessels
from twin.work.shop import Shop


class _Holder(Protocol):
    def held(self) -> dict[str, int]: ...


class Plant:
    """All running parts of one plant."""

    def __init__(self, floor: Floor) -> None:
        spec = floor.spec
        self._floor = floor
        self._counted_s = -1.0
        self._laboratory = Laboratory(floor)
        self._stocks = {name: Stock(floor, name, stock, self._laboratory) for name, stock in spec.stocks.items()}
        by_item: dict[str, Stock] = {}
        for name, stock in spec.stocks.items():
            for item in stock.keeps:
                by_item.setdefault(item, self._stocks[name])
        supplies = Supplies(floor, by_item)
        self._store = None if spec.carriers is None else CarrierStore(floor, spec.carriers)
        self._build_batches(by_item)
        self._shop = Shop(floor, self._stocks, self._laboratory, self._store)
        if spec.shipping is not None and self._store is not None:
            Shipping(floor, spec.shipping, self._store, self._laboratory)
        if spec.plan is not None:
            floor.kernel.start(self._release_orders(spec.plan))
        if spec.counts is not None and spec.counts.days:
            self._plan_count(spec.counts)
        supplies.begin()
        self._shop.start()

    @cached_property
    def _numbered(self) -> frozenset[str]:
        """The items whose units have a number each and no lot on their label."""
        operations = self._floor.spec.operations.values()
        return frozenset(one.makes for one in operations if one.makes and one.serial and one.lot is None)

    def _build_batches(self, by_item: dict[str, Stock]) -> None:
        """The parts of plants that collect, blend and fill."""
        floor, spec = self._floor, self._floor.spec
        self._vessels = {name: Vessels(floor, name, group) for name, group in spec.vessels.items()}
        self._vehicles = [
            Vehicles(floor, name, one, self._vessels[one.unloads_to]) for name, one in spec.collecting.items()
        ]
        self._processes = {
            name: BatchProcess(floor, name, one, self._vessels[one.draws_from], by_item, self._give_to_line)
            for name, one in spec.processes.items()
        }
        self._lines: dict[str, PackingLine] = {}
        if spec.carriers is not None and self._store is not None:
            for name, one in spec.lines.items():
                palletiser = Palletiser(floor, one.palletiser, self._store, spec.carriers.capacity)
                self._lines[name] = PackingLine(floor, one, by_item, palletiser, self._laboratory, self._packed)

    @property
    def line(self) -> Line:
        """The machines of declared operations."""
        return self._shop.line

    @property
    def stations(self) -> dict[str, Station]:
        """The machines of declared operations, by name."""
        return self._shop.stations

    @property
    def orderable(self) -> tuple[str, ...]:
        """What `add_order` takes."""
        return (*self._floor.spec.products, *self._shop.orderable)

    def add_order(self, name: str, amount: Amount | None = None) -> None:
        """One order more, besides the plan; a product of the plan comes in batches, so that ``amount`` is left out."""
        if name not in self._floor.spec.products:
            self._shop.add_order(name, amount)
            return
        if amount is not None:
            raise BadInput("no amount, as this product is made in batches", str(amount), f"order of {name}")
        self._processes[self._floor.spec.products[name].process].order(name)

    def held(self) -> dict[str, int]:
        """What every place of the plant holds, as its own part counts it, in quanta of mass."""
        held = {name: stock.held_mass() for name, stock in self._stocks.items()}
        parts: list[_Holder] = [*self._vehicles, *self._vessels.values(), *self._processes.values()]
        for part in (*parts, *self._lines.values()):
            held |= part.held()
        if self._store is not None:
            held |= self._store.held()
        for place, mass in self._shop.held().items():
            held[place] = held.get(place, 0) + mass
        return held

    def settle(self) -> None:
        """Write down what has come together, before the truth is read and balances are struck."""
        self._shop.settle()

    def _give_to_line(self, batch: Batch) -> None:
        """A batch goes to the line with the fewest batches before it; of equals, to the first declared."""
        lines = [self._lines[name] for name in self._floor.spec.products[batch.product].lines]
        min(lines, key=lambda line: line.backlog).give(batch)

    def _packed(self, batch: Batch, reason: int) -> None:
        process = self._floor.spec.products[batch.product].process
        self._processes[process].empty(batch, reason)

    def _release_orders(self, plan: Plan) -> Steps:
        floor, planned = self._floor, -1.0
        days = [day for day, products in plan.week.items() if products]
        while days:
            planned = floor.calendar.next(days, plan.release_at, planned)
            yield floor.kernel.wait_until(planned)
            for product in plan.week[floor.calendar.weekday(floor.now)]:
                self._processes[floor.spec.products[product].process].order(product)

    def _plan_count(self, counts: Counts) -> None:
        self._counted_s = self._floor.calendar.next(counts.days, counts.at, self._counted_s)
        self._floor.kernel.call_at(self._counted_s, partial(self._count_stock, counts))

    def _count_stock(self, counts: Counts) -> None:
        for stock in self._stocks.values():
            for lot, quantity in list(stock.lots()):
                self._count(stock.station, lot, quantity)
        if self._store is not None:
            for lot, quantity in self._store.lots():
                self._count(self._store.station_of(lot.item), lot, quantity)
        self._plan_count(counts)

    def _count(self, station: str, lot: Lot, quantity: int) -> None:
        """``quantity`` of ``lot`` lies at ``station``; units that bear numbers and no lot cannot be counted by lot."""
        floor, item = self._floor, lot.item
        if item.name in self._numbered:
            return
        place = floor.spec.stations[station].location
        location = location_id(place, floor.spec.locations[place])
        moment = floor.calendar.moment(floor.now)
        amount = exact(quantity, item.decimals)
        floor.observer.post(
            StockCount("WMS", floor.number("N"), moment, lot.label, item.gtin, location, amount, item.unit)
        )
