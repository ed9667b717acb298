"""A rule of lot codes: what it prints, that it reads back what it printed, and what it refuses to print."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trace_core.errors import IdentifierError, TimeError
from trace_core.lot_codes import SCHEMES, CodeIssuer, CodeRule, read_rule
from trace_core.lot_codes.parts import ALPHABETS, DateText, Hour, Literal, Part, Reset, Sequence, Shift, Word

CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
DATE_FORMS: list[tuple[tuple[str, ...], ...]] = [
    (("YYYY", "MM", "DD"),),
    (("YY", "DDD"),),
    (("DDD",), ("Y",)),
    (("DDD", "YYYY"),),
    (("YY", "WW", "D"),),
    (("Y", "WW"),),
    (("YY",), ("MM",)),
    (("MM", "DD"),),
    (("DDD",),),
    (("YYYY",),),
    (),
]
SHIFTS = (("A", time(6)), ("B", time(14)), ("C", time(22)))


@st.composite
def rules(draw: st.DrawFn) -> CodeRule:
    parts: list[Part] = [DateText(tokens) for tokens in draw(st.sampled_from(DATE_FORMS))]
    names = draw(st.lists(st.sampled_from(["plant", "line", "item", "mould"]), unique=True, max_size=2))
    parts += [Word(name, draw(st.integers(1, 2)), draw(st.sampled_from(list(ALPHABETS.values())))) for name in names]
    if draw(st.booleans()):
        reset = draw(st.sampled_from(Reset))
        alphabet = draw(st.sampled_from(list(ALPHABETS.values())))
        parts.append(Sequence(draw(st.integers(1, 3)), reset, alphabet, draw(st.integers(0, 9))))
    parts += draw(st.sampled_from([[], [Hour()], [Shift()], [Hour(), Shift()]]))
    literals = [Literal(text) for text in draw(st.lists(st.text(CSET_82, min_size=1, max_size=2), max_size=2))]
    parts = draw(st.permutations([*parts, *literals]))
    assume(parts)
    check = draw(st.sampled_from([None, SCHEMES["iso7064-37-36"], SCHEMES["iso7064-37-2"]]))
    starts = draw(st.times().map(lambda start: start.replace(second=0, microsecond=0)))
    return CodeRule("drawn", tuple(parts), check, starts, SHIFTS, max_length=40)


@st.composite
def arguments(draw: st.DrawFn, rule: CodeRule) -> dict[str, Any]:
    offset = timezone(timedelta(minutes=draw(st.integers(-12 * 60, 14 * 60))))
    seconds = draw(st.integers(0, 229 * 365 * 24 * 3600))
    when = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(offset)
    given: dict[str, Any] = {"when": when}
    for part in rule.parts:
        if isinstance(part, Word):
            given[part.name] = draw(st.text(part.alphabet, min_size=part.width, max_size=part.width))
        if isinstance(part, Sequence):
            given["sequence"] = draw(st.integers(part.start, part.largest))
    return given


@given(st.data())
def test_parsing_an_issued_code_gives_back_what_it_was_issued_for(data: st.DataObject) -> None:
    rule = data.draw(rules())
    given_ = data.draw(arguments(rule))
    code = rule.issue(**given_)
    assert len(code) == rule.length
    fields = rule.parse(code, near=rule.production_day(given_["when"]))
    assert fields == rule.fields_at(**given_)
    assert rule.write(fields) == code
    if fields.first_day is not None and fields.last_day is not None:
        assert fields.first_day <= rule.production_day(given_["when"]) <= fields.last_day


@given(st.data())
def test_a_series_prints_what_the_rule_issues_number_by_number(data: st.DataObject) -> None:
    rule = data.draw(rules())
    given = data.draw(arguments(rule))
    number = given.pop("sequence", None)
    if number is None:
        with pytest.raises(IdentifierError, match="a sequence, to number units by"):
            rule.series_at(**given)
    else:
        assert rule.series_at(**given)(number) == rule.issue(sequence=number, **given)


@given(st.data())
def test_a_code_with_one_wrong_character_is_refused_or_says_something_else(data: st.DataObject) -> None:
    rule = data.draw(rules())
    given_ = data.draw(arguments(rule))
    code, near = rule.issue(**given_), rule.production_day(given_["when"])
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = code[:place] + data.draw(st.sampled_from(CSET_82)) + code[place + 1 :]
    assume(wrong != code)
    try:
        read = rule.parse(wrong, near)
    except IdentifierError:
        return
    # With a check character only a change it does not cover could pass, and those are literals, which are compared.
    assert rule.check is None
    assert read != rule.fields_at(**given_)


def rule(**declared: object) -> CodeRule:
    return read_rule(declared)


YOGHURT = rule(parts=["L", {"date": "YDDD"}, {"line": 1}, {"sequence": 3}], check="iso7064-37-36", day_starts="06:00")
CHINA = ZoneInfo("Asia/Shanghai")


def test_real_shapes_of_codes_are_printed() -> None:
    when = datetime(2019, 6, 10, 9, tzinfo=UTC)
    assert rule(parts=[{"date": "DDDYYYY"}]).issue(when) == "1612019"
    assert rule(parts=[{"date": "DDDYY"}, "-", {"sequence": 1}]).issue(when, 1) == "16119-1"
    assert rule(parts=[{"date": "YYDDD"}, {"sequence": 3}]).issue(when, 37) == "19161037"
    assert rule(parts=[{"date": "YYWWD"}, {"hour": 2}]).issue(when) == "1924109"


def test_what_is_made_at_night_belongs_to_the_production_day_before() -> None:
    night = datetime(2025, 3, 2, 2, 30, tzinfo=CHINA)
    assert YOGHURT.production_day(night) == date(2025, 3, 1)
    assert YOGHURT.issue(night, 1, line="2").startswith("L5060")
    assert YOGHURT.production_day(datetime(2025, 3, 2, 6, tzinfo=CHINA)) == date(2025, 3, 2)
    assert YOGHURT.production_day(datetime(2025, 1, 1, 5, 59, tzinfo=CHINA)) == date(2024, 12, 31)


def test_the_plants_zone_decides_the_day_and_not_the_sender_of_the_time() -> None:
    shanghai = rule(parts=[{"date": "YYYYMMDD"}], zone="Asia/Shanghai")
    assert shanghai.issue(datetime(2025, 3, 1, 18, tzinfo=UTC)) == "20250302"


@pytest.mark.parametrize(("hour", "name"), [(6, "A"), (13, "A"), (14, "B"), (22, "C"), (23, "C"), (0, "C"), (5, "C")])
def test_the_last_shift_runs_past_midnight(hour: int, name: str) -> None:
    three = CodeRule("three", (Shift(),), shifts=SHIFTS)
    assert three.issue(datetime(2025, 3, 1, hour, 59, tzinfo=UTC)) == name


def test_the_last_day_of_a_leap_year_prints_366_and_reads_back() -> None:
    code = YOGHURT.issue(datetime(2024, 12, 31, 12, tzinfo=UTC), 7, line="1")
    assert code[1:5] == "4366"
    assert YOGHURT.parse(code, date(2025, 1, 3)).first_day == date(2024, 12, 31)


def test_iso_weeks_take_the_year_of_the_week() -> None:
    weekly = rule(parts=[{"date": "YYWW"}])
    assert weekly.issue(datetime(2027, 1, 1, tzinfo=UTC)) == "2653"
    fields = weekly.parse("2653", date(2027, 1, 1))
    assert (fields.first_day, fields.last_day) == (date(2026, 12, 28), date(2027, 1, 3))


def test_a_short_year_means_the_one_nearest_to_the_day_it_is_read_for() -> None:
    daily = rule(parts=[{"date": "YDDD"}])
    assert daily.parse("5001", date(2026, 2, 1)).first_day == date(2025, 1, 1)
    assert daily.parse("5001", date(2031, 2, 1)).first_day == date(2035, 1, 1)
    assert daily.parse("5001").first_day is None
    assert rule(parts=[{"date": "YYYYDDD"}]).parse("2025001").first_day == date(2025, 1, 1)


def test_a_sequence_that_runs_over_is_refused_with_its_date() -> None:
    with pytest.raises(IdentifierError) as refused:
        YOGHURT.issue(datetime(2025, 3, 2, 2, tzinfo=UTC), 1000, line="1")
    assert "2025-03-01" in str(refused.value)
    assert "expected a sequence of at most 999 (per day), got 1000" in str(refused.value)
    with pytest.raises(IdentifierError, match="a sequence of 1 or more"):
        YOGHURT.issue(datetime(2025, 3, 2, tzinfo=UTC), 0, line="1")
    with pytest.raises(IdentifierError, match="a sequence of 1 or more"):
        YOGHURT.issue(datetime(2025, 3, 2, tzinfo=UTC), line="1")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, "1 characters of 0123456789"),
        ({"line": "12"}, "1 characters"),
        ({"line": "x"}, "1 characters"),
        ({"line": "１"}, "1 characters"),
        ({"line": "1", "plant": "2"}, "words of the rule"),
    ],
)
def test_words_must_be_those_of_the_rule(words: dict[str, str], expected: str) -> None:
    with pytest.raises(IdentifierError, match=expected):
        YOGHURT.issue(datetime(2025, 3, 2, tzinfo=UTC), 1, **words)


def test_a_word_with_one_value_needs_not_be_given() -> None:
    fixed = rule(parts=[{"plant": 2, "values": ["07"]}, {"line": 1, "values": ["1", "2"]}])
    assert fixed.issue(datetime(2025, 3, 2, tzinfo=UTC), line="2") == "072"
    with pytest.raises(IdentifierError, match="one of 1, 2, got '3'"):
        fixed.issue(datetime(2025, 3, 2, tzinfo=UTC), line="3")
    with pytest.raises(IdentifierError, match=r"character 1: expected one of 07, got '08'"):
        fixed.parse("081")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("L50602001", "10 characters, got '9 characters'"),
        ("X506020011", "character 1: expected 'L'"),
        ("L5O602001A", "character 3: expected 3 digits, got 'O60'"),
        ("L5３60200１1", "character 3: expected 3 digits"),
        ("L5000200AA", "character 7: expected 3 characters"),
        ("L50602000A", "a sequence of 1 or more"),
        ("L536720018", "a date that exists"),
    ],
)
def test_a_code_the_rule_cannot_have_made_is_refused_with_its_place(code: str, expected: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        YOGHURT.parse(code)
    assert expected in str(refused.value)


def test_a_misread_code_names_the_check_character_it_should_have() -> None:
    code = YOGHURT.issue(datetime(2025, 3, 2, 12, tzinfo=UTC), 17, line="2")
    misread = code.replace("17", "71")
    with pytest.raises(IdentifierError, match=f"expected check character .*, got {code[-1]!r}; read the code again"):
        YOGHURT.parse(misread)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(TimeError, match="a time with a zone"):
        YOGHURT.issue(datetime(2025, 3, 2, tzinfo=UTC).replace(tzinfo=None), 1, line="1")


def test_codes_in_any_script_are_possible_where_declared() -> None:
    chinese = rule(parts=["批", {"date": "YYMMDD"}], characters="any")
    assert chinese.parse(chinese.issue(datetime(2025, 3, 2, tzinfo=UTC))) == chinese.parse("批250302")


def test_an_issuer_counts_per_production_day_and_set_of_words() -> None:
    issuer = CodeIssuer(YOGHURT)
    evening = datetime(2025, 3, 1, 23, tzinfo=UTC)
    codes = [
        issuer.issue(evening, line="1"),
        issuer.issue(evening + timedelta(hours=3), line="1"),
        issuer.issue(evening + timedelta(hours=3), line="2"),
        issuer.issue(evening + timedelta(hours=7), line="1"),
    ]
    assert [code[:-1] for code in codes] == ["L50601001", "L50601002", "L50602001", "L50611001"]


@given(
    st.sampled_from(Reset),
    st.lists(st.integers(0, 60 * 24 * 3), max_size=60),
    st.times().map(lambda start: start.replace(second=0, microsecond=0)),
)
def test_an_issuer_never_gives_a_code_twice_where_the_code_tells_its_periods_apart(
    reset: Reset, minutes: list[int], day_starts: time
) -> None:
    parts = (DateText(("YYYY", "DDD")), Shift(), Hour(), Sequence(3, reset))
    issuer = CodeIssuer(CodeRule("full", parts, None, day_starts, SHIFTS))
    # Through the night in which Berlin's clocks go back and the hour from 02:00 to 03:00 comes twice.
    start = datetime(2025, 10, 25, 12, tzinfo=UTC)
    issued = [
        issuer.issue((start + timedelta(minutes=moment)).astimezone(ZoneInfo("Europe/Berlin")))
        for moment in sorted(minutes)
    ]
    assert len(set(issued)) == len(issued)


def test_an_issuer_refuses_a_period_closed_long_ago() -> None:
    issuer = CodeIssuer(YOGHURT)
    start = datetime(2025, 3, 1, 12, tzinfo=UTC)
    for day in range(40):
        issuer.issue(start + timedelta(days=day), line="1")
    assert issuer.issue(start + timedelta(days=10), line="1")[6:9] == "002"
    with pytest.raises(TimeError):
        issuer.issue(start, line="1")


def test_an_issuer_runs_over_with_the_day_named_and_goes_on_the_next_day() -> None:
    short = CodeIssuer(rule(parts=[{"date": "YDDD"}, {"sequence": 1}]))
    noon = datetime(2025, 3, 1, 12, tzinfo=UTC)
    for _ in range(9):
        short.issue(noon)
    with pytest.raises(IdentifierError, match="2025-03-01"):
        short.issue(noon)
    assert short.issue(noon + timedelta(days=1)) == "50611"


def test_numbers_kept_together_are_those_that_single_codes_would_have_got() -> None:
    rule = read_rule({"parts": ["S", {"date": "YYMMDD"}, {"sequence": 3, "reset": "day"}]}, "serials")
    one_by_one, together = CodeIssuer(rule), CodeIssuer(rule)
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    codes = [one_by_one.issue(moment) for _ in range(7)]
    first, second = together.reserve(moment, 4), together.reserve(moment, 3)
    assert [rule.issue(moment, number) for number in (*range(first, first + 4), *range(second, second + 3))] == codes
    with pytest.raises(IdentifierError, match="999"):
        together.reserve(moment, 993)
    assert together.reserve(moment, 992) == 8, "what was refused took no number"
    with pytest.raises(IdentifierError, match="sequence"):
        CodeIssuer(read_rule({"parts": ["S", {"date": "YYMMDD"}]}, "none")).reserve(moment, 1)
