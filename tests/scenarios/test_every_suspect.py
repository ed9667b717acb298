"""On clean capture, whichever lot turns out bad: the scope misses nothing, and what it calls certain is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from plant_models import load, masterdata_of, profile_of, shipped
from scenarios.answers import claims_of_json
from scenarios.score import score
from scenarios.spec import Hazard
from trace_core.core import TraceCore
from trace_core.genealogy.answer import UnknownThing
from trace_core.log import MemoryLog
from trace_core.vocabulary.clock import SetClock
from twin import CaptureFault, FaultKind, TwinRun, simulate

CONTACT = Hazard(kind="contact")
WRAPPING = ("cup", "lid")
"""Items a run takes from several lots at once, so that nobody knows which cup came from which lot (SCIENCE.md, 1)."""


@pytest.fixture(scope="module", params=[1, 2])
def week(request: pytest.FixtureRequest) -> tuple[TwinRun, TraceCore]:
    return recorded(request.param, 6)


def recorded(seed: int, days: int, *faults: CaptureFault) -> tuple[TwinRun, TraceCore]:
    spec = load(shipped("yoghurt"), "yoghurt")
    clock = SetClock(spec.start)
    core = TraceCore(MemoryLog(clock), clock, rules=profile_of(spec).rules())
    core.append_masterdata(masterdata_of(spec))

    def deliver(report: object, moment: object) -> None:
        clock.set(moment)  # type: ignore[arg-type]
        core.capture(report)  # type: ignore[arg-type]

    return simulate(spec, seed, timedelta(days=days), faults, deliver=deliver), core


def test_no_lot_is_missed_and_none_is_certain_in_vain_whichever_of_their_sources_was_bad(
    week: tuple[TwinRun, TraceCore],
) -> None:
    run, core = week
    judged = 0
    for candidate in run.truth.candidates():
        answer = core.recall([candidate.lot])
        if isinstance(answer, UnknownThing):
            assert candidate.first_use is None, f"{candidate.lot} was used and nobody reported on it"
            continue
        metrics = score(run.truth, claims_of_json(answer.to_dict()), [candidate.lot], CONTACT).metrics_part()
        assert metrics["missed_units"] == 0, candidate.lot
        if candidate.item not in WRAPPING:
            assert metrics["over_units"] == 0, candidate.lot
        groups = run.truth.units([candidate.lot], CONTACT)
        in_vain = {one.id for one in answer.certain} & {one.lot for one in groups}
        in_vain -= {one.lot for one in groups if one.affected}
        assert not in_vain, candidate.lot
        judged += 1
    assert judged > 150


def test_no_lot_is_missed_where_reports_are_missing_late_or_double(trials: Callable[[int], Iterator[int]]) -> None:
    """Missing records widen the scope and never shrink it, whichever lot was bad; wrong labels are another matter."""
    judged = 0
    for seed in trials(30):
        faults = (CaptureFault(FaultKind.MISSED, 0.05), CaptureFault(FaultKind.DUPLICATED, 0.02))
        run, core = recorded(100 + seed, 7, *faults)
        for candidate in run.truth.candidates()[seed % 3 :: 3]:
            answer = core.recall([candidate.lot])
            if isinstance(answer, UnknownThing) or candidate.item in WRAPPING:
                continue
            found = score(run.truth, claims_of_json(answer.to_dict()), [candidate.lot], CONTACT)
            assert found.metrics_part()["missed_units"] == 0, (seed, candidate.lot)
            judged += 1
    assert judged > 50
