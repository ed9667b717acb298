"""What an operation takes for what it makes: all of it or none, from the load, the feeders, a kit, and the stocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil

from twin.conduct import ConductKind
from twin.feeders import FeederBank, Needs
from twin.floor import Floor
from twin.material import Item, Lot, Portion
from twin.stock import Stock
from twin.work.bills import Bill, Need
from twin.work.loads import Load, Numbers, Taken
from twin.work.serials import Serials
from twin.work.sizes import Sizes


@dataclass(slots=True)
class Draw:
    """What one need takes from elsewhere: decided before anything is taken. ``booked``: what the book says."""

    need: Need
    item: Item
    stock: Stock
    quantity: int
    booked: int | None = None


@dataclass(slots=True)
class Took:
    """What one need took: as it was, and as it is reported."""

    draw: Draw
    taken: list[Taken] = field(default_factory=list)
    numbers: list[Numbers] = field(default_factory=list)
    told: list[tuple[Portion, int]] | None = None

    @property
    def material(self) -> list[tuple[Portion, int]]:
        """What it took, wherever it was."""
        return [(portion, quantity) for _, portion, quantity in self.taken]


class Intake:
    """The inputs of one bill at one station."""

    def __init__(
        self,
        floor: Floor,
        name: str,
        station: str,
        bill: Bill,
        stocks: Mapping[str, Stock],
        bank: FeederBank | None,
        serials: Serials,
        sizes: Sizes,
    ) -> None:
        self.bill = bill
        self._floor = floor
        self._station = station
        self._stocks = stocks
        self._serials = serials
        self._sizes = sizes
        fed = set() if bank is None else set(floor.spec.feeders[station].slots.values())
        self._fed = [need for need in bill.needs if need.item.name in fed]
        self.bank = bank if self._fed else None
        self._off = floor.stream(f"work/{name}/{station}/off")
        self._plans: dict[Item | None, tuple[Need | None, list[Need]]] = {}
        self._bank_needs: dict[int, Needs] = {}
        self._made: dict[tuple[Item, int], int] = {}
        self._told: dict[Item, Portion] = {}

    def made(self, load: Load) -> int:
        """How much of ``load`` there will be, in quanta of what is made."""
        item = load.item
        if item is None:
            return load.wanted
        key = (item, load.quantity)
        made = self._made.get(key)
        if made is None:
            carried, _ = self._plan(item)
            mass = load.quantity * item.mass
            made = mass // self.bill.makes.mass if carried is None else self.bill.made_of(carried, load.quantity)
            self._made[key] = made
        return made

    def _plan(self, item: Item | None) -> tuple[Need | None, list[Need]]:
        plan = self._plans.get(item)
        if plan is None:
            carried = self.bill.carried(item) if item is not None else None
            others = [need for need in self.bill.needs if need is not carried and need not in self._fed]
            plan = self._plans[item] = (carried, others)
        return plan

    # ---- whether all is there

    def draws(self, load: Load, made: int, retry: Callable[[], object]) -> list[Draw] | None:
        """What stocks must give for ``made``; None where something is missing, then ``retry`` is called in time."""
        bill = self.bill
        draws: list[Draw] = []
        if self.bank is not None and not self.bank.ready(self.bank_needs(made), retry):
            return None
        for need in self._plan(load.item)[1]:
            if not need.spec.fills_up:
                draw = self._draw(load, need, bill.of(need.quantity, made))
                if not self._is_there(load, draw):
                    draw.stock.when_more(draw.item, retry)
                    return None
                draws.append(draw)
        for need in self._plan(load.item)[1]:
            if need.spec.fills_up:
                draw = self._draw(load, need, bill.fill(made, self._mass(load, draws, made), need.item))
                if not self._is_there(load, draw):
                    draw.stock.when_more(draw.item, retry)
                    return None
                draws.append(draw)
        return draws

    def bank_needs(self, made: int) -> Needs:
        """The needs of one load at the feeders, compiled once."""
        needs = self._bank_needs.get(made)
        if needs is None:
            assert self.bank is not None, "only a station with feeders feeds"
            amounts = {need.item.name: self.bill.of(need.quantity, made) for need in self._fed}
            needs = self._bank_needs[made] = self.bank.needs(amounts)
        return needs

    def kit_needs(self) -> list[tuple[Stock, Need]]:
        """What is laid ready for the whole order."""
        return [(self._stocks[need.item.name], need) for need in self.bill.needs if need.spec.issue == "kit"]

    def _mass(self, load: Load, draws: list[Draw], made: int) -> int:
        mass = load.mass + sum(draw.quantity * draw.item.mass for draw in draws)
        return mass + sum(self.bill.of(need.quantity, made) * need.item.mass for need in self._fed)

    def _draw(self, load: Load, need: Need, quantity: int) -> Draw:
        item, stock = self._source(need, quantity)
        draw = Draw(need, item, stock, quantity)
        if need.spec.issue == "backflush":
            draw.booked = quantity
            if need.spec.off and quantity:
                draw.quantity = max(0, round(quantity * self._off.normal(1.0, need.spec.off)))
        if need.spec.by_potency and (first := stock.first_lot(item)) is not None:
            draw.quantity = self._weighed(draw, first[0])
        if need.spec.up_to:
            there = stock.available(item) + load.order.in_kit(item)
            draw.quantity = min(draw.quantity, there)
        return draw

    def _source(self, need: Need, quantity: int) -> tuple[Item, Stock]:
        """The item and stock to take from: those declared, or the first stand-in of which there is enough."""
        for item in (need.item, *need.instead):
            stock = self._stocks[item.name]
            if stock.is_ready(item, quantity):
                return item, stock
        return need.item, self._stocks[need.item.name]

    def _weighed(self, draw: Draw, first: Lot) -> int:
        """What must be weighed for so much pure substance, lot by lot in their turn."""
        left, weighed = float(draw.quantity), 0
        potency = first.potency
        for portion, there in draw.stock.contents(draw.item):
            potency = portion.lot.potency
            part = min(there, ceil(left / potency))
            weighed, left = weighed + part, left - part * potency
            if left <= 0:
                return weighed
        return weighed + ceil(left / potency)

    def _is_there(self, load: Load, draw: Draw) -> bool:
        left = draw.quantity - load.order.in_kit(draw.item)
        return left <= 0 or draw.stock.is_ready(draw.item, left)

    # ---- taking

    def take(self, load: Load, draws: list[Draw]) -> list[Took]:
        """Take what was decided: out of the order's kit first, then out of stock."""
        return [self._take(load, draw) for draw in draws if draw.quantity]

    def _take(self, load: Load, draw: Draw) -> Took:
        took = Took(draw)
        left = draw.quantity
        for place, portion, quantity in load.order.from_kit(draw.item, left):
            self._add(load, took, place, portion, quantity, self._serials.take(place, portion, quantity))
            left -= quantity
        if left and draw.need.spec.matched:
            self._take_matched(load, took, left)
        elif left:
            for portion, quantity in self._from_stock(took, draw, left):
                numbers = self._serials.take(draw.stock.place, portion, quantity)
                self._add(load, took, draw.stock.place, portion, quantity, numbers)
        if self._floor.conduct.is_any:
            if took.told is None and not took.numbers:
                self._change(took)
            self._top_up(load, took)
        return took

    def _add(self, load: Load, took: Took, place: int, portion: Portion, quantity: int, numbers: list[Numbers]) -> None:
        took.taken.append((place, portion, quantity))
        took.numbers += numbers
        load.taken.append((place, portion, quantity))

    def _from_stock(self, took: Took, draw: Draw, quantity: int) -> list[tuple[Portion, int]]:
        """Out of stock what is asked for, or what somebody took for it."""
        item, stock, conduct = draw.item, draw.stock, self._floor.conduct
        if not conduct.is_any:
            return stock.take(item, quantity)
        taken: list[tuple[Portion, int]] | None = None
        turn = stock.contents(item)[0][0]
        if conduct.strikes(ConductKind.WRONG_LOT, self._station, item=item.name):
            taken = self._of_another_lot(stock, item, quantity)
        if taken is None and conduct.strikes(ConductKind.WRONG_MATERIAL, self._station, item=item.name):
            taken = self._of_another_item(stock, draw.need, quantity)
        if taken is not None:
            took.told = [(turn, quantity)]
            return taken
        taken = stock.take(item, quantity)
        is_mixed = len({portion.lot for portion, _ in taken}) > 1
        if is_mixed and conduct.strikes(ConductKind.BULK_ISSUE, self._station, item=item.name, lot=turn.lot.label):
            took.told = [(taken[0][0], quantity)]
        return taken

    def _of_another_lot(self, stock: Stock, item: Item, quantity: int) -> list[tuple[Portion, int]] | None:
        lots = list(dict.fromkeys(portion.lot for portion, _ in stock.contents(item)))
        wrong = next((lot for lot in lots[1:] if stock.available(item, lot) >= quantity), None)
        return None if wrong is None else stock.take(item, quantity, wrong)

    def _of_another_item(self, stock: Stock, need: Need, quantity: int) -> list[tuple[Portion, int]] | None:
        """Of an item that lies beside it and is counted alike; one that may stand in for it first."""
        beside = [self._floor.items[name] for name in self._floor.spec.stocks[stock.name].keeps]
        alike = [one for one in beside if one.unit == need.item.unit and one is not need.item]
        for item in dict.fromkeys((*need.instead, *alike)):
            if item in beside and stock.available(item) >= quantity:
                return stock.take(item, quantity)
        return None

    def _top_up(self, load: Load, took: Took) -> None:
        """Somebody pours in some more of what is weighed, and tells nobody."""
        draw = took.draw
        if not draw.item.decimals:
            return
        fault = self._floor.conduct.strike(ConductKind.TOP_UP, self._station, draw.item.name)
        if fault is None:
            return
        more = min(draw.stock.available(draw.item), max(1, round(draw.quantity * fault.share)))
        if more:
            took.told = took.told or took.material
            extra = [(draw.stock.place, portion, part) for portion, part in draw.stock.take(draw.item, more)]
            took.taken += extra
            load.taken += extra

    def _change(self, took: Took) -> None:
        """A new lot is taken into use; where nobody registers that, the old one goes on being reported."""
        portion = took.taken[-1][1]
        item, old = portion.lot.item, self._told.get(portion.lot.item)
        if old is not None and old.lot is not portion.lot:
            kind = ConductKind.UNREGISTERED_CHANGE
            if self._floor.conduct.strikes(kind, self._station, item=item.name, lot=portion.lot.label):
                took.told = [(old, sum(quantity for *_, quantity in took.taken))]
                return
        self._told[item] = portion

    def _take_matched(self, load: Load, took: Took, count: int) -> None:
        """The units whose sizes fit the load's best, one by one."""
        stock, item = took.draw.stock, took.draw.item
        sizes = self._sizes
        own = sizes.of_load(load)
        for _ in range(count):
            found = None
            for portion, _there in stock.contents(item):
                for row, first, many in self._serials.at(stock.place, portion):
                    for number in range(first, first + many):
                        miss = abs(sizes.get(row, number) - own)
                        if found is None or miss < found[0]:
                            found = (miss, portion, row, number)
            if found is None:
                for portion, quantity in stock.take(item, 1):
                    self._add(load, took, stock.place, portion, quantity, [])
                continue
            _, portion, row, number = found
            stock.take_of(portion, 1)
            self._add(load, took, stock.place, portion, 1, [self._serials.pick(stock.place, portion, row, number)])
