"""Material as the plant holds it: lots, portions of them, and what has touched what.

A *portion* is an amount of one lot with one physical history: a received container, a batch, the units packed between
two changes of a supply. Which portions are in contact with a holding is a set, kept exactly and emptied only by an
effective clean; how much of each is in it is a share, which may be any float. The one is never read off the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An item as the engine counts it: whole numbers of ``quanta``, ``decimals`` behind the point of ``unit``.

    ``mass`` of one quantum is a whole number too, in quanta of the plant's mass unit, so that every balance is exact.
    There is one object for each item, lot and portion of a run: two are equal where they are the same.
    """

    index: int
    name: str
    gtin: str
    unit: str
    decimals: int
    mass: int
    shelf_life_s: float
    opened_life_s: float = inf
    thaws_s: float = 0.0
    needs_release: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Lot:
    """A quantity of one item treated as one. ``label`` is what LOT_ID carries, ``id`` the canonical identity.

    ``potency`` is how much of what is weighed is substance.
    """

    index: int
    item: Item
    code: str
    label: str
    id: str
    potency: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Portion:
    """An amount of one lot with one history; ``generation`` counts how often any of it came round as rework."""

    index: int
    lot: Lot
    made_s: float
    expires_s: float = inf
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """What left a mixed holding: ``quantity`` in all, the share of each portion, and every portion in contact."""

    quantity: int
    shares: dict[Portion, float]
    contacts: tuple[Portion, ...]


@dataclass(slots=True)
class Surface:
    """Equipment that material touches: what touched it stays in contact until an effective clean."""

    _present: dict[Portion, None] = field(default_factory=dict)

    @property
    def contacts(self) -> tuple[Portion, ...]:
        """All that is in contact, in the order in which it first came."""
        return tuple(self._present)

    def touch(self, portions: Iterable[Portion]) -> None:
        """Bring ``portions`` into contact."""
        self._present.update(dict.fromkeys(portions))

    def clean(self, effective: bool) -> None:
        """Clean; what does not clean effectively leaves every contact."""
        if effective:
            self._present.clear()


@dataclass(slots=True)
class InHand:
    """What a station or vehicle has in hand: its place in the ledger, and the mass it counts for itself."""

    place: int
    mass: int = 0

    def add(self, portion_or_item: Portion | Item, quantity: int) -> None:
        """Take ``quantity`` in; a negative one gives it out."""
        item = portion_or_item.lot.item if isinstance(portion_or_item, Portion) else portion_or_item
        self.mass += quantity * item.mass
        assert self.mass >= 0, f"nobody gives out more than is in hand, got {self.mass} of {item.name}"


class MixedVessel:
    """A perfectly mixed vessel: every draw has the composition of the whole.

    >>> v = MixedVessel(); a, b = Portion(0, _LOT, 0.0), Portion(1, _LOT, 0.0)
    >>> v.fill(a, 100); v.fill(b, 300)
    >>> v.draw(200).shares[a], v.quantity
    (0.25, 200)
    """

    def __init__(self) -> None:
        self.quantity = 0
        self.surface = Surface()
        self._amounts: dict[Portion, float] = {}

    def fill(self, portion: Portion, quantity: int) -> None:
        """Put ``quantity`` of ``portion`` in."""
        assert quantity > 0, f"a vessel is filled with more than nothing, got {quantity}"
        self.surface.touch((portion,))
        self._amounts[portion] = self._amounts.get(portion, 0.0) + quantity
        self.quantity += quantity

    def shares(self) -> dict[Portion, float]:
        """The share of each portion in what is in the vessel; empty where nothing is."""
        if not self.quantity:
            return {}
        return {portion: amount / self.quantity for portion, amount in self._amounts.items()}

    def draw(self, quantity: int) -> Drawn:
        """Take ``quantity`` out; contacts stay, as no drawing makes a wall clean."""
        assert 0 < quantity <= self.quantity, f"a draw takes 1 to {self.quantity}, got {quantity}"
        drawn = Drawn(quantity, self.shares(), self.surface.contacts)
        self.quantity -= quantity
        left = self.quantity / (self.quantity + quantity)
        self._amounts = {portion: amount * left for portion, amount in self._amounts.items()} if left else {}
        return drawn


_LOT = Lot(0, Item(0, "item", "09521001000009", "kg", 3, 1, inf), "L", "L", "L")
