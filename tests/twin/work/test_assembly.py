"""Orders become loads, loads take their inputs from stock, units get numbers and go onto carriers."""

from __future__ import annotations

import pytest

from tests.twin.work.shopfloor import Contact, Watched, declared, watched
from trace_core.capture.records import RecordType, WorkOrder
from trace_core.errors import UnknownName
from twin.ledger import Move

SAW = {
    "at": ["saw"],
    "takes": "50 s",
    "each": "unit",
    "makes": "blank",
    "amount": "5 piece",
    "inputs": {"bar": "1 piece"},
    "load": "20 piece",
    "lot": {"code": "made", "begins": "input"},
}
ASSEMBLE = {
    "at": ["cell"],
    "takes": "45 s",
    "each": "unit",
    "makes": "unit",
    "amount": "1 piece",
    "inputs": {"blank": "1 piece", "pin": "2 piece"},
    "load": "10 piece",
    "serial": "serial",
}


@pytest.fixture(scope="module")
def assembly() -> Watched:
    spec = declared(
        operations={"saw": SAW, "assemble": ASSEMBLE},
        routes={"blanks": {"steps": ["saw"]}, "units": {"steps": ["assemble"]}},
        orders={
            "blanks": {"route": "blanks", "amount": "200 piece", "every": "6 h"},
            "units": {"route": "units", "amount": "100 piece", "every": "4 h", "first": "4 h"},
        },
    )
    return watched(spec, 36)


def test_every_lot_reaches_the_units_that_the_records_say_it_reaches(assembly: Watched) -> None:
    reached = 0
    for candidate in assembly.run.truth.candidates():
        truly, found = assembly.reach(candidate.lot)
        assert truly <= found, candidate.lot
        reached += len(truly)
    assert reached > 1000


def test_a_unit_made_one_by_one_is_made_of_the_container_its_turn_was_and_no_other(assembly: Watched) -> None:
    truth = assembly.run.truth
    lots = {candidate.lot: candidate for candidate in truth.candidates("pin")}
    first = next(iter(lots.values()))
    containers = [name for name in truth.names.containers.values() if f"{first.code}%23" in name]
    counts = [sum(one.count for one in truth.units([name], Contact()) if one.affected) for name in containers]
    assert counts == [25] * 8, "50 pins in a container, 2 in a unit, though loads are of 10 units"


def test_an_order_is_posted_and_each_load_is_a_run_of_its_own(assembly: Watched) -> None:
    orders = [one for one in assembly.reports if isinstance(one, WorkOrder)]
    assert {one.quantity for one in orders} == {100, 200}
    runs = {one.order for one in assembly.records(RecordType.COMPLETE, "cell")}
    first = next(one.number for one in orders if one.quantity == 100)
    assert {first, f"{first}.2", f"{first}.10"} <= runs
    assert all(len(run) <= 20 for run in runs)


def test_every_unit_is_completed_once_and_packed_by_its_number(assembly: Watched) -> None:
    completed = [one.part_id for one in assembly.records(RecordType.COMPLETE, "cell")]
    assert len(completed) == len(set(completed)) > 400
    packed = [one.lot_id for one in assembly.records(RecordType.PACK) if one.lot_id.startswith("(01)")]
    assert len(packed) == len(set(packed))
    assert set(packed) < set(completed)
    nested = [one for one in assembly.records(RecordType.PACK) if one.lot_id.startswith("(00)")]
    outer = {one.part_id for one in nested}
    assert len(nested) == 2 * len(outer) > 10
    assert {one.part_id for one in assembly.records(RecordType.SHIP)} <= outer


def test_truth_knows_where_each_numbered_unit_is(assembly: Watched) -> None:
    truth, units = assembly.run.truth, assembly.units
    assert len({one.serial for one in units}) == len(units) > 400
    moves = truth.tables["moves"]
    packed = moves["quantity"][moves["kind"] == Move.PACK].sum()
    shipped = moves["quantity"][moves["kind"] == Move.SHIP].sum()
    assert sum(one.count for one in units) == packed
    assert sum(one.count for one in units if one.place == "shipped") == shipped > 0
    assert {one.count for one in units} == {1}
    whole = truth.units([], Contact())
    assert sum(one.count for one in whole) == packed
    assert not any(one.serial for one in whole)


def test_a_numbered_unit_as_suspect_is_that_unit_and_a_carrier_is_all_that_stands_in_it(assembly: Watched) -> None:
    truth = assembly.run.truth
    unit = next(one for one in assembly.units if one.place == "shipped")
    gtin, serial = unit.serial.split("/01/")[1].split("/21/")
    affected = [one for one in truth.units([f"(01){gtin}(21){serial}"], Contact()) if one.affected]
    assert [(one.serial, one.count, one.share) for one in affected] == [(unit.serial, 1, 1.0)]
    outer = truth.names.carriers[int(truth.tables["nested"]["outer"][0])]
    assert sum(one.count for one in truth.units([outer], Contact()) if one.affected) == 24
    assert truth.knows(unit.serial)
    assert not truth.knows(unit.serial[:-5] + "99999")
    with pytest.raises(UnknownName):
        truth.units([unit.serial[:-5] + "99999"], Contact())


def test_lots_that_no_label_bears_are_no_candidates(assembly: Watched) -> None:
    truth = assembly.run.truth
    assert truth.names.nominal
    candidates = {one.lot for one in truth.candidates()}
    assert not candidates & {truth.names.lots[lot] for lot in truth.names.nominal}
    assert truth.candidates("unit") == []


def test_every_completed_operation_has_a_row_with_its_order_and_run(assembly: Watched) -> None:
    truth = assembly.run.truth
    table = truth.tables["operations"]
    assert len(table["end_ms"]) > 80
    assert (table["end_ms"] >= table["begin_ms"]).all()
    station = truth.names.stations.index("cell")
    cell = table["station"] == station
    assert {truth.names.operations[one] for one in set(table["operation"][cell].tolist())} == {"assemble"}
    assert ((table["end_ms"] - table["begin_ms"])[cell] == 450_000).all()
    order = truth.names.orders.index(next(iter(truth.names.orders)))
    assert set(table["run"][table["order"] == order].tolist()) == set(range(1, 11))
