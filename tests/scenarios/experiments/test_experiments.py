"""Experiments as declared, as run, and as told."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from plant_models import load as load_plant
from scenarios.experiments.arms import arms_of
from scenarios.experiments.chain import Chain, item_of, plant_of
from scenarios.experiments.ensemble import Result, run_experiment
from scenarios.experiments.page import experiment_page, found, write_experiment
from scenarios.experiments.replicate import Task, measure
from scenarios.experiments.series import Series, bucketed
from scenarios.experiments.spec import Experiment, load, names, open_experiment, with_replications
from scenarios.experiments.statistics import paired
from trace_core.errors import BadInput, DocumentError, SpecError, UnknownName

LINE = """
experiment: two-lines
title: Fast and slow
line:
  arrive: {law: exponential, mean: 60 s}
  stations:
    inspect: {takes: 40 s, sends: {mend: 0.05}}
    pack: {takes: 30 s, sends: {out: 1.0}}
    mend: {takes: 2 min, sends: {inspect: 1.0}}
until: 20h
warm_up: 2h
replications: 6
factors:
  speed:
    "40": {}
    "44": {line.stations.inspect.takes: 44 s}
baseline: {speed: "40"}
responses: [throughput, time_in_line, population]
charts: [{title: Time by speed, response: time_in_line, x: speed, lines: speed}]
"""

CHAIN = """
experiment: chains
title: Chains
chain: {steps: 2, every: 20min, takes: 1min}
until: 60h
warm_up: 1h
replications: 3
faults: [{name: scans, kind: missed, records: [CONSUME], rate: 0.1}]
factors:
  rate: {"0.9": {}, "1.0": {faults.scans.rate: 0.0}}
  steps: {"1": {chain.steps: 1}, "4": {chain.steps: 4}}
  misses:
    alone: {}
    outages:
      faults.scans:
        {name: scans, kind: missed, records: [CONSUME], rate: 1.0, pattern: outage, every: 90min, lasts: 10min}
combinations: [{misses: [alone]}, {misses: [outages], rate: ["0.9"], steps: ["4"]}]
responses: [whole_chain, recorded_scans, made]
law: {response: whole_chain, base: rate, exponent: steps}
charts: [{title: By rate, response: whole_chain, x: rate, lines: steps, where: {misses: alone}}]
"""


@pytest.fixture(scope="module")
def lines() -> Result:
    return run_experiment(load(LINE, "lines"), workers=1)


@pytest.fixture(scope="module")
def chains() -> Result:
    return run_experiment(load(CHAIN, "chains"), workers=1)


def by_levels(result: Result, **levels: str) -> Any:
    found = [one for one in result.arms if levels.items() <= dict(one.arm.levels).items()]
    assert len(found) == 1, levels
    return found[0]


# ---- common random numbers


def test_the_same_luck_takes_most_of_the_noise_out_of_the_inspection_comparison() -> None:
    result = run_experiment(open_experiment("inspection"), workers=1)
    person = by_levels(result, inspection="person")
    ratios = {name: pair.variance_ratio for name, pair in person.against.items()}
    assert all(ratio is not None and ratio < 0.15 for ratio in ratios.values()), ratios


def test_runs_with_other_luck_have_all_of_the_noise() -> None:
    declared = open_experiment("inspection")
    camera, person = arms_of(declared)

    def times(line: str, seed: int) -> list[float]:
        tasks = [
            Task(0, replication, "", line, "[]", "", seed, 432_000.0, 3600.0, ("time_in_line",))
            for replication in range(60)
        ]
        return [measure(task).responses["time_in_line"].mean(10) for task in tasks]

    ratio = paired(times(person.line, 1), times(camera.line, 2)).variance_ratio
    assert ratio is not None
    assert ratio > 0.5


def test_a_replication_has_the_same_luck_in_all_arms_and_another_than_the_next(lines: Result) -> None:
    slow, fast = by_levels(lines, speed="44"), by_levels(lines, speed="40")
    assert len(set(fast.values["time_in_line"])) == 6
    pair = slow.against["throughput"]
    assert pair.variance_ratio is not None
    assert pair.variance_ratio < 0.01
    assert not fast.against


# ---- what comes of it


def test_a_slower_station_keeps_loads_longer_and_lets_as_many_through(lines: Result) -> None:
    slow, fast = by_levels(lines, speed="44"), by_levels(lines, speed="40")
    assert slow.against["time_in_line"].difference.low > 0.0
    assert slow.responses["throughput"].mean == pytest.approx(60.0, rel=0.05)
    for arm in (slow, fast):  # Little's law: loads there = loads an hour x hours in the line
        flow = arm.responses["throughput"].mean * arm.responses["time_in_line"].mean / 3600.0
        assert arm.responses["population"].mean == pytest.approx(flow, rel=0.02)


def test_chains_follow_the_curve_where_scans_are_missed_by_themselves(chains: Result) -> None:
    for steps in ("1", "4"):
        held = by_levels(chains, steps=steps, rate="0.9", misses="alone").law
        assert held is not None
        assert held.expected == pytest.approx(0.9 ** int(steps))
        assert abs(held.off.mean) < 0.06
        assert not held.parts
        whole = by_levels(chains, steps=steps, rate="1.0", misses="alone")
        assert whole.responses["whole_chain"].mean == 1.0
        assert whole.responses["recorded_scans"].mean == 1.0
        assert whole.responses["made"].mean == pytest.approx(36.0, rel=0.05)


def test_misses_that_come_together_spare_chains_and_that_is_said(chains: Result) -> None:
    together = by_levels(chains, misses="outages")
    assert together.law.parts
    assert together.responses["whole_chain"].mean > 0.9**4 + 0.05
    assert any("outages" in one and "more whole chains" in one for one in found(chains))


def test_a_lot_that_takes_from_several_lots_needs_more_scans() -> None:
    declared = load(CHAIN, "chains").model_copy(update={"replications": 1})
    chain = Chain.model_validate_json('{"steps": 4, "every": "20min", "takes": "1min", "lots": [12, 18]}')
    plain = next(arm for arm in arms_of(declared) if arm.levels["steps"] == "4" and arm.levels["rate"] == "0.9")
    task = Task(0, 0, json.dumps(plant_of(chain)), "", plain.faults, item_of(4), 1, 216_000.0, 3600.0, ("whole_chain",))
    assert measure(task).responses["whole_chain"].mean() < 0.9**4 - 0.05


def test_the_number_of_processes_changes_nothing(lines: Result) -> None:
    assert run_experiment(load(LINE, "lines"), workers=2).to_dict() == lines.to_dict()


def test_progress_is_told_for_every_replication() -> None:
    told: list[tuple[int, int]] = []
    run_experiment(
        with_replications(load(LINE, "lines"), 2), workers=1, progress=lambda done, of: told.append((done, of))
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_one_long_run_is_told_by_its_batches() -> None:
    result = run_experiment(with_replications(load(LINE, "lines"), 1), workers=1)
    fast = by_levels(result, speed="40")
    assert len(fast.values["throughput"]) == 30
    assert fast.responses["throughput"].holds(60.0)


@pytest.mark.parametrize("warm_up", ["{by: mser}", "{by: welch, window: 3}", "90min"])
def test_the_front_of_a_run_is_cut_as_the_file_says(warm_up: str) -> None:
    result = run_experiment(
        with_replications(load(LINE.replace("warm_up: 2h", f"warm_up: {warm_up}"), "x"), 2), workers=1
    )
    assert 0 <= result.warm_up_s <= 36_000.0
    assert result.warm_up_s == 5760.0 or warm_up != "90min", "whole parts of 12 minutes, at least 90 minutes"


def test_a_result_has_a_document_a_frame_and_a_page(chains: Result, tmp_path: pathlib.Path) -> None:
    document = json.loads(json.dumps(chains.to_dict(), allow_nan=False))
    assert document["schema"] == "tracetwin/experiment/1"
    assert len(document["arms"]) == len(chains.arms) == 5
    assert "misses outages" in document["parts"][0]
    assert len(chains.to_frame()) == 5 * 3 * 3
    page = write_experiment(tmp_path / "out", chains)
    text = page.read_text("utf-8")
    assert text == experiment_page(chains)
    assert text.count("<svg") == 2, "once for a wide page, once for a phone"
    assert "parts" in text
    assert json.loads((tmp_path / "out" / "result.json").read_text("utf-8")) == document
    assert "<svg" in chains._repr_html_()


def test_a_response_over_time_is_sums_by_weights() -> None:
    parts = bucketed([0.0, 9.0, 10.0, 25.0], [1.0, 2.0, 3.0, 4.0], 25.0, 10.0)  # type: ignore[arg-type]
    assert parts.sums.tolist() == [3.0, 3.0, 4.0]
    assert parts.lengths.tolist() == [10.0, 10.0, 5.0]
    series = Series(parts.sums, parts.lengths, 10.0)
    assert series.mean() == 10.0 / 25.0
    assert series.mean(2) == 0.8


# ---- what is declared


@pytest.mark.parametrize("name", names())
def test_every_experiment_that_ships_is_sound(name: str) -> None:
    declared = open_experiment(f"{name}.yaml")
    assert declared == open_experiment(name)
    assert declared.experiment == name
    assert arms_of(declared)


@pytest.mark.parametrize("steps", [1, 2, 20])
def test_a_chain_is_a_sound_plant(steps: int) -> None:
    chain = Chain.model_validate_json(json.dumps({"steps": steps, "every": "6min", "takes": "5min"}))
    spec = load_plant(json.dumps(plant_of(chain)), "chain")
    assert len(spec.operations) == steps


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("\nline:", "\nplant: yoghurt\nline:", "one of plant, chain and line"),
        ("responses: [throughput", "responses: [made, throughput", "responses among"),
        ("line.stations.inspect.takes", "line.stations.inspekt.takes", "did you mean inspect"),
        ("line.stations.inspect.takes: 44 s", "line.stations.inspect.takes: quick", "duration"),
        ("line.stations.inspect.takes", "stations.inspect.takes", "a path that begins with line"),
        ("line.stations.inspect.takes", "faults.scans.rate", "there is none yet"),
        ("sends: {mend: 0.05}", "sends: {mends: 0.05}", "inspect sends to one of"),
        ("sends: {mend: 0.05}", "sends: {mend: 0.5, out: 0.6}", "come to 1 at most"),
        ('baseline: {speed: "40"}', 'baseline: {speed: "41"}', "a level of speed"),
        ('baseline: {speed: "40"}', 'baseline: {spede: "40"}', "a declared factor"),
        ("x: speed, lines", "x: spead, lines", "a declared factor"),
        ('"44":', "slow:", "numbers as levels of speed"),
        ("warm_up: 2h", "warm_up: {by: fixed}", "a time such as 6h"),
        ("replications: 6", "replications: 0", "replications"),
        ("until: 20h", "until: 20h\nbucket: 30h", "a bucket"),
    ],
)
def test_a_file_with_a_fault_is_refused_with_words(old: str, new: str, expected: str) -> None:
    assert old in LINE
    with pytest.raises(SpecError, match=expected):
        arms_of(load(LINE.replace(old, new), "lines"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("faults.scans.rate: 0.0", "faults.scan.rate: 0.0", "did you mean scans"),
        ("faults.scans.rate: 0.0", "faults.scans.rate: 7.0", r"rate.*less than or equal to 1|rate"),
        ("{chain.steps: 4}", "{chain.steps: 0}", "steps"),
        ("{chain.steps: 4}", "{operations.step 9.takes: 1 min}", "a key of"),
        ("records: [CONSUME], rate: 0.1}", "records: [CONSUME], rate: 0.1, stations: [step 99]}", "step 99"),
    ],
)
def test_an_arm_that_cannot_be_is_refused_with_its_path(old: str, new: str, expected: str) -> None:
    assert old in CHAIN
    with pytest.raises(SpecError, match=expected):
        arms_of(load(CHAIN.replace(old, new), "chains"))


def test_a_plant_takes_changes_by_path_and_names_what_is_finished() -> None:
    text = CHAIN.replace("chain: {steps: 2, every: 20min, takes: 1min}", "plant: yoghurt\nfinished: straw-box")
    text = text.replace("{chain.steps: 1}", "{}").replace("{chain.steps: 4}", "{shipping.loading: 1 h}")
    with pytest.raises(UnknownName, match="finished"):
        arms_of(load(text, "x"))


def test_an_experiment_nobody_has_is_refused_with_names_that_are_near(tmp_path: pathlib.Path) -> None:
    with pytest.raises(UnknownName, match="did you mean scan_rate"):
        open_experiment("scan_rat")
    with pytest.raises(DocumentError, match="a file that can be read"):
        open_experiment(str(tmp_path / "none.yaml"))
    with pytest.raises(BadInput, match="replications"):
        with_replications(open_experiment("scan_rate"), 0)


def test_a_loaded_experiment_keeps_what_the_file_says() -> None:
    declared: Experiment = load(LINE, "lines")
    assert declared.source["line"]["stations"]["inspect"]["takes"] == "40 s"
