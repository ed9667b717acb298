"""Containers on a shelf in the order in which they go out, with running sums, and the bins they lie in."""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from operator import attrgetter

from twin.material import Lot, Portion

_BY_KEY = attrgetter("key")


@dataclass(slots=True, eq=False)
class Container:
    """What is left of a container. ``key`` is its turn; ``ready_s`` when it may be opened, inf: nobody set it out."""

    portion: Portion
    left: int
    key: tuple[float, int]
    expires_s: float
    ready_s: float = -inf
    bin: int = 0


class Shelf:
    """All containers of one item: the ``free`` ones that may be taken, and those ``kept`` back for now."""

    def __init__(self) -> None:
        self.free: list[Container] = []
        self.kept: list[Container] = []
        self.next_expiry_s = inf
        self._there = 0
        self._kept = 0
        self._by_lot: dict[Lot, int] = {}

    def there(self, lot: Lot | None = None) -> int:
        """How much is free, of one lot where it is given."""
        return self._there if lot is None else self._by_lot.get(lot, 0)

    @property
    def all_there(self) -> int:
        """How much there is, free or kept."""
        return self._there + self._kept

    def add(self, one: Container, *, is_free: bool) -> None:
        """A container comes onto the shelf."""
        self.next_expiry_s = min(self.next_expiry_s, one.expires_s)
        if is_free:
            insort(self.free, one, key=_BY_KEY)
            self._count(one, one.left)
        else:
            insort(self.kept, one, key=_BY_KEY)
            self._kept += one.left

    def take(self, one: Container, quantity: int) -> None:
        """``quantity`` of a free container goes; empty it leaves the shelf."""
        one.left -= quantity
        self._count(one, -quantity)
        if not one.left:
            self.free.remove(one)

    def remove(self, one: Container) -> None:
        """A container leaves, free or kept."""
        if one in self.kept:
            self.kept.remove(one)
            self._kept -= one.left
        else:
            self.free.remove(one)
            self._count(one, -one.left)

    def free_up(self, one: Container) -> None:
        """A kept container may be taken from now on."""
        self.remove(one)
        self.add(one, is_free=True)

    def pick(self, place: int, lot: Lot | None = None) -> Container:
        """The free container whose turn comes after ``place`` others, of one lot where it is given."""
        if lot is None:
            return self.free[place]
        return [one for one in self.free if one.portion.lot is lot][place]

    def choices(self, lot: Lot | None = None) -> int:
        """How many free containers there are to choose from."""
        return len(self.free) if lot is None else sum(one.portion.lot is lot for one in self.free)

    def expired(self, now_s: float) -> list[Container]:
        """The containers that may no longer be used."""
        if now_s < self.next_expiry_s:
            return []
        self.next_expiry_s = min((one.expires_s for one in self if one.expires_s > now_s), default=inf)
        return [one for one in self if one.expires_s <= now_s]

    def __iter__(self) -> Iterator[Container]:
        yield from self.free
        yield from self.kept

    def _count(self, one: Container, quantity: int) -> None:
        self._there += quantity
        lot = one.portion.lot
        left = self._by_lot.get(lot, 0) + quantity
        if left:
            self._by_lot[lot] = left
        else:
            self._by_lot.pop(lot, None)


class Bins:
    """Numbered places, 0 the nearest. A container gets the nearest of those that hold the fewest."""

    def __init__(self, count: int) -> None:
        self._held = [0] * count
        self._order = [(0, place) for place in range(count)]

    def occupy(self) -> int:
        """A place for one more container."""
        while True:
            held, place = heapq.heappop(self._order)
            if self._held[place] == held:
                self._held[place] += 1
                heapq.heappush(self._order, (held + 1, place))
                return place

    def leave(self, place: int) -> None:
        """A container is gone from ``place``."""
        self._held[place] -= 1
        heapq.heappush(self._order, (self._held[place], place))
