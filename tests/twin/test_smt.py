"""The shipped electronics plant does what its page says: reels, panels, paste, repairs, and records that say which."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import numpy as np
import pytest

from plant_models import masterdata_of, profile_of
from scenarios.answers import claims_of_json
from scenarios.score import score
from scenarios.spec import Hazard
from tests.twin.runs import Watched, plant, watched
from trace_core.capture.records import DeviceRecord, RecordType
from trace_core.core import TraceCore
from trace_core.genealogy.answer import UnknownThing
from trace_core.log import MemoryLog
from trace_core.lot_codes import read_rule
from trace_core.vocabulary.clock import SetClock
from trace_core.vocabulary.gs1_keys import is_sound
from twin import TwinRun, simulate
from twin.ledger import Move
from twin.line import Deadlock

WEEK_H = 7 * 24.0


@pytest.fixture(scope="module")
def week() -> Watched:
    """A week: five working days and a weekend."""
    return watched("smt", 1, WEEK_H)


@functools.cache
def month() -> TwinRun:
    return simulate(plant("smt"), 2, timedelta(days=28))


def done(run: TwinRun, operation: str) -> int:
    names = list(plant("smt").operations)
    return int((run.truth.tables["operations"]["operation"] == names.index(operation)).sum())


def of_kind(one: Watched, *kinds: RecordType) -> list[DeviceRecord]:
    return [record for record in one.records if record.type in kinds]


def time_of(record: DeviceRecord) -> datetime:
    assert record.time is not None
    return record.time


# ---- a month


def test_a_month_makes_some_45_000_boards_and_every_balance_closes() -> None:
    run = month()
    assert [balance for balance in run.balances if balance.residual] == []
    assert 43_000 <= int(run.truth.tables["packed"]["count"].sum()) <= 45_200


def test_a_month_washes_touches_up_and_repairs() -> None:
    run = month()
    for operation in ("wash", "touch-up", "replace-driver", "replace-controller"):
        assert done(run, operation) > 20, operation
    panels = done(run, "depanel")
    assert done(run, "print") == panels + done(run, "wash"), "a washed panel is printed again"
    assert done(run, "inspect-joints") == panels + done(run, "touch-up")


def test_the_same_seed_gives_the_same_truth_whoever_listens(week: Watched) -> None:
    assert simulate(week.spec, 1, timedelta(hours=WEEK_H)).truth.hash == week.run.truth.hash
    assert simulate(week.spec, 3, timedelta(hours=WEEK_H)).truth.hash != week.run.truth.hash


# ---- panels and boards


def test_one_board_in_a_hundred_is_marked_bad_and_takes_no_parts() -> None:
    run = month()
    moves, names, tables = run.truth.tables["moves"], run.truth.names, run.truth.tables
    item_of = tables["lots"]["item"][tables["portions"]["lot"]]
    is_marked = (moves["kind"] == Move.SCRAP) & (
        np.isin(moves["portion"], np.flatnonzero(item_of == names.items.index("blank")))
    )
    marked, panels = int(moves["quantity"][is_marked].sum()), done(run, "load-panels")
    assert 0.007 < marked / (10 * panels) < 0.013
    placed = sum(moves["quantity"][moves["source"] == names.places.index("depaneller feeders")].tolist())
    assert placed == 10 * panels - marked, "a label for every good board, none for a marked one"


def test_every_serial_parses_back_and_is_given_once(week: Watched) -> None:
    rule = read_rule({"zone": week.spec.timezone, **week.spec.lot_codes["board"]})
    made = [record for record in of_kind(week, RecordType.COMPLETE) if record.device == "DEPANEL"]
    serials = [record.part_id.partition("(21)")[2] for record in made]
    assert len(serials) == len(set(serials)) > 10_000
    for record, serial in zip(made, serials, strict=True):
        day = rule.parse(serial, near=time_of(record).date()).first_day
        assert day is not None
        assert abs(day - time_of(record).date()) <= timedelta(days=1)


def test_a_panel_is_one_run_from_the_loader_to_its_serials(week: Watched) -> None:
    devices: dict[str, Counter[str]] = defaultdict(Counter)
    for record in of_kind(week, RecordType.CONSUME):
        if record.device != "REPAIR":
            devices[record.order][record.device] += 1
    boards = Counter(record.order for record in of_kind(week, RecordType.COMPLETE) if record.device == "DEPANEL")
    assert len(boards) > 1000
    for order, count in boards.items():
        assert 5 <= count <= 10
        assert devices[order]["PLACE-1"] == devices[order]["PLACE-2"] == devices[order]["DEPANEL"] == 1
        assert devices[order]["PRINT"] >= 2, "a bare panel and at least one passage of the printer"
    assert max(found["PRINT"] for found in devices.values()) >= 3, "no panel was washed and printed again"


def test_every_text_fits_the_mailbox(week: Watched) -> None:
    for record in week.records:
        assert len(record.order.encode()) <= 20
        assert len(record.part_id.encode()) <= 48
        assert len(record.lot_id.encode()) <= 48


# ---- reels, paste, floor life


def test_reels_change_many_times_a_shift_and_a_slot_holds_one_at_a_time(week: Watched) -> None:
    hanging: dict[tuple[str, int], DeviceRecord] = {}
    mounts = 0
    for record in of_kind(week, RecordType.MOUNT, RecordType.UNMOUNT):
        slot = record.device, record.slot
        if record.type is RecordType.MOUNT:
            assert slot not in hanging, "a reel was mounted on another one"
            hanging[slot] = record
            mounts += record.device.startswith("PLACE")
        else:
            assert hanging.pop(slot).lot_id == record.lot_id
    assert mounts / 10 > 30, "five days have ten shifts"
    assert sum(device.startswith("PLACE") for device, _ in hanging) == 40


def test_no_slot_gives_more_than_was_mounted(week: Watched) -> None:
    """Feeders, as the ledger counts them: what went out never exceeds what came in, reel by reel."""
    moves, truth = week.run.truth.tables["moves"], week.run.truth
    place = truth.names.places.index("placer-2 feeders")
    came, went = Counter[int](), Counter[int]()
    rows = zip(*(moves[name].tolist() for name in ("source", "target", "portion", "quantity")), strict=True)
    for source, target, portion, quantity in rows:
        came[portion] += quantity * (target == place)
        went[portion] += quantity * (source == place)
    assert all(went[portion] <= count for portion, count in came.items())
    assert sum(went.values()) > 0.9 * sum(came.values())


def test_paste_opened_in_the_late_shift_never_sees_the_morning(week: Watched) -> None:
    opened: datetime | None = None
    thrown = 0
    for record in of_kind(week, RecordType.MOUNT, RecordType.UNMOUNT):
        if record.device != "PRINT":
            continue
        if record.type is RecordType.MOUNT:
            opened = time_of(record)
        elif record.quantity:
            assert opened is not None
            assert time_of(record) - opened >= timedelta(hours=8)
            thrown += 1
    scrapped = [record for record in of_kind(week, RecordType.SCRAP) if record.device == "PRINT"]
    assert thrown == len(scrapped) >= 4


def test_no_print_uses_paste_more_than_eight_hours_after_opening(week: Watched) -> None:
    opened: datetime | None = None
    for record in week.records:
        if record.device == "PRINT" and record.type is RecordType.MOUNT:
            opened = time_of(record)
        elif record.device == "PRINT" and record.type is RecordType.CONSUME and record.slot:
            assert opened is not None
            begun = time_of(record) - timedelta(seconds=record.measurements[0])
            assert begun - opened <= timedelta(hours=8, seconds=1)


def test_a_reel_past_its_floor_life_comes_off_half_full() -> None:
    run = month()
    moves, names = run.truth.tables["moves"], run.truth.names
    place = names.places.index("placer-2 feeders")
    lots, portions = run.truth.tables["lots"]["item"], run.truth.tables["portions"]["lot"]
    thrown = moves["portion"][(moves["kind"] == Move.SCRAP) & (moves["source"] == place)]
    items = {names.items[lots[portions[portion]]] for portion in thrown.tolist()}
    assert "u-sensor" in items, "72 h do not outlast a weekend"
    assert all(plant("smt").items[item].opened_life is not None for item in items)


# ---- repair


def test_a_repaired_board_keeps_its_serial_and_takes_a_part_of_another_reel(week: Watched) -> None:
    taken: dict[str, list[DeviceRecord]] = defaultdict(list)
    for record in week.records:
        if record.device == "REPAIR":
            taken[record.order].append(record)
    assert len(taken) > 20
    gtins = {week.spec.items[name].gtin for name in ("u-driver", "u-mcu")}
    for run, records in taken.items():
        used = [record for record in records if record.type is RecordType.CONSUME]
        assert {record.item for record in used if record.lot_id} <= gtins, run
        assert {r.part_id for r in used if r.part_id} >= {
            r.part_id for r in records if r.type is RecordType.COMPLETE
        }, run


# ---- cartons, pallets, shipping


def test_boards_stand_by_serial_in_cartons_and_cartons_on_pallets(week: Watched) -> None:
    inside: dict[str, list[str]] = defaultdict(list)
    for record in of_kind(week, RecordType.PACK):
        assert len(record.part_id) == 18
        assert is_sound(record.part_id)
        inside[record.part_id].append(record.lot_id)
    cartons = {sscc: held for sscc, held in inside.items() if held[0].startswith("(01)")}
    pallets = {sscc: held for sscc, held in inside.items() if held[0].startswith("(00)")}
    assert len(cartons) + len(pallets) == len(inside)
    assert all(len(set(held)) == 20 for held in cartons.values())
    assert all(len(set(held)) == 16 for held in pallets.values())
    packed = [serial for held in cartons.values() for serial in held]
    assert len(packed) == len(set(packed)) > 9_000
    shipped = {record.part_id for record in of_kind(week, RecordType.SHIP)}
    assert shipped
    assert shipped <= set(pallets)


# ---- what a reader of the records can know


@functools.cache
def core_of(hours: float) -> tuple[TwinRun, TraceCore]:
    spec = plant("smt")
    clock = SetClock(spec.start)
    core = TraceCore(MemoryLog(clock), clock, rules=profile_of(spec).rules())
    core.append_masterdata(masterdata_of(spec), source="smt")

    def deliver(report: object, arrives: datetime) -> None:
        clock.set(arrives)
        core.capture(report)  # type: ignore[arg-type]

    run = simulate(spec, 4, timedelta(hours=hours), deliver=deliver)
    clock.set(run.end)
    return run, core


def test_on_clean_capture_a_recall_of_any_lot_misses_nothing_and_takes_in_some_panels_too_many() -> None:
    """Clocks may be 300 s wrong: 10 min, four panels with the one in the machine, at each end of each stretch."""
    run, core = core_of(2 * 24.0)
    received = [one for one in run.truth.candidates() if one.is_received and one.first_use is not None]
    judged = 0
    for candidate in received[::5]:
        answer = core.recall([candidate.lot])
        assert not isinstance(answer, UnknownThing)
        units = score(run.truth, claims_of_json(answer.to_dict()), [candidate.lot], Hazard(kind="contact")).units
        assert units.missed == 0, candidate
        assert units.over <= 80, candidate
        judged += units.affected > 0
    assert judged > 8


def test_a_washer_with_no_room_locks_the_line_and_the_run_says_which_stations_wait() -> None:
    """Nearly every panel is rejected: printer, inspection and washer each wait for the next."""
    spec = plant(
        "smt",
        ("  spi: {waiting: 1}", "  spi: {waiting: 1}\n  washer: {waiting: 1}"),
        ("false_alarms: 0.0004", "false_alarms: 0.3"),
    )
    with pytest.raises(Deadlock) as caught:
        simulate(spec, 1, timedelta(days=2))
    assert set(caught.value.names) == {"printer", "spi", "washer"}
