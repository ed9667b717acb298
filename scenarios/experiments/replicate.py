"""One replication of one arm, as a pure task: it needs nothing but what it is given, so any process can do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from scenarios.experiments.lines import LineModel, measure_line
from scenarios.experiments.series import Series, bucketed
from scenarios.score import chain_scores

if TYPE_CHECKING:
    from plant_models import PlantSpec
    from trace_core.capture.records import Report
    from trace_core.core import TraceCore
    from twin.simulation import TwinRun


@dataclass(frozen=True, slots=True)
class Task:
    """A replication to be made: which arm of which experiment, with which luck, and what is measured."""

    arm: int
    replication: int
    plant: str
    line: str
    faults: str
    finished: str
    seed: int
    until_s: float
    bucket_s: float
    responses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a task came to."""

    arm: int
    replication: int
    responses: dict[str, Series]


def measure(task: Task) -> Measured:
    """Do ``task``: all arms of one replication have the same seed and so, stream by stream, the same luck."""
    if task.line:
        model = LineModel.model_validate_json(task.line)
        found = measure_line(model, task.responses, task.seed, task.replication, task.until_s, task.bucket_s)
    else:
        found = _measure_plant(task)
    return Measured(task.arm, task.replication, found)


def _measure_plant(task: Task) -> dict[str, Series]:
    from pydantic import TypeAdapter

    from plant_models import load
    from scenarios.declared_fault import DeclaredFault
    from scenarios.faults import to_faults
    from twin.simulation import simulate

    spec = load(task.plant, "arm")
    declared = TypeAdapter(tuple[DeclaredFault, ...]).validate_json(task.faults)
    seen = _Seen(spec if "whole_chain" in task.responses else None)
    until = timedelta(seconds=task.until_s)
    run = simulate(spec, task.seed, until, to_faults(declared), seen.deliver, replication=task.replication)
    measures = {"whole_chain": _whole_chain, "recorded_scans": _recorded_scans, "made": _made}
    return {response: measures[response](task, run, seen) for response in task.responses}


class _Seen:
    """What was reported: into a core where one is to be asked, and counted."""

    def __init__(self, spec: PlantSpec | None) -> None:
        self.core: TraceCore | None = None
        self._set_clock: Callable[[datetime], object] | None = None
        if spec is not None:
            self.core, self._set_clock = _core_for(spec)
        self.scans: list[datetime] = []

    def deliver(self, report: Report, arrives: datetime) -> None:
        """Take in one report."""
        from trace_core.capture.records import DeviceRecord, RecordType

        if isinstance(report, DeviceRecord) and report.type is RecordType.CONSUME and report.time is not None:
            self.scans.append(report.time)
        if self.core is not None and self._set_clock is not None:
            self._set_clock(arrives)
            self.core.capture(report)


def _core_for(spec: PlantSpec) -> tuple[TraceCore, Callable[[datetime], object]]:
    from plant_models import masterdata_of, profile_of
    from trace_core.core import TraceCore
    from trace_core.log import MemoryLog
    from trace_core.vocabulary.clock import SetClock

    clock = SetClock(spec.start)
    core = TraceCore(MemoryLog(clock), clock, rules=profile_of(spec).rules())
    core.append_masterdata(masterdata_of(spec), source=spec.plant)
    return core, clock.set


def _whole_chain(task: Task, run: TwinRun, seen: _Seen) -> Series:
    """The share of finished units whose whole chain, back to every receipt, is in what the core answers."""
    assert seen.core is not None
    scores = chain_scores(run.truth, task.finished, seen.core)
    return _ratio(
        task,
        [one.made_s for one in scores],
        [float(one.units * one.is_whole) for one in scores],
        [float(one.units) for one in scores],
    )


def _recorded_scans(task: Task, run: TwinRun, seen: _Seen) -> Series:
    """The share of uses of material that were recorded: what the scan rate really was."""
    missed = [(one.time - run.start).total_seconds() for one in run.labels if _is_missed_scan(one)]
    recorded = [(time - run.start).total_seconds() for time in seen.scans]
    got = [1.0] * len(recorded) + [0.0] * len(missed)
    return _ratio(task, recorded + missed, got, [1.0] * len(got))


def _is_missed_scan(label: object) -> bool:
    return getattr(label, "kind", "") == "missed" and getattr(label, "record", "") == "CONSUME"


def _made(task: Task, run: TwinRun, seen: _Seen) -> Series:
    """Finished units an hour."""
    from twin.ancestry import made_units

    made = list(made_units(run.truth, task.finished))
    times, units = np.array([one.made_s for one in made]), np.array([float(one.units) for one in made])
    found = bucketed(times, units, task.until_s, task.bucket_s)
    return Series(found.sums * 3600.0, found.lengths, task.bucket_s)


def _ratio(task: Task, times_s: list[float], values: list[float], weights: list[float]) -> Series:
    times = np.array(times_s)
    sums = bucketed(times, np.array(values), task.until_s, task.bucket_s).sums
    return Series(sums, bucketed(times, np.array(weights), task.until_s, task.bucket_s).sums, task.bucket_s)
