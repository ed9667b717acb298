"""A response as it came about over a run: sums and weights in equal parts of time, whose ratio is the response."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.experiments.statistics import Floats


@dataclass(frozen=True, slots=True)
class Series:
    """``sums[i] / weights[i]`` is the response in part ``i`` of a run, ``bucket_s`` long (the last maybe less)."""

    sums: Floats
    weights: Floats
    bucket_s: float

    def mean(self, cut: int = 0) -> float:
        """The response after the first ``cut`` parts; NaN where nothing was there to be measured."""
        weight = float(self.weights[cut:].sum())
        return float(self.sums[cut:].sum()) / weight if weight > 0.0 else float("nan")

    def values(self) -> Floats:
        """The response in each part; NaN where nothing was there."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.weights > 0.0, self.sums / self.weights, np.nan)


@dataclass(frozen=True, slots=True)
class Bucketed:
    """Values summed by the part of the run they fall into, and how long each part is in seconds."""

    sums: Floats
    lengths: Floats


def bucketed(times_s: Floats, values: Floats, until_s: float, bucket_s: float) -> Bucketed:
    """``values`` summed by time; what falls on the end of the run belongs to its last part."""
    count = int(np.ceil(until_s / bucket_s - 1e-9))
    places = np.minimum((np.asarray(times_s) / bucket_s).astype(int), count - 1)
    sums = np.bincount(places, weights=values, minlength=count).astype(float)
    edges = np.minimum(np.arange(count + 1) * bucket_s, until_s)
    return Bucketed(sums, np.diff(edges))
