"""Which units of a load are made of what: units made one by one take their inputs in turn, as these lie there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from twin.material import Portion
from twin.work.intake import Took
from twin.work.loads import Load, Numbers, Taken
from twin.work.splitting import first_numbers


@dataclass(slots=True)
class Share:
    """``count`` units made of the same: out of the load, from elsewhere, and with which numbers either came."""

    count: int
    carried: list[tuple[Portion, int]]
    taken: list[Taken] = field(default_factory=list)
    carried_numbers: list[Numbers] = field(default_factory=list)
    taken_numbers: list[Numbers] = field(default_factory=list)


def shares_of(load: Load, made: int, took: Sequence[Took], *, one_by_one: bool, uses_up: bool) -> list[Share]:
    """The ``made`` units of ``load`` by what they are made of, in order.

    What comes in the load stays in order in any case. What is taken from elsewhere goes in turn where units are made
    ``one_by_one``, each with its own where parts have numbers (``uses_up``: those of the load end here too); else all
    of it goes into all of them, and stands in the first share alone.
    """
    sources = [[(0, portion, quantity) for portion, quantity in load.material]]
    sources += [one.taken for one in took] if one_by_one else []
    cuts = {0, made}
    for source in sources:
        cuts |= _cuts(source, made)
    if one_by_one and ((uses_up and load.numbers) or any(one.numbers for one in took)):
        cuts |= set(range(made))
    edges = sorted(cuts)
    if len(edges) == 2:
        numbers = [number for one in took for number in one.numbers]
        return [Share(made, load.material, load.taken, list(load.numbers), numbers)]
    shares = [_share(load, took, first, last, made, one_by_one) for first, last in pairwise(edges)]
    if not one_by_one:
        shares[0].taken = load.taken
        shares[0].taken_numbers = [number for one in took for number in one.numbers]
    return shares


def _cuts(source: Sequence[Taken], made: int) -> set[int]:
    """The units at which a source changes; one that takes from two stands alone."""
    total, passed, cuts = sum(quantity for *_, quantity in source), 0, set[int]()
    for *_, quantity in source[:-1]:
        passed += quantity
        cuts |= {passed * made // total, -(-passed * made // total)}
    return cuts


def _share(load: Load, took: Sequence[Took], first: int, last: int, made: int, one_by_one: bool) -> Share:
    carried = [(0, portion, quantity) for portion, quantity in load.material]
    share = Share(last - first, [(portion, part) for _, portion, part in _slice(carried, first, last, made)])
    if load.numbers:
        share.carried_numbers = _slice_of_numbers(load.numbers, first, last, made)
    if one_by_one:
        for one in took:
            share.taken += _slice(one.taken, first, last, made)
            if one.numbers:
                share.taken_numbers += _slice_of_numbers(one.numbers, first, last, made)
    return share


def _slice(source: Iterable[Taken], first: int, last: int, made: int) -> list[Taken]:
    """What of ``source`` the units from ``first`` to before ``last`` of ``made`` take."""
    source = list(source)
    total = sum(quantity for *_, quantity in source)
    begin, end, passed = total * first // made, total * last // made, 0
    found: list[Taken] = []
    for place, portion, quantity in source:
        part = min(end, passed + quantity) - max(begin, passed)
        if part > 0:
            found.append((place, portion, part))
        passed += quantity
    return found


def _slice_of_numbers(numbers: Sequence[Numbers], first: int, last: int, made: int) -> list[Numbers]:
    total = sum(count for *_, count in numbers)
    left = list(numbers)
    first_numbers(left, total * first // made)
    return first_numbers(left, total * last // made - total * first // made)
