"""What one arm of an experiment came to: its responses, against the baseline, and against a law."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from scenarios.experiments.arms import Arm
from scenarios.experiments.statistics import Interval, Paired

NO_MATTER = 0.01
"""A difference from a law that nobody would act on, as a share of what the law says."""


@dataclass(frozen=True, slots=True)
class Held:
    """A response held against a law: ``expected`` is the curve, ``off`` what is measured less it.

    ``parts``: the difference is more than chance, at a level that allows for the number of arms looked at (Bonferroni),
    and more than ``NO_MATTER`` of the curve.
    """

    expected: float
    off: Interval
    parts: bool


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm: each response with its interval, and against the baseline and the law where there are such."""

    arm: Arm
    values: dict[str, tuple[float, ...]]
    responses: dict[str, Interval]
    against: dict[str, Paired]
    law: Held | None


def arm_document(one: ArmResult) -> dict[str, Any]:
    """The arm's part of the experiment's document."""
    law = one.law
    return {
        "levels": dict(one.arm.levels),
        "responses": {
            name: {**_interval_document(found), "values": [_number(value) for value in one.values[name]]}
            for name, found in one.responses.items()
        },
        "against_baseline": {
            name: {**_interval_document(found.difference), "variance_ratio": _number(found.variance_ratio)}
            for name, found in one.against.items()
        },
        "law": None
        if law is None
        else {"expected": _number(law.expected), "off": _interval_document(law.off), "parts": law.parts},
    }


def _interval_document(found: Interval) -> dict[str, Any]:
    return {"mean": _number(found.mean), "half_width": _number(found.half_width), "count": found.count}


def _number(value: float | None) -> float | None:
    """To twelve digits, so that the order of sums on another machine leaves no trace; None for what is no number."""
    return None if value is None or not isfinite(value) else float(f"{value:.12g}")
