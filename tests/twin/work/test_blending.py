"""Weighed goods: potency, tailings of the batch before, what fills up, films and heels in wet machines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.twin.work.shopfloor import Contact, Watched, declared, supply, watched
from trace_core.capture.records import DeviceRecord, RecordType
from twin.ledger import Move

MIX: dict[str, Any] = {
    "at": ["mixer"],
    "takes": "30 min",
    "makes": "mix",
    "amount": "100 kg",
    "inputs": {
        "powder": {"quantity": "40 kg", "by_potency": True},
        "dust": {"quantity": "5 kg", "up_to": True},
        "water": {"fills_up": True},
    },
    "also_makes": {"dust": "2 kg"},
    "also_code": "made",
    "loses": "1 kg",
    "lot": {"code": "made", "begins": "load"},
}
FRESH = {"powder": {"quantity": "40 kg"}, "water": {"fills_up": True}}
SUPPLIES = {
    "powder": supply("300 kg", "25 kg", potency={"mean": 0.9, "sd": 0.03}),
    "water": supply("1000 kg", "500 kg"),
}


def mixing(**changes: Any) -> Watched:
    machines = changes.pop("machines", {})
    spec = declared(
        operations={"mix": MIX | changes},
        routes={"mix": {"steps": ["mix"]}},
        orders={"mix": {"route": "mix", "amount": "100 kg", "every": "2 h"}},
        supplies=SUPPLIES,
        machines=machines,
        device={"slots": {"mixer": 90}} if machines else {},
        recall_unit="kg",
    )
    return watched(spec, 30)


@pytest.fixture(scope="module")
def mixed() -> Watched:
    return mixing()


def used(one: Watched, gtin: str) -> list[DeviceRecord]:
    return [record for record in one.records(RecordType.CONSUME, "mixer") if record.item == gtin]


def test_what_is_weighed_is_more_where_there_is_less_substance_in_it(mixed: Watched) -> None:
    truth = mixed.run.truth
    powder = used(mixed, mixed.spec.items["powder"].gtin)
    per_run: dict[str, float] = {}
    for record in powder:
        per_run[record.order] = per_run.get(record.order, 0.0) + float(record.quantity or 0)
    assert len(set(per_run.values())) > 1
    assert all(40 / 1.05 < quantity < 40 / 0.75 for quantity in per_run.values())
    made = [record.quantity for record in mixed.records(RecordType.COMPLETE, "mixer") if record.lot_id]
    assert {float(quantity or 0) for quantity in made} == {100.0, 2.0}
    assert truth.tables["moves"]["mass"].min() >= 0


def test_tailings_of_one_batch_are_in_the_next_and_in_all_after_it(mixed: Watched) -> None:
    truth = mixed.run.truth
    lots = [candidate.lot for candidate in truth.candidates("mix")]
    affected = {group.lot for group in truth.units([lots[2]], Contact()) if group.affected}
    assert affected == {lots[2]}, "a batch is in itself; its tailings are lots of their own"
    dust = [candidate.lot for candidate in truth.candidates("dust")]
    later = {group.lot for group in truth.units([dust[2]], Contact()) if group.affected}
    finished = {group.lot for group in truth.units([], Contact())}
    assert later == set(lots[3:]) & finished
    assert len(later) > 5
    for lot in (*lots, *dust):
        truly, found = mixed.reach(lot)
        assert truly <= found, lot


def test_what_a_batch_is_made_of_weighs_what_it_weighs_with_its_losses(mixed: Watched) -> None:
    truth = mixed.run.truth
    moves = truth.tables["moves"]
    lost = [place for place, name in enumerate(truth.names.places) if name in ("losses", "tolerance")]
    per_batch = moves["mass"][(moves["kind"] == Move.DIFFER) & (moves["target"] == lost[0])]
    assert set(per_batch.tolist()) == {1000}


def test_a_film_goes_from_batch_to_batch_until_the_mixer_is_cleaned() -> None:
    set_up = {"takes": "20 min", "between": "campaigns", "campaign": 3, "cleans": 1.0}
    one = mixing(wet=True, machines={"mixer": {"set_up": set_up}}, also_makes={}, also_code=None, inputs=FRESH)
    truth = one.run.truth
    lots = [candidate.lot for candidate in truth.candidates("mix")]
    assert len(lots) >= 9
    reached = [{g.lot for g in truth.units([lot], Contact()) if g.affected} for lot in lots[:6]]
    assert reached == [set(lots[:3]), set(lots[1:3]), {lots[2]}, set(lots[3:6]), set(lots[4:6]), {lots[5]}]
    shares = [g.share for g in truth.units([lots[0]], Contact()) if g.lot == lots[1]]
    assert shares == [0.0], "a film has no mass"
    assert len(one.records(RecordType.CLEAN, "mixer")) >= 2


def test_a_heel_goes_into_the_next_batch_by_its_mass_and_is_recorded() -> None:
    one = mixing(heel="5 kg", also_makes={}, also_code=None, inputs=FRESH)
    truth = one.run.truth
    lots = [candidate.lot for candidate in truth.candidates("mix")]
    shares = {g.lot: g.share for g in truth.units([lots[0]], Contact())}
    assert shares[lots[1]] == pytest.approx(5 / 105, rel=0.02)
    assert shares[lots[2]] == pytest.approx((5 / 105) ** 2, rel=0.05)
    truly, found = one.reach(lots[0])
    assert truly <= found
    made = [float(record.quantity or 0) for record in one.records(RecordType.COMPLETE, "mixer")]
    assert made[:3] == [95.0, 100.0, 100.0]
