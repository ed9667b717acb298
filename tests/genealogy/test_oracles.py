"""Answers worked out by hand for four real documents; the ``rules`` block of each says what belongs to a trace."""

from __future__ import annotations

import json
import pathlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.genealogy.documents import automotive_events, epcis_events, index_of
from trace_core.errors import BadInput
from trace_core.genealogy import Direction, FindingKind, TraceAnswer, TraceIndex
from trace_core.vocabulary.epcis_json import event_from_epcis
from trace_core.vocabulary.events import Event
from trace_core.vocabulary.identity import Kind, Place, identify

EPCIS_ORACLES = ("beef-leather", "error-declaration", "traceback_tests")


def oracle(shared_data: pathlib.Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared_data / "oracles" / f"{name}.json").read_text("utf-8"))
    return found


def ask(index: TraceIndex, start: str, direction: str) -> TraceAnswer:
    answer = index.trace(start, direction)
    assert isinstance(answer, TraceAnswer), answer
    return answer


def canonical(ids: list[str]) -> set[str]:
    return {identify(one, Place.EPC).canonical for one in ids}


@pytest.fixture(scope="module")
def vehicles(shared_data: pathlib.Path) -> TraceIndex:
    return index_of(automotive_events(shared_data / "automotive" / "smallTestdata.json"))


@pytest.mark.parametrize("name", EPCIS_ORACLES)
def test_every_query_of_an_epcis_oracle_gets_the_answer_worked_out_by_hand(
    shared_data: pathlib.Path, name: str
) -> None:
    expected = oracle(shared_data, name)
    events = epcis_events(shared_data / expected["document"])
    index = index_of(events)
    for query in expected["queries"]:
        answer = ask(index, query["start"], query["direction"])
        lots = [*query.get("ancestor_lots", []), *query.get("descendant_lots", []), *query.get("content_lots", [])]
        if lots:
            assert set(answer.lots) == canonical(lots)
        if "descendant_items" in query:
            assert set(answer.serials) == canonical(query["descendant_items"])
        if "origin_lots" in query:
            assert set(answer.origins) == canonical(query["origin_lots"])
        assert canonical(query.get("carriers", [])) <= {*answer.carriers, *answer.roots}
        assert not canonical(query.get("must_not_contain_lots", [])) & set(answer.lots)
        assert set(answer.events) == labels(events, query["events"])
        if "must_not_report" in query:
            assert query["must_not_report"]["quantity"] not in [edge.quantity for edge in answer.edges]


def labels(events: list[Event], positions: list[int]) -> set[str]:
    """The eventIDs at these positions, as answers tell reused ones apart."""
    seen: dict[str, int] = {}
    out = set()
    for position, event in enumerate(events):
        if event.error is None:
            seen[event.event_id] = number = seen.get(event.event_id, 0) + 1
            if position in positions:
                out.add(event.event_id if number == 1 else f"{event.event_id}#{number}")
    return out


def test_the_tuna_chain_reports_what_does_not_add_up(shared_data: pathlib.Path) -> None:
    index = index_of(epcis_events(shared_data / "epcis/genealogy/traceback_tests.jsonld"))
    answer = ask(index, "urn:gdst:example.org:product:lot:class:processor.2u.v1-0122-2022", "backward")
    found = {(one.kind, one.ids): one.detail for one in answer.findings}
    caught = "urn:gdst:example.org:product:lot:class:fisherman01.tunau.v1-0122-2022"
    mixed = "urn:gdst:example.org:product:lot:class:processor.10u.commingle-01232022"
    feed = "urn:gdst:example.org:product:lot:class:feedmill.1u.ff11252021"
    assert found[FindingKind.OVER_CONSUMPTION, (caught,)].startswith("124 KGM more used")
    assert found[FindingKind.REMAINING_STOCK, (mixed,)].startswith("12124 of 22000 KGM")
    assert (FindingKind.TIME_ORDER, (feed,)) in found
    assert not {kind for kind, ids in found if feed in ids} & {
        FindingKind.OVER_CONSUMPTION,
        FindingKind.REMAINING_STOCK,
    }
    reused = [ids for kind, ids in found if kind is FindingKind.REUSED_EVENT_ID]
    assert len(reused) == 3
    assert sorted(str(edge.quantity) for edge in answer.edges) == ["1000", "10000", "10000", "12000", "9876"]
    assert answer.complete


def test_cattle_by_the_head_and_steaks_by_the_kilogram_give_no_loss_but_a_mismatch(shared_data: pathlib.Path) -> None:
    index = index_of(epcis_events(shared_data / "epcis/genealogy/beef-leather-events.jsonld"))
    answer = ask(index, "10000082345676|CATTLE20230101", "forward")
    kinds = {one.kind for one in answer.findings}
    assert FindingKind.UNIT_MISMATCH in kinds
    assert FindingKind.BAD_IDENTIFIER in kinds
    assert FindingKind.OVER_CONSUMPTION not in kinds


def test_parts_reach_exactly_the_vehicles_they_were_built_into(vehicles: TraceIndex, shared_data: pathlib.Path) -> None:
    for query in oracle(shared_data, "irs-small")["forward"]:
        answer = ask(vehicles, query["start"], "forward")
        ends = {*answer.lots, *answer.serials} - {edge.input for edge in answer.edges}
        assert ends == set(query["affected_vehicles"])
        assert len(answer.lots) + len(answer.serials) == query["ancestor_assemblies"]
        assert len({edge.output for edge in answer.edges if edge.input == query["start"]}) == query["direct_parents"]


def test_a_part_is_found_by_its_business_key(vehicles: TraceIndex, shared_data: pathlib.Path) -> None:
    for query in oracle(shared_data, "irs-small")["forward"]:
        assert vehicles.find("|".join(query["business_key"])) == (query["start"],)


def test_vehicles_hold_exactly_the_parts_and_batches_counted_by_hand(
    vehicles: TraceIndex, shared_data: pathlib.Path
) -> None:
    for query in oracle(shared_data, "irs-small")["backward"]:
        answer = ask(vehicles, query["start"], "backward")
        assert len(answer.lots) + len(answer.serials) == query["components"]
        assert set(answer.lots) == set(query["batches"])


def test_three_vehicles_with_one_business_key_are_three_roots_and_a_homonym(vehicles: TraceIndex) -> None:
    answer = ask(vehicles, "BW-57|OMBEJUUEZVKSJRHPM", "backward")
    assert len(answer.roots) == 3
    assert any(one.kind is FindingKind.HOMONYM and one.ids == answer.roots for one in answer.findings)
    assert any(one.kind is FindingKind.SHARED_PART for one in answer.findings)
    assert answer.direction is Direction.BACKWARD


def test_every_real_event_can_be_applied_and_every_thing_in_it_traced_alike_in_any_order(
    shared_data: pathlib.Path,
) -> None:
    events = [event for path in sorted((shared_data / "epcis").rglob("*.json*")) for event in readable_events(path)]
    assert len(events) > 80
    index, reversed_index = index_of(events), index_of(events[::-1])
    for thing in index.read().things(Kind.LOT, Kind.SERIAL, Kind.CARRIER):
        answer, other = ask(index, thing, "both"), ask(reversed_index, thing, "both")
        for field in ("roots", "lots", "serials", "carriers", "origins", "shipments", "aliases", "complete"):
            assert getattr(answer, field) == getattr(other, field)


def readable_events(path: pathlib.Path) -> list[Event]:
    """What the vocabulary can make of a document; an event that it refuses is left out."""
    try:
        document = json.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
    except ValueError:
        return []
    found = []
    for number, raw in enumerate(raw_events(document)):
        try:
            event = event_from_epcis(raw)
        except BadInput:
            continue
        found.append(event if event.event_id else replace(event, event_id=f"{path.name}#{number}"))
    return found


def raw_events(document: Any) -> list[dict[str, Any]]:
    """Every object with an event type anywhere in a document."""
    if isinstance(document, list):
        return [event for one in document for event in raw_events(one)]
    if not isinstance(document, dict):
        return []
    if str(document.get("type", "")).endswith("Event"):
        return [document]
    return [event for one in document.values() for event in raw_events(one)]
