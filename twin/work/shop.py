"""The shop: all declared work of a plant put together and running."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plant_models.amounts import Amount
from plant_models.spec import PlantSpec
from plant_models.work import Inspection, LawSpec, Packing
from trace_core.errors import UnknownName
from twin.carriers import CarrierStore
from twin.feeders import FeederBank
from twin.floor import Floor
from twin.inspecting import Defects, Inspector, flaw_bits
from twin.laboratory import Laboratory
from twin.line.crew import Crew
from twin.line.line import Line
from twin.line.places import Node
from twin.material import Item, Lot
from twin.signals import Signals
from twin.stock import Stock
from twin.tools import ToolSet
from twin.work.bills import Bill, bill_of
from twin.work.cartons import Packer
from twin.work.contacts import Contacts
from twin.work.ends import StockEnd
from twin.work.examining import Examination
from twin.work.intake import Intake
from twin.work.loads import Load, Owner
from twin.work.machines import machine
from twin.work.making import Maker, Outputs
from twin.work.orders import OrderBook
from twin.work.outside import Always, Onward, Papers, Trip, nothing
from twin.work.quality import Quality
from twin.work.reports import Reports
from twin.work.routing import Place, Routing
from twin.work.serials import Serials
from twin.work.sizes import Sizes
from twin.work.tasks import Task
from twin.work.transfers import Transfers


class Stocks:
    """The stocks as they are seen from a station: of those that keep an item, the one at the same site."""

    def __init__(self, spec: PlantSpec, stocks: Mapping[str, Stock]) -> None:
        self._spec = spec
        self._stocks = stocks

    def at(self, station: str) -> dict[str, Stock]:
        """For every item the stock that a station takes it from and puts it into."""
        site = self._site(station)
        found: dict[str, Stock] = {}
        for stock in self._stocks.values():
            is_near = self._site(stock.station) == site
            for item in self._spec.stocks[stock.name].keeps:
                if is_near or item not in found:
                    found[item] = stock
        return found

    def _site(self, station: str) -> str | None:
        return self._spec.locations[self._spec.stations[station].location].site


class Shop:
    """All machines, tasks, routes and orders of one plant."""

    def __init__(
        self, floor: Floor, stocks: Mapping[str, Stock], laboratory: Laboratory, store: CarrierStore | None
    ) -> None:
        spec = floor.spec
        self.line = Line(floor.kernel, streams=floor.streams)
        self.crews = {name: Crew(self.line, name, size) for name, size in spec.crews.items()}
        self.serials = Serials(floor)
        self.sizes = Sizes(floor)
        self._floor = floor
        self._stocks = Stocks(spec, stocks)
        self._laboratory = laboratory
        names = list(dict.fromkeys(station for one in spec.operations.values() for station in one.at))
        self.contacts = {name: Contacts(floor, name) for name in names}
        self._near = {name: self._stocks.at(name) for name in names}
        self.banks = {
            name: FeederBank(floor, name, bank, self._near[name])
            for name, bank in spec.feeders.items()
            if name in self._near
        }
        self.bits = flaw_bits(spec)
        self.signals = Signals(floor, self.bits)
        self.tools = {
            name: ToolSet(floor, name, one.tools, self._near[name])
            for name, one in spec.machines.items()
            if one.tools and name in self._near
        }
        self.tasks = {name: self._tasks_of(name) for name in spec.operations}
        self._ends: dict[Stock, StockEnd] = {}
        self._store = store
        self._packers: dict[str, Packer] = {}
        if store is not None:
            self._packers = {item: self._packer(item, one, store) for item, one in spec.packing.items()}
        self.routing = Routing(floor, self.tasks)
        self.routing.end = self._end
        self.stations = {name: machine(self, floor, name) for name in names}
        for name, station in self.stations.items():
            self.routing.places[name] = Place(station, _places_of(spec, name))
        for tasks in self.tasks.values():
            for task in tasks:
                task.node = self.stations[task.station]
                if task.spec.outside is not None and task.spec.travels is not None:
                    self._send_outside(task, task.spec.travels)
        self._transfers = {
            name: Transfers(floor, name, one, stocks, laboratory, self.serials) for name, one in spec.transfers.items()
        }
        self._books = {name: OrderBook(floor, name, one, self, self.routing) for name, one in spec.orders.items()}

    def _tasks_of(self, name: str) -> list[Task]:
        floor, spec = self._floor, self._floor.spec.operations[name]
        bill = bill_of(floor, spec)
        outputs: Outputs | None = None
        defects = Defects(floor, name, spec.defects, self.bits) if spec.defects else None
        inspector = None if spec.inspects is None else Inspector(floor, name, spec.inspects, self.bits)
        tasks = []
        for station in spec.at:
            contacts, near = self.contacts[station], self._near[station]
            contacts.is_wet = contacts.is_wet or spec.wet
            if spec.heel is not None:
                contacts.heel_size = floor.quanta(spec.heel)
            maker = None
            if bill is not None:
                intake = self._intake(name, station, bill)
                outputs = outputs or Outputs(floor, spec, intake)
                maker = Maker(floor, station, spec, intake, outputs, contacts, near)
            quality = Quality(self.bits, self.signals, defects, self.tools.get(station))
            task = Task(
                floor, name, spec, station, maker, contacts, quality, Reports(floor, station, self.serials), self
            )
            if spec.inspects is not None and inspector is not None:
                quality.examination = self._examination(task, spec.inspects, inspector)
            tasks.append(task)
        return tasks

    def _examination(self, task: Task, spec: Inspection, inspector: Inspector) -> Examination:
        return Examination(
            self._floor,
            task.name,
            task.station,
            spec,
            inspector,
            self._laboratory,
            self.signals,
            task.reports,
            task,
        )

    def _intake(self, name: str, station: str, bill: Bill) -> Intake:
        return Intake(
            self._floor, name, station, bill, self._near[station], self.banks.get(station), self.serials, self.sizes
        )

    def _send_outside(self, task: Task, travels: LawSpec) -> None:
        """A supplier does the work of ``task``: loads travel there and back."""
        floor, papers, name = self._floor, Papers(self._floor, task.spec), f"{task.name} at {task.station}"
        law = floor.law(travels, f"work/{task.name}/{task.station}/travels")
        station = self.stations[task.station]
        task.trip = Trip(floor, self.line, f"to {name}", law, Always(station), papers.sent, nothing)
        onward = Onward(self.routing, task.station)
        task.way_back = Trip(floor, self.line, f"from {name}", law, onward, nothing, papers.received)

    def _packer(self, item: str, spec: Packing, store: CarrierStore) -> Packer:
        reports = Reports(self._floor, spec.station, self.serials)
        return Packer(self._floor, self.line, self._floor.items[item], spec, store, reports, self)

    def start(self) -> None:
        """Release what is due."""
        for transfer in self._transfers.values():
            transfer.begin()
        for book in self._books.values():
            book.begin()

    # ---- what tasks and orders ask

    def begun(self, load: Load) -> None:
        """A ticket is no longer waiting."""
        self.routing.begun(load)

    def joined(self, load: Load) -> None:
        """A load was split off another one."""
        load.order.loads[load] = None

    def gone(self, load: Load) -> None:
        """A load has left the shop floor."""
        load.order.gone(load)

    def sample(self, lot: Lot) -> None:
        """Each lot that must be released is examined once, when its first units come into a store."""
        test = lot.item.needs_release
        if test in self._floor.spec.tests:
            self._laboratory.examine(test, lot)

    def step_of(self, load: Load, operation: str) -> int:
        """The place of an operation in the route of ``load``; that of its last step where it has none."""
        choices = load.order.path.choices
        return next((n for n, choice in enumerate(choices) if operation in choice.operations), len(choices) - 1)

    def forget(self, order: Owner) -> None:
        """``order`` is done with."""
        for station in {task.station for choice in order.path.choices for task in choice.tasks}:
            if station in self.banks:
                self.banks[station].end_order()

    # ---- the end of a route

    def when_taken(self, item: Item, callback: Callable[[Item], None]) -> None:
        """Call ``callback`` each time something leaves a stock that keeps ``item``, or a carrier with it is fetched."""
        for stock in self._keeping(item):
            stock.on_taken(callback)
        if self._store is not None:
            self._store.on_taken.append(callback)

    def on_hand(self, item: Item) -> int:
        """How much of ``item`` lies in the stocks of all sites, and on carriers."""
        stored = 0 if self._store is None else self._store.units_of(item.name)
        return stored + sum(stock.on_hand(item) for stock in self._keeping(item))

    def _keeping(self, item: Item) -> list[Stock]:
        return list(dict.fromkeys(near[item.name] for near in self._near.values() if item.name in near))

    def _end(self, load: Load) -> Node:
        assert load.task is not None, "a load at its end has been at a station"
        assert load.item is not None, "a load at its end is something"
        if (packer := self._packers.get(load.item.name)) is not None:
            return packer
        stock = self._near[load.task.station][load.item.name]
        end = self._ends.get(stock)
        if end is None:
            end = self._ends[stock] = StockEnd(self._floor, self.line, stock, self)
        return end

    # ---- from outside

    @property
    def orderable(self) -> tuple[str, ...]:
        """The declarations of orders, by name."""
        return tuple(self._books)

    def add_order(self, name: str, amount: Amount | None = None) -> None:
        """One order more of the declaration ``name``; ``amount`` instead of the declared one. UnknownName."""
        if name not in self._books:
            raise UnknownName("orders", name, self._books)
        book = self._books[name]
        book.release(book.amount if amount is None else self._floor.quanta(amount))

    # ---- what is here

    def settle(self) -> None:
        """Write down what has come together, before anything is struck."""
        for tasks in self.tasks.values():
            for task in tasks:
                if task.maker is not None:
                    task.maker.settle()
        for bank in self.banks.values():
            bank.settle()

    def held(self) -> dict[str, int]:
        """What is under way, in kits, feeders and stations, in quanta of mass, by place."""
        held: dict[str, int] = {}
        for book in self._books.values():
            for place, mass in book.held().items():
                held[place] = held.get(place, 0) + mass
        parts: list[FeederBank | ToolSet] = [*self.banks.values(), *self.tools.values()]
        for part in parts:
            held |= part.held()
        for transfer in self._transfers.values():
            held[transfer.place_name] = transfer.held()
        for name, one in self.contacts.items():
            held[name] = held.get(name, 0) + one.held()
        for item, packer in self._packers.items():
            station = self._floor.spec.packing[item].station
            held[station] = held.get(station, 0) + packer.held()
        return held


def _places_of(spec: PlantSpec, station: str) -> int:
    """How many loads a station has in work at once."""
    declared = spec.machines.get(station)
    if declared is None:
        return 1
    if declared.conveys is not None:
        return declared.conveys.holds
    return declared.serves * (1 if declared.collects is None else declared.collects.loads)
