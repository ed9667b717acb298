"""Capture never changes what happens; conduct may, and then the truth says what really happened."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from plant_models import PlantSpec, load
from tests.twin.work.shopfloor import Watched, declared, supply, watched
from tests.twin.work.test_assembly import ASSEMBLE, SAW
from trace_core.capture.records import RecordType
from twin import CaptureFault, FaultKind, simulate
from twin.conduct import ConductFault, ConductKind
from twin.ledger import Move

WORKSHOP = Path(__file__).parents[2] / "plant_models" / "workshop.yaml"
FAULTS = (
    CaptureFault(FaultKind.MISSED, 0.1),
    CaptureFault(FaultKind.DUPLICATED, 0.1),
    CaptureFault(FaultKind.LATE, 0.1),
    CaptureFault(FaultKind.MISLABELLED, 0.1),
)


@functools.cache
def workshop() -> PlantSpec:
    return load(WORKSHOP.read_text("utf-8"), "workshop")


def test_truth_is_the_same_with_and_without_anybody_listening_or_reporting_wrongly(
    trials: Callable[[int], Iterator[int]],
) -> None:
    for seed in trials(3):
        hashes = set()
        for faults in ((), FAULTS):
            for deliver in (None, lambda report, moment: None):
                run = simulate(workshop(), seed, timedelta(hours=120.5), faults, deliver)
                assert all(balance.residual == 0 for balance in run.balances)
                hashes.add(run.truth.hash)
        assert len(hashes) == 1


def test_balances_close_at_whatever_moment_a_run_ends(trials: Callable[[int], Iterator[int]]) -> None:
    for seed in trials(8):
        run = simulate(workshop(), seed, timedelta(hours=30 + 23.71 * seed % 200))
        assert {balance.station: balance.residual for balance in run.balances if balance.residual} == {}


def test_a_saved_truth_of_work_comes_back_whole(tmp_path: Path) -> None:
    from twin.truth import Truth

    truth = simulate(workshop(), 1, timedelta(hours=100)).truth
    truth.save(tmp_path / "truth.npz")
    assert Truth.load(tmp_path / "truth.npz").hash == truth.hash


# ---- conduct


def assembled(*faults: ConductFault) -> Watched:
    inputs = {"blank": "1 piece", "pin": {"quantity": "2 piece", "instead": ["cap"]}, "powder": "0.1 kg"}
    spec = declared(
        operations={"saw": SAW, "assemble": ASSEMBLE | {"inputs": inputs}, "look": LOOK},
        routes={"blanks": {"steps": ["saw"]}, "units": {"steps": ["assemble", "look"]}},
        orders={
            "blanks": {"route": "blanks", "amount": "100 piece", "every": "4 h"},
            "units": {"route": "units", "amount": "60 piece", "every": "4 h", "first": "2 h"},
        },
        items={"unit": {"mass": "2.3 kg"}},
        supplies={
            "pin": supply("30 piece", "15 piece", opening_lots=4, reorder_below="300 piece"),
            "cap": supply("400 piece", "50 piece"),
            "powder": supply("50 kg", "5 kg", opening_lots=2),
        },
    )
    return watched(spec, 20, faults=faults)


LOOK = {"at": ["bench"], "takes": "5 s", "inspects": {"looks_for": ["loose"], "reason": "bad"}}
LOOSE = {"defects": {"loose": {"chance": 0.01}}}
ASSEMBLE = ASSEMBLE | LOOSE


def told_and_true(one: Watched, item: str) -> tuple[int, int]:
    """Units that hold a lot of ``item`` and are not found by it, and the other way round."""
    missed = over = 0
    for candidate in one.run.truth.candidates(item):
        truly, found = one.reach(candidate.lot)
        missed, over = missed + len(truly - found), over + len(found - truly)
    return missed, over


def test_without_conduct_nothing_is_hidden() -> None:
    one = assembled()
    assert told_and_true(one, "pin")[0] == told_and_true(one, "powder")[0] == 0
    assert one.run.labels == ()


@pytest.mark.parametrize(
    "kind", [ConductKind.WRONG_LOT, ConductKind.UNREGISTERED_CHANGE, ConductKind.WRONG_MATERIAL, ConductKind.BULK_ISSUE]
)
def test_what_people_take_and_do_not_say_is_in_the_truth_and_hidden_from_the_records(kind: ConductKind) -> None:
    one = assembled(ConductFault(kind, 0.8, stations=("cell",), items=("pin",)))
    assert len(one.run.labels) > 3
    missed = sum(told_and_true(one, item)[0] for item in ("pin", "cap"))
    assert missed > 0


def test_what_is_poured_in_on_top_weighs_more_than_is_recorded() -> None:
    one = assembled(ConductFault(ConductKind.TOP_UP, 0.5, stations=("cell",), items=("powder",), share=0.5))
    truth = one.run.truth
    powder = one.spec.items["powder"].gtin
    used = [record for record in one.records(RecordType.CONSUME) if record.item == powder]
    told = sum(int((record.quantity or 0) * 1000) for record in used)
    moves = truth.tables["moves"]
    items = truth.tables["lots"]["item"][truth.tables["portions"]["lot"]]
    fed = (moves["kind"] == Move.FEED) & (items[moves["portion"] % len(items)] == truth.names.items.index("powder"))
    assert moves["quantity"][fed].sum() > 1.1 * told


def test_a_slow_screen_holds_the_work_up_and_is_given_up() -> None:
    slow = ConductFault(ConductKind.SLOW_SCREEN_SKIP, 0.5, stations=("cell",), capture_s=60.0, patience_s=90.0)
    one, other = assembled(slow), assembled()
    assert one.run.truth.hash != other.run.truth.hash, "closed loop: truth depends on capture"
    table = one.run.truth.tables["operations"]
    cell = table["operation"] == one.run.truth.names.operations.index("assemble")
    completed = {record.order for record in one.records(RecordType.COMPLETE, "cell")}
    assert 0 < len(completed) < cell.sum()


def test_a_step_left_out_is_in_nobodys_records_and_a_trial_is_gone_or_misses_its_steps() -> None:
    for kind in (ConductKind.SKIPPED_STEP, ConductKind.PILOT_RUN):
        station = "bench" if kind is ConductKind.SKIPPED_STEP else "cell"
        one = assembled(ConductFault(kind, 0.3, stations=(station,)))
        looked = {record.part_id for record in one.records(RecordType.MEASURE, "bench")}
        packed = {record.lot_id for record in one.records(RecordType.PACK) if record.lot_id.startswith("(01)")}
        assert packed - looked
        assert one.run.labels
