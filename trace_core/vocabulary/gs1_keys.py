"""The GS1 identification keys as a table: what each holds, when it is sound, what kind of thing it names.

Sources: GS1 General Specifications 24, section 3 (formats of the application identifiers) and 7.9 (check digits);
GS1 Digital Link URI Syntax 1.2, section 4 (keys and their qualifiers); gs1-syntax-dictionary (`dlpkey`).

`key_of` is the one place where a key is judged. Every notation (EPC URN, Digital Link, element string) is first
taken apart into application identifiers and values and then comes here, so that one thing has one canonical form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from trace_core.errors import IdentifierError


class Kind(StrEnum):
    """What sort of thing an identity names. LOT, SERIAL, CARRIER and ASSET are nodes of a trace."""

    LOT = "lot"
    SERIAL = "serial"
    CARRIER = "carrier"
    CLASS = "class"
    LOCATION = "location"
    PARTY = "party"
    EQUIPMENT = "equipment"
    ASSET = "asset"
    OPERATOR = "operator"
    ORDER = "order"
    DOCUMENT = "document"
    OTHER = "other"


class Key(NamedTuple):
    """A sound GS1 key at its finest level: its item and code, and ``path``, the canonical Digital Link's path."""

    scheme: str
    kind: Kind
    item: str
    code: str
    path: str


class Misfit(NamedTuple):
    """Something that claims to be a GS1 key of this scheme and kind and is none; ``problem`` says why.

    ``item`` and ``code`` are its parts as they stand, so that people can ask for it by what is printed on it.
    """

    scheme: str
    kind: Kind
    problem: str
    item: str = ""
    code: str = ""


Qualifiers = Mapping[str, str]
"""Application identifier -> value, percent-decoded; ones a key does not know are ignored."""

# GenSpecs 7.11, figure 7.11-1 (CSET 82) and 7.11-2 (CSET 39), as inside of a regular expression's class.
CSET_82 = r"!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z"
CSET_39 = r"#\-/0-9A-Z"

_NOT_CSET_82 = re.compile(f"[^{CSET_82}]")
_NOT_CSET_39 = re.compile(f"[^{CSET_39}]")
_NOT_DIGIT = re.compile(r"[^0-9]")

# What must be percent-encoded in a Digital Link path. The apostrophe, ';' and '=' stay as they are: so do the
# CBV event-hash vectors, and two parties must arrive at the same string.
_ENCODED = {ord(char): f"%{ord(char):02X}" for char in '!"#%&()*+,/:<>?'}


def encode_path(value: str) -> str:
    """``value`` (CSET 82 or 39) as one segment of a canonical Digital Link path."""
    return value if value.isalnum() else value.translate(_ENCODED)


def check_digit(digits: str) -> str:
    """The GS1 mod-10 check digit of ``digits``, which stand without it (GenSpecs 7.9.1)."""
    return str(-_weighed(digits, 3, 1) % 10)


def is_sound(digits: str) -> bool:
    """Whether the last of ``digits`` (ASCII digits) is the check digit of the others."""
    return _weighed(digits, 1, 3) % 10 == 0


def _weighed(digits: str, last: int, before: int) -> int:
    """The digits' sum with weights ``last``, ``before``, ``last``, ... from the right; sums of bytes are fast."""
    raw = digits.encode("ascii")
    odd, even = raw[::-2], raw[-2::-2]
    return last * (sum(odd) - 48 * len(odd)) + before * (sum(even) - 48 * len(even))  # 48 is the byte of "0"


def is_digits(text: str) -> bool:
    """Whether ``text`` is one or more ASCII digits (``str.isdigit`` also takes other scripts' digits)."""
    return text.isascii() and text.isdigit()


def is_gtin(text: str) -> bool:
    """Whether ``text`` is a sound GTIN of 8, 12, 13 or 14 digits."""
    return len(text) in (8, 12, 13, 14) and is_digits(text) and is_sound(text)


def is_lot_code(text: str) -> bool:
    """Whether AI (10) can carry ``text``: 1 to 20 characters of CSET 82."""
    return 0 < len(text) <= 20 and _NOT_CSET_82.search(text) is None


def digits_fault(value: str, length: int, checked: int) -> str:
    """Why ``value`` is no number of ``length`` digits whose first ``checked`` end in their check digit; "" if it is."""
    if len(value) != length:
        return f"expected {length} digits, got {len(value)} characters"
    if not is_digits(value):
        return f"expected {length} digits, got {_odd(value, _NOT_DIGIT)}"
    body = value[:checked]
    if not is_sound(body):
        return f"expected a check digit {check_digit(body[:-1])}, got {body[-1]}"
    return ""


def text_fault(value: str, longest: int, odd: re.Pattern[str] = _NOT_CSET_82, name: str = "CSET 82") -> str:
    """Why ``value`` is not 1 to ``longest`` characters without any that ``odd`` finds; "" if it is."""
    if not 0 < len(value) <= longest:
        return f"expected 1 to {longest} characters of {name}, got {len(value)}"
    if odd.search(value):
        return f"expected characters of {name} only, got {_odd(value, odd)}"
    return ""


def _odd(value: str, odd: re.Pattern[str]) -> str:
    hit = odd.search(value)
    assert hit is not None
    return f"{hit.group()!r} at position {hit.start() + 1}"


def trade_item(gtin: str, qualifiers: Qualifiers) -> Key | Misfit:
    """(01): SGTIN, UPUI, LGTIN or class, whichever is finest; a consumer product variant (22) is left out.

    So does the CBV event hash: (01)(10)(21) names the serial, and the lot is only said of it.
    """
    scheme, kind, ai, longest = next(level for level in _ITEM_LEVELS if not level[2] or level[2] in qualifiers)
    fault = digits_fault(gtin, 14, 14)
    if not fault and ai:
        fault = text_fault(qualifiers[ai], longest)
    if fault:
        return Misfit(scheme, kind, fault, gtin, qualifiers.get(ai, ""))
    return trade_item_key(gtin, ai, qualifiers.get(ai, ""))


_ITEM_LEVELS = (
    ("sgtin", Kind.SERIAL, "21", 20),
    ("upui", Kind.SERIAL, "235", 28),
    ("lgtin", Kind.LOT, "10", 20),
    ("gtin", Kind.CLASS, "", 0),
)
_LEVEL_OF_AI = {ai: (scheme, kind) for scheme, kind, ai, _ in _ITEM_LEVELS}


def trade_item_key(gtin: str, ai: str, code: str) -> Key:
    """The key of a GTIN-14 and a lot, serial or UPUI known to be sound (``ai`` is "" for the class)."""
    scheme, kind = _LEVEL_OF_AI[ai]
    path = f"01/{gtin}/{ai}/{encode_path(code)}" if ai else f"01/{gtin}"
    return Key(scheme, kind, gtin, code, path)


def _item_piece(value: str, qualifiers: Qualifiers) -> Key | Misfit:
    """(8006): GTIN-14, number of the piece, total number of pieces; then (21) or (10)."""
    ai = "21" if "21" in qualifiers else "10" if "10" in qualifiers else ""
    kind = {"21": Kind.SERIAL, "10": Kind.LOT, "": Kind.CLASS}[ai]
    fault = digits_fault(value, 18, 14)
    if not fault and not 0 < int(value[14:16]) <= int(value[16:18]):
        fault = f"expected a piece from 1 to its total, got {value[14:16]} of {value[16:18]}"
    if not fault and ai:
        fault = text_fault(qualifiers[ai], 20)
    if fault:
        return Misfit("itip", kind, fault)
    code = qualifiers.get(ai, "")
    tail = f"/{ai}/{encode_path(code)}" if ai else ""
    return Key("itip", kind, value, code, f"8006/{value}{tail}")


def _number(ai: str, scheme: str, kind: Kind, length: int) -> _Rule:
    """A key of ``length`` digits that ends in its check digit and stands alone."""

    def rule(value: str, qualifiers: Qualifiers) -> Key | Misfit:
        if fault := digits_fault(value, length, length):
            return Misfit(scheme, kind, fault, code=value)
        return Key(scheme, kind, "", value, f"{ai}/{value}")

    return rule


def _qualified(
    ai: str, schemes: tuple[str, str], kind: Kind, length: int, longest_of: Mapping[str, tuple[int, re.Pattern[str]]]
) -> _Rule:
    """A number that the first qualifier present narrows down: GLN and extension (254), GSRN and instance (8019)."""

    def rule(value: str, qualifiers: Qualifiers) -> Key | Misfit:
        narrower = next((one for one in longest_of if one in qualifiers), "")
        scheme = schemes[1] if narrower else schemes[0]
        fault = digits_fault(value, length, length)
        if not narrower:
            return Misfit(scheme, kind, fault) if fault else Key(scheme, kind, "", value, f"{ai}/{value}")
        longest, odd = longest_of[narrower]
        code = qualifiers[narrower]
        if fault := fault or text_fault(code, longest, odd, _NAME_OF_SET[odd]):
            return Misfit(scheme, kind, fault)
        return Key(scheme, kind, value, code, f"{ai}/{value}/{narrower}/{encode_path(code)}")

    return rule


def _tailed(ai: str, scheme: str, kind: Kind, head: int, longest: int, odd: re.Pattern[str]) -> _Rule:
    """A number with an optional serial written right behind it: GRAI, GDTI, GCN. Without serial it names a class."""

    def rule(value: str, qualifiers: Qualifiers) -> Key | Misfit:
        number, serial = value[:head], value[head:]
        found = kind if serial else Kind.CLASS
        fault = digits_fault(number, head, head)
        if not fault and ai == "8003" and number[0] != "0":
            fault = f"expected a first digit 0, got {number[0]}"
        if not fault and serial:
            fault = text_fault(serial, longest, odd, _NAME_OF_SET[odd])
        if fault:
            return Misfit(scheme, found, fault)
        return Key(scheme, found, number, serial, f"{ai}/{number}{encode_path(serial)}")

    return rule


def _named(ai: str, scheme: str, kind: Kind, longest: int) -> _Rule:
    """A key of characters that begins with a company prefix: GIAI, GINC."""

    def rule(value: str, qualifiers: Qualifiers) -> Key | Misfit:
        if fault := text_fault(value, longest) or _prefix_fault(value):
            return Misfit(scheme, kind, fault)
        return Key(scheme, kind, "", value, f"{ai}/{encode_path(value)}")

    return rule


def _component(value: str, qualifiers: Qualifiers) -> Key | Misfit:
    """(8010) with (8011): one component or part; without serial its class."""
    serial = qualifiers.get("8011", "")
    kind = Kind.SERIAL if "8011" in qualifiers else Kind.CLASS
    fault = text_fault(value, 30, _NOT_CSET_39, "CSET 39") or _prefix_fault(value)
    if not fault and kind is Kind.SERIAL:
        fault = text_fault(serial, 12, _NOT_DIGIT, "digits")
        if not fault and serial[0] == "0" and len(serial) > 1:
            fault = f"expected a serial without leading zeros, got {serial!r}"
    if fault:
        return Misfit("cpi", kind, fault)
    tail = f"/8011/{serial}" if serial else ""
    return Key("cpi", kind, value, serial, f"8010/{encode_path(value)}{tail}")


def _model(value: str, qualifiers: Qualifiers) -> Key | Misfit:
    """(8013): a global model number, which ends in a check character pair (GenSpecs 7.9.5)."""
    fault = text_fault(value, 25) or _prefix_fault(value)
    if not fault and len(value) > 2 and value[-2:] != (pair := check_pair(value[:-2])):
        fault = f"expected a check character pair {pair}, got {value[-2:]}"
    if fault:
        return Misfit("gmn", Kind.CLASS, fault)
    return Key("gmn", Kind.CLASS, value, "", f"8013/{encode_path(value)}")


_PAIR_VALUES = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_PAIR_CHARACTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
# The first 23 primes from the right, smallest first: GenSpecs 7.9.5, step 2.
_PAIR_WEIGHTS = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def check_pair(model: str) -> str:
    """The two check characters of a global model number (characters of CSET 82, at most 23)."""
    weighed = zip(reversed(model), _PAIR_WEIGHTS, strict=False)
    total = sum(_PAIR_VALUES.index(char) * weight for char, weight in weighed) % 1021
    return _PAIR_CHARACTERS[total // 32] + _PAIR_CHARACTERS[total % 32]


def _prefix_fault(value: str) -> str:
    # GenSpecs 1.4.2: a GS1 company prefix has 4 to 12 digits and stands first.
    return "" if is_digits(value[:4]) else f"expected a company prefix of 4 or more digits first, got {value[:4]!r}"


_Rule = Callable[[str, Qualifiers], "Key | Misfit"]

_NAME_OF_SET = {_NOT_CSET_82: "CSET 82", _NOT_CSET_39: "CSET 39", _NOT_DIGIT: "digits"}
_TEXT_20 = (20, _NOT_CSET_82)
_TEXT_4 = (4, _NOT_CSET_82)
_DIGITS_10 = (10, _NOT_DIGIT)
_REFERENCE_25 = (25, _NOT_CSET_82)

# In the order in which an element string's key is chosen: a logistic label names its carrier first, and a trade
# item is named before the place and the party it is said to belong to.
_KEYS: dict[str, _Rule] = {
    "00": _number("00", "sscc", Kind.CARRIER, 18),
    "01": trade_item,
    "8006": _item_piece,
    "8010": _component,
    "8003": _tailed("8003", "grai", Kind.ASSET, 14, 16, _NOT_CSET_82),
    "8004": _named("8004", "giai", Kind.ASSET, 30),
    "253": _tailed("253", "gdti", Kind.DOCUMENT, 13, 17, _NOT_CSET_82),
    "255": _tailed("255", "gcn", Kind.DOCUMENT, 13, 12, _NOT_DIGIT),
    "8018": _qualified("8018", ("gsrn", "gsrn"), Kind.PARTY, 18, {"8019": _DIGITS_10}),
    "8017": _qualified("8017", ("gsrnp", "gsrnp"), Kind.OPERATOR, 18, {"8019": _DIGITS_10}),
    "8013": _model,
    "401": _named("401", "ginc", Kind.ORDER, 30),
    "402": _number("402", "gsin", Kind.ORDER, 17),
    "415": _qualified("415", ("gln", "gln"), Kind.PARTY, 13, {"8020": _REFERENCE_25}),
    "417": _qualified("417", ("pgln", "pgln"), Kind.PARTY, 13, {"7040": _TEXT_4}),
    "414": _qualified("414", ("sgln", "sgln"), Kind.LOCATION, 13, {"254": _TEXT_20, "7040": _TEXT_4}),
}

KEY_AIS = tuple(_KEYS)
"""The application identifiers that are keys, in the order in which an element string's key is chosen."""

QUALIFIER_AIS = frozenset({"10", "21", "22", "235", "254", "7040", "8011", "8019", "8020"})
"""The application identifiers that narrow a key down in a Digital Link's path."""


def key_of(ai: str, value: str, qualifiers: Qualifiers) -> Key | Misfit:
    """Judge the key ``value`` of the application identifier ``ai``, one of `KEY_AIS`."""
    return _KEYS[ai](value, qualifiers)


def padded_gtin(text: str, where: str = "") -> str:
    """A sound GTIN of 8, 12, 13 or 14 digits as GTIN-14; IdentifierError where it is none."""
    if not is_gtin(text):
        raise IdentifierError("a GTIN of 8, 12, 13 or 14 digits with its check digit", text, where)
    return text.zfill(14)
