"""The wrong label a report may carry: another lot, carrier or slot that was lying about, or a character misread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Literal

from trace_core.capture.records import DeviceRecord, RecordType
from twin.observe.misreading import LOOK_ALIKE
from twin.streams import Stream

KEPT = 6
"""How many labels of an item lie about: the lots a store or a line has in hand at one time."""

Field = Literal["lot_id", "part_id", "slot"]


class Labels:
    """Remembers the labels devices saw lately; holds what was true, whatever was reported."""

    def __init__(self, slots: Mapping[str, Mapping[str, int]]) -> None:
        self._slots = {device: tuple(numbers.values()) for device, numbers in slots.items()}
        self._lots: dict[str, OrderedDict[str, None]] = {}
        self._carriers: OrderedDict[str, None] = OrderedDict()
        self._standing: OrderedDict[str, None] = OrderedDict()

    def note(self, record: DeviceRecord) -> None:
        """Remember what ``record`` truly named."""
        if record.lot_id:
            _note(self._lots.setdefault(record.item, OrderedDict()), record.lot_id)
        if record.part_id:
            _note(self._carriers, record.part_id)
            if record.type is RecordType.SHIP:
                self._standing.pop(record.part_id, None)
            else:
                _note(self._standing, record.part_id)

    def wrong(self, record: DeviceRecord, stream: Stream) -> tuple[Field, str | int, str | int] | None:
        """Field, true and wrong value of a mislabelled ``record``; None where it names nothing that can be mistaken."""
        if record.lot_id:
            about = [lot for lot in self._lots.get(record.item, ()) if lot != record.lot_id]
            return "lot_id", record.lot_id, stream.choice(about) if about else _misread(record.lot_id, stream)
        if record.part_id:
            near = [part for part in self._carriers if part != record.part_id]
            return "part_id", record.part_id, stream.choice(near) if near else _misread(record.part_id, stream)
        if record.slot and record.type is RecordType.CONSUME:
            others = [slot for slot in self._slots.get(record.device, ()) if slot != record.slot]
            return ("slot", record.slot, stream.choice(others)) if others else None
        return None

    def near(self, record: DeviceRecord, stream: Stream) -> tuple[Field, str, str] | None:
        """Field, label and item of something that stands near what ``record`` names; None where nothing does.

        A carrier that has not left for a carrier, else a lot of any item, with that item.
        """
        if record.part_id:
            carriers = [part for part in self._standing if part != record.part_id]
            return ("part_id", stream.choice(carriers), record.item) if carriers else None
        lots = [(lot, item) for item, seen in self._lots.items() for lot in seen if lot != record.lot_id]
        return ("lot_id", *stream.choice(lots)) if record.lot_id and lots else None


def _note(seen: OrderedDict[str, None], label: str) -> None:
    seen[label] = None
    seen.move_to_end(label)
    if len(seen) > KEPT:
        seen.popitem(last=False)


def _misread(label: str, stream: Stream) -> str:
    """``label`` with one character read as one that looks like it; a digit as its neighbour where none looks alike."""
    places = [place for place, char in enumerate(label) if char in LOOK_ALIKE and place > label.rfind(")")]
    if places:
        place = stream.choice(places)
        return label[:place] + LOOK_ALIKE[label[place]] + label[place + 1 :]
    return f"{label[:-1]}{(int(label[-1]) + 1) % 10}" if label[-1:].isdecimal() else f"{label[:-1]}?"
