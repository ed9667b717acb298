"""How a run is held against a law: means of batches, their standard error, and the tolerance of SCIENCE 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from twin.line import Line

Values = npt.NDArray[np.float64]
Row = dict[str, Any]

BATCHES = 40
"""Batches of a run; the tolerance asks for at least 30."""

STANDARD_ERRORS = 4.0
T_975 = 2.02
"""Half-width of a 95 % interval in standard errors, for 40 batches."""


@dataclass(frozen=True)
class Claim:
    """What the table says, and what batches of a run gave. ``within``: the row's own tolerance, where it has one."""

    name: str
    expected: float
    values: Values
    within: float | None = None

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    @property
    def error(self) -> float:
        return float(self.values.std(ddof=1) / sqrt(len(self.values)))

    @property
    def half_width(self) -> float:
        """As a share of the expected value."""
        return T_975 * self.error / abs(self.expected)

    def fault(self) -> str:
        """A sentence where the run contradicts the law; empty where it does not."""
        if self.expected == 0.0 and not self.values.any():
            return ""
        tolerance = STANDARD_ERRORS * self.error if self.within is None else self.within
        if len(self.values) >= 30 and abs(self.mean - self.expected) <= tolerance:
            return ""
        return f"{self.name}: expected {self.expected:.6g}, got {self.mean:.6g} within {tolerance:.2g}"


def exact(name: str, expected: float, value: float) -> Claim:
    """A claim that must hold to 1e-9."""
    return Claim(name, expected, np.full(30, value), within=1e-9 * max(1.0, abs(expected)))


Totals = Mapping[str, Callable[[], float]]
"""What grows over time, by name: the sums of which rates are taken."""


def rates(line: Line, batch_s: float, totals: Totals, warm_up: int = 4) -> dict[str, Values]:
    """How fast each of ``totals`` grew in each of the batches that follow ``warm_up`` batches."""
    read: list[list[float]] = []
    for _ in range(warm_up + BATCHES + 1):
        read.append([total() for total in totals.values()])
        line.run(line.kernel.now + batch_s)
    assert not line.check()
    grown = np.diff(np.array(read[warm_up:]), axis=0) / batch_s
    return dict(zip(totals, grown.T, strict=True))


def means(values: npt.ArrayLike, warm_up: float = 0.1) -> Values:
    """The means of batches of equal count, after the first ``warm_up`` part of ``values``."""
    return np.array([batch.mean() for batch in batches(values, warm_up)])


def batches(values: npt.ArrayLike, warm_up: float = 0.1) -> list[Values]:
    """Batches of equal count."""
    kept = np.asarray(values, dtype=np.float64)
    kept = kept[int(len(kept) * warm_up) :]
    size = len(kept) // BATCHES
    return [kept[number * size : (number + 1) * size] for number in range(BATCHES)]


def pooled(runs: list[list[Claim]]) -> list[Claim]:
    """The claims of several runs as one."""
    together = []
    for same in zip(*runs, strict=True):
        values = np.concatenate([claim.values for claim in same])
        within = same[0].within
        together.append(
            Claim(same[0].name, same[0].expected, values, None if within is None else within / sqrt(len(same)))
        )
    return together
