"""A small plant to play with: two stations, pallets, a core over a log in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from trace_core.capture.records import Answer, DeviceRecord, RecordType
from trace_core.capture.rules import CaptureRules, StationRule
from trace_core.control import Hold, Reach
from trace_core.core import TraceCore
from trace_core.core.entries import event_of
from trace_core.genealogy.answer import TraceAnswer
from trace_core.log.memory import MemoryLog
from trace_core.vocabulary.clock import SetClock
from trace_core.vocabulary.events import ErrorDeclaration, Event
from trace_core.vocabulary.gs1_keys import check_digit
from trace_core.vocabulary.identity import Kind, plant_id

CLOCK_START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
LINE = plant_id(Kind.LOCATION, "line").canonical
OTHER = plant_id(Kind.LOCATION, "other").canonical


def lot(code: str) -> str:
    """The canonical id of a lot of the plant's only item."""
    return plant_id(Kind.LOT, code, "jam").canonical


def pallet(number: int) -> str:
    """The SSCC of a pallet as it is printed."""
    body = f"34012345{number:09d}"
    return f"{body}{check_digit(body)}"


class Plant:
    """Reports one after another, a minute apart."""

    def __init__(self) -> None:
        self.clock = SetClock(CLOCK_START)
        self.rules = CaptureRules(
            stations={
                ("plc", 1): StationRule(plant_id(Kind.EQUIPMENT, "mixer").canonical, LINE),
                ("plc", 2): StationRule(plant_id(Kind.EQUIPMENT, "packer").canonical, OTHER),
            }
        )
        self.core = TraceCore(MemoryLog(self.clock), self.clock, rules=self.rules)
        self._sequence = 0
        self._placed: list[Hold] = []

    def wait(self, hours: float) -> None:
        self.clock.advance(hours * 3600)

    def report(self, kind: RecordType, station: int = 1, **fields: Any) -> Answer:
        self._sequence += 1
        self.clock.advance(60)
        sound = {"item": "jam"} if "lot_id" in fields else {}
        record = DeviceRecord("plc", 1, self._sequence, kind, self.clock.now(), station, **{**sound, **fields})
        return self.core.capture(record)

    def ask(self, lot: str = "", part: str = "", station: int = 2) -> Answer:
        fields = {"lot_id": lot} if lot else {"part_id": part}
        return self.report(RecordType.ARRIVE, station, **fields)

    def make(self, source: str, made: str, station: int = 1) -> None:
        order = f"WO-{self._sequence}"
        self.report(RecordType.CONSUME, station, lot_id=source, order=order)
        self.report(RecordType.COMPLETE, station, lot_id=made, order=order)

    def pack(self, number: int, code: str) -> None:
        self.report(RecordType.PACK, 2, part_id=pallet(number), lot_id=code)

    def load(self, outer: int, inner: int) -> None:
        """One pallet into another carrier."""
        self._append_after_packing(outer, f"(00){pallet(inner)}", "ADD")

    def unpack(self, number: int, code: str) -> None:
        self._append_after_packing(number, lot(code), "DELETE")

    def _append_after_packing(self, number: int, content: str, action: str) -> None:
        from trace_core.vocabulary.events import Action, AggregationEvent, Amount
        from trace_core.vocabulary.identity import identify

        self._sequence += 1
        self.clock.advance(3600)
        identity = identify(content)
        is_lot = identity.kind is Kind.LOT
        event = AggregationEvent(
            event_id=f"urn:uuid:00000000-0000-4000-8000-{self._sequence:012d}",
            event_time=self.clock.now(),
            action=Action(action),
            parent=identify(f"(00){pallet(number)}"),
            epcs=() if is_lot else (identity,),
            amounts=(Amount(identity),) if is_lot else (),
        )
        self.core.append_events([event])
        self.clock.advance(3600)

    def events(self, sequence: int) -> Event:
        (record,) = self.core.log.read(after=sequence - 1, limit=1)
        return event_of(record)

    def declare_in_error(self, sequence: int) -> None:
        self.clock.advance(60)
        declaration = ErrorDeclaration(self.clock.now(), "incorrect_data")
        self.core.append_events([replace(self.events(sequence), error=declaration)])

    # ---- plays

    def play(self, steps: list[tuple[str, Any, Any]]) -> None:
        """Carry out random steps; what makes no sense at the moment is passed over."""
        for step, one, other in steps:
            if step == "make":
                self.make(one, other)
            elif step == "pack":
                self.pack(one, other)
            elif step == "unpack":
                self.unpack(one, other)
            elif step == "hold":
                self._hold(lot(one), other)
            elif step == "hold carrier":
                self._hold(pallet(one), other)
            elif step == "release" and one < len(self._placed) and self._placed[one] in self.core.holds():
                self.core.release(self._placed[one].hold_id, "Li", "clean")
            elif step == "void" and 0 < one <= self.core.log.head().sequence and self._is_trace_event(one):
                self.declare_in_error(one)

    def _is_trace_event(self, sequence: int) -> bool:
        event = self.events(sequence)
        return event.error is None and "holdId" not in event.plant

    def _hold(self, thing: str, reach: Reach) -> None:
        hold = self.core.hold(thing, "Li", "glass", reach)
        if isinstance(hold, Hold):
            self._placed.append(hold)

    def covered_by_hand(self) -> set[str]:
        """What is on hold by the plainest reading: the things named, and what the trace says was made of them."""
        held: set[str] = set()
        inside_held: set[str] = set()
        for hold in self.core.holds():
            for one in hold.things:
                held.add(one.canonical.removeprefix("https://id.gs1.org/00/"))
                answer = self.core.trace(one.canonical, "forward")
                assert isinstance(answer, TraceAnswer)
                if hold.reach is Reach.DESCENDANTS:
                    held.update(answer.lots)
        contents_of = self.core.index.read().contents_of
        for number in (1, 2, 3):
            inside = set(contents_of(f"https://id.gs1.org/00/{pallet(number)}"))
            if inside & held:
                inside_held.add(pallet(number))
            if pallet(number) in held:
                inside_held |= inside
        return held | inside_held
