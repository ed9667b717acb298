"""The pages themselves: one self-contained HTML file each, and the files beside it."""

from __future__ import annotations

import contextlib
import importlib.metadata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.report.affected import affected_csv
from scenarios.report.inside import inside
from scenarios.report.labels import Labels
from scenarios.report.pictures import bar
from scenarios.report.views import (
    MAX_ROWS,
    Unit,
    balance_of,
    customer_rows,
    finding_rows,
    genealogy_picture,
    grouped,
    scope_rows,
    texts,
    words,
)
from trace_core.errors import BadInput
from trace_core.vocabulary.masterdata import Masterdata, MasterdataView

if TYPE_CHECKING:
    from jinja2 import Environment

    from trace_core.genealogy.reader import Reader

_DIRECTIONS = {
    "backward": ("What went into it: ancestors, back to where they came from.", "逆向溯源"),
    "forward": ("What it went into: descendants, on to where they were shipped.", "正向追踪"),
    "both": ("What went into it, and what it went into.", "双向追溯"),
}


def write_trace(
    path: Path, trace: Mapping[str, Any], names: Masterdata | None = None, reader: Reader | None = None
) -> Path:
    """Write one trace answer (``tracetwin/trace/1``) as a page; ``names`` are shown beside ids.

    With a ``reader`` of the index (``core.index.read()``) the drawing shows what lay on which carrier and which vessels
    mixed; the answer alone does not say.
    """
    write_whole(path, trace_page(trace, names, reader).encode())
    return path


def write_recall(
    folder: Path,
    recall: Mapping[str, Any],
    trace: Mapping[str, Any] | None = None,
    names: Masterdata | None = None,
    unit: str = "unit",
    reader: Reader | None = None,
) -> Path:
    """Write ``report.html`` and ``affected.csv`` of a recall answer into ``folder``; the path of the page.

    ``trace`` is a forward trace of the suspects, for the drawing; ``unit`` a word or a UN/ECE code; ``reader`` as for
    :func:`write_trace`.
    """
    labels = Labels(names or MasterdataView())
    write_whole(folder / "affected.csv", affected_csv(scope_rows(recall, labels), labels))
    write_whole(folder / "report.html", recall_page(recall, trace, names, unit, reader).encode())
    return folder / "report.html"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, and the folders it lies in, so that nobody ever sees half of it."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        problem = error.strerror or str(error)
        raise BadInput("a place that can be written", problem, str(path), "choose another --out") from error
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def trace_page(trace: Mapping[str, Any], names: Masterdata | None = None, reader: Reader | None = None) -> str:
    """The page of one trace answer."""
    labels = Labels(names or MasterdataView())
    text, zh = _DIRECTIONS.get(str(trace["direction"]), ("", ""))
    tables = [
        _id_table("Lots", "批次", trace["lots"]),
        _id_table("Serials", "序列号", trace["serials"]),
        _id_table("Carriers", "载具", trace["carriers"]),
        _id_table("Origins: nothing recorded made these", "", trace["origins"]),
    ]
    shipments = list(trace.get("shipments", []))
    asked = ", ".join(labels.code(one) for one in trace["roots"][:5])
    if len(trace["roots"]) > 5:
        asked += f" and {len(trace['roots']) - 5:,} more"
    return render(
        "trace.html.j2",
        trace=trace,
        labels=labels,
        heading=f"Trace of {asked}" if asked else "A trace that found nothing",
        direction_text=text,
        direction_zh=zh,
        tiles=_trace_tiles(trace),
        sentence=_trace_sentence(trace),
        second_sentence="" if trace["complete"] else "Findings below say where the records end.",
        picture=genealogy_picture(trace, labels, within=inside(reader, trace) if reader else None),
        tables=tables,
        aliases=trace.get("aliases", {}),
        shipments=shipments[:MAX_ROWS],
        hidden_shipments=max(0, len(shipments) - MAX_ROWS),
        assumptions=texts(trace.get("assumptions", [])),
        findings=finding_rows(trace),
    )


def recall_page(
    recall: Mapping[str, Any],
    trace: Mapping[str, Any] | None = None,
    names: Masterdata | None = None,
    unit: str = "unit",
    reader: Reader | None = None,
) -> str:
    """The page of one recall answer."""
    within = inside(reader, trace) if reader and trace else None
    labels, counted = Labels(names or MasterdataView()), Unit.named(unit)
    rows = scope_rows(recall, labels)
    certain, possible = (float(recall["units"].get(one) or 0) for one in ("certain", "possible"))
    customers = customer_rows(recall, labels)
    parts = [("certain", certain, "found"), ("possible", possible, "possible")]
    stock, shipped = float(recall.get("in_stock") or 0), float(recall.get("shipped") or 0)
    return render(
        "recall.html.j2",
        recall=recall,
        labels=labels,
        unit=counted,
        suspects=recall["suspects"],
        sentence=f"The scope holds {counted.count(certain)} for certain and {counted.count(possible)} possibly.",
        second_sentence=f"{counted.count(stock)} of them in stock, {counted.count(shipped)} shipped"
        f" to {len(customers):,} {'customer' if len(customers) == 1 else 'customers'}.",
        tiles=[
            _tile(grouped(certain), f"{counted.many}, certain"),
            _tile(grouped(possible), f"{counted.many}, possible"),
            _tile(grouped(stock), f"{counted.many} in stock"),
            _tile(grouped(shipped), f"{counted.many} shipped"),
            _tile(grouped(len(customers)), "customers"),
            _tile(grouped(recall.get("cleared_count")), "cleared with a reason"),
        ],
        scope_bar=bar(parts),
        place_bar=bar([("in stock", stock, "stock"), ("shipped", shipped, "shipped")]),
        picture=genealogy_picture(trace, labels, None, [one.id for one in customers], within) if trace else None,
        customers=customers,
        balance=balance_of(recall),
        scope_rows=rows[:MAX_ROWS],
        hidden_rows=max(0, len(rows) - MAX_ROWS),
        assumptions=texts(recall.get("assumptions", [])),
        findings=finding_rows(recall, trace or {}),
    )


def render(template: str, **values: Any) -> str:
    """A page from its template; everything that is not ours is escaped."""
    return _environment().get_template(template).render(version=importlib.metadata.version("tracetwin"), **values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("scenarios.report"),
        autoescape=lambda name: bool(name) and not str(name).endswith(".css"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = grouped
    environment.filters["ratio"] = lambda value: "–" if value is None else f"{value:.3f}"
    environment.filters["tau"] = lambda value: f"{value * 100:g} %"
    environment.filters["words"] = words
    environment.filters["code_of"] = lambda id, labels: labels.code(id)
    return environment


def _id_table(title: str, zh: str, ids: Sequence[str]) -> dict[str, Any]:
    return {"title": title, "zh": zh, "ids": list(ids)[:MAX_ROWS], "hidden": max(0, len(ids) - MAX_ROWS)}


def _trace_tiles(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    counted = ("lots", "serials", "carriers", "origins", "edges", "shipments")
    words = ("lots", "serials", "carriers", "origins", "links", "shipments")
    return [_tile(grouped(len(trace.get(key, []))), word) for key, word in zip(counted, words, strict=True)]


def _trace_sentence(trace: Mapping[str, Any]) -> str:
    lots, serials, carriers = (len(trace[key]) for key in ("lots", "serials", "carriers"))
    state = "The records are complete along the way." if trace["complete"] else "The records are not complete."
    return f"Linked to {lots:,} lots, {serials:,} serials and {carriers:,} carriers. {state}"


def _tile(value: str, label: str, *, bad: bool = False) -> dict[str, Any]:
    return {"value": value, "label": label, "bad": bad}
