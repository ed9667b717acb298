"""GS1 Digital Link URIs of any domain to GS1 keys.

Source: GS1 Digital Link URI Syntax 1.2, sections 4 and 5; the short names (``gtin``, ``lot``) are those of release 1.0
and 1.1, deprecated and still printed. The query string holds attributes and links and names nothing.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from trace_core.vocabulary.gs1_keys import KEY_AIS, QUALIFIER_AIS, Key, Misfit, is_digits, key_of

CANONICAL_HOST = "https://id.gs1.org/"

_SHORT_NAMES = {
    "gtin": "01",
    "itip": "8006",
    "cpid": "8010",
    "gln": "414",
    "payto": "415",
    "party": "417",
    "gsrnp": "8017",
    "gsrn": "8018",
    "gcn": "255",
    "sscc": "00",
    "gdti": "253",
    "ginc": "401",
    "gsin": "402",
    "grai": "8003",
    "giai": "8004",
    "gmn": "8013",
    "cpv": "22",
    "lot": "10",
    "ser": "21",
    "tpx": "235",
    "glnx": "254",
    "uic-ext": "7040",
    "cpsn": "8011",
    "srin": "8019",
    "refno": "8020",
}
_KEYS = frozenset(KEY_AIS)
_GS1_HOST = re.compile(r"id\.gs1\.[a-z.]+", re.IGNORECASE)
# On a host that is not GS1's a path such as /01/15 or /401/about is no key: a numeric key must begin with five
# digits or more, one of characters with six, the shortest company prefix of an EPC.
_NUMERIC_START = re.compile(r"[0-9]{5}")
_NAMED_START = re.compile(r"[0-9]{6}")
_NAMED = frozenset({"401", "8004", "8010", "8013"})


def read_digital_link(text: str) -> Key | Misfit | None:
    """The key a Digital Link names; None where the address is no Digital Link."""
    address = text.split("//", 1)[1].split("?", 1)[0].split("#", 1)[0]
    host, _, path = address.partition("/")
    segments = path.rstrip("/").split("/")
    at_gs1 = _GS1_HOST.fullmatch(host) is not None
    for n, segment in enumerate(segments[:-1]):
        ai = _SHORT_NAMES.get(segment.lower(), segment)
        if ai not in _KEYS:
            continue
        value = unquote(segments[n + 1], errors="replace")
        start = _NAMED_START if ai in _NAMED else _NUMERIC_START
        if (at_gs1 and n == 0) or start.match(value):
            return _judged(ai, value, segments[n + 2 :])
    return None


def _judged(ai: str, value: str, more: list[str]) -> Key | Misfit | None:
    """The key with its qualifiers; None where the rest of the path is not made of qualifiers."""
    qualifiers: dict[str, str] = {}
    for n in range(0, len(more), 2):
        name = _SHORT_NAMES.get(more[n].lower(), more[n])
        if name not in QUALIFIER_AIS or name in qualifiers or n + 1 == len(more):
            return None
        qualifiers[name] = unquote(more[n + 1], errors="replace")
    # Section 4.4: a GTIN of 8, 12 or 13 digits may be written so, and means the same GTIN-14.
    if ai == "01" and len(value) in (8, 12, 13) and is_digits(value):
        value = value.zfill(14)
    return key_of(ai, value, qualifiers)
