"""A truth small enough to count by hand, and a made-up plant's answers in the shapes of CONTRACT.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scenarios.spec import Hazard
from trace_core.vocabulary.identity import Kind, plant_id


@dataclass(frozen=True, slots=True)
class Group:
    lot: str
    count: int
    affected: bool = False
    carrier: str = ""
    place: str = "stock"
    customer: str = ""
    shipment: str = ""
    share: float = 0.0
    mass_kg: float = 0.0
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    lot: str
    first_use: datetime | None = datetime(2026, 3, 3, tzinfo=UTC)
    item: str = "FRUIT"
    station: str = "goods-in"
    is_received: bool = True


@dataclass(frozen=True, slots=True)
class TinyTruth:
    groups: tuple[Group, ...]
    others: tuple[str, ...] = ()
    end: datetime = datetime(2026, 3, 14, tzinfo=UTC)
    lots: tuple[Raw, ...] = ()

    def known_ids(self) -> frozenset[str]:
        return frozenset(self.others)

    def knows(self, name: str) -> bool:
        return name in self.others or name in {one.serial for one in self.groups}

    def candidates(self, item: str | None = None) -> tuple[Raw, ...]:
        return tuple(one for one in self.lots if item in (None, one.item))

    def units(self, suspects: Sequence[str], hazard: Hazard, *, one_by_one: bool = False) -> tuple[Group, ...]:
        del one_by_one  # the groups are given as a test needs them
        if hazard.kind == "dose":
            return tuple(replace(one, affected=one.share >= hazard.threshold) for one in self.groups)
        return self.groups


def lot(code: str, item: str = "YOG") -> str:
    return plant_id(Kind.LOT, code, item).canonical


def carrier(number: int) -> str:
    """A sound SSCC: 17 digits and their check digit (GS1 General Specifications, 7.9)."""
    digits = f"0952123400{number:07d}"
    odd = sum(int(digit) for digit in digits[::2])
    even = sum(int(digit) for digit in digits[1::2])
    return f"https://id.gs1.org/00/{digits}{-(3 * odd + even) % 10}"
