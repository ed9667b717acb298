"""What a log says happened, as one hash: equal for the same happenings, however and whenever they were told.

Left out: record times, eventIDs, order of arrival, and the plant facts that only say how a report travelled. The same
run through memory, Modbus or OPC UA gives the same hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from trace_core.core.entries import event_of, master_of
from trace_core.log.port import EntryKind, Record
from trace_core.vocabulary.epcis_json import content_hash
from trace_core.vocabulary.json_text import to_bytes
from trace_core.vocabulary.masterdata import RunStamp, master_to_json

PROVENANCE = frozenset({"device", "epoch", "sequence", "recordedOffline", "clockQuality"})
"""Plant facts that say how a report came in, not what happened."""


def ledger_hash(records: Iterable[Record]) -> str:
    """SHA-256 in hex over the sorted digests of all events and master records; quarantined ones are no happenings."""
    digests = []
    for record in records:
        if record.entry.kind is EntryKind.EVENT:
            event = event_of(record)
            facts = {key: value for key, value in event.plant.items() if key not in PROVENANCE}
            declared = b"" if event.error is None else b"declared in error"
            digests.append(content_hash(replace(event, plant=facts)) + declared)
        elif record.entry.kind is EntryKind.MASTERDATA:
            master = master_of(record)
            if not isinstance(master, RunStamp):
                digests.append(hashlib.sha256(to_bytes(master_to_json(master))).digest())
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()
