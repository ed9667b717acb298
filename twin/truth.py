"""What physically happened in one run, as columns, and which units are truly affected by a suspect.

Nothing here was reported by anybody, and nothing here shares code with the rooms that answer from reports: the reach of
a suspect is swept over the ``links`` that the plant's own processes wrote down (:mod:`twin.ledger`).
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import numpy as np

from trace_core.errors import DocumentError, UnknownName
from trace_core.vocabulary.identity import identify
from trace_core.vocabulary.times import format_time, parse_time
from twin.columns import NOTHING
from twin.hazard import Hazard, HazardKind
from twin.ledger import FORMAT, TABLES
from twin.names import Names
from twin.npz import Array, read_arrays, write_arrays
from twin.numbered import Numbered, Unit
from twin.reach import Links
from twin.stacks import Stack, stacks_of

Columns: TypeAlias = dict[str, Array]

NOT_READ = 0xFFFF
"""In place of an item's number: of no item that is asked about."""


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units of one printed lot, with one history, in one place. ``lot`` and ``carrier`` are canonical ids.

    ``place`` is where they are at the end: stock, shipped or sample. ``carrier`` is "" where they stand on none that
    was closed; then ``shipped`` is None. ``serial`` is the canonical id where the group is one numbered unit.
    ``share`` is the suspect's share by mass in each of them, whatever the hazard.
    """

    lot: str
    carrier: str
    count: int
    place: str
    customer: str
    shipment: str
    made: datetime
    shipped: datetime | None
    affected: bool
    share: float
    mass_kg: float
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lot that a drill may choose as suspect. ``item`` and ``station`` are names of the plant file.

    ``station`` is where it was received or made. ``first_use`` and ``last_use`` are when some of it first and last went
    into something else, None where none did; ``units`` is how many units it is in contact with at the end of the run.
    """

    lot: str
    code: str
    item: str
    station: str
    is_received: bool
    made: datetime
    first_use: datetime | None
    last_use: datetime | None
    units: int


@dataclass(frozen=True)
class Truth:
    """The truth of one run."""

    plant: str
    plant_hash: str
    seed: int
    start: datetime
    end: datetime
    names: Names
    tables: dict[str, Columns]

    @functools.cached_property
    def hash(self) -> str:
        """SHA-256 over all that happened; capture faults, their labels and hazards have no part in it."""
        digest = hashlib.sha256(self.heading())
        for name, values in self._arrays():
            little = values.astype(values.dtype.newbyteorder("<"), copy=False)
            digest.update(f"{name} {little.dtype.str} {len(little)}\n".encode())
            digest.update(little.tobytes())
        return digest.hexdigest()

    def _arrays(self) -> Iterator[tuple[str, Array]]:
        for table, columns in TABLES.items():
            yield from ((f"{table}.{column}", self.tables[table][column]) for column in columns)

    def heading(self) -> bytes:
        """All but the tables, as JSON."""
        heading = {
            "format": FORMAT,
            "plant": self.plant,
            "plant_hash": self.plant_hash,
            "seed": self.seed,
            "start": format_time(self.start),
            "end": format_time(self.end),
            "names": vars(self.names),
        }
        return json.dumps(heading, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the truth to ``path`` (.npz): the same bytes for the same truth."""
        heading = np.frombuffer(self.heading(), dtype=np.uint8)
        write_arrays(path, {"heading": heading, **dict(self._arrays())})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Truth:
        """The truth in the file at ``path``; DocumentError where it is none, or of another format."""
        arrays, where = read_arrays(path), os.fspath(path)
        try:
            heading = arrays["heading"].tobytes()
            told = _told(heading, where)
            tables = {
                table: {column: arrays[f"{table}.{column}"] for column in columns} for table, columns in TABLES.items()
            }
        except KeyError as error:
            raise _no_truth(error, where) from error
        return cls._of(told, tables, where)

    @classmethod
    def from_tables(cls, heading: bytes, tables: dict[str, Columns], where: str) -> Truth:
        """The truth of these tables and what :meth:`heading` gave; DocumentError where it is none."""
        return cls._of(_told(heading, where), tables, where)

    @classmethod
    def _of(cls, told: dict[str, Any], tables: dict[str, Columns], where: str) -> Truth:
        try:
            containers = {int(portion): name for portion, name in told["names"].pop("containers").items()}
            start, end = parse_time(told["start"]), parse_time(told["end"])
            names = Names(**told["names"], containers=containers)
            return cls(told["plant"], told["plant_hash"], told["seed"], start, end, names, tables)
        except (KeyError, TypeError, ValueError) as error:
            raise _no_truth(error, where) from error

    def moment(self, time_ms: int) -> datetime:
        """The moment of a time in the tables."""
        return self.start + timedelta(milliseconds=int(time_ms))

    # ---- what a drill may suspect

    def known_ids(self) -> frozenset[str]:
        """The canonical ids of every lot, received container and carrier of the run; of numbered units see `knows`."""
        return frozenset((*self._lot_numbers, *self._container_portions, *self._carrier_numbers))

    def knows(self, name: str) -> bool:
        """Whether the run has a lot, container, carrier or numbered unit of this canonical id."""
        known = (self._lot_numbers, self._container_portions, self._carrier_numbers)
        return any(name in one for one in known) or self._numbered.find(name) is not None

    def candidates(self, item: str | None = None) -> list[Candidate]:
        """Every lot, or every lot of ``item`` (its name in the plant file), in the order in which they came about.

        Lots that nobody reads, as no label bears them, are left out.
        """
        lots = self.tables["lots"]["item"].copy()
        lots[self.names.nominal] = NOT_READ
        if item is None:
            return [self._candidate(int(lot)) for lot in np.flatnonzero(lots != NOT_READ)]
        if item not in self.names.items:
            raise UnknownName("item", item, self.names.items)
        return [self._candidate(int(lot)) for lot in np.flatnonzero(lots == self.names.items.index(item))]

    def _candidate(self, lot: int) -> Candidate:
        lots, portions = self.tables["lots"], self._portions_of(lot)
        used = [times for portion in portions if (times := self._use_times.get(portion))]
        reached = self._links.reached(portions)
        made = self.tables["portions"]["made_ms"]
        return Candidate(
            self.names.lots[lot],
            self.names.codes[lot],
            self.names.items[lots["item"][lot]],
            self.names.places[lots["station"][lot]],
            bool(lots["received"][lot]),
            self.moment(min((int(made[portion]) for portion in portions), default=0)),
            self.moment(min(first for first, _ in used)) if used else None,
            self.moment(max(last for _, last in used)) if used else None,
            sum(stack.units for stack in self._stacks if stack.portion in reached),
        )

    def _portions_of(self, lot: int) -> list[int]:
        return self._portions_by_lot.get(lot, [])

    @functools.cached_property
    def _portions_by_lot(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for portion, lot in enumerate(self.tables["portions"]["lot"].tolist()):
            found.setdefault(lot, []).append(portion)
        return found

    @functools.cached_property
    def _use_times(self) -> dict[int, tuple[int, int]]:
        links, found = self.tables["links"], dict[int, tuple[int, int]]()
        for portion, time in zip(links["used"].tolist(), links["time_ms"].tolist(), strict=True):
            first, last = found.get(portion, (time, time))
            found[portion] = (min(first, time), max(last, time))
        return found

    # ---- what is affected

    def units(self, suspects: Sequence[str], hazard: Hazard, *, one_by_one: bool = False) -> tuple[UnitGroup, ...]:
        """All units ever made, each group with whether ``hazard`` affects it through ``suspects``.

        A suspect is a lot, a received container (its part of a lot), a carrier (what stood on it) or a numbered unit,
        by any form of its id. ``one_by_one``: numbered units on carriers are groups of one, with their serial; else
        only where suspects single some out. UnknownName for a suspect that the run never had.
        """
        found = self._find(suspects)
        links, own = self._links, found.portions
        if found.units:
            links = links.with_use(_ITSELF, self._uses_of(found.units))
            own = own | {_ITSELF}
        kind = HazardKind(hazard.kind)
        shares = links.shares(own)
        if kind is HazardKind.DOSE:
            affected = {portion for portion, share in shares.items() if share > 0.0 and share >= hazard.threshold}
        else:
            affected = links.reached(own, by_mass_only=kind is HazardKind.DISCRETE)
        named = {(unit.row, unit.number) for unit in found.units}
        apart = {packed for unit in found.units if (packed := self._numbered.packed_in(unit)) is not None}
        groups: list[UnitGroup] = []
        for stack, group in self._groups:
            is_on = stack.carrier in found.carriers
            told = group
            if stack.portion in affected or stack.portion in shares or is_on:
                share = 1.0 if is_on else shares.get(stack.portion, 0.0)
                told = replace(group, affected=is_on or stack.portion in affected, share=share)
            if one_by_one or (stack.packed >= 0 and stack.packed in apart):
                groups += self._singled(stack, told, named, keep_whole=not one_by_one)
            else:
                groups.append(told)
        return tuple(groups)

    def _singled(
        self, stack: Stack, group: UnitGroup, named: set[tuple[int, int]], *, keep_whole: bool
    ) -> Iterator[UnitGroup]:
        """The numbered units of a stack one by one (those ``named`` alone where ``keep_whole``), then the others."""
        left = group.count
        mass = group.mass_kg / group.count
        for unit in self._numbered.units_in(stack):
            is_named = any(self._numbered.is_same(unit, one) for one in named)
            if is_named or not keep_whole:
                left -= 1
                told = replace(group, count=1, mass_kg=mass, serial=self._numbered.id_of(*unit))
                yield replace(told, affected=True, share=1.0) if is_named else told
        if left:
            yield replace(group, count=left, mass_kg=mass * left)

    def _uses_of(self, units: Iterable[Unit]) -> list[tuple[int, float]]:
        """The portions that numbered units went into, with the mass of each."""
        lots, items = self.tables["portions"]["lot"], self.tables["lots"]["item"]
        return [
            (made, float(self.names.unit_masses[items[lots[self._numbered.portion_of(unit.row)]]]))
            for unit in units
            for made in self._numbered.used_in(unit)
        ]

    def _find(self, suspects: Iterable[str]) -> _Found:
        found = _Found(set(), set(), [])
        for suspect in suspects:
            name = identify(suspect).canonical
            if name in self._lot_numbers:
                found.portions.update(self._portions_of(self._lot_numbers[name]))
            elif name in self._container_portions:
                found.portions.add(self._container_portions[name])
            elif name in self._carrier_numbers:
                found.carriers.update(self._on(self._carrier_numbers[name]))
            elif (unit := self._numbered.find(name)) is not None:
                found.units.append(unit)
            else:
                raise UnknownName("lot, container, carrier or unit of the run", name, self.known_ids())
        return found

    def _on(self, carrier: int) -> set[int]:
        """A carrier and those that stand in it."""
        nested = self.tables["nested"]
        return {carrier, *(int(inner) for inner in nested["inner"][nested["outer"] == carrier])}

    @functools.cached_property
    def _numbered(self) -> Numbered:
        return Numbered(self.tables, self.names.rules, self.names.gtins, self.start)

    @functools.cached_property
    def _lot_numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names.lots)}

    @functools.cached_property
    def _container_portions(self) -> dict[str, int]:
        return {name: portion for portion, name in self.names.containers.items()}

    @functools.cached_property
    def _carrier_numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names.carriers)}

    @functools.cached_property
    def _links(self) -> Links:
        links = self.tables["links"]
        return Links(links["made"], links["used"], links["mass"])

    @functools.cached_property
    def _stacks(self) -> list[Stack]:
        """All units, stack by stack."""
        return stacks_of(self.tables, np.array(self.names.recalled, dtype=bool))

    def _rows(self, table: str, columns: str) -> Iterator[tuple[int, ...]]:
        return zip(*(self.tables[table][column].tolist() for column in columns.split()), strict=True)

    @functools.cached_property
    def _groups(self) -> list[tuple[Stack, UnitGroup]]:
        """All units as if nothing were suspect."""
        return list(self._grouped())

    def _grouped(self) -> Iterator[tuple[Stack, UnitGroup]]:
        names = self.names
        sent = {carrier: rest for carrier, *rest in self._rows("shipped", "carrier time_ms shipment customer")}
        outer = {inner: holder for _, holder, inner in self._rows("nested", "time_ms outer inner")}
        lots, made = (self.tables["portions"][column].tolist() for column in ("lot", "made_ms"))
        items = self.tables["lots"]["item"].tolist()
        for stack in self._stacks:
            portion, carrier = stack.portion, stack.carrier
            time, shipment, customer = sent.get(outer.get(carrier, carrier), (None, None, None))
            group = UnitGroup(
                lot=names.lots[lots[portion]],
                carrier="" if carrier == NOTHING else names.carriers[carrier],
                count=stack.units,
                place=stack.place or ("stock" if time is None else "shipped"),
                customer="" if customer is None else names.customers[customer],
                shipment="" if shipment is None else names.shipments[shipment],
                made=self.moment(made[portion]),
                shipped=None if time is None else self.moment(time),
                affected=False,
                share=0.0,
                mass_kg=stack.units * names.kg_per_unit[items[lots[portion]]],
            )
            yield stack, group


_ITSELF = -1
"""In the links: what went in under the numbers of suspected units."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What suspects are in the tables."""

    portions: set[int]
    carriers: set[int]
    units: list[Unit]


def _told(heading: bytes, where: str) -> dict[str, Any]:
    """What a heading says; DocumentError where it is none, or of another format."""
    try:
        told: dict[str, Any] = json.loads(heading)
        written = told["format"]
    except (KeyError, TypeError, ValueError) as error:
        raise _no_truth(error, where) from error
    if written != FORMAT:
        remedy = "make the run again with this version"
        raise DocumentError(f"a truth of format {FORMAT}", written, where, remedy)
    return told


def _no_truth(error: Exception, where: str) -> DocumentError:
    return DocumentError("a truth, as a run or a drill writes it", repr(error), where)
