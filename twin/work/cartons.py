"""Onto carriers: units into inner carriers, these into outer ones, each with a number of its own."""

from __future__ import annotations

from plant_models.work import Packing
from trace_core.capture.records import RecordType
from twin.carriers import Carrier, CarrierStore
from twin.floor import Floor
from twin.ledger import Move
from twin.line.line import Line
from twin.line.places import Giver, Place
from twin.material import InHand, Item, Lot, Portion
from twin.work.loads import Load, Numbers
from twin.work.quality import Shop
from twin.work.reports import Reports
from twin.work.splitting import first_numbers

Packed = tuple[Portion, int, list[Numbers]]
"""Units of one portion on a carrier, with their numbers."""


class Packer(Place):
    """Packs one item; what does not fill a carrier waits for more."""

    def __init__(
        self, floor: Floor, line: Line, item: Item, spec: Packing, store: CarrierStore, reports: Reports, shop: Shop
    ) -> None:
        super().__init__(f"{item.name} packing")
        self._floor = floor
        self._line = line
        self._item = item
        self._spec = spec
        self._store = store
        self._reports = reports
        self._shop = shop
        self._place = floor.ledger.place(spec.station)
        self._units = floor.quanta(spec.units)
        self._open: list[Packed] = []
        self._inner: list[tuple[Carrier, list[Packed]]] = []

    def held(self) -> int:
        """What waits here for its carrier to be full, in quanta of mass."""
        waiting = sum(count for _, count, _ in self._open)
        waiting += sum(count for _, contents in self._inner for _, count, _ in contents)
        return waiting * self._item.mass

    def is_free(self) -> bool:
        """Always."""
        return True

    def offer(self, load: Load, giver: Giver) -> bool:
        """Taken, and packed at once."""
        del giver
        order = load.order
        if not load.is_named and load.task is not None:
            load.task.name_at_last(load)
        for portion, quantity in load.material:
            self._floor.ledger.move(Move.PACK, order.place, self._place, self._item, quantity, portion)
            self._shop.sample(portion.lot)
            numbers = first_numbers(load.numbers, quantity) if load.numbers else []
            self._floor.ledger.moved_serials(numbers)
            self._stack(portion, quantity, numbers)
        load.material = []
        self._shop.gone(load)
        self._line.came(-1)
        return True

    def _stack(self, portion: Portion, quantity: int, numbers: list[Numbers]) -> None:
        while quantity:
            part = min(quantity, self._units - sum(count for _, count, _ in self._open))
            self._open.append((portion, part, first_numbers(numbers, part) if numbers else []))
            quantity -= part
            if sum(count for _, count, _ in self._open) == self._units:
                self._close_inner()

    def _close_inner(self) -> None:
        contents, self._open = _joined(self._open), []
        carrier = self._carrier([(portion, count) for portion, count, _ in contents])
        for portion, count, numbers in contents:
            self._floor.ledger.pack(carrier.index, portion, count, numbers)
        if self._reports.is_on:
            self._tell_units(carrier.sscc, contents)
        if self._spec.inner is None:
            self._away(carrier)
            return
        self._inner.append((carrier, contents))
        if len(self._inner) == self._spec.inner:
            self._close_outer()

    def _tell_units(self, sscc: str, contents: list[Packed]) -> None:
        lots: dict[Lot, int] = {}
        for portion, count, numbers in contents:
            if numbers and self._spec.by_serial:
                for label in self._shop.serials.labels(numbers, self._item):
                    self._tell(sscc, _as_read(self._item, label), 1)
            else:
                lots[portion.lot] = lots.get(portion.lot, 0) + count
        for lot, count in lots.items():
            self._tell(sscc, lot, count)

    def _close_outer(self) -> None:
        inner, self._inner = self._inner, []
        contents = [(portion, count) for _, packed in inner for portion, count, _ in packed]
        outer = self._carrier(contents)
        for carrier, _ in inner:
            self._floor.ledger.nest(outer.index, carrier.index)
            if self._reports.is_on:
                self._tell(outer.sscc, _as_read(self._item, f"(00){carrier.sscc}"), None)
        self._away(outer)

    def _tell(self, sscc: str, lot: Lot, count: int | None) -> None:
        station = self._spec.station
        self._floor.observer.record(station, RecordType.PACK, lot=lot, quantity=count, part=sscc)

    def _carrier(self, contents: list[tuple[Portion, int]]) -> Carrier:
        sscc = self._store.new_sscc()
        return Carrier(self._floor.ledger.carrier(sscc), sscc, self._item, tuple(contents), self._floor.now)

    def _away(self, carrier: Carrier) -> None:
        """A closed carrier goes into the store."""
        held: InHand = self._store.held_of(self._item)
        for portion, count in carrier.contents:
            self._floor.ledger.move(Move.STORE, self._place, held.place, self._item, count, portion)
            held.add(portion, count)
        self._store.put(carrier)


def _joined(contents: list[Packed]) -> list[Packed]:
    """``contents`` with neighbours of one portion joined."""
    joined: list[Packed] = []
    for portion, count, numbers in contents:
        if joined and joined[-1][0] is portion:
            joined[-1] = (portion, joined[-1][1] + count, joined[-1][2] + numbers)
        else:
            joined.append((portion, count, numbers))
    return joined


def _as_read(item: Item, label: str) -> Lot:
    """A label as it is read where a lot is expected: a serial, or another carrier."""
    return Lot(0, item, label, label, "")
