"""Events in the shape of EPCIS 2.0 JSON-LD to EPCIS XML 2.0 or 1.2, in the order the XML schemas ask for.

:mod:`trace_core.exchange.epcis_xml` reads it back to the same events: CBV's bare words are written as URNs, extensions
under their prefixes with the name spaces declared on the event, numbers and truth values of extensions with their
``xsi:type``. A list of one element reads back as that element, and of an extension's object its order is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from trace_core.errors import DocumentError
from trace_core.exchange.epcis_words import (
    ALERT,
    BIZ_STEP,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT,
    PARTY,
    TRANSACTION,
    Notation,
    WordList,
)
from trace_core.exchange.epcis_xml_event import TEXT
from trace_core.exchange.header_masterdata import write_vocabularies
from trace_core.exchange.name_spaces import parse_context, space_of
from trace_core.vocabulary.clock import Clock
from trace_core.vocabulary.masterdata import MasterRecord
from trace_core.vocabulary.times import format_time

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"

_ITEM = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), "epc"),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), "quantityElement"
    ),
    "bizTransactionList": "bizTransaction",
    "sourceList": "source",
    "destinationList": "destination",
    "sensorElementList": "sensorElement",
}
_BASE = ("eventTime", "recordTime", "eventTimeZoneOffset")
_SENSORS = ("sensorElementList", "persistentDisposition")
_WHERE = ("bizStep", "disposition", "readPoint", "bizLocation")
_PARTIES = ("sourceList", "destinationList")
_INOUT = ("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID")

# Fields behind the base of each type, in the order of the XML schemas; in 1.2 those behind the bar lie in <extension>,
# those behind the second bar in an <extension> inside of it (AssociationEvent is a type of 2.0 and has neither).
_ORDER: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "ObjectEvent": (
        ("epcList", "action", *_WHERE, "bizTransactionList"), ("quantityList", *_PARTIES), (*_SENSORS, "ilmd"),
    ),
    "AggregationEvent": (
        ("parentID", "childEPCs", "action", *_WHERE, "bizTransactionList"), ("childQuantityList", *_PARTIES), _SENSORS,
    ),
    "TransactionEvent": (
        ("bizTransactionList", "parentID", "epcList", "action", *_WHERE), ("quantityList", *_PARTIES), _SENSORS,
    ),
    "TransformationEvent": ((*_INOUT, *_WHERE, "bizTransactionList", *_PARTIES), (), ("ilmd", *_SENSORS)),
    "AssociationEvent": (
        (
            "parentID", "childEPCs", "childQuantityList", "action", *_WHERE, "bizTransactionList", *_PARTIES,
            *_SENSORS,
        ),
        (), (),
    ),
}  # fmt: skip


def write_xml(
    events: Iterable[Mapping[str, Any]],
    out: IO[str],
    clock: Clock,
    masterdata: Iterable[MasterRecord] = (),
    notation: Notation = Notation.XML_2_0,
) -> int:
    """Writes a capture document with ``events`` to ``out``; how many events. ``notation`` is XML_2_0 or XML_1_2."""
    version = {Notation.XML_2_0: "2", Notation.XML_1_2: "1"}[notation]
    schema = "2.0" if version == "2" else "1.2"
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(f'<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:{version}" schemaVersion="{schema}"')
    out.write(f' creationDate="{format_time(clock.now())}">\n')
    out.writelines(_header(masterdata))
    out.write("<EPCISBody>\n<EventList>\n")
    count = 0
    for event in events:
        out.write(event_to_xml(event, notation))
        out.write("\n")
        count += 1
    out.write("</EventList>\n</EPCISBody>\n</epcis:EPCISDocument>\n")
    return count


def event_to_xml(event: Mapping[str, Any], notation: Notation = Notation.XML_2_0) -> str:
    """The element of ``event``, with the wrappers that ``notation`` asks for around it and inside of it."""
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in _ORDER:
        raise DocumentError(f"an event type ({', '.join(_ORDER)})", kind, "type")
    old = notation is Notation.XML_1_2
    writer = _EventWriter(event)
    first, second, third = _ORDER[kind]
    rare = writer.fields(("eventID", "errorDeclaration"))
    base = [*writer.fields(_BASE), *(_wrapped("baseExtension", rare) if old else rare)]
    if old:
        certificates = writer.fields(("certificationInfo",))
        inner = _wrapped("extension", [*writer.fields(second), *_inner(kind, writer, third)])
        body = [*writer.fields(first), *inner, *certificates]
    else:
        body = [*writer.fields(("certificationInfo",)), *writer.fields((*first, *second, *third))]
    extensions = [piece for name, value in event.items() if name not in _STANDARD for piece in writer.any(name, value)]
    element = f"<{kind}{writer.declarations()}>{''.join([*base, *body, *extensions])}</{kind}>"
    wraps = {"TransformationEvent": 1, "AssociationEvent": 2}.get(kind, 0) if old else 0
    return "<extension>" * wraps + element + "</extension>" * wraps


def _inner(kind: str, writer: _EventWriter, third: tuple[str, ...]) -> list[str]:
    """What EPCIS 2.0 added, one <extension> deeper, as 1.2 would have to be extended; ilmd stays where 1.2 has it."""
    deeper = writer.fields(tuple(name for name in third if name != "ilmd"))
    lot_data = writer.fields(("ilmd",)) if "ilmd" in third else []
    return [*lot_data, *(deeper if kind == "TransformationEvent" else _wrapped("extension", deeper))]


def _wrapped(name: str, pieces: list[str]) -> list[str]:
    return [f"<{name}>", *pieces, f"</{name}>"] if pieces else []


_STANDARD = frozenset(
    {"@context", "type", "eventID", "errorDeclaration", "certificationInfo", *_BASE}
    | {name for groups in _ORDER.values() for group in groups for name in group}
)


class _EventWriter:
    """Writes the parts of one event, and remembers which prefixes they used."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        self._event = event
        self._context = parse_context(event.get("@context", []))
        self._used: dict[str, str] = {}

    def declarations(self) -> str:
        """The name spaces of all prefixes used so far, and of all the event declares, since its values may use them."""
        spaces = {**self._context.prefixes, **self._used}
        return "".join(f" xmlns:{prefix}={quoteattr(space)}" for prefix, space in sorted(spaces.items()))

    def fields(self, names: tuple[str, ...]) -> list[str]:
        """The standard fields ``names``, those that the event has."""
        return [self._field(name, self._event[name]) for name in names if name in self._event]

    def _field(self, name: str, value: Any) -> str:
        item = _ITEM.get(name)
        if item is not None and isinstance(value, list):
            return f"<{name}>{''.join(self._item(item, one) for one in value)}</{name}>"
        if name in {"readPoint", "bizLocation", "ilmd"} and isinstance(value, Mapping):
            return f"<{name}>{self._members(value, first=('id',))}</{name}>"
        if name == "errorDeclaration" and isinstance(value, Mapping):
            return self._declaration(value)
        if name == "persistentDisposition" and isinstance(value, Mapping):
            inner = "".join(
                f"<{key}>{escape(_uri(one, DISPOSITION))}</{key}>"
                for key in ("unset", "set")
                for one in value.get(key, ())
            )
            return f"<{name}>{inner}</{name}>"
        words = {"bizStep": BIZ_STEP, "disposition": DISPOSITION}.get(name)
        if words is not None and isinstance(value, str):
            return f"<{name}>{escape(_uri(value, words))}</{name}>"
        return "".join(self.any(name, value))

    def _item(self, name: str, value: Any) -> str:
        if not isinstance(value, Mapping):
            return f"<{name}>{escape(_text(value))}</{name}>"
        if name == "quantityElement":
            return f"<{name}>{self._members(value, first=('epcClass', 'quantity', 'uom'))}</{name}>"
        if name == "sensorElement":
            return self._sensor(value)
        words = TRANSACTION if name == "bizTransaction" else PARTY
        kind = value.get("type")
        attribute = f" type={quoteattr(_uri(kind, words))}" if isinstance(kind, str) else ""
        return f"<{name}{attribute}>{escape(_text(value.get(name, '')))}</{name}>"

    def _declaration(self, value: Mapping[str, Any]) -> str:
        pieces = []
        for key in ("declarationTime", "reason"):
            if key in value:
                text = _uri(value[key], ERROR_REASON) if key == "reason" else _text(value[key])
                pieces.append(f"<{key}>{escape(text)}</{key}>")
        ids = value.get("correctiveEventIDs")
        if isinstance(ids, list):
            inner = "".join(f"<correctiveEventID>{escape(_text(one))}</correctiveEventID>" for one in ids)
            pieces.append(f"<correctiveEventIDs>{inner}</correctiveEventIDs>")
        known = {"declarationTime", "reason", "correctiveEventIDs"}
        pieces.extend(piece for key, one in value.items() if key not in known for piece in self.any(key, one))
        return f"<errorDeclaration>{''.join(pieces)}</errorDeclaration>"

    def _sensor(self, value: Mapping[str, Any]) -> str:
        pieces = []
        metadata = value.get("sensorMetadata")
        if isinstance(metadata, Mapping):
            pieces.append(self._flat("sensorMetadata", metadata))
        pieces.extend(self._flat("sensorReport", report) for report in value.get("sensorReport", ()))
        known = {"sensorMetadata", "sensorReport"}
        pieces.extend(piece for key, one in value.items() if key not in known for piece in self.any(key, one))
        return f"<sensorElement>{''.join(pieces)}</sensorElement>"

    def _flat(self, name: str, value: Mapping[str, Any]) -> str:
        """An element whose fields are attributes; an extension that is no plain value is a child."""
        words = {"type": MEASUREMENT, "exception": ALERT, "component": COMPONENT} if name == "sensorReport" else {}
        attributes: list[str] = []
        children: list[str] = []
        for key, one in value.items():
            if isinstance(one, Mapping | list):
                children.extend(self.any(key, one))
                continue
            text = _uri(one, words[key]) if key in words and isinstance(one, str) else _text(one)
            attributes.append(f" {self._name(key)}={quoteattr(text)}")
        return f"<{name}{''.join(attributes)}>{''.join(children)}</{name}>" if children else (
            f"<{name}{''.join(attributes)}/>"
        )  # fmt: skip

    def _members(self, value: Mapping[str, Any], first: tuple[str, ...]) -> str:
        names = [name for name in first if name in value]
        rest = [name for name in value if name not in first]
        return "".join(
            [f"<{name}>{escape(_text(value[name]))}</{name}>" for name in names]
            + [piece for name in rest for piece in self.any(name, value[name])]
        )

    def any(self, name: str, value: Any) -> Iterator[str]:
        """A field of any shape as elements; a list as one element for each of its elements."""
        if isinstance(value, list):
            for one in value:
                yield from self.any(name, one)
            return
        tag = self._name(name)
        if isinstance(value, Mapping):
            attributes = ""
            if isinstance(value.get("xsi:type"), str):
                self._used.setdefault("xsi", XSI)
                attributes = f" xsi:type={quoteattr(value['xsi:type'])}"
            inner = "".join(
                piece for key, one in value.items() if key not in {TEXT, "xsi:type"} for piece in self.any(key, one)
            )
            yield f"<{tag}{attributes}>{escape(_text(value.get(TEXT, '')))}{inner}</{tag}>"
            return
        kind = {bool: "boolean", int: "integer", Decimal: "decimal"}.get(type(value)) if ":" in name else None
        attributes = ""
        if kind is not None:
            self._used.update(xsi=XSI, xsd=XSD)
            attributes = f' xsi:type="xsd:{kind}"'
        yield f"<{tag}{attributes}>{escape(_text(value))}</{tag}>"

    def _name(self, name: str) -> str:
        """``name`` as a tag; its prefix is declared. A name that XML cannot hold is refused."""
        prefix, colon, local = name.partition(":")
        for part in (prefix, local) if colon else (name,):
            if (
                not part
                or not (part[0].isalpha() or part[0] == "_")
                or not all(char.isalnum() or char in "_-." for char in part)
            ):
                raise DocumentError("a field whose name XML can hold", name, str(self._event.get("eventID", "event")))
        if colon:
            space = space_of(prefix, self._context)
            if space is None:
                space = XSI if prefix == "xsi" else f"urn:undeclared:{prefix}"
            self._used[prefix] = space
        return name


def _uri(word: Any, words: WordList) -> str:
    """CBV's bare word as the URI that XML writes; any other text as it is."""
    text = _text(word)
    if text not in words.words:
        return text
    if words.urn:
        return f"{words.urn}{text}"
    return f"cbv:{words.web}{text}" if words.web else f"gs1:{text}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _header(masterdata: Iterable[MasterRecord]) -> Iterator[str]:
    vocabularies = write_vocabularies(masterdata)
    if not vocabularies:
        return
    yield "<EPCISHeader><extension><EPCISMasterData><VocabularyList>\n"
    for vocabulary in vocabularies:
        yield f"<Vocabulary type={quoteattr(vocabulary['type'])}><VocabularyElementList>\n"
        for element in vocabulary["vocabularyElementList"]:
            yield f"<VocabularyElement id={quoteattr(element['id'])}>"
            for one in element.get("attributes", ()):
                yield f"<attribute id={quoteattr(one['id'])}>{escape(one['attribute'])}</attribute>"
            if children := element.get("children"):
                yield f"<children>{''.join(f'<id>{escape(child)}</id>' for child in children)}</children>"
            yield "</VocabularyElement>\n"
        yield "</VocabularyElementList></Vocabulary>\n"
    yield "</VocabularyList></EPCISMasterData></extension></EPCISHeader>\n"
