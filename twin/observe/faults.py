"""Capture faults as declared: which reports go missing, come twice, come late, or name the wrong thing.

Faults change what is reported and never what happens. Each has its own random stream, named after itself, and draws one
number for every report it could hit, so that adding or removing one shifts nobody else's luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from plant_models.spec import PlantSpec
from trace_core.capture.records import DeviceRecord, RecordType, Report
from trace_core.errors import Fault, near_names

ALL = "*"
"""Every station, or every record of a device. Postings of business systems are hit only where named by type."""

POSTINGS = ("DeliveryNote", "PurchaseOrder", "StockCount", "TestResult", "WorkOrder")


class FaultKind(StrEnum):
    """What becomes of a report that a fault hits."""

    MISSED = "missed"
    """Nobody scanned: no record is made, the device's sequence has no gap."""
    DUPLICATED = "duplicated"
    """Scanned twice: a second record with its own sequence, seconds later."""
    LATE = "late"
    """Made in time, with its own time, and received later."""
    MISLABELLED = "mislabelled"
    """It names another lot of the item, carrier or slot, or one character is misread."""


@dataclass(frozen=True, slots=True)
class CaptureFault:
    """One declared fault: hits each report of ``records`` at ``stations`` with probability ``rate``.

    ``stations`` and ``records`` are names or ``*`` (posting types by class name; a posting's station is its source).
    ``delay_s`` is the mean of an exponential delay, for late ones. ``name`` names the random stream: two faults of one
    kind, stations and records need different names.
    """

    kind: FaultKind
    rate: float
    stations: tuple[str, ...] = (ALL,)
    records: tuple[str, ...] = (ALL,)
    delay_s: float = 7200.0
    name: str = ""

    @property
    def stream(self) -> str:
        """The name of its random stream."""
        reach = f"{self.kind}/{'+'.join(self.stations)}/{'+'.join(self.records)}"
        return f"fault/{self.name or reach}"

    def concerns(self, station: str, report: Report) -> bool:
        """Whether ``report`` of ``station`` is one it could hit."""
        if isinstance(report, DeviceRecord):
            named = ALL in self.records or report.type.name in self.records
        else:
            named = type(report).__name__ in self.records
        return named and (ALL in self.stations or station in self.stations)


@dataclass(frozen=True, slots=True)
class FaultLabel:
    """What one fault did to one report: the answer key for detectors, kept beside the truth and outside its hash.

    ``sequence`` is 0 where no record was made; ``field``, ``true`` and ``reported`` say what was named wrongly.
    """

    fault: str
    kind: FaultKind
    time: datetime
    station: str
    record: str
    device: str = ""
    epoch: int = 0
    sequence: int = 0
    field: str = ""
    true: str = ""
    reported: str = ""


def faults_in(faults: Sequence[CaptureFault], spec: PlantSpec) -> Iterator[Fault]:
    """What is wrong with declared faults: unknown stations and records, rates that are none, names used twice."""
    stations = [*spec.stations, "ERP", "LIMS", "WMS", ALL]
    records = [*(one.name for one in RecordType if one is not RecordType.ARRIVE), *POSTINGS, ALL]
    seen: set[str] = set()
    for number, fault in enumerate(faults):
        path = f"$.faults[{number}]"
        if not 0.0 <= fault.rate <= 1.0:
            yield Fault(f"{path}.rate", "a probability from 0 to 1", fault.rate)
        if not 0.0 <= fault.delay_s < float("inf"):
            yield Fault(f"{path}.delay_s", "a delay of 0 s or more", fault.delay_s)
        for part, names, known in (("stations", fault.stations, stations), ("records", fault.records, records)):
            for name in names:
                if name not in known:
                    near = near_names(name, known)
                    remedy = f"did you mean {' or '.join(near)}?" if near else f"one of {', '.join(known)}"
                    yield Fault(f"{path}.{part}", f"{part[:-1]} of the plant", name, remedy)
        if fault.stream in seen:
            yield Fault(f"{path}.name", "a name, as another fault hits the same reports", fault.name)
        seen.add(fault.stream)
