"""The exact laws of material that the engine can express so far, on its own stock and vessels."""

from __future__ import annotations

import json
import pathlib
from math import exp, gcd
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.runs import plant
from twin.floor import Floor
from twin.material import Lot, MixedVessel, Portion
from twin.stock import Stock


def genealogy(batch_units: int, lot_units: int) -> tuple[list[set[int]], list[set[int]]]:
    """Lots per batch and batches per lot over one full period, consumed from a stock first in, first out."""
    floor = Floor(plant("yoghurt"), 0)
    stock = Stock(floor, "law", floor.spec.stocks["dry-store"])
    item = floor.items["sugar"]
    period = batch_units * lot_units // gcd(batch_units, lot_units)
    lots = [floor.ledger.lot(item, f"S{number}", "goods-in") for number in range(period // lot_units)]
    for lot in lots:
        stock.put(floor.ledger.portion(lot), lot_units)
    batches = [
        {portion.lot.index for portion, _ in stock.take(item, batch_units)} for _ in range(period // batch_units)
    ]
    assert stock.available(item) == 0
    return batches, [{number for number, used in enumerate(batches) if lot.index in used} for lot in lots]


def mean(sets: list[set[int]]) -> float:
    return sum(map(len, sets)) / len(sets)


@given(st.integers(1, 60), st.integers(1, 60))
def test_first_in_first_out_spreads_lots_as_the_law_says(batch: int, lot: int) -> None:
    """SCIENCE 1: 1 + (q - g) / L lots per batch and 1 + (L - g) / q batches per lot."""
    lots_per_batch, batches_per_lot = genealogy(batch, lot)
    common = gcd(batch, lot)
    assert mean(lots_per_batch) == pytest.approx(1 + (batch - common) / lot, abs=1e-12)
    assert mean(batches_per_lot) == pytest.approx(1 + (lot - common) / batch, abs=1e-12)
    assert sum(map(len, lots_per_batch)) == sum(map(len, batches_per_lot))  # sum DD = sum UD


@pytest.mark.parametrize(("batch", "lot", "expected"), [(7, 10, 1.6), (64, 48, 2.0), (12, 30, 1.2)])
def test_the_laws_examples(batch: int, lot: int, expected: float) -> None:
    assert mean(genealogy(batch, lot)[0]) == pytest.approx(expected, abs=1e-12)


def portions() -> tuple[Portion, Portion]:
    floor = Floor(plant("yoghurt"), 0)
    first: Lot = floor.ledger.lot(floor.items["tanker-milk"], "T1", "tanker-1")
    second: Lot = floor.ledger.lot(floor.items["tanker-milk"], "T2", "tanker-1")
    return floor.ledger.portion(first), floor.ledger.portion(second)


@pytest.mark.parametrize("heel", [0.02, 0.1, 0.5])
def test_a_heel_shrinks_by_its_share_with_every_refill(heel: float) -> None:
    old, new = portions()
    vessel, capacity = MixedVessel(), 1_000_000
    vessel.fill(old, capacity)
    for refills in range(1, 12):
        vessel.draw(round(capacity * (1 - heel)))
        vessel.fill(new, capacity - vessel.quantity)
        assert vessel.shares()[old] == pytest.approx(heel**refills, rel=1e-9)
        assert old in vessel.surface.contacts


@pytest.mark.parametrize("theta", [0.25, 1.0, 3.0, 5.0])
def test_washout_approaches_the_exponential_within_the_step_it_is_made_in(theta: float) -> None:
    """Perfectly mixed: exp(-theta). Made in steps of d of a volume V, the error is below exp(-theta) theta d / 2V."""
    for steps in (100, 1000, 10_000):
        old, new = portions()
        vessel, volume = MixedVessel(), 10_000_000
        vessel.fill(old, volume)
        drawn = round(theta * volume / steps)
        for _ in range(steps):
            vessel.draw(drawn)
            vessel.fill(new, drawn)
        left = vessel.shares()[old]
        passed = drawn * steps / volume
        assert left == pytest.approx((1 - drawn / volume) ** steps, rel=1e-9)
        step = drawn / volume
        assert 0 <= exp(-passed) - left <= exp(-passed) * passed * step / 2 * (1 + step)


def fill_mix_discharge(volume: int, quantity: int, cycles: int) -> float:
    old, new = portions()
    vessel = MixedVessel()
    vessel.fill(old, volume)
    for _ in range(cycles):
        vessel.fill(new, quantity)
        vessel.draw(quantity)
    return vessel.shares()[old]


def test_filling_mixing_and_discharging_follows_its_law() -> None:
    for volume, quantity, cycles in ((1000, 100, 1), (1000, 100, 10), (777, 13, 50)):
        law = (volume / (volume + quantity)) ** cycles
        assert fill_mix_discharge(volume, quantity, cycles) == pytest.approx(law, abs=1e-9)


def test_the_reference_tables_rows(shared_data: pathlib.Path) -> None:
    """theory.json: the rows of genealogy and of mixed vessels."""
    file = shared_data.parent / "reference" / "theory.json"
    if not file.exists():
        pytest.skip(f"no reference table beside the shared data ({file.name})")
    tables: dict[str, Any] = json.loads(file.read_text("utf-8"))
    for row in tables["fifo_lot_genealogy"]["rows"]:
        lots, batches = genealogy(row["batch_units"], row["supply_lot_units"])
        assert mean(lots) == pytest.approx(row["mean_supply_lots_per_batch"], abs=1e-9)
        assert mean(batches) == pytest.approx(row["mean_batches_per_supply_lot"], abs=1e-9)
        assert max(map(len, lots)) == row["max_supply_lots_per_batch"]
        assert max(map(len, batches)) == row["max_batches_per_supply_lot"]
    for row in tables["fill_mix_discharge"]["rows"]:
        assert fill_mix_discharge(row["V"], row["q"], row["n"]) == pytest.approx(row["share"], abs=1e-9)
    for row in tables["cstr_washout"]["rows"]:
        old, new = portions()
        vessel, volume, steps = MixedVessel(), 10_000_000, 50_000
        vessel.fill(old, volume)
        for _ in range(steps):
            drawn = round(row["theta"] * volume / steps)
            vessel.draw(drawn)
            vessel.fill(new, drawn)
        assert vessel.shares()[old] == pytest.approx(row["remaining_fraction_of_old"], abs=row["theta"] ** 2 / steps)
