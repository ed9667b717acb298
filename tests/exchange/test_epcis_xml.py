"""EPCIS XML of both versions: what it becomes, what is refused, and that nothing hostile is tried."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.builders import LOT, SGTIN, XML_EVENT, event, only, read, xml
from trace_core.errors import DocumentError
from trace_core.exchange.documents import DocumentKind
from trace_core.exchange.epcis_words import Notation
from trace_core.exchange.epcis_xml_writer import event_to_xml


def inside(more: str, *, strict: bool = False) -> Any:
    return only(read(xml(XML_EVENT.replace("</ObjectEvent>", f"{more}</ObjectEvent>")), strict=strict))


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>',
        '<!DOCTYPE x PUBLIC "a" "http://127.0.0.1:1/x.dtd"><x/>',
        '<?xml version="1.0"?>\n<!-- c -->\n<!DOCTYPE x><x/>',
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_document_type_declaration_is_refused_before_anything_is_expanded(text: str, strict: bool) -> None:
    with pytest.raises(DocumentError, match="document type declaration"):
        read(text, strict=strict)


def test_an_entity_nobody_declared_is_refused() -> None:
    with pytest.raises(DocumentError, match="undefined entity"):
        read(xml("<ObjectEvent>&secret;</ObjectEvent>"))


@pytest.mark.parametrize("text", ["<a", "<a>", "<a></b>", "<a/><b/>", "<a b=c/>", "<a>\x01</a>", "<", "<?xml?>"])
def test_what_is_not_well_formed_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(DocumentError, match="well-formed") as caught:
        read(text)
    assert "line 1" in caught.value.where


def test_another_root_is_refused() -> None:
    with pytest.raises(DocumentError, match="EPCISDocument"):
        read("<html><body/></html>")


def test_comments_and_cdata_are_fine() -> None:
    found = inside("<!-- c --><p:note xmlns:p='urn:p'><![CDATA[a < b]]></p:note>", strict=True)
    assert found.event["p:note"] == "a < b"
    assert found.is_accepted


def test_line_and_position_of_each_event() -> None:
    first, second = read(xml(f"\n{XML_EVENT}\n\n{XML_EVENT}")).events
    assert (first.line, second.line) == (2, 4)
    assert second.path == "$.eventList[1]"


def test_the_wrappers_of_1_2_are_taken_off() -> None:
    body = (
        "<extension><extension><AssociationEvent><eventTime>2026-11-02T06:45Z</eventTime>"
        "<eventTimeZoneOffset>+00:00</eventTimeZoneOffset><baseExtension><eventID>urn:x:1</eventID></baseExtension>"
        f"<parentID>urn:x:p</parentID><childEPCs><epc>{SGTIN}</epc></childEPCs><action>ADD</action>"
        "</AssociationEvent></extension></extension>"
    )
    found = read(xml(body, space="urn:epcglobal:epcis:xsd:1", version="1.2"), strict=True)
    assert found.kind is DocumentKind.EPCIS_XML_1_2
    assert only(found).rejection is None
    assert only(found).event == {
        "type": "AssociationEvent",
        "eventTime": "2026-11-02T06:45Z",
        "eventTimeZoneOffset": "+00:00",
        "eventID": "urn:x:1",
        "parentID": "urn:x:p",
        "childEPCs": [SGTIN],
        "action": "ADD",
    }


def test_a_quantity_event_of_1_0_becomes_the_object_event_it_stands_for() -> None:
    body = (
        "<QuantityEvent><eventTime>2026-11-02T06:45:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>"
        f"<epcClass>{LOT}</epcClass><quantity>7</quantity></QuantityEvent>"
    )
    found = only(read(xml(body, space="urn:epcglobal:epcis:xsd:1", version="1.0"), strict=True))
    assert found.rejection is None
    assert found.event["type"] == "ObjectEvent"
    assert found.event["action"] == "OBSERVE"
    assert found.event["quantityList"] == [{"epcClass": LOT, "quantity": 7}]


def test_a_nil_quantity_is_none() -> None:
    nil = '<quantity xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>'
    more = f"<quantityList><quantityElement><epcClass>{LOT}</epcClass>{nil}</quantityElement></quantityList>"
    assert inside(more, strict=True).event["quantityList"] == [{"epcClass": LOT}]


def test_one_prefix_with_two_meanings_becomes_two_prefixes() -> None:
    found = inside('<p:a xmlns:p="urn:one">1</p:a><p:a xmlns:p="urn:two">2</p:a><a xmlns="urn:three">3</a>')
    spaces = found.event["@context"]
    values = {spaces[name.partition(":")[0]]: found.event[name] for name in found.event if name.endswith(":a")}
    assert values == {"urn:one": "1", "urn:two": "2", "urn:three": "3"}


def test_attributes_and_text_of_an_extension_are_kept() -> None:
    found = inside('<p:w xmlns:p="urn:p" unit="KGM" p:by="me">3.50<p:x/></p:w>')
    assert found.event["p:w"] == {"unit": "KGM", "p:by": "me", "#text": "3.50", "p:x": ""}


def test_sensor_values_are_exact_and_typed() -> None:
    more = (
        "<sensorElementList><sensorElement><sensorMetadata time='2026-11-02T06:45:00Z'/>"
        "<sensorReport type='gs1:Temperature' value='26.10' booleanValue='1' uom='CEL' component='cbv:Comp-x'/>"
        "</sensorElement></sensorElementList>"
    )
    found = inside(more, strict=True)
    assert found.rejection is None
    (element,) = found.event["sensorElementList"]
    assert element["sensorReport"] == [
        {"type": "Temperature", "value": Decimal("26.10"), "booleanValue": True, "uom": "CEL", "component": "x"}
    ]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ("<madeUp>x</madeUp>", "madeUp"),
        ("<bizStep>shipping</bizStep>", "bizStep"),
        ("<bizStep>urn:epcglobal:cbv:bizstep:odd</bizStep>", "bizStep"),
        ("<action>ADD</action>", "action"),
        ("<quantityList><thing/></quantityList>", "quantityList[0]"),
        (
            f"<quantityList><quantityElement><epcClass>{LOT}</epcClass><quantity>x</quantity></quantityElement></quantityList>",
            "quantity",
        ),
        ("<readPoint><id>urn:x:1</id><gate>5</gate></readPoint>", "readPoint.gate"),
        ("<sourceList><source>urn:x:1</source></sourceList>", "sourceList[0].type"),
        ("<sensorElementList>text</sensorElementList>", "sensorElementList"),
        ("<ilmd><grade>A</grade></ilmd>", "ilmd.grade"),
        ("<transformationID/>", "transformationID"),
    ],
)
def test_faults_of_an_event_are_found_at_their_path(more: str, path: str) -> None:
    found = inside(more, strict=True)
    assert any(path in one.path for one in found.violations), found.violations


def test_action_before_event_time_is_out_of_order_in_2_0() -> None:
    body = XML_EVENT.replace("<action>OBSERVE</action>", "").replace(
        "<ObjectEvent>", "<ObjectEvent><action>OBSERVE</action>"
    )
    assert only(read(xml(body), strict=True)).rejection is not None
    assert only(read(xml(body))).is_accepted


def test_an_event_list_inside_of_an_extension_is_no_event_list() -> None:
    found = inside(f"<p:copy xmlns:p='urn:p'><EventList>{XML_EVENT}</EventList></p:copy>", strict=True)
    assert found.is_accepted
    assert "EventList" in found.event["p:copy"]


def test_an_event_of_no_known_type_is_rejected_by_its_name() -> None:
    found = only(read(xml(XML_EVENT.replace("ObjectEvent", "ObjectEventInvalid")), strict=True))
    assert found.rejection is not None
    assert "ObjectEventInvalid" in found.rejection.reason


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (xml(XML_EVENT, space="urn:somebody:else"), "name space"),
        (xml(XML_EVENT).replace(' schemaVersion="2.0"', ""), "schemaVersion"),
        (xml(XML_EVENT).replace(' creationDate="2026-11-02T07:00:00Z"', ""), "creationDate"),
        (xml(XML_EVENT).replace("<EventList>", "<odd/><EventList>"), "odd"),
    ],
)
def test_a_faulty_envelope_refuses_the_document_strictly_only(text: str, fault: str) -> None:
    with pytest.raises(DocumentError, match=fault):
        read(text, strict=True)
    assert only(read(text)).is_accepted


def test_masterdata_of_a_header_is_read_with_its_structure() -> None:
    header = (
        "<EPCISHeader><extension><EPCISMasterData><VocabularyList>"
        "<Vocabulary type='urn:epcglobal:epcis:vtype:Location'>"
        "<VocabularyElementList><VocabularyElement id='urn:epc:id:sgln:4012345.00001.0'>"
        "<attribute id='urn:epcglobal:cbv:mda#name'>Werk 1</attribute><children><id>"
        "urn:x:a</id><id>urn:x:b</id></children>"
        "</VocabularyElement></VocabularyElementList></Vocabulary></VocabularyList>"
        "</EPCISMasterData></extension></EPCISHeader>"
    )
    (place,) = read(xml(XML_EVENT).replace("<EPCISBody>", f"{header}<EPCISBody>"), strict=True).masterdata
    assert getattr(place, "name", "") == "Werk 1"
    assert getattr(place, "attributes", {})["children"] == "urn:x:a urn:x:b"


@pytest.mark.parametrize("notation", [Notation.XML_2_0, Notation.XML_1_2])
@pytest.mark.parametrize(
    "raw",
    [
        event(
            **{"plant:sequence": 7, "plant:done": True, "plant:share": Decimal("0.25"), "plant:who": "Ängel & <Söhne>"}
        ),
        event(**{"a:x": {"a:y": ["1", "2"], "z": "3"}, "@context": {"a": "https://a.example/?q=1&r=2"}}),
        event(
            bizStep="shipping",
            disposition="in_transit",
            persistentDisposition={"unset": ["active"], "set": ["expired"]},
        ),
        event(
            readPoint={"id": "urn:x:1", "plant:gate": "5"},
            certificationInfo=["https://a.example/1", "https://a.example/2"],
        ),
        event(
            errorDeclaration={
                "declarationTime": "2026-11-02T06:45:00Z",
                "reason": "did_not_occur",
                "correctiveEventIDs": [],
            }
        ),
        event(type="AssociationEvent", quantityList=None, parentID="urn:x:1", childEPCs=[SGTIN]),
        event(
            type="TransformationEvent",
            quantityList=None,
            action=None,
            inputEPCList=[SGTIN],
            outputEPCList=[LOT],
            ilmd={"plant:x": "1"},
        ),
    ],
)
def test_what_is_written_reads_back_the_same(raw: dict[str, Any], notation: Notation) -> None:
    version = "1" if notation is Notation.XML_1_2 else "2"
    text = xml(event_to_xml(raw, notation), space=f"urn:epcglobal:epcis:xsd:{version}", version=f"{version}.2")
    assert only(read(text)).event == raw


def test_a_name_that_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(DocumentError, match="name XML can hold"):
        event_to_xml(event(**{"plant:two words": 1}))
