"""Any system's answer is read, in every form of an id and every encoding a spreadsheet writes; else it is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.answers import MAX_ANSWER_BYTES, Answer, Claim, PrintedIds, read_answer, resolve
from tests.scenarios.tiny import carrier, lot
from trace_core.errors import DocumentError, LimitExceeded
from trace_core.vocabulary.identity import identify, to_element_string, to_epc_urn

GTIN = "09521234543213"
GS1_LOT = lot("L123", GTIN)
PLANT_LOT = lot("A1")
CHINESE_LOT = lot("酸奶-甲1")
PALLET = carrier(7)
PRINTED = PrintedIds(
    lots=frozenset({GS1_LOT, PLANT_LOT, CHINESE_LOT, lot("B2", "KEFIR"), lot("B2")}), carriers=frozenset({PALLET})
)


def answer_of(content: str | bytes) -> Answer:
    return resolve(read_answer(content.encode() if isinstance(content, str) else content, "answer.csv"), PRINTED)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        (GS1_LOT, GS1_LOT),
        (to_epc_urn(identify(GS1_LOT), 7), GS1_LOT),
        (to_element_string(identify(GS1_LOT)), GS1_LOT),
        ("https://example.com/01/09521234543213/10/L123?x=1", GS1_LOT),
        (f"{GTIN}|L123", GS1_LOT),
        (f"{GTIN[1:]}|L123", GS1_LOT),
        ("L123", GS1_LOT),
        ("YOG|A1", PLANT_LOT),
        ("酸奶-甲1", CHINESE_LOT),
        ("YOG|酸奶-甲1", CHINESE_LOT),
        (PALLET, PALLET),
        (PALLET.rpartition("/")[2], PALLET),
        (f"(00){PALLET.rpartition('/')[2]}", PALLET),
        (f"00{PALLET.rpartition('/')[2]}", PALLET),
    ],
)
def test_an_id_is_understood_in_any_form(text: str, id: str) -> None:
    assert answer_of(f"id\n{text}\n") == Answer(certain=frozenset({id}))


def test_a_code_that_names_two_lots_takes_both_and_says_so() -> None:
    got = answer_of("id\nB2\n")
    assert got.certain == {lot("B2", "KEFIR"), lot("B2")}
    assert got.notes == ("B2: names 2 things, all of them taken",)


def test_an_id_nobody_printed_is_reported_with_its_line() -> None:
    got = answer_of("id,class\nA1,certain\nA1x,possible\n")
    assert got.certain == {PLANT_LOT}
    assert got.unknown == ("answer.csv, line 3: A1x",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_encoding_and_delimiter_a_spreadsheet_writes_is_read(encoding: str, delimiter: str, newline: str) -> None:
    rows = [["Nr", "Id", "Class"], ["1", "酸奶-甲1", "Possible"], ["2", "A1", ""], ["", "", ""]]
    text = newline.join(delimiter.join(row) for row in rows)
    got = answer_of(text.encode(encoding))
    assert got == Answer(certain=frozenset({PLANT_LOT}), possible=frozenset({CHINESE_LOT}))


def test_a_lot_with_a_carrier_claims_only_what_of_the_lot_is_on_it() -> None:
    got = answer_of(f"lot,carrier,count\nA1,{PALLET},12\n")
    assert got.confidence_in(PLANT_LOT, PALLET) == "certain"
    assert got.confidence_in(PLANT_LOT, "") is None
    assert got.confidence_in(GS1_LOT, PALLET) is None


def test_what_is_claimed_as_certain_and_as_possible_is_certain() -> None:
    got = answer_of("id;class\nA1;possible\nYOG|A1;certain\n")
    assert got == Answer(certain=frozenset({PLANT_LOT}))


def test_a_quote_that_keeps_a_spreadsheet_from_running_a_formula_is_no_part_of_the_id() -> None:
    printed = PrintedIds(lots=frozenset({lot("-A1")}), carriers=frozenset())
    assert resolve(read_answer(b"id\n'-A1\n", "a"), printed).certain == {lot("-A1")}


def test_rows_that_were_cleared_are_no_part_of_the_answer() -> None:
    assert answer_of("id,class\nA1,cleared\n") == Answer()


def test_a_recall_document_and_a_bare_one_are_read_alike() -> None:
    recall = {"schema": "tracetwin/recall/1", "certain": [{"id": PLANT_LOT, "reason": "r"}], "possible": []}
    bare = {"certain": ["YOG|A1"]}
    for document in (recall, bare):
        assert answer_of(json.dumps(document)) == Answer(certain=frozenset({PLANT_LOT}))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "a CSV with a header"),
        (b"\n\n", "a CSV with a header"),
        (b"batch,class\nA1,certain\n", "a header with a column id"),
        (b"id,class\nA1,perhaps\n", "class certain, possible or cleared"),
        (b"id,kind\nA1,pallet\n", "kind lot, serial or carrier"),
        (b"id,class\n,certain\n", "an id in this row"),
        (b'id\n"A1\n', "CSV"),
        (b"{", "a JSON document"),
        (b'{"certain": [' + b"9" * 5000 + b"]}", "a JSON document"),
        (b"[" * 100_000, "a JSON document"),
        (b'{"certain": ["A1"], "certain": []}', "the key 'certain' twice"),
        (b"[]", "an object with the lists certain and possible"),
        (b'{"certain": "A1"}', "a list"),
        (b'{"certain": [{"lot": "A1"}]}', "an id, or an object with an id"),
        (b"\x00\x01\xff\xff", "text in UTF-8, UTF-16 or GB 18030"),
    ],
)
def test_what_is_no_answer_is_refused_with_what_was_expected(content: bytes, expected: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_answer(content, "answer.csv")
    assert expected in str(caught.value)
    assert "answer.csv" in str(caught.value)


@pytest.mark.parametrize("id", ["\ud800", "a\x00b", "x" * 5000, "|", "a|", "|b", "%", "urn:epc:id:sscc:x", "（01）1"])
def test_an_odd_id_is_unknown_and_never_an_error(id: str) -> None:
    claims = read_answer(json.dumps({"certain": [id]}).encode(), "answer.json")
    assert resolve(claims, PRINTED).unknown == (f"$.certain[0]: {id}",)


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"id,class\n{text}".encode()))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        claims = read_answer(content, "answer.csv")
    except DocumentError:
        return
    got = resolve(claims, PRINTED)
    assert got.certain.isdisjoint(got.possible)


def test_an_answer_above_the_limit_is_refused_and_the_limit_named() -> None:
    with pytest.raises(LimitExceeded, match=str(MAX_ANSWER_BYTES)):
        read_answer(b"x" * (MAX_ANSWER_BYTES + 1), "answer.csv")


def test_claims_can_be_made_without_a_file() -> None:
    assert resolve([Claim(id="A1", confidence="possible")], PRINTED).possible == {PLANT_LOT}
