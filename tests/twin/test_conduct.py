"""What people do otherwise than they should: what follows of it in the truth, in the reports, and in the labels."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pytest

from scenarios.faults import load_faults
from tests.twin.runs import plant
from trace_core.capture.records import DeviceRecord, RecordType, Report
from twin import TwinRun, simulate
from twin.conduct import Conduct, ConductFault, ConductKind, equipment_of
from twin.floor import Floor
from twin.ledger import Move
from twin.observe.faults import FaultLabel

HOURS = 130.0


def load_faults_of(declared: str) -> tuple[ConductFault, ...]:
    faults = load_faults("".join(f"- {{{one}}}\n" for one in declared.split(";")), "test", plant("yoghurt"))
    return tuple(one for one in faults if isinstance(one, ConductFault))


@cache
def ran(declared: str) -> tuple[TwinRun, list[DeviceRecord]]:
    reports: list[tuple[Report, datetime]] = []
    faults = load_faults_of(declared) if declared else ()
    run = simulate(plant("yoghurt"), 3, timedelta(hours=HOURS), faults, lambda *one: reports.append(one))
    return run, [one for one, _ in reports if isinstance(one, DeviceRecord)]


def used(run: TwinRun, item: str) -> dict[str, int]:
    """How much of each lot of ``item`` really went into something, by code."""
    truth, moves = run.truth, run.truth.tables["moves"]
    found: dict[str, int] = {}
    for row in np.flatnonzero(moves["kind"] == Move.FEED):
        lot = int(truth.tables["portions"]["lot"][moves["portion"][row]])
        if truth.names.items[int(truth.tables["lots"]["item"][lot])] == item:
            code = truth.names.codes[lot]
            found[code] = found.get(code, 0) + int(moves["quantity"][row])
    return found


def told(records: list[DeviceRecord], item: str) -> dict[str, int]:
    """How much of each lot of ``item`` people say went into something, in the same quanta."""
    gtin, decimals = (
        plant("yoghurt").items[item].gtin,
        plant("yoghurt").units[plant("yoghurt").items[item].unit].decimals,
    )
    found: dict[str, int] = {}
    for one in records:
        if one.type is RecordType.CONSUME and one.item == gtin and one.quantity is not None:
            found[one.lot_id] = found.get(one.lot_id, 0) + int(one.quantity.scaleb(decimals))
    return found


EVERY = [
    "kind: unregistered_change, rate: 1.0",
    "kind: top_up, rate: 0.1, share: 0.3",
    "kind: bulk_issue, rate: 1.0",
    "kind: unregistered_rework, rate: 0.5",
    "kind: wrong_lot, rate: 0.5",
    "kind: wrong_material, rate: 0.3",
    "kind: skipped_step, rate: 0.3",
    "kind: ineffective_clean, rate: 0.5",
    "kind: wrong_label, rate: 0.3",
    "kind: temporary_pick, rate: 0.1, share: 0.5",
    "kind: slow_screen_skip, rate: 0.5, capture_seconds: 30.0, patience: 20s",
]


@pytest.mark.parametrize("declared", [*EVERY, ";".join(EVERY)])
def test_balances_close_and_every_hit_is_labelled(declared: str) -> None:
    run, _ = ran(declared)
    assert not [one for one in run.balances if one.residual]
    assert run.labels
    assert {label.kind for label in run.labels} <= set(ConductKind)
    assert all(label.station and label.sequence == 0 for label in run.labels)
    assert [label.time for label in run.labels] == sorted(label.time for label in run.labels)
    again = simulate(plant("yoghurt"), 3, timedelta(hours=HOURS), load_faults_of(declared))
    assert (again.truth.hash, again.labels) == (run.truth.hash, run.labels)


def test_fruit_changed_without_a_word_is_reported_as_the_lot_before() -> None:
    run, records = ran("kind: unregistered_change, rate: 1.0, items: [strawberry-prep]")
    lots = [label.lot for label in run.labels]
    assert lots
    really, said = used(run, "strawberry-prep"), told(records, "strawberry-prep")
    assert any(said.get(lot, 0) > really[lot] for lot in lots)
    assert sum(said.values()) == sum(really[lot] for lot in really)  # nothing is lost, only put on another lot
    changed = {lot for lot in really if said.get(lot, 0) < really[lot]}
    assert changed


def test_cups_changed_without_a_word_are_reported_as_the_lot_before() -> None:
    run, records = ran("kind: unregistered_change, rate: 1.0, items: [cup]")
    clean = ran("")[0]
    assert run.truth.hash == clean.truth.hash  # the same cups went in, and were only called otherwise
    assert run.labels
    assert told(records, "cup") != used(run, "cup") == used(clean, "cup") == told(ran("")[1], "cup")


@pytest.mark.parametrize("kind", ["wrong_lot", "top_up"])
def test_another_lot_is_used_than_the_one_reported(kind: str) -> None:
    run, records = ran(f"kind: {kind}, rate: 0.5, items: [strawberry-prep]")
    assert run.labels
    really, said = used(run, "strawberry-prep"), told(records, "strawberry-prep")
    assert really != said
    assert sum(really.values()) == sum(said.values())


def test_the_wrong_fruit_is_in_the_product_and_in_no_report() -> None:
    run, records = ran("kind: wrong_material, rate: 0.5, items: [strawberry-prep], stations: [line-1]")
    assert {label.item for label in run.labels} == {"strawberry-prep"}
    others = ("peach-prep", "cherry-prep", "blueberry-prep", "vanilla-prep")
    really = sum(sum(used(run, item).values()) for item in others)
    assert really > sum(sum(told(records, item).values()) for item in others)


def test_rework_that_nobody_registers_is_there_all_the_same() -> None:
    run, records = ran("kind: unregistered_rework, rate: 1.0")
    gtins = {item.gtin for name, item in plant("yoghurt").items.items() if name.startswith("rework-")}
    assert not [one for one in records if one.item in gtins and one.type in (RecordType.COMPLETE, RecordType.CONSUME)]
    assert [one for one in ran("")[1] if one.item in gtins and one.type is RecordType.COMPLETE]
    assert run.truth.hash == ran("")[0].truth.hash


def test_a_clean_that_does_not_clean_is_reported_as_one() -> None:
    run, records = ran("kind: ineffective_clean, rate: 1.0, stations: [pasteuriser]")
    vessels = {place for place, station in equipment_of(plant("yoghurt")).items() if station == "pasteuriser"}
    assert {label.station for label in run.labels} == {"pasteuriser", *vessels} == {"pasteuriser", "silo-1", "silo-2"}
    moves, places = run.truth.tables["moves"], run.truth.names.places
    cleans = np.flatnonzero(moves["kind"] == Move.CLEAN)
    failed = [places[int(moves["source"][row])] for row in cleans if not moves["quantity"][row]]
    assert len(failed) == len(run.labels)
    assert set(failed) == {"pasteuriser", "silo-1", "silo-2"}
    clean = [one for one in ran("")[1] if one.type is RecordType.CLEAN]
    assert [one for one in records if one.type is RecordType.CLEAN] == clean


def test_a_clean_left_out_is_neither_reported_nor_in_the_truth() -> None:
    run, records = ran("kind: skipped_step, rate: 1.0, stations: [line-1]")
    assert run.labels
    assert not [one for one in records if one.type is RecordType.CLEAN and one.device == "LINE-1"]
    moves, places = run.truth.tables["moves"], run.truth.names.places
    cleaned = {places[int(place)] for place in moves["source"][moves["kind"] == Move.CLEAN]}
    assert "line-1" not in cleaned >= {"line-2", "line-3"}


def test_a_wrong_label_is_on_the_lot_wherever_it_is_read() -> None:
    run, records = ran("kind: wrong_label, rate: 0.5, stations: [line-1, line-2]")
    read = {one.lot_id for one in records}
    assert len(run.labels) > 3
    for label in run.labels:
        assert label.lot not in read
        assert label.detail.removeprefix("labelled ") in read
    assert run.truth.hash == ran("")[0].truth.hash  # the truth knows a lot by what it is


def test_what_is_taken_along_from_the_store_is_gone_from_the_books() -> None:
    run, _ = ran("kind: temporary_pick, rate: 0.5, share: 1.0, items: [sugar]")
    moves, places = run.truth.tables["moves"], run.truth.names.places
    taken = [
        row for row in np.flatnonzero(moves["kind"] == Move.LOSE) if places[int(moves["target"][row])] == "unaccounted"
    ]
    assert len(taken) == len(run.labels) > 3


def test_a_bulk_issue_is_booked_on_the_first_lot() -> None:
    run, records = ran("kind: bulk_issue, rate: 1.0")
    assert run.truth.hash == ran("")[0].truth.hash
    assert run.labels
    for label in run.labels:
        of = [one for one in records if one.type is RecordType.CONSUME and one.time == label.time]
        assert label.lot not in {one.lot_id for one in of}
        assert label.detail.removeprefix("reported as ") in {one.lot_id for one in of}


def test_slow_screens_close_the_loop() -> None:
    slow, records = ran("kind: slow_screen_skip, rate: 0.0, capture_seconds: 60.0, patience: 1h, stations: [line-1]")
    assert not slow.labels
    assert slow.truth.hash != ran("")[0].truth.hash  # the line waits for its screens
    given_up, fewer = ran("kind: slow_screen_skip, rate: 1.0, capture_seconds: 60.0, patience: 10s, stations: [line-1]")
    assert all("closed loop" in label.detail for label in given_up.labels)
    mine = [[one for one in found if (one.device, one.station) == ("LINE-1", 1)] for found in (records, fewer)]
    assert len(mine[1]) < len(mine[0]) / 2


# ---- asking


def conduct(*faults: ConductFault) -> tuple[Conduct, list[FaultLabel]]:
    floor = Floor(plant("yoghurt"), 1, faults)
    return floor.conduct, floor.observer.labels


def test_where_nothing_is_declared_nothing_strikes_and_capture_takes_no_time() -> None:
    asked, labels = conduct()
    assert not any(asked.strikes(kind, "line-1") for kind in ConductKind)
    assert asked.capture("line-1") == (0.0, True)
    assert not asked.is_closed_loop
    assert not labels


def test_each_strikes_where_it_is_declared_with_luck_of_its_own() -> None:
    one = ConductFault(ConductKind.TOP_UP, 0.3, ("line-1",), ("cup",))
    two = ConductFault(ConductKind.TOP_UP, 0.9, ("line-1",), name="two")
    alone, labels = conduct(one)
    hits = [alone.strikes(ConductKind.TOP_UP, "line-1", "cup", "L") for _ in range(300)]
    assert 50 < sum(hits) < 130
    assert len(labels) == sum(hits)
    assert (labels[0].station, labels[0].item, labels[0].lot, labels[0].fault) == ("line-1", "cup", "L", one.stream)
    assert not any(alone.strikes(ConductKind.TOP_UP, *where) for where in (("line-2", "cup"), ("line-1", "lid")))
    both, _ = conduct(two, one)
    found = [both.strike(ConductKind.TOP_UP, "line-1", "cup", "L") for _ in range(300)]
    assert {fault.stream for fault in found if fault} == {one.stream, two.stream}
    assert all(fault is not None for fault, hit in zip(found, hits, strict=True) if hit)


def test_conduct_can_be_switched_off() -> None:
    asked, _ = conduct(ConductFault(ConductKind.WRONG_LOT, 1.0, name="mine"))
    assert asked.switchable == {"conduct/mine"}
    asked.switch("mine", on=False)
    assert not asked.strikes(ConductKind.WRONG_LOT, "line-1")
    asked.switch("conduct/mine", on=True)
    assert asked.strikes(ConductKind.WRONG_LOT, "line-1")
