"""What the faults of one run share: the labels they write, the numbers of devices, what lies about, who is there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from plant_models.spec import PlantSpec
from trace_core.capture.records import DeviceRecord, Report
from twin.calendar import Calendar
from twin.kernel import Kernel
from twin.observe.faults import CaptureFault, FaultKind, FaultLabel
from twin.observe.labels import Labels
from twin.observe.shifts import Shifts
from twin.observe.transit import Deliver, Envelope, Transit
from twin.streams import Stream

LARGEST_SEQUENCE = 65_535
"""REQ_SEQ is a u16 and 0 means none; a device that has used them all begins a new epoch rather than repeat a key."""

FATES = dict.fromkeys(FaultKind, "wrong") | {
    FaultKind.MISSED: "missed",
    FaultKind.SILENT_LINK: "missed",
    FaultKind.LOST: "missed",
    FaultKind.CUT_OVER: "missed",
    FaultKind.DUPLICATED: "duplicated",
    FaultKind.REPLAYED: "duplicated",
    FaultKind.LATE: "late",
    FaultKind.BATCHED: "late",
    FaultKind.OUTAGE: "late",
    FaultKind.REORDERED: "late",
    FaultKind.LATE_BACKFILL: "late",
}
"""As what a hit counts; an outage without a buffer counts as missed."""


@dataclass(slots=True, eq=False)
class Passage:
    """One report on its way through the faults.

    ``due_s`` is when it arrives; ``copies`` follow it by so many seconds. ``envelope`` is there once it was sent.
    """

    station: str
    device: str
    name: str
    report: Report
    now_s: float
    due_s: float
    is_gone: bool = False
    envelope: Envelope | None = None
    copies: list[tuple[float, Report]] = field(default_factory=list)


class Scene:
    """One run's."""

    def __init__(self, spec: PlantSpec, kernel: Kernel, calendar: Calendar, deliver: Deliver | None) -> None:
        self.spec = spec
        self.kernel = kernel
        self.calendar = calendar
        self.shifts = Shifts(spec, calendar)
        self.transit = Transit(calendar, deliver)
        self.about = Labels({device: declared.slots for device, declared in spec.devices.items()})
        self.labels: list[FaultLabel] = []
        self.fates = dict.fromkeys(("missed", "duplicated", "late", "wrong"), 0)
        """How many reports came to what."""
        self._places = {station: place for place, station in enumerate(spec.stations)}
        workers = [one.badge for one in spec.operators if one.role == "production"]
        self._badges = workers or [one.badge for one in spec.operators]
        self._quality = [one.badge for one in spec.operators if one.role == "quality"]
        self._keys: dict[str, tuple[int, int]] = {}

    def operator(self, station: str, shifts_ago: int = 0) -> str:
        """Who is on duty: each station has another badge, and all move on by one each shift."""
        shift = self.shifts.number(self.kernel.now) - shifts_ago
        return self._badges[(shift + self._places[station]) % len(self._badges)]

    def second_badge(self, station: str, by: str) -> str:
        """Who countersigns at ``station``: the next on duty, or somebody of quality where ``by`` says so."""
        if by == "quality" and self._quality:
            return self._quality[self.shifts.number(self.kernel.now) % len(self._quality)]
        return self.operator(station, shifts_ago=-1)

    def next_key(self, device: str) -> tuple[int, int]:
        """Epoch and sequence of the next record of ``device``."""
        epoch, sequence = self._keys.get(device, (1, 0))
        key = (epoch + 1, 1) if sequence == LARGEST_SEQUENCE else (epoch, sequence + 1)
        self._keys[device] = key
        return key

    def numbered(self, report: Report) -> Report:
        """``report`` with the next key of its device; postings have numbers of their own."""
        if not isinstance(report, DeviceRecord):
            return report
        epoch, sequence = self.next_key(report.device)
        return replace(report, epoch=epoch, sequence=sequence)

    def label(
        self,
        fault: CaptureFault,
        passage: Passage,
        report: Report | None = None,
        *,
        field: str = "",
        true: str = "",
        reported: str = "",
        detail: str = "",
        fate: str = "",
    ) -> None:
        """Write down that ``fault`` hit ``passage``, or the copy of it given as ``report``."""
        self.fates[fate or FATES[fault.kind]] += 1
        about = passage.report if report is None else report
        device, epoch, sequence = "", 0, 0
        if isinstance(about, DeviceRecord):
            device, epoch, sequence = about.device, about.epoch, about.sequence
        self.labels.append(
            FaultLabel(
                fault.stream,
                fault.kind,
                self.calendar.moment(self.kernel.now),
                passage.station,
                passage.name,
                device=device,
                epoch=epoch,
                sequence=sequence,
                field=field,
                true=true,
                reported=reported,
                item=getattr(about, "item", ""),
                lot=true if field == "lot_id" else getattr(about, "lot_id", ""),
                detail=detail,
            )
        )


class Effect:
    """What one declared fault does to reports; made once a run, asked for every report that it concerns."""

    def __init__(self, fault: CaptureFault, luck: Stream, scene: Scene) -> None:
        self.fault = fault
        self.luck = luck
        self.scene = scene

    def apply(self, passage: Passage, is_hit: bool) -> None:
        """Change ``passage`` where it is hit, and label that."""
        if is_hit:
            self._hit(passage)

    def _hit(self, passage: Passage) -> None:
        raise NotImplementedError


def changed(record: DeviceRecord, field: str, value: str | int | None) -> DeviceRecord:
    """``record`` with another value in one field; a quantity goes with its unit."""
    match field:
        case "lot_id":
            return replace(record, lot_id=str(value))
        case "part_id":
            return replace(record, part_id=str(value))
        case "item":
            return replace(record, item=str(value))
        case "order":
            return replace(record, order=str(value))
        case "operator":
            return replace(record, operator=str(value))
        case "slot":
            return replace(record, slot=int(value or 0))
        case "quantity":
            return replace(record, quantity=None, unit="")
    raise AssertionError(f"a field that faults change, got {field!r}")
