"""What must hold along the way of the material: every route leads on, every store can be filled, everything is reached.

What is found here would else show as a plant that stands still, hours into a run, without a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from plant_models.fault_list import FaultList
from plant_models.spec import PlantSpec
from plant_models.work import Step
from plant_models.work_mentions import items_made_by, operations_of, steps_of


@dataclass(slots=True)
class Carried:
    """What loads bring to each operation; an empty text is a load that carries nothing yet."""

    to: dict[str, set[str]] = field(default_factory=dict)

    def add(self, operation: str, items: set[str]) -> bool:
        """Note that loads bring ``items`` to ``operation``; whether that was news."""
        known = self.to.setdefault(operation, set())
        more = items - known
        known |= more
        return bool(more)


def check_flow(found: FaultList) -> None:
    """Add every fault of how material flows between operations, stocks and carriers."""
    carried = carried_to(found.spec)
    _routes(found, carried)
    _ways_back(found)
    _orders(found)
    _provided(found, carried)
    _stocks(found)
    _taken_up(found)
    _transfers(found)
    _carriers(found)
    _reached(found, carried)


def carried_to(spec: PlantSpec) -> Carried:
    """What loads bring to each operation that a route or a rework leads to."""
    carried = Carried()
    for _, _, steps in steps_of(spec):
        items = {""}
        for step in steps:
            after: set[str] = set()
            for name in operations_of(step):
                if name in spec.operations:
                    carried.add(name, items)
                    after |= _after(spec, name, items)
            items = after or items
    news = True
    while news:  # rework comes after what failed, and rework of rework after that
        news = False
        for name in list(carried.to):
            operation = spec.operations[name]
            ways = (operation.inspects.rework if operation.inspects is not None else None, operation.then)
            for way in ways:
                if way in spec.operations:
                    news |= carried.add(way, _after(spec, name, carried.to[name]))
    return carried


def _after(spec: PlantSpec, name: str, items: set[str]) -> set[str]:
    made = spec.operations[name].makes
    return {made} if made is not None else set(items)


# ---- routes, rework, orders


def _routes(found: FaultList, carried: Carried) -> None:
    spec = found.spec
    for _, path, steps in steps_of(spec):
        _first_step(found, path, steps[0])
        stands: dict[str, str] = {}
        for number, step in enumerate(steps):
            for name in operations_of(step):
                where = f"{path}[{number}]"
                if name in stands:
                    remedy = (
                        f"it stands at {stands[name]}; a way back is an operation with rework: true "
                        "that an inspection sends to, another pass an operation of its own"
                    )
                    found.add(where, "each operation once, as no rework declares a loop", name, remedy)
                stands.setdefault(name, where)
                if name in spec.operations and spec.operations[name].rework:
                    remedy = "leave it out here; inspections send to it"
                    found.add(where, "no rework among the steps, as it is a way back", name, remedy)
    for name, items in carried.to.items():
        _passed_on(found, name, items)


def _first_step(found: FaultList, path: str, step: Step) -> None:
    for name in operations_of(step):
        operation = found.spec.operations.get(name)
        if operation is not None and operation.makes is None:
            remedy = f"add makes, amount and inputs to operations.{name}, or let another operation be the first"
            found.add(f"{path}[0]", "a first operation that makes what orders ask for", name, remedy)


def _passed_on(found: FaultList, name: str, items: set[str]) -> None:
    """Whatever comes in must go into what is made."""
    operation = found.spec.operations[name]
    for item in sorted(items - {""} - operation.inputs.keys()) if operation.makes is not None else ():
        others = {one for declared in operation.inputs.values() for one in declared.instead}
        if item not in others and item in found.spec.items:
            remedy = f"add it to the inputs, or leave out makes where {name} only does something to it"
            found.add(
                f"$.operations.{name}.inputs", f"{item}, which loads bring here", sorted(operation.inputs), remedy
            )
    if operation.serial is not None and operation.makes is None:
        for item in sorted(items):
            if item in found.spec.items and not found.is_counted(item):
                unit = found.spec.items[item].unit
                expected, got = "a serial for units that are counted", f"{item} is counted in {unit}"
                found.add(f"$.operations.{name}.serial", expected, got, "use a lot where material is weighed")


def _ways_back(found: FaultList) -> None:
    """``then`` from rework to rework must come to an end."""
    operations = found.spec.operations
    for name, operation in operations.items():
        passed, at = [name], operation.then
        while at in operations and at not in passed and operations[at].rework:
            passed.append(at)
            at = operations[at].then
        if at == name:
            remedy = "leave out one then: the load returns to the operation it failed at"
            found.add(f"$.operations.{name}.then", "a way that leads forward", " to ".join([*passed, name]), remedy)


def _orders(found: FaultList) -> None:
    spec = found.spec
    started = {orders.route for orders in spec.orders.values()}
    for name in spec.routes:
        if name not in started:
            found.add(
                f"$.routes.{name}", "orders that start it", None, f"add orders with route: {name}, or leave it out"
            )
    for name, orders in spec.orders.items():
        path = f"$.orders.{name}"
        ways = {
            "every": orders.every is not None,
            "days": bool(orders.days),
            "when_below": orders.when_below is not None,
        }
        chosen = [way for way, is_given in ways.items() if is_given]
        if len(chosen) > 1 or (not chosen and "first" not in orders.model_fields_set):
            remedy = "leave out the others" if chosen else "say when orders come; first alone is a single order"
            got = " and ".join(chosen) or None
            found.add(path, "one of every, days with at, and when_below", got, remedy)
        if bool(orders.days) != (orders.at is not None):
            missing = "at" if orders.days else "days"
            found.add(f"{path}.{missing}", "days and at together", None, f"add {missing}:")
        if orders.every is not None and orders.every.mean == 0:
            found.add(f"{path}.every", "a time above 0 between orders", "0 s")


# ---- everything needed comes from somewhere


def site_of(spec: PlantSpec, station: str) -> str:
    """The site a station stands at; "" where the plant is one place."""
    place = spec.stations.get(station)
    location = spec.locations.get(place.location) if place is not None else None
    return (location.site if location is not None else None) or ""


def stocks_of(spec: PlantSpec, item: str) -> dict[str, str]:
    """The stocks that keep an item, each with its site."""
    return {name: site_of(spec, stock.station) for name, stock in spec.stocks.items() if item in stock.keeps}


def _provided(found: FaultList, carried: Carried) -> None:
    spec = found.spec
    for name, operation in spec.operations.items():
        for item, declared in operation.inputs.items() if name in carried.to else ():
            brought = item in carried.to[name]
            for one in (item, *declared.instead):
                if one in spec.items and not (brought and one == item):
                    _in_stock(found, f"$.operations.{name}.inputs.{item}", one, operation.at)
    for station, machine in spec.machines.items():
        for name, tool in machine.tools.items():
            if tool.item is not None and tool.item in spec.items:
                _in_stock(found, f"$.machines.{station}.tools.{name}.item", tool.item, [station])


def _in_stock(found: FaultList, path: str, item: str, stations: list[str]) -> None:
    spec = found.spec
    stocks = stocks_of(spec, item)
    if not stocks:
        remedy = "add it to the keeps of a stock, or let an earlier step make it"
        found.add(path, "an item that a stock keeps or that comes with the load", item, remedy)
        return
    for station in stations:
        site = site_of(spec, station)
        if station in spec.stations and site not in stocks.values():
            has = ", ".join(f"{stock} at {where}" for stock, where in stocks.items())
            remedy = f"it is in {has}: declare a stock at {site} and a transfer to it"
            found.add(path, f"a stock of {item} at {site}, where {station} stands", sorted(stocks), remedy)


def _stocks(found: FaultList) -> None:
    spec = found.spec
    for name, stock in spec.stocks.items():
        path = f"$.stocks.{name}"
        if (stock.policy == "nearest") != (stock.bins > 1):
            expected = "bins with policy nearest, and only there"
            found.add(
                f"{path}.bins", expected, f"{stock.policy}, {stock.bins} bins", "add bins: how many places there are"
            )
        for number, item in enumerate(stock.keeps):
            if item in stock.keeps[:number]:
                found.add(f"{path}.keeps[{number}]", "each item once", item)
            if item in spec.items and not _is_filled(spec, name, item):
                remedy = "add a supply, a route that ends with it, or a transfer; or leave it out of keeps"
                found.add(f"{path}.keeps[{number}]", "an item that comes in somehow", item, remedy)
            supply = spec.supplies.get(item)
            most = stock.capacity.get(item)
            if supply is not None and most is not None and most.unit == supply.lot.unit:
                if supply.reorder_below.value >= most.value:
                    expected, got = f"a reorder point below the capacity of {most}", str(supply.reorder_below)
                    found.add(f"$.supplies.{item}.reorder_below", expected, got, f"it could never be full in {name}")
                if supply.lot.value > most.value:
                    expected = f"a lot that {name} has room for, at most {most}"
                    found.add(f"$.supplies.{item}.lot", expected, str(supply.lot), "raise the capacity or order less")
    for item in spec.items:
        sites = list(stocks_of(spec, item).items())
        for stock_name, site in sites:
            first = next(other for other, where in sites if where == site)
            if first != stock_name and item in spec.items:
                expected = "an item that no other stock" + (f" at {site}" if site else "") + " keeps"
                path = f"$.stocks.{stock_name}.keeps[{spec.stocks[stock_name].keeps.index(item)}]"
                found.add(path, expected, item, f"{first} keeps it already")


def _is_filled(spec: PlantSpec, stock: str, item: str) -> bool:
    if item in spec.supplies or any(
        one.rework is not None and one.rework.item == item for one in spec.products.values()
    ):
        return True
    if any(one.target == stock and one.item == item for one in spec.transfers.values()):
        return True
    site = site_of(spec, spec.stocks[stock].station)
    return any(made == item and site_of(spec, where) == site for _, made, where in _made_for_stock(spec))


def _made_for_stock(spec: PlantSpec) -> Iterator[tuple[str, str, str]]:
    """Path, item and station of everything that leaves work: by-products, and what routes end with."""
    for name, operation in spec.operations.items():
        for item in operation.also_makes:
            yield from ((f"$.operations.{name}.also_makes.{item}", item, station) for station in operation.at)
    for _, path, steps in steps_of(spec):
        for item in items_made_by(spec, steps):
            last = steps[-1]
            at = [one for name in operations_of(last) if name in spec.operations for one in spec.operations[name].at]
            yield from ((path, item, station) for station in at)


# ---- everything made goes somewhere


def _taken_up(found: FaultList) -> None:
    spec = found.spec
    for path, item, station in _made_for_stock(spec):
        is_by_product = "also_makes" in path
        if item not in spec.items or station not in spec.stations or (item in spec.packing and not is_by_product):
            continue
        sites = stocks_of(spec, item)
        if site_of(spec, station) not in sites.values():
            here = f" at {site_of(spec, station)}" if sites else ""
            or_packing = "" if is_by_product else ", or to packing"
            remedy = f"add {item} to the keeps of a stock{here}{or_packing}"
            found.add(path, f"a stock{here} {'' if is_by_product else 'or packing '}that takes up {item}", None, remedy)
    made = {item for _, item, _ in _made_for_stock(spec)}
    for item, packing in spec.packing.items():
        path = f"$.packing.{item}"
        if item in spec.items and item not in made:
            remedy = f"a route must end with an operation that makes {item}"
            found.add(path, "an item that a route ends with", item, remedy)
        serials = any(one.serial is not None for one in spec.operations.values())
        if packing.by_serial and (not serials or not found.is_counted(item)):
            found.add(f"{path}.by_serial", "units with serials", item, "add serial: to the operation that makes them")


def _transfers(found: FaultList) -> None:
    spec = found.spec
    for name, transfer in spec.transfers.items():
        path = f"$.transfers.{name}"
        if transfer.source == transfer.target:
            found.add(f"{path}.target", "another stock than the source", transfer.target)
        for end in ("source", "target"):
            stock = spec.stocks.get(getattr(transfer, end))
            if stock is not None and transfer.item in spec.items and transfer.item not in stock.keeps:
                remedy = f"add it to keeps of stocks.{getattr(transfer, end)}"
                found.add(f"{path}.{end}", f"a stock that keeps {transfer.item}", getattr(transfer, end), remedy)


def _carriers(found: FaultList) -> None:
    spec = found.spec
    if spec.carriers is None and (spec.lines or spec.packing):
        remedy = "add carriers: {capacity, store}"
        found.add("$.carriers", "carriers, as products are packed onto them", None, remedy)
    if spec.shipping is None and spec.customers:
        found.add(
            "$.shipping", "shipping, as there are customers", None, "add shipping: station, policy, least_age, loading"
        )
    if spec.shipping is not None and not (spec.lines or spec.packing):
        found.add("$.shipping", "packing, as only carriers are shipped", None, "add packing: what goes onto carriers")
    if spec.products and spec.plan is None:
        found.add("$.plan", "a plan of what is made", None, "add plan: release_at, give_up_after, week")


# ---- everything is reached


def _reached(found: FaultList, carried: Carried) -> None:
    spec = found.spec
    for name, operation in spec.operations.items():
        if name not in carried.to:
            expected = "an inspection or a then that leads here" if operation.rework else "a route that leads here"
            remedy = f"send to it with rework: {name}" if operation.rework else "add it to the steps of a route"
            found.add(f"$.operations.{name}", expected, None, f"{remedy}, or leave it out")
    used = set(stations_used(spec))
    for name in spec.stations:
        if name not in used:
            expected = "something that happens there: an operation, a stock, packing"
            found.add(
                f"$.stations.{name}", expected, None, f"add at: [{name}] to an operation, or leave the station out"
            )
    working = {station for operation in spec.operations.values() for station in operation.at}
    for name in spec.machines:
        if name in spec.stations and name not in working:
            remedy = f"add {name} to at: of an operation, or leave the machine out"
            found.add(f"$.machines.{name}", "an operation that works here", None, remedy)
    named = {location.site for location in spec.locations.values()}
    for name in spec.sites:
        if name not in named:
            found.add(f"$.sites.{name}", "a location at this site", None, f"add site: {name} to a location")


def stations_used(spec: PlantSpec) -> Iterator[str]:
    """Every station at which something happens; some more than once."""
    for operation in spec.operations.values():
        yield from operation.at
    for station, feeders in spec.feeders.items():
        yield from (station, *feeders.slots)
    yield from (stock.station for stock in spec.stocks.values())
    for packing in spec.packing.values():
        yield from (one for one in (packing.station, packing.store, packing.ships_at) if one is not None)
    yield from (signal.station for signal in spec.signals.values())
    for transfer in spec.transfers.values():
        yield from (transfer.ships_at, transfer.arrives_at)
    for collecting in spec.collecting.values():
        yield from (collecting.station, *collecting.vehicles)
    yield from (group.station for group in spec.vessels.values())
    for process in spec.processes.values():
        yield from (process.station, process.tank_station)
    for line in spec.lines.values():
        yield from (line.station, line.palletiser)
    if spec.carriers is not None:
        yield spec.carriers.store
    if spec.shipping is not None:
        yield spec.shipping.station
