"""Which things are on hold: a fold over the log, with no store of its own.

A hold ends by a release that names it, with who and why, and by nothing else: an error declaration on the event that
placed it does not lift it, and one on its release puts it back in force. The fold keeps every hold it ever saw, and the
order in which a hold and its release arrive does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from trace_core.vocabulary.events import AggregationEvent, AssociationEvent, Event, ObjectEvent, amounts_in
from trace_core.vocabulary.identity import Identity, Kind

HOLDING = "holding"


class Reach(StrEnum):
    """What a hold covers besides the things it names; carriers hold their contents and the other way about, always."""

    LOT = "lot"
    DESCENDANTS = "descendants"  # all that was, and ever will be, made of them
    CARRIER = "carrier"
    LOCATION = "location"  # all that is there, was there since, and comes there


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. ``placed_at`` is by the clock of who placed it, ``sequence`` its place in the log."""

    hold_id: str
    things: tuple[Identity, ...]
    reach: Reach
    who: str
    why: str
    placed_at: datetime
    sequence: int


@dataclass(frozen=True, slots=True)
class Release:
    """What ended a hold."""

    hold_id: str
    who: str
    why: str
    released_at: datetime
    sequence: int


class HoldBook:
    """All holds and releases of a log; `apply` every event in the log's order, and the book is the same again."""

    def __init__(self) -> None:
        self._holds: dict[str, Hold] = {}
        self._releases: dict[str, dict[str, Release]] = {}
        self._voided: set[str] = set()
        self._by_thing: dict[str, dict[str, None]] = {}
        self._members: dict[str, set[str]] = {}
        self._places: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._seen_places: set[str] = set()
        self._in_force: tuple[Hold, ...] | None = None

    def apply(self, sequence: int, event: Event) -> None:
        """Take in one event of the log."""
        if event.error is not None:
            self._voided.add(event.event_id)
            self._in_force = None
            return
        if isinstance(event, ObjectEvent):
            if event.biz_step == HOLDING:
                self._place(sequence, event)
                self._in_force = None
                return
            if event.unset_dispositions and event.plant.get("holdId"):
                self._release(sequence, event)
                self._in_force = None
                return
        self._locate(event)

    # ---- questions

    def holds(self) -> tuple[Hold, ...]:
        """The holds in force, in the order they were placed."""
        if self._in_force is None:
            self._in_force = tuple(one for one in self._holds.values() if self.is_in_force(one.hold_id))
        return self._in_force

    def places(self) -> frozenset[str]:
        """Every place, piece of equipment and vessel that things were ever at."""
        return frozenset(self._seen_places)

    def get(self, hold_id: str) -> Hold | None:
        """The hold of this id, in force or not."""
        return self._holds.get(hold_id)

    def ids(self) -> tuple[str, ...]:
        """Every hold id ever given out."""
        return tuple(self._holds)

    def release_of(self, hold_id: str) -> Release | None:
        """What ended the hold, or None while it is in force."""
        for event_id, release in self._releases.get(hold_id, {}).items():
            if event_id not in self._voided:
                return release
        return None

    def is_in_force(self, hold_id: str) -> bool:
        """Whether the hold was placed and not released."""
        return hold_id in self._holds and self.release_of(hold_id) is None

    def on(self, thing: str) -> Iterator[Hold]:
        """The holds in force that name ``thing`` (canonical), or cover it because of where it was."""
        for hold_id in self._by_thing.get(thing, ()):
            if self.is_in_force(hold_id):
                yield self._holds[hold_id]
        for hold_id, members in self._members.items():
            if thing in members and self.is_in_force(hold_id):
                yield self._holds[hold_id]

    # ---- the fold

    def _place(self, sequence: int, event: ObjectEvent) -> None:
        hold_id = str(event.plant.get("holdId") or event.event_id)
        named = tuple(amount.id for amount in amounts_in(event))
        if not named and event.biz_location is not None:
            named = (event.biz_location,)
        earlier = self._holds.get(hold_id)
        if earlier is not None:  # a second event of the same hold may only widen it
            more = tuple(one for one in named if one not in earlier.things)
            self._holds[hold_id] = replace(earlier, things=earlier.things + more)
        else:
            reach = _reach_of(event, named)
            who, why = str(event.plant.get("who", "")), str(event.plant.get("reason", ""))
            self._holds[hold_id] = Hold(hold_id, named, reach, who, why, event.event_time, sequence)
        for one in named:
            self._by_thing.setdefault(one.canonical, {})[hold_id] = None
        if self._holds[hold_id].reach is Reach.LOCATION:
            held = {one.canonical for one in self._holds[hold_id].things}
            there = {thing for thing, (_, places) in self._places.items() if places & held}
            self._members.setdefault(hold_id, set()).update(there)

    def _release(self, sequence: int, event: ObjectEvent) -> None:
        hold_id, who, why = (str(event.plant.get(key) or "").strip() for key in ("holdId", "who", "reason"))
        if who and why:
            release = Release(hold_id, who, why, event.event_time, sequence)
            self._releases.setdefault(hold_id, {})[event.event_id] = release

    def _locate(self, event: Event) -> None:
        """Remember where things are by the latest event time, and add what comes to a held place to the hold."""
        places = _places_of(event)
        if not places:
            return
        self._seen_places |= places
        reached = [hold_id for hold_id in self._members if self._covers(hold_id, places)]
        for thing in _located(event):
            known = self._places.get(thing)
            if known is None or known[0] <= event.event_time:
                self._places[thing] = (event.event_time, places)
            for hold_id in reached:
                self._members[hold_id].add(thing)

    def _covers(self, hold_id: str, places: frozenset[str]) -> bool:
        return any(one.canonical in places for one in self._holds[hold_id].things)


def _reach_of(event: ObjectEvent, named: tuple[Identity, ...]) -> Reach:
    """The reach an event states; from another system, what the things themselves suggest."""
    stated = event.plant.get("reach")
    if isinstance(stated, str) and stated in set(Reach):
        return Reach(stated)
    kinds = {one.kind for one in named}
    if kinds and kinds <= {Kind.LOCATION, Kind.EQUIPMENT}:
        return Reach.LOCATION
    return Reach.CARRIER if kinds == {Kind.CARRIER} else Reach.LOT


def _places_of(event: Event) -> frozenset[str]:
    """Where the things of ``event`` are by it: the place, the equipment, the vessel they were put into."""
    places = [one.canonical for one in (event.biz_location, event.read_point) if one is not None]
    if isinstance(event, AssociationEvent):
        places.append(event.parent.canonical)
    return frozenset(places)


def _located(event: Event) -> Iterator[str]:
    for amount in amounts_in(event):
        yield amount.id.canonical
    if isinstance(event, AggregationEvent) and event.parent is not None:
        yield event.parent.canonical
