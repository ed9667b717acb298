"""The declared table: what each report becomes, and that nothing a device can send is dropped or raises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings

from tests.capture.records import (
    FEEDERS,
    FILLER,
    GTIN,
    HALL,
    RECEIVED,
    RULES,
    SILO,
    SSCC,
    Papers,
    any_record,
    record,
)
from trace_core import capture
from trace_core.capture import (
    DeliveryNote,
    DeviceRecord,
    Flag,
    PurchaseOrder,
    RecordType,
    Rejection,
    RejectReason,
    Report,
    Result,
    StockCount,
    WorkOrder,
    events_of,
    quarantined,
    replayed,
)
from trace_core.capture.device_checks import is_text
from trace_core.log.port import EntryKind
from trace_core.vocabulary.epcis_json import content_hash, event_from_epcis, event_to_epcis
from trace_core.vocabulary.events import (
    Action,
    AggregationEvent,
    AssociationEvent,
    Event,
    ObjectEvent,
    TransformationEvent,
)
from trace_core.vocabulary.identity import Kind, identify, plant_id
from trace_core.vocabulary.json_text import from_bytes, to_bytes
from trace_core.vocabulary.masterdata import Vocabulary

LOT = f"https://id.gs1.org/01/{GTIN}/10/L1"


def event_of(report: Report, *papers: Vocabulary, made: tuple[str, ...] = ()) -> Event:
    facts = events_of(report, RULES, Papers(*papers, made=made), RECEIVED)
    assert not isinstance(facts, Rejection), facts
    (fact,) = facts
    assert isinstance(fact, ObjectEvent | AggregationEvent | AssociationEvent | TransformationEvent)
    return fact


def paper_of(report: Report) -> Vocabulary:
    facts = events_of(report, RULES, Papers(), RECEIVED)
    assert not isinstance(facts, Rejection), facts
    (fact,) = facts
    assert isinstance(fact, Vocabulary)
    return fact


def reason_of(report: Report) -> RejectReason:
    facts = events_of(report, RULES, Papers(), RECEIVED)
    assert isinstance(facts, Rejection), facts
    return facts.reason


@settings(max_examples=300)
@given(any_record)
def test_any_record_becomes_events_that_survive_storage_or_a_rejection_that_can_be_kept(sent: DeviceRecord) -> None:
    facts = events_of(sent, RULES, Papers(), RECEIVED)
    if isinstance(facts, Rejection):
        entry = quarantined(sent, facts)
        assert entry.kind is EntryKind.QUARANTINE
        assert entry.note
        assert from_bytes(entry.payload)["report"] == "DeviceRecord"
        return
    for one in facts:
        assert not isinstance(one, Vocabulary)
        stored = from_bytes(to_bytes(event_to_epcis(one)))  # type: ignore[arg-type]
        assert content_hash(event_from_epcis(stored)) == content_hash(one)  # type: ignore[arg-type]


@settings(max_examples=200)
@given(any_record)
def test_a_replay_meets_its_own_event_even_where_papers_came_in_between(sent: DeviceRecord) -> None:
    first = events_of(sent, RULES, Papers(), RECEIVED)
    if isinstance(first, Rejection) or not first:
        return
    papers: list[Vocabulary] = []
    if is_text(sent.order):
        papers.append(paper_of(PurchaseOrder("erp", sent.order, RECEIVED, "dairy farm", "milk", "cert")))
        papers.append(paper_of(DeliveryNote("erp", sent.order, RECEIVED, "shop")))
    again = events_of(sent, RULES, Papers(*papers), RECEIVED + timedelta(days=3))
    assert not isinstance(again, Rejection)
    assert content_hash(replayed(again[0], first[0])) == content_hash(first[0])  # type: ignore[arg-type]


def test_a_replay_with_another_quantity_stays_another_fact() -> None:
    sent = record(RecordType.RECEIPT, lot_id="L1", item=GTIN, quantity=Decimal(5), unit="kg", time=None)
    other = replace(sent, quantity=Decimal(6))
    assert content_hash(replayed(event_of(other), event_of(sent))) != content_hash(event_of(sent))


@pytest.mark.parametrize("kind", [RecordType.CLEAN, RecordType.CONSUME])
def test_a_replay_of_a_device_without_a_clock_keeps_the_interval_it_was_first_given(kind: RecordType) -> None:
    sent = record(kind, slot=1, time=None, measurements=(60.0,))
    later = events_of(sent, RULES, Papers(), RECEIVED + timedelta(hours=2))
    assert not isinstance(later, Rejection)
    assert replayed(later[0], event_of(sent)) == event_of(sent)  # type: ignore[arg-type]


def test_a_receipt_says_what_came_from_whom_by_which_order() -> None:
    paper = paper_of(PurchaseOrder("erp", "PO-9", RECEIVED, "Farm North", "milk", "C-77"))
    event = event_of(
        record(RecordType.RECEIPT, lot_id="L1", item=GTIN, order="PO-9", quantity=Decimal("12.5"), unit="kg"), paper
    )
    assert isinstance(event, ObjectEvent)
    assert (event.action, event.biz_step, event.disposition) == (Action.ADD, "receiving", "in_progress")
    assert [(one.id.canonical, one.quantity, one.unit) for one in event.amounts] == [(LOT, Decimal("12.5"), "KGM")]
    assert event.biz_location == identify(HALL)
    assert [(one.type, one.value) for one in event.sources] == [("possessing_party", "urn:plant:party:-::Farm%20North")]
    assert [one.type for one in event.biz_transactions] == ["po"]
    assert event.biz_transactions[0].value == paper.id
    assert event.plant["certificate"] == "C-77"
    assert event.event_id == "urn:plant:event:plc:3:7"


def test_a_consumption_and_a_completion_of_one_order_share_their_transformation() -> None:
    used = event_of(record(RecordType.CONSUME, lot_id="L1", item=GTIN, order="WO-1", quantity=Decimal(3), unit="kg"))
    made = event_of(
        record(RecordType.COMPLETE, lot_id="P1", item="yoghurt", order="WO-1", quantity=Decimal(4), unit="box")
    )
    assert isinstance(used, TransformationEvent)
    assert isinstance(made, TransformationEvent)
    assert used.transformation_id == made.transformation_id == "urn:plant:order:-::WO-1"
    assert [one.id.canonical for one in used.input_amounts] == [LOT]
    assert [one.id.canonical for one in made.output_amounts] == ["urn:plant:lot:-:yoghurt:P1"]
    assert used.plant["allocation"] == "order"
    assert used.plant["workOrder"] == "WO-1"


def test_a_lot_is_commissioned_once_and_added_to_later() -> None:
    sent = record(RecordType.COMPLETE, lot_id="L1", item=GTIN, order="WO-1")
    assert event_of(sent).biz_step == "commissioning"
    assert event_of(sent, made=(LOT,)).biz_step == "creating_class_instance"


def test_a_consumption_without_a_lot_draws_from_the_vessel_over_the_measured_time() -> None:
    event = event_of(
        record(RecordType.CONSUME, slot=1, order="WO-1", quantity=Decimal(3), unit="kg", measurements=(60.0,))
    )
    assert isinstance(event, TransformationEvent)
    assert not event.inputs
    assert not event.input_amounts
    assert event.plant["drawnFrom"] == [SILO]
    assert event.plant["drawnQuantity"] == {"quantity": Decimal(3), "unit": "KGM"}
    assert (event.plant["start"], event.plant["end"]) == ("2026-11-02T05:59:00.000Z", "2026-11-02T06:00:00.000Z")


def test_a_passage_by_bank_draws_from_every_slot_of_it_and_needs_no_quantity() -> None:
    event = event_of(record(RecordType.CONSUME, slot=100, order="WO-1.7", measurements=(190.0,)))
    assert isinstance(event, TransformationEvent)
    assert event.plant["drawnFrom"] == list(FEEDERS)
    assert "drawnQuantity" not in event.plant
    assert event.plant["start"] == "2026-11-02T05:56:50.000Z"


@pytest.mark.parametrize("kind", [RecordType.MOUNT, RecordType.UNMOUNT, RecordType.CONSUME, RecordType.CLEAN])
def test_a_lot_hangs_in_a_slot_and_never_in_a_bank(kind: RecordType) -> None:
    assert reason_of(record(kind, slot=100, lot_id="L1", item=GTIN)) is RejectReason.UNKNOWN_SLOT


def test_a_consumption_with_neither_lot_nor_slot_is_kept_as_an_unknown_input() -> None:
    event = event_of(record(RecordType.CONSUME, item="sugar", order="WO-1", quantity=Decimal(3), unit="kg"))
    assert event.plant["unknownInput"] == [
        {"item": "sugar", "quantity": Decimal(3), "unit": "KGM", "reason": "no lot in the record"}
    ]


@pytest.mark.parametrize(("kind", "action"), [(RecordType.MOUNT, Action.ADD), (RecordType.UNMOUNT, Action.DELETE)])
def test_mounting_names_vessel_and_lot(kind: RecordType, action: Action) -> None:
    event = event_of(record(kind, slot=1, lot_id="L1", item=GTIN))
    assert isinstance(event, AssociationEvent)
    assert (event.parent.canonical, event.action) == (SILO, action)
    assert [one.id.canonical for one in event.amounts] == [LOT]


def test_unmounting_without_a_lot_says_that_the_vessel_is_empty() -> None:
    event = event_of(record(RecordType.UNMOUNT, slot=1))
    assert isinstance(event, AssociationEvent)
    assert not event.epcs
    assert not event.amounts


@pytest.mark.parametrize(("result", "disposition"), [(Result.OK, None), (Result.NOK, "non_conformant")])
def test_a_cleaning_names_its_vessel_its_interval_and_whether_it_worked(
    result: Result, disposition: str | None
) -> None:
    event = event_of(record(RecordType.CLEAN, slot=1, result=result, measurements=(1800.0,)))
    assert isinstance(event, ObjectEvent)
    assert [one.canonical for one in event.epcs] == [SILO]
    assert (event.plant["operation"], event.plant["equipment"]) == ("cleaning", SILO)
    assert (event.plant["start"], event.plant["end"]) == ("2026-11-02T05:30:00.000Z", "2026-11-02T06:00:00.000Z")
    assert event.disposition == disposition


def test_a_pallet_is_packed_with_boxes_of_a_lot_and_shipped_to_its_customer() -> None:
    packed = event_of(record(RecordType.PACK, part_id=SSCC, lot_id="L1", item=GTIN, quantity=Decimal(48), unit="box"))
    note = paper_of(DeliveryNote("erp", "DN-4", RECEIVED, "shop 12"))
    shipped = event_of(record(RecordType.SHIP, part_id=SSCC, order="DN-4"), note)
    assert isinstance(packed, AggregationEvent)
    assert isinstance(shipped, ObjectEvent)
    assert packed.parent is not None
    assert packed.parent.canonical == f"https://id.gs1.org/00/{SSCC}" == shipped.epcs[0].canonical
    assert [(one.type, one.value) for one in shipped.destinations] == [
        ("possessing_party", "urn:plant:party:-::shop%2012")
    ]
    assert [(one.type, one.value) for one in shipped.biz_transactions] == [("desadv", note.id)]


def test_a_delivery_note_and_a_purchase_order_of_one_number_stay_two_papers() -> None:
    assert (
        paper_of(DeliveryNote("erp", "7", RECEIVED, "shop")).id
        != paper_of(PurchaseOrder("erp", "7", RECEIVED, "farm", "milk")).id
    )


def test_scrap_ends_an_amount_and_says_why() -> None:
    event = event_of(record(RecordType.SCRAP, lot_id="L1", item=GTIN, quantity=Decimal(2), unit="box", nok_code=31))
    assert (event.action, event.disposition, event.plant["reason"]) == (Action.DELETE, "destroyed", "nok 31")  # type: ignore[union-attr]


def test_a_measurement_that_is_no_number_is_reported_as_the_sensor_s_error() -> None:
    event = event_of(
        record(RecordType.MEASURE, part_id="S1", item=GTIN, measurements=(4.5, float("nan")), result=Result.OK)
    )
    assert event.rest["sensorElementList"] == [
        {
            "sensorReport": [
                {"type": "plant:measurement1", "value": Decimal("4.5")},
                {"type": "plant:measurement2", "exception": "ERROR_CONDITION"},
            ]
        }
    ]
    assert event.disposition == "conformant"


def test_a_line_of_a_crosswalk_says_that_two_names_are_one_lot() -> None:
    event = event_of(capture.LotAlias("wms", "X1", RECEIVED, "L1", GTIN, "W-L1", GTIN))
    assert isinstance(event, ObjectEvent)
    assert event.plant["operation"] == "rename"
    assert [one.id for one in event.amounts] == [plant_id(Kind.LOT, code, GTIN) for code in ("L1", "W-L1")]


def test_a_laboratory_s_verdict_and_a_count_never_touch_genealogy() -> None:
    verdict = event_of(
        capture.TestResult(
            "lab", "T1", RECEIVED, "L1", GTIN, "listeria", Result.NOK, Decimal(3), "cfu", "absent in 25 g"
        )
    )
    count = event_of(StockCount("wms", "C1", RECEIVED, "L1", GTIN, "cold store", Decimal(9), "box"))
    assert isinstance(verdict, ObjectEvent)
    assert isinstance(count, ObjectEvent)
    assert verdict.disposition == "non_conformant"
    assert verdict.plant["value"] == Decimal(3)
    assert count.biz_step == "cycle_counting"
    assert count.biz_location == identify("urn:plant:location:-::cold%20store")
    assert verdict.action is count.action is Action.OBSERVE


def test_a_work_order_is_known_by_the_id_of_its_transformation() -> None:
    paper = paper_of(WorkOrder("erp", "WO-1", RECEIVED, GTIN, Decimal(100), "box"))
    assert (paper.id, paper.type, paper.attributes["unit"]) == ("urn:plant:order:-::WO-1", "workOrder", "BX")


@pytest.mark.parametrize(
    ("lot_id", "item", "canonical"),
    [
        ("L1", GTIN, LOT),
        (f"(01){GTIN}(10)L1", "", LOT),
        (f"https://example.com/01/{GTIN}/10/L1", "other", LOT),
        (f"]C101{GTIN}10L1", "", LOT),
        ("urn:plant:lot:-:milk:7", "", "urn:plant:lot:-:milk:7"),
        ("A:12", "milk", "urn:plant:lot:-:milk:A%3A12"),
        ("批号 7", GTIN, f"urn:plant:lot:-:{GTIN}:%E6%89%B9%E5%8F%B7%207"),
        ("(10)L1", "milk", "urn:plant:lot:-:milk:%2810%29L1"),
    ],
)
def test_a_lot_is_item_and_code_unless_the_label_says_it_all(lot_id: str, item: str, canonical: str) -> None:
    event = event_of(record(RecordType.RECEIPT, lot_id=lot_id, item=item))
    assert [one.id.canonical for one in event.amounts] == [canonical]  # type: ignore[union-attr]


def test_a_licence_plate_in_the_lot_field_is_consumed_as_the_carrier_it_is() -> None:
    event = event_of(record(RecordType.CONSUME, lot_id=f"(00){SSCC}", order="WO-1"))
    assert isinstance(event, TransformationEvent)
    assert [one.canonical for one in event.inputs] == [f"https://id.gs1.org/00/{SSCC}"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"station": 9}, RejectReason.UNKNOWN_STATION),
        ({"device": "other"}, RejectReason.UNKNOWN_STATION),
        ({"slot": 2, "lot_id": ""}, RejectReason.UNKNOWN_SLOT),
        ({"unit": "stone"}, RejectReason.UNKNOWN_UNIT),
        ({"quantity": Decimal(-1)}, RejectReason.BAD_QUANTITY),
        ({"quantity": Decimal("NaN")}, RejectReason.BAD_QUANTITY),
        ({"quantity": Decimal("1E+50")}, RejectReason.BAD_QUANTITY),
        ({"lot_id": "ü" * 25}, RejectReason.TEXT_TOO_LONG),
        ({"order": "x" * 21}, RejectReason.TEXT_TOO_LONG),
        ({"lot_id": "\ud800"}, RejectReason.BAD_IDENTIFIER),
        ({"sequence": 0}, RejectReason.BAD_KEY),
        ({"epoch": -1}, RejectReason.BAD_KEY),
        ({"time": RECEIVED.replace(tzinfo=None)}, RejectReason.BAD_TIME),
    ],
)
def test_an_impossible_record_is_refused_with_its_reason(changes: dict[str, object], reason: RejectReason) -> None:
    sound: dict[str, object] = {"lot_id": "L1", "item": GTIN, "order": "WO-1"}
    assert reason_of(record(RecordType.CONSUME, **{**sound, **changes})) is reason


@pytest.mark.parametrize(
    "kind", [one for one in RecordType if one not in (RecordType.CONSUME, RecordType.UNMOUNT, RecordType.CLEAN)]
)
def test_a_record_that_names_nothing_is_refused(kind: RecordType) -> None:
    assert reason_of(record(kind, slot=1)) is RejectReason.MISSING_FIELD


def test_a_slot_may_be_read_along_with_the_lot_but_must_exist() -> None:
    event = event_of(record(RecordType.CONSUME, slot=1, lot_id="L1", item=GTIN))
    assert event.plant["fromSlot"] == SILO
    assert "drawnFrom" not in event.plant


@pytest.mark.parametrize(
    ("changes", "quality"),
    [
        ({"time": None}, "received"),
        ({"flags": Flag.CLOCK_BAD}, "bad"),
        ({"time": RECEIVED + timedelta(hours=1)}, "ahead"),
        ({}, None),
    ],
)
def test_an_event_says_whose_clock_it_trusts(changes: dict[str, object], quality: str | None) -> None:
    event = event_of(record(RecordType.SHIP, part_id=SSCC, **changes))
    assert event.plant.get("clockQuality") == quality


def test_a_record_kept_offline_says_so_and_names_machine_and_operator() -> None:
    event = event_of(record(RecordType.SHIP, part_id=SSCC, operator="0815", flags=Flag.OFFLINE | Flag.BYPASSED))
    assert event.plant["recordedOffline"] is event.plant["bypassed"] is True
    assert event.plant["operator"] == "urn:plant:operator:-::0815"
    assert event.plant["equipment"] == FILLER


def test_a_question_is_no_event() -> None:
    assert events_of(record(RecordType.ARRIVE, lot_id="L1", item=GTIN), RULES, Papers(), RECEIVED) == ()


@pytest.mark.parametrize(
    ("posting", "reason"),
    [
        (DeliveryNote("erp", " ", RECEIVED, "shop"), RejectReason.BAD_KEY),
        (DeliveryNote("erp", "1", RECEIVED.replace(tzinfo=None), "shop"), RejectReason.BAD_TIME),
        (StockCount("wms", "1", RECEIVED, "L1", GTIN, "x", Decimal(-1), "box"), RejectReason.BAD_QUANTITY),
        (StockCount("wms", "1", RECEIVED, "L1", GTIN, "x", Decimal(1), "stone"), RejectReason.UNKNOWN_UNIT),
        (StockCount("wms", "1", RECEIVED, "", GTIN, "x", Decimal(1), "box"), RejectReason.BAD_IDENTIFIER),
        (
            capture.TestResult("lab", "1", RECEIVED, "L1", GTIN, "pH", Result.OK, Decimal("Infinity")),
            RejectReason.BAD_QUANTITY,
        ),
    ],
)
def test_an_impossible_posting_is_refused_with_its_reason(posting: Report, reason: RejectReason) -> None:
    assert reason_of(posting) is reason
