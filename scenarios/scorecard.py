"""The score card of a drill: CONTRACT.md's keys, the checks of the scenario, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scenarios.score import Score
from scenarios.spec import Limit, Scenario
from scenarios.tally import rounded

SCHEMA = "tracetwin/scorecard/1"

TOLERANCE = 1e-9
"""What a ratio may lie beyond its limit: both are quotients of whole numbers, rounded to nine places."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a score card says of the run behind it."""

    plant: str
    plant_hash: str
    seed: int
    version: str
    unit: str
    until: str
    truth_hash: str
    log_hash: str
    capture: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Measured:
    """The metrics of a drill that do not come from the score: None where there is no such figure, ``notes`` say why."""

    mass_balance_percent: float | None
    trace_ms: float
    time_to_contain_s: float | None
    escaped_units: int
    notes: Mapping[str, str]


def scorecard(scenario: Scenario, facts: RunFacts, score: Score, measured: Measured) -> dict[str, Any]:
    """The document; ``verdict`` is pass exactly when every limit of the scenario is kept."""
    metrics: dict[str, Any] = {
        **score.metrics_part(),
        "mass_balance_percent": rounded(measured.mass_balance_percent),
        "trace_ms": measured.trace_ms,
        "time_to_contain_s": rounded(measured.time_to_contain_s),
        "escaped_units": measured.escaped_units,
    }
    checks = [_check(name, limit, metrics[name], score) for name, limit in scenario.limits.items()]
    return {
        "schema": SCHEMA,
        "scenario": scenario.scenario,
        "plant": facts.plant,
        "plant_hash": facts.plant_hash,
        "seed": facts.seed,
        "version": facts.version,
        "suspects": list(score.suspects),
        "truth": score.truth_part(),
        "answer": score.answer_part(),
        "metrics": metrics,
        "hazard": score.hazard.model_dump(mode="json"),
        "unit": facts.unit,
        "until": facts.until,
        "capture": dict(facts.capture),
        "checks": checks,
        "verdict": "pass" if all(one["passed"] for one in checks) else "fail",
        "notes": dict(measured.notes),
        "truth_hash": facts.truth_hash,
        "log_hash": facts.log_hash,
    }


def _check(name: str, limit: Limit, value: float | None, score: Score) -> dict[str, Any]:
    """One check; ``limit`` is a number (at most) or [at least, at most] with null for what is open.

    A ratio that does not exist because nothing is affected keeps its limit; any other missing figure does not.
    """
    low, high = limit.at_least, limit.at_most
    if limit.law == "fifo":
        high = rounded(score.fifo_law)
    if value is None:
        passed = name in ("over_recall_factor", "precision", "recall") and not score.units.affected
    else:
        passed = (low is None or value >= low - TOLERANCE) and (high is None or value <= high + TOLERANCE)
    return {"name": name, "limit": high if low is None else [low, high], "value": value, "passed": passed}
