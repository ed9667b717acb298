"""What a command prints: one JSON document, or a short page for a person; progress and messages go to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

MAX_ROWS = 20
"""Rows a table shows on a terminal; the rest is counted, and --json or --out has them all."""


def print_document(document: Mapping[str, Any]) -> None:
    """Print ``document`` as the one JSON document on stdout, exact decimals included."""
    import msgspec

    text = msgspec.json.Encoder(decimal_format="number").encode(document)
    print_line(msgspec.json.format(text, indent=2).decode())


def print_line(text: str = "") -> None:
    """Print a line on stdout."""
    sys.stdout.write(f"{text}\n")


def say(text: str) -> None:
    """Print a line on stderr, for a person."""
    sys.stderr.write(f"{text}\n")


def print_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, columns aligned by what the terminal shows (Chinese characters are two wide)."""
    from rich.box import SIMPLE
    from rich.table import Table

    shown = list(rows)
    print_line(title)
    table = Table(box=SIMPLE, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold", justify="right" if heading in _NUMBERS else "left")
    for row in shown[:MAX_ROWS]:
        table.add_row(*map(str, row))
    _console().print(table)
    if len(shown) > MAX_ROWS:
        print_line(f"  and {len(shown) - MAX_ROWS:,} more: --json gives them all")


_NUMBERS = frozenset({"count", "quantity", "units", "residual", "events", "value", "limit", "seed", "boxes"})


def print_facts(facts: Mapping[str, object]) -> None:
    """Print names and values in two columns."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        print_line(f"  {name:<{width}}  {value}")


def counted(count: int, noun: str) -> str:
    """``count`` with ``noun``, in the plural where there is not exactly one."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def readable(id_text: str) -> str:
    """The id in its own script, as long as that, typed again, means the same: 批次 instead of percent signs."""
    from urllib.parse import unquote

    from trace_core.errors import IdentifierError
    from trace_core.vocabulary.identity import identify

    plain = unquote(id_text)
    if plain == id_text:
        return id_text
    try:
        return plain if identify(plain).canonical == id_text else id_text
    except IdentifierError:
        return id_text


def typed(id_text: str) -> str:
    """The id as a word of a command line."""
    import shlex

    return shlex.quote(readable(id_text))


def print_next(*steps: str) -> None:
    """Print what one would do next."""
    print_line()
    print_line("Next:")
    for step in steps:
        print_line(f"  {step}")


def _console() -> Any:
    from rich.console import Console

    # A file or pipe has no width: rows stay whole there.
    width = None if sys.stdout.isatty() else 200
    return Console(file=sys.stdout, markup=False, highlight=False, emoji=False, width=width)


class Progress(Protocol):
    """Told how far a command has come."""

    def __call__(self, done: float) -> None:
        """``done`` of the total that was announced."""


@contextmanager
def progress(title: str, total: float | None = None) -> Iterator[Progress]:
    """A bar on stderr where a person watches it; nothing otherwise. ``total`` None = nobody knows how much there is."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
