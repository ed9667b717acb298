"""A small sound plant is broken in one place, and the fault is found there, in words, before anything runs."""

from __future__ import annotations

import pathlib
from typing import NamedTuple

import pytest
import yaml

from plant_models import load
from trace_core.errors import SpecError

FOLDER = pathlib.Path(__file__).parent
WORKSHOP = (FOLDER / "workshop.yaml").read_text("utf-8")


class Break(NamedTuple):
    """What is changed (the first time it occurs), the path of the fault, and a part of what is said."""

    old: str
    new: str
    path: str
    says: str


_CHANGES = yaml.safe_load((FOLDER / "workshop_broken.yaml").read_text("utf-8"))
BROKEN = {name: Break(**change) for name, change in _CHANGES["broken"].items()}
STAYS_SOUND = {name: (change["old"], change["new"]) for name, change in _CHANGES["sound"].items()}


def faults_of(*changes: tuple[str, str]) -> list[str]:
    """Every fault of the workshop after the changes, as a person reads it."""
    text = WORKSHOP
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    try:
        load(text, "mine.yaml")
    except SpecError as error:
        return [str(one) for one in error.faults]
    return []


def test_the_workshop_is_sound() -> None:
    assert faults_of() == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found_where_it_stands_and_said_in_words(name: str) -> None:
    change = BROKEN[name]
    faults = faults_of((change.old, change.new))
    there = [fault for fault in faults if fault.startswith(f"{change.path} (line ")]
    assert any(change.says in fault for fault in there), faults


@pytest.mark.parametrize("name", STAYS_SOUND)
def test_what_is_allowed_is_not_refused(name: str) -> None:
    assert faults_of(STAYS_SOUND[name]) == []


def test_many_faults_of_many_kinds_are_found_all_at_once_in_the_order_of_the_file() -> None:
    names = (
        *("mass that goes nowhere", "a station nothing happens at", "negative time", "a unit nobody declared"),
        *("a station twice", "an operation twice", "a code too long", "a store that is never filled"),
        *("an unknown crew", "a share in percent", "an unknown law", "a reel nobody takes", "a badge too long"),
    )
    text = WORKSHOP
    for name in names:
        assert BROKEN[name].old in text, name
        text = text.replace(BROKEN[name].old, BROKEN[name].new, 1)
    with pytest.raises(SpecError) as caught:
        load(text, "mine.yaml")
    found = [str(fault) for fault in caught.value.faults]
    for name in names:
        at = f"{BROKEN[name].path} (line "
        assert any(one.startswith(at) and BROKEN[name].says in one for one in found), (name, found)
    lines = [int(one.split("(line ")[1].split(")")[0]) for one in found]
    assert lines == sorted(lines)


def test_a_key_that_stands_twice_is_said_with_both_lines_and_nothing_else_is_said_for_it() -> None:
    first = next(number for number, line in enumerate(WORKSHOP.splitlines(), 1) if line.startswith("  saw: {name: Saw"))
    change = BROKEN["a station twice"]
    (fault,) = faults_of((change.old, change.new))
    assert fault.startswith(f"$.stations.saw (line {first + 1}): ")
    assert f"line {first} already" in fault


def test_a_section_that_stands_twice_is_joined_for_the_other_checks() -> None:
    (fault,) = faults_of(("crews: {fitters: 1}", "crews: {cleaners: 2}\n\ncrews: {fitters: 1}"))
    assert fault.startswith("$.crews (line ")
