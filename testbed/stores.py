"""Concrete stores and cores for the commands: which log, which clock, and what is said about a name nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import typer

from testbed.output import readable, say
from trace_core.genealogy.answer import UnknownThing

if TYPE_CHECKING:
    from trace_core.core.trace_core import TraceCore
    from trace_core.log.port import EventLog

Known = TypeVar("Known")


def core_over(log: EventLog, delta_s: float = 300.0) -> TraceCore:
    """A core that follows ``log``, by the machine's clock; a bar shows where reading it takes a while."""
    from testbed.output import progress
    from trace_core.core.trace_core import TraceCore
    from trace_core.vocabulary.clock import SystemClock

    with progress("reading the store"):
        return TraceCore(log, SystemClock(), delta_s)


def known_or_exit(answer: Known | UnknownThing, store: str) -> Known:
    """``answer``, or exit code 2 with the names that look like what nobody knows."""
    if not isinstance(answer, UnknownThing):
        return answer
    for one in (answer, *answer.others):
        near = (
            f"; did you mean {' or '.join(map(readable, one.near))}?"
            if one.near
            else f"; see what {store} holds: tracetwin export csv --store {store}"
        )
        say(f"tracetwin: expected a thing that {store} knows, got {one.name!r}{near}")
    raise typer.Exit(2)
