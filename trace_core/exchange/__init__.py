"""Files in and out: EPCIS JSON-LD and XML, automotive as-built data, tables; read, judged, written, hashed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trace_core.exchange.csv_writer import write_csv
    from trace_core.exchange.documents import (
        Document,
        DocumentKind,
        FaultReport,
        fault_report,
        read_bytes,
        read_document,
    )
    from trace_core.exchange.epcis_rules import violations
    from trace_core.exchange.epcis_words import Notation
    from trace_core.exchange.epcis_writer import write_epcis
    from trace_core.exchange.epcis_xml_writer import write_xml
    from trace_core.exchange.event_hash import pre_hash
    from trace_core.exchange.event_intake import RawEvent
    from trace_core.exchange.table_mapping import TableMapping, load_mapping
    from trace_core.exchange.violations import Violation

# The function event_hash.event_hash is asked for by its module, since a package cannot hold both under one name.
_HOMES = {
    "csv_writer": ("write_csv",),
    "documents": ("Document", "DocumentKind", "FaultReport", "fault_report", "read_bytes", "read_document"),
    "epcis_rules": ("violations",),
    "epcis_words": ("Notation",),
    "epcis_writer": ("write_epcis",),
    "epcis_xml_writer": ("write_xml",),
    "event_hash": ("pre_hash",),
    "event_intake": ("RawEvent",),
    "table_mapping": ("TableMapping", "load_mapping"),
    "violations": ("Violation",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Document",
    "DocumentKind",
    "FaultReport",
    "Notation",
    "RawEvent",
    "TableMapping",
    "Violation",
    "fault_report",
    "load_mapping",
    "pre_hash",
    "read_bytes",
    "read_document",
    "violations",
    "write_csv",
    "write_epcis",
    "write_xml",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return __all__
