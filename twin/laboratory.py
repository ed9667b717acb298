"""The laboratory: samples in, verdicts out, often days later."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from plant_models.spec import TestSpec
from trace_core.capture.records import Result, TestResult
from twin.floor import Floor
from twin.material import Item, Lot

Told = Callable[[Lot, bool], None]
"""Takes a lot and whether its verdict is good."""


class Laboratory:
    """Examines lots and knows its own verdicts, which the plant obeys whether or not they were reported.

    One bad verdict on a lot is never made good by another.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._verdicts: dict[Lot, bool] = {}
        self._begun: set[tuple[str, Lot]] = set()
        self._due: dict[Lot, int] = {}
        self._waiting: dict[Lot, dict[Told, None]] = {}

    def examine(self, name: str, lot: Lot) -> None:
        """Begin the test ``name`` on a sample of ``lot``; a lot is put to a test once."""
        if (name, lot) in self._begun:
            return
        self._begun.add((name, lot))
        test = self._floor.spec.tests[name]
        self._due[lot] = self._due.get(lot, 0) + 1
        self._floor.kernel.call_in(test.takes, partial(self._examined, name, test, lot))

    def give(self, lot: Lot, is_good: bool, characteristic: str, limit: str = "", after_s: float = 0.0) -> None:
        """The plant's own inspection found out about ``lot``; its verdict is out ``after_s`` from now."""
        self._due[lot] = self._due.get(lot, 0) + 1
        self._floor.kernel.call_in(after_s, partial(self._judge, lot, is_good, characteristic, limit))

    def _examined(self, name: str, test: TestSpec, lot: Lot) -> None:
        is_good = not self._floor.stream(f"test/{name}").chance(test.chance)
        self._judge(lot, is_good, test.characteristic, test.limit)

    def _judge(self, lot: Lot, is_good: bool, characteristic: str, limit: str) -> None:
        self._due[lot] -= 1
        self._verdicts[lot] = is_good and self._verdicts.get(lot, True)
        floor = self._floor
        floor.observer.post(
            TestResult(
                "LIMS",
                floor.number("Q"),
                floor.calendar.moment(floor.now),
                lot.label,
                lot.item.gtin,
                characteristic,
                Result.OK if is_good else Result.NOK,
                limit=limit,
            )
        )
        if not self._due[lot]:
            for told in self._waiting.pop(lot, ()):
                told(lot, self._verdicts[lot])

    # ---- what the plant obeys

    def is_good(self, lot: Lot) -> bool | None:
        """The verdict on ``lot``; None while it is not out."""
        return self._verdicts.get(lot)

    def is_released(self, lot: Lot) -> bool:
        """Whether ``lot`` may be used and may leave: its item needs no release, or every verdict is out and good."""
        if not lot.item.needs_release:
            return True
        return self.is_final(lot) and self._verdicts[lot]

    def is_final(self, lot: Lot) -> bool:
        """Whether there is a verdict on ``lot`` and none is still to come."""
        return lot in self._verdicts and not self._due.get(lot)

    def await_release(self, lot: Lot, told: Told) -> None:
        """Put ``lot`` to the test its item needs, where that is one, and tell ``told`` once the verdict is out."""
        if lot.item.needs_release in self._floor.spec.tests:
            self.examine(lot.item.needs_release, lot)
        assert not self.is_final(lot), f"the verdict on {lot.code} is out"
        self._waiting.setdefault(lot, {})[told] = None

    def inherit(self, lot: Lot, other: Lot) -> None:
        """``lot`` is ``other`` under a new label, and needs no test of its own where that one has its verdict."""
        if other in self._verdicts:
            self._verdicts[lot] = self._verdicts[other]
            self._begun.add((lot.item.needs_release, lot))

    def reason(self, item: Item) -> int:
        """Why lots of ``item`` that fail are scrapped; 0 where neither a test nor an inspection of the plant says."""
        spec = self._floor.spec
        test = spec.tests.get(item.needs_release)
        if test is not None:
            return spec.reasons[test.reason]
        operation = spec.operations.get(item.needs_release)
        inspects = None if operation is None else operation.inspects
        return 0 if inspects is None else spec.reasons[inspects.reason]
