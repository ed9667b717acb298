"""How what flows out of a vessel depends on what flowed in: perfectly mixed, in order, last in first out, in series.

Every law conserves quantities exactly. In contact with a draw is whatever has been where it was drawn from since the
last effective clean: of a mixed vessel, of tanks in series and of one that is filled and drawn at its top that is
everything that came in; at the far end of a pipe it is only what has come as far.
"""

from __future__ import annotations

from collections import deque
from math import comb
from typing import Literal, Protocol, TypeAlias

from twin.material import Drawn, MixedVessel, Portion, Surface

Mixing: TypeAlias = Literal["mixed", "plug", "lifo", "series"]


class Content(Protocol):
    """What is in a vessel, by one law."""

    quantity: int
    surface: Surface

    def fill(self, portion: Portion, quantity: int) -> None:
        """Put ``quantity`` of ``portion`` in."""

    def draw(self, quantity: int) -> Drawn:
        """Take ``quantity`` out, at most what is in."""

    def shares(self) -> dict[Portion, float]:
        """The share of each portion in what is in the vessel; empty where nothing is."""


def content(mixing: Mixing, tanks: int = 1) -> Content:
    """An empty vessel of the law ``mixing``; ``tanks`` for those in series."""
    match mixing:
        case "mixed":
            return MixedVessel()
        case "plug":
            return PlugVessel()
        case "lifo":
            return LifoVessel()
        case "series":
            return SeriesVessel(tanks)


class _Slices:
    """Content that keeps apart: slices of one portion each, in the order in which they came."""

    def __init__(self) -> None:
        self.quantity = 0
        self.surface = Surface()
        self._slices: deque[tuple[Portion, int]] = deque()

    def _add(self, portion: Portion, quantity: int) -> None:
        assert quantity > 0, f"a vessel is filled with more than nothing, got {quantity}"
        if self._slices and self._slices[-1][0] is portion:
            quantity += self._slices.pop()[1]
        self._slices.append((portion, quantity))

    def _take(self, quantity: int, *, newest: bool) -> dict[Portion, int]:
        assert 0 < quantity <= self.quantity, f"a draw takes 1 to {self.quantity}, got {quantity}"
        taken: dict[Portion, int] = {}
        left = quantity
        while left:
            portion, there = self._slices.pop() if newest else self._slices.popleft()
            part = min(left, there)
            left -= part
            taken[portion] = taken.get(portion, 0) + part
            if part < there:
                (self._slices.append if newest else self._slices.appendleft)((portion, there - part))
        self.quantity -= quantity
        return taken

    def shares(self) -> dict[Portion, float]:
        """The share of each portion in what is in the vessel; empty where nothing is."""
        amounts: dict[Portion, int] = {}
        for portion, there in self._slices:
            amounts[portion] = amounts.get(portion, 0) + there
        return {portion: amount / self.quantity for portion, amount in amounts.items()}


class PlugVessel(_Slices):
    """First in, first out, nothing overtakes: pipes, ovens with a belt, silos with mass flow."""

    def fill(self, portion: Portion, quantity: int) -> None:
        """Put ``quantity`` of ``portion`` in, behind what is there."""
        self._add(portion, quantity)
        self.quantity += quantity

    def draw(self, quantity: int) -> Drawn:
        """Take the oldest ``quantity`` out; in contact with it is what has come as far as the outlet."""
        taken = self._take(quantity, newest=False)
        self.surface.touch(taken)
        shares = {portion: part / quantity for portion, part in taken.items()}
        return Drawn(quantity, shares, self.surface.contacts)


class LifoVessel(_Slices):
    """Last in, first out: heaps, bins and bunkers that are filled and drawn at the top."""

    def fill(self, portion: Portion, quantity: int) -> None:
        """Put ``quantity`` of ``portion`` on top."""
        self._add(portion, quantity)
        self.surface.touch((portion,))
        self.quantity += quantity

    def draw(self, quantity: int) -> Drawn:
        """Take the newest ``quantity`` out; all that came in came by the place it leaves by."""
        taken = self._take(quantity, newest=True)
        shares = {portion: part / quantity for portion, part in taken.items()}
        return Drawn(quantity, shares, self.surface.contacts)


class SeriesVessel:
    """``tanks`` equal mixed tanks, filled at the first and drawn at the last, whose levels rise and fall together.

    Exact for flow that is steady within one filling or drawing. Drawn down to the share r of its content, what is in
    tank j goes on to tank k as in a pure birth process: C(k-1, j-1) r^j (1-r)^(k-j). Filled from the share r up, the
    levels of the tanks behind rise by what the ones before give on: C(n-j, k-j) (1-r)^(k-j) r^(n-k).
    """

    def __init__(self, tanks: int) -> None:
        assert tanks >= 1, f"a series has one tank or more, got {tanks}"
        self.quantity = 0
        self.surface = Surface()
        self._tanks = tanks
        self._amounts: dict[Portion, list[float]] = {}

    def fill(self, portion: Portion, quantity: int) -> None:
        """Put ``quantity`` of ``portion`` into the first tank, while each gives on to the next."""
        assert quantity > 0, f"a vessel is filled with more than nothing, got {quantity}"
        count = self._tanks
        ratio = self.quantity / (self.quantity + quantity)
        self.quantity += quantity
        self._amounts = {old: self._moved(amounts, ratio, is_filled=True) for old, amounts in self._amounts.items()}
        level = self.quantity / count
        new = [max(0.0, level - sum(old[tank] for old in self._amounts.values())) for tank in range(count)]
        scale = quantity / sum(new)
        known = self._amounts.get(portion, [0.0] * count)
        self._amounts[portion] = [old + amount * scale for old, amount in zip(known, new, strict=True)]
        self.surface.touch((portion,))

    def draw(self, quantity: int) -> Drawn:
        """Take ``quantity`` out of the last tank, while each gives on to the next."""
        assert 0 < quantity <= self.quantity, f"a draw takes 1 to {self.quantity}, got {quantity}"
        ratio = (self.quantity - quantity) / self.quantity
        before = {portion: sum(amounts) for portion, amounts in self._amounts.items()}
        left = {portion: self._moved(amounts, ratio, is_filled=False) for portion, amounts in self._amounts.items()}
        gone = {portion: max(0.0, amount - sum(left[portion])) for portion, amount in before.items()}
        total = sum(gone.values())
        self.quantity -= quantity
        self._amounts = left if self.quantity else {}
        return Drawn(quantity, {portion: amount / total for portion, amount in gone.items()}, self.surface.contacts)

    def shares(self) -> dict[Portion, float]:
        """The share of each portion in all tanks together; empty where nothing is."""
        total = sum(map(sum, self._amounts.values()))
        return {portion: sum(amounts) / total for portion, amounts in self._amounts.items()} if total else {}

    def _moved(self, amounts: list[float], ratio: float, *, is_filled: bool) -> list[float]:
        """What each tank holds of a portion after a filling or a drawing."""
        count, moved = self._tanks, [0.0] * self._tanks
        for source, amount in enumerate(amounts, 1):
            if not amount:
                continue
            for target in range(source, count + 1):
                step = target - source
                if is_filled:
                    share = comb(count - source, step) * (1.0 - ratio) ** step * ratio ** (count - target)
                else:
                    share = comb(target - 1, source - 1) * ratio**source * (1.0 - ratio) ** step
                moved[target - 1] += amount * share
        return moved
