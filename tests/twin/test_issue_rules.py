"""Which container goes out of a stock, which may not yet, and what comes in when."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plant_models.amounts import Amount
from plant_models.spec import Potency
from tests.twin.shop import Shop
from trace_core.capture.records import RecordType
from trace_core.capture.records import TestResult as Verdict
from twin.conduct import ConductFault, ConductKind
from twin.laboratory import Laboratory
from twin.ledger import Move
from twin.stock import BLOCKED_S, BOUNDLESS
from twin.supplies import Supplies

HOUR = 3600.0

OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["put", "take", "lot", "container", "back", "wait"]), st.integers(1, 60)), max_size=60
)


@settings(max_examples=80, deadline=None)
@given(OPERATIONS, st.sampled_from(["fifo", "fefo", "lifo", "nearest"]), st.sampled_from([0.0, 0.4]))
def test_the_running_sums_are_the_sums_and_the_ledger_agrees_whatever_is_put_and_taken(
    steps: list[tuple[str, int]], policy: str, disobeys: float
) -> None:
    shop = Shop(1, bearing={"opened_life": 50.0})
    stock, item = shop.stock("bearing", policy=policy, disobeys=disobeys, bins=3), shop.item("bearing")
    outside, hand = shop.floor.ledger.place("outside", inside=False), dict[int, int]()
    for kind, number in steps:
        there = stock.available(item)
        taken = []
        if kind == "put":
            shop.fill("bearing", number, shop.floor.now + number)
        elif kind == "take" and there:
            taken = stock.take(item, min(there, number))
        elif kind == "lot" and (first := stock.first_lot(item)) is not None:
            taken = stock.take(item, min(first[1], number), first[0])
        elif kind == "container" and (whole := stock.take_container(item)) is not None:
            taken = [whole]
        elif kind == "back" and (contents := stock.contents(item)):
            portion, left = contents[-1]
            stock.take_of(portion, left)
            stock.put(portion, left)
        elif kind == "wait":
            shop.wait(float(number))
        for portion, quantity in taken:
            hand[portion.index] = hand.get(portion.index, 0) + quantity
            shop.floor.ledger.move(Move.LOSE, stock.place, outside, item, quantity, portion)
        free = stock.contents(item)
        assert stock.available(item) == sum(left for _, left in free) == stock.on_hand(item)
        assert all(
            stock.available(item, portion.lot) == sum(left for one, left in free if one.lot is portion.lot)
            for portion, _ in free
        )
        assert shop.balance(stock.name) == stock.held_mass()


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 100)), min_size=1, max_size=25), st.data())
@settings(max_examples=60, deadline=None)
def test_an_obedient_picker_never_takes_what_expires_later_first(
    lots: list[tuple[int, int]], data: st.DataObject
) -> None:
    shop = Shop()
    stock, item = shop.stock("bearing", policy="fefo"), shop.item("bearing")
    for quantity, expires in lots:
        shop.fill("bearing", quantity, 1000.0 + expires)
    while there := stock.available(item):
        taken = stock.take(item, data.draw(st.integers(1, there)))
        expiries = [portion.expires_s for portion, _ in taken]
        assert expiries == sorted(expiries)
        assert all(portion.expires_s >= expiries[-1] for portion, _ in stock.contents(item))


def test_last_in_goes_first_out() -> None:
    shop = Shop()
    stock = shop.stock("bearing", policy="lifo")
    containers = [shop.fill("bearing", 10) for _ in range(3)]
    assert [one for one, _ in stock.take(shop.item("bearing"), 25)] == containers[::-1]


def test_the_nearest_bin_goes_first_and_is_filled_again_first() -> None:
    shop = Shop()
    stock, item = shop.stock("ring", policy="nearest", bins=3), shop.item("ring")
    first, second, third = (shop.fill("ring", 10) for _ in range(3))
    assert stock.take(item, 10) == [(first, 10)]
    again = shop.fill("ring", 10)
    fourth = shop.fill("ring", 10)  # all bins hold one: the nearest takes a second, behind the first
    assert [one for one, _ in stock.contents(item)] == [again, fourth, second, third]


def test_a_picker_disobeys_as_often_as_declared_and_then_takes_another() -> None:
    shop, tries = Shop(), 1500
    stock, item = shop.stock("bearing", disobeys=0.3), shop.item("bearing")
    for _ in range(4):
        shop.fill("bearing", 1)
    wrong = 0
    for _ in range(tries):
        in_turn = stock.contents(item)[0][0]
        ((taken, _),) = stock.take(item, 1)
        wrong += taken is not in_turn
        shop.fill("bearing", 1)
    assert wrong / tries == pytest.approx(0.3, abs=4 * (0.21 / tries) ** 0.5)


def test_a_container_is_not_opened_before_it_stood_and_one_always_stands() -> None:
    shop = Shop(bearing={"thaws": 4 * HOUR, "opened_life": 24 * HOUR})
    stock, item = shop.stock("bearing"), shop.item("bearing")
    first, second, third = (shop.fill("bearing", 10) for _ in range(3))
    assert stock.available(item) == 0
    assert stock.on_hand(item) == 30
    stock.when_more(item, shop.call)
    shop.wait(4 * HOUR)
    assert shop.called == [4 * HOUR]
    assert stock.contents(item) == [(first, 10)]
    stock.take(item, 3)  # it is open now, so the next one is set out
    shop.wait(4 * HOUR)
    assert stock.contents(item) == [(first, 7), (second, 10)]
    assert not stock.is_ready(item, 20)  # asks for more than stands: the third is set out too
    shop.wait(4 * HOUR)
    assert stock.is_ready(item, 20)
    assert [one for one, _ in stock.contents(item)] == [first, second, third]


def test_what_was_opened_too_long_ago_is_scrapped_and_what_was_not_opened_stays() -> None:
    shop = Shop(bearing={"opened_life": HOUR})
    stock, item = shop.stock("bearing"), shop.item("bearing")
    opened, sealed = shop.fill("bearing", 10), shop.fill("bearing", 10)
    stock.take(item, 4)
    shop.wait(HOUR)
    assert stock.contents(item) == [(sealed, 10)]
    assert shop.told(RecordType.SCRAP) == [(opened.lot.label, 6)]


def test_a_remainder_that_comes_back_keeps_its_turn_and_the_clock_of_its_first_opening() -> None:
    shop = Shop(bearing={"opened_life": HOUR})
    stock, item = shop.stock("bearing"), shop.item("bearing")
    opened, sealed = shop.fill("bearing", 10), shop.fill("bearing", 10)
    container = stock.take_container(item)
    assert container == (opened, 10)
    shop.floor.exposure.open(opened)
    shop.wait(0.5 * HOUR)
    stock.put(opened, 6)
    assert stock.contents(item) == [(opened, 6), (sealed, 10)]
    stock.take(item, 1)  # which opens nothing anew
    shop.wait(0.5 * HOUR)
    assert stock.contents(item) == [(sealed, 10)]


@pytest.mark.parametrize("is_good", [True, False])
def test_a_lot_waits_for_its_verdict_and_is_free_then_or_blocked_and_scrapped(is_good: bool) -> None:
    shop = Shop(bearing={"needs_release": "viscosity"})
    tests = {"viscosity": shop.floor.spec.tests["viscosity"].model_copy(update={"chance": float(not is_good)})}
    shop.floor.spec = shop.floor.spec.model_copy(update={"tests": tests})
    shop.laboratory = Laboratory(shop.floor)
    stock, item = shop.stock("bearing"), shop.item("bearing")
    portion = shop.fill("bearing", 10)
    stock.when_more(item, shop.call)
    shop.wait(1.5 * HOUR)
    assert (stock.available(item), stock.on_hand(item)) == (0, 10)
    shop.wait(HOUR)
    late = 5
    stock.put(portion, late)  # more of the lot comes in when the verdict is out
    assert stock.available(item) == (10 + late if is_good else 0)
    assert shop.called == ([2 * HOUR] if is_good else [])
    shop.wait(BLOCKED_S)
    assert stock.on_hand(item) == (10 + late if is_good else 0)
    assert shop.told(RecordType.SCRAP) == ([] if is_good else [(portion.lot.label, 15)])
    assert {one.nok_code for one in shop.records(RecordType.SCRAP)} <= {shop.floor.spec.reasons["not tight"]}
    assert sum(isinstance(one, Verdict) for one in shop.reports) == 1


def test_what_there_is_no_room_for_waits_until_something_went_out() -> None:
    shop = Shop()
    stock, item = shop.stock("bar", capacity={"bar": Amount(Decimal(130), "piece")}, disobeys=0.0), shop.item("bar")
    for name in ("bearing", "resin"):
        shop.stock(name)
    assert stock.room_for(shop.item("bar-b")) == BOUNDLESS
    Supplies(shop.floor, shop.stocks).begin()
    shop.wait(4 * 24 * HOUR)
    assert stock.on_hand(item) == 240  # the opening lots lie there before the plant begins
    stock.take(item, 200)
    shop.wait(4 * 24 * HOUR)
    assert stock.on_hand(item) == 40
    assert stock.room_for(item) == 90
    stock.take(item, 30)
    shop.wait(1.0)
    assert stock.on_hand(item) == 130


def test_containers_under_their_own_numbers_are_received_one_by_one() -> None:
    shop = Shop()
    for name in ("bar", "bearing", "resin"):
        shop.stock(name)
    Supplies(shop.floor, shop.stocks).begin()
    shop.wait(2 * 24 * HOUR)
    receipts = [one for one in shop.records(RecordType.RECEIPT) if one.item == shop.item("blade").gtin]
    assert len({one.lot_id for one in receipts}) == len(receipts) == 10
    assert {one.order for one in receipts} == {receipts[0].order}
    assert {one.quantity for one in receipts} == {Decimal(1)}


def test_the_potency_of_a_lot_is_drawn_once_certified_and_the_same_for_all_its_containers() -> None:
    shop = Shop(resin={"thaws": None})
    supply = shop.floor.spec.supplies["resin"].model_copy(update={"potency": Potency(mean=0.9, sd=0.02)})
    shop.floor.spec = shop.floor.spec.model_copy(update={"supplies": {"resin": supply}})
    stock = shop.stock("resin")
    Supplies(shop.floor, shop.stocks).begin()
    shop.wait(HOUR)
    (lot,) = {portion.lot for portion, _ in stock.contents(shop.item("resin"))}
    (certified,) = [one for one in shop.reports if isinstance(one, Verdict)]
    assert certified.value == Decimal(str(lot.potency))
    assert 0.8 < lot.potency < 1.0


def test_what_somebody_takes_along_without_an_order_is_gone_and_nobody_reports_it() -> None:
    shop = Shop(1, [ConductFault(ConductKind.TEMPORARY_PICK, 1.0, share=0.5)])
    stock, item = shop.stock("bearing"), shop.item("bearing")
    shop.fill("bearing", 100)
    assert [quantity for _, quantity in stock.take(item, 10)] == [10]
    assert stock.available(item) == 85
    assert shop.balance("unaccounted") == 5 * item.mass
    assert not shop.reports
