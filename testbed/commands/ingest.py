"""``tracetwin ingest``: events of other systems into a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from testbed.options import DEFAULT_STORE, AsJson, Store, open_log, text_of
from testbed.output import counted, print_document, print_line, print_next, print_table, progress, say

if TYPE_CHECKING:
    from trace_core.core.ingest import FileReport, IngestReport


def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="EPCIS JSON-LD or XML, CSV, as-built JSON.")],
    strict: Annotated[
        bool, typer.Option("--strict/--lenient", help="Refuse what the standard refuses, or take what can be read.")
    ] = False,
    mapping: Annotated[
        Path | None, typer.Option(metavar="MAP.yaml", help="What the columns of a CSV mean, and its encoding.")
    ] = None,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Take in events: EPCIS 2.0 JSON-LD, EPCIS 1.2 and 2.0 XML, CSV by a mapping, automotive as-built JSON.

    Exit 0: lenient, something was taken in; strict, nothing was refused. 1: strict with refusals, lenient with nothing
    taken in. 2: no file could be read.
    """
    from contextlib import closing

    from trace_core.core.ingest import ingest as take_in
    from trace_core.log.opening import IN_MEMORY
    from trace_core.vocabulary.clock import SystemClock

    table_mapping = _mapping_from(mapping)
    nothing_to_read = not any(one.is_file() for one in files)
    with closing(open_log(IN_MEMORY if nothing_to_read else store, "rw")) as log, progress("ingest") as advance:
        seen: dict[str, int] = {}

        def watch(file: str, events: int) -> None:
            seen[file] = events
            advance(sum(seen.values()))

        report = take_in(files, log, SystemClock(), strict=strict, mapping=table_mapping, watch=watch)
    if as_json:
        print_document(report.to_dict())
    else:
        _print_report(report, store)
    code = exit_code(report, strict=strict)
    if code:
        raise typer.Exit(code)


def exit_code(report: IngestReport, *, strict: bool) -> int:
    """See `ingest`. Files that held nothing to refuse are no failure, and neither is a repeated ingest."""
    if report.unread == len(report.files):
        return 2
    if strict:
        return 1 if report.rejected or report.unread else 0
    return 1 if report.rejected and not report.accepted and not report.duplicates else 0


def _mapping_from(path: Path | None) -> object:
    if path is None:
        return None
    from trace_core.exchange.table_mapping import load_mapping

    return load_mapping(text_of(path, "a mapping"), str(path))


def _print_report(report: IngestReport, store: str) -> None:
    if report.unread < len(report.files):
        _print_counts(report, store)
    for one in report.files:
        if one.error is not None:
            line = f", line {one.error.line}" if one.error.line else ""
            say(f"tracetwin: {one.file}{line}: not read: {one.error.reason}")
        for refused in one.rejected[:5]:
            print_line(f"{one.file}: event {refused.position} refused: {refused.path}: {refused.reason}")
        if len(one.rejected) > 5:
            print_line(f"{one.file}: and {len(one.rejected) - 5:,} more refused: --json names them all")
        for warned in one.warnings[:3]:
            event = "" if warned.position is None else f"event {warned.position}, "
            print_line(f"{one.file}: warning: {event}{warned.path}: {warned.reason}")
        if len(one.warnings) + one.warnings_not_shown > 3:
            more = len(one.warnings) + one.warnings_not_shown - 3
            print_line(f"{one.file}: and {counted(more, 'more warning')}: --json names them")
    if report.accepted or report.duplicates:
        print_next(f"tracetwin trace ID --direction both --store {store}", f"tracetwin verify --store {store}")


def _print_counts(report: IngestReport, store: str) -> None:
    headings = ("file", "events", "new", "known", "quarantined", "refused", "warnings")
    print_table(f"Into {store}", headings, [_row(one) for one in report.files])


def _row(one: FileReport) -> tuple[str, ...]:
    if one.error is not None and not one.events:
        return (one.file, "not read", "", "", "", "", "")
    warnings = len(one.warnings) + one.warnings_not_shown
    counts = (one.events, one.accepted, one.duplicates, one.quarantined, len(one.rejected), warnings)
    return (one.file, *(f"{count:,}" for count in counts))
