"""Faults of codes: one code for two lots, a code used again, and systems that call things by codes of their own."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import Protocol, assert_never

from trace_core.capture.records import (
    DeliveryNote,
    DeviceRecord,
    LotAlias,
    PurchaseOrder,
    Report,
    StockCount,
    TestResult,
    WorkOrder,
)
from twin.observe.faults import CaptureFault, Coding, FaultKind, Homonym
from twin.observe.scene import Effect, Passage, Scene
from twin.streams import Stream

IN_USE = 6
"""How many of the latest lots of an item count as in use."""


class Hits(Protocol):
    """A declared fault at work, as :class:`Homonyms` asks it."""

    fault: CaptureFault
    luck: Stream

    def hits(self, passage: Passage) -> bool:
        """Whether it hits; draws one number where it concerns the report."""


@dataclass(slots=True)
class _Codes:
    """The codes of one item's lots, in order of their first report."""

    seen_s: list[float] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


class Homonyms:
    """Gives some new lots the code of another lot, in every report that names them from then on.

    A lot that was first reported where no such fault is declared keeps its code.
    """

    def __init__(self, faults: list[Hits], scene: Scene) -> None:
        self._faults = faults
        self._scene = scene
        self._known: dict[tuple[str, str], str] = {}
        self._by_item: dict[str, _Codes] = {}

    def recode(self, passage: Passage) -> None:
        """Let ``passage`` bear the code its lot has for everybody."""
        lot, item = getattr(passage.report, "lot_id", ""), getattr(passage.report, "item", "")
        if not lot:
            return
        code = self._known.get((item, lot))
        if code is None:
            code = self._known[item, lot] = self._code_for(passage, item, lot)
            codes = self._by_item.setdefault(item, _Codes())
            codes.seen_s.append(passage.now_s)
            codes.codes.append(code)
        if code != lot:
            passage.report = _named(passage.report, code, item)

    def _code_for(self, passage: Passage, item: str, lot: str) -> str:
        code = lot
        for one in self._faults:
            if one.hits(passage) and code == lot and (other := self._other(one, passage, item)):
                code = _suffixed(lot, other)
                self._scene.label(one.fault, passage, field="lot_id", true=lot, reported=code)
        return code

    def _other(self, one: Hits, passage: Passage, item: str) -> str:
        details = one.fault.details if isinstance(one.fault.details, Homonym) else Homonym()
        if details.same_item:
            items = [item] if item in self._by_item else []
        else:
            items = [name for name in self._by_item if name != item]
        if not items:
            return ""
        codes = self._by_item[one.luck.choice(items)]
        if one.fault.kind is FaultKind.DUPLICATE_CODE:
            about = codes.codes[-IN_USE:]
        else:
            about = codes.codes[: bisect_right(codes.seen_s, passage.now_s - details.after_s)]
        return one.luck.choice(about) if about else ""


def _suffixed(lot: str, other: str) -> str:
    """The code in ``other`` with what stands before the code in ``lot``: the application identifiers of a label."""
    return lot[: lot.rfind(")") + 1] + other[other.rfind(")") + 1 :]


class OtherCodes(Effect):
    """A system calls lots, or items, by codes of its own; labelled once for each. Its crosswalk says so once too."""

    def __init__(self, fault: CaptureFault, luck: Stream, scene: Scene) -> None:
        super().__init__(fault, luck, scene)
        self._details = fault.details if isinstance(fault.details, Coding) else Coding()
        self._numbers = {item.gtin: f"{number:04}" for number, item in enumerate(scene.spec.items.values(), 1)}
        self._told: set[tuple[str, str]] = set()

    def _hit(self, passage: Passage) -> None:
        report = passage.report
        if isinstance(report, DeliveryNote | LotAlias):
            return
        lot, item = getattr(report, "lot_id", ""), report.item
        other_lot, other_item = self._others(lot, item)
        if (lot, item) == (other_lot, other_item):
            return
        passage.report = _named(report, other_lot, other_item)
        thing = (lot, item) if self._details.of == "lots" else ("", item)
        if thing not in self._told:
            field, true, reported = ("lot_id", lot, other_lot) if thing[0] else ("item", item, other_item)
            self.scene.label(self.fault, passage, field=field, true=true, reported=reported)
            self._told.add(thing)
        if self._details.crosswalk and lot and ("told", lot) not in self._told:
            self._told.add(("told", lot))
            number = f"{self.fault.stream}-{len(self._told)}"
            time = self.scene.calendar.moment(passage.now_s)
            alias = LotAlias(passage.device, number, time, lot, item, other_lot, other_item)
            passage.copies.append((0.0, alias))

    def _others(self, lot: str, item: str) -> tuple[str, str]:
        details = self._details
        if details.of == "lots":
            return (details.prefix + lot[lot.rfind(")") + 1 :] if lot else ""), item
        number = self._numbers.get(item)
        return (lot, item) if number is None else (lot[lot.rfind(")") + 1 :], details.prefix + number)


def _named(report: Report, lot: str, item: str) -> Report:
    """``report`` about ``lot`` of ``item``, as far as it names either."""
    match report:
        case DeviceRecord() | TestResult() | StockCount():
            return replace(report, lot_id=lot, item=item)
        case PurchaseOrder() | WorkOrder():
            return replace(report, item=item)
        case DeliveryNote() | LotAlias():
            return report
    assert_never(report)
