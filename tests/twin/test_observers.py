from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant_models import names, profile_of
from tests.twin.runs import Watched, plant, watched
from trace_core.capture.device_checks import TEXT_LIMITS_BYTES
from trace_core.capture.records import DeviceRecord, PurchaseOrder, RecordType, Report
from trace_core.errors import SpecError
from twin import CaptureFault, FaultKind, TwinRun, simulate
from twin.observe.faults import ClockError
from twin.observe.observer import LARGEST_QUANTITY, LARGEST_SEQUENCE, exact
from twin.observe.when import ALWAYS, Pattern, When
from twin.streams import Stream, Streams

HOURS = 72.0


def run_with(
    *faults: CaptureFault, hours: float = HOURS, seed: int = 3
) -> tuple[TwinRun, list[tuple[Report, datetime]]]:
    reports: list[tuple[Report, datetime]] = []
    run = simulate(plant("yoghurt"), seed, timedelta(hours=hours), faults, lambda *one: reports.append(one))
    return run, reports


TIMES = (
    ALWAYS,
    When(from_s=20_000.0, until_s=90_000.0),
    When(Pattern.AT_LOT_CHANGE, first=2),
    When(Pattern.SHIFT_CHANGE, until_s=100_000.0),
    When(Pattern.OUTAGE, every_s=20_000.0, lasts_s=9_000.0),
)

LINKS = (FaultKind.OUTAGE, FaultKind.SILENT_LINK)


def some_faults(name: str, luck: Stream) -> list[CaptureFault]:
    stations = [("*",), *((station,) for station in plant(name).stations)]
    records = [("*",), ("CONSUME", "MOUNT"), ("PACK",), ("TestResult", "DeliveryNote")]
    found = [CaptureFault(FaultKind.MISSED, 0.05)]
    for number in range(1 + luck.below(6)):
        kind = luck.choice(list(FaultKind))
        times = {FaultKind.CUT_OVER: TIMES[1:2]}.get(kind, TIMES[-1:] if kind in LINKS else TIMES)
        found.append(
            CaptureFault(
                kind,
                luck.uniform(),
                luck.choice(stations),
                luck.choice(records),
                1e5 * luck.uniform(),
                str(number),
                when=luck.choice(times),
                details=ClockError(-400.0, 900.0) if kind is FaultKind.CLOCK else None,
            )
        )
    return found


def test_truth_never_depends_on_what_is_reported(trials: Callable[[int], Iterator[int]]) -> None:
    for seed in trials(60):
        for name in ("juice", names()[seed // 10 % len(names())]):
            clean = watched(name, seed, 40.0).run
            faults = some_faults(name, Streams(seed).named("which faults"))
            faulty = simulate(plant(name), seed, timedelta(hours=40), faults, lambda *_: None)
            assert faulty.truth.hash == clean.truth.hash
            assert faulty.balances == clean.balances
            assert faulty.labels


def test_a_run_without_listeners_has_the_same_truth_and_counts() -> None:
    heard = watched("yoghurt", 1, 40.0).run
    silent = simulate(plant("yoghurt"), 1, timedelta(hours=40))
    assert silent.truth.hash == heard.truth.hash
    assert silent.counts == heard.counts


def test_missed_records_are_gone_without_a_gap_in_the_sequence() -> None:
    run, reports = run_with(CaptureFault(FaultKind.MISSED, 0.2))
    clean = watched("yoghurt", 3, HOURS)
    assert run.counts.missed == len(run.labels) == len(clean.reports) - len(reports)
    assert 0.1 < run.counts.missed / len(clean.records) < 0.3
    for device in plant("yoghurt").devices:
        mine = [one.sequence for one, _ in reports if isinstance(one, DeviceRecord) and one.device == device]
        assert mine == list(range(1, len(mine) + 1))


def test_the_faulty_records_are_those_of_the_labels_and_no_others() -> None:
    run, reports = run_with(CaptureFault(FaultKind.MISLABELLED, 0.1), hours=130.0)
    clean = watched("yoghurt", 3, 130.0)
    wrong = {(label.device, label.epoch, label.sequence): label for label in run.labels}
    assert run.counts.wrong == len(wrong) > 20
    pairs = zip([one for one, _ in reports if isinstance(one, DeviceRecord)], clean.records, strict=True)
    for reported, true in pairs:
        label = wrong.get((reported.device, reported.epoch, reported.sequence))
        if label is None:
            assert reported == true
        else:
            assert str(getattr(true, label.field)) == label.true != label.reported
            assert str(getattr(reported, label.field)) == label.reported
            assert label.station in plant("yoghurt").stations
    assert {label.field for label in run.labels} >= {"lot_id", "part_id"}


def test_a_wrong_lot_is_mostly_another_lot_of_the_same_item() -> None:
    run, _ = run_with(CaptureFault(FaultKind.MISLABELLED, 0.1))
    labels = {(lot, one.item) for one in watched("yoghurt", 3, HOURS).records if (lot := one.lot_id)}
    known = {lot for lot, _ in labels}
    lots = [label for label in run.labels if label.field == "lot_id"]
    assert sum(label.reported in known for label in lots) > len(lots) / 2


def test_a_double_scan_is_a_second_record_seconds_later() -> None:
    run, reports = run_with(CaptureFault(FaultKind.DUPLICATED, 0.1))
    clean = watched("yoghurt", 3, HOURS)
    assert run.counts.duplicated == len(run.labels) > 20
    assert run.counts.reported == len(reports) == len(clean.reports) + run.counts.duplicated
    keys = [(one.device, one.epoch, one.sequence) for one, _ in reports if isinstance(one, DeviceRecord)]
    assert len(set(keys)) == len(keys)


def test_late_reports_keep_their_time_arrive_in_order_and_never_after_the_end() -> None:
    run, reports = run_with(CaptureFault(FaultKind.LATE, 0.3, delay_s=20_000.0))
    clean = watched("yoghurt", 3, HOURS)
    arrivals = [arrives for _, arrives in reports]
    assert arrivals == sorted(arrivals)
    assert arrivals[-1] <= run.end
    late = [arrives - one.time for one, arrives in reports if one.time is not None and arrives > one.time]
    lost = len(clean.reports) - len(reports)
    assert 0 < lost < run.counts.late == len(late) + lost
    mean = sum(late, timedelta()) / len(late)
    assert timedelta(seconds=8_000) < mean < timedelta(seconds=32_000)
    assert Counter(one.type for one, _ in reports if isinstance(one, DeviceRecord)).total() == len(clean.records) - lost


def test_each_fault_has_its_own_luck() -> None:
    packs = CaptureFault(FaultKind.MISSED, 0.1, records=("PACK",))
    ships = CaptureFault(FaultKind.MISSED, 0.1, records=("SHIP",))
    late = CaptureFault(FaultKind.LATE, 0.5)
    alone, _ = run_with(packs)
    together, _ = run_with(late, ships, packs)
    hit = [label for label in together.labels if label.fault == packs.stream]
    assert hit == list(alone.labels)
    assert {label.record for label in hit} == {"PACK"}


def test_of_two_faults_of_one_kind_both_draw_and_one_is_named() -> None:
    some = CaptureFault(FaultKind.MISSED, 0.3, records=("PACK",), name="some")
    more = CaptureFault(FaultKind.MISSED, 0.3, name="more")
    times = [{label.time: label for label in run_with(*faults)[0].labels} for faults in ((some,), (more, some))]
    alone, together = times
    assert alone.keys() <= together.keys()
    assert {label.fault for label in together.values()} == {some.stream, more.stream}


def test_business_postings_are_hit_only_where_named() -> None:
    run, _ = run_with(CaptureFault(FaultKind.MISSED, 1.0))
    assert run.counts.missed == len(watched("yoghurt", 3, HOURS).records)
    assert run.counts.reported > 50
    named, reports = run_with(CaptureFault(FaultKind.MISSED, 1.0, ("ERP",), ("PurchaseOrder",)))
    assert named.counts.missed > 20
    assert not any(isinstance(one, PurchaseOrder) for one, _ in reports)


def test_faults_that_do_not_fit_the_plant_are_refused_all_at_once() -> None:
    faults = [
        CaptureFault(FaultKind.MISSED, 1.5),
        CaptureFault(FaultKind.LATE, 0.1, ("line-9",)),
        CaptureFault(FaultKind.MISSED, 0.1, records=("CONSUMED",)),
        CaptureFault(FaultKind.LATE, 0.1, delay_s=float("nan"), name="again"),
        CaptureFault(FaultKind.LATE, 0.1, name="again"),
    ]
    with pytest.raises(SpecError) as caught:
        simulate(plant("yoghurt"), 1, timedelta(hours=1), faults)
    paths = [fault.path for fault in caught.value.faults]
    assert paths == [
        "$.faults[0].rate",
        "$.faults[1].stations",
        "$.faults[2].records",
        "$.faults[3].delay_s",
        "$.faults[4].name",
    ]
    assert "did you mean line-" in str(caught.value)
    assert "did you mean CONSUME" in str(caught.value)


@pytest.mark.parametrize("name", ["yoghurt", "juice"])
def test_every_record_fits_the_mailbox(name: str) -> None:
    one = watched(name, 1, 240.0)
    rules = profile_of(one.spec).rules()
    assert len(one.records) > 500
    for record in one.records:
        for field, limit in TEXT_LIMITS_BYTES.items():
            assert len(getattr(record, field).encode()) <= limit
        assert 1 <= record.sequence <= LARGEST_SEQUENCE
        assert 1 <= record.epoch <= 65_535
        assert (record.device, record.station) in rules.stations
        assert record.slot == 0 or (record.device, record.slot) in rules.slots
        assert 0 <= record.nok_code <= 65_535
        assert len(record.measurements) <= 4
        assert record.time is not None
        assert record.time.microsecond % 1000 == 0
        if record.quantity is not None:
            sign, digits, exponent = record.quantity.as_tuple()
            assert sign == 0
            assert isinstance(exponent, int)
            assert int("".join(map(str, digits))) <= LARGEST_QUANTITY
            assert -128 <= exponent <= 0
            assert record.unit in one.spec.units


def test_a_device_that_has_used_every_sequence_begins_a_new_epoch(juice: Watched) -> None:
    from twin.floor import Floor

    floor = Floor(plant("juice"), 1, deliver=lambda report, _: seen.append(report))
    seen: list[Report] = []
    for _ in range(LARGEST_SEQUENCE + 2):
        floor.observer.record("仓库", RecordType.SCRAP, order="X")
    keys = [(one.epoch, one.sequence) for one in seen if isinstance(one, DeviceRecord)]
    assert keys[LARGEST_SEQUENCE - 1 :] == [(1, LARGEST_SEQUENCE), (2, 1), (2, 2)]
    assert len(set(keys)) == len(keys)


@given(st.integers(0, 2**31 - 1), st.integers(0, 6))
def test_quantities_are_exact_and_short(quantity: int, decimals: int) -> None:
    number = exact(quantity, decimals)
    assert number == Decimal(quantity).scaleb(-decimals)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent == 0 or number.as_tuple().digits[-1] != 0


def test_a_quantity_no_mailbox_can_carry_is_a_programmers_mistake() -> None:
    with pytest.raises(AssertionError, match="2147483647"):
        exact(2**31 + 1, 0)
