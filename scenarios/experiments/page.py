"""An experiment as a page: what it found in a sentence, its pictures, and every arm as a table."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

from scenarios.declared import format_duration
from scenarios.experiments.arm_results import ArmResult
from scenarios.experiments.ensemble import Result
from scenarios.experiments.figures import SHARES, WORDS, figures
from scenarios.report.pages import render, write_whole
from trace_core.vocabulary.json_text import to_bytes


def write_experiment(folder: Path, result: Result) -> Path:
    """Write ``result.json`` and ``report.html`` into ``folder``; the path of the page."""
    import msgspec

    document = msgspec.json.format(to_bytes(result.to_dict()), indent=2) + b"\n"
    write_whole(folder / "result.json", document)
    write_whole(folder / "report.html", experiment_page(result).encode())
    return folder / "report.html"


def experiment_page(result: Result) -> str:
    """The page of an experiment, one file."""
    declared = result.experiment
    return render(
        "experiment.html.j2",
        title=declared.title,
        about=declared.about,
        name=declared.experiment,
        facts=facts(result),
        found=found(result),
        figures=figures(declared, result.arms),
        headings=[WORDS[name] for name in declared.responses],
        factors=list(declared.factors),
        has_law=declared.law is not None,
        has_baseline=declared.baseline is not None,
        rows=[row_of(one, result) for one in result.arms],
    )


def facts(result: Result) -> str:
    """How it was run, in a line."""
    declared, count = result.experiment, len(result.arms)
    warm_up = f", the first {result.warm_up_s / 3600:g} h left out" if result.warm_up_s else ""
    runs = "replication" if declared.replications == 1 else "replications"
    return (
        f"{count} {'arm' if count == 1 else 'arms'}, {declared.replications} {runs} of"
        f" {format_duration(declared.until)} each{warm_up}; seed {declared.seed}, the same luck for all arms of a"
        f" replication."
    )


def found(result: Result) -> list[str]:
    """What it found, a sentence each: where the law holds and where the two part; how the arms differ."""
    sentences = []
    judged = [one for one in result.arms if one.law is not None]
    if judged:
        sentences += _about_law(result, judged)
    for one in result.arms:
        sentences += [
            f"{one.arm.name}: {WORDS[name]} {pair.difference.mean:+.3g} (± {pair.difference.half_width:.2g}) against"
            f" the baseline; the variance of the difference is {pair.variance_ratio:.3f} of that of independent runs."
            for name, pair in one.against.items()
            if pair.variance_ratio is not None
        ]
    return sentences


def _about_law(result: Result, judged: list[ArmResult]) -> list[str]:
    law = result.experiment.law
    assert law is not None
    curve = f"{law.base.replace('_', ' ')} to the power of {law.exponent}"
    parting = [one for one in judged if one.law is not None and one.law.parts]
    if not parting:
        return [f"The curve ({curve}) holds in all of {len(judged)} arms."]
    sentences = [f"The curve ({curve}) holds in {len(judged) - len(parting)} of {len(judged)} arms; the two part in:"]
    for one in parting:
        assert one.law is not None
        got, off = one.responses[law.response].mean, one.law.off.mean
        way = "more" if off > 0 else "fewer"
        sentences.append(f"{one.arm.name}: {got:.1%} instead of {one.law.expected:.1%}, {way} whole chains.")
    return sentences


def row_of(one: ArmResult, result: Result) -> dict[str, Any]:
    """One arm as texts for a table: its levels, values, what the law says, whether it parts, against the baseline."""
    law = result.experiment.law
    return {
        "levels": list(one.arm.levels.values()),
        "values": [_shown(name, found.mean, found.half_width) for name, found in one.responses.items()],
        "law": "" if one.law is None or law is None else _shown(law.response, one.law.expected, None),
        "parts": one.law is not None and one.law.parts,
        "against": [f"{pair.difference.mean:+.4g} ± {pair.difference.half_width:.2g}" for pair in one.against.values()],
    }


def _shown(response: str, mean: float, half_width: float | None) -> str:
    half_width = half_width if half_width is not None and isfinite(half_width) else None
    if response in SHARES:
        spread = "" if half_width is None else f" ± {100 * half_width:.1f}"
        return f"{100 * mean:.1f}{spread} %"
    return f"{mean:,.4g}" + ("" if half_width is None else f" ± {half_width:.2g}")
