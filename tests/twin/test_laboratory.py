from __future__ import annotations

from tests.twin.shop import Shop
from trace_core.capture.records import Result
from trace_core.capture.records import TestResult as Verdict
from twin.material import Lot

HOUR = 3600.0


def coating(shop: Shop) -> Lot:
    return shop.portion("coating").lot


def test_a_lot_is_released_by_the_good_verdict_of_the_test_its_item_needs() -> None:
    shop = Shop()
    lot, free = coating(shop), shop.portion("bearing").lot
    assert shop.laboratory.is_released(free)
    told: list[tuple[Lot, bool]] = []
    shop.laboratory.await_release(lot, lambda *one: told.append(one))
    shop.laboratory.examine("viscosity", lot)  # asked for twice, examined once
    shop.wait(1.9 * HOUR)
    assert (shop.laboratory.is_good(lot), shop.laboratory.is_released(lot), told) == (None, False, [])
    shop.wait(HOUR)
    assert (shop.laboratory.is_good(lot), shop.laboratory.is_released(lot), told) == (True, True, [(lot, True)])
    (posted,) = [one for one in shop.reports if isinstance(one, Verdict)]
    assert (posted.lot_id, posted.result) == (lot.label, Result.OK)


def test_while_a_second_verdict_is_due_a_lot_is_not_released_and_one_bad_verdict_stays() -> None:
    shop = Shop()
    lot, told = coating(shop), list[bool]()
    shop.laboratory.examine("viscosity", lot)
    shop.laboratory.await_release(lot, lambda _, is_good: told.append(is_good))
    shop.laboratory.give(lot, is_good=False, characteristic="section", after_s=HOUR)
    shop.laboratory.give(lot, is_good=True, characteristic="section", after_s=24 * HOUR)
    shop.wait(3 * HOUR)
    assert not told
    assert not shop.laboratory.is_final(lot)
    shop.wait(24 * HOUR)
    assert told == [False]
    assert shop.laboratory.is_final(lot)
    assert not shop.laboratory.is_released(lot)


def test_a_lot_under_a_new_label_keeps_its_verdict() -> None:
    shop = Shop()
    old, new = coating(shop), coating(shop)
    shop.laboratory.give(old, is_good=True, characteristic="viscosity")
    shop.wait(1.0)
    shop.laboratory.inherit(new, old)
    assert shop.laboratory.is_released(new)
