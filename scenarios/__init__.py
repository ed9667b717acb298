"""Recall drills on a twin, their reports, and the score that alone sees both the answer and the truth."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.drill import Drill, open_scenario, run_drill
    from scenarios.experiments.ensemble import run_experiment
    from scenarios.experiments.spec import open_experiment
    from scenarios.faults import load_faults
    from scenarios.report.pages import write_recall, write_trace
    from scenarios.score import Score, score_files
    from scenarios.spec import Scenario, names

_MODULES = {
    "Drill": "drill",
    "Scenario": "spec",
    "Score": "score",
    "load_faults": "faults",
    "names": "spec",
    "open_experiment": "experiments.spec",
    "open_scenario": "drill",
    "run_drill": "drill",
    "run_experiment": "experiments.ensemble",
    "score_files": "score",
    "write_recall": "report.pages",
    "write_trace": "report.pages",
}

__all__ = [
    "Drill",
    "Scenario",
    "Score",
    "load_faults",
    "names",
    "open_experiment",
    "open_scenario",
    "run_drill",
    "run_experiment",
    "score_files",
    "write_recall",
    "write_trace",
]


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
