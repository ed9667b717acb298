"""Faults between the thing and the device's memory: nobody looked, somebody looked twice, or saw another thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from trace_core.capture.records import DeviceRecord, Report
from twin.observe.faults import Blank, CaptureFault, Login, Misreading
from twin.observe.misreading import SLIPS_OF_METHOD, misread
from twin.observe.scene import Effect, Passage, Scene, changed
from twin.streams import Stream

DOUBLE_SCAN_S = 2.0


class Missed(Effect):
    """No record is made, and no sequence used."""

    def _hit(self, passage: Passage) -> None:
        passage.is_gone = True
        self.scene.label(self.fault, passage)


class EmptyField(Effect):
    """One field says nothing. A field that said nothing anyway is not hit."""

    def _hit(self, passage: Passage) -> None:
        record = passage.report
        field = self.fault.details.field if isinstance(self.fault.details, Blank) else "lot_id"
        if not isinstance(record, DeviceRecord) or not (true := getattr(record, field)):
            return
        passage.report = changed(record, field, "")
        self.scene.label(self.fault, passage, field=field, true=str(true))


class SharedLogin(Effect):
    """The badge is that of everybody, or of who was there the shift before."""

    def _hit(self, passage: Passage) -> None:
        record = passage.report
        if not isinstance(record, DeviceRecord):
            return
        badge = self.fault.details.badge if isinstance(self.fault.details, Login) else ""
        badge = badge or self.scene.operator(passage.station, shifts_ago=1)
        if badge != record.operator:
            passage.report = changed(record, "operator", badge)
            self.scene.label(self.fault, passage, field="operator", true=record.operator, reported=badge)


class Mislabelled(Effect):
    """It names another thing that was lying about."""

    def _hit(self, passage: Passage) -> None:
        record = passage.report
        if not isinstance(record, DeviceRecord):
            return
        wrong = self.scene.about.wrong(record, self.luck)
        if wrong is not None:
            field, true, named = wrong
            passage.report = changed(record, field, named)
            self.scene.label(self.fault, passage, field=field, true=str(true), reported=str(named))


class Misread(Effect):
    """The code it names is read with a slip, of the kinds its method is known for."""

    def _hit(self, passage: Passage) -> None:
        record = passage.report
        if not isinstance(record, DeviceRecord):
            return
        field = "lot_id" if record.lot_id else "part_id"
        if not (true := str(getattr(record, field))):
            return
        declared = self.fault.details.slips if isinstance(self.fault.details, Misreading) else ()
        slips = declared or SLIPS_OF_METHOD[self.scene.spec.devices[record.device].method]
        read = misread(true, slips, self.luck)
        passage.report = changed(record, field, read)
        self.scene.label(self.fault, passage, field=field, true=true, reported=read)


class Stray(Effect):
    """A second record names something that stood near."""

    def _hit(self, passage: Passage) -> None:
        record = passage.report
        if not isinstance(record, DeviceRecord):
            return
        near = self.scene.about.near(record, self.luck)
        if near is not None:
            field, label, item = near
            stray = self.scene.numbered(changed(changed(record, field, label), "item", item))
            self.scene.label(self.fault, passage, stray, field=field, reported=label)
            passage.copies.append((0.0, stray))


class Duplicated(Effect):
    """A second record of the same, with a sequence of its own, seconds later."""

    def _hit(self, passage: Passage) -> None:
        again = self.scene.numbered(_later(passage.report))
        self.scene.label(self.fault, passage, again)
        passage.copies.append((DOUBLE_SCAN_S, again))


def _later(report: Report) -> Report:
    if isinstance(report, DeviceRecord) and report.time is not None:
        return replace(report, time=report.time + timedelta(seconds=DOUBLE_SCAN_S))
    return report


class Swapped(Effect):
    """A record waits for the next of another lot of its item at the station, and the two exchange their lots.

    Where none comes in time it arrives as it was, late, and is not labelled: nothing was swapped.
    """

    def __init__(self, fault: CaptureFault, luck: Stream, scene: Scene) -> None:
        super().__init__(fault, luck, scene)
        self._held: dict[tuple[str, str], tuple[Passage, float]] = {}

    def apply(self, passage: Passage, is_hit: bool) -> None:
        """Hold ``passage`` where it is hit; exchange with the one held where there is one."""
        record = passage.report
        if not isinstance(record, DeviceRecord) or not record.lot_id:
            return
        at = (passage.station, record.item)
        waiting = self._waiting(at, passage.now_s)
        if waiting is not None and waiting.lot_id != record.lot_id:
            self._exchange(*self._held.pop(at), passage)
        elif waiting is None and is_hit:
            self._held[at] = (passage, passage.due_s)
            passage.due_s = max(passage.due_s, passage.now_s + self.fault.delay_s)

    def _waiting(self, at: tuple[str, str], now_s: float) -> DeviceRecord | None:
        if at not in self._held:
            return None
        passage, _ = self._held[at]
        if passage.envelope is None or passage.due_s <= now_s:
            del self._held[at]
            return None
        assert isinstance(passage.report, DeviceRecord), "what waits is a device's record"
        return passage.report

    def _exchange(self, first: Passage, due_s: float, second: Passage) -> None:
        one, other = first.report, second.report
        assert isinstance(one, DeviceRecord), "what is swapped is a device's record"
        assert isinstance(other, DeviceRecord), "what is swapped is a device's record"
        first.report, second.report = changed(one, "lot_id", other.lot_id), changed(other, "lot_id", one.lot_id)
        assert first.envelope is not None, "what waits was sent"
        self.scene.transit.release(first.envelope, max(due_s, second.now_s), first.report)
        self.scene.label(self.fault, first, field="lot_id", true=one.lot_id, reported=other.lot_id)
        self.scene.label(self.fault, second, field="lot_id", true=other.lot_id, reported=one.lot_id)
