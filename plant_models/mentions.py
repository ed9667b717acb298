"""Where in the special parts of a plant file names, amounts and slots stand, and what each must refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from plant_models.amounts import Amount, Rate
from plant_models.spec import Collecting, Line, PlantSpec, Product, SpreadSpec

_Named: TypeAlias = tuple[str, str, Mapping[str, object], str]
_Counted: TypeAlias = tuple[str, Amount | Rate, str]


def names_in(spec: PlantSpec) -> Iterator[_Named]:
    """Every place that names something declared elsewhere: path, name, the declared ones, what kind they are."""
    yield from _names_of_sources(spec)
    yield from _names_of_processes(spec)
    yield from _names_of_lines(spec)
    if spec.carriers is not None:
        yield ("$.carriers.store", spec.carriers.store, spec.stations, "station")
    if spec.shipping is not None:
        yield ("$.shipping.station", spec.shipping.station, spec.stations, "station")
    for name, test in spec.tests.items():
        yield (f"$.tests.{name}.reason", test.reason, spec.reasons, "reason")


def _names_of_sources(spec: PlantSpec) -> Iterator[_Named]:
    for name, stock in spec.stocks.items():
        yield (f"$.stocks.{name}.station", stock.station, spec.stations, "station")
        yield (f"$.stocks.{name}.expired_reason", stock.expired_reason, spec.reasons, "reason")
        for number, item in enumerate(stock.keeps):
            yield (f"$.stocks.{name}.keeps[{number}]", item, spec.items, "item")
    for item, supply in spec.supplies.items():
        yield (f"$.supplies.{item}", item, spec.items, "item")
        yield (f"$.supplies.{item}.lot_code", supply.lot_code, spec.lot_codes, "lot-code rule")
        for number, supplier in enumerate(supply.suppliers):
            yield (f"$.supplies.{item}.suppliers[{number}]", supplier, spec.suppliers, "supplier")
    for name, collecting in spec.collecting.items():
        yield from _names_of_collecting(spec, f"$.collecting.{name}", collecting)
    for name, group in spec.vessels.items():
        yield (f"$.vessels.{name}.holds", group.holds, spec.items, "item")
        yield (f"$.vessels.{name}.station", group.station, spec.stations, "station")


def _names_of_collecting(spec: PlantSpec, path: str, collecting: Collecting) -> Iterator[_Named]:
    yield (f"{path}.collects", collecting.collects, spec.items, "item")
    yield (f"{path}.makes", collecting.makes, spec.items, "item")
    yield (f"{path}.collected_code", collecting.collected_code, spec.lot_codes, "lot-code rule")
    yield (f"{path}.made_code", collecting.made_code, spec.lot_codes, "lot-code rule")
    yield (f"{path}.station", collecting.station, spec.stations, "station")
    yield (f"{path}.test", collecting.test, spec.tests, "test")
    yield (f"{path}.unloads_to", collecting.unloads_to, spec.vessels, "group of vessels")
    for vehicle in collecting.vehicles:
        yield (f"{path}.vehicles.{vehicle}", vehicle, spec.stations, "station")
    for number, one in enumerate(collecting.rounds):
        yield (f"{path}.rounds[{number}].vehicle", one.vehicle, collecting.vehicles, "vehicle")
        for place, supplier in enumerate(one.suppliers):
            yield (f"{path}.rounds[{number}].suppliers[{place}]", supplier, spec.suppliers, "supplier")


def _names_of_processes(spec: PlantSpec) -> Iterator[_Named]:
    for name, recipe in spec.recipes.items():
        yield (f"$.recipes.{name}.makes", recipe.makes, spec.items, "item")
        yield (f"$.recipes.{name}.fills_up_with", recipe.fills_up_with, spec.items, "item")
        for item in recipe.inputs:
            yield (f"$.recipes.{name}.inputs.{item}", item, spec.items, "item")
    for name, process in spec.processes.items():
        yield (f"$.processes.{name}.station", process.station, spec.stations, "station")
        yield (f"$.processes.{name}.tank_station", process.tank_station, spec.stations, "station")
        yield (f"$.processes.{name}.draws_from", process.draws_from, spec.vessels, "group of vessels")
        yield (f"$.processes.{name}.lot_code", process.lot_code, spec.lot_codes, "lot-code rule")
        for number, recipe_name in enumerate(process.recipes):
            yield (f"$.processes.{name}.recipes[{number}]", recipe_name, spec.recipes, "recipe")


def _names_of_lines(spec: PlantSpec) -> Iterator[_Named]:
    for name, product in spec.products.items():
        path = f"$.products.{name}"
        yield (f"{path}.item", product.item, spec.items, "item")
        yield (f"{path}.process", product.process, spec.processes, "process")
        yield (f"{path}.recipe", product.recipe, spec.recipes, "recipe")
        for number, part in enumerate(product.inputs):
            yield (f"{path}.inputs[{number}].item", part.item, spec.items, "item")
        for number, line in enumerate(product.lines):
            yield (f"{path}.lines[{number}]", line, spec.lines, "line")
        if product.rework is not None:
            yield (f"{path}.rework.item", product.rework.item, spec.items, "item")
            yield (f"{path}.rework.lot_code", product.rework.lot_code, spec.lot_codes, "lot-code rule")
            yield (f"{path}.rework.limit_reason", product.rework.limit_reason, spec.reasons, "reason")
    for name, one in spec.lines.items():
        path = f"$.lines.{name}"
        yield (f"{path}.station", one.station, spec.stations, "station")
        yield (f"{path}.palletiser", one.palletiser, spec.stations, "station")
        yield (f"{path}.lot_code", one.lot_code, spec.lot_codes, "lot-code rule")
        yield (f"{path}.remainder_reason", one.remainder_reason, spec.reasons, "reason")
        if one.sampling is not None:
            yield (f"{path}.sampling.test", one.sampling.test, spec.tests, "test")
            yield (f"{path}.sampling.reason", one.sampling.reason, spec.reasons, "reason")


def new_equipment(spec: PlantSpec) -> Iterator[tuple[str, str]]:
    """Path and name of all equipment that is no station: vessels, tanks, feeder slots, tools that a device reports."""
    for name, group in spec.vessels.items():
        yield from ((f"$.vessels.{name}.members.{member}", member) for member in group.members)
    for name, process in spec.processes.items():
        yield from ((f"$.processes.{name}.tanks.members[{n}]", tank) for n, tank in enumerate(process.tanks.members))
    for station, feeders in spec.feeders.items():
        yield from ((f"$.feeders.{station}.slots.{slot}", slot) for slot in feeders.slots)
    reported = {slot for device in spec.devices.values() for slot in device.slots}
    for station, machine in spec.machines.items():
        tools = (name for name, tool in machine.tools.items() if tool.item is not None and name in reported)
        yield from ((f"$.machines.{station}.tools.{name}", name) for name in tools)


def amounts_in(spec: PlantSpec) -> Iterator[_Counted]:
    """Every amount or rate of an item: path, amount, item."""
    yield from _amounts_of_sources(spec)
    for name, recipe in spec.recipes.items():
        yield (f"$.recipes.{name}.batch", recipe.batch, recipe.makes)
        for item, amount in recipe.inputs.items():
            yield (f"$.recipes.{name}.inputs.{item}", amount, item)
    for name, product in spec.products.items():
        yield from _amounts_of_product(spec, f"$.products.{name}", product)


def _amounts_of_sources(spec: PlantSpec) -> Iterator[_Counted]:
    for item, supply in spec.supplies.items():
        for field in ("lot", "container", "reorder_below"):
            yield (f"$.supplies.{item}.{field}", getattr(supply, field), item)
    for name, collecting in spec.collecting.items():
        yield (f"$.collecting.{name}.pumping", collecting.pumping, collecting.collects)
        yield (f"$.collecting.{name}.unloading", collecting.unloading, collecting.makes)
        for vehicle, declared in collecting.vehicles.items():
            yield (f"$.collecting.{name}.vehicles.{vehicle}.capacity", declared.capacity, collecting.makes)
    for name, group in spec.vessels.items():
        yield (f"$.vessels.{name}.heel", group.heel, group.holds)
        for member, capacity in group.members.items():
            yield (f"$.vessels.{name}.members.{member}", capacity, group.holds)


def _amounts_of_product(spec: PlantSpec, path: str, product: Product) -> Iterator[_Counted]:
    for number, part in enumerate(product.inputs):
        yield (f"{path}.inputs[{number}].quantity", part.quantity, part.item)
    if product.recipe in spec.recipes:
        yield (f"{path}.takes", product.takes, spec.recipes[product.recipe].makes)
    if spec.shipping is not None and spec.shipping.keeps is not None:
        yield ("$.shipping.keeps", spec.shipping.keeps, product.item)
    if spec.carriers is not None:
        yield ("$.carriers.capacity", spec.carriers.capacity, product.item)
    if product.rework is not None:
        yield (f"{path}.rework.up_to", product.rework.up_to, product.rework.item)
    for line in product.lines:
        if line in spec.lines:
            yield from _amounts_of_line(f"$.lines.{line}", spec.lines[line], product.item)


def _amounts_of_line(path: str, line: Line, item: str) -> Iterator[_Counted]:
    yield (f"{path}.flow", line.flow, item)
    yield (f"{path}.smallest_run", line.smallest_run, item)
    yield (f"{path}.first_check", line.first_check, item)
    if line.sampling is not None:
        yield (f"{path}.sampling.quantity", line.sampling.quantity, item)


def spreads_in(spec: PlantSpec) -> Iterator[tuple[str, SpreadSpec]]:
    """Path and value of every spread."""
    for name, collecting in spec.collecting.items():
        yield (f"$.collecting.{name}.amount", collecting.amount)
    for name, supplier in spec.suppliers.items():
        if supplier.amount is not None:
            yield (f"$.suppliers.{name}.amount", supplier.amount)


def slots_needed(spec: PlantSpec) -> Iterator[tuple[str, str, str]]:
    """Path, station that reports, and the slot it must be able to name."""
    for name, collecting in spec.collecting.items():
        for vehicle in collecting.vehicles:
            yield (f"$.collecting.{name}.vehicles.{vehicle}", collecting.station, vehicle)
        for member in spec.vessels[collecting.unloads_to].members if collecting.unloads_to in spec.vessels else ():
            yield (f"$.collecting.{name}.station", collecting.station, member)
    for name, group in spec.vessels.items():
        for member in group.members:
            yield (f"$.vessels.{name}.station", group.station, member)
    for name, process in spec.processes.items():
        yield (f"$.processes.{name}.station", process.station, process.station)
        for member in spec.vessels[process.draws_from].members if process.draws_from in spec.vessels else ():
            yield (f"$.processes.{name}.station", process.station, member)
        for tank in process.tanks.members:
            yield (f"$.processes.{name}.tank_station", process.tank_station, tank)
    for name, line in spec.lines.items():
        yield (f"$.lines.{name}.station", line.station, line.station)


def code_uses(spec: PlantSpec) -> Iterator[tuple[str, str, set[str]]]:
    """Every use of a lot-code rule: path, rule, the words the engine can give there."""
    for item, supply in spec.supplies.items():
        yield (f"$.supplies.{item}.lot_code", supply.lot_code, {"supplier"})
    for name, collecting in spec.collecting.items():
        yield (f"$.collecting.{name}.collected_code", collecting.collected_code, {"supplier"})
        yield (f"$.collecting.{name}.made_code", collecting.made_code, set())
    for name, process in spec.processes.items():
        yield (f"$.processes.{name}.lot_code", process.lot_code, set())
    for name, line in spec.lines.items():
        yield (f"$.lines.{name}.lot_code", line.lot_code, {"line"})
    for name, product in spec.products.items():
        if product.rework is not None:
            yield (f"$.products.{name}.rework.lot_code", product.rework.lot_code, {"line"})


def stock_needs(spec: PlantSpec) -> Iterator[tuple[str, str]]:
    """Path and item of everything that is taken from stock."""
    for name, recipe in spec.recipes.items():
        yield from ((f"$.recipes.{name}.inputs.{item}", item) for item in recipe.inputs)
    for name, product in spec.products.items():
        yield from ((f"$.products.{name}.inputs[{n}].item", part.item) for n, part in enumerate(product.inputs))
