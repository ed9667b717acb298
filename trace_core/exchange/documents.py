"""Opens a file of any kind the core reads, and gives its events in the shape of EPCIS 2.0 JSON-LD.

::

    EPCIS 2.0 JSON-LD     document, query results, bare event or list of events, JSON lines (streamed)
    EPCIS 1.2, 2.0 XML    document, query results, bare event, masterdata document
    automotive JSON       as-built part genealogy
    CSV                   with a declared mapping (streamed)

A query instead of events, a file that is no such document, too large, too deep or in an unknown encoding is a
:class:`~trace_core.errors.DocumentError` that says where and what to do. Single events are judged one by one
(:mod:`trace_core.exchange.event_intake`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from trace_core.errors import DocumentError
from trace_core.exchange import epcis_json_document as envelope
from trace_core.exchange.document import Document, DocumentKind, FaultReport, fault_report, refuse_if_strict
from trace_core.exchange.event_intake import Intake
from trace_core.exchange.header_masterdata import read_vocabularies
from trace_core.exchange.json_reader import JsonText
from trace_core.exchange.name_spaces import parse_context
from trace_core.exchange.source_text import decoded, read_limited
from trace_core.exchange.violations import Violation
from trace_core.vocabulary.clock import Clock
from trace_core.vocabulary.masterdata import MasterRecord

__all__ = [
    "LINE_SUFFIXES",
    "TABLE_SUFFIXES",
    "Document",
    "DocumentKind",
    "FaultReport",
    "fault_report",
    "read_bytes",
    "read_document",
]

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".tab"})
LINE_SUFFIXES = frozenset({".jsonl", ".ndjson"})
_WRAPPINGS = 3  # a document in a text in a document: deeper than that nobody logs by accident


def read_document(path: Path | str, *, strict: bool, clock: Clock, mapping: Any = None) -> Document:
    """The document in the file ``path``; ``mapping`` (a :class:`TableMapping`) says how a table's columns are meant.

    Raises DocumentError where the file cannot be read as a document at all, LimitExceeded above a named limit; strict
    reading also refuses a document whose envelope breaks the standard.
    """
    path = Path(path)
    if path.suffix.lower() in TABLE_SUFFIXES or mapping is not None:
        from trace_core.exchange.tables import read_table

        return read_table(path, mapping, strict=strict, clock=clock)
    if path.suffix.lower() in LINE_SUFFIXES:
        from trace_core.exchange.json_lines import read_json_lines

        return read_json_lines(path, strict=strict, clock=clock)
    return read_bytes(read_limited(path), str(path), strict=strict, clock=clock)


def read_bytes(content: bytes, source: str, *, strict: bool, clock: Clock) -> Document:
    """The document in ``content`` (JSON or XML); ``source`` names it in messages."""
    if _is_xml(content):
        from trace_core.exchange.epcis_xml import read_xml

        return read_xml(content, source, strict=strict, clock=clock)
    text = decoded(content, source)
    if not text.strip():
        raise DocumentError("an EPCIS document or another kind this program reads", "an empty file", source)
    return _read_text(text, source, strict=strict, clock=clock)


def _is_xml(content: bytes) -> bool:
    head = content[:200].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return head.startswith(b"<")


def _read_text(text: str, source: str, *, strict: bool, clock: Clock, wrapped: int = 0) -> Document:
    reader = JsonText(text, source, lenient=not strict)
    raw = reader.read()
    intake = Intake(strict, clock)
    if envelope.is_query(raw):
        raise DocumentError(
            "events", "a query", source, "send the answer to the query, not the query, and the file can be read"
        )
    if envelope.is_document(raw):
        return _document(raw, reader, intake)
    if envelope.is_bare_event(raw):
        return _bare(raw, reader, intake)
    from trace_core.exchange.automotive import is_automotive, read_automotive

    if is_automotive(raw):
        return read_automotive(raw, source, strict=strict, clock=clock)
    if isinstance(raw, list) and raw and not strict and all(envelope.is_bare_event(one) for one in raw):
        return _bare_list(raw, reader, intake)
    inner = None if strict or wrapped >= _WRAPPINGS else _wrapped(raw)
    if inner is not None:
        return _unwrapped(*inner, source, clock=clock, wrapped=wrapped + 1)
    raise DocumentError(
        "an EPCIS document (type EPCISDocument or EPCISQueryDocument), an EPCIS event or automotive as-built data",
        _sketch(raw),
        source,
        "see what kinds of file can be read in the documentation of ingest",
    )


def _sketch(raw: Any) -> str:
    if isinstance(raw, Mapping):
        names = ", ".join(list(raw)[:5])
        kind = raw.get("type")
        of_type = "" if kind is None else f" of type {kind!r}"
        return f"an object{of_type} with {names or 'nothing'}"
    return f"a list of {len(raw)}" if isinstance(raw, list) else f"{type(raw).__name__} {raw!r:.40}"


def _document(raw: Mapping[str, Any], reader: JsonText, intake: Intake) -> Document:
    found = envelope.document_violations(raw, reader.items_path)
    records: list[MasterRecord] = []
    for vocabularies, where in envelope.vocabularies_of(raw):
        more, faults = read_vocabularies(vocabularies, where)
        records.extend(more)
        found.extend(faults)
    refuse_if_strict(found, reader.source, intake.strict)
    if not reader.items_path:
        raise DocumentError("an eventList", _sketch(raw.get("epcisBody")), f"{reader.source}: $.epcisBody")
    context = parse_context(raw.get("@context", []))
    intake = replace(intake, context=context)
    events = [
        intake.judge(
            item.value, number, f"{reader.items_path}[{number}]", item.line, _doubled(reader, number, item.doubled)
        )
        for number, item in enumerate(reader.items)
    ]
    query = raw.get("type") == envelope.QUERY or ".queryResults." in reader.items_path
    return Document(
        reader.source,
        DocumentKind.EPCIS_QUERY_JSON if query else DocumentKind.EPCIS_JSON,
        str(raw.get("schemaVersion") or "2.0"),
        events,
        tuple(records),
        (*reader.notes, *found),
        _header(raw),
        context,
    )


def _header(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the envelope says besides, with the extensions of its inner objects."""
    out = {name: value for name, value in raw.items() if name not in {"epcisBody", "epcisHeader", "@context"}}
    inner = raw.get("epcisBody")
    for name in ("queryResults", "resultsBody"):
        inner = inner.get(name) if isinstance(inner, Mapping) else None
        if isinstance(inner, Mapping):
            out.update((key, value) for key, value in inner.items() if ":" in key)
    return out


def _doubled(reader: JsonText, number: int, names: tuple[str, ...]) -> list[Violation]:
    reason = "expected a name only once, got it twice; the last one counts"
    return [Violation(f"{reader.items_path}[{number}].{name}", reason) for name in names]


def _bare(raw: Mapping[str, Any], reader: JsonText, intake: Intake) -> Document:
    more = [] if "@context" in raw else [Violation("$.@context", "missing: @context")]
    events = [intake.judge(raw, 0, "$", 1, more)]
    return Document(reader.source, DocumentKind.EPCIS_BARE_JSON, "2.0", events, warnings=tuple(reader.notes))


def _bare_list(raw: list[Any], reader: JsonText, intake: Intake) -> Document:
    events = [intake.judge(one, number, f"$[{number}]") for number, one in enumerate(raw)]
    note = Violation("$", "events in a plain list instead of an EPCISDocument")
    return Document(reader.source, DocumentKind.EPCIS_BARE_JSON, "2.0", events, warnings=(*reader.notes, note))


def _wrapped(raw: Any) -> tuple[str, str] | None:
    """Name and text of the one field of ``raw`` that holds a whole document as text, as some message logs do."""
    if not isinstance(raw, Mapping):
        return None
    found = [
        (name, value)
        for name, value in raw.items()
        if isinstance(value, str) and value.lstrip("\ufeff \t\r\n")[:1] in {"{", "[", "<"}
    ]
    return found[0] if len(found) == 1 else None


def _unwrapped(name: str, text: str, source: str, *, clock: Clock, wrapped: int) -> Document:
    inner_source = f"{source}: $.{name}"
    text = text.lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        # It was decoded with the text around it, so that what its XML declaration says of an encoding no longer holds.
        bare = re.sub(r"\A<\?xml[^>]*\?>", "", text)
        document = read_bytes(bare.encode("utf-8", errors="replace"), inner_source, strict=False, clock=clock)
    else:
        document = _read_text(text, inner_source, strict=False, clock=clock, wrapped=wrapped)
    note = Violation(f"$.{name}", "the document was wrapped in a text; lines are those inside of it")
    return replace(document, source=source, warnings=(note, *document.warnings))
