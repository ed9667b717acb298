from __future__ import annotations

from collections import deque
from itertools import pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.runs import watched
from twin.ledger import Move
from twin.material import Item, Lot, Portion
from twin.mixing import LifoVessel, Mixing, PlugVessel, content

ITEM = Item(0, "milk", "09521001000000", "kg", 3, 1, inf)
PORTIONS = [Portion(number, Lot(number, ITEM, f"L{number}", f"L{number}", f"L{number}"), 0.0) for number in range(6)]
MIXINGS: tuple[Mixing, ...] = ("mixed", "plug", "lifo", "series")

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("fill"), st.integers(0, 5), st.integers(1, 10_000)),
        st.tuples(st.just("draw"), st.integers(1, 100), st.just(0)),
        st.tuples(st.just("clean"), st.integers(0, 1), st.just(0)),
    ),
    max_size=40,
)


@pytest.mark.parametrize("mixing", MIXINGS)
@given(steps=STEPS)
def test_every_law_conserves_what_goes_in_and_forgets_a_contact_only_by_an_effective_clean(
    mixing: Mixing, steps: list[tuple[str, int, int]]
) -> None:
    vessel, put, got = content(mixing, 3), dict[Portion, int](), dict[Portion, float]()
    contacts: set[Portion] = set()
    for kind, number, quantity in steps:
        if kind == "fill":
            vessel.fill(PORTIONS[number], quantity)
            put[PORTIONS[number]] = put.get(PORTIONS[number], 0) + quantity
        elif kind == "draw" and (part := vessel.quantity * number // 100):
            drawn = vessel.draw(part)
            assert drawn.quantity == part
            assert sum(drawn.shares.values()) == pytest.approx(1.0)
            for portion, share in drawn.shares.items():
                assert share >= 0.0
                got[portion] = got.get(portion, 0.0) + share * part
        elif kind == "clean":
            vessel.surface.clean(bool(number))
            contacts = set() if number else contacts
        assert set(vessel.surface.contacts) >= contacts
        contacts = set(vessel.surface.contacts)
    left = {portion: share * vessel.quantity for portion, share in vessel.shares().items()}
    assert vessel.quantity == sum(put.values()) - round(sum(got.values()))
    for portion, quantity in put.items():
        assert got.get(portion, 0.0) + left.get(portion, 0.0) == pytest.approx(quantity, rel=1e-9, abs=1e-6)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 50)), max_size=60), st.booleans())
def test_pipes_and_heaps_follow_a_row_of_single_grams(steps: list[tuple[bool, int]], is_pipe: bool) -> None:
    """Exactly: against a deque that holds every gram."""
    vessel, grams = (PlugVessel() if is_pipe else LifoVessel()), deque[Portion]()
    passed: set[Portion] = set()
    for turn, (is_fill, quantity) in enumerate(steps):
        if is_fill:
            one = PORTIONS[turn % 6]
            vessel.fill(one, quantity)
            grams.extend([one] * quantity)
            passed |= set() if is_pipe else {one}
        elif (part := min(quantity, len(grams))) > 0:
            drawn = vessel.draw(part)
            came = [grams.popleft() if is_pipe else grams.pop() for _ in range(part)]
            assert drawn.shares == {one: came.count(one) / part for one in dict.fromkeys(came)}
            passed |= set(came)
            assert set(drawn.contacts) == passed
        assert vessel.quantity == len(grams)


def test_a_series_of_one_tank_is_a_mixed_vessel() -> None:
    one, mixed = content("series", 1), content("mixed")
    for vessel in (one, mixed):
        vessel.fill(PORTIONS[0], 700)
        vessel.draw(100)
        vessel.fill(PORTIONS[1], 300)
    assert one.draw(200).shares == pytest.approx(mixed.draw(200).shares)
    assert one.shares() == pytest.approx(mixed.shares())


@pytest.mark.parametrize("mixing", MIXINGS)
def test_nobody_draws_more_than_there_is_or_fills_nothing(mixing: Mixing) -> None:
    vessel = content(mixing, 2)
    with pytest.raises(AssertionError, match="more than nothing"):
        vessel.fill(PORTIONS[0], 0)
    vessel.fill(PORTIONS[0], 5)
    with pytest.raises(AssertionError, match="1 to 5"):
        vessel.draw(6)


@pytest.mark.parametrize("mixing", MIXINGS)
def test_a_plant_runs_with_vessels_of_every_law_and_its_links_follow_it(mixing: Mixing) -> None:
    run = watched("juice", 1, 120.0, ("heel: 100 kg", f"heel: 100 kg\n    mixing: {mixing}")).run
    assert all(balance.residual == 0 for balance in run.balances)
    truth = run.truth
    items = truth.tables["lots"]["item"][truth.tables["portions"]["lot"]]
    loads = set(np.flatnonzero(items == truth.names.items.index("罐车汁")).tolist())
    links = truth.tables["links"]
    drawn = [
        (time, used)
        for time, used, mass in zip(
            links["time_ms"].tolist(), links["used"].tolist(), links["mass"].tolist(), strict=True
        )
        if used in loads and mass > 0.0
    ]
    assert len(drawn) > 20
    in_order = all(used <= later for (_, used), (_, later) in pairwise(drawn))
    assert in_order or mixing != "plug"
    moves = truth.tables["moves"]
    mass = moves["mass"][moves["kind"] == Move.DRAW].sum()
    assert sum(links["mass"][np.isin(links["used"], list(loads))]) == pytest.approx(float(mass), rel=1e-9)
