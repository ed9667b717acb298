"""The shop floor of a small plant without its machines, for tests of single parts."""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Sequence
from math import inf
from typing import Any

from plant_models import PlantSpec, load
from trace_core.capture.records import DeviceRecord, RecordType, Report
from twin.conduct import ConductFault
from twin.floor import Floor
from twin.laboratory import Laboratory
from twin.ledger import Move
from twin.material import Item, Portion
from twin.stock import Stock

WORKSHOP = pathlib.Path(__file__).parents[1] / "plant_models" / "workshop.yaml"


@functools.cache
def workshop() -> PlantSpec:
    """A small plant that declares nearly everything once."""
    return load(WORKSHOP.read_text("utf-8"), "workshop")


class Shop:
    """A floor of the workshop with every report it made; ``changes`` replace fields of items by name."""

    def __init__(self, seed: int = 1, faults: Sequence[ConductFault] = (), **changes: dict[str, Any]) -> None:
        spec = workshop()
        items = {name: one.model_copy(update=changes.get(name, {})) for name, one in spec.items.items()}
        self.reports: list[Report] = []
        self.floor = Floor(
            spec.model_copy(update={"items": items}),
            seed,
            faults,
            deliver=lambda report, _: self.reports.append(report),
        )
        self.laboratory = Laboratory(self.floor)
        self.stocks: dict[str, Stock] = {}
        self.called: list[float] = []

    def item(self, name: str) -> Item:
        """An item by name."""
        return self.floor.items[name]

    def stock(self, item: str, **changes: Any) -> Stock:
        """The stock of ``item`` and what else is kept there, with fields of its declaration replaced."""
        name, spec = next((name, one) for name, one in self.floor.spec.stocks.items() if item in one.keeps)
        stock = Stock(self.floor, name, spec.model_copy(update=changes), self.laboratory)
        self.stocks |= dict.fromkeys(spec.keeps, stock)
        return stock

    def portion(self, item: str, expires_s: float = inf) -> Portion:
        """A portion of a new lot."""
        lot = self.floor.ledger.lot(self.item(item), f"L{len(self.floor.ledger.lots)}", "store-s")
        return self.floor.ledger.portion(lot, expires_s)

    def fill(self, item: str, quantity: int, expires_s: float = inf) -> Portion:
        """A container of a new lot comes into the stock of ``item``."""
        portion = self.portion(item, expires_s)
        source = self.floor.ledger.place("supplier", inside=False)
        stock = self.stocks[item]
        self.floor.ledger.move(Move.RECEIVE, source, stock.place, portion.lot.item, quantity, portion)
        stock.put(portion, quantity)
        return portion

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.floor.kernel.run(self.floor.now + seconds)

    def call(self) -> None:
        """For who wants to be called: remembers when."""
        self.called.append(self.floor.now)

    def records(self, kind: RecordType) -> list[DeviceRecord]:
        """The records of one type, in order."""
        return [one for one in self.reports if isinstance(one, DeviceRecord) and one.type is kind]

    def told(self, kind: RecordType) -> list[tuple[str, int]]:
        """Lot label and quantity (in whole units) of the records of one type."""
        return [(one.lot_id, int(one.quantity or 0)) for one in self.records(kind)]

    def balance(self, place: str) -> int:
        """What the ledger says is at ``place``, in quanta of mass."""
        number = self.floor.ledger.places[place]
        moves = self.floor.ledger.tables["moves"].arrays()
        into, out = moves["target"] == number, moves["source"] == number
        return int(moves["mass"][into].sum() - moves["mass"][out].sum())

    def links(self) -> dict[tuple[int, int], float]:
        """Mass by (made, used)."""
        links = self.floor.ledger.tables["links"].arrays()
        sums: dict[tuple[int, int], float] = {}
        for made, used, mass in zip(
            links["made"].tolist(), links["used"].tolist(), links["mass"].tolist(), strict=True
        ):
            sums[made, used] = sums.get((made, used), 0.0) + mass
        return sums
