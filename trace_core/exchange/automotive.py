"""Automotive as-built data (Catena-X test data containers) to EPCIS events.

A file holds containers: a global id and aspects of the part behind it
(:mod:`trace_core.exchange.automotive_parts`). What they become:

- a part: ObjectEvent ADD commissioning, a serial in ``epcList``, a batch in ``quantityList``; its business keys
  (``manufacturerPartId|partInstanceId``) are aliases under ``plant:alias``, a ``|`` inside of a part written ``%7C``;
- a serial made of parts: AssociationEvent ADD assembling, one for each moment at which children were fitted;
- a batch made of parts: TransformationEvent, since what goes into a batch is used up in it.

Times are the document's. A time without offset is taken as UTC; a part without a date takes the moment at which it was
first fitted, else the file's own creation date, else 1970-01-01: each with a warning, and never this machine's clock.
Links of other life-cycle stages (as planned, as specified) say nothing about what was built and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trace_core.exchange.automotive_parts import Link, Part, Reading, is_automotive, moment_of, read_parts
from trace_core.exchange.document import Document, DocumentKind
from trace_core.exchange.event_intake import Intake
from trace_core.vocabulary.clock import Clock
from trace_core.vocabulary.identity import Kind, plant_id
from trace_core.vocabulary.masterdata import Item, MasterRecord, Party

__all__ = ["is_automotive", "read_automotive"]

_EPOCH = "1970-01-01T00:00:00Z"
_INSTANCE_KEYS = ("partInstanceId", "batchId", "jisNumber")


def read_automotive(raw: Any, source: str, *, strict: bool, clock: Clock) -> Document:
    """The parts and assemblies in ``raw`` (see :func:`is_automotive`) as a document of events."""
    reading = read_parts(raw)
    intake = Intake(strict, clock)
    found = [*_part_events(reading), *_assembly_events(reading)]
    events = [intake.judge(event, number, path) for number, (path, event) in enumerate(found)]
    return Document(
        source,
        DocumentKind.AUTOMOTIVE_JSON,
        _version(raw),
        events,
        tuple(_masterdata(reading)),
        tuple(reading.notes),
        {"creationDate": reading.created} if reading.created else {},
    )


def _version(raw: Any) -> str:
    names = list(raw) if isinstance(raw, Mapping) else []
    match = next((re.search(r"/(\d+(?:\.\d+)*)\Z", name) for name in names if "TestDataContainer" in name), None)
    return match[1] if match else ""


# ---- events


def _part_events(reading: Reading) -> Iterator[tuple[str, dict[str, Any]]]:
    fitted: dict[str, str] = {}
    for link in reading.links:
        if link.time and (link.child not in fitted or link.time < fitted[link.child]):
            fitted[link.child] = link.time
    for part in reading.parts.values():
        time = part.time
        if not time:
            time = fitted.get(part.id) or moment_of(reading, reading.created, "$") or _EPOCH
            reading.note(part.path, f"no usable manufacturing date; taken as {time}")
            part.time = time
        event: dict[str, Any] = {
            "type": "ObjectEvent",
            "eventTime": time,
            "eventTimeZoneOffset": "+00:00",
            "action": "ADD",
            "bizStep": "commissioning",
            "disposition": "active",
        }
        if part.is_batch:
            event["quantityList"] = [{"epcClass": part.id}]
        else:
            event["epcList"] = [part.id]
        lot_data = {"cbvmda:descriptionShort": part.name, "cbvmda:countryOfOrigin": part.country}
        if any(lot_data.values()):
            event["ilmd"] = {name: text for name, text in lot_data.items() if text}
        event.update(_plant_facts(part))
        yield part.path, event


def _plant_facts(part: Part) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if aliases := _aliases(part):
        facts["plant:alias"] = aliases
    if part.keys:
        facts["plant:localIdentifiers"] = dict(part.keys)
    if part.item:
        facts["plant:item"] = part.item
    if part.classification:
        facts["plant:classification"] = part.classification
    return facts


def _aliases(part: Part) -> list[str]:
    """``ITEM|INSTANCE`` for every part number and instance number the part goes by."""
    numbers = (part.item, part.keys.get("manufacturerPartId", ""), part.customer_item)
    items = dict.fromkeys(number for number in numbers if number)
    instances = dict.fromkeys(part.keys[name] for name in _INSTANCE_KEYS if part.keys.get(name))
    return [f"{_key(item)}|{_key(instance)}" for item in items for instance in instances]


def _key(text: str) -> str:
    return text.replace("|", "%7C")


def _assembly_events(reading: Reading) -> Iterator[tuple[str, dict[str, Any]]]:
    grouped: dict[tuple[str, str], list[Link]] = {}
    for link in reading.links:
        grouped.setdefault((link.parent, link.time), []).append(link)
    for (parent, fitted), links in grouped.items():
        path = links[0].path.rpartition(".")[0]
        known = reading.parts.get(parent)
        time = fitted
        if not time:
            time = (known.time if known else "") or moment_of(reading, reading.created, "$") or _EPOCH
            reading.note(path, f"no time at which the parts of {parent} were fitted; taken as {time}")
        yield path, _assembly(reading, parent, time, links, is_batch=known is not None and known.is_batch)


def _assembly(reading: Reading, parent: str, time: str, links: list[Link], *, is_batch: bool) -> dict[str, Any]:
    serials: list[str] = []
    amounts: list[dict[str, Any]] = []
    measured: list[dict[str, Any]] = []
    for link in links:
        child = reading.parts.get(link.child)
        if child is None:
            reading.note(link.path, f"child {link.child} has no part data in this file; taken as a serial")
        amount: dict[str, Any] = {"epcClass": link.child}
        if link.quantity is not None:
            amount["quantity"] = link.quantity
        if link.unit:
            amount["uom"] = link.unit
        if child is not None and child.is_batch:
            amounts.append(amount)
            continue
        if link.child not in serials:
            serials.append(link.child)
        if link.unit or link.quantity not in (None, 1):
            how_much = {name: value for name, value in amount.items() if name != "epcClass"}
            measured.append({"id": link.child, **how_much})
    event: dict[str, Any] = {
        "type": "TransformationEvent" if is_batch else "AssociationEvent",
        "eventTime": time,
        "eventTimeZoneOffset": "+00:00",
    }
    if is_batch:
        lists = ("inputEPCList", "inputQuantityList")
        event["outputQuantityList"] = [{"epcClass": parent}]
        event["bizStep"] = "creating_class_instance"
    else:
        lists = ("childEPCs", "childQuantityList")
        event.update(parentID=parent, action="ADD", bizStep="assembling")
    event["disposition"] = "in_progress"
    if serials:
        event[lists[0]] = serials
    if amounts:
        event[lists[1]] = amounts
    if measured:
        event["plant:measuredParts"] = measured
    return event


# ---- masterdata


def _masterdata(reading: Reading) -> Iterator[MasterRecord]:
    """The name of every part under its own id and under its part number, and the companies that made them."""
    items: set[str] = set()
    makers: set[str] = set()
    for part in reading.parts.values():
        maker = part.keys.get("manufacturerId", "")
        attributes = {
            name: text
            for name, text in (
                ("manufacturerPartId", part.item), ("customerPartId", part.customer_item), ("manufacturerId", maker),
                ("classification", part.classification),
            )
            if text
        }  # fmt: skip
        if part.name:
            yield Item(part.id, part.name, attributes=attributes)
        if part.item:
            item_id = plant_id(Kind.CLASS, part.item, issuer=maker or "-").canonical
            if item_id not in items:
                items.add(item_id)
                yield Item(item_id, part.name, attributes=attributes)
        if maker and maker not in makers:
            makers.add(maker)
            yield Party(plant_id(Kind.PARTY, maker).canonical, maker, "manufacturer")
