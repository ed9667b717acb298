"""What each event says besides the things it names, as columns: when, what sort of fact, where, who with whom."""

from __future__ import annotations

from array import array
from enum import IntEnum

from trace_core.errors import IdentifierError
from trace_core.genealogy.columns import NONE, Codes, Star, ints, longs
from trace_core.genealogy.voids import SharedIds
from trace_core.vocabulary.events import Event, Link, ObjectEvent, TransformationEvent
from trace_core.vocabulary.identity import Identity, Place, identify


class FactKind(IntEnum):
    """What an event tells of the things it names: the rows of EVENTS.md, read back from the words of the event."""

    OTHER = 0
    ADDED = 1  # first identified here: ADD or commissioning, without a receipt
    RECEIPT = 2
    SHIPMENT = 3
    SHIPMENT_VOIDED = 4
    SCRAP = 5
    SAMPLE = 6
    COUNT = 7
    INSPECTION = 8
    HOLD = 9
    RELEASE = 10
    RECALL = 11
    MOVE = 12
    CLOSED = 13
    CLEANING = 14
    RENAME = 15
    MEASUREMENT = 16
    TRANSFORMATION = 17
    PACKING = 18
    UNPACKING = 19
    MOUNTING = 20
    REMOVING = 21


_BY_STEP = {
    "receiving": FactKind.RECEIPT,
    "shipping": FactKind.SHIPMENT,
    "void_shipping": FactKind.SHIPMENT_VOIDED,
    "sampling": FactKind.SAMPLE,
    "cycle_counting": FactKind.COUNT,
    "stock_taking": FactKind.COUNT,
    "inspecting": FactKind.INSPECTION,
    "holding": FactKind.HOLD,
    "storing": FactKind.MOVE,
    "stocking": FactKind.MOVE,
    "staging_outbound": FactKind.MOVE,
    "departing": FactKind.MOVE,
    "arriving": FactKind.MOVE,
    "sensor_reporting": FactKind.MEASUREMENT,
}
_BY_OPERATION = {"cleaning": FactKind.CLEANING, "rename": FactKind.RENAME}

# Whose word on a party counts first: who has the goods, who owns them, the place (CBV 2.0, 7.4).
_PARTY_ORDER = {"possessing_party": 0, "owning_party": 1, "location": 2}


class EventColumns:
    """The events of the log as columns; an event is its dense number in log order."""

    def __init__(self) -> None:
        self.shared = SharedIds()
        self.sequence = longs()
        self.time = longs()
        self.recorded = longs()
        self.kind = array("b")
        self.is_add = bytearray()
        self.texts: Codes[str] = Codes()
        """The words of the columns below: bizSteps, places, parties, work orders."""
        self.step = ints()
        self.disposition = ints()
        self.location = ints()
        self.read_point = ints()
        self.equipment = ints()
        self.work_order = ints()
        self.operation = ints()
        self.reason = ints()
        self.allocation = ints()
        self.sources: dict[int, tuple[int, ...]] = {}
        self.destinations: dict[int, tuple[int, ...]] = {}
        self.classes: dict[int, tuple[str, ...]] = {}
        """Events that name product classes or other ids that no trace goes through, with those ids."""
        self.bad_ids: dict[int, tuple[tuple[str, str], ...]] = {}
        """Events that name places, parties or classes which do not meet their scheme: (id, problem)."""
        self.shipments_from = Star()
        """Shipping events by the party or place that shipped (`texts` code), in rows of `shipment_event`."""
        self.shipment_event = ints()

    def __len__(self) -> int:
        return len(self.time)

    def append(self, sequence: int, recorded: int, time: int, event: Event, digest: bytes) -> int:
        """Add the next event and give its number."""
        number = len(self.time)
        self.shared.append(event.event_id, event.error is not None, digest)
        self.sequence.append(sequence)
        self.time.append(time)
        self.recorded.append(recorded)
        kind = fact_kind(event)
        self.kind.append(kind)
        self.is_add.append(not isinstance(event, TransformationEvent) and event.action == "ADD")
        code = self.texts.code_of
        self.step.append(code(event.biz_step))
        self.disposition.append(code(event.disposition))
        self.location.append(code(self._place(number, event.biz_location)))
        self.read_point.append(code(self._place(number, event.read_point)))
        self._append_plant(event)
        if event.sources:
            self.sources[number] = self._parties(number, event.sources)
        if event.destinations:
            self.destinations[number] = self._parties(number, event.destinations)
        if kind == FactKind.SHIPMENT:
            self._note_shipper(number)
        return number

    def _append_plant(self, event: Event) -> None:
        plant = event.plant
        if not plant:
            for column in (self.equipment, self.work_order, self.operation, self.reason, self.allocation):
                column.append(NONE)
            return
        self.equipment.append(self._word(plant.get("equipment")))
        self.work_order.append(self._word(plant.get("workOrder")))
        self.operation.append(self._word(plant.get("operation")))
        self.reason.append(self._word(plant.get("reason")))
        self.allocation.append(self._word(plant.get("allocation")))

    def _word(self, value: object) -> int:
        return self.texts.code(value) if isinstance(value, str) and value else NONE

    def _place(self, number: int, place: Identity | None) -> str | None:
        if place is None:
            return None
        if place.problem:
            self.note_bad(number, place)
        return place.canonical

    def _parties(self, number: int, links: tuple[Link, ...]) -> tuple[int, ...]:
        codes = []
        for link in sorted(links, key=lambda one: (_PARTY_ORDER.get(one.type or "", 3), one.type or "", one.value)):
            try:
                party = identify(link.value, Place.PARTY)
            except IdentifierError:
                codes.append(self.texts.code(link.value))
                continue
            if party.problem:
                self.note_bad(number, party)
            codes.append(self.texts.code(party.canonical))
        return tuple(codes)

    def note_bad(self, number: int, identity: Identity) -> None:
        """Note that an event names an id that does not meet its scheme and is no node."""
        self.bad_ids[number] = (*self.bad_ids.get(number, ()), (identity.canonical, identity.problem))

    def _note_shipper(self, number: int) -> None:
        shippers = {*self.sources.get(number, ()), self.location[number], self.read_point[number]} - {NONE}
        for shipper in sorted(shippers):
            self.shipment_event.append(number)
            self.shipments_from.link(shipper)

    def shippers(self, event: int) -> set[int]:
        """The parties and places (`texts` codes) a shipping event says it left from."""
        return {*self.sources.get(event, ()), self.location[event], self.read_point[event]} - {NONE}

    def text(self, code: int) -> str:
        """The word of a code; "" for ``NONE``."""
        return self.texts.values[code] if code >= 0 else ""

    def party(self, parties: dict[int, tuple[int, ...]], event: int) -> str:
        """The foremost of an event's sources or destinations; "" where it names none."""
        codes = parties.get(event)
        return self.texts.values[codes[0]] if codes else ""


def fact_kind(event: Event) -> FactKind:
    """The sort of fact an event states."""
    if isinstance(event, TransformationEvent):
        return FactKind.TRANSFORMATION
    if not isinstance(event, ObjectEvent):
        return _association_kind(event)
    operation = event.plant.get("operation") if event.plant else None
    if isinstance(operation, str) and operation in _BY_OPERATION:
        return _BY_OPERATION[operation]
    step = event.biz_step or ""
    if event.action == "DELETE":
        is_scrap = step == "destroying" or event.disposition in ("destroyed", "disposed")
        return FactKind.SCRAP if is_scrap else FactKind.CLOSED
    kind = _BY_STEP.get(step, FactKind.OTHER)
    if kind is FactKind.HOLD and "recalled" in (event.disposition, *event.set_dispositions):
        return FactKind.RECALL
    if kind is FactKind.INSPECTION and event.unset_dispositions:
        return FactKind.RELEASE
    if kind is FactKind.OTHER and (event.action == "ADD" or step in ("commissioning", "creating_class_instance")):
        return FactKind.ADDED
    return kind


def _association_kind(event: Event) -> FactKind:
    name = type(event).__name__
    if name == "TransactionEvent":
        return FactKind.OTHER
    is_removal = getattr(event, "action", "") == "DELETE"
    if name == "AggregationEvent":
        return FactKind.UNPACKING if is_removal else FactKind.PACKING
    return FactKind.REMOVING if is_removal else FactKind.MOUNTING
