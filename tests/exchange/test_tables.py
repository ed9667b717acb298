"""Tables with a declared mapping: columns to events, in any encoding, row by row."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.builders import CLOCK, LOT, SGTIN, document, event, read
from trace_core.errors import DocumentError, SpecError
from trace_core.exchange.csv_writer import write_csv
from trace_core.exchange.documents import Document, read_document
from trace_core.exchange.event_hash import event_hash
from trace_core.exchange.table_mapping import load_mapping

GERMAN = """
table: {encoding: gb18030, delimiter: ";", decimal: ",", thousands: "."}
time: {format: "%d.%m.%Y %H:%M", zone: Europe/Berlin}
units: {Stück: H87}
event:
  type: ObjectEvent
  eventTime: {template: "{Datum} {Uhrzeit}"}
  action: {column: Art, words: {Zugang: ADD, Abgang: DELETE}, default: OBSERVE}
  bizStep: receiving
  bizLocation: {location: {code: {column: Ort}}}
  bizTransactionList: [{type: po, id: {order: {code: {column: Bestellung}}}}]
  things:
    - {list: quantityList, id: {lot: {item: {column: Artikel}, code: {column: Charge}}},
       quantity: {column: Menge}, unit: {column: ME}}
  extensions: {"plant:operator": {column: Werker}}
"""
HEADER = "Datum;Uhrzeit;Art;Artikel;Charge;Menge;ME;Ort;Bestellung;Werker"
ROW = "02.11.2026;06:45;Zugang;MILCH;批次1;1.234,50;kg;Tank 5;B-7;李雷"


def table(
    tmp_path: Path, *rows: str, mapping: str = GERMAN, encoding: str = "gb18030", strict: bool = False
) -> Document:
    path = tmp_path / "rows.csv"
    path.write_bytes("\n".join(rows).encode(encoding))
    return read_document(path, strict=strict, clock=CLOCK, mapping=load_mapping(mapping, "mapping"))


def test_columns_become_an_event_as_declared(tmp_path: Path) -> None:
    (one,) = table(tmp_path, HEADER, ROW, strict=True).events
    assert one.rejection is None
    assert one.line == 2
    assert one.event == {
        "type": "ObjectEvent",
        "eventTime": "2026-11-02T06:45:00+01:00",
        "eventTimeZoneOffset": "+01:00",
        "action": "ADD",
        "bizStep": "receiving",
        "bizLocation": {"id": "urn:plant:location:-::Tank%205"},
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:plant:order:-::B-7"}],
        "quantityList": [
            {"epcClass": "urn:plant:lot:-:MILCH:%E6%89%B9%E6%AC%A11", "quantity": Decimal("1234.50"), "uom": "KGM"}
        ],
        "plant:operator": "李雷",
    }


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("02.11.2026", "31.02.2026"), "Datum, Uhrzeit"),
        (("06:45", "6.45"), "Datum, Uhrzeit"),
        (("1.234,50", "12,3,4"), "Menge"),
        (("1.234,50", "-1"), "Menge"),
        (("1.234,50", "viel"), "Menge"),
        (("1.234,50", "1e3"), "Menge"),
        (("批次1", ""), "Charge"),
        (("02.11.2026;06:45", "29.03.2026;02:30"), "Datum, Uhrzeit"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_cell_that_cannot_be_read_rejects_its_row_with_line_and_column(
    tmp_path: Path, change: tuple[str, str], place: str, strict: bool
) -> None:
    good, bad, after = table(tmp_path, HEADER, ROW, ROW.replace(*change), ROW, strict=strict).events
    assert good.is_accepted
    assert after.is_accepted
    if place == "Charge":  # an event without a lot is still an event for lenient reading
        assert strict is False or bad.rejection is not None
        return
    assert bad.rejection is not None
    assert bad.rejection.path == f"line 3, column {place!r}"


def test_a_time_that_stands_twice_is_taken_as_the_earlier_with_a_warning(tmp_path: Path) -> None:
    (one,) = table(tmp_path, HEADER, ROW.replace("02.11.2026;06:45", "25.10.2026;02:30")).events
    assert one.event["eventTime"] == "2026-10-25T02:30:00+02:00"
    assert "stands twice" in one.warnings[0].reason


def test_an_unknown_unit_is_refused_strictly_and_kept_with_a_warning_leniently(tmp_path: Path) -> None:
    row = ROW.replace(";kg;", ";Eimerchen;")
    (strict,) = table(tmp_path, HEADER, row, strict=True).events
    assert strict.rejection is not None
    (lenient,) = table(tmp_path, HEADER, row).events
    assert lenient.event["quantityList"][0]["uom"] == "Eimerchen"
    assert lenient.warnings


def test_blank_rows_and_short_rows(tmp_path: Path) -> None:
    events = list(table(tmp_path, HEADER, "", ";;;;;;;;;", ROW.rpartition(";")[0], ROW + ";more").events)
    assert len(events) == 2
    assert [one.violations[0].reason for one in events] == ["1 cells too few", "1 cells too many"]


def test_an_id_that_is_one_already_is_taken_as_it_is(tmp_path: Path) -> None:
    rows = [ROW.replace("批次1", code) for code in (LOT, "(01)04012345123456(10)L1", "L1")]
    rows[2] = rows[2].replace("MILCH", "4012345123456")
    ids = [one.event["quantityList"][0]["epcClass"] for one in table(tmp_path, HEADER, *rows).events]
    assert ids == [LOT, LOT, LOT]


def test_rows_with_the_same_key_are_one_event(tmp_path: Path) -> None:
    mapping = """
table: {group_by: [run]}
event:
  type: TransformationEvent
  eventTime: {column: at}
  transformationID: {order: {code: {column: run}}}
  things:
    - list: {column: what, words: {in: inputQuantityList, out: outputQuantityList}}
      id: {lot: {code: {column: lot}}}
"""
    rows = [
        "run,at,what,lot",
        *(
            f"{run},2026-11-02T06:45:00Z,{what},{lot}"
            for run, what, lot in (
                ("1", "in", "a"),
                ("1", "in", "b"),
                ("1", "out", "c"),
                ("2", "in", "c"),
                ("2", "out", "d"),
            )
        ),
    ]
    first, second = table(tmp_path, *rows, mapping=mapping, encoding="utf-8", strict=True).events
    assert len(first.event["inputQuantityList"]) == 2
    assert (first.line, second.line) == (2, 5)
    assert first.event["transformationID"] == "urn:plant:order:-::1"


def test_the_encoding_declared_is_the_encoding_used(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="gb18030"):
        list(table(tmp_path, HEADER, "\xff" * 3, encoding="latin-1").events)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="Menge"):
        table(tmp_path, HEADER.replace("Menge", "Anzahl"), ROW)


def test_a_table_without_mapping_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DocumentError, match="--mapping"):
        read_document(path, strict=False, clock=CLOCK)


def test_a_table_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="gb18030") as out:
        out.write(HEADER + "\n")
        out.writelines(ROW + "\n" for _ in range(20_000))
    found = read_document(path, strict=False, clock=CLOCK, mapping=load_mapping(GERMAN, "mapping"))
    iterator = iter(found.events)
    assert next(iterator).position == 0
    path.write_bytes(b"")  # the rest has not been read yet beyond the buffer
    assert sum(1 for _ in iterator) < 19_999


def test_all_faults_of_a_mapping_are_named_at_once() -> None:
    faulty = """
table: {encoding: klingon, delimiter: "", decimal: x, odd: 1}
time: {zone: Mars/Olympus}
event:
  type: {column: a, template: b}
  things: [{list: quantityList}]
  bizLocation: {lot: {code: x}, serial: {code: y}}
  extensions: {operator: x}
"""
    with pytest.raises(SpecError) as caught:
        load_mapping(faulty, "mapping.yaml")
    named = {fault.path for fault in caught.value.faults}
    assert {
        "$.table.encoding",
        "$.table.delimiter",
        "$.table.decimal",
        "$.table.odd",
        "$.time.zone",
        "$.event.type",
        "$.event.eventTime",
        "$.event.things[0].id",
        "$.event.bizLocation",
        "$.event.extensions",
    } <= named


@pytest.mark.parametrize("text", ["", "5", "- a", "a: [", "event: 5", "event: {type: [1]}"])
def test_what_is_no_mapping_is_a_spec_error(text: str) -> None:
    with pytest.raises(SpecError):
        load_mapping(text, "mapping.yaml")


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(st.lists(st.tuples(CELLS, st.integers(0, 10**9)), max_size=4), st.sampled_from(["ADD", "OBSERVE", "DELETE"]))
def test_a_table_written_reads_back_to_the_same_events(
    tmp_path_factory: pytest.TempPathFactory, things: list[tuple[str, int]], action: str
) -> None:
    amounts = [{"epcClass": f"urn:x:{number}", "quantity": number} for number, _ in enumerate(things)]
    raw = [
        event(
            action=action,
            quantityList=amounts or None,
            epcList=[SGTIN],
            **{"x:note": note, "x:n": [count, {"a": note}]},
        )
        for note, count in things or [("", 1)]
    ]
    path = tmp_path_factory.mktemp("table") / "events.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        write_csv(raw, out)
    back = list(read_document(path, strict=True, clock=CLOCK).events)
    assert [one.event for one in back] == raw
    assert [event_hash(one.event) for one in back] == [event_hash(one) for one in raw]


def test_cells_that_hold_quotes_commas_and_new_lines_survive(tmp_path: Path) -> None:
    raw: dict[str, Any] = event(**{"x:note": 'a "quoted", text;\nwith lines', "x:deep": {"a": [1, Decimal("0.10")]}})
    with (tmp_path / "e.csv").open("w", newline="", encoding="utf-8") as out:
        write_csv([raw, raw], out)
    first, second = read_document(tmp_path / "e.csv", strict=True, clock=CLOCK).events
    assert first.event == second.event == raw
    assert next(iter(read(document(raw | {"x:deep": 1})).events)).is_accepted
