"""The faults of a plant file as they are found, and what every check asks: is it declared, does its unit fit."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from plant_models.amounts import Amount, Rate
from plant_models.spec import PlantSpec
from trace_core.errors import Fault, near_names

MAX_NAMES_SHOWN = 6
"""Declared names a message lists where none looks like the one that came."""


class FaultList:
    """Gathers faults, so that a file is mended in one round."""

    def __init__(self, spec: PlantSpec) -> None:
        self.spec = spec
        self.faults: list[Fault] = []

    def add(self, path: str, expected: str, got: object, remedy: str = "") -> None:
        """Note a fault; the same one at the same place only once."""
        fault = Fault(path, expected, got, remedy)
        if fault not in self.faults:
            self.faults.append(fault)

    def known(self, path: str, name: str, names: Iterable[str], kind: str) -> bool:
        """Whether ``name`` is declared; a fault with near names where it is not."""
        declared = list(names)
        if name in declared:
            return True
        self.add(path, f"a declared {kind}", name, _meant(name, declared, kind))
        return False

    def in_unit_of(self, path: str, amount: Amount | Rate, item: str) -> None:
        """``amount`` must be counted in the unit of ``item``, to no more decimals than are counted."""
        declared = self.spec.items.get(item)
        if declared is not None:
            self.in_unit(path, amount, declared.unit, f"{declared.unit}, the unit of {item}")

    def in_mass(self, path: str, amount: Amount) -> None:
        """``amount`` must be a mass, to no more decimals than are counted."""
        unit = self.spec.mass_unit
        self.in_unit(path, amount, unit, f"{unit}, the plant's unit of mass")

    def in_unit(self, path: str, amount: Amount | Rate, unit: str, said: str) -> None:
        """``amount`` must be counted in ``unit``, which a message calls ``said``."""
        units = self.spec.units
        if amount.unit != unit:
            remedy = "" if amount.unit in units else f"no unit is declared as {amount.unit}"
            self.add(path, f"an amount in {said}", str(amount), remedy)
        elif amount.unit in units and isinstance(amount, Amount):
            places = units[amount.unit].decimals
            if amount.value != round(amount.value, places):
                remedy = f"give {amount.unit} more decimals under units, or round the amount"
                self.add(path, f"at most {places} decimals of {amount.unit}", str(amount), remedy)

    def mass_of_one(self, name: str) -> Decimal | None:
        """The mass of one unit of an item; None where the item, its unit or its mass is not declared."""
        item = self.spec.items.get(name)
        if item is None:
            return None
        if item.unit == self.spec.mass_unit:
            return Decimal(1)
        return item.mass.value if item.mass is not None and item.mass.unit == self.spec.mass_unit else None

    def is_counted(self, name: str) -> bool:
        """Whether an item comes in whole units that are no mass: pieces, boxes."""
        item = self.spec.items.get(name)
        if item is None or item.unit == self.spec.mass_unit:
            return False
        return item.unit in self.spec.units and self.spec.units[item.unit].decimals == 0


def _meant(name: str, declared: list[str], kind: str) -> str:
    near = near_names(name, declared)
    if near:
        return f"did you mean {' or '.join(near)}?"
    if not declared:
        return f"no {kind} is declared"
    return f"choose one of {', '.join(declared)}, or declare it" if len(declared) <= MAX_NAMES_SHOWN else ""
