"""Fault files: every kind can be declared, all that is wrong is said at once, and the shipped ones are sound."""

from __future__ import annotations

import pathlib
from typing import get_args

import pytest

from plant_models import load, shipped
from scenarios import presets
from scenarios.fault_kinds import ALSO_CALLED, RULES, KindName
from scenarios.faults import fault_names, faults_about, load_faults, open_faults
from trace_core.errors import DocumentError, SpecError, UnknownName
from twin.conduct import ConductFault, ConductKind
from twin.faults import class_of
from twin.observe.faults import Buffer, CaptureFault, ClockError, FaultKind
from twin.observe.misreading import SLIPS_OF_METHOD
from twin.observe.when import Pattern

YOGHURT = load(shipped("yoghurt"), "yoghurt")
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "faults.md"


def faults_of(text: str) -> dict[str, str]:
    with pytest.raises(SpecError) as caught:
        load_faults(text, "faults.yaml", YOGHURT)
    return {fault.path: str(fault) for fault in caught.value.faults}


def test_every_kind_of_the_twin_can_be_declared() -> None:
    kinds = {*FaultKind, *ConductKind, "typical"}
    assert set(get_args(KindName)) == RULES.keys() == {str(kind) for kind in kinds}
    assert set(ALSO_CALLED.values()) <= RULES.keys()
    assert not ALSO_CALLED.keys() & RULES.keys()


def test_people_may_say_it_in_their_own_words() -> None:
    (change,) = load_faults("- {kind: 换批未登记, rate: 0.1, stations: [line-1]}", "f", YOGHURT)
    assert isinstance(change, ConductFault)
    assert change.kind is ConductKind.UNREGISTERED_CHANGE
    (missed,) = load_faults("- {kind: 漏扫, rate: 0.1}", "f", YOGHURT)
    assert missed.kind is FaultKind.MISSED


def test_an_outage_is_declared_by_its_rhythm() -> None:
    text = (
        "- {kind: outage, pattern: outage, every: 2d, lasts: 3h, devices: [STORES], capacity: 20, from: 1d, until: 5d}"
    )
    (fault,) = load_faults(text, "f", YOGHURT)
    assert isinstance(fault, CaptureFault)
    assert (fault.rate, fault.devices, fault.details) == (1.0, ("STORES",), Buffer(20))
    when = fault.when
    assert (when.pattern, when.every_s, when.lasts_s) == (Pattern.OUTAGE, 172_800.0, 10_800.0)
    assert (when.from_s, when.until_s) == (86_400.0, 432_000.0)


def test_a_clock_may_be_behind() -> None:
    (fault,) = load_faults("- {kind: clock, offset: -90s, drift_ppm: 20.0}", "f", YOGHURT)
    assert isinstance(fault, CaptureFault)
    assert fault.details == ClockError(-90.0, 20.0)


def test_all_that_is_wrong_with_a_file_is_said_at_once() -> None:
    got = faults_of(
        """
- {kind: lates, rate: 0.1}
- {kind: late, rate: 2}
- {kind: missed, rate: 0.1, delay: 2h, every: 1h}
- {kind: outage}
- {kind: top_up, rate: 0.1, records: [PACK]}
- {kind: top_up, rate: 0.1, pattern: at_lot_change}
- {kind: cut_over}
- {kind: batched}
- {kind: reused_code, rate: 0.1, after: 0d}
- {kind: missed, rate: 0.1, from: 3d, until: 2d}
- {kind: slow_screen_skip, rate: 0.1}
- {kind: outage, until: 2d, buffered: false, capacity: 4}
- {kind: clock}
"""
    )
    assert got.keys() == {
        "$[0].kind", "$[1].rate", "$[2].delay", "$[2].every", "$[3].pattern", "$[4].records", "$[5].pattern",
        "$[6].until", "$[7].every", "$[8].after", "$[9].until", "$[10].capture_seconds", "$[10].patience",
        "$[11].capacity", "$[12].offset",
    }  # fmt: skip
    assert "did you mean late" in got["$[0].kind"]
    assert "independent, shift_change, outage" in got["$[5].pattern"]


def test_a_station_the_plant_has_not_is_said_beside_entries_that_cannot_be_read() -> None:
    got = faults_of(
        """
- {kind: mised, rate: 0.1}
- {kind: missed, rate: 0.1, stations: [line-9]}
"""
    )
    assert set(got) == {"$[0].kind", "$.faults[1].stations"}
    assert "did you mean line-" in got["$.faults[1].stations"]


def test_what_the_plant_does_not_have_is_said_at_once_where_it_is_declared() -> None:
    got = faults_of(
        """
- {kind: typical, method: plc, stations: [line-9]}
- {kind: missed, rate: 0.1, devices: [LINE-9]}
- {kind: missed, rate: 0.1, items: [strawberry], name: b}
- {kind: ineffective_clean, rate: 0.1, stations: [silo-1, silo-9]}
- {kind: typical, method: manual}
- {kind: missed, rate: 0.1, name: b}
- {kind: missed, rate: 0.1, stations: [silo-1]}
"""
    )
    assert got.keys() == {
        "$.faults[0].stations", "$.faults[1].devices", "$.faults[2].items", "$.faults[3].stations",
        "$.faults[4].methods", "$.faults[5].name", "$.faults[6].stations",
    }  # fmt: skip
    assert "did you mean line-" in got["$.faults[0].stations"]
    assert "silo-9" in got["$.faults[3].stations"]
    assert "its devices work by barcode, mobile, plc" in got["$.faults[4].methods"]


def test_a_preset_stands_for_what_its_method_is_known_for() -> None:
    manual = load_faults("- {kind: typical, method: manual, stations: [goods-in], scale: 2.0}", "f", YOGHURT)
    declared = {one["kind"]: one for one in presets.TYPICAL["manual"]}
    assert {one.kind for one in manual} == declared.keys()
    assert all(one.rate == min(1.0, 2.0 * declared[one.kind]["rate"]) for one in manual)
    assert all(one.stations == ("goods-in",) for one in manual)
    assert all(isinstance(one, CaptureFault) and not one.methods for one in manual)


def test_without_a_method_each_device_gets_the_preset_of_its_own() -> None:
    every = load_faults("- {kind: typical}", "f", YOGHURT)
    methods = {one.methods for one in every if isinstance(one, CaptureFault)}
    assert methods == {(method,) for method in presets.TYPICAL} == {(method,) for method in SLIPS_OF_METHOD}
    assert len({one.stream for one in every}) == len(every)


def test_a_typed_code_is_wrong_as_often_as_its_characters_are() -> None:
    (misread,) = [one for one in presets.TYPICAL["manual"] if one["kind"] == "misread"]
    assert misread["rate"] == pytest.approx(1 - (299 / 300) ** 12, abs=1e-4)


@pytest.mark.parametrize("name", fault_names())
def test_a_shipped_file_fits_the_plant_it_was_written_for(name: str) -> None:
    faults = open_faults(name, YOGHURT)
    assert faults
    assert len(faults_about(name)) > 20
    assert name in PAGE.read_text("utf-8")


def test_a_file_is_opened_by_name_or_by_path(tmp_path: pathlib.Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("\ufeff- {kind: missed, rate: 0.5}\n", "utf-8")
    assert [one.kind for one in open_faults(str(own), YOGHURT)] == ["missed"]
    with pytest.raises(UnknownName, match="did you mean cut-over"):
        open_faults("cutover")
    with pytest.raises(DocumentError):
        open_faults(str(tmp_path / "none.yaml"))


def test_the_page_names_every_kind_with_its_class_and_its_keys() -> None:
    rows = {
        cells[1].strip("` "): line
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| `") and len(cells := line.split("|")) > 6
    }
    for kind, rules in RULES.items():
        if kind == "typical":
            continue
        assert kind in rows, f"docs/faults.md has no row for {kind}"
        assert class_of(kind) in rows[kind]
        for key in rules.needs | rules.may | set(rules.either):
            assert f"`{key}" in rows[kind], f"docs/faults.md, {kind}: {key}"
