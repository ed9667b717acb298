"""The identities of the texts that reports carry: lots, parts, carriers, parties, places, papers.

A text that is an identity itself (element string, barcode data, Digital Link, URN) is taken as it is; any other is a
name this plant gave, and becomes its own URN, or a GS1 key where the item is a GTIN.
"""

from __future__ import annotations

import re
from functools import lru_cache

from trace_core.vocabulary.identity import Identity, Kind, Place, identify, plant_id

_SELF_STANDING = re.compile(r"urn:|https?://|\(\d{2,4}\)|\][A-Za-z][0-9A-Za-z]", re.IGNORECASE)
_FNC1 = "\x1d"
_SSCC_DIGITS = 18  # GenSpecs 24, 3.2: AI (00) has 18 digits


def _stands_alone(text: str) -> bool:
    return _SELF_STANDING.match(text) is not None or _FNC1 in text


@lru_cache(maxsize=1 << 16)
def lot_named(code: str, item: str) -> Identity:
    """The lot a LOT_ID and an ITEM name; a licence plate in LOT_ID gives its carrier, a serial its serial."""
    if _stands_alone(code):
        found = identify(code, Place.CLASS)
        if found.is_node:
            return found
    return plant_id(Kind.LOT, code, item)


@lru_cache(maxsize=1 << 16)
def part_named(code: str, item: str) -> Identity:
    """The serial a PART_ID and an ITEM name; a carrier where it says so or is the digits of a sound SSCC."""
    if _stands_alone(code):
        found = identify(code, Place.EPC)
        if found.is_node:
            return found
    carrier = None if item else _sscc(code)
    return carrier or plant_id(Kind.SERIAL, code, item)


@lru_cache(maxsize=1 << 16)
def carrier_named(code: str) -> Identity:
    """The carrier a PART_ID names."""
    if _stands_alone(code):
        found = identify(code, Place.EPC)
        if found.is_node:
            return found
    return _sscc(code) or plant_id(Kind.CARRIER, code)


def _sscc(code: str) -> Identity | None:
    if len(code) != _SSCC_DIGITS or not (code.isascii() and code.isdigit()):
        return None
    found = identify(f"(00){code}", Place.EPC)
    return None if found.problem else found


@lru_cache(maxsize=1 << 12)
def party_named(name: str) -> Identity:
    """The party a supplier or customer field names."""
    return identify(name, Place.PARTY) if _stands_alone(name) else plant_id(Kind.PARTY, name)


@lru_cache(maxsize=1 << 12)
def place_named(name: str) -> Identity:
    """The place a location field names."""
    return identify(name, Place.LOCATION) if _stands_alone(name) else plant_id(Kind.LOCATION, name)


@lru_cache(maxsize=1 << 12)
def order_named(number: str) -> Identity:
    """The work order of a number: the transformationID of all it consumed and made."""
    return plant_id(Kind.ORDER, number)


@lru_cache(maxsize=1 << 12)
def paper_named(sort: str, number: str) -> Identity:
    """A business document: two sorts of paper may bear one number. ``sort`` is ``deliveryNote`` and so on."""
    return plant_id(Kind.DOCUMENT, number, sort)
