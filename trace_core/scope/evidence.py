"""What the records say about material, in the words a scope is argued in.

A scope reads no events: it reads runs (what an order took and made), stays (what lay in a vessel, from when to when),
packings, shipments and one ledger line per lot. :mod:`trace_core.scope.reading` takes them from the trace index; a
test writes them by hand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

ZERO = Decimal(0)

BEGINNING = datetime(1000, 1, 1, tzinfo=UTC)
"""Stands for a start nobody recorded; far enough from the calendar's first day to take a margin off."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Use:
    """A run took ``quantity`` of a lot; ``is_bounded`` = the link holds only within the clocks' margin."""

    lot: str
    item: str
    quantity: Decimal | None
    unit: str
    event: str
    is_bounded: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """A run drew from a vessel or slot between two moments; which lots it got depends on who was in there."""

    vessel: str
    start: datetime
    end: datetime
    quantity: Decimal | None
    unit: str
    event: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A run took something of ``item`` and nobody recorded which lot; ``item`` empty = not even that."""

    item: str
    quantity: Decimal | None
    unit: str
    event: str


@dataclass(frozen=True, slots=True)
class Made:
    """A run made ``quantity`` of a lot or serial."""

    lot: str
    item: str
    quantity: Decimal | None
    unit: str
    event: str


@dataclass(frozen=True, slots=True)
class Run:
    """One transformation: all that was reported under one transformation id, or one assembly."""

    id: str
    start: datetime
    end: datetime
    uses: tuple[Use, ...] = ()
    draws: tuple[Draw, ...] = ()
    gaps: tuple[Gap, ...] = ()
    made: tuple[Made, ...] = ()
    equipment: tuple[str, ...] = ()
    planned_item: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """A lot lay in a vessel from ``start`` to ``end`` (None = still, as far as anybody recorded)."""

    vessel: str
    lot: str
    item: str
    start: datetime
    end: datetime | None
    quantity: Decimal | None
    unit: str
    event: str


@dataclass(frozen=True, slots=True)
class Packing:
    """``quantity`` of a lot lay in a carrier, itself or in one inside, from ``start`` to ``end`` (None = still)."""

    lot: str
    carrier: str
    quantity: Decimal | None
    unit: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Shipment:
    """A lot left for ``destination`` (empty = nobody recorded where to), in ``carrier`` or by itself.

    ``packing`` is the event that put it into its carrier. A carrier without recorded contents is its own ``thing``.
    """

    thing: str
    destination: str
    time: datetime
    event: str
    quantity: Decimal | None = None
    carrier: str = ""
    packing: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The account of one lot, in ``unit``; None in ``received`` = no quantity, or units that do not convert.

    ``scrapped`` is all that was destroyed, samples among it.
    """

    lot: str
    item: str
    unit: str
    first_seen: datetime
    has_origin: bool
    received: Decimal | None = None
    used: Decimal = ZERO
    scrapped: Decimal = ZERO
    shipped: Decimal = ZERO
    counted: Decimal | None = None
    counted_at: datetime | None = None
    is_serial: bool = False

    @property
    def accounted(self) -> Decimal:
        """What the records say became of the lot, with what a later count found of it."""
        return self.used + self.scrapped + self.shipped + (self.counted or ZERO)

    @property
    def missing(self) -> Decimal | None:
        """Received less accounted for: above 0 = nobody recorded where it went, below 0 = more used than there was."""
        return None if self.received is None else self.received - self.accounted


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one ``unit`` of ``item`` takes, as item to quantity; ``options`` are items that may go in as well."""

    item: str
    unit: str
    needs: Mapping[str, Decimal]
    options: frozenset[str] = frozenset()


class Evidence:
    """Everything recorded, as of one moment of event time and of record time. Built once, asked often."""

    def __init__(
        self,
        *,
        runs: Iterable[Run] = (),
        stays: Iterable[Stay] = (),
        packings: Iterable[Packing] = (),
        shipments: Iterable[Shipment] = (),
        ledgers: Iterable[Ledger] = (),
        recipes: Iterable[Recipe] = (),
        silent_orders: Iterable[str] = (),
    ) -> None:
        self.runs = tuple(runs)
        self.ledgers: Mapping[str, Ledger] = {one.lot: one for one in ledgers}
        self.recipes = _grouped(recipes, lambda one: one.item)
        self.shipments = tuple(shipments)
        self.silent_orders = Counter(silent_orders)
        """Work orders no run reported on, counted by planned item."""
        self._runs_by_input: dict[str, list[Run]] = defaultdict(list)
        self._draws_by_vessel: dict[str, list[tuple[Run, Draw]]] = defaultdict(list)
        for run in self.runs:
            for lot in dict.fromkeys(use.lot for use in run.uses):
                self._runs_by_input[lot].append(run)
            for draw in run.draws:
                self._draws_by_vessel[draw.vessel].append((run, draw))
        all_stays, all_packings = tuple(stays), tuple(packings)
        self._stays_by_lot = _grouped(all_stays, lambda one: one.lot)
        self._stays_by_vessel = _grouped(all_stays, lambda one: one.vessel)
        self._packings_by_lot = _grouped(all_packings, lambda one: one.lot)
        self._packings_by_carrier = _grouped(all_packings, lambda one: one.carrier)
        self._shipments_by_thing = _grouped(self.shipments, lambda one: one.thing)

    def runs_using(self, lot: str) -> Sequence[Run]:
        """The runs that recorded ``lot`` among their inputs."""
        return self._runs_by_input.get(lot, ())

    def draws_from(self, vessel: str) -> Sequence[tuple[Run, Draw]]:
        """Every draw from ``vessel`` with its run."""
        return self._draws_by_vessel.get(vessel, ())

    def stays_of(self, lot: str) -> Sequence[Stay]:
        """Where and when ``lot`` lay in vessels."""
        return self._stays_by_lot.get(lot, ())

    def stays_in(self, vessel: str) -> Sequence[Stay]:
        """Who lay in ``vessel``, and when."""
        return self._stays_by_vessel.get(vessel, ())

    def vessels_of_item(self, item: str) -> Sequence[str]:
        """The vessels that ever held a lot of ``item``."""
        return sorted(vessel for vessel, stays in self._stays_by_vessel.items() if any(s.item == item for s in stays))

    def packings_of(self, lot: str) -> Sequence[Packing]:
        """The carriers ``lot`` lay in."""
        return self._packings_by_lot.get(lot, ())

    def packings_in(self, carrier: str) -> Sequence[Packing]:
        """What lay in ``carrier``."""
        return self._packings_by_carrier.get(carrier, ())

    def shipments_of(self, thing: str) -> Sequence[Shipment]:
        """The shipments of a carrier or lot."""
        return self._shipments_by_thing.get(thing, ())


def _grouped(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, tuple[Row, ...]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: tuple(group) for name, group in groups.items()}
