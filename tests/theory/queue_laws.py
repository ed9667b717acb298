"""Queues of the reference table, built of the engine's stations. One unit of the table's time is 1000 s here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt

import numpy as np

from tests.theory.measuring import Claim, Row, Values, batches, means, rates
from twin.line import (
    Breakdowns,
    Cards,
    Collects,
    Conveyor,
    Crew,
    Line,
    Odds,
    Sink,
    Source,
    Station,
    erlang,
    exponential,
    fixed,
    lognormal,
    uniform,
)
from twin.streams import Stream

UNIT = 1000.0
"""A truth row counts milliseconds: 1e-6 of the table's unit."""


class Hyperexponential:
    """Mean 1, squared coefficient of variation 4, balanced means: only for tests, a law of the caller's own."""

    def __init__(self, stream: Stream, scv: float) -> None:
        self._stream = stream
        self._first = 0.5 * (1 + sqrt((scv - 1) / (scv + 1)))

    def __call__(self) -> float:
        share = self._first if self._stream.chance(self._first) else 1 - self._first
        return self._stream.exponential(UNIT / (2 * share))


def service(line: Line, name: str) -> object:
    """The law the table calls ``name``, of mean 1."""
    if name.startswith("erlang"):
        return erlang(UNIT, int(name.removeprefix("erlang")))
    laws = {"deterministic": fixed(UNIT), "exponential": exponential(UNIT), "uniform(0,2)": uniform(0.0, 2 * UNIT)}
    laws["lognormal scv=0.25"] = lognormal(UNIT, 0.5)
    return laws.get(name) or Hyperexponential(line.stream("service"), float(name.removeprefix("hyperexp scv=")))


class Queue:
    """A source, a station and a sink, and what was measured of them."""

    def __init__(self, seed: int, lam: float, **options: object) -> None:
        self.line = Line(seed=seed)
        self.sink = Sink(self.line, "out")
        when_full = options.pop("when_full", "waits")
        takes = options.pop("takes", exponential(UNIT))
        if isinstance(takes, str):
            takes = service(self.line, takes)
        self.station = Station(self.line, "station", takes=takes, then=self.sink, **options)  # type: ignore[arg-type]
        self.source = Source(
            self.line,
            "in",
            between=exponential(UNIT / lam),
            then=self.station,
            when_full=when_full,  # type: ignore[arg-type]
        )

    def run(self, customers: int, lam: float) -> dict[str, Values]:
        """Time averages, and customers' times by batches."""
        totals = {
            "L": self.station.load_seconds,
            "Lq": self.station.queue_seconds,
            "working": lambda: self.station.state_times["working"],
            "down": lambda: self.station.state_times["down"],
            "starved": lambda: self.station.state_times["starved"],
            "out": lambda: float(self.sink.count),
            "lost": lambda: float(self.source.lost),
            "came": lambda: float(self.source.came),
        }
        found = rates(self.line, customers / lam * UNIT / 44, totals)
        for name in ("out", "lost", "came"):
            found[name] *= UNIT
        flow = self.sink.flow_times(self.source) / UNIT
        rows = self.line.operations.arrays()
        came_ms = np.rint(np.array(self.source.times) * 1000)[rows["part"]]
        found["waits"] = (rows["begin_ms"] - came_ms) / 1000 / UNIT
        found["serves"] = (rows["end_ms"] - rows["begin_ms"]) / 1000 / UNIT
        return {**found, "flow": flow}

    def claims(self, row: Row, found: dict[str, Values]) -> list[Claim]:
        """The claims that rows of queues share."""
        values: dict[str, Callable[[], Values]] = {
            "L": lambda: found["L"],
            "Lq": lambda: found["Lq"],
            "W": lambda: means(found["flow"]),
            "Wq": lambda: means(found["waits"]),
        }
        return [Claim(name, row[name], take()) for name, take in values.items() if name in row]


def mm1(row: Row, seed: int, size: int) -> list[Claim]:
    queue = Queue(seed, row["lam"])
    found = queue.run(size, row["lam"])
    departures = np.diff(queue.sink.times)
    scv = np.array([batch.var() / batch.mean() ** 2 for batch in batches(departures)])
    return [
        *queue.claims(row, found),
        Claim("P_W_gt_5", row["P_W_gt_5"], means(found["flow"] > 5.0)),
        Claim("P0", row["P0"], found["starved"]),
        Claim("scv_interdeparture", row["scv_interdeparture"], scv),
    ]


def mmc(row: Row, seed: int, size: int) -> list[Claim]:
    queue = Queue(seed, row["lam"], serves=row["c"])
    found = queue.run(size, row["lam"])
    # A wait of less than the row's millisecond is none.
    return [*queue.claims(row, found), Claim("P_wait", row["P_wait"], means(found["waits"] > 1.5e-6))]


def erlang_b(row: Row, seed: int, size: int) -> list[Claim]:
    queue = Queue(seed, row["a"], serves=row["c"], waiting=0, when_full="loses")
    found = queue.run(size, row["a"])
    return [Claim("blocking", row["blocking"], found["lost"] / (found["lost"] + found["came"]))]


def mm1k(row: Row, seed: int, size: int) -> list[Claim]:
    queue = Queue(seed, row["lam"], waiting=row["K"] - 1, when_full="loses")
    found = queue.run(size, row["lam"])
    return [
        *queue.claims(row, found),
        Claim("P_loss", row["P_loss"], found["lost"] / (found["lost"] + found["came"])),
        Claim("throughput", row["throughput"], found["out"]),
    ]


def mg1(row: Row, seed: int, size: int) -> list[Claim]:
    queue = Queue(seed, row["lam"], takes=row["service"])
    found = queue.run(size, row["lam"])
    scv = np.array([batch.var() / batch.mean() ** 2 for batch in batches(found["serves"])])
    return [
        *queue.claims(row, found),
        Claim("mean", row["mean"], means(found["serves"]))
        if row["scv"]
        else Claim("mean", 1.0, means(found["serves"]), 1e-9),
        Claim("scv", row["scv"], scv),
    ]


def mm1_breakdowns(row: Row, seed: int, size: int) -> list[Claim]:
    breakdowns = [Breakdowns(exponential(UNIT * row["mtbf_busy"]), exponential(UNIT * row["mttr"]))]
    queue = Queue(seed, row["lam"], breakdowns=breakdowns)
    found = queue.run(size, row["lam"])
    scv = np.array([batch.var() / batch.mean() ** 2 for batch in batches(found["serves"])])
    return [
        *queue.claims(row, found),
        Claim("rho", row["rho"], found["working"] + found["down"]),
        Claim("ES", row["ES"], means(found["serves"])),
        Claim("scv", row["scv"], scv),
    ]


def tandem(row: Row, seed: int, size: int) -> list[Claim]:
    line = Line(seed=seed)
    sink = Sink(line, "out")
    stations: list[Station] = []
    for number, mu in reversed(list(enumerate(row["mu"]))):
        after = stations[0] if stations else sink
        stations.insert(0, Station(line, f"{number}", takes=exponential(1 / mu), then=after))
    source = Source(line, "in", between=exponential(1 / row["lam"]), then=stations[0])
    found = rates(line, size / row["lam"] / 44, {one.name: one.load_seconds for one in stations})
    claims = [Claim(f"L[{one.name}]", row["L"][number], found[one.name]) for number, one in enumerate(stations)]
    return [*claims, Claim("W_total", row["W_total"], means(sink.flow_times(source)))]


def bernoulli_rework(row: Row, seed: int, size: int) -> list[Claim]:
    line = Line(seed=seed)
    sink = Sink(line, "out")
    station = Station(line, "station", takes=exponential(1 / row["mu"]))
    again = row["rework_prob"]
    station.then = Odds(line.stream("rework"), {station: again, sink: 1 - again})
    source = Source(line, "in", between=exponential(1 / row["lam"]), then=station)
    totals = {"L": station.load_seconds, "gamma": lambda: station.finished, "out": lambda: sink.count}
    found = rates(line, size / row["gamma"] / 44, totals)
    return [
        Claim("L", row["L"], found["L"]),
        Claim("gamma", row["gamma"], found["gamma"]),
        Claim("mean_passes", row["mean_passes"], found["gamma"] / found["out"]),
        Claim("W_total", row["W_total"], means(sink.flow_times(source))),
    ]


def rework_scrap(row: Row, seed: int, size: int) -> list[Claim]:
    line = Line(seed=seed)
    good, scrap = Sink(line, "good"), Sink(line, "scrap")
    make, inspect, mend = (
        Station(line, name, takes=exponential(1 / mu))
        for name, mu in zip(("make", "inspect", "rework"), row["mu"], strict=True)
    )
    make.then, mend.then = inspect, make
    inspect.then = Odds(line.stream("verdict"), {good: 0.85, mend: 0.10, scrap: 0.05})
    Source(line, "in", between=exponential(1 / row["lam"]), then=make)
    stations = (make, inspect, mend)
    totals: dict[str, Callable[[], float]] = {f"L{one.name}": one.load_seconds for one in stations}
    totals |= {one.name: partial(_finished, one) for one in stations}
    totals |= {"good": lambda: good.count, "scrap": lambda: scrap.count}
    found = rates(line, size / row["lam"] / 44, totals)
    claims = [Claim(f"gamma {one.name}", row["gamma"][number], found[one.name]) for number, one in enumerate(stations)]
    claims += [Claim(f"L {one.name}", row["L"][number], found[f"L{one.name}"]) for number, one in enumerate(stations)]
    return [
        *claims,
        Claim("good_rate", row["good_rate"], found["good"]),
        Claim("scrap_rate", row["scrap_rate"], found["scrap"]),
        Claim("final_good_fraction", row["final_good_fraction"], found["good"] / (found["good"] + found["scrap"])),
    ]


def _finished(station: Station) -> float:
    return station.finished


class Sampled:
    """Samples numbers of a line every second: they change nothing."""

    def __init__(self, line: Line, takes: Callable[[], float]) -> None:
        self.values: list[float] = []
        self._line, self._takes = line, takes
        self._sample()

    def _sample(self) -> None:
        self.values.append(self._takes())
        self._line.kernel.call_in(1.0, self._sample)


class Counted:
    """Exponential times, counted."""

    def __init__(self, stream: Stream, mean: float) -> None:
        self.count = 0
        self._stream, self._mean = stream, mean

    def __call__(self) -> float:
        self.count += 1
        return self._stream.exponential(self._mean)


def machine_repair(row: Row, seed: int, size: int) -> list[Claim]:
    line, machines = Line(seed=seed), row["N"]
    crew = Crew(line, "repairers", row["repairers"])
    repair = Counted(line.stream("repair"), 1 / row["repair_rate"])
    spec = Breakdowns(exponential(1 / row["fail_rate"]), repair, crew=crew)
    station = Station(line, "machines", takes=5.0, serves=machines, waiting=0, breakdowns=[spec])
    Source(line, "in", then=station)
    down = Sampled(line, lambda: station.states.count("down"))
    totals = {
        "down": lambda: station.state_times["down"],
        "repairs": lambda: float(repair.count),
        "busy": lambda: crew.utilisation * line.kernel.now if line.kernel.now else 0.0,
    }
    found = rates(line, size / 44, totals)
    shares = [Claim(f"P[{n}]", p, means(np.array(down.values) == n)) for n, p in enumerate(row["P"]) if p > 0.01]
    return [
        Claim("mean_down", row["mean_down"], found["down"]),
        Claim("availability", row["availability"], 1 - found["down"] / machines),
        Claim("repair_throughput", row["repair_throughput"], found["repairs"]),
        Claim("repairer_utilisation", row["repairer_utilisation"], found["busy"]),
        *shares,
    ]


def conwip(row: Row, seed: int, size: int) -> list[Claim]:
    line, cards = Line(seed=seed), Cards(row["wip"])
    sink = Sink(line, "out", cards=cards)
    first: Station | Sink = sink
    for number in range(row["stations"]):
        first = Station(line, f"{number}", takes=exponential(1.0), then=first)
    source = Source(line, "in", then=first, cards=cards)
    found = rates(line, size / row["throughput"] / 44, {"out": lambda: float(sink.count)})
    assert line.population == row["wip"]
    return [
        Claim("throughput", row["throughput"], found["out"]),
        Claim("cycle_time", row["cycle_time"], means(sink.flow_times(source))),
    ]


def closed_ring(row: Row, seed: int, size: int) -> list[Claim]:
    line = Line(seed=seed)
    stations = [Station(line, f"{number}", takes=exponential(1 / mu)) for number, mu in enumerate(row["mu"])]
    for number, station in enumerate(stations):
        station.then = stations[(number + 1) % len(stations)]
    for load in range(row["wip"]):
        stations[0].put(load)
    totals: dict[str, Callable[[], float]] = {one.name: one.load_seconds for one in stations}
    found = rates(line, size / row["throughput"] / 44, {**totals, "out": partial(_finished, stations[0])})
    claims = [Claim(f"L[{one.name}]", row["L"][number], found[one.name]) for number, one in enumerate(stations)]
    return [*claims, Claim("throughput", row["throughput"], found["out"])]


def wait_to_batch(row: Row, seed: int, size: int) -> list[Claim]:
    line = Line(seed=seed)
    sink = Sink(line, "out")
    furnace = Station(line, "furnace", takes=0.0, collects=Collects(row["k"]), then=sink)
    source = Source(line, "in", between=exponential(1 / row["lam"]), then=furnace)
    line.run(size / row["lam"])
    assert not line.check()
    return [Claim("wait", row["wait"], means(sink.flow_times(source)))]


def availability(row: Row, seed: int, size: int) -> list[Claim]:
    claims = []
    counts: Sequence[str] = ("working", "clock")
    for how in counts:
        line = Line(seed=seed)
        spec = Breakdowns(exponential(row["mtbf"]), exponential(row["mttr"]), counts=how)  # type: ignore[arg-type]
        station = Station(line, "machine", takes=7.0, waiting=0, breakdowns=[spec])
        Source(line, "in", then=station)
        totals = {"working": lambda one=station: one.state_times["working"]}
        found = rates(line, size * row["mttr"] / 10, totals)
        claims.append(Claim(f"availability, {how}", row["availability"], found["working"]))
    return claims


def mginf(row: Row, seed: int, size: int) -> list[Claim]:
    """Any law of service: parallel machines, and for a fixed time a conveyor too."""
    claims = []
    for law in (exponential(row["mean_service"]), uniform(0.0, 2 * row["mean_service"]), None):
        line = Line(seed=seed)
        if law is None:
            place: Station = Conveyor(line, "oven", holds=100_000, takes=row["mean_service"])
        else:
            place = Station(line, "places", takes=law, serves=40)
        Source(line, "in", between=exponential(1 / row["lam"]), then=place)
        here = Sampled(line, lambda one=place: one.occupied)  # type: ignore[misc]
        found = rates(line, size / 44, {"L": place.load_seconds})
        name = "conveyor" if law is None else law.law
        variance = np.array([batch.var() for batch in batches(here.values)])
        claims += [
            Claim(f"mean, {name}", row["mean"], found["L"]),
            Claim(f"variance, {name}", row["variance"], variance),
        ]
    return claims
