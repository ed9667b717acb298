"""What a station makes at the moment: one portion for as long as it is made of the same, with its links in sums.

A thousand loads made of the same containers are one portion with one link to each of them, not a thousand: the sums are
written when the portion begins, and again when another one follows or the run ends.
"""

from __future__ import annotations

from collections.abc import Iterable

from twin.floor import Floor
from twin.ledger import Move
from twin.material import Portion

Key = tuple[object, ...]


class Blend:
    """The portion one task makes, and what has gone into it since it was written down last."""

    def __init__(self, floor: Floor) -> None:
        self.portion: Portion | None = None
        self.key: Key = ()
        self._ledger = floor.ledger
        self._moved: dict[tuple[int, int, Portion], int] = {}
        self._linked: dict[Portion, float] = {}
        self._differs = 0
        self._differs_at = (0, 0)

    def begin(self, portion: Portion, key: Key) -> None:
        """From now on it is ``portion``."""
        self.settle()
        self.portion, self.key = portion, key

    def move(self, source: int, target: int, portion: Portion, quantity: int) -> None:
        """``quantity`` came from elsewhere to go into it."""
        where = (source, target, portion)
        self._moved[where] = self._moved.get(where, 0) + quantity

    def link(self, portion: Portion, mass: float) -> None:
        """``mass`` of ``portion`` is in it."""
        self._linked[portion] = self._linked.get(portion, 0.0) + mass

    def differ(self, place: int, outside: int, mass: int) -> None:
        """``mass`` went off, or came on where it is negative."""
        if self._differs_at != (place, outside):
            self._settle_difference()
            self._differs_at = (place, outside)
        self._differs += mass

    def settle(self) -> None:
        """Write down what has come together."""
        portion = self.portion
        if portion is not None:
            for (source, target, used), quantity in self._moved.items():
                self._ledger.move(Move.FEED, source, target, used.lot.item, quantity, used, portion)
            for used, mass in self._linked.items():
                self._ledger.link(portion, used, mass)
            self._settle_difference()
        self._moved.clear()
        self._linked.clear()

    def _settle_difference(self) -> None:
        mass, self._differs = self._differs, 0
        if mass:
            place, outside = self._differs_at
            source, target = (place, outside) if mass > 0 else (outside, place)
            self._ledger.differ(source, target, abs(mass), self.portion)

    def touch(self, contacts: Iterable[Portion]) -> None:
        """``contacts`` were on the equipment when it was made."""
        if self.portion is not None:
            self._ledger.link_contacts(self.portion, contacts)
