"""The date inside of a lot code: which tokens it is printed with, and which days it can mean.

Tokens: ``YYYY YY Y`` year, ``MM`` month, ``DD`` day of month, ``DDD`` day of year, ``WW`` ISO week, ``D`` ISO weekday
(1 is Monday). Beside ``WW`` the year is that of the ISO week (ISO 8601, 3.1.1.23): 2027-01-01 lies in week 53 of 2026.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import MAXYEAR, MINYEAR, date, timedelta

_TOKEN = re.compile(r"YYYY|YY|Y|MM|DDD|DD|D|WW")
_YEARS = {"YYYY": 1, "YY": 100, "Y": 10}
DATE_TOKENS = ("YYYY", "YY", "Y", "MM", "DDD", "DD", "D", "WW")

Days = tuple[date, date]
"""The first and the last production day that a printed date can mean; equal where it names one day."""


def split_form(form: str) -> tuple[str, ...]:
    """The tokens of a form such as ``YYDDD``, left to right; empty where it is not made of tokens."""
    tokens = tuple(_TOKEN.findall(form))
    return tokens if "".join(tokens) == form else ()


def fault_of_tokens(tokens: Iterable[str]) -> str:
    """Why these tokens, all of one rule, name no period; "" where they do."""
    listed = list(tokens)
    found = set(listed)
    if len(listed) != len(found) or len(found & _YEARS.keys()) > 1:
        return "each part of the date once"
    if "DD" in found and "MM" not in found:
        return "MM beside DD"
    if "D" in found and "WW" not in found:
        return "WW beside D"
    if ("DDD" in found) + ("MM" in found) + ("WW" in found) > 1:
        return "one of MM, DDD and WW"
    return ""


def write_token(token: str, day: date, tokens: Iterable[str]) -> str:
    """``token`` as printed for ``day`` in a code whose date has these ``tokens``."""
    iso = day.isocalendar()
    year = iso.year if "WW" in tokens else day.year
    if token in _YEARS:
        return f"{year:04}"[-len(token) :]
    value = {"MM": day.month, "DD": day.day, "DDD": day.timetuple().tm_yday, "WW": iso.week, "D": iso.weekday}[token]
    return f"{value:0{len(token)}}"


def days_meant(values: Mapping[str, int], near: date | None) -> Days | None:
    """The days that printed ``values`` mean, of all readings the one nearest to ``near`` (of two, the earlier).

    None where the year is not printed in full and no ``near`` is given. ValueError where no such day exists.
    """
    readings = [span for year in _years_meant(values, near) if (span := _span(values, year))]
    if not readings:
        raise ValueError(values)
    if "YYYY" not in values and near is None:
        return None
    anchor = near or readings[0][0]
    return min(readings, key=lambda span: (_distance(span, anchor), span[0]))


def _years_meant(values: Mapping[str, int], near: date | None) -> Iterable[int]:
    if "YYYY" in values:
        return [values["YYYY"]]
    token = next((one for one in ("YY", "Y") if one in values), "")
    cycle, printed = _YEARS.get(token, 1), values.get(token, 0)
    # Without a year every year will do; day 366 and week 53 are found within 8 years (1896 to 1904 had no leap day).
    reach = 8 * cycle
    middle = near.year if near else 2000
    first = max(MINYEAR, middle - reach)
    return range(first + (printed - first) % cycle, min(MAXYEAR, middle + reach) + 1, cycle)


def _span(values: Mapping[str, int], year: int) -> Days | None:
    try:
        if "WW" in values:
            monday = date.fromisocalendar(year, values["WW"], values.get("D", 1))
            return monday, monday if "D" in values else monday + timedelta(days=6)
        if "DDD" in values:
            day = date(year, 1, 1) + timedelta(days=values["DDD"] - 1)
            return (day, day) if day.year == year else None
        if "MM" not in values:
            return date(year, 1, 1), date(year, 12, 31)
        month = values["MM"]
        last = date(year, month, values.get("DD") or calendar.monthrange(year, month)[1])
        first = date(year, month, values.get("DD", 1))
    except (ValueError, OverflowError):  # calendar.IllegalMonthError is a ValueError
        return None
    return first, last


def _distance(span: Days, anchor: date) -> int:
    if span[0] <= anchor <= span[1]:
        return 0
    return min(abs((anchor - span[0]).days), abs((anchor - span[1]).days))
