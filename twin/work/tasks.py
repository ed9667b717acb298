"""A task: one operation at one of its stations, from the load that comes to the loads that go on."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from plant_models.work import Operation
from trace_core.capture.records import Result
from twin.conduct import ConductKind
from twin.draws import struck
from twin.floor import Floor
from twin.inspecting import mark
from twin.ledger import Move
from twin.line.places import WAITS, Node
from twin.material import Item, Portion
from twin.tools import ToolSet, Wear
from twin.work.contacts import Contacts
from twin.work.intake import Took
from twin.work.loads import Load, Numbers
from twin.work.making import Maker, Making
from twin.work.quality import Quality, Shop
from twin.work.reports import Reports
from twin.work.signing import second_badge
from twin.work.splitting import cut_first, first_numbers, set_apart, spread


class Task:
    """One operation at one station. ``begin`` gives the seconds it takes, or WAITS; ``end`` gives what goes on."""

    def __init__(
        self,
        floor: Floor,
        name: str,
        spec: Operation,
        station: str,
        maker: Maker | None,
        contacts: Contacts,
        quality: Quality,
        reports: Reports,
        shop: Shop,
    ) -> None:
        self.name = name
        self.spec = spec
        self.station = station
        self.maker = maker
        self.reports = reports
        self.quality = quality
        self.node: Node | None = None
        self.trip: Node | None = None
        self.way_back: Node | None = None
        self._floor = floor
        self._kernel = floor.kernel
        self._conduct = floor.conduct
        self._shop = shop
        self._contacts = contacts
        self._takes = floor.law(spec.takes, f"work/{name}/{station}/takes")
        self._rows = floor.ledger.fresh_operations
        self._numbers = (list(floor.spec.stations).index(station), list(floor.spec.operations).index(name))
        self._size = None if spec.load is None else floor.quanta(spec.load)
        self._scraps = floor.stream(f"work/{name}/scraps") if spec.scraps else None
        self._scrap_reason = floor.spec.reasons[spec.scrap_reason] if spec.scrap_reason else 0
        self._waste = floor.ledger.place("waste", inside=False)
        self._drawn_from: tuple[int | str, ...] = () if quality.tools is None else quality.tools.slots
        if maker is not None and maker.intake.bank is not None:
            self._drawn_from = (floor.spec.feeders[station].bank, *self._drawn_from)
        self._is_each = spec.each == "unit"
        self._wets = maker is None and spec.wet
        self._mends = sum(quality.bits[name] for name in spec.mends)
        self._senses = bool(quality.signals.at(station))
        self._flaws = bool(self._mends or self._senses or quality.defects)
        self._counts = quality.tools is not None or spec.each == "unit"
        self._is_skippable = maker is None and spec.serial is None and not spec.rework

    @property
    def makes(self) -> Item | None:
        """What it makes; None where it leaves loads what they are."""
        return None if self.maker is None else self.maker.intake.bill.makes

    def tell_sent(self, load: Load, paper: str) -> None:
        """``load`` left for somewhere else."""
        self.reports.ship(load, paper)

    def tell_received(self, load: Load, paper: str) -> None:
        """``load`` came back."""
        self.reports.receive(load, paper)

    def tell_cleaned(self, seconds: float) -> None:
        """The station was cleaned."""
        self.reports.clean(seconds)

    @property
    def way_in(self) -> Node:
        """Where loads are given for it: the station, or the way there."""
        node = self.trip or self.node
        assert node is not None, "a task stands at a station"
        return node

    # ---- begin

    def begin(self, load: Load, retry: Callable[[], object], occasion: object = None) -> float:
        """Take what the operation needs; the seconds it takes, or WAITS where something is missing."""
        kernel, tools = self._kernel, self.quality.tools
        units = 0
        if self._counts:
            units = load.units if self.maker is None else self._units_of(self.maker, load)
        if tools is not None and not tools.is_ready(units, retry):
            return WAITS
        if self.maker is not None:
            if not self.maker.intake.made(load):
                return 0.0  # too little of it is left to make anything: it is thrown away at the end
            if not self.maker.is_ready(load, retry):
                return WAITS
        stop_s = self._is_told(load) if self._conduct.is_any else 0.0
        if self.maker is not None:
            met = self._use_tools(tools, load, units) if tools is not None else None
            making = self.maker.begin(load, load if occasion is None else occasion, () if met is None else met.contacts)
            self._made_begins(load, making)
            stop_s += making.stop_s + (0.0 if met is None else met.stop_s)
        elif self._is_skippable and self._conduct.strikes(ConductKind.SKIPPED_STEP, self.station):
            load.is_skipping = True
            load.begun_s = kernel.now
            return 0.0
        elif tools is not None:
            stop_s += self._use_tools(tools, load, units).stop_s
        load.begun_s = kernel.now
        return stop_s + self._seconds(units)

    def _is_told(self, load: Load) -> float:
        """Whether anybody reports what is done to ``load`` here; gives the seconds a slow screen holds them up."""
        conduct = self._conduct
        stop_s, is_made = conduct.capture(self.station)
        skipped = self.spec.rework and conduct.strikes(ConductKind.UNREGISTERED_REWORK, self.station)
        load.is_unregistered = skipped or not is_made
        return stop_s

    def _units_of(self, maker: Maker, load: Load) -> int:
        """How many units of what is made ``load`` becomes: pieces, or whole units of what is weighed."""
        made, item = maker.intake.made(load), maker.intake.bill.makes
        return made if not item.decimals else max(1, made // 10**item.decimals)

    def _use_tools(self, tools: ToolSet, load: Load, units: int) -> Wear:
        wear = tools.use(units)
        load.worn = wear.worn if self.quality.defects is not None else ()
        return wear

    def _made_begins(self, load: Load, making: Making) -> None:
        was_ticket = load.item is None
        load.into = making
        if was_ticket or load.is_named:
            load.run = load.order.next_run()
        if self.reports.is_on and not load.is_unregistered:
            self._report_begin(load, making)
        if was_ticket:
            self._shop.begun(load)

    def _report_begin(self, load: Load, making: Making) -> None:
        run = load.order.run_id(load.run)
        if load.item is not None and load.is_named:
            self.reports.consume(run, load.material, load.numbers)
        if self.maker is not None and (heel := self.maker.heel) is not None:
            self.reports.consume(run, [heel])
        for took in making.took:
            if took.draw.booked is None:
                self._report_used(run, took)

    def _report_used(self, run: str, took: Took) -> None:
        material = took.material if took.told is None else took.told
        code = self.reports.substituted if took.draw.item is not took.draw.need.item else 0
        self.reports.consume(run, material, took.numbers, nok_code=code, booked=took.draw.booked)

    def _seconds(self, units: int) -> float:
        """How long the load takes: for each unit, a sum that varies as the sum of so many times does."""
        drawn = self._takes()
        if not self._is_each or units == 1:
            return drawn
        mean = self.spec.takes.mean
        return max(0.0, units * mean + sqrt(units) * (drawn - mean))

    # ---- end

    def end(self, load: Load) -> Load | list[Load] | None:
        """The operation is done: what goes on of ``load``."""
        load.is_between = True
        if load.is_skipping:
            load.is_skipping = False
            return load
        if self.maker is not None and load.into is None:
            self.spoil(load)
            return None
        making = self._change(load)
        self._write_row(load)
        if self._scraps is not None and not self._scrap_some(load):
            return None
        if self._flaws or load.burnt:
            self._flaw(load, making)
        if self.spec.signed is not None:
            self._sign(load)
        parts: list[Load] = [load]
        if self.quality.examination is not None:
            parts = self.quality.examination.of(load)
        if self.spec.rework:
            self._send_back(parts)
        if self._conduct.is_any:
            for part in parts:
                part.is_unregistered = False
            parts = [part for part in parts if not self._runs_a_trial(part)]
        return self._cut(parts)

    def _change(self, load: Load) -> Making | None:
        """``load`` is now what the operation makes of it; gives that where it makes something."""
        if self.maker is not None:
            return self._made_ends(load, self.maker)
        if self.spec.serial is not None:
            self._number(load, self.spec.serial)
            self._complete(load)
        elif self._wets:
            self._wet(load)
        return None

    def _made_ends(self, load: Load, maker: Maker) -> Making:
        was_named, units_before = load.is_named, load.units
        making = maker.end(load)
        order, spec = load.order, self.spec
        if spec.serial is not None:
            self._number(load, spec.serial)
        elif making.keeps_numbers and load.numbers:
            left = load.numbers
            load.numbers = []
            for portion, quantity in load.material:
                load.numbers += self._renumber(first_numbers(left, quantity), portion)
        else:
            load.numbers = []
        if load.flaws:
            load.flaws = spread(load.flaws, units_before, load.units)
        is_marked = spec.lot is not None or spec.serial is not None
        load.is_named = was_named if making.keeps_numbers else is_marked
        if not self.reports.is_on or load.is_unregistered:
            return making
        run = order.run_id(load.run)
        for took in making.took:
            if took.draw.booked is not None:
                self._report_used(run, took)
        for slot in self._drawn_from:
            self.reports.consume_bank(run, slot, self._kernel.now - load.begun_s)
        if load.is_named:
            self.reports.complete(run, load)
        for portion, quantity in making.also:
            self.reports.made(run, portion.lot, quantity)
        return making

    def _number(self, load: Load, rule: str) -> None:
        load.numbers = [self._shop.serials.give(rule, one, count) for one, count in load.material]
        load.is_named = True
        if self.spec.sizes is not None:
            for numbers in load.numbers:
                self._shop.sizes.give(self.name, numbers, self.spec.sizes)

    def _renumber(self, numbers: list[Numbers], portion: Portion) -> list[Numbers]:
        """The same units, now of ``portion``."""
        renumbered = self._shop.serials.pass_on(portion, numbers)
        for before, after in zip(numbers, renumbered, strict=True):
            self._shop.sizes.pass_on(before, after)
        return renumbered

    def _complete(self, load: Load) -> None:
        if self.reports.is_on and not load.is_unregistered:
            self.reports.complete(load.order.run_id(load.run), load)

    def _wet(self, load: Load) -> None:
        """What only passes a wet station is another portion afterwards: it touched what came before it."""
        material, numbers = list[tuple[Portion, int]](), list[Numbers]()
        for portion, quantity in load.material:
            wetted = self._contacts.pass_through(portion, quantity)
            material.append((wetted, quantity))
            if load.numbers:
                own = first_numbers(load.numbers, quantity)
                numbers += own if wetted is portion else self._renumber(own, wetted)
        load.material, load.numbers = material, numbers

    def _write_row(self, load: Load) -> None:
        station, operation = self._numbers
        now, begun = self._kernel.now, load.begun_s
        for portion, _ in load.material:
            self._rows.extend((now, begun, station, operation, portion.index, load.order.index, load.run))

    # ---- what it does to the units

    def _flaw(self, load: Load, making: Making | None) -> None:
        """Make the faults this operation makes with what went in, and mend those it mends."""
        quality, units = self.quality, load.units
        if self._mends and load.flaws:
            load.flaws = {place: left for place, bits in load.flaws.items() if (left := bits & ~self._mends)}
        if quality.defects is not None:
            used = making.used() if making is not None and quality.defects.tells_inputs_apart else ()
            quality.defects.make(units, load.flaws, load.material[0][0].lot, used)
            for first, count, chance in load.worn:
                quality.defects.make_worn(first, min(count, units - first), load.flaws, chance)
        load.worn = ()
        if self._senses:
            quality.signals.passed(self.station, load.begun_s, self._kernel.now, units, load.flaws)
        if load.burnt:
            mark(load.flaws, list(range(units)), quality.bits[load.burnt])
            load.burnt = ""

    def name_at_last(self, load: Load) -> None:
        """``load`` has borne no lot so far, and gets that of its order as it leaves."""
        for portion, _ in load.material:
            self._floor.ledger.nominal.pop(portion.lot.index, None)
        self._complete(load)

    # ---- what is lost on the way

    def _scrap_some(self, load: Load) -> bool:
        """Whether anything is left of ``load`` after some of its units were lost."""
        assert self._scraps is not None, "asked only where units are lost"
        places = struck(self._scraps, load.units, self.spec.scraps)
        if not places:
            return True
        is_all = len(places) == load.units
        lost = load if is_all else set_apart(load, places)
        self.scrap(lost, self._scrap_reason)
        if is_all:
            self._shop.gone(load)
        return not is_all

    def split_off(self, load: Load) -> None:
        """``load`` is now a load of its own."""
        self._shop.joined(load)

    def is_gone(self, load: Load) -> None:
        """Nothing is left of ``load``."""
        self._shop.gone(load)

    def scrap(self, load: Load, reason: int) -> None:
        """All of ``load`` is thrown away."""
        ledger, order = self._floor.ledger, load.order
        for portion, quantity in load.material:
            ledger.move(Move.SCRAP, order.place, self._waste, portion.lot.item, quantity, portion)
        if load.is_named and not load.is_unregistered and self.reports.is_on:
            self.reports.scrap(order.run_id(load.run), load, reason)
        load.material = []

    def spoil(self, load: Load) -> None:
        """A breakdown spoilt ``load`` while it was worked on."""
        if self.maker is not None and load.into is not None:
            self._made_ends(load, self.maker)
        self.scrap(load, self._scrap_reason)
        self._shop.gone(load)

    # ---- what goes on

    def _sign(self, load: Load) -> None:
        if load.is_named and self.reports.is_on and not load.is_unregistered:
            assert self.spec.signed is not None, "asked only where somebody signs"
            badge = second_badge(self._floor, self.station, self.spec.signed)
            self.reports.measure(load.order.run_id(load.run), load, Result.OK, operator=badge)

    def _send_back(self, parts: list[Load]) -> None:
        then = self.spec.then
        for part in parts:
            if part.via:
                continue
            if then is not None and self._floor.spec.operations[then].rework:
                part.via = then
                continue
            back = part.back if then is None else self._shop.step_of(part, then)
            part.step, part.back = back - 1, -1

    def _runs_a_trial(self, load: Load) -> bool:
        """Whether somebody takes ``load`` out of the routing for good.

        Where nothing is made of it any more, it misses the steps that are left and turns up at the end of its route.
        """
        assert load.item is not None, "what an operation has ended is something"
        if load.via or not self._conduct.strikes(ConductKind.PILOT_RUN, self.station, item=load.item.name):
            return False
        path = load.order.path
        if not any(bill is not None for bill in path.bills[load.step + 1 :]):
            load.step = len(path.choices) - 1
            return False
        gone = self._floor.ledger.place("unaccounted", inside=False)
        for portion, quantity in load.material:
            self._floor.ledger.move(Move.LOSE, load.order.place, gone, portion.lot.item, quantity, portion)
        load.material = []
        self._shop.gone(load)
        return True

    def _cut(self, parts: list[Load]) -> Load | list[Load] | None:
        size = self._size
        if size is None or all(part.quantity <= size for part in parts):
            return parts[0] if len(parts) == 1 else parts or None
        cut: list[Load] = []
        for part in parts:
            while part.quantity > size:
                cut.append(cut_first(part, size))
                self._shop.joined(cut[-1])
            cut.append(part)
        return cut
