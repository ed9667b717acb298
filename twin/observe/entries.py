"""What people do to entries: fill them in at the end of the shift, or copy what was there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from trace_core.capture.records import DeviceRecord
from twin.observe.faults import CaptureFault
from twin.observe.scene import Effect, Passage, Scene
from twin.streams import Stream

ROUNDED_TO_S = 900.0
"""Times from memory are quarters of an hour (an assumption): the digits that detectors look for."""

MEMORY_S = 1200.0
"""How far a remembered time is off: its standard deviation (an assumption)."""


class LateBackfill(Effect):
    """Arrives at the end of the shift, with a time from memory: some quarter of an hour of the shift."""

    def _hit(self, passage: Passage) -> None:
        record = passage.report
        if not isinstance(record, DeviceRecord) or record.time is None:
            return
        now_s, shifts = passage.now_s, self.scene.shifts
        begins_s, ends_s = shifts.began(now_s), shifts.ends(now_s)
        remembered_s = round((now_s + self.luck.normal(0.0, MEMORY_S)) / ROUNDED_TO_S) * ROUNDED_TO_S
        off_s = min(max(remembered_s, begins_s), ends_s) - now_s
        made_up = record.time + timedelta(milliseconds=round(1000 * off_s))
        passage.report = replace(record, time=made_up)
        passage.due_s = max(passage.due_s, ends_s)
        true, reported = record.time.isoformat(), made_up.isoformat()
        self.scene.label(self.fault, passage, field="time", true=true, reported=reported)


class CopiedEntry(Effect):
    """The measured values are those of the record before, of the same type at the same station."""

    def __init__(self, fault: CaptureFault, luck: Stream, scene: Scene) -> None:
        super().__init__(fault, luck, scene)
        self._last: dict[tuple[str, str], tuple[float, ...]] = {}

    def apply(self, passage: Passage, is_hit: bool) -> None:
        """Copy the values before where it is hit; remember them where not."""
        record = passage.report
        if not isinstance(record, DeviceRecord) or not record.measurements:
            return
        at = (passage.station, passage.name)
        last = self._last.get(at)
        if is_hit and last is not None and last != record.measurements:
            passage.report = replace(record, measurements=last)
            true, reported = (" ".join(f"{one:g}" for one in values) for values in (record.measurements, last))
            self.scene.label(self.fault, passage, field="measurements", true=true, reported=reported)
            return
        self._last[at] = record.measurements
