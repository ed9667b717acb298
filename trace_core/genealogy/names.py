"""What a thing is called: dense nodes in order of arrival, and every name by which somebody may ask for them.

A node is one canonical id. It is found by that, by any other form it came in, by an alias an event gave it
(``plant:alias``), by ``ITEM|CODE`` and by its bare code. A name may mean several nodes; that is for the answer to say,
never for the index to decide. Nodes are numbered as the log names them, so "known at" is a bound on the first event.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from trace_core.errors import IdentifierError, near_names
from trace_core.genealogy.columns import NONE, Codes, Star, ints
from trace_core.vocabulary.identity import Identity, Kind, Place, identify, parse_gs1

MAX_NEAR_CANDIDATES = 2_000
"""Names compared letter by letter when an unknown one is asked for: 2,000 comparisons take some 50 ms."""

# Where one id stood at places that leave its kind open (a urn:uuid among parts and among batches), the firmer wins.
_FIRM = (Kind.LOCATION, Kind.EQUIPMENT, Kind.SERIAL, Kind.ASSET, Kind.CARRIER, Kind.LOT)
_FIRMNESS = {
    kind: rank
    for rank, kind in enumerate(
        (*(one for one in Kind if one not in _FIRM), *_FIRM),
    )
}


class Names:
    """The nodes and their names. Everything is appended; nothing is renamed or removed."""

    def __init__(self) -> None:
        self.canonical: list[str] = []
        self.kinds: list[Kind] = []
        self.codes: list[str] = []
        self.problems: dict[int, str] = {}
        self.first_event = ints()
        self.items: Codes[str] = Codes()
        self.item = ints()
        self.of_item = Star()
        self._node: dict[str, int] = {}
        self._by_code: Codes[str] = Codes()
        self._of_code = Star()
        self._forms: Codes[str] = Codes()
        self._form = ints()
        self._form_node = ints()
        self._form_event = ints()
        self._of_form = Star()
        self._shared: dict[int, set[int]] = {}
        self._forms_of = Star()

    def __len__(self) -> int:
        return len(self.canonical)

    def node(self, identity: Identity, event: int) -> int:
        """The node of ``identity``, a new one at its first event; its form and kind are remembered."""
        node = self._node.get(identity.canonical)
        if node is None:
            node = self._add(identity, event)
        elif self.kinds[node] is not identity.kind and _FIRMNESS[identity.kind] > _FIRMNESS[self.kinds[node]]:
            self.kinds[node] = identity.kind
        form = identity.form
        if form and form != identity.canonical:
            self.call(node, form, event)
        return node

    def _add(self, identity: Identity, event: int) -> int:
        node = len(self.canonical)
        self._node[identity.canonical] = node
        self.canonical.append(identity.canonical)
        self.kinds.append(identity.kind)
        self.codes.append(identity.code)
        self.first_event.append(event)
        item = self.items.code(identity.item) if identity.item else NONE
        self.item.append(item)
        self.of_item.link(item)
        self._of_code.link(self._by_code.code(identity.code) if identity.code else NONE)
        if identity.problem:
            self.problems[node] = identity.problem
        return node

    def call(self, node: int, form: str, event: int) -> None:
        """Remember that ``node`` was called ``form`` by ``event``."""
        code = self._forms.code(form)
        row = self._of_form.first(code)
        if row >= 0:
            if self._form_node[row] == node:
                return
            sharing = self._shared.setdefault(code, {self._form_node[row]})
            if node in sharing:
                return
            sharing.add(node)
        self._form.append(code)
        self._form_node.append(node)
        self._form_event.append(event)
        self._of_form.link(code)
        self._forms_of.link(node)

    def known(self, canonical: str) -> int:
        """The node with this canonical id; ``NONE`` where there is none."""
        return self._node.get(canonical, NONE)

    def forms(self, node: int, known: int) -> list[str]:
        """The other forms of ``node`` that the first ``known`` events used, sorted."""
        own = self.canonical[node]
        forms = self._forms.values
        return sorted(
            forms[self._form[row]]
            for row in self._forms_of.rows(node)
            if self._form_event[row] < known and forms[self._form[row]] != own
        )

    def shared_forms(self, node: int, known: int) -> Iterator[str]:
        """The forms of ``node`` by which the first ``known`` events call other nodes too."""
        for row in self._forms_of.rows(node):
            code = self._form[row]
            if self._form_event[row] < known and (code in self._shared or self._forms.values[code] in self._node):
                yield self._forms.values[code]

    def called(self, form: str, known: int) -> list[int]:
        """Every node that the first ``known`` events call ``form``."""
        code = self._forms.known(form)
        return self._called(code, known) if code >= 0 else []

    def nodes_of_item(self, item: str, known: int) -> list[int]:
        """The nodes of an item (a GTIN in 14 digits, or an item number), in order of arrival."""
        rows = self.of_item.rows(self.items.known(item))
        return sorted(node for node in rows if self.first_event[node] < known)

    # ---- asking

    def find(self, query: str, known: int) -> list[int]:
        """Every node that ``query`` names among the first ``known`` events; none where nobody knows it."""
        found = {*self._by_form(query, known), *self._by_business_key(query, known)}
        if not found:
            found = {node for node in self._of_code.rows(self._by_code.known(query)) if self._is_known(node, known)}
        return sorted(found)

    def _is_known(self, node: int, known: int) -> bool:
        return self.first_event[node] < known

    def _called(self, form: int, known: int) -> list[int]:
        rows = self._of_form.rows(form)
        nodes = {self._form_node[row] for row in rows if self._form_event[row] < known}
        own = self._node.get(self._forms.values[form])
        if own is not None and self._is_known(own, known):
            nodes.add(own)
        return sorted(nodes)

    def _by_form(self, query: str, known: int) -> list[int]:
        found: set[int] = set()
        for text in {query, *_canonicals(query)}:
            node = self._node.get(text)
            if node is not None and self._is_known(node, known):
                found.add(node)
            form = self._forms.known(text)
            if form >= 0:
                found.update(self._called(form, known))
        return sorted(found)

    def _by_business_key(self, query: str, known: int) -> list[int]:
        item_text, bar, code_text = query.partition("|")
        if not bar or not item_text or not code_text or "|" in code_text:
            return []
        code = self._by_code.known(code_text.replace("%7C", "|").replace("%7c", "|"))
        items = {self.items.known(item) for item in _items(item_text.replace("%7C", "|").replace("%7c", "|"))}
        return [
            node
            for node in self._of_code.rows(code)
            if self.item[node] in items and self.item[node] >= 0 and self._is_known(node, known)
        ]

    def near(self, query: str, known: int) -> tuple[str, ...]:
        """Up to three canonical ids that look like ``query``: by lot code, serial or alias, else by the whole id."""
        bare = query.rpartition("|")[2].rpartition("/")[2].casefold()
        named: dict[str, str] = {}
        for text, node in islice(self._candidates(bare, known), MAX_NEAR_CANDIDATES):
            named.setdefault(text, self.canonical[node])
        near = [named[text] for text in near_names(bare, named)] or near_names(query, named.values())
        return tuple(dict.fromkeys(near or self._of_class(query, known)))

    def _of_class(self, query: str, known: int) -> list[str]:
        """The first things of the item, where ``query`` is a class: it has lots, and is none."""
        nodes = [node for item in _items(query) for node in self.nodes_of_item(item, known)]
        return sorted(self.canonical[node] for node in nodes)[:3]

    def _candidates(self, bare: str, known: int) -> Iterator[tuple[str, int]]:
        """Codes and aliases that share the first or last letters with ``bare``, then others."""
        head, tail = bare[:3], bare[-3:]
        others: list[tuple[str, int]] = []
        for text, node in self._texts(known):
            if text.startswith(head) or text.endswith(tail):
                yield text, node
            elif len(others) < MAX_NEAR_CANDIDATES:
                others.append((text, node))
        yield from others

    def _texts(self, known: int) -> Iterator[tuple[str, int]]:
        for node, code in enumerate(self.codes):
            if self.first_event[node] < known:
                yield (code or self.canonical[node]).casefold(), node
        for row, form in enumerate(self._form):
            if self._form_event[row] < known and "|" in self._forms.values[form]:
                yield self._forms.values[form].rpartition("|")[2].casefold(), self._form_node[row]


def _canonicals(query: str) -> Iterator[str]:
    try:
        yield identify(query, Place.EPC).canonical
    except IdentifierError:
        return
    barcode = parse_gs1(query)
    if barcode is not None:
        yield barcode.canonical


def _items(text: str) -> Iterator[str]:
    """The item numbers ``text`` may stand for: itself, a GTIN padded to 14 digits, the item of a class or GTIN id."""
    yield text
    if text.isascii() and text.isdigit() and 8 <= len(text) < 14:
        yield text.zfill(14)
    try:
        item = identify(text, Place.CLASS).item
    except IdentifierError:
        return
    if item:
        yield item
