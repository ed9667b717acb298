"""A truth and its reports as Parquet, for DuckDB, Spark, pandas and whoever else reads it.

One file holds all of a truth and can be scored against like an .npz: rows of all tables below each other, ``table``
says of which, and what a table does not have is empty. A folder holds one file a table with words for numbers.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from trace_core.capture.records import Report
from trace_core.errors import BadInput, DocumentError
from twin.ledger import TABLES
from twin.output.frames import reports_frame, table_frame
from twin.truth import Truth

SUFFIX = ".parquet"

_HEADING = b"tracetwin.truth"
_TYPES = {"B": np.uint8, "H": np.uint16, "I": np.uint32, "q": np.int64, "d": np.float64}


def check_installed() -> None:
    """BadInput that says what to install where Parquet cannot be written."""
    _arrow()


def write_truth(truth: Truth, path: str | os.PathLike[str]) -> None:
    """Write ``truth`` to ``path``, whole or not at all."""
    arrow, parquet = _arrow()
    parts = [
        arrow.table({"table": arrow.array([name] * len(next(iter(columns.values()))), arrow.string()), **columns})
        for name, columns in truth.tables.items()
    ]
    whole = arrow.concat_tables(parts, promote_options="permissive")
    _write(whole.replace_schema_metadata({_HEADING: truth.heading()}), Path(path), parquet)


def read_truth(path: str | os.PathLike[str]) -> Truth:
    """The truth in the file at ``path``; DocumentError where it is none."""
    arrow, parquet = _arrow()
    where = os.fspath(path)
    try:
        whole = parquet.read_table(path)
        heading = (whole.schema.metadata or {})[_HEADING]
        tables = {name: _columns(whole, name) for name in TABLES}
    except (arrow.ArrowException, KeyError, OSError) as error:
        raise DocumentError("a truth as `tracetwin run --truth` writes it (.parquet)", str(error), where) from error
    return Truth.from_tables(heading, tables, where)


def _columns(whole: Any, table: str) -> dict[str, Any]:
    rows = whole.filter(import_module("pyarrow.compute").equal(whole["table"], table))
    return {
        column: rows[column].to_numpy(zero_copy_only=False).astype(_TYPES[code])
        for column, code in TABLES[table].items()
    }


def write_folder(truth: Truth, folder: Path, reports: Iterable[tuple[Report, datetime]] | None = None) -> None:
    """Write one file a table, as :func:`twin.output.frames.table_frame` shows it, and ``reports.parquet`` if given."""
    arrow, parquet = _arrow()
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        shown = arrow.Table.from_pandas(table_frame(truth, table), preserve_index=False)
        _write(shown.replace_schema_metadata(None), folder / f"{table}{SUFFIX}", parquet)
    if reports is not None:
        shown = arrow.Table.from_pandas(reports_frame(reports), preserve_index=False)
        _write(shown.replace_schema_metadata(None), folder / f"reports{SUFFIX}", parquet)


def _write(table: Any, path: Path, parquet: Any) -> None:
    fresh = path.with_name(f".{path.name}.new")
    parquet.write_table(table, fresh, compression="zstd")
    fresh.replace(path)


def _arrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise BadInput("pyarrow, which Parquet needs", "none", "Parquet", "pip install 'tracetwin[parquet]'") from error
