"""Feeders at a station: what hangs in them goes into what passes, and one record of the passage says so."""

from __future__ import annotations

import pytest

from tests.twin.work.shopfloor import Watched, declared, supply, watched
from trace_core.capture.records import RecordType


@pytest.fixture(scope="module")
def fed() -> Watched:
    spec = declared(
        operations={
            "start": {
                "at": ["saw"],
                "takes": "10 s",
                "makes": "blank",
                "amount": "5 piece",
                "inputs": {"bar": "1 piece"},
                "load": "10 piece",
            },
            "place": {
                "at": ["cell"],
                "takes": "60 s",
                "makes": "unit",
                "amount": "1 piece",
                "inputs": {"blank": "1 piece", "pin": "1 piece", "cap": "1 piece"},
                "serial": "serial",
            },
        },
        routes={"units": {"steps": ["start", "place"]}},
        orders={"units": {"route": "units", "amount": "200 piece", "every": "3 h"}},
        feeders={
            "cell": {"slots": {"reel-1": "pin", "reel-2": "cap"}, "change": "90 s", "splice": 0.5, "bank": 40},
        },
        device={"slots": {"reel-1": 1, "reel-2": 2}},
        supplies={"cap": supply("500 piece", "130 piece", container_lots=True)},
    )
    return watched(spec, 14)


def test_every_lot_that_hung_in_a_feeder_reaches_the_units_the_records_say(fed: Watched) -> None:
    reached = over = 0
    for item in ("pin", "cap", "bar"):
        for candidate in fed.run.truth.candidates(item):
            truly, found = fed.reach(candidate.lot)
            assert truly <= found, candidate.lot
            reached, over = reached + len(truly), over + len(found - truly)
    assert reached > 1000
    assert over < reached / 2, "units near a change of reel are within the clocks' margin"


def test_a_passage_names_the_bank_and_no_lot_and_what_has_no_label_is_not_reported(fed: Watched) -> None:
    passages = fed.records(RecordType.CONSUME, "cell")
    assert {one.slot for one in passages} == {40}
    assert not any(one.lot_id or one.part_id for one in passages)
    assert fed.records(RecordType.COMPLETE, "saw") == [], "blanks bear no lot and no number"
    assert len(passages) == len({one.order for one in passages})
    completed = {one.order for one in fed.records(RecordType.COMPLETE, "cell")}
    assert completed == {one.order for one in passages} <= {one.order for one in fed.records(RecordType.CONSUME, "saw")}


def test_a_portion_lasts_as_long_as_nothing_it_is_made_of_changes(fed: Watched) -> None:
    truth = fed.run.truth
    loads = int((truth.tables["operations"]["operation"] == truth.names.operations.index("place")).sum())
    items = truth.tables["lots"]["item"][truth.tables["portions"]["lot"]]
    portions = int((items == truth.names.items.index("unit")).sum())
    assert loads > 80
    assert portions < loads / 2
