"""Drivers: whoever moves a run on, and however it was cut into pieces, the bytes are the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.runs import plant
from trace_core.capture.records import Report
from trace_core.errors import BadInput, UnknownName
from twin import CaptureFault, FaultKind, TwinRun, simulate
from twin.drive import Paced, Stepped
from twin.inputs import (
    Action,
    ExternalInput,
    ExtraOrder,
    FaultSwitched,
    Remark,
    StationStopped,
    heading,
    line_of,
    read_inputs,
)
from twin.simulation import Running

LENGTH = timedelta(hours=30)
MISSED = CaptureFault(FaultKind.MISSED, 0.3, name="scans")

Reports = list[tuple[Report, datetime]]
Doing = Callable[[Paced], object]


@dataclass
class Wall:
    """A clock that only moves when somebody sleeps; ``plan`` is what is done at which second of it."""

    plan: list[tuple[float, Doing]] = field(default_factory=list)
    paced: Paced | None = None
    now_s: float = 100.0
    sleeps: int = 0

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.sleeps += 1
        self.now_s += seconds
        while self.plan and self.plan[0][0] <= self.now_s - 100.0:
            assert self.paced is not None
            self.plan.pop(0)[1](self.paced)
        await asyncio.sleep(0)


def begun(deliver: Callable[[Report, datetime], object] | None = None, name: str = "juice") -> Running:
    return Running(plant(name), 1, LENGTH, [MISSED], deliver)


def live(plan: Iterable[tuple[float, Doing]], speed: float = 3600.0) -> tuple[TwinRun, Reports, Wall, Paced]:
    """A session on a fake wall clock."""
    reports: Reports = []
    wall = Wall(list(plan))
    wall.paced = paced = Paced(begun(lambda *one: reports.append(one)), speed, clock=wall, sleep=wall.sleep)
    run = asyncio.run(paced.run())
    assert not wall.plan, "the session ended before everything was done"
    return run, reports, wall, paced


def repeated(inputs: Iterable[ExternalInput]) -> tuple[TwinRun, Reports]:
    reports: Reports = []
    run = simulate(plant("juice"), 1, LENGTH, [MISSED], lambda *one: reports.append(one), inputs=inputs)
    return run, reports


def product() -> str:
    return next(iter(plant("juice").products))


def test_a_live_session_replays_to_the_same_bytes() -> None:
    fault = MISSED.stream
    plan: list[tuple[float, Doing]] = [
        (2.0, lambda paced: paced.apply(ExtraOrder(product()))),
        (3.0, lambda paced: paced.pause()),
        (5.0, lambda paced: paced.step()),
        (6.0, lambda paced: paced.apply(Remark("pump 2 whistles"))),
        (7.0, lambda paced: paced.resume()),
        (8.0, lambda paced: paced.change_speed(977.3)),
        (11.0, lambda paced: paced.apply(FaultSwitched(fault, on=False))),
        (12.0, lambda paced: paced.change_speed(7200.0)),
        (13.5, lambda paced: paced.apply(FaultSwitched(fault, on=True))),
        (14.0, lambda paced: paced.apply(ExtraOrder(product()))),
    ]
    run, reports, _, _ = live(plan)
    assert [type(one.action) for one in run.inputs] == [ExtraOrder, Remark, FaultSwitched, FaultSwitched, ExtraOrder]
    text = heading("juice", run.truth.plant_hash, 1) + "".join(map(line_of, run.inputs))
    again, told = repeated(read_inputs(text, "session.jsonl", "juice", 1))
    assert again.truth.hash == run.truth.hash
    assert told == reports
    assert again.labels == run.labels
    assert again.inputs == run.inputs
    plain, otherwise = repeated(())
    assert plain.truth.hash != run.truth.hash, "an order more changes what happens"
    assert otherwise != reports


def test_a_fault_that_is_switched_off_hits_nothing_and_shifts_nobody() -> None:
    switched = FaultSwitched(MISSED.stream, on=False)
    off, told = repeated([ExternalInput(0.0, switched)])
    assert off.counts.missed == 0
    half, _ = repeated([ExternalInput(43_200.0, switched)])
    full, _ = repeated(())
    noon = full.start + timedelta(hours=12)
    assert half.labels == tuple(one for one in full.labels if one.time <= noon)
    assert off.truth.hash == full.truth.hash
    assert len(told) > 0


@settings(max_examples=15)
@given(st.lists(st.floats(0.0, 108_000.0), max_size=12))
def test_how_a_run_is_cut_leaves_no_trace(moments: list[float]) -> None:
    stepped = Stepped(begun())
    for moment in sorted(moments):
        following = stepped.advance_to(moment)
        assert stepped.running.now_s == moment
        assert following > moment or moment == stepped.running.end_s
    assert stepped.finish().truth.hash == repeated(())[0].truth.hash


def test_time_keeps_to_the_speed_and_stands_still_while_paused() -> None:
    seen: list[tuple[float, float]] = []
    note: Doing = lambda paced: seen.append((paced.running.now_s, paced.lag_s))  # noqa: E731
    plan: list[tuple[float, Doing]] = [
        (1.0, note),
        (1.0, lambda paced: paced.pause()),
        (4.0, note),
        (4.0, lambda paced: paced.resume()),
        (5.0, note),
        (5.0, lambda paced: paced.change_speed(60_000.0)),
    ]
    _, _, wall, _ = live(plan, speed=600.0)
    at = [now_s for now_s, _ in seen]
    assert at[0] == pytest.approx(600.0, abs=600.0 * 0.11)
    assert at[1] == at[0]
    assert at[2] == pytest.approx(at[1] + 600.0, abs=600.0 * 0.22)
    assert wall.now_s - 100.0 == pytest.approx(5.0 + (108_000.0 - at[2]) / 60_000.0, abs=0.2)


def test_a_run_that_cannot_follow_says_how_far_it_is_behind_and_lets_others_run() -> None:
    class Slow(Wall):
        """A clock that passes while the run works: each look at it takes 5 ms."""

        def __call__(self) -> float:
            self.now_s += 0.005
            return self.now_s

    wall = Slow()
    paced = Paced(begun(), 1e6, clock=wall, sleep=wall.sleep)
    lags: list[float] = []

    async def session() -> TwinRun:
        async def watch() -> None:
            while not paced.running.is_over:
                lags.append(paced.lag_s)
                await asyncio.sleep(0)

        watching = asyncio.create_task(watch())
        run = await paced.run()
        await watching
        return run

    run = asyncio.run(session())
    assert max(lags) > 10_000.0
    assert len(lags) > 10
    assert run.truth.hash == repeated(())[0].truth.hash


def test_a_step_goes_to_the_next_moment_at_which_something_happens() -> None:
    running = begun()
    paced = Paced(running, clock=lambda: 0.0)
    moments = [paced.step() for _ in range(20)]
    assert paced.is_paused
    assert moments == sorted(set(moments)) or moments[0] == 0.0
    beside = begun()
    for moment in moments:
        assert beside.next_s == moment
        beside.run_until(moment)


def test_an_outside_clock_cannot_go_back_or_beyond_the_end() -> None:
    stepped = Stepped(begun())
    start = stepped.running.spec.start
    stepped.advance_to(start + timedelta(hours=2))
    assert stepped.running.now_s == 7200.0
    for wrong in (7199.0, 108_001.0, float("nan"), start):
        with pytest.raises(BadInput, match="a moment from"):
            stepped.advance_to(wrong)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("inf"), float("nan"), 1e7])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(BadInput, match="a speed above 0"):
        Paced(begun(), speed)
    with pytest.raises(BadInput, match="a speed above 0"):
        Paced(begun()).change_speed(speed)


@pytest.mark.parametrize(
    ("action", "known"),
    [
        (ExtraOrder("wine"), "order or product"),
        (StationStopped("罐车"), "station"),
        (FaultSwitched("scan", on=True), "fault"),
    ],
)
def test_an_input_for_something_the_plant_does_not_have_is_refused_and_not_logged(action: Action, known: str) -> None:
    running = begun()
    with pytest.raises(UnknownName, match=known):
        running.apply(action)
    assert running.log.done == []
    with pytest.raises(UnknownName, match=known):  # in a log: before the run, not in the middle of it
        Running(plant("juice"), 1, LENGTH, inputs=[ExternalInput(5.0, action)])


def test_a_product_made_in_batches_takes_no_amount() -> None:
    with pytest.raises(BadInput, match="made in batches"):
        begun().apply(ExtraOrder(product(), "3 kg"))


ACTIONS = st.one_of(
    st.builds(ExtraOrder, st.text(max_size=9), st.text(max_size=9)),
    st.builds(FaultSwitched, st.text(max_size=9), st.booleans()),
    st.builds(Remark, st.text()),
)


@given(st.lists(st.builds(ExternalInput, st.floats(0.0, 1e9), ACTIONS), max_size=5))
def test_a_log_of_inputs_is_read_back_as_it_was(inputs: list[ExternalInput]) -> None:
    text = heading("juice", "00", 1) + "".join(map(line_of, inputs))
    assert list(read_inputs(text, "log", "juice", 1)) == inputs


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", "line 1"),
        ("nonsense", "line 1"),
        ('{"schema": "tracetwin/run/1"}', "a log of inputs"),
        ('{"schema": "tracetwin/inputs/1", "plant": "smt"}', "inputs of plant 'juice'"),
        ('{"schema": "tracetwin/inputs/1", "seed": 2}', "inputs of seed 1"),
        ('{"schema": "tracetwin/inputs/1"}\n[]', "line 2.*a JSON object"),
        ('{"schema": "tracetwin/inputs/1"}\n{"input": "remark", "text": "x"}', "line 2.*time_s"),
        ('{"schema": "tracetwin/inputs/1"}\n{"time_s": true, "input": "remark", "text": "x"}', "line 2.*time_s"),
        ('{"schema": "tracetwin/inputs/1"}\n{"time_s": 1, "input": "rest"}', "line 2.*one of order, stop"),
        ('{"schema": "tracetwin/inputs/1"}\n{"time_s": 1, "input": "remark"}', "line 2.*missing required field `text`"),
        ('{"schema": "tracetwin/inputs/1"}\n{"time_s": 1, "input": "fault", "fault": "x", "on": 1}', "line 2.*bool"),
        ('{"schema": "tracetwin/inputs/1"}\n{"time_s": 1, "input": "remark", "text": "x", "to": 1}', "line 2.*'to'"),
    ],
)
def test_a_log_that_is_none_is_refused_with_its_line(lines: str, expected: str) -> None:
    with pytest.raises(BadInput, match=expected):
        read_inputs(lines, "log", "juice", 1)


def test_inputs_that_go_back_in_time_are_refused() -> None:
    inputs = [ExternalInput(5.0, Remark("a")), ExternalInput(4.0, Remark("b"))]
    with pytest.raises(BadInput, match="input 2"):
        Running(plant("juice"), 1, LENGTH, inputs=inputs)
