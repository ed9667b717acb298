"""A plant's flow as a picture: all of it is there, nothing lies over anything, and the docs show what is declared."""

from __future__ import annotations

import pathlib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant_models import PlantSpec, load, names, shipped
from plant_models.drawing import BOX_WIDTH, Box, Drawing, Point, lay_out
from plant_models.flow_graph import FlowGraph, FlowKind, PlaceKind, flow_of
from plant_models.flow_svg import columns, fitted, flow_page, flow_svg

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FILES = {
    "workshop": ROOT / "tests" / "plant_models" / "workshop.yaml",
    "juice": ROOT / "tests" / "twin" / "juice.yaml",
}
PLANTS = [*FILES, *names()]
TEXT_OUT_OF_ITS_BOX = """() => [...document.querySelectorAll('g.place')].filter(place => {
    const box = place.querySelector('rect').getBoundingClientRect();
    return [...place.querySelectorAll('text')].some(text => {
        const one = text.getBoundingClientRect();
        return one.right > box.right || one.left < box.left || one.bottom > box.bottom + 1 || one.top < box.top - 1;
    });
}).map(place => place.textContent)"""
TEXTS_OVER_TEXTS = """() => {
    const all = [...document.querySelectorAll('svg text')].map(one => [one.textContent, one.getBoundingClientRect()]);
    return all.flatMap(([a, p], n) => all.slice(n + 1).filter(([b, q]) => p.left < q.right - 1 && q.left < p.right - 1
        && p.top < q.bottom - 4 && q.top < p.bottom - 4).map(([b]) => a + ' | ' + b));
}"""
SMALLEST_LETTERS = """() => Math.min(...[...document.querySelectorAll('svg text')].map(one =>
    parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getBoundingClientRect().width
    / one.ownerSVGElement.viewBox.baseVal.width))"""


def plant(name: str) -> PlantSpec:
    return load(FILES[name].read_text("utf-8") if name in FILES else shipped(name), name)


@st.composite
def graphs(draw: st.DrawFn) -> FlowGraph:
    """Any flow: loops, self-loops, parts that hang together with nothing."""
    graph = FlowGraph()
    kinds = st.sampled_from(list(PlaceKind))
    keys = [
        graph.place(draw(kinds), f"p{number}", ["a line"] * draw(st.integers(0, 3)), key=f"{number}")
        for number in range(draw(st.integers(1, 12)))
    ]
    ends = st.tuples(st.sampled_from(keys), st.sampled_from(keys), st.sampled_from(list(FlowKind)))
    for start, end, kind in draw(st.lists(ends, max_size=24)):
        graph.flow(start, end, "item", kind)
    return graph


def places_on(wire: tuple[Point, ...]) -> Iterator[Point]:
    """Points along a wire as it is drawn: straight, or a curve with upright ends."""
    for (x1, y1), (x2, y2) in pairwise(wire):
        for step in range(21):
            share = step / 20
            bend = 3 * (1 - share) ** 2 * share + 3 * (1 - share) * share**2 + share**3
            along = 3 * (1 - share) * share**2 + share**3  # both inner points stand above or below an end
            yield x1 + (x2 - x1) * along, y1 + (y2 - y1) * (share if x1 == x2 else bend * 0.5 + along * 0.5)


def over_each_other(drawing: Drawing) -> list[str]:
    faults = [
        f"{one.place.title} over {other.place.title}"
        for one, other in combinations(drawing.boxes, 2)
        if one.x < other.x + BOX_WIDTH
        and other.x < one.x + BOX_WIDTH
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    ]
    for wire in drawing.wires:
        for x, y in places_on(wire.points):
            faults += [f"{wire.flow} over {box.place.title}" for box in drawing.boxes if is_inside(box, x, y)]
    return faults


def is_inside(box: Box, x: float, y: float) -> bool:
    return box.x + 0.5 < x < box.x + BOX_WIDTH - 0.5 and box.y + 0.5 < y < box.y + box.height - 0.5


@given(graphs())
def test_no_box_or_line_lies_over_a_box_in_any_flow_and_all_of_it_is_in_the_picture(graph: FlowGraph) -> None:
    drawing = lay_out(graph)
    assert over_each_other(drawing) == []
    assert {box.place.key for box in drawing.boxes} == set(graph.places)
    assert [wire.flow for wire in drawing.wires if wire.flow.start == wire.flow.end] == []
    assert {wire.flow for wire in drawing.wires} == {flow for flow in graph.flows.values() if flow.start != flow.end}
    assert all(box.x > 0 and box.x + BOX_WIDTH < drawing.width and box.y > 0 for box in drawing.boxes)
    assert all(0 < x < drawing.width and 0 < y < drawing.height for wire in drawing.wires for x, y in wire.points)


@given(graphs())
def test_every_line_ends_at_the_two_places_it_joins(graph: FlowGraph) -> None:
    drawing = lay_out(graph)
    boxes = {box.place.key: box for box in drawing.boxes}
    for wire in drawing.wires:
        for key, (x, y) in ((wire.flow.start, wire.points[0]), (wire.flow.end, wire.points[-1])):
            box = boxes[key]
            assert box.x <= x <= box.x + BOX_WIDTH
            assert y in (box.y, box.y + box.height)


@pytest.mark.parametrize("name", PLANTS)
def test_a_plants_picture_is_sound_svg_without_script_that_fetches_nothing(name: str) -> None:
    spec = plant(name)
    assert over_each_other(lay_out(flow_of(spec))) == []
    picture = flow_svg(spec)
    assert picture == flow_svg(spec)
    root = ET.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "script" not in picture
    assert "href" not in picture


@pytest.mark.parametrize("name", PLANTS)
def test_every_operation_stock_and_transfer_of_a_plant_is_in_its_picture(name: str) -> None:
    spec = plant(name)
    titles = {place.title for place in flow_of(spec).places.values()}
    filled = {stock for stock, declared in spec.stocks.items() if declared.keeps}
    assert titles >= set(spec.operations) | filled | set(spec.transfers) | set(spec.vessels) | set(spec.lines)


def test_rework_and_transfers_between_sites_are_flows_of_their_own_kind() -> None:
    graph = flow_of(plant("workshop"))
    kinds = {(graph.places[one.start].title, graph.places[one.end].title): one.kind for one in graph.flows.values()}
    assert kinds["test", "mend"] is FlowKind.REWORK
    assert kinds["mend", "retest"] is FlowKind.REWORK
    assert kinds["retest", "test"] is FlowKind.REWORK
    assert kinds["rings-north", "rings"] is FlowKind.TRANSFER
    assert kinds["rings", "rings-south"] is FlowKind.TRANSFER
    assert kinds["test", "section"] is FlowKind.FORWARD
    assert kinds["steel", "saw"] is FlowKind.FORWARD
    yoghurt = flow_of(plant("yoghurt"))
    back = next(one for one in yoghurt.flows.values() if one.kind is FlowKind.REWORK)
    assert (yoghurt.places[back.start].title, yoghurt.places[back.end].title) == ("rework-tanks", "fermenting")


def test_material_flows_downwards_except_for_rework_and_what_is_kept_over_for_the_next_time() -> None:
    for name in PLANTS:
        drawing = lay_out(flow_of(plant(name)))
        boxes = {box.place.key: box for box in drawing.boxes}
        upwards = [one.flow for one in drawing.wires if boxes[one.flow.start].y > boxes[one.flow.end].y]
        kept = [boxes[one.start].place.kind is PlaceKind.STOCK and one.start.endswith(" made") for one in upwards]
        assert all(one.kind is FlowKind.REWORK or is_kept for one, is_kept in zip(upwards, kept, strict=True)), upwards


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PLANTS)
def test_the_page_fits_its_window_and_its_letters_can_be_read(
    browser: Browser, tmp_path: pathlib.Path, name: str, width: int
) -> None:
    file = tmp_path / "flow.html"
    file.write_text(flow_page(plant(name)), "utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda one: complaints.append(one.url) if one.url != file.as_uri() else None)
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(TEXT_OUT_OF_ITS_BOX) == []
    assert page.evaluate(TEXTS_OVER_TEXTS) == []
    assert page.evaluate(SMALLEST_LETTERS) >= (11 if width > 1000 else 7.5)
    assert complaints == []
    page.close()


@pytest.mark.parametrize("name", names())
def test_the_picture_in_the_docs_is_that_of_the_declaration(name: str) -> None:
    file = ROOT / "docs" / "plants" / f"{name}.svg"
    renew = f"renew it: tracetwin plants show {name} --out docs/plants/{name}.svg"
    assert file.exists(), renew
    assert file.read_text("utf-8") == flow_svg(load(shipped(name), name)), renew
    page = (ROOT / "docs" / "plants" / f"{name}.md").read_text("utf-8")
    assert f"]({name}.svg)" in page, f"docs/plants/{name}.md does not show {name}.svg"


@given(st.text(max_size=60), st.integers(2, 30))
def test_a_text_is_cut_to_its_room_in_any_script(text: str, room: int) -> None:
    cut = fitted(text, room)
    assert columns(cut) <= room
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1].rstrip()))


def test_chinese_letters_take_two_columns() -> None:
    assert columns("批次 4711") == 9
    assert fitted("门控制器装配线一号工位", 10) == "门控制器…"
