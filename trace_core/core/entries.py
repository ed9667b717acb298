"""Facts as entries of the log, and back."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from trace_core.log.port import Entry, EntryKind, Record
from trace_core.vocabulary.epcis_json import content_hash, event_from_epcis, event_to_epcis
from trace_core.vocabulary.events import Event
from trace_core.vocabulary.json_text import from_bytes, to_bytes
from trace_core.vocabulary.masterdata import MasterRecord, master_from_json, master_to_json
from trace_core.vocabulary.times import format_time


def entry_of(fact: Event | MasterRecord, source: str = "", note: str = "") -> Entry:
    """The entry that states ``fact``; an event must have its eventID by now."""
    if not isinstance(fact, Event):
        payload = to_bytes(master_to_json(fact))
        digest = hashlib.sha256(payload).digest()
        return Entry(EntryKind.MASTERDATA, payload, digest, source=source, note=note)
    assert fact.event_id, "an event without id cannot be stored: give it one first"
    return Entry(
        kind=EntryKind.EVENT,
        payload=to_bytes(event_to_epcis(fact)),
        content_hash=content_hash(fact),
        event_id=fact.event_id,
        declaration_time=format_time(fact.error.declaration_time) if fact.error is not None else "",
        source=source,
        note=note,
    )


def as_quarantined(entry: Entry, reason: str) -> Entry:
    """``entry`` kept out of the genealogy, with the reason."""
    return replace(entry, kind=EntryKind.QUARANTINE, note=reason)


def event_of(record: Record) -> Event:
    """The event of a record of kind EVENT."""
    return event_from_epcis(from_bytes(record.entry.payload), f"record {record.sequence}")


def master_of(record: Record) -> MasterRecord:
    """The master record of a record of kind MASTERDATA."""
    return master_from_json(from_bytes(record.entry.payload), f"record {record.sequence}")
