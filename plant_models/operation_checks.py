"""What must hold of one operation: its bill of materials balances to the gram, its codes fit, its inspection can find.

The mass that goes in is the mass that comes out: ``inputs = makes + also_makes + loses``, exactly, for one ``amount``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from plant_models.amounts import Amount
from plant_models.fault_list import FaultList
from plant_models.spec import PlantSpec
from plant_models.work import Input, Inspection, Operation
from plant_models.work_mentions import defects_made

_Check = Iterator[tuple[str, str, object, str]]
"""Field, what was expected, what came, what to do: each a fault of one operation."""


def check_operations(found: FaultList) -> None:
    """Add every fault of an operation that its own values, and the items they name, show."""
    for name, operation in found.spec.operations.items():
        path = f"$.operations.{name}"
        for faults in (
            _what_it_makes(found, operation),
            _inputs(found, operation),
            _balance(found, operation),
            _loads(found, operation),
            _people_and_ways(found.spec, operation),
        ):
            for field, expected, got, remedy in faults:
                found.add(f"{path}.{field}" if field else path, expected, got, remedy)
        if operation.inspects is not None:
            for field, expected, got, remedy in _inspection(found, operation, operation.inspects):
                found.add(f"{path}.inspects{field}", expected, got, remedy)


# ---- what it makes


def _what_it_makes(found: FaultList, operation: Operation) -> _Check:
    if operation.makes is None:
        for field in ("amount", "inputs", "also_makes", "lot", "load", "loses", "sizes", "heel"):
            if getattr(operation, field):
                got = getattr(operation, field)
                shown = str(got) if isinstance(got, Amount) else field
                yield field, f"no {field}, as the operation makes nothing", shown, "add makes: and amount:"
    else:
        if operation.amount is None:
            yield (
                "amount",
                f"how much of {operation.makes} the inputs make",
                None,
                "add amount:, the size of the recipe",
            )
        if not operation.inputs:
            yield (
                "inputs",
                f"what {operation.makes} is made of",
                None,
                "add inputs: an item and how much for the amount",
            )
        if operation.makes in operation.also_makes:
            yield f"also_makes.{operation.makes}", "another item than it makes", operation.makes, "raise amount instead"
    if operation.also_code is not None and not operation.also_makes:
        yield "also_code", "no also_code without also_makes", operation.also_code, "leave it out"
    if operation.scraps > 0 and operation.scrap_reason is None:
        yield "scrap_reason", "why units are scrapped", None, "add scrap_reason: one of the reasons"
    yield from _lot_and_serial(found, operation)


def _lot_and_serial(found: FaultList, operation: Operation) -> _Check:
    if operation.lot is not None and operation.lot.begins == "charge":
        machines = found.spec.machines
        for one in operation.at:
            if one in found.spec.stations and (one not in machines or machines[one].collects is None):
                remedy = f"add collects: to the machine {one}, or begin the lot with each load"
                yield "lot.begins", "charge only where machines collect loads", f"charge at {one}", remedy
    made = operation.makes
    if operation.serial is not None and made is not None and made in found.spec.items and not found.is_counted(made):
        unit = found.spec.items[made].unit
        remedy = "give what it makes a unit that is counted whole, such as piece, or a lot instead"
        yield "serial", "a serial for units that are counted", f"{made} is counted in {unit}", remedy


# ---- inputs


def _inputs(found: FaultList, operation: Operation) -> _Check:
    filling = [item for item, declared in operation.inputs.items() if declared.fills_up]
    if len(filling) > 1:
        yield "inputs", "at most one input that fills up", ", ".join(filling), "give the others a quantity"
    for item, declared in operation.inputs.items():
        for field, expected, got, remedy in _input(found, operation, item, declared):
            yield f"inputs.{item}{field}", expected, got, remedy
        if (declared.up_to or declared.by_potency) and not filling:
            word = "up_to" if declared.up_to else "by_potency"
            remedy = "let one of the others be {fills_up: true}"
            yield f"inputs.{item}.{word}", "another input that fills up what this one leaves open", word, remedy


def _input(found: FaultList, operation: Operation, item: str, declared: Input) -> _Check:
    spec = found.spec
    if declared.fills_up and declared.quantity is not None:
        yield ".quantity", "no quantity, as this input fills up", str(declared.quantity), "leave out one of the two"
    elif not declared.fills_up and (declared.quantity is None or declared.quantity.value == 0):
        got = None if declared.quantity is None else str(declared.quantity)
        yield ".quantity", f"how much {item} the amount takes", got, "give a quantity above 0, or fills_up: true"
    if declared.fills_up and item in spec.items and spec.items[item].unit != spec.mass_unit:
        yield ".fills_up", f"an item in {spec.mass_unit}, to fill up by mass", spec.items[item].unit, "give a quantity"
    if declared.fills_up and (declared.up_to or declared.by_potency):
        yield ".fills_up", "either fills_up, or up_to or by_potency", "both", "let another input fill up"
    if declared.off > 0 and declared.issue != "backflush":
        yield ".off", "no off, as what is picked is weighed", declared.off, "leave it out, or add issue: backflush"
    if declared.by_potency and item in spec.supplies and spec.supplies[item].potency is None:
        yield ".by_potency", f"a potency of {item}", None, f"add potency: to supplies.{item}"
    if (
        declared.matched
        and item in spec.items
        and not any(one.sizes is not None and one.makes == item for one in spec.operations.values())
    ):
        remedy = f"add sizes: to the operation that makes {item}"
        yield ".matched", "units whose sizes are known", item, remedy
    for number, other in enumerate(declared.instead):
        yield from _substitute(found, operation, item, other, f".instead[{number}]")


def _substitute(found: FaultList, operation: Operation, item: str, other: str, field: str) -> _Check:
    spec = found.spec
    if other == item or other in operation.inputs:
        yield field, "an item that is no input of its own", other, "leave it out"
    elif other in spec.items and item in spec.items:
        units = spec.items[item].unit, spec.items[other].unit
        masses = found.mass_of_one(item), found.mass_of_one(other)
        if units[0] != units[1]:
            yield field, f"an item in {units[0]} as {item}", f"{other} in {units[1]}", "choose another substitute"
        elif masses[0] is not None and masses[1] is not None and masses[0] != masses[1]:
            expected = f"the mass of {item}, {masses[0]} {spec.mass_unit}, or the balance would not close"
            yield field, expected, f"{other}: {masses[1]} {spec.mass_unit}", "give both one mass"


# ---- the balance


def _balance(found: FaultList, operation: Operation) -> _Check:
    unit = found.spec.mass_unit
    if operation.loses is not None and operation.loses.unit != unit:
        yield "loses", f"a mass in {unit}", str(operation.loses), "what is lost is weighed"
        return
    out, taken = _mass_out(found, operation), _mass_in(found, operation)
    if out is None or taken is None or not operation.inputs:
        return
    if any(declared.fills_up for declared in operation.inputs.values()):
        if taken >= out:
            expected = f"inputs that together stay below the {_kg(out)} {unit} that come out, so that one can fill up"
            yield "inputs", expected, f"{_kg(taken)} {unit}", "lower a quantity or raise amount"
    elif taken != out:
        expected = f"inputs of {_kg(out)} {unit}, as much as comes out ({_said_out(found, operation)})"
        got = f"{_kg(taken)} {unit} ({_said_in(found, operation)})"
        if taken > out:
            remedy = f"{_kg(taken - out)} {unit} go nowhere: add them to loses, or raise amount"
        else:
            remedy = f"{_kg(out - taken)} {unit} come from nowhere: raise an input, or lower amount or loses"
        yield "inputs", expected, got, remedy


def _mass_out(found: FaultList, operation: Operation) -> Decimal | None:
    if operation.makes is None or operation.amount is None:
        return None
    parts = [(operation.makes, operation.amount), *operation.also_makes.items()]
    lost = operation.loses.value if operation.loses is not None else Decimal(0)
    total = _mass(found, parts)
    return None if total is None else total + lost


def _mass_in(found: FaultList, operation: Operation) -> Decimal | None:
    return _mass(found, [(item, one.quantity) for item, one in operation.inputs.items() if one.quantity is not None])


def _mass(found: FaultList, parts: list[tuple[str, Amount]]) -> Decimal | None:
    """The mass of all parts; None where one has no mass, or stands in a unit that is not its own."""
    total = Decimal(0)
    for item, amount in parts:
        one = found.mass_of_one(item)
        if one is None or amount.unit != found.spec.items[item].unit:
            return None
        total += one * amount.value
    return total


def _said_out(found: FaultList, operation: Operation) -> str:
    said = [
        f"{operation.amount} {operation.makes}",
        *(f"{amount} {item}" for item, amount in operation.also_makes.items()),
    ]
    if operation.loses is not None and operation.loses.value:
        said.append(f"{operation.loses} lost")
    return " + ".join(said)


def _said_in(found: FaultList, operation: Operation) -> str:
    return " + ".join(f"{one.quantity} {item}" for item, one in operation.inputs.items())


def _kg(mass: Decimal) -> str:
    return f"{mass.normalize():f}"


# ---- loads, people, ways


def _loads(found: FaultList, operation: Operation) -> _Check:
    """A load takes whole pieces: half a bar cannot be picked."""
    if operation.load is None or operation.amount is None or operation.load.unit != operation.amount.unit:
        return
    share = operation.load.value / operation.amount.value
    for item, declared in operation.inputs.items():
        if declared.quantity is not None and found.is_counted(item):
            takes = declared.quantity.value * share
            if takes != int(takes):
                expected = f"a load that takes whole {declared.quantity.unit} of {item}"
                remedy = f"choose a multiple of {operation.amount}, or another amount"
                yield "load", expected, f"{operation.load}, which takes {takes.normalize():f}", remedy


def _people_and_ways(spec: PlantSpec, operation: Operation) -> _Check:
    if operation.rework and operation.load is not None:
        yield "load", "no load, as what is reworked is not cut", str(operation.load), "leave it out"
    if operation.then is not None and not operation.rework:
        remedy = "a route says what comes next; add rework: true where this is a way back"
        yield "then", "then only at an operation declared rework: true", operation.then, remedy
    if operation.outside is not None and operation.travels is None:
        yield "travels", "how long the way to the supplier and back is", None, "add travels: such as 1 d"
    if operation.travels is not None and operation.outside is None:
        yield "outside", "who does it, as it travels there", None, "add outside: a supplier, or leave travels out"
    if operation.signed is not None:
        quality = sum(one.role == "quality" for one in spec.operators)
        others = len(spec.operators) - quality
        if operation.signed.by == "quality" and not quality:
            yield "signed.by", "an operator of quality who signs", "none", "add role: quality to an operator"
        if operation.signed.by == "second" and others < 2:
            remedy = "declare another operator; one pair of eyes is no four-eyes rule"
            yield "signed.by", "two operators of production", others, remedy


# ---- inspections


def _inspection(found: FaultList, operation: Operation, inspection: Inspection) -> _Check:
    spec = found.spec
    if inspection.sample is None:
        for field, is_given in (("accepts", inspection.accepts > 0), ("destroys", inspection.destroys)):
            if is_given:
                yield f".{field}", f"a sample, as there is {field}", None, "add sample: how many units are taken"
    if inspection.sample_reason is not None and not inspection.destroys:
        remedy = "add destroys: true, or leave sample_reason out"
        yield ".sample_reason", "a sample that is destroyed", inspection.sample_reason, remedy
    if inspection.sample is not None and inspection.accepts >= inspection.sample:
        remedy = "as many as are taken may be bad: nothing would ever be refused"
        yield ".accepts", f"fewer than the sample of {inspection.sample}", inspection.accepts, remedy
    if inspection.passes > 1 and inspection.rework is None:
        yield ".passes", "passes only with rework", inspection.passes, "add rework: an operation, or leave passes out"
    if inspection.of == "charge" and not any(one.collects is not None for one in spec.machines.values()):
        yield ".of", "charge only where a machine collects loads", "charge", "say load or lot"
    way_back = spec.operations.get(inspection.rework or "")
    if way_back is not None and not way_back.rework:
        remedy = f"add rework: true to operations.{inspection.rework}"
        yield ".rework", "an operation that is declared a way back", inspection.rework, remedy
    mendable = set(defects_made(spec)) & set(inspection.looks_for)
    if way_back is not None and way_back.mends and mendable and not mendable & set(way_back.mends):
        remedy = f"add {' and '.join(sorted(mendable))} to mends of operations.{inspection.rework}"
        yield ".rework", "a rework that mends what is looked for", inspection.rework, remedy
    yield from _measures(spec, operation, inspection)


def _measures(spec: PlantSpec, operation: Operation, inspection: Inspection) -> _Check:
    for station in operation.at:
        device = next((one for one in spec.devices.values() if station in one.stations), None)
        known = device.measures.get(station, []) if device is not None else []
        for number, one in enumerate(inspection.measures):
            if device is not None and one not in known:
                remedy = f"add it under measures.{station} of the device"
                yield f".measures[{number}]", f"a measure of the device at {station}", one, remedy
