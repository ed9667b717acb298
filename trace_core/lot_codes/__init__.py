"""Rules of lot codes: declare one, issue codes, read them back, and the check characters they may end in."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trace_core.lot_codes.check_characters import SCHEMES, CheckScheme
    from trace_core.lot_codes.parts import CodeFields, Reset
    from trace_core.lot_codes.rule import CodeIssuer, CodeRule, Series
    from trace_core.lot_codes.rule_file import read_rule, read_rule_text

__all__ = [
    "SCHEMES",
    "CheckScheme",
    "CodeFields",
    "CodeIssuer",
    "CodeRule",
    "Reset",
    "Series",
    "read_rule",
    "read_rule_text",
]

_ELSEWHERE = {
    "SCHEMES": "check_characters",
    "CheckScheme": "check_characters",
    "CodeFields": "parts",
    "Reset": "parts",
    "CodeIssuer": "rule",
    "CodeRule": "rule",
    "Series": "rule",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_ELSEWHERE.get(name, 'rule_file')}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
