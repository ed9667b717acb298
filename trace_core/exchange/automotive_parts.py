"""What a file of automotive as-built data says of parts and of what they were built from.

A file holds containers: a global id (``catenaXId``) and aspects of the part behind it, named by semantic models whose
versions differ and whose names have changed (``SerialPartTypization``, ``SerialPart``, ``Batch``,
``JustInSequencePart``; ``AssemblyPartRelationship``, ``SingleLevelBomAsBuilt``, ``SingleLevelUsageAsBuilt``). Links of
other life-cycle stages (as planned, as specified) say nothing about what was built and are left out with a warning.
Source: the semantic models of Catena-X, io.catenax.* (2022 to 2024).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from trace_core.errors import BadInput
from trace_core.exchange.source_text import MAX_NUMBER_CHARACTERS
from trace_core.exchange.violations import Violation, shown
from trace_core.vocabulary.identity import Place, identify
from trace_core.vocabulary.times import format_time, parse_time
from trace_core.vocabulary.units import read_unit

_SERIAL_MODELS = frozenset({"serialpart", "serialparttypization", "justinsequencepart", "serializedpart"})
_BATCH_MODELS = frozenset({"batch"})
_DOWN_MODELS = frozenset({"assemblypartrelationship", "singlelevelbomasbuilt"})
_UP_MODELS = frozenset({"singlelevelusageasbuilt"})
_PLAIN_MODELS = frozenset({"plainobject"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_UNIT_OF_UNIT = re.compile(r"(?:.*[#/])?(?:unit:)?(.+)\Z", re.DOTALL)


def is_automotive(raw: Any) -> bool:
    """Whether ``raw`` holds containers with a ``catenaXId``, under a ``TestDataContainer`` or as a plain list."""
    if isinstance(raw, Mapping):
        return any(_is_container_list(name, value) for name, value in raw.items())
    return isinstance(raw, list) and bool(raw) and all(isinstance(one, Mapping) and "catenaXId" in one for one in raw)


def _is_container_list(name: str, value: Any) -> bool:
    return isinstance(value, list) and (
        "TestDataContainer" in name
        or (bool(value) and all(isinstance(one, Mapping) and "catenaXId" in one for one in value))
    )


@dataclass(slots=True)
class Link:
    """A child fitted into a parent."""

    parent: str
    child: str
    quantity: Decimal | None
    unit: str | None
    time: str
    path: str


@dataclass(slots=True)
class Part:
    """What one container says of its part."""

    id: str
    is_batch: bool
    keys: dict[str, str]
    item: str
    customer_item: str
    name: str
    classification: str
    country: str
    time: str
    path: str


@dataclass(slots=True)
class Reading:
    """What has been read of a file so far."""

    notes: list[Violation] = field(default_factory=list)
    parts: dict[str, Part] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    usages: list[Link] = field(default_factory=list)
    created: str = ""

    def note(self, path: str, reason: str) -> None:
        """Remember a deviation."""
        self.notes.append(Violation(path, reason))


def read_parts(raw: Any) -> Reading:
    """Everything the containers in ``raw`` say of parts and links."""
    reading = Reading()
    for path, container in _containers(raw):
        _read_container(reading, path, container)
    _join_usages(reading)
    return reading


def _containers(raw: Any) -> Iterator[tuple[str, Any]]:
    lists = [("$", raw)]
    if isinstance(raw, Mapping):
        lists = [(f"$.{name}", value) for name, value in raw.items() if _is_container_list(name, value)]
    for path, containers in lists:
        for number, container in enumerate(containers):
            yield f"{path}[{number}]", container


def _read_container(reading: Reading, path: str, container: Any) -> None:
    if not isinstance(container, Mapping) or not isinstance(container.get("catenaXId"), str):
        reading.note(path, f"expected a container with a catenaXId, got {shown(container)}; left out")
        return
    part_id = _global_id(container["catenaXId"])
    if part_id is None:
        reading.note(f"{path}.catenaXId", f"expected an id, got {shown(container['catenaXId'])}; left out")
        return
    described = False
    for name, aspects in container.items():
        model = name.rpartition("#")[2].lower()
        spot = f"{path}.{name}"
        for aspect in aspects if isinstance(aspects, list) else [aspects]:
            if model in _SERIAL_MODELS or model in _BATCH_MODELS:
                described |= _read_part(reading, part_id, aspect, spot, is_batch=model in _BATCH_MODELS)
            elif model in _DOWN_MODELS:
                reading.links.extend(_read_links(reading, part_id, aspect, spot, down=True))
            elif model in _UP_MODELS:
                reading.usages.extend(_read_links(reading, part_id, aspect, spot, down=False))
            elif model in _PLAIN_MODELS and isinstance(aspect, Mapping):
                created = aspect.get("CREATION_DATE")
                reading.created = created if isinstance(created, str) else reading.created
    if not described:
        reading.note(path, f"container {part_id} holds no part data (serial part or batch)")


def _global_id(text: str) -> str | None:
    text = text.strip()
    if re.fullmatch(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", text):
        text = f"urn:uuid:{text}"
    try:
        return identify(text, Place.EPC).canonical if ":" in text else None
    except BadInput:
        return None


def _text(raw: Any, *names: str) -> str:
    """The first non-empty text under one of ``names``."""
    for name in names:
        value = raw.get(name) if isinstance(raw, Mapping) else None
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _read_part(reading: Reading, part_id: str, aspect: Any, path: str, *, is_batch: bool) -> bool:
    if not isinstance(aspect, Mapping):
        reading.note(path, f"expected part data, got {shown(aspect)}; left out")
        return False
    if part_id in reading.parts:
        reading.note(path, f"part {part_id} is described twice; the first description counts")
        return True
    keys: dict[str, str] = {}
    identifiers = aspect.get("localIdentifiers")
    for one in identifiers if isinstance(identifiers, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("key"), str) and isinstance(one.get("value"), str):
            keys.setdefault(one["key"], one["value"])
    kind = aspect.get("partTypeInformation")
    made = aspect.get("manufacturingInformation")
    reading.parts[part_id] = Part(
        part_id,
        is_batch,
        keys,
        _text(kind, "manufacturerPartId", "manufacturerPartID") or keys.get("manufacturerPartId", ""),
        _text(kind, "customerPartId") or keys.get("customerPartId", ""),
        _text(kind, "nameAtManufacturer", "nameAtCustomer"),
        _text(kind, "classification"),
        _text(made, "country"),
        moment_of(reading, _text(made, "date"), f"{path}.manufacturingInformation.date"),
        path,
    )
    return True


def moment_of(reading: Reading, text: str, path: str) -> str:
    """``text`` as a moment in UTC; "" where it is none."""
    if not text:
        return ""
    try:
        if _DATE.match(text):
            date.fromisoformat(text)
            reading.note(path, f"a date without time, {text!r}, taken as its beginning in UTC")
            return f"{text}T00:00:00.000Z"
        try:
            return format_time(parse_time(text, path))
        except BadInput:
            moment = format_time(parse_time(text, path, "+00:00"))
        reading.note(path, f"a time without offset, {text!r}, taken as UTC")
    except (BadInput, ValueError):
        reading.note(path, f"expected a time, got {shown(text)}; left out")
        return ""
    return moment


def _read_links(reading: Reading, part_id: str, aspect: Any, path: str, *, down: bool) -> Iterable[Link]:
    if not isinstance(aspect, Mapping):
        reading.note(path, f"expected links between parts, got {shown(aspect)}; left out")
        return
    lists = ("childParts", "childItems") if down else ("parentParts", "parentItems")
    others = ("childCatenaXId", "catenaXId") if down else ("parentCatenaXId", "catenaXId")
    for name in lists:
        entries = aspect.get(name)
        for number, one in enumerate(entries if isinstance(entries, list) else ()):
            spot = f"{path}.{name}[{number}]"
            other = _global_id(_text(one, *others))
            if other is None:
                reading.note(spot, f"expected a part with its id, got {shown(one)}; left out")
                continue
            stage = _text(one, "lifecycleContext").lower()
            if stage and stage != "asbuilt":
                reading.note(f"{spot}.lifecycleContext", f"{stage!r} says nothing of what was built; left out")
                continue
            quantity, unit = _quantity(reading, one.get("quantity"), f"{spot}.quantity")
            time = moment_of(reading, _text(one, "assembledOn", "createdOn", "lastModifiedOn"), spot)
            parent, child = (part_id, other) if down else (other, part_id)
            yield Link(parent, child, quantity, unit, time, spot)


def _quantity(reading: Reading, raw: Any, path: str) -> tuple[Decimal | None, str | None]:
    """Quantity and unit code; pieces have no unit code, as EPCIS counts them."""
    if raw is None:
        return None, None
    value = raw.get("quantityNumber", raw.get("value")) if isinstance(raw, Mapping) else raw
    number = _number(value)
    if number is None:
        reading.note(path, f"expected a quantity of 0 or more, got {shown(value)}; left out")
        return None, None
    unit = raw.get("measurementUnit", raw.get("unit")) if isinstance(raw, Mapping) else None
    if isinstance(unit, Mapping):
        unit = unit.get("lexicalValue")
    if not isinstance(unit, str) or not unit.strip():
        return number, None
    word = _UNIT_OF_UNIT.match(unit.strip())
    assert word is not None, "the pattern takes any text"
    try:
        code = read_unit(word[1]).code
    except BadInput:
        reading.note(path, f"expected a known unit, got {shown(unit)}; kept as pieces of an unknown unit")
        return None, None
    return number, None if code in {"H87", "C62", "EA"} else code


def _number(value: Any) -> Decimal | None:
    if isinstance(value, str):
        if len(value) > MAX_NUMBER_CHARACTERS or not re.fullmatch(r"\s*\d+(?:\.\d+)?\s*", value, re.ASCII):
            return None
        return Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    return number if number.is_finite() and number >= 0 else None


def _join_usages(reading: Reading) -> None:
    """Links that only the child states ("used in") count as much as the parent's own; those stated twice count once."""
    known = {(one.parent, one.child) for one in reading.links}
    reading.links.extend(one for one in reading.usages if (one.parent, one.child) not in known)
