"""An experiment run: every arm in every replication, on all cores, with the same luck for all arms of a replication."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.declared import format_duration
from scenarios.experiments.arm_results import NO_MATTER, ArmResult, Held, arm_document
from scenarios.experiments.arms import Arm, arms_of
from scenarios.experiments.figures import figures
from scenarios.experiments.replicate import Measured, Task, measure
from scenarios.experiments.series import Series
from scenarios.experiments.spec import Experiment, Law
from scenarios.experiments.statistics import LEVEL, batch_means, interval, mser, paired, welch
from trace_core.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "tracetwin/experiment/1"

Progress = Callable[[int, int], object]
"""Told how many of all replications are done."""


@dataclass(frozen=True, slots=True)
class Result:
    """What an experiment came to. ``warm_up_s`` was cut off the front of every run."""

    experiment: Experiment
    warm_up_s: float
    arms: tuple[ArmResult, ...]

    def to_dict(self) -> dict[str, Any]:
        """The document ``tracetwin experiment --json`` prints."""
        declared = self.experiment
        return {
            "schema": SCHEMA,
            "experiment": declared.experiment,
            "title": declared.title,
            "seed": declared.seed,
            "replications": declared.replications,
            "until": format_duration(declared.until),
            "warm_up_s": self.warm_up_s,
            "level": LEVEL,
            "responses": list(declared.responses),
            "baseline": declared.baseline,
            "law": None if declared.law is None else declared.law.model_dump(),
            "arms": [arm_document(one) for one in self.arms],
            "parts": [one.arm.name for one in self.arms if one.law is not None and one.law.parts],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row for each arm, replication and response, as a pandas frame."""
        import pandas as pd

        rows = [
            {**one.arm.levels, "replication": number, "response": response, "value": value}
            for one in self.arms
            for response, values in one.values.items()
            for number, value in enumerate(values)
        ]
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        return figures(self.experiment, self.arms)


def run_experiment(experiment: Experiment, workers: int | None = None, progress: Progress | None = None) -> Result:
    """Run ``experiment`` on ``workers`` processes (all cores, where left out; 1: in this one).

    The same experiment gives the same result whatever the number of workers.
    """
    arms = arms_of(experiment)
    tasks = [_task(experiment, number, arm, one) for one in range(experiment.replications)
             for number, arm in enumerate(arms)]  # fmt: skip
    found: dict[tuple[int, int], Measured] = {}
    for done, measured in enumerate(_measured(tasks, workers), 1):
        found[measured.arm, measured.replication] = measured
        if progress is not None:
            progress(done, len(tasks))
    runs = [
        [found[number, replication].responses for replication in range(experiment.replications)]
        for number in range(len(arms))
    ]
    return _result(experiment, arms, runs)


def _task(experiment: Experiment, number: int, arm: Arm, replication: int) -> Task:
    return Task(
        number, replication, arm.plant, arm.line, arm.faults, arm.finished, experiment.seed,
        experiment.until.total_seconds(), experiment.bucket_s, experiment.responses,
    )  # fmt: skip


def _measured(tasks: Sequence[Task], workers: int | None) -> Iterator[Measured]:
    count = min(len(tasks), workers or os.cpu_count() or 1)
    if count < 1:
        raise BadInput("1 worker or more", workers, "workers")
    if count == 1:
        yield from map(measure, tasks)
        return
    with _pool(count) as pool:
        for future in as_completed([pool.submit(measure, task) for task in tasks]):
            yield future.result()


@contextmanager
def _pool(workers: int) -> Iterator[Executor]:
    """Processes of their own start, which carry nothing over (threads, open stores), the same on every system."""
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


Runs = Sequence[Sequence[dict[str, Series]]]
"""By arm, by replication: each response as it came about."""


def _result(experiment: Experiment, arms: Sequence[Arm], runs: Runs) -> Result:
    cut = _cut(experiment, runs)
    values: list[dict[str, tuple[float, ...]]] = [
        {name: tuple(_values(experiment, [one[name] for one in of_arm], cut)) for name in experiment.responses}
        for of_arm in runs
    ]
    base = _baseline(experiment, arms)
    results = tuple(
        ArmResult(
            arm,
            of_arm,
            {name: interval(found) for name, found in of_arm.items()},
            {} if base in (None, number) else {name: paired(of_arm[name], values[base][name]) for name in of_arm},
            None if experiment.law is None else _held(experiment.law, arm, of_arm, len(arms)),
        )
        for number, (arm, of_arm) in enumerate(zip(arms, values, strict=True))
    )
    return Result(experiment, cut * experiment.bucket_s, results)


def _values(experiment: Experiment, series: Sequence[Series], cut: int) -> list[float]:
    """One value a replication; of one long run, one a batch."""
    if experiment.replications > 1:
        return [one.mean(cut) for one in series]
    only = series[0]
    return batch_means(only.sums[cut:], only.weights[cut:])


def _baseline(experiment: Experiment, arms: Sequence[Arm]) -> int | None:
    if experiment.baseline is None:
        return None
    for number, arm in enumerate(arms):
        if dict(arm.levels) == experiment.baseline:
            return number
    raise BadInput("a baseline that is one of the combinations", experiment.baseline, experiment.experiment)


def _cut(experiment: Experiment, runs: Runs) -> int:
    """How many parts are cut off the front of every run; the most that any arm and response asks for."""
    warm_up, parts = experiment.warm_up, len(next(iter(runs[0][0].values())).sums)
    if warm_up is None:
        return 0
    if warm_up.lasts is not None:
        cut = int(np.ceil(warm_up.lasts.total_seconds() / experiment.bucket_s - 1e-9))
    else:
        means = [_mean_series([one[name] for one in of_arm]) for of_arm in runs for name in experiment.responses]
        cut = max(mser(mean) if warm_up.by == "mser" else welch(mean, warm_up.window) for mean in means)
    if cut >= parts:
        raise BadInput("a warm-up shorter than the run", format_duration(experiment.until), "warm_up")
    return cut


def _mean_series(series: Sequence[Series]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A response over time, averaged over replications."""
    both = Series(
        np.sum([one.sums for one in series], axis=0), np.sum([one.weights for one in series], axis=0),
        series[0].bucket_s,
    )  # fmt: skip
    return both.values()


def _held(law: Law, arm: Arm, values: dict[str, tuple[float, ...]], arms: int) -> Held:
    expected = float(arm.levels[law.base]) ** float(arm.levels[law.exponent])
    off = [value - expected for value in values[law.response]]
    strict = interval(off, 1.0 - (1.0 - LEVEL) / arms)
    parts = strict.count > 1 and not strict.holds(0.0) and abs(strict.mean) > NO_MATTER * abs(expected)
    return Held(expected, interval(off), parts)
