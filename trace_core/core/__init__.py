"""The joint of log, index and control: one :class:`TraceCore` per log."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trace_core.core.ingest import FileReport, IngestReport
    from trace_core.core.ledger import ledger_hash
    from trace_core.core.trace_core import DELTA_S, TraceCore

_MODULES = {
    "DELTA_S": "trace_core.core.trace_core",
    "FileReport": "trace_core.core.ingest",
    "IngestReport": "trace_core.core.ingest",
    "TraceCore": "trace_core.core.trace_core",
    "ledger_hash": "trace_core.core.ledger",
}

__all__ = ["DELTA_S", "FileReport", "IngestReport", "TraceCore", "ledger_hash"]


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
