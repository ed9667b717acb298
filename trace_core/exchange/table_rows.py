"""One row of a table to (a part of) an event, as a mapping says."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from trace_core.errors import BadInput
from trace_core.exchange.source_text import MAX_DEPTH, MAX_NUMBER_CHARACTERS
from trace_core.exchange.table_mapping import Cell, Entry, Own, TableMapping, Thing, TypedId
from trace_core.exchange.violations import Violation, shown
from trace_core.vocabulary.gs1_keys import Kind
from trace_core.vocabulary.identity import parse_gs1, plant_id
from trace_core.vocabulary.times import is_zone_offset
from trace_core.vocabulary.units import EACH, read_unit

_AMOUNT_LISTS = {"quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"}
_ID_LISTS = {"epcList", "childEPCs", "inputEPCList", "outputEPCList"}
_HAS_SCHEME = re.compile(r"(?:urn:|https?://|[A-Za-z][A-Za-z0-9+.\-]*:[^\s\\])", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_DEFAULT_COLUMN = "(constant)"


class BadCell(Exception):  # a signal between this module and tables.py
    """A cell that cannot be read: its column and why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its first line, its cells by column, and how many cells it has more than there are columns."""

    line: int
    cells: dict[str, str]
    surplus: int = 0


@dataclass(slots=True)
class RowReader:
    """Reads rows as one mapping says."""

    mapping: TableMapping
    _notes: list[Violation] = field(default_factory=list)

    @property
    def columns(self) -> set[str]:
        """Every column the mapping names."""
        found: set[str] = set(self.mapping.table.group_by)
        waiting: list[Any] = [self.mapping.event]
        while waiting:
            one = waiting.pop()
            if isinstance(one, Cell):
                found.update(one.columns)
            elif isinstance(one, list):
                waiting.extend(one)
            elif isinstance(one, dict):
                waiting.extend(one.values())
            elif hasattr(type(one), "model_fields"):
                waiting.extend(getattr(one, name) for name in type(one).model_fields)
        return found

    def group_of(self, row: Row) -> Hashable:
        """What rows of one event have in common; every row is its own event where nothing is declared."""
        names = self.mapping.table.group_by
        cells = tuple(row.cells.get(name, "").strip() for name in names)
        return cells if names and any(cells) else row.line

    def taken_notes(self) -> list[Violation]:
        """The deviations noted since last asked."""
        taken = list(self._notes)
        self._notes.clear()
        return taken

    def add(self, row: Row, event: dict[str, Any]) -> None:
        """Adds what ``row`` says to ``event``: the fields with its first row, the things with every row."""
        if not event:
            self._notes.clear()
            self._fields(row, event)
        for entry in self.mapping.event.things:
            self._thing(row, entry, event)

    # ---- fields

    def _fields(self, row: Row, event: dict[str, Any]) -> None:
        fields = self.mapping.event
        event["type"] = self._text(row, fields.type)
        event_words = (fields.event_id, fields.action, fields.biz_step, fields.disposition)
        for name, value in zip(("eventID", "action", "bizStep", "disposition"), event_words, strict=True):
            self._put(event, name, self._text(row, value))
        self._times(row, event)
        self._put(event, "parentID", self._id(row, fields.parent_id))
        self._put(event, "transformationID", self._id(row, fields.transformation_id))
        for name, where in (("readPoint", fields.read_point), ("bizLocation", fields.biz_location)):
            place = self._id(row, where)
            if place:
                event[name] = {"id": place}
        declared = fields.persistent_disposition
        changes = {"set": declared.set, "unset": declared.unset} if declared else {}
        words = {name: self._text(row, value).split() for name, value in changes.items()}
        if any(words.values()):
            event["persistentDisposition"] = {name: found for name, found in words.items() if found}
        self._typed(row, event, "bizTransactionList", "bizTransaction", fields.biz_transaction_list)
        self._typed(row, event, "sourceList", "source", fields.source_list)
        self._typed(row, event, "destinationList", "destination", fields.destination_list)
        self._declaration(row, event)
        for name, value in fields.extensions.items():
            self._put(event, name, self._text(row, value))
        self._json(row, event)

    @staticmethod
    def _put(event: dict[str, Any], name: str, text: str) -> None:
        if text:
            event[name] = text

    def _times(self, row: Row, event: dict[str, Any]) -> None:
        fields = self.mapping.event
        text = self._text(row, fields.event_time)
        offset = self._text(row, fields.event_time_zone_offset)
        moment = self._moment(text, _column_of(fields.event_time), row, offset)
        event["eventTime"] = moment.isoformat()
        event["eventTimeZoneOffset"] = offset or _offset(moment)
        self._put(event, "recordTime", self._text(row, fields.record_time))

    def _moment(self, text: str, column: str, row: Row, offset: str = "") -> datetime:
        """The moment in the zone it was written in."""
        shape = self.mapping.time
        try:
            if shape.format == "iso":
                moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
            else:
                moment = datetime.strptime(text, shape.format)  # noqa: DTZ007 - the zone is given below
        except ValueError:
            expected = "an ISO 8601 time" if shape.format == "iso" else f"a time as {shape.format}"
            raise BadCell(column, f"expected {expected}, got {shown(text)}") from None
        if moment.tzinfo is not None:
            return moment
        zone = _zone(offset) or _zone(shape.zone or "")
        if zone is None:
            reason = f"expected a time with its offset, got {shown(text)}; declare time.zone in the mapping"
            raise BadCell(column, reason)
        moment = moment.replace(tzinfo=zone)
        if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
            raise BadCell(column, f"expected a time that exists in {shape.zone}, got {shown(text)}")
        if moment.utcoffset() != moment.replace(fold=1).utcoffset():
            reason = f"{text!r} stands twice in {shape.zone} (clocks put back); the earlier one is taken"
            self._notes.append(Violation(f"line {row.line}, column {column!r}", reason))
        return moment

    def _typed(self, row: Row, event: dict[str, Any], name: str, field_name: str, entries: list[TypedId]) -> None:
        found = []
        for entry in entries:
            one = self._id(row, entry.id)
            if one:
                kind = self._text(row, entry.type)
                found.append({**({"type": kind} if kind else {}), field_name: one})
        if found:
            event[name] = found

    def _declaration(self, row: Row, event: dict[str, Any]) -> None:
        declared = self.mapping.event.error_declaration
        text = self._text(row, declared.declaration_time) if declared else ""
        if not declared or not text:
            return
        out: dict[str, Any] = {
            "declarationTime": self._moment(text, _column_of(declared.declaration_time), row).isoformat()
        }
        self._put(out, "reason", self._text(row, declared.reason))
        ids = self._text(row, declared.corrective_event_ids).split()
        if ids:
            out["correctiveEventIDs"] = ids
        event["errorDeclaration"] = out

    def _json(self, row: Row, event: dict[str, Any]) -> None:
        value = self.mapping.event.fields
        text = self._text(row, value)
        if not text:
            return
        if max(text.count("{"), text.count("[")) > MAX_DEPTH * 100:
            raise BadCell(_column_of(value), "expected a JSON object of reasonable size")
        try:
            more = json.loads(text, parse_float=Decimal)
        except (ValueError, RecursionError):
            raise BadCell(_column_of(value), f"expected a JSON object, got {shown(text)}") from None
        if not isinstance(more, dict):
            raise BadCell(_column_of(value), f"expected a JSON object, got {shown(text)}")
        for name, one in more.items():
            known = event.get(name)
            if isinstance(one, dict) and isinstance(known, dict):
                event[name] = {**one, **known}
            else:
                event.setdefault(name, one)

    # ---- things

    def _thing(self, row: Row, entry: Entry, event: dict[str, Any]) -> None:
        name = self._text(row, entry.list)
        one = self._id(row, entry.id)
        if not name and not one:
            return
        if name in _ID_LISTS:
            if one:
                event.setdefault(name, []).append(one)
            return
        if name not in _AMOUNT_LISTS:
            reason = f"expected the name of a list such as quantityList, got {shown(name)}"
            raise BadCell(_column_of(entry.list), reason)
        if not one:
            raise BadCell(_column_of(entry.id), "expected an id, got an empty cell")
        amount: dict[str, Any] = {"epcClass": one}
        quantity = self._text(row, entry.quantity)
        if quantity:
            amount["quantity"] = self._number(quantity, _column_of(entry.quantity))
        unit = self._unit(row, entry)
        if unit:
            amount["uom"] = unit
        event.setdefault(name, []).append(amount)

    def _number(self, text: str, column: str) -> Decimal:
        shape = self.mapping.table
        plain = text.replace(shape.thousands, "") if shape.thousands else text
        if shape.decimal == ",":
            plain = "" if "." in plain else plain.replace(",", ".")
        if len(plain) > MAX_NUMBER_CHARACTERS or not re.fullmatch(r"[+-]?\d+(?:\.\d+)?", plain, re.ASCII):
            raise BadCell(column, f"expected a number with decimal mark {shape.decimal!r}, got {shown(text)}")
        number = Decimal(plain)
        if number < 0:
            raise BadCell(column, f"expected a quantity of 0 or more, got {shown(text)}")
        return number

    def _unit(self, row: Row, entry: Entry) -> str:
        """The unit's code; "" where there is none and for pieces. A word nobody knows is kept for the rules."""
        text = self._text(row, entry.unit)
        declared = self.mapping.units.get(text)
        if declared is not None:
            return declared
        if not text:
            return ""
        try:
            code = read_unit(text).code
        except BadInput:
            return text
        return "" if code == EACH and text != EACH else code

    # ---- values

    def _text(self, row: Row, value: Any) -> str:
        """The text of a value in this row; "" where there is none."""
        if value is None:
            return ""
        if not isinstance(value, Cell):
            return str(value)
        if value.column is not None:
            text = row.cells.get(value.column, "").strip()
        else:
            assert value.template is not None, "a cell has a column or a template"
            text = _PLACEHOLDER.sub(lambda match: row.cells.get(match[1], "").strip(), value.template).strip()
            if not any(row.cells.get(name, "").strip() for name in value.columns):
                text = ""
        return value.words.get(text, text) or value.default or ""

    def _id(self, row: Row, value: Any) -> str:
        if not isinstance(value, Thing):
            return self._text(row, value)
        ((kind, own),) = value.given
        code = self._text(row, own.code)
        if not code and not (kind is Kind.CLASS and self._text(row, own.item)):
            return ""
        if _HAS_SCHEME.match(code):
            return code
        if code.startswith(("(", "]")):
            known = parse_gs1(code)
            if known is not None:
                return known.canonical
        return self._own_id(row, kind, own, code)

    def _own_id(self, row: Row, kind: Kind, own: Own, code: str) -> str:
        try:
            return plant_id(kind, code, self._text(row, own.item), self._text(row, own.issuer)).canonical
        except BadInput as error:
            raise BadCell(_column_of(own.code), f"expected {error.expected}, got {shown(error.got)}") from None


def _column_of(value: Any) -> str:
    return ", ".join(value.columns) if isinstance(value, Cell) else _DEFAULT_COLUMN


def _zone(text: str) -> tzinfo | None:
    if not text:
        return None
    if text in {"UTC", "Z"}:
        return UTC
    if is_zone_offset(text):
        hours, minutes = int(text[1:3]), int(text[4:6])
        sign = -1 if text[0] == "-" else 1
        return timezone(sign * timedelta(hours=hours, minutes=minutes))
    return ZoneInfo(text)


def _offset(moment: datetime) -> str:
    """The offset a moment was written with, to the minute."""
    text = moment.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"
