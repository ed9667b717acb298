"""What flows from where to where in a plant, read from its declaration: suppliers, stocks, work, carriers, customers.

Many of a kind become one place (44 customers), so that a plant of hundreds of parts can be seen at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from plant_models.flow_checks import carried_to, site_of, stocks_of
from plant_models.spec import PlantSpec
from plant_models.work import Operation
from plant_models.work_mentions import items_made_by, operations_of, steps_of

MAX_NAMED, MAX_NAMED_LENGTH = 2, 18
"""Names written out in a place, and their letters; more are counted."""


class PlaceKind(StrEnum):
    """What a place of the flow is; a drawing gives each kind a look of its own."""

    SUPPLIERS = "suppliers"
    STOCK = "stock"
    WORK = "work"
    REWORK = "rework"
    VESSEL = "vessel"
    TRANSFER = "transfer"
    CARRIERS = "carriers"
    CUSTOMERS = "customers"


class FlowKind(StrEnum):
    """How material comes from one place to another."""

    FORWARD = "forward"
    REWORK = "rework"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Place:
    """A place material is at: its name as declared, what happens there in a line or two, all of it in ``full``."""

    key: str
    kind: PlaceKind
    title: str
    lines: tuple[str, ...] = ()
    full: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """Material on its way between two places, by their keys; ``what`` are items or routes."""

    start: str
    end: str
    what: tuple[str, ...]
    kind: FlowKind = FlowKind.FORWARD


@dataclass(slots=True)
class FlowGraph:
    """The places and flows of a plant, in the order of the file."""

    places: dict[str, Place] = field(default_factory=dict)
    flows: dict[tuple[str, str, FlowKind], Flow] = field(default_factory=dict)

    def place(self, kind: PlaceKind, title: str, lines: Iterable[str] = (), *, key: str = "", full: str = "") -> str:
        """Add a place unless it is known; gives its key."""
        key = key or f"{kind} {title}"
        shown = tuple(line for line in lines if line)
        self.places.setdefault(key, Place(key, kind, title, shown, full or " · ".join((title, *shown))))
        return key

    def flow(self, start: str, end: str, what: str, kind: FlowKind = FlowKind.FORWARD) -> None:
        """Add what flows between two places to what is known to flow there."""
        known = self.flows.get((start, end, kind))
        items = () if known is None else known.what
        self.flows[start, end, kind] = Flow(start, end, items if what in items else (*items, what), kind)


def flow_of(spec: PlantSpec) -> FlowGraph:
    """The flow of a sound plant."""
    graph = FlowGraph()
    _supplies(graph, spec)
    _collecting(graph, spec)
    _processes(graph, spec)
    _operations(graph, spec)
    _routes(graph, spec)
    _transfers(graph, spec)
    _shipping(graph, spec)
    return graph


def named(names: Iterable[str], noun: str) -> str:
    """``a, b`` of a few names, ``7 items`` of many or long ones, nothing of none."""
    each = list(dict.fromkeys(names))
    said = ", ".join(each)
    is_short = len(each) == 1 or (len(each) <= MAX_NAMED and len(said) <= MAX_NAMED_LENGTH)
    return said if is_short or not each else f"{len(each)} {noun}"


# ---- what comes in


def _stock_place(graph: FlowGraph, spec: PlantSpec, stock: str, item: str) -> str:
    """A stock is drawn once for what is bought and once for what is made, so that the flow leads one way."""
    declared = spec.stocks[stock]
    bought = [one for one in declared.keeps if one in spec.supplies]
    shown = bought if item in bought else [one for one in declared.keeps if one not in bought]
    lines = (named(shown, "items"), f"{declared.policy}{_at_site(spec, declared.station)}")
    key = f"stock {stock} {'bought' if item in bought else 'made'}"
    return graph.place(PlaceKind.STOCK, stock, lines, key=key, full=f"{stock}: {', '.join(shown)} · {declared.policy}")


def _at_site(spec: PlantSpec, station: str) -> str:
    site = site_of(spec, station)
    return f", {site}" if site else ""


def _supplies(graph: FlowGraph, spec: PlantSpec) -> None:
    for stock, declared in spec.stocks.items():
        bought = [item for item in declared.keeps if item in spec.supplies]
        suppliers = list(dict.fromkeys(name for item in bought for name in spec.supplies[item].suppliers))
        for item in bought:
            full = f"{', '.join(suppliers)}: {', '.join(bought)}"
            key = f"suppliers of {stock}"
            source = graph.place(PlaceKind.SUPPLIERS, named(suppliers, "suppliers"), (), key=key, full=full)
            graph.flow(source, _stock_place(graph, spec, stock, item), item)


def _from_stock(graph: FlowGraph, spec: PlantSpec, item: str, stations: Iterable[str], end: str) -> None:
    sites = {site_of(spec, station) for station in stations}
    for stock, site in stocks_of(spec, item).items():
        if site in sites:
            graph.flow(_stock_place(graph, spec, stock, item), end, item)


def _into_stock(graph: FlowGraph, spec: PlantSpec, item: str, stations: Iterable[str], start: str) -> None:
    sites = {site_of(spec, station) for station in stations}
    for stock, site in stocks_of(spec, item).items():
        if site in sites:
            graph.flow(start, _stock_place(graph, spec, stock, item), item)


# ---- the special parts: collecting, vessels, processes, lines


def _collecting(graph: FlowGraph, spec: PlantSpec) -> None:
    for name, collecting in spec.collecting.items():
        givers = list(dict.fromkeys(giver for one in collecting.rounds for giver in one.suppliers))
        key = f"givers of {name}"
        source = graph.place(PlaceKind.SUPPLIERS, named(givers, "suppliers"), (), key=key, full=", ".join(givers))
        lines = (named(collecting.vehicles, "vehicles"), f"tested for {collecting.test}")
        rounds = graph.place(PlaceKind.WORK, name, lines, key=f"collecting {name}")
        graph.flow(source, rounds, collecting.collects)
        graph.flow(rounds, _vessels(graph, spec, collecting.unloads_to), collecting.makes)


def _vessels(graph: FlowGraph, spec: PlantSpec, name: str) -> str:
    group = spec.vessels[name]
    return graph.place(PlaceKind.VESSEL, name, (named(group.members, "vessels"), group.holds), key=f"vessels {name}")


def _processes(graph: FlowGraph, spec: PlantSpec) -> None:
    for name, process in spec.processes.items():
        tanks = f"{process.station}, {named(process.tanks.members, 'tanks')}"
        batch = graph.place(PlaceKind.WORK, name, (tanks, named(process.recipes, "recipes")), key=f"process {name}")
        graph.flow(_vessels(graph, spec, process.draws_from), batch, spec.vessels[process.draws_from].holds)
        for recipe in process.recipes:
            for item in spec.recipes[recipe].inputs:
                _from_stock(graph, spec, item, [process.station], batch)
        for product, declared in spec.products.items():
            if declared.process == name:
                _product(graph, spec, product, batch)


def _product(graph: FlowGraph, spec: PlantSpec, name: str, batch: str) -> None:
    product = spec.products[name]
    for line in product.lines:
        declared = spec.lines[line]
        others = [other for other, one in spec.products.items() if line in one.lines]
        lines = (named(others, "products"), f"packed at {declared.palletiser}")
        filler = graph.place(PlaceKind.WORK, line, lines, key=f"line {line}", full=f"{line}: {', '.join(others)}")
        graph.flow(batch, filler, spec.recipes[product.recipe].makes)
        for part in product.inputs:
            _from_stock(graph, spec, part.item, [declared.station], filler)
        if product.rework is not None:
            _into_stock(graph, spec, product.rework.item, [declared.station], filler)
            stations = [spec.processes[product.process].station]
            for stock, site in stocks_of(spec, product.rework.item).items():
                if site in {site_of(spec, one) for one in stations}:
                    source = _stock_place(graph, spec, stock, product.rework.item)
                    graph.flow(source, batch, product.rework.item, FlowKind.REWORK)
        graph.flow(filler, _store(graph, spec), product.item)


# ---- operations and routes


def _operation_place(graph: FlowGraph, spec: PlantSpec, name: str) -> str:
    operation = spec.operations[name]
    kind = PlaceKind.REWORK if operation.rework else PlaceKind.WORK
    where = f"at {named(operation.at, 'stations')}{_at_site(spec, operation.at[0])}"
    if operation.outside is not None:
        where = f"outside, {operation.outside}"
    full = f"{name} at {', '.join(operation.at)}"
    return graph.place(kind, name, (where, _does(operation)), key=f"operation {name}", full=full)


def _does(operation: Operation) -> str:
    if operation.makes is not None:
        return f"makes {operation.makes}"
    if operation.inspects is not None:
        return f"looks for {named(operation.inspects.looks_for, 'defects')}"
    return f"mends {named(operation.mends, 'defects')}" if operation.mends else ""


def _operations(graph: FlowGraph, spec: PlantSpec) -> None:
    carried = carried_to(spec).to
    for name, operation in spec.operations.items():
        place = _operation_place(graph, spec, name)
        for item in _taken_from_stock(spec, operation, carried.get(name, set())):
            _from_stock(graph, spec, item, operation.at, place)
        for item in operation.also_makes:
            _into_stock(graph, spec, item, operation.at, place)
    for name, operation in spec.operations.items():
        _ways_back(graph, spec, name, operation)


def _taken_from_stock(spec: PlantSpec, operation: Operation, brought: set[str]) -> list[str]:
    """Inputs that no load brings, what may stand in for them, and tools that have a genealogy."""
    items = [item for item in operation.inputs if item not in brought]
    items += [other for declared in operation.inputs.values() for other in declared.instead]
    machines = [spec.machines[station] for station in operation.at if station in spec.machines]
    tools = (tool.item for machine in machines for tool in machine.tools.values())
    return list(dict.fromkeys([*items, *(item for item in tools if item is not None)]))


def _ways_back(graph: FlowGraph, spec: PlantSpec, name: str, operation: Operation) -> None:
    place = f"operation {name}"
    if operation.inspects is not None and operation.inspects.rework is not None:
        graph.flow(place, f"operation {operation.inspects.rework}", "not good", FlowKind.REWORK)
    if operation.then is not None:
        graph.flow(place, f"operation {operation.then}", "mended", FlowKind.REWORK)
    elif operation.rework:
        for back in _senders(spec, name):
            graph.flow(place, f"operation {back}", "mended", FlowKind.REWORK)


def _senders(spec: PlantSpec, rework: str) -> Iterator[str]:
    """The inspections from which loads come to a rework, straight or by way of others."""
    seen, waiting = {rework}, [rework]
    while waiting:
        target = waiting.pop()
        for name, operation in spec.operations.items():
            if operation.inspects is not None and operation.inspects.rework == target and name not in seen:
                seen.add(name)
                yield name
            if operation.rework and operation.then == target and name not in seen:
                seen.add(name)
                waiting.append(name)


def _routes(graph: FlowGraph, spec: PlantSpec) -> None:
    for route, _, steps in steps_of(spec):
        for step, following in pairwise(steps):
            for name in operations_of(step):
                for other in operations_of(following):
                    graph.flow(f"operation {name}", f"operation {other}", route)
        for name in operations_of(steps[-1]):
            for item in items_made_by(spec, steps):
                if item in spec.packing:
                    graph.flow(f"operation {name}", _packing_place(graph, spec, item), item)
                else:
                    _into_stock(graph, spec, item, spec.operations[name].at, f"operation {name}")


# ---- what goes out


def _packing_place(graph: FlowGraph, spec: PlantSpec, item: str) -> str:
    packing = spec.packing[item]
    inner = f"{packing.units} × {packing.inner}" if packing.inner is not None else str(packing.units)
    place = graph.place(PlaceKind.CARRIERS, f"pack {item}", (f"at {packing.station}", inner), key=f"packing {item}")
    graph.flow(place, _store(graph, spec, packing.store), item)
    return place


def _store(graph: FlowGraph, spec: PlantSpec, station: str | None = None) -> str:
    assert spec.carriers is not None, "a sound plant with packing has carriers"
    store = station or spec.carriers.store
    lines = (f"carriers{_at_site(spec, store)}",)
    return graph.place(PlaceKind.CARRIERS, store, lines, key=f"carriers {store}")


def _transfers(graph: FlowGraph, spec: PlantSpec) -> None:
    for name, transfer in spec.transfers.items():
        ways = f"{transfer.ships_at} to {transfer.arrives_at}"
        place = graph.place(PlaceKind.TRANSFER, name, (ways, transfer.item), key=f"transfer {name}")
        source = _stock_place(graph, spec, transfer.source, transfer.item)
        target = _stock_place(graph, spec, transfer.target, transfer.item)
        graph.flow(source, place, transfer.item, FlowKind.TRANSFER)
        graph.flow(place, target, transfer.item, FlowKind.TRANSFER)


def _shipping(graph: FlowGraph, spec: PlantSpec) -> None:
    if spec.shipping is None or not spec.customers:
        return
    lines = (f"shipped at {spec.shipping.station}",)
    full = ", ".join(spec.customers)
    title = named(spec.customers, "customers")
    customers = graph.place(PlaceKind.CUSTOMERS, title, lines, key="customers", full=full)
    stores = [None, *(packing.store for packing in spec.packing.values())]
    for key in dict.fromkeys(f"carriers {store or _carriers_store(spec)}" for store in stores):
        if key in graph.places:
            graph.flow(key, customers, "carriers")


def _carriers_store(spec: PlantSpec) -> str:
    return spec.carriers.store if spec.carriers is not None else ""
