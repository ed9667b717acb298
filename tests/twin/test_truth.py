from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.twin.replay import closure, replayed_links
from tests.twin.runs import Feared, Watched, cleans, plant, watched
from trace_core.errors import DocumentError, UnknownName
from twin import simulate
from twin.ledger import Move
from twin.truth import Truth


@pytest.mark.parametrize(
    ("name", "seed", "hours", "efficacy"),
    [("yoghurt", 1, 288.0, 1), ("yoghurt", 5, 131.3, 0.8), ("juice", 1, 240.0, 1), ("juice", 2, 240.0, 0.5)],
)
def test_every_reach_equals_a_replay_of_the_moves_alone(name: str, seed: int, hours: float, efficacy: float) -> None:
    one = watched(name, seed, hours, cleans(efficacy))
    truth = one.run.truth
    links = replayed_links(truth, one.spec)
    lots = truth.tables["portions"]["lot"].tolist()
    printed = {group.lot for group in truth.units([], Feared())}
    assert len(printed) > 20
    for lot, canonical in enumerate(truth.names.lots):
        reached = closure(links, {portion for portion, its in enumerate(lots) if its == lot})
        expected = {truth.names.lots[lots[portion]] for portion in reached} & printed
        assert {group.lot for group in truth.units([canonical], Feared()) if group.affected} == expected


@pytest.mark.parametrize("hours", [288.0, 131.3, 77.77])
@pytest.mark.parametrize("name", ["yoghurt", "juice"])
def test_the_mass_balance_closes_at_every_station_to_the_last_quantum(name: str, hours: float) -> None:
    balances = watched(name, 2, hours).run.balances
    assert {one.station: one.residual for one in balances} == {one.station: 0 for one in balances}
    assert balances[-1].station == "plant"
    assert balances[-1].received == balances[-1].given + balances[-1].held > 0


def test_a_balance_notices_a_quantum_that_vanished(yoghurt: Watched) -> None:
    one = yoghurt.run.balances[0]
    assert type(one)(one.station, one.received, one.given, one.held - 1).residual == 1


def test_the_shares_of_all_received_lots_add_up_to_one_in_every_unit(juice: Watched) -> None:
    for one in (juice, watched("yoghurt", 5, 131.3)):
        truth = one.run.truth
        received = [candidate.lot for candidate in truth.candidates() if candidate.is_received]
        every = np.array([[group.share for group in truth.units([lot], Feared())] for lot in received])
        np.testing.assert_allclose(every.sum(axis=0), 1.0, rtol=0, atol=1e-9)
        np.testing.assert_allclose([group.share for group in truth.units(received, Feared())], 1.0, rtol=0, atol=1e-9)


def test_a_suspect_and_what_it_went_into_are_not_counted_twice(yoghurt: Watched) -> None:
    truth = yoghurt.run.truth
    farm = truth.candidates("farm-milk")[0]
    tanker = truth.candidates("tanker-milk")[0]
    alone = {id: group.share for id, group in enumerate(truth.units([tanker.lot], Feared()))}
    both = {id: group.share for id, group in enumerate(truth.units([farm.lot, tanker.lot], Feared()))}
    assert alone == both
    assert any(alone.values())


def test_every_unit_made_is_somewhere_exactly_once(yoghurt: Watched) -> None:
    truth = yoghurt.run.truth
    groups = truth.units([], Feared())
    moves = truth.tables["moves"]
    made = moves["quantity"][(moves["kind"] == Move.PACK) | (moves["kind"] == Move.SAMPLE)].sum()
    shipped = moves["quantity"][moves["kind"] == Move.SHIP].sum()
    assert sum(group.count for group in groups) == made
    assert sum(group.count for group in groups if group.place == "shipped") == shipped
    assert all((group.place == "shipped") == bool(group.customer) == bool(group.shipment) for group in groups)
    assert all(group.shipped is None or group.made < group.shipped <= truth.end for group in groups)


def test_contact_is_never_less_than_discrete_and_a_dose_shrinks_with_its_threshold(yoghurt: Watched) -> None:
    truth = yoghurt.run.truth
    for candidate in truth.candidates("tanker-milk")[::7]:

        def affected(kind: str, threshold: float = 0.0, lot: str = candidate.lot) -> set[int]:
            groups = truth.units([lot], Feared(kind, threshold))
            return {place for place, group in enumerate(groups) if group.affected}

        doses = [affected("dose", threshold) for threshold in (0.0, 1e-6, 1e-3, 1e-2, 0.5, 1.0)]
        assert affected("contact") >= affected("discrete") >= doses[0]
        assert all(more >= fewer for more, fewer in itertools.pairwise(doses))
        assert doses[-1] == set()


def test_one_container_reaches_no_more_than_its_lot_and_all_containers_reach_the_same(yoghurt: Watched) -> None:
    truth = yoghurt.run.truth
    lot = truth.candidates("strawberry-prep")[0]
    containers = [
        name
        for portion, name in truth.names.containers.items()
        if truth.names.lots[truth.tables["portions"]["lot"][portion]] == lot.lot
    ]
    assert len(containers) == 3
    whole = [group.affected for group in truth.units([lot.lot], Feared("discrete"))]
    each = [[group.affected for group in truth.units([one], Feared("discrete"))] for one in containers]
    assert [any(row) for row in zip(*each, strict=True)] == whole
    assert sum(each[2]) < sum(whole)


def test_a_carrier_as_suspect_means_what_stands_on_it(yoghurt: Watched) -> None:
    truth = yoghurt.run.truth
    sscc = truth.names.carriers[7]
    affected = [group for group in truth.units([f"(00){sscc.rpartition('/')[2]}"], Feared()) if group.affected]
    assert {group.carrier for group in affected} == {sscc}
    assert sum(group.count for group in affected) == 160


def test_an_unknown_suspect_is_refused_with_near_ones(yoghurt: Watched) -> None:
    truth = yoghurt.run.truth
    lot = truth.names.lots[3]
    with pytest.raises(UnknownName, match="did you mean") as caught:
        truth.units([f"{lot}9"], Feared())
    assert lot in caught.value.near
    with pytest.raises(UnknownName, match="strawberry-prep"):
        truth.candidates("strawbery-prep")


def test_candidates_say_when_they_were_used_and_how_far_they_got(yoghurt: Watched) -> None:
    truth = yoghurt.run.truth
    for candidate in truth.candidates("peach-prep"):
        units = sum(group.count for group in truth.units([candidate.lot], Feared()) if group.affected)
        assert candidate.units == units
        assert (candidate.first_use is None) == (candidate.last_use is None) == (units == 0)
        if candidate.first_use and candidate.last_use:
            assert candidate.made < candidate.first_use < candidate.last_use < truth.end
    assert {one.station for one in truth.candidates("farm-milk")} == {"tanker-1", "tanker-2", "tanker-3"}
    assert all(one.is_received for one in truth.candidates("farm-milk"))
    assert not any(one.is_received for one in truth.candidates("tanker-milk"))
    assert {one.lot for one in truth.candidates()} < truth.known_ids()


def test_a_saved_truth_comes_back_whole_and_the_same_truth_gives_the_same_bytes(tmp_path: Path, juice: Watched) -> None:
    truth = juice.run.truth
    truth.save(tmp_path / "a.npz")
    back = Truth.load(tmp_path / "a.npz")
    assert back.hash == truth.hash
    lot = truth.names.lots[4]
    assert back.units([lot], Feared("dose", 0.1)) == truth.units([lot], Feared("dose", 0.1))
    back.save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = simulate(plant("juice"), 1, timedelta(hours=240)).truth
    again.save(tmp_path / "c.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "c.npz").read_bytes()


def test_a_changed_row_changes_the_hash(juice: Watched) -> None:
    truth = juice.run.truth
    for table, columns in truth.tables.items():
        for column, values in columns.items():
            changed = values.copy() if len(values) else np.ones(1, dtype=values.dtype)
            changed[:1] = changed[:1] == 0
            tables = truth.tables | {table: columns | {column: changed}}
            other = Truth(truth.plant, truth.plant_hash, truth.seed, truth.start, truth.end, truth.names, tables)
            assert other.hash != truth.hash, f"{table}.{column}"


def test_what_is_no_truth_is_refused_by_name(tmp_path: Path, juice: Watched) -> None:
    text = tmp_path / "notes.npz"
    text.write_text("not a truth")
    with pytest.raises(DocumentError, match=r"notes\.npz: expected a truth"):
        Truth.load(text)
    with pytest.raises(DocumentError, match="No such file"):
        Truth.load(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", other=np.arange(3))
    with pytest.raises(DocumentError, match="heading"):
        Truth.load(tmp_path / "other.npz")
    whole = tmp_path / "whole.npz"
    juice.run.truth.save(whole)
    for size in (100, whole.stat().st_size // 2, whole.stat().st_size - 30):
        cut = tmp_path / "cut.npz"
        cut.write_bytes(whole.read_bytes()[:size])
        with pytest.raises(DocumentError, match=r"cut\.npz"):
            Truth.load(cut)
