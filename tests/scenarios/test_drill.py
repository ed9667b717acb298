"""A drill end to end: the same bytes for a seed, a truth that capture never touches, files that can be scored."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from scenarios import Drill, Scenario, open_scenario, run_drill, score_files
from scenarios.answers import Claim
from scenarios.declared_fault import DeclaredFault, RecordName
from scenarios.report.inside import inside
from scenarios.score import CONTACT, score
from scenarios.spec import Hazard, Limit, SuspectRule
from trace_core.capture.records import Answer, AnswerCode
from trace_core.errors import BadInput, DocumentError, SpecError, UnknownName
from trace_core.genealogy.answer import UnknownThing
from twin.truth import Truth

FIRST, TANKER, MISSED = "yoghurt-contaminated-fruit", "yoghurt-bad-tanker", "yoghurt-missed-scans"
FILES = ["affected.csv", "answer.json", "report.html", "scorecard.json", "suspect.json", "truth.npz"]


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Drill]:
    folder = tmp_path_factory.mktemp("drills")
    return cache(lambda name: run_drill(name, 1, folder / name))


def folder_of(drill: Drill) -> Path:
    assert drill.folder is not None
    return drill.folder


def without_times(content: bytes) -> bytes:
    return re.sub(rb'"(trace_ms|elapsed_ms)": [\d.e-]+', b"", content)


def test_the_first_drill_passes_with_nothing_missed_and_within_the_exact_law(drilled: Callable[[str], Drill]) -> None:
    card = drilled(FIRST).card
    assert card["verdict"] == "pass"
    assert card["truth"]["affected_units"] > 1000
    assert card["metrics"]["missed_units"] == 0
    limit = next(check["limit"] for check in card["checks"] if check["name"] == "over_recall_factor")
    assert 1.0 <= card["metrics"]["over_recall_factor"] <= limit
    assert card["unit"] == "box"
    assert card["until"] == "12d"


def test_a_bad_tanker_is_found_exactly_through_the_silos(drilled: Callable[[str], Drill]) -> None:
    card = drilled(TANKER).card
    assert card["verdict"] == "pass"
    assert (card["metrics"]["missed_units"], card["metrics"]["over_recall_factor"]) == (0, 1.0)
    assert card["metrics"]["time_to_contain_s"] > 1800  # the decision comes first
    assert card["metrics"]["escaped_units"] > 0


def test_missed_scans_leave_the_truth_as_it_is_and_are_counted(drilled: Callable[[str], Drill]) -> None:
    first, missed = drilled(FIRST).card, drilled(MISSED).card
    assert missed["truth_hash"] == first["truth_hash"] == drilled(TANKER).card["truth_hash"]
    assert missed["log_hash"] != first["log_hash"]
    assert (missed["suspects"], missed["truth"]) == (first["suspects"], first["truth"])
    made = missed["capture"]["reported"] + missed["capture"]["missed"]
    assert 0.03 < missed["capture"]["missed"] / made < 0.06
    assert missed["capture"]["wrong"] > 0
    assert first["capture"]["missed"] == first["capture"]["wrong"] == 0


def test_the_same_seed_gives_the_same_bytes_but_for_elapsed_times(
    drilled: Callable[[str], Drill], tmp_path: Path
) -> None:
    again = run_drill(FIRST, 1, tmp_path / "again")
    earlier = folder_of(drilled(FIRST))
    assert sorted(one.name for one in folder_of(again).iterdir()) == FILES
    for name in FILES:
        assert without_times((earlier / name).read_bytes()) == without_times((tmp_path / "again" / name).read_bytes())


def test_another_seed_is_another_run(drilled: Callable[[str], Drill]) -> None:
    assert run_drill(FIRST, 2).card["truth_hash"] != drilled(FIRST).card["truth_hash"]


def test_the_answer_a_drill_wrote_scores_as_the_drill_did(drilled: Callable[[str], Drill]) -> None:
    for name in (FIRST, TANKER, MISSED):
        folder, card = folder_of(drilled(name)), drilled(name).card
        for answer in ("answer.json", "affected.csv"):
            got = score_files(folder / "truth.npz", folder / answer)
            assert got.metrics_part().items() <= card["metrics"].items()
            assert (got.truth_part(), got.answer_part()) == (card["truth"], card["answer"])
            assert got.unknown == ()


def test_a_hand_made_answer_is_scored_against_a_run_as_one_counts_it(
    drilled: Callable[[str], Drill], tmp_path: Path
) -> None:
    """One true lot is left out, one false lot put in; the boxes are counted off the truth by hand."""
    folder = folder_of(drilled(FIRST))
    truth = Truth.load(folder / "truth.npz")
    boxes = truth.units(drilled(FIRST).card["suspects"], CONTACT)
    affected = sorted({one.lot for one in boxes if one.affected})
    false = min(one.lot for one in boxes if not one.affected and one.lot not in affected)
    answer = tmp_path / "theirs.csv"
    answer.write_text("id\n" + "\n".join([*affected[1:], false]) + "\n", "utf-8")
    got = score_files(folder / "truth.npz", answer)

    def count(lots: list[str]) -> int:
        return sum(one.count for one in boxes if one.lot in lots)

    hit = sum(one.count for one in boxes if one.affected)
    assert got.metrics_part()["missed_units"] == sum(
        one.count for one in boxes if one.affected and one.lot == affected[0]
    )
    assert got.metrics_part()["over_units"] == count([false]) + count(affected[1:]) - sum(
        one.count for one in boxes if one.affected and one.lot in affected[1:]
    )
    assert got.metrics_part()["over_recall_factor"] == round(count([*affected[1:], false]) / hit, 9)
    assert (got.lots.missed, got.lots.over) == (1, 1)


def test_a_plain_truth_needs_the_suspect_and_takes_it_in_any_form(
    drilled: Callable[[str], Drill], tmp_path: Path
) -> None:
    folder = folder_of(drilled(FIRST))
    (tmp_path / "truth.npz").write_bytes((folder / "truth.npz").read_bytes())
    with pytest.raises(BadInput, match="give --suspect ID"):
        score_files(tmp_path / "truth.npz", folder / "answer.json")
    (suspect,) = drilled(FIRST).card["suspects"]
    item, lot = re.findall(r"/01/(\d+)/10/(.+)", suspect)[0]
    code = lot.replace("%2F", "/")
    for form in (suspect, f"(01){item}(10){code}", f"{item}|{code}", code):
        got = score_files(tmp_path / "truth.npz", folder / "answer.json", [form])
        assert got.truth_part() == drilled(FIRST).card["truth"]
    with pytest.raises(UnknownName, match="did you mean"):
        score_files(tmp_path / "truth.npz", folder / "answer.json", [suspect + "0"])


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_truth_is_refused(drilled: Callable[[str], Drill], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "truth.npz").write_bytes(content)
    with pytest.raises(DocumentError, match="truth"):
        score_files(tmp_path / "truth.npz", folder_of(drilled(FIRST)) / "answer.json", ["x"])


def test_a_file_that_is_not_there_is_refused_by_name(drilled: Callable[[str], Drill], tmp_path: Path) -> None:
    answer = folder_of(drilled(FIRST)) / "answer.json"
    with pytest.raises(DocumentError, match=r"nowhere\.npz"):
        score_files(tmp_path / "nowhere.npz", answer, ["x"])
    with pytest.raises(DocumentError, match=r"nowhere\.csv"):
        score_files(answer.with_name("truth.npz"), tmp_path / "nowhere.csv")


def test_the_report_names_every_affected_lot_and_every_customer(drilled: Callable[[str], Drill]) -> None:
    drill = drilled(TANKER)
    page = (folder_of(drill) / "report.html").read_text("utf-8")
    assert page == drill.page
    for one in drill.score.by_lot:
        assert (one.lot in page) == (one.affected > 0 or one.held is not None)
    assert not isinstance(drill.recall, UnknownThing)
    assert drill.recall.customers
    for customer in drill.recall.customers:
        assert customer.id in page
        assert drill.core.masterdata.name_of(customer.id) in page
    assert "silo-1" in page or "silo-2" in page


def test_the_drawing_knows_what_lay_on_which_pallet_and_in_which_silo(drilled: Callable[[str], Drill]) -> None:
    drill = drilled(TANKER)
    assert not isinstance(drill.trace, UnknownThing)
    got = inside(drill.core.index.read(), drill.trace.to_dict())
    truth = Truth.load(folder_of(drill) / "truth.npz")
    boxes = truth.units(drill.card["suspects"], CONTACT)
    reached = {one.lot for one in boxes if one.affected}
    assert got.packed == {(one.lot, one.carrier) for one in boxes if one.lot in reached and one.carrier}
    assert got.through is not None
    suspect = drill.card["suspects"][0]
    batches = {end for start, end in got.through if start == suspect}
    assert batches
    assert {got.through[suspect, batch].rpartition("::")[2] for batch in batches} <= {"silo-1", "silo-2"}


def test_after_a_drill_nothing_affected_may_leave_and_the_rest_may(drilled: Callable[[str], Drill]) -> None:
    drill = drilled(TANKER)
    boxes = Truth.load(folder_of(drill) / "truth.npz").units(drill.card["suspects"], CONTACT)
    held = {one.carrier for one in boxes if one.affected and one.place == "stock" and one.carrier}
    free = {one.carrier for one in boxes if one.place == "stock" and one.carrier} - held
    assert held
    assert free
    for pallets, code in ((held, AnswerCode.BLOCK), (free, AnswerCode.RELEASE)):
        answers = [drill.core.may(one) for one in sorted(pallets)]
        assert {one.code for one in answers if isinstance(one, Answer)} == {code}


def test_affected_csv_holds_the_scope_row_by_row(drilled: Callable[[str], Drill]) -> None:
    folder = folder_of(drilled(MISSED))
    rows = list(csv.DictReader(io.StringIO((folder / "affected.csv").read_text("utf-8-sig"), newline="")))
    answer = json.loads((folder / "answer.json").read_bytes())
    assert [(row["id"], row["class"]) for row in rows] == [
        (entry["id"], level) for level in ("certain", "possible") for entry in answer[level]
    ]


def test_a_drill_is_a_value_to_look_at(drilled: Callable[[str], Drill]) -> None:
    drill = drilled(FIRST)
    frame = drill.to_frame()
    assert frame["affected"].sum() == drill.card["truth"]["affected_units"]
    assert drill.to_dict() == drill.card
    assert drill.passed
    picture = drill._repr_html_()
    assert "PASS" in picture
    assert "Every one of the" in picture


def lost(name: str, **change: Any) -> Scenario:
    """A scenario of a few days, changed."""
    base = open_scenario(FIRST)
    short = {
        "scenario": name,
        "until": timedelta(days=3),
        "suspect": base.suspect.model_copy(update={"first_used_before_end": None, "first_used_within": None}),
    }
    return base.model_copy(update={**short, **change})


def test_when_no_report_ever_arrives_the_drill_fails_with_everything_missed() -> None:
    everything = DeclaredFault(kind="missed", rate=1.0, records=get_args(RecordName))
    drill = run_drill(lost("nothing-recorded", faults=(everything,)), 1)
    card = drill.card
    assert isinstance(drill.recall, UnknownThing)
    assert card["verdict"] == "fail"
    assert card["metrics"]["missed_units"] == card["truth"]["affected_units"] > 0
    assert card["capture"]["reported"] == 0
    assert card["metrics"]["time_to_contain_s"] is None
    assert "not on hold" in card["notes"]["time_to_contain_s"]


def test_a_dose_is_scored_by_the_share_that_got_into_each_box() -> None:
    tanker = SuspectRule(item="tanker-milk", first_used_before_end=timedelta(days=1))
    half = Hazard(kind="dose", threshold=0.5)
    dose = run_drill(lost("dose", hazard=half, suspect=tanker), 1)
    contact = run_drill(lost("contact", suspect=tanker), 1)
    assert dose.card["truth_hash"] == contact.card["truth_hash"]
    assert 0 < dose.card["truth"]["affected_units"] < contact.card["truth"]["affected_units"]
    assert dose.card["metrics"]["over_units"] > 0


def test_an_answer_of_everything_fails_on_over_recall(drilled: Callable[[str], Drill]) -> None:
    drill = drilled(FIRST)
    truth = Truth.load(folder_of(drill) / "truth.npz")
    everything = [*{one.lot for one in truth.units([], CONTACT)}]
    got = score(truth, [Claim(lot=one) for one in everything], drill.card["suspects"], CONTACT)
    assert got.units.missed == 0
    assert got.units.over_recall_factor is not None
    assert got.fifo_law is not None
    assert got.units.over_recall_factor > 10 * got.fifo_law


def test_a_foreign_folder_is_refused_before_the_plant_is_run(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    said: list[str] = []
    with pytest.raises(BadInput, match="earlier drill"):
        run_drill(FIRST, 1, tmp_path, lambda doing, share: said.append(doing))
    assert said == []


def test_what_the_plant_does_not_have_is_named_all_at_once_before_it_is_run() -> None:
    steps: list[str] = []
    scenario = open_scenario(FIRST).model_copy(
        update={
            "suspect": SuspectRule(item="strawbery-prep", station="goods_in", receipts=True),
            "faults": (DeclaredFault(kind="missed", rate=0.1, stations=("line-9",)),),
        }
    )
    with pytest.raises(SpecError) as caught:
        run_drill(scenario, progress=lambda doing, share: steps.append(doing))
    assert [one.path for one in caught.value.faults] == ["$.suspect.item", "$.suspect.station", "$.faults[0].stations"]
    assert "did you mean strawberry-prep" in str(caught.value)
    assert not steps


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    shares: list[float] = []
    run_drill(lost("progress"), 1, None, lambda doing, share: shares.append(share))
    assert shares == sorted(shares)
    assert (0.0 <= shares[0] < 0.5, shares[-1]) == (True, 1.0)


def test_a_scenario_of_ones_own_is_opened_from_a_file_with_its_plant_beside_it(tmp_path: Path) -> None:
    from plant_models import shipped

    (tmp_path / "dairy.yaml").write_text(shipped("yoghurt"), "utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(
        "scenario: own\ntitle: {en: Mine}\nplant: dairy.yaml\nuntil: 2d\nhazard: {kind: contact}\n"
        "suspect: {station: line-1}\nresponse: {decision_s: 0, hold_s: 0}\n"
        "limits: {missed_units: 0, over_recall_factor: 1.5}\n",
        "utf-8-sig",
    )
    scenario = open_scenario(str(own))
    assert Path(scenario.plant) == tmp_path / "dairy.yaml"
    card = run_drill(str(own), 1).card
    assert card["scenario"] == "own"
    assert card["plant"] == "yoghurt"
    with pytest.raises(DocumentError, match="nowhere"):
        open_scenario(str(tmp_path / "nowhere.yaml"))


def test_limits_that_are_not_kept_make_the_drill_fail() -> None:
    scenario = lost("strict", limits={"missed_units": Limit(at_most=0), "over_recall_factor": Limit(at_most=0.5)})
    card = run_drill(scenario, 1).card
    assert card["verdict"] == "fail"
    assert [check["passed"] for check in card["checks"]] == [True, False]
