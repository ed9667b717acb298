"""Packing lines: batches in, runs of one printed lot each, a clean after every run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import simpy

from plant_models.spec import Line, PackedInput, Product
from trace_core.capture.records import RecordType, Result, WorkOrder
from twin.batches import Batch
from twin.carriers import Palletiser
from twin.conduct import ConductKind
from twin.floor import Floor
from twin.kernel import Steps
from twin.laboratory import Laboratory
from twin.material import InHand, Item, Lot, Surface
from twin.observe.observer import exact
from twin.run import LineParts, Part, Run
from twin.stock import Stock


class PackingLine:
    """One declared line: packs the batches given to it, one after the other."""

    def __init__(
        self,
        floor: Floor,
        spec: Line,
        stocks: dict[str, Stock],
        palletiser: Palletiser,
        laboratory: Laboratory,
        packed: Callable[[Batch, int], None],
    ) -> None:
        self._floor = floor
        self._spec = spec
        self._stocks = stocks
        self._laboratory = laboratory
        self._packed = packed
        self._queue: deque[Batch] = deque()
        self._changed = floor.kernel.signal()
        self._parts = LineParts(
            spec.station,
            spec.code,
            InHand(floor.ledger.place(spec.station)),
            Surface(),
            palletiser,
            floor.seconds_for(1, spec.flow),
            floor.quanta(spec.first_check),
            floor.quanta(spec.sampling.quantity) if spec.sampling else 0,
            self._give_sample,
        )
        self.backlog = 0
        """Batches given and not yet packed."""
        floor.kernel.start(self._work())

    def give(self, batch: Batch) -> None:
        """Queue a batch."""
        self._queue.append(batch)
        self.backlog += 1
        self._changed.fire()

    def held(self) -> dict[str, int]:
        """What the line and its palletiser hold, in quanta of mass."""
        palletiser = self._parts.palletiser
        return {self._spec.station: self._parts.held.mass, palletiser.station: palletiser.held.mass}

    def _work(self) -> Steps:
        while True:
            if not self._queue:
                yield self._changed.wait()
                continue
            batch = self._queue.popleft()
            while (run := (yield from self._next_run(batch))) is not None:
                yield from run.pack()
                run.push_out()
                yield from self._clean()
            self._packed(batch, self._floor.spec.reasons[self._spec.remainder_reason])
            self.backlog -= 1

    def _next_run(self, batch: Batch) -> Generator[simpy.Event, Any, Run | None]:
        """The next run of ``batch``, as long as batch and bound lots last; None where too little of it is left."""
        floor = self._floor
        product = floor.spec.products[batch.product]
        per_unit, base_hold_up, inputs = self._per_unit(product)
        smallest = floor.quanta(self._spec.smallest_run)
        units = (batch.left - base_hold_up) // per_unit
        if units < smallest:
            return None
        parts = []
        for one, hold_up in inputs:
            item = floor.items[one.item]
            stock, quantity = self._stocks[one.item], floor.quanta(one.quantity)
            part = Part(item, stock, quantity, hold_up, one.quantity.unit == floor.spec.mass_unit)
            if one.new_lot:
                lot, fits = yield from self._bind(stock, one, hold_up, smallest)
                part, fits = self._really(replace(part, lot=lot), fits, smallest, units)
                units = min(units, fits)
            parts.append(part)
        item = floor.items[product.item]
        order = floor.number("R")
        moment = floor.calendar.moment(floor.now)
        floor.observer.post(WorkOrder("ERP", order, moment, item.gtin, exact(units, item.decimals), item.unit))
        printed = floor.new_lot(item, self._spec.lot_code, self._spec.station, printed=True, line=self._spec.code)
        rework = self._stocks[product.rework.item] if product.rework else None
        return Run(floor, self._parts, order, batch, product, per_unit, base_hold_up, parts, printed, units, rework)

    def _per_unit(self, product: Product) -> tuple[int, int, list[tuple[PackedInput, int]]]:
        """Of the batch: what a unit takes and the hold-up; and each input with its hold-up.

        The hold-up is split among what flows as in the product, to the last quantum.
        """
        floor = self._floor
        base = floor.quanta(product.takes)
        wet = [one for one in product.inputs if one.quantity.unit == floor.spec.mass_unit]
        total = base + sum(floor.quanta(one.quantity) for one in wet)
        hold_up = floor.quanta(self._spec.hold_up)
        inputs = [(one, hold_up * floor.quanta(one.quantity) // total if one in wet else 0) for one in product.inputs]
        return base, hold_up - sum(part for _, part in inputs), inputs

    def _bind(
        self, stock: Stock, one: PackedInput, hold_up: int, smallest: int
    ) -> Generator[simpy.Event, Any, tuple[Lot, int]]:
        """The lot a run will take of ``one``, and for how many units it lasts; remainders too small are scrapped."""
        floor, item = self._floor, self._floor.items[one.item]
        while True:
            first = stock.first_lot(item)
            if first is None:
                yield stock.changed.wait()
                continue
            lot, there = first
            if (units := (there - hold_up) // floor.quanta(one.quantity)) >= smallest:
                return lot, units
            stock.scrap(item, lot, floor.spec.reasons[self._spec.remainder_reason])

    def _really(self, part: Part, fits: int, smallest: int, wanted: int) -> tuple[Part, int]:
        """What is really taken for a bound part, and for how many units it lasts.

        Another lot or material than the one reported, or, where it runs out early, the next one without a word.
        """
        conduct, lot, station = self._floor.conduct, part.lot, self._spec.station
        assert lot is not None, "a bound part has a lot"
        detail = f"reported as {lot.label}"
        for kind, items in (
            (ConductKind.WRONG_LOT, (part.item,)),
            (ConductKind.WRONG_MATERIAL, self._like(part.item)),
        ):
            if not conduct.has(kind):
                continue
            other = self._other(part, items, smallest)
            if other is not None and conduct.strikes(kind, station, part.item.name, other.label, detail):
                really = replace(part, item=other.item, stock=self._stocks[other.item.name], lot=other, told_as=lot)
                return really, self._lasts(really)
        if fits < wanted and conduct.strikes(
            ConductKind.UNREGISTERED_CHANGE, station, part.item.name, lot.label, f"the next lots {detail}"
        ):
            return replace(part, lot=None, told_as=lot), wanted
        return part, fits

    def _like(self, item: Item) -> tuple[Item, ...]:
        """What else is bound to a run by some product, in the same unit: what one could take for ``item``."""
        floor = self._floor
        inputs = (one for product in floor.spec.products.values() for one in product.inputs if one.new_lot)
        names = dict.fromkeys(one.item for one in inputs if one.item != item.name)
        return tuple(floor.items[name] for name in names if floor.items[name].unit == item.unit)

    def _other(self, part: Part, items: tuple[Item, ...], smallest: int) -> Lot | None:
        for item in items:
            for lot, _ in list(self._stocks[item.name].lots()):
                if lot.item is item and lot is not part.lot:
                    taken = replace(part, item=item, stock=self._stocks[item.name], lot=lot)
                    if self._lasts(taken) >= smallest:
                        return lot
        return None

    def _lasts(self, part: Part) -> int:
        return (part.stock.available(part.item, part.lot) - part.hold_up) // part.per_unit

    def _give_sample(self, lot: Lot, units: int) -> None:
        sampling = self._spec.sampling
        assert sampling is not None, "only a line with sampling gives samples"
        self._floor.observer.record(
            self._spec.station,
            RecordType.SCRAP,
            lot=lot,
            quantity=units,
            nok_code=self._floor.spec.reasons[sampling.reason],
        )
        self._laboratory.examine(sampling.test, lot)

    def _clean(self) -> Steps:
        clean, station = self._spec.clean, self._spec.station
        if self._floor.conduct.strikes(ConductKind.SKIPPED_STEP, station, detail="clean"):
            return
        yield self._floor.kernel.wait(clean.takes)
        self._parts.surface.clean(self._floor.is_cleaned(station, clean))
        self._floor.observer.record(station, RecordType.CLEAN, slot=station, result=Result.OK, measured=(clean.takes,))
