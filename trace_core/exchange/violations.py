"""What a document does that its standard does not allow: one value for every fault, with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault: ``path`` says where (``$.epcisBody.eventList[0].bizStep``), ``reason`` what was expected and came."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(slots=True)
class Faults:
    """Collects violations while an event is walked."""

    found: list[Violation] = field(default_factory=list)

    def add(self, path: str, expected: str, got: Any) -> None:
        """Note that ``expected`` should have stood at ``path``, where ``got`` stands."""
        self.found.append(Violation(path, f"expected {expected}, got {shown(got)}"))

    def missing(self, path: str, expected: str) -> None:
        """Note that the required ``expected`` is missing at ``path``."""
        self.found.append(Violation(path, f"missing: {expected}"))


def shown(value: Any) -> str:
    """``value`` as it may stand in a message: short, and on one line."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
