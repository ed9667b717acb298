"""How inputs are issued: kits, back-flushing, stand-ins, pairs by size, and lots that wait for their release."""

from __future__ import annotations

from typing import Any

import pytest

from tests.twin.work.shopfloor import Contact, declared, supply, watched
from trace_core.capture import records
from trace_core.capture.records import RecordType
from twin.ledger import Move

ASSEMBLE: dict[str, Any] = {
    "at": ["cell"],
    "takes": "30 s",
    "each": "unit",
    "makes": "unit",
    "amount": "1 piece",
    "inputs": {"bar": "1 piece"},
    "load": "10 piece",
    "serial": "serial",
}


def assembling(changes: dict[str, Any], **sections: Any) -> Any:
    items = {"unit": {"mass": sections.pop("mass", "10.2 kg")}} | sections.pop("items", {})
    base: dict[str, Any] = {
        "operations": {"assemble": ASSEMBLE | changes},
        "routes": {"units": {"steps": ["assemble"]}},
        "orders": {"units": {"route": "units", "amount": "60 piece", "every": "4 h", "first": "1 h"}},
        "items": items,
    }
    return declared(**(base | sections))


def test_a_kit_is_laid_ready_for_the_whole_order_and_what_is_left_goes_back() -> None:
    changes = {
        "inputs": {"bar": "1 piece", "pin": {"quantity": "2 piece", "issue": "kit"}},
    }
    one = watched(assembling(changes), 20)
    truth = one.run.truth
    kits = truth.names.places.index("kits")
    moves = truth.tables["moves"]
    laid = moves["target"] == kits
    times = moves["time_ms"][laid]
    assert moves["quantity"][laid].sum() == 120 * len(set(times.tolist()))
    for candidate in truth.candidates("pin"):
        truly, found = one.reach(candidate.lot)
        assert truly <= found


def test_back_flushing_books_the_bill_of_materials_and_takes_what_is_really_used() -> None:
    changes = {
        "inputs": {"bar": "1 piece", "powder": {"quantity": "0.2 kg", "issue": "backflush", "off": 0.2}},
    }
    one = watched(assembling(changes, supplies={"powder": supply("100 kg", "20 kg")}), 20)
    powder = one.spec.items["powder"].gtin
    booked = [record.quantity for record in one.records(RecordType.CONSUME, "cell") if record.item == powder]
    assert {float(quantity or 0) for quantity in booked} == {2.0}
    truth = one.run.truth
    moves = truth.tables["moves"]
    items = truth.tables["lots"]["item"][truth.tables["portions"]["lot"]]
    is_powder = items[moves["portion"] % len(items)] == truth.names.items.index("powder")
    really = moves["quantity"][(moves["kind"] == Move.FEED) & is_powder].sum()
    assert really != sum(int(float(quantity or 0) * 1000) for quantity in booked)
    assert abs(really / (2000 * len(booked)) - 1) < 0.2


def test_a_stand_in_is_taken_where_the_declared_item_is_out_and_recorded_as_a_deviation() -> None:
    changes = {"inputs": {"bar": {"quantity": "1 piece", "instead": ["other-bar"]}}, "loses": None}
    supplies = {
        "bar": supply("30 piece", "10 piece", lead_time="40 h"),
        "other-bar": supply("200 piece", "10 piece"),
    }
    one = watched(assembling(changes, mass="10 kg", supplies=supplies), 20)
    used = one.records(RecordType.CONSUME, "cell")
    other = one.spec.items["other-bar"].gtin
    assert {record.nok_code for record in used if record.item == other} == {4}
    assert {record.nok_code for record in used if record.item != other} == {0}
    assert sum(record.item == other for record in used) > 3
    for item in ("bar", "other-bar"):
        for candidate in one.run.truth.candidates(item):
            truly, found = one.reach(candidate.lot)
            assert truly == found


def test_pairs_are_matched_by_size_and_each_unit_is_used_once() -> None:
    blank = {"at": ["saw"], "takes": "10 s", "makes": "blank", "amount": "5 piece", "inputs": {"bar": "1 piece"}}
    spec = declared(
        operations={
            "turn": blank | {"serial": "serial", "load": "10 piece", "sizes": 0.01},
            "fit": ASSEMBLE
            | {
                "inputs": {"blank": {"quantity": "1 piece", "matched": True}, "pin": "2 piece"},
                "load": "1 piece",
            },
        },
        routes={"blanks": {"steps": ["turn"]}, "units": {"steps": ["fit"]}},
        orders={
            "blanks": {"route": "blanks", "amount": "40 piece", "every": "4 h"},
            "units": {"route": "units", "amount": "30 piece", "every": "4 h", "first": "3 h"},
        },
        lot_codes={"unit-serial": {"parts": ["U", {"date": "YYMMDD"}, {"sequence": 5, "reset": "day"}]}},
    )
    one = watched(spec, 16)
    used = [record.part_id for record in one.records(RecordType.CONSUME, "cell") if record.part_id]
    assert len(used) == len(set(used)) > 60
    numbers = [int(part[-5:]) for part in used]
    assert numbers != sorted(numbers), "the unit that fits is not the one whose turn it would be"
    truth = one.run.truth
    gtin = one.spec.items["blank"].gtin
    serial = used[7].rpartition(")")[2]
    affected = [g for g in truth.units([f"(01){gtin}(21){serial}"], Contact(), one_by_one=True) if g.affected]
    assert len(affected) == 1, "one numbered part is in one unit"
    truly, found = one.reach(f"https://id.gs1.org/01/{gtin}/21/{serial}")
    assert truly == found == {affected[0].serial}


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_what_needs_release_is_not_used_before_its_verdict_and_never_where_it_is_bad(chance: float) -> None:
    spec = assembling(
        {},
        mass="10 kg",
        items={"bar": {"needs_release": "steel"}},
        tests={"steel": {"characteristic": "steel", "takes": "6 h", "chance": chance, "reason": "bad"}},
    )
    one = watched(spec, 40)
    used = {record.lot_id: record.time for record in reversed(one.records(RecordType.CONSUME, "cell"))}
    verdicts = {report.lot_id: report.time for report in one.reports if isinstance(report, records.TestResult)}
    assert verdicts
    if chance:
        assert not used
    else:
        assert used
        assert all(time is not None and verdicts[lot] <= time for lot, time in used.items())


def test_orders_come_when_stock_and_carriers_together_fall_below_the_point() -> None:
    orders = {"units": {"route": "units", "amount": "48 piece", "when_below": "96 piece", "open_at_most": 2}}
    one = watched(assembling({}, mass="10 kg", orders=orders), 90)
    numbers = [report for report in one.reports if isinstance(report, records.WorkOrder)]
    shipped = sum(group.count for group in one.units if group.place == "shipped")
    assert shipped >= 48
    there = sum(group.count for group in one.units if group.place == "stock")
    assert 96 - 48 <= there <= 96 + 48
    assert 48 * len(numbers) == pytest.approx(shipped + there, abs=48)


def test_a_load_too_small_to_make_anything_is_thrown_away_and_its_order_ends() -> None:
    spec = declared(
        operations={
            "cut": {
                "at": ["saw"],
                "takes": "10 s",
                "makes": "blank",
                "amount": "5 piece",
                "inputs": {"bar": "1 piece"},
                "load": "5 piece",
                "lot": {"code": "made"},
            },
            "join": {
                "at": ["bench"],
                "takes": "10 s",
                "makes": "pair",
                "amount": "1 piece",
                "inputs": {"blank": "2 piece"},
                "load": "1 piece",
                "lot": {"code": "made"},
            },
            "fit": {
                "at": ["cell"],
                "takes": "10 s",
                "makes": "unit",
                "amount": "1 piece",
                "inputs": {"pair": "2 piece", "pin": "1 piece"},
                "serial": "serial",
            },
        },
        routes={"units": {"steps": ["cut", "join", "fit"]}},
        orders={"units": {"route": "units", "amount": "20 piece", "every": "1 h", "open_at_most": 1}},
        items={"unit": {"mass": "8.1 kg"}},
    )
    one = watched(spec, 10)
    assert len([report for report in one.reports if isinstance(report, records.WorkOrder)]) == 11
    scrapped = one.records(RecordType.SCRAP, "cell")
    assert {record.quantity for record in scrapped} == {1}
    assert one.records(RecordType.COMPLETE, "cell") == []
