"""Packing lines: batches in, runs of one printed lot each, a clean after every run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any

import simpy

from plant_models.spec import Line, PackedInput, Product
from trace_core.capture.records import RecordType, Result, WorkOrder
from twin.batches import Batch
from twin.carriers import Palletiser
from twin.floor import Floor
from twin.kernel import Steps
from twin.laboratory import Laboratory
from twin.material import InHand, Lot, Surface
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
            lot = None
            if one.new_lot:
                lot, fits = yield from self._bind(stock, one, hold_up, smallest)
                units = min(units, fits)
            parts.append(Part(item, stock, quantity, hold_up, one.quantity.unit == floor.spec.mass_unit, lot))
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
        yield self._floor.kernel.wait(clean.takes)
        self._parts.surface.clean(self._floor.is_cleaned(station, clean))
        self._floor.observer.record(station, RecordType.CLEAN, slot=station, result=Result.OK, measured=(clean.takes,))
