"""Carriers: stacked by palletisers, kept in a store, shipped to customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plant_models.projection import party_id
from plant_models.spec import Customer
from trace_core.capture.records import DeliveryNote, RecordType
from trace_core.vocabulary.gs1_keys import check_digit
from twin.floor import Floor
from twin.kernel import Steps
from twin.laboratory import Laboratory
from twin.ledger import Move
from twin.material import InHand, Item, Lot, Portion


@dataclass(frozen=True, slots=True, eq=False)
class Carrier:
    """A closed carrier and what stands on it."""

    index: int
    sscc: str
    item: Item
    contents: tuple[tuple[Portion, int], ...]
    closed_s: float

    @property
    def expires_s(self) -> float:
        """When the first of its contents expires."""
        return min(portion.expires_s for portion, _ in self.contents)

    @property
    def units(self) -> int:
        """How many units stand on it."""
        return sum(count for _, count in self.contents)

    def lots(self) -> dict[Lot, int]:
        """Units of each lot, in the order in which they were stacked."""
        counts: dict[Lot, int] = {}
        for portion, count in self.contents:
            counts[portion.lot] = counts.get(portion.lot, 0) + count
        return counts


class CarrierStore:
    """Closed carriers until they leave, and the numbers of new ones."""

    def __init__(self, floor: Floor) -> None:
        spec = floor.spec
        self._floor = floor
        self.station = spec.carriers.store
        self.held = InHand(floor.ledger.place(f"{self.station} stock"))
        self._by_item: dict[str, list[Carrier]] = {}
        self._units: dict[str, int] = {}
        self._numbered = 0

    def new_sscc(self) -> str:
        """The next SSCC: extension digit, company prefix, serial reference, check digit (GenSpecs 3.2)."""
        company = self._floor.spec.company
        self._numbered += 1
        width = 16 - len(company.prefix)
        serial = f"{self._numbered:0{width}}"
        assert len(serial) == width, f"expected at most {10**width - 1} carriers of one prefix, got {self._numbered}"
        body = f"{self._floor.spec.carriers.extension}{company.prefix}{serial}"
        return body + check_digit(body)

    def put(self, carrier: Carrier) -> None:
        """A closed carrier comes in; the palletiser writes the move."""
        self._by_item.setdefault(carrier.item.name, []).append(carrier)
        self._units[carrier.item.name] = self.units_of(carrier.item.name) + carrier.units

    def take(self, carrier: Carrier) -> None:
        """``carrier`` is fetched from its shelf; it stands at the dock until `leave`."""
        self._by_item[carrier.item.name].remove(carrier)
        self._units[carrier.item.name] -= carrier.units

    def of_item(self, item: str) -> list[Carrier]:
        """The carriers of one item, oldest first."""
        return self._by_item.get(item, [])

    def units_of(self, item: str) -> int:
        """How many units of one item are here."""
        return self._units.get(item, 0)

    def lots(self) -> Iterator[tuple[Lot, int]]:
        """Units of every lot on the shelves."""
        counts: dict[Lot, int] = {}
        for carriers in self._by_item.values():
            for carrier in carriers:
                for lot, count in carrier.lots().items():
                    counts[lot] = counts.get(lot, 0) + count
        yield from counts.items()


class Palletiser:
    """Stacks units on carriers: one item each, the end of a lot and the begin of the next together."""

    def __init__(self, floor: Floor, station: str, store: CarrierStore) -> None:
        self.station = station
        self.held = InHand(floor.ledger.place(station))
        self._floor = floor
        self._store = store
        self._capacity = floor.quanta(floor.spec.carriers.capacity)
        self._item: Item | None = None
        self._contents: list[tuple[Portion, int]] = []

    def room_for(self, item: Item) -> int:
        """How many more units of ``item`` the open carrier takes; it is closed where another item stands on it."""
        if self._item is not item:
            self.close()
            self._item = item
        return self._capacity - sum(count for _, count in self._contents)

    def stack(self, portion: Portion, count: int) -> None:
        """``count`` units come from the line, at most as many as there is room for."""
        assert 0 < count <= self.room_for(portion.lot.item), f"expected room for {count} units"
        if self._contents and self._contents[-1][0] is portion:
            count += self._contents.pop()[1]
        self._contents.append((portion, count))
        if self.room_for(portion.lot.item) == 0:
            self.close()

    def close(self) -> None:
        """Label the open carrier and send it to the store; nothing happens where none is open."""
        if not self._contents:
            return
        floor = self._floor
        sscc = self._store.new_sscc()
        carrier = Carrier(floor.ledger.carrier(sscc), sscc, self._item_of(), tuple(self._contents), floor.now)
        self._contents = []
        for lot, count in carrier.lots().items():
            floor.observer.record(self.station, RecordType.PACK, lot=lot, quantity=count, part=sscc)
        for portion, count in carrier.contents:
            floor.ledger.pack(carrier.index, portion, count)
            floor.ledger.move(Move.STORE, self.held.place, self._store.held.place, carrier.item, count, portion)
            self.held.add(portion, -count)
            self._store.held.add(portion, count)
        self._store.put(carrier)

    def _item_of(self) -> Item:
        assert self._item is not None, "an open carrier has an item"
        return self._item


class Shipping:
    """Sends carriers to customers, each on its days and at its time."""

    def __init__(self, floor: Floor, store: CarrierStore, laboratory: Laboratory) -> None:
        self._floor = floor
        self._spec = floor.spec.shipping
        self._store = store
        self._laboratory = laboratory
        self._products = list(floor.spec.products.values())
        keeps = floor.quanta(self._spec.keeps) if self._spec.keeps is not None else 0
        weights = sum(product.weight for product in self._products)
        self._keeps = {product.item: keeps * product.weight / weights for product in self._products}
        for number, (name, customer) in enumerate(floor.spec.customers.items()):
            if customer.days:
                floor.kernel.start(self._serve(number, name, customer))

    def _serve(self, number: int, name: str, customer: Customer) -> Steps:
        floor = self._floor
        luck = floor.stream(f"customer/{name}")
        place = floor.ledger.place(f"customer {name}", inside=False)
        planned = -1.0
        while True:
            planned = floor.calendar.next(customer.days, customer.at, planned)
            yield floor.kernel.wait_until(planned)
            wanted = [
                luck.choice(self._products, [product.weight for product in self._products]).item
                for _ in range(luck.poisson(customer.carriers_a_day))
            ]
            carriers = [carrier for item in wanted if (carrier := self._pick(item, customer)) is not None]
            if carriers:
                yield from self._load(carriers, number, party_id(name, customer), place)

    def _pick(self, wanted: str, customer: Customer) -> Carrier | None:
        """The carrier whose turn it is: of the item wanted, else of the one there is most of."""
        others = {product.item: self._store.units_of(product.item) for product in self._products}
        for item in (wanted, *sorted(others, key=others.__getitem__, reverse=True)):
            if self._store.units_of(item) <= self._keeps[item]:
                continue
            if fit := [one for one in self._store.of_item(item) if self._may_leave(one, customer)]:
                carrier = (max if customer.takes == "freshest" else min)(fit, key=self._turn)
                self._store.take(carrier)
                return carrier
        return None

    def _turn(self, carrier: Carrier) -> tuple[float, int]:
        return (carrier.expires_s if self._spec.policy == "fefo" else carrier.closed_s, carrier.index)

    def _may_leave(self, carrier: Carrier, customer: Customer) -> bool:
        if self._floor.now - carrier.closed_s < self._spec.least_age or carrier.expires_s <= self._floor.now:
            return False
        verdicts = [self._laboratory.is_good(lot) for lot in carrier.lots()]
        return False not in verdicts and not (customer.needs_release and None in verdicts)

    def _load(self, carriers: list[Carrier], customer: int, party: str, place: int) -> Steps:
        floor = self._floor
        note = floor.number("D")
        shipment = floor.ledger.shipment(note)
        floor.observer.post(DeliveryNote("ERP", note, floor.calendar.moment(floor.now), party))
        for carrier in carriers:
            yield floor.kernel.wait(self._spec.loading)
            floor.observer.record(self._spec.station, RecordType.SHIP, part=carrier.sscc, order=note)
            floor.ledger.ship(carrier.index, shipment, customer)
            for portion, count in carrier.contents:
                floor.ledger.move(Move.SHIP, self._store.held.place, place, carrier.item, count, portion)
                self._store.held.add(portion, -count)
