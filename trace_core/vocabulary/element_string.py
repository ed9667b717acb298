"""GS1 element strings: ``(01)04012345111118(10)LOT`` and barcode data with FNC1, in and out.

Sources: GS1 General Specifications 24, 7.8 (concatenation, FNC1, predefined lengths: figure 7.8.5-2) and 5.1.2
(symbology identifiers, ISO/IEC 15424). Whether the values are sound is judged in `gs1_keys`, not here.

Splitting is done here and not by biip, which reads the same strings: biip 5.2 cuts an AI (10) of more than 20
characters at the 20th and reads the rest as another element, so that an overlong lot code would lose its end in
silence; and importing it costs 105 ms. The tests hold both against each other on sound strings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote

from trace_core.errors import IdentifierError
from trace_core.vocabulary.gs1_keys import KEY_AIS, Key, Misfit, is_digits, key_of

FNC1 = "\x1d"
VISIBLE_FNC1 = "\u241d"
"""How FNC1 is shown, and accepted: U+241D, since a control character belongs in no file, page or terminal."""


class Element(NamedTuple):
    """One application identifier and its value."""

    ai: str
    value: str


# GenSpecs 7.8.2: the first two digits say how long an application identifier is. What is not listed is not assigned.
_AI_LENGTHS = {
    **dict.fromkeys(("00", "01", "02", "03", "04", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19"), 2),
    **dict.fromkeys(("20", "21", "22", "30", "37", "90", "91", "92", "93", "94", "95", "96", "97", "98", "99"), 2),
    **dict.fromkeys(("23", "24", "25", "40", "41", "42", "71"), 3),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"), 4),
}

# GenSpecs figure 7.8.5-2: elements that begin so end after this many characters (AI included) without an FNC1.
_PREDEFINED = {
    **dict.fromkeys(("01", "02", "03"), 16),
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 8),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 10),
    "00": 20,
    "04": 18,
    "20": 4,
    "41": 16,
}

# ]C1 GS1-128, ]e0 GS1 DataBar, ]d2 GS1 DataMatrix, ]Q3 GS1 QR, ]J1 GS1 DotCode.
_GS1_SYMBOLS = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
# Symbols that hold one GTIN and nothing else: EAN-13 or UPC-A, EAN-8, ITF-14.
_GTIN_SYMBOLS = {"]E0": 13, "]E4": 8, "]I1": 14}

_BRACKETED = re.compile(r"\((\d{2,4})\)", re.ASCII)


def read_elements(text: str) -> tuple[Element, ...]:
    """The elements of an element string or of barcode data, as they stand; IdentifierError where it cannot be split.

    Takes brackets, FNC1, symbology identifiers, and bare barcode data without any of them.
    """
    if text.startswith("("):
        return _split_brackets(text)
    symbol = text[:3] if text.startswith("]") else ""
    if symbol in _GTIN_SYMBOLS:
        if len(text) - 3 != _GTIN_SYMBOLS[symbol]:
            raise IdentifierError(f"{_GTIN_SYMBOLS[symbol]} digits behind {symbol}", text[3:])
        return (Element("01", text[3:].zfill(14)),)
    if symbol and symbol not in _GS1_SYMBOLS:
        raise IdentifierError("a symbology identifier of a GS1 symbol", symbol)
    return _split_barcode(text[len(symbol) :].replace(VISIBLE_FNC1, FNC1))


def _split_brackets(text: str) -> tuple[Element, ...]:
    """``(01)...(10)...``. Brackets are also characters of CSET 82: only what can be an AI begins an element."""
    marks = [mark for mark in _BRACKETED.finditer(text) if _AI_LENGTHS.get(mark[1][:2]) == len(mark[1])]
    if not marks or marks[0].start() != 0:
        raise IdentifierError("an application identifier in brackets first", text)
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return tuple(Element(mark[1], text[mark.end() : end].strip(" ")) for mark, end in zip(marks, ends, strict=True))


def _split_barcode(text: str) -> tuple[Element, ...]:
    elements: list[Element] = []
    rest = text.lstrip(FNC1)
    while rest:
        length = _AI_LENGTHS.get(rest[:2], 0)
        ai = rest[:length]
        if not length or not is_digits(ai) or len(ai) < length:
            raise IdentifierError("an application identifier", rest, text.replace(FNC1, VISIBLE_FNC1))
        stop = _PREDEFINED.get(rest[:2]) or len(rest)
        element = rest[:stop].split(FNC1, 1)[0]
        elements.append(Element(ai, element[length:]))
        rest = rest[len(element) :].lstrip(FNC1)
    return tuple(elements)


def key_of_elements(elements: Sequence[Element]) -> Key | Misfit | None:
    """The key that an element string names; None where it holds none."""
    values: dict[str, str] = {}
    for element in elements:
        values.setdefault(element.ai, element.value)
    ai = next((one for one in KEY_AIS if one in values), "")
    if not ai:
        return None
    key = key_of(ai, values[ai], values)
    twice = next((one for one in elements if one.value != values[one.ai]), None)
    if twice is not None and isinstance(key, Key):
        return Misfit(key.scheme, key.kind, f"expected one ({twice.ai}), got {values[twice.ai]!r} and {twice.value!r}")
    return key


def write_element_string(key: Key) -> str:
    """``(AI)value(AI)value`` of a sound key."""
    parts = key.path.split("/")
    return "".join(f"({ai}){unquote(value)}" for ai, value in zip(parts[::2], parts[1::2], strict=True))
