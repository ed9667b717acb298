"""Conveyors, buffers, kits, splitting, sources and the choice of the next node."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from plant_models.work import Break, Shift
from trace_core.errors import BadInput
from twin.calendar import Calendar
from twin.line import (
    WAITS,
    Assembly,
    Buffer,
    Cards,
    Conveyor,
    FewestWaiting,
    Kitting,
    Line,
    Load,
    Odds,
    Recorded,
    Repeated,
    ShiftHours,
    Sink,
    Source,
    Splitter,
    Station,
    exponential,
)
from twin.streams import Streams


def belt(accumulates: bool) -> tuple[Line, Conveyor, Sink]:
    """A load every second for five seconds, 10 s on the belt, then a machine of 4 s for each."""
    line = Line()
    sink = Sink(line, "out")
    machine = Station(line, "machine", takes=4.0, waiting=0, then=sink)
    conveyor = Conveyor(line, "belt", holds=20, takes=10.0, accumulates=accumulates, then=machine)
    Source(line, "in", between=1.0, limit=5, then=conveyor)
    return line, conveyor, sink


def test_a_conveyor_keeps_the_order_and_the_delay() -> None:
    line = Line()
    sink = Sink(line, "out")
    conveyor = Conveyor(line, "oven", holds=100, takes=20.0, then=sink)
    source = Source(line, "in", between=Recorded([1.0, 0.5, 7.0, 30.0]), limit=4, then=conveyor)
    line.run_out()
    assert sink.times.tolist() == [moment + 20.0 for moment in source.times]
    assert sink.numbers.tolist() == [0, 1, 2, 3]
    assert line.check() == []


def test_an_accumulating_conveyor_closes_up_and_a_rigid_one_stands_still() -> None:
    line, conveyor, sink = belt(accumulates=True)
    line.run_out()
    assert sink.times.tolist() == [15.0, 19.0, 23.0, 27.0, 31.0]
    assert line.check() == []
    rigid, _, late = belt(accumulates=False)
    rigid.run_out()
    # The second load reaches the end 1 s after the first and stands there for 3 s, and with it all others.
    assert late.times.tolist() == [15.0, 19.0, 23.0, 27.0, 31.0]
    assert rigid["belt"].load_seconds() == conveyor.load_seconds()
    assert rigid.check() == []


def test_a_rigid_conveyor_that_stands_takes_nothing_on_and_carries_nothing() -> None:
    line = Line()
    sink = Sink(line, "out")
    machine = Station(line, "machine", takes=10.0, waiting=0, then=sink)
    conveyor = Conveyor(line, "belt", holds=10, takes=4.0, then=machine)
    Source(line, "in", between=Recorded([0.0, 1.0, 4.5]), limit=3, then=conveyor)
    line.run_out()
    # At 5 the second load is at the end and stands until 14; the third came to the belt at 5.5 and waited until then.
    assert sink.times.tolist() == [14.0, 24.0, 34.0]
    rows = line.operations.arrays()
    assert rows["begin_ms"][rows["station"] == 2].tolist() == [0, 1000, 14_000]
    assert line.check() == []


def test_a_conveyor_holds_no_more_than_declared_and_stops_from_outside() -> None:
    line = Line()
    sink = Sink(line, "out")
    conveyor = Conveyor(line, "belt", holds=2, takes=10.0, then=sink)
    Source(line, "in", then=conveyor, limit=4)
    line.kernel.call_at(5.0, conveyor.stop)
    line.kernel.call_at(8.0, conveyor.resume)
    line.run_out()
    assert sink.times.tolist() == [13.0, 13.0, 23.0, 23.0]
    assert conveyor.state_times["closed"] == 3.0
    assert line.check() == []


class Fed:
    """Work that waits until it is fed."""

    def __init__(self) -> None:
        self.fed = False

    def begin(self, load: Load) -> float:
        return 10.0 if self.fed else WAITS

    def end(self, load: Load) -> Load:
        return load


def test_what_cannot_come_onto_a_conveyor_waits_at_its_begin() -> None:
    line, work = Line(), Fed()
    sink = Sink(line, "out")
    conveyor = Conveyor(line, "coater", holds=2, work=work, then=sink)
    Source(line, "in", then=conveyor, limit=3)

    def feed() -> None:
        work.fed = True
        conveyor.retry()

    line.kernel.call_at(5.0, conveyor.retry)
    line.kernel.call_at(8.0, feed)
    line.run(4.0)
    assert (conveyor.states, conveyor.occupied) == (("waiting_material",), 1)
    line.run_out()
    assert sink.times.tolist() == [18.0, 18.0, 28.0]
    assert conveyor.state_times["waiting_material"] == 8.0
    assert line.check() == []


def test_a_buffer_is_a_place_of_its_own() -> None:
    line = Line()
    sink = Sink(line, "out")
    slow = Station(line, "slow", takes=10.0, waiting=0, then=sink)
    buffer = Buffer(line, "rack", holds=2, then=slow)
    fast = Station(line, "fast", takes=1.0, waiting=0, then=buffer)
    Source(line, "in", then=fast, limit=6)
    line.run(5.0)
    assert len(buffer) == 2
    assert fast.states == ("blocked",)
    line.run_out()
    assert sink.times.tolist() == [11.0, 21.0, 31.0, 41.0, 51.0, 61.0]
    assert line.check() == []


def test_a_kit_takes_so_many_of_each_input_and_waits_for_room() -> None:
    line = Line()
    sink = Sink(line, "out")
    assembly = Assembly(line, "desk", needs={"leg": 4, "top": 1}, holds={"leg": 8, "top": 2}, takes=5.0, then=sink)
    legs = Source(line, "legs", then=assembly.inputs["leg"], limit=12)
    tops = Source(line, "tops", between=1.0, limit=3, then=assembly.inputs["top"])
    line.run_out()
    assert sink.times.tolist() == [6.0, 11.0, 16.0]
    assert (legs.came, tops.came, assembly.made) == (12, 3, 3)
    assert line.population == 0
    assert line.check() == []


def halves(load: Load) -> list[Load]:
    return [10 * load, 10 * load + 1]


def test_a_splitter_gives_its_pieces_on_in_order_as_there_is_room() -> None:
    line = Line()
    sink = Sink(line, "out")
    press = Station(line, "press", takes=3.0, waiting=0, then=sink)
    saw = Splitter(line, "saw", split=halves, then=press)
    Source(line, "in", then=Station(line, "feed", takes=1.0, waiting=0, then=saw), limit=3)
    line.run_out()
    assert sink.numbers.tolist() == [0, 1, 10, 11, 20, 21]
    assert sink.times.tolist() == [4.0, 7.0, 10.0, 13.0, 16.0, 19.0]
    assert line.check() == []


def test_cards_limit_what_is_between_source_and_sink() -> None:
    line, cards = Line(seed=3), Cards(4)
    sink = Sink(line, "out", cards=cards)
    last = Station(line, "last", takes=exponential(2.0), then=sink)
    first = Station(line, "first", takes=exponential(1.0), then=last)
    source = Source(line, "in", then=first, cards=cards)
    line.run(500.0)
    assert source.came - sink.count == line.population == 4
    assert line.mean_population() == 4.0
    assert line.check() == []


def test_the_station_with_the_fewest_waiting_gets_the_load_and_of_equals_the_first() -> None:
    line = Line()
    one, two = (Station(line, name, takes=10.0) for name in ("one", "two"))
    feed = Station(line, "feed", takes=1.0, then=FewestWaiting([one, two]))
    for load in range(5):
        feed.put(load)
    line.run(6.0)
    assert (one.queue_length + one.occupied, two.queue_length + two.occupied) == (3, 2)


def test_odds_need_weights_and_loads_leave_the_line_where_no_node_is_named() -> None:
    line = Line(seed=1)
    sink = Sink(line, "kept")
    station = Station(line, "station", takes=1.0, then=Odds(line.stream("odds"), {sink: 3.0, None: 1.0}))
    Source(line, "in", then=station, between=1.0, limit=400)
    line.run_out()
    assert 260 < sink.count < 340
    assert line.population == 0
    assert line.check() == []
    for weights in ({}, {sink: 0.0}, {sink: -1.0, None: 2.0}):
        with pytest.raises(BadInput, match="weights of 0 or more"):
            Odds(Streams(1).named("x"), weights)


def test_a_source_loses_stops_or_waits_when_full() -> None:
    def came(when_full: str) -> tuple[int, int, int]:
        line = Line()
        station = Station(line, "station", takes=10.0, waiting=1)
        source = Source(line, "in", between=4.0, when_full=when_full, then=station)  # type: ignore[arg-type]
        line.run(41.0)
        assert line.check() == []
        return source.came, source.lost, source.waiting

    assert came("loses") == (5, 5, 0)
    assert came("waits") == (10, 0, 5)
    # Its next time begins when there is room, at 14, 24, 34: an arrival 4 s later each.
    assert came("stops") == (5, 0, 0)


def test_a_source_without_end_before_a_place_without_bound_is_refused() -> None:
    line = Line()
    with pytest.raises(BadInput, match="source in: expected a bound"):
        Source(line, "in", then=Station(line, "station"))


def test_an_input_that_cannot_hold_a_kit_is_refused() -> None:
    line = Line()
    with pytest.raises(BadInput, match="kit kit: a: expected inputs"):
        Kitting(line, "kit", needs={"a": 3}, holds=2, then=Sink(line, "out"))


def test_shifts_open_and_close_on_the_plants_clock() -> None:
    shifts = [
        Shift.model_construct(
            days=["mon", "tue"],
            begins=time(6),
            ends=time(14),
            breaks=[Break.model_construct(begins=time(9), ends=time(9, 30))],
        ),
        Shift.model_construct(days=["tue"], begins=time(22), ends=time(6), breaks=[]),
    ]
    hours = ShiftHours(shifts, Calendar(datetime(2026, 3, 1, 23, tzinfo=UTC), "Europe/Vienna"))  # Monday 00:00
    changes, now = [], 0.0
    assert not hours.is_open(0.0)
    for _ in range(12):
        now, is_open = hours.next_change(now)
        changes.append((now / 3600, is_open))
    monday = [(6.0, True), (9.0, False), (9.5, True), (14.0, False)]
    tuesday = [(24 + hour, is_open) for hour, is_open in monday]
    week = 7 * 24.0
    assert changes == [*monday, *tuesday, (46.0, True), (54.0, False), (week + 6, True), (week + 9, False)]


def test_hours_that_never_change_say_so() -> None:
    always = Repeated([(0.0, 5.0)], 5.0)
    assert always.is_open(12.0)
    assert always.next_change(1.0) == (float("inf"), True)
    with pytest.raises(BadInput, match="intervals in order"):
        Repeated([(3.0, 1.0)], 5.0)
