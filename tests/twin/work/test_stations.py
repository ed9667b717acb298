"""Beside making: charges in a furnace, work by a supplier, transfers, signatures, shifts and breakdowns."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.twin.work.shopfloor import Contact, Watched, declared, watched
from trace_core.capture.records import RecordType, Result

SAW: dict[str, Any] = {
    "at": ["saw"],
    "takes": "2 min",
    "makes": "blank",
    "amount": "5 piece",
    "inputs": {"bar": "1 piece"},
    "load": "10 piece",
    "lot": {"code": "made", "begins": "load"},
}
HARDEN: dict[str, Any] = {
    "at": ["oven"],
    "takes": "2 h",
    "makes": "hard",
    "amount": "1 piece",
    "inputs": {"blank": "1 piece"},
    "lot": {"code": "made", "begins": "charge"},
}
ASSEMBLE: dict[str, Any] = {
    "at": ["cell"],
    "takes": "20 s",
    "each": "unit",
    "makes": "unit",
    "amount": "1 piece",
    "inputs": {"hard": "1 piece", "pin": "2 piece"},
    "serial": "serial",
}
TWO_PINS = {"inputs": {"blank": "1 piece", "pin": "2 piece"}, "load": "10 piece"}
TEST: dict[str, Any] = {
    "at": ["bench"],
    "takes": "5 s",
    "inspects": {"looks_for": ["soft"], "reason": "bad"},
    "signed": {"meaning": "released", "by": "quality"},
}


def hardened(**changes: Any) -> Watched:
    operations = {"saw": SAW, "harden": HARDEN | changes.pop("harden", {}), "assemble": ASSEMBLE, "test": TEST}
    base: dict[str, Any] = {
        "operations": operations,
        "routes": {"units": {"steps": ["saw", "harden", "assemble", "test"]}},
        "orders": {"units": {"route": "units", "amount": "80 piece", "every": "6 h"}},
        "machines": {
            "oven": {
                "collects": {
                    "loads": 4,
                    "waits": "1 h",
                    "positions": ["A", "B", "C", "D"],
                    "hot": ["B"],
                    "chance": 0.5,
                    "defect": "soft",
                }
            }
        },
    }
    return watched(declared(**(base | changes)), 36)


@pytest.fixture(scope="module")
def furnace() -> Watched:
    return hardened()


def test_a_charge_is_one_lot_of_all_loads_and_units_are_made_of_their_own_tray(furnace: Watched) -> None:
    truth = furnace.run.truth
    charges = [candidate for candidate in truth.candidates("hard") if candidate.units]
    assert {candidate.units for candidate in charges[:3]} <= {30, 40}
    for candidate in charges:
        truly, found = furnace.reach(candidate.lot)
        assert truly == found
    for candidate in truth.candidates("blank"):
        truly, found = furnace.reach(candidate.lot)
        assert truly <= found
        assert len(truly) <= 10, "a tray of ten, though its charge is of forty"


def test_a_hot_position_spoils_the_tray_that_stood_there_and_no_other(furnace: Watched) -> None:
    spoilt = Counter(one.order for one in furnace.records(RecordType.SCRAP, "bench"))
    assert spoilt
    assert set(spoilt.values()) == {10}
    assert {one.nok_code for one in furnace.records(RecordType.SCRAP, "bench")} == {1}


def test_who_signs_is_another_person_and_of_quality_where_that_is_asked(furnace: Watched) -> None:
    signed = [one for one in furnace.records(RecordType.MEASURE, "bench") if one.operator == "Q-01"]
    looked = [one for one in furnace.records(RecordType.MEASURE, "bench") if one.operator != "Q-01"]
    assert signed
    assert {one.result for one in signed} == {Result.OK}
    assert {one.part_id for one in looked} == {one.part_id for one in signed}


def test_work_by_a_supplier_takes_the_way_there_and_back_and_is_shipped_and_received() -> None:
    alone = {"lot": {"code": "made", "begins": "load"}, "defects": {"soft": {"chance": 0.01}}}
    one = hardened(harden=alone | {"outside": "outside", "travels": "3 h"}, machines={})
    shipped = one.records(RecordType.SHIP, "saw")
    received = one.records(RecordType.RECEIPT, "oven")
    assert [record.lot_id for record in shipped[:5]] == [
        record.lot_id for record in one.records(RecordType.COMPLETE, "saw")[:5]
    ]
    hardened_lots = {record.lot_id for record in one.records(RecordType.COMPLETE, "oven")}
    assert {record.lot_id for record in received} <= hardened_lots
    table = one.run.truth.tables["operations"]
    names = one.run.truth.names.operations
    saw_end = table["end_ms"][table["operation"] == names.index("saw")][0]
    oven_begin = table["begin_ms"][table["operation"] == names.index("harden")][0]
    assert oven_begin - saw_end == 3 * 3600 * 1000
    for candidate in one.run.truth.candidates("bar"):
        truly, found = one.reach(candidate.lot)
        assert truly <= found


def test_a_machine_is_open_in_its_shifts_and_stands_still_when_it_fails() -> None:
    machines = {
        "saw": {
            "open": "day",
            "breakdowns": [{"every": "20 min", "repair": "10 min", "load": "scrapped", "crew": "fitters"}],
        }
    }
    shifts = {"day": [{"days": ["mon", "tue"], "begins": "06:00", "ends": "14:00"}]}
    alone = {"lot": {"code": "made", "begins": "load"}, "defects": {"soft": {"chance": 0.01}}}
    one = hardened(harden=alone, machines=machines, shifts=shifts, crews={"fitters": 1})
    table, names = one.run.truth.tables["operations"], one.run.truth.names
    sawn = table["begin_ms"][table["operation"] == names.operations.index("saw")] / 3_600_000
    assert ((sawn % 24 >= 6) & (sawn % 24 < 14)).all()
    assert len(sawn) > 10
    assert one.records(RecordType.SCRAP, "saw"), "what was in the saw when it failed"


def two_sites(hours: float = 60, takes: str = "5 h", every: str = "4 h", **far: Any) -> Watched:
    """Blanks are sawn at one site and sent to the other, which uses 20 ``every`` so often and keeps them as ``far``."""
    spec = declared(
        operations={"saw": SAW, "assemble": ASSEMBLE | TWO_PINS},
        routes={"blanks": {"steps": ["saw"]}, "units": {"steps": ["assemble"]}},
        orders={
            "blanks": {"route": "blanks", "amount": "40 piece", "every": "4 h"},
            "units": {"route": "units", "amount": "20 piece", "every": every},
        },
        sites={"a": {"name": "Site A"}, "b": {"name": "Site B", "gln": "9521003000022"}},
        locations={"hall": {"name": "Hall", "site": "a"}, "yard": {"name": "Yard", "site": "b"}},
        stations={
            name: {"name": name, "location": place, "operation": name}
            for name, place in {
                "store": "hall",
                "saw": "hall",
                "far-store": "yard",
                "cell": "yard",
                "packer": "yard",
                "dock": "yard",
            }.items()
        },
        stocks={
            "all": {"policy": "fifo", "station": "store", "expired_reason": "expired", "keeps": ["bar", "blank"]},
            "far": {
                "policy": "fifo",
                "station": "far-store",
                "expired_reason": "expired",
                "keeps": ["blank", "pin"],
                **far,
            },
        },
        transfers={
            "blanks": {
                "item": "blank",
                "source": "all",
                "target": "far",
                "ships_at": "store",
                "arrives_at": "far-store",
                "days": ["mon", "tue", "wed"],
                "at": "09:00",
                "most": "60 piece",
                "takes": takes,
                "relabel": "made",
            }
        },
    )
    return watched(spec, hours)


def test_material_sent_to_another_site_arrives_later_under_a_label_of_its_own() -> None:
    one = two_sites()
    shipped = one.records(RecordType.SHIP, "store")
    received = one.records(RecordType.RECEIPT, "far-store")
    came = [record for record in received if record.order.startswith("D")]
    assert {(record.lot_id, record.quantity) for record in came} <= {(one.lot_id, one.quantity) for one in shipped}
    assert came
    used = {record.lot_id for record in one.records(RecordType.CONSUME, "cell")}
    assert not used & {record.lot_id for record in shipped}, "used under the labels of the second site"
    reached = 0
    for item in ("bar", "blank"):
        for candidate in one.run.truth.candidates(item):
            truly, found = one.reach(candidate.lot)
            assert truly <= found, candidate.lot
            reached += len(truly)
    assert reached > 50
    assert sum(group.count for group in one.run.truth.units([], Contact())) > 20


def test_what_is_on_the_road_takes_up_room_where_it_goes() -> None:
    one = two_sites(120, takes="40 h", every="48 h", capacity={"blank": "70 piece"})
    names, tables = one.run.truth.names, one.run.truth.tables
    far, blank = names.places.index("far"), list(names.items).index("blank")
    moves = tables["moves"]
    lot_of, item_of = tables["portions"]["lot"], tables["lots"]["item"]
    lies = most = 0
    for source, target, portion, quantity in zip(
        *(moves[column].tolist() for column in ("source", "target", "portion", "quantity")), strict=True
    ):
        if far in (source, target) and portion < len(lot_of) and item_of[lot_of[portion]] == blank:
            lies += quantity * ((target == far) - (source == far))
            most = max(most, lies)
    assert 60 <= most <= 70
