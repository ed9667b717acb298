"""What the index gives to who reads it: frozen records with canonical ids, aware times and exact quantities.

A time of None is one that nobody recorded: still there, or there since nobody knows when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trace_core.genealogy.event_columns import FactKind
from trace_core.genealogy.windows import Ending

__all__ = [
    "Cleaning",
    "Draw",
    "Ending",
    "Fact",
    "FactKind",
    "Gap",
    "Mount",
    "Packing",
    "Portion",
    "Run",
    "Visit",
    "Voyage",
    "WayIn",
]


@dataclass(frozen=True, slots=True)
class Portion:
    """``quantity`` of a thing that a run took or made, by one event. ``unit`` None = pieces.

    ``holder`` is the carrier or vessel it came out of, "" where the event names it; ``is_bounded``: by times within the
    clocks' margin only, or as one of several.
    """

    thing: str
    quantity: Decimal | None
    unit: str | None
    event: str
    time: datetime
    holder: str = ""
    is_bounded: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """A run drew from a vessel, slot or carrier between two moments; `Run.drawn` says of what."""

    holder: str
    start: datetime
    end: datetime
    quantity: Decimal | None
    unit: str | None
    event: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A run took something and nobody recorded which lot; ``item`` "" = not even that."""

    item: str
    quantity: Decimal | None
    unit: str
    reason: str
    event: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """All that was reported of one process: a transformation (by transformationID, or one event) or an assembly.

    ``named`` are the inputs that events name; ``drawn`` what came out of vessels and of carriers that were used up, as
    far as windows and the clocks' margin tell. ``equipment`` and ``work_orders`` are all that its events name.
    """

    id: str
    is_assembly: bool
    start: datetime
    end: datetime
    named: tuple[Portion, ...]
    drawn: tuple[Portion, ...]
    draws: tuple[Draw, ...]
    gaps: tuple[Gap, ...]
    made: tuple[Portion, ...]
    equipment: tuple[str, ...]
    work_orders: tuple[str, ...]
    operations: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mount:
    """A thing lay in a vessel or slot, or was built into an assembly, from ``start`` to ``end``, without margin.

    ``left`` is the remainder its removal named.
    """

    holder: str
    thing: str
    start: datetime | None
    end: datetime | None
    quantity: Decimal | None
    unit: str | None
    left: Decimal | None
    ending: Ending
    event: str


@dataclass(frozen=True, slots=True)
class Cleaning:
    """A vessel was cleaned; one that was not effective ends nobody's presence."""

    vessel: str
    start: datetime
    end: datetime
    is_effective: bool
    event: str


@dataclass(frozen=True, slots=True)
class Packing:
    """``thing`` lay in ``carrier``, directly, from ``start`` to ``end``, without margin."""

    carrier: str
    thing: str
    start: datetime | None
    end: datetime | None
    quantity: Decimal | None
    unit: str | None
    event: str


@dataclass(frozen=True, slots=True)
class Voyage:
    """``thing`` left for ``destination`` ("" = nobody recorded where to) in ``carrier``, or by itself ("").

    ``quantity`` is what one packing event put into the innermost carrier, or what the event named of the thing.
    """

    thing: str
    carrier: str
    packing: str
    """The event that put it into its innermost carrier; "" by itself."""
    destination: str
    time: datetime
    quantity: Decimal | None
    unit: str | None
    event: str
    is_open: bool
    """Whether nothing says that it arrived."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One event, other than a transformation, that names a thing."""

    kind: FactKind
    thing: str
    event: str
    sequence: int
    time: datetime
    recorded: datetime
    quantity: Decimal | None
    unit: str | None
    step: str
    disposition: str
    location: str
    source: str
    destination: str
    equipment: str
    operation: str
    reason: str


class WayIn(StrEnum):
    """How a thing came into a trace."""

    ROOT = "root"
    MADE = "made"  # made of, or went into, by a run that names it or its carrier
    DRAWN = "drawn"  # through a vessel or slot
    CONTENTS = "contents"  # lay in a carrier asked for
    RENAMED = "renamed"  # is another name of the same thing


@dataclass(frozen=True, slots=True)
class Visit:
    """A thing reached, and what brought it in: from ``source`` by ``run``, or by ``holder`` that it lay in."""

    thing: str
    way: WayIn
    source: str = ""
    run: str = ""
    holder: str = ""
