"""A report says every id and number of its answer, escapes what is foreign, loads nothing, and never varies."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scenarios.answers import read_answer
from scenarios.report import drill_page, recall_page, trace_page, write_recall, write_trace
from scenarios.report.drills import duration_text
from scenarios.report.labels import Labels
from scenarios.report.views import Unit, finding_rows, grouped
from tests.report.sample import (
    CHINESE,
    GTIN,
    HOSTILE,
    NAMES,
    REACHED,
    SUSPECT,
    drill_documents,
    recall_document,
    trace_document,
)
from trace_core.errors import BadInput

PAGES: dict[str, Callable[[], str]] = {
    "drill": lambda: drill_page(drill_documents()),
    "recall": lambda: recall_page(recall_document(), trace_document(), NAMES, "box"),
    "trace": lambda: trace_page(trace_document(), NAMES),
}


class _Reader(HTMLParser):
    """Collects what a page shows and what it would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.text = ""
        self._hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._hidden += tag == "style"
        self.loads += [str(value) for name, value in attrs if name in ("src", "href", "xlink:href", "srcset", "action")]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += data


@pytest.fixture(params=sorted(PAGES))
def page(request: pytest.FixtureRequest) -> str:
    return PAGES[request.param]()


def test_a_page_is_one_file_that_loads_and_runs_nothing(page: str) -> None:
    reader = _Reader(page)
    assert set(reader.loads) == {"data:,"}
    assert not {"script", "img", "iframe", "object", "embed"} & reader.tags
    assert "@import" not in page
    assert "url(" not in page


def test_foreign_text_is_shown_and_never_becomes_markup(page: str) -> None:
    assert "<script" not in page
    assert page.count("</style>") == 1
    if "R00" in page:
        assert HOSTILE in _Reader(page).text


def test_the_same_documents_give_the_same_bytes() -> None:
    for make in PAGES.values():
        assert make() == make()


def test_every_id_of_the_scope_and_every_customer_stands_in_full() -> None:
    for name in ("drill", "recall"):
        text = _Reader(PAGES[name]()).text
        recall = recall_document()
        for entry in (*recall["certain"], *recall["possible"], *recall["customers"]):
            assert entry["id"] in text
        for one in recall["customers"]:
            assert all(carrier in text for carrier in one["carriers"])


def test_every_id_of_a_trace_stands_in_full_with_its_other_forms() -> None:
    text = _Reader(PAGES["trace"]()).text
    trace = trace_document()
    destinations = {one["destination"] for one in trace["shipments"]}
    for id in (*trace["lots"], *trace["carriers"], *trace["origins"], *destinations, "FRUIT|F-0412"):
        assert id in text


def test_chinese_codes_are_shown_as_they_are_printed(page: str) -> None:
    text = _Reader(page).text
    assert "果粒酸奶-26310甲" in text
    assert CHINESE[0] in text  # percent-encoded, as its id is


def test_a_missed_lot_is_listed_first_with_what_the_truth_says_of_it() -> None:
    documents = drill_documents()
    (missed,) = [one for one in documents.score.by_lot if one.missed]
    assert missed.lot == REACHED[5]
    text = " ".join(_Reader(drill_page(documents)).text.split())
    listing = text[text.index("Lots and carriers in the scope") :]
    assert listing.index(missed.lot) < listing.index(SUSPECT)
    assert "3,012 boxes of 24,096 affected are missing from the recall (12.5 %)" in text


def test_the_sentence_of_a_sound_answer_is_what_a_manager_reads() -> None:
    from dataclasses import replace

    from scenarios.answers import Answer
    from scenarios.score import score
    from scenarios.spec import Hazard
    from tests.report.sample import truth

    got = score(truth(), Answer(certain=frozenset(REACHED)), [SUSPECT], Hazard(kind="contact"))
    text = _Reader(drill_page(replace(drill_documents(), score=got))).text
    assert "Every one of the 24,096 boxes affected is in the recall, and none is recalled without need." in text


def test_reasons_name_codes_and_items_and_the_table_keeps_the_full_id() -> None:
    assert "made from F-0412 in WO-17" in _Reader(PAGES["drill"]()).text
    shown = Labels(NAMES).shown(f"nobody recorded what it was made from; {GTIN} may take 12345678901234.")
    assert (
        shown == "nobody recorded what it was made from; Strawberry yoghurt 4 × 125 g 草莓酸奶 may take 12345678901234."
    )


def test_an_answer_that_found_nothing_still_makes_a_page() -> None:
    empty = {
        **recall_document(), "certain": [], "possible": [], "customers": [], "findings": [], "assumptions": [],
        "units": {"certain": 0, "possible": 0}, "in_stock": 0, "shipped": 0,
        "mass_balance": {"received": None, "accounted": None, "percent": None, "by": {}},
    }  # fmt: skip
    text = _Reader(recall_page(empty)).text
    assert "The scope holds 0 units for certain" in text
    lists = ("roots", "lots", "serials", "carriers", "origins", "edges", "events", "shipments", "findings")
    nothing = {**trace_document(), "aliases": {}, **{name: [] for name in lists}}
    assert "found nothing" in _Reader(trace_page(nothing)).text


def test_affected_csv_opens_in_a_spreadsheet_and_is_an_answer_that_can_be_scored(tmp_path: Path) -> None:
    write_recall(tmp_path, recall_document(), trace_document(), NAMES, "box")
    content = (tmp_path / "affected.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert not [cell for row in rows for cell in row.values() if re.match(r"[=+\-@\t\r]", cell)]
    assert f"'{HOSTILE}" in {row["name"] for row in rows}
    claims = read_answer(content, "affected.csv")
    recall = recall_document()
    assert [one.lot or one.carrier or one.id for one in claims] == [
        entry["id"] for entry in (*recall["certain"], *recall["possible"])
    ]
    assert [one.confidence for one in claims].count("possible") == 2


@pytest.mark.parametrize("code", ["12E05", "00417", "3-4", "MAR5", "2026-11-02", "1.5", "true"])
def test_a_code_that_a_spreadsheet_would_change_is_kept_from_it(code: str) -> None:
    from scenarios.report.affected import affected_csv
    from scenarios.report.views import scope_rows
    from tests.scenarios.tiny import lot

    labels = Labels(NAMES)
    content = affected_csv(scope_rows({"certain": [{"id": lot(code)}]}, labels), labels)
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert row["code"] == f"'{code}"


def test_affected_csv_names_an_item_without_masterdata_and_gives_reasons_in_plain_codes() -> None:
    from scenarios.report.affected import affected_csv
    from scenarios.report.views import scope_rows
    from trace_core.vocabulary.identity import Kind, plant_id

    labels = Labels(NAMES)
    jam, cup = (plant_id(Kind.LOT, code, item=item).canonical for code, item in (("果乙", "草莓果酱"), ("酸-1", "3-4")))
    recall = {"certain": [{"id": jam, "reason": "named as suspect"}, {"id": cup, "reason": f"made from {jam} in WO-1"}]}
    content = affected_csv(scope_rows(recall, labels), labels)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["name"] for row in rows] == ["草莓果酱", "'3-4"]
    assert [row["reason"] for row in rows] == ["named as suspect", "made from 果乙 in WO-1"]


def test_files_are_replaced_whole(tmp_path: Path) -> None:
    for _ in range(2):
        write_recall(tmp_path / "deep" / "r", recall_document(), None, NAMES)
        write_trace(tmp_path / "deep" / "t.html", trace_document())
    assert sorted(one.name for one in (tmp_path / "deep").rglob("*")) == ["affected.csv", "r", "report.html", "t.html"]


def test_a_place_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    writes: list[Callable[[], Path]] = [
        lambda: write_trace(tmp_path / "file" / "t.html", trace_document()),
        lambda: write_recall(tmp_path / "file", recall_document()),
        lambda: write_trace(tmp_path, trace_document()),
    ]
    for write in writes:
        with pytest.raises(BadInput, match="a place that can be written"):
            write()
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_findings_of_a_kind_with_many_wordings_share_a_row() -> None:
    many = [{"kind": "missing_field", "ids": [f"id{n}"], "detail": f"row {n}"} for n in range(30)]
    few = [{"kind": "homonym", "ids": ["a", "b"], "detail": "two things"}]
    rows = finding_rows({"findings": many + few}, {"findings": few})
    assert [(row.kind, row.count, len(row.ids), row.more_ids) for row in rows] == [
        ("missing_field", 30, 20, 10),
        ("homonym", 1, 2, 0),
    ]


def test_numbers_times_and_units_read_as_words() -> None:
    assert [grouped(value) for value in (None, 0, 1234567, 0.5, 1234.5678)] == [
        "–",
        "0",
        "1,234,567",
        "0.5",
        "1,234.568",
    ]
    assert [duration_text(value) for value in (None, 0, 59.6, 5420, 7200, 90061)] == [
        "–", "0 s", "1 min", "1 h 30 min", "2 h", "1 d 1 h",
    ]  # fmt: skip
    assert [Unit(one).many for one in ("box", "unit", "tray", "assembly", "glass")] == [
        "boxes", "units", "trays", "assemblies", "glasses",
    ]  # fmt: skip
    assert Unit("box").count(1) == "1 box"
    assert [Unit.named(one).many for one in ("BX", "H87", "KGM", "pallet load")] == [
        "boxes", "pieces", "kgs", "pallet loads",
    ]  # fmt: skip
