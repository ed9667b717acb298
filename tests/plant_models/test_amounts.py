from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from plant_models.amounts import Amount, Rate, parse_amount, parse_clock, parse_duration, parse_rate


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("45 min", 2700.0),
        ("1 h 30 min", 5400.0),
        ("2d", 172_800.0),
        ("0 s", 0.0),
        ("1.5 h", 5400.0),
        (" 250 ms ", 0.25),
    ],
)
def test_durations_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", " ", "45", "min", "-1 h", "1 h x", "1 week", "1,5 h", "1 hour", 45, None, True, "1e3 s"]
)
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("120 kg", "120", "kg"),
        ("12 000 kg", "12000", "kg"),
        ("0.45kg", "0.45", "kg"),
        ("3 箱", "3", "箱"),
        ("1 000 000.5 m3", "1000000.5", "m3"),
    ],
)
def test_amounts_are_exact_and_have_a_unit(text: str, value: str, unit: str) -> None:
    assert parse_amount(text) == Amount(Decimal(value), unit)


@pytest.mark.parametrize(
    "text", ["", "kg", "120", "-1 kg", "1 00 kg", "1.2.3 kg", "NaN kg", "inf kg", "1e3 kg", "1 kg/h", 120, None]
)
def test_what_is_no_amount_is_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        parse_amount(text)


def test_rates_are_above_zero_and_per_hour() -> None:
    assert parse_rate("1 300 box/h") == Rate(Decimal(1300), "box")
    for text in ("0 box/h", "1300 box", "1300 box/min", "box/h", 5):
        with pytest.raises(PydanticCustomError):
            parse_rate(text)


def test_times_of_day_are_those_of_the_clock() -> None:
    assert (parse_clock("23:59").hour, parse_clock("00:00").minute) == (23, 0)
    for text in ("24:00", "6:30", "06:60", 840, "06:30:00"):
        with pytest.raises(PydanticCustomError):
            parse_clock(text)


@given(st.decimals(0, 10**9, places=3, allow_nan=False), st.sampled_from(["kg", "box", "件"]))
def test_an_amount_written_out_reads_back(value: Decimal, unit: str) -> None:
    amount = Amount(value, unit)
    assert parse_amount(str(amount)) == amount
