"""How much of a plant one bad lot reaches: the laws of SCIENCE 1 against whole runs."""

from __future__ import annotations

from collections import defaultdict

from tests.twin.runs import Feared, Watched


def test_one_bad_lot_of_packaging_recalls_at_most_its_own_units_and_the_ends_of_two_printed_lots(
    juice: Watched,
) -> None:
    """R + L - g units for lots in one row: here printed lots differ in size, so the two ends bound what is added."""
    truth = juice.run.truth
    sizes: dict[str, int] = defaultdict(int)
    for group in truth.units([], Feared()):
        sizes[group.lot] += group.count
    checked = 0
    for candidate in truth.candidates("空瓶"):
        groups = [group for group in truth.units([candidate.lot], Feared()) if group.affected]
        affected = sum(group.count for group in groups)
        reached = list({group.lot for group in groups})
        recalled = sum(sizes[lot] for lot in reached)
        largest = max((sizes[lot] for lot in reached), default=0)
        assert affected <= recalled <= affected + 2 * max(largest - 1, 0)
        checked += affected > 0
    assert checked > 3


def test_lots_reached_and_lots_that_reach_are_the_same_pairs_counted_from_both_ends(juice: Watched) -> None:
    """Dispersion: the sum over raw lots of finished lots equals the sum over finished lots of raw lots."""
    truth = juice.run.truth
    forward = 0
    backward: dict[str, set[str]] = defaultdict(set)
    for candidate in truth.candidates():
        if candidate.is_received:
            reached = {group.lot for group in truth.units([candidate.lot], Feared()) if group.affected}
            forward += len(reached)
            for lot in reached:
                backward[lot].add(candidate.lot)
    assert forward == sum(map(len, backward.values())) > 100


def test_where_a_fruit_lot_starts_a_printed_lot_nothing_is_recalled_in_vain(yoghurt: Watched) -> None:
    """L = g: the printed lot changes with the fruit lot, so R + L - g = R, through rework too."""
    truth = yoghurt.run.truth
    sizes: dict[str, int] = defaultdict(int)
    for group in truth.units([], Feared()):
        sizes[group.lot] += group.count
    for candidate in truth.candidates("strawberry-prep"):
        groups = [group for group in truth.units([candidate.lot], Feared()) if group.affected]
        assert sum(group.count for group in groups) == sum(sizes[lot] for lot in {group.lot for group in groups})
