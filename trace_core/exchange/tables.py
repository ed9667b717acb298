"""Tables of text (CSV) with a declared mapping, streamed without limit of size, to events.

A row that cannot be read is a rejected event with its line and column; the rest goes on. See
:mod:`trace_core.exchange.table_mapping` for what a mapping says.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from trace_core.errors import DocumentError
from trace_core.exchange.document import Document, DocumentKind
from trace_core.exchange.event_intake import Intake, RawEvent
from trace_core.exchange.table_mapping import TableMapping, load_mapping
from trace_core.exchange.table_rows import BadCell, Row, RowReader
from trace_core.exchange.violations import Violation
from trace_core.vocabulary.clock import Clock

MAX_CELL_CHARACTERS = 1 << 20
"""Characters of one cell: beyond it a quote was surely left open, and the rest of the file would be one cell."""

MAX_ROWS_PER_EVENT = 100_000
"""Rows that may form one event; a pallet has some hundreds of serials."""

OWN_MAPPING = "events"
"""The shipped mapping that reads the tables :mod:`trace_core.exchange.csv_writer` writes."""


def shipped_mapping(name: str = OWN_MAPPING) -> TableMapping:
    """The mapping ``name`` that comes with the program."""
    text = resources.files("trace_core.exchange").joinpath("mappings").joinpath(f"{name}.yaml").read_text("utf-8")
    return load_mapping(text, f"shipped mapping {name}")


def read_table(path: Path, mapping: TableMapping | Path | str | None, *, strict: bool, clock: Clock) -> Document:
    """The events in the table ``path``, read as they are asked for.

    ``mapping`` is a loaded mapping or the path of one; without any, the table must be one that this program exported.
    """
    used = _mapping_for(path, mapping)
    with _opened(path, used) as file:
        header = _Table(path, used, file).header()
    _check_columns(path, used, header)
    return Document(str(path), DocumentKind.TABLE, "", _events(path, used, Intake(strict, clock)))


def _mapping_for(path: Path, mapping: TableMapping | Path | str | None) -> TableMapping:
    if isinstance(mapping, TableMapping):
        return mapping
    if mapping is not None:
        try:
            return load_mapping(Path(mapping).read_text("utf-8"), str(mapping))
        except (OSError, UnicodeDecodeError) as error:
            raise DocumentError("a mapping file in UTF-8", str(error), str(mapping)) from error
    own = shipped_mapping()
    with _opened(path, own) as file:
        header = _Table(path, own, file).header()
    if not {"event_id", "type", "event_time", "list", "id"} <= set(header):
        raise DocumentError(
            "a mapping that says what the columns mean", f"columns {', '.join(header[:8])}", str(path),
            "give one with --mapping MAP.yaml",
        )  # fmt: skip
    return own


def _opened(path: Path, mapping: TableMapping) -> IO[str]:
    try:
        content = path.open("rb")
    except OSError as error:
        raise DocumentError("a file that can be read", str(path), str(path), error.strerror or str(error)) from error
    encoding = mapping.table.encoding
    if encoding.replace("_", "-").lower() in {"utf-8", "utf8"}:
        encoding = "utf-8-sig"
    return io.TextIOWrapper(content, encoding=encoding, newline="")


def _check_columns(path: Path, mapping: TableMapping, header: list[str]) -> None:
    missing = sorted(RowReader(mapping).columns - set(header))
    if missing:
        raise DocumentError(
            f"the columns the mapping names ({', '.join(missing)})", f"columns {', '.join(header)}", f"{path}: line 1",
            "mend the mapping, or the file's delimiter or encoding in it",
        )  # fmt: skip


@dataclass(slots=True)
class _Table:
    """A table being read row by row."""

    path: Path
    mapping: TableMapping
    file: IO[str]

    def header(self) -> list[str]:
        """The names of the columns."""
        if self.mapping.table.columns is not None:
            return list(self.mapping.table.columns)
        row = next(self._cells(), None)
        if row is None:
            raise DocumentError("a table with a header row", "an empty file", str(self.path))
        return [name.strip() for name in row[1]]

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank, with its first line."""
        cells = self._cells()
        names = self.mapping.table.columns
        if names is None:
            first = next(cells, None)
            names = [name.strip() for name in first[1]] if first else []
        for line, row in cells:
            if any(cell.strip() for cell in row):
                yield Row(line, dict(zip(names, row, strict=False)), len(row) - len(names))

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        shape = self.mapping.table
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        reader = csv.reader(self.file, delimiter=shape.delimiter, quotechar=shape.quote, strict=False)
        line = 1
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise DocumentError(f"a table ({error})", "a row", f"{self.path}: line {line}") from error
            except UnicodeError as error:
                raise DocumentError(
                    f"text in {shape.encoding}", str(error), f"{self.path}: line {line} or later",
                    "declare the encoding of the file in the mapping",
                ) from error  # fmt: skip
            yield line, row
            line = reader.line_num + 1


def _events(path: Path, mapping: TableMapping, intake: Intake) -> Iterator[RawEvent]:
    reader = RowReader(mapping)
    with _opened(path, mapping) as file:
        for position, (_, rows) in enumerate(groupby(_Table(path, mapping, file).rows(), reader.group_of)):
            yield _event(position, rows, reader, intake)


def _event(position: int, rows: Iterator[Row], reader: RowReader, intake: Intake) -> RawEvent:
    event: dict[str, Any] = {}
    faults: list[Violation] = []
    line = 0
    for number, row in enumerate(rows):
        line = line or row.line
        if number >= MAX_ROWS_PER_EVENT:
            fault = Violation(f"line {row.line}", f"at most {MAX_ROWS_PER_EVENT} rows form one event")
            return RawEvent(position, f"line {line}", line, {}, (fault,), fault)
        if row.surplus:
            faults.append(Violation(f"line {row.line}", f"{abs(row.surplus)} cells too {_few_or_many(row.surplus)}"))
        try:
            reader.add(row, event)
        except BadCell as error:
            fault = Violation(f"line {row.line}, column {error.column!r}", error.reason)
            for _ in rows:  # the rest of its rows go with it
                pass
            return RawEvent(position, f"line {line}", line, _shown(event), (fault, *faults), fault)
    return intake.judge(event, position, f"line {line}", line, [*faults, *reader.taken_notes()])


def _few_or_many(surplus: int) -> str:
    return "many" if surplus > 0 else "few"


def _shown(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in ("eventID", "type", "eventTime") if name in event}
