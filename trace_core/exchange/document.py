"""A file once opened: its kind, masterdata and events; and a refused one taken apart for a report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from trace_core.errors import DocumentError
from trace_core.exchange.event_intake import RawEvent
from trace_core.exchange.name_spaces import Context
from trace_core.exchange.violations import Violation
from trace_core.vocabulary.masterdata import MasterRecord


class DocumentKind(StrEnum):
    """What a file turned out to be."""

    EPCIS_JSON = "epcis-json"
    EPCIS_QUERY_JSON = "epcis-query-json"
    EPCIS_BARE_JSON = "epcis-bare-json"
    EPCIS_JSON_LINES = "epcis-json-lines"
    EPCIS_XML_1_2 = "epcis-xml-1.2"
    EPCIS_XML_2_0 = "epcis-xml-2.0"
    AUTOMOTIVE_JSON = "automotive-json"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Document:
    """A file read: its kind and version, its masterdata, and its events, each with what was found wrong with it.

    ``events`` of a streamed kind (JSON lines, tables) can be gone through once. ``warnings`` concern the document as a
    whole; ``header`` holds what its envelope says besides (sender, creation date and so on), ``context`` its prefixes.
    """

    source: str
    kind: DocumentKind
    version: str
    events: Iterable[RawEvent]
    masterdata: tuple[MasterRecord, ...] = ()
    warnings: tuple[Violation, ...] = ()
    header: Mapping[str, Any] = field(default_factory=dict)
    context: Context = Context({})  # noqa: RUF009 - an immutable value


@dataclass(frozen=True, slots=True)
class FaultReport:
    """A refused file, as a report shows it."""

    line: int | None
    path: str
    reason: str


def fault_report(error: DocumentError) -> FaultReport:
    """``error`` taken apart: the line it names, the path below the document, and why."""
    line = re.search(r"\bline (\d+)", error.where)
    path = re.search(r"\$\S*", error.where)
    reason = str(error).removeprefix(f"{error.where}: ")
    return FaultReport(int(line[1]) if line else None, path[0].rstrip(":,") if path else "$", reason)


def refuse_if_strict(found: list[Violation], source: str, strict: bool) -> None:
    """Raises DocumentError with the first of the faults ``found`` in a document's envelope, in strict reading."""
    if found and strict:
        first = found[0]
        more = f" (and {len(found) - 1} more faults in the envelope)" if len(found) > 1 else ""
        raise DocumentError(
            "an envelope as the standard asks", f"{first.reason}{more}", f"{source}: {first.path}",
            "or read it leniently",
        )  # fmt: skip
