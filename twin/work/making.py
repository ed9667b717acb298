"""Making: inputs become a portion of what is made, with its lot, its links and its by-products."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plant_models.work import LotRule, Operation
from twin.floor import Floor
from twin.ledger import Move
from twin.material import Lot, Portion
from twin.stock import Stock
from twin.work.blends import Blend, Key
from twin.work.contacts import Contacts
from twin.work.intake import Draw, Intake, Took
from twin.work.loads import Load, Taken
from twin.work.lots import Lots
from twin.work.sharing import Share, shares_of
from twin.work.splitting import merged


@dataclass(slots=True)
class Making:
    """What a load turns into: ``material``, and by-products.

    ``took`` is what stocks gave for it, ``fed_of`` what the feeders did.
    """

    material: list[tuple[Portion, int]]
    took: list[Took]
    keeps_numbers: bool
    also: list[tuple[Portion, int]]
    fed_of: tuple[Portion, ...] = ()
    stop_s: float = 0.0

    @property
    def quantity(self) -> int:
        """How much is made, in quanta."""
        return sum(quantity for _, quantity in self.material)

    def used(self) -> tuple[Portion, ...]:
        """Every portion that went in, but for what the load was."""
        return (*self.fed_of, *(portion for took in self.took for _, portion, _ in took.taken))


class Outputs:
    """The lots of all that one operation makes, at whichever of its stations."""

    def __init__(self, floor: Floor, spec: Operation, intake: Intake) -> None:
        item = intake.bill.makes
        self.lots = Lots(floor, spec.lot, item)
        begins = "order" if spec.lot is None else spec.lot.begins
        rule = None if spec.also_code is None else LotRule(code=spec.also_code, begins=begins)
        self.also = {other: Lots(floor, rule, other) for other, _ in intake.bill.also}


class Maker:
    """Makes what one operation makes, at one of its stations."""

    def __init__(
        self,
        floor: Floor,
        station: str,
        spec: Operation,
        intake: Intake,
        outputs: Outputs,
        contacts: Contacts,
        stocks: Mapping[str, Stock],
    ) -> None:
        self.intake = intake
        self.blend = Blend(floor)
        self._draws: list[Draw] | None = None
        self._also = {item: Blend(floor) for item, _ in intake.bill.also}
        self._floor = floor
        self._station = station
        self._is_rework = spec.rework
        self._is_fresh = False
        self._is_by_order = spec.lot is None or (spec.lot.begins == "order" and spec.lot.size is None)
        self._before: tuple[object, ...] | None = None
        self._keeps_same = False
        self._one_by_one = spec.each == "unit"
        self._keeps = spec.lot is None and spec.serial is None
        self._outputs = outputs
        self._contacts = contacts
        self._stocks = stocks
        self._losses = floor.ledger.place("losses", inside=False)
        self._tolerance = floor.ledger.place("tolerance", inside=False)

    def is_ready(self, load: Load, retry: Callable[[], object]) -> bool:
        """Whether all inputs of ``load`` are there; ``retry`` is called when that may have changed."""
        self._draws = self.intake.draws(load, self.intake.made(load), retry)
        return self._draws is not None

    def begin(self, load: Load, occasion: object, met: tuple[Portion, ...]) -> Making:
        """Take all inputs of ``load``, just asked for; ``met``: tools it touches, ``occasion``: the load or charge."""
        draws, self._draws = self._draws, None
        assert draws is not None, "asked only when all is there"
        made = self.intake.made(load)
        took = self.intake.take(load, draws)
        bank = self.intake.bank
        fed_of: tuple[Portion, ...] = ()
        stop_s = 0.0
        if bank is not None:
            fed = bank.feed(self.intake.bank_needs(made))
            fed_of, stop_s, load.fed_mass = fed.made_of, fed.stop_s, fed.mass
        making = self._made_again(load, made, took, fed_of, met) or self._make(
            load, made, took, (fed_of, met), occasion
        )
        making.stop_s, making.fed_of = stop_s, fed_of
        if bank is not None:
            bank.book(making.material[0][0], load.order.place)
        return making

    def _made_again(
        self, load: Load, made: int, took: list[Took], fed_of: tuple[Portion, ...], met: tuple[Portion, ...]
    ) -> Making | None:
        """More of the portion made last, where nothing but the load and the feeders goes in, and both are as before.

        None where that is not so. The way of nearly every load on a line with feeders.
        """
        before, self._before = self._before, None
        material = load.material
        if before is None or took or load.numbers or len(material) != 1 or self.blend.portion is None:
            return None
        portion, quantity = material[0]
        if (portion, load.order, fed_of, met) != before:
            return None
        self._before = before
        self.blend.link(portion, quantity * portion.lot.item.mass)
        return Making([(self.blend.portion, made)], took, self._keeps_same, [])

    def _remember(self, load: Load, making: Making, also: tuple[tuple[Portion, ...], ...]) -> None:
        """What the next load must be made of to be of the same portion, where that can be told at a glance."""
        plain = self._is_by_order and not self._contacts.is_wet and not self._contacts.heel_size
        if plain and len(load.material) == len(making.material) == 1 and not making.also and not load.taken:
            self._before = (load.material[0][0], load.order, *also)
            self._keeps_same = making.keeps_numbers

    def _make(
        self,
        load: Load,
        made: int,
        took: list[Took],
        also: tuple[tuple[Portion, ...], tuple[Portion, ...]],
        occasion: object,
    ) -> Making:
        used = tuple(portion for portion, _ in load.material) + tuple(portion for _, portion, _ in load.taken)
        is_same = self._keeps and load.item is self.intake.bill.makes
        keeps_numbers = is_same or (self._keeps and bool(load.numbers) and made == load.quantity)
        lot = self._outputs.lots.lot(load, self._station, made, used, occasion, rework=is_same)
        heel = self._contacts.heel_for(lot.item)
        bill = self.intake.bill
        by_product = sum(bill.of(quantity, made) * item.mass for item, quantity in bill.also)
        part = 1.0 if not by_product else made * bill.makes.mass / (made * bill.makes.mass + by_product)
        shares = self._shares(load, made, took, uses_up=not keeps_numbers)
        material: list[tuple[Portion, int]] = []
        for share in shares:
            if keeps_numbers:
                share.carried_numbers = []
            portion = self._portion(share.carried[0][0].lot if is_same else lot, share, also, heel)
            self._link(load, share, portion, part, shares[0].taken if not self._one_by_one else (), made)
            if heel is not None:
                self.blend.link(heel[0], heel[1] * heel[0].lot.item.mass * part * share.count / made)
            if self._is_fresh:
                self.blend.settle()
            material.append((portion, share.count))
        making = Making(merged(material), took, keeps_numbers, self._by_products(load, made, used, occasion))
        self._remember(load, making, also)
        return making

    def _shares(self, load: Load, made: int, took: list[Took], *, uses_up: bool) -> list[Share]:
        """The units by what they are made of; where feeders give as well, and of what is weighed, all together."""
        is_plain = len(load.material) <= 1 and all(len(one.taken) <= 1 and not one.numbers for one in took)
        is_simple = is_plain and not (uses_up and load.numbers)
        if is_simple or self.intake.bank is not None or self.intake.bill.makes.decimals:
            numbers = [number for one in took for number in one.numbers]
            return [Share(made, load.material, load.taken, load.numbers, numbers)]
        return shares_of(load, made, took, one_by_one=self._one_by_one, uses_up=uses_up)

    def _portion(
        self,
        lot: Lot,
        share: Share,
        also: tuple[tuple[Portion, ...], tuple[Portion, ...]],
        heel: tuple[Portion, int] | None,
    ) -> Portion:
        """The portion that units made of ``share`` are of: the one made before, where that was made of the same."""
        blend, (fed_of, met) = self.blend, also
        used = tuple(portion for portion, _ in share.carried) + tuple(portion for _, portion, _ in share.taken)
        touching = self._contacts.touching(blend.portion)
        key: Key = (lot, used, also, touching, heel, *share.taken_numbers, *share.carried_numbers)
        self._is_fresh = blend.portion is None or key != blend.key
        if self._is_fresh:
            generation = max((portion.generation for portion in (*used, *fed_of)), default=0) + self._is_rework
            blend.begin(self._floor.ledger.portion(lot, self._floor.expiry(lot.item), generation), key)
            blend.touch(one for one in (*self._contacts.touching(None), *met) if one not in used)
        portion = blend.portion
        assert portion is not None, "a blend that was begun has a portion"
        self._contacts.touch(portion)
        return portion

    def _link(
        self, load: Load, share: Share, portion: Portion, part: float, for_all: Sequence[Taken], made: int
    ) -> None:
        """Into ``portion`` what its units took, less the ``part`` of by-products; ``for_all`` goes into every share."""
        blend, place = self.blend, load.order.place
        for used, quantity in share.carried:
            blend.link(used, quantity * used.lot.item.mass * part)
        for source, used, quantity in share.taken:
            blend.move(source, place, used, quantity)
        for _, used, quantity in for_all or share.taken:
            whole = 1.0 if not for_all else share.count / made
            blend.link(used, quantity * used.lot.item.mass * part * whole)
        if share.taken_numbers or share.carried_numbers:
            self._floor.ledger.used_serials(portion, (*share.taken_numbers, *share.carried_numbers))

    def _by_products(
        self, load: Load, made: int, used: tuple[Portion, ...], occasion: object
    ) -> list[tuple[Portion, int]]:
        bill, found = self.intake.bill, []
        for item, amount in bill.also:
            quantity = bill.of(amount, made)
            if not quantity:
                continue
            lot = self._outputs.also[item].lot(load, self._station, quantity, used, occasion, rework=False)
            blend, key = self._also[item], (lot, used)
            if key != blend.key or blend.portion is None:
                generation = max((portion.generation for portion in used), default=0) + 1
                blend.begin(self._floor.ledger.portion(lot, self._floor.expiry(item), generation), key)
            total = load.mass or 1
            for portion, part in (*load.material, *((one, many) for _, one, many in load.taken)):
                blend.link(portion, part * portion.lot.item.mass * quantity * item.mass / total)
            blend.settle()
            assert blend.portion is not None, "a blend that was begun has a portion"
            found.append((blend.portion, quantity))
        return found

    @property
    def heel(self) -> tuple[Portion, int] | None:
        """What of the load before goes into this one."""
        return self._contacts.heel

    # ---- at the end

    def end(self, load: Load) -> Making:
        """``load`` is now what was made of it; by-products go into stock, and what is lost goes off."""
        making, bill, order = load.into, self.intake.bill, load.order
        assert isinstance(making, Making), "what ends was begun"
        before = load.mass
        load.item, load.material = bill.makes, making.material
        load.taken, load.fed_mass, load.into = [], 0, None
        after = load.mass + sum(portion.lot.item.mass * quantity for portion, quantity in making.also)
        lost = min(before - after, bill.of(bill.loses, making.quantity)) if before > after else 0
        if lost:
            self.blend.differ(order.place, self._losses, lost)
        if before - after - lost:
            self.blend.differ(order.place, self._tolerance, before - after - lost)
        for portion, quantity in making.also:
            stock = self._stocks[portion.lot.item.name]
            self._floor.ledger.move(Move.FINISH, order.place, stock.place, portion.lot.item, quantity, portion)
            stock.put(portion, quantity)
        self._contacts.leave_heel(load)
        return making

    def settle(self) -> None:
        """Write down what has come together."""
        self.blend.settle()
        for blend in self._also.values():
            blend.settle()
