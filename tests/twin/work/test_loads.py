"""However a load is split, no unit changes its portion, its number or its flaws, and none is lost."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from twin.material import Item, Lot, Portion
from twin.work.loads import Load
from twin.work.splitting import cut_first, merged, set_apart, spread

PIECE = Item(0, "piece", "09521002000009", "piece", 0, 1, 0.0)
LOT = Lot(0, PIECE, "L", "L", "L")
ORDER: Any = None

Told = tuple[int, tuple[int, int] | None, int]
"""What is known of a unit: its portion, its number and its flaws."""


@st.composite
def loads(draw: st.DrawFn) -> Load:
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    load = Load(ORDER, item=PIECE, material=[(Portion(n, LOT, 0.0), size) for n, size in enumerate(sizes)])
    if draw(st.booleans()):
        left = load.quantity
        while left:
            count = draw(st.integers(1, left))
            load.numbers.append((draw(st.integers(0, 3)), draw(st.integers(0, 10)) * 100, count))
            left -= count
    load.flaws = draw(st.dictionaries(st.integers(0, load.quantity - 1), st.integers(1, 7), max_size=4))
    return load


def told(load: Load) -> list[Told]:
    portions = [portion.index for portion, count in load.material for _ in range(count)]
    numbers = [(row, first + n) for row, first, count in load.numbers for n in range(count)]
    given_numbers: list[tuple[int, int] | None] = list(numbers) if numbers else [None] * len(portions)
    return [(portions[n], given_numbers[n], load.flaws.get(n, 0)) for n in range(len(portions))]


@given(loads(), st.data())
def test_units_set_apart_and_those_that_stay_are_all_there_were_in_their_order(load: Load, data: st.DataObject) -> None:
    before = told(load)
    places = sorted(data.draw(st.sets(st.integers(0, len(before) - 1), min_size=1)))
    apart = set_apart(load, places)
    assert told(apart) == [before[place] for place in places]
    assert told(load) == [one for place, one in enumerate(before) if place not in places]


@given(loads(), st.data())
def test_the_first_units_cut_off_and_the_rest_are_all_there_were(load: Load, data: st.DataObject) -> None:
    before = told(load)
    count = data.draw(st.integers(1, len(before)))
    first = cut_first(load, count)
    assert told(first) == before[:count]
    assert told(load) == before[count:]


@given(loads())
def test_joining_neighbours_of_one_portion_changes_no_unit(load: Load) -> None:
    doubled = Load(ORDER, item=PIECE, material=[one for part in load.material for one in (part, part)])
    joined = Load(ORDER, item=PIECE, material=merged(doubled.material))
    assert [one[0] for one in told(joined)] == [one[0] for one in told(doubled)]
    assert len(joined.material) == len(load.material)


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_a_flaw_shows_in_every_unit_made_of_the_flawed_one(before: int, parts: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, before - 1))
    more = spread({place: 5}, before, before * parts)
    assert more == dict.fromkeys(range(place * parts, (place + 1) * parts), 5)
    assert spread(more, before * parts, before) == {place: 5}
