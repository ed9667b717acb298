"""Times as text: ISO 8601 with an offset, in and out.

Times are kept as aware datetimes in UTC, to the microsecond; digits beyond that are cut. The offset that a document
gave beside a time is kept separately by who needs it (EPCIS ``eventTimeZoneOffset``).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from trace_core.errors import TimeError

_OFFSET = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)\Z")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|z|[+-]\d{2}:?\d{2})?\Z", re.ASCII)


def parse_time(text: object, where: str = "", borrowed_offset: str = "") -> datetime:
    """The moment ``text`` names, in UTC.

    A time without an offset takes ``borrowed_offset`` (``+02:00``) where one is given and is refused otherwise:
    nobody can know which moment it names.
    """
    if not isinstance(text, str) or not _ISO.match(text):
        raise TimeError("an ISO 8601 time with offset such as 2026-11-02T06:45:00+01:00", text, where)
    try:
        moment = datetime.fromisoformat(text.replace(",", ".").replace("z", "Z"))
    except ValueError as error:
        raise TimeError("a time that exists in the calendar", text, where) from error
    if moment.tzinfo is None:
        if not is_zone_offset(borrowed_offset):
            raise TimeError("a time with its offset from UTC", text, where, "add Z or an offset such as +01:00")
        moment = datetime.fromisoformat(moment.isoformat() + borrowed_offset)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise TimeError("a year from 1 to 9999 in UTC", text, where) from error


def format_time(moment: datetime) -> str:
    """``moment`` in UTC with milliseconds, or microseconds where it has them: ``2026-11-02T05:45:00.000Z``."""
    moment = moment.astimezone(UTC)
    precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def is_zone_offset(text: str) -> bool:
    """Whether ``text`` is an offset as EPCIS writes it: ``+01:00`` to ``+14:00``, ``-00:00`` and so on."""
    return bool(_OFFSET.match(text))
