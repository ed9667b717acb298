"""JSON lines: one event a line, streamed without limit of size; a bad line is a rejected event, and the rest goes on.

A line may also hold a whole EPCIS document, whose events then count one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from trace_core.errors import DocumentError, LimitExceeded
from trace_core.exchange import epcis_json_document as envelope
from trace_core.exchange.document import Document, DocumentKind
from trace_core.exchange.event_intake import Intake, RawEvent
from trace_core.exchange.json_reader import Item, JsonText
from trace_core.exchange.name_spaces import parse_context
from trace_core.exchange.source_text import MAX_DOCUMENT_BYTES, decoded
from trace_core.exchange.violations import Violation
from trace_core.vocabulary.clock import Clock

_MARK = b"\xef\xbb\xbf"


def read_json_lines(path: Path, *, strict: bool, clock: Clock) -> Document:
    """The events in the file ``path``, read as they are asked for."""
    if not path.is_file():
        raise DocumentError("a file that can be read", str(path), str(path), "no such file")
    return Document(str(path), DocumentKind.EPCIS_JSON_LINES, "2.0", _events(path, Intake(strict, clock)))


def _events(path: Path, intake: Intake) -> Iterator[RawEvent]:
    position = 0
    for number, content in _lines(path):
        for event in _events_of_line(content, str(path), number, position, intake):
            yield event
            position += 1


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number, from 1, and bytes of every line that is not blank."""
    try:
        with path.open("rb") as file:
            number = 0
            while content := file.readline(MAX_DOCUMENT_BYTES + 1):
                number += 1
                if len(content) > MAX_DOCUMENT_BYTES:
                    raise LimitExceeded(
                        f"lines of at most {MAX_DOCUMENT_BYTES // (1024 * 1024)} MiB (MAX_DOCUMENT_BYTES)",
                        "a longer one", f"{path}: line {number}",
                    )  # fmt: skip
                content = content.removeprefix(_MARK) if number == 1 else content
                if content.strip():
                    yield number, content
    except OSError as error:
        raise DocumentError("a file that can be read", str(path), str(path), error.strerror or str(error)) from error


def _events_of_line(content: bytes, source: str, line: int, position: int, intake: Intake) -> Iterator[RawEvent]:
    where = f"$[{line}]"
    try:
        spot = f"{source}: line {line}"
        reader = JsonText(decoded(content, spot), spot, lenient=not intake.strict)
        raw = reader.read()
    except DocumentError as error:
        fault = Violation(where, str(error).removeprefix(f"{source}: "))
        yield RawEvent(position, where, line, {}, (fault,), fault)
        return
    notes = [Violation(f"{where}{one.path[1:]}", one.reason) for one in reader.notes]
    if envelope.is_document(raw) and reader.items_path:
        notes.extend(envelope.document_violations(raw, reader.items_path))
        inner = replace(intake, context=parse_context(raw.get("@context", [])))
        for number, item in enumerate(reader.items):
            spot = f"{where}{reader.items_path[1:]}[{number}]"
            yield inner.judge(item.value, position + number, spot, line, [*notes, *_doubled(item, spot)])
        return
    yield intake.judge(_event_in(raw), position, where, line, notes)


def _event_in(raw: Any) -> Any:
    """The event of a line; what only asks for events is none."""
    return None if envelope.is_query(raw) else raw


def _doubled(item: Item, where: str) -> list[Violation]:
    return [Violation(f"{where}.{name}", "expected a name only once, got it twice") for name in item.doubled]
