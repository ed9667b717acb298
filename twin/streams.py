"""Named random streams: what one name draws never depends on who else draws, or on which names exist.

Each stream has its own generators, seeded by ``SeedSequence(seed, spawn_key=(replication, words of sha256(name)))`` and
drawn in chunks, one generator per law, so that laws do not shift each other either.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.random import Generator, Philox, SeedSequence

CHUNK = 256
"""Draws made at once: 20 times cheaper than one by one, and a stream of few draws wastes 10 us."""

_Choice = TypeVar("_Choice")


class Streams:
    """All streams of one run."""

    def __init__(self, seed: int, replication: int = 0) -> None:
        self.seed = seed
        self.replication = replication
        self._streams: dict[str, Stream] = {}

    def named(self, name: str) -> Stream:
        """The stream of ``name``: the same object each time."""
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = Stream(self.seed, self.replication, name)
        return stream


class Stream:
    """One sequence of random numbers for each law."""

    def __init__(self, seed: int, replication: int, name: str) -> None:
        digest = hashlib.sha256(name.encode()).digest()
        words = tuple(int.from_bytes(digest[place : place + 4], "little") for place in range(0, 32, 4))
        uniform, normal, exponential = SeedSequence(seed, spawn_key=(replication, *words)).spawn(3)
        self.name = name
        self._uniform = _chunked(Generator(Philox(uniform)).random)
        self._normal = _chunked(Generator(Philox(normal)).standard_normal)
        self._exponential = _chunked(Generator(Philox(exponential)).standard_exponential)

    def uniform(self) -> float:
        """From 0 to below 1."""
        return self._uniform()

    def chance(self, probability: float) -> bool:
        """True with ``probability``; draws one number in any case."""
        return self._uniform() < probability

    def normal(self, mean: float, sd: float) -> float:
        """Normally distributed."""
        return mean + sd * self._normal()

    def exponential(self, mean: float) -> float:
        """Exponentially distributed."""
        return mean * self._exponential()

    def below(self, limit: int) -> int:
        """A whole number from 0 to below ``limit``."""
        return int(self._uniform() * limit)

    def choice(self, options: Sequence[_Choice], weights: Sequence[float] = ()) -> _Choice:
        """One of ``options``, evenly or by ``weights``."""
        if not weights:
            return options[self.below(len(options))]
        left = self._uniform() * math.fsum(weights)
        for option, weight in zip(options, weights, strict=True):
            left -= weight
            if left < 0:
                return option
        return options[-1]

    def poisson(self, mean: float) -> int:
        """Poisson distributed: arrivals of rate 1 within ``mean``."""
        count, passed = 0, self._exponential()
        while passed <= mean:
            count, passed = count + 1, passed + self._exponential()
        return count


def _chunked(draw: Callable[[int], np.ndarray]) -> Callable[[], float]:
    left: list[float] = []

    def next_one() -> float:
        if not left:
            left.extend(draw(CHUNK)[::-1].tolist())
        return left.pop()

    return next_one
