"""The engine against the recursion of departure times, on lines of every shape: equal to the last bit."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from twin.line import Breakdowns, Line, Place, Recorded, Sink, Source, Station

Times = Sequence[Sequence[int]]


def departures(service: Times, buffers: Sequence[int]) -> tuple[list[list[int]], list[list[int]]]:
    """When each part begins at each machine and when it leaves it: blocking after service, ``buffers`` between."""
    machines, parts = len(service), len(service[0])
    begins = [[0] * parts for _ in range(machines)]
    leaves = [[0] * parts for _ in range(machines)]
    for part in range(parts):
        for machine in range(machines):
            came = leaves[machine - 1][part] if machine else 0
            begins[machine][part] = max(came, leaves[machine][part - 1] if part else 0)
            leaves[machine][part] = begins[machine][part] + service[machine][part]
            if machine + 1 < machines and (earlier := part - buffers[machine] - 1) >= 0:
                leaves[machine][part] = max(leaves[machine][part], leaves[machine + 1][earlier])
    return begins, leaves


@st.composite
def lines(draw: st.DrawFn) -> tuple[list[list[int]], list[int]]:
    machines, parts = draw(st.integers(1, 6)), draw(st.integers(1, 30))
    times = st.lists(st.integers(0, 9), min_size=parts, max_size=parts)
    service = draw(st.lists(times, min_size=machines, max_size=machines))
    return service, draw(st.lists(st.integers(0, 4), min_size=machines - 1, max_size=machines - 1))


def run(service: Times, buffers: Sequence[int], **features: object) -> tuple[Line, Sink]:
    line = Line()
    sink = after = Sink(line, "out")
    place: Place = after
    for machine in reversed(range(len(service))):
        times = Recorded([float(one) for one in service[machine]])
        waiting = buffers[machine - 1] if machine else 0
        place = Station(line, f"{machine}", takes=times, waiting=waiting, then=place, **features)  # type: ignore[arg-type]
    Source(line, "in", then=place, limit=len(service[0]))
    line.run_out()
    assert line.check() == []
    return line, sink


def agrees(service: Times, buffers: Sequence[int], **features: object) -> None:
    line, sink = run(service, buffers, **features)
    begins, leaves = departures(service, buffers)
    rows = line.operations.arrays()
    machines, parts = len(service), len(service[0])
    assert len(rows["part"]) == machines * parts
    for row in range(machines * parts):
        machine, part = machines - int(rows["station"][row]), int(rows["part"][row])
        assert rows["begin_ms"][row] == 1000 * begins[machine][part]
        assert rows["end_ms"][row] == 1000 * (begins[machine][part] + service[machine][part])
    assert sink.times.tolist() == leaves[-1]
    assert sink.numbers.tolist() == list(range(parts))
    blocked = [leaves[machine][part] - begins[machine][part] for machine in range(machines) for part in range(parts)]
    together = sum(station.state_times["blocked"] for station in stations_of(line))
    assert together == sum(blocked) - sum(map(sum, service))


def stations_of(line: Line) -> list[Station]:
    return [node for node in line.nodes.values() if isinstance(node, Station)]


@given(lines())
def test_plain_stations_follow_the_recursion_exactly(shape: tuple[list[list[int]], list[int]]) -> None:
    agrees(*shape)


@given(lines())
def test_stations_with_features_that_never_strike_follow_it_too(shape: tuple[list[list[int]], list[int]]) -> None:
    agrees(*shape, breakdowns=[Breakdowns(every=1e9, repair=1.0)])


@given(lines())
def test_a_line_turned_round_makes_its_parts_in_the_same_time(shape: tuple[list[list[int]], list[int]]) -> None:
    """Reversibility of lines that block after service: the last part first, the last machine first."""
    service, buffers = shape
    line, _ = run(service, buffers)
    turned, _ = run([times[::-1] for times in service[::-1]], buffers[::-1])
    assert line.kernel.now == turned.kernel.now


@given(lines(), st.data())
def test_more_room_never_makes_a_part_later(shape: tuple[list[list[int]], list[int]], data: st.DataObject) -> None:
    service, buffers = shape
    wider = [places + data.draw(st.integers(0, 3)) for places in buffers]
    _, narrow = run(service, buffers)
    _, wide = run(service, wider)
    assert (wide.times <= narrow.times).all()


def test_a_thousand_blocked_machines_move_up_at_once() -> None:
    """No recursion from machine to machine: the last one is slow, all others stand full before it."""
    machines = 1200
    line = Line()
    place: Place = Station(line, "slow", takes=5000.0, waiting=0, then=Sink(line, "out"))
    others = [place := Station(line, f"{number}", takes=1.0, waiting=0, then=place) for number in range(machines)]
    source = Source(line, "in", then=place)
    line.run(machines + 4999.0)
    assert {station.states for station in others} == {("blocked",)}
    assert source.came == machines + 1
    line.run(machines + 5000.0)
    assert {station.states for station in others} == {("working",)}
    assert source.came == machines + 2
    assert line.check() == []
