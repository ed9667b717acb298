"""What is feared, as truth reads it; scenarios declare it, and policy and score share it."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class HazardKind(StrEnum):
    """When a unit is affected by suspect material."""

    CONTACT = "contact"
    """Any of it was present where the unit was drawn from (pathogens, allergens)."""
    DOSE = "dose"
    """The share of it in the unit is at or above the threshold."""
    DISCRETE = "discrete"
    """Some of the very container's content is in the unit; residue on equipment does not count."""


class Hazard(Protocol):
    """A declared hazard. ``kind`` is a word of :class:`HazardKind`; ``threshold`` a share by mass, for doses only."""

    @property
    def kind(self) -> str:
        """contact, dose or discrete."""

    @property
    def threshold(self) -> float:
        """The share by mass from which a dose affects; 1 is all of it."""
