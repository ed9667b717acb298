"""What a trace says: one value that prints, exports and compares, equal for equal facts in any order of arrival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from trace_core.vocabulary.times import format_time

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "tracetwin/trace/1"

DEFAULT_EDGE_LIMIT = 250_000
"""Edges an answer prints at most (some 60 MB of JSON); lots, serials and carriers are never cut."""


class Direction(StrEnum):
    """Which way a trace goes."""

    BACKWARD = "backward"
    FORWARD = "forward"
    BOTH = "both"


class Allocation(StrEnum):
    """How much of an input is known to be in an output."""

    EXACT = "exact"  # the unit or container is known, or the process made one thing only
    BOUNDED = "bounded"  # known by an interval of time: one of several, or within the clocks' margin
    ORDER = "order"  # known only for everything the process made; the quantity is that of the whole order


class FindingKind(StrEnum):
    """What can be wrong or worth knowing about the records (EVENTS.md, Rules)."""

    UNRESOLVED_ORIGIN = "unresolved_origin"
    ORPHAN_RECEIPT = "orphan_receipt"
    OPEN_SHIPMENT = "open_shipment"
    OVER_CONSUMPTION = "over_consumption"
    REMAINING_STOCK = "remaining_stock"
    REUSED_CARRIER = "reused_carrier"
    REUSED_EVENT_ID = "reused_event_id"
    AMBIGUOUS_DECLARATION = "ambiguous_declaration"
    TIME_ORDER = "time_order"
    MISSING_FIELD = "missing_field"
    CLASS_LEVEL_ITEM = "class_level_item"
    UNIT_MISMATCH = "unit_mismatch"
    SELF_LOOP = "self_loop"
    SHARED_PART = "shared_part"
    BAD_IDENTIFIER = "bad_identifier"
    ALIAS = "alias"
    HOMONYM = "homonym"
    MOVED_WHILE_HELD = "moved_while_held"  # shipped, packed, mounted or used although a hold stood against it
    LIMIT = "limit"  # the answer was cut by a named limit


INCOMPLETE = frozenset(
    {FindingKind.UNRESOLVED_ORIGIN, FindingKind.ORPHAN_RECEIPT, FindingKind.MISSING_FIELD, FindingKind.LIMIT}
)
"""The findings that make a trace incomplete (CONTRACT.md, trace)."""


class Edge(NamedTuple):
    """``input`` went into ``output``; ``quantity`` is what the event recorded of the input, None where it did not."""

    input: str
    output: str
    quantity: Decimal | None
    unit: str | None
    event: str
    allocation: Allocation


class Finding(NamedTuple):
    """A fact about the records: what kind, about which ids (sorted), in words."""

    kind: FindingKind
    ids: tuple[str, ...]
    detail: str


class TraceShipment(NamedTuple):
    """``carrier`` (or what was shipped without one) left for ``destination``, None where nobody recorded where to."""

    carrier: str
    destination: str | None
    time: datetime


@dataclass(frozen=True, slots=True)
class UnknownThing:
    """Nobody recorded a thing of this name; ``near`` holds known ids that look like it, ``others`` more such names."""

    name: str
    near: tuple[str, ...] = ()
    others: tuple[UnknownThing, ...] = ()


@dataclass(frozen=True, slots=True)
class TraceAnswer:
    """A genealogy. All lists are sorted by canonical id; ``aliases`` gives the other forms of an id.

    ``lots`` and ``serials`` are ancestors or descendants (and the contents of a carrier asked for), never the roots
    themselves unless a loop leads back. ``complete`` is what CONTRACT.md says of it.
    """

    direction: Direction
    roots: tuple[str, ...]
    lots: tuple[str, ...]
    serials: tuple[str, ...]
    carriers: tuple[str, ...]
    origins: tuple[str, ...]
    edges: tuple[Edge, ...]
    events: tuple[str, ...]
    shipments: tuple[TraceShipment, ...]
    findings: tuple[Finding, ...]
    aliases: Mapping[str, tuple[str, ...]]
    complete: bool
    delta_s: float
    elapsed_ms: float = field(default=0.0, compare=False)

    def timed(self, elapsed_ms: float) -> TraceAnswer:
        """The same answer with the time it took."""
        return replace(self, elapsed_ms=elapsed_ms)

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON values, by CONTRACT.md; quantities stay exact decimals."""
        return {
            "schema": SCHEMA,
            "direction": self.direction.value,
            "aliases": {one: list(forms) for one, forms in self.aliases.items()},
            "roots": list(self.roots),
            "lots": list(self.lots),
            "serials": list(self.serials),
            "carriers": list(self.carriers),
            "origins": list(self.origins),
            "edges": [{**edge._asdict(), "allocation": edge.allocation.value} for edge in self.edges],
            "events": list(self.events),
            "shipments": [{**one._asdict(), "time": format_time(one.time)} for one in self.shipments],
            "findings": [{"kind": one.kind.value, "ids": list(one.ids), "detail": one.detail} for one in self.findings],
            "complete": self.complete,
            "elapsed_ms": round(self.elapsed_ms, 3),
        }

    def to_frame(self) -> pd.DataFrame:
        """The edges as a pandas frame, one row each, exact quantities as objects."""
        import pandas as pd

        rows = [(*edge[:5], edge.allocation.value) for edge in self.edges]
        return pd.DataFrame(rows, columns=list(Edge._fields))
