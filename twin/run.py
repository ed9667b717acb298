"""One run of a packing line: one printed lot from one batch, made in blocks, each of one composition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from plant_models.spec import Product
from trace_core.capture.records import RecordType
from twin.batches import Batch
from twin.carriers import Palletiser
from twin.conduct import ConductKind
from twin.floor import Floor
from twin.kernel import Steps
from twin.ledger import Move
from twin.material import InHand, Item, Lot, Portion, Surface
from twin.stock import Stock


@dataclass(frozen=True, slots=True)
class Part:
    """An input from stock: so much of it a unit; ``hold_up`` of it fills the line at the begin of a run.

    ``lot`` is set where one run takes one lot only; a part that flows wets the line (``is_wet``). ``told_as`` is the
    lot that people report, where they do not see or say what they really use.
    """

    item: Item
    stock: Stock
    per_unit: int
    hold_up: int
    is_wet: bool
    lot: Lot | None = None
    told_as: Lot | None = None

    def units_there(self) -> int:
        """How many units the stock can still give it for."""
        return self.stock.available(self.item, self.lot) // self.per_unit

    def units_of_one_kind(self) -> int:
        """How many units the container in turn gives it for: at least 1, as a unit may take from two containers."""
        return max(1, self.stock.first_container(self.item, self.lot) // self.per_unit)


@dataclass(frozen=True, slots=True)
class LineParts:
    """What a run uses of its line."""

    station: str
    code: str
    held: InHand
    surface: Surface
    palletiser: Palletiser
    seconds_per_unit: float
    first_block: int
    sample: int
    give_sample: Callable[[Lot, int], None]
    at_line: dict[str, tuple[Lot, Lot]] = field(default_factory=dict)
    """By item: the lot in use, and the lot that people report for it."""


@dataclass(slots=True)
class Run:
    """A printed lot in the making; `pack` makes it, `push_out` ends it."""

    floor: Floor
    line: LineParts
    order: str
    batch: Batch
    product: Product
    base_per_unit: int
    base_hold_up: int
    parts: list[Part]
    lot: Lot
    units: int
    rework: Stock | None
    made: int = 0
    _reported: int = 0
    _portion: Portion | None = None
    _made_of: tuple[Portion, ...] = ()
    _hold_up: list[tuple[Portion, int]] = field(default_factory=list)
    _used: dict[Lot, int] = field(default_factory=dict)
    _told: dict[Lot, int] = field(default_factory=dict)

    def pack(self) -> Steps:
        """Fill the line, then make block after block until the units are made or a lot has run out."""
        for part in self.parts:
            while part.hold_up and part.stock.available(part.item, part.lot) < part.hold_up:
                yield part.stock.changed.wait()
        self._fill_line()
        while self.made < self.units:
            empty = next((part for part in self.parts if not part.units_there()), None)
            if empty is not None and empty.lot is not None:
                break
            if empty is not None:
                yield empty.stock.changed.wait()
                continue
            yield from self._block(self._block_size())
        yield from self._tell_used(all_of_it=True)
        yield from self._tell_made()

    def _fill_line(self) -> None:
        if self.base_hold_up:
            self._hold_up.append(self._feed_base(self.base_hold_up, None))
        for part in self.parts:
            if part.hold_up:
                self._hold_up += self._feed_part(part, part.hold_up, None)

    def _block_size(self) -> int:
        limits = [self.units - self.made, self.line.palletiser.room_for(self.lot.item)]
        limits += [min(part.units_there(), part.units_of_one_kind()) for part in self.parts]
        if not self.made:
            limits.append(max(self.line.first_block, self.line.sample))
        return min(limits)

    def _block(self, units: int) -> Steps:
        floor, line, item = self.floor, self.line, self.lot.item
        portion = self._feed(units)
        yield floor.kernel.wait(units * line.seconds_per_unit)
        line.held.add(item, -units)
        sampled = 0 if self.made else min(self.line.sample, units)
        self.made += units
        yield from self._tell_used(all_of_it=False)
        if self.made == units:
            yield from self._tell_made()
        if sampled:
            self._give_sample(portion, sampled)
        if units > sampled:
            palletiser = line.palletiser
            floor.ledger.move(Move.PACK, line.held.place, palletiser.held.place, item, units - sampled, portion)
            palletiser.held.add(item, units - sampled)
            palletiser.stack(portion, units - sampled)

    # ---- what goes in

    def _feed(self, units: int) -> Portion:
        """Take the inputs of a block; gives the portion its units belong to, a new one where the inputs are others."""
        taken = [(part, self._take(part, units * part.per_unit)) for part in self.parts]
        made_of = (self.batch.portion, *(portion for _, portions in taken for portion, _ in portions))
        self.line.surface.touch(self.batch.tank.surface.contacts)
        if self._portion is None or made_of != self._made_of:
            floor = self.floor
            self._portion = floor.ledger.portion(self.lot, floor.expiry(self.lot.item), self.batch.portion.generation)
            self._made_of = made_of
            floor.ledger.link_contacts(self._portion, (one for one in self.line.surface.contacts if one not in made_of))
        self._feed_base(units * self.base_per_unit, self._portion)
        for part, portions in taken:
            self._feed_portions(part, portions, self._portion)
        return self._portion

    def _take(self, part: Part, quantity: int) -> list[tuple[Portion, int]]:
        """What a block takes of ``part``: where somebody tops up, a share of it out of another lot."""
        conduct = self.floor.conduct
        if part.is_wet and part.lot is not None and conduct.has(ConductKind.TOP_UP):
            here = ((lot, there) for lot, there in part.stock.lots() if lot.item is part.item and lot is not part.lot)
            other, there = next(here, (part.lot, 0))
            detail = f"reported as {part.lot.label}"
            if there and (
                fault := conduct.strike(ConductKind.TOP_UP, self.line.station, part.item.name, other.label, detail)
            ):
                extra = min(there, quantity, max(1, round(quantity * fault.share)))
                rest = quantity - extra
                topped = part.stock.take(part.item, extra, other)
                return topped + (part.stock.take(part.item, rest, part.lot) if rest else [])
        return part.stock.take(part.item, quantity, part.lot)

    def _feed_base(self, quantity: int, into: Portion | None) -> tuple[Portion, int]:
        portion, tank = self.batch.portion, self.batch.tank.held
        tank.add(portion, -quantity)
        self._into_line(tank.place, portion, quantity, into, portion.lot)
        self.line.surface.touch(self.batch.tank.surface.contacts)
        return portion, quantity

    def _feed_part(self, part: Part, quantity: int, into: Portion | None) -> list[tuple[Portion, int]]:
        return self._feed_portions(part, part.stock.take(part.item, quantity, part.lot), into)

    def _feed_portions(
        self, part: Part, portions: list[tuple[Portion, int]], into: Portion | None
    ) -> list[tuple[Portion, int]]:
        for portion, quantity in portions:
            self._into_line(part.stock.place, portion, quantity, into, self._told_lot(part, portion.lot))
        if part.is_wet:
            self.line.surface.touch(portion for portion, _ in portions)
        return portions

    def _into_line(self, source: int, portion: Portion, quantity: int, into: Portion | None, told: Lot) -> None:
        item = portion.lot.item
        self.floor.ledger.move(Move.FEED, source, self.line.held.place, item, quantity, portion, into)
        if into is not None:
            self.floor.ledger.link(into, portion, quantity * item.mass)
        self.line.held.add(portion, quantity)
        self._used[told] = self._used.get(told, 0) + quantity

    def _told_lot(self, part: Part, lot: Lot) -> Lot:
        """The lot that people report where ``lot`` is used: the one before it, where nobody registered the change."""
        bound = part.told_as or part.lot
        if bound is not None:
            return bound
        name, conduct = part.item.name, self.floor.conduct
        if not conduct.has(ConductKind.UNREGISTERED_CHANGE):
            return lot
        used, told = self.line.at_line.get(name, (lot, lot))
        if used is not lot:
            detail = f"reported as {told.label}"
            is_told = not conduct.strikes(ConductKind.UNREGISTERED_CHANGE, self.line.station, name, lot.label, detail)
            told = lot if is_told else told
        self.line.at_line[name] = (lot, told)
        return told

    # ---- what is reported: each lot used, and the printed lot, at the first block and at the end

    def _tell_used(self, *, all_of_it: bool) -> Steps:
        for lot, used in list(self._used.items()):
            told = self._told.get(lot, 0)
            if used > told and (all_of_it or not told):
                self._told[lot] = used
                yield from self._tell(RecordType.CONSUME, lot, used - told)

    def _tell_made(self) -> Steps:
        if self.made > self._reported:
            units, self._reported = self.made - self._reported, self.made
            yield from self._tell(RecordType.COMPLETE, self.lot, units)

    def _tell(self, kind: RecordType, lot: Lot, quantity: int) -> Steps:
        """One report, as long as its screen holds the operator up; none where he gives it up."""
        seconds, is_made = self.floor.conduct.capture(self.line.station)
        if seconds:
            yield self.floor.kernel.wait(seconds)
        if is_made:
            self.floor.observer.record(self.line.station, kind, lot=lot, quantity=quantity, order=self.order)

    def _give_sample(self, portion: Portion, units: int) -> None:
        floor = self.floor
        laboratory = floor.ledger.place("laboratory", inside=False)
        floor.ledger.move(Move.SAMPLE, self.line.held.place, laboratory, self.lot.item, units, portion)
        self.line.give_sample(self.lot, units)

    # ---- the end

    def push_out(self) -> None:
        """Push the line's hold-up out: to rework where the product has some and may still have it, else away."""
        rework = self.product.rework
        if rework is None or self.rework is None:
            self._drain_hold_up()
            return
        floor, station = self.floor, self.line.station
        item = floor.items[rework.item]
        quantity = sum(part for _, part in self._hold_up)
        if not quantity:
            return
        lot = floor.new_lot(item, rework.lot_code, station, line=self.line.code)
        generation = self.batch.portion.generation + 1
        portion = floor.ledger.portion(lot, floor.expiry(item), generation)
        self._link_hold_up(portion)
        self.line.surface.touch((portion,))
        if not floor.conduct.strikes(ConductKind.UNREGISTERED_REWORK, station, item.name, lot.label):
            floor.observer.record(station, RecordType.COMPLETE, lot=lot, quantity=quantity, order=self.order)
        self.line.held.add(portion, -quantity)
        if generation <= rework.max_generation:
            floor.ledger.move(Move.RETURN, self.line.held.place, self.rework.place, item, quantity, portion)
            self.rework.put(portion, quantity)
            return
        reason = floor.spec.reasons[rework.limit_reason]
        waste = floor.ledger.place("waste", inside=False)
        floor.ledger.move(Move.SCRAP, self.line.held.place, waste, item, quantity, portion)
        floor.observer.record(station, RecordType.SCRAP, lot=lot, quantity=quantity, nok_code=reason)

    def _link_hold_up(self, portion: Portion) -> None:
        pushed = {one for one, _ in self._hold_up}
        for used, quantity in self._hold_up:
            self.floor.ledger.link(portion, used, quantity * used.lot.item.mass)
        self.floor.ledger.link_contacts(portion, (one for one in self.line.surface.contacts if one not in pushed))

    def _drain_hold_up(self) -> None:
        drain = self.floor.ledger.place("drain", inside=False)
        for portion, quantity in self._hold_up:
            self.floor.ledger.move(Move.LOSE, self.line.held.place, drain, portion.lot.item, quantity, portion)
            self.line.held.add(portion, -quantity)
