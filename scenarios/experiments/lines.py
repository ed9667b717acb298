"""A line of stations as an experiment declares it, for questions about time: how much, how long, how many."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from plant_models.work import Law as Times
from scenarios.declared import Strict
from scenarios.experiments.series import Series, bucketed
from twin.line.ends import Sink, Source
from twin.line.joints import Odds
from twin.line.line import Line
from twin.line.places import Place
from twin.line.station import Station


class LineStation(Strict):
    """One station: how long a load ``takes``, how many it ``serves`` at once, how many may be ``waiting`` before it.

    ``sends`` shares of what it has done elsewhere: to another station by name (rework), or ``out`` of the line; the
    rest goes to the next station.
    """

    takes: Times
    serves: Annotated[int, Field(ge=1, le=1000)] = 1
    waiting: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    sends: dict[str, Annotated[float, Field(gt=0.0, le=1.0)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _shares_leave_a_rest(self) -> LineStation:
        if sum(self.sends.values()) > 1.0:
            raise PydanticCustomError("sends", "shares that come to 1 at most")
        return self


OUT = "out"


def _ways_exist(stations: dict[str, LineStation]) -> dict[str, LineStation]:
    for name, station in stations.items():
        for target in station.sends:
            if target != OUT and target not in stations:
                context = {"known": ", ".join((*stations, OUT)), "name": name, "target": target}
                raise PydanticCustomError("sends", "{name} sends to one of {known}, got {target}", context)
    return stations


class LineModel(Strict):
    """Stations in the order in which loads pass them; loads ``arrive`` so long after each other."""

    arrive: Times
    stations: Annotated[dict[str, LineStation], Field(min_length=1), AfterValidator(_ways_exist)]


class Built:
    """A line built from its model, on streams of its own."""

    def __init__(self, model: LineModel, seed: int, replication: int) -> None:
        self.line = Line(seed=seed, replication=replication)
        self.sink = Sink(self.line, OUT)
        places: dict[str, Place] = {OUT: self.sink}
        following: Place = self.sink
        for name, one in reversed(model.stations.items()):
            station = Station(self.line, name, takes=one.takes, serves=one.serves, waiting=one.waiting, then=following)
            places[name] = following = station
        for name, one in model.stations.items():
            if one.sends:
                self._send(name, one, places)
        self.source = Source(self.line, "arrivals", between=model.arrive, then=following)

    def _send(self, name: str, one: LineStation, places: dict[str, Place]) -> None:
        station = places[name]
        assert isinstance(station, Station)
        weights: dict[Any, float] = {}
        for target, share in one.sends.items():
            weights[places[target]] = weights.get(places[target], 0.0) + share
        rest = station.then
        weights[rest] = weights.get(rest, 0.0) + 1.0 - sum(one.sends.values())
        station.then = Odds(self.line.stream(f"{name}/sends"), weights)


def measure_line(
    model: LineModel, responses: tuple[str, ...], seed: int, replication: int, until_s: float, bucket_s: float
) -> dict[str, Series]:
    """What one replication of the line came to, in parts of ``bucket_s``; the line checks itself."""
    from twin.selfcheck import check_line

    built = Built(model, seed, replication)
    built.line.run(until_s)
    check_line(built.line)
    left, ones = built.sink.times, np.ones(built.sink.count)
    lengths = bucketed(np.empty(0), np.empty(0), until_s, bucket_s).lengths
    found: dict[str, Series] = {}
    for response in responses:
        if response == "throughput":
            found[response] = Series(bucketed(left, ones, until_s, bucket_s).sums * 3600.0, lengths, bucket_s)
        elif response == "time_in_line":
            flow = bucketed(left, built.sink.flow_times(built.source), until_s, bucket_s)
            found[response] = Series(flow.sums, bucketed(left, ones, until_s, bucket_s).sums, bucket_s)
        elif response == "population":
            found[response] = Series(_loads_there(built, until_s, bucket_s), lengths, bucket_s)
    return found


def _loads_there(built: Built, until_s: float, bucket_s: float) -> Any:
    """Load seconds in each part of the run."""
    came, left = np.array(built.source.times), built.sink.times
    count = int(np.ceil(until_s / bucket_s - 1e-9))
    edges = np.minimum(np.arange(count + 1) * bucket_s, until_s)

    def seconds(moments: Any) -> Any:
        """Seconds since each of ``moments``, summed, at each edge."""
        sums = np.concatenate(([0.0], np.cumsum(np.sort(moments))))
        passed = np.searchsorted(np.sort(moments), edges, side="right")
        return passed * edges - sums[passed]

    return np.diff(seconds(came) - seconds(left))
