"""Runs at a speed, their log of inputs, and what else a run leaves behind."""

from __future__ import annotations

import asyncio
import json
import pathlib
from datetime import timedelta
from io import StringIO

import pytest

from plant_models import load, shipped
from testbed.live import action_of, logged, obey, run_live, speed_of
from tests.testbed.conftest import Call
from trace_core.errors import BadInput
from twin.drive import Paced
from twin.inputs import ExtraOrder, FaultSwitched, Remark, StationResumed, StationStopped, heading, read_inputs
from twin.simulation import Running

SPEED = "1000000"


def running(hours: float = 6.0) -> Running:
    return Running(load(shipped("yoghurt"), "yoghurt"), 1, timedelta(hours=hours))


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("order strawberry", ExtraOrder("strawberry")),
        ("order door panels 200 piece", ExtraOrder("door panels", "200 piece")),
        ("order paste 2.5kg", ExtraOrder("paste", "2.5kg")),
        ("order line 2", ExtraOrder("line 2")),
        ("stop printer 1", StationStopped("printer 1")),
        ("resume printer 1", StationResumed("printer 1")),
        ("fault fault/scan two off", FaultSwitched("fault/scan two", on=False)),
        ("remark pump whistles  loudly", Remark("pump whistles  loudly")),
    ],
)
def test_a_line_of_words_is_an_input(line: str, action: object) -> None:
    word, _, rest = line.partition(" ")
    assert action_of(word, rest) == action


def test_what_is_typed_is_done_and_told() -> None:
    paced = Paced(running(), 1.0, clock=lambda: 0.0)
    done: list[object] = []
    assert obey(paced, "pause", done.append).startswith("at 0.000 s")
    was_paused = paced.is_paused
    assert was_paused
    obey(paced, "step", done.append)
    obey(paced, "speed 60", done.append)
    assert paced.speed == 60.0
    obey(paced, "resume", done.append)
    assert not paced.is_paused
    obey(paced, "remark hello", done.append)
    assert done == paced.running.log.done
    assert obey(paced, "  ", done.append) == ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("puase", "did you mean pause"),
        ("speed quick", "expected max"),
        ("speed max", "a speed above 0"),
        ("fault x", "fault NAME on"),
        ("order nothing", "order or product"),
    ],
)
def test_what_cannot_be_done_is_said(line: str, expected: str) -> None:
    paced = Paced(running(), 1.0, clock=lambda: 0.0)
    with pytest.raises(BadInput, match=expected):
        obey(paced, line, lambda one: None)


def test_an_input_that_nobody_logs_is_refused() -> None:
    paced = Paced(running(), 1.0, clock=lambda: 0.0)
    with pytest.raises(BadInput, match="--inputs FILE"):
        obey(paced, "order strawberry", None)
    assert paced.running.log.done == []


def test_a_log_is_written_line_by_line_and_never_over_another(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "session.jsonl"
    paced = Paced(running(), 1.0, clock=lambda: 0.0)
    with logged(path, heading("yoghurt", "", 1)) as note:
        obey(paced, "remark 停机", note)
        assert len(read_inputs(path.read_text("utf-8"), "log", "yoghurt", 1)) == 1, "at once, not at the end"
    with pytest.raises(FileExistsError), logged(path, ""):
        pass


def test_lines_from_a_keyboard_reach_the_run(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "session.jsonl"
    with logged(path, heading("yoghurt", "", 1)) as note:
        run, behind_s = run_live(running(), 40_000.0, note, StringIO("order strawberry\nnonsense\n"))
    assert [one.action for one in run.inputs] == [ExtraOrder("strawberry")]
    assert list(read_inputs(path.read_text("utf-8"), "log")) == list(run.inputs)
    assert behind_s >= 0.0
    assert "a known command" in capsys.readouterr().err


def test_a_session_on_a_loop_lets_others_speak() -> None:
    async def both() -> tuple[float, int]:
        paced, turns = Paced(running(1.0), 1e6), 0
        task = asyncio.create_task(paced.run())
        while not task.done():
            turns += 1
            await asyncio.sleep(0)
        return (await task).truth.end.timestamp(), turns

    _, turns = asyncio.run(both())
    assert turns > 1


@pytest.mark.parametrize(("text", "speed"), [("max", None), ("1", 1.0), ("60", 60.0), ("0.5", 0.5)])
def test_a_speed_is_max_or_a_number(text: str, speed: float | None) -> None:
    assert speed_of(text) == speed


@pytest.mark.parametrize("text", ["fast", "", "0", "-3", "nan", "inf", "1e7"])
def test_a_speed_no_run_can_have_is_refused_under_the_name_of_its_option(text: str) -> None:
    with pytest.raises(BadInput, match=r"^--speed: expected max"):
        speed_of(text)


def test_a_logged_session_is_repeated_to_the_byte(call: Call, tmp_path: pathlib.Path) -> None:
    log = tmp_path / "session.jsonl"
    common = ["run", "yoghurt", "--until", "6h", "--json"]
    call(*common, "--store", "live.db", "--speed", SPEED, "--inputs", log)
    lines = log.read_text("utf-8") + '{"time_s": 3600.0, "input": "order", "name": "strawberry"}\n'
    log.write_text(lines, "utf-8")
    fast = call(*common, "--store", "a.db", "--inputs", log, "--truth", "a.npz").json
    slow = call(*common, "--store", "b.db", "--inputs", log, "--truth", "b.npz", "--speed", SPEED).json
    for key in ("truth_hash", "log_hash", "ledger_hash"):
        assert fast[key] == slow[key]
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    plain = call(*common, "--store", "c.db").json
    assert plain["log_hash"] != fast["log_hash"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--speed", "quick"], "--speed: expected max"),
        (["--speed", "0"], "a speed above 0"),
        (["--inputs", "none.jsonl"], "no such file"),
        (["--truth", "truth.csv"], "FILE.npz, FILE.parquet or a folder"),
    ],
)
def test_what_a_run_cannot_do_is_refused_before_it_begins(call: Call, arguments: list[str], expected: str) -> None:
    called = call("run", "yoghurt", "--until", "1h", *arguments)
    assert called.code == 2
    assert expected in called.err


def test_a_log_of_another_plant_is_refused(call: Call, tmp_path: pathlib.Path) -> None:
    log = tmp_path / "session.jsonl"
    log.write_text(heading("smt", "", 1), "utf-8")
    called = call("run", "yoghurt", "--until", "1h", "--inputs", log)
    assert called.code == 2
    assert "inputs of plant 'yoghurt', got 'smt'" in called.err


def test_a_truth_in_parquet_is_scored_like_any_other(call: Call, tmp_path: pathlib.Path) -> None:
    call("run", "yoghurt", "--until", "4d", "--store", "a.db", "--truth", "t.npz", "--json")
    call("run", "yoghurt", "--until", "4d", "--store", "b.db", "--truth", "t.parquet", "--json")
    (tmp_path / "answer.csv").write_text("lot\nnothing\n", "utf-8")
    from twin.truth import Truth

    suspect = Truth.load(tmp_path / "t.npz").names.lots[0]
    one, other = (
        call("score", "--truth", name, "--answer", "answer.csv", "--suspect", suspect, "--json")
        for name in ("t.npz", "t.parquet")
    )
    assert one.code == other.code == 0, one.err
    assert one.json == other.json


def test_a_run_leaves_a_page_with_pictures(call: Call, tmp_path: pathlib.Path) -> None:
    assert call("run", "yoghurt", "--until", "2d", "--out", tmp_path / "out", "--json").code == 0
    text = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert text.count("<svg") == 4, "what was finished and what lay where, for a wide page and for a phone"
    assert "The mass balance closes" in text


def test_an_experiment_prints_a_table_a_document_and_a_page(call: Call, tmp_path: pathlib.Path) -> None:
    shown = call("experiment", "inspection", "--replications", "2", "--workers", "1", "--out", tmp_path / "e")
    assert shown.code == 0, shown.err
    assert "against the baseline" in shown.out
    assert (tmp_path / "e" / "report.html").exists()
    document = call("experiment", "inspection.yaml", "--replications", "2", "--workers", "1", "--json").json
    assert document == json.loads((tmp_path / "e" / "result.json").read_text("utf-8"))
    assert document["replications"] == 2
    assert (tmp_path / "experiments" / "inspection" / "report.html").exists()


def test_an_experiment_nobody_knows_is_refused_with_near_names(call: Call) -> None:
    called = call("experiment", "inspektion")
    assert called.code == 2
    assert "did you mean inspection" in called.err
