"""A report that is no fact, as an entry of the log: kept word for word, with the reason."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from datetime import datetime
from decimal import Decimal

from trace_core.capture.device_facts import event_id_of
from trace_core.capture.records import DeviceRecord, RecordType, Report, Result
from trace_core.capture.rejection import Rejection
from trace_core.log.port import Entry, EntryKind
from trace_core.vocabulary.json_text import Json, to_bytes
from trace_core.vocabulary.times import format_time


def quarantined(report: Report, rejection: Rejection) -> Entry:
    """The entry that keeps ``report`` out of the genealogy and in the log; the same report again is a duplicate."""
    payload = to_bytes(
        {"report": type(report).__name__} | {one.name: _kept(getattr(report, one.name)) for one in fields(report)}
    )
    event_id, source = (event_id_of(report), report.device) if isinstance(report, DeviceRecord) else ("", report.source)
    return Entry(
        kind=EntryKind.QUARANTINE,
        payload=payload,
        content_hash=hashlib.sha256(payload).digest(),
        event_id=event_id,
        source=str(_kept(source)),
        note=f"{rejection.reason.name.lower()}: {rejection.text}",
    )


def _kept(value: object) -> Json:
    """``value`` as JSON that loses nothing: what JSON has no number for stays text."""
    if isinstance(value, RecordType | Result):
        return value.name
    if isinstance(value, datetime):
        return format_time(value) if value.tzinfo else value.isoformat()
    if isinstance(value, Decimal | float):
        return str(value)
    if isinstance(value, tuple):
        return [_kept(one) for one in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if value is None or isinstance(value, int):
        return None if value is None else int(value)
    return repr(value)
