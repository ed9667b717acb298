"""The single values of an EPCIS event and how each is checked: one small checker for each kind of value.

A checker takes a value, its path, the notation of the document and where faults are collected, and returns nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date as calendar_date
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from trace_core.errors import BadInput
from trace_core.exchange.epcis_words import Notation, WordList
from trace_core.exchange.violations import Faults
from trace_core.vocabulary.identity import Place, identify
from trace_core.vocabulary.times import is_zone_offset
from trace_core.vocabulary.units import unit

__all__ = ["Checker", "Place"]

Checker: TypeAlias = Callable[[Any, str, Notation, Faults], None]

# RFC 3986 with RFC 3987's letters of any script: a scheme, a colon, and nothing that must be escaped.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[^\s%<>\"{}|\\^`\x00-\x1f\x7f]|%[0-9A-Fa-f]{2})+\Z")
# RFC 3339 date-time, as the standard's DateTimeStamp: seconds and an offset are not optional.
_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"
_TIME = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?{_ZONE}\Z", re.ASCII)
_TIME_1_2 = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?{_ZONE}\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_UNIT = re.compile(r"[A-Z0-9]{2,3}\Z")
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")


def is_uri(text: object) -> bool:
    """Whether ``text`` is a URI with a scheme (a CURIE such as ``example:size`` looks the same)."""
    return isinstance(text, str) and _URI.match(text) is not None


def is_moment(text: object, pattern: re.Pattern[str] = _TIME) -> bool:
    """Whether ``text`` is a date-time with offset that exists in the calendar."""
    if not isinstance(text, str) or not pattern.match(text):
        return False
    try:
        datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*", r"\1", text))
    except ValueError:
        return False
    return True


def anything(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """Takes every value."""


def text(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """A text."""
    if not isinstance(value, str):
        faults.add(path, "a text", value)


def uri(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """A URI."""
    if not is_uri(value):
        faults.add(path, "a URI", value)


def time(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """A date-time with offset; XML 1.2 may leave the seconds out."""
    if not is_moment(value, _TIME_1_2 if notation is Notation.XML_1_2 else _TIME):
        faults.add(path, "a date-time with offset such as 2026-11-02T06:45:00+01:00", value)


def date(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """A calendar date."""
    good = isinstance(value, str) and _DATE.match(value) is not None
    if good:
        try:
            calendar_date.fromisoformat(value)
        except ValueError:
            good = False
    if not good:
        faults.add(path, "a date such as 2026-11-02", value)


def zone_offset(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """An offset from UTC, -13:59 to +14:00."""
    if not isinstance(value, str) or not is_zone_offset(value):
        faults.add(path, "an offset such as +01:00", value)


def number(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float) or not Decimal(value).is_finite():
        faults.add(path, "a number", value)


def truth_value(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """True or false."""
    if not isinstance(value, bool):
        faults.add(path, "true or false", value)


def hexadecimal(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """Hexadecimal digits."""
    if not isinstance(value, str) or not _HEX.match(value):
        faults.add(path, "hexadecimal digits", value)


def unit_code(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """A unit of UN/ECE Recommendation 20: two or three capital letters or digits."""
    if not isinstance(value, str) or not _UNIT.match(value):
        faults.add(path, "a unit code of UN/ECE Recommendation 20 such as KGM", value)
        return
    try:
        unit(value)
    except BadInput as error:
        faults.add(path, f"{error.expected}{f' ({error.remedy})' if error.remedy else ''}", value)


def context(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """A JSON-LD context: a URI, an object, or a list of these."""
    for place, one in enumerate(value if isinstance(value, list) else [value]):
        if not (is_uri(one) or isinstance(one, Mapping)):
            faults.add(f"{path}[{place}]" if isinstance(value, list) else path, "a URI or an object", one)


def one_of(*choices: str) -> Checker:
    """One of the texts ``choices``."""

    def checker(value: Any, path: str, notation: Notation, faults: Faults) -> None:
        if not isinstance(value, str) or value not in choices:
            faults.add(path, f"one of {', '.join(choices)}", value)

    return checker


def word(words: WordList) -> Checker:
    """A bare word of ``words``, or a URI of one's own.

    A URI inside of CBV's own name space must name one of its words; in JSON the old URNs must be written bare.
    """

    def checker(value: Any, path: str, notation: Notation, faults: Faults) -> None:
        if not isinstance(value, str):
            faults.add(path, f"a {words.name}", value)
        elif value in words.words:
            return
        elif not is_uri(value):
            faults.add(path, f"a {words.name} of CBV 2.0 or a URI", value)
        elif words.urn and value.startswith("urn:epcglobal:cbv:"):
            if words.bare(value) not in words.words:
                faults.add(path, f"a {words.name} of CBV 2.0", value)
            elif notation.is_json:
                faults.add(path, f"the bare word {words.bare(value)!r}, as JSON-LD writes it", value)
        elif words.urn and words.is_ours(value) and words.bare(value) not in words.words:
            faults.add(path, f"a {words.name} of CBV 2.0", value)

    return checker


def identifier(place: Place) -> Checker:
    """An id as a URI that, where it claims to be a GS1 key, is a sound one."""

    def checker(value: Any, path: str, notation: Notation, faults: Faults) -> None:
        if not is_uri(value):
            faults.add(path, "an id as a URI", value)
            return
        try:
            known = identify(value, place)
        except BadInput as error:
            faults.add(path, error.expected, error.got)
            return
        if known.problem and not (known.scheme == "grai" and known.problem.startswith("expected a check digit")):
            faults.add(path, f"a sound {known.scheme.upper()} ({known.problem})", value)

    return checker


def extension_name(name: str, where: str, faults: Faults) -> None:
    """Faults a field that is neither the standard's nor in a namespace of its own (``prefix:name`` or a URI)."""
    if not is_uri(name):
        faults.add(f"{where}.{name}", "a field of the standard, or a name in a namespace (prefix:name)", name)


def list_of(item: Checker, at_least: int = 0) -> Checker:
    """A list whose items pass ``item``, of ``at_least`` so many."""

    def checker(value: Any, path: str, notation: Notation, faults: Faults) -> None:
        if not isinstance(value, list):
            faults.add(path, "a list", value)
            return
        if len(value) < at_least:
            faults.add(path, f"a list of at least {at_least}", value)
        for place, one in enumerate(value):
            item(one, f"{path}[{place}]", notation, faults)

    return checker


def record(
    fields: Mapping[str, Checker],
    required: tuple[str, ...] = (),
    any_of: tuple[str, ...] = (),
    open_to_extensions: bool = True,
) -> Checker:
    """An object with these ``fields``; others need a namespace, and none are allowed unless it is open to them."""

    def checker(value: Any, path: str, notation: Notation, faults: Faults) -> None:
        if not isinstance(value, Mapping):
            faults.add(path, "an object", value)
            return
        for name, one in value.items():
            known = fields.get(name)
            if known is not None:
                known(one, f"{path}.{name}", notation, faults)
            elif not open_to_extensions:
                faults.add(f"{path}.{name}", f"only {', '.join(fields)}", name)
            else:
                extension_name(name, path, faults)
        for name in required:
            if value.get(name) is None:
                faults.missing(f"{path}.{name}", name)
        if any_of and not any(name in value for name in any_of):
            faults.missing(path, f"at least one of {', '.join(any_of)}")

    return checker
