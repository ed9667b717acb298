"""From when to when a thing lay in a holder (carrier, vessel, slot, assembly), by facts whose clocks may be wrong.

Two clocks differ by at most ``margin`` (twice the error of one). The rules never lose a presence that really was:

- an ADD opens a window; a DELETE that names the thing ends the windows opened surely before it (by more than the
  margin), or, if there is none, one that was opened within the margin: a thing is taken out as often as it is put in;
- a DELETE without children (verified empty) and an effective clean end every window opened surely before; an emptied
  carrier, in which nothing lay surely, held what was put in within the margin, if one event alone did so;
- taking out less of a lot than was put in, where quantities say so, leaves the window open (carriers only: what a
  removal from a slot gives is the remainder);
- an OBSERVE or DELETE of what nobody put in opens a window whose start is unknown: since the last verified empty;
- where one thing lies in the holder at a time (slots), an ADD ends what was opened surely before it; a DELETE within
  the margin of that is the removal of what was replaced, not of what came: a reel may follow one of the same lot.

Order among facts is their time; the order in which they arrived is never asked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from trace_core.genealogy.columns import EVER, NONE
from trace_core.genealogy.tables import Act

Item = TypeVar("Item")


class Ending(StrEnum):
    """What ended a window."""

    OPEN = "open"
    REMOVED = "removed"
    EMPTIED = "emptied"
    CLEANED = "cleaned"
    REPLACED = "replaced"


class HolderFact(NamedTuple):
    """One recorded fact; ``child`` is ``NONE`` where the holder was emptied. Sorts by time, then act."""

    time: int
    act: int
    child: int
    event: int
    quantity: Decimal | None
    unit: int


class Clean(NamedTuple):
    """An effective clean."""

    start: int
    end: int
    event: int


class Window(NamedTuple):
    """``child`` lay in ``holder`` from ``start`` to ``end`` (microseconds; ``EVER`` = still, ``-EVER`` = unknown).

    ``left`` is the quantity its removal named: what was taken out of a carrier, or the remainder in a slot.
    """

    holder: int
    child: int
    start: int
    end: int
    quantity: Decimal | None
    unit: int
    left: Decimal | None
    start_event: int
    end_event: int
    ending: Ending
    is_start_known: bool = True


class HolderRules(NamedTuple):
    """How a kind of holder behaves."""

    margin: int
    is_one_at_a_time: bool = False
    counts_out: bool = False
    """Whether a DELETE's quantity is what was taken out, so that less than was put in leaves the rest inside."""


@dataclass(slots=True)
class _Opening:
    start: int
    event: int
    quantity: Decimal | None
    unit: int
    is_start_known: bool = True


@dataclass(slots=True)
class _Presence:
    """The openings not yet ended, by child, and the windows that are done."""

    holder: int
    rules: HolderRules
    added: list[tuple[int, int]] = field(default_factory=list)
    """(time, event) of every ADD, by time."""
    emptied: int = -EVER
    open: dict[int, list[_Opening]] = field(default_factory=dict)
    taken_out: dict[int, Decimal] = field(default_factory=dict)
    done: list[Window] = field(default_factory=list)
    replaced: dict[int, list[int]] = field(default_factory=dict)
    """By child, the places in ``done`` of what an ADD ended and no DELETE has told of yet."""

    def add(self, fact: HolderFact) -> None:
        if self.rules.is_one_at_a_time:
            for child in list(self.open):
                before = len(self.done)
                self._end_sure(child, fact.time, fact.time, fact.event, Ending.REPLACED)
                self.replaced.setdefault(child, []).extend(range(before, len(self.done)))
        opening = _Opening(fact.time, fact.event, fact.quantity, fact.unit)
        self.open.setdefault(fact.child, []).append(opening)

    def observe(self, fact: HolderFact) -> None:
        if not self.open.get(fact.child):
            opening = _Opening(self.emptied, fact.event, fact.quantity, fact.unit, is_start_known=False)
            self.open.setdefault(fact.child, []).append(opening)

    def take_out(self, fact: HolderFact) -> None:
        if self._told_of_replaced(fact):
            return
        openings = self.open.get(fact.child)
        if not openings:
            self.observe(fact)
            openings = self.open[fact.child]
        if self._leaves_some(fact, openings):
            return
        if not self._end_sure(fact.child, fact.time, fact.time, fact.event, Ending.REMOVED, fact.quantity):
            self._end(fact.child, [openings[0]], fact.time, fact.event, Ending.REMOVED, fact.quantity)

    def _told_of_replaced(self, fact: HolderFact) -> bool:
        """Whether the removal is that of something a later ADD has ended already, by clocks that may differ."""
        places = self.replaced.pop(fact.child, [])
        near = [place for place in places if fact.time - self.done[place].end <= self.rules.margin]
        if not near or any(one.start < fact.time - self.rules.margin for one in self.open.get(fact.child, ())):
            return False
        told, *others = near
        self.done[told] = self.done[told]._replace(left=fact.quantity, end_event=fact.event, ending=Ending.REMOVED)
        if others:
            self.replaced[fact.child] = others
        return True

    def _leaves_some(self, fact: HolderFact, openings: list[_Opening]) -> bool:
        if not self.rules.counts_out or fact.quantity is None:
            return False
        if any(one.quantity is None or one.unit != fact.unit for one in openings):
            return False
        out = self.taken_out.get(fact.child, Decimal(0)) + fact.quantity
        if out >= sum((one.quantity or Decimal(0) for one in openings), Decimal(0)):
            self.taken_out.pop(fact.child, None)
            return False
        self.taken_out[fact.child] = out
        return True

    def empty(self, start: int, end: int, event: int, ending: Ending) -> None:
        """Everything surely in before ``start`` is out by ``end``."""
        ended = [self._end_sure(child, start, end, event, ending) for child in list(self.open)]
        if self.rules.counts_out and not any(ended):
            self._empty_of_one_event(start, end, event, ending)
        self.emptied = max(self.emptied, start - self.rules.margin)

    def _empty_of_one_event(self, start: int, end: int, event: int, ending: Ending) -> None:
        low = bisect_left(self.added, (start - self.rules.margin, NONE))
        high = bisect_left(self.added, (start + self.rules.margin + 1, NONE))
        near = {one for _, one in self.added[low:high]}
        if len(near) != 1:
            return
        for child, openings in list(self.open.items()):
            meant = [one for one in openings if one.event in near]
            if meant:
                self._end(child, meant, end, event, ending)

    def _end_sure(
        self, child: int, time: int, end: int, event: int, ending: Ending, left: Decimal | None = None
    ) -> bool:
        sure = [one for one in self.open[child] if one.start < time - self.rules.margin]
        self._end(child, sure, end, event, ending, left)
        return bool(sure)

    def _end(
        self, child: int, ended: list[_Opening], end: int, event: int, ending: Ending, left: Decimal | None = None
    ) -> None:
        for one in ended:
            self.done.append(self._window(child, one, max(end, one.start), left, event, ending))
            left = None
        kept = [one for one in self.open[child] if one not in ended]
        if kept:
            self.open[child] = kept
        else:
            del self.open[child]
            self.taken_out.pop(child, None)

    def _window(self, child: int, one: _Opening, end: int, left: Decimal | None, event: int, ending: Ending) -> Window:
        amount = one.quantity, one.unit
        return Window(self.holder, child, one.start, end, *amount, left, one.event, event, ending, one.is_start_known)

    def finish(self) -> list[Window]:
        for child, openings in self.open.items():
            for one in openings:
                self.done.append(self._window(child, one, EVER, None, NONE, Ending.OPEN))
        return self.done


def windows_of(holder: int, facts: Iterable[HolderFact], cleans: Iterable[Clean], rules: HolderRules) -> list[Window]:
    """Every window of a holder by the facts about it, in no particular order; ties as they come."""
    facts = list(facts)
    added = sorted((fact.time, fact.event) for fact in facts if fact.act == Act.ADD)
    presence = _Presence(holder, rules, added)
    steps: list[tuple[int, int, HolderFact | Clean]] = [(fact.time, fact.act, fact) for fact in facts]
    steps += [(clean.start, len(Act), clean) for clean in cleans]
    steps.sort(key=itemgetter(0, 1))
    for *_, step in steps:
        if isinstance(step, Clean):
            presence.empty(step.start, step.end, step.event, Ending.CLEANED)
        elif step.act == Act.ADD:
            presence.add(step)
        elif step.act == Act.OBSERVE:
            presence.observe(step)
        elif step.child >= 0:
            presence.take_out(step)
        else:
            presence.empty(step.time, step.time, step.event, Ending.EMPTIED)
    return presence.finish()


class Intervals(Generic[Item]):
    """Items with a start and an end, found by the interval they meet; built once, O(log n + hits)."""

    __slots__ = ("_ends", "_items", "_latest_end", "_starts")

    def __init__(self, items: Iterable[Item], span: Callable[[Item], tuple[int, int]]) -> None:
        spans = sorted(((*span(one), position, one) for position, one in enumerate(items)), key=itemgetter(0, 1, 2))
        self._starts = [one[0] for one in spans]
        self._ends = [one[1] for one in spans]
        self._items = [one[3] for one in spans]
        self._latest_end = list(accumulate(self._ends, max))

    def meeting(self, start: int, end: int) -> Iterator[Item]:
        """The items that begin by ``end`` and end at ``start`` or later, by start."""
        stop = bisect_right(self._starts, end)
        for position in range(bisect_left(self._latest_end, start, 0, stop), stop):
            if self._ends[position] >= start:
                yield self._items[position]
