"""One run of a declared plant: what happened, what was reported of it, and whether the balances close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from plant_models.plant_file import plant_hash
from plant_models.projection import party_id
from plant_models.spec import ItemSpec, PlantSpec
from trace_core.errors import BadInput, SpecError
from trace_core.vocabulary.units import convert
from twin.floor import Floor
from twin.ledger import Ledger
from twin.observe.faults import CaptureFault, FaultLabel, faults_in
from twin.observe.observer import CaptureCounts, Deliver
from twin.plant import Plant
from twin.truth import Names, Truth

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
    """A finished run. ``labels`` say what each capture fault did; they lie beside the truth, outside its hash."""

    truth: Truth
    start: datetime
    end: datetime
    balances: tuple[Balance, ...]
    counts: CaptureCounts
    labels: tuple[FaultLabel, ...]


def simulate(
    spec: PlantSpec,
    seed: int,
    until: timedelta,
    faults: Sequence[CaptureFault] = (),
    deliver: Deliver | None = None,
) -> TwinRun:
    """Run the plant from its start for ``until``; the same arguments give the same run to the byte.

    ``deliver`` is called with each report and the moment it arrives, in order of arrival; what would arrive after the
    end is not delivered. The run is open loop: answers are not waited for, so truth never depends on capture.
    SpecError for faults that do not fit the plant.
    """
    if not timedelta(0) < until <= LONGEST:
        raise BadInput("a run above 0 s and of at most 3660 days", until, "until")
    if not 0 <= seed < 2**63:
        raise BadInput("a seed from 0 to 2^63 - 1", seed, "seed")
    if wrong := list(faults_in(faults, spec)):
        raise SpecError(f"capture faults for plant {spec.plant!r}", wrong)
    floor = Floor(spec, seed, faults, deliver)
    plant = Plant(floor)
    end_s = until.total_seconds()
    floor.kernel.run(end_s)
    counts = floor.observer.finish(end_s)
    start, end = spec.start, spec.start + until
    truth = _truth(spec, seed, start, end, floor.ledger)
    balances = _balances(floor.ledger, truth, plant.held())
    return TwinRun(truth, start, end, balances, counts, tuple(floor.observer.labels))


def _truth(spec: PlantSpec, seed: int, start: datetime, end: datetime, ledger: Ledger) -> Truth:
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
    )
    tables = {name: table.arrays() for name, table in ledger.tables.items()}
    return Truth(spec.plant, plant_hash(spec), seed, start, end, names, tables)


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
