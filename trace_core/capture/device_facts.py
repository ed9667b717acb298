"""The rows of the table for devices: one function per record type, and the checks that go before.

What a record's fields mean is DEVICES.md 2 B; the event each type becomes is EVENTS.md, table of plant facts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import quote

from trace_core.capture.device_checks import fault_of
from trace_core.capture.named import (
    carrier_named,
    lot_named,
    order_named,
    paper_named,
    part_named,
    party_named,
)
from trace_core.capture.records import DeviceRecord, Flag, RecordType, Result
from trace_core.capture.rejection import Rejection
from trace_core.capture.rules import CaptureRules, StationRule
from trace_core.vocabulary.events import (
    Action,
    AggregationEvent,
    Amount,
    AssociationEvent,
    Event,
    Link,
    ObjectEvent,
    TransformationEvent,
)
from trace_core.vocabulary.identity import Identity, Kind, Place, identify, plant_id
from trace_core.vocabulary.json_text import Json
from trace_core.vocabulary.masterdata import MasterRecord, Vocabulary
from trace_core.vocabulary.times import format_time

AHEAD_S = 300.0
"""A device's time further ahead of ours than this is marked: more than a PLC's clock drifts in a month."""

MAX_INTERVAL_S = 30 * 86400.0
"""The longest cleaning or draw a record may measure; more is a broken measurement, and is left out."""

RECEIVED = "received"
"""``plant:clockQuality`` of an event whose time is when its record came in."""


class Knowledge(Protocol):
    """What capture asks of the core to fill in what a device cannot know."""

    def get(self, key: str, /) -> MasterRecord | None:
        """The latest master record of the id ``key``, or None."""

    def was_made(self, lot: Identity) -> bool:
        """Whether some event already reported ``lot`` as an output."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A record that passed the checks, with what the rules say of it."""

    record: DeviceRecord
    rules: CaptureRules
    station: StationRule
    knowledge: Knowledge | None
    received: datetime

    @property
    def vessel(self) -> str:
        return self.rules.slots[self.record.device, self.record.slot]

    @property
    def vessels(self) -> tuple[str, ...]:
        """What a passage draws from: one slot or vessel, or all slots of a bank."""
        bank = self.rules.banks.get((self.record.device, self.record.slot))
        return (self.vessel,) if bank is None else bank

    @property
    def time(self) -> datetime:
        return self.record.time or self.received

    @property
    def unit(self) -> str | None:
        return self.rules.units[self.record.unit] if self.record.unit else None

    def paper(self, sort: str) -> Mapping[str, str]:
        """What is known of the business document that the record's ORDER names; empty where nothing is."""
        if not self.record.order or self.knowledge is None:
            return {}
        found = self.knowledge.get(paper_named(sort, self.record.order).canonical)
        return found.attributes if isinstance(found, Vocabulary) else {}

    def was_made(self, subject: Identity) -> bool:
        return self.knowledge is not None and self.knowledge.was_made(subject)


def facts_of_record(
    record: DeviceRecord, rules: CaptureRules, knowledge: Knowledge, received: datetime
) -> tuple[Event, ...] | Rejection:
    """The event ``record`` states; none for ARRIVE, which is a question."""
    fault = fault_of(record, rules)
    if fault is not None:
        return fault
    if record.type is RecordType.ARRIVE:
        return ()
    case = _Case(record, rules, rules.stations[record.device, record.station], knowledge, received)
    return (_ROWS[record.type](case),)


def refusal_of(record: DeviceRecord, rules: CaptureRules, received: datetime, hold_ids: Sequence[str]) -> Event:
    """The event of a question (ARRIVE) answered with a block: what, where, and the holds that stood against it."""
    case = _Case(record, rules, rules.stations[record.device, record.station], None, received)
    frame = _frame(case)
    frame["plant"] |= {"answer": "block", "blockedBy": list(hold_ids)}
    return ObjectEvent(**frame, **_things(case, *things_of(record)), action=Action.OBSERVE)


def things_of(record: DeviceRecord) -> tuple[Identity, ...]:
    """The lots, serials and carriers that ``record`` names."""
    named = []
    if record.part_id:
        is_carrier = record.type in (RecordType.PACK, RecordType.SHIP)
        named.append(carrier_named(record.part_id) if is_carrier else part_named(record.part_id, record.item))
    if record.lot_id:
        named.append(lot_named(record.lot_id, record.item))
    return tuple(named)


def event_id_of(record: DeviceRecord) -> str:
    """The id of the event a device's record becomes: a replay gives the same one."""
    return (
        f"urn:plant:event:{quote(record.device, safe='', errors='backslashreplace')}:{record.epoch}:{record.sequence}"
    )


# ---- what every event carries


def _frame(case: _Case) -> dict[str, Any]:
    record, station = case.record, case.station
    plant: dict[str, Json] = {
        "device": record.device,
        "epoch": record.epoch,
        "sequence": record.sequence,
        "equipment": station.equipment,
    }
    if station.operation:
        plant["operation"] = station.operation
    if record.order and record.type not in (RecordType.RECEIPT, RecordType.SHIP):
        plant["workOrder"] = record.order
    if record.operator:
        plant["operator"] = plant_id(Kind.OPERATOR, record.operator).canonical
    if record.result in (Result.NOK, Result.REWORK, Result.ABORT):
        plant["result"] = record.result.name.lower()
    if record.nok_code:
        plant["nokCode"] = record.nok_code
    if record.flags & Flag.OFFLINE:
        plant["recordedOffline"] = True
    if record.flags & Flag.BYPASSED:
        plant["bypassed"] = True
    if quality := _clock_quality(case):
        plant["clockQuality"] = quality
    return {
        "event_id": event_id_of(record),
        "event_time": case.time,
        "read_point": identify(station.equipment, Place.LOCATION),
        "biz_location": identify(station.location, Place.LOCATION) if station.location else None,
        "plant": plant,
    }


def _clock_quality(case: _Case) -> str:
    if case.record.time is None:
        return RECEIVED
    if case.record.flags & Flag.CLOCK_BAD:
        return "bad"
    return "ahead" if case.record.time > case.received + timedelta(seconds=AHEAD_S) else ""


def _things(case: _Case, *identities: Identity) -> dict[str, Any]:
    """Lots with the record's quantity; serials and carriers by their bare id."""
    lots = tuple(one for one in identities if one.kind is Kind.LOT)
    return {
        "epcs": tuple(one for one in identities if one.kind is not Kind.LOT),
        "amounts": tuple(Amount(one, case.record.quantity, case.unit) for one in lots),
    }


def _subject(case: _Case) -> Identity:
    record = case.record
    return part_named(record.part_id, record.item) if record.part_id else lot_named(record.lot_id, record.item)


def _interval(case: _Case) -> dict[str, Json]:
    """Start and end where MEAS1 says how many seconds the work took; else nothing."""
    measured = case.record.measurements
    if not measured or not 0.0 < measured[0] <= MAX_INTERVAL_S:
        return {}
    start = case.time - timedelta(seconds=measured[0])
    return {"start": format_time(start), "end": format_time(case.time)}


def _order_links(record: DeviceRecord) -> tuple[Link, ...]:
    return (Link("prodorder", order_named(record.order).canonical),) if record.order else ()


# ---- the rows


def _receipt(case: _Case) -> Event:
    frame = _frame(case)
    number = case.record.order
    sources: tuple[Link, ...] = ()
    if number:
        paper = case.paper("purchaseOrder")
        if supplier := paper.get("supplier"):
            sources = (Link("possessing_party", party_named(supplier).canonical),)
        if certificate := paper.get("certificate"):
            frame["plant"]["certificate"] = certificate
    return ObjectEvent(
        **frame,
        **_things(case, _subject(case)),
        action=Action.ADD,
        biz_step="receiving",
        disposition="in_progress",
        biz_transactions=(Link("po", paper_named("purchaseOrder", number).canonical),) if number else (),
        sources=sources,
    )


def _consume(case: _Case) -> Event:
    record, frame = case.record, _frame(case)
    plant: dict[str, Json] = frame["plant"]
    plant["allocation"] = "order"
    inputs: dict[str, Any] = {}
    if record.lot_id or record.part_id:
        things = _things(case, lot_named(record.lot_id, record.item) if record.lot_id else _subject(case))
        inputs = {"inputs": things["epcs"], "input_amounts": things["amounts"]}
        if record.slot:
            plant["fromSlot"] = case.vessel
    elif record.slot:
        plant["drawnFrom"] = list(case.vessels)
        if record.quantity is not None:
            plant["drawnQuantity"] = _measure_of(case)
        plant.update(_interval(case))
    else:
        reason = "no lot in the record"
        plant["unknownInput"] = [{"item": record.item, **_measure_of(case), "reason": reason}]
    return _transformation(case, frame, inputs)


def _complete(case: _Case) -> Event:
    frame = _frame(case)
    subject = _subject(case)
    things = _things(case, subject)
    if case.record.part_id and case.record.lot_id:  # a serial that carries a printed lot as well
        frame["plant"]["lot"] = lot_named(case.record.lot_id, case.record.item).canonical
    frame["biz_step"] = "creating_class_instance" if case.was_made(subject) else "commissioning"
    frame["disposition"] = "non_conformant" if case.record.result is Result.NOK else "in_progress"
    return _transformation(case, frame, {"outputs": things["epcs"], "output_amounts": things["amounts"]})


def _transformation(case: _Case, frame: dict[str, Any], sides: dict[str, Any]) -> Event:
    order = case.record.order
    return TransformationEvent(
        **frame,
        **sides,
        transformation_id=order_named(order).canonical if order else "",
        biz_transactions=_order_links(case.record),
    )


def _measure_of(case: _Case) -> dict[str, Json]:
    return {"quantity": case.record.quantity, "unit": case.unit or ""}


def _mount(case: _Case) -> Event:
    return AssociationEvent(
        **_frame(case),
        **_things(case, lot_named(case.record.lot_id, case.record.item) if case.record.lot_id else _subject(case)),
        parent=identify(case.vessel, Place.EPC),
        action=Action.ADD,
        biz_step="installing",
        disposition="in_progress",
        biz_transactions=_order_links(case.record),
    )


def _unmount(case: _Case) -> Event:
    record = case.record
    gone = () if not (record.lot_id or record.part_id) else (_subject(case),)
    return AssociationEvent(
        **_frame(case),
        **_things(case, *gone),
        parent=identify(case.vessel, Place.EPC),
        action=Action.DELETE,
        biz_step="removing",
        disposition="in_progress",
        biz_transactions=_order_links(case.record),
    )


def _clean(case: _Case) -> Event:
    frame = _frame(case)
    frame["plant"] |= {"operation": "cleaning", "equipment": case.vessel, "end": format_time(case.time)}
    frame["plant"] |= _interval(case)
    return ObjectEvent(
        **frame,
        action=Action.OBSERVE,
        epcs=(identify(case.vessel, Place.EPC),),
        disposition="non_conformant" if case.record.result is Result.NOK else None,
    )


def _pack(case: _Case) -> Event:
    return AggregationEvent(
        **_frame(case),
        **_things(case, lot_named(case.record.lot_id, case.record.item)),
        parent=carrier_named(case.record.part_id),
        action=Action.ADD,
        biz_step="packing",
        biz_transactions=_order_links(case.record),
    )


def _ship(case: _Case) -> Event:
    record = case.record
    what = carrier_named(record.part_id) if record.part_id else lot_named(record.lot_id, record.item)
    note = paper_named("deliveryNote", record.order).canonical if record.order else ""
    customer = case.paper("deliveryNote").get("customer", "")
    return ObjectEvent(
        **_frame(case),
        **_things(case, what),
        action=Action.OBSERVE,
        biz_step="shipping",
        disposition="in_transit",
        biz_transactions=(Link("desadv", note),) if note else (),
        destinations=(Link("possessing_party", party_named(customer).canonical),) if customer else (),
    )


def _scrap(case: _Case) -> Event:
    frame = _frame(case)
    frame["plant"]["reason"] = f"nok {case.record.nok_code}" if case.record.nok_code else "scrap"
    return ObjectEvent(
        **frame,
        **_things(case, _subject(case)),
        action=Action.DELETE,
        biz_step="destroying",
        disposition="destroyed",
        biz_transactions=_order_links(case.record),
    )


def _measured(case: _Case) -> Event:
    frame = _frame(case)
    record = case.record
    names = case.rules.measurements.get((record.device, record.station), ())
    reports = [_sensor_report(number, value, names) for number, value in enumerate(record.measurements)]
    if reports:
        frame["rest"] = {"sensorElementList": [{"sensorReport": reports}]}
    good = {Result.OK: "conformant", Result.NOK: "non_conformant"}
    return ObjectEvent(
        **frame,
        **_things(case, _subject(case)),
        action=Action.OBSERVE,
        biz_step="inspecting",
        disposition=good.get(record.result),
        biz_transactions=_order_links(record),
    )


def _sensor_report(number: int, value: float, names: tuple[str, ...]) -> dict[str, Json]:
    name = names[number] if number < len(names) else f"measurement{number + 1}"
    out: dict[str, Json] = {"type": f"plant:{name}"}
    if math.isfinite(value):
        out["value"] = Decimal(repr(value))
    else:
        out["exception"] = "ERROR_CONDITION"  # EPCIS 2.0, 7.3.7: what a sensor reports that has no value
    return out


_ROWS: Mapping[RecordType, Callable[[_Case], Event]] = {
    RecordType.RECEIPT: _receipt,
    RecordType.CONSUME: _consume,
    RecordType.COMPLETE: _complete,
    RecordType.MOUNT: _mount,
    RecordType.UNMOUNT: _unmount,
    RecordType.CLEAN: _clean,
    RecordType.PACK: _pack,
    RecordType.SHIP: _ship,
    RecordType.SCRAP: _scrap,
    RecordType.MEASURE: _measured,
}
