"""Lines of stations: machines, conveyors, buffers, assemblies, sources and sinks on one clock, as fast as Python goes.

>>> from twin.line import Line, Sink, Source, Station, exponential
>>> line = Line(seed=1)
>>> sink = Sink(line, "out")
>>> press = Station(line, "press", takes=exponential(1.0), waiting=5, then=sink)
>>> source = Source(line, "in", between=exponential(1.25), when_full="loses", then=press)
>>> line.run(3600.0)
>>> 0.7 < sink.throughput() < 0.8
True
"""

from __future__ import annotations

from twin.laws import Law, Recorded, erlang, exponential, fixed, lognormal, sampler, triangular, uniform
from twin.line import machine, plain  # noqa: F401 - the kinds of station register themselves
from twin.line.conveyor import Conveyor
from twin.line.crew import Crew
from twin.line.deadlock import Deadlock
from twin.line.ends import Cards, Sink, Source
from twin.line.features import Breakdowns, Collects, SetUp
from twin.line.hours import Hours, Repeated, ShiftHours
from twin.line.joints import Assembly, Buffer, FewestWaiting, Kitting, Odds, Splitter
from twin.line.line import Line
from twin.line.places import STATES, WAITS, Giver, Load, Node, Place, Work, let_in
from twin.line.station import Station

__all__ = [
    "STATES",
    "WAITS",
    "Assembly",
    "Breakdowns",
    "Buffer",
    "Cards",
    "Collects",
    "Conveyor",
    "Crew",
    "Deadlock",
    "FewestWaiting",
    "Giver",
    "Hours",
    "Kitting",
    "Law",
    "Line",
    "Load",
    "Node",
    "Odds",
    "Place",
    "Recorded",
    "Repeated",
    "SetUp",
    "ShiftHours",
    "Sink",
    "Source",
    "Splitter",
    "Station",
    "Work",
    "erlang",
    "exponential",
    "fixed",
    "let_in",
    "lognormal",
    "sampler",
    "triangular",
    "uniform",
]
