from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plant_models.work import Feeders
from tests.twin.shop import Shop
from trace_core.capture.records import RecordType
from twin.conduct import ConductFault, ConductKind
from twin.feeders import FeederBank, Needs
from twin.material import Portion


class Cell:
    """An assembly cell that is fed bearings and coating."""

    def __init__(self, *faults: ConductFault, life: float | None = None, **changes: Any) -> None:
        self.shop = Shop(1, faults, bearing={"opened_life": life}, coating={"needs_release": None})
        declared = {"slots": {"reel-left": "bearing"}, "change": "2 min", "bank": 10} | changes
        self.shop.stock("bearing")
        self.shop.stock("coating")
        self.bank = FeederBank(self.shop.floor, "cell", Feeders.model_validate(declared), self.shop.stocks)
        self.place = self.shop.floor.ledger.place("in work")
        self.fed: dict[int, float] = {}

    def needs(self, **amounts: int) -> Needs:
        return self.bank.needs(amounts)

    def run(self, needs: Needs, into: Portion) -> tuple[tuple[int, ...], bool, float]:
        assert self.bank.ready(needs)
        fed = self.bank.feed(needs)
        self.bank.book(into, self.place)
        self.fed[into.index] = self.fed.get(into.index, 0.0) + fed.mass
        return tuple(portion.index for portion in fed.made_of), fed.changed, fed.stop_s


def test_a_load_takes_from_two_reels_where_one_runs_out_and_the_next_from_the_new_one_alone() -> None:
    cell = Cell()
    first, second = cell.shop.fill("bearing", 25), cell.shop.fill("bearing", 25)
    needs, into = cell.needs(bearing=10), [cell.shop.portion("unit") for _ in range(3)]
    assert cell.run(needs, into[0]) == ((first.index,), True, 0.0)
    assert cell.run(needs, into[0]) == ((first.index,), False, 0.0)
    assert cell.run(needs, into[1]) == ((first.index, second.index), True, 120.0)
    assert cell.run(needs, into[2]) == ((second.index,), True, 0.0)
    cell.bank.settle()
    mass = 200
    assert cell.shop.links() == {
        (into[0].index, first.index): 20 * mass,
        (into[1].index, first.index): 5 * mass,
        (into[1].index, second.index): 5 * mass,
        (into[2].index, second.index): 10 * mass,
    }
    assert cell.shop.told(RecordType.MOUNT) == [(first.lot.label, 25), (second.lot.label, 25)]
    assert cell.shop.told(RecordType.UNMOUNT) == [(first.lot.label, 0)]


def test_what_a_load_is_made_of_is_the_same_object_while_no_container_changes() -> None:
    cell = Cell()
    cell.shop.fill("bearing", 1000)
    needs, into = cell.needs(bearing=3), cell.shop.portion("unit")
    made_of = set()
    for _ in range(300):
        assert cell.bank.ready(needs)
        made_of.add(id(cell.bank.feed(needs).made_of))
        cell.bank.book(into, cell.place)
    assert len(made_of) == 1


def test_a_splice_stops_nothing() -> None:
    cell = Cell(splice=1.0)
    for _ in range(4):
        cell.shop.fill("bearing", 10)
    needs, into = cell.needs(bearing=8), cell.shop.portion("unit")
    assert [cell.run(needs, into)[2] for _ in range(5)] == [0.0] * 5


def test_of_two_slots_with_one_item_the_second_goes_on_while_the_first_is_filled() -> None:
    cell = Cell(slots={"reel-left": "bearing", "reel-right": "bearing"})
    lots = [cell.shop.fill("bearing", 10).index for _ in range(4)]
    needs, into = cell.needs(bearing=10), cell.shop.portion("unit")
    assert [cell.run(needs, into)[0] for _ in range(4)] == [(lot,) for lot in lots]
    assert not cell.bank.ready(needs)


def test_a_bank_is_not_ready_until_the_stock_holds_what_a_load_lacks_and_then_calls() -> None:
    cell = Cell()
    cell.shop.fill("bearing", 5)
    needs = cell.needs(bearing=8)
    assert not cell.bank.ready(needs, cell.shop.call)
    cell.shop.wait(10.0)
    assert not cell.shop.called
    cell.shop.fill("bearing", 3)
    cell.shop.wait(1.0)
    assert cell.shop.called == [10.0]
    assert cell.bank.ready(needs)


def test_after_an_order_what_is_left_goes_back_with_its_lot_and_its_opened_clock() -> None:
    cell = Cell(returns=True, life=3600.0)
    reel = cell.shop.fill("bearing", 100)
    cell.run(cell.needs(bearing=10), cell.shop.portion("unit"))
    cell.shop.wait(1000.0)
    cell.bank.end_order()
    stock = cell.shop.stocks["bearing"]
    assert cell.bank.held() == {"cell feeders": 0}
    assert stock.contents(reel.lot.item) == [(reel, 90)]
    assert cell.shop.told(RecordType.UNMOUNT) == [(reel.lot.label, 90)]
    cell.shop.wait(2700.0)
    assert stock.available(reel.lot.item) == 0
    (scrapped,) = cell.shop.records(RecordType.SCRAP)
    assert scrapped.quantity == 90


def test_what_hangs_open_too_long_is_taken_off_scrapped_and_replaced() -> None:
    cell = Cell(life=3600.0)
    old, fresh = cell.shop.fill("bearing", 100), cell.shop.fill("bearing", 100)
    needs, into = cell.needs(bearing=10), [cell.shop.portion("unit") for _ in range(2)]
    cell.run(needs, into[0])
    cell.shop.wait(3599.0)
    assert cell.run(needs, into[0])[0] == (old.index,)
    cell.shop.wait(1.0)
    assert cell.run(needs, into[1]) == ((fresh.index,), True, 120.0)
    assert [one.quantity for one in cell.shop.records(RecordType.SCRAP)] == [80]


def test_a_hopper_mixes_the_new_lot_with_what_was_left() -> None:
    cell = Cell(slots={"pot": "coating"}, kind="hopper")
    first, second = cell.shop.fill("coating", 1000), cell.shop.fill("coating", 900)
    needs, into = cell.needs(coating=300), [cell.shop.portion("unit") for _ in range(2)]
    for _ in range(3):
        assert cell.run(needs, into[0])[0] == (first.index,)
    assert cell.run(needs, into[1]) == ((first.index, second.index), True, 120.0)
    assert cell.run(needs, into[1]) == ((first.index, second.index), False, 0.0)
    cell.bank.settle()
    assert cell.shop.links() == {
        (into[0].index, first.index): pytest.approx(900),
        (into[1].index, first.index): pytest.approx(60),
        (into[1].index, second.index): pytest.approx(540),
    }
    assert not cell.shop.records(RecordType.UNMOUNT)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(5, 40), min_size=12, max_size=20),
    st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.booleans()), max_size=40),
    st.sampled_from(["reel", "hopper"]),
)
def test_every_gram_that_is_fed_is_in_the_links_and_in_the_balances(
    reels: list[int], loads: list[tuple[int, bool, bool]], kind: str
) -> None:
    cell = Cell(slots={"reel-left": "bearing", "reel-right": "bearing"}, kind=kind, returns=True)
    for quantity in reels:
        cell.shop.fill("bearing", quantity)
    into = cell.shop.portion("unit")
    kinds = {quantity: cell.needs(bearing=quantity) for quantity, _, _ in loads}
    for quantity, is_new, ends_order in loads:
        if not cell.bank.ready(kinds[quantity]):
            break
        into = cell.shop.portion("unit") if is_new else into
        cell.run(kinds[quantity], into)
        if ends_order:
            cell.bank.end_order()
    cell.bank.settle()
    stock = cell.shop.stocks["bearing"]
    fed = sum(cell.fed.values())
    assert cell.shop.balance(stock.name) == stock.held_mass()
    assert cell.shop.balance("cell feeders") == cell.bank.held()["cell feeders"]
    assert (
        cell.shop.balance("in work") == fed == sum(reels) * 200 - stock.held_mass() - cell.bank.held()["cell feeders"]
    )
    linked: dict[int, float] = {}
    for (made, _), mass in cell.shop.links().items():
        assert mass >= -1e-6
        linked[made] = linked.get(made, 0.0) + mass
    assert linked == pytest.approx(cell.fed)


def struck(kind: ConductKind, rate: float = 1.0) -> ConductFault:
    return ConductFault(kind, rate, share=0.5)


def test_a_change_nobody_registers_happens_and_the_old_lot_goes_on_being_reported() -> None:
    cell = Cell(struck(ConductKind.UNREGISTERED_CHANGE))
    first, second = cell.shop.fill("bearing", 10), cell.shop.fill("bearing", 10)
    needs, into = cell.needs(bearing=10), cell.shop.portion("unit")
    assert [cell.run(needs, into)[0] for _ in range(2)] == [(first.index,), (second.index,)]
    assert not cell.shop.records(RecordType.MOUNT)
    assert not cell.shop.records(RecordType.UNMOUNT)


def test_the_wrong_lot_is_mounted_and_the_right_one_reported() -> None:
    cell = Cell(struck(ConductKind.WRONG_LOT))
    right, wrong = cell.shop.fill("bearing", 10), cell.shop.fill("bearing", 12)
    assert cell.run(cell.needs(bearing=10), cell.shop.portion("unit"))[0] == (wrong.index,)
    assert cell.shop.told(RecordType.MOUNT) == [(right.lot.label, 10)]
    assert len(cell.shop.floor.observer.labels) == 1


def test_the_wrong_material_is_mounted_where_the_bank_can_spare_it() -> None:
    cell = Cell(struck(ConductKind.WRONG_MATERIAL), slots={"reel-left": "bearing", "reel-right": "ring"})
    cell.shop.fill("bearing", 50)
    ring = cell.shop.fill("ring", 20)
    needs = cell.needs(bearing=10)
    cell.run(needs, cell.shop.portion("unit"))
    fed = cell.bank.feed(needs)
    assert fed.made_of == (ring,)
    assert fed.mass == 10 * ring.lot.item.mass


def test_a_top_up_nobody_reports_is_in_the_hopper() -> None:
    cell = Cell(struck(ConductKind.TOP_UP), slots={"pot": "coating"}, kind="hopper")
    first, second = cell.shop.fill("coating", 1000), cell.shop.fill("coating", 900)
    assert cell.run(cell.needs(coating=300), cell.shop.portion("unit"))[0] == (first.index, second.index)
    assert [one.lot_id for one in cell.shop.records(RecordType.MOUNT)] == [first.lot.label]
    assert cell.bank.held() == {"cell feeders": 1200}
