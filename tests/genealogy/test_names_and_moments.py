"""Finding things by any name, error declarations at any moment, and the shape of an answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.genealogy.asking import ask, found, kinds, lots
from tests.genealogy.documents import T0, index_of
from tests.genealogy.worlds import LOTS, SERIALS, at, made, packed, seen, withdrawn
from trace_core.errors import BadInput
from trace_core.genealogy import Allocation, FindingKind, TraceAnswer, TraceIndex, UnknownThing
from trace_core.vocabulary.events import Action, Amount, Event, ObjectEvent, TransformationEvent
from trace_core.vocabulary.identity import Identity, Kind, Place, identify, plant_id
from trace_core.vocabulary.json_text import to_bytes

RAW, OTHER, DONE = LOTS[:3]
MILK = identify("urn:epc:class:lgtin:4012345.012345.Lot987", Place.CLASS)


def added(name: str, thing: Identity) -> Event:
    return seen(name, 0, [thing], "receiving", "ADD")


@pytest.mark.parametrize(
    "query",
    [
        "urn:epc:class:lgtin:4012345.012345.Lot987",
        "https://id.gs1.org/01/04012345123456/10/Lot987",
        "https://example.com/gtin/4012345123456/lot/Lot987?net=3",
        "(01)04012345123456(10)Lot987",
        "010401234512345610Lot987",
        "04012345123456|Lot987",
        "4012345123456|Lot987",
        "Lot987",
    ],
)
def test_a_lot_is_found_by_any_form_of_its_id(query: str) -> None:
    assert index_of([added("e0", MILK)]).find(query) == (MILK.canonical,)


@pytest.mark.parametrize("query", ["04012345123457|Lot987", "4012345123457|Lot987", "Lot987"])
def test_a_lot_with_a_wrong_check_digit_is_found_by_what_is_printed_on_it(query: str) -> None:
    misprinted = identify("https://id.gs1.org/01/04012345123457/10/Lot987", Place.CLASS)
    assert misprinted.problem
    assert index_of([added("e0", misprinted)]).find(query) == (misprinted.canonical,)


def test_a_lot_code_in_another_script_in_a_gs1_link_is_found_and_suggested() -> None:
    jam = identify("https://id.gs1.org/01/04012345123456/10/%E6%9E%9C20261029%E4%B9%99", Place.CLASS)
    index = index_of([added("e0", jam)])
    assert index.find("04012345123456|果20261029乙") == (jam.canonical,)
    assert index.find("果20261029乙") == (jam.canonical,)
    assert index.trace("果20261029丙") == UnknownThing("果20261029丙", (jam.canonical,))


def test_a_bar_in_a_code_is_written_percent_7c() -> None:
    odd = plant_id(Kind.LOT, "A|1", "milk")
    assert index_of([added("e0", odd)]).find(odd.business_key) == (odd.canonical,)


def test_one_code_of_two_suppliers_is_two_lots_and_both_are_asked_for() -> None:
    theirs = plant_id(Kind.LOT, RAW.code, RAW.item, issuer="supplier-b")
    index = index_of([added("e0", RAW), added("e1", theirs), made("e2", 60, [RAW], [DONE])])
    answer = ask(index, f"{RAW.item}|{RAW.code}", "forward")
    assert answer.roots == lots(RAW, theirs)
    assert FindingKind.HOMONYM in kinds(answer)
    assert ask(index, theirs, "forward").lots == ()


def test_an_unknown_lot_is_a_value_with_names_that_look_like_it() -> None:
    lot = plant_id(Kind.LOT, "FRUIT-20240301-1", "fruit")
    answer = index_of([added("e0", lot)]).trace(["FRUIT-20240301-I", "nothing like it"])
    assert isinstance(answer, UnknownThing)
    assert answer.near == (lot.canonical,)
    assert [one.name for one in answer.others] == ["nothing like it"]


def test_an_alias_helps_to_find_what_was_mistyped() -> None:
    index = index_of([seen("e0", 0, [SERIALS[0]], "commissioning", "ADD", plant={"alias": "BW-57|OMBEJUUEZVKSJRHPM"})])
    answer = index.trace("BW-57|OMBEJUUEZVKSJRHPN")
    assert isinstance(answer, UnknownThing)
    assert answer.near == (SERIALS[0].canonical,)


def test_a_thing_is_unknown_at_a_moment_before_anybody_recorded_it() -> None:
    index = index_of([added("e0", RAW), made("e1", 60, [RAW], [DONE])])
    assert isinstance(index.trace(DONE.canonical, known_at=T0), UnknownThing)
    assert ask(index, RAW, "forward", known_at=T0).lots == ()
    assert ask(index, RAW, "forward").lots == lots(DONE)


def test_a_uuid_that_stands_among_batches_once_is_a_lot_wherever_it_stands() -> None:
    text = "urn:uuid:003df0d1-9351-4bc3-aede-c9afd4f41e77"
    as_part = made("e1", 60, [identify(text, Place.EPC)], [DONE])
    batch = (Amount(identify(text, Place.CLASS)),)
    as_batch = ObjectEvent(event_id="e0", event_time=at(0), action=Action.ADD, amounts=batch)
    for log in ([as_part, as_batch], [as_batch, as_part]):
        assert ask(log, DONE, "backward").lots == (text,)


# ---- error declarations


def test_an_event_withdrawn_before_it_arrives_never_counts() -> None:
    link = made("e1", 60, [RAW], [DONE])
    for log in ([link, withdrawn(link)], [withdrawn(link), link]):
        assert ask(log, RAW, "forward").lots == ()
        assert ask(log, RAW, "forward").events == ()


def test_only_the_equal_one_of_two_events_with_one_id_is_withdrawn() -> None:
    wrong, right = made("same", 60, [RAW], [DONE]), made("same", 60, [OTHER], [DONE])
    for log in ([wrong, right, withdrawn(wrong)], [withdrawn(wrong), right, wrong]):
        assert ask(log, DONE, "backward").lots == lots(OTHER)


def test_the_only_event_with_the_id_is_withdrawn_even_where_the_declaration_says_it_otherwise() -> None:
    log = [made("e1", 60, [RAW], [DONE]), withdrawn(made("e1", 61, [RAW], [DONE]))]
    assert ask(log, RAW, "forward").lots == ()


def test_what_was_known_before_a_declaration_is_still_answered() -> None:
    link = made("e1", 60, [RAW], [DONE])
    index = index_of([added("e0", RAW), link, withdrawn(link)])
    assert ask(index, RAW, "forward", known_at=T0 + timedelta(seconds=1)).lots == lots(DONE)
    assert ask(index, RAW, "forward", known_at=T0 + timedelta(seconds=2)).lots == ()
    assert ask(index, RAW, "forward", as_of=at(90)).lots == ()


def test_a_declaration_that_comes_later_than_a_second_use_of_the_id_is_judged_by_what_was_known() -> None:
    first, second = made("same", 60, [RAW], [DONE]), made("same", 90, [OTHER], [DONE])
    index = index_of([first, withdrawn(made("same", 61, [RAW], [DONE])), second])
    assert ask(index, DONE, "backward", known_at=T0 + timedelta(seconds=1)).lots == ()
    assert ask(index, DONE, "backward").lots == lots(RAW, OTHER)
    assert FindingKind.AMBIGUOUS_DECLARATION in kinds(ask(index, DONE))


# ---- edges and answers


def test_parallel_edges_are_kept_and_parts_of_one_order_are_one_process() -> None:
    order = {"transformation_id": "order-1"}
    log = [
        made("e1", 0, [RAW], [], **order),
        made("e2", 10, [RAW], [], **order),
        made("e3", 20, [], [DONE], **order),
        made("e4", 30, [], [DONE], **order),
    ]
    answer = ask(log, DONE, "backward")
    assert [edge.event for edge in answer.edges] == ["e1", "e2"]
    assert answer.events == ("e1", "e2", "e3", "e4")


def test_an_input_of_several_outputs_is_known_for_the_order_only() -> None:
    answer = ask([made("e1", 0, [RAW], [DONE, OTHER])], RAW, "forward")
    assert {edge.allocation for edge in answer.edges} == {Allocation.ORDER}
    assert {edge.quantity for edge in answer.edges} == {Decimal(10)}


def test_a_stated_allocation_is_kept() -> None:
    log = [made("e1", 0, [RAW], [DONE], plant={"allocation": "order"})]
    assert ask(log, DONE).edges[0].allocation is Allocation.ORDER


def test_backward_from_one_unit_of_an_order_leaves_out_the_reports_of_the_other_units() -> None:
    order = {"transformation_id": "order-1"}
    log = [made("in", 0, [RAW], [], **order)]
    log += [made(f"out-{number}", number, [], [one], **order) for number, one in enumerate(SERIALS)]
    assert ask(log, SERIALS[0], "backward").events == ("in", "out-0")
    assert ask(log, RAW, "forward").serials == lots(*SERIALS)


def test_more_edges_than_the_limit_are_cut_alike_in_any_order_and_said_so() -> None:
    log = [made(f"e{number}", number, [RAW], [plant_id(Kind.LOT, f"M{number}", "milk")]) for number in range(20)]
    one = ask(index_of(log, edge_limit=7), RAW, "forward")
    other = ask(index_of(log[::-1], edge_limit=7), RAW, "forward")
    assert len(one.edges) == 7
    assert one.edges == other.edges
    assert len(one.lots) == 20
    assert found(one, FindingKind.LIMIT)
    assert not one.complete


def test_an_order_of_many_inputs_and_many_units_prints_no_more_edges_than_the_limit() -> None:
    many = [plant_id(Kind.LOT, f"M{number}", "milk") for number in range(60)]
    log = [made("e0", 0, many[:30], many[30:])]
    answer = ask(index_of(log, edge_limit=100), many[0], "both")
    assert len(ask(index_of(log, edge_limit=900), many[40], "backward").edges) == 30
    assert len(ask(index_of(log, edge_limit=29), many[40], "backward").edges) == 29
    assert len(answer.edges) == 30
    everything = index_of(log, edge_limit=100).trace([one.canonical for one in many], "backward")
    assert isinstance(everything, TraceAnswer)
    assert len(everything.edges) == 100


def test_a_chain_of_five_thousand_lots_is_no_recursion() -> None:
    count = 5_000
    chain = [plant_id(Kind.LOT, f"N{number}", "milk") for number in range(count + 1)]
    index = TraceIndex()
    for number in range(count):
        event = TransformationEvent(
            event_id=f"e{number}",
            event_time=at(number),
            input_amounts=(Amount(chain[number]),),
            output_amounts=(Amount(chain[number + 1]),),
        )
        index.apply(number + 1, T0, event, number.to_bytes(16, "big"))
    assert len(ask(index, chain[-1], "backward").lots) == count


def test_an_answer_has_the_keys_of_the_contract_and_exact_numbers() -> None:
    event = made("e1", 0, [RAW], [DONE])
    assert isinstance(event, TransformationEvent)
    exact = Decimal("0.1000000000000000000000000000001")
    event = replace(event, input_amounts=(Amount(RAW, exact, "KGM"),))
    ticks = iter([1.0, 1.0025])
    index = index_of([event, seen("e2", 60, [DONE], "shipping")], timer=lambda: next(ticks))
    document = ask(index, RAW, "forward").to_dict()
    assert list(document) == [
        "schema", "direction", "aliases", "roots", "lots", "serials", "carriers", "origins", "edges", "events",
        "shipments", "findings", "complete", "elapsed_ms",
    ]  # fmt: skip
    (edge,) = document["edges"]
    assert list(edge.values()) == [RAW.canonical, DONE.canonical, exact, "KGM", "e1", "exact"]
    assert list(edge) == ["input", "output", "quantity", "unit", "event", "allocation"]
    assert document["shipments"] == [
        {"carrier": DONE.canonical, "destination": None, "time": "2024-03-01T01:00:00.000Z"}
    ]
    assert document["elapsed_ms"] == 2.5
    text = to_bytes(document)
    assert b'"quantity":0.1000000000000000000000000000001' in text
    assert json.loads(text)["schema"] == "tracetwin/trace/1"


def test_equal_quantities_are_written_alike_whichever_came_first() -> None:
    event = made("e1", 0, [RAW], [DONE])
    assert isinstance(event, TransformationEvent)
    for written in ("5000.0", "5E+3", "5000"):
        one = ask([replace(event, input_amounts=(Amount(RAW, Decimal(written), "KGM"),))], DONE, "backward")
        assert str(one.edges[0].quantity) == "5000"


def test_an_answer_gives_its_edges_as_a_frame() -> None:
    frame = ask([made("e1", 0, [RAW], [DONE])], RAW, "forward").to_frame()
    assert list(frame.columns) == ["input", "output", "quantity", "unit", "event", "allocation"]
    assert frame["quantity"].tolist() == [Decimal(10)]


def test_an_unknown_direction_is_refused_with_what_was_expected() -> None:
    with pytest.raises(BadInput, match="expected a direction"):
        index_of([added("e0", RAW)]).trace(RAW.canonical, "sideways")


def test_a_class_asked_for_is_no_lot_and_its_lots_are_suggested() -> None:
    answer = index_of([added("e0", MILK)]).trace("https://id.gs1.org/01/04012345123456")
    assert answer == UnknownThing("https://id.gs1.org/01/04012345123456", (MILK.canonical,))


def test_a_case_with_a_serial_of_its_own_stands_for_itself_and_for_what_lies_in_it() -> None:
    case = SERIALS[0]
    log = [made("e0", 0, [RAW], [case]), packed("e1", 60, case, [OTHER]), made("e2", 120, [case], [DONE])]
    assert ask(log, DONE, "backward").lots == lots(OTHER, RAW)
    assert ask(log, DONE, "backward").serials == lots(case)
    assert ask(log, case, "backward").lots == lots(OTHER, RAW)
