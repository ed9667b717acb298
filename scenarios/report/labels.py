"""What people call a thing: a name, the code on its label, its kind. The id in full always stands beside it."""

from __future__ import annotations

import re
from functools import lru_cache

from trace_core.errors import IdentifierError
from trace_core.vocabulary.identity import Identity, Kind, identify, plant_id, to_element_string
from trace_core.vocabulary.masterdata import Masterdata

WIDE_FROM = "\u1100"
"""From here on characters count as two columns wide: Hangul, CJK and what comes after. Good enough to cut a label."""

_ID_IN_TEXT = re.compile(r"(?:https?://|urn:)[^\s,;()]*[^\s,;().:]")
_GTIN_IN_TEXT = re.compile(r"(?<![\w/.-])\d{14}(?![\w/.-])")

_KIND_WORDS = {
    Kind.LOT: "lot", Kind.SERIAL: "serial", Kind.CARRIER: "carrier", Kind.LOCATION: "place", Kind.PARTY: "party",
    Kind.EQUIPMENT: "equipment", Kind.ORDER: "order", Kind.ASSET: "asset",
}  # fmt: skip


class Labels:
    """Names from masterdata and codes from ids; an id nobody described has its code as its name."""

    def __init__(self, masterdata: Masterdata) -> None:
        self._masterdata = masterdata
        self.name = lru_cache(maxsize=100_000)(self._name)
        self.code = lru_cache(maxsize=100_000)(self._code)

    def _name(self, id: str) -> str:
        """Its own name, or its item's, or an empty text."""
        return self._masterdata.name_of(id) or self.item_name(item_of(id))

    def item_name(self, item: str) -> str:
        """The name of an item number or GTIN, or an empty text."""
        if not item:
            return ""
        as_class = (plant_id(Kind.CLASS, item).canonical, f"https://id.gs1.org/01/{item}", item)
        return next((name for one in as_class if (name := self._masterdata.name_of(one))), "")

    def _code(self, id: str) -> str:
        """The lot code, serial or carrier number in an id; the last part of any other."""
        identity = read(id)
        if identity is None:
            return id
        if identity.code:
            return identity.code
        return id.rstrip("/").rpartition("/")[2].rpartition(":")[2] or id

    def shown(self, text: str) -> str:
        """A sentence with ids as codes and GTINs as names; in full they stand in the tables and in the JSON."""
        text = _ID_IN_TEXT.sub(lambda found: self.code(found.group()), text)
        return _GTIN_IN_TEXT.sub(lambda found: self.item_name(found.group()) or found.group(), text)

    def kind(self, id: str) -> str:
        """One word for what kind of thing it is."""
        identity = read(id)
        return _KIND_WORDS.get(identity.kind, "") if identity else ""

    def printed(self, id: str) -> str:
        """The id as a label carries it, ``(01)..(10)..``, or empty where it is no GS1 key."""
        identity = read(id)
        try:
            return to_element_string(identity) if identity else ""
        except IdentifierError:
            return ""


def read(id: str) -> Identity | None:
    """The identity in ``id``, or None where it is no usable text."""
    try:
        return identify(id)
    except IdentifierError:
        return None


def item_of(id: str) -> str:
    """The item number or GTIN of a lot or serial, or an empty text."""
    identity = read(id)
    return identity.item if identity else ""


def shortened(text: str, columns: int) -> str:
    """``text`` in at most ``columns`` columns, its middle left out where it is longer; ends tell codes apart."""
    if _columns(text) <= columns:
        return text
    head, tail = "", ""
    while text:
        takes_last = len(tail) <= len(head)
        letter = text[-1] if takes_last else text[0]
        if _columns(head + tail + letter) > columns - 1:
            break
        head, tail = (head, letter + tail) if takes_last else (head + letter, tail)
        text = text[:-1] if takes_last else text[1:]
    return f"{head}…{tail}"


def _columns(text: str) -> int:
    return sum(2 if letter >= WIDE_FROM and letter != "…" else 1 for letter in text)
