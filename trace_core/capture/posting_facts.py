"""The rows of the table for what business systems, laboratories and people report."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never
from urllib.parse import quote

from trace_core.capture.device_checks import is_text
from trace_core.capture.named import lot_named, order_named, paper_named, place_named
from trace_core.capture.records import (
    DeliveryNote,
    LotAlias,
    Posting,
    PurchaseOrder,
    Result,
    StockCount,
    TestResult,
    WorkOrder,
)
from trace_core.capture.rejection import Rejection, RejectReason
from trace_core.capture.rules import CaptureRules
from trace_core.vocabulary.events import Action, Amount, Event, Link, ObjectEvent
from trace_core.vocabulary.identity import Identity, Kind
from trace_core.vocabulary.json_text import Json
from trace_core.vocabulary.masterdata import MasterRecord, Vocabulary
from trace_core.vocabulary.times import format_time

_VERDICTS = {Result.OK: "conformant", Result.NOK: "non_conformant"}


def facts_of_posting(posting: Posting, rules: CaptureRules) -> tuple[Event | MasterRecord, ...] | Rejection:
    """The event or master record ``posting`` states."""
    fault = _fault_of(posting, rules)
    if fault is not None:
        return fault
    match posting:
        case DeliveryNote():
            return (_paper("deliveryNote", posting, customer=posting.customer, carrier=posting.carrier),)
        case PurchaseOrder():
            more = {"supplier": posting.supplier, "item": posting.item, "certificate": posting.certificate}
            return (_paper("purchaseOrder", posting, **more),)
        case WorkOrder():
            return (_work_order(posting, rules),)
        case TestResult():
            return (_verdict(posting, rules),)
        case StockCount():
            return (_count(posting, rules),)
        case LotAlias():
            return (_rename(posting),)
    assert_never(posting)


_SORTS = {"TestResult": "testResult", "StockCount": "stockCount", "LotAlias": "lotAlias"}


def posting_id(posting: TestResult | StockCount | LotAlias) -> str:
    """The id of the event a posting becomes: source and number identify it."""
    sort = _SORTS[type(posting).__name__]
    return f"urn:plant:event:{quote(posting.source, safe='')}:{sort}:{quote(posting.number, safe='')}"


def _fault_of(posting: Posting, rules: CaptureRules) -> Rejection | None:
    if not is_text(posting.source) or not is_text(posting.number):
        got = f"source {posting.source!r}, number {posting.number!r}"
        return Rejection(RejectReason.BAD_KEY, f"expected a source and a number, got {got}")
    if posting.time.tzinfo is None:
        return Rejection(RejectReason.BAD_TIME, f"expected a time with its offset, got {posting.time.isoformat()}")
    unit = getattr(posting, "unit", "")
    if unit and unit not in rules.units and not isinstance(posting, TestResult):
        known = ", ".join(sorted(rules.units))
        return Rejection(RejectReason.UNKNOWN_UNIT, f"expected a unit of the profile ({known}), got {unit!r}")
    quantity = getattr(posting, "quantity", None)
    if quantity is not None and not (quantity.is_finite() and quantity >= 0):
        return Rejection(RejectReason.BAD_QUANTITY, f"expected a finite quantity of 0 or more, got {quantity}")
    if isinstance(posting, TestResult) and posting.value is not None and not posting.value.is_finite():
        return Rejection(RejectReason.BAD_QUANTITY, f"expected a finite value, got {posting.value}")
    return None


def _paper(sort: str, posting: DeliveryNote | PurchaseOrder, **more: str) -> Vocabulary:
    attributes = {"number": posting.number, "source": posting.source, "time": format_time(posting.time), **more}
    known = {key: value for key, value in attributes.items() if value}
    return Vocabulary(paper_named(sort, posting.number).canonical, sort, known)


def _work_order(posting: WorkOrder, rules: CaptureRules) -> Vocabulary:
    attributes = {
        "number": posting.number,
        "source": posting.source,
        "time": format_time(posting.time),
        "item": posting.item,
        "quantity": f"{posting.quantity:f}",
        "unit": rules.units[posting.unit] if posting.unit else "",
    }
    return Vocabulary(
        order_named(posting.number).canonical, "workOrder", {key: value for key, value in attributes.items() if value}
    )


def _verdict(posting: TestResult, rules: CaptureRules) -> ObjectEvent:
    plant: dict[str, Json] = {"characteristic": posting.characteristic, "result": posting.result.name.lower()}
    if posting.value is not None:
        plant["value"] = posting.value
    if posting.unit:
        plant["unit"] = rules.units.get(posting.unit, posting.unit)
    if posting.limit:
        plant["limit"] = posting.limit
    paper = paper_named("testResult", posting.number).canonical
    subject = lot_named(posting.lot_id, posting.item)
    return ObjectEvent(
        event_id=posting_id(posting),
        event_time=posting.time,
        action=Action.OBSERVE,
        biz_step="inspecting",
        disposition=_VERDICTS.get(posting.result),
        biz_transactions=(Link("testres", paper),),
        plant={"device": posting.source, **plant},
        epcs=_bare(subject),
        amounts=_amounts(subject, None, None),
    )


def _count(posting: StockCount, rules: CaptureRules) -> ObjectEvent:
    subject = lot_named(posting.lot_id, posting.item)
    unit = rules.units[posting.unit] if posting.unit else None
    return ObjectEvent(
        event_id=posting_id(posting),
        event_time=posting.time,
        action=Action.OBSERVE,
        biz_step="cycle_counting",
        biz_location=place_named(posting.location) if posting.location else None,
        plant={"device": posting.source},
        epcs=_bare(subject),
        amounts=_amounts(subject, posting.quantity, unit),
    )


def _rename(posting: LotAlias) -> ObjectEvent:
    names = (lot_named(posting.lot_id, posting.item), lot_named(posting.other_lot_id, posting.other_item))
    return ObjectEvent(
        event_id=posting_id(posting),
        event_time=posting.time,
        action=Action.OBSERVE,
        plant={"device": posting.source, "operation": "rename"},
        epcs=tuple(one for name in names for one in _bare(name)),
        amounts=tuple(one for name in names for one in _amounts(name, None, None)),
    )


def _bare(subject: Identity) -> tuple[Identity, ...]:
    return () if subject.kind is Kind.LOT else (subject,)


def _amounts(subject: Identity, quantity: Decimal | None, unit: str | None) -> tuple[Amount, ...]:
    return (Amount(subject, quantity, unit),) if subject.kind is Kind.LOT else ()
