"""XML as small trees, one event at a time: no DTD, no entities, no network, bounded depth, the line of every element.

The standard library's expat does the parsing; a document type declaration is refused at its first character, so that
entity expansion and external entities cannot even be tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from trace_core.errors import DocumentError, LimitExceeded
from trace_core.exchange.source_text import MAX_DEPTH, decoded, encoding_of

EPCIS_SPACES = ("urn:epcglobal:epcis", "urn:epcglobal:xsd:")
"""How the name spaces of EPCIS documents, queries and masterdata begin, in all versions."""

_SEPARATOR = "\x1f"  # cannot stand in a name space, since XML has no control characters
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")


@dataclass(slots=True)
class Attribute:
    """One attribute: its name without prefix, name space ("" for none), prefix as written, and value."""

    name: str
    space: str
    prefix: str
    value: str


@dataclass(slots=True)
class Node:
    """One element. ``text`` is its own character data, stripped; children keep their order."""

    name: str
    space: str
    prefix: str
    line: int
    attributes: list[Attribute] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def is_foreign(self) -> bool:
        """Whether it belongs to a name space that is not EPCIS's own."""
        return bool(self.space) and not self.space.startswith(EPCIS_SPACES)

    @property
    def text(self) -> str:
        """The element's own text, without white space around it."""
        return "".join(self.pieces).strip()

    def attribute(self, name: str) -> str | None:
        """The value of the attribute ``name`` that has no name space."""
        return next((one.value for one in self.attributes if one.name == name and not one.space), None)

    def named(self, name: str) -> Iterator[Node]:
        """The children whose name without prefix is ``name``."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Node | None:
        """The first child whose name without prefix is ``name``."""
        return next(self.named(name), None)


def parse_nodes(
    content: bytes,
    source: str,
    take: Callable[[Node, list[Node]], bool],
    declared: Callable[[str, str], None],
) -> Node:
    """The root of ``content``.

    ``take(node, ancestors)`` is called for every closed element with its ancestors from the root on; where it returns
    True the element was dealt with and is not kept in the tree. ``declared(prefix, space)`` hears every name space.
    """
    text = decoded(content, source, _declared_encoding(content))
    parser = expat.ParserCreate("utf-8", _SEPARATOR)
    parser.namespace_prefixes = True
    parser.ordered_attributes = True
    parser.buffer_text = True
    builder = _Builder(parser, source, take)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.StartNamespaceDeclHandler = lambda prefix, space: declared(prefix or "", space or "")
    try:
        parser.Parse(text.encode("utf-8", errors="surrogatepass"), True)
    except expat.ExpatError as error:
        where = f"{source}: line {error.lineno}, column {error.offset + 1}"
        end = error.code in _CUT_OFF
        raise DocumentError(
            f"well-formed XML ({expat.ErrorString(error.code)})",
            "end of text" if end else _near(text, error.lineno, error.offset),
            where,
            "the document seems cut off" if end else "",
        ) from None
    assert builder.root is not None, "expat refuses a document without a root"
    return builder.root


_CUT_OFF = {
    expat.errors.codes[name] for name in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
}


def _declared_encoding(content: bytes) -> str:
    """The encoding an XML declaration names; none where the bytes themselves show another width of characters."""
    found, skip = encoding_of(content)
    if skip or found != "utf-8":
        return ""
    match = _DECLARED.match(content.lstrip()[:200])
    return match.group(1).decode("ascii") if match else ""


def _near(text: str, line: int, column: int) -> str:
    lines = text.split("\n", line)
    here = lines[line - 1] if line <= len(lines) else ""
    return here[column : column + 20] or here[-20:] or "end of text"


class _Builder:
    def __init__(self, parser: expat.XMLParserType, source: str, take: Callable[[Node, list[Node]], bool]) -> None:
        self.root: Node | None = None
        self._parser = parser
        self._source = source
        self._take = take
        self._open: list[Node] = []

    def start(self, name: str, attributes: list[str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise LimitExceeded(f"at most {MAX_DEPTH} levels of elements (MAX_DEPTH)", "more", self._where())
        node = Node(*_split(name), self._parser.CurrentLineNumber)
        for place in range(0, len(attributes), 2):
            node.attributes.append(Attribute(*_split(attributes[place]), attributes[place + 1]))
        self._open.append(node)

    def end(self, name: str) -> None:
        node = self._open.pop()
        if self._take(node, self._open):
            node.children = []
        elif self._open:
            self._open[-1].children.append(node)
        if not self._open:
            self.root = node

    def characters(self, text: str) -> None:
        if self._open:
            self._open[-1].pieces.append(text)

    def doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        raise DocumentError(
            "XML without a document type declaration",
            f"<!DOCTYPE {name}",
            self._where(),
            "EPCIS needs none, and entities are never expanded: take it out",
        )

    def _where(self) -> str:
        return f"{self._source}: line {self._parser.CurrentLineNumber}, column {self._parser.CurrentColumnNumber + 1}"


def _split(name: str) -> tuple[str, str, str]:
    """Local name, name space, prefix of expat's ``space local prefix``."""
    parts = name.split(_SEPARATOR)
    if len(parts) == 1:
        return parts[0], "", ""
    return parts[1], parts[0], parts[2] if len(parts) > 2 else ""
