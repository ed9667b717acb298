"""The trace index: where things came from and where they went, from the log, at any moment of either time."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trace_core.genealogy.answer import (
        Allocation,
        Direction,
        Edge,
        Finding,
        FindingKind,
        TraceAnswer,
        TraceShipment,
        UnknownThing,
    )
    from trace_core.genealogy.index import TraceIndex
    from trace_core.genealogy.reader import Reader
    from trace_core.genealogy.records import (
        Cleaning,
        Draw,
        Ending,
        Fact,
        FactKind,
        Gap,
        Mount,
        Packing,
        Portion,
        Run,
        Visit,
        Voyage,
        WayIn,
    )

_HOMES = {
    "answer": (
        "Allocation",
        "Direction",
        "Edge",
        "Finding",
        "FindingKind",
        "TraceAnswer",
        "TraceShipment",
        "UnknownThing",
    ),
    "index": ("TraceIndex",),
    "reader": ("Reader",),
    "records": (
        "Cleaning",
        "Draw",
        "Ending",
        "Fact",
        "FactKind",
        "Gap",
        "Mount",
        "Packing",
        "Portion",
        "Run",
        "Visit",
        "Voyage",
        "WayIn",
    ),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Allocation",
    "Cleaning",
    "Direction",
    "Draw",
    "Edge",
    "Ending",
    "Fact",
    "FactKind",
    "Finding",
    "FindingKind",
    "Gap",
    "Mount",
    "Packing",
    "Portion",
    "Reader",
    "Run",
    "TraceAnswer",
    "TraceIndex",
    "TraceShipment",
    "UnknownThing",
    "Visit",
    "Voyage",
    "WayIn",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return __all__
