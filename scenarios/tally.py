"""The figures of a score, from what is affected and what an answer holds (SCIENCE.md, 4). Pure arithmetic.

A = affected, S = the answer, C = what it is certain of. The ratios are None where nothing is affected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from scenarios.answers import Confidence


@dataclass(frozen=True, slots=True)
class Weighed:
    """Things that share one fate: how many (or how heavy), whether affected, whether and how the answer holds them."""

    weight: float
    affected: bool
    held: Confidence | None


@dataclass(frozen=True, slots=True)
class Tally:
    """One level's score: units, lots or kilograms, as its counts say."""

    affected: float  # |A|
    certain: float  # |C|
    possible: float  # |S \\ C|
    missed: float  # |A \\ S|
    missed_by_certain: float  # |A \\ C|
    over: float  # |S \\ A|

    @property
    def over_recall_factor(self) -> float | None:
        """|S| / |A|: how many times the truth would be recalled."""
        return _ratio(self.certain + self.possible, self.affected)

    @property
    def precision(self) -> float | None:
        """|S and A| / |S|; None where nothing is affected or nothing is answered."""
        return _ratio(self.affected - self.missed, self.certain + self.possible) if self.affected else None

    @property
    def recall(self) -> float | None:
        """|S and A| / |A|."""
        return _ratio(self.affected - self.missed, self.affected)

    @property
    def ambiguity(self) -> float | None:
        """|P \\ C| / |A|: how much of the answer is only possible."""
        return _ratio(self.possible, self.affected)

    def to_dict(self) -> dict[str, Any]:
        """The counts and ratios, ratios to nine places."""
        ratios = {
            "over_recall_factor": self.over_recall_factor,
            "precision": self.precision,
            "recall": self.recall,
            "ambiguity": self.ambiguity,
        }
        return {**asdict(self), **{name: rounded(value) for name, value in ratios.items()}}


def tally(things: Iterable[Weighed]) -> Tally:
    """The score of ``things``; the order does not matter as long as the weights are whole numbers."""
    affected = certain = possible = missed = uncertain = over = 0.0
    for one in things:
        affected += one.weight * one.affected
        certain += one.weight * (one.held == "certain")
        possible += one.weight * (one.held == "possible")
        missed += one.weight * (one.affected and one.held is None)
        uncertain += one.weight * (one.affected and one.held != "certain")
        over += one.weight * (not one.affected and one.held is not None)
    counts = (affected, certain, possible, missed, uncertain, over)
    return Tally(*(int(count) if count.is_integer() else rounded(count) or 0.0 for count in counts))


def rounded(value: float | None) -> float | None:
    """``value`` to nine places, so that a sum's last bit never shows; None stays None."""
    return None if value is None else round(value, 9)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
