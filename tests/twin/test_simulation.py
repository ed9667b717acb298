from __future__ import annotations

from datetime import timedelta

import pytest

from plant_models import PlantSpec, masterdata_of, profile_of
from tests.twin.recorded import RecordedLinks
from tests.twin.runs import Feared, cleans, plant, watched
from trace_core.capture.facts import events_of
from trace_core.capture.rejection import Rejection
from trace_core.errors import BadInput
from trace_core.vocabulary.identity import Identity
from trace_core.vocabulary.masterdata import MasterdataView, MasterRecord
from twin import simulate


class Knowledge:
    """What capture may ask of the core, answered from masterdata alone."""

    def __init__(self, spec: PlantSpec) -> None:
        self._view = MasterdataView(masterdata_of(spec))

    def get(self, key: str, /) -> MasterRecord | None:
        return self._view.get(key)

    def was_made(self, lot: Identity) -> bool:
        return False


@pytest.mark.parametrize("name", ["yoghurt", "juice"])
def test_capture_understands_every_report(name: str) -> None:
    one = watched(name, 1, 240.0)
    rules, knowledge = profile_of(one.spec).rules(), Knowledge(one.spec)
    for report, arrives in one.reports:
        facts = events_of(report, rules, knowledge, arrives)
        assert not isinstance(facts, Rejection), facts
        assert facts


@pytest.mark.parametrize(
    ("seed", "until", "expected"),
    [
        (1, timedelta(0), "above 0 s"),
        (1, timedelta(days=-1), "above 0 s"),
        (1, timedelta(days=4000), "3660 days"),
        (-1, timedelta(days=1), "a seed from 0"),
        (2**63, timedelta(days=1), "a seed from 0"),
    ],
)
def test_a_run_that_cannot_be_is_refused(seed: int, until: timedelta, expected: str) -> None:
    with pytest.raises(BadInput, match=expected):
        simulate(plant("juice"), seed, until)


def test_a_run_of_a_second_is_a_run() -> None:
    run = simulate(plant("yoghurt"), 1, timedelta(seconds=1))
    assert run.truth.units([], Feared()) == ()
    assert run.end - run.start == timedelta(seconds=1)
    assert {balance.residual for balance in run.balances} == {0}
    assert len(run.truth.hash) == 64


def reach_beside_the_records(efficacy: float) -> tuple[int, int]:
    """Lots of collected material that reach more, and less, than the records say."""
    one = watched("juice", 1, 144.0, cleans(efficacy))
    links, truth = RecordedLinks(one.records, one.slots), one.run.truth
    more = less = 0
    for candidate in truth.candidates("罐车汁"):
        groups = truth.units([candidate.lot], Feared())
        true, said = {group.lot for group in groups if group.affected}, links.reach(candidate.lot)
        more += bool(true - said)
        less += any(group.lot in said for group in groups if not group.affected)
    return more, less


def test_a_clean_that_does_not_clean_leaves_contacts_that_no_record_shows() -> None:
    assert reach_beside_the_records(1) == (0, 0)
    more, less = reach_beside_the_records(0)
    assert more > 3
    assert less == 0


def test_residue_carries_no_mass_and_no_discrete_thing() -> None:
    truth = watched("juice", 1, 144.0, cleans(0)).run.truth
    lot = truth.candidates("罐车汁")[1].lot
    contact, discrete, dose = (
        sum(group.count for group in truth.units([lot], Feared(kind)) if group.affected)
        for kind in ("contact", "discrete", "dose")
    )
    assert contact > discrete == dose > 0
