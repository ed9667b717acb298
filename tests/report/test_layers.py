"""A drawn genealogy stays readable and drops nothing: at most so many boxes, every id in exactly one."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from scenarios.report.labels import shortened
from scenarios.report.layers import MAX_COLUMNS, MAX_NODES, Genealogy, arrange

NODES = [f"n{number:03d}" for number in range(150)]


@st.composite
def genealogies(draw: st.DrawFn) -> Genealogy:
    count = draw(st.integers(1, len(NODES)))
    nodes = NODES[:count]
    node = st.sampled_from(nodes)
    items = draw(st.integers(1, 40))
    return Genealogy(
        links=draw(st.lists(st.tuples(node, node), max_size=200)),
        group_of={one: f"item{number % items:02d}" for number, one in enumerate(nodes)},
        path=draw(st.frozensets(node, max_size=40)),
        roots=draw(st.frozensets(node, max_size=1)),
        last_columns=[[f"pallet{number}" for number in range(draw(st.integers(0, 90)))], ["shop"]],
    )


@given(genealogies())
def test_any_genealogy_fits_and_every_thing_is_in_exactly_one_box(genealogy: Genealogy) -> None:
    drawing = arrange(genealogy)
    boxes = [box for column in drawing.columns for box in column.boxes]
    drawn = Counter(one for box in boxes for one in box.ids)
    assert len(boxes) <= MAX_NODES
    assert len(drawing.columns) <= MAX_COLUMNS
    assert set(drawn.values()) <= {1}
    assert set(drawn) == {*genealogy.group_of, *genealogy.last_columns[0], "shop"}
    assert sum(column.total for column in drawing.columns) == len(drawn)


@given(genealogies())
def test_what_is_suspected_has_a_box_of_its_own(genealogy: Genealogy) -> None:
    drawing = arrange(genealogy)
    alone = {box.ids for column in drawing.columns for box in column.boxes if box.is_root}
    assert alone == {(root,) for root in genealogy.roots}


@given(genealogies(), st.randoms(use_true_random=False))
def test_the_order_of_links_never_changes_the_drawing(genealogy: Genealogy, shuffler: st.DataObject) -> None:
    links = list(genealogy.links)
    shuffler.shuffle(links)  # type: ignore[attr-defined]
    other = Genealogy(
        links=links,
        group_of=dict(sorted(genealogy.group_of.items(), reverse=True)),
        path=genealogy.path,
        roots=genealogy.roots,
        last_columns=genealogy.last_columns,
    )
    assert arrange(other) == arrange(genealogy)


@given(genealogies())
def test_every_link_between_different_boxes_is_counted_in_a_line(genealogy: Genealogy) -> None:
    drawing = arrange(genealogy)
    box_of = {one: box.key for column in drawing.columns for box in column.boxes for one in box.ids}
    assert sum(line.count for line in drawing.lines) == sum(box_of[a] != box_of[b] for a, b in genealogy.links)


def _column_of(genealogy: Genealogy, node: str) -> int:
    return next(
        number for number, column in enumerate(arrange(genealogy).columns) for box in column.boxes if node in box.ids
    )


def test_what_goes_in_stands_left_of_what_comes_out_and_a_late_ingredient_right_before_its_use() -> None:
    chain = [("farm", "milk"), ("milk", "base"), ("base", "yoghurt"), ("fruit", "yoghurt")]
    genealogy = Genealogy(chain, {one: one for link in chain for one in link})
    columns = [_column_of(genealogy, one) for one in ("farm", "milk", "base", "fruit", "yoghurt")]
    assert columns == [0, 1, 2, 2, 3]


def test_rework_does_not_move_what_it_leads_back_to() -> None:
    chain = [
        ("milk", "base"),
        ("milk", "base2"),
        ("base", "cup"),
        ("base2", "cup2"),
        ("cup", "rework"),
        ("rework", "base2"),
    ]
    items = {"milk": "M", "base": "B", "base2": "B", "cup": "C", "cup2": "C", "rework": "R"}
    genealogy = Genealogy(chain, items)
    columns = [_column_of(genealogy, one) for one in ("milk", "base", "base2", "cup", "cup2", "rework")]
    assert columns == [0, 1, 1, 2, 2, 3]


def test_rework_into_several_products_leaves_the_order_of_production() -> None:
    """One base makes five products, four lots each; a little of each comes back into the base the next day."""
    links, items = [("milk", "base"), ("sugar", "base")], {"milk": "M", "sugar": "S", "base": "B", "base2": "B"}
    for product in "VWXYZ":
        items |= {f"{product}{number}": product for number in range(4)} | {f"rework-{product}": f"R{product}"}
        links += [("base", f"{product}{number}") for number in range(4)]
        links += [(f"{product}0", f"rework-{product}"), (f"rework-{product}", "base2")]
        links += [("fruit", f"{product}{number}") for number in range(4)]
    genealogy = Genealogy(links, {**items, "fruit": "F"})
    columns = [_column_of(genealogy, one) for one in ("milk", "sugar", "base", "fruit", "V0", "Z3", "rework-V")]
    assert columns == [0, 0, 1, 1, 2, 2, 3]


@given(st.text(max_size=60), st.integers(4, 40))
def test_a_shortened_text_fits_and_keeps_both_its_ends(text: str, columns: int) -> None:
    got = shortened(text, columns)
    if got == text:
        return
    assert sum(2 if letter >= "\u1100" and letter != "…" else 1 for letter in got) <= columns
    cuts = [place for place, letter in enumerate(got) if letter == "…"]
    assert any(text.startswith(got[:cut]) and text.endswith(got[cut + 1 :]) and cut < len(got) - 1 for cut in cuts)
