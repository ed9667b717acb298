"""What people and devices at a station report of the work done there."""

from __future__ import annotations

from collections.abc import Iterable

from trace_core.capture.records import RecordType, Result
from twin.floor import Floor
from twin.material import Item, Lot, Portion
from twin.work.loads import Load, Numbers
from twin.work.serials import Serials


class Reports:
    """The reports of one station; building none costs nothing where nobody listens."""

    def __init__(self, floor: Floor, station: str, serials: Serials) -> None:
        self.station = station
        self._floor = floor
        self._serials = serials
        self.substituted = floor.spec.reasons.get("substitution", 0)

    @property
    def is_on(self) -> bool:
        """Whether anybody listens."""
        return self._floor.observer.is_listening

    def consume(
        self,
        run: str,
        material: Iterable[tuple[Portion, int]],
        numbers: Iterable[Numbers] = (),
        *,
        nok_code: int = 0,
        booked: int | None = None,
    ) -> None:
        """Material went into ``run``: unit by unit where units have numbers, else lot by lot.

        ``booked`` is what the book says went in, where it does not say what really did.
        """
        amounts = lots_of(material)
        numbers = list(numbers)
        if numbers:
            item = next(iter(amounts)).item
            for label in self._serials.labels(numbers, item):
                self._record(RecordType.CONSUME, item=item, quantity=1, order=run, part=label, nok_code=nok_code)
            return
        left, booked_left = sum(amounts.values()), booked or 0
        for lot, quantity in amounts.items():
            told = quantity if booked is None else round(booked_left * quantity / left)
            left, booked_left = left - quantity, booked_left - told
            if not told:
                continue
            self._record(RecordType.CONSUME, lot=lot, quantity=told, order=run, nok_code=nok_code)

    def consume_bank(self, run: str, bank: int | str, seconds: float) -> None:
        """Something of every feeder of ``bank``, or the tool in a slot, went into ``run`` in the last ``seconds``."""
        self._record(RecordType.CONSUME, order=run, slot=bank, measured=(round(max(seconds, 0.001), 3),))

    def complete(self, run: str, load: Load, result: Result = Result.NONE) -> None:
        """``load`` was made by ``run``."""
        item = load.item
        if load.numbers and item is not None:
            for label in self._serials.labels(load.numbers, item):
                self._record(RecordType.COMPLETE, item=item, quantity=1, order=run, part=label, result=result)
            return
        for lot, quantity in lots_of(load.material).items():
            self._record(RecordType.COMPLETE, lot=lot, quantity=quantity, order=run, result=result)

    def made(self, run: str, lot: Lot, quantity: int) -> None:
        """``quantity`` of ``lot`` was made by ``run``."""
        self._record(RecordType.COMPLETE, lot=lot, quantity=quantity, order=run)

    def measure(
        self,
        run: str,
        load: Load,
        result: Result,
        *,
        nok_code: int = 0,
        measured: tuple[float, ...] = (),
        operator: str = "",
    ) -> None:
        """``load`` was examined or signed for."""
        for told in self._subjects(load):
            self._record(
                RecordType.MEASURE,
                order=run,
                result=result,
                nok_code=nok_code,
                measured=measured,
                operator=operator,
                **told,
            )

    def scrap(self, run: str, load: Load, nok_code: int) -> None:
        """``load`` was thrown away."""
        for told in self._subjects(load):
            self._record(RecordType.SCRAP, order=run, nok_code=nok_code, **told)

    def ship(self, load: Load, paper: str) -> None:
        """``load`` left for somewhere else."""
        for told in self._subjects(load):
            self._record(RecordType.SHIP, order=paper, **told)

    def receive(self, load: Load, paper: str) -> None:
        """``load`` came back."""
        for told in self._subjects(load):
            self._record(RecordType.RECEIPT, order=paper, **told)

    def clean(self, seconds: float) -> None:
        """The station was cleaned."""
        self._record(RecordType.CLEAN, slot=self.station, result=Result.OK, measured=(max(seconds, 0.001),))

    def _subjects(self, load: Load) -> Iterable[dict[str, Lot | Item | str | int]]:
        item = load.item
        if load.numbers and item is not None:
            return ({"part": label, "item": item} for label in self._serials.labels(load.numbers, item))
        return ({"lot": lot, "quantity": quantity} for lot, quantity in lots_of(load.material).items())

    def _record(self, kind: RecordType, **told: object) -> None:
        if self._floor.observer.is_listening:
            self._floor.observer.record(self.station, kind, **told)  # type: ignore[arg-type]


def lots_of(material: Iterable[tuple[Portion, int]]) -> dict[Lot, int]:
    """How much of each lot, in the order in which they come."""
    amounts: dict[Lot, int] = {}
    for portion, quantity in material:
        amounts[portion.lot] = amounts.get(portion.lot, 0) + quantity
    return amounts
