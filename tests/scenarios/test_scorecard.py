"""A score card holds CONTRACT.md's keys, checks both ways, and never passes on a figure that is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from scenarios.answers import Answer
from scenarios.score import CONTACT, containment, score
from scenarios.scorecard import Measured, RunFacts, scorecard
from scenarios.spec import Limit, Scenario, load_shipped
from tests.scenarios.tiny import Group, TinyTruth, carrier, lot

A, B, D = (lot(code) for code in ("A1", "B1", "D1"))
P1, P2 = carrier(1), carrier(2)
WORLD = TinyTruth(
    (
        Group(A, 30, True, P1, "shipped", "R01", "DN-1"),
        Group(A, 10, True, P2),
        Group(B, 20, True),
        Group(B, 5, True, place="scrap"),
        Group(D, 40, False, P2),
    )
)
FACTS = RunFacts("yoghurt", "ab", 1, "0.1.0", "box", "12d", "cd", "ef", {"reported": 9, "missed": 0})

CONTRACT_KEYS = {
    "schema", "scenario", "plant", "plant_hash", "seed", "version", "truth", "answer", "metrics", "hazard", "unit",
    "until", "capture", "checks", "verdict", "truth_hash", "log_hash",
}  # fmt: skip
CONTRACT_METRICS = {
    "missed_units", "missed_by_certain", "over_units", "over_recall_factor", "precision", "recall",
    "mass_balance_percent", "trace_ms", "time_to_contain_s", "escaped_units",
}  # fmt: skip


def scenario_with(limits: Mapping[str, Limit]) -> Scenario:
    return load_shipped("yoghurt-contaminated-fruit").model_copy(update={"limits": dict(limits)})


def card_of(
    limits: Mapping[str, Limit], ids: frozenset[str] = frozenset({A, B}), world: TinyTruth = WORLD, **measured: Any
) -> dict[str, Any]:
    figures = {"mass_balance_percent": 99.5, "trace_ms": 1.0, "time_to_contain_s": 60.0, "escaped_units": 30}
    got = score(world, Answer(certain=ids), [lot("F1", "FRUIT")], CONTACT)
    return scorecard(scenario_with(limits), FACTS, got, Measured(**{**figures, "notes": {}, **measured}))


def test_the_keys_are_those_of_the_contract_and_the_document_is_json() -> None:
    card = card_of({"missed_units": Limit(at_most=0)})
    assert set(card) >= CONTRACT_KEYS
    assert set(card["metrics"]) == CONTRACT_METRICS
    assert set(card["truth"]) == {"affected_units", "affected_lots", "affected_shipments"}
    assert set(card["answer"]) == {"certain_units", "possible_units"}
    assert set(card["checks"][0]) == {"name", "limit", "value", "passed"}
    assert json.loads(json.dumps(card, allow_nan=False)) == card


@pytest.mark.parametrize(
    ("limits", "ids", "passed"),
    [
        ({"missed_units": Limit(at_most=0)}, {A, B}, True),
        ({"missed_units": Limit(at_most=0)}, {A}, False),
        ({"missed_units": Limit(at_most=25)}, {A}, True),
        ({"over_recall_factor": Limit(at_most=1.0)}, {A, B}, True),
        ({"over_recall_factor": Limit(at_most=1.0)}, {A, B, D}, False),
        ({"recall": Limit(at_least=0.7)}, {A}, False),
        ({"recall": Limit(at_least=0.6)}, {A}, True),
        ({"mass_balance_percent": Limit(at_least=98, at_most=102)}, {A}, True),
        ({"mass_balance_percent": Limit(at_least=99.6, at_most=102)}, {A}, False),
        ({"missed_units": Limit(at_most=0), "over_units": Limit(at_most=0)}, {A, B, D}, False),
    ],
)
def test_the_verdict_is_pass_exactly_when_every_limit_is_kept(
    limits: dict[str, Limit], ids: set[str], passed: bool
) -> None:
    card = card_of(limits, frozenset(ids))
    assert card["verdict"] == ("pass" if passed else "fail")
    assert all(check["passed"] for check in card["checks"]) == passed


def test_a_figure_that_is_missing_fails_its_check() -> None:
    for name in ("time_to_contain_s", "mass_balance_percent"):
        missing: Any = {name: None}
        card = card_of({name: Limit(at_least=0, at_most=1e9)}, **missing)
        assert (card["verdict"], card["checks"][0]["value"]) == ("fail", None)


def test_a_ratio_that_cannot_be_because_nothing_is_affected_keeps_its_limit() -> None:
    card = card_of({"over_recall_factor": Limit(law="fifo")}, frozenset({D}), TinyTruth((Group(D, 4),)))
    assert (card["verdict"], card["metrics"]["over_recall_factor"]) == ("pass", None)


def test_the_fifo_limit_is_computed_from_the_truth() -> None:
    world = TinyTruth((Group(A, 12, True), Group(A, 18), Group(B, 30)))
    card = card_of({"over_recall_factor": Limit(law="fifo")}, frozenset({A}), world)
    assert card["checks"] == [{"name": "over_recall_factor", "limit": 3.0, "value": 2.5, "passed": True}]
    card = card_of({"over_recall_factor": Limit(law="fifo")}, frozenset({A, B}), world)
    assert (card["checks"][0]["value"], card["verdict"]) == (5.0, "fail")


def test_limits_are_written_as_a_number_or_as_a_pair() -> None:
    limits = {
        "missed_units": Limit(at_most=0), "recall": Limit(at_least=0.5),
        "mass_balance_percent": Limit(at_least=98, at_most=102),
    }  # fmt: skip
    assert [check["limit"] for check in card_of(limits)["checks"]] == [0.0, [0.5, None], [98.0, 102.0]]


def held(table: Mapping[str, float]) -> Any:
    return lambda lot, carrier: min((table[one] for one in (lot, carrier) if one in table), default=None)


def test_the_clock_stops_when_the_last_affected_unit_of_ours_is_on_hold() -> None:
    got = containment(WORLD, [], CONTACT, held({A: 100.0, B: 250.0, D: 900.0}))
    assert (got.time_s, got.escaped_units) == (250.0, 30)
    assert "had left our control" in got.notes["escaped_units"]


def test_a_hold_on_the_carrier_counts_from_when_it_was_placed() -> None:
    assert containment(WORLD, [], CONTACT, held({P2: 40.0, B: 60.0})).time_s == 60.0


def test_there_is_no_time_while_one_affected_unit_of_ours_may_still_go() -> None:
    got = containment(WORLD, [], CONTACT, held({A: 100.0}))
    assert got.time_s is None
    assert got.notes["time_to_contain_s"].startswith("20 affected in our own control")


def test_with_nothing_affected_in_our_hands_there_is_nothing_to_wait_for() -> None:
    world = TinyTruth((Group(A, 3, True, P1, "shipped", "R01", "DN-1"), Group(B, 4, True, place="scrap")))
    got = containment(world, [], CONTACT, held({}))
    assert (got.time_s, got.escaped_units) == (0.0, 3)
    assert "nothing to hold" in got.notes["time_to_contain_s"]
