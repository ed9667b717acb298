"""The truth while it happens: the plant's processes append rows here, and nothing is ever changed.

``moves`` is double entry: every amount leaves one place and reaches another, with its mass, so that the balance of each
place can be struck. ``links`` says what each portion was made of: amounts by mass, and contacts without amount.
``packed``, ``nested`` and ``shipped`` say which carrier held what, in which outer one it stood and where it went;
``operations`` what was done at which station from when to when; ``serials`` which numbers units got, as ranges.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from trace_core.vocabulary.identity import Kind, identify, plant_id
from twin.columns import NOTHING, Table
from twin.material import Drawn, Item, Lot, Portion

if TYPE_CHECKING:
    from twin.kernel import Kernel

FORMAT = 2
"""Version of the tables; a saved truth of another one is refused."""


class Move(IntEnum):
    """What a row of ``moves`` was."""

    RECEIVE = 1  # from a supplier
    FILL = 2  # into a vessel
    DRAW = 3  # out of a mixed vessel: no single portion
    FEED = 4  # a portion into a process
    PACK = 5  # made units onto a carrier
    SAMPLE = 6
    SCRAP = 7
    LOSE = 8  # drained, left in pipes
    RETURN = 9  # change-over product into stock
    SHIP = 10
    STORE = 11  # a carrier into its store
    CLEAN = 12  # no mass; quantity 1 = effective, 0 = not
    FINISH = 13  # what an operation made, into the stock that keeps it
    SEND = 14  # out of a stock or station onto the road, to a subcontractor or another site
    ARRIVE = 15  # off the road
    DIFFER = 16  # what a unit weighs more or less than declared


TABLES = {
    "lots": {"item": "H", "station": "H", "received": "B"},
    "portions": {"lot": "I", "made_ms": "q", "generation": "H"},
    "moves": {
        "time_ms": "q",
        "kind": "B",
        "source": "H",
        "target": "H",
        "portion": "I",
        "into": "I",
        "quantity": "q",
        "mass": "q",
    },
    "links": {"time_ms": "q", "made": "I", "used": "I", "mass": "d"},
    "packed": {"time_ms": "q", "carrier": "I", "portion": "I", "count": "q"},
    "nested": {"time_ms": "q", "outer": "I", "inner": "I"},
    "shipped": {"time_ms": "q", "carrier": "I", "shipment": "I", "customer": "I"},
    "operations": {
        "end_ms": "q",
        "begin_ms": "q",
        "station": "H",
        "operation": "H",
        "portion": "I",
        "order": "I",
        "run": "I",
    },
    "serials": {"time_ms": "q", "portion": "I", "first": "q", "count": "I", "rule": "H"},
    "packed_serials": {"packed": "I", "serials": "I", "first": "q", "count": "I"},
    "moved_serials": {"move": "I", "serials": "I", "first": "q", "count": "I"},
    "used_serials": {"made": "I", "serials": "I", "first": "q", "count": "I"},
    "excursions": {"time_ms": "q", "signal": "H", "until_ms": "q", "by": "d"},
}
"""Every table with its columns. ``into`` of a move: the portion it went to make, where it went to make one.

``station`` and ``operation`` count the stations and operations of the plant file. A row of ``serials`` says that the
units numbered ``first`` on by the lot-code rule ``rule`` at ``time_ms`` are of ``portion``; of rows about one unit the
last holds. A row of ``packed_serials`` says which of them are the units of a row of ``packed``, one of
``moved_serials`` those of a row of ``moves`` (to a palletiser, into a stock, to the laboratory), one of
``used_serials`` which of them went into the portion ``made``. ``signal`` counts the signals of the plant file.
"""


class Ledger:
    """The truth of one run, growing."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.tables = {name: Table(columns) for name, columns in TABLES.items()}
        self.lots: list[Lot] = []
        self.containers: dict[int, str] = {}
        self.carriers: list[str] = []
        self.shipments: list[str] = []
        self.orders: list[str] = []
        self.fresh_operations: list[float] = []
        """End and begin in seconds, station, operation, portion, order and run of each, one after the other."""
        kernel.at_pause(self.settle_operations)
        self.nominal: dict[int, None] = {}
        """Lots by number that nobody reads: what was made of an order where no lot is declared."""
        self.places: dict[str, int] = {}
        self.inside: list[bool] = []

    def settle_operations(self) -> None:
        """Make rows of what tasks appended since the last time."""
        fresh = self.fresh_operations
        if fresh:
            rows = np.array(fresh).reshape(-1, len(TABLES["operations"]))
            fresh.clear()
            times = (np.rint(rows[:, column] * 1000) for column in (0, 1))
            self.tables["operations"].extend(*times, *(rows[:, column] for column in range(2, rows.shape[1])))

    def _now_ms(self) -> int:
        return round(self._kernel.now * 1000)

    def place(self, name: str, inside: bool = True) -> int:
        """The number of a place, given at its first mention; ``inside``: in the plant, so its balance is struck."""
        number = self.places.get(name)
        if number is None:
            number = self.places[name] = len(self.inside)
            self.inside.append(inside)
        return number

    def lot(
        self,
        item: Item,
        code: str,
        station: str,
        *,
        received: bool = False,
        element_string: bool = False,
        potency: float = 1.0,
    ) -> Lot:
        """A new lot, received or made at ``station``; its label may be a GS1 element string."""
        label = f"(01){item.gtin}(10){code}" if element_string else code
        lot = Lot(len(self.lots), item, code, label, plant_id(Kind.LOT, code, item.gtin).canonical, potency)
        self.lots.append(lot)
        self.tables["lots"].append(item.index, self.place(station), int(received))
        return lot

    def portion(self, lot: Lot, expires_s: float = inf, generation: int = 0, container: str = "") -> Portion:
        """A new portion of ``lot``, made now; ``container`` names it where it is one that can be told apart."""
        row = self.tables["portions"].append(lot.index, self._now_ms(), generation)
        if container:
            self.containers[row] = plant_id(Kind.SERIAL, f"{lot.code}#{container}", lot.item.gtin).canonical
        return Portion(row, lot, self._kernel.now, expires_s, generation)

    def move(
        self,
        kind: Move,
        source: int,
        target: int,
        item: Item,
        quantity: int,
        portion: Portion | None,
        into: Portion | None = None,
    ) -> None:
        """``quantity`` of ``item`` from place to place; ``portion`` None where it is a mixture."""
        assert quantity > 0, f"a move moves something, got {quantity} of {item.name}"
        self.tables["moves"].append(
            self._now_ms(),
            kind,
            source,
            target,
            NOTHING if portion is None else portion.index,
            NOTHING if into is None else into.index,
            quantity,
            quantity * item.mass,
        )

    def differ(self, source: int, target: int, mass: int, into: Portion | None = None) -> None:
        """``mass`` of nothing in particular: chips, vapour, dust, or what units weigh more or less than declared."""
        assert mass > 0, f"a move moves something, got a mass of {mass}"
        made = NOTHING if into is None else into.index
        self.tables["moves"].append(self._now_ms(), Move.DIFFER, source, target, NOTHING, made, mass, mass)

    def cleaned(self, place: int, effective: bool) -> None:
        """``place`` was cleaned, effectively or not."""
        self.tables["moves"].append(self._now_ms(), Move.CLEAN, place, place, NOTHING, NOTHING, int(effective), 0)

    def link(self, made: Portion, used: Portion, mass: float) -> None:
        """``mass`` of ``used`` went into ``made``; 0 where it only touched it."""
        self.tables["links"].append(self._now_ms(), made.index, used.index, mass)

    def link_drawn(self, made: Portion, drawn: Drawn) -> None:
        """All that a draw from a mixed vessel brought into ``made``."""
        for used in drawn.contacts:
            self.link(made, used, drawn.shares.get(used, 0.0) * drawn.quantity * used.lot.item.mass)

    def link_contacts(self, made: Portion, contacts: Iterable[Portion]) -> None:
        """What only touched ``made``: left on the equipment from before."""
        for used in contacts:
            if used is not made:
                self.link(made, used, 0.0)

    def carrier(self, sscc: str) -> int:
        """A new carrier by the 18 digits of its SSCC."""
        self.carriers.append(identify(f"(00){sscc}").canonical)
        return len(self.carriers) - 1

    def nest(self, outer: int, inner: int) -> None:
        """The carrier ``inner`` stands in ``outer``."""
        self.tables["nested"].append(self._now_ms(), outer, inner)

    def order(self, number: str) -> int:
        """A new work order by its number."""
        self.orders.append(number)
        return len(self.orders) - 1

    def serials(self, time_ms: int, portion: Portion, first: int, count: int, rule: int) -> int:
        """``count`` units of ``portion`` numbered ``first`` on by ``rule`` at ``time_ms``; gives the row."""
        return self.tables["serials"].append(time_ms, portion.index, first, count, rule)

    def excursion(self, signal: int, until_s: float, by: float) -> None:
        """The signal of that number is off ``by`` so much from now until then."""
        self.tables["excursions"].append(self._now_ms(), signal, round(until_s * 1000), by)

    def moved_serials(self, serials: Iterable[tuple[int, int, int]]) -> None:
        """The units with these numbers (row, first, count) were what moved last."""
        move = len(self.tables["moves"]) - 1
        for row, first, count in serials:
            self.tables["moved_serials"].append(move, row, first, count)

    def used_serials(self, made: Portion, serials: Iterable[tuple[int, int, int]]) -> None:
        """The units with these numbers (row, first, count) went into ``made``."""
        for row, first, count in serials:
            self.tables["used_serials"].append(made.index, row, first, count)

    def shipment(self, number: str) -> int:
        """A new shipment by the number of its delivery note."""
        self.shipments.append(number)
        return len(self.shipments) - 1

    def pack(self, carrier: int, portion: Portion, count: int, serials: Iterable[tuple[int, int, int]] = ()) -> None:
        """``count`` units of ``portion`` stand on ``carrier``; ``serials``: row, first and count of their numbers."""
        packed = self.tables["packed"].append(self._now_ms(), carrier, portion.index, count)
        for row, first, many in serials:
            self.tables["packed_serials"].append(packed, row, first, many)

    def ship(self, carrier: int, shipment: int, customer: int) -> None:
        """``carrier`` left for ``customer`` (its number in the plant's list)."""
        self.tables["shipped"].append(self._now_ms(), carrier, shipment, customer)
