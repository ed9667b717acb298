"""A load: what goes through a machine at once, with its material, its numbered units and their flaws.

Units of a counted item are told apart by their place in the load, from 0; a load of what is weighed is one unit. Only
units with a flaw or a number of their own cost anything: the rest is a count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from twin.line.places import Node
from twin.material import Item, Lot, Portion
from twin.work.paths import Path

Numbers = tuple[int, int, int]
"""Units with numbers in a row: the row of the table ``serials``, the first number, how many."""

Taken = tuple[int, Portion, int]
"""What was taken: from which place, of which portion, how much."""


class Job(Protocol):
    """An operation at one of its stations, as a load knows it."""

    name: str
    station: str
    way_back: Node | None

    @property
    def way_in(self) -> Node:
        """Where loads are given for it."""

    @property
    def makes(self) -> Item | None:
        """What it makes; None where it leaves loads what they are."""

    def begin(self, load: Load, retry: Callable[[], object], occasion: object = None) -> float:
        """Seconds it takes, or WAITS."""

    def end(self, load: Load) -> Load | list[Load] | None:
        """What goes on of ``load``."""

    def spoil(self, load: Load) -> None:
        """``load`` is thrown away, with all that went into it."""

    def name_at_last(self, load: Load) -> None:
        """``load`` has borne no lot so far, and gets that of its order."""

    def tell_sent(self, load: Load, paper: str) -> None:
        """``load`` left for somewhere else."""

    def tell_received(self, load: Load, paper: str) -> None:
        """``load`` came back."""

    def tell_cleaned(self, seconds: float) -> None:
        """The station was cleaned."""


class Owner(Protocol):
    """The order a load is of."""

    number: str
    index: int
    place: int
    path: Path[Job]
    loads: dict[Load, None]
    lots: dict[Item, Lot]

    def next_run(self) -> int:
        """The number of the next run."""

    def run_id(self, run: int) -> str:
        """What records of a run carry as their order."""

    def in_kit(self, item: Item) -> int:
        """How much of ``item`` lies ready."""

    def from_kit(self, item: Item, most: int) -> list[Taken]:
        """Up to ``most`` of ``item`` out of the kit."""

    def gone(self, load: Load) -> None:
        """``load`` has left the shop floor."""


@dataclass(slots=True, eq=False)
class Load:
    """A load under way. A ticket has no ``item`` yet, and ``wanted`` says how much the first operation makes.

    ``material`` and ``numbers`` are in the order of the units; ``is_named``: it bears a lot or numbers that people
    read, else records name its run alone. ``step`` is the place in the route of the operation it is at or was at last;
    ``back`` the step it returns to after rework; ``via`` what it must do next instead of the next step. ``taken`` is
    what its operation took from elsewhere and has not turned into anything yet, ``fed_mass`` what feeders gave besides,
    ``into`` what it turns into. ``is_between``: its task is done, or was not given yet; ``branch`` is which of several
    operations by weight it was given for which step.
    """

    order: Owner
    wanted: int = 0
    item: Item | None = None
    material: list[tuple[Portion, int]] = field(default_factory=list)
    numbers: list[Numbers] = field(default_factory=list)
    flaws: dict[int, int] = field(default_factory=dict)
    task: Job | None = None
    step: int = -1
    back: int = -1
    via: str = ""
    passes: dict[str, int] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    fed_mass: int = 0
    into: object = None
    run: int = 0
    begun_s: float = -1.0
    is_named: bool = False
    is_unregistered: bool = False
    is_skipping: bool = False
    is_between: bool = True
    branch: tuple[int, str] | None = None
    sender: Job | None = None
    charge: str = ""
    position: str = ""
    burnt: str = ""
    worn: tuple[tuple[int, int, float], ...] = ()

    @property
    def quantity(self) -> int:
        """How much it is, in quanta of its item."""
        material = self.material
        return material[0][1] if len(material) == 1 else sum(quantity for _, quantity in material)

    @property
    def units(self) -> int:
        """How many units can be told apart: the count, or 1 where the item is weighed."""
        return self.quantity if self.item is not None and not self.item.decimals else 1

    @property
    def mass(self) -> int:
        """What it weighs with all it has taken, in quanta of mass."""
        held = sum(quantity * portion.lot.item.mass for portion, quantity in self.material)
        return held + self.fed_mass + sum(quantity * portion.lot.item.mass for _, portion, quantity in self.taken)
