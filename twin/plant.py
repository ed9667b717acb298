"""A declared plant put together: every part of the file becomes a running part, and each knows only its neighbours."""

from __future__ import annotations

from typing import Protocol

from plant_models.projection import location_id
from plant_models.spec import Counts, Plan
from trace_core.capture.records import StockCount
from twin.batches import Batch, BatchProcess
from twin.carriers import CarrierStore, Palletiser, Shipping
from twin.collecting import Vehicles
from twin.floor import Floor
from twin.kernel import Steps
from twin.laboratory import Laboratory
from twin.material import Lot
from twin.observe.observer import exact
from twin.packing import PackingLine
from twin.stock import Stock, Supplies
from twin.vessels import Vessels


class _Holder(Protocol):
    def held(self) -> dict[str, int]: ...


class Plant:
    """All running parts of one plant."""

    def __init__(self, floor: Floor) -> None:
        spec = floor.spec
        self._floor = floor
        self._laboratory = Laboratory(floor)
        self._stocks = {name: Stock(floor, name, stock) for name, stock in spec.stocks.items()}
        by_item = {item: self._stocks[name] for name, stock in spec.stocks.items() for item in stock.keeps}
        Supplies(floor, by_item)
        self._vessels = {name: Vessels(floor, name, group) for name, group in spec.vessels.items()}
        self._vehicles = [
            Vehicles(floor, name, one, self._vessels[one.unloads_to]) for name, one in spec.collecting.items()
        ]
        self._processes = {
            name: BatchProcess(floor, name, one, self._vessels[one.draws_from], by_item, self._give_to_line)
            for name, one in spec.processes.items()
        }
        self._store = CarrierStore(floor)
        self._lines = {
            name: PackingLine(
                floor, one, by_item, Palletiser(floor, one.palletiser, self._store), self._laboratory, self._packed
            )
            for name, one in spec.lines.items()
        }
        Shipping(floor, self._store, self._laboratory)
        floor.kernel.start(self._release_orders(spec.plan))
        if spec.counts is not None and spec.counts.days:
            floor.kernel.start(self._count_stock(spec.counts))

    def held(self) -> dict[str, int]:
        """What every place of the plant holds, as its own part counts it, in quanta of mass."""
        held = {name: stock.held_mass() for name, stock in self._stocks.items()}
        parts: list[_Holder] = [*self._vehicles, *self._vessels.values(), *self._processes.values()]
        for part in (*parts, *self._lines.values()):
            held |= part.held()
        held[f"{self._store.station} stock"] = self._store.held.mass
        return held

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

    def _count_stock(self, counts: Counts) -> Steps:
        floor, planned = self._floor, -1.0
        while True:
            planned = floor.calendar.next(counts.days, counts.at, planned)
            yield floor.kernel.wait_until(planned)
            for stock in self._stocks.values():
                for lot, quantity in list(stock.lots()):
                    self._count(stock.station, lot, quantity)
            for lot, quantity in self._store.lots():
                self._count(self._store.station, lot, quantity)

    def _count(self, station: str, lot: Lot, quantity: int) -> None:
        floor, item = self._floor, lot.item
        place = floor.spec.stations[station].location
        location = location_id(place, floor.spec.locations[place])
        moment = floor.calendar.moment(floor.now)
        amount = exact(quantity, item.decimals)
        floor.observer.post(
            StockCount("WMS", floor.number("N"), moment, lot.label, item.gtin, location, amount, item.unit)
        )
