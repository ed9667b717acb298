from __future__ import annotations

import doctest
from fractions import Fraction
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

import twin.material
from twin.material import InHand, Item, Lot, MixedVessel, Portion, Surface

ITEM = Item(0, "milk", "09521001000000", "kg", 3, 1, inf)
PORTIONS = [Portion(number, Lot(number, ITEM, f"L{number}", f"L{number}", f"L{number}"), 0.0) for number in range(6)]

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("fill"), st.integers(0, 5), st.integers(1, 10_000)),
        st.tuples(st.just("draw"), st.integers(1, 100), st.just(0)),
        st.tuples(st.just("clean"), st.integers(0, 1), st.just(0)),
    ),
    max_size=40,
)


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(twin.material).failed == 0


@given(STEPS)
def test_a_mixed_vessel_follows_exact_arithmetic(steps: list[tuple[str, int, int]]) -> None:
    """Against fractions: amounts within 1e-9, contacts and quantities exactly."""
    vessel, amounts, contacts = MixedVessel(), dict[Portion, Fraction](), set[Portion]()
    for kind, number, quantity in steps:
        total = sum(amounts.values(), Fraction(0))
        if kind == "fill":
            vessel.fill(PORTIONS[number], quantity)
            amounts[PORTIONS[number]] = amounts.get(PORTIONS[number], Fraction(0)) + quantity
            contacts.add(PORTIONS[number])
        elif kind == "draw" and (part := int(total) * number // 100):
            drawn = vessel.draw(part)
            assert set(drawn.contacts) == contacts
            assert drawn.quantity == part
            for portion, amount in amounts.items():
                assert drawn.shares[portion] == pytest.approx(float(amount / total), abs=1e-9)
            amounts = {
                portion: amount * (1 - Fraction(part) / total) for portion, amount in amounts.items() if part < total
            }
        elif kind == "clean":
            vessel.surface.clean(bool(number))
            contacts = set() if number else contacts
        assert vessel.quantity == sum(amounts.values(), Fraction(0))
        assert sum(vessel.shares().values()) == pytest.approx(1.0 if vessel.quantity else 0.0, abs=1e-9)


def test_a_share_too_small_for_a_float_is_still_in_contact() -> None:
    vessel = MixedVessel()
    vessel.fill(PORTIONS[0], 1)
    for _ in range(200):
        vessel.fill(PORTIONS[1], 10**9)
        vessel.draw(10**9)
    assert vessel.shares()[PORTIONS[0]] < 1e-300
    assert PORTIONS[0] in vessel.draw(1).contacts


def test_drawing_a_vessel_empty_leaves_its_walls_as_they_are() -> None:
    vessel = MixedVessel()
    vessel.fill(PORTIONS[0], 5)
    vessel.draw(5)
    vessel.fill(PORTIONS[1], 5)
    drawn = vessel.draw(5)
    assert drawn.shares == {PORTIONS[1]: 1.0}
    assert drawn.contacts == (PORTIONS[0], PORTIONS[1])


def test_only_an_effective_clean_ends_a_contact() -> None:
    surface = Surface()
    surface.touch(PORTIONS[:2])
    surface.touch([PORTIONS[0]])
    surface.clean(effective=False)
    assert surface.contacts == (PORTIONS[0], PORTIONS[1])
    surface.clean(effective=True)
    assert not surface.contacts


def test_nobody_draws_or_gives_out_more_than_there_is() -> None:
    vessel, hand = MixedVessel(), InHand(0)
    vessel.fill(PORTIONS[0], 5)
    with pytest.raises(AssertionError, match="1 to 5"):
        vessel.draw(6)
    hand.add(ITEM, 5)
    with pytest.raises(AssertionError, match="more than is in hand"):
        hand.add(PORTIONS[0], -6)
