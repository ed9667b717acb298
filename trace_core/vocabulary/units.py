"""Quantities without rounding: units by their UN/ECE codes, declared conversions as rationals, amounts as decimals.

Every factor is an exact fraction, so that a loop of conversions (box -> kilogram -> piece -> box) returns the start
value and no tolerance is needed (a tolerance is a policy of a report).

>>> convert(Decimal("1.5"), "TNE", "KGM")
Fraction(1500, 1)
>>> butter = Conversions.declared("butter", ["1 BX = 24 H87", "4 H87 = 1 KGM"])
>>> butter.convert(2, "BX", "KGM")
Fraction(12, 1)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from trace_core.errors import QuantityError, near_names
from trace_core.vocabulary.unit_table import UNITS, Dimension, Unit

__all__ = [
    "EACH",
    "MAX_DIGITS",
    "NO_CONVERSIONS",
    "UNITS",
    "Conversion",
    "Conversions",
    "Dimension",
    "Exact",
    "Unit",
    "convert",
    "format_amount",
    "parse_amount",
    "read_unit",
    "unit",
]

MAX_DIGITS = 30
"""No amount has more digits, before and behind the point together: 10^12 tonnes in micrograms have 25."""

Exact: TypeAlias = "Decimal | Fraction | int"


EACH = "C62"
"""What a quantity without a unit counts (EPCIS 2.0, 7.3.3.3: an absent ``uom`` means instances)."""


def unit(code: str, where: str = "") -> Unit:
    """The unit of a code, written exactly so; QuantityError with the likeliest ones where it is unknown.

    Recommendation 20 also lets packages be written with an X before the code of Recommendation 21 (``XBX``).
    """
    found = UNITS.get(code)
    if found is None and len(code) == 3 and code[0] == "X" and (package := UNITS.get(code[1:])):
        found = package if package.dimension is Dimension.PACKAGE else None
    if found is not None:
        return found
    near = _near(code)
    remedy = f"did you mean {' or '.join(near)}?" if near else "declare it, or give a UN/ECE code such as KGM or H87"
    raise QuantityError("a unit of UN/ECE recommendation 20 or 21", code, where, remedy)


def read_unit(text: str, where: str = "") -> Unit:
    """The unit of a code, or of a symbol, name or shop-floor word in any case (``kg``, ``pcs``, ``litre``, ``lbs``)."""
    word = text.strip()
    found = UNITS.get(word) or UNITS.get(_WORDS.get(word.casefold(), ""))
    return found if found is not None else unit(word, where)


# Words people and their systems write; those of the table need no entry. No word may mean two units: "gr" (gram,
# grain), "gal" and "ton" (US, UK, metric) are left out on purpose, as a guess would be wrong by a factor in silence.
_SPOKEN = {
    "kgs": "KGM",
    "kilo": "KGM",
    "kilos": "KGM",
    "kilograms": "KGM",
    "grams": "GRM",
    "ug": "MC",
    "mt": "TNE",
    "tonnes": "TNE",
    "metric ton": "TNE",
    "lbs": "LBR",
    "pounds": "LBR",
    "ounces": "ONZ",
    "liter": "LTR",
    "liters": "LTR",
    "litres": "LTR",
    "meter": "MTR",
    "meters": "MTR",
    "metres": "MTR",
    "m3": "MTQ",
    "m2": "MTK",
    "pce": "H87",
    "pcs": "H87",
    "pieces": "H87",
    "unit": "C62",
    "units": "C62",
    "boxes": "BX",
    "cases": "CS",
    "cartons": "CT",
    "pallets": "PX",
    "bags": "BG",
    "dozens": "DZN",
    "公斤": "KGM",
    "千克": "KGM",
    "克": "GRM",
    "吨": "TNE",
    "升": "LTR",
    "毫升": "MLT",
    "米": "MTR",
    "件": "H87",
    "个": "H87",
    "箱": "BX",
    "托盘": "PX",
}
_WORDS = {
    **{one.name.casefold(): one.code for one in UNITS.values()},
    **{one.symbol.casefold(): one.code for one in UNITS.values()},
    **{one.code.casefold(): one.code for one in UNITS.values()},
    **_SPOKEN,
}


def _near(text: str) -> tuple[str, ...]:
    codes = [_WORDS[word] for word in near_names(text, _WORDS)]
    exact = _WORDS.get(text.casefold())
    return tuple(dict.fromkeys([exact, *codes] if exact else codes))[:3]


class Conversion(NamedTuple):
    """``left_amount left = right_amount right`` for one item."""

    left_amount: Fraction
    left: str
    right_amount: Fraction
    right: str

    def __str__(self) -> str:
        return f"{format_amount(self.left_amount)} {self.left} = {format_amount(self.right_amount)} {self.right}"


_SIDE = re.compile(r"\s*([0-9.]+(?:/[0-9]+)?)\s+(\S+)\s*")


class _Scale(NamedTuple):
    """How many of the base measure ``base`` one base unit of a measure is."""

    base: str
    factor: Fraction


@dataclass(frozen=True, slots=True)
class Conversions:
    """What is declared of one item's units. Contradicting declarations are refused when it is made.

    Within a dimension nothing needs declaring; a declaration joins two measures (kg and pieces, boxes and pieces,
    litres and kg), and everything that is joined converts, along any path, to the same exact value.
    """

    item: str = ""
    declarations: tuple[Conversion, ...] = ()
    _scales: Mapping[str, _Scale] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        scales: dict[str, _Scale] = {}
        for one in self.declarations:
            _join(scales, one, self._where(one))
        object.__setattr__(self, "_scales", scales)

    @classmethod
    def declared(cls, item: str, lines: Iterable[str]) -> Conversions:
        """From lines ``amount unit = amount unit``: ``1 BX = 24 H87``, ``3 CS = 10 KGM``, ``1 LTR = 1.03 KGM``."""
        return cls(item, tuple(_read_conversion(line, f"conversion of item {item!r}") for line in lines))

    def convert(self, amount: Exact, source: str, target: str) -> Fraction:
        """``amount`` of ``source`` in ``target`` (unit codes), exactly; QuantityError where nothing joins them."""
        exact = _exact(amount)
        if source == target:
            unit(source)
            return exact
        one, other = unit(source), unit(target)
        if one.measure == other.measure:
            return exact * one.factor / other.factor
        here, there = self._scales.get(one.measure), self._scales.get(other.measure)
        if here is None or there is None or here.base != there.base:
            raise QuantityError(
                f"a declared conversion from {source} to {target}",
                f"{format_amount(exact)} {source}",
                f"item {self.item!r}" if self.item else "",
                f"declare e.g. '1 {source} = 12 {target}' for the item",
            )
        return exact * one.factor * here.factor / (there.factor * other.factor)

    def _where(self, one: Conversion) -> str:
        return f"conversion {str(one)!r} of item {self.item!r}"


NO_CONVERSIONS = Conversions()
"""Only what holds for every item: kg and g, litres and m³, dozens and pieces."""


def _join(scales: dict[str, _Scale], one: Conversion, where: str) -> None:
    left, right = unit(one.left, where), unit(one.right, where)
    if one.left_amount <= 0 or one.right_amount <= 0:
        raise QuantityError("amounts above 0 on both sides", str(one), where)
    here = scales.get(left.measure) or _Scale(left.measure, Fraction(1))
    there = scales.get(right.measure) or _Scale(right.measure, Fraction(1))
    # One base unit of `there.base`, in base units of `here.base`, as this declaration says.
    left_size = one.left_amount * left.factor * here.factor
    right_size = one.right_amount * right.factor * there.factor
    if here.base == there.base:
        if left_size != right_size:
            before = format_amount(left_size / (right.factor * there.factor))
            so_far = f"{format_amount(one.left_amount)} {one.left} = {before} {one.right}"
            raise QuantityError(f"{so_far}, as the declarations before it say", str(one), where)
        scales.update({left.measure: here, right.measure: there})
        return
    scales.update({left.measure: here, right.measure: there})
    ratio_of_bases = left_size / right_size
    for measure, scale in scales.items():
        if scale.base == there.base:
            scales[measure] = _Scale(here.base, scale.factor * ratio_of_bases)


def _read_conversion(line: str, where: str) -> Conversion:
    sides = [_SIDE.fullmatch(side) for side in line.split("=")]
    if len(sides) != 2 or sides[0] is None or sides[1] is None:
        raise QuantityError("a conversion such as '1 BX = 24 H87'", line, where)
    amounts = [_rational(side[1], where) for side in sides if side]
    return Conversion(amounts[0], sides[0][2], amounts[1], sides[1][2])


def _rational(text: str, where: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise QuantityError("an amount such as 24, 1.03 or 10/3", text, where) from None


def convert(amount: Exact, source: str, target: str, conversions: Conversions = NO_CONVERSIONS) -> Fraction:
    """``amount`` of unit ``source`` in unit ``target``, exactly; see `Conversions.convert`."""
    return conversions.convert(amount, source, target)


def _exact(amount: Exact) -> Fraction:
    if isinstance(amount, bool) or not isinstance(amount, Decimal | Fraction | int):
        raise QuantityError("an amount as Decimal, Fraction or int", amount)
    if isinstance(amount, Decimal) and not amount.is_finite():
        raise QuantityError("a finite amount", amount)
    return Fraction(amount)


_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")


def parse_amount(value: str | int | Decimal | float, *, negative: bool = False, where: str = "") -> Decimal:
    """An amount as it is written, to the last digit; a float counts as its shortest decimal text (0.1 is 0.1).

    Refuses NaN, infinity, digit groups, a decimal comma, more than `MAX_DIGITS` digits, and values below 0 unless
    ``negative``.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal | float):
        raise QuantityError("an amount as a number or its text", value, where)
    if isinstance(value, str):
        text = value.strip()
        if not _PLAIN_NUMBER.fullmatch(text):
            raise QuantityError("an amount such as 12 or 0.5", value, where, _advice(text))
        number = Decimal(text)
    elif isinstance(value, float):
        number = Decimal(repr(value))
    else:
        number = Decimal(value)
    return _bounded(number, value, negative=negative, where=where)


def _bounded(number: Decimal, value: object, *, negative: bool, where: str) -> Decimal:
    if not number.is_finite():
        raise QuantityError("a finite amount", value, where)
    if number.is_zero():
        return Decimal(0)
    if number < 0 and not negative:
        raise QuantityError("an amount of 0 or more", value, where)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    digits = max(number.adjusted() + 1, 1) + max(-exponent, 0)
    if digits > MAX_DIGITS:
        raise QuantityError(f"an amount of at most {MAX_DIGITS} digits", value, where)
    return number


def _advice(text: str) -> str:
    if "," in text:
        return "write the decimal point as '.' and leave out marks between thousands"
    if text.lower() in {"nan", "inf", "-inf", "infinity", "-infinity"}:
        return "leave the amount out where it is unknown"
    return ""


def format_amount(amount: Exact) -> str:
    """Plain digits without exponent or trailing zeros; ``n/d`` where no decimal of `MAX_DIGITS` digits is exact."""
    exact = _exact(amount)
    scaled, digits = exact, 0
    while scaled.denominator != 1 and digits < MAX_DIGITS:
        scaled, digits = scaled * 10, digits + 1
    if scaled.denominator != 1:
        return f"{exact.numerator}/{exact.denominator}"
    whole = str(abs(scaled.numerator)).zfill(digits + 1)
    sign = "-" if exact < 0 else ""
    return f"{sign}{whole[:-digits]}.{whole[-digits:]}" if digits else f"{sign}{whole}"
