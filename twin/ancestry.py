"""What each finished unit was really made of, back to what was received: the truth's links followed upward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twin.columns import NOTHING
from twin.ledger import Move
from twin.truth import Truth


@dataclass(frozen=True, slots=True)
class MadeUnits:
    """Units of one portion of a lot, finished ``made_s`` after the start; ``ancestors``: every lot that is in them."""

    lot: str
    made_s: float
    units: int
    ancestors: frozenset[str]


def made_units(truth: Truth, item: str) -> Iterator[MadeUnits]:
    """All units of ``item`` (its name in the plant file) that were put into stock or onto carriers, in that order."""
    number = truth.names.items.index(item)
    lot_of, items = truth.tables["portions"]["lot"], truth.tables["lots"]["item"]
    moves = truth.tables["moves"]
    finished = np.isin(moves["kind"], (Move.FINISH, Move.PACK)) & (moves["portion"] != NOTHING)
    ancestry = _Ancestry(truth)
    for row in np.flatnonzero(finished).tolist():
        portion = int(moves["portion"][row])
        if items[lot_of[portion]] == number:
            yield MadeUnits(
                truth.names.lots[lot_of[portion]],
                int(moves["time_ms"][row]) / 1000.0,
                int(moves["quantity"][row]),
                ancestry.lots(portion),
            )


class _Ancestry:
    """The lots in each portion, as the bits of a number: a portion is made before it is used, so one pass does."""

    def __init__(self, truth: Truth) -> None:
        self._names = truth.names.lots
        self._lot_of = truth.tables["portions"]["lot"].tolist()
        self._used: dict[int, list[int]] = {}
        links = truth.tables["links"]
        for made, used in zip(links["made"].tolist(), links["used"].tolist(), strict=True):
            self._used.setdefault(made, []).append(used)
        self._bits: dict[int, int] = {}

    def lots(self, portion: int) -> frozenset[str]:
        """The canonical ids of the lots in ``portion``, its own not among them unless it came round again."""
        bits = self._of(portion)
        return frozenset(self._names[lot] for lot in range(bits.bit_length()) if bits >> lot & 1)

    def _of(self, portion: int) -> int:
        """Depth first without recursion, as chains may be long."""
        ahead = [portion]
        while ahead:
            one = ahead[-1]
            if one in self._bits:
                ahead.pop()
                continue
            if missing := [used for used in self._used.get(one, ()) if used not in self._bits]:
                ahead.extend(missing)
                continue
            bits = 0
            for used in self._used.get(one, ()):
                bits |= self._bits[used] | 1 << self._lot_of[used]
            self._bits[one] = bits
            ahead.pop()
        return self._bits[portion]
