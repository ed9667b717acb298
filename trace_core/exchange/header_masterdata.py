"""Masterdata in a document's header: EPCIS vocabulary elements to masterdata records and back.

Products become :class:`Item`, places :class:`Location`, parties :class:`Party`, every other element a
:class:`Vocabulary`; attributes keep their ids. Source: GS1 EPCIS 2.0, 7.1.3 and 10.2; CBV 2.0, clause 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from trace_core.errors import BadInput
from trace_core.exchange.epcis_values import is_uri
from trace_core.exchange.violations import Faults, Violation
from trace_core.vocabulary.identity import Place, identify
from trace_core.vocabulary.json_text import to_bytes
from trace_core.vocabulary.masterdata import Item, Location, MasterRecord, Party, Vocabulary

_VTYPE = "urn:epcglobal:epcis:vtype:"
_ITEM_TYPES = {"epcclass", "item", "product"}
_PLACE_TYPES = {"location", "businesslocation", "readpoint"}
_PARTY_TYPES = {"party", "sourcedest"}
_MDA = "urn:epcglobal:cbv:mda#"

# The attributes people know a thing by, best first.
_NAMES = ("name", "tradeItemDescription", "descriptionShort", "regulatedProductName", "functionalName", "description")


def read_vocabularies(raw: Any, where: str) -> tuple[list[MasterRecord], list[Violation]]:
    """The records of a ``vocabularyList`` in JSON shape, and its faults; elements that cannot be read are left out."""
    faults = Faults()
    records: list[MasterRecord] = []
    if raw is None:
        return records, faults.found
    if not isinstance(raw, list):
        faults.add(where, "a list of vocabularies", raw)
        return records, faults.found
    for number, vocabulary in enumerate(raw):
        path = f"{where}[{number}]"
        if not isinstance(vocabulary, Mapping):
            faults.add(path, "a vocabulary object", vocabulary)
            continue
        kind = vocabulary.get("type")
        if not isinstance(kind, str):
            faults.add(f"{path}.type", "a URI", kind)
            kind = ""
        elif not is_uri(kind):
            faults.add(f"{path}.type", "a URI", kind)
        elements = vocabulary.get("vocabularyElementList", [])
        if not isinstance(elements, list):
            faults.add(f"{path}.vocabularyElementList", "a list", elements)
            continue
        for place, element in enumerate(elements):
            record = _record(kind, element, f"{path}.vocabularyElementList[{place}]", faults)
            if record is not None:
                records.append(record)
    return records, faults.found


def _record(kind: str, element: Any, path: str, faults: Faults) -> MasterRecord | None:
    if not isinstance(element, Mapping) or not isinstance(element.get("id"), str):
        faults.add(path, "a vocabulary element with an id", element)
        return None
    id_text = element["id"]
    if not is_uri(id_text):
        faults.add(f"{path}.id", "a URI", id_text)
    attributes = _attributes(element, path, faults)
    short = kind.rsplit(":", 1)[-1].rsplit("#", 1)[-1].lower()
    try:
        if short in _ITEM_TYPES:
            return Item(identify(id_text, Place.CLASS).canonical, _name(attributes), attributes=attributes)
        if short in _PLACE_TYPES:
            return Location(identify(id_text, Place.LOCATION).canonical, _name(attributes), attributes=attributes)
        if short in _PARTY_TYPES:
            return Party(identify(id_text, Place.PARTY).canonical, _name(attributes), attributes=attributes)
        return Vocabulary(identify(id_text).canonical, kind, attributes)
    except BadInput as error:
        faults.add(f"{path}.id", error.expected, error.got)
        return None


def _attributes(element: Mapping[str, Any], path: str, faults: Faults) -> dict[str, str]:
    out: dict[str, str] = {}
    given = element.get("attributes", [])
    if not isinstance(given, list):
        faults.add(f"{path}.attributes", "a list", given)
        given = []
    for number, one in enumerate(given):
        if not isinstance(one, Mapping) or not isinstance(one.get("id"), str):
            faults.add(f"{path}.attributes[{number}]", "an attribute with an id", one)
            continue
        text = _text(one.get("attribute"))
        out[one["id"]] = f"{out[one['id']]}; {text}" if one["id"] in out else text
    children = element.get("children")
    if isinstance(children, list) and children:
        out["children"] = " ".join(str(child) for child in children)
    return out


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else to_bytes(value).decode()


def _name(attributes: Mapping[str, str]) -> str:
    by_short = {re.split(r"[#/:]", name)[-1]: text for name, text in attributes.items()}
    return next((by_short[name] for name in _NAMES if by_short.get(name)), "")


def write_vocabularies(records: Iterable[MasterRecord]) -> list[dict[str, Any]]:
    """The ``vocabularyList`` that holds the items, places, parties and other vocabulary among ``records``.

    Recipes, equipment and run stamps are the plant's own and have no place in an EPCIS header; they are left out.
    """
    lists: dict[str, list[dict[str, Any]]] = {}
    for one in records:
        match one:
            case Item():
                kind = f"{_VTYPE}EPCClass"
            case Location():
                kind = f"{_VTYPE}Location"
            case Party():
                kind = f"{_VTYPE}Party"
            case Vocabulary():
                kind = one.type if is_uri(one.type) else f"{_VTYPE}{one.type or 'Other'}"
            case _:
                continue
        lists.setdefault(kind, []).append(_element(one))
    return [{"type": kind, "vocabularyElementList": elements} for kind, elements in lists.items()]


def _element(record: Item | Location | Party | Vocabulary) -> dict[str, Any]:
    attributes = dict(record.attributes)
    children = attributes.pop("children", "")
    name = "" if isinstance(record, Vocabulary) else record.name
    if name and name != _name(record.attributes):
        attributes[f"{_MDA}{'descriptionShort' if isinstance(record, Item) else 'name'}"] = name
    out: dict[str, Any] = {"id": record.id}
    if attributes:
        out["attributes"] = [{"id": key, "attribute": text} for key, text in attributes.items()]
    if children:
        out["children"] = children.split(" ")
    return out
