"""On clean capture the records say exactly what happened: nothing of the truth is hidden from who reads them well."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.twin.recorded import RecordedLinks
from tests.twin.runs import Feared, Watched, watched

LOTS_KNOWN_FOR_THE_ORDER_ONLY = {"cup", "lid", "空瓶"}
"""Packaging may change within a run, and an order does not say which units got which lot."""


def reach_of(one: Watched, item: str) -> tuple[int, int, int]:
    """Units truly affected, missed and recalled in vain over all lots of ``item``, from recorded links alone."""
    links, truth = RecordedLinks(one.records, one.slots), one.run.truth
    affected = missed = over = 0
    for candidate in truth.candidates(item):
        answer = links.reach(candidate.lot)
        for group in truth.units([candidate.lot], Feared()):
            affected += group.count * group.affected
            missed += group.count * (group.affected and group.lot not in answer)
            over += group.count * (not group.affected and group.lot in answer)
    return affected, missed, over


@pytest.mark.parametrize(("name", "seed", "hours"), [("yoghurt", 1, 288.0), ("yoghurt", 5, 131.3), ("juice", 1, 240.0)])
def test_recorded_links_reach_what_the_truth_reaches(name: str, seed: int, hours: float) -> None:
    one = watched(name, seed, hours)
    reached = 0
    for item in one.spec.items:
        affected, missed, over = reach_of(one, item)
        assert missed == 0, item
        assert over == 0 or item in LOTS_KNOWN_FOR_THE_ORDER_ONLY, item
        reached += affected
    assert reached > 10_000


def test_many_other_seeds_and_ends_reach_alike(trials: Callable[[int], Iterator[int]]) -> None:
    for seed in trials(40):
        one = watched("yoghurt", 100 + seed, 60.0 + 5.3 * seed)
        for item in ("farm-milk", "tanker-milk", "strawberry-prep", "rework-strawberry", "sugar"):
            assert reach_of(one, item)[1:] == (0, 0), (seed, item)


def test_every_carrier_is_reported_with_what_stands_on_it(yoghurt: Watched) -> None:
    links = RecordedLinks(yoghurt.records, yoghurt.slots)
    stands: dict[str, set[str]] = {}
    for group in yoghurt.run.truth.units([], Feared()):
        if group.carrier:
            stands.setdefault(group.carrier.rpartition("/")[2], set()).add(group.lot)
    assert dict(links.lots_on) == stands
    assert any(len(lots) == 2 for lots in stands.values()), "no carrier mixes the end of one lot with the next"
    shipped = {g.carrier.rpartition("/")[2]: g.shipment for g in yoghurt.run.truth.units([], Feared()) if g.shipment}
    assert links.shipped == shipped
