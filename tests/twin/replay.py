"""The truth once more, from its moves alone: who was where when, replayed without the links the plant wrote down.

Two rules make the links anew. A portion that leaves a place it never came to was made there, from what was fed into it
by name and from everything that wets the place and has not been cleaned away. A portion that leaves a place it came to
takes along all that wets that place.
"""

from __future__ import annotations

from collections import defaultdict

from plant_models import PlantSpec
from twin.columns import NOTHING
from twin.ledger import Move
from twin.truth import Truth


def replayed_links(truth: Truth, spec: PlantSpec) -> set[tuple[int, int]]:
    """Pairs (made, used) of portions."""
    wets = [item.unit == spec.mass_unit for item in spec.items.values()]
    items = truth.tables["lots"]["item"][truth.tables["portions"]["lot"]].tolist()
    names = truth.names.places
    shelves = {number for number, name in enumerate(names) if name in spec.stocks or name.endswith(" stock")}
    present: dict[int, set[int]] = defaultdict(set)
    came: set[tuple[int, int]] = set()
    fed: dict[int, set[int]] = defaultdict(set)
    links: set[tuple[int, int]] = set()
    columns = (
        truth.tables["moves"][name].tolist() for name in ("kind", "source", "target", "portion", "into", "quantity")
    )
    for kind, source, target, portion, into, quantity in zip(*columns, strict=True):
        if kind == Move.CLEAN:
            if quantity:
                present[source].clear()
            continue
        if portion == NOTHING:  # a draw from a mixed vessel
            moved = set(present[source])
        else:
            moved = {portion}
            if (source, portion) in came and source not in shelves:
                moved |= present[source]
            elif kind != Move.RECEIVE:
                links |= {(portion, used) for used in (present[source] | fed[portion]) - {portion}}
                if source not in shelves and wets[items[portion]]:
                    present[source].add(portion)
        if into != NOTHING:
            fed[into] |= moved
        came |= {(target, one) for one in moved}
        if target not in shelves:
            present[target] |= {one for one in moved if wets[items[one]]}
    return links


def closure(links: set[tuple[int, int]], starts: set[int]) -> set[int]:
    """Everything that any of ``starts`` got into, themselves included."""
    uses = defaultdict(set)
    for made, used in links:
        uses[used].add(made)
    reached, ahead = set(starts), list(starts)
    while ahead:
        new = uses[ahead.pop()] - reached
        reached |= new
        ahead += new
    return reached
