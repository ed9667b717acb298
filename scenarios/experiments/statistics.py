"""What a few replications say: means with their interval, paired differences, batch means, and where a run settles.

Student's t by its own distribution function (incomplete beta by continued fraction, Lentz's method: Press et al.,
Numerical Recipes, 3rd edition, 6.4), so that no statistics library is needed; agrees with tables to nine places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, nan, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVEL = 0.95
"""Of every interval, unless said otherwise."""

BATCHES = 30
"""Batches of one long run: SCIENCE.md, section 1."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean of ``count`` values, the half-width of its interval (infinite where one value says nothing of spread)."""

    mean: float
    half_width: float
    count: int
    variance: float

    @property
    def low(self) -> float:
        """Its lower end."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Its upper end."""
        return self.mean + self.half_width

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies in it."""
        return self.low <= value <= self.high


def interval(values: Sequence[float] | Floats, level: float = LEVEL) -> Interval:
    """The mean of independent ``values`` with its t interval; values that are none (NaN) are left out."""
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    count = len(known)
    if not count:
        return Interval(nan, inf, 0, nan)
    mean = float(known.mean())
    if count == 1:
        return Interval(mean, inf, 1, nan)
    variance = float(known.var(ddof=1))
    return Interval(mean, t_quantile(level, count - 1) * sqrt(variance / count), count, variance)


@dataclass(frozen=True, slots=True)
class Paired:
    """The mean difference of two arms, replication by replication, with its interval.

    ``variance_ratio``: the variance of the difference as a share of what independent runs would have; None where
    neither arm varies.
    """

    difference: Interval
    variance_ratio: float | None


def paired(arm: Sequence[float], baseline: Sequence[float], level: float = LEVEL) -> Paired:
    """``arm`` less ``baseline``, in the order of their replications."""
    assert len(arm) == len(baseline), "arms are compared replication by replication"
    one, other = np.asarray(arm, dtype=float), np.asarray(baseline, dtype=float)
    both = ~(np.isnan(one) | np.isnan(other))
    one, other = one[both], other[both]
    if len(one) < 2:
        return Paired(interval(one - other, level), None)
    independent = float(one.var(ddof=1) + other.var(ddof=1))
    difference = interval(one - other, level)
    return Paired(difference, difference.variance / independent if independent > 0.0 else None)


def batch_means(sums: Floats, weights: Floats, batches: int = BATCHES) -> list[float]:
    """The ratio of ``sums`` to ``weights`` in equal batches of one long run; fewer batches where it is short.

    Batches without weight say nothing and are left out.
    """
    batches = min(batches, len(sums))
    parts = zip(np.array_split(sums, batches), np.array_split(weights, batches), strict=True)
    return [float(one.sum() / weight.sum()) for one, weight in parts if weight.sum() > 0.0]


# ---- where a run settles


def mser(series: Sequence[float] | Floats, batch: int = 5) -> int:
    """How many values to cut off the front: MSER-5 (White, Cobb & Spratt 2000).

    The cut that gives the mean of what is left the smallest standard error, among cuts of up to half of the series.
    """
    values = _without_gaps(series)
    count = len(values) // batch
    if count < 4:
        return 0
    means = values[: count * batch].reshape(count, batch).mean(axis=1)
    errors = [means[cut:].var() / (count - cut) for cut in range(count // 2 + 1)]
    return int(np.argmin(errors)) * batch


def welch(series: Sequence[float] | Floats, window: int, tolerance: float = 0.02) -> int:
    """How many values to cut off the front: Welch's procedure (1983), read by rule instead of by eye.

    The moving average over ``2 window + 1`` values is settled where it stays within ``tolerance`` of the mean of the
    second half of the series; half of the series where it never does.
    """
    values = _without_gaps(series)
    level = float(values[len(values) // 2 :].mean())
    smooth = np.array([_around(values, place, window) for place in range(len(values))])
    off = np.abs(smooth - level) > tolerance * abs(level)
    last = int(np.flatnonzero(off)[-1]) + 1 if off.any() else 0
    return min(last, len(values) // 2)


def _around(values: Floats, place: int, window: int) -> float:
    """The average about ``place``; the window is narrower at the ends, as in Welch's procedure."""
    half = min(window, place, len(values) - 1 - place)
    return float(values[place - half : place + half + 1].mean())


def _without_gaps(series: Sequence[float] | Floats) -> Floats:
    """The series with each gap filled by the value before it (by the first value at the front)."""
    values = np.asarray(series, dtype=float).copy()
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return np.zeros(len(values))
    values[: known[0]] = values[known[0]]
    for place in np.flatnonzero(np.isnan(values)).tolist():
        values[place] = values[place - 1]
    return values


# ---- Student's t


def t_quantile(level: float, freedom: int) -> float:
    """The t that a two-sided interval of ``level`` needs with ``freedom`` degrees of freedom."""
    assert 0.0 < level < 1.0, level
    assert freedom >= 1, freedom
    low, high = 0.0, 1.0
    while _two_sided(high, freedom) < level:
        high *= 2.0
    for _ in range(200):
        middle = (low + high) / 2.0
        if _two_sided(middle, freedom) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _two_sided(t: float, freedom: int) -> float:
    """The probability that a t lies between -t and t."""
    return 1.0 - _beta(freedom / 2.0, 0.5, freedom / (freedom + t * t))


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function."""
    if x <= 0.0 or x >= 1.0:
        return min(1.0, max(0.0, x))
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1.0 - x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(a, b, x) / a
    return 1.0 - front * _fraction(b, a, 1.0 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1.0 / _off_zero(1.0 - (a + b) * x / (a + 1.0), tiny)
    value = d
    for step in range(1, 500):
        even = step * (b - step) * x / ((a + 2 * step - 1.0) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1.0))
        for term in (even, odd):
            d = 1.0 / _off_zero(1.0 + term * d, tiny)
            c = _off_zero(1.0 + term / c, tiny)
            value *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return value


def _off_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
