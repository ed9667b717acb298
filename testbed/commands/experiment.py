"""``tracetwin experiment``: the same plant in several ways, replicated, told with its uncertainty."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from testbed.options import AsJson
from testbed.output import print_document, print_line, print_next, print_table, progress

if TYPE_CHECKING:
    from scenarios.experiments.ensemble import Result


def experiment(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A name that ships, or the path of a YAML file.")],
    replications: Annotated[
        int | None, typer.Option(metavar="N", help="How often each arm is run; else as the file says.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where report.html goes; experiments/<name>.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, metavar="N", help="Processes at once; else one a core.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run every arm of an experiment with the same luck, and hold the results against each other and against a law."""
    from scenarios.experiments.ensemble import run_experiment
    from scenarios.experiments.page import found, write_experiment
    from scenarios.experiments.spec import open_experiment, with_replications
    from testbed.run_files import check_folder

    declared = with_replications(open_experiment(file), replications)
    folder = out or Path("experiments") / declared.experiment
    check_folder(folder)
    with progress(declared.title, 1.0) as advance:
        result = run_experiment(declared, workers, lambda done, total: advance(done / total))
    page = write_experiment(folder, result)
    if as_json:
        print_document(result.to_dict())
        return
    _print_arms(result)
    for sentence in found(result):
        print_line(sentence)
    print_next(f"open {page}")


def _print_arms(result: Result) -> None:
    from scenarios.experiments.figures import WORDS
    from scenarios.experiments.page import row_of

    declared, rows = result.experiment, [row_of(one, result) for one in result.arms]
    headings = [
        *(factor.replace("_", " ") for factor in declared.factors),
        *(WORDS[name] for name in declared.responses),
    ]
    if declared.law is not None:
        headings += ["the curve says", ""]
    shown = [
        (*row["levels"], *row["values"], *((row["law"], "parts" if row["parts"] else "") if declared.law else ()))
        for row in rows
    ]
    print_table(declared.title, headings, shown)
