"""Bills of materials: how much of everything goes into, and comes out of, what an operation makes."""

from __future__ import annotations

from dataclasses import dataclass

from plant_models.work import Input, Operation
from twin.floor import Floor
from twin.material import Item


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """An input: ``quantity`` quanta of it for the bill's ``amount``; 0 where it fills up what the others leave open."""

    item: Item
    quantity: int
    spec: Input
    instead: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Bill:
    """What an operation makes: so much of each need, by-product and loss (in quanta of mass) for ``amount``."""

    makes: Item
    amount: int
    needs: tuple[Need, ...]
    also: tuple[tuple[Item, int], ...] = ()
    loses: int = 0

    def carried(self, item: Item | None) -> Need | None:
        """The need that a load of ``item`` meets, by itself or in place of another."""
        exact = next((need for need in self.needs if need.item is item), None)
        return exact or next((need for need in self.needs if item in need.instead), None)

    def of(self, quantity: int, made: int) -> int:
        """What ``quantity`` for ``amount`` is for ``made``, to the nearest quantum."""
        return (2 * quantity * made + self.amount) // (2 * self.amount)

    def made_of(self, need: Need, quantity: int) -> int:
        """How much comes of ``quantity`` of ``need``, in whole quanta."""
        return (
            quantity * self.amount // need.quantity if need.quantity else quantity * need.item.mass // self.makes.mass
        )

    def fill(self, made: int, mass_of_others: int, item: Item) -> int:
        """How much of ``item`` fills up ``made`` where the other inputs weigh so much."""
        out = made * self.makes.mass + self.of(self.loses, made)
        out += sum(self.of(quantity, made) * other.mass for other, quantity in self.also)
        return max(0, (out - mass_of_others) // item.mass)


def bill_of(floor: Floor, operation: Operation) -> Bill | None:
    """The bill of ``operation``; None where it makes nothing."""
    if operation.makes is None or operation.amount is None:
        return None
    needs = tuple(
        Need(
            floor.items[name],
            0 if one.quantity is None else floor.quanta(one.quantity),
            one,
            tuple(floor.items[other] for other in one.instead),
        )
        for name, one in operation.inputs.items()
    )
    return Bill(
        floor.items[operation.makes],
        floor.quanta(operation.amount),
        needs,
        tuple((floor.items[name], floor.quanta(amount)) for name, amount in operation.also_makes.items()),
        0 if operation.loses is None else floor.quanta(operation.loses),
    )
