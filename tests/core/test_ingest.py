"""Files of other systems into the log: every event accounted for, and nothing lost by an interruption."""

from __future__ import annotations

import json
import pathlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trace_core.core import TraceCore
from trace_core.core import ingest as ingest_room
from trace_core.core.ingest import ingest
from trace_core.errors import DocumentError
from trace_core.exchange.documents import Document, read_document
from trace_core.exchange.event_intake import RawEvent
from trace_core.log.memory import MemoryLog
from trace_core.log.port import Appended, Reuse
from trace_core.vocabulary.clock import SetClock

NOW = datetime(2027, 1, 1, 6, 0, tzinfo=UTC)
LOT = "https://id.gs1.org/01/04012345123456/10/L{}"


def event(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        "eventTime": "2026-03-01T06:00:00.000Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": "receiving",
        "quantityList": [{"epcClass": LOT.format(number), "quantity": 3, "uom": "KGM"}],
        **changes,
    }


def document(*events: dict[str, Any]) -> str:
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-01T07:00:00.000Z",
            "epcisBody": {"eventList": list(events)},
        }
    )


@pytest.fixture
def core() -> TraceCore:
    clock = SetClock(NOW)
    return TraceCore(MemoryLog(clock), clock)


def test_counts_add_up_and_each_refusal_says_where_and_why(core: TraceCore, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "mixed.jsonld"
    path.write_text(
        document(
            event(1),
            event(1),
            event(2, eventTime="2026-03-01T06:00:00", eventTimeZoneOffset=None),
            event(3, quantityList=[{"epcClass": LOT.format(3), "quantity": -1}]),
            event(4, errorDeclaration={"declarationTime": "2026-03-01T08:00:00Z", "reason": "did_not_occur"}),
        )
    )
    (file,) = core.ingest([path]).files
    assert (file.events, file.accepted, file.duplicates, file.error_declarations) == (5, 2, 1, 1)
    assert [one.position for one in file.rejected] == [2, 3]
    assert all("eventList[" in one.path and one.reason for one in file.rejected)
    assert file.events == file.accepted + file.duplicates + file.quarantined + len(file.rejected)


@pytest.mark.parametrize(("strict", "quarantined"), [(True, 1), (False, 0)])
def test_a_reused_event_id_is_quarantined_by_strict_and_kept_by_lenient(
    core: TraceCore, tmp_path: pathlib.Path, strict: bool, quarantined: int
) -> None:
    path = tmp_path / "reused.jsonld"
    path.write_text(document(event(1), event(1, bizStep="shipping")))
    (file,) = core.ingest([path], strict=strict).files
    assert (file.accepted, file.quarantined) == (2 - quarantined, quarantined)
    assert len(core.index) == 2 - quarantined


def test_an_event_of_the_future_is_refused_by_strict_and_marked_by_lenient(
    core: TraceCore, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "future.jsonld"
    path.write_text(document(event(1, eventTime="2027-01-01T07:00:00.000Z")))
    (strict,) = core.ingest([path], strict=True).files
    (lenient,) = core.ingest([path]).files
    assert "not later than now" in strict.rejected[0].reason
    assert [one.position for one in lenient.warnings if "not later than now" in one.reason] == [0]


def test_a_file_that_cannot_be_read_stops_none_of_the_others(core: TraceCore, tmp_path: pathlib.Path) -> None:
    good, broken, missing = tmp_path / "good.jsonld", tmp_path / "broken.jsonld", tmp_path / "missing.jsonld"
    good.write_text(document(event(1)))
    broken.write_text(document(event(2))[:-30])
    report = core.ingest([broken, missing, tmp_path, good])
    assert [one.error is None for one in report.files] == [False, False, False, True]
    assert all(one.error.reason for one in report.files if one.error is not None)
    assert (report.accepted, report.unread) == (1, 3)
    assert report.files[0].error is not None
    assert report.files[0].error.line == 1


def test_an_event_too_large_for_the_log_is_refused_alone(core: TraceCore, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "large.jsonld"
    path.write_text(document(event(1), event(2, **{"example:note": "x" * (16 * 2**20)}), event(3)))
    (file,) = core.ingest([path]).files
    assert (file.accepted, [one.position for one in file.rejected]) == (2, [1])
    assert "MAX_PAYLOAD_BYTES" in file.rejected[0].reason


def test_a_stream_that_breaks_off_keeps_what_came_before(
    core: TraceCore, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "whole.jsonld"
    path.write_text(document(*(event(number) for number in range(1, 8))))

    def breaking_off(*args: Any, **options: Any) -> Document:
        def events() -> Iterator[RawEvent]:
            yield from whole.events
            raise DocumentError("text in UTF-8", b"\xff", f"{path}: line 8")

        whole = read_document(*args, **options)
        return replace(whole, events=events())

    monkeypatch.setattr(ingest_room, "read_document", breaking_off)
    (file,) = core.ingest([path]).files
    assert file.error is not None
    assert (file.error.line, file.accepted, len(core.index)) == (8, 7, 7)


def test_masterdata_of_a_header_is_taken_in(core: TraceCore, tmp_path: pathlib.Path) -> None:
    raw = json.loads(document(event(1)))
    raw["epcisHeader"] = {
        "epcisMasterData": {
            "vocabularyList": [
                {
                    "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
                    "vocabularyElementList": [
                        {
                            "id": "https://id.gs1.org/414/9521321000010",
                            "attributes": [{"id": "urn:epcglobal:cbv:mda#name", "attribute": "Keller 北"}],
                        }
                    ],
                }
            ]
        }
    }
    path = tmp_path / "with-names.jsonld"
    path.write_text(json.dumps(raw))
    (file,) = core.ingest([path]).files
    assert file.master_records == 1
    assert core.masterdata.name_of("https://id.gs1.org/414/9521321000010") == "Keller 北"


def test_warnings_are_bounded_and_the_rest_is_counted(
    core: TraceCore, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_room, "MAX_WARNINGS", 2)
    path = tmp_path / "odd.jsonld"
    path.write_text(document(*(event(number, eventTime="2027-03-01T06:00:00Z") for number in range(1, 6))))
    report = core.ingest([path])
    (file,) = report.files
    assert len(file.warnings) == 2
    assert report.to_dict()["totals"]["warnings"] == 2 + file.warnings_not_shown >= 5


class Interrupted(Exception):
    """Stands for a kill between two appends."""


class FailingLog(MemoryLog):
    """A log that is interrupted at the n-th append."""

    def __init__(self, appends: int) -> None:
        super().__init__(SetClock(NOW))
        self._left = appends

    def append(self, entries: Any, reuse: Reuse = Reuse.KEEP) -> list[Appended]:
        self._left -= 1
        if self._left < 0:
            raise Interrupted
        return super().append(entries, reuse)


@settings(max_examples=20)
@given(st.integers(0, 5), st.integers(1, 4))
def test_an_interrupted_ingest_goes_on_where_it_stopped(appends: int, batch: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest_room, "BATCH_EVENTS", batch)
        whole, broken = FailingLog(99), FailingLog(appends)
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "events.jsonld")
            file.write_text(document(*(event(number) for number in range(1, 10))))
            ingest([file], whole, SetClock(NOW))
            try:
                ingest([file], broken, SetClock(NOW))
            except Interrupted:
                assert broken.verify().is_intact
            broken._left = 99
            (again,) = ingest([file], broken, SetClock(NOW)).files
        assert again.accepted + again.duplicates == 9
        assert broken.head() == whole.head()


def test_every_document_of_the_shared_data_is_accounted_for(core: TraceCore, shared_data: pathlib.Path) -> None:
    paths = list(_documents(shared_data))
    report = core.ingest(paths)
    totals = report.to_dict()["totals"]
    assert len(report.files) == len(paths) > 100
    assert totals["events"] == sum(totals[name] for name in ("accepted", "duplicates", "quarantined", "rejected"))
    assert totals["accepted"] == len(core.index) > 400
    for file in report.files:
        assert file.error is not None or file.events or file.master_records, file.file


def test_strict_refuses_what_lies_in_the_invalid_folders(core: TraceCore, shared_data: pathlib.Path) -> None:
    for path in _documents(shared_data):
        (file,) = core.ingest([path], strict=True).files
        if "Invalid" in path.parts or "malformed" in path.name:
            assert file.error is not None or file.rejected, path
        elif "documents" in path.parts or "event-hash" in path.parts:
            assert file.error is None, (path, file.error)
            assert not file.rejected, (path, file.rejected[0])


def _documents(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    for room in ("epcis", "automotive"):
        for path in sorted((folder / room).rglob("*")):
            if path.suffix in {".json", ".jsonld", ".xml", ".log"}:
                yield path
