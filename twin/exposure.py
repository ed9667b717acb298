"""How long containers have stood open: the clock starts at the first opening and goes with the container, wherever."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from twin.material import Portion

if TYPE_CHECKING:
    from twin.kernel import Kernel


class Exposure:
    """The opened clocks of one run. Only items with an ``opened_life`` have any."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._opened_s: dict[Portion, float] = {}

    def open(self, portion: Portion) -> None:
        """``portion`` is opened or mounted now; the first time counts."""
        if portion.lot.item.opened_life_s != inf:
            self._opened_s.setdefault(portion, self._kernel.now)

    def is_open(self, portion: Portion) -> bool:
        """Whether it was opened before, where that matters for its item."""
        return portion in self._opened_s

    def expires_s(self, portion: Portion) -> float:
        """When it may no longer be used: its shelf life, or its opened life where that ends earlier."""
        opened_s = self._opened_s.get(portion)
        if opened_s is None:
            return portion.expires_s
        return min(portion.expires_s, opened_s + portion.lot.item.opened_life_s)
