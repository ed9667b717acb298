"""Where in the declarations of work names, amounts, slots and lot-code rules stand, and what each must refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeVar

from pydantic import BaseModel

from plant_models.amounts import Amount
from plant_models.spec import PlantSpec
from plant_models.work import Inspection, Machine, Operation, Step

_Named: TypeAlias = tuple[str, str, Mapping[str, object], str]
_Counted: TypeAlias = tuple[str, Amount, str]
_T = TypeVar("_T", bound=BaseModel)

WORDS_OF_WORK = frozenset({"station", "line", "item", "site"})
"""What the engine gives the code of what an operation makes or a site relabels.

``station`` and ``line`` are the device's number of the station, ``item`` the last digits of the GTIN, ``site`` the
place of the site in the file; each with leading zeros to the width of the rule's word. A lot that begins with a load or
charge of a collecting machine also knows ``charge``, the count of the day at that station, and a load its ``position``.
"""


def operations_of(step: Step) -> tuple[str, ...]:
    """The operations a step of a route may be: one, or its alternatives."""
    return (step,) if isinstance(step, str) else tuple(step)


def steps_of(spec: PlantSpec) -> Iterator[tuple[str, str, list[Step]]]:
    """Route, path and steps of every route, and of every other one it changes to."""
    for name, route in spec.routes.items():
        yield name, f"$.routes.{name}.steps", route.steps
        for number, change in enumerate(route.changes):
            yield name, f"$.routes.{name}.changes[{number}].steps", change.steps


def parts_of(value: object, kind: type[_T], path: str = "$") -> Iterator[tuple[str, _T]]:
    """Path and value of every part of one kind, however deep it stands."""
    if isinstance(value, kind):
        yield path, value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from parts_of(getattr(value, name), kind, f"{path}.{name}")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from parts_of(one, kind, f"{path}.{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from parts_of(one, kind, f"{path}[{number}]")


# ---- names


def names_of_work(spec: PlantSpec) -> Iterator[_Named]:
    """Every place in the declarations of work that names something declared elsewhere."""
    yield from _names_of_places(spec)
    yield from _names_of_customers(spec)
    for name, machine in spec.machines.items():
        yield (f"$.machines.{name}", name, spec.stations, "station")
        yield from _names_of_machine(spec, f"$.machines.{name}", machine)
    for name, operation in spec.operations.items():
        yield from _names_of_operation(spec, f"$.operations.{name}", operation)
    for _, path, steps in steps_of(spec):
        for number, step in enumerate(steps):
            yield from ((f"{path}[{number}]", one, spec.operations, "operation") for one in operations_of(step))
    for name, orders in spec.orders.items():
        yield (f"$.orders.{name}.route", orders.route, spec.routes, "route")
    yield from _names_of_supply_to_work(spec)


def _names_of_places(spec: PlantSpec) -> Iterator[_Named]:
    examined = {name: one for name, one in spec.operations.items() if one.inspects is not None}
    for name, item in spec.items.items():
        if item.needs_release is not None:
            tests = {**spec.tests, **examined}
            yield (f"$.items.{name}.needs_release", item.needs_release, tests, "test or operation that inspects")
    for name, location in spec.locations.items():
        if location.site is not None:
            yield (f"$.locations.{name}.site", location.site, spec.sites, "site")
    for name, stock in spec.stocks.items():
        kept = dict.fromkeys(stock.keeps)
        yield from (
            (f"$.stocks.{name}.capacity.{item}", item, kept, f"item that {name} keeps") for item in stock.capacity
        )


def _names_of_customers(spec: PlantSpec) -> Iterator[_Named]:
    sold = dict.fromkeys((*spec.packing, *(one.item for one in spec.products.values())))
    for name, customer in spec.customers.items():
        for number, item in enumerate(customer.items):
            yield (f"$.customers.{name}.items[{number}]", item, sold, "item that is packed")


def _names_of_machine(spec: PlantSpec, path: str, machine: Machine) -> Iterator[_Named]:
    if machine.open is not None:
        yield (f"{path}.open", machine.open, spec.shifts, "name among the shifts")
    crews = [(f"{path}.breakdowns[{number}].crew", one.crew) for number, one in enumerate(machine.breakdowns)]
    crews += [(f"{path}.tools.{name}.crew", tool.crew) for name, tool in machine.tools.items()]
    crews += [(f"{path}.set_up.crew", machine.set_up.crew)] if machine.set_up is not None else []
    yield from ((where, crew, spec.crews, "crew") for where, crew in crews if crew is not None)
    for number, one in enumerate(machine.breakdowns):
        if one.reason is not None:
            yield (f"{path}.breakdowns[{number}].reason", one.reason, spec.reasons, "reason")
    for name, tool in machine.tools.items():
        if tool.item is not None:
            yield (f"{path}.tools.{name}.item", tool.item, spec.items, "item")


def _names_of_operation(spec: PlantSpec, path: str, operation: Operation) -> Iterator[_Named]:
    yield from ((f"{path}.at[{number}]", one, spec.stations, "station") for number, one in enumerate(operation.at))
    if operation.makes is not None:
        yield (f"{path}.makes", operation.makes, spec.items, "item")
    for item, declared in operation.inputs.items():
        yield (f"{path}.inputs.{item}", item, spec.items, "item")
        for number, other in enumerate(declared.instead):
            yield (f"{path}.inputs.{item}.instead[{number}]", other, spec.items, "item")
    yield from ((f"{path}.also_makes.{item}", item, spec.items, "item") for item in operation.also_makes)
    for where, rule in rules_of(path, operation):
        yield (where, rule, spec.lot_codes, "lot-code rule")
    if operation.scrap_reason is not None:
        yield (f"{path}.scrap_reason", operation.scrap_reason, spec.reasons, "reason")
    if operation.then is not None:
        yield (f"{path}.then", operation.then, spec.operations, "operation")
    if operation.outside is not None:
        yield (f"{path}.outside", operation.outside, spec.suppliers, "supplier")
    flaws = defects_made(spec)
    yield from (
        (f"{path}.mends[{n}]", one, flaws, "defect that something makes") for n, one in enumerate(operation.mends)
    )
    for flaw, defect in operation.defects.items():
        if defect.of is not None:
            yield (f"{path}.defects.{flaw}.of", defect.of, operation.inputs, "input of the operation")
    if operation.inspects is not None:
        yield from _names_of_inspection(spec, f"{path}.inspects", operation.inspects, flaws)


def _names_of_inspection(
    spec: PlantSpec, path: str, inspection: Inspection, flaws: Mapping[str, object]
) -> Iterator[_Named]:
    for number, flaw in enumerate(inspection.looks_for):
        yield (f"{path}.looks_for[{number}]", flaw, flaws, "defect that something makes")
    yield (f"{path}.reason", inspection.reason, spec.reasons, "reason")
    if inspection.sample_reason is not None:
        yield (f"{path}.sample_reason", inspection.sample_reason, spec.reasons, "reason")
    if inspection.rework is not None:
        yield (f"{path}.rework", inspection.rework, spec.operations, "operation")


def _names_of_supply_to_work(spec: PlantSpec) -> Iterator[_Named]:
    for name, feeders in spec.feeders.items():
        yield (f"$.feeders.{name}", name, spec.stations, "station")
        yield from (
            (f"$.feeders.{name}.slots.{slot}", item, spec.items, "item") for slot, item in feeders.slots.items()
        )
    for name, transfer in spec.transfers.items():
        path = f"$.transfers.{name}"
        yield (f"{path}.item", transfer.item, spec.items, "item")
        yield (f"{path}.source", transfer.source, spec.stocks, "stock")
        yield (f"{path}.target", transfer.target, spec.stocks, "stock")
        yield (f"{path}.ships_at", transfer.ships_at, spec.stations, "station")
        yield (f"{path}.arrives_at", transfer.arrives_at, spec.stations, "station")
        if transfer.relabel is not None:
            yield (f"{path}.relabel", transfer.relabel, spec.lot_codes, "lot-code rule")
    for name, signal in spec.signals.items():
        yield (f"$.signals.{name}.station", signal.station, spec.stations, "station")
    for item, packing in spec.packing.items():
        yield (f"$.packing.{item}", item, spec.items, "item")
        yield (f"$.packing.{item}.station", packing.station, spec.stations, "station")
        for key in ("store", "ships_at"):
            if (station := getattr(packing, key)) is not None:
                yield (f"$.packing.{item}.{key}", station, spec.stations, "station")


def defects_made(spec: PlantSpec) -> dict[str, str]:
    """Every defect that an operation, a furnace or a signal makes, and where it is declared."""
    found: dict[str, str] = {}
    for name, operation in spec.operations.items():
        for flaw in operation.defects:
            found.setdefault(flaw, f"$.operations.{name}.defects.{flaw}")
    for name, machine in spec.machines.items():
        if machine.collects is not None and machine.collects.defect is not None:
            found.setdefault(machine.collects.defect, f"$.machines.{name}.collects.defect")
    for name, signal in spec.signals.items():
        if signal.defect is not None:
            found.setdefault(signal.defect, f"$.signals.{name}.defect")
    return found


# ---- amounts


def amounts_of_work(spec: PlantSpec) -> Iterator[_Counted]:
    """Every amount of an item in the declarations of work: path, amount, item."""
    for name, stock in spec.stocks.items():
        yield from ((f"$.stocks.{name}.capacity.{item}", amount, item) for item, amount in stock.capacity.items())
    for name, operation in spec.operations.items():
        yield from _amounts_of_operation(f"$.operations.{name}", operation)
    for name, orders in spec.orders.items():
        route = spec.routes.get(orders.route)
        for item in items_made_at(spec, route.steps[0]) if route is not None else ():
            yield (f"$.orders.{name}.amount", orders.amount, item)
        if route is not None and orders.when_below is not None:
            for item in items_made_by(spec, route.steps):
                yield (f"$.orders.{name}.when_below", orders.when_below, item)
    for name, transfer in spec.transfers.items():
        yield (f"$.transfers.{name}.most", transfer.most, transfer.item)
    for item, packing in spec.packing.items():
        yield (f"$.packing.{item}.units", packing.units, item)


def _amounts_of_operation(path: str, operation: Operation) -> Iterator[_Counted]:
    for item, declared in operation.inputs.items():
        if declared.quantity is not None:
            yield (f"{path}.inputs.{item}.quantity", declared.quantity, item)
    yield from ((f"{path}.also_makes.{item}", amount, item) for item, amount in operation.also_makes.items())
    if operation.makes is None:
        return
    of_what_it_makes = {"amount": operation.amount, "load": operation.load, "heel": operation.heel}
    if operation.lot is not None:
        of_what_it_makes["lot.size"] = operation.lot.size
    for field, amount in of_what_it_makes.items():
        if amount is not None:
            yield (f"{path}.{field}", amount, operation.makes)


def items_made_at(spec: PlantSpec, step: Step) -> tuple[str, ...]:
    """What the operations of a step make, each item once."""
    made = (spec.operations[one].makes for one in operations_of(step) if one in spec.operations)
    return tuple(dict.fromkeys(item for item in made if item is not None))


def items_made_by(spec: PlantSpec, steps: list[Step]) -> tuple[str, ...]:
    """What comes out at the end of a route: what the last step makes that makes anything."""
    return next((made for step in reversed(steps) if (made := items_made_at(spec, step))), ())


# ---- slots and lot codes


def slots_of_work(spec: PlantSpec) -> Iterator[tuple[str, str, str]]:
    """Path, station that reports, and the feeder slot it must be able to name."""
    for station, feeders in spec.feeders.items():
        yield from ((f"$.feeders.{station}.slots.{slot}", station, slot) for slot in feeders.slots)


def rules_of(path: str, operation: Operation) -> Iterator[tuple[str, str]]:
    """Path and name of every lot-code rule an operation uses."""
    if operation.lot is not None:
        yield (f"{path}.lot.code", operation.lot.code)
    if operation.serial is not None:
        yield (f"{path}.serial", operation.serial)
    if operation.also_code is not None:
        yield (f"{path}.also_code", operation.also_code)


def codes_of_work(spec: PlantSpec) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Every use of a lot-code rule: path, rule, the words the engine can give there."""
    words = WORDS_OF_WORK if spec.sites else WORDS_OF_WORK - {"site"}
    for name, operation in spec.operations.items():
        path = f"$.operations.{name}"
        for where, rule in rules_of(path, operation):
            of_charge = _words_of_charge(spec, operation) if where == f"{path}.lot.code" else frozenset()
            yield (where, rule, words | of_charge)
    for name, transfer in spec.transfers.items():
        if transfer.relabel is not None:
            yield (f"$.transfers.{name}.relabel", transfer.relabel, words)


def _words_of_charge(spec: PlantSpec, operation: Operation) -> frozenset[str]:
    """``charge`` where every station of ``operation`` collects loads, ``position`` where each load has its own."""
    collects = [spec.machines[one].collects if one in spec.machines else None for one in operation.at]
    if None in collects:
        return frozenset()
    begins = operation.lot.begins if operation.lot is not None else ""
    each_has_one = begins == "load" and all(one is not None and one.positions for one in collects)
    return frozenset({"charge", "position"} if each_has_one else {"charge"})
