"""Small EPCIS documents."""

from __future__ import annotations

import json
from typing import Any


def lot(number: int) -> str:
    """The canonical id of a lot."""
    return f"https://id.gs1.org/01/04012345123456/10/L{number}"


def event(number: int, **changes: Any) -> dict[str, Any]:
    """A receipt of lot ``number``, with ``changes``."""
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "eventTime": f"2026-03-01T06:{number % 60:02d}:00.000Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": "receiving",
        "quantityList": [{"epcClass": lot(number), "quantity": 3, "uom": "KGM"}],
        **changes,
    }


def made(number: int, source: int) -> dict[str, Any]:
    """Lot ``number`` made of lot ``source``."""
    out = event(number, type="TransformationEvent", bizStep="commissioning")
    del out["action"], out["quantityList"]
    out["inputQuantityList"] = [{"epcClass": lot(source), "quantity": 3, "uom": "KGM"}]
    out["outputQuantityList"] = [{"epcClass": lot(number), "quantity": 3, "uom": "KGM"}]
    return out


def document(*events: dict[str, Any]) -> str:
    """An EPCIS document of the events."""
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-01T07:00:00.000Z",
            "epcisBody": {"eventList": list(events)},
        }
    )
