"""Lines of the reference table, built of the engine's stations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import floor, log1p, sqrt

import numpy as np

from plant_models.work import LawSpec
from tests.theory.measuring import Claim, Row, exact, means, rates
from twin.line import (
    Breakdowns,
    Cards,
    Giver,
    Kitting,
    Line,
    Load,
    Odds,
    Place,
    Recorded,
    Sink,
    Source,
    Station,
    erlang,
    exponential,
)
from twin.streams import Stream


def build(
    line: Line, takes: Sequence[LawSpec | Callable[[], float] | float], buffers: Sequence[int], then: Place
) -> list[Station]:
    """Stations in a row, ``buffers`` places between them, the first with none before it."""
    stations: list[Station] = []
    for number in reversed(range(len(takes))):
        waiting = buffers[number - 1] if number else 0
        after = stations[0] if stations else then
        stations.insert(0, Station(line, f"{number}", takes=takes[number], waiting=waiting, then=after))
    return stations


def blocking_line(row: Row, seed: int, parts: int, takes: Sequence[LawSpec], buffers: Sequence[int]) -> list[Claim]:
    line = Line(seed=seed)
    sink = Sink(line, "out")
    stations = build(line, takes, buffers, sink)
    source = Source(line, "in", then=stations[0])
    totals: dict[str, Callable[[], float]] = {"out": lambda: float(sink.count), "parts": line.load_seconds}
    for station in stations:
        totals |= {f"blocked {station.name}": partial(_time, station, "blocked")}
        totals |= {f"starved {station.name}": partial(_time, station, "starved")}
    found = rates(line, parts / row["throughput"] / 44, totals)
    within = None
    if "sd_times_sqrt_parts" in row:
        counted = row["throughput"] * (parts / row["throughput"]) * 40 / 44
        within = 4 * row["sd_times_sqrt_parts"] / sqrt(counted)
    claims = [Claim("throughput", row["throughput"], found["out"], within)]
    for state in ("blocked", "starved"):
        claims += [
            Claim(f"{state}[{number}]", share, found[f"{state} {number}"])
            for number, share in enumerate(row.get(state, ()))
        ]
    if "mean_parts_in_line" in row:
        claims.append(Claim("mean_parts_in_line", row["mean_parts_in_line"], found["parts"]))
        claims.append(Claim("mean_flow_time", row["mean_flow_time"], means(sink.flow_times(source))))
    return claims


def _time(station: Station, state: str) -> float:
    return station.state_times[state]


def balanced(row: Row, seed: int, parts: int) -> list[Claim]:
    count = row["stations"]
    return blocking_line(row, seed, parts, [exponential(1.0)] * count, [row["buffer"]] * (count - 1))


def unbalanced(row: Row, seed: int, parts: int) -> list[Claim]:
    return blocking_line(row, seed, parts, [exponential(1 / mu) for mu in row["mu"]], row["buffers"])


def balanced_erlang(row: Row, seed: int, parts: int) -> list[Claim]:
    count = row["stations"]
    return blocking_line(row, seed, parts, [erlang(1.0, row["erlang_phases"])] * count, [row["buffer"]] * (count - 1))


def unreliable_pair(row: Row, seed: int, parts: int) -> list[Claim]:
    line = Line(seed=seed)
    sink = Sink(line, "out")
    breakdowns = [
        [Breakdowns(exponential(1 / fail), exponential(1 / repair))]
        for fail, repair in zip(row["fail_rate"], row["repair_rate"], strict=True)
    ]
    mu = row["mu"]
    second = Station(
        line, "1", takes=exponential(1 / mu[1]), waiting=row["buffer"], breakdowns=breakdowns[1], then=sink
    )
    first = Station(line, "0", takes=exponential(1 / mu[0]), waiting=0, breakdowns=breakdowns[0], then=second)
    Source(line, "in", then=first)
    totals = {
        "out": lambda: float(sink.count),
        "n": lambda: second.load_seconds() + first.state_times["blocked"],
    }
    found = rates(line, parts / row["throughput"] / 44, totals)
    return [Claim("throughput", row["throughput"], found["out"]), Claim("mean_n", row["mean_n"], found["n"])]


class Geometric:
    """Whole cycles until something of chance ``p`` a cycle happens."""

    def __init__(self, stream: Stream, p: float) -> None:
        self._stream, self._p = stream, p

    def __call__(self) -> float:
        return 1.0 + floor(log1p(-self._stream.uniform()) / log1p(-self._p))


def deterministic_pair(row: Row, seed: int, parts: int) -> list[Claim]:
    """Buzacott's and Gershwin's two machines of cycle 1.

    The level counts the place in the second machine, and a machine that has none to fill stands still and cannot fail:
    blocking before service, N - 1 places. A machine fails or works in a cycle and is repaired at the begin of one.
    """
    line = Line(seed=seed)
    sink = Sink(line, "out")
    breakdowns = []
    for one in (1, 2):
        every = Geometric(line.stream(f"fail {one}"), row[f"p{one}"])
        breakdowns.append([Breakdowns(every, Geometric(line.stream(f"mend {one}"), row[f"r{one}"]))])
    second = Station(line, "2", takes=1.0, waiting=row["N"] - 1, breakdowns=breakdowns[1], then=sink)
    first = Station(line, "1", takes=1.0, waiting=0, blocking="before", breakdowns=breakdowns[0], then=second)
    Source(line, "in", then=first)
    totals = {"out": lambda: float(sink.count), "level": second.load_seconds}
    found = rates(line, round(parts / row["throughput"] / 44) + 0.5, totals)
    return [
        Claim("throughput", row["throughput"], found["out"]),
        Claim("mean_level", row["mean_level"], found["level"]),
    ]


def kitting(row: Row, seed: int, parts: int) -> list[Claim]:
    line = Line(seed=seed)
    sink = Sink(line, "out")
    kit = Kitting(line, "kit", needs={"a": 1, "b": 1}, holds=row["buffer"], then=sink)
    for name, place in kit.inputs.items():
        Source(line, name, between=exponential(1 / row["lam"]), when_full="stops", then=place)
    found = rates(line, parts / row["throughput"] / 44, {"out": lambda: float(sink.count)})
    return [Claim("throughput", row["throughput"], found["out"])]


class Apart:
    """Work that takes no time and makes ``count`` pieces of a load: the load's number and the piece's."""

    def __init__(self, count: int) -> None:
        self._count = count

    def begin(self, load: Load) -> float:
        return 0.0

    def end(self, load: Load) -> list[Load]:
        return [(load, piece) for piece in range(self._count)]


def first_number(kit: tuple[Load, ...]) -> Load:
    return kit[0][0]


def assembly(row: Row, seed: int, parts: int) -> list[Claim]:
    """Each piece has a machine of its own; the kit waits for the last of them, and one kit at a time is made."""
    line, cards = Line(seed=seed), Cards(1)
    sink = Sink(line, "out", cards=cards)
    names = [f"piece {number}" for number in range(row["n"])]
    kit = Kitting(line, "kit", needs=dict.fromkeys(names, 1), join=first_number, then=sink)
    machines = [Station(line, f"machine {name}", takes=exponential(1.0), then=kit.inputs[name]) for name in names]
    apart = Station(line, "apart", work=Apart(row["n"]), then=lambda piece: machines[piece[1]])
    source = Source(line, "in", then=apart, cards=cards)
    line.run(parts * row["mean"])
    assert not line.check()
    return [Claim("mean", row["mean"], means(sink.flow_times(source)))]


def deterministic(row: Row, seed: int, parts: int) -> list[Claim]:
    claims = []
    for buffer in (0, 1, 2, 10, 1000):
        line = Line()
        sink = Sink(line, "out")
        times = row["service"]
        stations = build(line, times, [buffer] * (len(times) - 1), sink)
        Source(line, "in", then=stations[0], limit=row["N"])
        line.run_out()
        late = sink.times[-20:]
        claims.append(exact(f"makespan, {buffer} places", row["makespan"], line.kernel.now))
        claims.append(exact("throughput", row["throughput_asymptotic"], 19 / (late[-1] - late[0])))
    return claims


def rolled_yield(row: Row, seed: int, parts: int) -> list[Claim]:
    line = Line(seed=seed)
    good, scrap = Sink(line, "good"), Sink(line, "scrap")
    after: Place = good
    for number, share in reversed(list(enumerate(row["stage_yields"]))):
        odds = Odds(line.stream(f"yield {number}"), {after: share, scrap: 1 - share})
        after = Station(line, f"stage {number}", takes=1.0, then=odds)
    Source(line, "in", then=after, between=2.0)
    line.run(2.0 * parts)
    verdicts = np.concatenate((np.ones(good.count), np.zeros(scrap.count)))[
        np.argsort(np.concatenate((good.numbers, scrap.numbers)))
    ]
    return [Claim("rolled_throughput_yield", row["rolled_throughput_yield"], means(verdicts))]


class Tap(Place):
    """Notes when loads go through on their way to ``then``: a node of the caller's own."""

    def __init__(self, line: Line, name: str, then: Place) -> None:
        super().__init__(name)
        line.add(self)
        self.times: list[float] = []
        self._line, self._then = line, then

    def is_free(self) -> bool:
        return self._then.is_free()

    def offer(self, load: Load, giver: Giver) -> bool:
        if not self._then.offer(load, self):
            self.givers.append(giver)
            return False
        self.times.append(self._line.kernel.now)
        return True

    def room(self, node: Place) -> Place | None:
        return self.givers.popleft().room(self)


def exact_trace(row: Row, seed: int, parts: int) -> list[Claim]:
    line = Line()
    after: Place = Sink(line, "out")
    taps: list[Tap] = []
    for number in reversed(range(row["stations"])):
        taps.insert(0, Tap(line, f"after {number}", after))
        times = Recorded([float(one) for one in row["service"][number]])
        after = Station(line, f"{number}", takes=times, waiting=row["buffer"] if number else 0, then=taps[0])
    Source(line, "in", then=after, limit=row["parts"])
    line.run_out()
    claims = [exact("makespan", row["makespan"], line.kernel.now)]
    for tap, leave in zip(taps, row["leave_time"], strict=True):
        assert tap.times == leave, tap.name
    return claims
