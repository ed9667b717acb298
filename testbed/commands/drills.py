"""``tracetwin drill`` and ``tracetwin score``: a recall on a twin, and what an answer is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from testbed.options import AsJson, Seed
from testbed.output import print_document, print_facts, print_line, print_next, print_table, progress, readable, say


def drill(
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="A name that ships, or the path of a YAML file.")
    ] = None,
    run_all: Annotated[bool, typer.Option("--all", help="Every drill that ships.")] = False,
    seed: Seed = 1,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the folder goes; drills/<scenario>-<seed>.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a plant, find out which lot was bad, recall from what was recorded, score against what happened.

    Exit 1 where the drill does not pass.
    """
    from scenarios.spec import names
    from trace_core.errors import BadInput

    if run_all == (scenario is not None):
        got = "both" if run_all else "neither"
        raise BadInput("a SCENARIO or --all", got, "drill", f"choose one of {', '.join(names())}")
    cards = []
    for name in names() if run_all else [scenario or ""]:
        folder = _folder_of(name, seed, out, run_all=run_all)
        card = _drill(name, seed, folder)
        cards.append(card)
        if not as_json:
            _print_card(card, folder)
    if as_json:
        print_document({"schema": "tracetwin/drills/1", "drills": cards} if run_all else cards[0])
    if any(card["verdict"] != "pass" for card in cards):
        raise typer.Exit(1)


def score(
    truth: Annotated[Path, typer.Option(metavar="FILE", help="A run's truth: of a drill's folder, or run --truth.")],
    answer: Annotated[Path, typer.Option(metavar="FILE", help="The answer: CSV of ids, or recall JSON.")],
    suspect: Annotated[
        list[str] | None, typer.Option("--suspect", metavar="ID", help="The bad lot, where the truth does not say.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score anybody's answer against what really happened in a run."""
    from scenarios import score_files

    judged = score_files(truth, answer, suspect or ())
    document = judged.to_dict()
    if as_json:
        print_document(document)
        return
    print_line(f"{answer} against {truth}:")
    print_facts({name: _shown(value) for name, value in document["metrics"].items()})
    for note in document["notes"]:
        print_line(note)
    by_lot = judged.by_lot
    _print_lots("Missed", [(one.lot, one.missed) for one in by_lot if one.missed])
    _print_lots("Recalled without need", [(one.lot, one.over) for one in by_lot if one.over and not one.affected])
    if document["unknown_ids"]:
        print_table("The run knows nothing of", ("id",), [(one,) for one in document["unknown_ids"]])


def _print_lots(title: str, lots: Sequence[tuple[str, int]]) -> None:
    if lots:
        print_table(title, ("lot", "units"), [(readable(lot), f"{units:,}") for lot, units in lots])


def _folder_of(name: str, seed: int, out: Path | None, *, run_all: bool) -> Path:
    folder = f"{Path(name).stem}-{seed}"
    if out is None:
        return Path("drills") / folder
    return out / folder if run_all else out


def _drill(name: str, seed: int, folder: Path) -> dict[str, Any]:
    from scenarios import run_drill

    with progress(name, 1.0) as advance:
        return run_drill(name, seed, folder, progress=lambda doing, share: advance(share)).to_dict()


def _print_card(card: Mapping[str, Any], folder: Path) -> None:
    truth, answer = card["truth"], card["answer"]
    unit = card["unit"]
    print_line(f"{card['scenario']}, seed {card['seed']}: {card['verdict'].upper()}")
    print_facts(
        {
            f"affected {unit}": f"{truth['affected_units']:,}",
            f"answered {unit}": f"{answer['certain_units']:,} certain, {answer['possible_units']:,} possible",
            **{name: _shown(value) for name, value in card["metrics"].items()},
        }
    )
    rows = [
        (one["name"], _shown(one["limit"]), _shown(one["value"]), "passed" if one["passed"] else "FAILED")
        for one in card["checks"]
    ]
    print_table("Checks", ("what", "limit", "value", ""), rows)
    print_next(f"open {folder / 'report.html'}", f"tracetwin score --truth {folder / 'truth.npz'} --answer YOURS.csv")
    say("")


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_shown(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return " to ".join(map(_shown, value))
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
