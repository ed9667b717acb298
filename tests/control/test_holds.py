"""Holds: who may place and end them, what they cover, and that they beat everything."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.plant import LINE, Plant, lot, pallet
from trace_core.capture.records import AnswerCode, DeviceRecord, RecordType
from trace_core.control import BlockReason, Hold, Reach
from trace_core.core import TraceCore
from trace_core.errors import CommandRefused
from trace_core.genealogy.answer import UnknownThing
from trace_core.vocabulary.events import ObjectEvent


def placed(plant: Plant, *ids: str, reach: Reach = Reach.LOT, in_advance: bool = False) -> Hold:
    hold = plant.core.hold(ids, "Li Wei", "glass found", reach, in_advance=in_advance)
    assert isinstance(hold, Hold), hold
    return hold


def test_a_held_lot_is_blocked_until_it_is_released_by_name() -> None:
    plant = Plant()
    plant.make("A", "B")
    hold = placed(plant, lot("B"))
    answer = plant.ask(lot="B")
    assert (answer.code, answer.reason) == (AnswerCode.BLOCK, BlockReason.HELD)
    assert hold.hold_id in answer.text
    assert "glass found" in answer.text
    plant.core.release(hold.hold_id, "Li Wei", "tested clean")
    assert plant.ask(lot="B").code is AnswerCode.RELEASE


@pytest.mark.parametrize(("who", "why"), [("", "glass"), ("Li", ""), ("  ", "glass"), ("Li", "\t")])
def test_who_and_why_are_never_left_out(who: str, why: str) -> None:
    plant = Plant()
    plant.make("A", "B")
    before = plant.core.log.head()
    with pytest.raises(CommandRefused, match="is missing"):
        plant.core.hold(lot("A"), who, why)
    hold = placed(plant, lot("A"))
    with pytest.raises(CommandRefused, match="is missing"):
        plant.core.release(hold.hold_id, who, why)
    assert plant.core.log.head().sequence == before.sequence + 1


def test_an_unknown_lot_is_a_value_with_near_names() -> None:
    plant = Plant()
    plant.make("LOT-77", "B")
    found = plant.core.hold(lot("LOT-78"), "Li", "glass")
    assert isinstance(found, UnknownThing)
    assert lot("LOT-77") in found.near


def test_a_lot_held_in_advance_is_stopped_when_it_comes() -> None:
    plant = Plant()
    placed(plant, lot("A"), in_advance=True)
    assert plant.report(RecordType.RECEIPT, lot_id="A").code is AnswerCode.BLOCK


def test_a_carrier_is_held_with_any_lot_in_it() -> None:
    plant = Plant()
    plant.pack(1, "A")
    placed(plant, lot("A"))
    answer = plant.ask(part=pallet(1))
    assert (answer.code, answer.reason) == (AnswerCode.BLOCK, BlockReason.HELD_CONTENTS)


def test_a_lot_is_held_while_a_part_of_it_lies_in_a_held_carrier_and_its_other_carriers_are_free() -> None:
    plant = Plant()
    plant.pack(1, "A")
    plant.pack(2, "A")
    placed(plant, pallet(1), reach=Reach.CARRIER)
    assert plant.ask(lot="A").reason == BlockReason.HELD_CARRIER
    assert plant.ask(part=pallet(1)).code is AnswerCode.BLOCK
    assert plant.ask(part=pallet(2)).code is AnswerCode.RELEASE


def test_unpacking_a_held_carrier_frees_nothing() -> None:
    plant = Plant()
    plant.pack(1, "A")
    placed(plant, pallet(1), reach=Reach.CARRIER)
    plant.unpack(1, "A")
    plant.pack(2, "A")
    assert plant.ask(lot="A").code is AnswerCode.BLOCK
    assert plant.ask(part=pallet(2)).reason == BlockReason.HELD_CONTENTS


def test_what_left_a_carrier_before_it_was_held_is_free() -> None:
    plant = Plant()
    plant.pack(1, "A")
    plant.unpack(1, "A")
    plant.wait(hours=2)
    placed(plant, pallet(1), reach=Reach.CARRIER)
    assert plant.ask(lot="A").code is AnswerCode.RELEASE


def test_a_nested_carrier_is_held_with_the_one_around_it() -> None:
    plant = Plant()
    plant.pack(1, "A")
    plant.load(2, 1)
    placed(plant, pallet(2), reach=Reach.CARRIER)
    assert plant.ask(part=pallet(1)).reason == BlockReason.HELD_CARRIER
    assert plant.ask(lot="A").code is AnswerCode.BLOCK


def test_descendants_made_after_the_hold_are_held_too_and_the_rest_of_the_plant_is_not() -> None:
    plant = Plant()
    plant.make("A", "B")
    placed(plant, lot("A"), reach=Reach.DESCENDANTS)
    plant.report(RecordType.CONSUME, lot_id="B", order="WO")
    assert plant.report(RecordType.COMPLETE, lot_id="C", order="WO").reason == BlockReason.HELD_ORIGIN
    plant.pack(1, "C")
    plant.make("X", "Y")
    assert plant.ask(lot="C").reason == BlockReason.HELD_ORIGIN
    assert plant.ask(part=pallet(1)).code is AnswerCode.BLOCK
    assert plant.ask(lot="Y").code is AnswerCode.RELEASE


def test_a_lot_s_hold_does_not_reach_its_descendants() -> None:
    plant = Plant()
    plant.make("A", "B")
    placed(plant, lot("A"))
    assert plant.ask(lot="B").code is AnswerCode.RELEASE


def test_the_descendants_of_a_carrier_are_those_of_all_it_ever_held() -> None:
    plant = Plant()
    plant.pack(1, "A")
    plant.unpack(1, "A")
    plant.wait(hours=2)
    plant.make("A", "B")
    placed(plant, pallet(1), reach=Reach.DESCENDANTS)
    assert plant.ask(lot="B").reason == BlockReason.HELD_ORIGIN


def test_a_held_place_holds_what_is_there_what_comes_and_what_leaves_it_unasked() -> None:
    plant = Plant()
    plant.make("A", "B")
    hold = placed(plant, LINE, reach=Reach.LOCATION)
    assert plant.ask(lot="A", station=2).reason == BlockReason.HELD_PLACE
    plant.make("C", "D")
    plant.make("E", "F", station=2)
    assert plant.ask(lot="D", station=2).code is AnswerCode.BLOCK
    assert plant.ask(lot="F", station=2).code is AnswerCode.RELEASE
    assert plant.ask(lot="F", station=1).reason == BlockReason.HELD_PLACE
    plant.core.release(hold.hold_id, "Li", "cleaned")
    assert plant.ask(lot="D", station=2).code is AnswerCode.RELEASE


def test_what_shipped_in_spite_of_a_hold_is_recorded_and_said_in_every_answer() -> None:
    plant = Plant()
    plant.pack(1, "A")
    hold = placed(plant, lot("A"))
    answer = plant.report(RecordType.SHIP, part_id=pallet(1), order="DN-1")
    assert answer.code is AnswerCode.BLOCK
    found = plant.core.trace(pallet(1), "forward")
    assert not isinstance(found, UnknownThing)
    assert [one.carrier for one in found.shipments] == [f"https://id.gs1.org/00/{pallet(1)}"]
    (breach,) = [one for one in found.findings if one.kind == "moved_while_held"]
    assert hold.hold_id in breach.detail


def test_a_refused_question_is_recorded_and_a_granted_one_is_not() -> None:
    plant = Plant()
    plant.make("A", "B")
    head = plant.core.log.head().sequence
    plant.ask(lot="B")
    assert plant.core.log.head().sequence == head
    hold = placed(plant, lot("B"))
    plant.ask(lot="B")
    (record,) = plant.core.log.read(after=head + 1)
    assert hold.hold_id in record.entry.payload.decode()


def test_a_question_asked_again_gets_its_answer_again_and_is_recorded_once() -> None:
    plant = Plant()
    plant.make("A", "B")
    placed(plant, lot("B"))
    question = DeviceRecord("plc", 1, 99, RecordType.ARRIVE, plant.clock.now(), 2, lot_id="B", item="jam")
    first = plant.core.capture(question)
    head = plant.core.log.head()
    plant.wait(hours=1)
    assert plant.core.capture(question) == first
    assert plant.core.log.head() == head


def test_a_hold_ends_once() -> None:
    plant = Plant()
    plant.make("A", "B")
    hold = placed(plant, lot("A"))
    plant.core.release(hold.hold_id, "Li", "clean")
    with pytest.raises(CommandRefused, match="released by Li"):
        plant.core.release(hold.hold_id, "Li", "clean")
    with pytest.raises(CommandRefused, match="no hold has this id"):
        plant.core.release("H-0000000000", "Li", "clean")


def test_two_holds_need_two_releases() -> None:
    plant = Plant()
    plant.make("A", "B")
    first, second = placed(plant, lot("A")), placed(plant, lot("A"))
    assert first.hold_id != second.hold_id
    plant.core.release(first.hold_id, "Li", "clean")
    assert plant.ask(lot="A").code is AnswerCode.BLOCK


def test_a_hold_cannot_be_declared_away_and_a_release_declared_in_error_puts_it_back() -> None:
    plant = Plant()
    plant.make("A", "B")
    hold = placed(plant, lot("A"))
    plant.declare_in_error(hold.sequence)
    assert plant.ask(lot="A").code is AnswerCode.BLOCK
    release = plant.core.release(hold.hold_id, "Li", "clean")
    assert plant.ask(lot="A").code is AnswerCode.RELEASE
    plant.declare_in_error(release.sequence)
    assert plant.ask(lot="A").code is AnswerCode.BLOCK


def test_a_release_without_who_or_why_from_elsewhere_ends_nothing() -> None:
    plant = Plant()
    plant.make("A", "B")
    hold = placed(plant, lot("A"))
    event = ObjectEvent(
        event_id="urn:uuid:6e0e1f5c-0000-4000-8000-000000000001",
        event_time=plant.clock.now(),
        action=plant.events(hold.sequence).action,  # type: ignore[union-attr]
        biz_step="inspecting",
        unset_dispositions=("unavailable",),
        plant={"holdId": hold.hold_id},
    )
    plant.core.append_events([event])
    assert plant.ask(lot="A").code is AnswerCode.BLOCK


@pytest.mark.parametrize(("reach", "thing"), [(Reach.CARRIER, lot("A")), (Reach.CARRIER, LINE)])
def test_a_reach_must_fit_the_thing(reach: Reach, thing: str) -> None:
    plant = Plant()
    plant.make("A", "B")
    with pytest.raises(CommandRefused, match="reach carrier needs a carrier"):
        plant.core.hold(thing, "Li", "glass", reach, in_advance=True)


def test_a_hold_placed_by_another_process_is_seen_by_the_next_question() -> None:
    plant = Plant()
    plant.make("A", "B")
    other = TraceCore(plant.core.log, plant.clock)
    assert plant.ask(lot="B").code is AnswerCode.RELEASE
    assert isinstance(other.hold(lot("B"), "Li", "glass"), Hold)
    assert plant.ask(lot="B").code is AnswerCode.BLOCK


_names = st.sampled_from("ABCDEF")
_steps = st.one_of(
    st.tuples(st.just("make"), _names, _names),
    st.tuples(st.just("pack"), st.integers(1, 3), _names),
    st.tuples(st.just("unpack"), st.integers(1, 3), _names),
    st.tuples(st.just("hold"), _names, st.sampled_from([Reach.LOT, Reach.DESCENDANTS])),
    st.tuples(st.just("hold carrier"), st.integers(1, 3), st.just(Reach.CARRIER)),
    st.tuples(st.just("release"), st.integers(0, 3), st.none()),
    st.tuples(st.just("void"), st.integers(0, 9), st.none()),
)


@settings(max_examples=60)
@given(st.lists(_steps, max_size=14))
def test_no_held_thing_is_released_and_a_rebuilt_core_answers_as_the_live_one(
    steps: list[tuple[str, object, object]],
) -> None:
    plant = Plant()
    plant.play(steps)
    rebuilt = TraceCore(plant.core.log, plant.clock, rules=plant.rules)
    assert rebuilt.holds() == plant.core.holds()
    covered = plant.covered_by_hand()
    for name in "ABCDEF":
        answer = plant.core.may(lot(name))
        if isinstance(answer, UnknownThing):
            continue
        assert answer == rebuilt.may(lot(name))
        assert not (lot(name) in covered and answer.code is AnswerCode.RELEASE), (name, plant.core.holds())
        assert plant.ask(lot=name).code is answer.code
    for number in (1, 2, 3):
        answer = plant.core.may(pallet(number))
        if not isinstance(answer, UnknownThing):
            assert answer == rebuilt.may(pallet(number))
            assert not (pallet(number) in covered and answer.code is AnswerCode.RELEASE)


def test_the_event_of_a_hold_has_the_form_of_the_standard() -> None:
    plant = Plant()
    plant.make("A", "B")
    hold = placed(plant, lot("A"))
    event = plant.events(hold.sequence)
    assert isinstance(event, ObjectEvent)
    assert (event.biz_step, event.disposition, event.set_dispositions) == (
        "holding",
        "non_sellable_other",
        ("unavailable",),
    )
    assert event.plant == {"holdId": hold.hold_id, "reach": "lot", "reason": "glass found", "who": "Li Wei"}
    assert event.event_id.startswith("urn:uuid:")
    release = plant.core.release(hold.hold_id, "Li", "clean")
    ended = plant.events(release.sequence)
    assert (ended.biz_step, ended.disposition, ended.unset_dispositions) == (
        "inspecting",
        "conformant",
        ("unavailable",),
    )
