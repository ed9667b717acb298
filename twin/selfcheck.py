"""What a finished run must agree with, whatever the plant: balances, state times, Little's law. It fails loudly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from trace_core.errors import SelfCheckFailed


class Balanced(Protocol):
    """A struck balance: see :class:`twin.simulation.Balance`."""

    @property
    def station(self) -> str:
        """The place."""

    @property
    def received(self) -> int:
        """What came, in quanta of mass."""

    @property
    def given(self) -> int:
        """What left."""

    @property
    def held(self) -> int:
        """What the place itself says it holds."""

    @property
    def residual(self) -> int:
        """What cannot be explained."""


def check_balances(balances: Iterable[Balanced]) -> None:
    """SelfCheckFailed naming each place whose material balance does not close to 0."""
    raise_failures(
        f"{one.station}: received {one.received:,}, gave {one.given:,} and holds {one.held:,} quanta of mass,"
        f" which leaves {one.residual:,} unexplained"
        for one in balances
        if one.residual
    )


def raise_failures(failures: Iterable[str]) -> None:
    """SelfCheckFailed with all of ``failures``; nothing where there are none."""
    if found := list(failures):
        raise SelfCheckFailed(found)


class Checked(Protocol):
    """A line that can be asked for what contradicts itself: see :meth:`twin.line.Line.check`."""

    def check(self) -> Iterable[str]:
        """A sentence with the place and the numbers for each contradiction."""


def check_line(line: Checked | None) -> None:
    """SelfCheckFailed where a station's state times do not add up, or Little's law does not hold on its path."""
    if line is not None:
        raise_failures(line.check())
