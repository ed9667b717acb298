"""What each command does, asked as a person would."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.testbed.conftest import Call
from tests.testbed.documents import document, event, lot, made


def test_help_names_every_command_and_each_explains_itself(call: Call) -> None:
    words = call("--help").out
    names = "run drill score scenarios ingest trace recall hold release verify plants export".split()
    for name in names:
        assert f"  {name} " in words
        explained = call(name, "--help")
        assert explained.code == 0
        assert "Usage:" in explained.out
    assert call("--version").out.startswith("tracetwin ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["trace", "nobody"], "nobody"),
        (["trace", "--direction", "sideways", lot(1)], "backward, forward, both"),
        (["trace", lot(1), "--as-of", "2026-03-01T10:00"], "offset"),
        (["trace", lot(1), "--known-at", "yesterday"], "ISO 8601"),
        (["recall"], "--suspect"),
        (["recall", "--suspect", "nobody"], "nobody"),
        (["recall", "--from", "2026-03-01T10:00Z", "--to", "2026-03-01T11:00Z"], "--station"),
        (["recall", "--station", "x", "--from", "2026-03-01T10:00Z"], "--to"),
        (["recall", "--station", "x", "--from", "2026-03-02T10:00Z", "--to", "2026-03-01T10:00Z"], "no earlier"),
        (["recall", "--station", "nowhere", "--from", "2026-03-01T10:00Z", "--to", "2026-03-02T10:00Z"], "nowhere"),
        (["hold", "nobody", "--who", "Li", "--why", "glass"], "nobody"),
        (["hold", lot(1), "--who", "Li", "--why", "glass", "--reach", "everything"], "descendants"),
        (["hold"], "--list"),
        (["verify", "--expect-head", "xyz"], "64 hexadecimal digits"),
    ],
)
def test_bad_use_ends_with_2_and_one_message_that_says_what_to_do(
    call: Call, store: pathlib.Path, arguments: list[str], says: str
) -> None:
    called = call(*arguments, "--store", store)
    assert called.code == 2
    assert called.out == ""
    assert says in called.err
    assert "Traceback" not in called.err
    assert len(called.err.strip().splitlines()) == 1


def test_near_names_are_given_for_a_lot_nobody_knows(call: Call, store: pathlib.Path) -> None:
    called = call("trace", lot(12), "--store", store)
    assert called.code == 2
    assert lot(1) in called.err
    assert "did you mean" in called.err


@pytest.mark.parametrize("arguments", [["run", "yogurt"], ["plants", "show", "yogurt"]])
def test_near_names_are_given_for_a_plant_nobody_declared(call: Call, arguments: list[str]) -> None:
    called = call(*arguments)
    assert called.code == 2
    assert "did you mean yoghurt?" in called.err


def test_near_names_are_given_for_a_scenario_nobody_declared(call: Call) -> None:
    called = call("drill", "yoghurt-contaminated-fruits")
    assert called.code == 2
    assert "did you mean yoghurt-contaminated-fruit" in called.err


@pytest.mark.parametrize("arguments", [["drill"], ["drill", "yoghurt-bad-tanker", "--all"]])
def test_a_drill_needs_a_scenario_or_all_of_them(call: Call, arguments: list[str]) -> None:
    called = call(*arguments)
    assert called.code == 2
    assert "SCENARIO or --all" in called.err


@pytest.mark.parametrize(
    "arguments", [["trace", "x"], ["recall", "--suspect", "x"], ["verify"], ["export", "csv"], ["hold", "--list"]]
)
def test_asking_never_makes_a_store(call: Call, tmp_path: pathlib.Path, arguments: list[str]) -> None:
    called = call(*arguments)
    assert called.code == 2
    assert "tracetwin.db" in called.err
    assert not (tmp_path / "tracetwin.db").exists()


@pytest.mark.parametrize(
    "arguments", [["hold", "x", "--who", "Li", "--why", "glass"], ["release", "H-1", "--who", "Li", "--why", "x"]]
)
def test_control_never_makes_a_store(call: Call, tmp_path: pathlib.Path, arguments: list[str]) -> None:
    called = call(*arguments)
    assert called.code == 2
    assert "there is no such store" in called.err
    assert not (tmp_path / "tracetwin.db").exists()


def test_the_store_is_by_default_in_the_current_folder(call: Call, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "events.jsonld"
    path.write_text(document(event(1)))
    assert call("ingest", path).code == 0
    assert (tmp_path / "tracetwin.db").exists()
    assert call("trace", lot(1)).code == 0


# ---- ingest


@pytest.mark.parametrize(
    ("texts", "options", "code"),
    [
        ([document(event(1))], [], 0),
        ([document(event(1))], ["--strict"], 0),
        ([document(event(1), event(2, eventTime="never"))], [], 0),
        ([document(event(1), event(2, eventTime="never"))], ["--strict"], 1),
        ([document(event(2, eventTime="never"))], [], 1),
        ([document()], [], 0),
        (["{"], [], 2),
        (["{"], ["--strict"], 2),
        (["{", document(event(1))], [], 0),
        (["{", document(event(1))], ["--strict"], 1),
    ],
)
def test_ingest_ends_with_what_became_of_the_files(
    call: Call, tmp_path: pathlib.Path, texts: list[str], options: list[str], code: int
) -> None:
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"{number}.jsonld")
        paths[-1].write_text(text)
    called = call("ingest", *paths, *options, "--json")
    assert called.code == code
    assert called.json["schema"] == "tracetwin/ingest/1"


def test_a_repeated_ingest_is_no_failure_and_writes_nothing(call: Call, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "events.jsonld"
    path.write_text(document(event(1), made(2, 1)))
    call("ingest", path)
    head = call("verify", "--json").json["head"]
    again = call("ingest", path, "--json")
    assert (again.code, again.json["totals"]["duplicates"]) == (0, 2)
    assert call("verify", "--json").json["head"] == head


def test_ingest_tells_a_person_what_was_refused_and_where(call: Call, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "events.jsonld"
    path.write_text(document(event(1), event(2, eventTime="never")))
    called = call("ingest", path)
    assert "event 1 refused" in called.out
    assert "eventTime" in called.out


def test_a_missing_file_is_named(call: Call, tmp_path: pathlib.Path) -> None:
    called = call("ingest", tmp_path / "missing.jsonld", "--json")
    assert called.code == 2
    assert "No such file" in called.json["files"][0]["error"]["reason"]
    assert not (tmp_path / "tracetwin.db").exists()


# ---- trace and recall


def test_a_trace_tells_a_person_what_went_where_and_what_to_do_next(call: Call, store: pathlib.Path) -> None:
    called = call("trace", lot(1), "--direction", "forward", "--store", store)
    assert called.code == 0
    assert lot(1) in called.out
    assert "L2" in called.out
    assert "What went into what" in called.out
    assert "Next:" in called.out


def test_as_of_leaves_out_what_happened_later(call: Call, store: pathlib.Path) -> None:
    arguments = ["trace", lot(1), "--direction", "forward", "--store", store, "--json"]
    assert call(*arguments).json["lots"] == [lot(2)]
    assert call(*arguments, "--as-of", "2026-03-01T06:01:30Z").json["lots"] == []


def test_known_at_a_time_before_the_ingest_nothing_was_known(call: Call, store: pathlib.Path) -> None:
    called = call("trace", lot(1), "--known-at", "2020-01-01T00:00:00+01:00", "--store", store)
    assert called.code == 2


def test_trace_and_recall_write_their_pages(call: Call, store: pathlib.Path, tmp_path: pathlib.Path) -> None:
    page, folder = tmp_path / "trace.html", tmp_path / "recall"
    assert call("trace", lot(2), "--out", page, "--store", store).code == 0
    assert call("recall", "--suspect", lot(1), "--out", folder, "--store", store).code == 0
    assert "<html" in page.read_text("utf-8")
    assert "<html" in (folder / "report.html").read_text("utf-8")
    assert "L2" in (folder / "affected.csv").read_text("utf-8-sig")


def test_a_recall_by_carrier_recalls_what_it_held(call: Call, store: pathlib.Path) -> None:
    recall = call("recall", "--suspect", "(00)340123450000000017", "--store", store, "--json").json
    assert [one["id"] for one in recall["certain"]] == [lot(2)]


# ---- control


def test_a_hold_without_who_or_why_is_refused_and_changes_nothing(call: Call, store: pathlib.Path) -> None:
    head = call("verify", "--store", store, "--json").json["head"]
    for words in (["--who", "Li"], ["--why", "glass"], []):
        called = call("hold", lot(1), *words, "--store", store)
        assert called.code == 2
        assert "with a text" in called.err
    assert call("verify", "--store", store, "--json").json["head"] == head


def test_a_lot_may_be_held_before_it_comes(call: Call, store: pathlib.Path) -> None:
    words = ("--who", "Li", "--why", "supplier's warning", "--store", store)
    assert call("hold", lot(77), *words).code == 2
    assert call("hold", lot(77), *words, "--in-advance").code == 0
    assert lot(77) in call("hold", "--list", "--store", store).out


def test_a_release_of_no_hold_is_a_no(call: Call, store: pathlib.Path) -> None:
    called = call("release", "H-0", "--who", "Li", "--why", "clean", "--store", store)
    assert called.code == 1
    assert "no hold has this id" in called.err


# ---- plants


def test_a_faulty_plant_file_is_a_no_with_every_fault(call: Call, tmp_path: pathlib.Path) -> None:
    from plant_models import shipped

    path = tmp_path / "mine.yaml"
    text = shipped("yoghurt").replace("recall_unit: box", "recall_unit: crate").replace("decimals: 3", "decimals: 99")
    path.write_text(text, "utf-8")
    called = call("plants", "check", path, "--json")
    assert called.code == 1
    assert len(called.json["faults"]) >= 2
    assert all(one["path"] and one["reason"] for one in called.json["faults"])


def test_a_sound_plant_file_is_said_to_be_sound(call: Call, tmp_path: pathlib.Path) -> None:
    from plant_models import shipped

    path = tmp_path / "mine.yaml"
    path.write_text("\ufeff" + shipped("yoghurt"), "utf-8")
    assert "is sound" in call("plants", "check", path).out


def test_a_plant_file_in_another_encoding_says_so(call: Call, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes("plant: molkerei\ntitle: Joghurt mit Früchten".encode("latin-1"))
    called = call("plants", "check", path)
    assert called.code == 2
    assert "UTF-8" in called.err


# ---- run


def test_a_store_that_holds_another_run_is_refused_unless_it_is_appended_to(call: Call) -> None:
    arguments = ["run", "yoghurt", "--until", "1h", "--json"]
    assert call(*arguments).code == 0
    other = call(*arguments, "--seed", "2")
    assert other.code == 2
    assert "seed 1, 1h" in other.err
    assert "--append" in other.err
    assert call(*arguments, "--seed", "2", "--append").code == 0


def test_a_store_that_no_run_wrote_is_refused(call: Call, store: pathlib.Path) -> None:
    called = call("run", "yoghurt", "--until", "1h", "--store", store)
    assert called.code == 2
    assert "no run wrote" in called.err


def test_the_same_run_again_goes_on_and_changes_nothing(call: Call) -> None:
    arguments = ["run", "yoghurt", "--until", "6h", "--json"]
    first, again = call(*arguments).json, call(*arguments).json
    assert {**first, "elapsed_s": 0} == {**again, "elapsed_s": 0}


def test_capture_faults_change_what_is_recorded_and_never_the_truth(call: Call, tmp_path: pathlib.Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults:\n  - {kind: missed, rate: 0.3}\n")
    arguments = ["run", "yoghurt", "--until", "12h", "--json"]
    clean = call(*arguments, "--store", "a.db").json
    missed = call(*arguments, "--store", "b.db", "--faults", faults).json
    assert clean["truth_hash"] == missed["truth_hash"]
    assert clean["ledger_hash"] != missed["ledger_hash"]
    assert missed["events"] < clean["events"]


@pytest.mark.parametrize("until", ["0s", "5", "five days", "-1d", "200y"])
def test_a_run_needs_a_length_of_time(call: Call, until: str) -> None:
    called = call("run", "yoghurt", f"--until={until}")
    assert called.code == 2
    assert "--until" in called.err


def test_an_existing_folder_is_no_place_for_a_truth_file(call: Call, tmp_path: pathlib.Path) -> None:
    (tmp_path / "truth.npz").mkdir()
    called = call("run", "yoghurt", "--until", "1h", "--truth", tmp_path / "truth.npz")
    assert called.code == 2
    assert "name a file in it" in called.err
    assert not (tmp_path / "tracetwin.db").exists()


# ---- export


@pytest.mark.parametrize("kind", ["epcis", "csv"])
def test_what_is_exported_can_be_ingested_again_and_gives_the_same_events(
    call: Call, store: pathlib.Path, tmp_path: pathlib.Path, kind: str
) -> None:
    file = tmp_path / ("out.jsonld" if kind == "epcis" else "out.csv")
    assert call("export", kind, "--out", file, "--store", store).code == 0
    assert call("ingest", file, "--store", store, "--json").json["totals"]["duplicates"] == 4
    assert call("ingest", file, "--store", tmp_path / "other.db", "--json").json["totals"]["accepted"] == 4
    answers = [
        call("trace", lot(2), "--direction", "both", "--store", one, "--json").json for one in (store, "other.db")
    ]
    for answer in answers:
        answer.pop("elapsed_ms")
    assert answers[0] == answers[1]


def test_an_export_goes_to_stdout_where_no_file_is_named(call: Call, store: pathlib.Path) -> None:
    called = call("export", "epcis", "--store", store)
    assert len(json.loads(called.out)["epcisBody"]["eventList"]) == 4
    assert called.err == ""


def test_an_export_into_a_folder_is_refused(call: Call, store: pathlib.Path, tmp_path: pathlib.Path) -> None:
    called = call("export", "csv", "--store", store, "--out", tmp_path)
    assert called.code == 2
    assert "a folder" in called.err
