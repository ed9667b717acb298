"""Times as they vary: a declared law and a named stream make a sampler of seconds."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np

from plant_models.work import LawSpec
from trace_core.errors import BadInput
from twin.streams import CHUNK, Draws, Stream

CUT_ROUNDS = 1000
"""Chunks drawn at most until one number lies within the ends that cut a normal law: below 1 in 256,000 is no law."""


class Law:
    """Draws seconds by ``spec`` from ``stream``, a chunk at a time: call it for the next time.

    ``times`` are those drawn and not yet given, the next one last; a station takes from it without a call. Streams
    give the same numbers whether drawn one by one or in chunks, so a law of its own stream is not shifted by others.
    """

    __slots__ = ("_stream", "spec", "times")

    def __init__(self, spec: LawSpec, stream: Stream) -> None:
        self.spec = spec
        self._stream = stream
        self.times: list[float] = []

    def __call__(self) -> float:
        """The next time."""
        times = self.times
        if not times:
            times.extend(_draw(self.spec, self._stream)[::-1].tolist())
        return times.pop()


class Recorded:
    """Gives ``times`` in their order: recorded or handed over from elsewhere; asked for one more it fails."""

    __slots__ = ("times",)

    def __init__(self, times: list[float]) -> None:
        self.times = times[::-1]

    def __call__(self) -> float:
        """The next time."""
        if not self.times:
            raise BadInput("as many recorded times as operations", "none left", "Recorded")
        return self.times.pop()


def sampler(law: LawSpec, stream: Stream) -> Law:
    """A sampler of ``law`` that draws from ``stream``; BadInput where its ends leave nothing to draw."""
    least, most = _ends(law)
    if not least <= most:
        raise BadInput("least at most most", (least, most), f"law {law.law}")
    if law.law == "triangular" and not least <= law.mean <= most:
        raise BadInput("a mean between least and most", law.mean, "law triangular")
    return Law(law, stream)


def fixed(seconds: float) -> LawSpec:
    """Always so long."""
    return _law("fixed", mean=seconds)


def exponential(mean: float) -> LawSpec:
    """Exponentially distributed with ``mean`` seconds."""
    return _law("exponential", mean=mean)


def erlang(mean: float, phases: int) -> LawSpec:
    """The sum of ``phases`` exponential times, ``mean`` seconds together."""
    return _law("erlang", mean=mean, phases=phases)


def lognormal(mean: float, cv: float) -> LawSpec:
    """Lognormal with ``mean`` seconds and a standard deviation of ``cv`` times the mean."""
    return _law("lognormal", mean=mean, cv=cv)


def uniform(least: float, most: float) -> LawSpec:
    """Evenly between ``least`` and ``most`` seconds."""
    return _law("uniform", mean=(least + most) / 2, least=least, most=most)


def triangular(least: float, mode: float, most: float) -> LawSpec:
    """Between ``least`` and ``most`` seconds, most often near ``mode``."""
    return _law("triangular", mean=mode, least=least, most=most)


def _law(law: str, **numbers: float) -> LawSpec:
    """A law of seconds as numbers, which a plant file writes as durations."""
    for name, number in numbers.items():
        if not (0 <= number < np.inf and (number > 0 or name in {"mean", "least"})):
            raise BadInput("a finite number of 0 or more", number, f"law {law}: {name}")
    declared: dict[str, Any] = {"law": law, **numbers}
    return LawSpec.model_construct(**declared)


def _ends(spec: LawSpec) -> tuple[float, float]:
    """Left out: 0 below; above as far from the mean as the other end, and no end for a normal law."""
    if spec.law == "normal":
        return spec.least or 0.0, np.inf if spec.most is None else spec.most
    if spec.least is None and spec.most is None:
        return 0.0, 2 * spec.mean
    least = max(0.0, 2 * spec.mean - (spec.most or 0.0)) if spec.least is None else spec.least
    return least, 2 * spec.mean - least if spec.most is None else spec.most


def _draw(spec: LawSpec, stream: Stream) -> Draws:
    """A chunk of times."""
    if spec.law == "fixed":
        return np.full(CHUNK, spec.mean)
    if spec.law == "exponential":
        return spec.mean * stream.exponentials(CHUNK)
    if spec.law == "erlang":
        phases = stream.exponentials(CHUNK * spec.phases).reshape(CHUNK, spec.phases)
        return np.asarray(phases.sum(axis=1)) * (spec.mean / spec.phases)
    if spec.law == "lognormal":
        variance = log(1 + spec.cv**2)
        scale = spec.mean / sqrt(1 + spec.cv**2)
        return scale * np.exp(sqrt(variance) * stream.normals(CHUNK))
    if spec.law == "normal":
        return _cut_normal(spec, stream)
    return _between(spec, stream.uniforms(CHUNK))


def _cut_normal(spec: LawSpec, stream: Stream) -> Draws:
    least, most = _ends(spec)
    for _ in range(CUT_ROUNDS):
        drawn = spec.mean + spec.cv * spec.mean * stream.normals(CHUNK)
        within: Draws = drawn[(drawn >= least) & (drawn <= most)]
        if within.size:
            return within
    raise BadInput("ends that leave something of a normal law", (least, most), "law normal")


def _between(spec: LawSpec, draws: Draws) -> Draws:
    least, most = _ends(spec)
    if spec.law == "uniform" or least == most:
        return least + (most - least) * draws
    mode, span = spec.mean, most - least
    low = draws < (mode - least) / span
    up = least + np.sqrt(draws * span * (mode - least))
    down = most - np.sqrt((1 - draws) * span * (most - mode))
    return np.where(low, up, down)
