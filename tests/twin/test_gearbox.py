"""The shipped gearbox plant does what its page says: its hard cases happen, and its records can be read soundly."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import numpy as np
import pytest

from plant_models import masterdata_of, profile_of
from plant_models.projection import party_id
from scenarios.answers import claims_of_json
from scenarios.score import score
from scenarios.spec import Hazard
from tests.twin.runs import Feared, Watched, plant, watched
from trace_core.capture.records import DeliveryNote, DeviceRecord, PurchaseOrder, RecordType, Report, Result
from trace_core.capture.records import TestResult as Verdict
from trace_core.core import TraceCore
from trace_core.log import MemoryLog
from trace_core.lot_codes import read_rule
from trace_core.scope.answer import RecallAnswer
from trace_core.vocabulary.clock import SetClock
from twin import simulate
from twin.ledger import Move

DAY_MS = 86_400_000
HOT = ("C2", "D1", "D2")
TOUCHES = ("hob", "ring")
"""Tools and rings reach what they touched; steel only what it is in."""

MOST_ON_TOP = 24 * 5
"""Gearboxes that an answer may hold beyond the truth: a load of pinions at each of five boundaries between trays."""

TRAY = re.compile(r"H([12])-(\d{6})-(\d{2})-([A-D][12])")


@pytest.fixture(scope="module")
def month() -> Watched:
    """Thirty days."""
    return watched("gearbox", 1, 720.0)


def operations(one: Watched) -> list[tuple[int, str, str, int]]:
    """Begin, station, operation and portion of everything that was done, in the order in which it ended."""
    table = one.run.truth.tables["operations"]
    stations, names = list(one.spec.stations), list(one.spec.operations)
    columns = (table[name].tolist() for name in ("begin_ms", "station", "operation", "portion"))
    return [(begin, stations[at], names[what], portion) for begin, at, what, portion in zip(*columns, strict=True)]


def item_of(one: Watched, portion: int) -> str:
    truth = one.run.truth
    return str(truth.names.items[truth.tables["lots"]["item"][truth.tables["portions"]["lot"][portion]]])


def records(one: Watched, kind: RecordType, device: str = "") -> list[DeviceRecord]:
    return [record for record in one.records if record.type is kind and device in ("", record.device)]


def test_a_month_makes_about_three_thousand_gearboxes_and_closes_every_balance(month: Watched) -> None:
    truth = month.run.truth
    assert {balance.residual for balance in month.run.balances} == {0}
    moves = truth.tables["moves"]
    packed = int(moves["quantity"][moves["kind"] == Move.PACK].sum())
    assert 2_500 < packed < 3_600
    full_week = (moves["time_ms"] >= 14 * DAY_MS) & (moves["time_ms"] < 21 * DAY_MS)
    assert moves["quantity"][(moves["kind"] == Move.PACK) & full_week].sum() > 600
    assert 10_000 < len(month.reports) < 70_000


def test_the_same_seed_gives_the_same_truth_and_another_one_another() -> None:
    first, again, other = (simulate(plant("gearbox"), seed, timedelta(days=6)).truth.hash for seed in (3, 3, 4))
    assert first == again != other


def test_whether_anybody_listens_changes_nothing(month: Watched) -> None:
    heard = watched("gearbox", 3, 144.0)
    assert heard.run.truth.hash == simulate(plant("gearbox"), 3, timedelta(days=6)).truth.hash


# ---- heats


def test_a_lot_of_blanks_is_of_one_heat_or_where_one_ends_of_two(month: Watched) -> None:
    made, used = defaultdict(set), defaultdict(set)
    for record in month.records:
        if record.device == "YARD" and record.type is RecordType.CONSUME:
            used[record.order].add(record.lot_id)
        elif record.device == "YARD" and record.type is RecordType.COMPLETE:
            made[record.lot_id].add(record.order)
    heats = Counter(len({heat for order in orders for heat in used[order]}) for orders in made.values())
    assert heats[1] > 20
    assert heats[2] > 5
    assert set(heats) == {1, 2}


def test_every_heat_comes_with_a_certificate(month: Watched) -> None:
    orders = {report.number: report for report, _ in month.reports if isinstance(report, PurchaseOrder)}
    heats = records(month, RecordType.RECEIPT, "YARD")
    assert len(heats) > 15
    assert all(orders[record.order].certificate for record in heats)


# ---- charges


def test_every_tray_says_its_charge_and_place_and_a_charge_fills_each_place_once(month: Watched) -> None:
    places: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for record in records(month, RecordType.COMPLETE, "FURNACES"):
        match = TRAY.fullmatch(record.lot_id)
        assert match is not None, record.lot_id
        places[match.groups()[:3]].append(match[4])
    assert len(places) > 40
    for (furnace, *_), filled in places.items():
        declared = month.spec.machines[f"furnace-{furnace}"].collects
        assert declared is not None
        assert filled == declared.positions[: len(filled)]


def test_which_gearboxes_were_in_a_charge_at_a_hot_place_is_asked_by_one_lot(month: Watched) -> None:
    truth = month.run.truth
    trays = [one for one in truth.candidates("wheel-hard") if one.code.endswith("-D1") and one.units]
    assert trays
    for tray in trays[:10]:
        affected = [group for group in truth.units([tray.lot], Feared()) if group.affected]
        assert 0 < sum(group.count for group in affected) <= 12, "a tray holds twelve wheels"


def test_a_charge_waits_for_its_section_and_a_rejected_one_reaches_no_gearbox() -> None:
    rejected = 0
    for seed in range(4):
        one = watched("gearbox", seed, 14 * 24.0)
        verdicts: dict[str, tuple[datetime, Result]] = {}
        for report, _ in one.reports:
            if isinstance(report, Verdict):
                verdicts[report.lot_id] = (report.time, report.result)
        ground = [record for record in records(one, RecordType.CONSUME, "GRINDERS") if TRAY.fullmatch(record.lot_id)]
        assert ground
        for record in ground:
            assert record.time is not None
            known, result = verdicts[record.lot_id]
            assert result is Result.OK
            assert known <= record.time
        bad = {lot for lot, (_, result) in verdicts.items() if result is Result.NOK}
        charges = {lot.rpartition("-")[0] for lot in bad}
        good = {lot.rpartition("-")[0] for lot, (_, result) in verdicts.items() if result is Result.OK}
        assert not charges & good, "a charge is released or rejected whole"
        rejected += len(charges)
    assert rejected > 0


def test_one_gear_of_each_charge_is_cut_up(month: Watched) -> None:
    cut = Counter(
        record.lot_id.rpartition("-")[0]
        for record in records(month, RecordType.SCRAP, "LAB")
        if record.nok_code == month.spec.reasons["试样 destructive sample"]
    )
    assert cut
    assert set(cut.values()) == {1}


# ---- machines


def test_trays_overtake_each_other_on_the_parallel_lathes(month: Watched) -> None:
    turned = [station for _, station, operation, _ in operations(month) if operation == "turn-pinion"]
    assert set(turned) >= {"lathe-1", "lathe-2"}


def test_a_hob_is_a_numbered_tool_that_cuts_at_most_its_life(month: Watched) -> None:
    links, truth = month.run.truth.tables["links"], month.run.truth
    hobs = {used for used in links["used"].tolist() if item_of(month, used) == "hob"}
    assert len(hobs) > 5
    assert all(
        mass == 0.0 for used, mass in zip(links["used"].tolist(), links["mass"].tolist(), strict=True) if used in hobs
    ), "a tool touches and stays"
    assert records(month, RecordType.MOUNT, "HOBBERS")
    assert truth.candidates("hob")


def test_from_day_12_on_the_dry_hobber_takes_two_trays_in_five(month: Watched) -> None:
    begun = [(begin, name) for begin, station, name, _ in operations(month) if name.startswith("hob-")]
    assert not [begin for begin, name in begun if name.endswith("-dry") and begin < 12 * DAY_MS]
    late = Counter(name.endswith("-dry") for begin, name in begun if begin > 13 * DAY_MS)
    share = late[True] / late.total()
    assert abs(share - 0.4) < 4 * np.sqrt(0.24 / late.total())


# ---- assembly


def test_pinions_are_taken_by_size_and_not_in_their_order(month: Watched) -> None:
    taken = [
        record.part_id
        for record in records(month, RecordType.CONSUME, "ASSEMBLY")
        if "(21)P" in record.part_id and "(21)PW" not in record.part_id
    ]
    assert len(taken) == len(set(taken)) > 2000
    ahead = sum(first > second for first, second in itertools.pairwise(taken))
    assert ahead > len(taken) / 5


def test_a_gearbox_has_one_serial_of_the_rule_and_is_packed_once_by_it(month: Watched) -> None:
    rule = read_rule({"zone": month.spec.timezone, **month.spec.lot_codes["gearbox-serial"]})
    packs = Counter(record.lot_id for record in records(month, RecordType.PACK))
    assert len(packs) > 2500
    assert set(packs.values()) == {1}
    for label in packs:
        rule.parse(label.partition("(21)")[2], near=month.run.end.date())


def test_screws_are_booked_by_the_bill_and_really_used_more_or_less(month: Watched) -> None:
    gtin = month.spec.items["screw"].gtin
    runs: dict[str, float] = defaultdict(float)
    for record in records(month, RecordType.CONSUME, "ASSEMBLY"):
        if record.item == gtin:
            runs[record.order] += float(record.quantity or 0)
    assert set(runs.values()) == {16.0}
    booked = list(runs)
    moves = month.run.truth.tables["moves"]
    used = [
        quantity
        for kind, portion, quantity in zip(
            moves["kind"].tolist(), moves["portion"].tolist(), moves["quantity"].tolist(), strict=True
        )
        if kind == Move.FEED and item_of(month, portion) == "screw"
    ]
    assert sum(used) != 16 * len(booked)
    assert abs(sum(used) / len(booked) - 16) < 0.5


def test_a_reworked_gearbox_keeps_its_serial_and_has_had_three_front_bearings(month: Watched) -> None:
    bearing = month.spec.items["bearing-in"].gtin
    fitted: dict[str, float] = defaultdict(float)
    run_of: dict[str, list[str]] = defaultdict(list)
    for record in month.records:
        if record.device == "ASSEMBLY" and record.type is RecordType.CONSUME and record.item == bearing:
            fitted[record.order] += float(record.quantity or 0)
        elif record.device == "ASSEMBLY" and record.type is RecordType.COMPLETE and "(21)G" in record.part_id:
            run_of[record.part_id].append(record.order)
    counts = Counter(sum(fitted[run] for run in runs) for runs in run_of.values())
    assert counts[2.0] > 2000
    assert counts[3.0] > 20
    assert set(counts) <= {2.0, 3.0, 4.0}


def test_an_assembly_cell_is_cleaned_between_two_orders_and_nothing_is_carried_over(month: Watched) -> None:
    events: dict[int, list[str]] = defaultdict(list)
    for record in month.records:
        if record.device == "ASSEMBLY" and record.station in (2, 3):
            if record.type is RecordType.CLEAN:
                events[record.station].append("clean")
            elif record.type is RecordType.COMPLETE:
                events[record.station].append(record.order.partition(".")[0])
    for seen in events.values():
        for before, after in itertools.pairwise(seen):
            assert before == after or "clean" in (before, after)
        assert seen.count("clean") > 20


def test_at_the_clean_point_the_bowl_of_rings_is_empty_and_no_ring_of_before_gets_further(month: Watched) -> None:
    """From the first serial after it on only rings poured in since then are in the gearboxes of that cell."""
    emptied = poured = 0
    for cell, bowl in ((2, 11), (3, 12)):
        inside: list[str] = []
        for record in month.records:
            if record.device != "ASSEMBLY" or record.station != cell:
                continue
            if record.type is RecordType.MOUNT and record.slot == bowl:
                inside.append(record.lot_id)
                poured += 1
            elif record.type is RecordType.UNMOUNT and record.slot == bowl:
                assert not record.lot_id, "mixed lots come out as no lot"
                inside = []
                emptied += 1
            elif record.type is RecordType.CLEAN and record.station == cell:
                assert not inside, "a cell was cleaned and its bowl not emptied"
            elif record.type is RecordType.COMPLETE and record.station == cell:
                assert inside, "a gearbox got its rings from an empty bowl"
    assert emptied > 100
    assert poured >= emptied


# ---- what the records are worth


def test_on_clean_capture_nothing_is_missed_whichever_received_lot_is_suspected() -> None:
    spec = plant("gearbox")
    clock = SetClock(spec.start)
    core = TraceCore(MemoryLog(clock), clock, rules=profile_of(spec).rules())
    core.append_masterdata(masterdata_of(spec), source="gearbox")

    def deliver(report: Report, arrives: datetime) -> object:
        clock.set(arrives)
        return core.capture(report)

    run = simulate(spec, 1, timedelta(days=8), deliver=deliver)
    clock.set(run.end)
    received = [one for one in run.truth.candidates() if one.is_received and one.units]
    assert {one.item for one in received} >= {"bar-50", "bar-150", "bar-45", "bearing-in", "hob", "ring"}
    for one in received:
        answer = core.recall([one.lot])
        assert isinstance(answer, RecallAnswer)
        hazard = Hazard(kind="contact") if one.item in TOUCHES else Hazard(kind="discrete")
        scored = score(run.truth, claims_of_json(answer.to_dict(), one.code), [one.lot], hazard)
        assert scored.units.missed == 0, one.code
        assert scored.units.over <= MOST_ON_TOP, one.code


# ---- outside


def test_shafts_leave_for_nitriding_and_come_back_days_later(month: Watched) -> None:
    sent = {record.lot_id: record.time for record in records(month, RecordType.SHIP, "LATHES")}
    back = {record.lot_id: record.time for record in records(month, RecordType.RECEIPT, "LATHES")}
    runs = {record.order: record.lot_id for record in records(month, RecordType.CONSUME, "OUTSIDE")}
    became = {record.lot_id: runs[record.order] for record in records(month, RecordType.COMPLETE, "OUTSIDE")}
    assert len(back) > 10
    for lot, came in back.items():
        gone = sent[became[lot]]
        assert came is not None
        assert gone is not None
        assert timedelta(hours=24) < came - gone < timedelta(days=6)


def test_each_car_maker_gets_its_own_gearbox_and_nothing_else(month: Watched) -> None:
    bought = {party_id(name, one): set(one.items) for name, one in month.spec.customers.items()}
    items = {one.gtin: name for name, one in month.spec.items.items()}
    packed: dict[str, set[str]] = defaultdict(set)
    notes = {report.number: report.customer for report, _ in month.reports if isinstance(report, DeliveryNote)}
    shipped: set[str] = set()
    for record in month.records:
        if record.type is RecordType.PACK:
            packed[record.part_id].add(items[record.item])
        elif record.type is RecordType.SHIP and record.device == "DISPATCH":
            assert packed[record.part_id] <= bought[notes[record.order]]
            shipped.add(notes[record.order])
    assert shipped == set(bought)
