"""The command line: every command by name. What they do lies in :mod:`testbed.commands`; how they end, in `edge`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from testbed.commands import control, drills, experiment, export, ingest, plants, run, stores, trace
from testbed.edge import at_edge

_SETTINGS = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="tracetwin",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=_SETTINGS,
)


def _show_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"tracetwin {version('tracetwin')}")
        raise typer.Exit(0)


@app.callback()
def tracetwin(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A factory's traceability, and a digital twin that examines it: run, recall, score; trace, hold, verify."""


# What the list of commands says of each, short enough for one line of a terminal; the command's own help says more.
_COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "run": (run.run, "Run a plant's twin; its devices report into a store."),
    "drill": (drills.drill, "Run a plant, recall a lot that was bad, score the answer."),
    "score": (drills.score, "Score anybody's answer against what really happened."),
    "experiment": (experiment.experiment, "Run a plant in several ways, and compare them."),
    "scenarios": (plants.list_scenarios, "List the recall drills that ship."),
    "ingest": (ingest.ingest, "Take in records: EPCIS JSON and XML, CSV, as-built data."),
    "trace": (trace.trace, "Show what things were made of, and where they went."),
    "recall": (trace.recall, "Find what is affected, where it is, and who has it."),
    "hold": (control.hold, "Put lots, carriers or places on hold; list the holds."),
    "release": (control.release, "End a hold by its id."),
    "verify": (stores.verify, "Check that nothing in a store was changed."),
}
for _name, (_command, _short) in _COMMANDS.items():
    app.command(_name, context_settings=_SETTINGS, short_help=_short)(at_edge(_command))

_plants = typer.Typer(help="What plants ship, what they look like, and whether your own is sound.")
_plants.callback(invoke_without_command=True)(at_edge(plants.list_plants))
_plants.command("show")(at_edge(plants.show))
_plants.command("check")(at_edge(plants.check))
app.add_typer(_plants, name="plants", context_settings=_SETTINGS, short_help="List, draw and check plants.")

_export = typer.Typer(help="Hand a store's events to another system.", no_args_is_help=True)
_export.command("epcis")(at_edge(export.epcis))
_export.command("csv")(at_edge(export.csv))
app.add_typer(_export, name="export", context_settings=_SETTINGS, short_help="Write a store as EPCIS or CSV.")


def main() -> None:
    """Run the command that the arguments name; never returns."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # any script on any terminal; a sign it cannot show becomes an escape
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except KeyboardInterrupt:  # before a command had begun, where its edge could not catch it
        sys.exit(130)
