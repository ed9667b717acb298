"""How material comes into the stocks: ordered when a stock falls below its point, booked in when it arrives."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from plant_models.projection import party_id
from plant_models.spec import PlantSpec, Supply
from trace_core.capture.records import PurchaseOrder, RecordType, Result, TestResult
from twin.floor import Floor
from twin.ledger import Move
from twin.material import Item, Lot
from twin.stock import Stock

OPENING_GAP_S = 60.0
"""Between opening lots, so that no two receipts bear one time."""

LEAD_TIME_SPREAD = 0.1
"""Standard deviation of a lead time, as a share of it."""


class Supplies:
    """Orders lots when stock falls below its point, and books them in when they arrive and there is room for them."""

    def __init__(self, floor: Floor, stocks: Mapping[str, Stock]) -> None:
        self._floor = floor
        self._spec: PlantSpec = floor.spec
        self._stocks = stocks
        self._on_order = dict.fromkeys(self._spec.supplies, 0)
        self._turns = dict.fromkeys(self._spec.supplies, 0)
        for stock in dict.fromkeys(stocks[name] for name in self._spec.supplies):
            stock.on_taken(self._consider)
        self._opening = [name for name, supply in self._spec.supplies.items() for _ in range(supply.opening_lots)]

    def begin(self) -> None:
        """Receive the opening lots, the first of them now; what is short after them is ordered."""
        if self._opening:
            self._receive(self._opening.pop(0))
            self._floor.kernel.call_in(OPENING_GAP_S, self.begin)
            return
        for name in self._spec.supplies:
            self._consider(self._floor.items[name])

    def _consider(self, item: Item) -> None:
        supply = self._spec.supplies.get(item.name)
        if supply is None:
            return
        point, lot = self._floor.quanta(supply.reorder_below), self._floor.quanta(supply.lot)
        while self._stocks[item.name].on_hand(item) + self._on_order[item.name] < point:
            self._on_order[item.name] += lot
            late = max(0.0, self._floor.stream(f"supply/{item.name}").normal(1.0, LEAD_TIME_SPREAD))
            self._floor.kernel.call_in(supply.lead_time * late, partial(self._arrive, item, lot))

    def _arrive(self, item: Item, quantity: int) -> None:
        """A delivery is at the gate; where there is no room for it, it waits until something went out."""
        stock = self._stocks[item.name]
        if stock.room_for(item) < quantity:
            stock.when_room(item, partial(self._arrive, item, quantity))
            return
        self._on_order[item.name] -= quantity
        self._receive(item.name)

    # ---- booking in

    def _receive(self, name: str) -> None:
        floor, supply, item, stock = self._floor, self._spec.supplies[name], self._floor.items[name], self._stocks[name]
        supplier = supply.suppliers[self._turns[name] % len(supply.suppliers)]
        self._turns[name] += 1
        declared = self._spec.suppliers[supplier]
        number = floor.number("P")
        time = floor.calendar.moment(floor.now)
        certificate = f"COA-{number}" if supply.certificate else ""
        floor.observer.post(PurchaseOrder("ERP", number, time, party_id(supplier, declared), item.gtin, certificate))
        potency = self._potency(supply, name)
        quantity, container = floor.quanta(supply.lot), floor.quanta(supply.container)
        lot: Lot | None = None
        for count, start in enumerate(range(0, quantity, container), 1):
            part = min(container, quantity - start)
            if lot is None or supply.container_lots:
                lot = floor.new_lot(
                    item, supply.lot_code, stock.station, received=True, potency=potency, supplier=declared.code
                )
                told = part if supply.container_lots else quantity
                floor.observer.record(stock.station, RecordType.RECEIPT, lot=lot, quantity=told, order=number)
                self._certify(supply, lot)
            portion = floor.ledger.portion(lot, floor.expiry(item), container=str(count))
            source = floor.ledger.place(f"supplier {supplier}", inside=False)
            floor.ledger.move(Move.RECEIVE, source, stock.place, item, part, portion)
            stock.put(portion, part)

    def _potency(self, supply: Supply, name: str) -> float:
        if supply.potency is None:
            return 1.0
        drawn = self._floor.stream(f"supply/{name}/potency").normal(supply.potency.mean, supply.potency.sd)
        return round(max(0.01, drawn), 4)

    def _certify(self, supply: Supply, lot: Lot) -> None:
        """What the supplier's certificate says of the potency, by which it is dispensed."""
        if supply.potency is None:
            return
        floor = self._floor
        floor.observer.post(
            TestResult(
                "LIMS",
                floor.number("Q"),
                floor.calendar.moment(floor.now),
                lot.label,
                lot.item.gtin,
                "potency",
                Result.OK,
                value=Decimal(str(lot.potency)),
            )
        )
