"""The evidence of a scope, read from the trace index and masterdata at one moment of event and record time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeAlias

from trace_core.errors import QuantityError
from trace_core.genealogy import records as known
from trace_core.genealogy.reader import Reader
from trace_core.genealogy.records import FactKind
from trace_core.genealogy.tables import CONVERSIONS_ATTRIBUTE
from trace_core.scope.evidence import (
    BEGINNING,
    ZERO,
    Draw,
    Evidence,
    Gap,
    Ledger,
    Made,
    Packing,
    Recipe,
    Run,
    Shipment,
    Stay,
    Use,
)
from trace_core.vocabulary.identity import Kind, Place, identify
from trace_core.vocabulary.masterdata import Bom, Item, MasterdataView, Vocabulary
from trace_core.vocabulary.units import EACH, NO_CONVERSIONS, Conversions, convert

_HELD = (Kind.LOT, Kind.SERIAL)


class Measure(Protocol):
    """Anything with a quantity (None = not said) in a unit (None = pieces)."""

    @property
    def quantity(self) -> Decimal | None:
        """How much; None = not said."""

    @property
    def unit(self) -> str | None:
        """In what; None = pieces."""


Measures: TypeAlias = Sequence[Measure]


def evidence_from(reader: Reader, masterdata: MasterdataView) -> Evidence:
    """Everything the reader's moment knows; cost: one pass over the runs and over the facts of every lot."""
    return _Reading(reader, masterdata).evidence()


def item_key(text: str) -> str:
    """The item number that lots of ``text`` (a GTIN, a class id or an item number) carry."""
    return identify(text, Place.CLASS).item or text


class _Reading:
    def __init__(self, reader: Reader, masterdata: MasterdataView) -> None:
        self._reader = reader
        self._masterdata = masterdata
        self._items = {item_key(one.id): one for one in masterdata.all() if isinstance(one, Item)}
        self._conversions = {key: _conversions_of(one) for key, one in self._items.items()}
        self._used: dict[str, list[known.Portion]] = defaultdict(list)
        self._times: dict[str, list[datetime]] = defaultdict(list)

    def evidence(self) -> Evidence:
        runs = self._reader.runs()
        for run in runs:
            self._note(run)
        stays = list(self._stays(runs))
        things = self._reader.things(*_HELD)
        packings = [one for thing in things for one in self._packings(thing)]
        for lot, start in ((one.lot, one.start) for group in (stays, packings) for one in group):
            self._times[lot].append(start)
        return Evidence(
            runs=[self._run(one) for one in runs],
            stays=stays,
            packings=packings,
            shipments=self._shipments(things),
            ledgers=[self._ledger(thing) for thing in things],
            recipes=[self._recipe(one) for one in self._masterdata.all() if isinstance(one, Bom)],
            silent_orders=self._silent_orders(runs),
        )

    # ---- runs

    def _note(self, run: known.Run) -> None:
        for portion in run.made:
            self._times[portion.thing].append(portion.time)
        for portion in self._uses_of(run):
            self._times[portion.thing].append(portion.time)
            self._used[portion.thing].append(portion)

    def _uses_of(self, run: known.Run) -> Iterator[known.Portion]:
        """Named inputs and the contents of carriers used up; what came out of vessels is argued from stays."""
        vessels = {draw.holder for draw in run.draws}
        for portion in (*run.named, *run.drawn):
            if portion.holder not in vessels and self._reader.kind_of(portion.thing) in _HELD:
                yield portion

    def _run(self, run: known.Run) -> Run:
        return Run(
            id=run.id,
            start=run.start,
            end=run.end,
            uses=tuple(
                Use(one.thing, item, *self._amount(item, one.quantity, one.unit), one.event, one.is_bounded)
                for one in self._uses_of(run)
                for item in (self._reader.item_of(one.thing),)
            ),
            draws=tuple(
                Draw(one.holder, one.start, one.end, one.quantity, one.unit or EACH, one.event) for one in run.draws
            ),
            gaps=tuple(Gap(item_key(one.item), one.quantity, one.unit, one.event) for one in run.gaps),
            made=tuple(
                Made(one.thing, item, *self._amount(item, one.quantity, one.unit), one.event)
                for one in run.made
                for item in (self._reader.item_of(one.thing),)
            ),
            equipment=run.equipment,
            planned_item=self._planned_item(run),
        )

    def _planned_item(self, run: known.Run) -> str:
        for order in (run.id, *run.work_orders):
            paper = self._masterdata.get(order)
            if isinstance(paper, Vocabulary) and paper.attributes.get("item"):
                return item_key(paper.attributes["item"])
        return ""

    def _silent_orders(self, runs: Iterable[known.Run]) -> Iterator[str]:
        reported = {order for run in runs for order in (run.id, *run.work_orders)}
        for paper in self._masterdata.all():
            if isinstance(paper, Vocabulary) and paper.type == "workOrder" and "item" in paper.attributes:
                names = {paper.id, paper.attributes.get("number", "")}
                if not reported & names:
                    yield item_key(paper.attributes["item"])

    # ---- vessels

    def _stays(self, runs: Iterable[known.Run]) -> Iterator[Stay]:
        for holder in sorted({draw.holder for run in runs for draw in run.draws} | set(self._reader.holders())):
            for mount in self._reader.mounts_in(holder):
                yield from self._stays_within(holder, mount.thing, mount)
            for packing in self._reader.packings_in(holder):
                yield from self._stays_within(holder, packing.thing, packing)

    def _stays_within(self, holder: str, thing: str, stay: known.Mount | known.Packing) -> Iterator[Stay]:
        """The stay of a lot, or of every lot in a carrier that lay there."""
        start = stay.start or BEGINNING
        if self._reader.kind_of(thing) in _HELD:
            item = self._reader.item_of(thing)
            quantity, unit = self._amount(item, stay.quantity, stay.unit)
            yield Stay(holder, thing, item, start, stay.end, quantity, unit, stay.event)
            return
        for inner in self._reader.packings_in(thing):
            begins, ends = max(start, inner.start or start), _earlier(stay.end, inner.end)
            if inner.thing != thing and (ends is None or begins <= ends):
                within = replace(inner, start=begins, end=ends)
                yield from self._stays_within(holder, inner.thing, within)

    # ---- carriers and shipments

    def _packings(self, thing: str) -> Iterator[Packing]:
        item = self._reader.item_of(thing)
        for one in self._reader.packings_of(thing):
            start = one.start or BEGINNING
            yield Packing(thing, one.carrier, *self._amount(item, one.quantity, one.unit), start, one.end)

    def _shipments(self, things: Iterable[str]) -> Iterator[Shipment]:
        for thing in things:
            item = self._reader.item_of(thing)
            for one in self._reader.voyages_of(thing):
                quantity, _ = self._amount(item, one.quantity, one.unit)
                yield Shipment(thing, one.destination, one.time, one.event, quantity, one.carrier, one.packing)
        for carrier in self._reader.things(Kind.CARRIER):
            if not self._reader.packings_in(carrier):
                for one in self._reader.voyages_of(carrier):
                    yield Shipment(carrier, one.destination, one.time, one.event, None, carrier)

    # ---- ledgers

    def _ledger(self, lot: str) -> Ledger:
        item, account = self._reader.item_of(lot), self._reader.account_of(lot)
        assert account is not None, f"the reader names {lot} and has no account of it"
        facts = self._reader.facts_of(lot)
        voyages = list({(one.packing or one.event): one for one in self._reader.voyages_of(lot)}.values())
        used = self._used[lot]
        supply = [*account.made, *account.added]
        unit = self._unit_of(item) or next((one.unit or EACH for one in (*supply, *account.received)), EACH)
        is_serial = self._reader.kind_of(lot) is Kind.SERIAL
        return Ledger(
            lot=lot,
            item=item,
            unit=unit,
            first_seen=min([*self._times[lot], *(one.time for one in facts)], default=BEGINNING),
            has_origin=bool(account.made or account.has_source),
            received=Decimal(1) if is_serial else self._received(item, unit, supply, account.received),
            used=max(self._sum(item, unit, used), self._sum(item, unit, account.charged)),
            scrapped=self._sum(item, unit, account.scrapped),
            shipped=self._sum(item, unit, voyages),
            counted=self._counted(facts, [*used, *voyages], item, unit),
            counted_at=max((one.time for one in facts if one.kind is FactKind.COUNT), default=None),
            is_serial=is_serial,
        )

    def _received(self, item: str, unit: str, supply: Measures, receipts: Measures) -> Decimal | None:
        """Supply: what was made and added, else the largest receipt (EVENTS.md, over_consumption)."""
        if supply:
            return self._total(item, unit, supply)
        known_receipts = [self._total(item, unit, [one]) for one in receipts]
        return max((one for one in known_receipts if one is not None), default=None)

    def _counted(
        self, facts: Sequence[known.Fact], moves: Sequence[known.Portion | known.Voyage], item: str, unit: str
    ) -> Decimal | None:
        """The latest count of each place, less what was used, scrapped or left since."""
        latest = {one.location: one for one in facts if one.kind is FactKind.COUNT}
        if not latest:
            return None
        since = max(one.time for one in latest.values())
        scrapped = [one for one in facts if one.kind is FactKind.SCRAP]
        gone = [one for one in (*moves, *scrapped) if one.time > since]
        return max(ZERO, self._sum(item, unit, list(latest.values())) - self._sum(item, unit, gone))

    # ---- quantities

    def _unit_of(self, item: str) -> str:
        return self._items[item].unit if item in self._items else ""

    def _sum(self, item: str, unit: str, measures: Measures) -> Decimal:
        """The sum in ``unit`` of what is known to convert."""
        amounts = (self._converted(item, one.quantity, one.unit or EACH, unit) for one in measures)
        return sum((one for one in amounts if one is not None), ZERO)

    def _total(self, item: str, unit: str, measures: Measures) -> Decimal | None:
        """The sum in ``unit``; None where a quantity is missing or does not convert."""
        total = ZERO
        for one in measures:
            converted = self._converted(item, one.quantity, one.unit or EACH, unit)
            if converted is None:
                return None
            total += converted
        return total

    def _amount(self, item: str, quantity: Decimal | None, unit: str | None) -> tuple[Decimal | None, str]:
        """The quantity in the item's own unit where masterdata declares one, else as it came."""
        own = unit or EACH
        wanted = self._unit_of(item) or own
        return self._converted(item, quantity, own, wanted), wanted

    def _converted(self, item: str, quantity: Decimal | None, source: str, target: str) -> Decimal | None:
        if quantity is None or source == target:
            return quantity
        try:
            amount = convert(quantity, source, target, self._conversions.get(item, NO_CONVERSIONS))
        except QuantityError:
            return None
        return Decimal(amount.numerator) / Decimal(amount.denominator)

    def _recipe(self, bom: Bom) -> Recipe:
        needs = {}
        for line in bom.lines:
            if line.required:
                item = item_key(line.item)
                quantity, _ = self._amount(item, line.quantity, line.unit)
                needs[item] = quantity if quantity is not None else ZERO
        options = frozenset(item_key(line.item) for line in bom.lines if not line.required)
        return Recipe(item_key(bom.item), bom.unit, needs, options)


def _conversions_of(item: Item) -> Conversions:
    lines = [line for line in item.attributes.get(CONVERSIONS_ATTRIBUTE, "").split(";") if line.strip()]
    return Conversions.declared(item.id, lines) if lines else NO_CONVERSIONS


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)
