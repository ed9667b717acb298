"""A run as a page: what its machines did all day, what was finished when, and how much lay where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.report.pages import render, write_whole
from scenarios.report.views import grouped
from twin.output.series import OverTime, made_over_time, stock_over_time
from twin.output.svg import Axes, Bar, Curve, both, legend, line_chart, stacked_bars

if TYPE_CHECKING:
    from plant_models import PlantSpec
    from twin.simulation import TwinRun

MOST_CURVES = 6
"""Curves of a picture: those with the most in them; the rest is counted."""

STATES = {
    "working": 0,
    "setting_up": 4,
    "blocked": 3,
    "down": 1,
    "waiting_material": 2,
    "starved": 6,
    "closed": 7,
}
"""The states of a machine in the order in which a bar shows them, with their colours."""


def write_run(folder: Path, spec: PlantSpec, run: TwinRun, document: Mapping[str, Any]) -> Path:
    """Write ``report.html`` into ``folder``; ``document`` is what ``tracetwin run --json`` prints. Gives its path."""
    write_whole(folder / "report.html", run_page(spec, run, document).encode())
    return folder / "report.html"


def run_page(spec: PlantSpec, run: TwinRun, document: Mapping[str, Any]) -> str:
    """The page of a run, one file."""
    counts = run.counts
    return render(
        "run.html.j2",
        title=spec.title,
        plant=spec.plant,
        facts=f"{document['until']} from {run.start:%Y-%m-%d %H:%M} on, seed {document['seed']}.",
        sentence=f"The mass balance closes at all of {len(run.balances)} places.",
        tiles=[
            {"value": grouped(document["events"]), "label": "events in the store", "bad": False},
            {"value": grouped(counts.reported), "label": "reports", "bad": False},
            {"value": grouped(len(run.labels)), "label": "hits of faults", "bad": False},
            {"value": grouped(len(run.inputs)), "label": "inputs from outside", "bad": False},
        ],
        states=states_figure(spec, run),
        made=made_figure(spec, run),
        stock=stock_figure(spec, run),
        inputs=[one.to_dict() for one in run.inputs],
        hashes={name: document[name] for name in ("truth_hash", "log_hash", "ledger_hash")},
    )


def states_figure(spec: PlantSpec, run: TwinRun) -> str:
    """What each machine did: a bar of shares a machine; "" where the plant has no machines of declared operations."""
    if not run.states:
        return ""
    bars = [
        Bar(spec.stations[name].name if name in spec.stations else name, [states[one] for one in STATES])
        for name, states in run.states.items()
    ]
    names = [one.replace("_", " ") for one in STATES]
    colours = list(STATES.values())
    svg = both(lambda width: stacked_bars("What each machine did", bars, names, colours, width))
    return f"<figure>{svg}{legend(names, colours)}</figure>"


def made_figure(spec: PlantSpec, run: TwinRun) -> str:
    """How much of each item was finished, an hour, over the run."""
    hours = (run.end - run.start).total_seconds() / 3600.0
    part_h = next((one for one in (0.25, 0.5, 1, 2, 4, 8, 12) if hours / one <= 100), 24.0)
    made = [one for one in made_over_time(run.truth, part_h * 3600.0) if one.values.any()]
    made.sort(key=lambda one: -float(one.values.sum()))
    shown = [(spec.items[one.name].name, one) for one in made[:MOST_CURVES]]
    note = f"Units finished an hour, in parts of {part_h:g} h."
    return _figure("Finished an hour", shown, "units an hour", note, len(made) - len(shown))


def stock_figure(spec: PlantSpec, run: TwinRun) -> str:
    """How much lay in each place over the run: those that held the most at any time."""
    places = [one.station for one in run.balances if one.station != "plant"]
    held = [one for one in stock_over_time(run.truth, places) if one.values.any()]
    held.sort(key=lambda one: -float(one.values.max()))
    shown = [(spec.stations[one.name].name if one.name in spec.stations else one.name, one)
             for one in held[:MOST_CURVES]]  # fmt: skip
    return _figure("Stock over time", shown, "kg", "Mass in each place.", len(held) - len(shown))


def _figure(label: str, shown: Sequence[tuple[str, OverTime]], unit: str, note: str, hidden: int) -> str:
    if not shown:
        return ""
    last_h = float(shown[0][1].times_s[-1]) / 3600.0
    scale, word = (24.0, "day") if last_h > 72 else (1.0, "hour")
    curves = [
        Curve(name, list(zip((one.times_s / 3600.0 / scale).tolist(), one.values.tolist(), strict=True)), number)
        for number, (name, one) in enumerate(shown)
    ]
    axes = Axes(f"{word} of the run", unit, show_y=lambda value: f"{value:,.10g}")
    svg = both(lambda width: line_chart(label, curves, axes, width))
    more = f" {hidden} more, with less in them, are not drawn." if hidden else ""
    listed = legend([name for name, _ in shown])
    return f"<figure>{svg}{listed}<figcaption>{escape(note + more)}</figcaption></figure>"
