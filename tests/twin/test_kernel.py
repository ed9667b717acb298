from __future__ import annotations

import itertools
from datetime import UTC, datetime, time

import numpy as np
import pytest

from twin.calendar import Calendar
from twin.columns import NOTHING, Table
from twin.kernel import Kernel, Steps
from twin.streams import CHUNK, Streams


def test_calls_and_processes_share_one_queue_and_ties_go_by_order_of_scheduling() -> None:
    kernel, seen = Kernel(), list[tuple[float, str]]()

    def walk(name: str) -> Steps:
        for _ in range(2):
            yield kernel.wait(10.0)
            seen.append((kernel.now, name))

    kernel.start(walk("first"))
    kernel.call_in(10.0, lambda: seen.append((kernel.now, "call")))
    kernel.start(walk("second"))
    kernel.run(20.0)
    # A process takes its first step, and so schedules its wait, when the run begins; a call is scheduled at once.
    assert seen == [(10.0, "call"), (10.0, "first"), (10.0, "second"), (20.0, "first"), (20.0, "second")]


def test_a_run_includes_its_last_moment_and_goes_on_from_there() -> None:
    kernel, seen = Kernel(), list[float]()
    for moment in (5.0, 10.0, 10.0, 15.0):
        kernel.call_in(moment, lambda: seen.append(kernel.now))
    kernel.run(10.0)
    assert seen == [5.0, 10.0, 10.0]
    assert kernel.now == 10.0
    kernel.run(10.0)
    kernel.run(100.0)
    assert seen == [5.0, 10.0, 10.0, 15.0]
    assert kernel.now == 100.0


def test_calls_may_schedule_calls() -> None:
    kernel, seen = Kernel(), list[float]()

    def tick() -> None:
        seen.append(kernel.now)
        if len(seen) < 1000:
            kernel.call_in(1.0, tick)

    kernel.call_in(1.0, tick)
    kernel.run(2000.0)
    assert seen == [float(second) for second in range(1, 1001)]
    assert kernel.peek() == float("inf")


def test_a_signal_wakes_all_who_wait_in_their_order_and_nobody_who_comes_later() -> None:
    kernel, seen = Kernel(), list[str]()
    signal = kernel.signal()

    def wait(name: str, after: float) -> Steps:
        yield kernel.wait(after)
        yield signal.wait()
        seen.append(name)

    for name, after in (("b", 1.0), ("a", 2.0), ("late", 9.0)):
        kernel.start(wait(name, after))
    kernel.call_in(0.5, signal.fire)
    kernel.call_in(5.0, signal.fire)
    kernel.run(100.0)
    assert seen == ["b", "a"]


def test_a_fault_in_a_process_ends_the_run_with_its_own_exception() -> None:
    kernel = Kernel()

    def fail() -> Steps:
        yield kernel.wait(1.0)
        message = "out of milk"
        raise LookupError(message)

    kernel.start(fail())
    with pytest.raises(LookupError, match="out of milk"):
        kernel.run(2.0)


def test_streams_depend_on_seed_replication_and_name_alone() -> None:
    def draws(seed: int, replication: int, name: str, others: int) -> list[float]:
        streams = Streams(seed, replication)
        for number in range(others):
            streams.named(f"other {number}").uniform()
        stream = streams.named(name)
        return [stream.uniform() for _ in range(2 * CHUNK)]

    assert draws(1, 0, "line", 0) == draws(1, 0, "line", 50)
    different = {tuple(draws(*case, 0)) for case in ((1, 0, "line"), (2, 0, "line"), (1, 1, "line"), (1, 0, "line2"))}
    assert len(different) == 4


def test_the_laws_of_one_stream_do_not_shift_each_other() -> None:
    alone, mixed = Streams(1).named("x"), Streams(1).named("x")
    expected = [alone.uniform() for _ in range(100)]
    got = []
    for _ in range(100):
        mixed.normal(0.0, 1.0)
        got.append(mixed.uniform())
        mixed.exponential(1.0)
    assert got == expected


def test_the_laws_have_their_moments() -> None:
    stream, count = Streams(5).named("moments"), 20_000
    tolerance = 4.5 / count**0.5
    assert np.mean([stream.uniform() for _ in range(count)]) == pytest.approx(0.5, abs=0.289 * tolerance)
    assert np.mean([stream.normal(2.0, 3.0) for _ in range(count)]) == pytest.approx(2.0, abs=3.0 * tolerance)
    assert np.mean([stream.exponential(4.0) for _ in range(count)]) == pytest.approx(4.0, abs=4.0 * tolerance)
    poisson = [stream.poisson(2.5) for _ in range(count)]
    assert np.mean(poisson) == pytest.approx(2.5, abs=2.5**0.5 * tolerance)
    assert np.var(poisson) == pytest.approx(2.5, abs=3 * 2.5 * tolerance)
    chosen = [stream.choice("abc", [1.0, 2.0, 1.0]) for _ in range(count)]
    assert chosen.count("b") / count == pytest.approx(0.5, abs=0.5 * tolerance)
    assert {stream.below(3) for _ in range(100)} == {0, 1, 2}
    assert stream.chance(1.0)
    assert not stream.chance(0.0)


def test_a_table_keeps_what_was_appended_in_its_own_types() -> None:
    table = Table({"time_ms": "q", "kind": "B", "portion": "I"})
    assert table.append(-5, 255, NOTHING) == 0
    assert table.append(2**40, 0, 7) == 1
    assert table.row_bytes == 13
    columns = table.arrays()
    assert columns["time_ms"].tolist() == [-5, 2**40]
    assert columns["kind"].dtype == np.uint8
    assert columns["portion"].tolist() == [NOTHING, 7]
    with pytest.raises(OverflowError):
        table.append(0, 256, 0)


def test_the_plants_clock_keeps_to_the_wall_when_summer_time_begins_and_ends() -> None:
    calendar = Calendar(datetime(2026, 3, 27, 23, 0, tzinfo=UTC), "Europe/Vienna")  # Saturday 00:00
    hour = 3600.0
    assert calendar.next(["sat", "sun", "mon"], time(6), -1.0) == 6 * hour
    assert calendar.next(["sun"], time(6), 0.0) == 29 * hour  # one hour was left out
    assert calendar.next(["mon"], time(6), 0.0) == 53 * hour
    assert calendar.next(["sat"], time(0), 0.0) == 7 * 24 * hour - hour
    autumn = Calendar(datetime(2026, 10, 23, 22, 0, tzinfo=UTC), "Europe/Vienna")  # Saturday 00:00
    assert autumn.next(["sun"], time(6), 0.0) == 31 * hour
    assert autumn.weekday(24 * hour) == "sun"
    assert autumn.moment(1.23456) == datetime(2026, 10, 23, 22, 0, 1, 235000, tzinfo=UTC)


def test_the_next_time_is_always_later_and_never_skips_a_day() -> None:
    calendar = Calendar(datetime(2026, 1, 1, tzinfo=UTC), "America/New_York")
    now, found = -1.0, []
    for _ in range(400):
        now = calendar.next(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], time(2, 30), now)
        found.append(now)
    steps = {round(after - before) for before, after in itertools.pairwise(found)}
    assert steps == {86_400, 82_800, 90_000}
