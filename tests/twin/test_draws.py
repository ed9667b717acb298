from __future__ import annotations

from math import comb

import numpy as np
import pytest

from twin.draws import beta, binomial, hypergeometric, sample, struck
from twin.streams import Stream

TRIES = 20_000


def stream(name: str) -> Stream:
    return Stream(1, 0, name)


@pytest.mark.parametrize(("count", "chance"), [(20, 0.01), (7, 0.5), (12, 0.97)])
def test_binomial_counts_have_their_law(count: int, chance: float) -> None:
    luck = stream(f"binomial {count}")
    seen = np.bincount([binomial(luck, count, chance) for _ in range(TRIES)], minlength=count + 1) / TRIES
    for hits in range(count + 1):
        law = comb(count, hits) * chance**hits * (1 - chance) ** (count - hits)
        assert seen[hits] == pytest.approx(law, abs=4.5 * (law * (1 - law) / TRIES) ** 0.5 + 1e-12)


@pytest.mark.parametrize(("bad", "good", "drawn"), [(5, 95, 10), (30, 20, 25), (3, 1, 4)])
def test_hypergeometric_counts_have_their_law(bad: int, good: int, drawn: int) -> None:
    luck = stream(f"hypergeometric {bad}")
    seen = np.bincount([hypergeometric(luck, bad, good, drawn) for _ in range(TRIES)], minlength=drawn + 1) / TRIES
    for hits in range(drawn + 1):
        law = comb(bad, hits) * comb(good, drawn - hits) / comb(bad + good, drawn)
        assert seen[hits] == pytest.approx(law, abs=4.5 * (law * (1 - law) / TRIES) ** 0.5 + 1e-12)


def test_counts_of_millions_have_their_moments_and_the_ends_are_certain() -> None:
    luck, count, chance = stream("large"), 10_000_000, 0.2
    drawn = np.array([binomial(luck, count, chance) for _ in range(300)])
    sd = (count * chance * (1 - chance)) ** 0.5
    assert drawn.mean() == pytest.approx(count * chance, abs=4.5 * sd / 300**0.5)
    assert drawn.std() == pytest.approx(sd, rel=0.2)
    assert [binomial(luck, 9, 0.0), binomial(luck, 9, 1.0), binomial(luck, 0, 0.5)] == [0, 9, 0]


def test_places_that_are_struck_are_so_many_and_anywhere() -> None:
    luck, units, chance = stream("struck"), 50, 0.06
    hits = np.zeros(units)
    counts = []
    for _ in range(TRIES):
        places = struck(luck, units, chance)
        assert places == sorted(set(places))
        hits[places] += 1
        counts.append(len(places))
    assert np.abs(hits / TRIES - chance).max() < 4.5 * (chance * (1 - chance) / TRIES) ** 0.5
    assert np.var(counts) == pytest.approx(units * chance * (1 - chance), rel=0.06)
    assert struck(luck, 5, 1.0) == [0, 1, 2, 3, 4]
    assert struck(luck, 5, 0.0) == struck(luck, 0, 0.5) == []


def test_every_unit_is_as_likely_in_a_sample_as_any_other() -> None:
    luck, hits = stream("sample"), np.zeros(12)
    for _ in range(TRIES):
        places = sample(luck, 12, 5)
        assert places == sorted(set(places))
        assert len(places) == 5
        hits[places] += 1
    assert np.abs(hits / TRIES - 5 / 12).max() < 4.5 * (5 / 12 * 7 / 12 / TRIES) ** 0.5
    assert sample(luck, 4, 4) == [0, 1, 2, 3]


@pytest.mark.parametrize(("mean", "correlation"), [(0.01, 0.05), (0.3, 0.1), (0.5, 0.5)])
def test_chances_of_lots_have_their_mean_and_their_correlation(mean: float, correlation: float) -> None:
    luck = stream(f"beta {mean}")
    drawn = np.array([beta(luck, mean, correlation) for _ in range(TRIES)])
    sd = (mean * (1 - mean) * correlation) ** 0.5
    assert ((drawn >= 0) & (drawn <= 1)).all()
    assert drawn.mean() == pytest.approx(mean, abs=4.5 * sd / TRIES**0.5)
    assert drawn.var() == pytest.approx(sd**2, rel=0.15)
    assert beta(luck, mean, 0.0) == mean
