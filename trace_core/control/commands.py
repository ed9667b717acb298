"""Place and release holds: commands that check the rules and give the event to append.

Source of the events' form: EVENTS.md, rows hold and release; CBV 2.0, 7.1 and 7.2.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime

from trace_core.control.holds import HOLDING, Hold, HoldBook, Reach
from trace_core.errors import CommandRefused, near_names
from trace_core.vocabulary.events import Action, Amount, ObjectEvent
from trace_core.vocabulary.identity import Identity, Kind
from trace_core.vocabulary.json_text import to_bytes
from trace_core.vocabulary.times import format_time

_PLACES = frozenset({Kind.LOCATION, Kind.EQUIPMENT})
_FITTING = {
    Reach.LOT: frozenset({Kind.LOT, Kind.SERIAL, Kind.ASSET, Kind.CARRIER}),
    Reach.DESCENDANTS: frozenset({Kind.LOT, Kind.SERIAL, Kind.ASSET, Kind.CARRIER}),
    Reach.CARRIER: frozenset({Kind.CARRIER, Kind.ASSET}),
    Reach.LOCATION: _PLACES,
}
_WORDS = {
    Reach.LOT: "a lot, serial or carrier",
    Reach.DESCENDANTS: "a lot, serial or carrier",
    Reach.CARRIER: "a carrier",
    Reach.LOCATION: "a place or a piece of equipment",
}


def place_hold(
    things: Sequence[Identity], reach: Reach, who: str, why: str, moment: datetime, head: bytes
) -> ObjectEvent:
    """The event that puts ``things`` on hold; ``plant["holdId"]`` is what a release names.

    ``head`` is the log's head, so that the same command twice gives two holds. CommandRefused where who or why is
    missing, nothing is named, or a thing is not of the sort that ``reach`` speaks of.
    """
    subject = ", ".join(one.canonical for one in things) or "nothing"
    _require_reasons("hold", subject, who, why)
    if not things:
        raise CommandRefused("hold", subject, "a hold must name at least one thing", "give one or more ids")
    for one in things:
        if one.kind not in _FITTING[reach]:
            reason = f"reach {reach.value} needs {_WORDS[reach]}, and this is of kind {one.kind.value}"
            raise CommandRefused("hold", one.canonical, reason, f"choose another reach ({', '.join(Reach)})")
    order = to_bytes([sorted(one.canonical for one in things), reach.value, who, why, format_time(moment), head.hex()])
    digest = hashlib.sha256(order).hexdigest()
    is_place = reach is Reach.LOCATION
    return ObjectEvent(
        event_id=_uuid_of(digest),
        event_time=moment,
        action=Action.OBSERVE,
        biz_step=HOLDING,
        disposition="non_sellable_other",
        set_dispositions=("unavailable",),
        biz_location=things[0] if is_place and len(things) == 1 else None,
        epcs=tuple(one for one in things if one.kind is not Kind.LOT),
        amounts=tuple(Amount(one) for one in things if one.kind is Kind.LOT),
        plant={"holdId": f"H-{digest[:10].upper()}", "reach": reach.value, "reason": why.strip(), "who": who.strip()},
    )


def release_hold(hold_id: str, who: str, why: str, moment: datetime, head: bytes, book: HoldBook) -> ObjectEvent:
    """The event that ends the hold ``hold_id``; CommandRefused where it is unknown or has ended already."""
    _require_reasons("release", hold_id, who, why)
    hold = _hold_in_force(hold_id, book)
    order = to_bytes([hold_id, who, why, format_time(moment), head.hex()])
    return ObjectEvent(
        event_id=_uuid_of(hashlib.sha256(order).hexdigest()),
        event_time=moment,
        action=Action.OBSERVE,
        biz_step="inspecting",
        disposition="conformant",
        unset_dispositions=("unavailable",),
        epcs=tuple(one for one in hold.things if one.kind is not Kind.LOT),
        amounts=tuple(Amount(one) for one in hold.things if one.kind is Kind.LOT),
        plant={"holdId": hold_id, "reason": why.strip(), "who": who.strip()},
    )


def _hold_in_force(hold_id: str, book: HoldBook) -> Hold:
    hold = book.get(hold_id)
    if hold is None:
        near = near_names(hold_id, book.ids())
        remedy = f"did you mean {' or '.join(near)}?" if near else "list the holds in force with: tracetwin hold --list"
        raise CommandRefused("release", hold_id, "no hold has this id", remedy)
    ended = book.release_of(hold_id)
    if ended is not None:
        reason = f"it was released by {ended.who} at {format_time(ended.released_at)} ({ended.why})"
        raise CommandRefused("release", hold_id, reason, "nothing is left to do")
    return hold


def _uuid_of(digest: str) -> str:
    return f"urn:uuid:{uuid.UUID(digest[:32], version=5)}"  # RFC 9562, 5.5: a name's hash


def _require_reasons(command: str, subject: str, who: str, why: str) -> None:
    for name, text in (("who", who), ("why", why)):
        if not text.strip():
            raise CommandRefused(command, subject, f"{name} is missing", f"say {name}: it is kept with the event")
