"""Append-only tables of numbers: one array per column, no object per row."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np

from twin.npz import Array

_WIDTHS = {"B": np.uint8, "H": np.uint16, "I": np.uint32, "q": np.int64, "d": np.float64}
"""Column codes: u8, u16, u32, i64, f64. Every platform we run on agrees on these sizes (asserted below)."""

assert {code: array(str(code)).itemsize for code in _WIDTHS} == {"B": 1, "H": 2, "I": 4, "q": 8, "d": 8}

NOTHING = 0xFFFFFFFF
"""In a u32 column: refers to no row."""


class Table:
    """Rows as columns; ``columns`` maps names to codes (B, H, I, q, d). Times are milliseconds from the start."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._arrays: dict[str, array[Any]] = {name: array(code) for name, code in columns.items()}
        self._appenders = tuple(column.append for column in self._arrays.values())

    def append(self, *values: float) -> int:
        """Add a row, values in the order of the columns; gives its number."""
        row = len(self)
        for add, value in zip(self._appenders, values, strict=True):
            add(value)
        return row

    def __len__(self) -> int:
        return len(next(iter(self._arrays.values())))

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return sum(column.itemsize for column in self._arrays.values())

    def arrays(self) -> dict[str, Array]:
        """The columns as numpy arrays, copied."""
        return {name: np.array(column, dtype=_WIDTHS[column.typecode]) for name, column in self._arrays.items()}
