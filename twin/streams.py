"""Named random streams: what one name draws never depends on who else draws, or on which names exist.

Each stream has its own generators, seeded by ``SeedSequence(seed, spawn_key=(replication, words of sha256(name)))`` and
drawn in chunks, one generator per law, so that laws do not shift each other either.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from numpy.random import Generator, Philox, SeedSequence

CHUNK = 256
"""Draws made at once: 20 times cheaper than one by one, and a stream of few draws wastes 10 us."""

Draws: TypeAlias = npt.NDArray[np.float64]

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
    """One sequence of random numbers for each law. A deep copy goes on from where the original stands."""

    __slots__ = ("_exponential", "_exponentials", "_normal", "_normals", "_uniform", "_uniforms", "name")

    def __init__(self, seed: int, replication: int, name: str) -> None:
        digest = hashlib.sha256(name.encode()).digest()
        words = tuple(int.from_bytes(digest[place : place + 4], "little") for place in range(0, 32, 4))
        uniform, normal, exponential = SeedSequence(seed, spawn_key=(replication, *words)).spawn(3)
        self.name = name
        self._uniform = Generator(Philox(uniform))
        self._normal = Generator(Philox(normal))
        self._exponential = Generator(Philox(exponential))
        self._uniforms: list[float] = []
        self._normals: list[float] = []
        self._exponentials: list[float] = []

    def uniform(self) -> float:
        """From 0 to below 1."""
        left = self._uniforms
        return left.pop() if left else _first_of(left, self._uniform.random(CHUNK))

    def chance(self, probability: float) -> bool:
        """True with ``probability``; draws one number in any case."""
        return self.uniform() < probability

    def normal(self, mean: float, sd: float) -> float:
        """Normally distributed."""
        left = self._normals
        return mean + sd * (left.pop() if left else _first_of(left, self._normal.standard_normal(CHUNK)))

    def exponential(self, mean: float) -> float:
        """Exponentially distributed."""
        left = self._exponentials
        return mean * (left.pop() if left else _first_of(left, self._exponential.standard_exponential(CHUNK)))

    def uniforms(self, count: int) -> Draws:
        """The next ``count`` numbers from 0 to below 1: the same as drawn one by one."""
        return _several(self._uniforms, self._uniform.random, count)

    def normals(self, count: int) -> Draws:
        """The next ``count`` standard normal numbers: the same as drawn one by one."""
        return _several(self._normals, self._normal.standard_normal, count)

    def exponentials(self, count: int) -> Draws:
        """The next ``count`` exponential numbers of mean 1: the same as drawn one by one."""
        return _several(self._exponentials, self._exponential.standard_exponential, count)

    def below(self, limit: int) -> int:
        """A whole number from 0 to below ``limit``."""
        return int(self.uniform() * limit)

    def choice(self, options: Sequence[_Choice], weights: Sequence[float] = ()) -> _Choice:
        """One of ``options``, evenly or by ``weights``."""
        if not weights:
            return options[self.below(len(options))]
        left = self.uniform() * math.fsum(weights)
        for option, weight in zip(options, weights, strict=True):
            left -= weight
            if left < 0:
                return option
        return options[-1]

    def poisson(self, mean: float) -> int:
        """Poisson distributed: arrivals of rate 1 within ``mean``."""
        count, passed = 0, self.exponential(1.0)
        while passed <= mean:
            count, passed = count + 1, passed + self.exponential(1.0)
        return count


def _first_of(left: list[float], chunk: Draws) -> float:
    left.extend(chunk[::-1].tolist())
    return left.pop()


def _several(left: list[float], draw: Callable[[int], Draws], count: int) -> Draws:
    kept = left[: -count - 1 : -1]
    del left[len(left) - len(kept) :]
    return np.concatenate((kept, draw(count - len(kept))))
