"""Counts by chance, drawn from a named stream: how many of many, without asking one by one.

Each count is inverted from one uniform number, searched outward from its most likely value, so that it costs a few
standard deviations of steps however many units there are.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, lgamma, log, log1p, sqrt

from twin.streams import Stream


def binomial(stream: Stream, count: int, chance: float) -> int:
    """How many of ``count`` units are hit where each is with ``chance``. Draws one number."""
    left = stream.uniform()
    if count <= 0 or chance <= 0.0:
        return 0
    if chance >= 1.0:
        return count
    odds = chance / (1.0 - chance)
    mode = int((count + 1) * chance)
    weight = exp(_log_choose(count, mode) + mode * log(chance) + (count - mode) * log1p(-chance))
    return _invert(left, mode, weight, 0, count, lambda hits: (count - hits) / (hits + 1) * odds)


def hypergeometric(stream: Stream, bad: int, good: int, drawn: int) -> int:
    """How many of ``drawn`` units out of ``bad`` and ``good`` ones are bad. Draws one number."""
    left = stream.uniform()
    least, most = max(0, drawn - good), min(bad, drawn)
    if least == most:
        return least
    mode = (drawn + 1) * (bad + 1) // (bad + good + 2)
    weight = exp(_log_choose(bad, mode) + _log_choose(good, drawn - mode) - _log_choose(bad + good, drawn))
    return _invert(
        left,
        mode,
        weight,
        least,
        most,
        lambda hits: (bad - hits) * (drawn - hits) / ((hits + 1) * (good - drawn + hits + 1)),
    )


def struck(stream: Stream, units: int, chance: float) -> list[int]:
    """The places, of ``units`` from 0, that something with ``chance`` hits, each by itself, in ascending order.

    The gaps between them are geometric: draws one number for each that is hit and one more.
    """
    if chance <= 0.0 or units <= 0:
        return []
    if chance >= 1.0:
        return list(range(units))
    scale, places, place = log1p(-chance), list[int](), 0
    while True:
        gap = log(1.0 - stream.uniform()) / scale
        if gap >= units - place:
            return places
        place += int(gap)
        places.append(place)
        place += 1
        if place >= units:
            return places


def sample(stream: Stream, count: int, size: int) -> list[int]:
    """``size`` different numbers below ``count``, in ascending order (Floyd's algorithm)."""
    assert 0 <= size <= count, f"expected a sample of 0 to {count}, got {size}"
    if size == count:
        return list(range(count))
    chosen: set[int] = set()
    for last in range(count - size, count):
        drawn = stream.below(last + 1)
        chosen.add(last if drawn in chosen else drawn)
    return sorted(chosen)


def beta(stream: Stream, mean: float, correlation: float) -> float:
    """A chance that varies from lot to lot about ``mean``, so that units of a lot agree with ``correlation``.

    The beta law with parameters mean x c and (1 - mean) x c, c = 1 / correlation - 1.
    """
    if mean <= 0.0 or mean >= 1.0 or correlation <= 0.0:
        return mean
    size = 1.0 / correlation - 1.0
    hit, missed = _log_gamma(stream, mean * size), _log_gamma(stream, (1.0 - mean) * size)
    return 1.0 / (1.0 + exp(min(700.0, missed - hit)))


def _log_gamma(stream: Stream, shape: float) -> float:
    """The logarithm of a gamma variate (Marsaglia and Tsang 2000), so that small shapes do not underflow."""
    if shape < 1.0:
        return _log_gamma(stream, shape + 1.0) + log(1.0 - stream.uniform()) / shape
    third = shape - 1.0 / 3.0
    scale = 1.0 / sqrt(9.0 * third)
    while True:
        drawn = stream.normal(0.0, 1.0)
        cube = (1.0 + scale * drawn) ** 3
        if cube > 0.0 and log(1.0 - stream.uniform()) < drawn * drawn / 2 + third * (1.0 - cube + log(cube)):
            return log(third) + log(cube)


def _invert(left: float, mode: int, weight: float, least: int, most: int, ratio: Callable[[int], float]) -> int:
    """The value at which the law, summed from the mode outward, reaches ``left``; ``ratio(k)`` is p(k + 1) / p(k)."""
    left -= weight
    below, above = mode, mode
    down, up = weight, weight
    while left > 0.0 and (below > least or above < most):
        if above < most:
            up *= ratio(above)
            above += 1
            left -= up
            if left <= 0.0:
                return above
        if below > least:
            down /= ratio(below - 1)
            below -= 1
            left -= down
            if left <= 0.0:
                return below
        if up < 1e-300 and down < 1e-300:
            break
    return mode


def _log_choose(count: int, hits: int) -> float:
    return lgamma(count + 1) - lgamma(hits + 1) - lgamma(count - hits + 1)
