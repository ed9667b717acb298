"""Quantities are exact: loops of conversions return the start value, and nothing is read that nobody wrote."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_core.errors import QuantityError
from trace_core.vocabulary import units
from trace_core.vocabulary.units import (
    MAX_DIGITS,
    UNITS,
    Conversions,
    Dimension,
    Unit,
    convert,
    format_amount,
    parse_amount,
    read_unit,
    unit,
)

BUTTER = Conversions.declared("butter", ["1 BX = 24 H87", "1 H87 = 0.25 KGM", "1 PX = 40 BX", "1 LTR = 0.911 KGM"])
JOINED = [one.code for one in UNITS.values() if one.measure in {"mass", "count", "volume", "BX", "PX"}]

amounts = st.decimals(0, 10**9, allow_nan=False, places=6)
fractions = st.fractions(Fraction(1, 10**6), 10**6, max_denominator=10**6)


@given(amounts, st.lists(st.sampled_from(JOINED), min_size=1, max_size=12))
def test_a_loop_of_conversions_returns_exactly_the_start_value(amount: Decimal, path: list[str]) -> None:
    value: Fraction | Decimal = amount
    for source, target in zip(path, [*path[1:], path[0]], strict=True):
        value = BUTTER.convert(value, source, target)
    assert value == Fraction(amount)


@given(amounts, st.sampled_from(JOINED), st.sampled_from(JOINED), st.sampled_from(JOINED))
def test_every_path_between_two_units_gives_the_same_value(amount: Decimal, one: str, way: str, other: str) -> None:
    assert BUTTER.convert(BUTTER.convert(amount, one, way), way, other) == BUTTER.convert(amount, one, other)


@given(fractions, fractions, st.permutations([0, 1, 2]))
def test_the_order_of_declarations_never_changes_an_answer(box: Fraction, piece: Fraction, order: list[int]) -> None:
    lines = [f"1 BX = {box} H87", f"1 H87 = {piece} GRM", "1 PX = 10 BX"]
    item = Conversions.declared("x", [lines[n] for n in order])
    assert item.convert(3, "PX", "KGM") == 30 * box * piece / 1000
    assert item.convert(1, "TNE", "BX") == 10**6 / (box * piece)


def test_a_box_of_three_pieces_and_ten_kilograms_loses_nothing() -> None:
    cheese = Conversions.declared("cheese", ["3 BX = 10 KGM", "1 BX = 7 H87"])
    assert cheese.convert(1, "H87", "KGM") == Fraction(10, 21)
    assert cheese.convert(cheese.convert(1, "H87", "KGM"), "KGM", "H87") == 1


def test_a_closed_loop_of_agreeing_declarations_is_taken() -> None:
    item = Conversions.declared("x", ["1 BX = 24 H87", "1 H87 = 500 GRM", "1 BX = 12 KGM", "2 DZN = 1 BX"])
    assert item.convert(1, "BX", "KGM") == 12


@pytest.mark.parametrize("lines", [["1 BX = 24 H87", "1 H87 = 500 GRM", "1 BX = 13 KGM"], ["1 KGM = 999 GRM"]])
def test_contradicting_declarations_are_refused_and_named(lines: list[str]) -> None:
    with pytest.raises(QuantityError) as refused:
        Conversions.declared("butter", lines)
    assert lines[-1] in str(refused.value)
    assert "butter" in str(refused.value)


@pytest.mark.parametrize(
    "line",
    ["", "1 BX", "1 BX = 24", "BX = 24 H87", "1 BX = 0 H87", "1 BX = 1/0 H87", "1 BX = x H87", "1.2.3 BX = 1 KGM"],
)
def test_a_line_that_is_no_conversion_is_refused(line: str) -> None:
    with pytest.raises(QuantityError):
        Conversions.declared("butter", [line])


def test_an_unknown_unit_names_near_ones() -> None:
    with pytest.raises(QuantityError, match="did you mean KGM") as refused:
        unit("KG", "$.lines[0].uom")
    assert "$.lines[0].uom: expected a unit of UN/ECE recommendation 20 or 21, got 'KG'" in str(refused.value)
    with pytest.raises(QuantityError, match="got 'quintessence'"):
        read_unit("quintessence")
    with pytest.raises(QuantityError, match="got 'CEL'"):
        convert(1, "CEL", "KGM")
    with pytest.raises(QuantityError, match="got 'CEL'"):
        convert(1, "CEL", "CEL")


def test_units_of_two_dimensions_need_a_declaration() -> None:
    with pytest.raises(QuantityError, match="a declared conversion from BX to KGM, got '2 BX'"):
        convert(2, "BX", "KGM")
    with pytest.raises(QuantityError, match="item 'butter'"):
        BUTTER.convert(1, "MTR", "KGM")
    with pytest.raises(QuantityError):
        convert(1, "BX", "CS")


@pytest.mark.parametrize(
    ("amount", "source", "target", "expected"),
    [
        (1, "TNE", "KGM", Fraction(1000)),
        (1, "LBR", "ONZ", Fraction(16)),
        (1, "STI", "LBR", Fraction(14)),
        (1, "STN", "LBR", Fraction(2000)),
        (1, "LTN", "LBR", Fraction(2240)),
        (1, "CWI", "LBR", Fraction(112)),
        (1, "CWA", "LBR", Fraction(100)),
        (7000, "GRN", "LBR", Fraction(1)),
        (1, "APZ", "GRN", Fraction(480)),
        (1, "GLL", "INQ", Fraction(231)),
        (1, "GLL", "OZA", Fraction(128)),
        (1, "GLL", "QTL", Fraction(4)),
        (1, "GLL", "PTL", Fraction(8)),
        (1, "GLI", "OZI", Fraction(160)),
        (1, "GLI", "PTI", Fraction(8)),
        (1, "BLL", "GLL", Fraction(42)),
        (1, "BUA", "INQ", Fraction("2150.42")),
        (1, "FTQ", "INQ", Fraction(1728)),
        (1, "YDQ", "FTQ", Fraction(27)),
        (1, "MTQ", "LTR", Fraction(1000)),
        (1, "MTQ", "MMQ", Fraction(10**9)),
        (1, "HLT", "MLT", Fraction(100_000)),
        (1, "SMI", "FOT", Fraction(5280)),
        (1, "YRD", "INH", Fraction(36)),
        (1, "ACR", "YDK", Fraction(4840)),
        (1, "FTK", "INK", Fraction(144)),
        (1, "HAR", "MTK", Fraction(10_000)),
        (1, "GRO", "DZN", Fraction(12)),
        (1, "GGR", "GRO", Fraction(12)),
        (5, "EA", "H87", Fraction(5)),
        (5, "C62", "EA", Fraction(5)),
        (3, "XBX", "BX", Fraction(3)),
    ],
)
def test_the_table_keeps_the_ratios_that_define_the_units(
    amount: int, source: str, target: str, expected: Fraction
) -> None:
    assert convert(amount, source, target) == expected


def test_no_word_means_two_units() -> None:
    meanings: dict[str, set[str]] = {}
    for one in UNITS.values():
        for word in {one.code.casefold(), one.name.casefold(), one.symbol.casefold()}:
            meanings.setdefault(word, set()).add(one.code)
    for word, code in units._SPOKEN.items():
        meanings.setdefault(word, set()).add(code)
    assert {word: codes for word, codes in meanings.items() if len(codes) > 1} == {}


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("kg", "KGM"),
        (" KG ", "KGM"),
        ("Lbs", "LBR"),
        ("pcs", "H87"),
        ("litre", "LTR"),
        ("KGM", "KGM"),
        ("箱", "BX"),
        ("m²", "MTK"),
    ],
)
def test_words_of_the_shop_floor_are_read(word: str, code: str) -> None:
    assert read_unit(word).code == code


def test_packages_convert_only_as_declared() -> None:
    packages = [one for one in UNITS.values() if one.dimension is Dimension.PACKAGE]
    assert len({one.measure for one in packages}) == len(packages)
    assert unit("BX") == Unit("BX", "box", "box", Dimension.PACKAGE, Fraction(1))


@given(st.decimals(-(10**14), 10**14, allow_nan=False, allow_infinity=False, places=15))
def test_reading_what_was_written_gives_the_same_amount(amount: Decimal) -> None:
    assert parse_amount(format_amount(amount), negative=True) == amount
    assert format_amount(parse_amount(format_amount(amount), negative=True)) == format_amount(amount)


@given(st.floats(0, 1e12, allow_nan=False).filter(lambda number: number == 0 or number > 1e-12))
def test_a_float_is_read_as_it_is_printed(number: float) -> None:
    assert float(parse_amount(number)) == number


def test_a_tenth_is_a_tenth() -> None:
    assert parse_amount(0.1) == parse_amount("0.1") == Decimal("0.1")
    assert sum([parse_amount(0.1)] * 10) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [("12", 12), (" 12.50 ", Decimal("12.5")), ("+3", 3), ("1e3", 1000), (7, 7), (Decimal("-0"), 0), ("0e400", 0)],
)
def test_plain_numbers_are_read(value: str | int | Decimal, expected: Decimal | int) -> None:
    assert parse_amount(value) == expected
    assert not parse_amount(value).is_signed()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "abc",
        "NaN",
        "Infinity",
        "-Infinity",
        "1,5",
        "1 000",
        "1_000",
        "0x10",
        "1/3",
        "٣",
        "１２",
        "1e99999",
        "1e400",
        ".5",
        "5.",
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        -1,
        "-0.001",
        -0.5,
        True,
        None,
        "9" * (MAX_DIGITS + 1),
        10**MAX_DIGITS,
        Decimal(1).scaleb(-MAX_DIGITS),
        b"1",
    ],
)
def test_what_is_no_exact_amount_is_refused(value: object) -> None:
    with pytest.raises(QuantityError):
        parse_amount(value)  # type: ignore[arg-type]


def test_a_refusal_says_where_and_what_to_do() -> None:
    with pytest.raises(QuantityError, match=r"row 7: expected an amount .* got '1,5'; write the decimal point"):
        parse_amount("1,5", where="row 7")


def test_the_largest_amount_is_taken() -> None:
    assert parse_amount("9" * MAX_DIGITS) == 10**MAX_DIGITS - 1
    assert parse_amount("0." + "1" * (MAX_DIGITS - 1)) == Fraction(int("1" * (MAX_DIGITS - 1)), 10 ** (MAX_DIGITS - 1))


def test_below_zero_only_where_it_is_asked_for() -> None:
    assert parse_amount("-2.5", negative=True) == Decimal("-2.5")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("1.500"), "1.5"),
        (Fraction(1, 3), "1/3"),
        (Fraction(-1, 8), "-0.125"),
        (0, "0"),
        (Decimal("1E-7"), "0.0000001"),
    ],
)
def test_amounts_are_written_in_plain_digits(amount: Decimal | Fraction | int, text: str) -> None:
    assert format_amount(amount) == text


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity"), 0.5, True])
def test_only_exact_amounts_are_converted(amount: object) -> None:
    with pytest.raises(QuantityError):
        convert(amount, "KGM", "GRM")  # type: ignore[arg-type]
