"""The core as one: it follows the log, whoever appends, and never executes a report twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.plant import Plant, lot, pallet
from trace_core.capture.records import AnswerCode, DeliveryNote, DeviceRecord, PurchaseOrder, RecordType
from trace_core.capture.rejection import RejectReason
from trace_core.core import TraceCore, ledger_hash
from trace_core.core.entries import event_of
from trace_core.errors import StoreDamaged
from trace_core.genealogy.answer import TraceAnswer, UnknownThing
from trace_core.log.memory import MemoryLog
from trace_core.log.port import Entry, EntryKind
from trace_core.vocabulary.clock import SetClock
from trace_core.vocabulary.events import Action, Amount, ObjectEvent
from trace_core.vocabulary.identity import identify
from trace_core.vocabulary.masterdata import Item, RunStamp

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def kinds(plant: Plant) -> list[EntryKind]:
    return [record.entry.kind for record in plant.core.log.read()]


def receipt(sequence: int = 1, **fields: object) -> DeviceRecord:
    sound = {"device": "plc", "epoch": 1, "sequence": sequence, "type": RecordType.RECEIPT, "time": START, "station": 1}
    return DeviceRecord(**{**sound, "lot_id": "A", "item": "jam", "quantity": Decimal(5), **fields})  # type: ignore[arg-type]


def test_the_same_record_again_is_answered_as_a_duplicate_and_written_once() -> None:
    plant = Plant()
    assert plant.core.capture(receipt()).code is AnswerCode.RELEASE
    assert plant.core.capture(receipt()).code is AnswerCode.DUPLICATE
    assert kinds(plant) == [EntryKind.EVENT]


def test_a_replay_is_a_duplicate_even_where_the_purchase_order_came_in_between() -> None:
    plant = Plant()
    sent = receipt(order="PO-1", time=None)
    plant.core.capture(sent)
    plant.core.capture(PurchaseOrder("erp", "PO-1", START, "Farm", "jam"))
    plant.wait(hours=1)
    assert plant.core.capture(sent).code is AnswerCode.DUPLICATE
    assert kinds(plant) == [EntryKind.EVENT, EntryKind.MASTERDATA]


def test_a_key_with_other_content_is_quarantined_and_answered_with_its_reason() -> None:
    plant = Plant()
    plant.core.capture(receipt())
    answer = plant.core.capture(receipt(quantity=Decimal(6)))
    assert (answer.code, answer.reason) == (AnswerCode.REJECT_FORMAT, RejectReason.REUSED_KEY)
    assert kinds(plant) == [EntryKind.EVENT, EntryKind.QUARANTINE]
    trace = plant.core.trace(lot("A"))
    assert isinstance(trace, TraceAnswer)
    assert len(plant.core.index) == 1


def test_an_impossible_record_is_kept_in_quarantine_once() -> None:
    plant = Plant()
    for _ in range(2):
        answer = plant.core.capture(receipt(quantity=Decimal(-1)))
        assert (answer.code, answer.reason) == (AnswerCode.REJECT_FORMAT, RejectReason.BAD_QUANTITY)
    assert kinds(plant) == [EntryKind.QUARANTINE]
    (record,) = plant.core.log.read()
    assert "bad_quantity" in record.entry.note


def test_a_good_record_is_taken_after_its_key_stood_on_a_bad_one() -> None:
    plant = Plant()
    plant.core.capture(receipt(quantity=Decimal(-1)))
    assert plant.core.capture(receipt()).code is AnswerCode.RELEASE
    assert isinstance(plant.core.trace(lot("A")), TraceAnswer)


def test_a_posting_again_is_a_duplicate() -> None:
    plant = Plant()
    note = DeliveryNote("erp", "DN-1", START, "shop")
    assert plant.core.capture(note).code is AnswerCode.RELEASE
    assert plant.core.capture(note).code is AnswerCode.DUPLICATE


def test_a_shipment_names_the_customer_of_its_delivery_note() -> None:
    plant = Plant()
    plant.core.capture(DeliveryNote("erp", "DN-1", START, "shop"))
    plant.pack(1, "A")
    plant.report(RecordType.SHIP, part_id=pallet(1), order="DN-1")
    trace = plant.core.trace(lot("A"), "forward")
    assert isinstance(trace, TraceAnswer)
    assert [one.destination for one in trace.shipments] == ["urn:plant:party:-::shop"]


def test_a_question_sees_what_another_core_appended() -> None:
    plant = Plant()
    other = TraceCore(plant.core.log, plant.clock)
    plant.make("A", "B")
    trace = other.trace(lot("B"))
    assert isinstance(trace, TraceAnswer)
    assert trace.lots == (lot("A"),)


def test_an_unknown_lot_is_a_value() -> None:
    assert isinstance(Plant().core.trace("nobody"), UnknownThing)


def test_known_at_asks_as_of_what_the_core_had_learnt() -> None:
    plant = Plant()
    plant.make("A", "B")
    moment = plant.clock.now()
    plant.wait(hours=1)
    plant.make("B", "C")
    early, late = plant.core.trace(lot("A"), "forward", known_at=moment), plant.core.trace(lot("A"), "forward")
    assert isinstance(early, TraceAnswer)
    assert isinstance(late, TraceAnswer)
    assert (early.lots, late.lots) == ((lot("B"),), (lot("B"), lot("C")))


def test_events_without_an_id_get_the_hash_of_the_standard_and_are_known_again() -> None:
    plant = Plant()
    event = ObjectEvent(event_time=START, action=Action.ADD, amounts=(Amount(identify(lot("A"))),))
    first = plant.core.append_events([event])
    again = plant.core.append_events([event])
    assert [one.outcome for one in (*first, *again)] == ["accepted", "duplicate"]
    assert plant.events(1).event_id.startswith("ni:///sha-256;")


def test_masterdata_is_known_to_the_core_and_to_one_built_anew() -> None:
    plant = Plant()
    plant.core.append_masterdata([Item("urn:plant:class:-:jam:", "Jam"), RunStamp("r", "p", "h", 1, "5d")])
    for core in (plant.core, TraceCore(plant.core.log, plant.clock)):
        assert core.masterdata.name_of("urn:plant:class:-:jam:") == "Jam"
        assert [one.plant for one in core.runs] == ["p"]


def test_a_record_that_cannot_be_read_says_which_one() -> None:
    clock = SetClock(START)
    log = MemoryLog(clock)
    log.append([Entry(EntryKind.EVENT, b'{"type":"ObjectEvent"}', b"x" * 32, "e-1")])
    with pytest.raises(StoreDamaged, match="record 1 cannot be read"):
        TraceCore(log, clock)


def test_verify_finds_a_log_that_was_cut() -> None:
    plant = Plant()
    plant.make("A", "B")
    head = plant.core.log.head().hash
    assert plant.core.verify(head).is_intact
    assert not plant.core.verify(b"\x01" * 32).is_intact


# ---- the ledger


def test_the_ledger_s_hash_covers_what_happened_and_not_how_it_was_told() -> None:
    one, two, other = Plant(), Plant(), Plant()
    records = [receipt(1), receipt(2, lot_id="B")]
    for record in records:
        one.core.capture(record)
    two.wait(hours=5)
    for record in reversed(records):
        two.core.capture(replace(record, epoch=9, sequence=record.sequence + 40))
    other.core.capture(records[0])
    other.core.capture(replace(records[1], quantity=Decimal(4)))
    hashes = [ledger_hash(plant.core.log.read()) for plant in (one, two, other)]
    assert hashes[0] == hashes[1] != hashes[2]
    assert one.core.log.head().hash != two.core.log.head().hash


# ---- order of arrival


@settings(max_examples=25)
@given(st.permutations(range(6)))
def test_the_order_in_which_reports_arrive_never_changes_an_answer(order: list[int]) -> None:
    sent = []
    for number, (source, made) in enumerate([("A", "B"), ("B", "C"), ("A", "D")]):
        work = f"WO-{number}"
        moment = START + timedelta(minutes=number)
        consume = receipt(2 * number + 1, type=RecordType.CONSUME, lot_id=source, order=work, time=moment)
        sent += [consume, receipt(2 * number + 2, type=RecordType.COMPLETE, lot_id=made, order=work, time=moment)]
    answers = []
    for arrangement in (range(6), order):
        plant = Plant()
        for index in arrangement:
            plant.core.capture(sent[index])
        answers.append([plant.core.trace(lot(name), "both") for name in "ABCD"])
    assert answers[0] == answers[1]


def test_what_is_stored_is_what_was_captured() -> None:
    plant = Plant()
    plant.core.capture(receipt())
    (record,) = plant.core.log.read()
    event = event_of(record)
    assert isinstance(event, ObjectEvent)
    assert [(one.id.canonical, one.quantity) for one in event.amounts] == [(lot("A"), Decimal(5))]
    assert record.entry.source == "plc"
