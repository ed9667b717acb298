"""Small documents for the tests of exchange: one sound event, and envelopes around it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trace_core.exchange.documents import Document, read_bytes
from trace_core.exchange.event_intake import RawEvent
from trace_core.vocabulary.clock import SetClock

NOW = datetime(2026, 11, 20, 20, tzinfo=UTC)
CLOCK = SetClock(NOW)
CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
SGTIN = "urn:epc:id:sgtin:4012345.012345.12"
LOT = "https://id.gs1.org/01/04012345123456/10/L1"

REAL_SUFFIXES = {".json", ".jsonld", ".xml", ".log"}


def event(**changes: Any) -> dict[str, Any]:
    """A sound ObjectEvent; a change of None takes the field out."""
    out: dict[str, Any] = {
        "type": "ObjectEvent",
        "eventTime": "2026-11-02T06:45:00+01:00",
        "eventTimeZoneOffset": "+01:00",
        "action": "ADD",
        "quantityList": [{"epcClass": LOT, "quantity": 5, "uom": "KGM"}],
        **changes,
    }
    return {name: value for name, value in out.items() if value is not None}


def document(*events: Any, **changes: Any) -> dict[str, Any]:
    """A capture document around ``events``."""
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-02T07:00:00Z",
        "epcisBody": {"eventList": list(events)},
        **changes,
    }


def read(content: Any, *, strict: bool = False) -> Document:
    """The document in ``content``: bytes, text, or a value to be written as JSON."""
    if not isinstance(content, bytes):
        content = (content if isinstance(content, str) else json.dumps(content)).encode()
    return read_bytes(content, "sample", strict=strict, clock=CLOCK)


def only(document: Document) -> RawEvent:
    """The one event of ``document``."""
    (one,) = document.events
    return one


def xml(body: str, *, space: str = "urn:epcglobal:epcis:xsd:2", version: str = "2.0") -> str:
    """An XML capture document whose EventList holds ``body``."""
    return (
        f'<e:EPCISDocument xmlns:e="{space}" schemaVersion="{version}" creationDate="2026-11-02T07:00:00Z">'
        f"<EPCISBody><EventList>{body}</EventList></EPCISBody></e:EPCISDocument>"
    )


XML_EVENT = (
    "<ObjectEvent><eventTime>2026-11-02T06:45:00+01:00</eventTime><eventTimeZoneOffset>+01:00</eventTimeZoneOffset>"
    f"<epcList><epc>{SGTIN}</epc></epcList><action>OBSERVE</action></ObjectEvent>"
)


def real_documents(shared_data: Path) -> list[Path]:
    """Every document of EPCIS and automotive data that somebody else wrote."""
    return sorted(
        path
        for folder in ("epcis", "automotive")
        for path in (shared_data / folder).rglob("*")
        if path.suffix in REAL_SUFFIXES
    )
