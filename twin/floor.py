"""What all parts of a running plant share: clock, luck, ledger, observer, items, lot codes and order numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from plant_models.amounts import Amount, Rate
from plant_models.code_checks import words_of
from plant_models.spec import Clean, PlantSpec
from plant_models.work import LawSpec
from trace_core.lot_codes import CodeIssuer, Series, read_rule
from twin.calendar import Calendar
from twin.conduct import Conduct, ConductFault, ConductKind, equipment_of
from twin.exposure import Exposure
from twin.faults import AnyFault
from twin.kernel import Kernel
from twin.laws import sampler
from twin.ledger import Ledger
from twin.material import Item, Lot
from twin.observe.faults import CaptureFault
from twin.observe.observer import Deliver, Observer
from twin.observe.shifts import Shifts
from twin.streams import Stream, Streams


class Floor:
    """The shop floor of one run."""

    def __init__(
        self,
        spec: PlantSpec,
        seed: int,
        faults: Sequence[AnyFault] = (),
        deliver: Deliver | None = None,
        replication: int = 0,
    ) -> None:
        self.spec = spec
        self.kernel = Kernel()
        self.calendar = Calendar(spec.start, spec.timezone)
        self.streams = Streams(seed, replication)
        self.ledger = Ledger(self.kernel)
        self.shifts = Shifts(spec, self.calendar)
        capture = [fault for fault in faults if isinstance(fault, CaptureFault)]
        conduct = [fault for fault in faults if isinstance(fault, ConductFault)]
        self.observer = Observer(spec, self.kernel, self.calendar, self.streams, capture, deliver)
        self.conduct = Conduct(
            conduct, self.calendar, self.streams, self.shifts, self.kernel, self.observer.labels, equipment_of(spec)
        )
        self.exposure = Exposure(self.kernel)
        self.items = {name: _item(spec, number, name) for number, name in enumerate(spec.items)}
        self._codes: dict[str, CodeIssuer] = {}
        self._words: dict[str, set[str]] = {}
        for name, declared in spec.lot_codes.items():
            rule = read_rule({"zone": spec.timezone, **declared}, name)
            self._codes[name], self._words[name] = CodeIssuer(rule), words_of(rule)
        self._numbers: dict[tuple[str, str], int] = {}
        self._labels: dict[str, str] = {}

    @property
    def now(self) -> float:
        """Seconds since the start of the run."""
        return self.kernel.now

    def stream(self, name: str) -> Stream:
        """The random stream of ``name``."""
        return self.streams.named(name)

    def quanta(self, amount: Amount) -> int:
        """``amount`` in whole quanta of its unit."""
        return int(amount.value.scaleb(self.spec.units[amount.unit].decimals))

    def seconds_for(self, quantity: int, flow: Rate) -> float:
        """How long ``quantity`` quanta take at ``flow``."""
        return quantity * 3600.0 / float(flow.value.scaleb(self.spec.units[flow.unit].decimals))

    def new_lot(
        self,
        item: Item,
        rule: str,
        station: str,
        /,
        *,
        received: bool = False,
        printed: bool = False,
        potency: float = 1.0,
        **words: str,
    ) -> Lot:
        """A lot begun now at ``station``, with the next code of ``rule``; words the rule does not print are left out.

        ``printed``: its label is a GS1 element string.
        """
        known = {name: value for name, value in words.items() if name in self._words[rule]}
        code = self._codes[rule].issue(self.calendar.moment(self.now), **known)
        lot = self.ledger.lot(item, code, station, received=received, element_string=printed, potency=potency)
        return self._mislabelled(lot, station) if self.conduct.has(ConductKind.WRONG_LABEL) else lot

    def _mislabelled(self, lot: Lot, station: str) -> Lot:
        """``lot`` under the label of the one before it of its item, where somebody stuck that on."""
        before = self._labels.get(lot.item.name)
        self._labels[lot.item.name] = lot.label
        if before is None or not self.conduct.strikes(
            ConductKind.WRONG_LABEL, station, lot.item.name, lot.label, f"labelled {before}"
        ):
            return lot
        worn = self.ledger.lots[lot.index] = replace(lot, label=before)
        self._labels[lot.item.name] = before
        return worn

    def reserve(self, rule: str, count: int) -> int:
        """Keep the next ``count`` numbers of the sequence of ``rule``; gives the first."""
        return self._codes[rule].reserve(self.calendar.moment(self.now), count)

    def series(self, rule: str, time_s: float) -> Series:
        """What ``rule`` prints for each number of its sequence at ``time_s``."""
        return self._codes[rule].rule.series_at(self.calendar.moment(time_s))

    def number(self, letter: str) -> str:
        """The next number of the day for an order or paper: ``B260302-01``; unique by letter, day and count."""
        day = self.calendar.local_date(self.now).strftime("%y%m%d")
        count = self._numbers[letter, day] = self._numbers.get((letter, day), 0) + 1
        return f"{letter}{day}-{count:02}"

    def expiry(self, item: Item) -> float:
        """When what is made of ``item`` now has passed its shelf life."""
        return self.now + item.shelf_life_s

    def is_cleaned(self, place: str, clean: Clean) -> bool:
        """Whether a clean of ``place`` that ends now really cleaned; written down in the truth either way."""
        return self.is_effective(place, clean.efficacy)

    def is_effective(self, place: str, efficacy: float) -> bool:
        """Whether a clean of ``place`` with this efficacy, which ends now, really cleaned; written down as above."""
        skimped = self.conduct.strikes(ConductKind.INEFFECTIVE_CLEAN, place)
        effective = self.stream(f"clean/{place}").chance(efficacy) and not skimped
        self.ledger.cleaned(self.ledger.place(place), effective)
        return effective

    def law(self, law: LawSpec, name: str) -> Callable[[], float]:
        """What gives one time of ``law`` after the other, from the stream of ``name``."""
        return sampler(law, self.stream(name))


def _item(spec: PlantSpec, number: int, name: str) -> Item:
    declared = spec.items[name]
    decimals = spec.units[declared.unit].decimals
    mass_decimals = spec.units[spec.mass_unit].decimals
    mass = 1
    if declared.mass is not None:
        mass = int(declared.mass.value.scaleb(mass_decimals - decimals))
    shelf_life = inf if declared.shelf_life is None else declared.shelf_life
    opened_life = inf if declared.opened_life is None else declared.opened_life
    thaws, release = declared.thaws or 0.0, declared.needs_release or ""
    return Item(number, name, declared.gtin, declared.unit, decimals, mass, shelf_life, opened_life, thaws, release)
