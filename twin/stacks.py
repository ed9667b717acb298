"""Where the finished units of a truth are at its end: on carriers, in stocks, in the laboratory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from twin.columns import NOTHING
from twin.ledger import Move
from twin.npz import Array


class Stack(NamedTuple):
    """``units`` of ``portion`` on ``carrier`` (NOTHING where on none). ``place`` is "sample" or "".

    ``packed`` is their row of the table, -1 where they are on no carrier that was closed; ``move`` that of the move to
    the laboratory, -1 for others.
    """

    portion: int
    carrier: int
    place: str
    units: int
    packed: int = -1
    move: int = -1


def stacks_of(tables: Mapping[str, Mapping[str, Array]], recalled: Array) -> list[Stack]:
    """All units of the items that are ``recalled`` (a flag for each item), in the order of portions and carriers.

    A unit is finished when it comes to a palletiser or into a stock; what is used up, scrapped or sent on from there
    under another label is none any more.
    """
    packed = tables["packed"]
    is_unit = recalled[tables["lots"]["item"][tables["portions"]["lot"]]] if len(recalled) else np.zeros(0, dtype=bool)
    rows = zip(*(packed[column].tolist() for column in ("portion", "carrier", "count")), strict=True)
    stacks = [Stack(portion, carrier, "", count, row) for row, (portion, carrier, count) in enumerate(rows)]
    left: dict[int, int] = {}
    for stack in stacks:
        left[stack.portion] = left.get(stack.portion, 0) - stack.units
    for portion, quantity in _changes(tables["moves"], is_unit):
        left[portion] = left.get(portion, 0) + quantity
    stacks += [Stack(portion, NOTHING, "", count) for portion, count in left.items() if count > 0]
    stacks += _samples(tables["moves"], is_unit)
    return sorted(stacks)


def _of_units(moves: Mapping[str, Array], is_unit: Array) -> Array:
    """Which moves are of units that are recalled."""
    known = moves["portion"] != NOTHING
    found = np.zeros(len(known), dtype=bool)
    found[known] = is_unit[moves["portion"][known]]
    return found


def _samples(moves: Mapping[str, Array], is_unit: Array) -> Iterator[Stack]:
    hits = _of_units(moves, is_unit) & (moves["kind"] == Move.SAMPLE)
    rows = (np.flatnonzero(hits), moves["portion"][hits], moves["quantity"][hits])
    for move, portion, quantity in zip(*(column.tolist() for column in rows), strict=True):
        yield Stack(portion, NOTHING, "sample", quantity, move=move)


def _changes(moves: Mapping[str, Array], is_unit: Array) -> Iterator[tuple[int, int]]:
    """Portion and quantity of everything that made the number of finished units more, or less where negative."""
    kind = moves["kind"]
    stores = np.unique(moves["target"][np.isin(kind, (Move.FINISH, Move.ARRIVE))])
    more = np.isin(kind, (Move.PACK, Move.FINISH))
    gone = np.isin(kind, (Move.FEED, Move.SCRAP, Move.LOSE)) & np.isin(moves["source"], stores)
    back = np.isin(kind, (Move.RETURN,)) & np.isin(moves["target"], stores)
    renamed = (kind == Move.ARRIVE) & (moves["into"] != NOTHING)
    of_units = _of_units(moves, is_unit)
    columns = (moves["portion"], moves["into"], moves["quantity"], more | back, gone, renamed)
    rows = zip(*(column[of_units & (more | back | gone | renamed)].tolist() for column in columns), strict=True)
    for portion, into, quantity, is_more, is_gone, is_renamed in rows:
        if is_more:
            yield portion, quantity
        if is_gone or is_renamed:
            yield portion, -quantity
        if is_renamed:
            yield into, quantity
