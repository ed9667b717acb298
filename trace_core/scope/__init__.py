"""The scope of a recall: certain, possible and cleared, each with its reason (docs/recall-scope.md).

``affected`` decides which lots are certain, ``doubt`` which are possible though no record says so, ``recall`` counts
and finds who has them. They argue from ``evidence``, which ``reading`` takes from the trace index.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trace_core.scope.answer import Consignee, Finding, InScope, MassBalance, RecallAnswer
    from trace_core.scope.evidence import Evidence
    from trace_core.scope.reading import evidence_from
    from trace_core.scope.recall import mass_balance

__all__ = [
    "Consignee",
    "Evidence",
    "Finding",
    "InScope",
    "MassBalance",
    "RecallAnswer",
    "evidence_from",
    "mass_balance",
]

_ROOMS = {
    "Consignee": "answer",
    "Evidence": "evidence",
    "Finding": "answer",
    "InScope": "answer",
    "MassBalance": "answer",
    "RecallAnswer": "answer",
    "evidence_from": "reading",
    "mass_balance": "recall",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
