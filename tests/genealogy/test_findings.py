"""Each kind of finding: where it must be reported, and where it must not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.genealogy.asking import ask, found, kinds, lots
from tests.genealogy.documents import index_of
from tests.genealogy.worlds import (
    CARRIERS,
    LOTS,
    SERIALS,
    VESSELS,
    at,
    drawn,
    joined,
    made,
    measured,
    packed,
    seen,
    withdrawn,
)
from trace_core.genealogy import FindingKind, TraceIndex
from trace_core.vocabulary.events import Amount, Event, Link, TransformationEvent
from trace_core.vocabulary.identity import Identity, Place, identify
from trace_core.vocabulary.masterdata import Item

RAW, MIXED, DONE = LOTS[:3]


def received(
    name: str, minutes: float, thing: Identity, quantity: str = "10", unit: str = "KGM", **more: object
) -> Event:
    return measured(seen(name, minutes, [thing], "receiving", "ADD", **more), quantity, unit)


def used(
    name: str, minutes: float, thing: Identity, quantity: str, unit: str = "KGM", output: Identity = DONE
) -> Event:
    event = made(name, minutes, [thing], [output])
    assert isinstance(event, TransformationEvent)
    return replace(event, input_amounts=(Amount(thing, Decimal(quantity), unit),))


def test_an_origin_that_nobody_received_or_made_leaves_the_trace_incomplete() -> None:
    answer = ask([used("e1", 0, RAW, "10")], DONE)
    assert found(answer, FindingKind.UNRESOLVED_ORIGIN)[0].ids == lots(RAW)
    assert not answer.complete


@pytest.mark.parametrize("step", ["receiving", "commissioning"])
def test_an_origin_that_was_received_or_commissioned_is_resolved(step: str) -> None:
    answer = ask([seen("e0", 0, [RAW], step), used("e1", 60, RAW, "10")], DONE)
    assert answer.origins == lots(RAW)
    assert answer.complete


def test_an_origin_that_arrived_in_a_carrier_is_resolved() -> None:
    log = [
        packed("e0", 0, CARRIERS[0], [RAW]),
        seen("e1", 60, [CARRIERS[0]], "receiving"),
        packed("e2", 120, CARRIERS[0], [], "DELETE"),
        used("e3", 180, RAW, "10"),
    ]
    assert ask(log, DONE).complete


def test_a_receipt_from_a_shipper_who_reports_here_and_never_shipped_it_is_an_orphan() -> None:
    supplier = (Link("possessing_party", "party-a"),)
    other = seen("e0", 0, [MIXED], "shipping", sources=supplier)
    orphan = received("e1", 60, RAW, sources=supplier)
    answer = ask([other, orphan], RAW)
    assert found(answer, FindingKind.ORPHAN_RECEIPT)[0].ids == tuple(sorted((RAW.canonical, "party-a")))
    assert not answer.complete


def test_a_receipt_that_was_shipped_in_a_carrier_or_by_somebody_unknown_here_is_none() -> None:
    supplier = (Link("possessing_party", "party-a"),)
    packing = packed("e0", 0, CARRIERS[0], [RAW])
    shipping = seen("e1", 10, [CARRIERS[0]], "shipping", sources=supplier)
    receipt = received("e2", 60, RAW, sources=supplier)
    assert FindingKind.ORPHAN_RECEIPT not in kinds(ask([packing, shipping, receipt], RAW))
    assert FindingKind.ORPHAN_RECEIPT not in kinds(ask([receipt], RAW))


def test_a_shipment_stays_open_until_its_carrier_or_contents_arrive_or_it_is_voided() -> None:
    log = [received("e0", 0, RAW), packed("e1", 10, CARRIERS[0], [RAW]), seen("e2", 60, [CARRIERS[0]], "shipping")]
    assert found(ask(log, RAW), FindingKind.OPEN_SHIPMENT)[0].ids == lots(CARRIERS[0])
    for end in (
        seen("e3", 120, [CARRIERS[0]], "receiving"),
        seen("e3", 120, [RAW], "receiving"),
        seen("e3", 120, [CARRIERS[0]], "void_shipping"),
    ):
        assert FindingKind.OPEN_SHIPMENT not in kinds(ask([*log, end], RAW))


def test_more_used_than_there_was_is_told_to_the_last_digit() -> None:
    log = [received("e0", 0, RAW, "0.3"), used("e1", 60, RAW, "0.1"), used("e2", 120, RAW, "0.2000000000000000000001")]
    assert found(ask(log, RAW), FindingKind.OVER_CONSUMPTION)[0].detail.startswith(
        "0.0000000000000000000001 KGM more used"
    )
    exactly = [*log[:2], used("e2", 120, RAW, "0.2")]
    assert not {FindingKind.OVER_CONSUMPTION, FindingKind.REMAINING_STOCK} & kinds(ask(exactly, RAW, "backward"))


def test_supply_is_what_was_added_and_made_and_only_without_it_the_largest_receipt() -> None:
    receipts = [seen(f"r{number}", number, [RAW], "receiving") for number in range(2)]
    twice = used("e1", 60, RAW, "15")
    assert FindingKind.OVER_CONSUMPTION in kinds(ask([*receipts, twice], RAW))
    added = [received("r0", 0, RAW), received("r1", 1, RAW)]
    assert FindingKind.OVER_CONSUMPTION not in kinds(ask([*added, twice], RAW))


def test_units_of_one_dimension_convert_exactly() -> None:
    log = [received("e0", 0, RAW, "1", "TNE"), used("e1", 60, RAW, "999999", "GRM")]
    assert found(ask(log, RAW), FindingKind.REMAINING_STOCK)[0].detail.startswith("0.000001 of 1 TNE")


def test_units_that_nothing_joins_are_a_mismatch_and_never_a_loss() -> None:
    log = [received("e0", 0, RAW, "100", "H87"), used("e1", 60, RAW, "3")]
    answer = ask(log, RAW, "backward")
    assert FindingKind.UNIT_MISMATCH in kinds(answer)
    assert not {FindingKind.OVER_CONSUMPTION, FindingKind.REMAINING_STOCK} & kinds(answer)


def test_a_declared_conversion_joins_the_units_of_an_item() -> None:
    index = TraceIndex()
    index.apply_masterdata(Item("milk", attributes={"conversions": "1 BX = 12 KGM"}))
    for number, event in enumerate([received("e0", 0, RAW, "1", "BX"), used("e1", 60, RAW, "13")]):
        index.apply(number + 1, at(number), event)
    answer = ask(index, RAW)
    assert FindingKind.UNIT_MISMATCH not in {one.kind for one in answer.findings if RAW.canonical in one.ids}
    assert FindingKind.OVER_CONSUMPTION in kinds(answer)


def test_what_was_charged_into_a_vessel_is_used_up_to_its_remainder() -> None:
    mount, unmount = joined("e1", 60, VESSELS[0], [RAW]), joined("e2", 120, VESSELS[0], [RAW], "DELETE")
    log = [received("e0", 0, RAW), measured(mount, "10"), measured(unmount, "4")]
    remaining = found(ask(log, RAW), FindingKind.REMAINING_STOCK)
    assert remaining[0].detail.startswith("4 of 10 KGM")


def test_scrap_and_open_shipments_are_no_remaining_stock() -> None:
    log = [received("e0", 0, RAW), used("e1", 60, RAW, "4")]
    scrap, ship = seen("e2", 120, [RAW], "destroying", "DELETE"), seen("e2", 120, [RAW], "shipping")
    for last in (scrap, ship):
        remaining = found(ask([*log, measured(last, "1")], RAW, "backward"), FindingKind.REMAINING_STOCK)
        assert remaining[0].detail.startswith("5 of 10 KGM")


def test_a_carrier_filled_again_after_it_was_emptied_or_shipped_was_reused() -> None:
    first, again = packed("e0", 0, CARRIERS[0], [RAW]), packed("e3", 180, CARRIERS[0], [MIXED])
    emptied = packed("e2", 120, CARRIERS[0], [], "DELETE")
    shipped = seen("e1", 60, [CARRIERS[0]], "shipping")
    assert FindingKind.REUSED_CARRIER in kinds(ask([first, emptied, again], RAW))
    assert FindingKind.REUSED_CARRIER in kinds(ask([first, shipped, again], RAW))
    assert FindingKind.REUSED_CARRIER not in kinds(ask([first, again], RAW))


def test_an_event_id_used_by_different_events_is_told_and_all_of_them_count() -> None:
    log = [received("same", 0, RAW), received("same", 60, RAW), received("same", 120, MIXED)]
    answer = ask(log, RAW)
    assert answer.events == ("same", "same#2")
    assert found(answer, FindingKind.REUSED_EVENT_ID)[0].ids == ("same",)


def test_a_declaration_that_equals_none_of_several_events_withdraws_none() -> None:
    log = [used("same", 0, RAW, "1"), used("same", 60, RAW, "2"), withdrawn(used("same", 120, RAW, "3"))]
    answer = ask(log, RAW)
    assert found(answer, FindingKind.AMBIGUOUS_DECLARATION)[0].ids == ("same",)
    assert len(answer.edges) == 2


def test_use_before_the_source_is_told_only_where_two_clocks_cannot_explain_it() -> None:
    def answer(minutes: float) -> set[FindingKind]:
        return kinds(ask([received("e0", minutes, RAW), used("e1", 0, RAW, "10")], RAW))

    assert FindingKind.TIME_ORDER in answer(10.1)
    assert FindingKind.TIME_ORDER not in answer(9.9)


def test_a_consumption_whose_lot_nobody_recorded_leaves_the_trace_incomplete() -> None:
    unknown = [{"item": "sugar", "quantity": 3, "unit": "KGM", "reason": "label torn"}]
    log = [received("e0", 0, RAW), made("e1", 60, [RAW], [DONE], plant={"unknownInput": unknown})]
    answer = ask(log, DONE, "backward")
    detail = "e1 took 3 KGM of sugar from a lot nobody recorded (label torn)"
    assert [(one.ids, one.detail) for one in found(answer, FindingKind.MISSING_FIELD)] == [(lots(DONE), detail)]
    assert not answer.complete


@pytest.mark.parametrize("event", [made("e1", 60, [], [DONE]), drawn("e1", 0, 60, VESSELS[0], [DONE])])
def test_an_output_of_nothing_and_a_draw_from_nobody_knows_what_leave_it_incomplete(event: Event) -> None:
    answer = ask([event], DONE, "backward")
    assert FindingKind.MISSING_FIELD in kinds(answer)
    assert not answer.complete


def test_an_input_without_output_leaves_the_forward_trace_incomplete() -> None:
    answer = ask([received("e0", 0, RAW), made("e1", 60, [RAW], [])], RAW, "forward")
    assert found(answer, FindingKind.MISSING_FIELD)[0].ids == lots(RAW)


def test_a_class_never_joins_two_chains_and_is_told() -> None:
    film = identify("https://id.gs1.org/01/04012345444445", Place.CLASS)
    first, second = made("e1", 0, [RAW], []), made("e2", 60, [], [DONE])
    assert isinstance(first, TransformationEvent)
    assert isinstance(second, TransformationEvent)
    log = [replace(first, output_amounts=(Amount(film),)), replace(second, input_amounts=(Amount(film),))]
    answer = ask(log, RAW, "forward")
    assert answer.lots == ()
    assert found(answer, FindingKind.CLASS_LEVEL_ITEM)[0].ids == (film.canonical,)


def test_a_lot_that_goes_back_into_itself_is_a_loop_and_its_own_ancestor() -> None:
    answer = ask([received("e0", 0, RAW), made("e1", 60, [RAW, DONE], [DONE])], DONE, "backward")
    assert answer.lots == lots(RAW, DONE)
    assert found(answer, FindingKind.SELF_LOOP)[0].ids == lots(DONE)


def test_a_loop_of_lots_ends_and_gives_each_of_them_the_same_family() -> None:
    log = [made("e1", 0, [RAW], [MIXED]), made("e2", 60, [MIXED], [DONE]), made("e3", 120, [DONE], [RAW])]
    for thing in (RAW, MIXED, DONE):
        answer = ask(log, thing, "backward")
        assert answer.lots == lots(RAW, MIXED, DONE)
        assert found(answer, FindingKind.SELF_LOOP)[0].ids == lots(RAW, MIXED, DONE)


def test_a_root_that_another_root_was_made_from_is_not_listed_without_a_loop() -> None:
    index = index_of([made("e1", 0, [RAW], [MIXED]), made("e2", 60, [MIXED], [DONE])])
    answer = index.trace([DONE.canonical, MIXED.canonical], "backward")
    assert getattr(answer, "lots") == lots(RAW)  # noqa: B009


def test_one_part_in_two_assemblies_at_once_is_told_and_a_part_moved_on_is_not() -> None:
    part, pump, other = SERIALS
    first, second = joined("e1", 0, pump, [part]), joined("e3", 120, other, [part])
    assert found(ask([first, second], part), FindingKind.SHARED_PART)[0].ids == lots(part, pump, other)
    moved = [first, joined("e2", 60, pump, [part], "DELETE"), second]
    assert FindingKind.SHARED_PART not in kinds(ask(moved, part))
    assert ask(moved, part, "forward").serials == lots(pump, other)


def test_ids_that_do_not_meet_their_scheme_are_told_where_the_trace_meets_them() -> None:
    wrong = identify("https://id.gs1.org/414/1234567089451", Place.LOCATION)
    event = replace(received("e0", 0, RAW), biz_location=wrong)
    assert found(ask([event], RAW), FindingKind.BAD_IDENTIFIER)[0].ids == (wrong.canonical,)


def test_a_renamed_lot_is_one_thing_under_its_new_name_and_both_find_it() -> None:
    rename = seen("e2", 120, [MIXED, LOTS[3]], "", plant={"operation": "rename"})
    log = [made("e1", 60, [RAW], [MIXED]), rename, made("e3", 180, [LOTS[3]], [DONE])]
    for name in (MIXED, LOTS[3]):
        answer = ask(log, name, "both")
        assert answer.roots == lots(LOTS[3])
        assert answer.lots == lots(RAW, DONE)
        assert answer.aliases[LOTS[3].canonical] == lots(MIXED)
        assert found(answer, FindingKind.ALIAS)[0].ids == lots(MIXED, LOTS[3])
    assert ask(log, DONE, "backward").lots == lots(LOTS[3], RAW)
    assert ask([*log, withdrawn(rename)], DONE, "backward").lots == lots(LOTS[3])


def test_a_name_of_several_things_asks_for_all_of_them() -> None:
    log = [
        seen("e0", 0, [SERIALS[0]], "commissioning", "ADD", plant={"alias": "BW-57|X"}),
        seen("e1", 1, [SERIALS[1]], "commissioning", "ADD", plant={"alias": ["BW-57|X"]}),
    ]
    answer = ask(log, "BW-57|X")
    assert answer.roots == lots(*SERIALS[:2])
    assert found(answer, FindingKind.HOMONYM)[0].ids == answer.roots
    assert answer.aliases[SERIALS[0].canonical] == ("BW-57|X",)
