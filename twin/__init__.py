"""The plant that runs: an engine on SimPy that moves material, keeps the truth to itself, reports what devices saw."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twin.branching import branch
    from twin.drive import Paced, Stepped
    from twin.hazard import HazardKind
    from twin.observe.faults import CaptureFault, FaultKind, FaultLabel
    from twin.observe.observer import CaptureCounts
    from twin.simulation import Balance, Running, TwinRun, simulate

__all__ = [
    "Balance",
    "CaptureCounts",
    "CaptureFault",
    "FaultKind",
    "FaultLabel",
    "HazardKind",
    "Paced",
    "Running",
    "Stepped",
    "TwinRun",
    "branch",
    "simulate",
]

_ELSEWHERE = {
    "Balance": "simulation",
    "CaptureCounts": "observe.observer",
    "CaptureFault": "observe.faults",
    "FaultKind": "observe.faults",
    "FaultLabel": "observe.faults",
    "HazardKind": "hazard",
    "Paced": "drive",
    "Running": "simulation",
    "Stepped": "drive",
    "TwinRun": "simulation",
    "branch": "branching",
    "simulate": "simulation",
}


def __getattr__(name: str) -> object:
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_ELSEWHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
