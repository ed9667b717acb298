"""The tablet plant: potency, tailings, serials, two signatures and a release."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from tests.plants.answered import CONTAINS, answered, ran
from trace_core.capture.records import RecordType

DAYS = 9


def test_every_batch_holds_the_same_pure_substance_whatever_the_potency() -> None:
    """Weighed amounts times potency: 38 kg, to what one quantum of a lot can change."""
    found = answered("tablets", DAYS)
    gtins = {found.spec.items[name].gtin: name for name in ("api", "starch", "povidone", "lactose")}
    weighed: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in found.records:
        if one.type is RecordType.CONSUME and found.station(one) == "booth":
            weighed[one.order][gtins[one.item]] += one.quantity or Decimal(0)
    assert len(weighed) > 3
    for amounts in weighed.values():
        assert sum(amounts.values()) == Decimal(60)
        assert Decimal(38) < amounts["api"] < Decimal(40), "more is weighed than the pure amount"
    assert len({amounts["api"] for amounts in weighed.values()}) > 1, "lots differ in potency"


def test_tailings_of_one_batch_are_in_the_next_and_a_lot_is_in_batches_it_was_never_weighed_for() -> None:
    found = answered("tablets", DAYS)
    lots = [one for one in found.run.truth.candidates("tailings") if one.first_use is not None]
    assert len(lots) >= 2
    assert all(one.units > 0 for one in lots[:1])
    assert found.scored(lots[0].lot).units.missed == 0


def test_each_pack_has_a_serial_of_its_own_and_is_packed_by_it() -> None:
    found = answered("tablets", DAYS)
    made = [
        one.part_id for one in found.records if one.type is RecordType.COMPLETE and found.station(one) == "cartoner"
    ]
    packed = [one.lot_id for one in found.records if one.type is RecordType.PACK and "(21)" in one.lot_id]
    assert len(made) == len(set(made)) > 1000
    assert len(packed) == len(set(packed)) > 1000
    cases = {one.part_id for one in found.records if one.type is RecordType.PACK and "(21)" in one.lot_id}
    on_pallets = {one.lot_id.removeprefix("(00)") for one in found.records if one.type is RecordType.PACK} & cases
    assert on_pallets, "cases stand on pallets"


def test_a_bad_pack_is_found_alone() -> None:
    found = answered("tablets", DAYS)
    group = next(one for one in found.run.truth.units([], CONTAINS, one_by_one=True) if one.serial and one.carrier)
    score = found.scored(group.serial)
    assert (score.units.affected, score.units.missed) == (1, 0)


def test_nothing_is_used_or_leaves_before_its_release() -> None:
    truth = ran("tablets", 30).truth
    packs = [one for one in truth.units([], CONTAINS) if one.shipped is not None]
    assert packs
    assert min((one.shipped - one.made).total_seconds() for one in packs if one.shipped) >= 3 * 86_400.0


@pytest.mark.parametrize("station", ["booth", "quality"])
def test_who_signs_is_another_than_who_works_or_of_quality_assurance(station: str) -> None:
    found = answered("tablets", DAYS)
    roles = {one.badge: one.role for one in found.spec.operators}
    signed = [one for one in found.records if one.type is RecordType.MEASURE and found.station(one) == station]
    assert signed
    if station == "quality":
        assert {roles[one.operator] for one in signed} == {"quality"}
        return
    for one in signed:
        worked = {
            two.operator
            for two in found.records
            if two.order == one.order and two.type is RecordType.COMPLETE and found.station(two) == station
        }
        assert one.operator not in worked
