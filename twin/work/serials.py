"""Numbered units: ranges of a lot-code rule, and a text for one of them only where somebody reads its label."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache

from trace_core.lot_codes import Series
from twin.floor import Floor
from twin.material import Item, Portion
from twin.work.loads import Numbers
from twin.work.splitting import first_numbers


class Serials:
    """The numbers of all units, by the rows of the truth's table, and where those in stock lie."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._rules = list(floor.spec.lot_codes)
        self._rows: list[tuple[int, int]] = []
        self._shelves: dict[tuple[int, Portion], deque[Numbers]] = {}
        self._series = lru_cache(maxsize=1 << 8)(self._series_at)
        self._text = lru_cache(maxsize=1 << 14)(self._issue)

    def give(self, rule: str, portion: Portion, count: int) -> Numbers:
        """The next ``count`` numbers of ``rule``, for units of ``portion``."""
        now = self._floor.now
        first = self._floor.reserve(rule, count)
        return self._write(round(now * 1000), portion, first, count, self._rules.index(rule))

    def pass_on(self, portion: Portion, numbers: Iterable[Numbers]) -> list[Numbers]:
        """The same units, now of ``portion``."""
        return [
            self._write(self._rows[row][0], portion, first, count, self._rows[row][1]) for row, first, count in numbers
        ]

    def _write(self, time_ms: int, portion: Portion, first: int, count: int, rule: int) -> Numbers:
        row = self._floor.ledger.serials(time_ms, portion, first, count, rule)
        self._rows.append((time_ms, rule))
        return row, first, count

    def labels(self, numbers: Iterable[Numbers], item: Item) -> Iterator[str]:
        """What is printed on each of the units: a GS1 element string."""
        for row, first, count in numbers:
            time_ms, rule = self._rows[row]
            for number in range(first, first + count):
                yield f"(01){item.gtin}(21){self._text(time_ms, rule, number)}"

    def _issue(self, time_ms: int, rule: int, number: int) -> str:
        return self._series(time_ms, rule)(number)

    def _series_at(self, time_ms: int, rule: int) -> Series:
        return self._floor.series(self._rules[rule], time_ms / 1000)

    # ---- units in stock

    def put(self, place: int, portion: Portion, numbers: Iterable[Numbers]) -> None:
        """Units of ``portion`` come to lie at ``place``."""
        self._shelves.setdefault((place, portion), deque()).extend(numbers)

    def take(self, place: int, portion: Portion, count: int) -> list[Numbers]:
        """The first ``count`` of the units of ``portion`` at ``place``; none where they have no numbers."""
        shelf = self._shelves.get((place, portion))
        if not shelf:
            return []
        numbers = list(shelf)
        taken = first_numbers(numbers, min(count, sum(many for *_, many in numbers)))
        self._shelves[place, portion] = deque(numbers)
        return taken

    def move(self, source: int, target: int, portion: Portion, count: int) -> None:
        """The first ``count`` of the units of ``portion`` at ``source`` come to lie at ``target``."""
        if numbers := self.take(source, portion, count):
            self.put(target, portion, numbers)

    def at(self, place: int, portion: Portion) -> list[Numbers]:
        """The numbers of the units of ``portion`` at ``place``."""
        return list(self._shelves.get((place, portion), ()))

    def pick(self, place: int, portion: Portion, row: int, number: int) -> Numbers:
        """Take the one unit with this number off its shelf."""
        kept: deque[Numbers] = deque()
        for its_row, first, count in self._shelves[place, portion]:
            if its_row == row and first <= number < first + count:
                kept.extend(
                    (its_row, start, many)
                    for start, many in ((first, number - first), (number + 1, first + count - number - 1))
                    if many
                )
            else:
                kept.append((its_row, first, count))
        self._shelves[place, portion] = kept
        return row, number, 1
