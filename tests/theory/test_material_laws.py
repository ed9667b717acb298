"""The exact laws of the genealogy of lots, on the engine's own stock; those of vessels are in test_vessel_laws."""

from __future__ import annotations

import json
import pathlib
from math import gcd
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.runs import plant
from twin.floor import Floor
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


def test_the_reference_tables_rows(shared_data: pathlib.Path) -> None:
    """theory.json: the rows of genealogy."""
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
