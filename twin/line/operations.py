"""One row for each completed operation of a line: when it ended and began, at which station, on which part."""

from __future__ import annotations

from struct import Struct
from struct import error as StructError  # noqa: N812
from typing import Any

import numpy as np

from twin.columns import NOTHING, Table
from twin.npz import Array

COLUMNS = {"end_ms": "q", "begin_ms": "q", "station": "H", "part": "I"}
"""22 bytes a row; ``part`` is the load's number, or NOTHING where it has none."""


class Operations:
    """The table of completed operations, in the order in which they ended.

    ``fresh`` takes what stations append in passing: end, begin, station, load, in seconds; `settle` makes rows of it.
    """

    __slots__ = ("_table", "fresh")

    def __init__(self) -> None:
        self.fresh: list[Any] = []
        self._table = Table(COLUMNS)

    def settle(self) -> None:
        """Make rows of what was appended since the last time."""
        fresh = self.fresh
        if not fresh:
            return
        packing = Struct(f"{len(fresh)}d")  # the fastest way from a list of numbers to an array: 25 ns a row
        try:
            packed = packing.pack(*fresh)
        except StructError:
            fresh[3::4] = [number_of(load) for load in fresh[3::4]]
            packed = packing.pack(*fresh)
        fresh.clear()
        rows = np.frombuffer(packed).reshape(-1, 4)
        self._table.extend(np.rint(rows[:, 0] * 1000), np.rint(rows[:, 1] * 1000), rows[:, 2], rows[:, 3])

    def __len__(self) -> int:
        self.settle()
        return len(self._table)

    def count(self, station: int) -> int:
        """Rows of the station of that number."""
        self.settle()
        return int(np.count_nonzero(self._table.column("station") == station))

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return self._table.row_bytes

    def arrays(self) -> dict[str, Array]:
        """The columns as numpy arrays, copied."""
        self.settle()
        return self._table.arrays()


def number_of(load: object) -> int:
    """The number of a load: itself, its ``number``, or that of the first one together with it; else NOTHING."""
    while isinstance(load, tuple | list) and load:
        load = load[0]
    if isinstance(load, int):
        return load
    number = getattr(load, "number", NOTHING)
    return number if isinstance(number, int) else NOTHING
