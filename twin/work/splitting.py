"""Splitting loads, so that no unit changes its portion, its number or its flaws."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from twin.material import Portion
from twin.work.loads import Load, Numbers


def part_of(load: Load, material: list[tuple[Portion, int]]) -> Load:
    """A new load of the same kind, with other material and nothing told of its units."""
    return Load(
        load.order,
        item=load.item,
        material=material,
        task=load.task,
        step=load.step,
        back=load.back,
        passes=dict(load.passes),
        run=load.run,
        begun_s=load.begun_s,
        is_named=load.is_named,
        is_between=load.is_between,
        is_unregistered=load.is_unregistered,
        charge=load.charge,
        position=load.position,
    )


def cut_first(load: Load, quantity: int) -> Load:
    """The first ``quantity`` of a load as one of its own; the rest stays."""
    taken: list[tuple[Portion, int]] = []
    left = quantity
    while left:
        portion, there = load.material[0]
        part = min(left, there)
        taken.append((portion, part))
        left -= part
        if part == there:
            load.material.pop(0)
        else:
            load.material[0] = (portion, there - part)
    cut = part_of(load, taken)
    if load.numbers:
        cut.numbers = first_numbers(load.numbers, quantity)
    if load.flaws:
        counted = load.item is not None and not load.item.decimals
        edge = quantity if counted else 0
        cut.flaws = {place: bits for place, bits in load.flaws.items() if place < quantity or not counted}
        load.flaws = {place - edge: bits for place, bits in load.flaws.items() if place >= edge}
    return cut


def first_numbers(numbers: list[Numbers], count: int) -> list[Numbers]:
    """Take the first ``count`` numbers off ``numbers``."""
    taken: list[Numbers] = []
    while count:
        row, first, there = numbers[0]
        part = min(count, there)
        taken.append((row, first, part))
        count -= part
        if part == there:
            numbers.pop(0)
        else:
            numbers[0] = (row, first + part, there - part)
    return taken


def set_apart(load: Load, places: Sequence[int]) -> Load:
    """The units at ``places`` (sorted) of a load as one of their own; the others stay, in their order."""
    if len(places) >= load.units:
        return _whole(load)
    apart = part_of(load, _material_at(load.material, places))
    load.material = _less(load.material, apart.material)
    if load.numbers:
        apart.numbers, load.numbers = _numbers_at(load.numbers, places)
    flaws, load.flaws = load.flaws, {}
    for place, bits in flaws.items():
        at = bisect_left(places, place)
        if at < len(places) and places[at] == place:
            apart.flaws[at] = bits
        else:
            load.flaws[place - at] = bits
    return apart


def _whole(load: Load) -> Load:
    apart = part_of(load, load.material)
    apart.numbers, apart.flaws = load.numbers, load.flaws
    load.material, load.numbers, load.flaws = [], [], {}
    return apart


def _material_at(material: Iterable[tuple[Portion, int]], places: Sequence[int]) -> list[tuple[Portion, int]]:
    found, start = [], 0
    for portion, quantity in material:
        count = bisect_left(places, start + quantity) - bisect_left(places, start)
        if count:
            found.append((portion, count))
        start += quantity
    return found


def _less(material: Iterable[tuple[Portion, int]], gone: Iterable[tuple[Portion, int]]) -> list[tuple[Portion, int]]:
    left = dict[Portion, int]()
    for portion, quantity in gone:
        left[portion] = left.get(portion, 0) + quantity
    kept = []
    for portion, quantity in material:
        part = min(quantity, left.get(portion, 0))
        left[portion] = left.get(portion, 0) - part
        if quantity > part:
            kept.append((portion, quantity - part))
    return kept


def _numbers_at(numbers: Iterable[Numbers], places: Sequence[int]) -> tuple[list[Numbers], list[Numbers]]:
    """The numbers of the units at ``places``, and those of the others."""
    apart: list[Numbers] = []
    kept: list[Numbers] = []
    start = 0
    for row, first, count in numbers:
        last = start
        for place in places[bisect_left(places, start) : bisect_left(places, start + count)]:
            if place > last:
                kept.append((row, first + last - start, place - last))
            apart.append((row, first + place - start, 1))
            last = place + 1
        if last < start + count:
            kept.append((row, first + last - start, start + count - last))
        start += count
    return apart, kept


def merged(material: Iterable[tuple[Portion, int]]) -> list[tuple[Portion, int]]:
    """``material`` with neighbours of one portion joined."""
    joined: list[tuple[Portion, int]] = []
    for portion, quantity in material:
        if joined and joined[-1][0] is portion:
            joined[-1] = (portion, joined[-1][1] + quantity)
        else:
            joined.append((portion, quantity))
    return joined


def spread(flaws: dict[int, int], before: int, after: int) -> dict[int, int]:
    """The flaws of ``before`` units as they show in the ``after`` units made of them, in the same order."""
    if before == after:
        return flaws
    found: dict[int, int] = {}
    for place, bits in flaws.items():
        first = place * after // before
        for one in range(first, max(first + 1, (place + 1) * after // before)):
            found[one] = found.get(one, 0) | bits
    return found
