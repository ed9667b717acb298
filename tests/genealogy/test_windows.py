"""Who lay in what, and when: carriers, vessels, slots, and clocks that may be wrong by five minutes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.genealogy.asking import ask, lots
from tests.genealogy.documents import index_of
from tests.genealogy.worlds import (
    CARRIERS,
    DAY,
    LOTS,
    SERIALS,
    VESSELS,
    at,
    cleaned,
    drawn,
    joined,
    made,
    measured,
    packed,
    seen,
)
from trace_core.genealogy import Allocation, Ending, TraceIndex
from trace_core.vocabulary.events import Event
from trace_core.vocabulary.identity import Identity
from trace_core.vocabulary.masterdata import Equipment, EquipmentKind

RAW, OTHER, DONE, LATER = LOTS[:4]
BOX, PALLET, TRUCK = CARRIERS
SILO, REEL = VESSELS


def taken_from(*log: Event) -> tuple[str, ...]:
    return ask(list(log), DONE, "backward").lots


def test_a_carrier_asked_for_stands_for_everything_it_ever_held() -> None:
    log = [
        packed("e0", 0, BOX, [RAW]),
        packed("e1", 60, PALLET, [BOX]),
        packed("e2", 120, PALLET, [], "DELETE"),
        packed("e3", 180, PALLET, [OTHER]),
    ]
    assert ask(log, PALLET).lots == lots(RAW, OTHER)
    assert ask(log, PALLET).roots == lots(PALLET)
    assert set(ask(log, RAW).carriers) == {BOX.canonical, PALLET.canonical}


@pytest.mark.parametrize(("minutes", "inside"), [(30, ()), (90, (RAW,)), (150, ()), (210, (OTHER,))])
def test_as_of_narrows_a_carrier_to_what_it_held_then(minutes: float, inside: tuple[object, ...]) -> None:
    log = [
        seen("e", 0, [PALLET], "staging_outbound"),
        packed("e1", 60, PALLET, [RAW]),
        packed("e2", 120, PALLET, [], "DELETE"),
        packed("e3", 180, PALLET, [OTHER]),
    ]
    assert ask(log, PALLET, as_of=at(minutes)).lots == tuple(str(one) for one in inside)


def test_packing_two_lots_together_makes_no_genealogy_between_them() -> None:
    log = [packed("e0", 0, BOX, [RAW, OTHER]), made("e1", 60, [OTHER], [DONE])]
    assert ask(log, RAW, "forward").lots == ()


def test_a_carrier_that_is_used_up_takes_its_nested_contents_along_exactly() -> None:
    log = [packed("e0", 0, BOX, [RAW]), packed("e1", 60, PALLET, [BOX]), made("e2", 120, [PALLET], [DONE])]
    answer = ask(log, DONE, "backward")
    assert answer.lots == lots(RAW)
    assert {edge.input: edge.allocation for edge in answer.edges}[RAW.canonical] is Allocation.EXACT
    assert ask(log, RAW, "forward").lots == lots(DONE)


def test_a_reused_carrier_takes_along_only_what_lay_in_it_then() -> None:
    log = [
        packed("e0", 0, BOX, [RAW]),
        packed("e1", 60, BOX, [], "DELETE"),
        packed("e2", 120, BOX, [OTHER]),
        made("e3", 180, [BOX], [DONE]),
    ]
    assert taken_from(*log) == lots(OTHER)


def test_events_of_a_carrier_count_only_while_it_held_the_lot() -> None:
    log = [
        seen("before", 0, [BOX], "shipping"),
        packed("in", 60, BOX, [RAW]),
        seen("with", 120, [BOX], "shipping"),
        packed("out", 180, BOX, [], "DELETE"),
        seen("after", 240, [BOX], "shipping"),
    ]
    answer = ask(log, RAW)
    assert answer.events == ("in", "out", "with")
    assert [(one.carrier, one.time) for one in answer.shipments] == [(BOX.canonical, at(120))]


def test_taking_out_a_part_of_a_lot_leaves_the_rest_inside() -> None:
    first, some = packed("e0", 0, PALLET, [RAW]), packed("e1", 60, PALLET, [RAW], "DELETE")
    log = [measured(first, "40", "BX"), measured(some, "15", "BX")]
    index = index_of(log)
    assert index.read().contents_of(PALLET.canonical) == [RAW.canonical]
    rest = index_of([*log, measured(packed("e2", 120, PALLET, [RAW], "DELETE"), "25", "BX")])
    assert rest.read().contents_of(PALLET.canonical) == []


def test_an_unpacking_without_a_packing_still_says_that_it_was_inside() -> None:
    log = [packed("e0", 0, BOX, [OTHER]), seen("e1", 60, [BOX], "shipping"), packed("e2", 120, BOX, [RAW], "DELETE")]
    answer = ask(log, RAW)
    assert answer.carriers == lots(BOX)
    assert "e1" in answer.events


def test_lots_coexist_in_a_vessel_until_it_is_cleaned_or_verified_empty() -> None:
    two = [joined("e0", 0, SILO, [RAW]), joined("e1", 60, SILO, [OTHER])]
    assert taken_from(*two, drawn("e2", 120, 130, SILO, [DONE])) == lots(RAW, OTHER)
    for end in (cleaned("c", 90, SILO), joined("c", 90, SILO, [], "DELETE")):
        assert taken_from(*two, end, drawn("e2", 120, 130, SILO, [DONE])) == ()
    assert taken_from(*two, joined("c", 90, SILO, [RAW], "DELETE"), drawn("e2", 120, 130, SILO, [DONE])) == lots(OTHER)


def test_a_cleaning_that_did_not_work_ends_nothing() -> None:
    log = [joined("e0", 0, SILO, [RAW]), cleaned("e1", 60, SILO, disposition="non_conformant")]
    assert taken_from(*log, drawn("e2", 120, 130, SILO, [DONE])) == lots(RAW)


def test_a_slot_holds_one_lot_at_a_time_and_a_vessel_many() -> None:
    log = [joined("e0", 0, REEL, [RAW]), joined("e1", 60, REEL, [OTHER]), drawn("e2", 120, 121, REEL, [DONE])]
    assert taken_from(*log) == lots(RAW, OTHER)
    index = TraceIndex()
    index.apply_masterdata(Equipment(REEL.canonical, EquipmentKind.SLOT))
    for number, event in enumerate(log):
        index.apply(number + 1, DAY, event)
    answer = ask(index, DONE, "backward")
    assert answer.lots == lots(OTHER)
    assert answer.edges[0].allocation is Allocation.EXACT


def in_slot(*log: Event, of: Identity = DONE) -> tuple[str, ...]:
    """What ``of`` was drawn from, where the reel holder is a slot."""
    index = TraceIndex()
    index.apply_masterdata(Equipment(REEL.canonical, EquipmentKind.SLOT))
    for number, event in enumerate(log):
        index.apply(number + 1, DAY, event)
    return ask(index, of, "backward").lots


@pytest.mark.parametrize("late", [-4, 0, 4])
def test_a_reel_follows_one_of_the_same_lot_whichever_clock_is_ahead(late: float) -> None:
    """The removal of the first is told at the moment of the change: it is not that of the second."""
    log = [
        joined("e0", 0, REEL, [RAW]),
        joined("e1", 60 + late, REEL, [RAW], "DELETE"),
        joined("e2", 60, REEL, [RAW]),
        joined("e3", 120 + late, REEL, [RAW], "DELETE"),
        joined("e4", 120, REEL, [OTHER]),
    ]
    assert in_slot(*log, drawn("e5", 90, 91, REEL, [DONE])) == lots(RAW)
    assert in_slot(*log, drawn("e5", 30, 31, REEL, [DONE])) == lots(RAW)
    assert in_slot(*log, drawn("e5", 150, 151, REEL, [DONE])) == lots(OTHER)


def test_what_a_reel_replaced_was_not_there_before_it_was_mounted() -> None:
    log = [
        joined("e0", 60, REEL, [RAW]),
        joined("e1", 120, REEL, [RAW], "DELETE"),
        joined("e2", 120, REEL, [OTHER]),
    ]
    assert in_slot(*log, drawn("e3", 10, 20, REEL, [DONE])) == ()


def test_a_reel_that_comes_off_at_once_is_taken_off_twice() -> None:
    log = [
        joined("e0", 0, REEL, [RAW]),
        joined("e1", 60, REEL, [RAW], "DELETE"),
        joined("e2", 60, REEL, [RAW]),
        joined("e3", 62, REEL, [RAW], "DELETE"),
    ]
    assert in_slot(*log, drawn("e4", 120, 130, REEL, [DONE])) == ()


@pytest.mark.parametrize(("draw_start", "allocation"), [(60, Allocation.EXACT), (55, Allocation.BOUNDED), (49, None)])
def test_a_link_inside_the_clocks_margin_is_bounded_and_beyond_it_is_none(
    draw_start: float, allocation: Allocation | None
) -> None:
    log = [joined("e0", 60, SILO, [RAW]), drawn("e1", draw_start, draw_start, SILO, [DONE])]
    answer = ask(log, DONE, "backward")
    assert [edge.allocation for edge in answer.edges] == ([allocation] if allocation else [])


def test_one_of_several_lots_in_a_vessel_is_bounded() -> None:
    log = [joined("e0", 0, SILO, [RAW, OTHER]), drawn("e1", 60, 70, SILO, [DONE])]
    assert {edge.allocation for edge in ask(log, DONE, "backward").edges} == {Allocation.BOUNDED}


def test_a_passage_at_a_slot_consumes_what_is_mounted_there() -> None:
    log = [joined("e0", 0, REEL, [RAW]), made("e1", 60, [], [SERIALS[0]], plant={"slot": REEL.canonical})]
    assert ask(log, RAW, "forward").serials == lots(SERIALS[0])


def test_a_drum_mounted_at_a_slot_gives_what_lay_in_the_drum_while_it_was_mounted() -> None:
    log = [
        packed("e0", 0, BOX, [RAW]),
        packed("e1", 60, BOX, [RAW], "DELETE"),
        packed("e2", 90, BOX, [OTHER]),
        joined("e3", 120, REEL, [BOX]),
        drawn("e4", -60, 180, REEL, [DONE]),
    ]
    assert taken_from(*log) == lots(OTHER)
    assert ask(log, RAW, "forward").lots == ()


def test_a_vessel_asked_for_stands_for_what_it_held() -> None:
    log = [joined("e0", 0, SILO, [RAW]), drawn("e1", 60, 60, SILO, [DONE]), made("e2", 120, [OTHER], [LATER])]
    assert ask(log, SILO, "forward").lots == lots(RAW, DONE)


def test_the_reader_tells_mounts_with_what_ended_them() -> None:
    log = [joined("e0", 0, SILO, [RAW]), cleaned("e1", 60, SILO), joined("e2", 120, SILO, [OTHER])]
    reader = index_of(log).read()
    told = [(one.thing, one.start, one.end, one.ending) for one in reader.mounts_in(SILO.canonical)]
    assert told == [(RAW.canonical, at(0), at(60), Ending.CLEANED), (OTHER.canonical, at(120), None, Ending.OPEN)]
    assert [one.is_effective for one in reader.cleanings_of(SILO.canonical)] == [True]


def test_the_reader_tells_voyages_with_what_lay_in_the_carrier() -> None:
    packing = measured(packed("e0", 0, BOX, [RAW]), "40", "BX")
    log = [packing, packed("e1", 60, PALLET, [BOX]), seen("e2", 120, [PALLET], "shipping")]
    (voyage,) = index_of(log).read().voyages_of(RAW.canonical)
    assert (voyage.carrier, voyage.quantity, voyage.unit, voyage.is_open) == (PALLET.canonical, Decimal(40), "BX", True)
    assert index_of(log).read().top_carrier_of(RAW.canonical) == PALLET.canonical
    assert index_of(log).read().top_carrier_of(RAW.canonical, at(30)) == BOX.canonical


def test_the_reader_tells_what_brought_each_descendant_in() -> None:
    log = [made("e0", 0, [RAW], [OTHER]), joined("e1", 60, SILO, [OTHER]), drawn("e2", 120, 130, SILO, [DONE])]
    visits = index_of(log).read().descendants([RAW.canonical])
    told = [(one.thing, one.way.value, one.source, one.run, one.holder) for one in visits]
    assert told == [
        (RAW.canonical, "root", "", "", ""),
        (OTHER.canonical, "made", RAW.canonical, "e0", ""),
        (DONE.canonical, "drawn", OTHER.canonical, "e2", SILO.canonical),
    ]
