"""May this thing go there now? Holds beat everything, shipping first of all.

A carrier is on hold with anything held inside of it. A thing is on hold with any carrier it lay in when that was held,
or came to lie in since: unpacking frees nothing. A thing is on hold with anything it was made of under a hold that
reaches descendants. All is worked out at the time of the question, so what is made after the hold was placed is covered
without any further event.

A lot of which a part lies in a held carrier is itself not released, since nobody can tell its parts apart; its other
carriers are, as long as nothing of it left the held one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple, Protocol

from trace_core.capture.records import Answer, AnswerCode
from trace_core.control.holds import Hold, HoldBook, Reach
from trace_core.vocabulary.identity import Kind


class BlockReason(IntEnum):
    """ANS_REASON of an answer BLOCK. Capture's reasons lie below 101."""

    HELD = 101
    HELD_ORIGIN = 102  # made of something held with its descendants
    HELD_CARRIER = 103  # lies in a held carrier, or did when that was held
    HELD_CONTENTS = 104  # holds something held
    HELD_PLACE = 105  # the place asked for, or where it was, is held


class Lodging(NamedTuple):
    """A thing lay in ``holder``, directly or nested; ``until`` is when it was taken out, None = it still lies there."""

    holder: str
    until: datetime | None


class Surroundings(Protocol):
    """What the interlock asks of the genealogy: by canonical id, as of now, nothing voided."""

    def contents_of(self, holder: str) -> Collection[str]:
        """All that lies in a carrier or vessel now, through nested carriers, itself left out."""

    def lodgings_of(self, thing: str) -> Collection[Lodging]:
        """Every carrier, vessel or assembly ``thing`` lies in or ever lay in, the outer ones included."""

    def ancestors_of(self, things: Collection[str], *, with_carriers: bool) -> Collection[str]:
        """All lots and serials that ``things`` were made of, at any depth; the carriers those ever lay in on demand."""


class Block(NamedTuple):
    """One reason against: which hold, by which way, and because of what."""

    reason: BlockReason
    hold: Hold
    cause: str


class Interlock:
    """Answers questions out of the holds in force; ``margin`` is how far two clocks may differ."""

    def __init__(self, book: HoldBook, surroundings: Surroundings, margin: timedelta) -> None:
        self._book = book
        self._around = surroundings
        self._margin = margin

    def may(self, things: Collection[str], places: Collection[str] = ()) -> Answer:
        """RELEASE where no hold stands against any of ``things`` going to ``places``; else BLOCK, with the reason."""
        return answer_to(things, self.blocks(things, places))

    def blocks(self, things: Iterable[str], places: Iterable[str] = ()) -> tuple[Block, ...]:
        """Every hold in force that stands against ``things`` going to ``places``, the nearest reasons first."""
        if not self._book.holds():
            return ()
        found: dict[Block, None] = {}
        for place in places:
            found.update((Block(BlockReason.HELD_PLACE, hold, place), None) for hold in self._book.on(place))
        for thing in things:
            found.update((block, None) for block in self._blocks_on(thing))
        return tuple(found)

    def _blocks_on(self, thing: str) -> Iterator[Block]:
        for hold in self._book.on(thing):
            yield Block(_REASON_OF.get(hold.reach, BlockReason.HELD), hold, thing)
        yield from self._lodged(thing, BlockReason.HELD_CARRIER, only_left=False)
        contents = sorted(self._around.contents_of(thing))
        for one in contents:
            yield from (Block(BlockReason.HELD_CONTENTS, hold, one) for hold in self._book.on(one))
            yield from self._lodged(one, BlockReason.HELD_CONTENTS, only_left=True)
        yield from self._made_of((thing, *contents))

    def _made_of(self, things: Collection[str]) -> Iterator[Block]:
        reaching = [hold for hold in self._book.holds() if hold.reach is Reach.DESCENDANTS]
        if not reaching:
            return
        with_carriers = any(one.kind not in _MATERIAL for hold in reaching for one in hold.things)
        for origin in sorted(self._around.ancestors_of(things, with_carriers=with_carriers)):
            for hold in self._book.on(origin):
                if hold.reach is Reach.DESCENDANTS:
                    yield Block(BlockReason.HELD_ORIGIN, hold, origin)

    def _lodged(self, thing: str, reason: BlockReason, *, only_left: bool) -> Iterator[Block]:
        """Holds on what ``thing`` lay in since they were placed; ``only_left`` = where it was taken out since."""
        for lodging in self._around.lodgings_of(thing):
            if only_left and lodging.until is None:
                continue
            for hold in self._book.on(lodging.holder):
                if lodging.until is None or lodging.until + self._margin >= hold.placed_at:
                    yield Block(reason, hold, lodging.holder)


_MATERIAL = frozenset({Kind.LOT, Kind.SERIAL})
_REASON_OF = {Reach.LOCATION: BlockReason.HELD_PLACE}


def answer_to(things: Iterable[str], blocks: Collection[Block]) -> Answer:
    """RELEASE where nothing stands against it, else BLOCK with the first reason and how many more holds there are."""
    if not blocks:
        return Answer(AnswerCode.RELEASE)
    first = next(iter(blocks))
    hold = first.hold
    text = (
        f"hold {hold.hold_id} on {first.cause} ({_WAYS[first.reason]}) stands against {', '.join(things)}: {hold.why}"
    )
    others = len({block.hold.hold_id for block in blocks} - {hold.hold_id})
    if others:
        text += f" (and {others} more hold{'s' if others > 1 else ''})"
    return Answer(AnswerCode.BLOCK, int(first.reason), text)


_WAYS = {
    BlockReason.HELD: "held itself",
    BlockReason.HELD_ORIGIN: "made of it",
    BlockReason.HELD_CARRIER: "lies or lay in it",
    BlockReason.HELD_CONTENTS: "holds it",
    BlockReason.HELD_PLACE: "by its place",
}
