"""What a score asks of a truth. ``twin.truth.Truth`` answers it; tests answer it by hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from scenarios.spec import Hazard


class UnitGroup(Protocol):
    """Units that share a printed lot, a carrier and a fate, as the truth gives them."""

    @property
    def lot(self) -> str:
        """Canonical id of the printed lot."""

    @property
    def carrier(self) -> str:
        """Canonical id of the last carrier, empty where there was none."""

    @property
    def serial(self) -> str:
        """Canonical id of the unit, where the group is one numbered unit; else empty."""

    @property
    def count(self) -> int:
        """How many units."""

    @property
    def place(self) -> str:
        """stock, shipped, scrap, sample or rework."""

    @property
    def customer(self) -> str:
        """Who got them, empty where nobody did."""

    @property
    def shipment(self) -> str:
        """The delivery they left with, empty where they did not."""

    @property
    def affected(self) -> bool:
        """Whether the hazard reaches them."""

    @property
    def share(self) -> float:
        """How much of each of them is suspect material, 0 to 1."""

    @property
    def mass_kg(self) -> float:
        """What they weigh together."""


class Candidate(Protocol):
    """A lot that may turn out to be the bad one. ``item`` and ``station`` are names of the plant file."""

    @property
    def lot(self) -> str:
        """Its canonical id."""

    @property
    def station(self) -> str:
        """Where it was received or made."""

    @property
    def is_received(self) -> bool:
        """Whether it came from a supplier."""

    @property
    def first_use(self) -> datetime | None:
        """When any of it first went into something else, None where none did."""


class Truth(Protocol):
    """What a score needs of a run's truth; ``twin.truth.Truth`` is one."""

    @property
    def end(self) -> datetime:
        """The end of the run."""

    def known_ids(self) -> Collection[str]:
        """The canonical ids of every lot and carrier the run ever named: raw and intermediate ones as well."""

    def knows(self, name: str) -> bool:
        """Whether the run has a lot, carrier or numbered unit of this canonical id."""

    def candidates(self, item: str | None = None) -> Sequence[Candidate]:
        """The lots of an item, or all."""

    def units(self, suspects: Sequence[str], hazard: Hazard, *, one_by_one: bool = False) -> Sequence[UnitGroup]:
        """Every unit that was made, in groups, judged against ``hazard`` from the suspects.

        ``one_by_one``: numbered units in groups of one, each with its serial.
        """
