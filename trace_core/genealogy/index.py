"""The trace index: a fold over the log that answers where things came from and where they went.

`TraceIndex.apply` takes one event in O(what it names) and the next question sees it. Nothing is ever rebuilt: rows are
appended, and what an event no longer says (declared in error, later than the moment asked about) is left out when a
question is asked. So an answer depends on which events are known, never on their order or on the kind of store.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from trace_core.errors import BadInput, IdentifierError
from trace_core.genealogy.answer import DEFAULT_EDGE_LIMIT, Direction, TraceAnswer, UnknownThing
from trace_core.genealogy.answering import answer_for
from trace_core.genealogy.columns import NONE, to_microseconds
from trace_core.genealogy.event_columns import EventColumns, FactKind
from trace_core.genealogy.names import Names
from trace_core.genealogy.reader import Reader
from trace_core.genealogy.tables import (
    Act,
    Amounts,
    Cleanings,
    Draws,
    Holdings,
    Mentions,
    Portions,
    Processes,
    Tables,
    UnknownInput,
)
from trace_core.genealogy.view import View
from trace_core.vocabulary.epcis_json import content_hash
from trace_core.vocabulary.events import (
    Action,
    AggregationEvent,
    Amount,
    AssociationEvent,
    Event,
    ObjectEvent,
    TransactionEvent,
    TransformationEvent,
)
from trace_core.vocabulary.identity import Identity, Kind, Place, identify
from trace_core.vocabulary.masterdata import Equipment, Item, MasterRecord
from trace_core.vocabulary.times import parse_time

_BUILT = frozenset({Kind.SERIAL, Kind.ASSET, Kind.LOT})
_PLACED = frozenset({Kind.EQUIPMENT, Kind.LOCATION})
_ACTS = {Action.ADD: Act.ADD, Action.OBSERVE: Act.OBSERVE, Action.DELETE: Act.DELETE}


class TraceIndex:
    """The genealogy of everything in the log. One writer; readers ask between two events.

    ``delta_s`` is how far any one clock may be wrong; two clocks are taken to differ by at most twice that.
    """

    def __init__(
        self,
        delta_s: float = 300.0,
        timer: Callable[[], float] = time.perf_counter,
        edge_limit: int = DEFAULT_EDGE_LIMIT,
    ) -> None:
        assert delta_s >= 0, f"expected a clock error of 0 s or more, got {delta_s!r}"
        self.delta_s = delta_s
        self._timer = timer
        self._edge_limit = edge_limit
        self._tables = Tables(
            margin=round(2 * delta_s * 1_000_000),
            names=Names(),
            events=EventColumns(),
            amounts=Amounts(),
            inputs=Portions(),
            outputs=Portions(),
            draws=Draws(),
            packed=Holdings(),
            mounted=Holdings(),
            cleanings=Cleanings(),
            mentions=Mentions(),
            processes=Processes(),
        )
        self._view: View | None = None

    def __len__(self) -> int:
        """How many events were applied."""
        return len(self._tables.events)

    @property
    def last_sequence(self) -> int:
        """The log sequence of the last event applied; 0 before the first."""
        sequences = self._tables.events.sequence
        return sequences[-1] if sequences else 0

    # ---- the fold

    def apply(self, sequence: int, record_time: datetime, event: Event, digest: bytes = b"") -> None:
        """Take in the event that stands at ``sequence`` in the log.

        ``digest`` is its `content_hash` where the caller has it already (the log's entry does); without one it is
        computed here, at several times the cost of all the rest. Sequences rise; record times never run backwards.
        """
        tables = self._tables
        events = tables.events
        recorded = to_microseconds(record_time)
        assert sequence > self.last_sequence, f"expected a sequence above {self.last_sequence}, got {sequence}"
        assert not events.recorded or recorded >= events.recorded[-1], "record times never run backwards"
        number = events.append(
            sequence, recorded, to_microseconds(event.event_time), event, digest or content_hash(event)
        )
        match event:
            case TransformationEvent():
                self._apply_transformation(number, event)
            case AggregationEvent():
                self._apply_aggregation(number, event)
            case AssociationEvent():
                self._apply_association(number, event)
            case ObjectEvent():
                self._apply_object(number, event)
            case TransactionEvent():
                self._mention_all(number, event.epcs, event.amounts)
                self._mention_parent(number, event.parent)

    def apply_masterdata(self, record: MasterRecord) -> None:
        """Take in what a slot or an item is: a slot holds one lot at a time, an item's units may convert."""
        if isinstance(record, Equipment):
            self._tables.equipment_kinds[_canonical(record.id, Place.LOCATION)] = record.kind
        elif isinstance(record, Item):
            self._tables.declare_item(record)
        self._view = None

    def _apply_transformation(self, number: int, event: TransformationEvent) -> None:
        tables = self._tables
        process = tables.processes.transformation(event.transformation_id)
        tables.processes.add_event(process, number)
        for portions, ids, amounts in (
            (tables.inputs, event.inputs, event.input_amounts),
            (tables.outputs, event.outputs, event.output_amounts),
        ):
            for identity in ids:
                if (node := self._node(number, identity)) >= 0:
                    portions.append(node, process, number, NONE, NONE)
            for amount in amounts:
                if (node := self._node(number, amount.id)) >= 0:
                    portions.append(node, process, number, *tables.amounts.codes(amount))
        if event.plant:
            self._apply_draws(number, process, event)

    def _apply_draws(self, number: int, process: int, event: TransformationEvent) -> None:
        plant, tables = event.plant, self._tables
        holders = list(dict.fromkeys((*_texts(plant.get("drawnFrom")), *_texts(plant.get("slot")))))
        if holders:
            start, end = _interval(plant, to_microseconds(event.event_time))
            amount = plant.get("drawnQuantity")
            quantity, unit = _measure(amount) if isinstance(amount, Mapping) and len(holders) == 1 else (None, None)
            codes = tables.amounts.quantity(quantity), tables.amounts.units.code_of(unit)
            for text in holders:
                if (holder := self._named_node(number, text)) >= 0:
                    tables.draws.append(holder, process, number, start, end, *codes)
        unknown = plant.get("unknownInput")
        if unknown:
            entries = unknown if isinstance(unknown, list) else [unknown]
            known = tables.processes.unknown_inputs.get(process, ())
            tables.processes.unknown_inputs[process] = (*known, *(_unknown_input(number, one) for one in entries))

    def _apply_aggregation(self, number: int, event: AggregationEvent) -> None:
        self._mention_all(number, event.epcs, event.amounts)
        parent = self._mention_parent(number, event.parent)
        if parent >= 0:
            self._hold(number, parent, event)

    def _apply_association(self, number: int, event: AssociationEvent) -> None:
        self._mention_all(number, event.epcs, event.amounts)
        identity = event.parent
        parent = self._mention_parent(number, identity)
        if parent < 0:
            return
        self._hold(number, parent, event)
        if identity.kind in _BUILT and identity.scheme != "grai":
            self._build(number, parent, event)

    def _build(self, number: int, parent: int, event: AssociationEvent) -> None:
        tables = self._tables
        process = tables.processes.assembly(parent)
        tables.processes.add_event(process, number)
        is_removal = event.action is Action.DELETE
        children = list(self._amounts(number, event.epcs, event.amounts))
        for node, quantity, unit in children:
            if node >= 0:
                tables.inputs.append(node, process, number, quantity, unit, is_removal=is_removal)
        if children:
            tables.outputs.append(parent, process, number, NONE, NONE, is_removal=is_removal)

    def _hold(self, number: int, holder: int, event: AggregationEvent | AssociationEvent) -> None:
        tables = self._tables
        identity = event.parent
        is_packing = isinstance(event, AggregationEvent) or (
            identity is not None and (identity.kind is Kind.CARRIER or identity.scheme == "grai")
        )
        holdings = tables.packed if is_packing else tables.mounted
        act = _ACTS[event.action]
        if act == Act.DELETE and not event.epcs and not event.amounts:
            holdings.append(holder, NONE, number, act, NONE, NONE)
        for node, quantity, unit in self._amounts(number, event.epcs, event.amounts):
            if node >= 0:
                holdings.append(holder, node, number, act, quantity, unit)

    def _apply_object(self, number: int, event: ObjectEvent) -> None:
        self._mention_all(number, event.epcs, event.amounts)
        plant, tables = event.plant, self._tables
        kind = tables.events.kind[number]
        if kind == FactKind.CLEANING:
            self._apply_cleaning(number, event)
        elif kind == FactKind.RENAME:
            nodes = sorted({tables.mentions.thing[row] for row in tables.mentions.by_event.rows(number)})
            if len(nodes) > 1:
                tables.renames[number] = tuple(nodes)
                for node in nodes:
                    tables.renamed_in.setdefault(node, []).append(number)
        if plant and "alias" in plant:
            for node in [tables.mentions.thing[row] for row in tables.mentions.by_event.rows(number)]:
                for alias in _texts(plant["alias"]):
                    tables.names.call(node, alias, number)

    def _apply_cleaning(self, number: int, event: ObjectEvent) -> None:
        tables = self._tables
        vessels = {self._holder(number, one) for one in event.epcs}
        vessels |= {self._named_node(number, text) for text in _texts(event.plant.get("equipment"))}
        start, end = _interval(event.plant, to_microseconds(event.event_time))
        is_effective = event.disposition != "non_conformant"
        for vessel in sorted(vessels - {NONE}):
            tables.cleanings.append(vessel, number, start, end, is_effective=is_effective)

    # ---- nodes

    def _node(self, number: int, identity: Identity) -> int:
        """The node of a thing a trace goes through; any other id is noted as class-level and gives ``NONE``."""
        if identity.is_node:
            return self._tables.names.node(identity, number)
        if identity.kind not in _PLACED:
            if identity.problem:
                self._tables.events.note_bad(number, identity)
            classes = self._tables.events.classes
            classes[number] = (*classes.get(number, ()), identity.canonical)
        return NONE

    def _holder(self, number: int, identity: Identity) -> int:
        """The node of a vessel, slot, place or thing that can hold others."""
        if identity.is_node or identity.kind in _PLACED:
            return self._tables.names.node(identity, number)
        return NONE

    def _named_node(self, number: int, text: str) -> int:
        try:
            return self._holder(number, identify(text, Place.LOCATION))
        except IdentifierError:
            return NONE

    def _amounts(self, number: int, epcs: Sequence[Identity], amounts: Sequence[Amount]) -> list[tuple[int, int, int]]:
        """(node, quantity, unit) of everything named; node is ``NONE`` for what no trace goes through."""
        names = self._tables.names
        out = [(names.known(one.canonical) if one.is_node else NONE, NONE, NONE) for one in epcs]
        codes = self._tables.amounts.codes
        out += [(names.known(one.id.canonical) if one.id.is_node else NONE, *codes(one)) for one in amounts]
        return out

    def _mention_all(self, number: int, epcs: Sequence[Identity], amounts: Sequence[Amount]) -> None:
        mentions = self._tables.mentions
        for identity in epcs:
            if (node := self._node(number, identity)) >= 0:
                mentions.append(node, number, NONE, NONE)
        for amount in amounts:
            if (node := self._node(number, amount.id)) >= 0:
                mentions.append(node, number, *self._tables.amounts.codes(amount))

    def _mention_parent(self, number: int, parent: Identity | None) -> int:
        node = NONE if parent is None else self._holder(number, parent)
        if node >= 0:
            self._tables.mentions.append(node, number, NONE, NONE, is_parent=True)
        return node

    # ---- questions

    def view(self, as_of: datetime | None = None, known_at: datetime | None = None) -> View:
        """The records as they count at a moment: events up to ``as_of``, known by ``known_at``, none of them void."""
        events = self._tables.events
        if as_of is None and known_at is None:
            if self._view is None or self._view.known != len(events):
                self._view = View(self._tables, len(events), None)
            return self._view
        known = len(events) if known_at is None else bisect_right(events.recorded, to_microseconds(known_at))
        return View(self._tables, known, None if as_of is None else to_microseconds(as_of))

    def read(self, as_of: datetime | None = None, known_at: datetime | None = None) -> Reader:
        """Read runs, mounts, windows, shipments and other facts, as they count at a moment."""
        return Reader(self.view(as_of, known_at))

    def find(self, query: str, known_at: datetime | None = None) -> tuple[str, ...] | UnknownThing:
        """The canonical ids that ``query`` names: any form, a canonical id, an alias, ``ITEM|LOT`` or a bare code."""
        view = self.view(None, known_at)
        nodes = view.find(query)
        if not nodes:
            return UnknownThing(query, view.near(query))
        return tuple(sorted(self._tables.names.canonical[node] for node in nodes))

    def trace(
        self,
        ids: str | Sequence[str],
        direction: Direction | str = Direction.BACKWARD,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> TraceAnswer | UnknownThing:
        """The genealogy of the things that ``ids`` name; `UnknownThing` where nobody knows one of them.

        Cost: what it reaches. It never cuts on times; ``as_of`` leaves out events that happened later (an error
        declaration counts whenever it was made), ``known_at`` everything that was recorded later.
        """
        started = self._timer()
        queries = (ids,) if isinstance(ids, str) else tuple(ids)
        try:
            wanted = Direction(direction)
        except ValueError:
            raise BadInput("a direction (backward, forward, both)", direction, "trace") from None
        view = self.view(as_of, known_at)
        answer = answer_for(view, queries, wanted, self._edge_limit)
        return answer if isinstance(answer, UnknownThing) else answer.timed((self._timer() - started) * 1000.0)


# ---- what plant facts say, where they can be understood


def _texts(value: object) -> list[str]:
    """The non-empty texts of a plant fact that is one text or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str) and one.strip()]


def _interval(plant: Mapping[str, Any], otherwise: int) -> tuple[int, int]:
    """``plant:start`` and ``plant:end`` in order; the event's own time for one that is missing or unreadable."""
    start, end = (_moment(plant.get(key), otherwise) for key in ("start", "end"))
    return min(start, end), max(start, end)


def _moment(value: object, otherwise: int) -> int:
    try:
        return to_microseconds(parse_time(value)) if isinstance(value, str) else otherwise
    except BadInput:
        return otherwise


def _measure(amount: Mapping[str, Any]) -> tuple[Decimal | None, str | None]:
    value, unit = amount.get("quantity"), amount.get("unit")
    quantity: Decimal | None = None
    if isinstance(value, str | int | Decimal | float) and not isinstance(value, bool):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        quantity = number if number.is_finite() and number >= 0 else None
    return quantity, unit if isinstance(unit, str) and unit else None


def _unknown_input(event: int, raw: object) -> UnknownInput:
    entry = raw if isinstance(raw, Mapping) else {}
    quantity, unit = _measure(entry)
    return UnknownInput(event, str(entry.get("item") or ""), quantity, unit or "", str(entry.get("reason") or ""))


def _canonical(text: str, place: Place) -> str:
    try:
        return identify(text, place).canonical
    except IdentifierError:
        return text
