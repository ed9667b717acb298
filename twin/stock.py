"""Stores of lots in containers: which goes out first, what may not go out yet, and what is thrown away.

A container is free once it stood as long as it must (``thaws``) and once its lot is released (``needs_release``); until
then it is kept back. Who finds too little asks to be called when there is more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import inf

from plant_models.spec import Stock as StockSpec
from trace_core.capture.records import RecordType
from twin.conduct import ConductKind
from twin.floor import Floor
from twin.laboratory import Laboratory
from twin.ledger import Move
from twin.material import Item, Lot, Portion
from twin.shelves import Bins, Container, Shelf

BOUNDLESS = 2**62
"""Room of a store without a declared capacity: more quanta than any plant holds."""

BLOCKED_S = 86_400.0
"""How long a lot that failed its test stands blocked before it is scrapped: the day quality takes to decide."""


class Stock:
    """One store. Taking is exact: what is asked for comes out whole, from as many containers as it needs."""

    def __init__(self, floor: Floor, name: str, spec: StockSpec, laboratory: Laboratory | None = None) -> None:
        self.name = name
        self.station = spec.station
        self.place = floor.ledger.place(name)
        self.changed = floor.kernel.signal()
        self._floor = floor
        self._laboratory = laboratory
        self._policy = spec.policy
        self._waste = floor.ledger.place("waste", inside=False)
        self.expired_reason = floor.spec.reasons[spec.expired_reason]
        self._shelves = {item: Shelf() for item in spec.keeps}
        self._capacity = {item: floor.quanta(most) for item, most in spec.capacity.items()}
        self._bins = Bins(spec.bins)
        self._puts = 0
        self._disobeys = spec.disobeys
        self._luck = floor.stream(f"stock/{name}/disobeys")
        self._on_taken: list[Callable[[Item], None]] = []
        self._want_more: dict[str, dict[Callable[[], object], None]] = {item: {} for item in spec.keeps}
        self._want_room: dict[str, dict[Callable[[], object], None]] = {item: {} for item in spec.keeps}

    # ---- coming in

    def put(self, portion: Portion, quantity: int) -> None:
        """``quantity`` of ``portion`` comes in, or back; the caller writes the move that brings it.

        What comes back keeps its lot, its turn and the clock of its first opening.
        """
        item = portion.lot.item
        exposure = self._floor.exposure
        place = self._bins.occupy() if self._policy == "nearest" else 0
        expires_s = exposure.expires_s(portion)
        one = Container(portion, quantity, (0.0, 0), expires_s, bin=place)
        one.key = self._turn(one)
        if item.thaws_s and not exposure.is_open(portion):
            one.ready_s = inf
        is_released = self._is_released(portion.lot)
        self._shelves[item.name].add(one, is_free=is_released and one.ready_s <= self._floor.now)
        if not is_released:
            self._await_release(portion.lot)
        self._set_one_out(item)
        self._more(item)

    def room_for(self, item: Item) -> int:
        """How much more of ``item`` may lie here; what has expired is scrapped first."""
        capacity = self._capacity.get(item.name)
        if capacity is None:
            return BOUNDLESS
        return max(0, capacity - self.on_hand(item))

    # ---- what there is

    def available(self, item: Item, lot: Lot | None = None) -> int:
        """How much of ``item`` (of one lot where it is given) can be taken; what has expired is scrapped first."""
        shelf = self._shelves[item.name]
        if shelf.next_expiry_s <= self._floor.now:
            self._scrap_expired(item)
        return shelf.there(lot)

    def on_hand(self, item: Item) -> int:
        """How much of ``item`` lies here, kept back or not; what has expired is scrapped first."""
        self._scrap_expired(item)
        return self._shelves[item.name].all_there

    def is_ready(self, item: Item, quantity: int, lot: Lot | None = None) -> bool:
        """Whether ``quantity`` can be taken now; where it cannot, what must stand first is set out for it."""
        there = self.available(item, lot)
        if there < quantity and item.thaws_s:
            self._set_out(item, quantity - there, lot)
        return there >= quantity

    def first_lot(self, item: Item) -> tuple[Lot, int] | None:
        """The lot whose turn it is, and how much of it there is."""
        self._scrap_expired(item)
        shelf = self._shelves[item.name]
        if not shelf.free:
            return None
        lot = shelf.free[0].portion.lot
        return lot, shelf.there(lot)

    def first_container(self, item: Item, lot: Lot | None = None) -> int:
        """How much is left in the container whose turn it is, of one lot where it is given; 0 where there is none."""
        self._scrap_expired(item)
        shelf = self._shelves[item.name]
        return shelf.pick(0, lot).left if shelf.there(lot) else 0

    def next_container(self, item: Item) -> tuple[Portion, int] | None:
        """The container whose turn it is and how much is left in it; None where there is none."""
        self._scrap_expired(item)
        free = self._shelves[item.name].free
        return (free[0].portion, free[0].left) if free else None

    def contents(self, item: Item) -> list[tuple[Portion, int]]:
        """What can be taken of ``item``, container by container in the order of their turns."""
        self._scrap_expired(item)
        return [(one.portion, one.left) for one in self._shelves[item.name].free]

    def lots(self) -> Iterator[tuple[Lot, int]]:
        """Every lot here and how much of it, kept back or not, in the order of the shelves."""
        for shelf in self._shelves.values():
            amounts: dict[Lot, int] = {}
            for one in shelf:
                amounts[one.portion.lot] = amounts.get(one.portion.lot, 0) + one.left
            yield from amounts.items()

    def held_mass(self) -> int:
        """What lies here, in quanta of mass."""
        return sum(one.left * one.portion.lot.item.mass for shelf in self._shelves.values() for one in shelf)

    # ---- going out

    def take(self, item: Item, quantity: int, lot: Lot | None = None) -> list[tuple[Portion, int]]:
        """Take ``quantity`` out, of one lot where it is given; the caller has asked whether there is so much."""
        shelf = self._shelves[item.name]
        there = shelf.there(lot)
        assert quantity <= there, f"{self.name}: {quantity} of {item.name} asked for, {quantity - there} too many"
        taken: list[tuple[Portion, int]] = []
        left = quantity
        while left:
            one = self._pick(shelf, lot)
            part = min(left, one.left)
            left -= part
            self._take_from(shelf, one, part)
            taken.append((one.portion, part))
        self._pick_without_order(shelf, item, quantity)
        self._taken(item)
        return taken

    def take_of(self, portion: Portion, quantity: int) -> None:
        """Take ``quantity`` of one portion out; the caller has seen it among the contents."""
        item = portion.lot.item
        shelf = self._shelves[item.name]
        left = quantity
        for one in [one for one in shelf.free if one.portion is portion]:
            part = min(left, one.left)
            left -= part
            if part:
                self._take_from(shelf, one, part)
        assert not left, f"{self.name}: {quantity} of one portion of {item.name} asked for, {left} too many"
        self._taken(item)

    def take_container(self, item: Item, lot: Lot | None = None) -> tuple[Portion, int] | None:
        """Take the container whose turn it is out as it is; None where there is none to take."""
        if not self.available(item, lot):
            return None
        shelf = self._shelves[item.name]
        one = self._pick(shelf, lot)
        quantity = one.left
        self._take_from(shelf, one, quantity)
        self._taken(item)
        return one.portion, quantity

    def scrap(self, item: Item, lot: Lot, reason: int) -> None:
        """Throw away what is left of ``lot``."""
        shelf = self._shelves[item.name]
        self._scrap([one for one in shelf if one.portion.lot is lot], lot, reason)

    # ---- who waits

    def on_taken(self, callback: Callable[[Item], None]) -> None:
        """Call ``callback`` with the item each time something went out."""
        self._on_taken.append(callback)

    def when_more(self, item: Item, callback: Callable[[], object]) -> None:
        """Call ``callback`` once, when next there is more of ``item`` to take."""
        self._want_more[item.name][callback] = None

    def when_room(self, item: Item, callback: Callable[[], object]) -> None:
        """Call ``callback`` once, when next some of ``item`` went out."""
        self._want_room[item.name][callback] = None

    def _more(self, item: Item) -> None:
        self.changed.fire()
        self._call(self._want_more[item.name])

    def _taken(self, item: Item) -> None:
        self._set_one_out(item)
        for callback in self._on_taken:
            callback(item)
        self._call(self._want_room[item.name])

    def _call(self, waiting: dict[Callable[[], object], None]) -> None:
        if waiting:
            callbacks = list(waiting)
            waiting.clear()
            for callback in callbacks:
                self._floor.kernel.call_in(0.0, callback)

    # ---- whose turn it is

    def _turn(self, one: Container) -> tuple[float, int]:
        self._puts += 1
        match self._policy:
            case "fefo":
                return one.expires_s, one.portion.index
            case "lifo":
                return -float(self._puts), 0
            case "nearest":
                return float(one.bin), self._puts
            case _:
                return one.portion.made_s, one.portion.index

    def _pick(self, shelf: Shelf, lot: Lot | None) -> Container:
        """The container whose turn it is, or any other where the picker does not care."""
        place = 0
        if self._disobeys and self._luck.chance(self._disobeys) and (others := shelf.choices(lot) - 1):
            place = 1 + self._luck.below(others)
        return shelf.pick(place, lot)

    def _take_from(self, shelf: Shelf, one: Container, quantity: int) -> None:
        shelf.take(one, quantity)
        if not one.left:
            self._leave(one)
        elif one.portion.lot.item.opened_life_s != inf:
            self._floor.exposure.open(one.portion)
            shelf.remove(one)
            one.expires_s = self._floor.exposure.expires_s(one.portion)
            if self._policy == "fefo":
                one.key = (one.expires_s, one.portion.index)
            shelf.add(one, is_free=True)

    def _leave(self, one: Container) -> None:
        if self._policy == "nearest":
            self._bins.leave(one.bin)

    def _pick_without_order(self, shelf: Shelf, item: Item, quantity: int) -> None:
        """Somebody who is here anyway takes a little more along, for something else, and tells nobody."""
        if not shelf.free:
            return
        fault = self._floor.conduct.strike(ConductKind.TEMPORARY_PICK, self.station, item.name)
        if fault is None:
            return
        one = shelf.free[0]
        part = min(one.left, max(1, round(quantity * fault.share)))
        gone = self._floor.ledger.place("unaccounted", inside=False)
        self._floor.ledger.move(Move.LOSE, self.place, gone, item, part, one.portion)
        self._take_from(shelf, one, part)

    # ---- what is kept back

    def _is_released(self, lot: Lot) -> bool:
        return self._laboratory is None or self._laboratory.is_released(lot)

    def _await_release(self, lot: Lot) -> None:
        assert self._laboratory is not None, "only a laboratory keeps a lot back"
        if self._laboratory.is_final(lot):
            self._judge(lot, is_good=False)
        else:
            self._laboratory.await_release(lot, self._judge)

    def _judge(self, lot: Lot, is_good: bool) -> None:
        """The verdict on ``lot`` is out: what stands here of it is free, or stands blocked until it is scrapped."""
        if not is_good:
            self._floor.kernel.call_in(BLOCKED_S, partial(self._scrap_blocked, lot))
            return
        shelf = self._shelves[lot.item.name]
        for one in [one for one in shelf.kept if one.portion.lot is lot and one.ready_s <= self._floor.now]:
            shelf.free_up(one)
        self._set_one_out(lot.item)
        self._more(lot.item)

    def _scrap_blocked(self, lot: Lot) -> None:
        assert self._laboratory is not None, "only a laboratory's verdict blocks a lot"
        self.scrap(lot.item, lot, self._laboratory.reason(lot.item) or self.expired_reason)

    def _set_one_out(self, item: Item) -> None:
        """One unopened container always stands, so that it is ready when the one in use is empty."""
        if not item.thaws_s:
            return
        shelf, is_open = self._shelves[item.name], self._floor.exposure.is_open
        if all(is_open(one.portion) for one in shelf.free) and not any(one.ready_s < inf for one in shelf.kept):
            self._set_out(item, 1, None)

    def _set_out(self, item: Item, quantity: int, lot: Lot | None) -> None:
        """Let as many containers stand as hold ``quantity``, with those that stand already."""
        now, shelf = self._floor.now, self._shelves[item.name]
        for one in shelf.kept:
            if lot not in (None, one.portion.lot) or not self._is_released(one.portion.lot):
                continue
            if quantity <= 0:
                break
            quantity -= one.left
            if one.ready_s == inf:
                one.ready_s = now + item.thaws_s
                self._floor.kernel.call_in(item.thaws_s, partial(self._thawed, one))

    def _thawed(self, one: Container) -> None:
        item = one.portion.lot.item
        shelf = self._shelves[item.name]
        if one in shelf.kept:
            shelf.free_up(one)
            self._more(item)

    # ---- what is thrown away

    def _scrap_expired(self, item: Item) -> None:
        old: dict[Lot, list[Container]] = {}
        for one in self._shelves[item.name].expired(self._floor.now):
            old.setdefault(one.portion.lot, []).append(one)
        for lot, containers in old.items():
            self._scrap(containers, lot, self.expired_reason)

    def _scrap(self, containers: Iterable[Container], lot: Lot, reason: int) -> None:
        item, quantity = lot.item, 0
        shelf = self._shelves[item.name]
        for one in list(containers):
            shelf.remove(one)
            self._leave(one)
            quantity += one.left
            self._floor.ledger.move(Move.SCRAP, self.place, self._waste, item, one.left, one.portion)
        if quantity:
            self._floor.observer.record(self.station, RecordType.SCRAP, lot=lot, quantity=quantity, nok_code=reason)
            self._taken(item)
