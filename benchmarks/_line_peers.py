"""The same five machines in every peer: buffers of 10 between, blocking after service, the same draws.

Each function takes the service times, machine by machine, and gives the seconds of processor time its run took and the
time at which the last part was finished. Peers run as their documentation shows; what they write down by themselves
stays switched on where they have no switch for it.
"""

from __future__ import annotations

import contextlib
import io
import pathlib
import sys
import warnings
from collections.abc import Callable, Generator
from itertools import pairwise
from time import process_time
from typing import Any

import simpy

Service = list[list[float]]
Run = tuple[float, float]

sys.path.append(str(pathlib.Path(sys.prefix) / "peers"))  # where `make bench` puts them, behind everything else

BUFFER = 10
"""Places between two machines (PEERS)."""


def simpy_stores(service: Service) -> Run:
    """Raw SimPy: a process for each machine, a Store for each buffer. No record of any operation."""
    env = simpy.Environment()
    stores = [simpy.Store(env, BUFFER) for _ in service[1:]]

    def machine(number: int) -> Generator[simpy.Event, Any, None]:
        for part, seconds in enumerate(service[number]):
            if number:
                part = yield stores[number - 1].get()  # noqa: PLW2901 - the part that comes
            yield env.timeout(seconds)
            if number < len(stores):
                yield stores[number].put(part)

    for number in range(len(service)):
        env.process(machine(number))
    began = process_time()
    env.run()
    return process_time() - began, float(env.now)


def ciw(service: Service) -> Run:
    """Ciw: a network of queues; a part arrives when the first machine gets empty, so that no queue grows before it."""
    import ciw as library

    class Given(library.dists.Distribution):  # type: ignore[misc]
        def __init__(self, times: list[float]) -> None:
            self._times = iter(times)

        def sample(self, t: Any = None, ind: Any = None) -> float:
            return next(self._times)

    count, parts = len(service), len(service[0])
    free = [0.0, *departures(service)[0]][:parts]
    gaps = [after - before for before, after in pairwise([0.0, *free])]
    arrivals = [library.dists.Sequential([*gaps, float("inf")]), *[None] * (count - 1)]
    network = library.create_network(
        arrival_distributions=arrivals,
        service_distributions=[Given(times) for times in service],
        number_of_servers=[1] * count,
        queue_capacities=[float("inf"), *[BUFFER] * (count - 1)],
        routing=[[float(after == before + 1) for after in range(count)] for before in range(count)],
    )
    simulation = library.Simulation(network)
    began = process_time()
    simulation.simulate_until_max_customers(parts, method="Finish")
    seconds = process_time() - began
    return seconds, max(record.exit_date for record in simulation.get_all_records() if record.node == count)


def salabim(service: Service) -> Run:
    """salabim: a component for each machine, a Store for each buffer, as generators."""
    import salabim as library

    library.yieldless(False)
    env = library.Environment(trace=False)
    stores = [library.Store(f"buffer{number}.", capacity=BUFFER, monitor=False) for number in range(len(service) - 1)]

    class Part(library.Component):  # type: ignore[misc]
        pass

    class Machine(library.Component):  # type: ignore[misc]
        def setup(self, number: int) -> None:
            self.number = number

        def process(self) -> Generator[Any, Any, None]:
            for seconds in service[self.number]:
                part = (yield self.from_store(stores[self.number - 1])) if self.number else Part(process="")
                yield self.hold(seconds)
                if self.number < len(stores):
                    yield self.to_store(stores[self.number], part)

    for number in range(len(service)):
        Machine(f"machine{number}.", number=number, mode=None)
    began = process_time()
    env.run()
    return process_time() - began, float(env.now())


def simantha(service: Service) -> Run:
    """simantha: whole numbers of time units only, so service times are rounded up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from simantha import Buffer, Machine, Sink, Source, System

        parts, horizon = len(service[0]), int(sum(map(sum, service)))

        class Timed(Machine):  # type: ignore[misc]
            def __init__(self, times: list[float], **options: Any) -> None:
                self.times = [0.0]  # it draws one for a part that is in it at the start: none is
                super().__init__(**options)
                self.times = times[::-1]

            def get_cycle_time(self) -> int:
                return int(self.times.pop()) if self.times else horizon

        machines = [Timed(times, name=f"machine{number}") for number, times in enumerate(service)]
        buffers = [Buffer(name=f"buffer{number}", capacity=BUFFER) for number in range(len(service) - 1)]
        source, sink = Source(), Sink()
        source.define_routing(downstream=[machines[0]])
        for number, machine in enumerate(machines):
            before = [buffers[number - 1]] if number else [source]
            after = [buffers[number]] if number < len(buffers) else [sink]
            machine.define_routing(upstream=before, downstream=after)
        for number, buffer in enumerate(buffers):
            buffer.define_routing(upstream=[machines[number]], downstream=[machines[number + 1]])
        sink.define_routing(upstream=[machines[-1]])
        system = System(objects=[source, *machines, *buffers, sink])
        until = int(makespan(service)) + 1
        began = process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            system.simulate(simulation_time=until, verbose=False)
        seconds = process_time() - began
        return seconds, float(machines[-1].production_data["time"][parts])


def simprocesd(service: Service) -> Run:
    """simprocesd: a part processor for each machine, its Buffer for each buffer."""
    from simprocesd.model import System
    from simprocesd.model.factory_floor import Buffer, PartProcessor, Sink, Source

    class Timed(PartProcessor):  # type: ignore[misc]
        def __init__(self, times: list[float], **options: Any) -> None:
            self.times = times[::-1]
            super().__init__(**options)

        @property
        def cycle_time(self) -> float:
            return self.times.pop()

        @cycle_time.setter
        def cycle_time(self, seconds: float) -> None:
            """The one it is made with is not used."""

    system = System()
    upstream: Any = Source(starting_parts=len(service[0]))
    for number, times in enumerate(service):
        upstream = Timed(times, name=f"machine{number}", upstream=[upstream])
        if number < len(service) - 1:
            upstream = Buffer(name=f"buffer{number}", upstream=[upstream], capacity=BUFFER)
    last = upstream
    Sink(name="sink", upstream=[last])
    until = makespan(service) + 1
    began = process_time()
    system.simulate(simulation_duration=until, print_summary=False)
    seconds = process_time() - began
    return seconds, float(system.simulation_data["produced_part"][last.name][-1][0])


def makespan(service: Service) -> float:
    """When the last part is finished, by the recursion of departure times."""
    return departures(service)[-1][-1]


def departures(service: Service) -> Service:
    """When each part leaves each machine."""
    leaves = [[0.0] * len(times) for times in service]
    for part in range(len(service[0])):
        came = 0.0
        for number, times in enumerate(service):
            begin = max(came, leaves[number][part - 1] if part else 0.0)
            end = begin + times[part]
            if number + 1 < len(service) and part > BUFFER:
                end = max(end, leaves[number + 1][part - BUFFER - 1])
            leaves[number][part] = came = end
    return leaves


PEERS: dict[str, Callable[[Service], Run]] = {
    "simpy-stores": simpy_stores,
    "ciw": ciw,
    "simantha": simantha,
    "simprocesd": simprocesd,
    "salabim": salabim,
}
"""Every peer of the claim `twin.line`, by the name its rows carry."""
