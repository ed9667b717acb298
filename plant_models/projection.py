"""What a declared plant tells others: masterdata for the core, the profile of its devices, ids of its things."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from hw_adapters.profile import BankProfile, DeviceProfile, Profile, SlotProfile, StationProfile
from plant_models.spec import Customer, ItemSpec, Location, PlantSpec, Product, Recipe, Supplier
from plant_models.work_boms import boms_of_work
from trace_core.vocabulary.identity import Kind, identify, plant_id
from trace_core.vocabulary.masterdata import (
    Bom,
    BomLine,
    Equipment,
    EquipmentKind,
    Item,
    MasterRecord,
    Party,
    Vocabulary,
)
from trace_core.vocabulary.masterdata import Location as Place


def equipment_id(name: str) -> str:
    """The canonical id of a station, vessel, tank or vehicle of this plant."""
    return plant_id(Kind.EQUIPMENT, name).canonical


def location_id(name: str, location: Location) -> str:
    """The canonical id of a place: its GLN where it has one."""
    if location.gln is not None:
        return identify(f"https://id.gs1.org/414/{location.gln}").canonical
    return plant_id(Kind.LOCATION, name).canonical


def party_id(name: str, party: Supplier | Customer) -> str:
    """The canonical id of a supplier or customer: its GLN where it has one."""
    if party.gln is not None:
        return identify(f"https://id.gs1.org/417/{party.gln}").canonical
    return plant_id(Kind.PARTY, name).canonical


def site_party(spec: PlantSpec, station: str) -> str:
    """The canonical id of the party that ``station`` belongs to: its site, or the whole company."""
    name = spec.locations[spec.stations[station].location].site
    if name is None:
        return identify(f"https://id.gs1.org/417/{spec.company.gln}").canonical
    site = spec.sites[name]
    if site.gln is not None:
        return identify(f"https://id.gs1.org/417/{site.gln}").canonical
    return plant_id(Kind.PARTY, name).canonical


def item_id(item: ItemSpec) -> str:
    """The canonical id of an item: the class its GTIN names."""
    return plant_id(Kind.CLASS, item.gtin).canonical


def profile_of(spec: PlantSpec) -> Profile:
    """The profile of the plant's devices."""
    devices = []
    for name, device in spec.devices.items():
        stations = tuple(
            StationProfile(
                number=number,
                equipment=equipment_id(station),
                location=location_id(spec.stations[station].location, spec.locations[spec.stations[station].location]),
                operation=spec.stations[station].operation,
                measures=tuple(device.measures.get(station, ())),
            )
            for station, number in device.stations.items()
        )
        slots = tuple(SlotProfile(number=number, vessel=equipment_id(slot)) for slot, number in device.slots.items())
        banks = tuple(
            BankProfile(number=one.bank, slots=tuple(device.slots[slot] for slot in one.slots))
            for station, one in spec.feeders.items()
            if station in device.stations
        )
        devices.append(DeviceProfile(name=name, stations=stations, slots=slots, banks=banks))
    return Profile(
        name=spec.plant,
        devices=tuple(devices),
        units={name: unit.code for name, unit in spec.units.items()},
        reasons={str(number): reason for reason, number in spec.reasons.items()},
    )


def masterdata_of(spec: PlantSpec) -> list[MasterRecord]:
    """Items, recipes, equipment, places and parties of the plant as master records, in the order of the file."""
    return [
        *_items(spec),
        *_boms(spec),
        *_boms_of_work(spec),
        *_equipment(spec),
        *(Place(location_id(name, one), one.name, internal=True) for name, one in spec.locations.items()),
        *_parties(spec),
        *_people_and_reasons(spec),
    ]


def _items(spec: PlantSpec) -> Iterator[MasterRecord]:
    for name, item in spec.items.items():
        attributes = {"gtin": item.gtin, "word": name}
        if item.shelf_life is not None:
            attributes["shelfLifeSeconds"] = f"{item.shelf_life:.0f}"
        if item.mass is not None:
            attributes["mass"] = str(item.mass)
        yield Item(item_id(item), item.name, spec.units[item.unit].code, attributes)


def _boms(spec: PlantSpec) -> Iterator[MasterRecord]:
    for name, recipe in spec.recipes.items():
        yield Bom(
            f"{item_id(spec.items[recipe.makes])}#{name}", *_made(spec, recipe.makes), _recipe_lines(spec, recipe)
        )
    for name, product in spec.products.items():
        lines = _product_lines(spec, product)
        yield Bom(f"{item_id(spec.items[product.item])}#{name}", *_made(spec, product.item), lines)
        if product.rework is not None:
            item = product.rework.item
            yield Bom(f"{item_id(spec.items[item])}#{name}", *_made(spec, item), _rework_lines(spec, product))


def _boms_of_work(spec: PlantSpec) -> Iterator[Bom]:
    for bom in boms_of_work(spec):
        lines = tuple(
            BomLine(item_id(spec.items[line.item]), line.quantity, _unit(spec, line.item), line.is_required)
            for line in bom.lines
        )
        yield Bom(f"{item_id(spec.items[bom.item])}#{bom.by}", *_made(spec, bom.item), lines)


def _made(spec: PlantSpec, item: str) -> tuple[str, str]:
    return item_id(spec.items[item]), _unit(spec, item)


def _unit(spec: PlantSpec, item: str) -> str:
    return spec.units[spec.items[item].unit].code


def _recipe_lines(spec: PlantSpec, recipe: Recipe) -> tuple[BomLine, ...]:
    batch = recipe.batch.value
    amounts = {item: amount.value for item, amount in recipe.inputs.items()}
    amounts[recipe.fills_up_with] = batch - sum(amounts.values())
    return tuple(
        BomLine(item_id(spec.items[item]), amount / batch, _unit(spec, item)) for item, amount in amounts.items()
    )


def _product_lines(spec: PlantSpec, product: Product) -> tuple[BomLine, ...]:
    parts = _product_parts(spec, product)
    return tuple(BomLine(item_id(spec.items[item]), amount, _unit(spec, item)) for item, amount in parts)


def _rework_lines(spec: PlantSpec, product: Product) -> tuple[BomLine, ...]:
    """Change-over product is what was in the line: the parts that go by mass, none of the wrapping."""
    parts = [
        (item, amount) for item, amount in _product_parts(spec, product) if spec.items[item].unit == spec.mass_unit
    ]
    total = sum(amount for _, amount in parts)
    return tuple(BomLine(item_id(spec.items[item]), amount / total, _unit(spec, item)) for item, amount in parts)


def _product_parts(spec: PlantSpec, product: Product) -> list[tuple[str, Decimal]]:
    parts = [(spec.recipes[product.recipe].makes, product.takes.value)]
    return parts + [(one.item, one.quantity.value) for one in product.inputs]


def _equipment(spec: PlantSpec) -> Iterator[MasterRecord]:
    vehicles = {name: one for collecting in spec.collecting.values() for name, one in collecting.vehicles.items()}
    for name, station in spec.stations.items():
        if name in vehicles:
            capacity = vehicles[name].capacity
            unit = spec.units[capacity.unit].code
            yield Equipment(equipment_id(name), EquipmentKind.VEHICLE, station.name, "", capacity.value, unit)
        else:
            yield Equipment(equipment_id(name), EquipmentKind.STATION, station.name)
    for group in spec.vessels.values():
        for member, capacity in group.members.items():
            unit = spec.units[capacity.unit].code
            above = equipment_id(group.station)
            yield Equipment(equipment_id(member), EquipmentKind.VESSEL, member, above, capacity.value, unit)
    for at, feeders in spec.feeders.items():
        kind = EquipmentKind.VESSEL if feeders.kind == "hopper" else EquipmentKind.SLOT
        for slot in feeders.slots:
            yield Equipment(equipment_id(slot), kind, slot, equipment_id(at))
    reported = {slot for device in spec.devices.values() for slot in device.slots}
    for at, machine in spec.machines.items():
        for name, tool in machine.tools.items():
            if tool.item is not None and name in reported:
                yield Equipment(equipment_id(name), EquipmentKind.SLOT, name, equipment_id(at))
    for process in spec.processes.values():
        capacity = process.tanks.capacity
        unit = spec.units[capacity.unit].code
        for tank in process.tanks.members:
            above = equipment_id(process.tank_station)
            yield Equipment(equipment_id(tank), EquipmentKind.VESSEL, tank, above, capacity.value, unit)


def _parties(spec: PlantSpec) -> Iterator[MasterRecord]:
    own = identify(f"https://id.gs1.org/417/{spec.company.gln}").canonical
    yield Party(own, spec.company.name, "owner")
    for name, supplier in spec.suppliers.items():
        yield Party(party_id(name, supplier), supplier.name, "supplier", {"word": name, "code": supplier.code})
    for name, customer in spec.customers.items():
        yield Party(party_id(name, customer), customer.name, "customer", {"word": name})


def _people_and_reasons(spec: PlantSpec) -> Iterator[MasterRecord]:
    for operator in spec.operators:
        attributes = {"name": operator.name, "badge": operator.badge}
        yield Vocabulary(plant_id(Kind.OPERATOR, operator.badge).canonical, "operator", attributes)
    for reason, number in spec.reasons.items():
        yield Vocabulary(
            plant_id(Kind.OTHER, f"nok-{number}").canonical, "reason", {"name": reason, "code": str(number)}
        )
