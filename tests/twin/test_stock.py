from __future__ import annotations

import pytest

from tests.twin.runs import plant
from trace_core.capture.records import DeviceRecord, RecordType, Report
from twin.floor import Floor
from twin.ledger import Move
from twin.material import Portion
from twin.stock import Stock


class Shelf:
    """A stock of its own with portions put in by hand."""

    def __init__(self, policy: str) -> None:
        spec = plant("yoghurt")
        self.seen: list[Report] = []
        self.floor = Floor(spec, 1, deliver=lambda report, _: self.seen.append(report))
        declared = spec.stocks["fruit-store"].model_copy(update={"policy": policy})
        self.stock = Stock(self.floor, "shelf", declared)
        self.item = self.floor.items["cherry-prep"]

    def put(self, quantity: int, expires_s: float) -> Portion:
        lot = self.floor.new_lot(self.item, "supplied", "goods-in", supplier="ONG")
        portion = self.floor.ledger.portion(lot, expires_s)
        self.stock.put(portion, quantity)
        return portion

    def wait(self, seconds: float) -> None:
        self.floor.kernel.run(self.floor.now + seconds)


def test_first_expired_goes_first_out_and_first_in_where_so_declared() -> None:
    for policy, order in (("fefo", ["soon", "later", "last"]), ("fifo", ["last", "soon", "later"])):
        shelf = Shelf(policy)
        names = {}
        for name, expires in (("last", 300.0), ("soon", 100.0), ("later", 200.0)):
            names[shelf.put(10, expires)] = name
            shelf.wait(1.0)
        assert [names[portion] for portion, _ in shelf.stock.take(shelf.item, 25)] == order
        assert shelf.stock.available(shelf.item) == 5


def test_a_take_comes_from_as_many_containers_as_it_needs_and_no_more() -> None:
    shelf = Shelf("fifo")
    first, second = shelf.put(10, 1e9), shelf.put(10, 1e9)
    assert shelf.stock.take(shelf.item, 10) == [(first, 10)]
    assert shelf.stock.first_lot(shelf.item) == (second.lot, 10)
    assert shelf.stock.take(shelf.item, 3) == [(second, 3)]
    assert shelf.stock.first_container(shelf.item) == 7
    assert shelf.stock.held_mass() == 7 * shelf.item.mass


def test_taking_more_than_there_is_is_a_programmers_mistake() -> None:
    shelf = Shelf("fifo")
    shelf.put(10, 1e9)
    with pytest.raises(AssertionError, match="1 too many"):
        shelf.stock.take(shelf.item, 11)


def test_a_run_that_is_bound_to_a_lot_gets_that_lot() -> None:
    shelf = Shelf("fefo")
    early, late = shelf.put(10, 100.0), shelf.put(10, 200.0)
    assert shelf.stock.available(shelf.item, late.lot) == 10
    assert shelf.stock.take(shelf.item, 4, late.lot) == [(late, 4)]
    assert shelf.stock.first_container(shelf.item, late.lot) == 6
    assert shelf.stock.first_lot(shelf.item) == (early.lot, 10)


def test_what_has_expired_is_scrapped_and_reported_before_anybody_can_take_it() -> None:
    shelf = Shelf("fefo")
    old, fresh = shelf.put(10, 50.0), shelf.put(20, 500.0)
    shelf.wait(60.0)
    assert shelf.stock.available(shelf.item) == 20
    (record,) = [one for one in shelf.seen if isinstance(one, DeviceRecord) and one.type is RecordType.SCRAP]
    assert record.lot_id == old.lot.label
    assert shelf.floor.spec.reasons["expired"] == record.nok_code
    moves = shelf.floor.ledger.tables["moves"].arrays()
    assert moves["kind"].tolist() == [Move.SCRAP]
    assert moves["quantity"].tolist() == [10]
    assert shelf.stock.take(shelf.item, 20) == [(fresh, 20)]
