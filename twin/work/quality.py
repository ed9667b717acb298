"""What surrounds a task: the shop it asks, and what it does to units beside making them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from twin.inspecting import Defects
from twin.material import Lot
from twin.signals import Signals
from twin.tools import ToolSet
from twin.work.examining import Examination
from twin.work.loads import Load
from twin.work.serials import Serials
from twin.work.sizes import Sizes


class Shop(Protocol):
    """What a task asks of those around it."""

    serials: Serials
    sizes: Sizes

    def begun(self, load: Load) -> None:
        """A ticket is no longer waiting."""

    def gone(self, load: Load) -> None:
        """A load has left the shop floor."""

    def joined(self, load: Load) -> None:
        """A load was split off another one."""

    def sample(self, lot: Lot) -> None:
        """Units of a lot came into a store: it is examined where it must be released."""

    def step_of(self, load: Load, operation: str) -> int:
        """The place of an operation in the route of ``load``."""


@dataclass(slots=True)
class Quality:
    """What an operation does to the units beside making them: faults, their mending, and looking for them."""

    bits: Mapping[str, int]
    signals: Signals
    defects: Defects | None = None
    tools: ToolSet | None = None
    examination: Examination | None = None
