"""What the standard refuses, fault by fault; and what it must not refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.builders import LOT, SGTIN, event
from trace_core.exchange.epcis_rules import EVENT_TYPES, violations
from trace_core.exchange.epcis_words import BIZ_STEPS, DISPOSITIONS, Notation

BAD_CHECK_DIGIT = "https://id.gs1.org/01/04012345123457/10/L1"


def report(**changes: Any) -> dict[str, Any]:
    return event(sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": 4, **changes}]}])


def amount(**changes: Any) -> dict[str, Any]:
    return event(quantityList=[{"epcClass": LOT, "quantity": 5, "uom": "KGM", **changes}])


def paths(raw: Any, notation: Notation = Notation.JSON_2_0) -> list[str]:
    return [one.path for one in violations(raw, notation)]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (event(type=None), "$.type"),
        (event(type="ObjectEventInvalid"), "$.type"),
        (event(type=["ObjectEvent"]), "$.type"),
        (event(eventTime=None), "$.eventTime"),
        (event(eventTime="22-07-2026"), "$.eventTime"),
        (event(eventTime="2026-11-02T06:45:00"), "$.eventTime"),
        (event(eventTime="2026-11-02 06:45:00Z"), "$.eventTime"),
        (event(eventTime="2026-02-30T06:45:00Z"), "$.eventTime"),
        (event(eventTime=1730526300), "$.eventTime"),
        (event(eventTimeZoneOffset=None), "$.eventTimeZoneOffset"),
        (event(eventTimeZoneOffset="+1:00"), "$.eventTimeZoneOffset"),
        (event(eventTimeZoneOffset="+14:30"), "$.eventTimeZoneOffset"),
        (event(eventTimeZoneOffset="Z"), "$.eventTimeZoneOffset"),
        (event(recordTime="soon"), "$.recordTime"),
        (event(eventID="no uri"), "$.eventID"),
        (event(eventID=""), "$.eventID"),
        (event(action=None), "$.action"),
        (event(action="OBSERV"), "$.action"),
        (event(action="add"), "$.action"),
        (event(action=["ADD"]), "$.action"),
        (event(bizStep="transforming"), "$.bizStep"),
        (event(bizStep="urn:epcglobal:cbv:bizstep:shipping"), "$.bizStep"),
        (event(bizStep="https://ref.gs1.org/cbv/BizStep-transforming"), "$.bizStep"),
        (event(disposition="in_transport"), "$.disposition"),
        (event(disposition=5), "$.disposition"),
        (event(persistentDisposition={}), "$.persistentDisposition"),
        (event(persistentDisposition={"set": []}), "$.persistentDisposition.set"),
        (event(persistentDisposition={"set": ["odd"]}), "$.persistentDisposition.set[0]"),
        (event(persistentDisposition={"unset": ["active"], "x:y": 1}), "$.persistentDisposition.x:y"),
        (event(quantityList=None), "$"),
        (event(quantityList=[]), "$"),
        (event(quantityList={"epcClass": LOT}), "$.quantityList"),
        (amount(epcClass=None), "$.quantityList[0].epcClass"),
        (amount(epcClass="Lot 1"), "$.quantityList[0].epcClass"),
        (amount(epcClass=BAD_CHECK_DIGIT), "$.quantityList[0].epcClass"),
        (amount(quantity="5"), "$.quantityList[0].quantity"),
        (amount(quantity=-1), "$.quantityList[0].quantity"),
        (amount(quantity=True), "$.quantityList[0].quantity"),
        (amount(quantity=Decimal("NaN")), "$.quantityList[0].quantity"),
        (amount(uom="kg"), "$.quantityList[0].uom"),
        (amount(uom="KILO"), "$.quantityList[0].uom"),
        (amount(uom="QQQ"), "$.quantityList[0].uom"),
        (amount(weight=5), "$.quantityList[0].weight"),
        (amount(**{"x:weight": 5}), "$.quantityList[0].x:weight"),
        (event(epcList=[SGTIN, SGTIN]), "$.epcList[1]"),
        (event(epcList=["(01)04012345123456(21)1"]), "$.epcList[0]"),
        (event(epcList=["urn:epc:id:sscc:08600031303.0004"]), "$.epcList[0]"),
        (event(epcList=[None]), "$.epcList[0]"),
        (event(epcList=SGTIN), "$.epcList"),
        (event(readPoint={}), "$.readPoint.id"),
        (event(readPoint=LOT), "$.readPoint"),
        (event(readPoint={"id": "urn:x:y", "name": "Tor 5"}), "$.readPoint.name"),
        (event(bizTransactionList=[{"type": "po"}]), "$.bizTransactionList[0].bizTransaction"),
        (event(bizTransactionList=[{"type": "odd", "bizTransaction": "urn:x:1"}]), "$.bizTransactionList[0].type"),
        (event(bizTransactionList=[{"bizTransaction": "urn:x:1", "x:y": 1}]), "$.bizTransactionList[0].x:y"),
        (event(sourceList=[{"source": "urn:x:1"}]), "$.sourceList[0].type"),
        (event(sourceList=[{"type": "place", "source": "urn:x:1"}]), "$.sourceList[0].type"),
        (event(destinationList=[{"type": "location"}]), "$.destinationList[0].destination"),
        (event(errorDeclaration={}), "$.errorDeclaration.declarationTime"),
        (event(errorDeclaration={"declarationTime": "x"}), "$.errorDeclaration.declarationTime"),
        (
            event(errorDeclaration={"declarationTime": "2026-11-02T06:45:00Z", "reason": "odd"}),
            "$.errorDeclaration.reason",
        ),
        (
            event(errorDeclaration={"declarationTime": "2026-11-02T06:45:00Z", "who": "me"}),
            "$.errorDeclaration.who",
        ),
        (event(ilmd={"materialType": "soil"}), "$.ilmd.materialType"),
        (event(ilmd=[1]), "$.ilmd"),
        (event(madeUp=1), "$.madeUp"),
        (event(parentID="urn:x:1"), "$.parentID"),
        (event(certificationInfo="no uri"), "$.certificationInfo"),
        (event(certificationInfo=[{}]), "$.certificationInfo[0].gs1:CertificationDetails"),
        (
            event(certificationInfo=[{"gs1:CertificationDetails": {"gs1:certificationEndDate": "2026-02-30"}}]),
            "$.certificationInfo[0].gs1:CertificationDetails.gs1:certificationEndDate",
        ),
        (event(**{"@context": 5}), "$.@context"),
        (event(sensorElementList=[{}]), "$.sensorElementList[0].sensorReport"),
        (event(sensorElementList=[{"sensorReport": []}]), "$.sensorElementList[0].sensorReport"),
        (report(type="Warmth"), "$.sensorElementList[0].sensorReport[0].type"),
        (report(type=None, value=1), "$.sensorElementList[0].sensorReport[0]"),
        (report(value="4"), "$.sensorElementList[0].sensorReport[0].value"),
        (report(booleanValue="true"), "$.sensorElementList[0].sensorReport[0].booleanValue"),
        (report(hexBinaryValue="xyz"), "$.sensorElementList[0].sensorReport[0].hexBinaryValue"),
        (report(time="2026-11-02"), "$.sensorElementList[0].sensorReport[0].time"),
        (report(component="sideways"), "$.sensorElementList[0].sensorReport[0].component"),
        (report(colour="red"), "$.sensorElementList[0].sensorReport[0].colour"),
        (event(type="AggregationEvent", quantityList=None, parentID="urn:x:1"), "$"),
        (event(type="AggregationEvent", quantityList=None, childEPCs=[SGTIN]), "$.parentID"),
        (event(type="AggregationEvent", quantityList=None, action="DELETE", childEPCs=[SGTIN]), "$.parentID"),
        (event(type="AssociationEvent", quantityList=None, action="OBSERVE", childEPCs=[SGTIN]), "$.parentID"),
        (event(type="TransactionEvent"), "$.bizTransactionList"),
        (event(type="TransactionEvent", bizTransactionList=[]), "$.bizTransactionList"),
        (event(type="TransactionEvent", quantityList=None, bizTransactionList=[{"bizTransaction": "urn:x:1"}]), "$"),
        (event(type="TransformationEvent", quantityList=None, action=None, inputEPCList=[SGTIN]), "$"),
        (event(type="TransformationEvent", quantityList=None, action=None, transformationID="urn:x:1"), "$"),
        (event(type="TransformationEvent", quantityList=None, inputEPCList=[SGTIN], outputEPCList=[SGTIN]), "$.action"),
        (
            event(
                type="TransformationEvent", action=None, quantityList=None, inputEPCList=[SGTIN], transformationID="7d0"
            ),
            "$.transformationID",
        ),
    ],
)
def test_each_fault_is_found_at_its_path(raw: dict[str, Any], path: str) -> None:
    raw = {name: value for name, value in raw.items() if value is not None}
    for element in raw.get("sensorElementList", ()):
        for one in element.get("sensorReport", ()):
            for name in [name for name, value in one.items() if value is None]:
                del one[name]
    assert path in paths(raw)


@pytest.mark.parametrize(
    "raw",
    [
        event(),
        event(quantityList=None, epcList=[SGTIN]),
        event(quantityList=None, epcList=[]),
        event(quantityList=[{"epcClass": LOT}]),
        event(quantityList=None, readPoint={"id": "urn:x:1"}, sensorElementList=[{"sensorReport": [{"type": "Mass"}]}]),
        event(bizStep="https://example.com/bizStep/inspecting", disposition="example:odd"),
        event(bizStep="https://ref.gs1.org/cbv/BizStep-shipping"),
        event(sourceList=[{"type": "cbv:my_own_party", "source": "urn:x:1"}]),
        event(action="OBSERVE", ilmd={"cbvmda:lotNumber": "1"}),  # published as valid, though EPCIS 2.0, 7.4.2 says ADD
        event(ilmd={"cbvmda:lotNumber": "1", "https://example.com/x": {"free": [1, {"form": None}]}}),
        event(**{"x:y": {"any": [None, True, {"thing": 1}]}}),
        event(readPoint={"id": "urn:x:批次", "x:gs1": "(414)4023333000000"}),
        event(epcList=["https://id.example.com/8003/030013450007418765"]),
        event(eventTime="2022-04-13T12:35:29.017069617Z", eventTimeZoneOffset="-00:00"),
        event(certificationInfo=["https://a.example/1", "https://a.example/2"]),
        event(certificationInfo=[{"gs1:CertificationDetails": {"gs1:certificationAuditDate": "2026-11-02"}}]),
        event(sensorElementList=[{"sensorReport": [{"exception": "ALARM_CONDITION", "booleanValue": True}]}]),
        event(type="AggregationEvent", quantityList=None, action="DELETE", parentID="urn:x:1"),
        event(type="AggregationEvent", quantityList=None, action="OBSERVE", childEPCs=[SGTIN]),
        event(type="AssociationEvent", quantityList=None, action="DELETE", parentID="urn:x:1"),
        event(
            type="TransactionEvent",
            quantityList=None,
            action="DELETE",
            bizTransactionList=[{"bizTransaction": "urn:x:1"}],
        ),
        event(
            type="TransformationEvent", quantityList=None, action=None, inputEPCList=[SGTIN], transformationID="urn:x:1"
        ),
        event(type="TransformationEvent", quantityList=None, action=None, inputEPCList=[SGTIN], outputEPCList=[SGTIN]),
    ],
)
def test_sound_events_have_no_violations(raw: dict[str, Any]) -> None:
    assert violations(raw) == []


@pytest.mark.parametrize("word", sorted(BIZ_STEPS))
def test_every_business_step_is_known_bare_and_as_a_uri(word: str) -> None:
    assert violations(event(bizStep=word)) == []
    assert violations(event(bizStep=f"urn:epcglobal:cbv:bizstep:{word}"), Notation.XML_2_0) == []


@pytest.mark.parametrize("word", sorted(DISPOSITIONS))
def test_every_disposition_is_known(word: str) -> None:
    assert violations(event(disposition=word, persistentDisposition={"set": [word]})) == []


def test_every_fault_of_an_event_is_found_not_only_the_first() -> None:
    assert len(paths(event(eventTime="x", action="CREATE", bizStep="odd", madeUp=1))) == 4


@pytest.mark.parametrize("raw", [None, 5, "text", [], [event()]])
def test_what_is_no_object_is_no_event(raw: Any) -> None:
    assert paths(raw) == ["$"]


@pytest.mark.parametrize("kind", EVENT_TYPES)
@pytest.mark.parametrize("junk", [None, 5, "text", [], {}, [None], [5], [[]], {"a": 1}, True])
def test_no_field_can_upset_the_rules_by_its_type(kind: str, junk: Any) -> None:
    for name in (
        *event(),
        "parentID",
        "childEPCs",
        "bizTransactionList",
        "ilmd",
        "errorDeclaration",
        "sensorElementList",
        "readPoint",
        "sourceList",
        "persistentDisposition",
        "certificationInfo",
        "@context",
        "inputEPCList",
    ):
        violations(event(type=kind) | {name: junk})


def test_xml_1_2_may_leave_out_seconds_and_2_0_may_not() -> None:
    raw = event(eventTime="2026-11-02T06:45Z")
    assert violations(raw, Notation.XML_1_2) == []
    assert paths(raw, Notation.XML_2_0) == ["$.eventTime"]
