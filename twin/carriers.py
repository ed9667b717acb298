"""Carriers: stacked by palletisers, kept in a store, shipped to customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from plant_models.amounts import Amount
from plant_models.projection import party_id
from plant_models.spec import Carriers as CarriersSpec
from plant_models.spec import Customer
from plant_models.spec import Shipping as ShippingSpec
from trace_core.capture.records import DeliveryNote, RecordType
from trace_core.vocabulary.gs1_keys import check_digit
from twin.floor import Floor
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

    def __init__(self, floor: Floor, spec: CarriersSpec) -> None:
        self._floor = floor
        self._extension = spec.extension
        packing = floor.spec.packing.items()
        self._stations = {item: one.store for item, one in packing if one.store is not None}
        self._station = spec.store
        stations = dict.fromkeys((spec.store, *self._stations.values()))
        self._held = {station: InHand(floor.ledger.place(f"{station} stock")) for station in stations}
        self._by_item: dict[str, list[Carrier]] = {}
        self._units: dict[str, int] = {}
        self._numbered = 0
        self.on_taken: list[Callable[[Item], None]] = []
        """Called with the item of each carrier that is fetched."""

    def new_sscc(self) -> str:
        """The next SSCC: extension digit, company prefix, serial reference, check digit (GenSpecs 3.2)."""
        company = self._floor.spec.company
        self._numbered += 1
        width = 16 - len(company.prefix)
        serial = f"{self._numbered:0{width}}"
        assert len(serial) == width, f"expected at most {10**width - 1} carriers of one prefix, got {self._numbered}"
        body = f"{self._extension}{company.prefix}{serial}"
        return body + check_digit(body)

    def put(self, carrier: Carrier) -> None:
        """A closed carrier comes in; the palletiser writes the move."""
        self._by_item.setdefault(carrier.item.name, []).append(carrier)
        self._units[carrier.item.name] = self.units_of(carrier.item.name) + carrier.units

    def take(self, carrier: Carrier) -> None:
        """``carrier`` is fetched from its shelf; it stands at the dock until `leave`."""
        self._by_item[carrier.item.name].remove(carrier)
        self._units[carrier.item.name] -= carrier.units
        for callback in self.on_taken:
            callback(carrier.item)

    def of_item(self, item: str) -> list[Carrier]:
        """The carriers of one item, oldest first."""
        return self._by_item.get(item, [])

    def units_of(self, item: str) -> int:
        """How many units of one item are here."""
        return self._units.get(item, 0)

    def station_of(self, item: Item) -> str:
        """The station whose store the carriers of ``item`` stand in."""
        return self._stations.get(item.name, self._station)

    def held_of(self, item: Item) -> InHand:
        """What is in hand where the carriers of ``item`` stand."""
        return self._held[self.station_of(item)]

    def held(self) -> dict[str, int]:
        """What each store holds, in quanta of mass."""
        return {f"{station} stock": held.mass for station, held in self._held.items()}

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

    def __init__(self, floor: Floor, station: str, store: CarrierStore, capacity: Amount) -> None:
        self.station = station
        self.held = InHand(floor.ledger.place(station))
        self._floor = floor
        self._store = store
        self._capacity = floor.quanta(capacity)
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
        store = self._store.held_of(carrier.item)
        for portion, count in carrier.contents:
            floor.ledger.pack(carrier.index, portion, count)
            floor.ledger.move(Move.STORE, self.held.place, store.place, carrier.item, count, portion)
            self.held.add(portion, -count)
            store.add(portion, count)
        self._store.put(carrier)

    def _item_of(self) -> Item:
        assert self._item is not None, "an open carrier has an item"
        return self._item


@dataclass(slots=True)
class _Served:
    """A customer, what it buys and how often, where it is in the truth, and when it orders next."""

    number: int
    name: str
    customer: Customer
    sold: dict[str, float]
    place: int = -1
    planned_s: float = -1.0


class Shipping:
    """Sends carriers to customers, each on its days and at its time.

    What is sold are the products and the packed items; a product's weight says how often it is asked for, 1 for others.
    """

    def __init__(self, floor: Floor, spec: ShippingSpec, store: CarrierStore, laboratory: Laboratory) -> None:
        self._floor = floor
        self._spec = spec
        self._store = store
        self._laboratory = laboratory
        self._weights = {product.item: product.weight for product in floor.spec.products.values()}
        self._weights |= {item: 1.0 for item in floor.spec.packing if item not in self._weights}
        keeps = floor.quanta(spec.keeps) if spec.keeps is not None else 0
        whole = sum(self._weights.values())
        self._keeps = {item: keeps * weight / whole for item, weight in self._weights.items()}
        for number, (name, customer) in enumerate(floor.spec.customers.items()):
            if customer.days and self._sold_to(customer):
                one = _Served(number, name, customer, self._sold_to(customer))
                floor.kernel.call_in(0.0, partial(self._serve, one))

    def _sold_to(self, customer: Customer) -> dict[str, float]:
        """What the customer takes, with how often."""
        return {item: weight for item, weight in self._weights.items() if not customer.items or item in customer.items}

    def _serve(self, one: _Served) -> None:
        one.place = self._floor.ledger.place(f"customer {one.name}", inside=False)
        self._plan(one)

    def _plan(self, one: _Served) -> None:
        one.planned_s = self._floor.calendar.next(one.customer.days, one.customer.at, one.planned_s)
        self._floor.kernel.call_at(max(one.planned_s, self._floor.now), partial(self._order, one))

    def _order(self, one: _Served) -> None:
        """The customer orders: what may leave is loaded, carrier after carrier."""
        luck, customer = self._floor.stream(f"customer/{one.name}"), one.customer
        items, weights = list(one.sold), list(one.sold.values())
        wanted = [luck.choice(items, weights) for _ in range(luck.poisson(customer.carriers_a_day))]
        carriers = [carrier for item in wanted if (carrier := self._pick(item, customer)) is not None]
        if not carriers:
            self._plan(one)
            return
        floor = self._floor
        note = floor.number("D")
        shipment = floor.ledger.shipment(note)
        party = party_id(one.name, customer)
        floor.observer.post(DeliveryNote("ERP", note, floor.calendar.moment(floor.now), party))
        floor.kernel.call_in(self._spec.loading, partial(self._load, one, carriers, note, shipment))

    def _load(self, one: _Served, carriers: list[Carrier], note: str, shipment: int) -> None:
        """The first of ``carriers`` is on the lorry; the next one follows."""
        floor, carrier = self._floor, carriers.pop(0)
        store = self._store.held_of(carrier.item)
        floor.observer.record(self._dock_of(carrier.item), RecordType.SHIP, part=carrier.sscc, order=note)
        floor.ledger.ship(carrier.index, shipment, one.number)
        for portion, count in carrier.contents:
            floor.ledger.move(Move.SHIP, store.place, one.place, carrier.item, count, portion)
            store.add(portion, -count)
        if carriers:
            floor.kernel.call_in(self._spec.loading, partial(self._load, one, carriers, note, shipment))
        else:
            self._plan(one)

    def _pick(self, wanted: str, customer: Customer) -> Carrier | None:
        """The carrier whose turn it is: of the item wanted, else of the one there is most of."""
        others = {item: self._store.units_of(item) for item in self._sold_to(customer)}
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
        if not all(self._laboratory.is_released(lot) for lot in carrier.lots()):
            return False
        verdicts = [self._laboratory.is_good(lot) for lot in carrier.lots()]
        return False not in verdicts and not (customer.needs_release and None in verdicts)

    def _dock_of(self, item: Item) -> str:
        packing = self._floor.spec.packing.get(item.name)
        return self._spec.station if packing is None or packing.ships_at is None else packing.ships_at
