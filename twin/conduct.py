"""What people do otherwise than they should: with the material, and with what they enter.

These faults happen on the shop floor, so truth may depend on them; each hit is labelled like a fault of capture. The
parts of the plant ask :meth:`Conduct.strikes` at every opportunity and do what follows themselves: the truth is written
as it physically happens, and the observer is told what people would report. What people do to entries alone (late
back-fill, copied entries) is with the observers: :mod:`twin.observe.faults`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from plant_models.spec import PlantSpec
from trace_core.errors import UnknownName
from twin.calendar import Calendar
from twin.kernel import Kernel
from twin.observe.faults import ALL, FaultLabel
from twin.observe.shifts import Shifts
from twin.observe.when import ALWAYS, Timing, When
from twin.streams import Streams


class ConductKind(StrEnum):
    """What somebody does."""

    UNREGISTERED_CHANGE = "unregistered_change"
    """Another container or lot is put to use and not registered: the old one goes on being reported."""
    TOP_UP = "top_up"
    """Material is poured in on top, unreported."""
    TEMPORARY_PICK = "temporary_pick"
    """Material is taken from stock without an order, unreported."""
    BULK_ISSUE = "bulk_issue"
    """Several lots are issued to an order at once; how much of each went where is not known."""
    UNREGISTERED_REWORK = "unregistered_rework"
    """A unit is reworked and nothing is reported of it."""
    PILOT_RUN = "pilot_run"
    """A load leaves the routing."""
    WRONG_LOT = "wrong_lot"
    """Another lot of the item is used than the one reported."""
    WRONG_MATERIAL = "wrong_material"
    """Another item is used than the one reported."""
    SKIPPED_STEP = "skipped_step"
    """An operation is left out."""
    INEFFECTIVE_CLEAN = "ineffective_clean"
    """A clean is reported and leaves behind what was there."""
    WRONG_LABEL = "wrong_label"
    """A wrong label is printed and stuck on: all later reads agree with it."""
    SLOW_SCREEN_SKIP = "slow_screen_skip"
    """The screen takes too long and the operator goes on without it (closed loop)."""


@dataclass(frozen=True, slots=True)
class ConductFault:
    """One declared fault: strikes each opportunity at ``stations`` (and of ``items``) with probability ``rate``.

    ``share``: how much material it is about, of what is used at that moment (top-up, temporary pick). A slow screen
    answers after ``capture_s`` on average, exponentially; ``patience_s`` is how long people wait for it.
    """

    kind: ConductKind
    rate: float
    stations: tuple[str, ...] = (ALL,)
    items: tuple[str, ...] = ()
    name: str = ""
    when: When = ALWAYS
    share: float = 0.05
    capture_s: float = 0.0
    patience_s: float = 0.0

    @property
    def stream(self) -> str:
        """The name of its random stream."""
        return f"conduct/{self.name or '/'.join((self.kind, '+'.join(self.stations), '+'.join(self.items)))}"

    def concerns(self, stations: Collection[str], item: str) -> bool:
        """Whether an opportunity at one of ``stations`` with ``item`` (its name, or empty) is one of its."""
        is_there = ALL in self.stations or any(one in self.stations for one in stations)
        return is_there and (not self.items or item in self.items)


class _Active:
    """A declared fault at work in one run."""

    def __init__(self, fault: ConductFault, streams: Streams, shifts: Shifts) -> None:
        self.fault = fault
        self.is_on = True
        self.luck = streams.named(fault.stream)
        self._timing = Timing(fault.when, shifts, streams.named(f"{fault.stream}/intervals"))

    def strikes(self, now_s: float) -> bool:
        is_hit = self.luck.chance(self._timing.rate(self.fault.rate, now_s))
        return is_hit and self.is_on


class Conduct:
    """All conduct of one run. Where nothing is declared, asking costs one look into an empty mapping."""

    def __init__(
        self,
        faults: Sequence[ConductFault],
        calendar: Calendar,
        streams: Streams,
        shifts: Shifts,
        kernel: Kernel,
        labels: list[FaultLabel],
        stations_of: Mapping[str, str],
    ) -> None:
        """``stations_of`` maps vessels, tanks and feeders to the stations that work them, see `equipment_of`."""
        self._calendar = calendar
        self._kernel = kernel
        self._labels = labels
        self._stations_of = stations_of
        self._active: dict[ConductKind, list[_Active]] = {}
        for fault in faults:
            self._active.setdefault(fault.kind, []).append(_Active(fault, streams, shifts))

    @property
    def is_any(self) -> bool:
        """Whether any fault is declared: asked before what would only prepare asking."""
        return bool(self._active)

    @property
    def is_closed_loop(self) -> bool:
        """Whether capture can hold the plant up, so that truth depends on it."""
        return ConductKind.SLOW_SCREEN_SKIP in self._active

    def has(self, kind: ConductKind) -> bool:
        """Whether any fault of ``kind`` is declared: for who must prepare before asking."""
        return kind in self._active

    def strikes(self, kind: ConductKind, station: str, item: str = "", lot: str = "", detail: str = "") -> bool:
        """Whether a declared fault of ``kind`` hits this opportunity; a hit is labelled.

        ``station`` may also be a vessel, tank or feeder: faults of its station concern it too. ``item`` is the item's
        name, ``lot`` its label. All declared faults that could hit draw one number each.
        """
        return kind in self._active and self.strike(kind, station, item, lot, detail) is not None

    def strike(
        self, kind: ConductKind, station: str, item: str = "", lot: str = "", detail: str = ""
    ) -> ConductFault | None:
        """The fault that hits, for its numbers; of several the first declared, None where none does."""
        found: ConductFault | None = None
        stations = (station, self._stations_of.get(station, station))
        for one in self._active.get(kind, ()):
            if one.fault.concerns(stations, item) and one.strikes(self._kernel.now) and found is None:
                found = one.fault
        if found is not None:
            self._label(found, station, item, lot, detail)
        return found

    def capture(self, station: str) -> tuple[float, bool]:
        """How many seconds a report at ``station`` holds the operator up, and whether it is made at all.

        (0, True) where no slow screen is declared. The caller lets that time pass before going on.
        """
        for one in self._active.get(ConductKind.SLOW_SCREEN_SKIP, ()):
            fault = one.fault
            if not fault.concerns((station,), ""):
                continue
            seconds, gives_up = one.luck.exponential(fault.capture_s), one.strikes(self._kernel.now)
            if not one.is_on:
                return 0.0, True
            if seconds > fault.patience_s and gives_up:
                self._label(fault, station, "", "", f"closed loop: gave up a screen of {seconds:.1f} s")
                return fault.patience_s, False
            return seconds, True
        return 0.0, True

    @property
    def switchable(self) -> frozenset[str]:
        """The names of the faults that :meth:`switch` knows."""
        return frozenset(one.fault.stream for active in self._active.values() for one in active)

    def switch(self, fault: str, *, on: bool) -> None:
        """From now on ``fault`` strikes, or does not; it goes on drawing, so that nobody's luck is shifted."""
        every = [one for active in self._active.values() for one in active]
        named = [one for one in every if fault in (one.fault.name, one.fault.stream)]
        if not named:
            raise UnknownName("conduct fault", fault, self.switchable)
        for one in named:
            one.is_on = on

    def _label(self, fault: ConductFault, station: str, item: str, lot: str, detail: str) -> None:
        time = self._calendar.moment(self._kernel.now)
        self._labels.append(FaultLabel(fault.stream, fault.kind, time, station, "", item=item, lot=lot, detail=detail))


def equipment_of(spec: PlantSpec) -> dict[str, str]:
    """The station that works each vessel, tank and feeder of the plant."""
    vessels = {member: group.station for group in spec.vessels.values() for member in group.members}
    tanks = {tank: process.tank_station for process in spec.processes.values() for tank in process.tanks.members}
    feeders = {slot: station for station, bank in spec.feeders.items() for slot in bank.slots}
    return vessels | tanks | feeders
