"""The rows of the graph: who went into which process, who came out, who lay in what, who is named where.

Things and processes are the two sides of a bipartite multigraph: parallel rows are kept, none is ever merged. What was
mounted in a vessel or slot is kept as facts about the vessel, not as an edge per passage: a draw meets the mounts of
its interval when somebody asks (:mod:`trace_core.genealogy.windows`).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from enum import IntEnum
from typing import NamedTuple

from trace_core.errors import BadInput
from trace_core.genealogy.columns import NONE, Codes, Star, ints, longs
from trace_core.genealogy.event_columns import EventColumns
from trace_core.genealogy.names import Names
from trace_core.vocabulary.events import Amount
from trace_core.vocabulary.identity import Place, identify
from trace_core.vocabulary.masterdata import EquipmentKind, Item
from trace_core.vocabulary.units import NO_CONVERSIONS, Conversions


class Act(IntEnum):
    """What a fact about a holder says of a thing; in this order at equal times."""

    ADD = 0
    OBSERVE = 1
    DELETE = 2


_EXACT = Context(prec=4096, Emax=MAX_EMAX, Emin=MIN_EMIN)


class Amounts:
    """Quantities and units as codes, equal quantities with one code and one way of writing: 5000, not 5.0E+3."""

    def __init__(self) -> None:
        self.quantities: Codes[Decimal] = Codes()
        self.units: Codes[str] = Codes()

    def quantity(self, quantity: Decimal | None) -> int:
        """The code of ``quantity``; ``NONE`` where nothing was said."""
        if quantity is None:
            return NONE
        code = self.quantities.known(quantity)
        return code if code >= 0 else self.quantities.code(plain(quantity))

    def codes(self, amount: Amount) -> tuple[int, int]:
        """The codes of an amount's quantity and unit."""
        return self.quantity(amount.quantity), self.units.code_of(amount.unit)


def plain(quantity: Decimal) -> Decimal:
    """The same number without trailing zeros and without exponent."""
    shortest = quantity.normalize(_EXACT)
    exponent = shortest.as_tuple().exponent
    return shortest.quantize(Decimal(1), context=_EXACT) if isinstance(exponent, int) and exponent > 0 else shortest


class Portions:
    """Input rows or output rows: a thing, its process, how much, and the event that says so."""

    def __init__(self) -> None:
        self.thing = ints()
        self.process = ints()
        self.event = ints()
        self.quantity = ints()
        self.unit = ints()
        self.is_removal = bytearray()
        """1 where only a removal says that the thing had been there."""
        self.by_thing = Star()
        self.by_process = Star()

    def append(self, thing: int, process: int, event: int, quantity: int, unit: int, is_removal: bool = False) -> None:
        """Add a row."""
        self.thing.append(thing)
        self.process.append(process)
        self.event.append(event)
        self.quantity.append(quantity)
        self.unit.append(unit)
        self.is_removal.append(is_removal)
        self.by_thing.link(thing)
        self.by_process.link(process)


class Draws:
    """A process drew from a holder (vessel, slot, carrier) between two moments."""

    def __init__(self) -> None:
        self.holder = ints()
        self.process = ints()
        self.event = ints()
        self.start = longs()
        self.end = longs()
        self.quantity = ints()
        self.unit = ints()
        self.by_holder = Star()
        self.by_process = Star()

    def append(self, holder: int, process: int, event: int, start: int, end: int, quantity: int, unit: int) -> None:
        """Add a row; ``start`` and ``end`` in microseconds."""
        self.holder.append(holder)
        self.process.append(process)
        self.event.append(event)
        self.start.append(start)
        self.end.append(end)
        self.quantity.append(quantity)
        self.unit.append(unit)
        self.by_holder.link(holder)
        self.by_process.link(process)


class Holdings:
    """Facts about what lies in a holder; a DELETE without a child (``NONE``) says that it was emptied."""

    def __init__(self) -> None:
        self.holder = ints()
        self.child = ints()
        self.event = ints()
        self.act = array("b")
        self.quantity = ints()
        self.unit = ints()
        self.by_holder = Star()
        self.by_child = Star()

    def append(self, holder: int, child: int, event: int, act: int, quantity: int, unit: int) -> None:
        """Add a fact."""
        self.holder.append(holder)
        self.child.append(child)
        self.event.append(event)
        self.act.append(act)
        self.quantity.append(quantity)
        self.unit.append(unit)
        self.by_holder.link(holder)
        self.by_child.link(child)


class Cleanings:
    """A vessel was cleaned between two moments; one that was not effective ends nobody's presence."""

    def __init__(self) -> None:
        self.holder = ints()
        self.event = ints()
        self.start = longs()
        self.end = longs()
        self.is_effective = bytearray()
        self.by_holder = Star()

    def append(self, holder: int, event: int, start: int, end: int, is_effective: bool) -> None:
        """Add a cleaning; times in microseconds."""
        self.holder.append(holder)
        self.event.append(event)
        self.start.append(start)
        self.end.append(end)
        self.is_effective.append(is_effective)
        self.by_holder.link(holder)


class Mentions:
    """Which events other than transformations name a thing, and with how much of it; rows of an event lie together."""

    def __init__(self) -> None:
        self.thing = ints()
        self.event = ints()
        self.quantity = ints()
        self.unit = ints()
        self.is_parent = bytearray()
        self.by_thing = Star()
        self.by_event = Star()

    def append(self, thing: int, event: int, quantity: int, unit: int, is_parent: bool = False) -> None:
        """Add a row."""
        self.thing.append(thing)
        self.event.append(event)
        self.quantity.append(quantity)
        self.unit.append(unit)
        self.is_parent.append(is_parent)
        self.by_thing.link(thing)
        self.by_event.link(event)


class UnknownInput(NamedTuple):
    """A consumption whose lot nobody recorded (``plant:unknownInput``)."""

    event: int
    item: str
    quantity: Decimal | None
    unit: str
    reason: str


class Processes:
    """Transformations and assemblies: one per transformationID, per event without one, and per assembled parent."""

    def __init__(self) -> None:
        self.names: list[str] = []
        """The transformationID; "" where the process is one event or an assembly."""
        self.assembled = ints()
        """The parent an assembly builds; ``NONE`` for a transformation."""
        self.events = Star()
        self.event_of_row = ints()
        self.unknown_inputs: dict[int, tuple[UnknownInput, ...]] = {}
        self._by_name: dict[str, int] = {}
        self._by_parent: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.names)

    def transformation(self, name: str) -> int:
        """The process of a transformationID; a new one for "" every time."""
        process = self._by_name.get(name) if name else None
        if process is None:
            process = self._new(name, NONE)
            if name:
                self._by_name[name] = process
        return process

    def assembly(self, parent: int) -> int:
        """The process that builds ``parent``."""
        process = self._by_parent.get(parent)
        if process is None:
            process = self._by_parent[parent] = self._new("", parent)
        return process

    def _new(self, name: str, parent: int) -> int:
        self.names.append(name)
        self.assembled.append(parent)
        return len(self.names) - 1

    def add_event(self, process: int, event: int) -> None:
        """Say that ``event`` is a report of ``process``."""
        self.event_of_row.append(event)
        self.events.link(process)


CONVERSIONS_ATTRIBUTE = "conversions"
"""Attribute of an Item's masterdata with its declared conversions, apart by semicolons: ``1 BX = 24 H87; ...``."""


@dataclass(slots=True)
class Tables:
    """All the columns of an index, and what masterdata says of holders and units."""

    margin: int
    """How far two clocks may differ, in microseconds."""
    names: Names
    events: EventColumns
    amounts: Amounts
    inputs: Portions
    outputs: Portions
    draws: Draws
    packed: Holdings
    mounted: Holdings
    cleanings: Cleanings
    mentions: Mentions
    processes: Processes
    renames: dict[int, tuple[int, ...]] = field(default_factory=dict)
    renamed_in: dict[int, list[int]] = field(default_factory=dict)
    equipment_kinds: dict[str, EquipmentKind] = field(default_factory=dict)
    conversions: dict[str, Conversions] = field(default_factory=dict)

    def declare_item(self, item: Item) -> None:
        """Take in the conversions an item declares; ones that contradict each other leave it without any."""
        lines = [line for line in item.attributes.get(CONVERSIONS_ATTRIBUTE, "").split(";") if line.strip()]
        try:
            declared = Conversions.declared(item.id, lines) if lines else NO_CONVERSIONS
            keys = {item.id, identify(item.id, Place.CLASS).item}
        except BadInput:
            declared, keys = NO_CONVERSIONS, {item.id}
        for key in keys - {""}:
            self.conversions[key] = declared
