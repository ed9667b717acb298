"""A scenario file says all its faults at once, each with its path; a sound one means what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest

from scenarios import spec
from scenarios.declared import MAX_CHARACTERS, MAX_DEPTH
from scenarios.declared_fault import RecordName
from scenarios.faults import load_faults
from trace_core.capture.records import Posting, RecordType
from trace_core.errors import DocumentError, LimitExceeded, SpecError, UnknownName
from twin import CaptureFault

SOUND = """
scenario: my-drill
title: {en: A drill, zh: 演练}
plant: yoghurt
until: 36h
hazard: {kind: dose, threshold: 0.01, level: lot}
suspect: {item: FRUIT, station: mixer, first_used_before_end: 5d}
faults:
  - {kind: missed, rate: 0.05, stations: [filler-1]}
  - {kind: late, rate: 0.5, delay: 90min, records: [CONSUME, COMPLETE]}
response: {decision_s: 1800, hold_s: 60}
limits:
  missed_units: 0
  over_recall_factor: {law: fifo}
  mass_balance_percent: {at_least: 98, at_most: 102}
"""


def faults_of(text: str) -> dict[str, str]:
    with pytest.raises(SpecError) as caught:
        spec.load(text, "mine.yaml")
    assert "mine.yaml" in str(caught.value)
    return {fault.path: str(fault) for fault in caught.value.faults}


def test_a_sound_scenario_means_what_it_says() -> None:
    got = spec.load(SOUND, "mine.yaml")
    assert got.until == timedelta(hours=36)
    assert (got.hazard.kind, got.hazard.threshold, got.hazard.level) == ("dose", 0.01, "lot")
    assert got.suspect.first_used_before_end == timedelta(days=5)
    assert got.faults[1].delay == timedelta(minutes=90)
    assert got.limits["missed_units"] == spec.Limit(at_most=0.0)
    assert got.limits["over_recall_factor"] == spec.Limit(law="fifo")
    assert got.limits["mass_balance_percent"] == spec.Limit(at_least=98.0, at_most=102.0)


def test_ten_different_faults_are_all_named_with_their_paths() -> None:
    got = faults_of(
        """
scenario: My Drill
title: {zh: 演练}
plant: ""
until: 12
hazard: {kind: touch, level: pallet}
suspect: {first_used_before_end: 5d}
faults:
  - {kind: missd, rate: 1.5}
  - {kind: late, rate: .nan}
  - {kind: missed, rate: 0.1, records: [CONSUMED]}
response: {decision_s: -1, hold_s: "60"}
limits: {missed_units: 0, over_recall_factor: {law: lifo}}
colour: blue
"""
    )
    expected = {
        "$.scenario", "$.title.en", "$.plant", "$.until", "$.hazard.kind", "$.hazard.level", "$.suspect",
        "$.faults[0].kind", "$.faults[0].rate", "$.faults[1].rate", "$.response.decision_s", "$.response.hold_s",
        "$.faults[2].records[0]", "$.limits.over_recall_factor.law", "$.colour",
    }  # fmt: skip
    assert expected <= set(got)
    assert "did you mean missed" in got["$.faults[0].kind"]
    assert "12d" in got["$.until"]
    assert "got 12" in got["$.until"]


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ("  over_recall_factor: {law: fifo}\n", "", "$.limits", "over_recall_factor"),
        ("missed_units: 0", "missed_units: {law: fifo}", "$.limits", "the law is about over_recall_factor"),
        ("mass_balance_percent: {at_least: 98, at_most: 102}", "recall: 0.9", "$.limits", "an at_least for recall"),
        ("at_least: 98", "at_least: 103", "$.limits.mass_balance_percent", "not above"),
        ("kind: dose, threshold: 0.01", "kind: dose", "$.hazard", "threshold above 0"),
        ("kind: dose, threshold", "kind: contact, threshold", "$.hazard", "threshold above 0"),
        ("delay: 90min, ", "", "$.faults[1].delay", "late needs one"),
        ("_end: 5d", "_end: 5d, first_used_within: 5d", "$.suspect", "first_used_within longer"),
        ("until: 36h", "until: 0h", "$.until", "above zero"),
        ("until: 36h", "until: 200000d", "$.until", "above zero"),
        ("missed_units: 0", "missed_units: yes", "$.limits.missed_units", "a mapping"),
        ("missed_units: 0", "missed_units: {}", "$.limits.missed_units", "a number, at_least"),
        ("missed_units: 0", "trace_ms: 5", "$.limits.trace_ms.[key]", "missed_units"),
    ],
)
def test_what_would_make_a_drill_meaningless_is_refused(old: str, new: str, path: str, said: str) -> None:
    assert old in SOUND
    got = faults_of(SOUND.replace(old, new))
    assert path in got, got
    assert said in got[path]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scenario: [", "mine.yaml, line"),
        ("a: &x [1]\nb: *x\n", "an alias"),
        ("plant: a\nplant: b\n", "the key 'plant' twice"),
        ("[" * (MAX_DEPTH + 5), f"more than {MAX_DEPTH} levels"),
        ("a: !!python/object/apply:os.system [ls]", "mine.yaml, line"),
        ("a: \x07", "mine.yaml"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        spec.load(text, "mine.yaml")
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "just a text", "- 1\n- 2\n", "42"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert "mapping" in faults_of(text)["$"]


def test_a_file_above_the_limit_is_refused_and_the_limit_named() -> None:
    with pytest.raises(LimitExceeded, match=str(MAX_CHARACTERS)):
        spec.load("#" * (MAX_CHARACTERS + 1), "mine.yaml")


def test_an_unknown_scenario_is_refused_with_near_names() -> None:
    with pytest.raises(UnknownName, match="yoghurt-bad-tanker"):
        spec.load_shipped("yoghurt-bad-tank")


def test_every_shipped_scenario_is_sound_and_named_as_its_file() -> None:
    assert {"yoghurt-contaminated-fruit", "yoghurt-bad-tanker", "yoghurt-missed-scans"} <= set(spec.names())
    for name in spec.names():
        assert spec.load_shipped(name).scenario == name


def test_the_drill_with_missed_scans_is_the_first_one_with_faults() -> None:
    first = spec.load_shipped("yoghurt-contaminated-fruit")
    missed = spec.load_shipped("yoghurt-missed-scans")
    same = {"scenario": first.scenario, "title": first.title, "faults": (), "limits": first.limits}
    assert missed.model_copy(update=same) == first
    assert {(one.kind, one.rate) for one in missed.faults} == {("missed", 0.05), ("mislabelled", 0.01)}


@pytest.mark.parametrize(
    "text", ["- {kind: missed, rate: 0.05}\n", "faults:\n  - {kind: missed, rate: 0.05, stations: '*'}\n"]
)
def test_a_faults_file_is_a_list_or_a_mapping_with_one_key(text: str) -> None:
    (fault,) = load_faults(text, "faults.yaml")
    assert isinstance(fault, CaptureFault)
    assert (fault.kind, fault.rate, fault.stations, fault.records) == ("missed", 0.05, ("*",), ("*",))


def test_the_records_a_fault_may_name_are_those_that_capture_takes() -> None:
    of_devices = {one.name for one in RecordType} - {"ARRIVE"}  # a question, not a report
    postings = {one.__name__ for one in get_args(Posting)} - {"LotAlias"}  # made by a fault, hit by none
    assert set(get_args(RecordName)) == of_devices | postings


def test_a_faults_file_says_all_its_faults() -> None:
    with pytest.raises(SpecError) as caught:
        load_faults("- {kind: gone, rate: 2}\n- {rate: 0.1}\n- {kind: late, rate: 0.1}\n", "faults.yaml")
    assert [one.path for one in caught.value.faults] == ["$[0].kind", "$[0].rate", "$[1].kind", "$[2].delay"]
