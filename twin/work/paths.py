"""Routes as they are followed: steps with what can do them, and what comes of what is begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from twin.material import Item
from twin.stock import Stock
from twin.work.bills import Bill

Doer_co = TypeVar("Doer_co", covariant=True)
"""What does the work of a step: an operation at one of its stations."""


@dataclass(frozen=True, slots=True)
class Choice(Generic[Doer_co]):
    """One step: the tasks that can do it, or operations by weight with their tasks."""

    tasks: tuple[Doer_co, ...]
    weighted: Mapping[str, tuple[float, tuple[Doer_co, ...]]] = field(default_factory=dict)
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Path(Generic[Doer_co]):
    """A route as it is at one time, ready to be followed."""

    route: str
    choices: tuple[Choice[Doer_co], ...]
    bills: tuple[Bill | None, ...]
    load_size: int | None
    kit: list[tuple[Stock, Item, int, int]] = field(default_factory=list)
    """Stock, item, and so much for so much of what the order is for."""

    @property
    def first_makes(self) -> Item:
        """What orders are counted in."""
        return next(bill.makes for bill in self.bills if bill is not None)

    @property
    def makes(self) -> Item:
        """What comes out at the end."""
        return next(bill.makes for bill in reversed(self.bills) if bill is not None)

    def expected(self, amount: int, steps: int | None = None) -> int:
        """What ``amount`` of the first operation comes to after so many steps, where nothing is lost."""
        item: Item | None = None
        quantity = amount
        for bill in self.bills[:steps]:
            if bill is None:
                continue
            need = bill.carried(item) if item is not None else None
            if need is not None:
                quantity = bill.made_of(need, quantity)
            elif item is not None:
                quantity = quantity * item.mass // bill.makes.mass
            item = bill.makes
        return quantity

    def kit_for(self, amount: int) -> list[tuple[Stock, Item, int]]:
        """What must lie ready for an order of ``amount``."""
        return [(stock, item, -(-quantity * amount // per)) for stock, item, quantity, per in self.kit]
