"""A finished run that contradicts itself is refused, with the place and the numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.twin.runs import plant
from trace_core.errors import SelfCheckFailed
from twin.ledger import Move
from twin.selfcheck import check_balances, check_line
from twin.simulation import Balance, Running


def test_a_place_whose_balance_does_not_close_is_named_with_its_numbers() -> None:
    check_balances([Balance("silo", 10, 4, 6)])
    with pytest.raises(SelfCheckFailed) as failed:
        check_balances([Balance("silo", 10, 4, 6), Balance("line", 1200, 100, 1000), Balance("tank", 0, 1, 0)])
    assert failed.value.failures == (
        "line: received 1,200, gave 100 and holds 1,000 quanta of mass, which leaves 100 unexplained",
        "tank: received 0, gave 1 and holds 0 quanta of mass, which leaves -1 unexplained",
    )
    assert "line: received 1,200" in str(failed.value)


def test_material_that_appears_from_nowhere_stops_the_run() -> None:
    running = Running(plant("juice"), 1, timedelta(hours=12))
    running.run_until(3600.0)
    ledger, item = running.floor.ledger, next(iter(running.floor.items.values()))
    ledger.move(Move.FEED, ledger.place("灌装"), ledger.place("码垛"), item, 7, None)
    with pytest.raises(SelfCheckFailed, match="码垛"):
        running.finish()


def test_a_line_that_contradicts_itself_stops_the_run() -> None:
    class Line:
        def __init__(self, *told: str) -> None:
            self.told = told

        def check(self) -> tuple[str, ...]:
            return self.told

    check_line(None)
    check_line(Line())
    with pytest.raises(SelfCheckFailed, match="lathe: 3 s of 10 s"):
        check_line(Line("lathe: 3 s of 10 s are in no state"))
