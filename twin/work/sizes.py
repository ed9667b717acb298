"""How big single units came out, where an operation declares that their sizes differ and another one pairs them."""

from __future__ import annotations

from twin.floor import Floor
from twin.work.loads import Load, Numbers


class Sizes:
    """The size of every unit made with a spread, as its distance from the middle."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._sizes: dict[tuple[int, int], float] = {}

    def give(self, operation: str, numbers: Numbers, sd: float) -> None:
        """The units ``numbers`` come out with a spread of ``sd``."""
        luck = self._floor.stream(f"work/{operation}/size")
        row, first, count = numbers
        for number in range(first, first + count):
            self._sizes[row, number] = luck.normal(0.0, sd)

    def pass_on(self, old: Numbers, new: Numbers) -> None:
        """The same units under another row."""
        for number in range(old[1], old[1] + old[2]):
            if (size := self._sizes.pop((old[0], number), None)) is not None:
                self._sizes[new[0], number] = size

    def get(self, row: int, number: int) -> float:
        """The size of one unit; 0 where none was given."""
        return self._sizes.get((row, number), 0.0)

    def of_load(self, load: Load) -> float:
        """The size of the first unit of ``load``."""
        return self.get(load.numbers[0][0], load.numbers[0][1]) if load.numbers else 0.0
