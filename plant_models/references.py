"""What must hold between the parts of a plant file: names that exist, units that fit, masses that balance.

Every check adds its faults to one list, so that a file is mended in one round.
"""

from __future__ import annotations

import re
from decimal import Decimal

from plant_models.amounts import Amount
from plant_models.code_checks import MAX_BADGE_BYTES, check_codes
from plant_models.fault_list import FaultList
from plant_models.flow_checks import check_flow
from plant_models.machine_checks import check_machines
from plant_models.mentions import (
    amounts_in,
    names_in,
    new_equipment,
    slots_needed,
    spreads_in,
    stock_needs,
)
from plant_models.operation_checks import check_operations
from plant_models.spec import PlantSpec, Product
from plant_models.work_mentions import amounts_of_work, names_of_work, slots_of_work
from trace_core.errors import Fault, near_names
from trace_core.vocabulary.unit_table import UNITS


def faults_between(spec: PlantSpec) -> list[Fault]:
    """Every fault in how the parts of ``spec`` fit together, in the order of the file."""
    check = _Check(spec)
    for step in (
        check.names_used,
        check.quantities,
        check.devices,
        check.people,
        check.recipes,
        check.products,
        check.flow,
        check.vessels,
        check.plan,
    ):
        step()
    check_codes(check)
    check_machines(check)
    check_operations(check)
    check_flow(check)
    return check.faults


_PACKAGE = re.compile(r"[A-Z][A-Z0-9]")
"""Recommendation 21 has hundreds of packages; our table holds those that are frequent."""


class _Check(FaultList):
    # ---- names

    def names_used(self) -> None:
        spec = self.spec
        self.known("$.recall_unit", spec.recall_unit, spec.units, "unit")
        self.known("$.mass_unit", spec.mass_unit, spec.units, "unit")
        for path, name, names, kind in (*names_in(spec), *names_of_work(spec)):
            self.known(path, name, names, kind)
        for path, name in new_equipment(spec):
            if name in spec.stations:
                self.add(path, "a name no other equipment has", name, "a station has it already")
        seen: dict[str, str] = {}
        for path, name in new_equipment(spec):
            if name in seen:
                self.add(path, "a name no other equipment has", name, f"it stands at {seen[name]} already")
            seen.setdefault(name, path)
        self._stations_and_places()
        gtins: dict[str, str] = {}
        for name, item in spec.items.items():
            if item.gtin in gtins:
                self.add(f"$.items.{name}.gtin", "a GTIN no other item has", item.gtin, f"{gtins[item.gtin]} has it")
            gtins.setdefault(item.gtin, name)

    def _stations_and_places(self) -> None:
        spec = self.spec
        titles: dict[str, str] = {}
        for name, station in spec.stations.items():
            if station.name in titles:
                remedy = f"{titles[station.name]} has it; people could not tell them apart"
                self.add(f"$.stations.{name}.name", "a name no other station has", station.name, remedy)
            titles.setdefault(station.name, name)
        for name, location in spec.locations.items():
            if spec.sites and location.site is None:
                remedy = f"add site: {' or '.join(list(spec.sites)[:2])}"
                self.add(f"$.locations.{name}.site", "a site, as the plant has several", None, remedy)

    # ---- quantities

    def quantities(self) -> None:
        spec = self.spec
        for name, unit in spec.units.items():
            if unit.code not in UNITS and not _PACKAGE.fullmatch(unit.code):
                near = near_names(name, (one.name for one in UNITS.values()), limit=1)
                codes = [code for code, one in UNITS.items() if one.name in near]
                remedy = f"did you mean {codes[0]} ({near[0]})?" if codes else "KGM is kg, H87 a piece, BX a box"
                self.add(f"$.units.{name}.code", "a code of UN/ECE Recommendation 20 or 21", unit.code, remedy)
        for name, item in spec.items.items():
            path = f"$.items.{name}"
            if not self.known(f"{path}.unit", item.unit, spec.units, "unit"):
                continue
            if item.mass is None and item.unit != spec.mass_unit:
                self.add(f"{path}.mass", f"the mass of one {item.unit} in {spec.mass_unit}", None)
            elif item.mass is not None and item.unit == spec.mass_unit:
                self.add(f"{path}.mass", f"no mass, as {item.unit} is the plant's unit of mass", str(item.mass))
            elif item.mass is not None and item.mass.unit != spec.mass_unit:
                self.add(f"{path}.mass", f"a mass in {spec.mass_unit}", str(item.mass))
            elif item.mass is not None and not self._is_counted(item.mass, item.unit):
                expected = f"a mass that is counted exactly for the smallest amount of {item.unit}"
                self.add(f"{path}.mass", expected, str(item.mass), f"give {spec.mass_unit} more decimals")
        for path, amount, name in (*amounts_in(spec), *amounts_of_work(spec)):
            self.in_unit_of(path, amount, name)
        for path, spread in spreads_in(spec):
            if not spread.least.value <= spread.mean.value <= spread.most.value:
                self.add(path, "least <= mean <= most", f"{spread.least}, {spread.mean}, {spread.most}")

    def _is_counted(self, mass: Amount, unit: str) -> bool:
        units = self.spec.units
        finest = units[mass.unit].decimals - units[unit].decimals if mass.unit in units else 0
        return mass.value == round(mass.value, finest)

    # ---- devices

    def devices(self) -> None:
        spec = self.spec
        reporters: dict[str, str] = {}
        places = {name for _, name in new_equipment(spec)} | set(spec.stations)
        for device, declared in spec.devices.items():
            path = f"$.devices.{device}"
            for station in declared.stations:
                if station in reporters:
                    remedy = f"{reporters[station]} reports for it"
                    self.add(f"{path}.stations.{station}", "a station no other device reports for", station, remedy)
                reporters.setdefault(station, device)
                self.known(f"{path}.stations.{station}", station, spec.stations, "station")
            for slot in declared.slots:
                self.known(f"{path}.slots.{slot}", slot, places, "vessel, feeder slot, tool from stock or station")
            for station in declared.measures:
                self.known(f"{path}.measures.{station}", station, declared.stations, "station of this device")
            for part, numbers in (("stations", declared.stations), ("slots", declared.slots)):
                if len(set(numbers.values())) < len(numbers):
                    self.add(f"{path}.{part}", "a different number for each", sorted(numbers.values()))
        self._reported(reporters)

    def _reported(self, reporters: dict[str, str]) -> None:
        """Every station has a device that reports for it, and that device knows the slots it must name."""
        spec = self.spec
        for name, declared in spec.stations.items():
            self.known(f"$.stations.{name}.location", declared.location, spec.locations, "location")
            if name not in reporters:
                remedy = "add it under a device's stations"
                self.add(f"$.stations.{name}", "a device that reports for it", None, remedy)
        for path, station, slot in (*slots_needed(spec), *slots_of_work(spec)):
            device = reporters.get(station, "")
            if device and slot not in spec.devices[device].slots:
                self.add(path, f"{slot} among the slots of device {device}", sorted(spec.devices[device].slots))

    # ---- people

    def people(self) -> None:
        badges: set[str] = set()
        for number, operator in enumerate(self.spec.operators):
            path = f"$.operators[{number}].badge"
            if len(operator.badge.encode()) > MAX_BADGE_BYTES:
                self.add(path, f"at most {MAX_BADGE_BYTES} bytes of UTF-8", operator.badge)
            if operator.badge in badges:
                self.add(path, "a badge no other operator has", operator.badge)
            badges.add(operator.badge)
        codes: dict[str, str] = {}
        for name, supplier in self.spec.suppliers.items():
            if supplier.code in codes:
                self.add(f"$.suppliers.{name}.code", "a code no other supplier has", supplier.code)
            codes[supplier.code] = name

    # ---- balances

    def recipes(self) -> None:
        for name, recipe in self.spec.recipes.items():
            fixed = sum((amount.value for amount in recipe.inputs.values()), Decimal(0))
            if fixed >= recipe.batch.value:
                expected = f"inputs that together stay below the batch of {recipe.batch}"
                self.add(f"$.recipes.{name}.inputs", expected, f"{fixed} {recipe.batch.unit}")
            if recipe.fills_up_with in recipe.inputs:
                self.add(f"$.recipes.{name}.fills_up_with", "an item that is no fixed input", recipe.fills_up_with)
        for name, process in self.spec.processes.items():
            for recipe_name in process.recipes:
                recipe_or_none = self.spec.recipes.get(recipe_name)
                if recipe_or_none is not None and recipe_or_none.batch.value > process.tanks.capacity.value:
                    path, capacity = f"$.processes.{name}.tanks.capacity", str(process.tanks.capacity)
                    remedy = f"the batch of {recipe_name} is {recipe_or_none.batch}"
                    self.add(path, "room for a batch", capacity, remedy)

    def products(self) -> None:
        for name, product in self.spec.products.items():
            path = f"$.products.{name}"
            process = self.spec.processes.get(product.process)
            if process is not None and product.recipe not in process.recipes:
                self.add(f"{path}.recipe", f"a recipe of {product.process}", product.recipe)
            if (masses := self._masses(product)) is not None and masses[0] != masses[1]:
                expected = f"a mass of {masses[1]} {self.spec.mass_unit}, which is what one takes"
                self.add(f"$.items.{product.item}.mass", expected, f"{masses[0]} {self.spec.mass_unit}")

    def _masses(self, product: Product) -> tuple[Decimal, Decimal] | None:
        """Declared mass of one unit, and the mass of all it takes; None where something is not declared."""
        recipe = self.spec.recipes.get(product.recipe)
        parts = [(recipe.makes if recipe else "", product.takes), *((one.item, one.quantity) for one in product.inputs)]
        masses = [self.mass_of_one(item) for item, _ in parts]
        declared = self.mass_of_one(product.item)
        if declared is None or None in masses:
            return None
        total = sum((mass * part[1].value for mass, part in zip(masses, parts, strict=True) if mass), Decimal(0))
        return declared.normalize(), total.normalize()

    # ---- flow: everything needed comes from somewhere

    def flow(self) -> None:
        spec = self.spec
        kept = {item: name for name, stock in spec.stocks.items() for item in stock.keeps}
        made = dict.fromkeys(product.rework.item for product in spec.products.values() if product.rework)
        for item in spec.supplies:
            if item in spec.items and item not in kept:
                self.add(f"$.supplies.{item}", "a stock that keeps it", None, "add it to a stock's keeps")
        for item in made:
            if item in spec.items and item not in kept:
                self.add("$.stocks", f"a stock that keeps the rework {item}", sorted(spec.stocks))
            elif item in spec.items and spec.items[item].unit != spec.mass_unit:
                self.add(f"$.items.{item}.unit", f"{spec.mass_unit}, as rework is weighed", spec.items[item].unit)
        for path, item in stock_needs(spec):
            if item in spec.items and item not in spec.supplies and item not in made:
                near = near_names(item, spec.supplies)
                remedy = f"did you mean {near[0]}?" if near else "declare a supply of it"
                self.add(path, "an item that some supply brings in", item, remedy)
        self._runs_last()

    def _runs_last(self) -> None:
        """A run takes one lot of an input that starts a new lot: a lot that is too small would be scrapped whole."""
        spec = self.spec
        for product in spec.products.values():
            for part in product.inputs:
                supply = spec.supplies.get(part.item)
                for line in (spec.lines[name] for name in product.lines if name in spec.lines):
                    least = line.smallest_run.value * part.quantity.value + line.hold_up.value
                    if part.new_lot and supply is not None and supply.lot.value < least:
                        expected = f"a lot that lasts for the smallest run, {least} {supply.lot.unit} with the hold-up"
                        self.add(f"$.supplies.{part.item}.lot", expected, str(supply.lot))

    def vessels(self) -> None:
        spec = self.spec
        for process in spec.processes.values():
            group = spec.vessels.get(process.draws_from)
            for recipe_name in process.recipes:
                recipe = spec.recipes.get(recipe_name)
                if group is not None and recipe is not None and recipe.fills_up_with != group.holds:
                    path = f"$.recipes.{recipe_name}.fills_up_with"
                    self.add(path, f"{group.holds}, which {process.draws_from} holds", recipe.fills_up_with)
        for name, group in spec.vessels.items():
            if not any(one.unloads_to == name for one in spec.collecting.values()):
                self.add(f"$.vessels.{name}", "something that fills it", None, "no collecting unloads to it")
            for member, capacity in group.members.items():
                if capacity.value <= group.heel.value:
                    path = f"$.vessels.{name}.members.{member}"
                    self.add(path, f"a capacity above the heel of {group.heel}", str(capacity))

    def plan(self) -> None:
        for day, products in self.spec.plan.week.items() if self.spec.plan is not None else ():
            for number, product in enumerate(products):
                self.known(f"$.plan.week.{day}[{number}]", product, self.spec.products, "product")
