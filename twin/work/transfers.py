"""Transfers: material of one site's stock into another's, with its time on the road and the labels it gets there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from plant_models.projection import site_party
from plant_models.work import Transfer
from trace_core.capture.records import DeliveryNote, RecordType
from twin.floor import Floor
from twin.laboratory import Laboratory
from twin.ledger import Move
from twin.material import Item, Lot, Portion
from twin.stock import Stock
from twin.work.loads import Numbers
from twin.work.lots import words_for
from twin.work.serials import Serials

Sent = tuple[Portion, int, list[Numbers]]


class Transfers:
    """One declared transfer: a lorry at each of its times, with what there is."""

    def __init__(
        self,
        floor: Floor,
        name: str,
        spec: Transfer,
        stocks: Mapping[str, Stock],
        laboratory: Laboratory,
        serials: Serials,
    ) -> None:
        self.place_name = f"{name} in transit"
        self._floor = floor
        self._spec = spec
        self._item: Item = floor.items[spec.item]
        self._source, self._target = stocks[spec.source], stocks[spec.target]
        self._laboratory = laboratory
        self._serials = serials
        self._takes = floor.law(spec.takes, f"transfer/{name}/takes")
        self._most = floor.quanta(spec.most)
        self._place = floor.ledger.place(self.place_name)
        self._on_the_road: dict[str, list[Sent]] = {}
        self._planned = -1.0
        self._party = site_party(floor.spec, spec.arrives_at)
        self._words = {} if spec.relabel is None else words_for(floor.spec, spec.relabel, spec.arrives_at, self._item)

    def begin(self) -> None:
        """From now on, at the declared times."""
        self._planned = self._floor.calendar.next(self._spec.days, self._spec.at, self._planned)
        self._floor.kernel.call_at(self._planned, self._send)

    def held(self) -> int:
        """What is on the road, in quanta of mass."""
        return self._on_its_way() * self._item.mass

    def _on_its_way(self) -> int:
        return sum(quantity for sent in self._on_the_road.values() for _, quantity, _ in sent)

    # ---- out

    def _send(self) -> None:
        self.begin()
        floor, item, source = self._floor, self._item, self._source
        quantity = min(self._most, source.available(item), self._target.room_for(item) - self._on_its_way())
        if quantity <= 0:
            return
        number = floor.number("D")
        sent = [
            (portion, part, self._serials.take(source.place, portion, part))
            for portion, part in source.take(item, quantity)
        ]
        self._on_the_road[number] = sent
        for portion, part, _ in sent:
            floor.ledger.move(Move.SEND, source.place, self._place, item, part, portion)
        if floor.observer.is_listening:
            floor.observer.post(DeliveryNote("ERP", number, floor.calendar.moment(floor.now), self._party))
            self._tell(self._spec.ships_at, RecordType.SHIP, sent, number)
        floor.kernel.call_in(self._takes(), partial(self._arrive, number))

    def _tell(self, station: str, kind: RecordType, sent: list[Sent], order: str) -> None:
        """One record for each numbered unit, else for each lot."""
        record, item = self._floor.observer.record, self._item
        lots: dict[Lot, int] = {}
        for portion, quantity, numbers in sent:
            if numbers:
                for label in self._serials.labels(numbers, item):
                    record(station, kind, item=item, quantity=1, part=label, order=order)
            else:
                lots[portion.lot] = lots.get(portion.lot, 0) + quantity
        for lot, quantity in lots.items():
            record(station, kind, lot=lot, quantity=quantity, order=order)

    # ---- in

    def _arrive(self, number: str) -> None:
        sent = self._on_the_road.pop(number)
        if self._floor.observer.is_listening:
            self._tell(self._spec.arrives_at, RecordType.RECEIPT, sent, number)
        came = sent
        if self._spec.relabel is not None:
            came = self._relabelled(sent, number, self._spec.relabel)
        for (old, _, _), (portion, quantity, numbers) in zip(sent, came, strict=True):
            into = None if portion is old else portion
            self._floor.ledger.move(Move.ARRIVE, self._place, self._target.place, self._item, quantity, old, into)
            self._serials.put(self._target.place, portion, numbers)
            self._target.put(portion, quantity)

    def _relabelled(self, sent: list[Sent], number: str, rule: str) -> list[Sent]:
        """The same under the receiving site's own lots: one for each that came."""
        floor, station, item = self._floor, self._spec.arrives_at, self._item
        lots: dict[Lot, Lot] = {}
        relabelled: list[Sent] = []
        for portion, quantity, numbers in sent:
            lot = lots.get(portion.lot)
            if lot is None:
                potency = portion.lot.potency
                lot = floor.new_lot(item, rule, station, received=False, printed=False, potency=potency, **self._words)
                lots[portion.lot] = lot
                self._laboratory.inherit(lot, portion.lot)
            new = floor.ledger.portion(lot, portion.expires_s, portion.generation)
            floor.ledger.link(new, portion, quantity * item.mass)
            relabelled.append((new, quantity, self._serials.pass_on(new, numbers) if numbers else []))
        if floor.observer.is_listening:
            self._tell_relabelled(sent, relabelled, lots, number)
        return relabelled

    def _tell_relabelled(self, sent: list[Sent], relabelled: list[Sent], lots: dict[Lot, Lot], number: str) -> None:
        """A run for each lot: the old one in, the new one out. Numbered units keep their numbers and say nothing."""
        station = self._spec.arrives_at
        for count, (old, new) in enumerate(lots.items(), 1):
            run = f"{number}.{count}"
            gone = [one for one in sent if one[0].lot is old and not one[2]]
            come = [one for one in relabelled if one[0].lot is new and not one[2]]
            if gone:
                self._tell(station, RecordType.CONSUME, gone, run)
                self._tell(station, RecordType.COMPLETE, come, run)
