"""A small tracer over device records alone, written for these tests: the plainest reading of what was reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from trace_core.capture.records import DeviceRecord, RecordType, Result
from trace_core.vocabulary.identity import Kind, identify, plant_id

DELTA = timedelta(seconds=300)


def lot_id(record: DeviceRecord) -> str:
    """The canonical lot of a record."""
    if record.lot_id.startswith("(01)"):
        return identify(record.lot_id).canonical
    return plant_id(Kind.LOT, record.lot_id, record.item).canonical


class RecordedLinks:
    """Lots, orders and vessels as the records link them; a vessel keeps each lot until it is reported cleaned."""

    def __init__(self, records: Iterable[DeviceRecord], slots: dict[tuple[str, int], str]) -> None:
        self.children: dict[str, set[str]] = defaultdict(set)
        self.lots_on: dict[str, set[str]] = defaultdict(set)
        self.shipped: dict[str, str] = {}
        self._inputs: dict[str, set[str]] = defaultdict(set)
        self._outputs: dict[str, set[str]] = defaultdict(set)
        self._mounts: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        self._cleans: dict[str, list[datetime]] = defaultdict(list)
        self._draws: list[tuple[str, str, datetime, datetime]] = []
        for record in records:
            self._read(record, slots.get((record.device, record.slot), ""))
        for order, vessel, start, end in self._draws:
            self._inputs[order] |= self._in_vessel(vessel, start, end)
        for order, used in self._inputs.items():
            for lot in used:
                self.children[lot] |= self._outputs[order]

    def _read(self, record: DeviceRecord, vessel: str) -> None:
        assert record.time is not None
        match record.type:
            case RecordType.CONSUME if record.lot_id:
                self._inputs[record.order].add(lot_id(record))
            case RecordType.CONSUME:
                start = record.time - timedelta(seconds=record.measurements[0])
                self._draws.append((record.order, vessel, start, record.time))
            case RecordType.COMPLETE:
                self._outputs[record.order].add(lot_id(record))
            case RecordType.MOUNT:
                self._mounts[vessel].append((record.time, lot_id(record)))
            case RecordType.CLEAN if record.result is not Result.NOK:
                self._cleans[vessel].append(record.time)
            case RecordType.PACK:
                self.lots_on[record.part_id].add(lot_id(record))
            case RecordType.SHIP:
                self.shipped[record.part_id] = record.order

    def _in_vessel(self, vessel: str, start: datetime, end: datetime) -> set[str]:
        """The lots that were in ``vessel`` in the interval, however clocks differed by up to DELTA."""
        found = set()
        for entered, lot in self._mounts[vessel]:
            ended = [clean for clean in self._cleans[vessel] if entered < clean]
            if entered - DELTA <= end and (not ended or min(ended) + DELTA >= start):
                found.add(lot)
        return found

    def reach(self, lot: str) -> set[str]:
        """Every lot that holds some of ``lot`` by the records, itself included."""
        reached, ahead = {lot}, [lot]
        while ahead:
            for child in self.children[ahead.pop()] - reached:
                reached.add(child)
                ahead.append(child)
        return reached
