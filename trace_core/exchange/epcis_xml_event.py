"""One event element of EPCIS XML to its JSON-LD object, with everything it holds.

Attributes and child elements of an extension both become fields of its object; its text beside them is ``#text``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from trace_core.exchange.epcis_values import is_uri
from trace_core.exchange.epcis_words import (
    ALERT,
    BIZ_STEP,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT,
    PARTY,
    TRANSACTION,
    WordList,
)
from trace_core.exchange.name_spaces import STANDARD_PREFIXES, is_standard
from trace_core.exchange.source_text import MAX_NUMBER_CHARACTERS
from trace_core.exchange.violations import Violation, shown
from trace_core.exchange.xml_nodes import EPCIS_SPACES, Node

TEXT = "#text"
"""Name of an extension's own text where it has attributes or children besides."""

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)


class Prefixes:
    """The prefixes of one document; each keeps one meaning, and a name space without one is given one."""

    def __init__(self) -> None:
        self._spaces: dict[str, str] = {}

    def declare(self, prefix: str, space: str) -> None:
        """Hear that ``prefix`` stands for ``space``; its first meaning counts."""
        if prefix and not space.startswith(EPCIS_SPACES) and prefix not in self._spaces:
            self._spaces[prefix] = space

    @property
    def own(self) -> dict[str, str]:
        """Prefix -> name space of those that GS1's context does not define."""
        return {prefix: space for prefix, space in self._spaces.items() if not is_standard(prefix, space)}

    def prefix_of(self, prefix: str, space: str) -> str:
        """The prefix under which a name of ``space``, written with ``prefix``, is kept."""
        if self._spaces.get(prefix) == space:
            return prefix
        known = next((one for one, meaning in self._spaces.items() if meaning == space), None)
        if known is not None:
            return known
        fresh = prefix if prefix and prefix not in self._spaces else ""
        number = 0
        while not fresh or fresh in self._spaces or fresh in STANDARD_PREFIXES:
            number += 1
            fresh = f"{prefix or 'ns'}{number}"
        self._spaces[fresh] = space
        return fresh

    def name_of(self, node: Node) -> str:
        """The name of ``node`` as a field: ``prefix:name``, or bare where it has no name space of its own."""
        return self.name(node.name, node.space, node.prefix)

    def name(self, name: str, space: str, prefix: str) -> str:
        """``name`` as a field."""
        return name if not space or space.startswith(EPCIS_SPACES) else f"{self.prefix_of(prefix, space)}:{name}"


def event_of(node: Node, path: str, prefixes: Prefixes) -> tuple[dict[str, Any], list[Violation]]:
    """The event that ``node`` states, and the faults that only its XML shows."""
    reader = _EventReader(prefixes, path)
    event: dict[str, Any] = {"type": node.name}
    reader.fields(node, event, path)
    for one in node.attributes:
        if one.space not in {_XSI, ""}:
            event[prefixes.name(one.name, one.space, one.prefix)] = one.value
        elif not one.space and one.name not in {"schemaVersion", "creationDate"}:
            event[one.name] = one.value
    if node.name == "QuantityEvent":
        _from_quantity_event(event)
    return event, reader.faults


def _from_quantity_event(event: dict[str, Any]) -> None:
    """EPCIS 1.1, 7.2.12 deprecates it as the ObjectEvent that observes one class with its quantity."""
    event["type"] = "ObjectEvent"
    event.setdefault("action", "OBSERVE")
    element = {name: event.pop(name) for name in ("epcClass", "quantity") if name in event}
    if "quantity" in element:
        element["quantity"] = _number(element["quantity"])
    event["quantityList"] = [element]


def plain_value(node: Node, prefixes: Prefixes) -> Any:
    """Any element as a value: its text where it is nothing else, else an object of its attributes and children."""
    if not node.children and not node.attributes:
        return node.text
    typed = _typed(node)
    if typed is not None:
        return typed
    out: dict[str, Any] = {}
    for one in node.attributes:
        out[prefixes.name(one.name, one.space, one.prefix)] = one.value
    for child in node.children:
        _put(out, prefixes.name_of(child), plain_value(child, prefixes))
    if node.text:
        out[TEXT] = node.text
    return out


def _typed(node: Node) -> Any:
    """The number or truth value of an element that has nothing but its text and says so by ``xsi:type``; else None."""
    if node.children or len(node.attributes) != 1:
        return None
    only = node.attributes[0]
    if only.space != _XSI or only.name != "type":
        return None
    kind = only.value.rpartition(":")[2]
    if kind == "boolean":
        value = _truth(node.text)
        return value if isinstance(value, bool) else None
    if kind not in {"integer", "decimal"}:
        return None
    number = _number(node.text)
    if isinstance(number, str) or (kind == "integer" and not isinstance(number, int)):
        return None
    return Decimal(number) if kind == "decimal" else number


def _put(out: dict[str, Any], name: str, value: Any) -> None:
    """Adds a field; one that stands there already becomes a list."""
    if name not in out:
        out[name] = value
    elif isinstance(out[name], list):
        out[name].append(value)
    else:
        out[name] = [out[name], value]


def _number(text: Any) -> Any:
    """``text`` as an exact number; itself where it is none, for the rules to refuse."""
    if not isinstance(text, str) or len(text) > MAX_NUMBER_CHARACTERS or not _NUMBER.match(text):
        return text
    number = Decimal(text)
    if abs(number.adjusted()) > MAX_NUMBER_CHARACTERS:
        return text
    return int(number) if re.fullmatch(r"[+-]?\d{1,18}", text) else number


def _truth(text: str) -> Any:
    return {"true": True, "1": True, "false": False, "0": False}.get(text, text)


class _EventReader:
    """Reads the parts of one event; ``faults`` gathers what JSON's shape could no longer show."""

    def __init__(self, prefixes: Prefixes, path: str) -> None:
        self.faults: list[Violation] = []
        self._prefixes = prefixes
        self._path = path

    def fields(self, node: Node, out: dict[str, Any], path: str) -> None:
        """The children of an event element, wrappers taken off."""
        for child in node.children:
            if child.is_foreign:
                _put(out, self._prefixes.name_of(child), plain_value(child, self._prefixes))
            elif child.name in {"extension", "baseExtension"}:
                self.fields(child, out, path)
            else:
                self._standard(child, out, f"{path}.{child.name}")

    def _standard(self, child: Node, out: dict[str, Any], path: str) -> None:
        reader = _READERS.get(child.name)
        value = reader(self, child, path) if reader else plain_value(child, self._prefixes)
        if child.name == "certificationInfo":
            _put(out, child.name, value)
            return
        if child.name in out:
            self.faults.append(Violation(path, "expected it only once, got it twice; the last one counts"))
        out[child.name] = value

    def text(self, node: Node, path: str) -> Any:
        """Plain text; an element where text should be is kept for the rules to refuse."""
        return plain_value(node, self._prefixes) if node.children else node.text

    def word(self, text: str, words: WordList, path: str) -> str:
        """CBV's bare word of a URI; any other text as it is. XML asks for URIs, so a bare word is a fault."""
        if not is_uri(text):
            self.faults.append(Violation(path, f"expected a {words.name} as a URI, got {shown(text)}"))
            return text
        bare = words.bare(text)
        return bare if bare in words.words else text

    def ids(self, node: Node, path: str) -> list[Any]:
        """A list of ``epc`` elements."""
        return self._items(node, "epc", path, self.text)

    def amounts(self, node: Node, path: str) -> list[Any]:
        """A list of ``quantityElement``."""
        return self._items(node, "quantityElement", path, self._amount)

    def _amount(self, node: Node, path: str) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for child in node.children:
            nil = any(one.name == "nil" and one.space == _XSI and _truth(one.value) is True for one in child.attributes)
            if nil:
                continue
            text = self.text(child, path) if not child.children else plain_value(child, self._prefixes)
            _put(out, self._prefixes.name_of(child), _number(text) if child.name == "quantity" else text)
        return out

    def _items(self, node: Node, name: str, path: str, read: Callable[[Node, str], Any]) -> list[Any]:
        out = []
        for number, child in enumerate(node.children):
            if child.name != name:
                self.faults.append(Violation(f"{path}[{number}]", f"expected <{name}>, got <{child.name}>"))
                continue
            out.append(read(child, f"{path}[{number}]"))
        if node.text:
            self.faults.append(Violation(path, f"expected elements <{name}>, got text {shown(node.text)}"))
        return out

    def links(self, node: Node, path: str) -> list[Any]:
        """``bizTransactionList``, ``sourceList``, ``destinationList``."""
        name = node.name.removesuffix("List")
        words = TRANSACTION if name == "bizTransaction" else PARTY

        def read(one: Node, spot: str) -> dict[str, Any]:
            kind = one.attribute("type")
            out: dict[str, Any] = {} if kind is None else {"type": self.word(kind.strip(), words, f"{spot}.type")}
            out[name] = self.text(one, spot)
            return out

        return self._items(node, name, path, read)

    def place(self, node: Node, path: str) -> dict[str, Any]:
        """``readPoint``, ``bizLocation``."""
        return self._record(node, {"id": self.text}, path)

    def lot_data(self, node: Node, path: str) -> dict[str, Any]:
        """``ilmd``."""
        return self._record(node, {}, path)

    def _record(self, node: Node, readers: dict[str, Callable[[Node, str], Any]], path: str) -> dict[str, Any]:
        """An object of known children and extensions, ``extension`` wrappers taken off."""
        out: dict[str, Any] = {}
        for one in node.attributes:
            if one.space and one.space != _XSI:
                out[self._prefixes.name(one.name, one.space, one.prefix)] = one.value
        for child in node.children:
            if not child.is_foreign and child.name == "extension":
                for name, value in self._record(child, readers, path).items():
                    _put(out, name, value)
                continue
            reader = None if child.is_foreign else readers.get(child.name)
            spot = f"{path}.{child.name}"
            value = reader(child, spot) if reader else plain_value(child, self._prefixes)
            _put(out, self._prefixes.name_of(child), value)
        return out

    def persistent(self, node: Node, path: str) -> dict[str, Any]:
        """``persistentDisposition``."""
        out: dict[str, Any] = {}
        for child in node.children:
            if child.name in {"set", "unset"}:
                out.setdefault(child.name, []).append(self.word(child.text, DISPOSITION, f"{path}.{child.name}"))
            else:
                _put(out, self._prefixes.name_of(child), plain_value(child, self._prefixes))
        return out

    def declaration(self, node: Node, path: str) -> dict[str, Any]:
        """``errorDeclaration``."""
        return self._record(
            node,
            {
                "declarationTime": self.text,
                "reason": lambda one, spot: self.word(one.text, ERROR_REASON, spot),
                "correctiveEventIDs": lambda one, spot: self._items(one, "correctiveEventID", spot, self.text),
            },
            path,
        )

    def sensors(self, node: Node, path: str) -> list[Any]:
        """``sensorElementList``."""
        wrapped = [child for child in node.children if child.name != "extension"]
        node.children = wrapped
        return self._items(node, "sensorElement", path, self._sensor)

    def _sensor(self, node: Node, path: str) -> dict[str, Any]:
        out = self._record(node, {"sensorMetadata": self._attributes, "sensorReport": self._report}, path)
        report = out.get("sensorReport")
        if report is not None and not isinstance(report, list):
            out["sensorReport"] = [report]
        return out

    def _attributes(self, node: Node, path: str) -> dict[str, Any]:
        out = {self._prefixes.name(one.name, one.space, one.prefix): one.value for one in node.attributes}
        for child in node.children:
            _put(out, self._prefixes.name_of(child), plain_value(child, self._prefixes))
        return out

    def _report(self, node: Node, path: str) -> dict[str, Any]:
        out = self._attributes(node, path)
        for name in ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"):
            if isinstance(out.get(name), str):
                out[name] = _number(out[name])
        if isinstance(out.get("booleanValue"), str):
            out["booleanValue"] = _truth(out["booleanValue"])
        for name, words in (("type", MEASUREMENT), ("exception", ALERT), ("component", COMPONENT)):
            if isinstance(out.get(name), str):
                out[name] = self.word(out[name], words, f"{path}.{name}")
        return out


_Reader = Callable[[_EventReader, Node, str], Any]
_READERS: dict[str, _Reader] = {
    **dict.fromkeys(
        ("eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "action", "parentID", "transformationID"),
        _EventReader.text,
    ),
    "bizStep": lambda reader, node, path: reader.word(node.text, BIZ_STEP, path),
    "disposition": lambda reader, node, path: reader.word(node.text, DISPOSITION, path),
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _EventReader.ids),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _EventReader.amounts
    ),
    **dict.fromkeys(("readPoint", "bizLocation"), _EventReader.place),
    **dict.fromkeys(("bizTransactionList", "sourceList", "destinationList"), _EventReader.links),
    "ilmd": _EventReader.lot_data,
    "persistentDisposition": _EventReader.persistent,
    "errorDeclaration": _EventReader.declaration,
    "sensorElementList": _EventReader.sensors,
}
