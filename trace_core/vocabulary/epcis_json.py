"""One event to and from its EPCIS 2.0 JSON-LD object, losing nothing.

``plant:`` keys become the event's ``plant`` facts (without the prefix); keys nobody here knows stay verbatim in
``rest``. CBV words come in as bare words, URNs or Web URIs and are kept bare. Source: GS1 EPCIS 2.0, clause 10;
CBV 2.0, clause 7.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

from trace_core.errors import BadInput, DocumentError, QuantityError
from trace_core.vocabulary.events import (
    Action,
    AggregationEvent,
    Amount,
    AssociationEvent,
    CommonFields,
    ErrorDeclaration,
    Event,
    Link,
    ObjectEvent,
    TransactionEvent,
    TransformationEvent,
)
from trace_core.vocabulary.identity import Identity, Place, identify
from trace_core.vocabulary.json_text import Json, to_bytes
from trace_core.vocabulary.times import format_time, is_zone_offset, parse_time

PLANT_PREFIX = "plant:"
PLANT_NAMESPACE = "urn:plant:vocabulary"
MAX_QUANTITY_DIGITS = 40
"""Digits a quantity may have before and after the point together; 40 hold 10^20 units to 20 places."""

_EXACT = Context(prec=100_000)

_CBV_WORD = re.compile(
    r"(?:urn:epcglobal:cbv:(?:bizstep|disp|btt|sdt|er):|https?://(?:ref\.)?gs1\.org/(?:cbv/|voc/)(?:BizStep-|Disp-|BTT-|SDT-|ER-)"
    r"|cbv:(?:BizStep-|Disp-|BTT-|SDT-|ER-))(\w+)\Z"
)
_COMMON_KEYS = frozenset(
    {"type", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "action", "bizStep", "disposition"}
    | {"persistentDisposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList", "destinationList"}
    | {"errorDeclaration"}
)
_BODY_KEYS = {
    "ObjectEvent": ("epcList", "quantityList"),
    "AggregationEvent": ("parentID", "childEPCs", "childQuantityList"),
    "AssociationEvent": ("parentID", "childEPCs", "childQuantityList"),
    "TransactionEvent": ("parentID", "epcList", "quantityList"),
    "TransformationEvent": (
        "transformationID", "inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList",
    ),
}  # fmt: skip


def cbv_word(text: str) -> str:
    """The bare CBV word of a bizStep, disposition, transaction or party type; any other text as it is."""
    match = _CBV_WORD.match(text)
    return match.group(1) if match else text


def event_from_epcis(raw: Mapping[str, Any], where: str = "") -> Event:
    """The event a JSON-LD object states.

    Raises :class:`BadInput` (with the path below ``where``) where it cannot be understood: no known type, no usable
    time, an action that is none, a quantity that is negative or no number. Whatever else the standard asks is the
    business of :mod:`trace_core.exchange.epcis_rules`.
    """
    type_name = raw.get("type")
    if not isinstance(type_name, str) or type_name not in _BODY_KEYS:
        raise DocumentError(f"an event type ({', '.join(_BODY_KEYS)})", type_name, f"{where}.type")
    common = _common_from(raw, where)
    if type_name == "TransformationEvent":
        return TransformationEvent(
            **common,
            transformation_id=str(raw.get("transformationID") or ""),
            inputs=_epcs(raw, "inputEPCList", where),
            input_amounts=_amounts(raw, "inputQuantityList", where),
            outputs=_epcs(raw, "outputEPCList", where),
            output_amounts=_amounts(raw, "outputQuantityList", where),
        )
    common["action"] = _action(raw, where)
    if type_name == "ObjectEvent":
        return ObjectEvent(**common, epcs=_epcs(raw, "epcList", where), amounts=_amounts(raw, "quantityList", where))
    parent = _identity(raw["parentID"], Place.EPC, f"{where}.parentID") if raw.get("parentID") else None
    if type_name == "TransactionEvent":
        return TransactionEvent(
            **common, parent=parent, epcs=_epcs(raw, "epcList", where), amounts=_amounts(raw, "quantityList", where)
        )
    epcs, amounts = _epcs(raw, "childEPCs", where), _amounts(raw, "childQuantityList", where)
    if type_name == "AggregationEvent":
        return AggregationEvent(**common, parent=parent, epcs=epcs, amounts=amounts)
    if parent is None:
        raise DocumentError("a parentID in an AssociationEvent", raw.get("parentID"), f"{where}.parentID")
    return AssociationEvent(**common, parent=parent, epcs=epcs, amounts=amounts)


def event_to_epcis(event: Event) -> dict[str, Any]:
    """The JSON-LD object of ``event``, ids in the form they came in; :func:`event_from_epcis` gives the event back."""
    out: dict[str, Any] = {"type": type(event).__name__}
    if event.event_id:
        out["eventID"] = event.event_id
    out["eventTime"] = format_time(event.event_time)
    out["eventTimeZoneOffset"] = event.zone_offset
    if event.source_record_time:
        out["recordTime"] = event.source_record_time
    if isinstance(event, TransformationEvent):
        _put_transformation(out, event)
    else:
        out["action"] = event.action.value
        _put_things(out, event)
    _put_common(out, event)
    if event.error is not None:
        out["errorDeclaration"] = _error_to(event.error)
    for key, value in event.plant.items():
        out[PLANT_PREFIX + key] = value
    out.update(event.rest)
    return out


def content_hash(event: Event) -> bytes:
    """32 bytes that are equal for events stating the same fact, however they wrote it.

    Left out: eventID, recordTime, the error declaration. Ids count by their canonical form, sets without order,
    numbers by value, times as moments.
    """
    out = _canonical(event_to_epcis(event))
    for key in ("eventID", "recordTime", "errorDeclaration", "eventTimeZoneOffset"):
        out.pop(key, None)
    return hashlib.sha256(to_bytes(out)).digest()


# ---- reading


def _common_from(raw: Mapping[str, Any], where: str) -> dict[str, Any]:
    offset = raw.get("eventTimeZoneOffset")
    offset = offset if isinstance(offset, str) and is_zone_offset(offset) else ""
    time_text = raw.get("eventTime")
    moment = parse_time(time_text, f"{where}.eventTime", offset)
    known = _COMMON_KEYS.union(_BODY_KEYS[raw["type"]])
    disposition_change = _object(raw, "persistentDisposition", where)
    return {
        "event_id": str(raw.get("eventID") or ""),
        "event_time": moment,
        "zone_offset": offset or _offset_of(str(time_text)),
        "biz_step": _word(raw, "bizStep"),
        "disposition": _word(raw, "disposition"),
        "read_point": _place(raw, "readPoint", where),
        "biz_location": _place(raw, "bizLocation", where),
        "biz_transactions": _links(raw, "bizTransactionList", "bizTransaction", where),
        "sources": _links(raw, "sourceList", "source", where),
        "destinations": _links(raw, "destinationList", "destination", where),
        "set_dispositions": tuple(cbv_word(str(one)) for one in _list(disposition_change, "set", where)),
        "unset_dispositions": tuple(cbv_word(str(one)) for one in _list(disposition_change, "unset", where)),
        "error": _error_from(raw, where),
        "source_record_time": str(raw["recordTime"]) if raw.get("recordTime") else None,
        "plant": {key[len(PLANT_PREFIX) :]: value for key, value in raw.items() if key.startswith(PLANT_PREFIX)},
        "rest": {key: value for key, value in raw.items() if key not in known and not key.startswith(PLANT_PREFIX)},
    }


def _offset_of(time_text: str) -> str:
    tail = time_text[-6:]
    return tail if is_zone_offset(tail) else "+00:00"


def _word(raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    return cbv_word(str(value)) if value else None


def _list(raw: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = raw.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise DocumentError("a list", value, f"{where}.{key}")
    return value


def _object(raw: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = raw.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DocumentError("an object", value, f"{where}.{key}")
    return value


def _action(raw: Mapping[str, Any], where: str) -> Action:
    try:
        return Action(str(raw.get("action")))
    except ValueError:
        raise DocumentError("an action (ADD, OBSERVE, DELETE)", raw.get("action"), f"{where}.action") from None


def _place(raw: Mapping[str, Any], key: str, where: str) -> Identity | None:
    value = raw.get(key)
    if isinstance(value, Mapping):
        value = value.get("id")
    return _identity(value, Place.LOCATION, f"{where}.{key}") if value else None


def _identity(value: Any, place: Place, where: str) -> Identity:
    if not isinstance(value, str):
        raise DocumentError("an identifier as text", value, where)
    try:
        return identify(value, place)
    except BadInput as error:
        raise DocumentError(error.expected, error.got, where, error.remedy) from error


def _epcs(raw: Mapping[str, Any], key: str, where: str) -> tuple[Identity, ...]:
    return tuple(
        _identity(one, Place.EPC, f"{where}.{key}[{number}]") for number, one in enumerate(_list(raw, key, where))
    )


def _amounts(raw: Mapping[str, Any], key: str, where: str) -> tuple[Amount, ...]:
    out = []
    for number, one in enumerate(_list(raw, key, where)):
        path = f"{where}.{key}[{number}]"
        if not isinstance(one, Mapping):
            raise DocumentError("an object with epcClass", one, path)
        identity = _identity(one.get("epcClass"), Place.CLASS, f"{path}.epcClass")
        unit = one.get("uom")
        out.append(Amount(identity, _quantity(one.get("quantity"), path), str(unit) if unit else None))
    return tuple(out)


def _quantity(value: Any, path: str) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise QuantityError("a quantity as a number", value, f"{path}.quantity")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or number < 0:
        raise QuantityError("a finite quantity of 0 or more", value, f"{path}.quantity")
    if abs(number.adjusted()) > MAX_QUANTITY_DIGITS or len(number.as_tuple().digits) > MAX_QUANTITY_DIGITS:
        raise QuantityError(f"a quantity of at most {MAX_QUANTITY_DIGITS} digits", value, f"{path}.quantity")
    return number


def _links(raw: Mapping[str, Any], key: str, field: str, where: str) -> tuple[Link, ...]:
    out = []
    for number, one in enumerate(_list(raw, key, where)):
        if not isinstance(one, Mapping) or not isinstance(one.get(field), str):
            raise DocumentError(f"an object with {field}", one, f"{where}.{key}[{number}]")
        out.append(Link(_word(one, "type"), one[field]))
    return tuple(out)


def _error_from(raw: Mapping[str, Any], where: str) -> ErrorDeclaration | None:
    value = raw.get("errorDeclaration")
    if value is None:
        return None
    path = f"{where}.errorDeclaration"
    declared = _object(raw, "errorDeclaration", where)
    known = ("declarationTime", "reason", "correctiveEventIDs")
    return ErrorDeclaration(
        declaration_time=parse_time(declared.get("declarationTime"), f"{path}.declarationTime"),
        reason=_word(declared, "reason"),
        corrective_event_ids=tuple(str(one) for one in _list(declared, "correctiveEventIDs", path)),
        rest={key: one for key, one in declared.items() if key not in known},
    )


# ---- writing


def _put_transformation(out: dict[str, Any], event: TransformationEvent) -> None:
    if event.transformation_id:
        out["transformationID"] = event.transformation_id
    _put_ids(out, "inputEPCList", event.inputs)
    _put_amounts(out, "inputQuantityList", event.input_amounts)
    _put_ids(out, "outputEPCList", event.outputs)
    _put_amounts(out, "outputQuantityList", event.output_amounts)


def _put_things(
    out: dict[str, Any], event: ObjectEvent | AggregationEvent | AssociationEvent | TransactionEvent
) -> None:
    nested = isinstance(event, AggregationEvent | AssociationEvent)
    if not isinstance(event, ObjectEvent) and event.parent is not None:
        out["parentID"] = event.parent.form
    _put_ids(out, "childEPCs" if nested else "epcList", event.epcs)
    _put_amounts(out, "childQuantityList" if nested else "quantityList", event.amounts)


def _put_ids(out: dict[str, Any], key: str, ids: tuple[Identity, ...]) -> None:
    if ids:
        out[key] = [one.form for one in ids]


def _put_amounts(out: dict[str, Any], key: str, amounts: tuple[Amount, ...]) -> None:
    if amounts:
        out[key] = [_amount_to(one) for one in amounts]


def _amount_to(amount: Amount) -> dict[str, Any]:
    out: dict[str, Any] = {"epcClass": amount.id.form}
    if amount.quantity is not None:
        out["quantity"] = amount.quantity
    if amount.unit is not None:
        out["uom"] = amount.unit
    return out


def _put_common(out: dict[str, Any], event: CommonFields) -> None:
    if event.biz_step:
        out["bizStep"] = event.biz_step
    if event.disposition:
        out["disposition"] = event.disposition
    if event.set_dispositions or event.unset_dispositions:
        out["persistentDisposition"] = {
            key: list(words)
            for key, words in (("set", event.set_dispositions), ("unset", event.unset_dispositions))
            if words
        }
    if event.read_point is not None:
        out["readPoint"] = {"id": event.read_point.form}
    if event.biz_location is not None:
        out["bizLocation"] = {"id": event.biz_location.form}
    _put_links(out, "bizTransactionList", "bizTransaction", event.biz_transactions)
    _put_links(out, "sourceList", "source", event.sources)
    _put_links(out, "destinationList", "destination", event.destinations)


def _put_links(out: dict[str, Any], key: str, field: str, links: tuple[Link, ...]) -> None:
    if links:
        out[key] = [{**({"type": one.type} if one.type else {}), field: one.value} for one in links]


def _error_to(error: ErrorDeclaration) -> dict[str, Json]:
    out: dict[str, Json] = {"declarationTime": format_time(error.declaration_time)}
    if error.reason:
        out["reason"] = error.reason
    if error.corrective_event_ids:
        out["correctiveEventIDs"] = list(error.corrective_event_ids)
    out.update(error.rest)
    return out


# ---- comparing

_ID_SETS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_AMOUNT_SETS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_LINK_SETS = ("bizTransactionList", "sourceList", "destinationList")


def _canonical(raw: dict[str, Any]) -> dict[str, Any]:
    out = {key: _plain(value) for key, value in raw.items()}
    for key in _ID_SETS:
        if key in out:
            out[key] = sorted(identify(one, Place.EPC).canonical for one in raw[key])
    for key in _AMOUNT_SETS:
        if key in out:
            out[key] = sorted((_canonical_amount(one) for one in raw[key]), key=to_bytes)
    for key in _LINK_SETS:
        if key in out:
            out[key] = sorted(out[key], key=to_bytes)
    if "parentID" in out:
        out["parentID"] = identify(raw["parentID"], Place.EPC).canonical
    for key in ("readPoint", "bizLocation"):
        if key in out:
            out[key] = {"id": identify(raw[key]["id"], Place.LOCATION).canonical}
    return out


def _canonical_amount(raw: Mapping[str, Any]) -> dict[str, Json]:
    out = {key: _plain(value) for key, value in raw.items()}
    out["epcClass"] = identify(raw["epcClass"], Place.CLASS).canonical
    return out


def _plain(value: Any) -> Any:
    """``value`` with every number as the shortest text of its value, so that 1, 1.0 and 1.00 are equal."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | Decimal | float):
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        return {"#": str(number.normalize(_EXACT))}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value]
