"""The CBV 2.0 event hash: the published vectors, and what it must not depend on."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.builders import CLOCK, LOT, SGTIN, event, only, read, xml
from trace_core.exchange.documents import read_document
from trace_core.exchange.event_hash import event_hash, pre_hash

# The one published vector we do not reproduce: its reference value sent the 24-digit text 111100001111000011110000
# through a binary float and hashed 111100001111000003641344. Ours stays exact.
NOT_REPRODUCED = {("SensorDataExamples.xml", 6)}


def vectors(shared_data: Path) -> list[tuple[Path, list[str]]]:
    folder = shared_data / "epcis/event-hash/examples"
    return [
        (document, document.with_suffix(".hashes").read_text().split())
        for document in sorted(folder.iterdir())
        if document.suffix in {".jsonld", ".xml"}
    ]


def hashes(path: Path) -> list[str]:
    found = read_document(path, strict=False, clock=CLOCK)
    ignored = next((value for name, value in found.header.items() if name.endswith("ignoreFields")), ())
    return [event_hash(one.event, ignored=ignored) for one in found.events]


def test_the_published_vectors_are_reproduced(shared_data: Path) -> None:
    reproduced = 0
    for path, expected in vectors(shared_data):
        got = hashes(path)
        assert len(got) == len(expected)
        for number, (ours, theirs) in enumerate(zip(got, expected, strict=True)):
            if (path.name, number) in NOT_REPRODUCED:
                assert ours != theirs
                continue
            assert ours == theirs, f"{path.name} {number}"
            reproduced += 1
    assert reproduced == 30


def test_events_that_must_hash_equal_do(shared_data: Path) -> None:
    for path in sorted((shared_data / "epcis/event-hash/expected_equal").iterdir()):
        assert len(set(hashes(path))) == 1, path.name


def test_the_hash_is_the_sha_256_of_the_canonical_string() -> None:
    text = pre_hash(event())
    assert text == (
        "eventType=ObjectEventeventTime=2026-11-02T05:45:00.000ZeventTimeZoneOffset=+01:00"
        f"quantityListquantityElementepcClass={LOT}quantity=5uom=KGMaction=ADD"
    )
    assert event_hash(event()) == f"ni:///sha-256;{hashlib.sha256(text.encode()).hexdigest()}?ver=CBV2.0"


def test_an_event_and_its_withdrawal_have_the_same_hash() -> None:
    withdrawn = event(eventID="urn:x:1", recordTime="2026-11-02T06:46:00Z", errorDeclaration={"declarationTime": "x"})
    assert event_hash(withdrawn) == event_hash(event())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"eventTime": "2026-11-02T05:45:00Z"}, {"eventTime": "2026-11-02T07:45:00.0000+02:00"}),
        ({"epcList": [SGTIN]}, {"epcList": ["https://id.gs1.org/01/04012345123456/21/12"]}),
        ({"epcList": [SGTIN, LOT]}, {"epcList": [LOT, SGTIN]}),
        ({"bizStep": "shipping"}, {"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}),
        ({"bizStep": "shipping"}, {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"}),
        (
            {"quantityList": [{"epcClass": LOT, "quantity": 5}]},
            {"quantityList": [{"epcClass": LOT, "quantity": Decimal("5.00")}]},
        ),
        ({"x:a": "1.50"}, {"x:a": Decimal("1.5")}),
        ({"x:a": 1, "x:b": 2}, {"x:b": 2, "x:a": 1}),
        ({"ilmd": {}}, {}),
        ({"disposition": None}, {}),
    ],
)
def test_ways_of_writing_do_not_change_the_hash(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert event_hash(event(**one)) == event_hash(event(**other))


@pytest.mark.parametrize(
    "change",
    [
        {"eventTime": "2026-11-02T06:45:00.001+01:00"},
        {"action": "DELETE"},
        {"quantityList": [{"epcClass": LOT, "quantity": 6, "uom": "KGM"}]},
        {"quantityList": [{"epcClass": LOT, "quantity": 5, "uom": "GRM"}]},
        {"bizStep": "shipping"},
        {"x:a": ""} | {"x:b": 1},
        {"readPoint": {"id": "urn:x:1", "x:gate": "5"}},
    ],
)
def test_every_change_of_what_happened_changes_the_hash(change: dict[str, Any]) -> None:
    assert event_hash(event(**change)) != event_hash(event())


def test_prefixes_count_by_what_they_mean() -> None:
    one = event(**{"a:x": 1, "@context": {"a": "https://a.example/"}})
    other = event(**{"b:x": 1, "@context": {"b": "https://a.example/"}})
    third = event(**{"a:x": 1, "@context": {"a": "https://b.example/"}})
    assert event_hash(one) == event_hash(other) != event_hash(third)


def test_a_time_is_rounded_to_the_millisecond_half_up() -> None:
    assert "eventTime=2026-11-02T05:45:00.315Z" in pre_hash(event(eventTime="2026-11-02T05:45:00.3145Z"))
    assert "eventTime=2026-11-02T05:45:01.000Z" in pre_hash(event(eventTime="2026-11-02T05:45:00.9999Z"))


def test_a_huge_number_does_not_become_a_huge_text() -> None:
    assert len(pre_hash(event(**{"x:a": Decimal("1e300000"), "x:b": "1e999"}))) < 2000


def test_xml_hashes_like_json() -> None:
    body = (
        "<TransformationEvent xmlns:a='https://a.example/'><eventTime>2026-11-02T06:45:00+01:00</eventTime>"
        "<eventTimeZoneOffset>+01:00</eventTimeZoneOffset>"
        f"<inputEPCList><epc>{SGTIN}</epc></inputEPCList><outputQuantityList><quantityElement><epcClass>{LOT}</epcClass>"
        "<quantity>5.0</quantity><uom>KGM</uom></quantityElement></outputQuantityList>"
        "<ilmd><a:grade>A</a:grade></ilmd></TransformationEvent>"
    )
    raw = event(
        type="TransformationEvent",
        action=None,
        quantityList=None,
        inputEPCList=[SGTIN],
        outputQuantityList=[{"epcClass": LOT, "quantity": 5, "uom": "KGM"}],
        ilmd={"b:grade": "A"},
        **{"@context": {"b": "https://a.example/"}},
    )
    assert event_hash(only(read(xml(body), strict=True)).event) == event_hash(raw)


@given(st.permutations(list(event(epcList=[SGTIN, LOT], **{"x:a": 1, "x:b": "2"}).items())))
def test_the_order_of_fields_never_changes_the_hash(items: list[tuple[str, Any]]) -> None:
    assert event_hash(dict(items)) == event_hash(event(epcList=[SGTIN, LOT], **{"x:a": 1, "x:b": "2"}))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**12, places=6))
def test_a_number_counts_by_its_value(number: Decimal) -> None:
    as_number = event(quantityList=[{"epcClass": LOT, "quantity": number}])
    as_json = only(read(_document(number))).event
    assert event_hash(as_number) == event_hash(as_json)


def _document(number: Decimal) -> str:
    quantity = f'"quantity": {number:f}000'
    raw = json.dumps(
        {"type": "EPCISDocument", "epcisBody": {"eventList": [event(quantityList=[{"epcClass": LOT, "quantity": 7}])]}}
    )
    return raw.replace('"quantity": 7', quantity if "." in quantity else f'"quantity": {number:f}')
