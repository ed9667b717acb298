"""Lines as a whole: deadlocks named, copies that go on alike, and checks that a wrong line does not pass."""

from __future__ import annotations

import copy
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_core.errors import NotCopyable
from twin.kernel import Steps
from twin.line import (
    WAITS,
    Breakdowns,
    Buffer,
    Collects,
    Conveyor,
    Crew,
    Deadlock,
    Kitting,
    Line,
    Load,
    Odds,
    Place,
    Repeated,
    SetUp,
    Sink,
    Source,
    Station,
    exponential,
    lognormal,
    uniform,
)


def ring(places: int, loads: int, **features: Any) -> tuple[Line, list[Station]]:
    line = Line()
    stations = [Station(line, name, takes=1.0, waiting=places, **features) for name in ("saw", "drill", "paint")]
    for number, station in enumerate(stations):
        station.then = stations[(number + 1) % 3]
    for load in range(loads):
        stations[0].put(load)
    return line, stations


@pytest.mark.parametrize("features", [{}, {"serves": 2}, {"blocking": "before"}])
def test_a_full_ring_is_a_deadlock_that_names_its_stations(features: dict[str, Any]) -> None:
    line, _ = ring(1, 20, **features)
    with pytest.raises(Deadlock) as found:
        line.run(1000.0)
    assert set(found.value.names) == {"saw", "drill", "paint"}
    assert "wait for each other" in str(found.value)
    assert line.check() == []


def test_a_ring_with_a_free_place_goes_round_for_ever() -> None:
    line, stations = ring(0, 2)
    line.run(10_000.0)
    assert line.deadlock() == ()
    assert sum(station.finished for station in stations) > 19_000


def test_a_deadlock_is_found_while_the_rest_of_the_line_works() -> None:
    line, _ = ring(0, 9)
    Source(line, "in", then=Station(line, "busy", takes=1.0, waiting=0))
    with pytest.raises(Deadlock, match="saw -> drill -> paint -> saw"):
        line.run(100.0)


class Never:
    def begin(self, load: Load) -> float:
        return WAITS

    def end(self, load: Load) -> Load:
        return load


def test_all_waiting_for_material_with_nothing_due_is_a_deadlock_too() -> None:
    line = Line()
    last = Station(line, "press", work=Never(), waiting=0)
    first = Station(line, "cut", takes=1.0, waiting=1, then=last)
    for load in range(4):
        first.put(load)
    with pytest.raises(Deadlock) as found:
        line.run_out()
    assert set(found.value.names) == {"press", "cut"}
    assert "nothing is due any more" in str(found.value)


def test_a_station_stopped_from_outside_is_no_deadlock_for_those_before_it() -> None:
    line = Line()
    last = Station(line, "press", takes=1.0, waiting=0)
    first = Station(line, "cut", takes=1.0, waiting=1, then=last)
    for load in range(4):
        first.put(load)
    last.stop()
    line.run_out()
    assert first.states == ("blocked",)
    last.resume()
    line.run_out()
    assert line.population == 0


def test_a_station_that_waits_while_something_is_due_is_no_deadlock() -> None:
    line = Line()
    Station(line, "press", work=Never()).put(0)
    line.kernel.call_at(1e6, line.deadlock)
    line.run(10.0)
    assert line.deadlock() == ()


def plant(seed: int, shape: list[int]) -> tuple[Line, Sink, Source]:
    """A line of eight kinds of node, in an order and with sizes that ``shape`` chooses."""
    line = Line(seed=seed)
    sink, scrap = Sink(line, "out"), Sink(line, "scrap")
    crew = Crew(line, "fitters")
    after: Place = sink
    for number, kind in enumerate(shape):
        name, waiting = f"{number}", (seed + number) % 4
        options: dict[str, Any] = {"takes": lognormal(2.0, 0.5), "waiting": waiting, "then": after}
        failing = Breakdowns(exponential(30.0), exponential(5.0), crew=crew, load="kept" if seed % 2 else "scrapped")
        if kind == 0:
            after = Station(line, name, **options)
        elif kind == 1:
            after = Station(line, name, breakdowns=[failing], **options)
        elif kind == 2:
            ticking = Breakdowns(exponential(40.0), uniform(1.0, 5.0), counts="clock", load="restarted", crew=crew)
            after = Station(line, name, serves=3, breakdowns=[ticking, failing], **options)
        elif kind == 3:
            after = Conveyor(line, name, holds=5, takes=uniform(3.0, 9.0), accumulates=bool(seed % 2), then=after)
        elif kind == 4:
            after = Station(line, name, collects=Collects(3, waits=10.0), **options)
        elif kind == 5:
            set_up = SetUp(takes=exponential(3.0), key=by_ten, campaign=7, crew=crew)
            hours = Repeated([(0.0, 30.0), (40.0, 70.0)], 80.0)
            at_close: Literal["pauses", "finishes"] = "pauses" if seed % 3 else "finishes"
            after = Station(line, name, set_up=set_up, opens=hours, at_close=at_close, **options)
        elif kind == 6:
            odds = Odds(line.stream(name), {after: 0.8, scrap: 0.2})
            after = Station(line, name, blocking="before", **{**options, "then": odds})
        else:
            after = Buffer(line, name, holds=1 + waiting, then=after)
    how = {"between": exponential(3.0)} if seed % 2 or not isinstance(after, Station) else {"limit": 500}
    source = Source(line, "in", when_full="loses" if seed % 3 == 0 else "waits", then=after, **how)
    return line, sink, source


def by_ten(load: Load) -> Load:
    return load // 10


shapes = st.lists(st.integers(0, 7), min_size=1, max_size=6)


@given(st.integers(0, 99), shapes)
def test_what_came_in_is_in_the_line_or_has_left_it_and_every_second_is_accounted_for(
    seed: int, shape: list[int]
) -> None:
    line, sink, source = plant(seed, shape)
    for moment in (7.0, 100.0, 600.0):
        line.run(moment)
        assert line.check() == []
    scrap = line["scrap"]
    assert isinstance(scrap, Sink)
    held = source.waiting + sum(
        node.occupied + node.queue_length if isinstance(node, Station) else len(node)
        for node in line.nodes.values()
        if isinstance(node, Station | Buffer)
    )
    assert held == line.population
    assert line.population <= source.came - sink.count - scrap.count


@given(st.integers(0, 99), shapes)
def test_a_copy_goes_on_like_the_original_and_by_itself(seed: int, shape: list[int]) -> None:
    line, sink, _ = plant(seed, shape)
    line.run(200.0)
    twin = line.copy()
    before = sink.times.tolist(), len(line.operations)
    twin.run(500.0)
    assert (sink.times.tolist(), len(line.operations)) == before
    line.run(500.0)
    other = twin["out"]
    assert isinstance(other, Sink)
    assert other.times.tolist() == sink.times.tolist()
    ours, theirs = line.operations.arrays(), twin.operations.arrays()
    assert all((ours[name] == theirs[name]).all() for name in ours)
    assert twin.check() == line.check() == []


def test_a_long_line_can_be_copied() -> None:
    line = Line()
    after: Place = Sink(line, "out")
    for number in range(600):
        after = Station(line, f"{number}", takes=1.0, waiting=2, then=after)
    Source(line, "in", then=after, between=2.0)
    line.run(100.0)
    twin = line.copy()
    twin.run(700.0)
    assert len(twin.operations) > len(line.operations)


def test_a_line_with_a_generator_process_is_not_copied_and_names_it() -> None:
    line = Line()

    def forklift() -> Steps:
        while True:
            yield line.kernel.wait(5.0)

    line.kernel.start(forklift())
    line.run(12.0)
    for attempt in (line.copy, lambda: copy.deepcopy(line)):
        with pytest.raises(NotCopyable) as refused:
            attempt()
        assert refused.value.holder == "forklift"


def test_a_process_that_has_ended_stands_in_nobodys_way() -> None:
    line = Line()

    def once() -> Steps:
        yield line.kernel.wait(5.0)

    line.kernel.start(once())
    line.run(12.0)
    assert line.copy().kernel.now == 12.0


def test_the_check_finds_lost_time_and_lost_loads() -> None:
    line, sink, _ = plant(2, [0, 1, 3])
    line.run(300.0)
    assert line.check() == []
    plain = line["0"]
    assert isinstance(plain, Station)
    plain._working += 5.0  # type: ignore[attr-defined]
    assert [fault.split(":")[0] for fault in line.check()] == ["station 0", "line"]
    plain._working -= 5.0  # type: ignore[attr-defined]
    sink._fresh.clear()
    sink._times.pop()
    sink._numbers.pop()
    assert [fault.split(":")[0] for fault in line.check()] == ["line"]


def test_a_kit_without_its_other_input_is_no_deadlock_until_nothing_is_due() -> None:
    line = Line()
    kit = Kitting(line, "kit", needs={"a": 1, "b": 1}, holds=2, then=Sink(line, "out"))
    Source(line, "a", then=Station(line, "press", takes=1.0, waiting=0, then=kit.inputs["a"]), limit=9)
    Source(line, "b", then=kit.inputs["b"], between=50.0, limit=3)
    line.run(60.0)
    with pytest.raises(Deadlock, match="press"):
        line.run_out()
