"""The trace core: what a plant can say of its own material, and nothing of any simulator, fieldbus or plant.

Open a log, put a core over it, and ask::

    core = TraceCore(open_store("plant.db", SystemClock()), SystemClock())
    core.ingest(["deliveries.jsonld"])
    core.trace("04012345123456|LOT-7", "forward").to_frame()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trace_core.capture.records import Answer, AnswerCode, DeviceRecord
    from trace_core.capture.rules import CaptureRules, StationRule
    from trace_core.control.holds import Hold, Reach, Release
    from trace_core.core.ingest import IngestReport
    from trace_core.core.ledger import ledger_hash
    from trace_core.core.trace_core import TraceCore
    from trace_core.errors import BadInput, CommandRefused, StoreError, TracetwinError
    from trace_core.genealogy.answer import Direction, TraceAnswer, UnknownThing
    from trace_core.log.opening import open_store
    from trace_core.scope.answer import RecallAnswer
    from trace_core.vocabulary.clock import SetClock, SystemClock
    from trace_core.vocabulary.identity import Identity, Kind, identify, plant_id

_MODULES = {
    "Answer": "trace_core.capture.records",
    "AnswerCode": "trace_core.capture.records",
    "BadInput": "trace_core.errors",
    "CaptureRules": "trace_core.capture.rules",
    "CommandRefused": "trace_core.errors",
    "DeviceRecord": "trace_core.capture.records",
    "Direction": "trace_core.genealogy.answer",
    "Hold": "trace_core.control.holds",
    "Identity": "trace_core.vocabulary.identity",
    "IngestReport": "trace_core.core.ingest",
    "Kind": "trace_core.vocabulary.identity",
    "Reach": "trace_core.control.holds",
    "RecallAnswer": "trace_core.scope.answer",
    "Release": "trace_core.control.holds",
    "SetClock": "trace_core.vocabulary.clock",
    "StationRule": "trace_core.capture.rules",
    "StoreError": "trace_core.errors",
    "SystemClock": "trace_core.vocabulary.clock",
    "TraceAnswer": "trace_core.genealogy.answer",
    "TraceCore": "trace_core.core.trace_core",
    "TracetwinError": "trace_core.errors",
    "UnknownThing": "trace_core.genealogy.answer",
    "identify": "trace_core.vocabulary.identity",
    "ledger_hash": "trace_core.core.ledger",
    "open_store": "trace_core.log.opening",
    "plant_id": "trace_core.vocabulary.identity",
}

__all__ = [
    "Answer",
    "AnswerCode",
    "BadInput",
    "CaptureRules",
    "CommandRefused",
    "DeviceRecord",
    "Direction",
    "Hold",
    "Identity",
    "IngestReport",
    "Kind",
    "Reach",
    "RecallAnswer",
    "Release",
    "SetClock",
    "StationRule",
    "StoreError",
    "SystemClock",
    "TraceAnswer",
    "TraceCore",
    "TracetwinError",
    "UnknownThing",
    "identify",
    "ledger_hash",
    "open_store",
    "plant_id",
]


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
