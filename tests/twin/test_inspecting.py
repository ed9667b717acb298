from __future__ import annotations

from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant_models.work import Defect, Inspection
from tests.twin.shop import Shop, workshop
from twin.inspecting import Defects, Inspector, flaw_bits, mark

BITS = {"crack": 1, "loose": 2}


def inspector(shop: Shop, **declared: Any) -> Inspector:
    spec = Inspection.model_validate({"looks_for": ["crack"], "reason": "cracked"} | declared)
    return Inspector(shop.floor, "test", spec, BITS)


def test_every_defect_of_the_plant_has_a_bit_of_its_own() -> None:
    bits = flaw_bits(workshop())
    assert set(bits) == {"crack", "loose", "brittle", "too-cold"}
    assert sorted(bits.values()) == [1, 2, 4, 8]


def test_defects_come_as_often_as_declared() -> None:
    shop, loads, size = Shop(), 400, 250
    law = Defects(shop.floor, "saw", {"crack": Defect(chance=0.01), "loose": Defect(chance=0.002)}, BITS)
    lot, seen = shop.portion("unit").lot, {1: 0, 2: 0}
    for _ in range(loads):
        flaws: dict[int, int] = {}
        law.make(size, flaws, lot)
        assert all(0 <= place < size for place in flaws)
        for bit in seen:
            seen[bit] += sum(bool(bits & bit) for bits in flaws.values())
    units = loads * size
    assert seen[1] / units == pytest.approx(0.01, abs=4 * (0.01 * 0.99 / units) ** 0.5)
    assert seen[2] / units == pytest.approx(0.002, abs=4 * (0.002 * 0.998 / units) ** 0.5)


def test_defects_by_lot_agree_within_a_lot_and_keep_their_mean() -> None:
    """The variance between lots is p (1 - p) rho, to which single units add little where lots are large."""
    shop, size, count, chance, rho = Shop(), 5000, 500, 0.1, 0.05
    law = Defects(shop.floor, "saw", {"crack": Defect(chance=chance, by_lot=rho)}, BITS)
    shares = []
    for _ in range(count):
        flaws: dict[int, int] = {}
        lot = shop.portion("unit").lot
        for _ in range(2):  # two loads of one lot share its chance
            law.make(size // 2, flaws, lot)
        shares.append(len(flaws) / (size / 2) / 2)
    mean = sum(shares) / count
    variance = chance * (1 - chance) * rho
    assert mean == pytest.approx(chance, rel=0.1)
    assert sum((share - mean) ** 2 for share in shares) / count == pytest.approx(variance, rel=0.35)


def test_a_defect_of_an_input_goes_by_the_lots_of_that_input() -> None:
    """Loads of many lots that used one lot of resin break alike; what lot they are of tells nothing."""
    shop, size = Shop(), 4000
    law = Defects(shop.floor, "saw", {"crack": Defect(chance=0.1, by_lot=0.2, of="resin")}, BITS)
    shares: dict[int, list[float]] = {}
    for number in range(60):
        resin, other, flaws = shop.portion("resin"), shop.portion("unit"), dict[int, int]()
        for _ in range(3):
            flaws.clear()
            law.make(size, flaws, shop.portion("unit").lot, (other, resin))
            shares.setdefault(number, []).append(len(flaws) / size)
    means = [sum(own) / 3 for own in shares.values()]
    assert max(abs(share - mean) for mean, own in zip(means, shares.values(), strict=True) for share in own) < 0.03
    assert max(means) - min(means) > 0.2


def test_alpha_and_beta_errors_come_as_often_as_declared() -> None:
    shop, loads, size, bad = Shop(), 300, 200, 40
    look = inspector(shop, misses=0.15, false_alarms=0.02).look
    missed = alarms = 0
    for _ in range(loads):
        flaws = dict.fromkeys(range(0, 2 * bad, 2), 1) | {1: 2}  # a loose unit is sound where cracks are looked for
        finding = look(size, flaws)
        assert finding.rejected == sorted(set(finding.rejected))
        found = sum(flaws.get(place, 0) & 1 for place in finding.rejected)
        missed += bad - found
        alarms += len(finding.rejected) - found
    assert missed / (loads * bad) == pytest.approx(0.15, abs=4 * (0.15 * 0.85 / (loads * bad)) ** 0.5)
    sound = loads * (size - bad)
    assert alarms / sound == pytest.approx(0.02, abs=4 * (0.02 * 0.98 / sound) ** 0.5)


@pytest.mark.parametrize(("size", "bad", "sample", "accepts"), [(50, 5, 8, 0), (50, 5, 20, 1), (30, 10, 5, 2)])
def test_a_sampling_plan_accepts_a_load_by_the_hypergeometric_law(
    size: int, bad: int, sample: int, accepts: int
) -> None:
    shop, tries = Shop(), 4000
    look = inspector(shop, sample=sample, accepts=accepts).look
    flaws = dict.fromkeys(range(bad), 1)
    accepted = sum(not look(size, flaws).is_refused for _ in range(tries)) / tries
    law = sum(comb(bad, hits) * comb(size - bad, sample - hits) for hits in range(accepts + 1)) / comb(size, sample)
    assert accepted == pytest.approx(law, abs=4 * (law * (1 - law) / tries) ** 0.5)


def test_a_plan_with_errors_accepts_by_the_binomial_law_where_flaws_are_random() -> None:
    """Each sampled unit is found bad with p (1 - beta) + (1 - p) alpha, whatever the others are."""
    shop, tries, size, sample, accepts, chance = Shop(), 4000, 40, 10, 1, 0.08
    law = Defects(shop.floor, "saw", {"crack": Defect(chance=chance)}, BITS)
    look = inspector(shop, sample=sample, accepts=accepts, misses=0.2, false_alarms=0.01).look
    lot, accepted = shop.portion("unit").lot, 0
    for _ in range(tries):
        flaws: dict[int, int] = {}
        law.make(size, flaws, lot)
        accepted += not look(size, flaws).is_refused
    found = chance * 0.8 + (1 - chance) * 0.01
    share = sum(comb(sample, hits) * found**hits * (1 - found) ** (sample - hits) for hits in range(accepts + 1))
    assert accepted / tries == pytest.approx(share, abs=4 * (share * (1 - share) / tries) ** 0.5)


def test_a_plan_of_a_lot_samples_its_first_units_and_refuses_what_comes_after_too_many_were_bad() -> None:
    shop = Shop()
    look = inspector(shop, sample=15, of="lot", accepts=1).look
    good, bad = "lot 1", "lot 2"
    assert [look(10, {}, good).sampled for _ in range(3)] == [10, 5, 0]
    spoiled = look(10, dict.fromkeys(range(10), 1), bad)
    assert (spoiled.sampled, spoiled.is_refused, spoiled.rejected) == (10, True, list(range(10)))
    late = look(7, {}, bad)
    assert (late.sampled, late.is_refused, late.rejected) == (0, True, list(range(7)))


def test_what_a_destructive_sample_takes_is_destroyed_and_never_rejected_besides() -> None:
    shop = Shop()
    finding = inspector(shop, sample=3, destroys=True, accepts=0).look(8, dict.fromkeys(range(8), 1))
    assert finding.is_refused
    assert len(finding.destroyed) == 3
    assert sorted(finding.destroyed + finding.rejected) == list(range(8))
    passed = inspector(shop, sample=3, destroys=True, accepts=3).look(8, dict.fromkeys(range(8), 1))
    assert (len(passed.destroyed), passed.rejected) == (3, [])


@given(st.dictionaries(st.integers(0, 19), st.sampled_from([1, 2, 3])))
def test_a_perfect_inspection_of_every_unit_finds_just_what_it_looks_for(flaws: dict[int, int]) -> None:
    finding = inspector(Shop()).look(20, flaws)
    assert finding.rejected == sorted(place for place, bits in flaws.items() if bits & 1)
    assert (finding.sampled, finding.destroyed, finding.is_refused) == (20, [], False)


def test_marks_add_up() -> None:
    flaws = {3: 1}
    mark(flaws, [3, 5], 2)
    assert flaws == {3: 3, 5: 2}
