"""What hangs in the slots of a feeder bank, and how containers get there: by the book, or otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

from trace_core.capture.records import RecordType
from twin.conduct import ConductKind
from twin.floor import Floor
from twin.ledger import Move
from twin.material import Item, Lot, MixedVessel, Portion
from twin.stock import Stock


class Reel:
    """A slot that holds one container; ``reported`` is the lot the records name, whichever it is."""

    mixes = False

    def __init__(self, name: str, item: Item, stock: Stock) -> None:
        self.name = name
        self.item = item
        self.stock = stock
        self.left = 0
        self.portion: Portion | None = None
        self.reported: Lot | None = None

    def load(self, portion: Portion, quantity: int) -> None:
        """A container is hung in; what was there is gone."""
        assert not self.left, f"{self.name} is mounted while {self.left} are left in it"
        self.portion, self.left = portion, quantity

    def parts(self, quantity: int) -> list[tuple[Portion, float]]:
        """What ``quantity`` taken from it would be of."""
        assert self.portion is not None, f"{self.name} is empty"
        return [(self.portion, quantity)]

    def take(self, quantity: int) -> None:
        """``quantity`` goes."""
        assert quantity <= self.left, f"{self.name} holds {self.left}, {quantity} asked for"
        self.left -= quantity

    @property
    def moved(self) -> tuple[Item, Portion | None]:
        """What is in it, as the ledger's moves name it: an item, and a portion where it is one."""
        return (self.item if self.portion is None else self.portion.lot.item), self.portion

    def portions(self) -> Iterable[Portion]:
        """What is in it."""
        return (self.portion,) if self.left and self.portion is not None else ()


class Hopper(Reel):
    """A slot into which containers are poured on what is left; all that is in it mixes, and its walls remember it."""

    mixes = True

    def __init__(self, name: str, item: Item, stock: Stock) -> None:
        super().__init__(name, item, stock)
        self.content = MixedVessel()

    def load(self, portion: Portion, quantity: int) -> None:
        """A container is poured in."""
        self.content.fill(portion, quantity)
        self.portion, self.left = portion, self.content.quantity

    def parts(self, quantity: int) -> list[tuple[Portion, float]]:
        """What ``quantity`` taken from it would be of, and what it would only have touched."""
        shares = self.content.shares()
        return [(portion, quantity * shares.get(portion, 0.0)) for portion in self.content.surface.contacts]

    def take(self, quantity: int) -> None:
        """``quantity`` goes."""
        if quantity:
            self.content.draw(quantity)
        self.left = self.content.quantity

    @property
    def moved(self) -> tuple[Item, Portion | None]:
        """What is in it, as the ledger's moves name it: a mixture."""
        return self.item, None

    def portions(self) -> Iterable[Portion]:
        """What is in it."""
        return self.content.shares()


class Mounting:
    """Fetches containers for one bank, hangs them in and takes them off, and says so in the records."""

    def __init__(self, floor: Floor, station: str, place: int, stocks: Mapping[str, Stock], items: list[Item]) -> None:
        self._floor = floor
        self._station = station
        self._place = place
        self._stocks = stocks
        self._items = items
        self._waste = floor.ledger.place("waste", inside=False)

    def mount(self, slot: Reel, needs: Mapping[Item, int]) -> bool:
        """Hang the next container into ``slot``; False where its stock has none to take.

        ``needs`` is what the load under way takes of each item, which nobody takes by mistake for another.
        """
        item = slot.item
        turn = slot.stock.next_container(item)
        if turn is None:
            return False
        intended, full = turn
        mistaken = self._mistaken(slot, intended.lot, needs)
        fetched = mistaken or slot.stock.take_container(item)
        assert fetched is not None, f"{item.name} was there to take"
        portion, quantity = fetched
        self._load(slot, portion, quantity)
        lot, told = (intended.lot, full) if mistaken else (portion.lot, quantity)
        kind = ConductKind.UNREGISTERED_CHANGE
        if not self._floor.conduct.strikes(kind, self._station, item.name, lot.label, slot.name):
            self._report(slot, lot, told)
        self._top_up(slot, quantity)
        return True

    def unmount(self, slot: Reel) -> None:
        """Take what is left in ``slot`` off and back into its stock."""
        portion, quantity = slot.portion, slot.left
        assert portion is not None, f"{slot.name} is empty"
        item = portion.lot.item
        self._floor.ledger.move(Move.RETURN, self._place, self._stocks[item.name].place, item, quantity, portion)
        slot.take(quantity)
        slot.portion = None
        self._tell_off(slot, quantity)
        self._stocks[item.name].put(portion, quantity)

    def empty(self, slot: Reel) -> None:
        """Throw away all that is in ``slot``; of which lot is recorded where it can be one only."""
        item, portion = slot.moved
        quantity, reported = slot.left, slot.reported
        is_one_lot = {one.lot for one in slot.portions()} == {reported}
        self._floor.ledger.move(Move.SCRAP, self._place, self._waste, item, quantity, portion)
        slot.take(quantity)
        slot.portion = slot.reported = None
        self._floor.observer.record(self._station, RecordType.UNMOUNT, item=item, slot=slot.name)
        if is_one_lot:
            self._floor.observer.record(self._station, RecordType.SCRAP, lot=reported, quantity=quantity)

    def scrap(self, slot: Reel) -> None:
        """What hangs in ``slot`` may no longer be used."""
        quantity, reported = slot.left, slot.reported
        item, portion = slot.moved
        self._floor.ledger.move(Move.SCRAP, self._place, self._waste, item, quantity, portion)
        slot.take(quantity)
        slot.portion = None
        self._tell_off(slot, quantity)
        if reported is not None:
            reason = slot.stock.expired_reason
            self._floor.observer.record(
                self._station, RecordType.SCRAP, lot=reported, quantity=quantity, nok_code=reason
            )

    # ---- what hangs where

    def _load(self, slot: Reel, portion: Portion, quantity: int) -> None:
        item = portion.lot.item
        self._floor.ledger.move(Move.FEED, self._stocks[item.name].place, self._place, item, quantity, portion)
        self._floor.exposure.open(portion)
        slot.load(portion, quantity)

    def _mistaken(self, slot: Reel, intended: Lot, needs: Mapping[Item, int]) -> tuple[Portion, int] | None:
        """What is hung in by mistake, where somebody makes one: another item, or another lot."""
        strikes, item = self._floor.conduct.strikes, slot.item
        if strikes(ConductKind.WRONG_MATERIAL, self._station, item.name, intended.label, slot.name):
            return self._another_item(slot, needs)
        if strikes(ConductKind.WRONG_LOT, self._station, item.name, intended.label, slot.name):
            return self._another_lot(slot, intended)
        return None

    def _another_item(self, slot: Reel, needs: Mapping[Item, int]) -> tuple[Portion, int] | None:
        """A container of another item of this bank that is counted alike, where the bank can spare one."""
        for item in self._items:
            stock = self._stocks[item.name]
            if item is slot.item or item.unit != slot.item.unit or slot.mixes:
                continue
            if stock.available(item) - stock.first_container(item) >= needs.get(item, 0):
                turn = stock.next_container(item)
                return None if turn is None else stock.take_container(item, turn[0].lot)
        return None

    def _another_lot(self, slot: Reel, intended: Lot) -> tuple[Portion, int] | None:
        others = (portion.lot for portion, _ in slot.stock.contents(slot.item) if portion.lot is not intended)
        other = next(others, None)
        return None if other is None else slot.stock.take_container(slot.item, other)

    def _top_up(self, slot: Reel, quantity: int) -> None:
        """Somebody pours some of the next container on top, and nobody hears of it."""
        if not slot.mixes:
            return
        fault = self._floor.conduct.strike(ConductKind.TOP_UP, self._station, slot.item.name, detail=slot.name)
        there = slot.stock.available(slot.item)
        if fault is None or not there:
            return
        extra = min(there, max(1, round(quantity * fault.share)))
        for portion, part in slot.stock.take(slot.item, extra):
            self._load(slot, portion, part)

    # ---- what is reported of it

    def _report(self, slot: Reel, lot: Lot, quantity: int) -> None:
        if not slot.mixes:
            self._tell_off(slot, 0)
        slot.reported = lot
        self._floor.observer.record(self._station, RecordType.MOUNT, lot=lot, quantity=quantity, slot=slot.name)

    def _tell_off(self, slot: Reel, quantity: int) -> None:
        reported, slot.reported = slot.reported, None
        if reported is not None:
            self._floor.observer.record(
                self._station, RecordType.UNMOUNT, lot=reported, quantity=quantity, slot=slot.name
            )

    def expires_s(self, slots: Iterable[Reel]) -> float:
        """When the first of what hangs in ``slots`` may no longer be used."""
        expires_s = self._floor.exposure.expires_s
        return min((expires_s(portion) for slot in slots for portion in slot.portions()), default=inf)
