"""What holds for every plant that ships: it runs for a month, and its records tell what happened."""

from __future__ import annotations

import pytest

from plant_models import load, names, shipped
from tests.plants.answered import answered, ran

DAYS = {"yoghurt": 8, "smt": 3, "tablets": 7, "gearbox": 9, "two_sites": 12}
"""Long enough that goods of each plant have left it."""


@pytest.fixture(params=names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_five_plants_ship() -> None:
    assert set(DAYS) <= set(names())


def test_a_month_ends_with_closed_balances(name: str) -> None:
    run = ran(name, 30)
    assert {one.station: one.residual for one in run.balances if one.residual} == {}
    assert len(run.balances) > 5


def test_goods_leave_and_reach_every_customer_within_a_month(name: str) -> None:
    truth = ran(name, 30).truth
    reached = {int(one) for one in truth.tables["shipped"]["customer"]}
    assert {truth.names.customers[one] for one in reached} == set(truth.names.customers)


def test_the_same_seed_gives_the_same_truth_and_another_one_another(name: str) -> None:
    assert ran(name, 3).truth.hash == answered(name, 3).run.truth.hash
    assert ran(name, 3, 2).truth.hash != ran(name, 3).truth.hash


def test_nothing_that_is_reported_is_refused(name: str) -> None:
    assert answered(name, DAYS[name]).refused == ()


def test_every_record_fits_the_mailbox(name: str) -> None:
    for record in answered(name, DAYS[name]).records:
        texts = {record.part_id: 48, record.lot_id: 48, record.item: 20, record.order: 20, record.operator: 12}
        assert all(len(text.encode()) <= most for text, most in texts.items()), record
        assert len(record.measurements) <= 4, record


def test_on_clean_capture_no_received_lot_is_recalled_too_small(name: str) -> None:
    found = answered(name, DAYS[name])
    lots = found.received()
    scores = {one.code: found.scored(one.lot) for one in lots[:: max(1, len(lots) // 12)]}
    assert {code: score.units.missed for code, score in scores.items() if score.units.missed} == {}


def test_every_station_does_something_within_a_month(name: str) -> None:
    run = ran(name, 30)
    spec = load(shipped(name), name)
    stations = list(spec.stations)
    busy = {stations[int(one)] for one in run.truth.tables["operations"]["station"]}
    used = {station for operation in spec.operations.values() for station in operation.at if not operation.rework}
    assert used <= busy, f"idle for a month: {sorted(used - busy)}"
