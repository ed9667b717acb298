"""The laboratory: samples in, verdicts out, often days later."""

from __future__ import annotations

from plant_models.spec import TestSpec
from trace_core.capture.records import Result, TestResult
from twin.floor import Floor
from twin.kernel import Steps
from twin.material import Lot


class Laboratory:
    """Examines lots and knows its own verdicts, which the plant obeys whether or not they were reported."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._verdicts: dict[int, bool] = {}

    def examine(self, name: str, lot: Lot) -> None:
        """Begin the test ``name`` on a sample of ``lot``."""
        self._floor.kernel.start(self._examine(name, self._floor.spec.tests[name], lot))

    def _examine(self, name: str, test: TestSpec, lot: Lot) -> Steps:
        yield self._floor.kernel.wait(test.takes)
        good = not self._floor.stream(f"test/{name}").chance(test.chance)
        self._verdicts[lot.index] = good
        floor = self._floor
        floor.observer.post(
            TestResult(
                "LIMS",
                floor.number("Q"),
                floor.calendar.moment(floor.now),
                lot.label,
                lot.item.gtin,
                test.characteristic,
                Result.OK if good else Result.NOK,
                limit=test.limit,
            )
        )

    def is_good(self, lot: Lot) -> bool | None:
        """The verdict on ``lot``; None while it is not out."""
        return self._verdicts.get(lot.index)
