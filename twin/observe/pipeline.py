"""All declared faults of capture in one run, in the order in which a report meets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trace_core.capture.records import DeviceRecord
from twin.observe.codes import Homonyms, OtherCodes
from twin.observe.entries import CopiedEntry, LateBackfill
from twin.observe.faults import ALL, CaptureFault, FaultKind
from twin.observe.scanning import Duplicated, EmptyField, Mislabelled, Misread, Missed, SharedLogin, Stray, Swapped
from twin.observe.scene import Effect, Passage, Scene
from twin.observe.sending import Batched, Clock, CutOver, Late, Lost, Outage, Reordered, Replayed
from twin.observe.when import Pattern, Timing
from twin.streams import Stream, Streams

Maker = Callable[[CaptureFault, Stream, Scene], Effect]

BEFORE: dict[FaultKind, Maker] = {FaultKind.CUT_OVER: CutOver, FaultKind.MISSED: Missed}
"""What keeps a record from being made: it uses no sequence."""

AFTER: dict[FaultKind, Maker] = {
    FaultKind.EMPTY_FIELD: EmptyField,
    FaultKind.SHARED_LOGIN: SharedLogin,
    FaultKind.MISLABELLED: Mislabelled,
    FaultKind.MISREAD: Misread,
    FaultKind.OTHER_CODES: OtherCodes,
    FaultKind.COPIED_ENTRY: CopiedEntry,
    FaultKind.CLOCK: Clock,
    FaultKind.LATE_BACKFILL: LateBackfill,
    FaultKind.STRAY: Stray,
    FaultKind.LATE: Late,
    FaultKind.REORDERED: Reordered,
    FaultKind.BATCHED: Batched,
    FaultKind.SILENT_LINK: Lost,
    FaultKind.LOST: Lost,
    FaultKind.SWAPPED: Swapped,
    FaultKind.DUPLICATED: Duplicated,
    FaultKind.REPLAYED: Replayed,
}
"""What happens to a record once it is made, in this order; outages come last of all that can keep it."""

HOMONYMS = (FaultKind.DUPLICATE_CODE, FaultKind.REUSED_CODE)

_ORDER = [*BEFORE, *AFTER]
_ORDER.insert(_ORDER.index(FaultKind.SILENT_LINK), FaultKind.OUTAGE)

_EVERY_SYSTEM = frozenset((FaultKind.CUT_OVER, *HOMONYMS))
"""Kinds that hit the postings of business systems too, where nothing else is said."""


class Active:
    """A declared fault at work: which reports it concerns, when it hits, what it does to them."""

    def __init__(self, fault: CaptureFault, streams: Streams, scene: Scene) -> None:
        self.fault = fault
        self.luck = streams.named(f"{fault.stream}/what")
        self._hits = streams.named(fault.stream)
        self.is_on = True
        self._scene = scene
        self._timing = Timing(fault.when, scene.shifts, streams.named(f"{fault.stream}/intervals"))
        self._changes = _LotChanges(fault.when.first) if fault.when.pattern is Pattern.AT_LOT_CHANGE else None
        self._gtins = frozenset(scene.spec.items[name].gtin for name in fault.items)
        self._reach: dict[tuple[str, str], bool] = {}
        self.effect = self._effect()

    def _effect(self) -> Effect | None:
        fault = self.fault
        if fault.kind in HOMONYMS:
            return None
        if fault.kind is FaultKind.OUTAGE:
            return Outage(fault, self.luck, self._scene, self._timing)
        return (BEFORE | AFTER)[fault.kind](fault, self.luck, self._scene)

    def concerns(self, passage: Passage) -> bool:
        """Whether it could hit ``passage``."""
        key = (passage.station, passage.name)
        reach = self._reach.get(key)
        if reach is None:
            reach = self._reach[key] = self._reaches(passage)
        return reach and (not self._gtins or getattr(passage.report, "item", "") in self._gtins)

    def _reaches(self, passage: Passage) -> bool:
        fault, station, device = self.fault, passage.station, passage.device
        if isinstance(passage.report, DeviceRecord):
            is_named = ALL in fault.records or passage.name in fault.records
            method: str = self._scene.spec.devices[device].method
            if (
                fault.kind is FaultKind.OTHER_CODES
                and not fault.devices
                and ALL in fault.stations
                and not fault.methods
            ):
                return False
        else:
            by_system = ALL in fault.records and (station in fault.stations or device in fault.devices)
            by_default = ALL in fault.records and ALL in fault.stations and not fault.devices and not fault.methods
            is_general = fault.kind in _EVERY_SYSTEM or fault.kind is FaultKind.OTHER_CODES
            is_named = passage.name in fault.records or by_system or (by_default and is_general)
            method = ""
        return (
            is_named
            and (ALL in fault.stations or station in fault.stations)
            and (not fault.devices or device in fault.devices)
            and (not fault.methods or method in fault.methods)
        )

    def hits(self, passage: Passage) -> bool:
        """Whether it hits ``passage``; draws one number where it could."""
        if not self.concerns(passage):
            return False
        is_hit = self._hits.chance(self._timing.rate(self.fault.rate, passage.now_s))
        if self._changes is not None and not self._changes.is_fresh(passage):
            return False
        return is_hit and self.is_on


class _LotChanges:
    """Sees when a station goes on to another lot of an item, at the same slot."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._at: dict[tuple[str, str, int], tuple[str, int]] = {}

    def is_fresh(self, passage: Passage) -> bool:
        """Whether ``passage`` is among the first reports of a lot that followed another."""
        lot = getattr(passage.report, "lot_id", "")
        if not lot:
            return False
        key = (passage.station, getattr(passage.report, "item", ""), getattr(passage.report, "slot", 0))
        last, left = self._at.get(key, ("", 0))
        if lot != last:
            left = self._first if last else 0
        self._at[key] = (lot, max(0, left - 1))
        return left > 0


class Pipeline:
    """Takes every report of a run through the declared faults and sends what is left of it."""

    def __init__(self, faults: Sequence[CaptureFault], streams: Streams, scene: Scene) -> None:
        self._scene = scene
        active = [Active(fault, streams, scene) for fault in faults]
        self.active = tuple(active)
        self._homonyms = Homonyms([one for one in active if one.fault.kind in HOMONYMS], scene)
        ranked = [(one, one.effect) for one in active if one.effect is not None]
        self._ranked = sorted(ranked, key=lambda one: _ORDER.index(one[0].fault.kind))
        self._has_homonyms = len(ranked) < len(active)

    def take(self, passage: Passage) -> None:
        """Let all faults that concern ``passage`` draw, apply those that hit, and send it and its copies."""
        if self._has_homonyms:
            self._homonyms.recode(passage)
        true = passage.report
        meets = self._meets(passage)
        is_numbered = False
        for kind, effect, is_hit in meets:
            if not is_numbered and kind not in BEFORE:
                passage.report, is_numbered = self._scene.numbered(passage.report), True
            effect.apply(passage, is_hit)
            if passage.is_gone:
                break
        if not passage.is_gone:
            if not is_numbered:
                passage.report = self._scene.numbered(passage.report)
            self._send(passage)
        if isinstance(true, DeviceRecord):
            self._scene.about.note(true)

    def _meets(self, passage: Passage) -> list[tuple[FaultKind, Effect, bool]]:
        """The effects that concern ``passage``, and whether they hit: of one kind only the first declared."""
        meets: list[tuple[FaultKind, Effect, bool]] = []
        hit: set[FaultKind] = set()
        for one, effect in self._ranked:
            if one.concerns(passage):
                kind = one.fault.kind
                is_hit = one.hits(passage) and kind not in hit
                if is_hit:
                    hit.add(kind)
                meets.append((kind, effect, is_hit))
        return meets

    def _send(self, passage: Passage) -> None:
        transit, now_s = self._scene.transit, self._scene.kernel.now
        passage.envelope = transit.send(passage.due_s, passage.report)
        transit.arrive(now_s)
        for after_s, copy in passage.copies:
            transit.send(passage.due_s + after_s, copy)
            transit.arrive(now_s)
