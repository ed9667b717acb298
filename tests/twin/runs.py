"""Runs of plants, made once, for the tests that look at them."""

from __future__ import annotations

import functools
import pathlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from plant_models import PlantSpec, load, shipped
from trace_core.capture.records import DeviceRecord, Report
from twin import TwinRun, simulate

HERE = pathlib.Path(__file__).parent


@dataclass(frozen=True)
class Feared:
    """A hazard as truth reads it."""

    kind: str = "contact"
    threshold: float = 0.0


@dataclass(frozen=True)
class Watched:
    """A run with everything that was reported of it, in order of arrival."""

    spec: PlantSpec
    run: TwinRun
    reports: list[tuple[Report, datetime]]

    @property
    def records(self) -> list[DeviceRecord]:
        """The records of devices among the reports."""
        return [report for report, _ in self.reports if isinstance(report, DeviceRecord)]

    @property
    def slots(self) -> dict[tuple[str, int], str]:
        """The name of each slot by device and number."""
        return {
            (device, number): slot
            for device, declared in self.spec.devices.items()
            for slot, number in declared.slots.items()
        }


@functools.cache
def plant(name: str, *changes: tuple[str, str]) -> PlantSpec:
    """A shipped plant, or one of the tests' own, with pieces of its file replaced."""
    own = HERE / f"{name}.yaml"
    text = own.read_text("utf-8") if own.exists() else shipped(name)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return load(text, name)


@functools.cache
def watched(name: str, seed: int, hours: float, *changes: tuple[str, str]) -> Watched:
    """A run on clean capture, made once."""
    reports: list[tuple[Report, datetime]] = []
    spec = plant(name, *changes)
    run = simulate(spec, seed, timedelta(hours=hours), deliver=lambda *one: reports.append(one))
    return Watched(spec, run, reports)


def cleans(efficacy: float) -> tuple[str, str]:
    """The change after which every clean of a plant cleans with the chance ``efficacy``."""
    return "clean: {takes:", f"clean: {{efficacy: {efficacy}, takes:"
