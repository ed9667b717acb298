"""Feeders, tools, signals and stocks at work together: whole runs of the workshop."""

from __future__ import annotations

import functools
from collections import defaultdict
from datetime import timedelta

import numpy as np
import pytest

from tests.twin.shop import workshop
from trace_core.capture.records import DeviceRecord, RecordType
from twin import TwinRun, simulate
from twin.ledger import Move

DAYS = 15


@functools.cache
def worked(seed: int) -> tuple[TwinRun, list[DeviceRecord]]:
    seen: list[DeviceRecord] = []

    def deliver(report: object, _: object) -> None:
        if isinstance(report, DeviceRecord):
            seen.append(report)

    return simulate(workshop(), seed, timedelta(days=DAYS), deliver=deliver), seen


def portions_of(run: TwinRun, item: str) -> set[int]:
    truth = run.truth
    items = truth.tables["lots"]["item"][truth.tables["portions"]["lot"]]
    return set(np.flatnonzero(items == truth.names.items.index(item)).tolist())


@pytest.mark.parametrize("seed", range(1, 5))
def test_every_balance_closes_with_feeders_and_tools_among_the_places(seed: int) -> None:
    run, _ = worked(seed)
    assert {"cell feeders", "coater feeders", "saw tools"} <= {balance.station for balance in run.balances}
    assert all(balance.residual == 0 for balance in run.balances)


@pytest.mark.parametrize(("item", "place"), [("bearing", "cell feeders"), ("coating", "coater feeders")])
def test_all_that_left_a_bank_for_loads_is_linked_to_what_was_made(item: str, place: str) -> None:
    run, _ = worked(1)
    moves, links = run.truth.tables["moves"], run.truth.tables["links"]
    number = run.truth.names.places.index(place)
    used = portions_of(run, item)
    fed = moves["mass"][(moves["source"] == number) & np.isin(moves["kind"], [Move.FEED, Move.DRAW])].sum()
    other = portions_of(run, "coating")  # coating is also taken into new coating, from its stock
    is_fed = np.isin(links["used"], list(used)) & ~np.isin(links["made"], list(other))
    assert fed > 0
    assert links["mass"][is_fed].sum() == pytest.approx(float(fed), rel=1e-9)


def test_a_slot_holds_by_the_records_what_hangs_in_it() -> None:
    """Each reel that is taken off was mounted before and nothing else in between, slot by slot."""
    _, records = worked(1)
    hanging: dict[tuple[str, int], str] = {}
    taken_off = 0
    for one in records:
        if one.device != "PLC-S" or one.slot not in (1, 2):
            continue
        slot = (one.device, one.slot)
        if one.type is RecordType.MOUNT:
            assert slot not in hanging
            hanging[slot] = one.lot_id
        elif one.type is RecordType.UNMOUNT:
            assert hanging.pop(slot) == one.lot_id
            taken_off += 1
    assert taken_off > 3


def test_what_a_blade_cut_is_in_contact_with_it_and_holds_none_of_it() -> None:
    run, _ = worked(1)
    links = run.truth.tables["links"]
    is_blade = np.isin(links["used"], list(portions_of(run, "blade")))
    blanks = portions_of(run, "blank")
    assert is_blade.sum() > 0
    assert set(links["made"][is_blade].tolist()) <= blanks
    assert not links["mass"][is_blade].any()
    met: dict[int, int] = defaultdict(int)
    for made in links["made"][is_blade].tolist():
        met[made] += 1
    assert set(met) == blanks


def test_coating_is_used_only_after_the_good_verdict_on_its_lot() -> None:
    run, _ = worked(1)
    truth, links = run.truth, run.truth.tables["links"]
    coats = portions_of(run, "coating")
    made_ms = truth.tables["portions"]["made_ms"]
    takes_ms = workshop().tests["viscosity"].takes * 1000
    waited = [
        time - made_ms[used]
        for time, made, used in zip(
            links["time_ms"].tolist(), links["made"].tolist(), links["used"].tolist(), strict=True
        )
        if used in coats and made != used
    ]
    assert len(waited) > 2
    assert min(waited) >= takes_ms


def test_every_excursion_lies_within_the_run_and_lasts_as_declared() -> None:
    run, _ = worked(1)
    rows = run.truth.tables["excursions"]
    assert set((rows["until_ms"] - rows["time_ms"]).tolist()) == {1_200_000}
    assert (rows["time_ms"] <= DAYS * 86_400_000).all()
