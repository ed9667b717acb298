"""Bills of materials of declared work: of things that bear a lot or number, through those that do not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plant_models import load, masterdata_of, shipped
from plant_models.work_boms import Line, WorkBom, boms_of_work
from trace_core.vocabulary.masterdata import Bom


def boms(plant: str) -> dict[tuple[str, str], WorkBom]:
    return {(one.by, one.item): one for one in boms_of_work(load(shipped(plant), plant))}


def test_what_nobody_labels_stands_for_what_it_was_made_of() -> None:
    board = boms("smt")["depanel", "controller"]
    lines = {line.item: line for line in board.lines}
    assert "pasted" not in lines
    assert lines["bare-panel"].quantity == Decimal("0.1")
    assert not lines["bare-panel"].is_required, "boards are lost on the way before they bear a number"


def test_a_line_is_required_where_each_unit_takes_exactly_so_much() -> None:
    box = boms("two_sites")["wrap-plain", "plain-box"]
    assert Line("young-cheese", Decimal(6), is_required=True) in box.lines
    dispensed = {line.item: line.is_required for line in boms("tablets")["dispense", "dispensed"].lines}
    assert dispensed == {"api": False, "starch": True, "povidone": True, "lactose": False}


def test_rework_and_relabelling_have_no_bill_and_by_products_have_one_without_amounts() -> None:
    assert {by for by, item in boms("smt") if item == "controller"} == {"depanel"}
    assert ("wash", "blank") not in boms("smt"), "a blank bears nothing"
    assert {by for by, item in boms("two_sites") if item == "young-cheese"} == {"mould"}
    by_products = [one for one in boms("tablets").values() if one.item == "tailings"]
    assert by_products
    assert not any(line.is_required for one in by_products for line in one.lines)


@pytest.mark.parametrize("plant", ["smt", "tablets", "gearbox", "two_sites"])
def test_every_bill_is_in_the_masterdata_under_an_id_of_its_own(plant: str) -> None:
    spec = load(shipped(plant), plant)
    records = [one for one in masterdata_of(spec) if isinstance(one, Bom)]
    assert len({one.id for one in records}) == len(records) == len(list(boms_of_work(spec)))
    assert all(line.quantity >= 0 for one in records for line in one.lines)
