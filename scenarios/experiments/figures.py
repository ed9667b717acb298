"""The pictures of an experiment: responses over the numbers of a factor, a line for each level of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from scenarios.experiments.arm_results import ArmResult
from scenarios.experiments.spec import Chart, Experiment
from twin.output.svg import GREY, Axes, Curve, both, legend, line_chart

WORDS = {
    "whole_chain": "finished units with a whole chain",
    "recorded_scans": "scans recorded",
    "made": "units an hour",
    "throughput": "loads an hour",
    "time_in_line": "time in the line, s",
    "population": "loads in the line",
}
"""What people call the responses."""

SHARES = frozenset({"whole_chain", "recorded_scans"})


def figures(experiment: Experiment, arms: Sequence[ArmResult]) -> str:
    """All pictures of an experiment as HTML, each with its list of names."""
    return "".join(_figure(chart, experiment, arms) for chart in experiment.charts)


def _figure(chart: Chart, experiment: Experiment, arms: Sequence[ArmResult]) -> str:
    curves = _curves(chart, experiment, arms)
    laws = _laws(chart, experiment)
    share = chart.response in SHARES
    axes = Axes(
        chart.x.replace("_", " "),
        WORDS[chart.response],
        show_y="{:.0%}".format if share else "{:g}".format,
        x_ticks=[float(level) for level in experiment.factors[chart.x]],
        most_y=1.0 if share else None,
    )
    svg = both(lambda width: line_chart(chart.title, [*laws, *curves], axes, width))
    names = [curve.name for curve in curves] + ([_law_name(experiment)] if laws else [])
    colours = [curve.colour for curve in curves] + ([GREY] if laws else [])
    listed = legend(names, colours, frozenset({len(curves)} if laws else ()))
    note = (
        "Bars are 95 % intervals. Filled marks agree with the curve, hollow ones part from it." if laws else
        "Bars are 95 % intervals."
    )  # fmt: skip
    return f"<figure><h3>{escape(chart.title)}</h3>{svg}{listed}<figcaption>{note}</figcaption></figure>"


def _curves(chart: Chart, experiment: Experiment, results: Sequence[ArmResult]) -> list[Curve]:
    """A curve for each level of the factor that tells lines apart, in the order of the file."""
    curves = []
    for number, level in enumerate(experiment.factors[chart.lines]):
        arms = [one for one in results if _stands_in(one.arm.levels, {**chart.where, chart.lines: level})]
        arms.sort(key=lambda one: float(one.arm.levels[chart.x]))
        if arms:
            shown = [one.responses[chart.response] for one in arms]
            curves.append(
                Curve(
                    f"{chart.lines} {level}" if _is_number(level) else level,
                    [(float(one.arm.levels[chart.x]), found.mean) for one, found in zip(arms, shown, strict=True)],
                    number,
                    [found.half_width for found in shown],
                    marks=True,
                    hollow=frozenset(place for place, one in enumerate(arms) if one.law is not None and one.law.parts),
                )
            )
    return curves


def _laws(chart: Chart, experiment: Experiment) -> list[Curve]:
    """The law's curves beside a chart: one for each line where these have exponents of their own, else one for all."""
    law, factors = experiment.law, experiment.factors
    if law is None or law.response != chart.response:
        return []
    xs = sorted(map(float, factors[chart.x]))
    fine = [xs[0] + (xs[-1] - xs[0]) * place / 60 for place in range(61)]
    name = _law_name(experiment)
    if chart.x == law.base and chart.lines == law.exponent:
        powers = map(float, factors[law.exponent])
        return [Curve(name, [(x, x**power) for x in fine], GREY, dashed=True) for power in powers]
    if chart.x == law.exponent and law.base in chart.where:
        base = float(chart.where[law.base])
        return [Curve(name, [(x, base**x) for x in fine], GREY, dashed=True)]
    return []


def _law_name(experiment: Experiment) -> str:
    law = experiment.law
    return "" if law is None else f"the curve: {law.base.replace('_', ' ')} to the power of {law.exponent}"


def _stands_in(levels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(levels[factor] == level for factor, level in wanted.items())


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
