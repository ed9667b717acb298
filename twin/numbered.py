"""Numbered units in a truth: kept as ranges, put into words only where somebody asks for one of them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import numpy as np

from trace_core.errors import TracetwinError
from trace_core.lot_codes import CodeRule, Series, read_rule
from trace_core.vocabulary.identity import Kind, identify, plant_id
from twin.ledger import Move
from twin.npz import Array
from twin.stacks import Stack


@dataclass(frozen=True, slots=True)
class Unit:
    """One numbered unit: its last row of the table ``serials``, its number, and all its rows, first to last.

    It has several where it was reworked, or became another item and kept its number.
    """

    row: int
    number: int
    rows: tuple[int, ...]


class Numbered:
    """The numbered units of one truth."""

    def __init__(
        self,
        tables: dict[str, dict[str, Array]],
        rules: Sequence[dict[str, Any]],
        gtins: Sequence[str],
        start: datetime,
    ) -> None:
        self._tables = tables
        self._declared = rules
        self._gtins = gtins
        self._start = start
        self._series = functools.lru_cache(maxsize=1 << 12)(self._series_of)
        self._found: dict[str, dict[int, list[tuple[int, int, int]]]] = {}

    def find(self, name: str) -> Unit | None:
        """The unit of a canonical id; None where the run has none."""
        identity = identify(name)
        parsed = _gtin_and_serial(identity.canonical)
        if identity.kind is not Kind.SERIAL or parsed is None or parsed[0] not in self._gtins:
            return None
        gtin, serial = parsed
        found = [(row, number) for row, number in self._rows_of(gtin, serial) if self._text(row, number) == serial]
        if not found:
            return None
        (*_, (last, number)), table = found, self._tables["serials"]
        alike = (table["rule"] == table["rule"][last]) & (table["time_ms"] == table["time_ms"][last])
        every = np.flatnonzero(alike & _holds(table, number)).tolist()
        return Unit(every[-1], number, tuple(every))

    def id_of(self, row: int, number: int) -> str:
        """The canonical id of one unit."""
        return plant_id(Kind.SERIAL, self._text(row, number), self._gtins[self._item(row)]).canonical

    def is_same(self, one: tuple[int, int], other: tuple[int, int]) -> bool:
        """Whether two pairs of row and number are one unit: numbered by one rule at one time, whatever it became."""
        table = self._tables["serials"]
        is_alike = all(table[column][one[0]] == table[column][other[0]] for column in ("rule", "time_ms"))
        return one[1] == other[1] and is_alike

    def portion_of(self, row: int) -> int:
        """The portion of the units of a row."""
        return int(self._tables["serials"]["portion"][row])

    def used_in(self, unit: Unit) -> list[int]:
        """The portions that ``unit`` went into by its own number."""
        used = self._tables["used_serials"]
        hits = np.isin(used["serials"], unit.rows) & _holds(used, unit.number)
        return [int(made) for made in used["made"][hits]]

    def packed_in(self, unit: Unit) -> int | None:
        """The row of ``packed`` that ``unit`` is in."""
        packed = self._tables["packed_serials"]
        hits = np.flatnonzero(np.isin(packed["serials"], unit.rows) & _holds(packed, unit.number))
        return int(packed["packed"][hits[-1]]) if len(hits) else None

    def units_in(self, stack: Stack) -> Iterator[tuple[int, int]]:
        """Row and number of each numbered unit in a stack."""
        if stack.packed >= 0:
            ranges = self._ranges("packed_serials", "packed").get(stack.packed, [])
        elif stack.move >= 0:
            ranges = self._ranges("moved_serials", "move").get(stack.move, [])
        else:
            ranges = self._loose(stack.portion)
        for row, first, count in ranges:
            for number in range(first, first + count):
                yield row, number

    def _ranges(self, table: str, by: str) -> dict[int, list[tuple[int, int, int]]]:
        """Rows of serials, first numbers and counts, by what they belong to."""
        if table not in self._found:
            found = self._found[table] = {}
            columns = (self._tables[table][column].tolist() for column in (by, "serials", "first", "count"))
            for where, row, first, count in zip(*columns, strict=True):
                found.setdefault(where, []).append((row, first, count))
        return self._found[table]

    def _loose(self, portion: int) -> list[tuple[int, int, int]]:
        """The units of ``portion`` that came to a palletiser or into a stock and have not left it."""
        moved = self._tables["moved_serials"]
        is_in = np.isin(self._tables["moves"]["kind"][moved["move"]], (Move.PACK, Move.FINISH))
        rows = np.unique(moved["serials"][is_in & (self._tables["serials"]["portion"][moved["serials"]] == portion)])
        gone = {unit for table in ("packed_serials", "used_serials") for unit in self._units(table, rows)}
        came = dict.fromkeys(self._units("moved_serials", rows, is_in))
        return [(row, number, 1) for row, number in came if (row, number) not in gone]

    def _units(self, table: str, rows: Array, also: Array | None = None) -> Iterator[tuple[int, int]]:
        """Row and number of the units that ``table`` names, of these rows of serials."""
        columns = self._tables[table]
        hits = np.isin(columns["serials"], rows)
        if also is not None:
            hits &= also
        for row, first, count in zip(
            *(columns[one][hits].tolist() for one in ("serials", "first", "count")), strict=True
        ):
            for number in range(first, first + count):
                yield row, number

    @functools.cached_property
    def _rules_used(self) -> list[int]:
        return [int(rule) for rule in np.unique(self._tables["serials"]["rule"])]

    # ---- texts

    def _item(self, row: int) -> int:
        lot = self._tables["portions"]["lot"][self.portion_of(row)]
        return int(self._tables["lots"]["item"][lot])

    @functools.cached_property
    def _rules(self) -> dict[int, CodeRule]:
        return {}

    def _rule(self, number: int) -> CodeRule:
        if number not in self._rules:
            self._rules[number] = read_rule(self._declared[number], f"rule {number}")
        return self._rules[number]

    def _moment(self, row: int) -> datetime:
        return self._start + timedelta(milliseconds=int(self._tables["serials"]["time_ms"][row]))

    def _text(self, row: int, number: int) -> str:
        return self._series(row)(number)

    def _series_of(self, row: int) -> Series:
        return self._rule(int(self._tables["serials"]["rule"][row])).series_at(self._moment(row))

    def _rows_of(self, gtin: str, serial: str) -> Iterator[tuple[int, int]]:
        """The rows whose range holds the number that ``serial`` prints, of units of the item, and that number."""
        table = self._tables["serials"]
        for rule in self._rules_used:
            try:
                number = self._rule(rule).parse(serial, date.min).sequence
            except (TracetwinError, OverflowError, ValueError):
                continue
            if number is None:
                continue
            hits = np.flatnonzero((table["rule"] == rule) & _holds(table, number))
            yield from ((row, number) for row in hits.tolist() if self._gtins[self._item(row)] == gtin)


def _holds(table: dict[str, Array], number: int) -> Array:
    found: Array = (table["first"] <= number) & (number < table["first"] + table["count"])
    return found


def _gtin_and_serial(canonical: str) -> tuple[str, str] | None:
    """The GTIN and serial in a canonical id; None where it is not one of a numbered unit."""
    _, found, rest = canonical.partition("/01/")
    gtin, found_too, serial = rest.partition("/21/")
    return (gtin, unquote(serial)) if found and found_too else None
