"""Feeder banks: containers hang in the slots of a station and are counted down, load by load.

Feeding a load costs one comparison while nothing runs out: the bank knows for how many more loads every slot lasts, and
what a load is made of is the same object until a container changes. What the loads used is written to the truth when
that changes: a link for each container and portion, and one move for each container.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from plant_models.work import Feeders
from twin.floor import Floor
from twin.laws import sampler
from twin.ledger import Move
from twin.material import Item, Portion
from twin.mounting import Hopper, Mounting, Reel
from twin.stock import Stock

MANY = 1_000_000_000
"""Loads that a bank lasts for from which nothing is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """How much a load takes of what the bank holds: make one for each kind of load and use it again."""

    amounts: Mapping[Item, int]


@dataclass(frozen=True, slots=True, eq=False)
class Fed:
    """What one load got. ``made_of`` is the same object as before unless it ``changed``; ``stop_s``: the machine stood.

    ``mass`` is what the load got heavier by, in quanta of mass.
    """

    made_of: tuple[Portion, ...]
    changed: bool
    stop_s: float
    mass: int


@dataclass(slots=True, eq=False)
class _Feed:
    """What one load was fed: how much of each portion, and what of it the ledger moves."""

    parts: list[tuple[Portion, float]]
    moved: list[tuple[tuple[Item, Portion | None], int]]

    @property
    def made_of(self) -> tuple[Portion, ...]:
        return tuple(portion for portion, _ in self.parts)

    @property
    def mass(self) -> int:
        return sum(quantity * item.mass for (item, _), quantity in self.moved)

    def add(self, slot: Reel, quantity: int) -> None:
        self.parts += slot.parts(quantity)
        self.moved.append((slot.moved, quantity))


class FeederBank:
    """All feeders of one station.

    Of several slots with one item one is used until it has run out, then the next, and the empty one is filled again
    while the machine works on.
    """

    def __init__(self, floor: Floor, station: str, spec: Feeders, stocks: Mapping[str, Stock]) -> None:
        self.name = f"{station} feeders"
        self._floor = floor
        self._spec = spec
        self._place = floor.ledger.place(self.name)
        self._luck = floor.stream(f"feeders/{station}/splice")
        self._change = sampler(spec.change, floor.stream(f"feeders/{station}/change"))
        kind = Hopper if spec.kind == "hopper" else Reel
        slots = [kind(name, floor.items[item], stocks[item]) for name, item in spec.slots.items()]
        items = list(dict.fromkeys(slot.item for slot in slots))
        self._lanes: dict[Item, list[Reel]] = {item: [one for one in slots if one.item is item] for item in items}
        self._mounting = Mounting(floor, station, self._place, stocks, items)
        self._needs = Needs({})
        self._ahead = _Feed([], [])  # what the next loads get, `_limit` of them, of which `_fed` were only counted
        self._fed = 0
        self._limit = 0
        self._expires_s = inf
        self._same = Fed((), changed=False, stop_s=0.0, mass=0)
        self._last: _Feed | None = None  # the last load; those before it are booked, and their sums not written down
        self._into: Portion | None = None
        self._target = -1
        self._unlinked: dict[Portion, float] = {}
        self._unmoved: dict[tuple[Item, Portion | None], int] = {}

    def needs(self, amounts: Mapping[str, int]) -> Needs:
        """What loads that take ``amounts`` by item name need of this bank; what no slot is for is left out."""
        items = {item.name: item for item in self._lanes}
        return Needs({items[name]: amount for name, amount in amounts.items() if amount and name in items})

    def held(self) -> dict[str, int]:
        """What hangs in the bank, in quanta of mass."""
        self._count_down()
        return {self.name: sum(slot.left * slot.moved[0].mass for slot in self._slots())}

    def _slots(self) -> list[Reel]:
        return [slot for slots in self._lanes.values() for slot in slots]

    # ---- feeding

    def ready(self, needs: Needs, retry: Callable[[], object] | None = None) -> bool:
        """Whether a load can be fed whole; where it cannot, ``retry`` is called once there is more in the stock."""
        if needs is self._needs and self._fed < self._limit and self._floor.now < self._expires_s:
            return True
        self._count_down()
        is_ready = True
        for item, quantity in needs.amounts.items():
            lacking = quantity - sum(self._usable(slot) for slot in self._lanes[item])
            stock = self._lanes[item][0].stock
            if lacking > 0 and not stock.is_ready(item, lacking):
                is_ready = False
                if retry is not None:
                    stock.when_more(item, retry)
        return is_ready

    def _usable(self, slot: Reel) -> int:
        return slot.left if self._mounting.expires_s((slot,)) > self._floor.now else 0

    def feed(self, needs: Needs) -> Fed:
        """Feed one load; the caller has asked whether the bank is ready, and says what it went into with `book`."""
        if needs is self._needs and self._fed < self._limit and self._floor.now < self._expires_s:
            self._fed += 1
            return self._same
        return self._feed(needs)

    def _feed(self, needs: Needs) -> Fed:
        self._count_down()
        self._book_last()
        self._write_moves_of_gone()
        stop_s = sum(self._take_off_expired(slots) for slots in self._lanes.values())
        feed = _Feed([], [])
        for item, quantity in needs.amounts.items():
            stop_s += self._feed_item(feed, item, quantity, needs.amounts)
        made_of = feed.made_of
        changed = made_of != self._same.made_of
        if not changed:
            made_of = self._same.made_of
        else:
            self._write_links()
            self._into = None
        self._last, self._needs = feed, needs
        self._look_ahead()
        self._same = Fed(made_of, changed=False, stop_s=0.0, mass=feed.mass)
        return Fed(made_of, changed, stop_s, feed.mass)

    def _feed_item(self, feed: _Feed, item: Item, quantity: int, needs: Mapping[Item, int]) -> float:
        """Take ``quantity`` from the slots of ``item``; gives how long the machine stands for it."""
        slots, left, stop_s = self._lanes[item], quantity, 0.0
        while left:
            slot = slots[0]
            if slot.left < (left if slot.mixes else 1):
                stood_s = self._next(slots, left, needs)
                stop_s += stood_s or 0.0
                if stood_s is not None:
                    continue
            part = min(left, slot.left)
            feed.add(slot, part)
            slot.take(part)
            left -= part
        for spare in slots[1:]:
            if not spare.left:
                self._mounting.mount(spare, needs)
        return stop_s

    def _next(self, slots: list[Reel], wanted: int, needs: Mapping[Item, int]) -> float | None:
        """The slot in use has run out: go on with one that has enough, else hang in a container and wait for it.

        Gives how long the machine stands: not at all where nothing was mounted before, as the set-up has done that.
        None where all that is left to do is to take the last out of a hopper.
        """
        slot = slots[0]
        if self._turn_to(slots, wanted if slot.mixes else 1):
            return 0.0
        has_run_out = slot.portion is not None
        if self._mounting.mount(slot, needs):
            return self._stands() if has_run_out else 0.0
        if slot.left:
            return None
        has_some = self._turn_to(slots, 1)
        assert has_some, f"{self.name}: a load was begun without enough {slot.item.name}"
        return 0.0

    def _turn_to(self, slots: list[Reel], least: int) -> bool:
        """Go on with the next slot that has ``least``; False where none has."""
        for place, slot in enumerate(slots):
            if place and slot.left >= least:
                slots[:] = slots[place:] + slots[:place]
                return True
        return False

    def _stands(self) -> float:
        return 0.0 if self._luck.chance(self._spec.splice) else self._change()

    def _take_off_expired(self, slots: list[Reel]) -> float:
        stop_s = 0.0
        for slot in slots:
            if slot.left and not self._usable(slot):
                self._mounting.scrap(slot)
                stop_s += self._stands() if slot is slots[0] else 0.0
        return stop_s

    # ---- counting

    def _look_ahead(self) -> None:
        """For how many loads more every slot in use lasts; none where the next one is made of something else."""
        self._fed = self._limit = 0
        self._expires_s = self._mounting.expires_s(self._slots())
        ahead, limit = _Feed([], []), MANY
        for item, quantity in self._needs.amounts.items():
            slot = self._lanes[item][0]
            if slot.left < quantity:
                return
            ahead.add(slot, quantity)
            limit = min(limit, slot.left // quantity)
        assert self._last is not None, "a bank looks ahead once it has fed"
        if ahead.made_of == self._last.made_of:
            self._ahead, self._limit = ahead, limit

    def _count_down(self) -> None:
        """Bring the slots up to date with the loads that were only counted."""
        fed, self._fed = self._fed, 0
        if not fed:
            return
        self._limit -= fed
        for item, quantity in self._needs.amounts.items():
            self._lanes[item][0].take(fed * quantity)
        self._book_last()
        self._add(self._ahead, fed - 1)
        self._last = self._ahead

    # ---- what the truth is told

    def book(self, into: Portion, place: int) -> None:
        """The last load fed went into ``into``, which lies at ``place``; costs nothing where the one before did too."""
        if into is self._into and place == self._target:
            return
        self._count_down()
        if into is not self._into and self._into is not None:
            self._write_links()
        if place != self._target:
            self._write_moves()
        self._into, self._target = into, place

    def settle(self) -> None:
        """Write down all that was fed until now: before balances are struck."""
        self._count_down()
        self._book_last()
        self._write_links()
        self._write_moves()

    def end_order(self) -> None:
        """An order is done: where the bank ``returns``, what is left on reels goes back into its stock."""
        if not self._spec.returns or self._spec.kind == "hopper":
            return
        self.settle()
        self._limit = 0
        for slot in self._slots():
            if slot.left:
                self._mounting.unmount(slot)

    def clean(self, effective: bool) -> None:
        """The station was cleaned, with the walls of its hoppers; what is in them stays in contact with them.

        Where the bank ``returns``, its hoppers are emptied first: what is left of mixed lots is of no lot any more, and
        is thrown away.
        """
        if self._spec.returns:
            self.settle()
        self._count_down()
        self._limit = 0
        for slot in self._slots():
            if isinstance(slot, Hopper):
                if self._spec.returns and slot.left:
                    self._mounting.empty(slot)
                slot.content.surface.clean(effective)
                slot.content.surface.touch(slot.portions())

    def _book_last(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            assert self._into is not None, f"{self.name}: a load is booked before the next one is fed"
            self._add(last, 1)

    def _add(self, feed: _Feed, loads: int) -> None:
        if loads:
            for portion, amount in feed.parts:
                self._unlinked[portion] = self._unlinked.get(portion, 0.0) + loads * amount
            for key, quantity in feed.moved:
                self._unmoved[key] = self._unmoved.get(key, 0) + loads * quantity

    def _write_links(self) -> None:
        unlinked, self._unlinked = self._unlinked, {}
        for portion, amount in unlinked.items():
            assert self._into is not None, f"{self.name}: a load is booked before it is written down"
            self._floor.ledger.link(self._into, portion, amount * portion.lot.item.mass)

    def _write_moves_of_gone(self) -> None:
        hanging = {slot.moved for slot in self._slots() if slot.left}
        self._write_moves([key for key in self._unmoved if key not in hanging])

    def _write_moves(self, keys: list[tuple[Item, Portion | None]] | None = None) -> None:
        for key in list(self._unmoved) if keys is None else keys:
            item, portion = key
            kind = Move.DRAW if portion is None else Move.FEED
            self._floor.ledger.move(kind, self._place, self._target, item, self._unmoved.pop(key), portion)
