"""Anybody's answer to a recall, read into ids that compare with the truth's.

Forms taken (``docs/reading-a-report.md`` shows one of each):

* CSV with a header that has ``id``, or ``lot`` or ``carrier`` or both; optionally ``class`` (``certain`` or
  ``possible``; empty or absent = certain; rows ``cleared`` are passed over) and ``kind`` (``lot``, ``serial`` or
  ``carrier``, for codes that mean both). A row that fills both
  ``lot`` and ``carrier`` claims what of that lot is on that carrier: units of one lot on one carrier cannot be told
  apart by anybody, so a count beside them is not read. UTF-8 with or without byte-order mark, UTF-16 with
  one, or GB 18030; commas, semicolons or tabs. Other columns are not read.
* JSON of ``tracetwin recall --json``, or any object with lists ``certain`` and ``possible`` of ids or of objects with
  an ``id``.

Ids come in any form: canonical, EPC URN, Digital Link, element string, ``ITEM|LOT``, the digits of an SSCC, or a bare
lot code. An id nobody printed is reported as unknown, never dropped in silence.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from trace_core.errors import DocumentError, IdentifierError, LimitExceeded
from trace_core.vocabulary.identity import Kind, identify, parse_gs1, plant_id

MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""An answer of a million lots is a twentieth of this."""

Confidence = Literal["certain", "possible"]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Claim:
    """One line of an answer as it came: ids in any form, and how sure it is."""

    lot: str = ""
    carrier: str = ""
    id: str = ""
    confidence: Confidence = "certain"
    where: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in the truth's canonical ids. A possible one that is also claimed as certain is certain."""

    certain: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()
    certain_parts: frozenset[tuple[str, str]] = frozenset()
    possible_parts: frozenset[tuple[str, str]] = frozenset()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def confidence_in(self, lot: str, carrier: str, serial: str = "") -> Confidence | None:
        """Whether units of ``lot`` on ``carrier`` (empty = on none) are in the answer, and how sure it is.

        ``serial`` is the unit's own number, where it has one.
        """
        for level, ids, parts in (
            ("certain", self.certain, self.certain_parts),
            ("possible", self.possible, self.possible_parts),
        ):
            if lot in ids or (carrier and carrier in ids) or (lot, carrier) in parts or (serial and serial in ids):
                return level  # type: ignore[return-value]
        return None


def _never(name: str) -> bool:
    del name
    return False


@dataclass(slots=True)
class PrintedIds:
    """The ids that stand on the labels of a run, and every way to write them that means one of them.

    ``is_serial`` says of a canonical id whether the run gave that number to a unit: there may be millions.
    """

    lots: frozenset[str]
    carriers: frozenset[str]
    is_serial: Callable[[str], bool] = _never
    _by_code: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._by_code = {}
        for one in sorted(self.lots | self.carriers):
            identity = identify(one)
            for code in {identity.code, identity.business_key} - {""}:
                self._by_code.setdefault(code, []).append(one)

    def find(self, text: str, kind: str = "") -> tuple[str, ...]:
        """Every printed id that ``text`` names (more than one: a homonym), or none."""
        wanted = {"lot": self.lots, "carrier": self.carriers}.get(kind, self.lots | self.carriers)
        for candidate in _canonical_forms(text):
            if candidate in wanted or (not kind and self.is_serial(candidate)):
                return (candidate,)
        return tuple(one for one in self._by_code.get(text, ()) if one in wanted)


def _canonical_forms(text: str) -> Iterator[str]:
    try:
        yield identify(text).canonical
    except IdentifierError:
        return
    digits = text.replace(" ", "")
    digits = digits.removeprefix("00") if len(digits) == 20 else digits
    if len(digits) == 18 and digits.isdecimal() and digits.isascii() and (found := parse_gs1(f"(00){digits}")):
        yield found.canonical
    item, bar, code = text.partition("|")
    if bar and item and code:
        yield plant_id(Kind.LOT, code.replace("%7C", "|"), item.replace("%7C", "|")).canonical


def names_serials(claims: Iterable[Claim]) -> bool:
    """Whether any claim is about a single numbered unit, so that units must be judged one by one."""
    return any(_is_serial_id(claim.id) for claim in claims)


def _is_serial_id(text: str) -> bool:
    try:
        return bool(text) and identify(text).kind is Kind.SERIAL
    except IdentifierError:
        return False


def resolve(claims: Iterable[Claim], printed: PrintedIds) -> Answer:
    """``claims`` in the ids of ``printed``; what nobody printed, and what names several things, is said."""
    whole: dict[Confidence, set[str]] = {"certain": set(), "possible": set()}
    parts: dict[Confidence, set[tuple[str, str]]] = {"certain": set(), "possible": set()}
    unknown: list[str] = []
    notes: list[str] = []
    for claim in claims:
        found = [
            (text, printed.find(text, kind))
            for text, kind in ((claim.lot, "lot"), (claim.carrier, "carrier"), (claim.id, ""))
            if text
        ]
        missing = [text for text, ids in found if not ids]
        unknown += [f"{claim.where}: {text}" if claim.where else text for text in missing]
        notes += [f"{text}: names {len(ids)} things, all of them taken" for text, ids in found if len(ids) > 1]
        if missing:
            continue
        if claim.lot and claim.carrier:
            parts[claim.confidence] |= {(lot, carrier) for lot in found[0][1] for carrier in found[1][1]}
        else:
            whole[claim.confidence].update(one for _, ids in found for one in ids)
    return Answer(
        certain=frozenset(whole["certain"]),
        possible=frozenset(whole["possible"] - whole["certain"]),
        certain_parts=frozenset(parts["certain"]),
        possible_parts=frozenset(parts["possible"] - parts["certain"]),
        unknown=tuple(unknown),
        notes=tuple(notes),
    )


def read_answer(content: bytes, source: str) -> tuple[Claim, ...]:
    """The claims in a file of either form; :class:`DocumentError` where it is neither."""
    if len(content) > MAX_ANSWER_BYTES:
        raise LimitExceeded(f"an answer of at most {MAX_ANSWER_BYTES} bytes", len(content), source)
    text = _decode(content, source)
    if text.lstrip()[:1] in ("{", "["):
        return claims_of_json(_parse_json(text, source), source)
    return tuple(_claims_of_csv(text, source))


def _decode(content: bytes, source: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise DocumentError("text in UTF-8, UTF-16 or GB 18030", content[:40], source)


def _parse_json(text: str, source: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError too
        raise DocumentError("a JSON document", str(error), source) from error


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object; a key given twice would drop the claims of the first in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        key = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"the key {key!r} twice")
    return found


def claims_of_json(tree: object, source: str = "answer") -> tuple[Claim, ...]:
    """The claims of a recall answer (``tracetwin/recall/1``), or of any object with ``certain`` and ``possible``."""
    if not isinstance(tree, Mapping) or not {"certain", "possible"} & set(tree):
        got = sorted(tree) if isinstance(tree, Mapping) else type(tree).__name__
        raise DocumentError("an object with the lists certain and possible", got, source)
    return tuple(claim for level in ("certain", "possible") for claim in _claims_at(tree.get(level, []), level, source))


def _claims_at(entries: object, level: Confidence, source: str) -> Iterator[Claim]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise DocumentError("a list", entries, f"{source}: $.{level}")
    for position, entry in enumerate(entries):
        where = f"$.{level}[{position}]"
        id = entry.get("id") if isinstance(entry, Mapping) else entry
        if not isinstance(id, str) or not id.strip():
            raise DocumentError("an id, or an object with an id", entry, f"{source}: {where}")
        yield Claim(id=id.strip(), confidence=level, where=where)


def _claims_of_csv(text: str, source: str) -> Iterator[Claim]:
    first_line = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: dict[str, int] | None = None
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise DocumentError("CSV", str(error), f"{source}, line {reader.line_num}") from error
        if row is None:
            break
        if not any(cell.strip() for cell in row):
            continue
        if columns is None:
            columns = _columns(row, source)
        elif claim := _claim_of(row, columns, f"{source}, line {reader.line_num}"):
            yield claim
    if columns is None:
        raise DocumentError("a CSV with a header, or a JSON object", text[:40], source, "the header needs a column id")


def _columns(header: Sequence[str], source: str) -> dict[str, int]:
    columns: dict[str, int] = {}
    for position, cell in enumerate(header):
        columns.setdefault(cell.strip().casefold(), position)
    if not {"id", "lot", "carrier"} & set(columns):
        raise DocumentError("a header with a column id (or lot, or carrier)", list(header), f"{source}, line 1")
    return columns


def _claim_of(row: Sequence[str], columns: Mapping[str, int], where: str) -> Claim | None:
    def cell(name: str) -> str:
        position = columns.get(name)
        return _plain(row[position]) if position is not None and position < len(row) else ""

    confidence, kind, id = cell("class").casefold() or "certain", cell("kind").casefold(), cell("id")
    if confidence == "cleared":
        return None
    if confidence not in ("certain", "possible"):
        raise DocumentError("class certain, possible or cleared", confidence, where)
    if kind not in ("", "lot", "serial", "carrier"):
        raise DocumentError("kind lot, serial or carrier", kind, where)
    if id:
        name = kind if kind in ("lot", "carrier") else "id"
        return Claim(**{name: id}, confidence=confidence, where=where)  # type: ignore[arg-type]
    if not (cell("lot") or cell("carrier")):
        raise DocumentError("an id in this row", list(row), where)
    return Claim(lot=cell("lot"), carrier=cell("carrier"), confidence=confidence, where=where)  # type: ignore[arg-type]


def _plain(cell: str) -> str:
    """The cell without the quote that keeps a spreadsheet from taking it for a formula."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS) else cell
