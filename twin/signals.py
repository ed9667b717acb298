"""Process values as they vary: a mean, noise, drift since the last set-up, and excursions out of the limits.

The value at any moment can be told without all those before it: noise comes in blocks, each from a stream of its own.
Excursions happen on the plant's clock and are written to the truth when they begin.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from plant_models.work import Signal as SignalSpec
from twin.draws import struck
from twin.floor import Floor
from twin.inspecting import mark
from twin.laws import sampler
from twin.streams import Stream

Values: TypeAlias = npt.NDArray[np.float64]

BLOCK = 1024
"""Samples of noise made at once."""

KEPT = 4
"""Blocks kept: what is asked about lies within the time a load takes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a signal did while something dwelt: mean of its values, the least, the most, how long beyond its limits."""

    mean: float
    low: float
    high: float
    outside_s: float


class Signal:
    """One declared signal; a sample holds until the next."""

    def __init__(self, floor: Floor, name: str, number: int, spec: SignalSpec) -> None:
        self.name = name
        self.spec = spec
        self.number = number
        self.luck = floor.stream(f"signal/{name}/hits")
        self._floor = floor
        self._blocks: dict[int, Values] = {}
        self._set_ups = [0.0]
        self._begins: list[float] = []
        self._ends: list[float] = []
        if spec.excursion is not None:
            self._every = sampler(spec.excursion.every, floor.stream(f"signal/{name}/every"))
            self._lasts = sampler(spec.excursion.lasts, floor.stream(f"signal/{name}/lasts"))
            floor.kernel.call_in(self._every(), partial(self._begin, spec.excursion.by))

    def set_up(self) -> None:
        """The station was set up anew: drift begins again."""
        self._set_ups.append(self._floor.now)

    def at(self, moment_s: float) -> float:
        """The value at a moment up to now."""
        return self.seen(moment_s, moment_s).mean

    def seen(self, begin_s: float, end_s: float) -> Seen:
        """What the signal did from ``begin_s`` to ``end_s``, both up to now. Excursions count to the second."""
        every = self.spec.every
        first = int(begin_s // every)
        last = max(first, -int(-end_s // every) - 1)
        starts: Values = np.arange(first, last + 1, dtype=np.float64) * every
        values = self._values(starts, first)
        excursions = list(self._excursions(begin_s, end_s))
        if excursions and self.spec.excursion is not None:
            edges = [edge for pair in excursions for edge in pair if begin_s < edge < end_s]
            sampled, starts = starts, np.union1d(np.maximum(starts, begin_s), edges)
            values = values[np.searchsorted(sampled, starts, side="right") - 1]
            for begun_s, ended_s in excursions:
                values[(starts >= begun_s) & (starts < ended_s)] += self.spec.excursion.by
        lasted = np.diff(np.append(np.maximum(starts, begin_s), max(end_s, begin_s)))
        return Seen(float(values.mean()), float(values.min()), float(values.max()), self._outside_s(values, lasted))

    def _outside_s(self, values: Values, lasted: Values) -> float:
        if self.spec.limits is None:
            return 0.0
        low, high = self.spec.limits
        return float(lasted[(values < low) | (values > high)].sum())

    def _values(self, times: Values, first: int) -> Values:
        """The samples taken at ``times``, the first of which has the number ``first``; excursions apart."""
        spec = self.spec
        values = spec.mean + spec.sd * self._noise(first, len(times))
        if spec.drift_an_hour:
            begun = [self._set_ups[bisect_right(self._set_ups, time) - 1] for time in times.tolist()]
            values += spec.drift_an_hour / 3600.0 * (times - np.array(begun))
        return values

    def _noise(self, first: int, count: int) -> Values:
        parts = []
        while count:
            number, start = divmod(first, BLOCK)
            part = self._block(number)[start : start + count]
            parts.append(part)
            first, count = first + len(part), count - len(part)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _block(self, number: int) -> Values:
        block = self._blocks.get(number)
        if block is None:
            streams = self._floor.streams
            block = Stream(streams.seed, streams.replication, f"signal/{self.name}/{number}").normals(BLOCK)
            while len(self._blocks) >= KEPT:
                del self._blocks[next(iter(self._blocks))]
            self._blocks[number] = block
        return block

    def _excursions(self, begin_s: float, end_s: float) -> Iterator[tuple[float, float]]:
        """Those that touch a time; they do not overlap, so only the last begun before it may last into it."""
        place = max(0, bisect_right(self._begins, begin_s) - 1)
        while place < len(self._begins) and self._begins[place] <= end_s:
            if self._ends[place] > begin_s:
                yield self._begins[place], self._ends[place]
            place += 1

    def _begin(self, by: float) -> None:
        floor, lasts = self._floor, self._lasts()
        self._begins.append(floor.now)
        self._ends.append(floor.now + lasts)
        floor.ledger.excursion(self.number, floor.now + lasts, by)
        floor.kernel.call_in(lasts + self._every(), partial(self._begin, by))


class Signals:
    """All signals of a plant, by station."""

    def __init__(self, floor: Floor, bits: Mapping[str, int]) -> None:
        self._bits = bits
        self._signals = {
            name: Signal(floor, name, number, spec) for number, (name, spec) in enumerate(floor.spec.signals.items())
        }
        self._at: dict[str, list[Signal]] = {}
        for signal in self._signals.values():
            self._at.setdefault(signal.spec.station, []).append(signal)

    def at(self, station: str) -> list[Signal]:
        """The signals of ``station``."""
        return self._at.get(station, [])

    def seen(self, name: str, begin_s: float, end_s: float) -> Seen:
        """What the signal ``name`` did in a time up to now."""
        return self._signals[name].seen(begin_s, end_s)

    def set_up(self, station: str) -> None:
        """``station`` was set up anew."""
        for signal in self.at(station):
            signal.set_up()

    def passed(self, station: str, begin_s: float, end_s: float, count: int, flaws: dict[int, int]) -> None:
        """``count`` units dwelt in ``station``: where a signal was out of its limits they get its defect, by chance."""
        for signal in self.at(station):
            spec = signal.spec
            if spec.defect is not None and signal.seen(begin_s, end_s).outside_s > 0.0:
                mark(flaws, struck(signal.luck, count, spec.chance), self._bits[spec.defect])
