"""What lenient reading mends in an event that breaks the standard and can still be understood.

Every repair is noted under the path of what it mends. What cannot be read into its place but is not needed to
understand the event is kept verbatim under ``plant:unread``, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from trace_core.exchange.epcis_rules import EVENT_TYPES
from trace_core.exchange.source_text import MAX_NUMBER_CHARACTERS
from trace_core.vocabulary.times import is_zone_offset

UNREAD = "plant:unread"
"""Where fields are kept that could not be read into their place."""

_ZONE = re.compile(r"(?:Z|z|[+-]\d{2}:?\d{2})\Z")
_ID_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_AMOUNT_LISTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_LINK_LISTS = (("bizTransactionList", "bizTransaction"), ("sourceList", "source"), ("destinationList", "destination"))
_ACTIONS = ("ADD", "OBSERVE", "DELETE")


class Repairs:
    """Mends one event; ``notes`` says, path by path, what was done."""

    def __init__(self, event: Mapping[str, Any], where: str) -> None:
        self.event = dict(event)
        self.where = where
        self.notes: dict[str, str] = {}

    def note(self, name: str, done: str) -> None:
        """Remember that ``done`` was done to the field ``name``."""
        self.notes[f"{self.where}.{name}"] = done


def repaired(event: Mapping[str, Any], where: str) -> Repairs:
    """``event`` with everything mended that can be; the rest is as it came."""
    work = Repairs(event, where)
    for mend in _MENDERS:
        mend(work)
    return work


def _type(work: Repairs) -> None:
    event = work.event
    if "type" not in event and isinstance(event.get("isA"), str):
        event["type"] = event.pop("isA")
        work.note("type", "taken from isA, as drafts of EPCIS 2.0 wrote it")
    kind = event.get("type")
    if isinstance(kind, str) and kind not in EVENT_TYPES:
        bare = re.split(r"[:/#]", kind)[-1]
        if bare in EVENT_TYPES:
            event["type"] = bare
            work.note("type", f"taken as {bare}")


def _times(work: Repairs) -> None:
    event = work.event
    offset = event.get("eventTimeZoneOffset")
    time = event.get("eventTime")
    good = isinstance(offset, str) and is_zone_offset(offset)
    if isinstance(offset, str) and not good:
        mended = _mended_offset(offset.strip())
        if mended:
            event["eventTimeZoneOffset"], good = mended, True
            work.note("eventTimeZoneOffset", f"taken as {mended}")
    if not isinstance(time, str):
        return
    time = time.strip()
    zone = _ZONE.search(time) if len(time) > len("2026-11-02") else None
    if zone is None and good:
        event["eventTime"] = time + event["eventTimeZoneOffset"]
        work.note("eventTime", f"given the offset of eventTimeZoneOffset: {event['eventTime']}")
    elif zone is not None and not good:
        event["eventTimeZoneOffset"] = _mended_offset(zone.group()) or "+00:00"
        work.note("eventTimeZoneOffset", f"taken from eventTime: {event['eventTimeZoneOffset']}")


def _mended_offset(text: str) -> str:
    """``+0100``, ``+1:00``, ``Z`` and the like as an offset; "" where it is none."""
    if text in {"Z", "z", "UTC"}:
        return "+00:00"
    match = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})", text)
    mended = f"{match[1]}{match[2].zfill(2)}:{match[3]}" if match else ""
    return mended if is_zone_offset(mended) else ""


def _action(work: Repairs) -> None:
    event = work.event
    if event.get("type") == "TransformationEvent" or event.get("action") in _ACTIONS:
        return
    given = event.get("action")
    if isinstance(given, str) and given.strip().upper() in _ACTIONS:
        event["action"] = given.strip().upper()
        work.note("action", f"taken as {event['action']}")
    elif event.get("type") in ("ObjectEvent", "TransactionEvent"):
        event["action"] = "OBSERVE"
        if given is not None:
            _keep_unread(work, "action", given)
        work.note("action", "taken as OBSERVE, which claims the least")


def _empty_texts(work: Repairs) -> None:
    for name in ("transformationID", "eventID", "parentID", "bizStep", "disposition", "recordTime"):
        value = work.event.get(name)
        if name in work.event and (value is None or (isinstance(value, str) and not value.strip())):
            del work.event[name]
            work.note(name, "left out, since it is empty")


def _id_lists(work: Repairs) -> None:
    for name in _ID_LISTS:
        value = work.event.get(name)
        if name in work.event and value is None:
            del work.event[name]
            work.note(name, "left out, since it is empty")
        elif isinstance(value, str):
            work.event[name] = [value]
            work.note(name, "taken as a list of one")
        elif isinstance(value, list) and any(one is None or one == "" for one in value):
            work.event[name] = [one for one in value if one not in (None, "")]
            for number, one in enumerate(value):
                if one in (None, ""):
                    work.note(f"{name}[{number}]", "left out, since it is empty")


def _amount_lists(work: Repairs) -> None:
    for name in _AMOUNT_LISTS:
        value = work.event.get(name)
        if name in work.event and value is None:
            del work.event[name]
            work.note(name, "left out, since it is empty")
            continue
        if isinstance(value, Mapping):
            value = [value]
            work.note(name, "taken as a list of one")
        if not isinstance(value, list):
            continue
        work.event[name] = [_amount(work, one, f"{name}[{number}]") for number, one in enumerate(value)]


def _amount(work: Repairs, one: Any, path: str) -> Any:
    if not isinstance(one, Mapping):
        return one
    out = dict(one)
    quantity = out.get("quantity")
    if isinstance(quantity, str):
        number = _number(quantity)
        if number is not None:
            out["quantity"] = number
            work.note(f"{path}.quantity", f"taken as the number {number}")
        elif not quantity.strip():
            del out["quantity"]
            work.note(f"{path}.quantity", "left out, since it is empty")
    return out


def _number(text: str) -> Decimal | None:
    if len(text) > MAX_NUMBER_CHARACTERS or not re.fullmatch(r"\s*[+-]?\d+(?:\.\d+)?\s*", text, re.ASCII):
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


def _places(work: Repairs) -> None:
    for name in ("readPoint", "bizLocation"):
        value = work.event.get(name)
        if name not in work.event:
            continue
        if isinstance(value, str) and value.strip():
            work.event[name] = {"id": value}
            work.note(name, "taken as its id")
        elif not isinstance(value, Mapping) or not isinstance(value.get("id"), str) or not value["id"].strip():
            _move_to_unread(work, name)


def _links(work: Repairs) -> None:
    for name, field in _LINK_LISTS:
        value = work.event.get(name)
        if name not in work.event:
            continue
        if isinstance(value, Mapping):
            value = [value]
        if not isinstance(value, list):
            _move_to_unread(work, name)
            continue
        good = [one for one in value if isinstance(one, Mapping) and isinstance(one.get(field), str)]
        if len(good) == len(value):
            work.event[name] = value
            continue
        odd = [one for one in value if one not in good]
        work.event[name] = good
        _keep_unread(work, name, odd)
        for number, one in enumerate(value):
            if one in odd:
                work.note(f"{name}[{number}]", f"kept verbatim under {UNREAD}")


def _dispositions(work: Repairs) -> None:
    value = work.event.get("persistentDisposition")
    if "persistentDisposition" not in work.event:
        return
    if not isinstance(value, Mapping):
        _move_to_unread(work, "persistentDisposition")
        return
    out: dict[str, Any] = {}
    for name, one in value.items():
        if isinstance(one, str):
            work.note(f"persistentDisposition.{name}", "taken as a list of one")
        out[name] = [one] if isinstance(one, str) else one
    work.event["persistentDisposition"] = out
    if not all(_is_texts(out.get(name, [])) for name in ("set", "unset")):
        _move_to_unread(work, "persistentDisposition")


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _declaration(work: Repairs) -> None:
    """An error declaration voids an event, so it is never put aside; only its time may be taken from elsewhere."""
    value = work.event.get("errorDeclaration")
    if not isinstance(value, Mapping):
        return
    out = dict(value)
    if not out.get("declarationTime"):
        out["declarationTime"] = work.event.get("recordTime") or work.event.get("eventTime")
        work.note("errorDeclaration.declarationTime", f"taken as {out['declarationTime']}")
    elif isinstance(out["declarationTime"], str) and not _ZONE.search(out["declarationTime"][10:]):
        offset = work.event.get("eventTimeZoneOffset")
        if isinstance(offset, str) and is_zone_offset(offset):
            out["declarationTime"] += offset
            work.note("errorDeclaration.declarationTime", f"given the event's offset: {out['declarationTime']}")
    if "correctiveEventIDs" in out and not isinstance(out["correctiveEventIDs"], list):
        given = out["correctiveEventIDs"]
        out["correctiveEventIDs"] = [given] if isinstance(given, str) and given else []
        work.note("errorDeclaration.correctiveEventIDs", "taken as a list")
    work.event["errorDeclaration"] = out


def _move_to_unread(work: Repairs, name: str) -> None:
    value = work.event.pop(name)
    if value in (None, "", [], {}):
        work.note(name, "left out, since it is empty")
        return
    _keep_unread(work, name, value)
    work.note(name, f"kept verbatim under {UNREAD}")


def _keep_unread(work: Repairs, name: str, value: Any) -> None:
    kept = work.event.get(UNREAD)
    work.event[UNREAD] = {**(kept if isinstance(kept, Mapping) else {}), name: value}


_MENDERS: tuple[Callable[[Repairs], None], ...] = (
    _type, _empty_texts, _times, _action, _id_lists, _amount_lists, _places, _links, _dispositions, _declaration,
)  # fmt: skip
