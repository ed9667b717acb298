"""EPC URNs (``urn:epc:id``, ``urn:epc:class``, ``urn:epc:idpat``) to GS1 keys and back.

Source: GS1 EPC Tag Data Standard 1.13, sections 6.3 (id), 6.4 (class) and 8 (patterns). A URN shows the company prefix
and hides the check digit; a GS1 key does the reverse. So a URN leads to its key alone, and the way back needs the
length of the company prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from trace_core.errors import IdentifierError
from trace_core.vocabulary.gs1_keys import Key, Kind, Misfit, check_digit, is_digits, key_of, text_fault, trade_item_key

# TDS 1.13, table: what may stand unescaped in a URN; all else is %XX.
_ESCAPED = re.compile(r"(?:[!'()*+,\-.0-9:;=A-Za-z_]|%[0-9A-Fa-f]{2})+")
_TO_ESCAPE = {ord(char): f"%{ord(char):02X}" for char in '"#%&/<>?'}


def read_epc_urn(text: str) -> Key | Misfit | None:
    """The key an EPC URN names; None where its scheme has no GS1 key (gid, adi, usdod, bic, imovn, other patterns).

    A pattern that leaves only the serial open (``urn:epc:idpat:sgtin:4012345.066666.*``) is the class.
    """
    head = text.split(":", 4)
    if len(head) < 5:
        return None
    _, _, sort, scheme, rest = head
    if sort == "id":
        reader = _IDS.get(scheme)
    elif sort == "class":
        reader = _lot if scheme == "lgtin" else None
    elif sort == "idpat":
        reader = _PATTERNS.get(scheme) if rest.endswith(".*") and "*" not in rest[:-2] else None
        rest = rest[:-2]
    else:
        reader = None
    return reader(rest) if reader else None


def _number(prefix: str, reference: str, length: int) -> str:
    """Why company prefix and reference do not make ``length`` digits; "" where they do."""
    both = prefix + reference
    if not 6 <= len(prefix) <= 12:
        return f"expected a company prefix of 6 to 12 digits, got {prefix!r}"
    if len(both) != length:
        return f"expected {length} digits of company prefix and reference, got {len(both)}"
    if not is_digits(both):
        return f"expected digits only in company prefix and reference, got {both!r}"
    return ""


def _text(part: str, longest: int) -> tuple[str, str]:
    """A serial, lot or extension, unescaped, and why it is none ("" if it is one)."""
    if part.isalnum() and part.isascii() and len(part) <= longest:
        return part, ""
    if not _ESCAPED.fullmatch(part):
        return part, f"expected characters of CSET 82, escaped as %XX where a URN needs it, got {part!r}"
    plain = unquote(part, errors="replace")
    return plain, text_fault(plain, longest)


def _parts(rest: str, count: int) -> list[str]:
    parts = rest.split(".", count - 1)
    return parts + [""] * (count - len(parts))


def _item(rest: str, ai: str, scheme: str, kind: Kind, longest: int) -> Key | Misfit:
    prefix, reference, tail = _parts(rest, 3)
    code, fault = _text(tail, longest)
    if fault := _number(prefix, reference, 13) or fault:
        return Misfit(scheme, kind, fault, f"{prefix}.{reference}", code)
    body = reference[0] + prefix + reference[1:]
    return trade_item_key(body + check_digit(body), ai, code)


def _sgtin(rest: str) -> Key | Misfit:
    return _item(rest, "21", "sgtin", Kind.SERIAL, 20)


def _lot(rest: str) -> Key | Misfit:
    return _item(rest, "10", "lgtin", Kind.LOT, 20)


def _upui(rest: str) -> Key | Misfit:
    return _item(rest, "235", "upui", Kind.SERIAL, 28)


def _gtin_class(rest: str) -> Key | Misfit:
    prefix, reference = _parts(rest, 2)
    if fault := _number(prefix, reference, 13):
        return Misfit("gtin", Kind.CLASS, fault)
    body = reference[0] + prefix + reference[1:]
    return trade_item_key(body + check_digit(body), "", "")


def _piece(rest: str) -> Key | Misfit:
    prefix, reference, piece, total, tail = _parts(rest, 5)
    kind = Kind.SERIAL if tail else Kind.CLASS
    if fault := _number(prefix, reference, 13):
        return Misfit("itip", kind, fault)
    serial, fault = _text(tail, 20) if tail else ("", "")
    if fault:
        return Misfit("itip", kind, fault)
    body = reference[0] + prefix + reference[1:]
    return key_of("8006", body + check_digit(body) + piece + total, {"21": serial} if serial else {})


def _sscc(rest: str) -> Key | Misfit:
    prefix, reference = _parts(rest, 2)
    if fault := _number(prefix, reference, 17):
        return Misfit("sscc", Kind.CARRIER, fault)
    body = reference[0] + prefix + reference[1:]
    code = body + check_digit(body)
    return Key("sscc", Kind.CARRIER, "", code, f"00/{code}")


def _plain(ai: str, scheme: str, kind: Kind, length: int) -> _Reader:
    """GSRN, GSRNP, GSIN, PGLN: company prefix and reference, then only the check digit."""

    def read(rest: str) -> Key | Misfit:
        prefix, reference = _parts(rest, 2)
        if fault := _number(prefix, reference, length):
            return Misfit(scheme, kind, fault)
        body = prefix + reference
        return key_of(ai, body + check_digit(body), {})

    return read


def _sgln(rest: str) -> Key | Misfit:
    prefix, reference, tail = _parts(rest, 3)
    if fault := _number(prefix, reference, 12):
        return Misfit("sgln", Kind.LOCATION, fault)
    extension, fault = _text(tail, 20)
    if fault:
        return Misfit("sgln", Kind.LOCATION, fault)
    body = prefix + reference
    # TDS 6.3.3: the extension "0" is reserved for "no extension".
    return key_of("414", body + check_digit(body), {} if extension == "0" else {"254": extension})


def _tailed(ai: str, scheme: str, kind: Kind, first: str, longest: int, *, pattern: bool = False) -> _Reader:
    """GRAI, GDTI, GCN: the serial follows the check digit directly; a pattern has none."""

    def read(rest: str) -> Key | Misfit:
        prefix, reference, tail = _parts(rest, 3)
        if fault := _number(prefix, reference, 12):
            return Misfit(scheme, kind, fault)
        serial, fault = ("", "") if pattern else _text(tail, longest)
        if fault or (pattern and tail):
            return Misfit(scheme, kind, fault or f"expected only '*' behind the reference, got {tail!r}")
        body = prefix + reference
        return key_of(ai, f"{first}{body}{check_digit(body)}{serial}", {})

    return read


def _named(ai: str, scheme: str, kind: Kind) -> _Reader:
    """GIAI, GINC: company prefix, then characters, 30 in all."""

    def read(rest: str) -> Key | Misfit:
        prefix, tail = _parts(rest, 2)
        reference, fault = _text(tail, 30)
        fault = _number(prefix, "", len(prefix)) or fault
        return Misfit(scheme, kind, fault) if fault else key_of(ai, prefix + reference, {})

    return read


def _component(rest: str) -> Key | Misfit:
    prefix, reference, serial = _parts(rest, 3)
    if fault := _number(prefix, "", len(prefix)):
        return Misfit("cpi", Kind.SERIAL, fault)
    return key_of("8010", prefix + unquote(reference, errors="replace"), {"8011": serial})


def _component_class(rest: str) -> Key | Misfit:
    prefix, reference = _parts(rest, 2)
    if fault := _number(prefix, "", len(prefix)):
        return Misfit("cpi", Kind.CLASS, fault)
    return key_of("8010", prefix + unquote(reference, errors="replace"), {})


_Reader = Callable[[str], "Key | Misfit"]

_IDS: dict[str, _Reader] = {
    "sgtin": _sgtin,
    "sscc": _sscc,
    "sgln": _sgln,
    "grai": _tailed("8003", "grai", Kind.ASSET, "0", 16),
    "giai": _named("8004", "giai", Kind.ASSET),
    "gsrn": _plain("8018", "gsrn", Kind.PARTY, 17),
    "gsrnp": _plain("8017", "gsrnp", Kind.OPERATOR, 17),
    "gdti": _tailed("253", "gdti", Kind.DOCUMENT, "", 17),
    "sgcn": _tailed("255", "gcn", Kind.DOCUMENT, "", 12),
    "cpi": _component,
    "ginc": _named("401", "ginc", Kind.ORDER),
    "gsin": _plain("402", "gsin", Kind.ORDER, 16),
    "itip": _piece,
    "upui": _upui,
    "pgln": _plain("417", "pgln", Kind.PARTY, 12),
}

_PATTERNS: dict[str, _Reader] = {
    "sgtin": _gtin_class,
    "upui": _gtin_class,
    "grai": _tailed("8003", "grai", Kind.CLASS, "0", 0, pattern=True),
    "gdti": _tailed("253", "gdti", Kind.CLASS, "", 0, pattern=True),
    "sgcn": _tailed("255", "gcn", Kind.CLASS, "", 0, pattern=True),
    "cpi": _component_class,
    "itip": _piece,
}


def write_epc_urn(key: Key, company_prefix_length: int) -> str:
    """The EPC URN of a sound key whose company prefix has ``company_prefix_length`` digits (6 to 12)."""
    if not 6 <= company_prefix_length <= 12:
        raise IdentifierError("a company prefix of 6 to 12 digits", company_prefix_length, key.path)
    ai, *more = key.path.split("/", 3)
    writer = _WRITERS.get((key.scheme, key.kind))
    if writer is None or (ai == "414" and more[1:2] == ["7040"]) or (ai in {"8017", "8018"} and key.item):
        raise IdentifierError("a key that has an EPC URN", key.path, remedy="use its Digital Link")
    return writer(key, company_prefix_length)


def _escape(value: str) -> str:
    return value if value.isalnum() else value.translate(_TO_ESCAPE)


def _split_item(gtin: str, length: int) -> str:
    """A GTIN-14 or SSCC as ``prefix.reference``: the first digit moves behind the prefix, the check digit goes."""
    return f"{gtin[1 : length + 1]}.{gtin[0]}{gtin[length + 1 : -1]}"


def _split(number: str, length: int) -> str:
    return f"{number[:length]}.{number[length:-1]}"


def _write_item(urn: str, tail: str = "") -> _Writer:
    return lambda key, length: f"urn:epc:{urn}:{_split_item(key.item, length)}.{tail or _escape(key.code)}"


def _write_tailed(urn: str, skip: int, tail: str = "") -> _Writer:
    return lambda key, length: f"urn:epc:{urn}:{_split(key.item[skip:], length)}.{tail or _escape(key.code)}"


def _write_plain(urn: str) -> _Writer:
    return lambda key, length: f"urn:epc:id:{urn}:{_split(key.code, length)}"


def _split_named(key: Key, value: str, length: int) -> str:
    """A key of characters as ``prefix.reference``; IdentifierError where it has not that many digits first."""
    prefix, reference = value[:length], value[length:]
    if not reference or not is_digits(prefix):
        raise IdentifierError(f"a company prefix of {length} digits and a reference", value, key.path)
    return f"{prefix}.{_escape(reference)}"


def _write_named(urn: str) -> _Writer:
    return lambda key, length: f"urn:epc:id:{urn}:{_split_named(key, key.code, length)}"


def _write_piece(urn: str, tail: str = "") -> _Writer:
    def write(key: Key, length: int) -> str:
        gtin, piece, total = key.item[:14], key.item[14:16], key.item[16:18]
        return f"urn:epc:{urn}:itip:{_split_item(gtin, length)}.{piece}.{total}.{tail or _escape(key.code)}"

    return write


def _write_component(urn: str, tail: str = "") -> _Writer:
    def write(key: Key, length: int) -> str:
        return f"urn:epc:{urn}:cpi:{_split_named(key, key.item, length)}.{tail or key.code}"

    return write


def _write_sgln(key: Key, length: int) -> str:
    number, extension = (key.item, key.code) if key.item else (key.code, "0")
    return f"urn:epc:id:sgln:{_split(number, length)}.{_escape(extension)}"


def _write_sscc(key: Key, length: int) -> str:
    return f"urn:epc:id:sscc:{_split_item(key.code, length)}"


_Writer = Callable[[Key, int], str]

_WRITERS: dict[tuple[str, Kind], _Writer] = {
    ("sgtin", Kind.SERIAL): _write_item("id:sgtin"),
    ("upui", Kind.SERIAL): _write_item("id:upui"),
    ("lgtin", Kind.LOT): _write_item("class:lgtin"),
    ("gtin", Kind.CLASS): _write_item("idpat:sgtin", "*"),
    ("itip", Kind.SERIAL): _write_piece("id"),
    ("itip", Kind.CLASS): _write_piece("idpat", "*"),
    ("cpi", Kind.SERIAL): _write_component("id"),
    ("cpi", Kind.CLASS): _write_component("idpat", "*"),
    ("grai", Kind.ASSET): _write_tailed("id:grai", 1),
    ("grai", Kind.CLASS): _write_tailed("idpat:grai", 1, "*"),
    ("gdti", Kind.DOCUMENT): _write_tailed("id:gdti", 0),
    ("gdti", Kind.CLASS): _write_tailed("idpat:gdti", 0, "*"),
    ("gcn", Kind.DOCUMENT): _write_tailed("id:sgcn", 0),
    ("gcn", Kind.CLASS): _write_tailed("idpat:sgcn", 0, "*"),
    ("giai", Kind.ASSET): _write_named("giai"),
    ("ginc", Kind.ORDER): _write_named("ginc"),
    ("gsrn", Kind.PARTY): _write_plain("gsrn"),
    ("gsrnp", Kind.OPERATOR): _write_plain("gsrnp"),
    ("gsin", Kind.ORDER): _write_plain("gsin"),
    ("pgln", Kind.PARTY): _write_plain("pgln"),
    ("sscc", Kind.CARRIER): _write_sscc,
    ("sgln", Kind.LOCATION): _write_sgln,
}
