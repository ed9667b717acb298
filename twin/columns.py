"""Append-only tables of numbers: one array per column, no object per row."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

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
        self._appenders = self._bound()
        self._first = next(iter(self._arrays.values()))

    def _bound(self) -> tuple[Callable[[Any], None], ...]:
        return tuple(column.append for column in self._arrays.values())

    def __deepcopy__(self, memo: dict[int, Any]) -> Table:
        twin = object.__new__(type(self))
        memo[id(self)] = twin
        twin._arrays = {name: column[:] for name, column in self._arrays.items()}
        twin._first = next(iter(twin._arrays.values()))
        twin._appenders = twin._bound()  # a bound method of an array is copied as it is: it would fill the original
        return twin

    def append(self, *values: float) -> int:
        """Add a row, values in the order of the columns; gives its number."""
        row = len(self._first)
        for add, value in zip(self._appenders, values, strict=True):
            add(value)
        return row

    def extend(self, *columns: npt.ArrayLike) -> None:
        """Add rows, a column of values for each column; values must fit their types."""
        for column, values in zip(self._arrays.values(), columns, strict=True):
            column.frombytes(np.asarray(values).astype(_WIDTHS[column.typecode]).tobytes())

    def __len__(self) -> int:
        return len(self._first)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return sum(column.itemsize for column in self._arrays.values())

    def column(self, name: str) -> Array:
        """One column as a numpy array, copied."""
        column = self._arrays[name]
        return np.array(column, dtype=_WIDTHS[column.typecode])

    def arrays(self) -> dict[str, Array]:
        """The columns as numpy arrays, copied."""
        return {name: self.column(name) for name in self._arrays}
