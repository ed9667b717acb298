"""The tables of a truth and the reports of a run as pandas frames, with words in place of numbers and real times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from trace_core.capture.records import DeviceRecord, Report
from trace_core.errors import BadInput, UnknownName
from twin.columns import NOTHING
from twin.ledger import TABLES, Move
from twin.npz import Array

if TYPE_CHECKING:
    import pandas as pd

    from twin.names import Names
    from twin.truth import Truth

_ENDS_OF_TIMES = "_ms"

_WORDS: Mapping[str, Callable[[Names], Sequence[str]]] = {
    "item": lambda names: names.items,
    "lot": lambda names: names.lots,
    "source": lambda names: names.places,
    "target": lambda names: names.places,
    "carrier": lambda names: names.carriers,
    "outer": lambda names: names.carriers,
    "inner": lambda names: names.carriers,
    "shipment": lambda names: names.shipments,
    "customer": lambda names: names.customers,
    "operation": lambda names: names.operations,
    "order": lambda names: names.orders,
}
"""What the numbers of a column count. ``station`` counts places in ``lots`` and stations in ``operations``."""


def table_frame(truth: Truth, table: str) -> pd.DataFrame:
    """A table of the truth as a frame: times in UTC, names for what is numbered; rows in the order of what happened.

    ``portion``, ``made``, ``used`` and ``into`` stay numbers: rows of ``portions``. UnknownName for no such table;
    BadInput where pandas is not installed.
    """
    if table not in TABLES:
        raise UnknownName("table of a truth", table, TABLES)
    pandas = _pandas()
    columns = truth.tables[table]
    frame: pd.DataFrame = pandas.DataFrame(
        {_name(column): _spoken(truth, table, column, columns[column]) for column in TABLES[table]}
    )
    return frame


def frames(truth: Truth) -> dict[str, pd.DataFrame]:
    """All tables of the truth as frames, by name."""
    return {table: table_frame(truth, table) for table in TABLES}


def reports_frame(reports: Iterable[tuple[Report, datetime]]) -> pd.DataFrame:
    """Reports as they arrived, a row each: ``arrived``, ``report`` (what it is), then every field that any of them has.

    Enumerations stand as words, quantities as floats, what a report does not have as None.
    """
    rows = [{"arrived": arrived, "report": _kind(report), **_fields(report)} for report, arrived in reports]
    frame: pd.DataFrame = _pandas().DataFrame(rows)
    return frame


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise BadInput("pandas, which frames need", "none", "frames", "pip install 'tracetwin[notebook]'") from error
    return pd


def _name(column: str) -> str:
    return column.removesuffix(_ENDS_OF_TIMES)


def _spoken(truth: Truth, table: str, column: str, values: Array) -> Any:
    pd = _pandas()
    if column.endswith(_ENDS_OF_TIMES):
        return pd.Timestamp(truth.start).tz_convert("UTC") + pd.to_timedelta(values, unit="ms")
    if column == "kind":
        return pd.Categorical.from_codes(np.asarray(values, dtype=int) - 1, [kind.name.lower() for kind in Move])
    if column == "received":
        return values.astype(bool)
    if column == "station":
        words: Sequence[str] = truth.names.places if table == "lots" else truth.names.stations
        return _worded(values, words)
    if column in _WORDS:
        return _worded(values, _WORDS[column](truth.names))
    if values.dtype == np.uint32 and (values == NOTHING).any():
        return pd.arrays.IntegerArray(values.astype(np.int64), mask=values == NOTHING)
    return values


def _worded(values: Array, words: Sequence[str]) -> Any:
    """The names as categories; what stands for nothing stays empty."""
    codes = np.asarray(values, dtype=np.int64)
    return _pandas().Categorical.from_codes(np.where(codes < len(words), codes, -1), _told_apart(words))


def _told_apart(words: Sequence[str]) -> list[str]:
    """Names that stand twice (a code used again) get their number behind them, as categories must differ."""
    seen: dict[str, int] = {}
    told = []
    for word in words:
        seen[word] = seen.get(word, 0) + 1
        told.append(word if seen[word] == 1 else f"{word}#{seen[word]}")
    return told


def _kind(report: Report) -> str:
    return report.type.name if isinstance(report, DeviceRecord) else type(report).__name__


def _fields(report: Report) -> dict[str, Any]:
    return {one.name: _plain(getattr(report, one.name)) for one in fields(report) if one.name != "type"}


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value
