"""Stores of lots in containers, first in or first expired out, and the supplies that fill them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from plant_models.projection import party_id
from plant_models.spec import PlantSpec, Supply
from plant_models.spec import Stock as StockSpec
from trace_core.capture.records import PurchaseOrder, RecordType
from twin.floor import Floor
from twin.kernel import Steps
from twin.ledger import Move
from twin.material import Item, Lot, Portion

OPENING_GAP_S = 60.0
"""Between opening lots, so that no two receipts bear one time."""


@dataclass(order=True, slots=True)
class _Container:
    key: tuple[float, int]
    portion: Portion = field(compare=False)
    left: int = field(compare=False)


class Stock:
    """One store. Taking is exact: what is asked for comes out whole, from as many containers as it needs."""

    def __init__(self, floor: Floor, name: str, spec: StockSpec) -> None:
        self.name = name
        self.station = spec.station
        self.place = floor.ledger.place(name)
        self.changed = floor.kernel.signal()
        self.on_taken: Callable[[Item], None] = _ignore
        self._floor = floor
        self._waste = floor.ledger.place("waste", inside=False)
        self._reason = floor.spec.reasons[spec.expired_reason]
        self._by_expiry = spec.policy == "fefo"
        self._shelves: dict[str, list[_Container]] = {item: [] for item in spec.keeps}

    def put(self, portion: Portion, quantity: int) -> None:
        """``quantity`` of ``portion`` comes in; the caller writes the move that brings it."""
        first = portion.expires_s if self._by_expiry else portion.made_s
        insort(self._shelves[portion.lot.item.name], _Container((first, portion.index), portion, quantity))
        self.changed.fire()

    def available(self, item: Item, lot: Lot | None = None) -> int:
        """How much of ``item`` (of one lot where it is given) can be taken; what has expired is scrapped first."""
        self._scrap_expired(item)
        return sum(one.left for one in self._shelves[item.name] if lot is None or one.portion.lot is lot)

    def first_lot(self, item: Item) -> tuple[Lot, int] | None:
        """The lot whose turn it is, and how much of it there is."""
        self._scrap_expired(item)
        shelf = self._shelves[item.name]
        if not shelf:
            return None
        lot = shelf[0].portion.lot
        return lot, sum(one.left for one in shelf if one.portion.lot is lot)

    def first_container(self, item: Item, lot: Lot | None = None) -> int:
        """How much is left in the container whose turn it is, of one lot where it is given; 0 where there is none."""
        self._scrap_expired(item)
        shelf = self._shelves[item.name]
        return next((one.left for one in shelf if lot is None or one.portion.lot is lot), 0)

    def take(self, item: Item, quantity: int, lot: Lot | None = None) -> list[tuple[Portion, int]]:
        """Take ``quantity`` out, of one lot where it is given; the caller has asked whether there is so much."""
        shelf = self._shelves[item.name]
        taken: list[tuple[Portion, int]] = []
        left = quantity
        for one in [one for one in shelf if lot is None or one.portion.lot is lot]:
            part = min(left, one.left)
            one.left -= part
            left -= part
            taken.append((one.portion, part))
            if not one.left:
                shelf.remove(one)
            if not left:
                break
        assert not left, f"{self.name}: {quantity} of {item.name} asked for, {left} too many"
        self.on_taken(item)
        return taken

    def scrap(self, item: Item, lot: Lot, reason: int) -> None:
        """Throw away what is left of ``lot``."""
        quantity = sum(one.left for one in self._shelves[item.name] if one.portion.lot is lot)
        for portion, part in self.take(item, quantity, lot):
            self._floor.ledger.move(Move.SCRAP, self.place, self._waste, item, part, portion)
        self._floor.observer.record(self.station, RecordType.SCRAP, lot=lot, quantity=quantity, nok_code=reason)

    def _scrap_expired(self, item: Item) -> None:
        now = self._floor.now
        old = {one.portion.lot: None for one in self._shelves[item.name] if one.portion.expires_s <= now}
        for lot in old:
            self.scrap(item, lot, self._reason)

    def held_mass(self) -> int:
        """What lies here, in quanta of mass."""
        return sum(one.left * one.portion.lot.item.mass for shelf in self._shelves.values() for one in shelf)

    def lots(self) -> Iterator[tuple[Lot, int]]:
        """Every lot here and how much of it, in the order of the shelves."""
        for shelf in self._shelves.values():
            amounts: dict[Lot, int] = {}
            for one in shelf:
                amounts[one.portion.lot] = amounts.get(one.portion.lot, 0) + one.left
            yield from amounts.items()


def _ignore(item: Item) -> None:
    del item


class Supplies:
    """Orders lots when stock falls below its point, and books them in when they arrive."""

    def __init__(self, floor: Floor, stocks: dict[str, Stock]) -> None:
        self._floor = floor
        self._spec: PlantSpec = floor.spec
        self._stocks = stocks
        self._on_order = dict.fromkeys(self._spec.supplies, 0)
        self._turns = dict.fromkeys(self._spec.supplies, 0)
        for name in self._spec.supplies:
            stocks[name].on_taken = self._consider
        floor.kernel.start(self._open())

    def _open(self) -> Steps:
        for name, supply in self._spec.supplies.items():
            for _ in range(supply.opening_lots):
                self._receive(name, supply)
                yield self._floor.kernel.wait(OPENING_GAP_S)
        for name in self._spec.supplies:
            self._consider(self._floor.items[name])

    def _consider(self, item: Item) -> None:
        supply = self._spec.supplies.get(item.name)
        if supply is None:
            return
        point, lot = self._floor.quanta(supply.reorder_below), self._floor.quanta(supply.lot)
        while self._stocks[item.name].available(item) + self._on_order[item.name] < point:
            self._on_order[item.name] += lot
            self._floor.kernel.start(self._deliver(item, supply, lot))

    def _deliver(self, item: Item, supply: Supply, lot: int) -> Steps:
        late = max(0.0, self._floor.stream(f"supply/{item.name}").normal(1.0, 0.1))
        yield self._floor.kernel.wait(supply.lead_time * late)
        self._on_order[item.name] -= lot
        self._receive(item.name, supply)

    def _receive(self, name: str, supply: Supply) -> None:
        floor, item, stock = self._floor, self._floor.items[name], self._stocks[name]
        supplier = supply.suppliers[self._turns[name] % len(supply.suppliers)]
        self._turns[name] += 1
        declared = self._spec.suppliers[supplier]
        number = floor.number("P")
        time = floor.calendar.moment(floor.now)
        certificate = f"COA-{number}" if supply.certificate else ""
        floor.observer.post(PurchaseOrder("ERP", number, time, party_id(supplier, declared), item.gtin, certificate))
        lot = floor.new_lot(item, supply.lot_code, stock.station, received=True, supplier=declared.code)
        quantity, container = floor.quanta(supply.lot), floor.quanta(supply.container)
        floor.observer.record(stock.station, RecordType.RECEIPT, lot=lot, quantity=quantity, order=number)
        source = floor.ledger.place(f"supplier {supplier}", inside=False)
        for count, start in enumerate(range(0, quantity, container), 1):
            part = min(container, quantity - start)
            portion = floor.ledger.portion(lot, floor.expiry(item), container=str(count))
            floor.ledger.move(Move.RECEIVE, source, stock.place, item, part, portion)
            stock.put(portion, part)
