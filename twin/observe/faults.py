"""Faults of capture and of systems, as declared: where, when, how often, and what becomes of a report that is hit.

They change what is reported and never what happens. Each has its own random stream, named after itself, and draws one
number for every report it could hit, so that adding or removing one shifts nobody else's luck; what it does to a report
that it hits comes from a second one. What people do with the
material is another matter: :mod:`twin.conduct`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from twin.observe.when import ALWAYS, When

ALL = "*"
"""Every station, or every record of a device.

Postings of business systems are hit only where named: by type, or by their system as device or station.
"""


class FaultKind(StrEnum):
    """What becomes of a report that a fault hits."""

    # capture: between the thing and the device's memory
    MISSED = "missed"
    """Nobody scanned: no record is made, the device's sequence has no gap."""
    DUPLICATED = "duplicated"
    """Scanned twice: a second record with its own sequence, seconds later."""
    REPLAYED = "replayed"
    """Sent twice: the same record with the same sequence arrives again."""
    LATE = "late"
    """Made in time, with its own time, and received later."""
    MISLABELLED = "mislabelled"
    """It names another lot of the item, carrier or slot, or one character is misread."""
    MISREAD = "misread"
    """Characters of its code are taken for others, dropped or transposed."""
    STRAY = "stray"
    """A second record of something that was not there but stood near."""
    SWAPPED = "swapped"
    """It and the next record of another lot at the station bear each other's label."""
    BATCHED = "batched"
    """Kept on the device and sent together with others."""
    OUTAGE = "outage"
    """Made while the connection was down: sent after it, flagged and oldest first, or lost."""
    CLOCK = "clock"
    """Its time is that of a clock that is off."""
    SHARED_LOGIN = "shared_login"
    """It bears the badge of another person."""
    EMPTY_FIELD = "empty_field"
    """A field of it was left empty."""
    # systems: behind the device
    DUPLICATE_CODE = "duplicate_code"
    """A new lot bears the code of another one that is in use."""
    REUSED_CODE = "reused_code"
    """A new lot bears the code of one from long ago."""
    OTHER_CODES = "other_codes"
    """A system names lots or items by codes of its own."""
    SILENT_LINK = "silent_link"
    """The link is up and nothing arrives; the sequence has a gap."""
    REORDERED = "reordered"
    """Delivered out of order, within a window."""
    LOST = "lost"
    """Lost in transfer: the sequence has a gap."""
    CUT_OVER = "cut_over"
    """Made before the new system went live, and never brought over."""
    # conduct: what people do to entries and not to things
    LATE_BACKFILL = "late_backfill"
    """Entered from memory at the end of the shift, with a time made up."""
    COPIED_ENTRY = "copied_entry"
    """The values measured for the one before are entered again."""


SYSTEM_KINDS = frozenset(
    (FaultKind.DUPLICATE_CODE, FaultKind.REUSED_CODE, FaultKind.OTHER_CODES, FaultKind.SILENT_LINK,
     FaultKind.REORDERED, FaultKind.LOST, FaultKind.CUT_OVER)
)  # fmt: skip
"""Faults of the class *system*."""

ENTRY_KINDS = frozenset((FaultKind.LATE_BACKFILL, FaultKind.COPIED_ENTRY))
"""Faults of the class *conduct* that touch reports only; all others are of the class *capture*."""

FieldName = Literal["lot_id", "part_id", "slot", "order", "operator", "item", "quantity"]
Slip = Literal["look_alike", "dropped", "transposed", "keyboard"]


@dataclass(frozen=True, slots=True)
class Misreading:
    """How codes are misread, one of ``slips`` at a time; empty: as the device's method is known for."""

    slips: tuple[Slip, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """Records are kept and sent ``every_s``, or at the end of each shift where that is 0."""

    every_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Buffer:
    """What a device keeps while its connection is down: ``capacity`` records (the oldest give way), 0 for none."""

    capacity: int = 1_000_000


@dataclass(frozen=True, slots=True)
class ClockError:
    """How far a clock is ahead (behind where negative) when the fault begins, and by how much it gains from there."""

    offset_s: float = 0.0
    drift_ppm: float = 0.0


@dataclass(frozen=True, slots=True)
class Blank:
    """Which field is left empty."""

    field: FieldName = "lot_id"


@dataclass(frozen=True, slots=True)
class Login:
    """The badge that everyone uses; empty: of whoever was on duty before."""

    badge: str = ""


@dataclass(frozen=True, slots=True)
class Homonym:
    """Whose code a new lot gets: of the ``same_item`` or of any; as old as ``after_s`` at least."""

    same_item: bool = True
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Coding:
    """Codes of a system's own: ``prefix`` before the plant's, for lots or items; ``crosswalk``: it says which."""

    of: Literal["lots", "items"] = "lots"
    prefix: str = "X-"
    crosswalk: bool = False


@dataclass(frozen=True, slots=True)
class GoLive:
    """Whether the stock is counted into the new system, by the last count before it went live."""

    opening_balance: bool = True


Details: TypeAlias = Misreading | Sending | Buffer | ClockError | Blank | Login | Homonym | Coding | GoLive


@dataclass(frozen=True, slots=True)
class CaptureFault:
    """One declared fault: hits each report of ``records`` at ``stations`` with probability ``rate``.

    ``stations`` and ``records`` are names or ``*`` (posting types by class name; a posting's station is its source);
    ``devices``, ``methods`` and ``items`` narrow that down where given. ``delay_s`` is how late: the mean of late and
    replayed ones, the window of reordered, the longest wait for the other of two swapped ones. ``name`` names the
    random stream: two faults of one kind, stations and records need different names.
    """

    kind: FaultKind
    rate: float = 1.0
    stations: tuple[str, ...] = (ALL,)
    records: tuple[str, ...] = (ALL,)
    delay_s: float = 7200.0
    name: str = ""
    devices: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    when: When = ALWAYS
    details: Details | None = None

    @property
    def stream(self) -> str:
        """The name of its random stream."""
        narrower = [one for one in (self.devices, self.methods, self.items) if one]
        reach = "/".join((self.kind, *("+".join(names) for names in (self.stations, self.records, *narrower))))
        return f"fault/{self.name or reach}"


@dataclass(frozen=True, slots=True)
class FaultLabel:
    """What one fault did: the answer key for detectors, kept beside the truth and outside its hash.

    ``kind`` is a word of :class:`FaultKind` or of :class:`twin.conduct.ConductKind`. ``device``, ``epoch`` and
    ``sequence`` name the record; sequence 0: no record was made, or none is meant. ``field``, ``true`` and ``reported``
    say what was named wrongly; ``item`` (its GTIN in a record, its name where people acted) and ``lot`` what it truly
    was about; ``detail`` the rest.
    """

    fault: str
    kind: StrEnum
    time: datetime
    station: str
    record: str
    device: str = ""
    epoch: int = 0
    sequence: int = 0
    field: str = ""
    true: str = ""
    reported: str = ""
    item: str = ""
    lot: str = ""
    detail: str = ""
