"""Contract: every command with --json prints exactly one document, with the keys others rely on."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest

from testbed.output import MAX_ROWS
from tests.testbed.conftest import Call
from tests.testbed.documents import document, event, lot

TRACE = (
    "schema direction aliases roots lots serials carriers origins edges events shipments findings complete elapsed_ms"
)
RECALL = (
    "schema suspects certain possible cleared_count units in_stock shipped customers mass_balance assumptions findings"
    " elapsed_ms"
)
RUN = "schema plant plant_hash seed until truth_hash log_hash ledger_hash events balances elapsed_s"
CARD = (
    "schema scenario plant plant_hash seed version truth answer metrics hazard unit until capture checks verdict"
    " truth_hash log_hash"
)
METRICS = (
    "missed_units missed_by_certain over_units over_recall_factor precision recall mass_balance_percent trace_ms"
    " time_to_contain_s escaped_units"
)
FILE = "file error events accepted duplicates error_declarations quarantined rejected warnings"


def has(found: Any, keys: str) -> None:
    missing = set(keys.split()) - set(found)
    assert not missing, missing


def test_ingest_reports_every_file_and_the_totals(call: Call, tmp_path: pathlib.Path) -> None:
    good, bad = tmp_path / "good.jsonld", tmp_path / "bad.jsonld"
    good.write_text(document(event(1), event(2, quantityList=[{"epcClass": lot(2), "quantity": -1}])))
    bad.write_text("{")
    called = call("ingest", good, bad, "--json")
    report = called.json
    assert called.code == 0
    assert report["schema"] == "tracetwin/ingest/1"
    for file in report["files"]:
        has(file, FILE)
    has(report["files"][0]["rejected"][0], "position event_id path reason")
    has(report["files"][1]["error"], "line path reason")
    totals = report["totals"]
    counted = ("accepted", "duplicates", "quarantined", "rejected")
    assert totals["events"] == 2 == sum(totals[name] for name in counted)


def test_trace_has_its_keys(call: Call, store: pathlib.Path) -> None:
    trace = call("trace", lot(2), "--direction", "both", "--store", store, "--json").json
    has(trace, TRACE)
    assert trace["schema"] == "tracetwin/trace/1"
    assert trace["roots"] == [lot(2)]
    assert trace["lots"] == [lot(1)]
    has(trace["edges"][0], "input output quantity unit event allocation")
    has(trace["shipments"][0], "carrier destination time")
    for finding in trace["findings"]:
        has(finding, "kind ids detail")


def test_recall_has_its_keys(call: Call, store: pathlib.Path) -> None:
    recall = call("recall", "--suspect", lot(1), "--store", store, "--json").json
    has(recall, RECALL)
    assert recall["schema"] == "tracetwin/recall/1"
    assert {one["id"] for one in recall["certain"]} == {lot(1), lot(2)}
    has(recall["certain"][0], "id reason")
    for one in recall["possible"]:
        has(one, "id reason errors_needed")
    has(recall["units"], "certain possible")
    has(recall["mass_balance"], "received accounted percent by")
    for one in recall["customers"]:
        has(one, "id units carriers")


def test_verify_has_its_keys(call: Call, store: pathlib.Path) -> None:
    found = call("verify", "--store", store, "--json").json
    assert found == {
        "schema": "tracetwin/verify/1",
        "intact": True,
        "records": 4,
        "head": found["head"],
        "first_bad": None,
    }
    cut = call("verify", "--store", store, "--expect-head", "ab" * 32, "--json")
    assert cut.code == 1
    has(cut.json["first_bad"], "sequence event_id reason")


def test_hold_release_and_list_print_one_document_each(call: Call, store: pathlib.Path) -> None:
    words = ("--who", "Li", "--why", "glass", "--store", store, "--json")
    placed = call("hold", lot(1), *words).json
    has(placed, "schema hold_id things reach who why placed_at")
    assert [one["hold_id"] for one in call("hold", "--list", "--store", store, "--json").json["holds"]] == [
        placed["hold_id"]
    ]
    has(call("release", placed["hold_id"], *words).json, "schema hold_id who why released_at")
    assert call("hold", "--list", "--store", store, "--json").json["holds"] == []


def test_plants_and_scenarios_print_one_document_each(call: Call) -> None:
    assert "yoghurt" in [one["name"] for one in call("plants", "--json").json["plants"]]
    has(call("plants", "show", "yoghurt", "--json").json, "schema plant plant_hash flows")
    assert len(call("scenarios", "--json").json["scenarios"]) >= 3


def test_run_has_its_keys_and_gives_the_same_hashes_again(call: Call, tmp_path: pathlib.Path) -> None:
    found = []
    for name in ("a.db", "b.db"):
        run = call("run", "yoghurt", "--until", "12h", "--seed", "3", "--store", tmp_path / name, "--json").json
        has(run, RUN)
        has(run["balances"][0], "station residual")
        assert all(one["residual"] == 0 for one in run["balances"])
        run.pop("elapsed_s")
        found.append(run)
    assert found[0] == found[1]


@pytest.fixture(scope="module")
def drill_folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A drill's folder, made once."""
    from scenarios import run_drill

    folder = tmp_path_factory.mktemp("drills") / "fruit"
    run_drill("yoghurt-contaminated-fruit", 2, folder)
    return folder


def test_drill_prints_the_score_card_it_writes(call: Call, tmp_path: pathlib.Path) -> None:
    called = call("drill", "yoghurt-contaminated-fruit", "--seed", "2", "--out", tmp_path / "out", "--json")
    card = called.json
    has(card, CARD)
    has(card["metrics"], METRICS)
    has(card["truth"], "affected_units affected_lots affected_shipments")
    has(card["answer"], "certain_units possible_units")
    has(card["capture"], "reported missed duplicated late wrong")
    has(card["checks"][0], "name limit value passed")
    assert called.code == (0 if card["verdict"] == "pass" else 1)
    assert (tmp_path / "out" / "report.html").exists()


def test_score_scores_anybodys_answer(call: Call, drill_folder: pathlib.Path, tmp_path: pathlib.Path) -> None:
    truth = next(drill_folder.glob("truth.*"))
    own = call("score", "--truth", truth, "--answer", drill_folder / "answer.json", "--json")
    has(own.json["metrics"], "missed_units over_units precision recall")
    nothing = tmp_path / "none.csv"
    nothing.write_text("id\n")
    empty = call("score", "--truth", truth, "--answer", nothing, "--json").json
    assert empty["metrics"]["missed_units"] == own.json["truth"]["affected_units"] > 0
    said = call("score", "--truth", truth, "--answer", nothing).out.partition("Missed\n")[2]
    assert 0 < len(empty["missed_lots"]) <= MAX_ROWS
    assert [one for one in empty["missed_lots"] if one not in said] == []
