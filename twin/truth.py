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
from typing import TypeAlias

import numpy as np

from trace_core.errors import DocumentError, UnknownName
from trace_core.vocabulary.identity import identify
from trace_core.vocabulary.times import format_time, parse_time
from twin.columns import NOTHING
from twin.hazard import Hazard, HazardKind
from twin.ledger import FORMAT, TABLES, Move
from twin.npz import Array, read_arrays, write_arrays
from twin.reach import Links

Columns: TypeAlias = dict[str, Array]


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Units of one printed lot, with one history, in one place. ``lot`` and ``carrier`` are canonical ids.

    ``place`` is where they are at the end: stock, shipped or sample. ``carrier`` is "" where they stand on none that
    was closed; then ``shipped`` is None. ``share`` is the suspect's share by mass in each of them, whatever the hazard.
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
class Names:
    """The texts that the numbers in a truth's tables stand for; ``containers`` by portion, ``kg_per_unit`` by item."""

    items: list[str]
    kg_per_unit: list[float]
    lots: list[str]
    codes: list[str]
    carriers: list[str]
    shipments: list[str]
    customers: list[str]
    places: list[str]
    containers: dict[int, str]


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
        digest = hashlib.sha256(self._heading())
        for name, values in self._arrays():
            little = values.astype(values.dtype.newbyteorder("<"), copy=False)
            digest.update(f"{name} {little.dtype.str} {len(little)}\n".encode())
            digest.update(little.tobytes())
        return digest.hexdigest()

    def _arrays(self) -> Iterator[tuple[str, Array]]:
        for table, columns in TABLES.items():
            yield from ((f"{table}.{column}", self.tables[table][column]) for column in columns)

    def _heading(self) -> bytes:
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
        heading = np.frombuffer(self._heading(), dtype=np.uint8)
        write_arrays(path, {"heading": heading, **dict(self._arrays())})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Truth:
        """The truth in the file at ``path``; DocumentError where it is none, or of another format."""
        arrays, where = read_arrays(path), os.fspath(path)
        try:
            heading = json.loads(arrays["heading"].tobytes())
            if heading["format"] != FORMAT:
                remedy = "make the run again with this version"
                raise DocumentError(f"a truth of format {FORMAT}", heading["format"], where, remedy)
            containers = {int(portion): name for portion, name in heading["names"].pop("containers").items()}
            return cls(
                heading["plant"],
                heading["plant_hash"],
                heading["seed"],
                parse_time(heading["start"]),
                parse_time(heading["end"]),
                Names(**heading["names"], containers=containers),
                {
                    table: {column: arrays[f"{table}.{column}"] for column in columns}
                    for table, columns in TABLES.items()
                },
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DocumentError("a truth, as a run or a drill writes it (.npz)", repr(error), where) from error

    def moment(self, time_ms: int) -> datetime:
        """The moment of a time in the tables."""
        return self.start + timedelta(milliseconds=int(time_ms))

    # ---- what a drill may suspect

    def known_ids(self) -> frozenset[str]:
        """The canonical ids of every lot, received container and carrier of the run."""
        return frozenset((*self._lot_numbers, *self._container_portions, *self._carrier_numbers))

    def candidates(self, item: str | None = None) -> list[Candidate]:
        """Every lot, or every lot of ``item`` (its name in the plant file), in the order in which they came about."""
        lots = self.tables["lots"]["item"]
        if item is None:
            return [self._candidate(lot) for lot in range(len(lots))]
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
            sum(count for portion, _, _, count in self._stacks if portion in reached),
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

    def units(self, suspects: Sequence[str], hazard: Hazard) -> tuple[UnitGroup, ...]:
        """All units ever made, each group with whether ``hazard`` affects it through ``suspects``.

        A suspect is a lot, a received container (its part of a lot), or a carrier (what stood on it), by any form of
        its id. UnknownName for one that the run never had.
        """
        portions, carriers = self._find(suspects)
        kind = HazardKind(hazard.kind)
        shares = self._links.shares(portions)
        if kind is HazardKind.DOSE:
            affected = {portion for portion, share in shares.items() if share > 0.0 and share >= hazard.threshold}
        else:
            affected = self._links.reached(portions, by_mass_only=kind is HazardKind.DISCRETE)
        return tuple(
            group
            if portion not in affected and portion not in shares and carrier not in carriers
            else replace(
                group,
                affected=portion in affected or carrier in carriers,
                share=1.0 if carrier in carriers else shares.get(portion, 0.0),
            )
            for portion, carrier, group in self._groups
        )

    def _find(self, suspects: Iterable[str]) -> tuple[set[int], set[int]]:
        portions: set[int] = set()
        carriers: set[int] = set()
        for suspect in suspects:
            name = identify(suspect).canonical
            if name in self._lot_numbers:
                portions.update(self._portions_of(self._lot_numbers[name]))
            elif name in self._container_portions:
                portions.add(self._container_portions[name])
            elif name in self._carrier_numbers:
                carriers.add(self._carrier_numbers[name])
            else:
                raise UnknownName("lot, container or carrier of the run", name, self.known_ids())
        return portions, carriers

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
    def _stacks(self) -> list[tuple[int, int, str, int]]:
        """All units: portion, carrier (NOTHING where on none), "sample" or "", count."""
        stacks = [
            (portion, carrier, "", count) for portion, carrier, count in self._rows("packed", "portion carrier count")
        ]
        left: dict[int, int] = {}
        for portion, _, _, count in stacks:
            left[portion] = left.get(portion, 0) - count
        for kind, portion, quantity in self._rows("moves", "kind portion quantity"):
            if kind == Move.PACK:
                left[portion] = left.get(portion, 0) + quantity
            elif kind == Move.SAMPLE:
                stacks.append((portion, NOTHING, "sample", quantity))
        stacks += [(portion, NOTHING, "", count) for portion, count in left.items() if count]
        return sorted(stacks)

    def _rows(self, table: str, columns: str) -> Iterator[tuple[int, ...]]:
        return zip(*(self.tables[table][column].tolist() for column in columns.split()), strict=True)

    @functools.cached_property
    def _groups(self) -> list[tuple[int, int, UnitGroup]]:
        """All units as if nothing were suspect: portion, carrier (NOTHING where on none), group."""
        return list(self._grouped())

    def _grouped(self) -> Iterator[tuple[int, int, UnitGroup]]:
        names = self.names
        sent = {carrier: rest for carrier, *rest in self._rows("shipped", "carrier time_ms shipment customer")}
        lots, made = (self.tables["portions"][column].tolist() for column in ("lot", "made_ms"))
        items = self.tables["lots"]["item"].tolist()
        for portion, carrier, place, count in self._stacks:
            time, shipment, customer = sent.get(carrier, (None, None, None))
            group = UnitGroup(
                lot=names.lots[lots[portion]],
                carrier="" if carrier == NOTHING else names.carriers[carrier],
                count=count,
                place=place or ("stock" if time is None else "shipped"),
                customer="" if customer is None else names.customers[customer],
                shipment="" if shipment is None else names.shipments[shipment],
                made=self.moment(made[portion]),
                shipped=None if time is None else self.moment(time),
                affected=False,
                share=0.0,
                mass_kg=count * names.kg_per_unit[items[lots[portion]]],
            )
            yield portion, carrier, group
