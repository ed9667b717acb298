"""The envelopes in which EPCIS 2.0 JSON comes: capture documents, query results, bare events.

Source: GS1 EPCIS 2.0, 10.2 and 10.3 and the standard's JSON schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from trace_core.exchange import epcis_values as check
from trace_core.exchange.epcis_rules import EVENT_TYPES
from trace_core.exchange.epcis_words import Notation
from trace_core.exchange.violations import Faults, Violation

CAPTURE = "EPCISDocument"
QUERY = "EPCISQueryDocument"

_VERSION = re.compile(r"\d+(\.\d+)*\Z")
_CAPTURE_FIELDS = frozenset(
    "@context id type schemaVersion creationDate instanceIdentifier sender receiver epcisHeader epcisBody".split()
)
_QUERY_FIELDS = frozenset("@context id type schemaVersion creationDate epcisBody".split())
_RESULT_FIELDS = frozenset({"queryName", "subscriptionID", "resultsBody"})

# Names of query parameters (EPCIS 2.0, 8.2.7.1): none of them is a field of an event or of a document.
_QUERY_PARAMETER = re.compile(
    r"(?:EQ|GE|GT|LE|LT|MATCH|EXISTS|EQATTR|HASATTR|WD)_\w+|eventType|eventCountLimit|maxEventCount|orderBy"
    r"|orderDirection|perPage|nextPageToken"
)


def is_query(raw: Any) -> bool:
    """Whether ``raw`` asks for events instead of holding them: a query, a named query, a poll or a subscription."""
    if not isinstance(raw, Mapping) or raw.get("type") in (CAPTURE, QUERY, *EVENT_TYPES):
        return False
    if isinstance(raw.get("query"), Mapping | list) and not ({"epcisBody", "eventTime"} & raw.keys()):
        return True
    context = raw.get("@context")
    if isinstance(context, str) and "query-schema" in context:
        return True
    names = [name for name in raw if not name.startswith("@")]
    return bool(names) and any(_QUERY_PARAMETER.fullmatch(name) for name in names) and "eventTime" not in raw


def is_document(raw: Any) -> bool:
    """Whether ``raw`` is an EPCIS document, or looks like one whose type is missing or wrong."""
    return isinstance(raw, Mapping) and (raw.get("type") in (CAPTURE, QUERY) or "epcisBody" in raw)


def is_bare_event(raw: Any) -> bool:
    """Whether ``raw`` is an event outside of a document."""
    if not isinstance(raw, Mapping):
        return False
    kind = raw.get("type", raw.get("isA"))
    return kind in EVENT_TYPES or "eventTime" in raw or (isinstance(kind, str) and kind.endswith("Event"))


def document_violations(raw: Mapping[str, Any], events_path: str) -> list[Violation]:
    """What the envelope ``raw`` does that the standard refuses; its events are judged by themselves.

    ``events_path`` is where the reader found the event list, "" where there was none.
    """
    faults = Faults()
    query = raw.get("type") == QUERY
    if raw.get("type") not in (CAPTURE, QUERY):
        faults.add("$.type", f"{CAPTURE} or {QUERY}", raw.get("type"))
    _names(raw, _QUERY_FIELDS if query else _CAPTURE_FIELDS, "$", faults)
    required = ("@context", "epcisBody") if query else ("@context", "schemaVersion", "creationDate", "epcisBody")
    for name in required:
        if raw.get(name) is None:
            faults.missing(f"$.{name}", name)
    _values(raw, faults)
    body = raw.get("epcisBody")
    if body is not None:
        _body(body, query, events_path, faults)
    return faults.found


def _values(raw: Mapping[str, Any], faults: Faults) -> None:
    notation = Notation.JSON_2_0
    if raw.get("@context") is not None:
        check.context(raw["@context"], "$.@context", notation, faults)
    version = raw.get("schemaVersion")
    if version is not None and not (isinstance(version, str) and _VERSION.match(version)):
        faults.add("$.schemaVersion", 'a version as text such as "2.0"', version)
    if raw.get("creationDate") is not None:
        check.time(raw["creationDate"], "$.creationDate", notation, faults)
    if raw.get("id") is not None:
        check.uri(raw["id"], "$.id", notation, faults)
    for name in ("instanceIdentifier", "sender", "receiver"):
        if raw.get(name) is not None:
            check.text(raw[name], f"$.{name}", notation, faults)
    header = raw.get("epcisHeader")
    if header is None:
        return
    if isinstance(header, Mapping):
        _names(header, frozenset({"epcisMasterData"}), "$.epcisHeader", faults)
    else:
        faults.add("$.epcisHeader", "an object", header)


def _body(body: Any, query: bool, events_path: str, faults: Faults) -> None:
    if not isinstance(body, Mapping):
        faults.add("$.epcisBody", "an object", body)
        return
    if not query:
        if events_path != "$.epcisBody.eventList":
            faults.missing("$.epcisBody.eventList", "eventList")
        return
    _names(body, frozenset({"queryResults"}), "$.epcisBody", faults)
    results = body.get("queryResults")
    if not isinstance(results, Mapping):
        faults.missing("$.epcisBody.queryResults", "queryResults")
        return
    path = "$.epcisBody.queryResults"
    _names(results, _RESULT_FIELDS, path, faults)
    if not isinstance(results.get("queryName"), str):
        faults.missing(f"{path}.queryName", "queryName")
    found = results.get("resultsBody")
    if not isinstance(found, Mapping):
        faults.missing(f"{path}.resultsBody", "resultsBody")
        return
    _names(found, frozenset({"eventList", "vocabularyList"}), f"{path}.resultsBody", faults)
    if events_path != f"{path}.resultsBody.eventList":
        faults.missing(f"{path}.resultsBody.eventList", "eventList")


def _names(raw: Mapping[str, Any], known: frozenset[str], where: str, faults: Faults) -> None:
    for name in raw:
        if name not in known:
            check.extension_name(name, where, faults)


def vocabularies_of(raw: Mapping[str, Any]) -> Iterable[tuple[Any, str]]:
    """Each vocabulary list in the document, with its path."""
    header = raw.get("epcisHeader")
    if isinstance(header, Mapping):
        for name in ("epcisMasterData", "EPCISMasterData"):
            data = header.get(name)
            if isinstance(data, Mapping):
                yield data.get("vocabularyList"), f"$.epcisHeader.{name}.vocabularyList"
    body = raw.get("epcisBody")
    results = body.get("queryResults") if isinstance(body, Mapping) else None
    found = results.get("resultsBody") if isinstance(results, Mapping) else None
    if isinstance(found, Mapping) and "vocabularyList" in found:
        yield found["vocabularyList"], "$.epcisBody.queryResults.resultsBody.vocabularyList"
