"""The page of a drill: what a recall answer holds, against what is known to be true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scenarios.report.inside import Inside
from scenarios.report.labels import Labels
from scenarios.report.pages import render
from scenarios.report.pictures import Segment, bar
from scenarios.report.views import (
    MAX_ROWS,
    ScopeRow,
    Unit,
    balance_of,
    customer_rows,
    finding_rows,
    genealogy_picture,
    grouped,
    scope_rows,
    texts,
)
from scenarios.score import LotScore, Score
from trace_core.vocabulary.masterdata import Masterdata

_PLACES = {
    "stock": "In our cold store and on our floor",
    "shipped": "With customers",
    "scrap": "Scrapped",
    "sample": "Taken as samples",
    "rework": "Gone into rework",
}
_CHECKS = {
    "missed_units": "Affected, and not in the answer",
    "missed_by_certain": "Affected, and not certain in the answer",
    "over_units": "In the answer without need",
    "over_recall_factor": "Recalled, as a multiple of what is affected",
    "precision": "Part of the answer that is affected",
    "recall": "Part of what is affected that is in the answer",
    "mass_balance_percent": "Accounted for, percent of what was received",
    "time_to_contain_s": "Time to contain, in seconds",
    "escaped_units": "Affected, and out of our control",
}
_CAPTURE = {
    "reported": "Reported",
    "missed": "Missed 漏扫",
    "duplicated": "Reported twice",
    "late": "Reported late 补录",
    "wrong": "With a wrong label",
}


@dataclass(frozen=True, slots=True)
class DrillDocuments:
    """Everything a drill's page is made of."""

    title_en: str
    title_zh: str
    period: str
    why: str
    card: Mapping[str, Any]
    score: Score
    recall: Mapping[str, Any]
    trace: Mapping[str, Any]
    context: Mapping[str, Any] | None
    within: Inside
    names: Masterdata
    clocks: Sequence[tuple[str, float | None]]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _PlaceBar:
    name: str
    affected: int
    answered: int
    missed: int
    segments: tuple[Segment, ...]


def drill_page(documents: DrillDocuments) -> str:
    """The page as HTML text."""
    card, score, recall = documents.card, documents.score, documents.recall
    labels, unit = Labels(documents.names), Unit(str(card["unit"]))
    rows = scored_rows(recall, score, labels)
    customers = customer_rows(recall, labels)
    place_bars = _place_bars(score)
    return render(
        "drill.html.j2",
        card=card,
        score=score,
        recall=recall,
        labels=labels,
        unit=unit,
        title={"en": documents.title_en, "zh": documents.title_zh},
        period=documents.period,
        why=documents.why,
        sentence=verdict_sentence(score, unit),
        second_sentence=_where_sentence(score, unit, len(customers)),
        tiles=_tiles(card, unit),
        checks=[_check(one) for one in card["checks"]],
        suspects=score.suspects,
        hazard_text=_hazard_text(score),
        scope_bars=scope_bars(score),
        levels=_levels(score, unit),
        picture=genealogy_picture(
            documents.trace, labels, documents.context, [one.id for one in customers], documents.within
        ),
        place_bars=place_bars,
        place_legend=_place_legend(score),
        customers=customers,
        balance=balance_of(recall),
        scope_rows=rows[:MAX_ROWS],
        hidden_rows=max(0, len(rows) - MAX_ROWS),
        scope_count=sum(1 for row in rows if "missed" not in row.tags),
        assumptions=texts(recall.get("assumptions", [])),
        findings=finding_rows(recall, documents.trace),
        capture=[(_CAPTURE.get(name, name), count) for name, count in card["capture"].items()],
        capture_sentence=_capture_sentence(card["capture"]),
        clocks=[{"name": name, "value": duration_text(value)} for name, value in documents.clocks],
        notes=documents.notes,
    )


def scored_rows(recall: Mapping[str, Any], score: Score, labels: Labels) -> list[ScopeRow]:
    """What was missed first, then the answer's rows, each with what the truth says of it."""
    by_lot = {one.lot: one for one in score.by_lot}
    answered = scope_rows(recall, labels)
    listed = {row.id for row in answered}
    missed = [
        _with_truth(ScopeRow(one.lot, labels, ("missed",), "affected; the answer does not hold all of it"), one)
        for one in score.by_lot
        if one.missed and one.lot not in listed
    ]
    return missed + [_with_truth(row, by_lot[row.id]) if row.id in by_lot else row for row in answered]


def _with_truth(row: ScopeRow, truth: LotScore) -> ScopeRow:
    tags = row.tags if truth.affected else (*row.tags, "over")
    return replace(row, tags=tags, units=truth.units, affected=truth.affected, stock=truth.stock, shipped=truth.shipped)


def verdict_sentence(score: Score, unit: Unit) -> str:
    """The one sentence a manager reads: what is missing, and what is recalled without need."""
    units = score.units
    if not units.affected:
        return f"Nothing was affected; the answer holds {unit.count(units.certain + units.possible)}."
    if units.missed:
        share = 100 * units.missed / units.affected
        found = f"{unit.count(units.missed)} of {grouped(units.affected)} affected are missing from the recall"
        found += f" ({share:.1f} %)"
    else:
        found = f"Every one of the {unit.count(units.affected)} affected is in the recall"
    if not units.over:
        return f"{found}, and none is recalled without need."
    factor = units.over_recall_factor or 0.0
    return f"{found}; {unit.count(units.over)} more are recalled without need ({factor:.2f} times the truth)."


def _where_sentence(score: Score, unit: Unit, customers: int) -> str:
    at = {one.place: one.affected for one in score.places}
    parts = [
        f"{unit.count(at.get('stock', 0))} affected in our own stock",
        f"{unit.count(at.get('shipped', 0))} shipped",
    ]
    elsewhere = sum(count for place, count in at.items() if place not in ("stock", "shipped"))
    if elsewhere:
        parts.append(f"{unit.count(elsewhere)} scrapped, sampled or reworked")
    told = (
        f" The recall names {customers:,} {'customer' if customers == 1 else 'customers'} to tell." if customers else ""
    )
    return f"In truth: {', '.join(parts)}.{told}"


def _tiles(card: Mapping[str, Any], unit: Unit) -> list[dict[str, Any]]:
    metrics = card["metrics"]
    factor, percent = metrics["over_recall_factor"], metrics["mass_balance_percent"]
    return [
        _tile(grouped(card["truth"]["affected_units"]), f"{unit.many} affected in truth"),
        _tile(grouped(metrics["missed_units"]), f"{unit.many} missed", bad=bool(metrics["missed_units"])),
        _tile(grouped(metrics["over_units"]), f"{unit.many} recalled without need"),
        _tile("–" if factor is None else f"{factor:.3f}", "times the truth recalled"),
        _tile(grouped(card["answer"]["certain_units"]), f"{unit.many} certain"),
        _tile(grouped(card["answer"]["possible_units"]), f"{unit.many} possible"),
        _tile("–" if percent is None else f"{percent:.2f} %", "mass accounted for"),
        _tile(duration_text(metrics["time_to_contain_s"]), "until the last one in own control was on hold"),
    ]


def _tile(value: str, label: str, *, bad: bool = False) -> dict[str, Any]:
    return {"value": value, "label": label, "bad": bad}


def _check(check: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": _CHECKS.get(str(check["name"]), str(check["name"])),
        "limit": _limit_text(check["limit"]),
        "value": _figure(check["value"]),
        "passed": check["passed"],
    }


def _limit_text(limit: Any) -> str:
    if not isinstance(limit, Sequence):
        return f"at most {_figure(limit)}"
    low, high = limit
    if low is None or high is None:
        return f"at least {_figure(low)}" if high is None else f"at most {_figure(high)}"
    return f"{_figure(low)} to {_figure(high)}"


def _figure(value: float | None) -> str:
    return "–" if value is None else grouped(round(value, 4))


def _hazard_text(score: Score) -> str:
    texts_of = {
        "contact": "contact: a unit is affected if any of the suspect material was where it was drawn from",
        "dose": f"dose: a unit is affected if {score.hazard.threshold * 100:g} % of it or more is suspect material",
        "discrete": "discrete: a unit is affected if it is, or came out of, the very container",
    }
    level = "" if score.hazard.level == "unit" else f"; with any of it, its whole {score.hazard.level}"
    return texts_of[score.hazard.kind] + level


def scope_bars(score: Score) -> dict[str, tuple[Segment, ...]] | None:
    """The segments of the two bars, truth and answer, on one scale, and of their legend; None where all is empty."""
    units = score.units
    found_certain = units.affected - units.missed_by_certain
    found_possible = units.missed_by_certain - units.missed
    over_certain = units.certain - found_certain
    over_possible = units.possible - found_possible
    parts = [
        ("affected, missed", units.missed, "missed"),
        ("affected, certain in the answer", found_certain, "found"),
        ("affected, possible in the answer", found_possible, "possible"),
        ("not affected, possible in the answer", over_possible, "over"),
        ("not affected, certain in the answer", over_certain, "over"),
    ]
    whole = sum(value for _, value, _ in parts)
    if not whole:
        return None
    return {"truth": bar(parts[:3], whole), "answer": bar(parts[1:], whole, units.missed), "legend": bar(parts)}


def _levels(score: Score, unit: Unit) -> list[dict[str, Any]]:
    levels = ((unit.many, score.units), ("lots", score.lots), ("kilograms", score.mass_kg))
    return [{"name": name, "tally": tally} for name, tally in levels]


def _place_bars(score: Score) -> list[_PlaceBar]:
    most = max((one.answered + one.missed for one in score.places), default=0)
    return [
        _PlaceBar(_PLACES.get(one.place, one.place), one.affected, one.answered, one.missed, bar(_parts(one), most))
        for one in sorted(score.places, key=lambda one: [*_PLACES, one.place].index(one.place))
        if one.affected or one.answered
    ]


def _parts(place: Any) -> list[tuple[str, float, str]]:
    found = place.affected - place.missed
    return [
        ("affected and in the answer", found, "found"),
        ("affected and missed", place.missed, "missed"),
        ("in the answer without need", place.answered - found, "over"),
    ]


def _place_legend(score: Score) -> tuple[Segment, ...]:
    columns = [_parts(one) for one in score.places]
    return (
        bar(
            [
                (label, sum(column[row][1] for column in columns), style)
                for row, (label, _, style) in enumerate(columns[0])
            ]
        )
        if columns
        else ()
    )


def _capture_sentence(capture: Mapping[str, int]) -> str:
    made = capture["reported"] + capture["missed"]
    if not made:
        return "The plant reported nothing."
    if not any(count for name, count in capture.items() if name != "reported"):
        return f"All {made:,} reports arrived, once, in time and with the right label."
    return (
        f"Of {made:,} reports {capture['missed']:,} never arrived ({100 * capture['missed'] / made:.1f} %);"
        f" {capture['duplicated']:,} came twice, {capture['late']:,} late and {capture['wrong']:,} with a wrong label."
        " The answer was made from what arrived; the truth was not touched."
    )


def duration_text(seconds: float | None) -> str:
    """``45 s``, ``12 min``, ``3 h 20 min``, ``5 d 2 h``; a dash where there is none."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    for size, name, small, small_name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size} {name} {rest} {small_name}" if rest else f"{whole // size} {name}"
    return f"{whole} s"
