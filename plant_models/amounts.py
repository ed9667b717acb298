"""How a plant file writes durations, amounts, rates, times of day and weekdays, and the exact values they become.

>>> parse_duration("1 h 30 min")
5400.0
>>> parse_amount("25.5 kg")
Amount(value=Decimal('25.5'), unit='kg')
>>> parse_rate("1 200 box/h")
Rate(value=Decimal('1200'), unit='box')
"""

from __future__ import annotations

import contextlib
import re
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from pydantic import PlainSerializer, PlainValidator
from pydantic_core import PydanticCustomError

from trace_core.vocabulary.gs1_keys import check_digit, is_digits, is_gtin

DAY_S = 86_400.0
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": DAY_S}
_PIECE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)(?![a-z])")
_AMOUNT = re.compile(r"(\d{1,3}(?: \d{3})+|\d+)(\.\d+)? *([^\W\d][^\s/]{0,19})")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class Amount(NamedTuple):
    """An exact quantity in a unit of the plant."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.unit}"


class Rate(NamedTuple):
    """How much of a unit goes through in an hour."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.unit}/h"


def parse_duration(text: Any) -> float:
    """Seconds of a text such as ``45 min``, ``1 h 30 min``, ``2 d``."""
    if isinstance(text, str) and text.strip():
        total, end = 0.0, 0
        while (piece := _PIECE.match(text, end)) is not None:
            total, end = total + float(piece[1]) * _SECONDS[piece[2]], piece.end()
        if not text[end:].strip():
            return total
    raise PydanticCustomError("duration", "a duration of 0 or more such as 45 min, 8 h or 2 d")


def parse_amount(text: Any) -> Amount:
    """The amount in a text such as ``120 kg``; thousands may stand apart (``12 000 kg``)."""
    match = _AMOUNT.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise PydanticCustomError("amount", "an amount of 0 or more with its unit, such as 120 kg")
    return Amount(Decimal(match[1].replace(" ", "") + (match[2] or "")), match[3])


def parse_rate(text: Any) -> Rate:
    """The rate in a text such as ``1200 box/h``."""
    if isinstance(text, str) and text.strip().endswith("/h"):
        match = _AMOUNT.fullmatch(text.strip().removesuffix("/h").strip())
        if match is not None and (value := Decimal(match[1].replace(" ", "") + (match[2] or ""))) > 0:
            return Rate(value, match[3])
    raise PydanticCustomError("rate", "a rate above 0 such as 1200 box/h")


def parse_clock(text: Any) -> time:
    """The time of day in a text such as ``06:30``."""
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise PydanticCustomError("clock", "a time of day such as 06:30")
    return time(int(match[1]), int(match[2]))


def _checked_gtin(text: Any) -> str:
    if isinstance(text, str) and is_gtin(text):
        return text.zfill(14)
    if isinstance(text, str) and len(text) in {8, 12, 13, 14} and is_digits(text):
        right = text[:-1] + check_digit(text[:-1])
        raise PydanticCustomError("gtin", "a GTIN with the check digit {digit}", {"digit": right[-1]})
    raise PydanticCustomError("gtin", "a GTIN: 8, 12, 13 or 14 digits in quotation marks")


def _checked_gln(text: Any) -> str:
    if isinstance(text, str) and is_digits(text) and len(text) == 13:
        if text[-1] == check_digit(text[:-1]):
            return text
        raise PydanticCustomError("gln", "a GLN with the check digit {digit}", {"digit": check_digit(text[:-1])})
    raise PydanticCustomError("gln", "a GLN: 13 digits in quotation marks")


def _checked_weekday(text: Any) -> str:
    if text in WEEKDAYS:
        return str(text)
    raise PydanticCustomError("weekday", "a weekday (mon, tue, wed, thu, fri, sat, sun)")


def _positive_duration(text: Any) -> float:
    with contextlib.suppress(PydanticCustomError):
        if (seconds := parse_duration(text)) > 0:
            return seconds
    raise PydanticCustomError("duration", "a duration above 0 such as 45 min, 8 h or 2 d")


def _positive_amount(text: Any) -> Amount:
    with contextlib.suppress(PydanticCustomError):
        if (amount := parse_amount(text)).value > 0:
            return amount
    raise PydanticCustomError("amount", "an amount above 0 with its unit, such as 120 kg")


_AS_TEXT = PlainSerializer(str, return_type=str)

Duration = Annotated[float, PlainValidator(parse_duration)]
"""Seconds, 0 or more."""
LongDuration = Annotated[float, PlainValidator(_positive_duration)]
"""Seconds, above 0."""
Quantity = Annotated[Amount, PlainValidator(parse_amount), _AS_TEXT]
SomeQuantity = Annotated[Amount, PlainValidator(_positive_amount), _AS_TEXT]
"""An amount above 0."""
Flow = Annotated[Rate, PlainValidator(parse_rate), _AS_TEXT]
TimeOfDay = Annotated[time, PlainValidator(parse_clock), PlainSerializer(time.isoformat, return_type=str)]
Weekday = Annotated[str, PlainValidator(_checked_weekday)]
Gtin = Annotated[str, PlainValidator(_checked_gtin)]
"""A GTIN-14."""
Gln = Annotated[str, PlainValidator(_checked_gln)]
