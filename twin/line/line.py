"""A line: nodes by name on one kernel, what they did, and what must agree when it is done."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from math import isclose
from typing import TYPE_CHECKING, TypeVar

from plant_models.work import LawSpec
from trace_core.errors import BadInput, NotCopyable, UnknownName
from twin.kernel import Kernel
from twin.laws import Law, sampler
from twin.line.deadlock import Deadlock, deadlock_of
from twin.line.operations import Operations
from twin.line.places import Load, Place
from twin.streams import Stream, Streams

if TYPE_CHECKING:
    import pandas as pd

    from twin.line.places import Giver

FRAMES_TO_COPY = 60
"""Frames of the interpreter that copying one more node of a chain takes, twice over."""

_Line = TypeVar("_Line", bound="Line")


class Line:
    """Stations, conveyors, buffers, sources and sinks that share a clock, streams and a table of operations.

    Give ``kernel`` and ``streams`` to put it on the floor of a plant.
    """

    def __init__(
        self, kernel: Kernel | None = None, *, seed: int = 0, replication: int = 0, streams: Streams | None = None
    ) -> None:
        self.kernel = kernel or Kernel()
        self.streams = streams or Streams(seed, replication)
        self.nodes: dict[str, Place] = {}
        self.operations = Operations()
        self.began = self.kernel.now
        self.exit = Exit(self)
        self._count = 0
        self._moments = 0.0
        self.kernel.at_pause(self.operations.settle)

    def add(self, node: Place) -> int:
        """Put ``node`` into the line; gives its number. BadInput where another one has its name."""
        if node.name in self.nodes:
            raise BadInput("a name no other node of the line has", node.name, "line")
        self.nodes[node.name] = node
        return len(self.nodes) - 1

    def __getitem__(self, name: str) -> Place:
        if name not in self.nodes:
            raise UnknownName("node", name, self.nodes, "line")
        return self.nodes[name]

    def stream(self, name: str) -> Stream:
        """The random stream of ``name``."""
        return self.streams.named(name)

    def sampler(self, law: LawSpec | float | Callable[[], float] | None, name: str) -> Callable[[], float]:
        """What draws times by ``law`` from the stream of ``name``; seconds are fixed, a callable stays as it is."""
        if isinstance(law, LawSpec):
            return sampler(law, self.stream(name))
        if law is None or isinstance(law, int | float):
            seconds = float(law or 0.0)
            if not 0 <= seconds < float("inf"):
                raise BadInput("a time of 0 s or more", law, name)
            return Law(LawSpec.model_construct(law="fixed", mean=seconds), self.stream(name))
        return law

    def came(self, count: int) -> None:
        """``count`` loads came into the line by another way than a source or sink, or left it where it is negative."""
        self._count += count
        self._moments += count * self.kernel.now

    def run(self, until_s: float) -> None:
        """Run up to and including ``until_s``; `Deadlock` where some loads can never go on again."""
        self.kernel.run(until_s)
        self.refuse_deadlock()

    def run_out(self) -> None:
        """Run until nothing happens any more; `Deadlock` where loads are left that wait for each other."""
        self.kernel.run_out()
        self.refuse_deadlock()

    def refuse_deadlock(self) -> None:
        """`Deadlock` where some loads can never go on again."""
        if (found := self._deadlock()) is not None:
            raise found

    def deadlock(self) -> tuple[str, ...]:
        """The nodes that wait for each other in a circle; or, where nothing is due any more, all that are stuck."""
        found = self._deadlock()
        return () if found is None else found.names

    def _deadlock(self) -> Deadlock | None:
        return deadlock_of(self.nodes.values(), self.kernel.now, self.kernel.peek())

    @property
    def population(self) -> int:
        """Loads in the line now."""
        return self._count + sum(node.brought()[0] for node in self.nodes.values())

    def load_seconds(self) -> float:
        """Loads in the line, integrated over time: by when they came and left, not by what nodes say."""
        moments = self._moments + sum(node.brought()[1] for node in self.nodes.values())
        return self.population * self.kernel.now - moments

    def mean_population(self) -> float:
        """Loads in the line on average."""
        return self.load_seconds() / (self.kernel.now - self.began)

    def check(self) -> list[str]:
        """A sentence for each contradiction: state times that do not add up, loads that do not (Little's law)."""
        found = [fault for node in self.nodes.values() for fault in node.faults()]
        here, nodes = self.load_seconds(), sum(node.load_seconds() for node in self.nodes.values())
        if not isclose(here, nodes, rel_tol=1e-9, abs_tol=1e-6):
            found.append(f"line: loads came and left for {here!r} load seconds, its nodes held {nodes!r}")
        return found

    def to_frame(self) -> pd.DataFrame:
        """A row for each station: loads finished, loads waiting on average, and the share of its time in each state."""
        import pandas as pd

        rows = {node.name: summary for node in self.nodes.values() if (summary := node.summary())}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("station")

    def copy(self: _Line) -> _Line:
        """A line in the same state that goes on by itself; NotCopyable names what forbids it."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, 10_000 + FRAMES_TO_COPY * len(self.nodes)))
        try:
            return copy.deepcopy(self)
        except TypeError as fault:
            raise NotCopyable("line", str(fault)) from fault
        finally:
            sys.setrecursionlimit(limit)


class Exit(Place):
    """Where loads leave the line unobserved."""

    __slots__ = ("_line",)

    def __init__(self, line: Line) -> None:
        super().__init__("exit")
        self._line = line

    def is_free(self) -> bool:
        """Always."""
        return True

    def offer(self, load: Load, giver: Giver) -> bool:
        """Taken, and gone."""
        self._line.came(-1)
        return True
