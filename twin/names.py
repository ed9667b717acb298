"""The texts that the numbers in a truth's tables stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Names:
    """The texts that the numbers in a truth's tables stand for; ``containers`` by portion.

    ``nominal`` are lots that nobody reads.

    By item: ``kg_per_unit``, ``gtins``, ``unit_masses`` (of one unit, in quanta of mass) and ``recalled`` (whether they
    are what a recall counts). ``rules`` are the declared lot-code rules, which units are numbered by.
    """

    items: list[str]
    kg_per_unit: list[float]
    lots: list[str]
    codes: list[str]
    carriers: list[str]
    shipments: list[str]
    customers: list[str]
    places: list[str]
    containers: dict[int, str]
    stations: list[str] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    nominal: list[int] = field(default_factory=list)
    gtins: list[str] = field(default_factory=list)
    unit_masses: list[int] = field(default_factory=list)
    recalled: list[bool] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
