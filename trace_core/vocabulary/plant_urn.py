"""``urn:plant:<kind>:<issuer>:<item>:<code>``: the names of a plant's own things, in any script.

Each part is Unicode text in NFC, as UTF-8 percent-encoded outside RFC 3986's unreserved characters, so that ``:`` and
every other character may stand in a code. Issuer ``-`` is this plant; item is empty where there is none.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from trace_core.vocabulary.gs1_keys import Kind

THIS_PLANT = "-"


class PlantName(NamedTuple):
    """The decoded parts of a plant's own id."""

    kind: Kind
    issuer: str
    item: str
    code: str


_KINDS = {str(kind): kind for kind in Kind}
_PLAIN = re.compile(r"[A-Za-z0-9._~\-]*")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def write_plant_urn(name: PlantName) -> str:
    """The one way in which ``name`` is written; its parts in NFC without lone surrogates."""
    return f"urn:plant:{name.kind}:{_encoded(name.issuer)}:{_encoded(name.item)}:{_encoded(name.code)}"


def _encoded(part: str) -> str:
    return part if _PLAIN.fullmatch(part) else quote(part, safe="")


def read_plant_urn(rest: str) -> PlantName | str:
    """The parts of what stands behind ``urn:plant:``, or why it is no such name.

    Unescaped characters are taken as they are, a ``:`` in the code too.
    """
    parts = rest.split(":", 3)
    kind = _KINDS.get(parts[0].lower())
    if kind is None:
        return f"expected a kind ({', '.join(_KINDS)}), got {parts[0]!r}"
    if len(parts) != 4:
        return f"expected kind, issuer, item and code, got {len(parts)} parts"
    decoded = [part if _PLAIN.fullmatch(part) else _decoded(part) for part in parts[1:]]
    issuer, item, code = decoded
    if issuer is None or item is None or code is None:
        return "expected percent-encoded UTF-8, got a broken escape"
    if not code and not (kind is Kind.CLASS and item):
        return "expected a code, got none"
    return PlantName(kind, issuer or THIS_PLANT, item, code)


def _decoded(part: str) -> str | None:
    if _BROKEN_ESCAPE.search(part):
        return None
    try:
        return unicodedata.normalize("NFC", unquote_to_bytes(part).decode("utf-8"))
    except UnicodeDecodeError:
        return None
