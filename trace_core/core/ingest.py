"""Files of other systems into the log: read, judged event by event, appended in batches, reported in full.

A batch is appended whole or not at all, so an interrupted ingest leaves every event before it durable and none in
halves; the same files again then go on where it stopped, since what stands in the log already is a duplicate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from trace_core.core.entries import entry_of
from trace_core.errors import BadInput, DocumentError
from trace_core.exchange.documents import Document, FaultReport, fault_report, read_document
from trace_core.exchange.event_hash import event_hash
from trace_core.exchange.event_intake import RawEvent
from trace_core.log.admission import check_entries
from trace_core.log.port import MAX_TEXT_BYTES, Appended, Entry, EventLog, Outcome, Reuse
from trace_core.vocabulary.clock import Clock
from trace_core.vocabulary.epcis_json import event_from_epcis

SCHEMA = "tracetwin/ingest/1"

BATCH_EVENTS = 500
"""Events to one append: each append waits for the disk once, and 500 events of a kilobyte are half a megabyte."""

MAX_WARNINGS = 100_000
"""Warnings kept per file; a table of ten million rows may have one in each. The rest is counted."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that was refused, and why; ``position`` counts from 0 in its file."""

    position: int
    event_id: str | None
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A deviation that an event was accepted with; ``position`` None = of the document as a whole."""

    position: int | None
    path: str
    reason: str


@dataclass(slots=True)
class FileReport:
    """What became of one file. ``error`` = it could not be read, or not to its end."""

    file: str
    error: FaultReport | None = None
    accepted: int = 0
    duplicates: int = 0
    error_declarations: int = 0
    quarantined: int = 0
    master_records: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    warnings_not_shown: int = 0

    @property
    def events(self) -> int:
        """How many events the file held."""
        return self.accepted + self.duplicates + self.quarantined + len(self.rejected)

    def warn(self, position: int | None, path: str, reason: str) -> None:
        """Note a warning, up to the limit."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(Warned(position, path, reason))
        else:
            self.warnings_not_shown += 1

    def to_dict(self) -> dict[str, Any]:
        """The file's part of the report."""
        fault = self.error
        return {
            "file": self.file,
            "error": fault and {"line": fault.line, "path": fault.path, "reason": fault.reason},
            "events": self.events,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "error_declarations": self.error_declarations,
            "quarantined": self.quarantined,
            "master_records": self.master_records,
            "rejected": [
                {"position": one.position, "event_id": one.event_id, "path": one.path, "reason": one.reason}
                for one in self.rejected
            ],
            "warnings": [{"position": one.position, "path": one.path, "reason": one.reason} for one in self.warnings],
            "warnings_not_shown": self.warnings_not_shown,
        }


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of every file, in the order they were given."""

    files: tuple[FileReport, ...]

    @property
    def accepted(self) -> int:
        """Events written to the log."""
        return sum(one.accepted for one in self.files)

    @property
    def duplicates(self) -> int:
        """Events that stood in the log already."""
        return sum(one.duplicates for one in self.files)

    @property
    def rejected(self) -> int:
        """Events that were refused."""
        return sum(len(one.rejected) for one in self.files)

    @property
    def unread(self) -> int:
        """Files that could not be read to their end."""
        return sum(one.error is not None for one in self.files)

    def to_dict(self) -> dict[str, Any]:
        """The report as the JSON document ``tracetwin/ingest/1``."""
        counts = ("events", "accepted", "duplicates", "error_declarations", "quarantined", "master_records")
        totals: dict[str, Any] = {name: sum(getattr(one, name) for one in self.files) for name in counts}
        totals["rejected"] = self.rejected
        totals["warnings"] = sum(len(one.warnings) + one.warnings_not_shown for one in self.files)
        totals["files"] = len(self.files)
        totals["unread"] = self.unread
        return {"schema": SCHEMA, "files": [one.to_dict() for one in self.files], "totals": totals}


class Watcher(Protocol):
    """Told as an ingest goes on."""

    def __call__(self, file: str, events: int) -> None:
        """``events`` of ``file`` are done."""


def ingest(
    paths: Iterable[Path | str],
    log: EventLog,
    clock: Clock,
    *,
    strict: bool = False,
    mapping: Any = None,
    watch: Watcher | None = None,
) -> IngestReport:
    """Take in the files; one that cannot be read is reported and stops none of the others.

    Strict refuses what the standard refuses and quarantines a reused eventID; lenient takes what can be understood.
    """
    return IngestReport(tuple(_File(Path(path), log, clock, strict, mapping, watch).take_in() for path in paths))


@dataclass(slots=True)
class _File:
    """One file on its way into the log."""

    path: Path
    log: EventLog
    clock: Clock
    strict: bool
    mapping: Any
    watch: Watcher | None
    report: FileReport = field(init=False)

    def take_in(self) -> FileReport:
        self.report = FileReport(str(self.path))
        try:
            document = read_document(self.path, strict=self.strict, clock=self.clock, mapping=self.mapping)
            self._take_in(document)
        except DocumentError as error:
            self.report.error = fault_report(error)
        except OSError as error:
            if error.filename is None or Path(error.filename) != self.path:
                raise  # not the file's fault but the store's
            self.report.error = FaultReport(None, "", f"cannot be read: {error.strerror}")
        return self.report

    def _take_in(self, document: Document) -> None:
        for one in document.warnings:
            self.report.warn(None, one.path, one.reason)
        entries = (entry_of(record, self.report.file) for record in document.masterdata)
        for batch in _batches(entries):
            written = self.log.append(batch)
            self.report.master_records += sum(one.outcome is Outcome.ACCEPTED for one in written)
        for events in _batches(self._entries(document.events)):
            self._append(events)

    def _entries(self, events: Iterable[RawEvent]) -> Iterator[Entry]:
        for raw in events:
            for one in raw.warnings:
                self.report.warn(raw.position, one.path, one.reason)
            entry = self._entry(raw)
            if entry is not None:
                yield entry

    def _entry(self, raw: RawEvent) -> Entry | None:
        rejection = raw.rejection
        if rejection is not None:
            self.report.rejected.append(Rejected(raw.position, raw.event_id, rejection.path, rejection.reason))
            return None
        try:
            event = event_from_epcis(raw.event, raw.path)
            if not event.event_id:
                event = replace(event, event_id=event_hash(raw.event))
            entry = entry_of(event, self.report.file)
            if len(entry.payload) > MAX_TEXT_BYTES:  # no text in it can be too long for the log otherwise
                check_entries((entry,))
            return entry
        except BadInput as error:
            where = error.where or raw.path
            reason = str(error).removeprefix(f"{error.where}: ")
            self.report.rejected.append(Rejected(raw.position, raw.event_id, where, reason))
            return None

    def _append(self, entries: Sequence[Entry]) -> None:
        reuse = Reuse.QUARANTINE if self.strict else Reuse.KEEP
        for entry, done in zip(entries, self.log.append(entries, reuse), strict=True):
            self._count(entry, done)
        if self.watch is not None:
            self.watch(self.report.file, self.report.events)

    def _count(self, entry: Entry, done: Appended) -> None:
        match done.outcome:
            case Outcome.ACCEPTED:
                self.report.accepted += 1
                self.report.error_declarations += bool(entry.declaration_time)
            case Outcome.DUPLICATE:
                self.report.duplicates += 1
            case Outcome.QUARANTINED:
                self.report.quarantined += 1


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    try:
        for entry in entries:
            batch.append(entry)
            if len(batch) == BATCH_EVENTS:
                yield batch
                batch = []
    except DocumentError:  # a stream that breaks off: what came before it counts
        if batch:
            yield batch
        raise
    if batch:
        yield batch
