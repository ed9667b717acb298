"""Where a load leaves the shop floor: into the stock that keeps what it is, as soon as there is room."""

from __future__ import annotations

from twin.floor import Floor
from twin.ledger import Move
from twin.line.line import Line
from twin.line.places import Giver, Place, let_in
from twin.stock import Stock
from twin.work.loads import Load
from twin.work.quality import Shop
from twin.work.splitting import first_numbers


class StockEnd(Place):
    """The end of routes whose product a stock keeps."""

    def __init__(self, floor: Floor, line: Line, stock: Stock, shop: Shop) -> None:
        super().__init__(f"{stock.name} entry")
        self._floor = floor
        self._line = line
        self._stock = stock
        self._shop = shop
        self._waiting: list[tuple[Giver, Load]] = []

    def is_free(self) -> bool:
        """Whether there is room; a load may still be too much for it."""
        return True

    def offer(self, load: Load, giver: Giver) -> bool:
        """True: put away. False: it waits in its machine until there is room."""
        item, stock = load.item, self._stock
        assert item is not None, "what reaches the end of a route is something"
        if stock.room_for(item) < load.quantity:
            self._waiting.append((giver, load))
            stock.when_room(item, self._let_in)
            return False
        self.put_away(load)
        self._line.came(-1)
        return True

    def _let_in(self) -> None:
        """Whoever fits now comes in, first come first served; the others ask again."""
        waiting, self._waiting = self._waiting, []
        for giver, load in waiting:
            assert load.item is not None, "what reaches the end of a route is something"
            if self._stock.room_for(load.item) >= load.quantity:
                let_in(giver.room(self))
            else:
                self._waiting.append((giver, load))
                self._stock.when_room(load.item, self._let_in)

    def put_away(self, load: Load) -> None:
        """``load`` comes to lie in the stock."""
        floor, stock, order = self._floor, self._stock, load.order
        task = load.task
        if task is not None and not load.is_named:
            task.name_at_last(load)
        for portion, quantity in load.material:
            floor.ledger.move(Move.FINISH, order.place, stock.place, portion.lot.item, quantity, portion)
            if load.numbers:
                numbers = first_numbers(load.numbers, quantity)
                floor.ledger.moved_serials(numbers)
                self._shop.serials.put(stock.place, portion, numbers)
            self._shop.sample(portion.lot)
            stock.put(portion, quantity)
        load.material = []
        self._shop.gone(load)
