"""The real documents as events, read by a loader of the tests' own: what ingestion does is tested elsewhere."""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from trace_core.genealogy import TraceIndex
from trace_core.vocabulary.epcis_json import content_hash, event_from_epcis
from trace_core.vocabulary.events import Event

T0 = datetime(2024, 1, 1, tzinfo=UTC)
"""When the first event of a test is recorded; each later one a second after."""


def index_of(events: Iterable[Event | dict[str, Any]], **options: Any) -> TraceIndex:
    """An index that was fed ``events`` (or EPCIS objects) in this order, one record a second from T0 on."""
    index = TraceIndex(**options)
    for number, one in enumerate(events):
        event = event_from_epcis(one) if isinstance(one, dict) else one
        index.apply(number + 1, T0 + timedelta(seconds=number), event)
    return index


def epcis_events(path: pathlib.Path) -> list[Event]:
    """The events of an EPCIS JSON-LD document in its order; // comments are left out, missing ids are the hash."""
    text = re.sub(r"^\s*//.*$", "", path.read_text("utf-8-sig"), flags=re.MULTILINE)
    document = json.loads(text, parse_float=Decimal)
    body = document["epcisBody"]
    raw = body["eventList"] if "eventList" in body else body["queryResults"]["resultsBody"]["eventList"]
    return [_identified(event_from_epcis(one)) for one in raw]


def _identified(event: Event) -> Event:
    from dataclasses import replace

    return event if event.event_id else replace(event, event_id=f"ni:///sha-256;{content_hash(event).hex()}?ver=CBV2.0")


def automotive_events(path: pathlib.Path) -> list[Event]:
    """One ObjectEvent per part and one AssociationEvent per assembly of an as-built file (EVENTS.md, Identifiers)."""
    raw = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    events = []
    for container in next(iter(raw.values())):
        aspects = {key.partition("#")[2]: value[0] for key, value in container.items() if key.startswith("urn:bamm")}
        events += _part(container["catenaXId"], aspects)
    return events


def _part(part: str, aspects: dict[str, Any]) -> list[Event]:
    sort = next((one for one in ("SerialPartTypization", "Batch") if one in aspects), "")
    if not sort:
        return []
    local = {one["key"]: one["value"] for one in aspects[sort]["localIdentifiers"]}
    named: dict[str, Any] = {
        "type": "ObjectEvent",
        "eventID": f"{part}:made",
        "eventTime": f"{aspects[sort]['manufacturingInformation']['date'].rstrip('Z')}Z",
        "action": "ADD",
        "bizStep": "commissioning",
        "plant:alias": [f"{local['manufacturerPartId']}|{local['partInstanceId']}"],
    }
    named |= {"epcList": [part]} if sort != "Batch" else {"quantityList": [{"epcClass": part}]}
    events = [event_from_epcis(named)]
    children = aspects.get("AssemblyPartRelationship", {}).get("childParts", [])
    if children:
        events.append(event_from_epcis(_assembly(part, children)))
    return events


def _assembly(part: str, children: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "AssociationEvent",
        "eventID": f"{part}:built",
        "eventTime": children[0]["createdOn"],
        "action": "ADD",
        "bizStep": "assembling",
        "parentID": part,
        "childEPCs": [one["childCatenaXId"] for one in children],
    }
