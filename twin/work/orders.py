"""Work orders: when they come, how many are open, and the loads they are made in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from plant_models.work import Orders
from trace_core.capture.records import WorkOrder
from twin.floor import Floor
from twin.ledger import Move
from twin.material import Item, Lot, Portion
from twin.observe.observer import exact
from twin.stock import Stock
from twin.work.loads import Job, Load, Owner
from twin.work.paths import Path
from twin.work.routing import Routing
from twin.work.serials import Serials


class Around(Protocol):
    """What order books ask of the shop."""

    serials: Serials

    def when_taken(self, item: Item, callback: Callable[[Item], None]) -> None:
        """Call ``callback`` each time some of ``item`` leaves."""

    def on_hand(self, item: Item) -> int:
        """How much of ``item`` there is."""

    def forget(self, order: Owner) -> None:
        """``order`` is done with."""


class Order:
    """A work order under way: ``left`` of it is not begun yet, ``under_way`` loads are."""

    def __init__(self, floor: Floor, book: OrderBook, number: str, path: Path[Job], amount: int) -> None:
        self.number = number
        self._book = book
        self.index = floor.ledger.order(number)
        self.path: Path[Job] = path
        self.amount = amount
        self.left = amount
        self.place = floor.ledger.place(f"{path.route} in work")
        self.loads: dict[Load, None] = {}
        self.lots: dict[Item, Lot] = {}
        self.runs = 0
        self.kit: dict[Item, deque[tuple[Stock, Portion, int]]] = {}
        self._kits = floor.ledger.place("kits")

    def next_run(self) -> int:
        """The number of the next run: something that joins material."""
        self.runs += 1
        return self.runs

    def run_id(self, run: int) -> str:
        """What records of a run carry as their order."""
        return self.number if run <= 1 else f"{self.number}.{run}"

    def gone(self, load: Load) -> None:
        """``load`` has left the shop floor."""
        self.loads.pop(load, None)
        if not self.loads and not self.left:
            self._book.close(self)

    # ---- the kit

    def in_kit(self, item: Item) -> int:
        """How much of ``item`` lies ready for this order."""
        return sum(quantity for *_, quantity in self.kit[item]) if item in self.kit else 0

    def from_kit(self, item: Item, most: int) -> list[tuple[int, Portion, int]]:
        """Up to ``most`` of ``item`` out of the kit, with the place it lay at."""
        taken: list[tuple[int, Portion, int]] = []
        kit = self.kit.get(item)
        while kit and most:
            stock, portion, there = kit.popleft()
            part = min(most, there)
            most -= part
            taken.append((self._kits, portion, part))
            if part < there:
                kit.appendleft((stock, portion, there - part))
        return taken

    def kit_mass(self) -> int:
        """What the kit still weighs, in quanta of mass."""
        return sum(quantity * item.mass for item, kit in self.kit.items() for *_, quantity in kit)


class OrderBook:
    """The orders of one declaration: it releases them, hands out their loads, and knows when they are done."""

    def __init__(self, floor: Floor, name: str, spec: Orders, shop: Around, routing: Routing) -> None:
        self.name = name
        self.amount = floor.quanta(spec.amount)
        self.open: dict[Order, None] = {}
        self._floor = floor
        self._spec = spec
        self._shop = shop
        self._routing = routing
        self._waiting: deque[int] = deque()
        self._kitting: deque[Order] = deque()
        self._gap = None if spec.every is None else floor.law(spec.every, f"orders/{name}/every")
        self._planned = -1.0
        self._low = 0
        self._kits = floor.ledger.place("kits")

    def begin(self) -> None:
        """Release orders from now on, as declared."""
        spec, kernel = self._spec, self._floor.kernel
        if spec.when_below is not None:
            self._low = self._floor.quanta(spec.when_below)
            kernel.call_in(spec.first, self._watch)
        elif spec.days and spec.at is not None:
            self._plan_next(spec.first)
        elif self._gap is not None:
            kernel.call_in(spec.first, self._next)
        else:
            kernel.call_in(spec.first, self._release_whole)

    # ---- when

    def _next(self) -> None:
        self.release(self.amount)
        if self._gap is not None:
            self._floor.kernel.call_in(self._gap(), self._next)

    def _release_whole(self) -> None:
        self.release(self.amount)

    def _plan_next(self, after_s: float) -> None:
        spec = self._spec
        assert spec.at is not None, "orders by days come at a time"
        self._planned = self._floor.calendar.next(spec.days, spec.at, max(self._planned, after_s))
        self._floor.kernel.call_in(self._planned - self._floor.now, self._on_day)

    def _on_day(self) -> None:
        self.release(self.amount)
        self._plan_next(self._planned)

    def _watch(self) -> None:
        self._shop.when_taken(self._path.makes, self._taken)
        self._consider()

    def _taken(self, item: Item) -> None:
        if item is self._path.makes:
            self._consider()

    @property
    def _path(self) -> Path[Job]:
        return self._routing.path(self._spec.route)

    def _consider(self) -> None:
        """Order again until stock and open orders together reach the point."""
        most, path = self._spec.open_at_most or 1, self._path
        expected = path.expected(self.amount)
        while (under_way := len(self.open) + len(self._waiting)) < most:
            if self._shop.on_hand(path.makes) + expected * under_way >= self._low:
                return
            self.release(self.amount)

    # ---- an order

    def release(self, amount: int) -> None:
        """An order for ``amount``, as soon as fewer than the most are open."""
        most = self._spec.open_at_most
        if most is not None and len(self.open) >= most:
            self._waiting.append(amount)
            return
        floor = self._floor
        path = self._path
        order = Order(floor, self, floor.number("W"), path, amount)
        self.open[order] = None
        item = path.first_makes
        if floor.observer.is_listening:
            moment = floor.calendar.moment(floor.now)
            told = exact(amount, item.decimals)
            floor.observer.post(WorkOrder("ERP", order.number, moment, item.gtin, told, item.unit))
        if path.kit:
            self._kitting.append(order)
            self._kit()
        else:
            self._routing.offer_tickets(self, order)

    def _kit(self) -> None:
        """Lay ready what the first order in the line needs, all of it at once; the next one waits its turn."""
        while self._kitting:
            order = self._kitting[0]
            wanted = [(stock, item, quantity) for stock, item, quantity in order.path.kit_for(order.amount) if quantity]
            for stock, item, quantity in wanted:
                if not stock.is_ready(item, quantity):
                    stock.when_more(item, self._kit)
                    return
            for stock, item, quantity in wanted:
                self._issue(order, stock, item, quantity)
            self._kitting.popleft()
            self._routing.offer_tickets(self, order)

    def _issue(self, order: Order, stock: Stock, item: Item, quantity: int) -> None:
        for portion, part in stock.take(item, quantity):
            self._floor.ledger.move(Move.FEED, stock.place, self._kits, item, part, portion)
            order.kit.setdefault(item, deque()).append((stock, portion, part))
            self._shop.serials.move(stock.place, self._kits, portion, part)

    def next_ticket(self, order: Order) -> Load | None:
        """The next load of ``order``, not begun yet; None where all are."""
        if not order.left:
            return None
        wanted = min(order.path.load_size or order.left, order.left)
        order.left -= wanted
        load = Load(order, wanted=wanted)
        order.loads[load] = None
        return load

    def close(self, order: Order) -> None:
        """All loads of ``order`` have left the shop floor."""
        del self.open[order]
        for item, kit in order.kit.items():
            for stock, portion, quantity in kit:
                self._floor.ledger.move(Move.RETURN, self._kits, stock.place, item, quantity, portion)
                self._shop.serials.move(self._kits, stock.place, portion, quantity)
                stock.put(portion, quantity)
        order.kit.clear()
        self._shop.forget(order)
        if self._waiting:
            self.release(self._waiting.popleft())
        if self._spec.when_below is not None:
            self._consider()

    # ---- what is here

    def loads(self) -> Sequence[Load]:
        """Every load under way."""
        return [load for order in self.open for load in order.loads]

    def held(self) -> dict[str, int]:
        """What its loads and kits hold, in quanta of mass, by place."""
        held: dict[str, int] = {}
        for order in self.open:
            place = f"{order.path.route} in work"
            held[place] = held.get(place, 0) + sum(load.mass for load in order.loads)
            held["kits"] = held.get("kits", 0) + order.kit_mass()
        return held
