"""How the columns of a table are meant: a declared mapping in YAML, checked with all its faults at once.

::

    table:
      encoding: gb18030        # utf-8 by default; any encoding Python knows
      delimiter: ";"           # one character
      decimal: ","             # the decimal mark; thousands: "." where digits are grouped
      columns: [a, b]          # only where the file has no header row
      group_by: [Beleg]        # consecutive rows with equal cells here are one event
    time:
      format: "%d.%m.%Y %H:%M" # iso by default
      zone: Europe/Berlin      # for times without an offset: a zone's name or +01:00
    units: {kg: KGM, Stk: H87} # words of the file beside those known anyway
    event:
      type: ObjectEvent                                   # a plain value is a constant
      eventTime: {template: "{Datum} {Uhrzeit}"}
      action: {column: Art, words: {Zugang: ADD}, default: OBSERVE}
      things:
        - {list: quantityList, id: {lot: {item: {column: Artikel}, code: {column: Charge}}},
           quantity: {column: Menge}, unit: {column: ME}}
      extensions: {"plant:operator": {column: Werker}}

A value is a constant or where it comes from: ``column``, or a ``template`` of columns in braces; ``words`` translate
what is found, ``default`` stands in for an empty cell. An id is a value, or a plant's own thing (``lot``, ``serial``,
``carrier``, ``class``, ``location``, ``equipment``, ``party``, ``operator``, ``order``) by its code, with the item or
issuer it belongs to; a cell that already holds a URI or a GS1 element string is taken as it is. ``fields`` is a column
with a JSON object of any further fields of the event.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from trace_core.errors import Fault, SpecError
from trace_core.vocabulary.gs1_keys import Kind
from trace_core.vocabulary.times import is_zone_offset

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def _epcis_name(name: str) -> str:
    """``event_id`` as EPCIS writes it: ``eventID``."""
    return to_camel(name).replace("Id", "ID") if "_" in name else name.rstrip("_")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Cell(_Model):
    """Where a value comes from: a column, or a template of columns; translated by ``words``."""

    column: str | None = None
    template: str | None = None
    words: dict[str, str] = Field(default_factory=dict)
    default: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Cell:
        if (self.column is None) == (self.template is None):
            raise ValueError("either column or template, not both and not neither")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs."""
        return (self.column,) if self.column is not None else tuple(_PLACEHOLDER.findall(self.template or ""))


def _shape(raw: Any) -> str:
    """Which of the forms a value or id is written in."""
    if isinstance(raw, dict):
        return "cell" if {"column", "template", "words", "default"} & raw.keys() or not raw else "thing"
    return "thing" if isinstance(raw, Thing) else "cell" if isinstance(raw, Cell) else "constant"


def _two(raw: Any) -> str:
    return "cell" if isinstance(raw, dict | Cell) else "constant"


Value = Annotated[Annotated[str | int | float, Tag("constant")] | Annotated[Cell, Tag("cell")], Discriminator(_two)]


class Own(_Model):
    """A plant's own thing by its code."""

    code: Value
    item: Value = ""
    issuer: Value = "-"


class Thing(_Model):
    """An id of the plant's own, by the kind of thing it names; exactly one kind is given."""

    lot: Own | None = None
    serial: Own | None = None
    carrier: Own | None = None
    class_: Own | None = Field(default=None, alias="class")
    location: Own | None = None
    equipment: Own | None = None
    party: Own | None = None
    operator: Own | None = None
    order: Own | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Thing:
        if len(self.given) != 1:
            raise ValueError("exactly one kind of thing")
        return self

    @property
    def given(self) -> list[tuple[Kind, Own]]:
        """The kinds that are given."""
        pairs = ((Kind(name.rstrip("_")), getattr(self, name)) for name in type(self).model_fields)
        return [(kind, own) for kind, own in pairs if own is not None]


Id = Annotated[
    Annotated[str | int | float, Tag("constant")] | Annotated[Cell, Tag("cell")] | Annotated[Thing, Tag("thing")],
    Discriminator(_shape),
]


class Entry(_Model):
    """One thing of an event: in which list, which id, how much."""

    list: Value
    id: Id
    quantity: Value | None = None
    unit: Value | None = None


class TypedId(_Model):
    """A business transaction, source or destination: its type and id."""

    type: Value | None = None
    id: Id


class _EpcisNamed(_Model):
    """A model whose fields stand in YAML under EPCIS's own names."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=_epcis_name)


class Declaration(_EpcisNamed):
    """An error declaration, made where its time is not empty; corrective ids are separated by spaces."""

    declaration_time: Value
    reason: Value | None = None
    corrective_event_ids: Value | None = None


class Changes(_EpcisNamed):
    """Persistent dispositions set and taken back; several are separated by spaces."""

    set: Value | None = None
    unset: Value | None = None


class EventFields(_EpcisNamed):
    """Where each field of the event comes from."""

    type: Value
    event_id: Value | None = None
    event_time: Value
    event_time_zone_offset: Value | None = None
    record_time: Value | None = None
    action: Value | None = None
    biz_step: Value | None = None
    disposition: Value | None = None
    persistent_disposition: Changes | None = None
    parent_id: Id | None = None
    transformation_id: Id | None = None
    read_point: Id | None = None
    biz_location: Id | None = None
    things: list[Entry] = Field(default_factory=list)
    biz_transaction_list: list[TypedId] = Field(default_factory=list)
    source_list: list[TypedId] = Field(default_factory=list)
    destination_list: list[TypedId] = Field(default_factory=list)
    error_declaration: Declaration | None = None
    extensions: dict[str, Value] = Field(default_factory=dict)
    fields: Value | None = None

    @field_validator("extensions")
    @classmethod
    def _in_a_namespace(cls, extensions: dict[str, Any]) -> dict[str, Any]:
        for name in extensions:
            if ":" not in name:
                raise ValueError(f"a name in a namespace such as plant:operator, got {name!r}")
        return extensions


class TableShape(_Model):
    """How the file itself is written."""

    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    columns: list[str] | None = None
    group_by: list[str] = Field(default_factory=list)

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str) -> str:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise ValueError(f"an encoding Python knows such as utf-8 or gb18030, got {encoding!r}") from None
        return encoding

    @model_validator(mode="after")
    def _two_marks(self) -> TableShape:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands must differ")
        return self


class TimeShape(_Model):
    """How times are written: ``iso`` or a format of ``strptime``; ``zone`` is for those without an offset."""

    format: str = "iso"
    zone: str | None = None

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str | None) -> str | None:
        if zone is None or zone == "UTC" or is_zone_offset(zone):
            return zone
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"a zone's name such as Europe/Berlin or an offset, got {zone!r}") from None
        return zone


class TableMapping(_Model):
    """A whole mapping."""

    table: TableShape = TableShape()
    time: TimeShape = TimeShape()
    units: dict[str, str] = Field(default_factory=dict)
    event: EventFields


def load_mapping(text: str, source: str) -> TableMapping:
    """The mapping that the YAML ``text`` declares; SpecError with all its faults, each with its path."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "$"
        raise SpecError(source, [Fault(where, "a mapping in YAML", getattr(error, "problem", str(error)))]) from error
    if not isinstance(raw, dict):
        raise SpecError(source, [Fault("$", "a mapping with table, time, units and event", raw)])
    try:
        return TableMapping.model_validate_json(json.dumps(raw, default=str))
    except ValidationError as error:
        raise SpecError(source, [_fault(one) for one in error.errors()]) from None


_TAGS = {"constant", "cell", "thing"}


def _fault(one: Any) -> Fault:
    path = "$" + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in one["loc"] if part not in _TAGS
    )
    expected = one["msg"].removeprefix("Value error, ")
    expected = expected[0].lower() + expected[1:]
    known = {"extra_forbidden": "no field of this name", "missing": "a field of this name"}
    return Fault(path, known.get(one["type"], expected), None if one["type"] == "missing" else one["input"])
