"""The shipped dairy does what its page says: amounts, hard cases, and what its records need to be read soundly."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import timedelta
from typing import TypeVar

from plant_models.projection import party_id
from tests.twin.runs import Feared, Watched, watched
from trace_core.capture import records as reported
from trace_core.capture.records import DeliveryNote, RecordType, Result, WorkOrder
from trace_core.lot_codes import read_rule
from trace_core.vocabulary.gs1_keys import is_sound
from twin.ledger import Move

Posted = TypeVar("Posted", reported.TestResult, DeliveryNote, WorkOrder)

CLOCK_BOUND = timedelta(seconds=300)


def postings(one: Watched, kind: type[Posted]) -> list[Posted]:
    return [report for report, _ in one.reports if isinstance(report, kind)]


def test_a_week_makes_at_least_100_000_boxes_and_every_week_about_as_many(yoghurt: Watched) -> None:
    truth = yoghurt.run.truth
    moves = truth.tables["moves"]
    packed = (moves["kind"] == Move.PACK) | (moves["kind"] == Move.SAMPLE)
    first = moves["quantity"][packed & (moves["time_ms"] < 7 * 86_400_000)].sum()
    second = moves["quantity"][packed & (moves["time_ms"] >= 5 * 86_400_000)].sum()
    assert first >= 100_000
    assert second >= 100_000


def test_boxes_go_to_at_least_40_retailers_before_and_after_the_laboratorys_word(yoghurt: Watched) -> None:
    verdicts = {one.lot_id: one.time for one in postings(yoghurt, reported.TestResult)}
    packs: dict[str, list[str]] = defaultdict(list)
    before, after, customers = 0, 0, set()
    notes = {one.number: one.customer for one in postings(yoghurt, DeliveryNote)}
    for record in yoghurt.records:
        if record.type is RecordType.PACK:
            packs[record.part_id].append(record.lot_id)
        elif record.type is RecordType.SHIP:
            assert record.time is not None
            known = all(lot in verdicts and verdicts[lot] <= record.time for lot in packs[record.part_id])
            before, after = before + (not known), after + known
            customers.add(notes[record.order])
    assert before > 100
    assert after > 100
    assert len(customers) >= 40


def test_retailers_that_wait_for_the_laboratory_never_get_what_it_has_not_passed() -> None:
    yoghurt = watched("yoghurt", 1, 160.0, ("keeps: 66 000 box", "keeps: 0 box"))  # so that what leaves is young
    good = {one.lot_id: one.time for one in postings(yoghurt, reported.TestResult) if one.result is Result.OK}
    careful = {party_id(name, one) for name, one in yoghurt.spec.customers.items() if one.needs_release}
    notes = {one.number: one.customer for one in postings(yoghurt, DeliveryNote)}
    packs: dict[str, list[str]] = defaultdict(list)
    checked = 0
    for record in yoghurt.records:
        if record.type is RecordType.PACK:
            packs[record.part_id].append(record.lot_id)
        elif record.type is RecordType.SHIP and notes[record.order] in careful:
            assert record.time is not None
            assert all(good[lot] <= record.time for lot in packs[record.part_id])
            checked += 1
    assert checked > 20


def test_the_laboratory_answers_48_hours_after_the_first_box(yoghurt: Watched) -> None:
    sampled = {
        record.lot_id: record.time
        for record in yoghurt.records
        if record.type is RecordType.SCRAP and record.nok_code == yoghurt.spec.reasons["laboratory sample"]
    }
    for one in postings(yoghurt, reported.TestResult):
        taken = sampled[one.lot_id]
        assert taken is not None
        assert one.time - taken == timedelta(hours=48)


def test_clocks_that_differ_by_300_s_cannot_confuse_filling_drawing_and_cleaning(yoghurt: Watched) -> None:
    events: dict[int, list[tuple[int, int]]] = defaultdict(list)
    moves = yoghurt.run.truth.tables["moves"]
    silos = {yoghurt.run.truth.names.places.index(name) for name in ("silo-1", "silo-2")}
    columns = (moves[name].tolist() for name in ("time_ms", "kind", "source", "target"))
    for time, kind, source, target in zip(*columns, strict=True):
        if kind in (Move.FILL, Move.DRAW, Move.CLEAN) and (silo := {source, target} & silos):
            events[silo.pop()].append((time, kind))
    changes = Counter[tuple[Move, Move]]()
    for steps in events.values():
        for (earlier, did), (later, does) in itertools.pairwise(steps):
            if did != does:
                assert later - earlier > 2 * CLOCK_BOUND / timedelta(milliseconds=1)
                changes[Move(did), Move(does)] += 1
    assert changes[Move.FILL, Move.DRAW] > 20
    assert changes[Move.DRAW, Move.FILL] > 5, "no silo is ever filled on its heel"
    assert changes[Move.DRAW, Move.CLEAN] > 10


def test_records_of_one_silo_never_overlap(yoghurt: Watched) -> None:
    """What a draw measured does not begin before the rest after the last filling or cleaning has passed."""
    last: dict[int, tuple[RecordType, object]] = {}
    for record in yoghurt.records:
        if record.device in ("RECEPTION", "PROCESS") and record.slot in (1, 2):
            assert record.time is not None
            seconds = record.measurements[0] if record.measurements else 0.0
            begins = record.time - timedelta(seconds=seconds)
            if record.slot in last and last[record.slot][0] is not record.type:
                assert begins - last[record.slot][1] > 2 * CLOCK_BOUND  # type: ignore[operator]
            last[record.slot] = (record.type, record.time)


def test_rework_comes_round_once_and_no_more(yoghurt: Watched) -> None:
    truth = yoghurt.run.truth
    portions, links = truth.tables["portions"], truth.tables["links"]
    assert portions["generation"].max() == 2, "no second generation was ever refused"
    used = {truth.names.items[truth.tables["lots"]["item"][portions["lot"][portion]]] for portion in links["used"]}
    assert any(name.startswith("rework-") for name in used)
    for made, source in zip(links["made"].tolist(), links["used"].tolist(), strict=True):
        item = truth.names.items[truth.tables["lots"]["item"][portions["lot"][source]]]
        if item.startswith("rework-"):
            assert portions["generation"][source] == 1
            assert portions["generation"][made] == 1


def test_a_printed_lot_holds_one_batch_and_one_fruit_lot_and_one_order(yoghurt: Watched) -> None:
    orders: dict[str, str] = {}
    inputs: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for record in yoghurt.records:
        if record.type is RecordType.COMPLETE and record.device.startswith("LINE") and record.lot_id.startswith("(01)"):
            assert orders.setdefault(record.lot_id, record.order) == record.order
        if record.type is RecordType.CONSUME and record.device.startswith("LINE"):
            inputs[record.order][record.item].add(record.lot_id)
    assert len(orders) == len(set(orders.values())) > 60
    bound = {item.gtin for name, item in yoghurt.spec.items.items() if name.endswith(("-mass", "-prep"))}
    for order in orders.values():
        assert all(len(lots) == 1 for item, lots in inputs[order].items() if item in bound)


def test_every_printed_code_parses_back_to_its_line_and_day(yoghurt: Watched) -> None:
    rule = read_rule({"zone": yoghurt.spec.timezone, **yoghurt.spec.lot_codes["printed"]})
    codes = {group.lot.rpartition("/")[2]: group.made for group in yoghurt.run.truth.units([], Feared())}
    for code, made in codes.items():
        fields = rule.parse(code, near=made.date())
        assert fields.first_day is not None
        assert abs(fields.first_day - made.date()) <= timedelta(days=1)
        assert fields.word("line") in {"1", "2", "3"}


def test_carriers_have_sound_numbers_and_one_item_each(yoghurt: Watched) -> None:
    items: dict[str, set[str]] = defaultdict(set)
    for record in yoghurt.records:
        if record.type is RecordType.PACK:
            items[record.part_id].add(record.item)
    assert all(len(sscc) == 18 and is_sound(sscc) and len(found) == 1 for sscc, found in items.items())
    assert len(items) > 1000


def test_a_tanker_with_residues_is_refused_whole_and_reaches_nothing() -> None:
    refused = 0
    for seed in range(4):
        one = watched("yoghurt", seed, 160.0)
        bad = {
            record.lot_id
            for record in one.records
            if record.type is RecordType.MEASURE and record.device == "RECEPTION" and record.result is Result.NOK
        }
        scrapped = {r.lot_id for r in one.records if r.type is RecordType.SCRAP and r.device == "RECEPTION"}
        mounted = {r.lot_id for r in one.records if r.type is RecordType.MOUNT}
        assert bad == scrapped
        assert not bad & mounted
        assert all(lot.units == 0 for lot in one.run.truth.candidates("tanker-milk") if lot.code in bad)
        refused += len(bad)
    assert refused > 0


def test_every_order_was_announced_by_a_work_order(yoghurt: Watched) -> None:
    announced = {one.number for one in postings(yoghurt, WorkOrder)}
    used = {record.order for record in yoghurt.records if record.order[:1] in ("B", "R")}
    assert used
    assert used <= announced


def test_a_pictured_week_has_every_kind_of_record(yoghurt: Watched) -> None:
    seen = {record.type for record in yoghurt.records}
    assert seen == set(RecordType) - {RecordType.ARRIVE, RecordType.UNMOUNT}
    kinds = {type(report).__name__ for report, _ in yoghurt.reports}
    assert kinds == {"DeviceRecord", "DeliveryNote", "PurchaseOrder", "WorkOrder", "TestResult", "StockCount"}
