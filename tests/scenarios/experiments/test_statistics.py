"""Intervals, pairs and warm-ups: against tables, against their own definition, and where the answer is known."""

from __future__ import annotations

from math import inf, isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.experiments.statistics import batch_means, interval, mser, paired, t_quantile, welch
from twin.streams import Stream

FLOATS = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("level", "freedom", "table"),
    [  # Abramowitz & Stegun, table 26.10, and the normal's limit
        (0.95, 1, 12.706),
        (0.95, 2, 4.303),
        (0.95, 9, 2.262),
        (0.99, 30, 2.750),
        (0.90, 120, 1.658),
        (0.95, 100_000, 1.960),
    ],
)
def test_student_t_agrees_with_the_tables(level: float, freedom: int, table: float) -> None:
    assert t_quantile(level, freedom) == pytest.approx(table, abs=5e-4)


@given(st.integers(1, 60), st.floats(0.5, 0.999))
def test_t_falls_with_freedom_and_rises_with_the_level(freedom: int, level: float) -> None:
    assert t_quantile(level, freedom) > t_quantile(level, freedom + 1)
    assert t_quantile(level, freedom) < t_quantile(min(0.9995, level + 0.0005), freedom)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    stream = Stream(3, 0, "normal")
    hits = sum(interval([stream.normal(7.0, 2.0) for _ in range(6)]).holds(7.0) for _ in range(2000))
    assert hits / 2000 == pytest.approx(0.95, abs=4 * sqrt(0.95 * 0.05 / 2000))


def test_one_value_says_nothing_of_its_spread() -> None:
    assert interval([3.0]).half_width == inf
    assert interval([]).count == 0
    assert isnan(interval([float("nan")]).mean)
    assert interval([1.0, float("nan"), 3.0]).mean == 2.0


@given(st.lists(FLOATS, min_size=2, max_size=20), FLOATS)
def test_a_constant_between_two_arms_is_found_without_spread(values: list[float], shift: float) -> None:
    base = [round(value, 3) for value in values]
    found = paired([value + round(shift, 3) for value in base], base)
    assert found.difference.mean == pytest.approx(round(shift, 3), abs=1e-6)
    assert found.variance_ratio is None or found.variance_ratio == pytest.approx(0.0, abs=1e-6)


def test_independent_arms_have_the_variance_of_both() -> None:
    one, other = (Stream(1, 0, name) for name in ("one", "other"))
    found = paired([one.normal(0, 1) for _ in range(4000)], [other.normal(0, 2) for _ in range(4000)])
    assert found.variance_ratio == pytest.approx(1.0, abs=0.1)


def test_batches_weigh_what_they_hold() -> None:
    sums, weights = np.array([2.0, 0.0, 9.0, 3.0]), np.array([1.0, 1.0, 3.0, 0.0])
    assert batch_means(sums, weights, 2) == [1.0, 4.0]
    assert batch_means(sums, weights, 99) == [2.0, 0.0, 3.0], "a part without weight says nothing"


def test_a_run_that_starts_empty_is_cut_where_it_has_filled() -> None:
    stream = Stream(2, 0, "noise")
    filling = [10.0 * (1 - 0.9**hour) for hour in range(200)]
    series = [level + stream.normal(0.0, 0.3) for level in filling]
    settled = next(hour for hour, level in enumerate(filling) if level > 9.5)
    assert settled * 0.5 <= mser(series) <= 60
    assert settled <= welch(series, 5, 0.05) <= 60


def test_a_run_that_is_settled_from_the_start_loses_nothing() -> None:
    assert mser([4.0] * 100) == 0
    assert welch([4.0] * 100, 5) == 0
    assert mser([1.0, 2.0]) == 0


def test_a_run_that_never_settles_loses_half() -> None:
    assert welch([float(hour) for hour in range(100)], 3) == 50


def test_gaps_are_bridged() -> None:
    nothing = float("nan")
    assert mser([nothing, nothing] + [5.0] * 60) == 0
    assert welch([nothing] * 60, 3) == 0
