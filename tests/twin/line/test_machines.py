"""What a machine may have beyond service, each on times that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from trace_core.errors import BadInput
from twin.line import (
    WAITS,
    Breakdowns,
    Collects,
    Crew,
    Line,
    Load,
    Recorded,
    Repeated,
    SetUp,
    Sink,
    Station,
)


class Bench:
    """A station with loads put before it at given moments; ``out`` is (time, load) of what left."""

    def __init__(self, *, arrivals: list[tuple[float, Load]], **options: Any) -> None:
        self.line = Line()
        self.sink = Sink(self.line, "out")
        self.station = Station(self.line, "station", then=self.sink, **options)
        for moment, load in arrivals:
            self.line.kernel.call_at(moment, self._putting(load))

    def _putting(self, load: Load) -> Callable[[], None]:
        return lambda: self.station.put(load)

    def run(self, until_s: float | None = None) -> list[tuple[float, int]]:
        if until_s is None:
            self.line.run_out()
        else:
            self.line.run(until_s)
        assert self.line.check() == []
        return list(zip(self.sink.times.tolist(), self.sink.numbers.tolist(), strict=True))

    def times(self) -> dict[str, float]:
        return {state: seconds for state, seconds in self.station.state_times.items() if seconds}


def at_once(count: int) -> list[tuple[float, Load]]:
    return [(0.0, number) for number in range(count)]


def test_parallel_machines_share_one_queue() -> None:
    bench = Bench(arrivals=at_once(5), takes=Recorded([5.0, 3.0, 4.0, 4.0, 1.0]), serves=2)
    assert bench.run() == [(3.0, 1), (5.0, 0), (7.0, 2), (8.0, 4), (9.0, 3)]
    assert bench.times() == {"working": 17.0, "starved": 1.0}


@pytest.mark.parametrize(
    ("policy", "out"),
    [
        ("kept", [(10.0, 0), (26.0, 1), (36.0, 2)]),
        ("restarted", [(10.0, 0), (31.0, 1), (52.0, 2)]),
        ("scrapped", [(10.0, 0), (31.0, 2)]),
    ],
)
def test_a_breakdown_keeps_restarts_or_scraps_the_load(policy: Any, out: list[tuple[float, int]]) -> None:
    """After every 15 s of work it fails for 6 s: 5 s into the second load; where work ends just then, it ends first."""
    spec = Breakdowns(every=15.0, repair=6.0, load=policy)
    bench = Bench(arrivals=at_once(3), takes=10.0, breakdowns=[spec])
    assert bench.run() == out
    assert bench.line.population == 0


def test_operation_dependent_breakdowns_count_work_and_not_the_clock() -> None:
    arrivals = [(0.0, 0), (100.0, 1)]
    by_work = Bench(arrivals=arrivals, takes=10.0, breakdowns=[Breakdowns(every=15.0, repair=6.0)])
    assert by_work.run() == [(10.0, 0), (116.0, 1)]
    by_clock = Bench(
        arrivals=arrivals, takes=10.0, breakdowns=[Breakdowns(every=Recorded([15.0, 1e9]), repair=6.0, counts="clock")]
    )
    assert by_clock.run(200.0) == [(10.0, 0), (110.0, 1)]
    assert by_clock.times() == {"working": 20.0, "starved": 174.0, "down": 6.0}


def test_work_that_ends_when_a_breakdown_is_due_ends_first() -> None:
    bench = Bench(arrivals=at_once(2), takes=10.0, breakdowns=[Breakdowns(every=Recorded([10.0, 1e9]), repair=5.0)])
    assert bench.run() == [(10.0, 0), (25.0, 1)]


def test_a_crew_repairs_first_come_first_served() -> None:
    line = Line()
    crew = Crew(line, "fitters")
    stations = [
        Station(
            line,
            f"{number}",
            takes=100.0,
            breakdowns=[Breakdowns(every=Recorded([fails, 1e9]), repair=20.0, crew=crew)],
        )
        for number, fails in enumerate((12.0, 10.0, 30.0))
    ]
    for station in stations:
        station.put(0)
    line.run(200.0)
    assert [station.state_times["down"] for station in stations] == [38.0, 20.0, 40.0]
    assert crew.utilisation == 60.0 / 200.0
    assert line.check() == []


def test_a_set_up_comes_between_what_differs_and_takes_the_crew() -> None:
    seen: list[Load] = []
    spec = SetUp(takes=5.0, key=lambda load: load // 10, done=seen.append)
    bench = Bench(arrivals=[(0.0, load) for load in (10, 11, 20, 21, 12)], takes=1.0, set_up=spec)
    assert bench.run() == [(1.0, 10), (2.0, 11), (8.0, 20), (9.0, 21), (15.0, 12)]
    assert seen == [20, 12]
    assert bench.times() == {"working": 5.0, "setting_up": 10.0}


def test_a_campaign_ends_after_so_many_loads() -> None:
    bench = Bench(arrivals=at_once(5), takes=1.0, set_up=SetUp(takes=3.0, campaign=2))
    assert [moment for moment, _ in bench.run()] == [1.0, 2.0, 6.0, 7.0, 11.0]


@pytest.mark.parametrize(("at_close", "out"), [("finishes", [8.0, 16.0, 28.0]), ("pauses", [8.0, 26.0, 44.0])])
def test_at_the_end_of_hours_work_finishes_or_pauses(at_close: Any, out: list[float]) -> None:
    """Open from 0 to 10 of every 20 s; 8 s for each of three loads."""
    hours = Repeated([(0.0, 10.0)], 20.0)
    bench = Bench(arrivals=at_once(3), takes=8.0, opens=hours, at_close=at_close)
    assert [moment for moment, _ in bench.run(60.0)] == out
    assert bench.times()["working"] == 24.0


def test_a_furnace_waits_for_its_charge_and_at_most_so_long() -> None:
    arrivals = [(0.0, 0), (1.0, 1), (2.0, 2), (3.0, 3), (20.0, 4)]
    bench = Bench(arrivals=arrivals, takes=10.0, collects=Collects(3, waits=5.0))
    assert bench.run() == [(12.0, 0), (12.0, 1), (12.0, 2), (22.0, 3), (35.0, 4)]
    patient = Bench(arrivals=arrivals, takes=10.0, collects=Collects(3))
    assert patient.run() == [(12.0, 0), (12.0, 1), (12.0, 2)]
    assert patient.station.queue_length == 2


def test_rank_decides_who_goes_first_and_equals_go_as_they_came() -> None:
    arrivals = [(0.0, number) for number in (31, 12, 11, 21, 13)]
    bench = Bench(arrivals=arrivals, takes=1.0, rank=lambda load: load // 10)
    assert [load for _, load in bench.run()] == [31, 12, 11, 13, 21]


class Stepwise:
    """Work that waits for material until ``ready``; load 7 is scrapped, load 8 falls into three."""

    def __init__(self) -> None:
        self.ready = False

    def begin(self, load: Load) -> float:
        return 2.0 if self.ready else WAITS

    def end(self, load: Load) -> Load | list[Load] | None:
        return {7: None, 8: [81, 82, 83]}.get(load, load)


@pytest.mark.parametrize("features", [{}, {"serves": 2}, {"set_up": SetUp(takes=0.0)}])
def test_work_waits_for_material_until_it_is_asked_again(features: dict[str, Any]) -> None:
    work = Stepwise()
    bench = Bench(arrivals=[(0.0, 7), (0.0, 8), (0.0, 9)], work=work, **features)

    def bring() -> None:
        work.ready = True
        bench.station.retry()

    bench.line.kernel.call_at(10.0, bring)
    numbers = [load for _, load in bench.run()]
    assert sorted(numbers) == [9, 81, 82, 83]
    assert bench.times()["waiting_material"] == 10.0 * bench.station.serves
    assert bench.station.finished == 3
    assert bench.line.population == 0


@pytest.mark.parametrize("features", [{}, {"serves": 1, "breakdowns": [Breakdowns(every=1e9, repair=1.0)]}])
def test_a_stop_from_outside_halts_work_and_takes_no_time_from_it(features: dict[str, Any]) -> None:
    bench = Bench(arrivals=[(0.0, 0), (12.0, 1)], takes=10.0, **features)
    kernel = bench.line.kernel
    kernel.call_at(4.0, bench.station.stop)
    kernel.call_at(5.0, bench.station.stop)
    kernel.call_at(20.0, bench.station.resume)
    assert bench.run(30.0) == [(26.0, 0)]
    kernel.call_at(31.0, bench.station.stop)
    kernel.call_at(40.0, bench.station.resume)
    assert bench.run() == [(26.0, 0), (45.0, 1)]
    rows = bench.line.operations.arrays()
    assert rows["begin_ms"].tolist() == [0, 26_000]
    assert bench.times() == {"working": 20.0, "closed": 25.0}


@pytest.mark.parametrize("features", [{}, {"breakdowns": [Breakdowns(every=1e9, repair=1.0)]}])
def test_a_stopped_station_takes_loads_into_its_queue_and_lets_finished_ones_go(features: dict[str, Any]) -> None:
    line = Line()
    sink = Sink(line, "out")
    slow = Station(line, "slow", takes=100.0, waiting=0, then=sink)
    fast = Station(line, "fast", takes=1.0, waiting=1, then=slow, **features)
    for load in range(4):
        fast.put(load)
    line.kernel.call_at(50.0, fast.stop)
    line.kernel.call_at(150.0, fast.resume)
    line.run(120.0)
    assert fast.states == ("closed",)
    assert fast.queue_length == 2
    line.run_out()
    assert sink.numbers.tolist() == [0, 1, 2, 3]
    assert line.check() == []


def test_before_service_means_that_work_begins_when_there_is_room() -> None:
    line = Line()
    sink = Sink(line, "out")
    slow = Station(line, "slow", takes=10.0, waiting=0, then=sink)
    fast = Station(line, "fast", takes=2.0, blocking="before", then=slow)
    for load in range(3):
        fast.put(load)
    line.run_out()
    assert sink.times.tolist() == [12.0, 24.0, 36.0]
    rows = line.operations.arrays()
    assert rows["begin_ms"][rows["station"] == 2].tolist() == [0, 12_000, 24_000]
    assert fast.state_times["blocked"] == 20.0
    assert line.check() == []


def test_arrivals_from_outside_wait_their_turn_with_those_from_upstream() -> None:
    line = Line()
    sink = Sink(line, "out")
    last = Station(line, "last", takes=10.0, waiting=0, then=sink)
    first = Station(line, "first", takes=1.0, then=last)
    for load in (1, 2, 3):
        first.put(load)
    line.kernel.call_at(5.0, lambda: last.put(100))
    line.kernel.call_at(6.0, lambda: last.put(101))
    line.run_out()
    assert sink.numbers.tolist() == [1, 2, 100, 3, 101]
    assert line.check() == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"serves": 0}, "station s: serves: expected a station that serves at least 1 load, got 0"),
        ({"waiting": -1}, "station s: waiting: expected 0 or more waiting loads"),
        ({"takes": -2.0}, "s/takes: expected a time of 0 s or more, got -2.0"),
        ({"collects": Collects(2), "rank": abs}, "station s: expected a rank, or a number of loads it collects"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadInput) as refused:
        Station(Line(), "s", **options)
    assert str(refused.value).startswith(complaint)


def test_two_nodes_of_one_name_and_unknown_names_are_refused() -> None:
    line = Line()
    Station(line, "press")
    with pytest.raises(BadInput, match="a name no other node of the line has, got 'press'"):
        Station(line, "press")
    with pytest.raises(BadInput, match="did you mean press"):
        line["pres"]
