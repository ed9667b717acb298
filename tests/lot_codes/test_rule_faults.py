"""A declared rule with faults is refused with all of them at once, each at its path."""

from __future__ import annotations

import json
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trace_core.lot_codes as front_page
from trace_core.errors import SpecError
from trace_core.lot_codes import CodeRule, read_rule, read_rule_text
from trace_core.lot_codes.parts import Literal, Sequence


def faults(declared: object) -> dict[str, str]:
    with pytest.raises(SpecError) as refused:
        read_rule(declared, "plant.yaml")
    return {fault.path: fault.expected for fault in refused.value.faults}


def test_ten_faults_come_at_once() -> None:
    found = faults(
        {
            "rule": 7,
            "partss": [],
            "parts": [
                "Lo\u0308t",
                7,
                {"date": "YYMMM"},
                {"line": 0},
                {"lines": 2},
                {"sequence": 3, "reset": "fortnight", "start": 1000},
                {"word": "mould", "width": 2, "values": ["A7", 12]},
                {"shift": 1},
                {"hour": 3},
            ],
            "check": "crc32",
            "day_starts": "6 o'clock",
            "shifts": {"A": "25:00"},
            "zone": "Asia/Nowhere",
            "max_length": 500,
            "characters": "emoji",
        }
    )
    assert set(found) == {
        "$.partss",
        "$.rule",
        "$.parts[0]",
        "$.parts[1]",
        "$.parts[2].date",
        "$.parts[3].line",
        "$.parts[4]",
        "$.parts[5].reset",
        "$.parts[5].start",
        "$.parts[6].values[1]",
        "$.parts[6].values",
        "$.parts[8].hour",
        "$.check",
        "$.day_starts",
        "$.shifts.A",
        "$.zone",
        "$.max_length",
        "$.characters",
    }


@pytest.mark.parametrize(
    ("declared", "path", "expected"),
    [
        (None, "$", "a mapping"),
        ([], "$", "a mapping"),
        ({}, "$.parts", "a list of parts"),
        ({"parts": []}, "$.parts", "at least one part"),
        ({"parts": ["x" * 21]}, "$.parts", "at most 20 characters in all"),
        ({"parts": ["x" * 8, {"date": "YYYYMMDD"}, {"sequence": 4}], "check": "damm"}, "$.parts", "at most 20"),
        ({"parts": ["x"] * 41, "max_length": 64}, "$.parts", "at most 40 parts"),
        ({"parts": ["批"]}, "$.parts[0]", "CSET 82"),
        ({"parts": ["a b"]}, "$.parts[0]", "CSET 82"),
        ({"parts": [""]}, "$.parts[0]", "printable text"),
        ({"parts": ["\x07"], "characters": "any"}, "$.parts[0]", "printable text"),
        ({"parts": [{"date": "DD"}]}, "$.parts[0]", "MM beside DD"),
        ({"parts": [{"date": "D"}]}, "$.parts[0]", "WW beside D"),
        ({"parts": ["L", {"date": "YY"}, {"date": "YYYY"}]}, "$.parts[1]", "each part of the date once"),
        ({"parts": [{"date": "YYMMDDD"}]}, "$.parts[0]", "one of MM, DDD and WW"),
        ({"parts": [{"line": 1}, {"line": 1}]}, "$.parts[1]", "each part once (line stands at $.parts[0])"),
        ({"parts": [{"sequence": 1}, {"sequence": 2}]}, "$.parts[1]", "each part once"),
        ({"parts": [{"shift": 1}]}, "$.shifts", "names and starts of the shifts"),
        ({"parts": [{"sequence": 1, "reset": "shift"}]}, "$.shifts", "names and starts"),
        ({"parts": [{"shift": 1}], "shifts": {"early": "06:00"}}, "$.parts[0]", "names of 1 characters"),
        ({"parts": ["x"], "shifts": {"A": "14:00", "B": "06:00"}}, "$.shifts.B", "a start after 14:00"),
        ({"parts": ["x"], "shifts": []}, "$.shifts", "names and starts such as"),
        ({"parts": [{"line": 1, "alphabet": "letters"}], "check": "damm"}, "$.check", "covers $.parts[0]"),
        ({"parts": [{"line": 1, "values": ["a"]}]}, "$.parts[0].values", "values of 1 characters"),
        ({"parts": [{"line": 1, "values": ["1", "1"]}]}, "$.parts[0].values", "each value once"),
        ({"parts": [{"line": 1, "values": "12"}]}, "$.parts[0].values", "a list of texts"),
        ({"parts": [{"line": True}]}, "$.parts[0].line", "a number from 1 to 20"),
        ({"parts": [{"line": 1, "date": "YY"}]}, "$.parts[0]", "exactly one of"),
        ({"parts": [{"line": 1, "pad": "0"}]}, "$.parts[0].pad", "one of line"),
        ({"parts": [{"word": "sequence", "width": 1}]}, "$.parts[0]", "a name for the word"),
        ({"parts": [{"sequence": 2, "start": 100}]}, "$.parts[0].start", "a start from 0 to 99"),
        ({"parts": [{"sequence": 2, "alphabet": "greek"}]}, "$.parts[0].alphabet", "one of digits, letters"),
        ({"parts": [{"sequence": 2, "reset": ["day"]}]}, "$.parts[0].reset", "one of never"),
    ],
)
def test_each_fault_is_told_at_its_path(declared: object, path: str, expected: str) -> None:
    assert expected in faults(declared)[path]


def test_a_misspelt_key_suggests_the_right_one() -> None:
    with pytest.raises(SpecError, match=r"\$\.day_start: .* did you mean day_starts\?"):
        read_rule({"parts": ["L"], "day_start": "06:00"})


def test_leading_zeros_lost_in_yaml_are_explained() -> None:
    with pytest.raises(SpecError, match="put it in quotes, or leading zeros are lost"):
        read_rule_text("parts: [{line: 2, values: [01, 02]}]")


def test_times_that_yaml_takes_for_numbers_of_base_60_are_times() -> None:
    rule = read_rule_text("parts: [{shift: 1}]\nshifts: {A: 06:00, B: 14:00, C: 22:00}\nday_starts: 23:30")
    assert rule.shifts == (("A", time(6)), ("B", time(14)), ("C", time(22)))
    assert rule.day_starts == time(23, 30)


def test_text_that_is_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(SpecError, match=r"codes\.yaml: line 2"):
        read_rule_text("parts: [L]\n: {", "codes.yaml")


def test_a_rule_made_in_code_is_held_to_the_same() -> None:
    with pytest.raises(SpecError, match=r"rule 'x': 2 faults"):
        CodeRule("x", (Literal("é"), Sequence(2, start=-1)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2000) | st.text(max_size=4) | st.sampled_from(["L", "YYDDD", "day"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["parts", "date", "line", "word", "sequence", "reset", "check", "shifts", "width", "values", "zone"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["parts", "check", "shifts", "zone", "rule", "max_length"]), json_values))
def test_no_declaration_gets_past_as_anything_but_a_rule_or_faults(declared: dict[str, object]) -> None:
    try:
        rule = read_rule(declared)
    except SpecError:
        return
    assert 1 <= rule.length <= rule.max_length


def test_json_is_read_as_well() -> None:
    declared = {"rule": "r", "parts": ["L", {"sequence": 2}]}
    assert read_rule_text(json.dumps(declared)) == read_rule(declared)


def test_the_front_page_lists_what_it_has() -> None:
    for name in front_page.__all__:
        assert getattr(front_page, name) is not None
    with pytest.raises(AttributeError):
        _ = front_page.nothing
