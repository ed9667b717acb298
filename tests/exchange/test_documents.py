"""Opening files: what kind they are, in which encoding, within which limits, and how they are refused."""

from __future__ import annotations

import codecs
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.exchange.builders import CLOCK, CONTEXT, LOT, XML_EVENT, document, event, only, read, xml
from trace_core.errors import DocumentError, LimitExceeded
from trace_core.exchange import source_text
from trace_core.exchange.documents import DocumentKind, fault_report, read_document


def test_a_capture_document_gives_its_events_with_position_path_and_line() -> None:
    text = json.dumps(document(event(), event()), indent=1)
    first, second = read(text, strict=True).events
    assert (first.position, first.path) == (0, "$.epcisBody.eventList[0]")
    assert second.path == "$.epcisBody.eventList[1]"
    assert first.line is not None
    assert second.line is not None
    assert text.splitlines()[second.line - 1].strip() == "{"
    assert second.line > first.line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_is_read(encoding: str) -> None:
    written = json.dumps(document(event(eventID="urn:x:批次")), ensure_ascii=False)
    assert only(read(written.encode(encoding), strict=True)).event_id == "urn:x:批次"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "gb18030"])
def test_xml_is_read_in_the_encoding_it_declares(encoding: str) -> None:
    body = XML_EVENT.replace("<ObjectEvent>", '<ObjectEvent xmlns:p="urn:p"><p:name>Käse</p:name>')
    text = f'<?xml version="1.0" encoding="{encoding}"?>{xml(body)}'
    assert only(read(text.encode(encoding))).event["p:name"] == "Käse"


def test_latin_1_without_saying_so_is_refused_with_line_and_column() -> None:
    content = b'{"type":\n"K\xe4se"}'
    with pytest.raises(DocumentError) as caught:
        read(content)
    assert "line 2, column 3" in caught.value.where
    assert "UTF-8" in caught.value.remedy


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "content",
    [
        '{"type": "EPCISDocument", "epcisBody": {"eventList": [',
        "",
        "   ",
        "no json",
        '{"a" 1}',
        '{"a": 1,}',
        "[1, 2",
        "{'a': 1}",
    ],
)
def test_what_is_no_json_is_refused_with_its_place(content: str, strict: bool) -> None:
    with pytest.raises(DocumentError) as caught:
        read(content, strict=strict)
    if content.strip():
        assert fault_report(caught.value).line == 1


def test_a_truncated_document_says_that_it_is_cut_off() -> None:
    text = json.dumps(document(event()))
    with pytest.raises(DocumentError, match="cut off"):
        read(text[: len(text) // 2 + 40].rstrip('"'))


@pytest.mark.parametrize("levels", [101, 10_000, 1_000_000])
def test_depth_above_the_limit_is_refused_by_its_name(levels: int) -> None:
    for content in ("[" * levels, '{"a":' * levels, f'{{"x": {"[" * levels}{"]" * levels}}}'):
        with pytest.raises(LimitExceeded, match="MAX_DEPTH"):
            read(content)


def test_depth_just_below_the_limit_is_read() -> None:
    deep: object = 1
    for _ in range(source_text.MAX_DEPTH - 5):
        deep = [deep]
    assert only(read(document(event(**{"x:deep": deep})), strict=True)).is_accepted


def test_brackets_inside_of_texts_do_not_count_as_depth() -> None:
    assert only(read(document(event(**{"x:note": "[" * 500 + '\\"' + "{" * 500})), strict=True)).is_accepted


@pytest.mark.parametrize("levels", [101, 10_000])
def test_xml_above_the_limit_of_depth_is_refused_by_its_name(levels: int) -> None:
    with pytest.raises(LimitExceeded, match="MAX_DEPTH"):
        read(xml("<a>" * levels + "</a>" * levels))


def test_a_document_above_the_size_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(source_text.MAX_DOCUMENT_BYTES + 1)
    with pytest.raises(LimitExceeded, match="64 MiB"):
        read_document(path, strict=False, clock=CLOCK)


def test_the_size_limit_itself_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "fits.json"
    path.write_text("[]")
    assert source_text.read_limited(path, limit_bytes=2) == b"[]"
    with pytest.raises(LimitExceeded):
        source_text.read_limited(path, limit_bytes=1)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path, tmp_path / "none.csv", tmp_path / "none.jsonl"):
        with pytest.raises(DocumentError):
            read_document(path, strict=False, clock=CLOCK)


def test_numbers_stay_exact() -> None:
    text = json.dumps(document(event())).replace('"quantity": 5', '"quantity": 0.30000000000000000000001')
    assert only(read(text)).event["quantityList"][0]["quantity"] == Decimal("0.30000000000000000000001")


@pytest.mark.parametrize("number", ["1" * 500, "1e999999999", "1E-99999999999999999999"])
def test_a_number_bomb_is_refused_by_the_limits_name(number: str) -> None:
    text = json.dumps(document(event())).replace('"quantity": 5', f'"quantity": {number}')
    with pytest.raises(LimitExceeded, match="MAX_NUMBER_CHARACTERS"):
        read(text)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_nan_is_no_json_for_strict_and_a_rejected_event_for_lenient(word: str) -> None:
    text = json.dumps(document(event(), event())).replace('"quantity": 5', f'"quantity": {word}', 1)
    with pytest.raises(DocumentError) as caught:
        read(text, strict=True)
    assert fault_report(caught.value).line == 1
    bad, good = read(text).events
    assert bad.rejection is not None
    assert bad.rejection.path.endswith("quantityList[0].quantity")
    assert good.is_accepted


def test_comments_are_read_leniently_and_refused_strictly_with_their_line() -> None:
    text = json.dumps(document(event(eventID="urn:x://no-comment"))).replace(
        '"type": "EPCISDocument"', '// "a comment"\n/* with\n lines */ "type": "EPCISDocument"'
    )
    read_leniently = read(text)
    assert only(read_leniently).event_id == "urn:x://no-comment"
    assert "2 left out" in read_leniently.warnings[0].reason
    with pytest.raises(DocumentError, match="no comments") as caught:
        read(text, strict=True)
    assert fault_report(caught.value).line == 1


def test_a_comment_without_end_is_refused() -> None:
    with pytest.raises(DocumentError):
        read('{"type": "EPCISDocument" /* never closed')


def test_a_name_given_twice_is_noticed_where_it_stands() -> None:
    text = json.dumps(document(event())).replace('"action": "ADD"', '"action": "ADD", "action": "OBSERVE"')
    assert only(read(text, strict=True)).rejection is not None
    lenient = only(read(text))
    assert lenient.event["action"] == "OBSERVE"
    assert lenient.warnings[0].path == "$.epcisBody.eventList[0].action"


def test_a_name_given_twice_in_the_envelope_refuses_the_document_strictly() -> None:
    text = json.dumps(document(event())).replace('"schemaVersion"', '"schemaVersion": "2.0", "schemaVersion"')
    with pytest.raises(DocumentError, match="once"):
        read(text, strict=True)
    assert read(text).warnings[0].path == "$.schemaVersion"


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "query",
    [
        {"@context": "https://ref.gs1.org/standards/epcis/2.0.0/query-schema.json", "eventType": ["ObjectEvent"]},
        {"GE_eventTime": "2026-01-01T00:00:00Z", "EQ_action": ["ADD"]},
        {"name": "mine", "query": {"eventType": ["ObjectEvent"]}},
        {"eventType": ["ObjectEvent"], "madeUp": 1},
    ],
)
def test_a_query_instead_of_events_is_refused_as_such(query: dict[str, object], strict: bool) -> None:
    with pytest.raises(DocumentError, match="a query"):
        read(query, strict=strict)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("verb", ["Poll", "Subscribe", "GetQueryNames"])
def test_a_query_in_xml_is_refused_as_such(verb: str, strict: bool) -> None:
    text = (
        '<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:2" schemaVersion="2.0" '
        f'creationDate="2026-08-04T10:00:00Z"><EPCISBody><q:{verb}/></EPCISBody></q:EPCISQueryDocument>'
    )
    with pytest.raises(DocumentError, match="a query"):
        read(text, strict=strict)


def test_query_results_are_read() -> None:
    results = {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": [event()]}}
    found = read(
        {"@context": CONTEXT, "type": "EPCISQueryDocument", "epcisBody": {"queryResults": results}}, strict=True
    )
    assert found.kind is DocumentKind.EPCIS_QUERY_JSON
    assert only(found).path == "$.epcisBody.queryResults.resultsBody.eventList[0]"


def test_a_bare_event_needs_its_context_in_strict_reading() -> None:
    assert only(read({"@context": CONTEXT, **event()}, strict=True)).is_accepted
    assert only(read(event(), strict=True)).rejection is not None
    assert only(read(event())).is_accepted


def test_a_list_of_bare_events_is_read_leniently_only() -> None:
    assert [one.is_accepted for one in read([event(), event()]).events] == [True, True]
    with pytest.raises(DocumentError):
        read([event()], strict=True)


def test_a_document_wrapped_in_a_text_is_unwrapped_leniently_only() -> None:
    inner = json.dumps(document(event()))
    wrapped = {"Content": json.dumps({"Content": inner}), "StatusCode": 200}
    found = read(wrapped)
    assert only(found).is_accepted
    assert any("wrapped" in one.reason for one in found.warnings)
    with pytest.raises(DocumentError):
        read(wrapped, strict=True)


def test_a_wrapped_xml_document_is_unwrapped_too() -> None:
    declared = f'<?xml version="1.0" encoding="utf-16"?>{xml(XML_EVENT)}'
    assert only(read({"body": declared})).event["action"] == "OBSERVE"


def test_documents_wrapped_deeper_than_anybody_logs_are_refused() -> None:
    text = json.dumps(document(event()))
    for _ in range(10):
        text = json.dumps({"Content": text})
    with pytest.raises(DocumentError):
        read(text)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"@context": None}, "$.@context"),
        ({"schemaVersion": None}, "$.schemaVersion"),
        ({"schemaVersion": 2}, "$.schemaVersion"),
        ({"creationDate": None}, "$.creationDate"),
        ({"creationDate": "yesterday"}, "$.creationDate"),
        ({"type": "EPCISDoc"}, "$.type"),
        ({"madeUp": 1}, "$.madeUp"),
        (
            {"epcisHeader": {"epcisMasterData": {"vocabularyList": [{"vocabularyElementList": []}]}}},
            "vocabularyList[0].type",
        ),
    ],
)
def test_a_faulty_envelope_refuses_the_document_strictly_and_warns_leniently(
    changes: dict[str, object], path: str
) -> None:
    raw = {name: value for name, value in document(event(), **changes).items() if value is not None}
    with pytest.raises(DocumentError) as caught:
        read(raw, strict=True)
    assert path in caught.value.where
    found = read(raw)
    assert only(found).is_accepted
    assert any(path in one.path for one in found.warnings)


def test_an_envelope_without_event_list_is_refused() -> None:
    for strict in (True, False):
        with pytest.raises(DocumentError, match="eventList"):
            read(document(epcisBody={}), strict=strict)


def test_other_json_is_refused_with_a_sketch_of_what_it_is() -> None:
    for other in ({"a": 1}, [1, 2], "text", 5, None, {}, []):
        with pytest.raises(DocumentError):
            read(json.dumps(other))


def test_one_bad_event_does_not_stop_the_others() -> None:
    events = list(read(document(event(), 5, event(type="Nonsense"), event())).events)
    assert [one.is_accepted for one in events] == [True, False, False, True]
    assert [one.position for one in events] == [0, 1, 2, 3]


def test_a_text_that_utf_8_cannot_hold_rejects_its_event_in_both_modes() -> None:
    text = json.dumps(document(event(**{"x:note": "\ud800"})))
    for strict in (True, False):
        rejection = only(read(text, strict=strict)).rejection
        assert rejection is not None
        assert rejection.path.endswith("x:note")


def test_masterdata_in_the_header_becomes_records() -> None:
    header = {
        "epcisMasterData": {
            "vocabularyList": [
                {
                    "type": "urn:epcglobal:epcis:vtype:EPCClass",
                    "vocabularyElementList": [
                        {
                            "id": "urn:epc:idpat:sgtin:4012345.012345.*",
                            "attributes": [
                                {"id": "urn:epcglobal:cbv:mda#descriptionShort", "attribute": "Joghurt 酸奶"},
                                {"id": "urn:epcglobal:cbv:mda#netWeight", "attribute": 0.5},
                            ],
                        }
                    ],
                }
            ]
        }
    }
    (item,) = read(document(event(), epcisHeader=header), strict=True).masterdata
    assert item.id == "https://id.gs1.org/01/04012345123456"
    assert getattr(item, "name", "") == "Joghurt 酸奶"


def test_json_lines_are_streamed_and_a_bad_line_is_a_rejected_event(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    lines = [
        json.dumps(event()),
        "{not json",
        "",
        json.dumps(document(event(), event())),
        json.dumps(event(action=None)),
    ]
    path.write_bytes(codecs.BOM_UTF8 + "\n".join(lines).encode())
    found = read_document(path, strict=True, clock=CLOCK)
    events = list(found.events)
    assert found.kind is DocumentKind.EPCIS_JSON_LINES
    assert [one.is_accepted for one in events] == [True, False, True, True, False]
    assert [one.position for one in events] == [0, 1, 2, 3, 4]
    assert events[1].line == 2
    assert events[4].line == 5


def test_the_prefixes_of_a_document_go_with_the_events_that_use_them() -> None:
    raw = document(
        event(**{"a:x": 1}), event(), **{"@context": [CONTEXT, {"a": "https://a.example/", "b": "https://b.example/"}]}
    )
    first, second = read(raw, strict=True).events
    assert first.event["@context"] == {"a": "https://a.example/"}
    assert "@context" not in second.event


def test_lot_ids_stay_as_they_came() -> None:
    assert only(read(document(event()))).event["quantityList"][0]["epcClass"] == LOT
