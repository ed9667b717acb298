"""One run of a declared plant: what happened, what was reported of it, and whether the balances close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from plant_models.amounts import DAY_S
from plant_models.plant_file import plant_hash
from plant_models.projection import party_id
from plant_models.spec import ItemSpec, PlantSpec
from trace_core.errors import BadInput, SpecError
from trace_core.vocabulary.units import convert
from twin.faults import AnyFault, faults_in
from twin.floor import Floor
from twin.inputs import Action, ExternalInput, InputLog, effect_of
from twin.ledger import Ledger
from twin.names import Names
from twin.observe.faults import FaultLabel
from twin.observe.observer import CaptureCounts, Deliver
from twin.plant import Plant
from twin.selfcheck import check_balances, check_line
from twin.truth import Truth

if TYPE_CHECKING:
    import pandas as pd

LONGEST = timedelta(days=3660)
"""The longest run: ten years, the horizon lot-code rules are checked for."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What came to a place, left it and is still there, in quanta of mass; ``residual`` is what cannot be explained.

    ``station`` "plant" strikes the balance of all places together against suppliers, customers, samples and waste.
    """

    station: str
    received: int
    given: int
    held: int

    @property
    def residual(self) -> int:
        """0 where the balance closes."""
        return self.received - self.given - self.held


@dataclass(frozen=True, slots=True)
class TwinRun:
    """A finished run. ``labels`` say what each capture fault did; they lie beside the truth, outside its hash.

    ``inputs`` are what came from outside, each with the simulated time at which it took effect. ``states``: how many
    seconds each machine of a declared operation spent in each state (:data:`twin.line.places.STATES`), by station.
    """

    truth: Truth
    start: datetime
    end: datetime
    balances: tuple[Balance, ...]
    counts: CaptureCounts
    labels: tuple[FaultLabel, ...]
    inputs: tuple[ExternalInput, ...] = ()
    states: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables of the truth as pandas frames, by name, see :func:`twin.output.frames.table_frame`."""
        from twin.output.frames import frames

        return frames(self.truth)


class Running:
    """A run under way: begun when made, carried on piece by piece, and finished once.

    The drivers (:mod:`twin.drive`) differ only in when they ask for the next piece. How a run is cut into pieces leaves
    no trace in it: the same arguments and the same ``inputs`` give the same run to the byte.
    """

    def __init__(
        self,
        spec: PlantSpec,
        seed: int,
        until: timedelta,
        faults: Sequence[AnyFault] = (),
        deliver: Deliver | None = None,
        *,
        inputs: Iterable[ExternalInput] = (),
        replication: int = 0,
    ) -> None:
        """Build the plant; ``inputs`` are applied when the run reaches them. BadInput, SpecError as `simulate`."""
        if not timedelta(0) < until <= LONGEST:
            raise BadInput("a run above 0 s and of at most 3660 days", until, "until")
        if not 0 <= seed < 2**63:
            raise BadInput("a seed from 0 to 2^63 - 1", seed, "seed")
        if not 0 <= replication < 2**32:
            raise BadInput("a replication from 0 to 2^32 - 1", replication, "replication")
        if wrong := list(faults_in(faults, spec)):
            raise SpecError(f"capture faults for plant {spec.plant!r}", wrong)
        self.spec, self.seed, self.replication, self.until = spec, seed, replication, until
        self.faults = tuple(faults)
        self.deliver = deliver
        self.end_s = until.total_seconds()
        self.floor = Floor(spec, seed, faults, deliver, replication)
        self.plant = Plant(self.floor)
        self.log = InputLog.of(inputs)
        for one in self.log.ahead:
            effect_of(one.action, self.floor, self.plant)  # refused now rather than in the middle of the run

    @property
    def now_s(self) -> float:
        """How far the run is, in simulated seconds from its start."""
        return self.floor.kernel.now

    @property
    def next_s(self) -> float:
        """When something happens next; the end of the run where nothing does before."""
        return min(self.floor.kernel.peek(), self.log.next_s, self.end_s)

    @property
    def is_over(self) -> bool:
        """Whether the run has reached its end."""
        return self.now_s >= self.end_s

    def run_until(self, moment_s: float) -> None:
        """Let everything happen up to and including ``moment_s``, or to the end where that comes first."""
        kernel, target_s = self.floor.kernel, min(moment_s, self.end_s)
        while (due := self.log.due(target_s)) is not None:
            kernel.run(due.time_s)
            self._do(due)
        if target_s >= kernel.now:  # equal too: what an input set going now happens now
            kernel.run(target_s)

    def apply(self, action: Action) -> ExternalInput:
        """Do ``action`` now, after all that has happened by now; gives what the log holds of it.

        UnknownName where the plant has no such thing: then nothing was done and nothing is logged.
        """
        done = ExternalInput(self.now_s, action)
        self._do(done)
        return done

    def _do(self, one: ExternalInput) -> None:
        effect_of(one.action, self.floor, self.plant)()
        self.log.note(one)

    def finish(self) -> TwinRun:
        """Run to the end and check it; SelfCheckFailed where the run contradicts itself.

        Once a simulated day it is asked whether loads wait for each other: Deadlock, with the stations in it.
        """
        line = self.plant.line
        while True:
            self.run_until((self.now_s // DAY_S + 1) * DAY_S)
            if line is not None:
                line.refuse_deadlock()
            if self.is_over:
                break
        spec, floor = self.spec, self.floor
        self.plant.settle()
        counts = floor.observer.finish(self.end_s)
        start, end = spec.start, spec.start + self.until
        truth = _truth(spec, self.seed, start, end, floor.ledger)
        balances = _balances(floor.ledger, truth, self.plant.held())
        check_balances(balances)
        check_line(self.plant.line)
        states = {name: station.state_times for name, station in self.plant.stations.items()}
        labels, inputs = tuple(floor.observer.labels), tuple(self.log.done)
        return TwinRun(truth, start, end, balances, counts, labels, inputs, states)


def simulate(
    spec: PlantSpec,
    seed: int,
    until: timedelta,
    faults: Sequence[AnyFault] = (),
    deliver: Deliver | None = None,
    *,
    inputs: Iterable[ExternalInput] = (),
    replication: int = 0,
) -> TwinRun:
    """Run the plant from its start for ``until``; the same arguments give the same run to the byte.

    ``deliver`` is called with each report and the moment it arrives, in order of arrival; what would arrive after the
    end is not delivered. The run is open loop: answers are not waited for, so truth never depends on capture.
    ``inputs`` are what came from outside in an earlier session (:mod:`twin.inputs`); ``replication`` gives other luck
    under the same seed. SpecError for faults that do not fit the plant; SelfCheckFailed where the run contradicts
    itself.
    """
    return Running(spec, seed, until, faults, deliver, inputs=inputs, replication=replication).finish()


def _truth(spec: PlantSpec, seed: int, start: datetime, end: datetime, ledger: Ledger) -> Truth:
    finished = _finished(spec)
    names = Names(
        items=list(spec.items),
        kg_per_unit=[_kg_per_unit(spec, item) for item in spec.items.values()],
        lots=[lot.id for lot in ledger.lots],
        codes=[lot.code for lot in ledger.lots],
        carriers=ledger.carriers,
        shipments=ledger.shipments,
        customers=[party_id(name, customer) for name, customer in spec.customers.items()],
        places=list(ledger.places),
        containers=ledger.containers,
        stations=list(spec.stations),
        operations=list(spec.operations),
        orders=ledger.orders,
        nominal=list(ledger.nominal),
        unit_masses=[
            1 if item.mass is None else int(item.mass.value.scaleb(spec.units[spec.mass_unit].decimals))
            for item in spec.items.values()
        ],
        gtins=[item.gtin for item in spec.items.values()],
        recalled=[name in finished for name in spec.items],
        rules=[{"zone": spec.timezone, **rule} for rule in spec.lot_codes.values()],
    )
    tables = {name: table.arrays() for name, table in ledger.tables.items()}
    return Truth(spec.plant, plant_hash(spec), seed, start, end, names, tables)


def _finished(spec: PlantSpec) -> set[str]:
    """The items whose units a recall counts: what is packed; where nothing is, what no operation takes."""
    counted = {name for name, item in spec.items.items() if item.unit == spec.recall_unit}
    packed = {product.item for product in spec.products.values()} | set(spec.packing)
    taken = {name for one in spec.operations.values() for name in one.inputs}
    return packed & counted or counted - taken


def _kg_per_unit(spec: PlantSpec, item: ItemSpec) -> float:
    mass = item.mass.value if item.mass is not None else Decimal(1)
    return float(convert(mass, spec.units[spec.mass_unit].code, "KGM"))


def _balances(ledger: Ledger, truth: Truth, held: dict[str, int]) -> tuple[Balance, ...]:
    moves, places = truth.tables["moves"], len(ledger.inside)
    received, given = (np.zeros(places, dtype=np.int64) for _ in range(2))
    np.add.at(received, moves["target"], moves["mass"])
    np.add.at(given, moves["source"], moves["mass"])
    used = set(np.union1d(moves["source"], moves["target"]).tolist())
    inside = [(name, place) for name, place in ledger.places.items() if ledger.inside[place] and place in used]
    struck = [Balance(name, int(received[place]), int(given[place]), held.get(name, 0)) for name, place in inside]
    outside = [place for place in range(places) if not ledger.inside[place]]
    whole = Balance(
        "plant",
        sum(int(given[place]) for place in outside),
        sum(int(received[place]) for place in outside),
        sum(balance.held for balance in struck),
    )
    return (*struck, whole)
