"""How far material got: the links of a truth as a graph, swept forward for contact and for shares by mass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy

from twin.npz import Array


class Links:
    """What each portion was made of. Portions never go into themselves, by whatever way round."""

    def __init__(self, made: Array, used: Array, mass: Array) -> None:
        self._uses: dict[int, list[tuple[int, float]]] = {}
        self._masses: dict[int, float] = {}
        for one, other, amount in zip(made.tolist(), used.tolist(), mass.tolist(), strict=True):
            self._uses.setdefault(other, []).append((one, amount))
            self._masses[one] = self._masses.get(one, 0.0) + amount

    def with_use(self, used: int, uses: Iterable[tuple[int, float]]) -> Links:
        """These links, and ``used``, a part of what is in them already, named by itself: it is in so much of others."""
        other = copy(self)
        other._uses = self._uses | {used: list(uses)}  # noqa: SLF001 - the copy is this class's
        return other

    def reached(self, portions: Iterable[int], *, by_mass_only: bool = False) -> set[int]:
        """The portions that any of ``portions`` got into, themselves included.

        Contact without mass (residue on equipment) counts unless ``by_mass_only``.
        """
        reached = set(portions)
        ahead = list(reached)
        while ahead:
            for made, mass in self._uses.get(ahead.pop(), ()):
                if made not in reached and (mass > 0.0 or not by_mass_only):
                    reached.add(made)
                    ahead.append(made)
        return reached

    def shares(self, portions: Iterable[int]) -> dict[int, float]:
        """The share by mass of ``portions`` in every portion that has any; 1 in themselves."""
        suspects = set(portions)
        shares = dict.fromkeys(suspects, 1.0)
        amounts: dict[int, float] = {}
        for portion in self._in_order(self.reached(suspects, by_mass_only=True)):
            if portion not in suspects:
                shares[portion] = min(1.0, amounts[portion] / self._masses[portion])
            for made, mass in self._uses.get(portion, ()):
                amounts[made] = amounts.get(made, 0.0) + mass * shares[portion]
        return shares

    def _in_order(self, reached: set[int]) -> Iterator[int]:
        """``reached`` with everything after all that went into it (Kahn)."""
        waiting = dict.fromkeys(reached, 0)
        for portion in reached:
            for made, mass in self._uses.get(portion, ()):
                waiting[made] = waiting.get(made, 0) + (mass > 0.0)
        free = sorted((portion for portion in reached if not waiting[portion]), reverse=True)
        passed = 0
        while free:
            portion = free.pop()
            passed += 1
            yield portion
            for made, mass in self._uses.get(portion, ()):
                waiting[made] -= mass > 0.0
                if mass > 0.0 and not waiting[made]:
                    free.append(made)
        assert passed == len(reached), "a portion went into itself"
