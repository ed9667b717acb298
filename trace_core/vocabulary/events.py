"""The stored facts: EPCIS 2.0's five event types, as frozen records.

Every event carries when it happened (``event_time``); when the core learnt of it is the log's ``record_time``. Ids
keep the form they came in (:class:`~trace_core.vocabulary.identity.Identity`), CBV words are bare (``shipping``),
plant facts that EPCIS has no field for lie in ``plant`` (the ``plant:`` namespace), and every other field is kept
verbatim in ``rest``. Source: GS1 EPCIS 2.0 (2022), clause 7; CBV 2.0, clause 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from trace_core.vocabulary.identity import Identity
from trace_core.vocabulary.json_text import Json


class Action(StrEnum):
    """How an event relates to the life of what it names (EPCIS 2.0, 7.3.2)."""

    ADD = "ADD"
    OBSERVE = "OBSERVE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Amount:
    """A lot or class with how much of it (QuantityElement); ``quantity`` None = not said, ``unit`` None = each."""

    id: Identity
    quantity: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A typed reference: a business transaction (po, desadv, prodorder), a source or a destination party or place."""

    type: str | None
    value: str


@dataclass(frozen=True, slots=True)
class ErrorDeclaration:
    """Withdraws the event it stands on (EPCIS 2.0, 7.4.1.2)."""

    declaration_time: datetime
    reason: str | None = None
    corrective_event_ids: tuple[str, ...] = ()
    rest: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonFields:
    """What all five event types carry. ``event_id`` is never empty once an event is stored."""

    event_id: str = ""
    event_time: datetime
    zone_offset: str = "+00:00"
    biz_step: str | None = None
    disposition: str | None = None
    read_point: Identity | None = None
    biz_location: Identity | None = None
    biz_transactions: tuple[Link, ...] = ()
    sources: tuple[Link, ...] = ()
    destinations: tuple[Link, ...] = ()
    set_dispositions: tuple[str, ...] = ()
    unset_dispositions: tuple[str, ...] = ()
    error: ErrorDeclaration | None = None
    source_record_time: str | None = None
    plant: Mapping[str, Json] = field(default_factory=dict)
    rest: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEvent(CommonFields):
    """Something happened to things: received, moved, inspected, shipped, destroyed."""

    action: Action
    epcs: tuple[Identity, ...] = ()
    amounts: tuple[Amount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregationEvent(CommonFields):
    """Things went into a carrier, or came out. DELETE without children empties the parent."""

    action: Action
    parent: Identity | None = None
    epcs: tuple[Identity, ...] = ()
    amounts: tuple[Amount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationEvent(CommonFields):
    """Things were built into a serial, or mounted at a slot, feeder or vessel; or taken out again."""

    action: Action
    parent: Identity
    epcs: tuple[Identity, ...] = ()
    amounts: tuple[Amount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionEvent(CommonFields):
    """Things were tied to, or freed from, a business transaction."""

    action: Action
    parent: Identity | None = None
    epcs: tuple[Identity, ...] = ()
    amounts: tuple[Amount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformationEvent(CommonFields):
    """Inputs were used up to make outputs; parts reported apart share a ``transformation_id``."""

    transformation_id: str = ""
    inputs: tuple[Identity, ...] = ()
    input_amounts: tuple[Amount, ...] = ()
    outputs: tuple[Identity, ...] = ()
    output_amounts: tuple[Amount, ...] = ()


Event: TypeAlias = ObjectEvent | AggregationEvent | AssociationEvent | TransactionEvent | TransformationEvent
"""The stored union; match on it exhaustively."""


def amounts_in(event: Event) -> Iterator[Amount]:
    """Every thing an event names with its quantity, serials as an amount without one; parents are not among them."""
    if isinstance(event, TransformationEvent):
        for one in (*event.inputs, *event.outputs):
            yield Amount(one)
        yield from event.input_amounts
        yield from event.output_amounts
        return
    for one in event.epcs:
        yield Amount(one)
    yield from event.amounts
