"""The real documents of other people: every one opens or is refused cleanly, and strict agrees with the standard."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.builders import CLOCK, real_documents
from trace_core.errors import DocumentError
from trace_core.exchange.csv_writer import write_csv
from trace_core.exchange.documents import Document, read_bytes, read_document
from trace_core.exchange.epcis_words import Notation
from trace_core.exchange.epcis_writer import write_epcis
from trace_core.exchange.epcis_xml_writer import write_xml
from trace_core.exchange.event_hash import event_hash
from trace_core.vocabulary.epcis_json import event_from_epcis


def opened(path: Path, *, strict: bool) -> Document | DocumentError:
    try:
        return read_document(path, strict=strict, clock=CLOCK)
    except DocumentError as error:
        return error


def accepted(path: Path) -> list[dict[str, Any]]:
    found = opened(path, strict=False)
    return [] if isinstance(found, DocumentError) else [one.event for one in found.events if one.is_accepted]


def test_every_document_opens_or_is_refused_with_a_reason(shared_data: Path) -> None:
    count = 0
    for path in real_documents(shared_data):
        for strict in (True, False):
            found = opened(path, strict=strict)
            if isinstance(found, DocumentError):
                assert str(found)
                continue
            events = list(found.events)
            count += len(events)
            assert [one.position for one in events] == list(range(len(events)))
            for one in events:
                if one.is_accepted:
                    event_from_epcis(one.event, one.path)
                else:
                    assert one.rejection is not None
                    assert one.rejection.reason
    assert count > 800


def test_strict_refuses_everything_invalid_and_accepts_all_the_rest(shared_data: Path) -> None:
    checked: Counter[bool] = Counter()
    for path in real_documents(shared_data):
        if "genealogy" in path.parts and "malformed" not in path.name:
            continue
        found = opened(path, strict=True)
        refused = isinstance(found, DocumentError) or any(not one.is_accepted for one in found.events)
        should = "Invalid" in path.parts or "malformed" in path.name
        assert refused == should, f"{path.name}: {found if isinstance(found, DocumentError) else list(found.events)}"
        checked[should] += 1
    assert checked == {False: 87, True: 17}


def test_strict_rejects_only_the_faulty_events_of_a_document(shared_data: Path) -> None:
    folder = shared_data / "epcis/documents/2.0/EPCIS/JSON/Capture/Invalid"
    found = opened(folder / "Combination_of_non_standard_bizStep_and_disposition.json", strict=True)
    assert isinstance(found, Document)
    assert [one.rejection and one.rejection.path.rpartition(".")[2] for one in found.events] == [
        "bizStep",
        "disposition",
    ]


@pytest.mark.parametrize(
    ("name", "events", "records"),
    [
        ("traceback_tests.jsonld", 21, 20),
        ("beef-leather-events.jsonld", 8, 6),
        ("querydoc_example01.xml", 17, 20),
        ("bad_data_01.log", 2, 5),
        ("bad_data_02.log", 3, 9),
        ("EPCISQueryDocument_duplicate_eventIDs.jsonld", 2, 0),
        ("ErrorDeclarationAndCorrectiveEvent.jsonld", 2, 0),
        ("gdst_processing_missing_lot_number.jsonld", 1, 0),
    ],
)
def test_partner_files_are_read_leniently_without_losing_an_event(
    shared_data: Path, name: str, events: int, records: int
) -> None:
    found = opened(shared_data / "epcis/genealogy" / name, strict=False)
    assert isinstance(found, Document)
    assert [one.rejection for one in found.events] == [None] * events
    assert len(found.masterdata) == records


def test_xml_and_json_of_the_same_event_say_the_same(shared_data: Path) -> None:
    base = shared_data / "epcis/documents/2.0/EPCIS"
    for name in ("AssociationEvent_2", "AssociationEvent_with_sensorData", "JumbledFieldsOrder"):
        (from_json,) = accepted(base / f"JSON/Capture/Documents/{name}.json")
        (from_xml,) = accepted(base / f"XML/Capture/Documents/{name}.xml")
        assert event_hash(from_json) == event_hash(from_xml), name


def test_every_event_written_as_json_reads_back_the_same(shared_data: Path) -> None:
    for path in real_documents(shared_data):
        events = accepted(path)
        out = io.BytesIO()
        write_epcis(events, out, CLOCK)
        back = read_bytes(out.getvalue(), "written", strict=False, clock=CLOCK)
        assert [one.event for one in back.events] == events, path.name


def test_every_event_that_strict_accepts_is_accepted_strictly_once_written(shared_data: Path) -> None:
    for path in real_documents(shared_data):
        found = opened(path, strict=True)
        if isinstance(found, DocumentError) or "xml-1.2" in found.kind:
            continue  # 1.2 allows times without seconds, which 2.0 does not
        events = [one.event for one in found.events if one.is_accepted]
        out = io.BytesIO()
        write_epcis(events, out, CLOCK, found.masterdata)
        back = list(read_bytes(out.getvalue(), "written", strict=True, clock=CLOCK).events)
        wrong = [one.rejection for one in back if not one.is_accepted]
        # What JSON's schema refuses and XML's does not: an id twice, lot data on an observation.
        assert all("already" in one.reason or "master data" in one.reason for one in wrong if one), path.name
        assert [event_hash(one.event) for one in back] == [event_hash(one) for one in events]


@pytest.mark.parametrize("notation", [Notation.XML_2_0, Notation.XML_1_2])
def test_every_event_written_as_xml_keeps_its_hash(shared_data: Path, notation: Notation) -> None:
    for path in real_documents(shared_data):
        found = opened(path, strict=False)
        if isinstance(found, DocumentError):
            continue
        events = accepted(path)
        out = io.StringIO()
        write_xml(events, out, CLOCK, found.masterdata, notation)
        back = read_bytes(out.getvalue().encode(), "written", strict=False, clock=CLOCK)
        assert [event_hash(one.event) for one in back.events] == [event_hash(one) for one in events], path.name
        assert len(back.masterdata) == len(found.masterdata)


def test_every_event_written_as_a_table_keeps_its_hash(shared_data: Path, tmp_path: Path) -> None:
    table = tmp_path / "events.csv"
    for path in real_documents(shared_data):
        events = accepted(path)
        with table.open("w", newline="", encoding="utf-8") as out:
            write_csv(events, out)
        back = list(read_document(table, strict=False, clock=CLOCK).events)
        assert [event_hash(one.event) for one in back] == [event_hash(one) for one in events], path.name
