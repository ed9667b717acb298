"""The event hash of CBV 2.0: one id for one event, however it was written and whoever computes it.

An event is written out as one string in the standard's canonical order, ids as canonical GS1 Digital Links, CBV words
as Web URIs, times in UTC to the millisecond, numbers without superfluous zeros; the SHA-256 of that string is the id
``ni:///sha-256;<hex>?ver=CBV2.0``. Left out: eventID, recordTime, errorDeclaration (an event and its withdrawal have
the same hash). Source: GS1 CBV 2.0 (2022), 8.9.

Numbers stay exact. Where a published reference value went through a binary float (24-digit texts), ours differs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from decimal import Context as Precision
from decimal import Decimal
from typing import Any, TypeAlias

from trace_core.errors import BadInput
from trace_core.exchange.epcis_words import (
    ALERT,
    BIZ_STEP,
    COMPONENT,
    DISPOSITION,
    MEASUREMENT,
    PARTY,
    TRANSACTION,
    WordList,
)
from trace_core.exchange.epcis_xml_event import TEXT
from trace_core.exchange.name_spaces import Context, parse_context, space_of
from trace_core.vocabulary.digital_link import CANONICAL_HOST
from trace_core.vocabulary.identity import identify
from trace_core.vocabulary.times import parse_time

_CBV = "https://ref.gs1.org/cbv/"
_VOC = "https://gs1.org/voc/"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_EXACT = Precision(prec=1000)


@dataclass(slots=True)
class _Part:
    """A named piece of an event: its text, and pieces inside of it."""

    name: str
    text: str = ""
    parts: list[_Part] = field(default_factory=list)


_Order: TypeAlias = "Mapping[str, _Order]"


def _in_order(names: str) -> _Order:
    return {name: {} for name in names.split()}


_AMOUNT: _Order = {"quantityElement": {"epcClass": {}, "quantity": {}, "uom": {}}}
_IDS: _Order = {"epc": {}}

# CBV 2.0, 8.9.2: the canonical order of properties. What it does not name follows in the order of its own text.
_ORDER: _Order = {
    "eventTime": {},
    "eventTimeZoneOffset": {},
    "certificationInfo": {},
    "parentID": {},
    "epcList": _IDS,
    "inputEPCList": _IDS,
    "childEPCs": _IDS,
    "quantityList": _AMOUNT,
    "childQuantityList": _AMOUNT,
    "inputQuantityList": _AMOUNT,
    "outputEPCList": _IDS,
    "outputQuantityList": _AMOUNT,
    "action": {},
    "transformationID": {},
    "bizStep": {},
    "disposition": {},
    "persistentDisposition": {"set": {}, "unset": {}},
    "readPoint": {"id": {}},
    "bizLocation": {"id": {}},
    "sensorElementList": {
        "sensorElement": {
            "sensorMetadata": _in_order(
                "time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules"
            ),
            "sensorReport": _in_order(
                "type exception deviceID deviceMetadata rawData dataProcessingMethod time microorganism"
                " chemicalSubstance value component stringValue booleanValue hexBinaryValue uriValue minValue maxValue"
                " meanValue sDev percRank percValue uom coordinateReferenceSystem"
            ),
        }
    },
    # The standard's table has these three before sensorElementList; its reference implementation, and with it the
    # published vector that has both, puts them behind. Two parties must arrive at the same hash, so do we.
    "bizTransactionList": {"": {"type": {}, "bizTransaction": {}}},
    "sourceList": {"": {"type": {}, "source": {}}},
    "destinationList": {"": {"type": {}, "destination": {}}},
}
# A comment says nothing about what happened (as the reference implementation has it).
_IGNORED = frozenset({"type", "eventID", "recordTime", "errorDeclaration", "@context", "rdfs:comment"})
_TIMES = frozenset({"eventTime", "time", "startTime", "endTime"})
_MAX_EXPONENT = 400
_WORDS: Mapping[str, WordList] = {
    "bizStep": BIZ_STEP,
    "disposition": DISPOSITION,
    "set": DISPOSITION,
    "unset": DISPOSITION,
    "component": COMPONENT,
    "exception": ALERT,
}
_TYPE_WORDS: Mapping[str, WordList] = {
    "bizTransactionList": TRANSACTION,
    "sourceList": PARTY,
    "destinationList": PARTY,
    "sensorReport": MEASUREMENT,
}
_ITEM_NAMES = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), "epc"),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), "quantityElement"
    ),
    "bizTransactionList": "",
    "sourceList": "",
    "destinationList": "",
    "sensorElementList": "sensorElement",
}


def event_hash(event: Mapping[str, Any], context: Context | None = None, ignored: Sequence[str] = ()) -> str:
    """The CBV 2.0 event hash of ``event`` as an ``ni:`` URI; ``context`` and ``ignored`` as for :func:`pre_hash`."""
    digest = hashlib.sha256(pre_hash(event, context, ignored).encode("utf-8", errors="replace")).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: Mapping[str, Any], context: Context | None = None, ignored: Sequence[str] = ()) -> str:
    """The canonical string of ``event`` (JSON-LD shape) that is hashed.

    Prefixes mean what ``context`` says, or the event's own ``@context``; the extension fields ``ignored``
    (``prefix:name``) are passed over, as a query's answer may ask.
    """
    used = context or parse_context(event.get("@context", []))
    left_out = _IGNORED.union(ignored)
    parts = [part for name, value in event.items() if name not in left_out for part in _parts(name, value, "", used)]
    kind = event.get("type")
    return f"eventType={kind}{_ordered(parts, _ORDER, top=True)}{_unordered(parts)}"


# ---- an event as pieces


def _parts(name: str, value: Any, parent: str, context: Context) -> Iterable[_Part]:
    """The pieces that a field stands for: one, or one for each element of a list."""
    item = _ITEM_NAMES.get(name)
    if item is not None and isinstance(value, list):
        children = [_part(item, one, name, context) for one in value]
        return [_Part(name, "", children)]
    if isinstance(value, list):
        return [part for one in value for part in _parts(name, one, parent, context)]
    return [_part(name, value, parent, context)]


def _part(name: str, value: Any, parent: str, context: Context) -> _Part:
    shown = _expanded(name, context)
    if not isinstance(value, Mapping):
        return _Part(shown, _canonical(name, value, parent))
    parts = [part for key, one in value.items() if key != TEXT for part in _parts(key, one, name or parent, context)]
    return _Part(shown, _canonical(name, value.get(TEXT, ""), parent), parts)


def _expanded(name: str, context: Context) -> str:
    """``{name space}name`` of a field with a prefix."""
    prefix, colon, local = name.partition(":")
    space = space_of(prefix, context) if colon else None
    return f"{{{space}}}{local}" if space else name


def _canonical(name: str, value: Any, parent: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal | float):
        return _plain_number(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))
    text = str(value).strip()
    if name in _TIMES and ":" not in parent:
        return _milliseconds(text)
    words = _TYPE_WORDS.get(parent) if name == "type" else _WORDS.get(name)
    if words is not None:
        return _web_uri(text, words)
    if _NUMBER.match(text) and len(text) <= _MAX_EXPONENT:
        return _plain_number(Decimal(text))
    return _canonical_id(text)


def _web_uri(text: str, words: WordList) -> str:
    bare = words.bare(text)
    if bare == text and ":" in text:
        return text
    return f"{_CBV}{words.web}{bare}" if words.web else f"{_VOC}{bare}"


def _plain_number(value: Decimal) -> str:
    """Without sign of zero, leading or trailing zeros, or exponent."""
    if not value.is_finite() or abs(value.adjusted()) > _MAX_EXPONENT:
        return str(value)
    if value == 0:
        return "0"
    return f"{value.normalize(_EXACT):f}"


def _milliseconds(text: str) -> str:
    """The moment in UTC with three decimals, rounded half up; a text that is no time stays as it is."""
    try:
        moment = parse_time(text)
    except BadInput:
        return text
    with suppress(OverflowError):  # the last half millisecond of the year 9999
        moment += timedelta(microseconds=500)
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _canonical_id(text: str) -> str:
    """The canonical Digital Link of a GS1 key written as EPC URN or Digital Link; any other text as it is."""
    if text[:4].lower() not in {"urn:", "http"}:
        return text
    try:
        known = identify(text)
    except BadInput:
        return text
    return known.canonical if known.canonical.startswith(CANONICAL_HOST) and not known.problem else text


# ---- pieces as one string


def _ordered(parts: list[_Part], order: _Order, *, top: bool = False) -> str:
    """The pieces that ``order`` names, in its order; they are taken out of ``parts``. Behind them, except at the top,
    the extensions, which belong to what holds them."""
    out = []
    for name, inner in order.items():
        chosen = [part for part in parts if part.name == name]
        written = []
        for part in chosen:
            inside = _ordered(part.parts, inner) if part.parts else ""
            if part.text or inside:
                written.append(f"{part.name}{f'={part.text}' if part.text else ''}{inside}")
            if not part.parts:
                parts.remove(part)
        out.append("".join(sorted(written)))
    if not top:
        extensions = [part for part in parts if part.name.startswith("{")]
        for part in extensions:
            parts.remove(part)
        out.append(_unordered(extensions))
    return "".join(out)


def _unordered(parts: list[_Part]) -> str:
    """Pieces that no order names, sorted as text, each with what it holds."""
    written = [
        f"{part.name}{f'={part.text}' if part.text else ''}{_unordered(part.parts)}"
        for part in parts
        if part.text or part.parts or part.name.startswith("{")
    ]
    return "".join(sorted(written))
