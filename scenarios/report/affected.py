"""affected.csv: the scope as a table for a spreadsheet, and for ``tracetwin score``.

Columns: ``id`` (canonical, in full), ``class`` (certain, possible), ``kind`` (lot, serial, carrier), ``name`` (of the
item; its number where it has none), ``label`` (as printed, ``(01)..(10)..``, where it is a GS1 key), ``code`` (of the
lot, serial or carrier alone), ``units`` (where the answer says), ``reason`` (things by their codes), ``errors_needed``.

UTF-8 with a byte-order mark, so that Excel shows Chinese. A cell that a spreadsheet would run as a formula (OWASP, CSV
injection) and a code that it would turn into a number or a date (12E05, 3-4, MAR5) gets a leading quote.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from scenarios.report.labels import Labels, item_of
from scenarios.report.views import ScopeRow

COLUMNS = ("id", "class", "kind", "name", "label", "code", "units", "reason", "errors_needed")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_MANGLED = re.compile(
    rf"[\d.,/: -]+(?:e\d+)?|(?:\d{{1,4}}[- /.]?)?{_MONTH}(?:[- /.]?\d{{1,4}})?|true|false", re.IGNORECASE
)


def affected_csv(rows: Iterable[ScopeRow], labels: Labels) -> bytes:
    """The file's content."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (
            row.id, row.tags[0], labels.kind(row.id), labels.name(row.id) or _code(item_of(row.id)),
            labels.printed(row.id), _code(labels.code(row.id)), row.units, labels.shown(row.reason), row.errors_needed,
        )  # fmt: skip
        writer.writerow([_safe(cell) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _code(code: str) -> str:
    return f"'{code}" if _MANGLED.fullmatch(code) else code


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
