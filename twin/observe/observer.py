"""Who sees what happens: makes the records of devices and the postings of business systems at the physical moment.

What the plant really did is passed in; what is reported comes out, with the declared faults in between. Nothing here
reaches back: the processes get no answer, and no random number of theirs is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from plant_models.spec import Device, PlantSpec
from trace_core.capture.records import DeviceRecord, Posting, RecordType, Result
from trace_core.errors import UnknownName
from twin.calendar import Calendar
from twin.kernel import Kernel
from twin.material import Item, Lot
from twin.observe.faults import CaptureFault, FaultLabel
from twin.observe.pipeline import Pipeline
from twin.observe.scene import LARGEST_SEQUENCE, Passage, Scene
from twin.observe.sending import clock_error_s
from twin.observe.transit import Deliver
from twin.streams import Streams

__all__ = ["LARGEST_QUANTITY", "LARGEST_SEQUENCE", "CaptureCounts", "Deliver", "Observer", "exact"]

LARGEST_QUANTITY = 2**31 - 1
"""QTY is an i32; the exponent beside it makes quantities exact."""


@dataclass(frozen=True, slots=True)
class CaptureCounts:
    """Reports by fate. ``reported`` were delivered, doubles included; the others are counted where a fault hit.

    ``missed`` never came, by whatever fault; ``late`` came later than they were made; ``wrong`` say what is not so.
    """

    reported: int = 0
    missed: int = 0
    duplicated: int = 0
    late: int = 0
    wrong: int = 0


class _Post:
    """A station as its device knows it."""

    __slots__ = ("device", "drift_ppm", "number", "offset_s", "slots")

    def __init__(self, device: str, number: int, declared: Device) -> None:
        self.device = device
        self.number = number
        self.slots = declared.slots
        self.offset_s = declared.clock.offset_s if declared.clock else 0.0
        self.drift_ppm = declared.clock.drift_ppm if declared.clock else 0.0


class Observer:
    """All devices and business systems of one run. Where nobody listens and no fault is declared, nothing is built."""

    def __init__(
        self,
        spec: PlantSpec,
        kernel: Kernel,
        calendar: Calendar,
        streams: Streams,
        faults: Sequence[CaptureFault],
        deliver: Deliver | None,
    ) -> None:
        self.is_listening = deliver is not None or bool(faults)
        """Whether reports are built at all; who builds postings for :meth:`post` need not where this is False."""
        self._kernel = kernel
        self._calendar = calendar
        self._scene = Scene(spec, kernel, calendar, deliver)
        self._pipeline = Pipeline(faults, streams, self._scene) if faults else None
        self._posts = {
            station: _Post(device, number, declared)
            for device, declared in spec.devices.items()
            for station, number in declared.stations.items()
        }
        self._unheard = 0
        self._now_s, self._moment = -1.0, calendar.start

    @property
    def labels(self) -> list[FaultLabel]:
        """What the faults did so far, in the order in which they did it."""
        return self._scene.labels

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
        slot: str | int = "",
        result: Result = Result.NONE,
        nok_code: int = 0,
        measured: tuple[float, ...] = (),
        operator: str = "",
    ) -> None:
        """A device at ``station`` saw this now. ``quantity`` counts quanta of ``item``, by default the lot's.

        ``slot`` is a name of the device's, or a number; ``operator`` another badge than that of who is on duty.
        """
        if not self.is_listening:
            self._unheard += 1
            return
        post, scene, pipeline = self._posts[station], self._scene, self._pipeline
        item = item or (lot.item if lot else None)
        has_amount = quantity is not None and item is not None
        epoch, sequence = scene.next_key(post.device) if pipeline is None else (0, 0)
        record = DeviceRecord(
            post.device,
            epoch,
            sequence,
            kind,
            self._clock_of(post),
            post.number,
            (post.slots[slot] if slot else 0) if isinstance(slot, str) else slot,
            part,
            lot.label if lot else "",
            item.gtin if item else "",
            order,
            operator or scene.operator(station),
            result,
            nok_code,
            exact(quantity, item.decimals) if has_amount else None,  # type: ignore[arg-type, union-attr]
            item.unit if has_amount else "",  # type: ignore[union-attr]
            measured,
        )
        if pipeline is None:
            scene.transit.hand_over(record, self._time())
            return
        self._report(pipeline, station, post.device, kind.name, record)

    def post(self, posting: Posting) -> None:
        """A business system, the laboratory or a person posted this now."""
        if not self.is_listening:
            self._unheard += 1
        elif self._pipeline is None:
            self._scene.transit.hand_over(posting, self._time())
        else:
            self._report(self._pipeline, posting.source, posting.source, type(posting).__name__, posting)

    def second_badge(self, station: str, by: str) -> str:
        """The badge of who countersigns at ``station``; ``by`` is ``second`` or ``quality``."""
        return self._scene.second_badge(station, by)

    def finish(self, end_s: float) -> CaptureCounts:
        """Deliver what is due by the end of the run; what would come later is lost to it, and counted as late."""
        self._scene.transit.arrive(end_s)
        return CaptureCounts(self._scene.transit.delivered + self._unheard, **self._scene.fates)

    # ---- switching, from outside

    @property
    def switchable(self) -> frozenset[str]:
        """The names of the faults that :meth:`switch` knows."""
        return frozenset() if self._pipeline is None else frozenset(one.fault.stream for one in self._pipeline.active)

    def switch(self, fault: str, *, on: bool) -> None:
        """From now on ``fault`` hits, or does not; it goes on drawing, so that nobody's luck is shifted."""
        active = () if self._pipeline is None else self._pipeline.active
        named = [one for one in active if fault in (one.fault.stream, one.fault.name)]
        if not named:
            raise UnknownName("capture fault", fault, self.switchable)
        for one in named:
            one.is_on = on

    # ---- on the way

    def _report(self, pipeline: Pipeline, station: str, device: str, name: str, report: DeviceRecord | Posting) -> None:
        now_s = self._kernel.now
        self._scene.transit.arrive(now_s)
        pipeline.take(Passage(station, device, name, report, now_s, now_s))

    def _time(self) -> datetime:
        now_s = self._kernel.now
        if now_s != self._now_s:
            self._now_s, self._moment = now_s, self._calendar.moment(now_s)
        return self._moment

    def _clock_of(self, post: _Post) -> datetime:
        if not post.offset_s and not post.drift_ppm:
            return self._time()
        off_s = clock_error_s(post.offset_s, post.drift_ppm, self._kernel.now)
        return self._time() + timedelta(milliseconds=round(1000 * off_s))


def exact(quantity: int, decimals: int) -> Decimal:
    """``quantity`` quanta as a decimal without trailing zeros, so that it fits the mailbox's i32 with an exponent."""
    while decimals and quantity % 10 == 0:
        quantity, decimals = quantity // 10, decimals - 1
    assert quantity <= LARGEST_QUANTITY, f"the mailbox carries up to {LARGEST_QUANTITY} quanta, got {quantity}"
    return Decimal(quantity).scaleb(-decimals)
