"""A drill in a notebook's cell: its verdict, its sentence and the scope against the truth, with its own colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from scenarios.report.drills import scope_bars, verdict_sentence
from scenarios.report.pictures import Segment
from scenarios.report.views import Unit, grouped
from scenarios.score import Score

_COLOURS = {"found": "#0f6b72", "possible": "#69b3b5", "missed": "#c5322a", "over": "#dc9a24"}


def drill_cell(card: Mapping[str, Any], score: Score) -> str:
    """HTML that needs no style sheet, for ``_repr_html_``."""
    unit = Unit(str(card["unit"]))
    bars = scope_bars(score)
    colour = "#1d7a4a" if card["verdict"] == "pass" else _COLOURS["missed"]
    head = (
        f'<p style="margin:0 0 .6em"><b style="color:{colour}">{escape(str(card["verdict"]).upper())}</b>'
        f" {escape(str(card['scenario']))}, seed {card['seed']}: {escape(verdict_sentence(score, unit))}</p>"
    )
    if bars is None:
        return f"<div>{head}</div>"
    legend = " ".join(
        f'<span style="margin-right:1.2em"><span style="color:{_COLOURS[one.style]}">&#9632;</span>'
        f" {escape(one.label)} <b>{grouped(one.value)}</b></span>"
        for one in bars["legend"]
    )
    rows = _row("truth", bars["truth"]) + _row("answer", bars["answer"])
    return f'<div style="max-width:960px">{head}{rows}<p style="margin:.4em 0 0">{legend}</p></div>'


def _row(name: str, segments: Sequence[Segment]) -> str:
    parts = "".join(
        f'<rect x="{one.start}%" width="{one.length}%" height="20" fill="{_COLOURS[one.style]}"/>' for one in segments
    )
    return (
        f'<div>{name}</div><svg width="100%" height="20" role="img" aria-label="{name}">'
        f'<rect width="100%" height="20" fill="#8888881f"/>{parts}</svg>'
    )
