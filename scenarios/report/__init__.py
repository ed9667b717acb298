"""Reports that people read, of a drill, a recall or a trace: self-contained pages, and a table for the spreadsheet."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.report.drills import DrillDocuments, drill_page
    from scenarios.report.pages import recall_page, trace_page, write_recall, write_trace

__all__ = ["DrillDocuments", "drill_page", "recall_page", "trace_page", "write_recall", "write_trace"]

_MODULES = {
    "DrillDocuments": "drills",
    "drill_page": "drills",
    "recall_page": "pages",
    "trace_page": "pages",
    "write_recall": "pages",
    "write_trace": "pages",
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
