"""Events as a table: one row for every thing of an event, readable in any spreadsheet and back again.

The shipped mapping ``events`` (``trace_core/exchange/mappings/events.yaml``) reads these tables; the events read back
are those written. Columns that a row repeats for an event's every thing are the event's; ``list``, ``id``,
``quantity`` and ``unit`` are the thing's.

=================== ===================================================================================
column              meaning
=================== ===================================================================================
event_id            the event's id; consecutive rows with the same row number are one event
row                 number of the event in this table, from 1
type, event_time    event type; time with its offset, ISO 8601
zone_offset         offset of the place it happened at
record_time         when the system it came from recorded it
action ... disposition  as in EPCIS 2.0, CBV's bare words
set, unset          persistent dispositions set and taken back, separated by spaces
parent              parent of an aggregation, association or transaction
transformation_id   what ties reports of one run together
read_point, biz_location  places
list                the field of EPCIS in which the thing stands (``quantityList``, ``inputEPCList`` ...)
id, quantity, unit  the thing, how much of it, unit code of UN/ECE Recommendation 20
more                everything else, as a JSON object of EPCIS 2.0 fields
=================== ===================================================================================
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import IO, Any

from trace_core.vocabulary.json_text import to_bytes

COLUMNS = (
    "row", "event_id", "type", "event_time", "zone_offset", "record_time", "action", "biz_step", "disposition", "set",
    "unset", "parent", "transformation_id", "read_point", "biz_location", "list", "id", "quantity", "unit", "more",
)  # fmt: skip

_ID_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_AMOUNT_LISTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_PLAIN = {
    "event_id": "eventID",
    "type": "type",
    "event_time": "eventTime",
    "zone_offset": "eventTimeZoneOffset",
    "record_time": "recordTime",
    "action": "action",
    "biz_step": "bizStep",
    "disposition": "disposition",
    "parent": "parentID",
    "transformation_id": "transformationID",
}


def write_csv(events: Iterable[Mapping[str, Any]], out: IO[str]) -> int:
    """Writes ``events`` (EPCIS 2.0 JSON shape) as a table to ``out`` (opened with ``newline=""``); how many rows."""
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    rows = 0
    for number, event in enumerate(events, 1):
        for row in _rows(event, number):
            writer.writerow(row)
            rows += 1
    return rows


def _rows(event: Mapping[str, Any], number: int) -> Iterator[dict[str, str]]:
    rest = dict(event)
    shared = {"row": str(number)}
    for column, name in _PLAIN.items():
        if isinstance(rest.get(name), str):
            shared[column] = rest.pop(name)
    for column, name in (("read_point", "readPoint"), ("biz_location", "bizLocation")):
        place = rest.get(name)
        if isinstance(place, Mapping) and isinstance(place.get("id"), str):
            shared[column] = place["id"]
            others = {key: value for key, value in place.items() if key != "id"}
            rest.pop(name)
            if others:
                rest[name] = others
    changes = rest.get("persistentDisposition")
    if isinstance(changes, Mapping) and changes.keys() <= {"set", "unset"}:
        rest.pop("persistentDisposition")
        shared.update({name: " ".join(words) for name, words in changes.items()})
    things = list(_things(rest))
    if rest:
        shared["more"] = to_bytes(rest).decode()
    yield from ({**shared, **thing} for thing in things or [{}])


def _things(rest: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The things of an event, taken out of ``rest``; an empty list is a row with its name alone."""
    for name in _ID_LISTS:
        ids = rest.get(name)
        if isinstance(ids, list) and all(isinstance(one, str) for one in ids):
            del rest[name]
            yield from ({"list": name, "id": one} for one in ids or [""])
    for name in _AMOUNT_LISTS:
        amounts = rest.get(name)
        if amounts and all(one.keys() <= {"epcClass", "quantity", "uom"} for one in amounts):
            del rest[name]
            for one in amounts:
                thing = {"list": name, "id": one["epcClass"]}
                if one.get("quantity") is not None:
                    thing["quantity"] = f"{Decimal(one['quantity']):f}"
                if one.get("uom"):
                    thing["unit"] = one["uom"]
                yield thing
