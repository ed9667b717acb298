"""The pages in a real browser: at 1280 and 390 pixels wide, and printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from scenarios.report import drill_page, recall_page, trace_page
from tests.report.sample import NAMES, REACHED, SUSPECT, drill_documents, recall_document, trace_document

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Media = Literal["print", "screen"]
PAGES: dict[str, Callable[[], str]] = {
    "drill": lambda: drill_page(drill_documents()),
    "recall": lambda: recall_page(recall_document(), trace_document(), NAMES, "box"),
    "trace": lambda: trace_page(trace_document(), NAMES),
}
WIDER_THAN_PAGE = """() => [...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !one.closest('svg');
}).map(one => one.outerHTML.slice(0, 120))"""
TEXT_OUT_OF_ITS_BOX = """() => [...document.querySelectorAll('g.node')].filter(node => {
    const box = node.querySelector('rect').getBoundingClientRect();
    return [...node.querySelectorAll('text')].some(text => text.getBoundingClientRect().right > box.right + 1);
}).map(node => node.textContent)"""
LINES_OF_FIGURES = """() => [...new Set([...document.querySelectorAll('.tile b')].map(
    one => Math.round(one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight))))]"""
SHOWS_CODE = """code => [...document.querySelectorAll('main *')].some(
    one => one.checkVisibility() && one.textContent.includes(code))"""


@pytest.fixture(params=sorted(PAGES))
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"{request.param}.html"
    path.write_text(PAGES[request.param](), "utf-8")
    return path


def opened(browser: Browser, file: Path, width: int, complaints: list[str]) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("request", lambda one: complaints.append(f"request: {one.url}") if one.url != file.as_uri() else None)
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_fits_its_window_shows_every_id_and_asks_the_network_for_nothing(
    browser: Browser, file: Path, width: int
) -> None:
    complaints: list[str] = []
    page = opened(browser, file, width, complaints)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(WIDER_THAN_PAGE) == []
    shown = page.inner_text("main")
    for id in (SUSPECT, *REACHED[:5]):
        assert id in shown
    assert page.evaluate(SHOWS_CODE, "果粒酸奶-26310甲")
    assert [one for one in complaints if "data:," not in one] == []
    page.close()


def test_no_text_of_the_drawing_runs_out_of_its_box(browser: Browser, file: Path) -> None:
    page = opened(browser, file, 1280, [])
    assert page.locator("g.node").count() > 10
    assert page.evaluate(TEXT_OUT_OF_ITS_BOX) == []
    page.close()


def test_at_a_narrow_width_the_drawing_becomes_a_list(browser: Browser, file: Path) -> None:
    page = opened(browser, file, 390, [])
    assert not page.locator("figure .wide").first.is_visible()
    assert page.locator("figure .narrow .chip").first.is_visible()
    page.close()


def test_a_page_prints_on_sheets_of_a4_with_nothing_cut_off(browser: Browser, file: Path) -> None:
    page = opened(browser, file, 1280, [])
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 less its margins, at 96 dots an inch
    assert page.evaluate(WIDER_THAN_PAGE) == []
    assert page.locator("figure .wide").first.is_visible()
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert 1 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 40
    page.close()


@pytest.mark.parametrize(("media", "width"), [("screen", 1280), ("screen", 390), ("print", 688)])
def test_the_figure_of_a_tile_stands_on_one_line(browser: Browser, file: Path, media: Media, width: int) -> None:
    page = opened(browser, file, width, [])
    page.emulate_media(media=media)
    page.evaluate("document.querySelectorAll('.tile b').forEach(one => one.textContent = '1,234,567')")
    assert page.locator(".tile b").count() >= 6
    assert page.evaluate(LINES_OF_FIGURES) == [1]
    page.close()


def test_a_page_is_readable_in_the_dark(browser: Browser, file: Path) -> None:
    page = opened(browser, file, 1280, [])
    page.emulate_media(color_scheme="dark")
    paper, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert _brightness(ink) - _brightness(paper) > 150
    page.emulate_media(color_scheme="dark", media="print")
    printed = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert _brightness(printed) > 250
    page.close()


def _brightness(colour: str) -> float:
    red, green, blue = (float(part) for part in colour.strip("rgb()").split(",")[:3])
    return 0.299 * red + 0.587 * green + 0.114 * blue
