"""Inspections send what fails to rework so often, unit by unit where units have numbers, and scrap the rest."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.twin.work.shopfloor import Watched, declared, supply, watched
from trace_core.capture.records import RecordType, Result
from twin.ledger import Move


@pytest.fixture(scope="module")
def reworked() -> Watched:
    spec = declared(
        operations={
            "saw": {
                "at": ["saw"],
                "takes": "20 s",
                "makes": "blank",
                "amount": "5 piece",
                "inputs": {"bar": "1 piece"},
                "load": "50 piece",
                "lot": {"code": "made", "begins": "load"},
                "scraps": 0.02,
                "scrap_reason": "lost",
            },
            "assemble": {
                "at": ["cell"],
                "takes": "10 s",
                "each": "unit",
                "makes": "unit",
                "amount": "1 piece",
                "inputs": {"blank": "1 piece", "pin": "2 piece"},
                "load": "10 piece",
                "serial": "serial",
                "defects": {"loose": {"chance": 0.1, "by_lot": 0.05}},
            },
            "test": {
                "at": ["bench"],
                "takes": "5 s",
                "each": "unit",
                "inspects": {
                    "looks_for": ["loose"],
                    "false_alarms": 0.01,
                    "misses": 0.02,
                    "rework": "mend",
                    "passes": 2,
                    "reason": "bad",
                    "measures": ["torque"],
                },
            },
            "mend": {
                "at": ["mending"],
                "takes": "2 min",
                "each": "unit",
                "rework": True,
                "mends": ["loose"],
                "makes": "unit",
                "amount": "1 piece",
                "inputs": {"unit": "1 piece", "cap": "1 piece"},
                "loses": "0.1 kg",
                "defects": {"loose": {"chance": 0.3}},
            },
        },
        routes={"units": {"steps": ["saw", "assemble", "test"]}},
        orders={"units": {"route": "units", "amount": "200 piece", "every": "5 h"}},
        supplies={"cap": supply("40 piece", "10 piece")},
        device={"measures": {"bench": ["torque"]}},
    )
    return watched(spec, 30)


def test_a_replaced_part_reaches_the_mended_units_and_no_others(reworked: Watched) -> None:
    reached = over = 0
    mended = {one.part_id.rpartition(")")[2] for one in reworked.records(RecordType.COMPLETE, "mending")}
    for candidate in reworked.run.truth.candidates("cap"):
        truly, found = reworked.reach(candidate.lot)
        assert truly <= found, candidate.lot
        assert {unit.rpartition("/")[2] for unit in found} <= mended
        reached, over = reached + len(truly), over + len(found - truly)
    assert reached > 40
    assert over < reached, "where two are mended together with parts of two lots, records do not tell them apart"


def test_what_went_in_before_rework_is_still_in_the_unit(reworked: Watched) -> None:
    for item in ("bar", "pin", "blank"):
        for candidate in reworked.run.truth.candidates(item):
            truly, found = reworked.reach(candidate.lot)
            assert truly <= found, candidate.lot


def test_a_unit_keeps_its_number_through_rework_and_is_looked_at_again(reworked: Watched) -> None:
    mended = Counter(one.part_id for one in reworked.records(RecordType.COMPLETE, "mending"))
    looked = Counter(one.part_id for one in reworked.records(RecordType.MEASURE, "bench"))
    assert set(mended) <= {one.part_id for one in reworked.records(RecordType.COMPLETE, "cell")}
    assert set(mended.values()) == {1, 2}
    waiting = sum(looked[unit] != times + 1 for unit, times in mended.items())
    assert waiting <= 10, "all but those under way were looked at once more than they were mended"


def test_what_fails_once_more_than_it_may_be_reworked_is_scrapped(reworked: Watched) -> None:
    failed = Counter(one.part_id for one in reworked.records(RecordType.MEASURE, "bench") if one.result is Result.NOK)
    scrapped = [one.part_id for one in reworked.records(RecordType.SCRAP, "bench")]
    assert scrapped
    assert {failed[unit] for unit in scrapped} == {3}
    assert {one.nok_code for one in reworked.records(RecordType.SCRAP, "bench")} == {1}
    assert not set(scrapped) & {one.lot_id for one in reworked.records(RecordType.PACK)}
    assert not {one.serial.rpartition("/")[2] for one in reworked.units} & {s.rpartition(")")[2] for s in scrapped}


def test_units_lost_on_the_way_are_scrapped_by_lot_and_missing_afterwards(reworked: Watched) -> None:
    lost = reworked.records(RecordType.SCRAP, "saw")
    assert {one.nok_code for one in lost} == {2}
    assert sum(one.quantity or 0 for one in lost) > 5
    moves = reworked.run.truth.tables["moves"]
    assert (moves["kind"] == Move.SCRAP).sum() >= len(lost)


def test_what_is_measured_tells_good_from_bad(reworked: Watched) -> None:
    measured = reworked.records(RecordType.MEASURE, "bench")
    good = [one.measurements[0] for one in measured if one.result is Result.OK]
    bad = [one.measurements[0] for one in measured if one.result is Result.NOK]
    assert max(good) < min(bad)


def test_rework_that_is_followed_by_rework_passes_through_both_before_it_is_looked_at_again() -> None:
    spec = declared(
        operations={
            "saw": {
                "at": ["saw"],
                "takes": "20 s",
                "makes": "unit",
                "amount": "4 piece",
                "inputs": {"bar": "1 piece"},
                "loses": "1.2 kg",
                "load": "8 piece",
                "serial": "serial",
                "defects": {"loose": {"chance": 0.3}},
            },
            "test": {
                "at": ["bench"],
                "takes": "5 s",
                "inspects": {"looks_for": ["loose"], "rework": "mend", "reason": "bad"},
            },
            "mend": {"at": ["mending"], "takes": "2 min", "rework": True, "mends": ["loose"], "then": "retest"},
            "retest": {
                "at": ["oven"],
                "takes": "1 min",
                "rework": True,
                "inspects": {"looks_for": ["loose"], "false_alarms": 0.5, "reason": "lost"},
            },
            "paint": {"at": ["cell"], "takes": "1 s"},
        },
        routes={"units": {"steps": ["saw", "test", "paint"]}},
        orders={"units": {"route": "units", "amount": "96 piece", "every": "5 h"}},
    )
    shop = watched(spec, 5)
    measured = {
        station: Counter((one.part_id, one.result) for one in shop.records(RecordType.MEASURE, station))
        for station in ("bench", "oven")
    }
    failed = {part for part, result in measured["bench"] if result is Result.NOK}
    retested = Counter(part for part, _ in measured["oven"].elements())
    passed = {part for part, result in measured["oven"] if result is Result.OK}
    scrapped = {one.part_id for one in shop.records(RecordType.SCRAP, "oven")}
    assert set(retested) <= failed
    assert len(failed - set(retested)) <= 10, "all but those under way were mended and tested again"
    assert set(retested.values()) == {1}
    assert scrapped
    assert scrapped == set(retested) - passed
    looked = {part for part, result in measured["bench"] if result is Result.OK}
    assert len(passed - looked) <= 10, "what passes there returns to where it failed"
