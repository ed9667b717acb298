"""EPCIS 1.2 and 2.0 XML to the shape of EPCIS 2.0 JSON-LD: documents, query results, bare events, masterdata.

The wrappers of 1.2 (``extension``, ``baseExtension``) are taken off, CBV's URNs become bare words, extensions keep
their names as ``prefix:name`` with the name space beside them in the context. Of the order that the XML schemas ask
for, only so much is asked here as published documents that count as valid keep: in 2.0, ``eventTime`` before
``action``.
Source: GS1 EPCIS 1.2 (2016) and 2.0 (2022), clause 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from trace_core.errors import DocumentError
from trace_core.exchange.document import Document, DocumentKind, refuse_if_strict
from trace_core.exchange.epcis_rules import EVENT_TYPES
from trace_core.exchange.epcis_words import Notation
from trace_core.exchange.epcis_xml_event import Prefixes, event_of, plain_value
from trace_core.exchange.event_intake import Intake, RawEvent
from trace_core.exchange.header_masterdata import read_vocabularies
from trace_core.exchange.name_spaces import Context
from trace_core.exchange.violations import Violation
from trace_core.exchange.xml_nodes import Node, parse_nodes
from trace_core.vocabulary.clock import Clock

_CAPTURE = "EPCISDocument"
_QUERY = "EPCISQueryDocument"
_MASTERDATA = "EPCISMasterDataDocument"
_SPACES_1 = ("urn:epcglobal:epcis:xsd:1", "urn:epcglobal:epcis-query:xsd:1", "urn:epcglobal:epcis-masterdata:xsd:1")
_SPACES_2 = ("urn:epcglobal:epcis:xsd:2", "urn:epcglobal:epcis-query:xsd:2", "urn:epcglobal:epcis-masterdata:xsd:2")

# The verbs of the query interface (EPCIS 2.0, 11.2): they ask, and hold no events.
_VERBS = frozenset(
    "Poll Subscribe Unsubscribe GetQueryNames GetSubscriptionIDs GetStandardVersion GetVendorVersion"
    " GetQueryNamesResult SubscribeResult UnsubscribeResult GetSubscriptionIDsResult GetStandardVersionResult"
    " GetVendorVersionResult".split()
)
_WAY_TO_EVENTS = {_CAPTURE, _QUERY, "EPCISBody", "QueryResults", "resultsBody", "EventList"}
_KNOWN_PARTS = {
    _CAPTURE: {"EPCISHeader", "EPCISBody", "extension"},
    _QUERY: {"EPCISHeader", "EPCISBody", "extension"},
    "EPCISBody": {"EventList", "QueryResults", "extension"},
    "QueryResults": {"queryName", "subscriptionID", "resultsBody", "extension"},
    "resultsBody": {"EventList", "VocabularyList", "extension"},
}


@dataclass(slots=True)
class _Found:
    """Events as they close while the document is parsed, with the faults their reading showed."""

    prefixes: Prefixes
    nodes: list[tuple[dict[str, Any], list[Violation], int]] = field(default_factory=list)

    def take(self, node: Node, ancestors: list[Node]) -> bool:
        """Turns ``node`` into an event where it is one: a child of EventList, through any ``extension`` wrappers."""
        if not ancestors:
            if node.name in EVENT_TYPES:
                self._add(node, "$", "")
            return False
        if not _holds_events(ancestors) or (node.name == "extension" and not node.is_foreign):
            return False
        self._add(node, f"$.eventList[{len(self.nodes)}]", ancestors[0].space)
        return True

    def _add(self, node: Node, path: str, root_space: str) -> None:
        event, faults = event_of(node, path, self.prefixes)
        names = [child.name for child in node.children]
        jumbled = "eventTime" in names and "action" in names[: names.index("eventTime")]
        if jumbled and root_space in _SPACES_2:
            faults.append(Violation(f"{path}.action", "expected it behind eventTime, as the XML schema orders them"))
        self.nodes.append((event, faults, node.line))


def _holds_events(ancestors: list[Node]) -> bool:
    """Whether the innermost of ``ancestors`` is an event list's, or a wrapper of 1.2 inside of it."""
    names = [one.name for one in ancestors if one.name != "extension"]
    return (
        names[-1] == "EventList" and set(names) <= _WAY_TO_EVENTS and not any(one.is_foreign for one in ancestors[1:])
    )


def read_xml(content: bytes, source: str, *, strict: bool, clock: Clock) -> Document:
    """The document in the XML ``content``."""
    prefixes = Prefixes()
    found = _Found(prefixes)
    root = parse_nodes(content, source, found.take, prefixes.declare)
    bare = root.name in EVENT_TYPES
    if not bare and root.name not in {_CAPTURE, _QUERY, _MASTERDATA}:
        raise DocumentError(
            f"{_CAPTURE}, {_QUERY}, {_MASTERDATA} or a single event",
            f"<{root.name}>",
            f"{source}: line {root.line}",
            "see what kinds of file can be read in the documentation of ingest",
        )
    _refuse_queries(root, source)
    notation, version = _version_of(root)
    faults = [] if bare else _envelope_faults(root)
    records, more = read_vocabularies(_vocabularies(root, prefixes) or None, "$.VocabularyList")
    faults.extend(more)
    refuse_if_strict(faults, source, strict)
    context = Context(prefixes.own)
    intake = Intake(strict, clock, notation, context)
    return Document(
        source,
        DocumentKind.EPCIS_XML_1_2 if notation is Notation.XML_1_2 else DocumentKind.EPCIS_XML_2_0,
        version,
        _judged(found, intake, bare=bare),
        tuple(records),
        tuple(faults),
        _header(root, prefixes),
        context,
    )


def _judged(found: _Found, intake: Intake, *, bare: bool) -> list[RawEvent]:
    return [
        intake.judge(event, number, "$" if bare else f"$.eventList[{number}]", line, faults)
        for number, (event, faults, line) in enumerate(found.nodes)
    ]


def _version_of(root: Node) -> tuple[Notation, str]:
    version = root.attribute("schemaVersion") or ""
    if version.startswith("2") or root.space in _SPACES_2:
        return Notation.XML_2_0, version or "2.0"
    if version.startswith("1") or root.space in _SPACES_1 or root.first("baseExtension") is not None:
        return Notation.XML_1_2, version or "1.2"
    return Notation.XML_2_0, version or "2.0"


def _refuse_queries(root: Node, source: str) -> None:
    body = root.first("EPCISBody")
    for child in body.children if body else ():
        if child.name in _VERBS:
            raise DocumentError(
                "events",
                f"a query (<{child.name}>)",
                f"{source}: line {child.line}",
                "send the answer to the query, not the query, and the file can be read",
            )
        if child.name.endswith("Exception"):
            reason = child.first("reason")
            raise DocumentError(
                "events", f"{child.name}: {reason.text if reason else ''}", f"{source}: line {child.line}",
                "the query was not answered: ask again",
            )  # fmt: skip


def _envelope_faults(root: Node) -> list[Violation]:
    faults: list[Violation] = []
    if root.space not in (*_SPACES_1, *_SPACES_2):
        faults.append(Violation(f"$.{root.name}", f"expected the name space {_SPACES_2[0]}, got {root.space!r}"))
    needed = ("schemaVersion", "creationDate") if root.name == _CAPTURE else ("schemaVersion",)
    faults.extend(Violation(f"$.{root.name}.{name}", f"missing: {name}") for name in needed if not root.attribute(name))
    body = root.first("EPCISBody")
    if body is None:
        faults.append(Violation(f"$.{root.name}.EPCISBody", "missing: EPCISBody"))
    waiting = [root]
    while waiting:
        node = waiting.pop()
        known = _KNOWN_PARTS.get(node.name)
        if known is None:
            continue
        for child in node.children:
            if not child.is_foreign and child.name not in known:
                faults.append(Violation(f"$.{node.name}.{child.name}", f"expected only {', '.join(sorted(known))}"))
            waiting.append(child)
    if root.name == _QUERY and body is not None:
        results = body.first("QueryResults")
        if results is None or results.first("resultsBody") is None:
            faults.append(Violation("$.EPCISBody.QueryResults", "missing: QueryResults with resultsBody"))
    return faults


def _vocabularies(root: Node, prefixes: Prefixes) -> list[dict[str, Any]]:
    """Every ``VocabularyList`` of the document in JSON shape."""
    out: list[dict[str, Any]] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.name == "Vocabulary":
            elements = node.first("VocabularyElementList")
            out.append(
                {
                    "type": node.attribute("type"),
                    "vocabularyElementList": [
                        _vocabulary_element(one, prefixes) for one in (elements.children if elements else ())
                    ],
                }
            )
        else:
            waiting.extend(reversed(node.children))
    return out


def _vocabulary_element(node: Node, prefixes: Prefixes) -> dict[str, Any]:
    attributes = []
    for one in node.named("attribute"):
        inner = replace(one, attributes=[spot for spot in one.attributes if spot.name != "id"])
        attributes.append({"id": one.attribute("id"), "attribute": plain_value(inner, prefixes)})
    out: dict[str, Any] = {"id": node.attribute("id"), "attributes": attributes}
    children = node.first("children")
    if children is not None:
        out["children"] = [one.text for one in children.named("id")]
    return out


def _header(root: Node, prefixes: Prefixes) -> Mapping[str, Any]:
    out: dict[str, Any] = {one.name: one.value for one in root.attributes if not one.space}
    header = root.first("EPCISHeader")
    business = header.first("StandardBusinessDocumentHeader") if header else None
    if business is not None:
        out["StandardBusinessDocumentHeader"] = plain_value(business, prefixes)
    for child in root.children:
        if child.is_foreign:
            key = prefixes.name_of(child)
            names = [prefixes.name_of(one) for one in child.children]
            out[key] = names if child.name == "ignoreFields" else plain_value(child, prefixes)
    return out
