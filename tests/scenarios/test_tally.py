"""The figures of a score are counts of sets, and obey their algebra."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scenarios.tally import Weighed, tally

THINGS = st.lists(
    st.builds(Weighed, st.integers(0, 1000), st.booleans(), st.sampled_from(["certain", "possible", None]))
)


@given(THINGS)
def test_the_figures_are_those_of_the_sets_they_stand_for(things: list[Weighed]) -> None:
    units = [(number, copy, one) for number, one in enumerate(things) for copy in range(int(one.weight))]
    affected = {one[:2] for one in units if one[2].affected}
    certain = {one[:2] for one in units if one[2].held == "certain"}
    answer = {one[:2] for one in units if one[2].held}
    got = tally(things)
    assert got.affected == len(affected)
    assert (got.certain, got.possible) == (len(certain), len(answer - certain))
    assert got.missed == len(affected - answer)
    assert got.missed_by_certain == len(affected - certain)
    assert got.over == len(answer - affected)
    if affected:
        assert got.recall == len(answer & affected) / len(affected)
        assert got.over_recall_factor == len(answer) / len(affected)
    if affected and answer:
        assert got.precision == len(answer & affected) / len(answer)


@given(THINGS)
def test_the_order_of_things_does_not_matter(things: list[Weighed]) -> None:
    assert tally(things) == tally(reversed(things))


@given(THINGS)
def test_with_nothing_affected_every_ratio_is_none(things: list[Weighed]) -> None:
    got = tally(Weighed(one.weight, False, one.held) for one in things)
    assert (got.over_recall_factor, got.precision, got.recall, got.ambiguity) == (None, None, None, None)


@given(THINGS)
def test_answering_everything_misses_nothing_and_is_as_large_as_the_world(things: list[Weighed]) -> None:
    got = tally(Weighed(one.weight, one.affected, "possible") for one in things)
    assert got.missed == 0
    assert got.affected + got.over == sum(one.weight for one in things)


def test_kilograms_keep_their_fractions() -> None:
    got = tally([Weighed(0.1, True, None), Weighed(0.2, True, "certain")])
    assert got.affected == 0.3
    assert got.missed == 0.1
