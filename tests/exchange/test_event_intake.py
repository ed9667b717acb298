"""Strict and lenient: what is rejected, what is mended, and that each deviation is said."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.builders import LOT, NOW, SGTIN, document, event, only, read
from trace_core.exchange.event_intake import FUTURE_TOLERANCE_S
from trace_core.exchange.repairs import UNREAD
from trace_core.vocabulary.epcis_json import event_from_epcis
from trace_core.vocabulary.events import ObjectEvent


def leniently(raw: Any) -> Any:
    return only(read(document(raw)))


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (event(type=None), "type"),
        (event(type="Nonsense"), "type"),
        (event(eventTime=None), "eventTime"),
        (event(eventTime="22-07-2026"), "eventTime"),
        (event(eventTime="2026-11-02T06:45:00", eventTimeZoneOffset=None), "eventTime"),
        (event(quantityList=[{"epcClass": LOT, "quantity": -5}]), "quantity"),
        (
            event(type="AggregationEvent", quantityList=None, action=None, parentID="urn:x:1", childEPCs=[SGTIN]),
            "action",
        ),
        (event(epcList=[{"id": SGTIN}]), "epcList[0]"),
        (7, "eventList[0]"),
    ],
)
def test_what_cannot_be_understood_is_rejected_leniently_with_its_path(raw: Any, path: str) -> None:
    rejection = leniently(raw).rejection
    assert rejection is not None
    assert path in rejection.path


@pytest.mark.parametrize(
    ("raw", "path", "name", "mended"),
    [
        (event(eventTime="2026-11-02T06:45:00"), "eventTime", "eventTime", "2026-11-02T06:45:00+01:00"),
        (event(eventTimeZoneOffset=None), "eventTimeZoneOffset", "eventTimeZoneOffset", "+01:00"),
        (event(eventTimeZoneOffset="+0100"), "eventTimeZoneOffset", "eventTimeZoneOffset", "+01:00"),
        (event(eventTimeZoneOffset="Z"), "eventTimeZoneOffset", "eventTimeZoneOffset", "+00:00"),
        (event(transformationID=""), "transformationID", "transformationID", None),
        (event(action="observe"), "action", "action", "OBSERVE"),
        (event(action=None), "action", "action", "OBSERVE"),
        (event(type="epcis:ObjectEvent"), "type", "type", "ObjectEvent"),
        (event(epcList=[SGTIN, None, ""]), "epcList[1]", "epcList", [SGTIN]),
        (event(epcList=SGTIN), "epcList", "epcList", [SGTIN]),
        (event(readPoint="urn:x:1"), "readPoint", "readPoint", {"id": "urn:x:1"}),
        (event(readPoint={"id": ""}), "readPoint", "readPoint", None),
        (event(sourceList=["urn:x:1"]), "sourceList[0]", UNREAD, {"sourceList": ["urn:x:1"]}),
        (
            event(persistentDisposition={"set": [True]}),
            "persistentDisposition",
            UNREAD,
            {"persistentDisposition": {"set": [True]}},
        ),
        (event(eventGlobalID="kept"), "eventGlobalID", "eventGlobalID", "kept"),
        (event(bizStep="transforming"), "bizStep", "bizStep", "transforming"),
    ],
)
def test_what_can_be_understood_is_mended_and_said(raw: Any, path: str, name: str, mended: Any) -> None:
    found = leniently(raw)
    assert found.rejection is None
    assert found.event.get(name) == mended
    assert any(one.path == f"$.epcisBody.eventList[0].{path}" for one in found.warnings)
    assert only(read(document(raw), strict=True)).rejection is not None


def test_a_quantity_written_as_text_is_read_exactly() -> None:
    found = leniently(event(quantityList=[{"epcClass": LOT, "quantity": "0.10", "uom": "KGM"}]))
    assert found.event["quantityList"][0]["quantity"] == Decimal("0.10")
    assert "number 0.10" in found.warnings[0].reason


def test_a_withdrawal_without_its_time_still_withdraws() -> None:
    found = leniently(event(errorDeclaration={"reason": "did_not_occur"}))
    assert found.event["errorDeclaration"]["declarationTime"] == found.event["eventTime"]
    stored = event_from_epcis(found.event)
    assert stored.error is not None


def test_every_mended_event_can_be_stored() -> None:
    raw = event(eventTime="2026-11-02T06:45:00", action=None, epcList=[None], readPoint=5, bizTransactionList="x")
    stored = event_from_epcis(leniently(raw).event)
    assert isinstance(stored, ObjectEvent)
    assert stored.plant["unread"] == {"readPoint": 5, "bizTransactionList": "x"}


def test_an_event_from_the_future_is_refused_strictly_and_a_warning_leniently() -> None:
    late = (NOW + timedelta(seconds=FUTURE_TOLERANCE_S + 1)).isoformat()
    assert only(read(document(event(eventTime=late)), strict=True)).rejection is not None
    found = leniently(event(eventTime=late))
    assert found.is_accepted
    assert "not later than now" in found.warnings[0].reason


def test_an_event_as_far_ahead_as_two_clocks_may_differ_is_accepted() -> None:
    soon = (NOW + timedelta(seconds=FUTURE_TOLERANCE_S)).isoformat()
    assert only(read(document(event(eventTime=soon)), strict=True)).is_accepted


def test_a_rejected_event_keeps_its_id_for_the_report() -> None:
    assert leniently(event(eventID="urn:x:1", eventTime=None)).event_id == "urn:x:1"


def test_strict_keeps_the_event_as_it_came() -> None:
    raw = event(epcList=[SGTIN, None])
    assert only(read(document(raw), strict=True)).event == raw
