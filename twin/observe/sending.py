"""Faults between the device's memory and the core: late, together, after an outage, again, out of order, or never."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from math import ceil

from trace_core.capture.records import DeviceRecord, Flag, StockCount
from twin.observe.faults import Buffer, CaptureFault, ClockError, GoLive, Sending
from twin.observe.scene import Effect, Passage, Scene
from twin.observe.transit import Envelope
from twin.observe.when import Timing
from twin.streams import Stream

REPLAY_S = 5.0
"""When a record that was acknowledged too late is sent again: one answer time-out and a little (DEVICES.md, 2 B)."""

ONE_ROUND_S = 12 * 3600.0
"""Counts that lie closer together are one round of counting."""


class Clock(Effect):
    """The record's own time is off. Labelled once a device, as all of its records are."""

    def __init__(self, fault: CaptureFault, luck: Stream, scene: Scene) -> None:
        super().__init__(fault, luck, scene)
        self._known: set[str] = set()

    def _hit(self, passage: Passage) -> None:
        record, details = passage.report, self.fault.details
        if not isinstance(record, DeviceRecord) or record.time is None:
            return
        assert isinstance(details, ClockError), "a clock fault says how far it is off"
        off_s = clock_error_s(details.offset_s, details.drift_ppm, passage.now_s - self.fault.when.from_s)
        passage.report = replace(record, time=record.time + timedelta(milliseconds=round(1000 * off_s)))
        if record.device in self._known:
            self.scene.fates["wrong"] += 1
            return
        self._known.add(record.device)
        detail = f"from here on, offset {details.offset_s:g} s, drift {details.drift_ppm:g} ppm"
        self.scene.label(self.fault, passage, field="time", detail=detail)


def clock_error_s(offset_s: float, drift_ppm: float, elapsed_s: float) -> float:
    """How far a clock is ahead after ``elapsed_s``."""
    return offset_s + drift_ppm * 1e-6 * elapsed_s


class Late(Effect):
    """Arrives after an exponential delay."""

    def _hit(self, passage: Passage) -> None:
        passage.due_s += self.luck.exponential(self.fault.delay_s)
        self.scene.label(self.fault, passage)


class Reordered(Effect):
    """Arrives within a window after its time, evenly: what comes close together comes in any order."""

    def _hit(self, passage: Passage) -> None:
        passage.due_s += self.luck.uniform() * self.fault.delay_s
        self.scene.label(self.fault, passage)


class Batched(Effect):
    """Waits for the next sending: at every full interval of the run, or at the end of the shift."""

    def _hit(self, passage: Passage) -> None:
        every_s = self.fault.details.every_s if isinstance(self.fault.details, Sending) else 0.0
        due_s = passage.due_s
        passage.due_s = ceil(due_s / every_s) * every_s if every_s else self.scene.shifts.ends(due_s)
        self.scene.label(self.fault, passage)


class Outage(Effect):
    """Waits for the connection, flagged, as long as the device has room; without a buffer it is lost.

    What is lost has used its sequence, so that the gap shows.
    """

    def __init__(self, fault: CaptureFault, luck: Stream, scene: Scene, timing: Timing) -> None:
        super().__init__(fault, luck, scene)
        self._timing = timing
        self._capacity = fault.details.capacity if isinstance(fault.details, Buffer) else Buffer().capacity
        self._kept: dict[str, deque[Passage]] = {}

    def _hit(self, passage: Passage) -> None:
        if not self._capacity:
            passage.is_gone = True
            self.scene.label(self.fault, passage, detail="lost: no buffer", fate="missed")
            return
        if isinstance(passage.report, DeviceRecord):
            passage.report = replace(passage.report, flags=passage.report.flags | Flag.OFFLINE)
        passage.due_s = max(passage.due_s, self._timing.out_until())
        self.scene.label(self.fault, passage, detail="buffered")
        self._keep(passage)

    def _keep(self, passage: Passage) -> None:
        kept = self._kept.setdefault(passage.device, deque())
        while kept and kept[0].due_s <= passage.now_s:
            kept.popleft()
        if len(kept) == self._capacity:
            oldest = kept.popleft()
            if oldest.envelope is not None:
                oldest.envelope.is_withdrawn = True
            self.scene.label(self.fault, oldest, detail="lost: the buffer overflowed", fate="missed")
        kept.append(passage)


class Lost(Effect):
    """Never arrives. It has used its sequence, so that the gap shows."""

    def _hit(self, passage: Passage) -> None:
        passage.is_gone = True
        self.scene.label(self.fault, passage)


class Replayed(Effect):
    """Arrives a second time as it was, key and all."""

    def _hit(self, passage: Passage) -> None:
        self.scene.label(self.fault, passage)
        passage.copies.append((max(REPLAY_S, self.luck.exponential(self.fault.delay_s)), passage.report))


class CutOver(Effect):
    """Nothing from before is brought over but, where declared, the last count of the stock, on going live."""

    def __init__(self, fault: CaptureFault, luck: Stream, scene: Scene) -> None:
        super().__init__(fault, luck, scene)
        self._opens = not isinstance(fault.details, GoLive) or fault.details.opening_balance
        self._counts: list[Envelope] = []
        self._counted_s = -ONE_ROUND_S

    def _hit(self, passage: Passage) -> None:
        passage.is_gone = True
        is_kept = self._opens and isinstance(passage.report, StockCount)
        self.scene.label(self.fault, passage, detail="kept for the opening balance" if is_kept else "")
        if is_kept:
            if passage.now_s - self._counted_s > ONE_ROUND_S:
                for one in self._counts:
                    one.is_withdrawn = True
                self._counts = []
            self._counted_s = passage.now_s
            self._counts.append(self.scene.transit.send(self.fault.when.until_s, passage.report))
