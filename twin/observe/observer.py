"""Who sees what happens: makes the records of devices and the postings of business systems at the physical moment.

What the plant really did is passed in; what is reported comes out, with the declared faults in between. Nothing here
reaches back: the processes get no answer, and no random number of theirs is drawn.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_never

from plant_models.spec import PlantSpec
from trace_core.capture.records import DeviceRecord, Posting, RecordType, Report, Result
from twin.calendar import Calendar
from twin.kernel import Kernel
from twin.material import Item, Lot
from twin.observe.faults import CaptureFault, FaultKind, FaultLabel
from twin.observe.labels import Field, Labels
from twin.streams import Stream, Streams

LARGEST_SEQUENCE = 65_535
"""REQ_SEQ is a u16 and 0 means none; a device that has used them all begins a new epoch rather than repeat a key."""

LARGEST_QUANTITY = 2**31 - 1
"""QTY is an i32; the exponent beside it makes quantities exact."""

SHIFT_HOURS = 8

DOUBLE_SCAN_S = 2.0


@dataclass(frozen=True, slots=True)
class CaptureCounts:
    """Reports by fate. ``reported`` were delivered, doubles included; the others are counted where a fault hit."""

    reported: int = 0
    missed: int = 0
    duplicated: int = 0
    late: int = 0
    wrong: int = 0


Deliver = Callable[[Report, datetime], object]
"""Takes a report and the moment it arrives; called in order of arrival."""


class Observer:
    """All devices and business systems of one run."""

    def __init__(
        self,
        spec: PlantSpec,
        kernel: Kernel,
        calendar: Calendar,
        streams: Streams,
        faults: Sequence[CaptureFault],
        deliver: Deliver | None,
    ) -> None:
        self._kernel = kernel
        self._calendar = calendar
        self._deliver = deliver
        self._faults: list[tuple[CaptureFault, Stream]] = [(fault, streams.named(fault.stream)) for fault in faults]
        self._stations = {
            station: (device, number)
            for device, declared in spec.devices.items()
            for station, number in declared.stations.items()
        }
        self._slots = {device: dict(declared.slots) for device, declared in spec.devices.items()}
        self._badges = [operator.badge for operator in spec.operators]
        self._places = {station: place for place, station in enumerate(spec.stations)}
        self._keys: dict[str, tuple[int, int]] = {}
        self._on_the_way: list[tuple[float, int, Report]] = []
        self._order = 0
        self._labels = Labels(self._slots)
        self.labels: list[FaultLabel] = []
        self._counts = dict.fromkeys(("reported", *FaultKind), 0)

    # ---- what the processes call

    def record(
        self,
        station: str,
        kind: RecordType,
        *,
        lot: Lot | None = None,
        item: Item | None = None,
        quantity: int | None = None,
        order: str = "",
        part: str = "",
        slot: str = "",
        result: Result = Result.NONE,
        nok_code: int = 0,
        measured: tuple[float, ...] = (),
    ) -> None:
        """A device at ``station`` saw this now. ``quantity`` counts quanta of ``item``, by default the lot's."""
        device, number = self._stations[station]
        item = item or (lot.item if lot else None)
        record = DeviceRecord(
            device=device,
            epoch=0,
            sequence=0,
            type=kind,
            time=self._calendar.moment(self._kernel.now),
            station=number,
            slot=self._slots[device][slot] if slot else 0,
            part_id=part,
            lot_id=lot.label if lot else "",
            item=item.gtin if item else "",
            order=order,
            operator=self._operator(station),
            result=result,
            nok_code=nok_code,
            quantity=None if quantity is None or item is None else exact(quantity, item.decimals),
            unit=item.unit if item and quantity is not None else "",
            measurements=measured,
        )
        self._report(station, record)
        self._labels.note(record)

    def post(self, posting: Posting) -> None:
        """A business system, the laboratory or a person posted this now."""
        self._report(posting.source, posting)

    def finish(self, end_s: float) -> CaptureCounts:
        """Deliver what is due by the end of the run; what would come later is lost to it, and counted as late."""
        self._arrive(end_s)
        counts = self._counts
        return CaptureCounts(
            counts["reported"],
            counts[FaultKind.MISSED],
            counts[FaultKind.DUPLICATED],
            counts[FaultKind.LATE],
            counts[FaultKind.MISLABELLED],
        )

    # ---- on the way

    def _operator(self, station: str) -> str:
        """Who is on duty: each station has another badge, and all move on by one each shift."""
        shift = int(self._kernel.now // 3600) // SHIFT_HOURS
        return self._badges[(shift + self._places[station]) % len(self._badges)]

    def _report(self, station: str, report: Report) -> None:
        now = self._kernel.now
        self._arrive(now)
        hits = self._hits(station, report)
        if FaultKind.MISSED in hits:
            self._label(hits[FaultKind.MISSED][0], station, report)
            return
        due = now
        report = self._numbered(report)
        if FaultKind.MISLABELLED in hits and isinstance(report, DeviceRecord):
            report = self._mislabelled(station, report, *hits[FaultKind.MISLABELLED])
        if FaultKind.LATE in hits:
            fault, stream = hits[FaultKind.LATE]
            due += stream.exponential(fault.delay_s)
            self._label(fault, station, report)
        self._send(due, report)
        if FaultKind.DUPLICATED in hits:
            again = self._numbered(_later(report))
            self._label(hits[FaultKind.DUPLICATED][0], station, again)
            self._send(due + DOUBLE_SCAN_S, again)

    def _hits(self, station: str, report: Report) -> dict[FaultKind, tuple[CaptureFault, Stream]]:
        """The faults that hit ``report``; of several of one kind, the first declared. All that could hit it draw."""
        hits: dict[FaultKind, tuple[CaptureFault, Stream]] = {}
        for fault, stream in self._faults:
            if fault.concerns(station, report) and stream.chance(fault.rate):
                hits.setdefault(fault.kind, (fault, stream))
        return hits

    def _mislabelled(self, station: str, record: DeviceRecord, fault: CaptureFault, stream: Stream) -> DeviceRecord:
        change = self._labels.wrong(record, stream)
        if change is None:
            return record
        field, true, wrong = change
        changed = _with(record, field, wrong)
        self._label(fault, station, changed, field, str(true), str(wrong))
        return changed

    def _numbered(self, report: Report) -> Report:
        if not isinstance(report, DeviceRecord):
            return report
        epoch, sequence = self._keys.get(report.device, (1, 0))
        epoch, sequence = (epoch + 1, 1) if sequence == LARGEST_SEQUENCE else (epoch, sequence + 1)
        self._keys[report.device] = (epoch, sequence)
        return replace(report, epoch=epoch, sequence=sequence)

    def _label(
        self, fault: CaptureFault, station: str, report: Report, field: str = "", true: str = "", wrong: str = ""
    ) -> None:
        self._counts[fault.kind] += 1
        time = self._calendar.moment(self._kernel.now)
        key: Mapping[str, str | int] = {}
        name = type(report).__name__
        if isinstance(report, DeviceRecord):
            name = report.type.name
            key = {"device": report.device, "epoch": report.epoch, "sequence": report.sequence}
        self.labels.append(
            FaultLabel(
                fault.stream,
                fault.kind,
                time,
                station,
                name,
                field=field,
                true=true,
                reported=wrong,
                **key,  # type: ignore[arg-type]
            )
        )

    def _send(self, due_s: float, report: Report) -> None:
        self._order += 1
        heapq.heappush(self._on_the_way, (due_s, self._order, report))
        self._arrive(self._kernel.now)

    def _arrive(self, until_s: float) -> None:
        while self._on_the_way and self._on_the_way[0][0] <= until_s:
            due, _, report = heapq.heappop(self._on_the_way)
            self._counts["reported"] += 1
            if self._deliver is not None:
                self._deliver(report, self._calendar.moment(due))


def exact(quantity: int, decimals: int) -> Decimal:
    """``quantity`` quanta as a decimal without trailing zeros, so that it fits the mailbox's i32 with an exponent."""
    while decimals and quantity % 10 == 0:
        quantity, decimals = quantity // 10, decimals - 1
    assert quantity <= LARGEST_QUANTITY, f"the mailbox carries up to {LARGEST_QUANTITY} quanta, got {quantity}"
    return Decimal(quantity).scaleb(-decimals)


def _with(record: DeviceRecord, field: Field, value: str | int) -> DeviceRecord:
    match field:
        case "lot_id":
            return replace(record, lot_id=str(value))
        case "part_id":
            return replace(record, part_id=str(value))
        case "slot":
            return replace(record, slot=int(value))
    assert_never(field)


def _later(report: Report) -> Report:
    if isinstance(report, DeviceRecord) and report.time is not None:
        return replace(report, time=report.time + timedelta(seconds=DOUBLE_SCAN_S))
    return report
