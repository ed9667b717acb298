"""What things are: items, recipes, equipment, places and parties, as values that come in by document or from a plant.

A later value with the same id replaces the earlier one in a view; the log keeps both. Names are for people and in any
script; ids are canonical (:mod:`trace_core.vocabulary.identity`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from trace_core.errors import DocumentError


class EquipmentKind(StrEnum):
    """What a piece of equipment does with material."""

    STATION = "station"
    VESSEL = "vessel"  # holds several lots at once, mixed; only a clean or verified empty ends their presence
    SLOT = "slot"  # holds one lot at a time: reel, drum, bin
    VEHICLE = "vehicle"


@dataclass(frozen=True, slots=True)
class Item:
    """A product or material definition (ISA-95 material definition); ``unit`` is how its lots are counted."""

    id: str
    name: str = ""
    unit: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BomLine:
    """An input that one unit of output takes; ``required`` = no output is made without it."""

    item: str
    quantity: Decimal
    unit: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Bom:
    """What making an item takes, per unit of output."""

    id: str
    item: str
    unit: str
    lines: tuple[BomLine, ...]


@dataclass(frozen=True, slots=True)
class Equipment:
    """A station, vessel, slot or vehicle; ``part_of`` is the equipment it belongs to, ``capacity`` in ``unit``."""

    id: str
    kind: EquipmentKind
    name: str = ""
    part_of: str = ""
    capacity: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A place material can be; ``internal`` = in our own control."""

    id: str
    name: str = ""
    internal: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Party:
    """A supplier, customer or carrier."""

    id: str
    name: str = ""
    role: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Any other element of an EPCIS header's vocabulary list, verbatim."""

    id: str
    type: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunStamp:
    """Says which run of which declared plant filled a store, so that two runs never mix unnoticed."""

    id: str
    plant: str
    plant_hash: str
    seed: int
    until: str
    attributes: Mapping[str, str] = field(default_factory=dict)


MasterRecord: TypeAlias = Item | Bom | Equipment | Location | Party | Vocabulary | RunStamp

_CLASSES: dict[str, type[Any]] = {
    one.__name__: one for one in (Item, Bom, Equipment, Location, Party, Vocabulary, RunStamp)
}


def master_to_json(record: MasterRecord) -> dict[str, Any]:
    """``record`` as a JSON object with its class under ``record``."""
    out: dict[str, Any] = {"record": type(record).__name__}
    for one in fields(record):
        value = getattr(record, one.name)
        if one.name == "lines":
            value = [{line.name: getattr(entry, line.name) for line in fields(entry)} for entry in value]
        out[one.name] = dict(value) if isinstance(value, Mapping) else value
    return out


def master_from_json(raw: Mapping[str, Any], where: str = "") -> MasterRecord:
    """The record :func:`master_to_json` wrote."""
    known = _CLASSES.get(str(raw.get("record")))
    if known is None:
        raise DocumentError(f"a master record ({', '.join(_CLASSES)})", raw.get("record"), where)
    values = {key: value for key, value in raw.items() if key != "record"}
    if known is Bom:
        values["lines"] = tuple(BomLine(**{**line, "quantity": Decimal(line["quantity"])}) for line in values["lines"])
    if known is Equipment:
        values["kind"] = EquipmentKind(values["kind"])
        values["capacity"] = Decimal(values["capacity"]) if values["capacity"] is not None else None
    try:
        record: MasterRecord = known(**values)
    except TypeError as error:
        raise DocumentError(f"the fields of {known.__name__}", sorted(values), where) from error
    return record


class Masterdata(Protocol):
    """Where the core looks up what an id is; an id nobody described is a value, not an error."""

    def get(self, key: str) -> MasterRecord | None:
        """The latest record of id ``key``, or None."""

    def name_of(self, key: str) -> str:
        """The name people know the id ``key`` by, or an empty text."""

    def boms_of(self, item: str) -> tuple[Bom, ...]:
        """The recipes that make ``item``."""


class MasterdataView:
    """Masterdata in memory: the latest record of every id."""

    def __init__(self, records: Iterable[MasterRecord] = ()) -> None:
        self._by_id: dict[str, MasterRecord] = {}
        self._boms: dict[str, dict[str, Bom]] = {}
        for record in records:
            self.add(record)

    def add(self, record: MasterRecord) -> None:
        """Take in ``record``; it replaces an earlier one of the same id."""
        if isinstance(record, Bom):
            self._boms.setdefault(record.item, {})[record.id] = record
        self._by_id[record.id] = record

    def get(self, key: str) -> MasterRecord | None:
        """The latest record of id ``key``, or None."""
        return self._by_id.get(key)

    def name_of(self, key: str) -> str:
        """The name people know the id ``key`` by, or an empty text."""
        return str(getattr(self._by_id.get(key), "name", ""))

    def boms_of(self, item: str) -> tuple[Bom, ...]:
        """The recipes that make ``item``, in the order they were learnt."""
        return tuple(self._boms.get(item, {}).values())

    def all(self) -> tuple[MasterRecord, ...]:
        """Every record, in the order its id was first seen."""
        return tuple(self._by_id.values())
