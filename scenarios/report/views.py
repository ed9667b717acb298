"""The rows and sentences of a report, from the answers' JSON documents; every number comes from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.report.inside import Inside
from scenarios.report.labels import Labels, item_of
from scenarios.report.layers import Genealogy, arrange
from scenarios.report.pictures import VESSEL, Picture, Segment, bar, draw
from trace_core.vocabulary.unit_table import UNITS, Dimension

MAX_ROWS = 3000
"""Rows a table of ids shows at most; a sheet of A4 holds forty. What is over is counted and stands in affected.csv."""

MAX_IDS = 20
"""Ids a finding names before the rest is counted."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a recall counts in, from the plant: ``box``."""

    one: str

    @property
    def many(self) -> str:
        """The plural: boxes, units, pieces."""
        if self.one.endswith("y") and self.one[-2:-1] not in "aeiou":
            return f"{self.one[:-1]}ies"
        return self.one + ("es" if self.one.endswith(("s", "x", "z", "ch", "sh")) else "s")

    @classmethod
    def named(cls, word: str) -> Unit:
        """The unit of a word, or of a UN/ECE code (``BX`` is a box)."""
        return cls(unit_word(word))

    def count(self, number: float) -> str:
        """``1 box``, ``1,234 boxes``."""
        return f"{grouped(number)} {self.one if number == 1 else self.many}"


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """One lot or carrier of the scope, or one that the scope lacks."""

    id: str
    labels: Labels
    tags: tuple[str, ...]
    reason: str
    errors_needed: int | None = None
    units: float | None = None
    affected: float | None = None
    stock: float | None = None
    shipped: float | None = None


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer that got something of the scope; of what was on ``doubtful_carriers`` there is no record."""

    id: str
    name: str
    units: float
    carrier_count: int
    carriers: tuple[str, ...]
    doubtful_carriers: tuple[str, ...]
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """All findings of one kind with one wording."""

    kind: str
    count: int
    detail: str
    ids: tuple[str, ...]
    more_ids: int


@dataclass(frozen=True, slots=True)
class Balance:
    """The mass balance as a sentence and a bar."""

    sentence: str
    unit: str
    segments: tuple[Segment, ...]


def unit_word(code: str) -> str:
    """What people call a unit: ``box`` for BX, ``kg`` for KGM; a word nobody declared stays as it is."""
    found = UNITS.get(code)
    if found is None:
        return code
    return found.name if found.dimension in (Dimension.COUNT, Dimension.PACKAGE) else found.symbol


def grouped(number: float | None) -> str:
    """``number`` with thousands separated; whole where it is, else to three places; a dash where there is none."""
    if number is None:
        return "–"
    if float(number).is_integer():
        return f"{int(number):,}"
    return f"{float(number):,.3f}".rstrip("0")


def scope_rows(recall: Mapping[str, Any], labels: Labels) -> list[ScopeRow]:
    """The certain, then the possible ones, in the answer's order."""
    return [
        ScopeRow(
            id=str(entry["id"]),
            labels=labels,
            tags=(level,),
            reason=str(entry.get("reason", "")),
            errors_needed=entry.get("errors_needed"),
            units=entry.get("units"),
        )
        for level in ("certain", "possible")
        for entry in recall.get(level, [])
    ]


def customer_rows(recall: Mapping[str, Any], labels: Labels) -> list[CustomerRow]:
    """Customers of the scope, those that got most first."""
    entries = sorted(recall.get("customers", []), key=lambda one: (-float(one.get("units") or 0), str(one["id"])))
    most = max((float(one.get("units") or 0) for one in entries), default=0.0)
    rows = []
    for one in entries:
        id, units = str(one["id"]), float(one.get("units") or 0)
        carriers = one.get("carriers") or []
        listed = tuple(str(each) for each in carriers) if isinstance(carriers, Sequence) else ()
        count = len(listed) if isinstance(carriers, Sequence) else int(carriers)
        doubtful = tuple(str(each) for each in one.get("doubtful_carriers") or ())
        segments = bar([("", units, "shipped")], most)
        rows.append(CustomerRow(id, labels.name(id) or labels.code(id), units, count, listed, doubtful, segments))
    return rows


def balance_of(recall: Mapping[str, Any]) -> Balance | None:
    """The balance of what is suspected: received against accounted for."""
    entry = recall.get("mass_balance")
    if not isinstance(entry, Mapping) or entry.get("received") is None:
        return None
    received, accounted = float(entry["received"]), float(entry.get("accounted") or 0)
    unit, percent = unit_word(str(entry.get("unit") or "")), entry.get("percent")
    by = dict(entry.get("by") or {})
    parts = [(words(name), max(0.0, float(part)), "") for name, part in by.items() if name != "not_accounted"]
    colours = ("found", "possible", "rest", "over")
    styled = [(name, part, colours[number % len(colours)]) for number, (name, part, _) in enumerate(parts)]
    residual = received - accounted
    if residual > 0:
        styled.append(("not accounted for", residual, "missed"))
    share = "" if percent is None else f", {float(percent):.2f} %"
    sentence = f"Of {grouped(received)} {unit} received, {grouped(accounted)} {unit} are accounted for{share}."
    if residual < 0:
        sentence += f" That is {grouped(-residual)} {unit} more than came in."
    return Balance(" ".join(sentence.split()), unit, bar(styled))


def finding_rows(*documents: Mapping[str, Any]) -> list[FindingRow]:
    """The findings of all documents, equal wordings counted once, the most frequent kinds first."""
    groups: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    seen: set[tuple[str, str, tuple[str, ...]]] = set()
    for document in documents:
        for entry in document.get("findings", []):
            kind, detail, ids = str(entry.get("kind", "")), str(entry.get("detail", "")), entry.get("ids") or ()
            named = tuple(str(one) for one in ids)
            if (kind, detail, named) in seen:
                continue
            seen.add((kind, detail, named))
            counts[kind, detail] += 1
            groups[kind, detail].update(dict.fromkeys(named))
    merged = _merged_by_kind(counts, groups)
    return sorted(merged, key=lambda one: (-one.count, one.kind, one.detail))


def _merged_by_kind(
    counts: Mapping[tuple[str, str], int], groups: Mapping[tuple[str, str], Mapping[str, None]]
) -> list[FindingRow]:
    """One row per wording where a kind has few of them; one row for a kind that has many, with its first wording."""
    wordings: dict[str, list[str]] = defaultdict(list)
    for kind, detail in counts:
        wordings[kind].append(detail)
    rows = []
    for kind, details in wordings.items():
        batches = [[one] for one in details] if len(details) <= 5 else [details]
        for batch in batches:
            ids = list(dict.fromkeys(one for detail in batch for one in groups[kind, detail]))
            detail = batch[0] if len(batch) == 1 else f"{batch[0]} (and {len(batch) - 1:,} more of this kind)"
            count = sum(counts[kind, one] for one in batch)
            rows.append(FindingRow(kind, count, detail, tuple(ids[:MAX_IDS]), max(0, len(ids) - MAX_IDS)))
    return rows


def texts(entries: Sequence[Any]) -> list[str]:
    """Assumptions as lines: texts as they are, mappings as ``name: value``."""
    return [
        one if isinstance(one, str) else ", ".join(f"{words(key)}: {value}" for key, value in dict(one).items())
        for one in entries
    ]


def genealogy_picture(
    trace: Mapping[str, Any],
    labels: Labels,
    context: Mapping[str, Any] | None = None,
    customers: Sequence[str] = (),
    within: Inside | None = None,
) -> Picture | None:
    """The drawn genealogy: the trace's links, what else went into the same things (``context``), carriers, customers.

    The path is what ``trace`` holds; ``context`` (a backward trace of its ends) adds the other ingredients; ``within``
    adds the vessels that mix, and what lay on which carrier.
    """
    within = within or Inside()
    links = {
        (str(one["input"]), str(one["output"])) for part in (trace, context or {}) for one in part.get("edges", [])
    }
    on_path = {*trace["roots"], *trace["lots"], *trace["serials"]}
    carriers = {str(one) for one in trace["carriers"]}
    shipments = {(str(one["carrier"]), str(one["destination"])) for one in trace["shipments"] if one["destination"]}
    destinations = set(customers) or {destination for _, destination in shipments}
    links, vessels = _by_way_of(links, within.through or {})
    path_vessels = {vessel for link, vessel in (within.through or {}).items() if set(link) <= on_path}
    material = ({one for link in links for one in link} | on_path) - carriers - destinations
    links |= shipments | {one for one in within.packed if one[1] in carriers}
    group_of = {one: VESSEL + one if one in vessels else item_of(one) or one for one in material}
    drawing = arrange(
        Genealogy(
            links=sorted(links),
            group_of=group_of,
            path=on_path | carriers | destinations | path_vessels,
            roots=set(trace["roots"]),
            weight_of=_weights(links),
            last_columns=[one for one in (sorted(carriers), sorted(destinations)) if one],
        )
    )
    headings = [word for word, ids in (("carriers", carriers), ("customers", destinations)) if ids]
    return draw(drawing, labels, headings)


def _by_way_of(
    links: set[tuple[str, str]], through: Mapping[tuple[str, str], str]
) -> tuple[set[tuple[str, str]], set[str]]:
    """The links with vessels put between, and those vessels."""
    direct = {one for one in links if one not in through}
    parted = {half for one in links - direct for half in ((one[0], through[one]), (through[one], one[1]))}
    return direct | parted, {through[one] for one in links - direct}


def _weights(links: set[tuple[str, str]]) -> dict[str, float]:
    weights: dict[str, float] = defaultdict(float)
    for start, end in links:
        weights[start] += 1
        weights[end] += 1
    return weights


def words(name: str) -> str:
    """A key as people read it."""
    return name.replace("_", " ")
