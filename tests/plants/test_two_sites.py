"""The plant of two sites: one cheese under two codes, and what the records of both sites say together."""

from __future__ import annotations

from datetime import timedelta

from tests.plants.answered import CONTAINS, answered, ran
from trace_core.capture.records import RecordType


def test_every_lot_that_arrives_gets_a_code_of_the_other_site() -> None:
    found = answered("two_sites", 12)
    cheese = found.spec.items["young-cheese"].gtin
    relabelled = [one for one in found.records if one.item == cheese and found.station(one) == "goods-in-b"]
    made = [one for one in relabelled if one.type is RecordType.COMPLETE]
    used = [one for one in relabelled if one.type is RecordType.CONSUME]
    assert made
    assert {one.lot_id[0] for one in made} == {"R"}, "Ribeira's rule begins with R"
    assert {one.lot_id[0] for one in used} == {"A"}, "Almtal's rule begins with A"
    assert sorted(one.order for one in made) == sorted(one.order for one in used), "one run for each relabelled lot"


def test_what_is_sent_arrives_hours_later_whole() -> None:
    found = answered("two_sites", 12)
    cheese = found.spec.items["young-cheese"].gtin
    sent = [one for one in found.records if one.type is RecordType.SHIP and one.item == cheese]
    came = [one for one in found.records if one.type is RecordType.RECEIPT and one.item == cheese]
    assert [one.quantity for one in sent][: len(came)] == [one.quantity for one in came]
    first, arrived = sent[0].time, came[0].time
    assert first is not None
    assert arrived is not None
    assert timedelta(hours=9) < arrived - first < timedelta(hours=14)


def test_bad_milk_reaches_boxes_of_both_sites() -> None:
    found = answered("two_sites", 12)
    milk = next(one for one in found.received() if one.item == "milk")
    gtins = [found.spec.items[item].gtin for item in ("plain-box", "herb-box")]
    certain_or_possible = [one.id for part in ("certain", "possible") for one in getattr(found.recall(milk.lot), part)]
    assert all(any(gtin in one for one in certain_or_possible) for gtin in gtins)


def test_clocks_of_the_sites_differ_in_the_records_and_not_in_the_truth() -> None:
    found = answered("two_sites", 12)
    assert found.run.truth.hash == ran("two_sites", 12).truth.hash
    seconds = {one.time.second for one in found.records if one.device == "B-STORE" and one.time is not None}
    assert len(seconds) > 5, "a clock that is off and drifts"


def test_herbs_are_in_two_products() -> None:
    found = answered("two_sites", 12)
    herbs = next(one for one in found.received() if one.item == "herbs")
    groups = found.run.truth.units([herbs.lot], CONTAINS)
    assert {one.lot.split("/01/")[1][:14] for one in groups if one.affected} == {
        found.spec.items[item].gtin for item in ("herb-box", "spread-box")
    }
