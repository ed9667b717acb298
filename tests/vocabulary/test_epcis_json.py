"""One event to and from JSON-LD: nothing lost, equal facts equal, nonsense refused with its path."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_core.errors import BadInput, QuantityError, TimeError
from trace_core.vocabulary.epcis_json import content_hash, event_from_epcis, event_to_epcis
from trace_core.vocabulary.events import AssociationEvent, TransformationEvent
from trace_core.vocabulary.json_text import from_bytes, to_bytes

LOT = "urn:epc:class:lgtin:4012345.022222.87545GHGH"
SAME_LOT = "https://id.gs1.org/01/04012345222227/10/87545GHGH"


def plain(**changes: Any) -> dict[str, Any]:
    return {"type": "ObjectEvent", "eventTime": "2026-11-02T06:45:00+01:00", "action": "OBSERVE", **changes}


names = st.text(min_size=1, max_size=12)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
codes = st.text(alphabet="ABC123批次", min_size=1, max_size=8)
lots = codes.map(lambda code: f"urn:plant:lot:-:M1:{code}")
amounts = st.fixed_dictionaries(
    {"epcClass": lots},
    optional={"quantity": st.decimals(min_value=0, max_value=10**9, places=3), "uom": st.just("KGM")},
)
moments = st.datetimes(timezones=st.just(UTC)).filter(lambda moment: moment.year > 1000).map(datetime.isoformat)
common = {
    "eventID": st.uuids().map(lambda u: f"urn:uuid:{u}"),
    "bizStep": st.sampled_from(["shipping", "receiving", "https://example.com/step"]),
    "readPoint": codes.map(lambda code: {"id": f"urn:plant:location:-::{code}"}),
    "bizTransactionList": st.lists(
        st.fixed_dictionaries({"bizTransaction": codes}, optional={"type": st.just("po")}), min_size=1
    ),
    "plant:equipment": names,
    "example:deep": json_values,
    "errorDeclaration": st.fixed_dictionaries(
        {"declarationTime": moments}, optional={"reason": st.just("incorrect_data")}
    ),
    "persistentDisposition": st.just({"set": ["unavailable"]}),
}
objects = st.fixed_dictionaries(
    {"type": st.just("ObjectEvent"), "eventTime": moments, "action": st.sampled_from(["ADD", "OBSERVE", "DELETE"])},
    optional={
        **common,
        "quantityList": st.lists(amounts, min_size=1, max_size=3),
        "epcList": st.lists(lots, min_size=1),
    },
)
transformations = st.fixed_dictionaries(
    {"type": st.just("TransformationEvent"), "eventTime": moments, "outputQuantityList": st.lists(amounts, min_size=1)},
    optional={**common, "inputQuantityList": st.lists(amounts, min_size=1), "transformationID": codes},
)


@given(objects | transformations)
def test_an_event_comes_back_from_its_json_as_it_was(raw: dict[str, Any]) -> None:
    event = event_from_epcis(raw)
    text = to_bytes(event_to_epcis(event))
    assert event_from_epcis(from_bytes(text)) == event
    assert content_hash(event_from_epcis(from_bytes(text))) == content_hash(event)


@given(json_values)
def test_fields_nobody_knows_stay_verbatim(value: Any) -> None:
    event = event_from_epcis(plain(**{"example:x": value}))
    assert event.rest == {"example:x": value}
    assert event_to_epcis(event)["example:x"] == value


def test_the_same_fact_in_other_words_has_the_same_content() -> None:
    one = event_from_epcis(
        plain(
            quantityList=[
                {"epcClass": LOT, "quantity": Decimal("12.50"), "uom": "KGM"},
                {"epcClass": "urn:plant:lot:-:M1:B"},
            ],
            bizStep="urn:epcglobal:cbv:bizstep:shipping",
            eventID="urn:uuid:1",
        )
    )
    other = event_from_epcis(
        plain(
            eventTime="2026-11-02T05:45:00.000Z",
            quantityList=[
                {"epcClass": "urn:plant:lot:-:M1:B"},
                {"epcClass": SAME_LOT, "quantity": Decimal("12.5"), "uom": "KGM"},
            ],
            bizStep="https://ref.gs1.org/cbv/BizStep-shipping",
            eventID="urn:uuid:2",
        )
    )
    assert content_hash(one) == content_hash(other)


@pytest.mark.parametrize(
    "change",
    [
        {"eventTime": "2026-11-02T06:45:01+01:00"},
        {"action": "ADD"},
        {"bizStep": "shipping"},
        {"quantityList": [{"epcClass": LOT, "quantity": 13}]},
        {"plant:equipment": "L1"},
        {"example:x": 1},
    ],
)
def test_another_fact_has_another_content(change: dict[str, Any]) -> None:
    assert content_hash(event_from_epcis(plain(**change))) != content_hash(event_from_epcis(plain()))


@given(st.decimals(min_value=0, max_value=Decimal("1e12"), allow_nan=False, allow_infinity=False, places=12))
def test_quantities_stay_exact(quantity: Decimal) -> None:
    event = event_from_epcis(plain(quantityList=[{"epcClass": LOT, "quantity": quantity}]))
    back = event_from_epcis(from_bytes(to_bytes(event_to_epcis(event))))
    assert back == event


@pytest.mark.parametrize(
    "bad", [-1, Decimal("NaN"), Decimal("Infinity"), float("nan"), "12", True, Decimal("1E+999999")]
)
def test_a_quantity_that_is_none_is_refused_with_its_path(bad: Any) -> None:
    with pytest.raises(QuantityError, match=r"\$\.quantityList\[0\]\.quantity"):
        event_from_epcis(plain(quantityList=[{"epcClass": LOT, "quantity": bad}]), "$")


@pytest.mark.parametrize(
    "bad",
    ["22-07-2026", "2026-07-22", "2026-07-22T06:45:00", None, 5, "2026-13-01T00:00:00Z", "9999-12-31T23:59:59-14:00"],
)
def test_a_time_that_names_no_moment_is_refused(bad: Any) -> None:
    with pytest.raises(TimeError):
        event_from_epcis(plain(eventTime=bad))


def test_a_time_without_zone_borrows_the_offset_beside_it() -> None:
    event = event_from_epcis(plain(eventTime="2026-11-02T06:45:00", eventTimeZoneOffset="+01:00"))
    assert event.event_time == datetime(2026, 11, 2, 5, 45, tzinfo=UTC)
    assert event.zone_offset == "+01:00"


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "Sermon"},
        {"type": "ObjectEvent", "action": "PUT"},
        {"type": "AssociationEvent"},
        {"epcList": "urn:x"},
        {"epcList": [5]},
        {"quantityList": [5]},
        {"bizTransactionList": [{"type": "po"}]},
        {"persistentDisposition": "unavailable"},
        {"errorDeclaration": {"declarationTime": "yesterday"}},
        {"readPoint": {"id": 5}},
    ],
)
def test_what_cannot_be_understood_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        event_from_epcis(plain(**bad), "$")


def test_the_parts_of_a_transformation_keep_their_side() -> None:
    event = event_from_epcis(
        {
            "type": "TransformationEvent",
            "eventTime": "2026-11-02T06:45:00Z",
            "inputEPCList": ["urn:epc:id:sgtin:4012345.011111.987"],
            "outputQuantityList": [{"epcClass": LOT, "quantity": 1}],
        }
    )
    assert isinstance(event, TransformationEvent)
    assert [one.canonical for one in event.inputs] == ["https://id.gs1.org/01/04012345111118/21/987"]
    assert [one.id.canonical for one in event.output_amounts] == [SAME_LOT]


def test_an_association_keeps_its_parent_and_children() -> None:
    event = event_from_epcis(
        plain(
            type="AssociationEvent",
            action="ADD",
            parentID="urn:plant:equipment:-::SILO-1",
            childQuantityList=[{"epcClass": LOT}],
        )
    )
    assert isinstance(event, AssociationEvent)
    assert event.parent.canonical == "urn:plant:equipment:-::SILO-1"
    assert [one.id.canonical for one in event.amounts] == [SAME_LOT]


@given(st.integers(0, 10**6))
def test_times_go_out_and_come_back_to_the_microsecond(microseconds: int) -> None:
    moment = datetime(2026, 11, 2, tzinfo=UTC) + timedelta(microseconds=microseconds)
    event = event_from_epcis(plain(eventTime=moment.isoformat()))
    assert event_from_epcis(event_to_epcis(event)).event_time == moment
