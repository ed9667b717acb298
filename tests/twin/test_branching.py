"""Branches go on exactly alike until something is changed, and differ only after that moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import numpy as np
import pytest

from plant_models import load
from plant_models.work import LawSpec
from scenarios.experiments.chain import Chain, plant_of
from tests.twin.runs import plant
from trace_core.capture.records import Report
from trace_core.errors import NotCopyable
from twin.branching import branch, obstacle
from twin.inputs import ExtraOrder, Remark, StationStopped
from twin.kernel import Steps
from twin.line.ends import Sink, Source
from twin.line.line import Line
from twin.line.station import Station
from twin.simulation import Running

LENGTH = timedelta(hours=60)
MIDDLE_S = 50_000.0


def begun(deliver: Callable[[Report, datetime], object] | None = None) -> Running:
    running = Running(plant("juice"), 3, LENGTH, (), deliver, replication=2)
    running.run_until(20_000.0)
    running.apply(ExtraOrder(next(iter(plant("juice").products))))
    running.run_until(MIDDLE_S)
    return running


def law(mean_s: float) -> LawSpec:
    return LawSpec(law="exponential", mean=f"{mean_s} s")  # type: ignore[arg-type]


def a_line() -> tuple[Line, Station, Sink]:
    line = Line(seed=5)
    sink = Sink(line, "out")
    second = Station(line, "second", takes=law(9.0), waiting=3, then=sink)
    first = Station(line, "first", takes=law(8.0), waiting=3, then=second)
    Source(line, "in", between=law(10.0), then=first)
    line.run(5_000.0)
    return line, second, sink


def test_a_copied_line_goes_on_exactly_like_the_one_it_was_copied_from() -> None:
    line, _, sink = a_line()
    other = branch(line)
    for one in (other, line):
        one.run(20_000.0)
    there = other["out"]
    assert isinstance(there, Sink)
    assert np.array_equal(there.times, sink.times)
    assert sink.count > 1_000
    assert line.check() == other.check() == []


def test_a_copied_line_shares_nothing_with_the_one_it_was_copied_from() -> None:
    line, _, sink = a_line()
    other = branch(line)
    stopped, there = other["second"], other["out"]
    assert isinstance(stopped, Station)
    assert isinstance(there, Sink)
    stopped.stop()
    other.run(8_000.0)
    alone, _, beside = a_line()
    alone.run(8_000.0)
    line.run(8_000.0)
    assert np.array_equal(sink.times, beside.times)
    before = sink.times[sink.times <= 5_000.0]
    assert np.array_equal(there.times[: len(before)], before)
    assert there.count < sink.count


def test_a_function_with_a_memory_in_a_line_forbids_a_copy_and_is_named() -> None:
    line = Line()
    count = [0]

    def between() -> float:
        count[0] += 1
        return 10.0

    Source(line, "in", between=between, then=Station(line, "press", takes=3.0))
    with pytest.raises(NotCopyable, match=r"Source in.*between, a function with a memory"):
        branch(line)


def test_a_generator_in_a_line_forbids_a_copy_and_is_named() -> None:
    line = Line()

    def steps() -> Steps:
        while True:
            yield line.kernel.wait(1.0)

    line.kernel.start(steps())
    with pytest.raises(NotCopyable, match="steps"):
        branch(line)


def test_a_plant_of_generators_cannot_be_copied_and_the_part_that_forbids_it_is_named() -> None:
    with pytest.raises(NotCopyable, match=r"branch it by replay") as refused:
        branch(begun(), "copy")
    assert refused.value.holder
    assert "cannot be copied" in refused.value.reason or "share" in refused.value.reason


def test_branches_of_a_plant_go_on_alike() -> None:
    told: list[tuple[Report, datetime]] = []
    first = begun(lambda *one: told.append(one))
    before = len(told)
    again: list[tuple[Report, datetime]] = []
    second = branch(first, deliver=lambda *one: again.append(one))
    assert second.now_s == MIDDLE_S
    one, other = first.finish(), second.finish()
    assert one.truth.hash == other.truth.hash
    assert one.inputs == other.inputs
    assert told[before:] == again, "a branch reports what comes after it, nothing twice"
    assert again


def test_branches_of_a_plant_differ_only_after_the_moment_of_the_change() -> None:
    first = begun()
    second = branch(first, "replay")
    second.apply(Remark("nothing changes by this"))
    second.apply(ExtraOrder(next(iter(plant("juice").products))))
    one, other = first.finish(), second.finish()
    assert one.truth.hash != other.truth.hash
    for name, table in one.truth.tables.items():
        time = next((column for column in ("time_ms", "made_ms") if column in table), None)
        if time is not None:
            early = np.count_nonzero(table[time] <= MIDDLE_S * 1000)
            for column, values in table.items():
                assert np.array_equal(values[:early], other.truth.tables[name][column][:early]), (name, column)
    assert one.inputs == other.inputs[:1]


def test_a_plant_of_declared_work_is_copied_and_goes_on_alike_until_something_is_changed() -> None:
    chain = Chain.model_validate_json('{"steps": 3, "every": "10min", "takes": "6min"}')
    first = Running(load(json.dumps(plant_of(chain)), "chain"), 1, timedelta(hours=20))
    first.run_until(30_000.0)
    copied, stopped = branch(first, "copy"), branch(first, "copy")
    stopped.apply(StationStopped("step 2"))
    replayed = branch(first, "replay")
    one, other, again, less = (running.finish() for running in (first, copied, replayed, stopped))
    assert one.truth.hash == other.truth.hash == again.truth.hash
    assert less.states["step 2"]["down"] + less.states["step 2"]["closed"] > 40_000.0, less.states["step 2"]
    assert len(less.truth.names.lots) < len(one.truth.names.lots)
    assert less.truth.names.lots[:50] == one.truth.names.lots[:50]


def test_what_lies_outside_a_run_does_not_forbid_its_copy() -> None:
    def stepping() -> Iterator[int]:
        yield 1

    outside = stepping()
    held = {"name": "x", "part": [outside]}
    assert obstacle(held) is not None
    assert obstacle(held, (outside,)) is None
