"""Each kind of fault of capture and of systems: what becomes of the reports, and what its label says."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache

import pytest

from plant_models import names
from scenarios.faults import load_faults
from tests.twin.runs import plant
from trace_core.capture import records as capture
from trace_core.capture.records import DeviceRecord, Flag, LotAlias, Report, StockCount
from twin import TwinRun, simulate
from twin.conduct import ConductKind
from twin.faults import class_of, labels_csv
from twin.observe.faults import FaultKind, FaultLabel

HOURS = 60.0
START = plant("yoghurt").start

Arrival = tuple[Report, datetime]


@cache
def ran(declared: str, name: str = "yoghurt", hours: float = HOURS, seed: int = 3) -> tuple[TwinRun, list[Arrival]]:
    reports: list[Arrival] = []
    faults = load_faults(f"- {{{declared}}}\n", "test", plant(name)) if declared else ()
    return simulate(plant(name), seed, timedelta(hours=hours), faults, lambda *one: reports.append(one)), reports


def records(arrivals: list[Arrival]) -> list[DeviceRecord]:
    return [one for one, _ in arrivals if isinstance(one, DeviceRecord)]


def key(one: DeviceRecord | FaultLabel) -> tuple[str, int, int]:
    return one.device, one.epoch, one.sequence


def by_key(arrivals: list[Arrival]) -> dict[tuple[str, int, int], DeviceRecord]:
    return {key(one): one for one in records(arrivals)}


def differing(one: DeviceRecord, other: DeviceRecord) -> set[str]:
    return {field.name for field in fields(DeviceRecord) if getattr(one, field.name) != getattr(other, field.name)}


def named_lots(arrivals: list[Arrival]) -> set[tuple[str, str]]:
    return {(getattr(one, "item", ""), lot) for one, _ in arrivals if (lot := getattr(one, "lot_id", ""))}


def at(label: FaultLabel) -> float:
    return (label.time - START).total_seconds()


CHANGED = [
    ("kind: misread, rate: 0.1", {"lot_id", "part_id"}),
    ("kind: misread, rate: 0.1, slips: [dropped]", {"lot_id", "part_id"}),
    ("kind: empty_field, rate: 0.1", {"lot_id"}),
    ("kind: empty_field, rate: 0.1, field: order", {"order"}),
    ("kind: empty_field, rate: 0.1, field: operator", {"operator"}),
    ("kind: shared_login, rate: 0.1", {"operator"}),
    ("kind: shared_login, rate: 0.1, badge: M-99", {"operator"}),
    ("kind: copied_entry, rate: 0.3", {"measurements"}),
    ("kind: mislabelled, rate: 0.1", {"lot_id", "part_id", "slot"}),
    ("kind: swapped, rate: 0.3, within: 12h", {"lot_id"}),
    ("kind: clock, offset: -5min, drift_ppm: 100.0, devices: [LINE-1]", {"time"}),
    ("kind: late_backfill, rate: 0.2", {"time"}),
]


@pytest.mark.parametrize(("declared", "may_change"), CHANGED)
def test_what_a_fault_changes_is_what_its_labels_say(declared: str, may_change: set[str]) -> None:
    run, arrivals = ran(declared)
    clean, found = by_key(ran("")[1]), by_key(arrivals)
    labels = {key(label): label for label in run.labels}
    changed = {one: differing(record, clean[one]) for one, record in found.items() if record != clean[one]}
    assert changed
    assert set().union(*changed.values()) <= may_change
    if "time" not in may_change:  # a clock is labelled once, and a time from memory may be right
        assert changed.keys() <= labels.keys()
        assert all(label.field in may_change for label in run.labels)
        assert all(label.true != label.reported for label in run.labels)
    assert run.counts.wrong + run.counts.late >= len(changed)
    assert run.truth.hash == ran("")[0].truth.hash


@pytest.mark.parametrize("slip", ["look_alike", "dropped", "transposed", "keyboard"])
def test_a_misread_code_is_one_slip_away(slip: str) -> None:
    run, _ = ran(f"kind: misread, rate: 0.2, slips: [{slip}]")
    assert len(run.labels) > 20
    for label in run.labels:
        true, read = label.true, label.reported
        if slip == "dropped":
            assert len(read) == len(true) - 1
        elif slip == "transposed":
            assert sorted(read) == sorted(true)
        else:
            assert sum(a != b for a, b in zip(true, read, strict=True)) == 1
        assert read.startswith(true[: true.rfind(")") + 1])  # a reader never mistakes the application identifiers


def test_a_stray_read_is_a_record_of_something_that_was_elsewhere() -> None:
    run, arrivals = ran("kind: stray, rate: 0.2, stations: [loading-dock]", hours=130.0)
    clean = {(one.type, one.part_id) for one in records(ran("", hours=130.0)[1])}
    found = by_key(arrivals)
    strays = [found[key(label)] for label in run.labels]
    assert len(strays) > 5
    assert len(records(arrivals)) == len(records(ran("", hours=130.0)[1])) + len(strays)
    assert all(one.part_id == label.reported for one, label in zip(strays, run.labels, strict=True))
    assert any((one.type, one.part_id) not in clean for one in strays)  # shipped, says the portal, and never was


def test_a_replay_is_the_same_record_again_and_a_double_scan_another_one() -> None:
    run, arrivals = ran("kind: replayed, rate: 0.1")
    keys = Counter(map(key, records(arrivals)))
    assert {one for one, count in keys.items() if count == 2} == {key(label) for label in run.labels}
    assert max(keys.values()) == 2
    assert len(set(records(arrivals))) == len(keys)
    assert run.counts.duplicated == len(run.labels) > 20


def test_swapped_labels_come_in_pairs_that_name_each_other() -> None:
    run, _ = ran("kind: swapped, rate: 0.3, within: 12h")
    assert len(run.labels) > 4
    pairs = list(zip(run.labels[::2], run.labels[1::2], strict=True))
    for one, other in pairs:
        assert (one.true, one.reported) == (other.reported, other.true)
        assert (one.station, one.item) == (other.station, other.item)
        assert one.sequence < other.sequence


def test_batches_arrive_together_at_the_full_hour_or_at_the_end_of_the_shift() -> None:
    for declared, period_s in (("every: 1h", 3600.0), ("at: shift_end", 8 * 3600.0)):
        run, arrivals = ran(f"kind: batched, {declared}, devices: [LINE-1]")
        mine = [when for one, when in arrivals if isinstance(one, DeviceRecord) and one.device == "LINE-1"]
        assert len(mine) > 20
        assert all((when - START).total_seconds() % period_s == 0 for when in mine)
        assert run.counts.late >= len(mine)
        order = [one.sequence for one in records(arrivals) if one.device == "LINE-1"]
        assert order == sorted(order)


OUT = "kind: outage, pattern: outage, every: 12h, lasts: 3h"


def test_after_an_outage_all_arrives_flagged_and_oldest_first() -> None:
    run, arrivals = ran(OUT)
    offline = [(one, when) for one, when in arrivals if isinstance(one, DeviceRecord) and Flag.OFFLINE in one.flags]
    assert len(offline) > 20
    assert {key(one) for one, _ in offline} <= {key(label) for label in run.labels}
    assert all(one.time is not None and one.time < when for one, when in offline)
    for device in plant("yoghurt").devices:
        order = [one.sequence for one in records(arrivals) if one.device == device]
        assert order == sorted(order)
    assert len({when for _, when in offline}) < len(offline) / 5  # a few outages, each ending for all at once


def test_an_outage_without_a_buffer_loses_and_its_gap_shows() -> None:
    run, arrivals = ran(f"{OUT}, buffered: false")
    clean = by_key(ran("")[1])
    gone = clean.keys() - by_key(arrivals).keys()
    assert gone == {key(label) for label in run.labels} != set()
    assert run.counts.missed == len(run.labels)
    assert {label.detail for label in run.labels} == {"lost: no buffer"}


def test_a_full_buffer_loses_the_oldest() -> None:
    run, arrivals = ran(f"{OUT}, capacity: 3, devices: [WAREHOUSE]", hours=130.0)
    lost = [key(label) for label in run.labels if "overflowed" in label.detail]
    assert lost
    assert not set(lost) & by_key(arrivals).keys()
    kept = Counter(when for one, when in arrivals if isinstance(one, DeviceRecord) and Flag.OFFLINE in one.flags)
    assert 0 < max(kept.values()) <= 3


def test_a_clock_is_off_by_its_offset_and_drifts_from_there() -> None:
    run, arrivals = ran("kind: clock, offset: -5min, drift_ppm: 100.0, devices: [LINE-1], from: 1d")
    clean = by_key(ran("")[1])
    assert [label.device for label in run.labels] == ["LINE-1"]
    seen = 0
    for one in records(arrivals):
        true, got = clean[key(one)].time, one.time
        assert true is not None
        assert got is not None
        elapsed = (true - START).total_seconds() - 86_400.0
        off = (got - true).total_seconds()
        if one.device != "LINE-1" or elapsed < 0:
            assert off == 0
            continue
        seen += 1
        assert off == pytest.approx(-300.0 + 1e-4 * elapsed, abs=0.0011)
    assert seen > 20


def test_a_device_with_a_clock_of_its_own_is_off_without_any_fault() -> None:
    change = ("STORES: {stations:", "STORES: {clock: {offset_s: 30.0}, stations:")
    reports: list[Arrival] = []
    simulate(plant("yoghurt", change), 3, timedelta(hours=20), (), lambda *one: reports.append(one))
    off = {
        (one.device, (when - one.time).total_seconds())
        for one, when in reports
        if isinstance(one, DeviceRecord) and one.time is not None
    }
    assert ("STORES", -30.0) in off
    assert {seconds for device, seconds in off if device != "STORES"} == {0.0}


def test_a_back_filled_entry_comes_at_the_end_of_the_shift_with_a_round_time_of_that_shift() -> None:
    run, arrivals = ran("kind: late_backfill, rate: 0.2")
    late = {key(label): label for label in run.labels}
    found = [(one, when) for one, when in arrivals if isinstance(one, DeviceRecord) and key(one) in late]
    assert len(found) > 50
    shift = timedelta(hours=8)
    for one, when in found:
        assert one.time is not None
        assert (when - START) % shift == timedelta(0)
        assert (one.time - START) % timedelta(minutes=15) == timedelta(0)
        assert when - shift <= one.time <= when


LOSSES = [
    ("kind: lost, rate: 0.1", "lost"),
    ("kind: silent_link, pattern: outage, every: 12h, lasts: 4h", "silent_link"),
    ("kind: silent_link, devices: [ERP], from: 1d, until: 2d", "silent_link"),
]


@pytest.mark.parametrize(("declared", "kind"), LOSSES)
def test_what_a_link_loses_never_comes_and_leaves_a_gap(declared: str, kind: str) -> None:
    run, arrivals = ran(declared)
    assert {label.kind for label in run.labels} == {kind}
    assert len(arrivals) == len(ran("")[1]) - len(run.labels)
    assert run.counts.missed == len(run.labels) > 5
    assert by_key(ran("")[1]).keys() - by_key(arrivals).keys() == {key(one) for one in run.labels if one.device}


def test_reordered_reports_all_come_within_the_window_and_out_of_order() -> None:
    run, arrivals = ran("kind: reordered, rate: 1.0, window: 10min, devices: [WAREHOUSE]", hours=130.0)
    mine = [(one, when) for one, when in arrivals if isinstance(one, DeviceRecord) and one.device == "WAREHOUSE"]
    order = [one.sequence for one, _ in mine]
    assert sorted(order) == list(range(1, len(order) + 1)) != order
    assert all(timedelta(0) <= when - one.time <= timedelta(minutes=10) for one, when in mine if one.time)
    assert run.counts.late == len(run.labels)


def test_before_the_cut_over_there_is_nothing_but_the_last_count() -> None:
    moment = START + timedelta(days=5)
    run, arrivals = ran("kind: cut_over, until: 5d", hours=150.0)
    assert all(when >= moment for _, when in arrivals)
    before = [one for one, _ in arrivals if isinstance(one, StockCount) and one.time < moment]
    assert len(before) > 20
    assert {one.time.date() for one in before} == {(START + timedelta(days=2, hours=23)).date()}  # the Wednesday
    bare, others = ran("kind: cut_over, until: 5d, opening_balance: false", hours=150.0)
    assert len(others) == len(arrivals) - len(before)
    assert min(one.sequence for one in records(others) if one.device == "WAREHOUSE") == 1
    assert bare.counts.missed == run.counts.missed


def test_two_lots_of_an_item_bear_one_code_for_everybody() -> None:
    run, arrivals = ran("kind: duplicate_code, rate: 0.5, stations: [goods-in]", hours=130.0)
    assert len(run.labels) > 5
    named, clean = named_lots(arrivals), named_lots(ran("", hours=130.0)[1])
    gone = {(label.item, label.true) for label in run.labels}
    assert clean - named == gone
    assert all((label.item, label.reported) in named for label in run.labels)


def test_a_code_used_again_is_as_old_as_declared() -> None:
    run, _ = ran("kind: reused_code, rate: 0.5, after: 3d", hours=150.0)
    seen: dict[str, datetime] = {}
    for one, when in ran("", hours=150.0)[1]:
        seen.setdefault(getattr(one, "lot_id", ""), when)
    assert len(run.labels) > 5
    assert all(label.time - seen[label.reported] >= timedelta(days=3) for label in run.labels if label.reported in seen)


def test_codes_of_different_items_keep_the_form_of_their_own_label() -> None:
    run, _ = ran("kind: duplicate_code, rate: 0.5, same_item: false")
    assert len(run.labels) > 5
    assert all(
        label.reported.startswith(f"(01){label.item}(10)") for label in run.labels if label.true.startswith("(01)")
    )


def test_a_system_with_codes_of_its_own_tells_which_is_which_where_it_has_a_crosswalk() -> None:
    run, arrivals = ran("kind: other_codes, devices: [WMS, LIMS], prefix: W-, crosswalk: true", hours=130.0)
    posted = [one for one, _ in arrivals if isinstance(one, StockCount | capture.TestResult)]
    assert posted
    assert all(one.lot_id.startswith("W-") for one in posted)
    aliases = {one.other_lot_id: one for one, _ in arrivals if isinstance(one, LotAlias)}
    assert {one.lot_id for one in posted} == aliases.keys()
    assert {label.true for label in run.labels} == {one.lot_id for one in aliases.values()}
    _, without = ran("kind: other_codes, prefix: W-", hours=130.0)
    assert not [one for one, _ in without if isinstance(one, LotAlias)]
    assert all(one.lot_id.startswith("W-") for one, _ in without if isinstance(one, StockCount | capture.TestResult))
    assert records(without) == records(ran("", hours=130.0)[1])  # devices are hit only where named


def test_a_system_may_number_items_by_itself() -> None:
    _, arrivals = ran("kind: other_codes, of: items, prefix: ART", hours=80.0)
    posted = [one for one, _ in arrivals if isinstance(one, StockCount)]
    assert posted
    assert all(one.item.startswith("ART") and not one.lot_id.startswith("(") for one in posted)


# ---- when


def test_at_a_lot_change_only_the_first_reports_of_the_next_lot_are_hit() -> None:
    run, _ = ran("kind: missed, rate: 1.0, pattern: at_lot_change, first: 1, stations: [line-1]", hours=130.0)
    changes, last = list[tuple[str, str]](), dict[str, str]()
    for one in records(ran("", hours=130.0)[1]):
        if (one.device, one.station) == ("LINE-1", 1) and one.lot_id:
            if last.get(one.item, one.lot_id) != one.lot_id:
                changes.append((one.item, one.lot_id))
            last[one.item] = one.lot_id
    assert [(label.item, label.lot) for label in run.labels] == changes != []


def test_around_a_change_of_shift_it_happens_more_often() -> None:
    run, _ = ran("kind: missed, rate: 0.05, pattern: shift_change, factor: 10.0, around: 30min", hours=150.0)
    near = [label for label in run.labels if min(at(label) % 28_800.0, -at(label) % 28_800.0) <= 1800.0]
    every = [one for one in records(ran("", hours=150.0)[1]) if one.time is not None]
    times = [(one.time - START).total_seconds() for one in every if one.time is not None]
    there = sum(min(time % 28_800.0, -time % 28_800.0) <= 1800.0 for time in times)
    rate_near, rate_else = len(near) / there, (len(run.labels) - len(near)) / (len(times) - there)
    assert rate_near > 4 * rate_else


def test_shifts_are_those_of_the_plant_where_it_declares_some() -> None:
    change = ("counts:", "shifts:\n  day: [{days: [mon, tue, wed, thu, fri], begins: '05:00', ends: '13:00'}]\ncounts:")
    faults = load_faults("- {kind: batched, at: shift_end}", "test")
    reports: list[Arrival] = []
    simulate(plant("yoghurt", change), 3, timedelta(hours=50), faults, lambda *one: reports.append(one))
    hours = {(when - START).total_seconds() / 3600.0 for one, when in reports if isinstance(one, DeviceRecord)}
    assert hours == {5.0, 13.0, 29.0, 37.0}


def test_from_and_until_bound_a_fault() -> None:
    run, _ = ran("kind: missed, rate: 0.5, from: 20h, until: 40h")
    assert len(run.labels) > 20
    assert all(20 * 3600 <= at(label) < 40 * 3600 for label in run.labels)


def test_a_window_takes_hits_away_and_moves_none() -> None:
    wide, _ = ran("kind: missed, rate: 0.3")
    narrow, _ = ran("kind: missed, rate: 0.3, from: 20h, until: 40h")
    assert list(narrow.labels) == [label for label in wide.labels if 20 * 3600 <= at(label) < 40 * 3600]


def test_a_fault_of_some_items_hits_no_other() -> None:
    run, _ = ran("kind: missed, rate: 0.5, items: [strawberry-prep, sugar]")
    gtins = {plant("yoghurt").items[name].gtin for name in ("strawberry-prep", "sugar")}
    assert {label.item for label in run.labels} == gtins


# ---- all of them


EVERY = """
- {kind: missed, rate: 0.02}
- {kind: duplicated, rate: 0.02}
- {kind: replayed, rate: 0.02}
- {kind: late, rate: 0.05, delay: 1h}
- {kind: mislabelled, rate: 0.02}
- {kind: misread, rate: 0.02}
- {kind: stray, rate: 0.02}
- {kind: swapped, rate: 0.05}
- {kind: batched, every: 30min, pattern: shift_change, rate: 0.2}
- {kind: outage, pattern: outage, every: 8h, lasts: 1h, capacity: 5}
- {kind: clock, offset: 3min, drift_ppm: 50.0}
- {kind: shared_login, rate: 0.1}
- {kind: empty_field, rate: 0.02}
- {kind: duplicate_code, rate: 0.05}
- {kind: reused_code, rate: 0.05, after: 1d}
- {kind: other_codes, of: items, crosswalk: true}
- {kind: silent_link, pattern: outage, every: 20h, lasts: 1h}
- {kind: reordered, rate: 0.3, window: 5min}
- {kind: lost, rate: 0.02}
- {kind: cut_over, until: 12h}
- {kind: late_backfill, rate: 0.05}
- {kind: copied_entry, rate: 0.2}
"""


def test_every_fault_of_capture_and_systems_at_once_leaves_the_truth_alone(
    trials: Callable[[int], Iterator[int]],
) -> None:
    kinds: set[str] = set()
    for seed in trials(60):
        for name in ("juice", names()[(seed // 10 + 3) % len(names())]):
            spec = plant(name)
            clean = simulate(spec, seed, timedelta(hours=40))
            faults = load_faults(EVERY, "test", spec)
            reports: list[Arrival] = []
            faulty = simulate(spec, seed, timedelta(hours=40), faults, lambda *one: reports.append(one))  # noqa: B023
            assert faulty.truth.hash == clean.truth.hash
            assert [when for _, when in reports] == sorted(when for _, when in reports)
            assert faulty.counts.reported == len(reports)
            kinds |= {label.kind for label in faulty.labels}
    assert kinds >= set(FaultKind) - {"swapped", "copied_entry", "replayed"}


def test_the_same_run_has_the_same_labels_and_no_fault_shifts_another() -> None:
    spec, until = plant("yoghurt"), timedelta(hours=HOURS)
    every = load_faults(EVERY, "test", spec)
    together = simulate(spec, 3, until, every).labels
    assert simulate(spec, 3, until, every).labels == together
    for fault in every:
        if fault.kind in ("silent_link", "lost", "late", "reordered", "shared_login", "misread"):
            alone = simulate(spec, 3, until, [one for one in every if one.kind in (fault.kind, "cut_over")]).labels
            mine = {(one.time, one.station, one.record) for one in together if one.fault == fault.stream}
            others = {(one.time, one.station, one.record) for one in alone if one.fault == fault.stream}
            assert mine <= others  # what was missed is not misread as well
            assert len(mine) > 0.8 * len(others) > 0


def test_a_fault_can_be_switched_off_and_on_without_shifting_its_luck() -> None:
    from trace_core.errors import UnknownName
    from twin.floor import Floor
    from twin.plant import Plant

    def run(*, off_s: float) -> list[FaultLabel]:
        floor = Floor(plant("yoghurt"), 3, load_faults("- {kind: missed, rate: 0.3, name: mine}", "test"))
        Plant(floor)
        floor.kernel.run(20 * 3600.0)
        floor.observer.switch("mine", on=False)
        floor.kernel.run(20 * 3600.0 + off_s)
        floor.observer.switch("fault/mine", on=True)
        floor.kernel.run(60 * 3600.0)
        with pytest.raises(UnknownName, match="mien"):
            floor.observer.switch("mien", on=True)
        return list(floor.observer.labels)

    always, sometimes = run(off_s=0.0), run(off_s=10 * 3600.0)
    assert sometimes == [label for label in always if not 20 * 3600 < at(label) <= 30 * 3600]
    assert len(sometimes) < len(always)


def test_where_nobody_listens_nothing_is_built() -> None:
    from twin.floor import Floor

    assert not Floor(plant("yoghurt"), 1).observer.is_listening
    assert Floor(plant("yoghurt"), 1, deliver=lambda *_: None).observer.is_listening
    assert Floor(plant("yoghurt"), 1, load_faults("- {kind: missed, rate: 0.1}", "test")).observer.is_listening


def test_labels_can_be_kept_as_a_table() -> None:
    run, _ = ran("kind: mislabelled, rate: 0.1")
    rows = list(csv.DictReader(io.StringIO(labels_csv(run.labels))))
    assert len(rows) == len(run.labels)
    assert {row["class"] for row in rows} == {"capture"}
    assert [(row["device"], int(row["sequence"]), row["true"]) for row in rows] == [
        (one.device, one.sequence, one.true) for one in run.labels
    ]


def test_each_kind_is_of_one_class() -> None:
    assert class_of(FaultKind.MISSED) == "capture"
    assert class_of(FaultKind.CUT_OVER) == "system"
    assert {class_of(kind) for kind in ConductKind} == {"conduct"}
    assert class_of(FaultKind.LATE_BACKFILL) == "conduct"
