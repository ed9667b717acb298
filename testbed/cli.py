"""The command line: every command by name. What they do lies in :mod:`testbed.commands`; how they end, in `edge`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from testbed.commands import control, drills, export, ingest, plants, run, stores, trace
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


_COMMANDS: dict[str, Callable[..., None]] = {
    "run": run.run,
    "drill": drills.drill,
    "score": drills.score,
    "scenarios": plants.list_scenarios,
    "ingest": ingest.ingest,
    "trace": trace.trace,
    "recall": trace.recall,
    "hold": control.hold,
    "release": control.release,
    "verify": stores.verify,
}
for _name, _command in _COMMANDS.items():
    app.command(_name, context_settings=_SETTINGS)(at_edge(_command))

_plants = typer.Typer(help="What plants ship, what they look like, and whether your own is sound.")
_plants.callback(invoke_without_command=True)(at_edge(plants.list_plants))
_plants.command("show")(at_edge(plants.show))
_plants.command("check")(at_edge(plants.check))
app.add_typer(_plants, name="plants", context_settings=_SETTINGS)

_export = typer.Typer(help="Hand a store's events to another system.", no_args_is_help=True)
_export.command("epcis")(at_edge(export.epcis))
_export.command("csv")(at_edge(export.csv))
app.add_typer(_export, name="export", context_settings=_SETTINGS)


def main() -> None:
    """Run the command that the arguments name; never returns."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # any script on any terminal; a sign it cannot show becomes an escape
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    app()
