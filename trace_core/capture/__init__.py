"""What devices, business systems and people report, and the declared rules that make events of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trace_core.capture.device_facts import Knowledge
    from trace_core.capture.facts import events_of, replayed
    from trace_core.capture.quarantine import quarantined
    from trace_core.capture.records import (
        Answer,
        AnswerCode,
        Channel,
        DeliveryNote,
        DeviceRecord,
        Flag,
        LotAlias,
        Posting,
        PurchaseOrder,
        RecordType,
        Report,
        Result,
        StockCount,
        TestResult,
        WorkOrder,
    )
    from trace_core.capture.rejection import Rejection, RejectReason
    from trace_core.capture.rules import CaptureRules, StationRule

_RECORDS = "trace_core.capture.records"
_FACTS = "trace_core.capture.facts"
_RULES = "trace_core.capture.rules"
_MODULES = {
    "Answer": _RECORDS,
    "AnswerCode": _RECORDS,
    "CaptureRules": _RULES,
    "Channel": _RECORDS,
    "DeliveryNote": _RECORDS,
    "DeviceRecord": _RECORDS,
    "Flag": _RECORDS,
    "Knowledge": "trace_core.capture.device_facts",
    "LotAlias": _RECORDS,
    "Posting": _RECORDS,
    "PurchaseOrder": _RECORDS,
    "RecordType": _RECORDS,
    "RejectReason": "trace_core.capture.rejection",
    "Rejection": "trace_core.capture.rejection",
    "Report": _RECORDS,
    "Result": _RECORDS,
    "StationRule": _RULES,
    "StockCount": _RECORDS,
    "TestResult": _RECORDS,
    "WorkOrder": _RECORDS,
    "events_of": _FACTS,
    "quarantined": "trace_core.capture.quarantine",
    "replayed": _FACTS,
}

__all__ = [
    "Answer",
    "AnswerCode",
    "CaptureRules",
    "Channel",
    "DeliveryNote",
    "DeviceRecord",
    "Flag",
    "Knowledge",
    "LotAlias",
    "Posting",
    "PurchaseOrder",
    "RecordType",
    "RejectReason",
    "Rejection",
    "Report",
    "Result",
    "StationRule",
    "StockCount",
    "TestResult",
    "WorkOrder",
    "events_of",
    "quarantined",
    "replayed",
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
