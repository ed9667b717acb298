"""Holds, releases and the answers of the interlock: commands that append events, and the fold that reads them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trace_core.control.commands import place_hold, release_hold
    from trace_core.control.holds import Hold, HoldBook, Reach, Release
    from trace_core.control.interlock import Block, BlockReason, Interlock, Lodging, Surroundings

_MODULES = {
    "Block": "trace_core.control.interlock",
    "BlockReason": "trace_core.control.interlock",
    "Hold": "trace_core.control.holds",
    "HoldBook": "trace_core.control.holds",
    "Interlock": "trace_core.control.interlock",
    "Lodging": "trace_core.control.interlock",
    "Reach": "trace_core.control.holds",
    "Release": "trace_core.control.holds",
    "Surroundings": "trace_core.control.interlock",
    "place_hold": "trace_core.control.commands",
    "release_hold": "trace_core.control.commands",
}

__all__ = [
    "Block",
    "BlockReason",
    "Hold",
    "HoldBook",
    "Interlock",
    "Lodging",
    "Reach",
    "Release",
    "Surroundings",
    "place_hold",
    "release_hold",
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
