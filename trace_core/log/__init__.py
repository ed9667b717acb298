"""The append-only, hash-chained log of facts: its port, the stores that implement it, and the way to open one."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trace_core.log.memory import MemoryLog
    from trace_core.log.opening import open_store
    from trace_core.log.port import (
        GENESIS,
        MAX_PAYLOAD_BYTES,
        SCHEMA_VERSION,
        Appended,
        Entry,
        EntryKind,
        EventLog,
        FirstBad,
        Head,
        Outcome,
        Record,
        Reuse,
        Verification,
    )
    from trace_core.log.sqlite import SqliteLog

__all__ = [
    "GENESIS",
    "MAX_PAYLOAD_BYTES",
    "SCHEMA_VERSION",
    "Appended",
    "Entry",
    "EntryKind",
    "EventLog",
    "FirstBad",
    "Head",
    "MemoryLog",
    "Outcome",
    "Record",
    "Reuse",
    "SqliteLog",
    "Verification",
    "open_store",
]

_ELSEWHERE = {"MemoryLog": "memory", "SqliteLog": "sqlite", "open_store": "opening"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_ELSEWHERE.get(name, 'port')}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
