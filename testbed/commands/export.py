"""``tracetwin export``: a store's events for any other system."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from testbed.options import DEFAULT_STORE, Store, open_log, spare_stores
from testbed.output import say

if TYPE_CHECKING:
    from trace_core.log.port import EventLog
    from trace_core.vocabulary.masterdata import MasterRecord

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="The file to write, stdout where left out; never half of it."),
]


def epcis(out: Out = None, store: Store = DEFAULT_STORE) -> None:
    """Write the store as an EPCIS 2.0 JSON-LD document with its masterdata; ingest gives the same events back."""
    from trace_core.exchange.epcis_writer import write_epcis
    from trace_core.vocabulary.clock import SystemClock

    with closing(open_log(store, "ro")) as log:
        masterdata = _masterdata_in(log)
        count = _write(out, lambda file: write_epcis(_events_in(log), file, SystemClock(), masterdata))
    _report(out, f"{count:,} events, {len(masterdata):,} master records")


def csv(out: Out = None, store: Store = DEFAULT_STORE) -> None:
    """Write the store's events as CSV, a row for each thing an event names; ingest reads it back."""
    import io

    from trace_core.exchange.csv_writer import write_csv

    def rows_into(file: IO[bytes]) -> int:
        text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
        try:
            return write_csv(_events_in(log), text)
        finally:
            text.detach()

    with closing(open_log(store, "ro")) as log:
        count = _write(out, rows_into)
    _report(out, f"{count:,} rows")


def _events_in(log: EventLog) -> Iterator[dict[str, Any]]:
    """The events that count as they stand in the log, error declarations among them."""
    from trace_core.log.port import EntryKind
    from trace_core.vocabulary.json_text import from_bytes

    for record in log.read():
        if record.entry.kind is EntryKind.EVENT:
            yield from_bytes(record.entry.payload)


def _masterdata_in(log: EventLog) -> list[MasterRecord]:
    """The latest record of each id."""
    from trace_core.core.entries import master_of
    from trace_core.log.port import EntryKind

    records = (record for record in log.read() if record.entry.kind is EntryKind.MASTERDATA)
    return list({one.id: one for one in map(master_of, records)}.values())


def _write(out: Path | None, write: Callable[[IO[bytes]], int]) -> int:
    """Write to stdout, or to ``out`` so that nobody ever sees half of it."""
    if out is None:
        count = write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return count
    from trace_core.errors import BadInput

    if out.is_dir():
        raise BadInput("a file to write", "a folder", f"--out {out}", "name a file in it")
    spare_stores(out, "--out")
    if not out.parent.is_dir():
        raise BadInput("a file in a folder that exists", f"no folder {out.parent}", f"--out {out}", "make it first")
    fresh = out.with_name(f".{out.name}.{os.getpid()}.new")
    try:
        with fresh.open("wb") as file:
            count = write(file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
    return count


def _report(out: Path | None, what: str) -> None:
    if out is not None:
        say(f"{out}: {what}")
