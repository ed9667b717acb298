"""What a machine may have beyond service: breakdowns, set-ups, collecting of several loads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from plant_models.work import LawSpec
from trace_core.errors import BadInput
from twin.line.crew import Crew
from twin.line.places import Load

Times = LawSpec | float | Callable[[], float]
"""A law, a fixed number of seconds, or a function that gives the next time."""


@dataclass(frozen=True, slots=True)
class Breakdowns:
    """How a machine fails: ``every`` so much ``working`` time (operation-dependent) or time of the ``clock``.

    ``repair`` begins when one of ``crew`` is free, or at once. ``load``, what becomes of the one worked on: ``kept``,
    and worked on further after the repair; ``restarted`` from the beginning, for as long as the first time;
    ``scrapped``. Where work ends at the very moment a breakdown is due, it ends first. The clock runs on while the
    machine is closed, not while it is down.
    """

    every: Times
    repair: Times
    counts: Literal["working", "clock"] = "working"
    load: Literal["kept", "restarted", "scrapped"] = "kept"
    crew: Crew | None = None


@dataclass(frozen=True, slots=True)
class SetUp:
    """Work between loads whose ``key`` differs, or after a ``campaign`` of so many loads with the same one.

    The machine is set up for its first load. ``done`` is called with the load at the end of each set-up.
    """

    takes: Times
    key: Callable[[Load], object] | None = None
    campaign: int | None = None
    crew: Crew | None = None
    done: Callable[[Load], object] | None = None

    def __post_init__(self) -> None:
        if self.campaign is not None and self.campaign < 1:
            raise BadInput("a campaign of at least 1 load", self.campaign, "set-up")


@dataclass(frozen=True, slots=True)
class Collects:
    """So many ``loads`` together, as a tuple; fewer when the first of them has waited ``waits`` seconds."""

    loads: int
    waits: float | None = None

    def __post_init__(self) -> None:
        if self.loads < 1 or (self.waits is not None and self.waits < 0):
            raise BadInput("at least 1 load, waiting 0 s or more", (self.loads, self.waits), "collects")
