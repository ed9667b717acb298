"""The bakery of the tutorial: a sound plant in a small file, which the page shows from its first to its last line."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta

import pytest

from plant_models import PlantSpec, load, masterdata_of, profile_of
from scenarios.answers import claims_of_json
from scenarios.score import score
from scenarios.spec import Hazard
from tests.docs.pages import ROOT, blocks_of
from trace_core.capture.records import Report
from trace_core.core import TraceCore
from trace_core.log import MemoryLog
from trace_core.scope.answer import RecallAnswer
from trace_core.vocabulary.clock import SetClock
from twin import TwinRun, simulate

FILE = (ROOT / "docs" / "bakery.yaml").read_text("utf-8")
PAGE = (ROOT / "docs" / "tutorial-bakery.md").read_text("utf-8")
SEEDS = (1, 2, 3)


@functools.cache
def month(seed: int) -> tuple[TwinRun, TraceCore]:
    """Thirty days of it, and a trace core that heard all of them."""
    spec = bakery()
    clock = SetClock(spec.start)
    core = TraceCore(MemoryLog(clock), clock, rules=profile_of(spec).rules())
    core.append_masterdata(masterdata_of(spec))

    def deliver(report: Report, arrives: datetime) -> None:
        clock.set(arrives)
        core.capture(report)

    return simulate(spec, seed, timedelta(days=30), deliver=deliver), core


def bakery() -> PlantSpec:
    return load(FILE, "bakery.yaml")


def test_the_file_has_fewer_than_120_lines_that_fit_a_page() -> None:
    lines = FILE.splitlines()
    assert len(lines) < 120
    assert max(map(len, lines)) <= 140


def test_the_file_declares_what_the_page_promises() -> None:
    spec = bakery()
    assert len(spec.supplies["flour"].suppliers) == 2
    assert spec.stocks["silo"].policy == "fefo"
    assert len(spec.routes) == 2
    assert any(machine.collects for machine in spec.machines.values())
    assert any(machine.conveys for machine in spec.machines.values())
    assert any(one.breaks for shift in spec.shifts.values() for one in shift)


def test_the_page_shows_the_file_piece_by_piece_and_nothing_else() -> None:
    pieces = [block.text for block in blocks_of(PAGE) if block.file == "bakery.yaml"]
    assert len(pieces) > 5
    assert [line for piece in pieces for line in piece.splitlines()] == [line for line in FILE.splitlines() if line]


@pytest.mark.parametrize("seed", SEEDS)
def test_its_balances_close_after_a_month_of_bread_for_everybody(seed: int) -> None:
    run, _ = month(seed)
    assert run.balances
    assert not [one for one in run.balances if one.residual]
    shipped = [group.count for group in run.truth.units([], Hazard(kind="contact")) if group.place == "shipped"]
    assert sum(shipped) > 70_000


@pytest.mark.parametrize("seed", SEEDS)
def test_a_clean_recall_of_any_flour_lot_misses_nothing_and_calls_nothing_certain_in_vain(seed: int) -> None:
    run, core = month(seed)
    lots = [one.lot for one in run.truth.candidates("flour") if one.first_use is not None]
    assert len(lots) > 6
    for lot in lots:
        answer = core.recall([lot])
        assert isinstance(answer, RecallAnswer)
        found = score(run.truth, claims_of_json(answer.to_dict()), [lot], Hazard(kind="contact"))
        assert found.units.missed == 0, lot
        affected = {one.lot for one in found.by_lot if one.affected}
        printed = {one.lot for one in found.by_lot}
        assert affected, lot
        assert {one.id for one in answer.certain} & printed <= affected, lot


def test_no_recall_of_flour_reaches_beyond_the_sunday_on_which_a_new_sourdough_begins() -> None:
    run, core = month(1)
    flour = next(one for one in run.truth.candidates("flour") if one.lot.endswith("0226030301"))
    answer = core.recall([flour.lot])
    assert isinstance(answer, RecallAnswer)
    reached = {one.id.rsplit("/", 1)[1] for one in (*answer.certain, *answer.possible) if "/S26" in one.id}
    assert max(reached) < "S260315"
