"""Laws of every trace, tried on made-up plants: equality with a plain reference, independence of order, inverses."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.genealogy import reference
from tests.genealogy.documents import T0, index_of
from tests.genealogy.worlds import CARRIERS, MATERIAL, VESSELS, at, logs, quick_moves
from trace_core.genealogy import Reader, TraceAnswer, TraceIndex
from trace_core.vocabulary.events import Event
from trace_core.vocabulary.identity import Identity
from trace_core.vocabulary.times import format_time, parse_time

DIRECTIONS = ("backward", "forward")


def answers(index: TraceIndex, roots: Iterable[Identity], **moments: Any) -> dict[str, dict[str, Any]]:
    """Every root that is known, traced in all directions, without the time it took."""
    found = {}
    for root in roots:
        for direction in (*DIRECTIONS, "both"):
            answer = index.trace(root.canonical, direction, **moments)
            if isinstance(answer, TraceAnswer):
                found[f"{root.canonical} {direction}"] = {**answer.to_dict(), "elapsed_ms": 0}
    return found


def material(answer: object) -> set[str]:
    assert isinstance(answer, TraceAnswer)
    return {*answer.lots, *answer.serials}


@given(logs(), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_in_which_events_arrive_never_changes_an_answer(log: list[Event], random: Any) -> None:
    shuffled = list(log)
    random.shuffle(shuffled)
    roots = [*MATERIAL, *CARRIERS, *VESSELS]
    assert answers(index_of(shuffled), roots) == answers(index_of(log), roots)


@given(logs(step_minutes=4.0) | logs(step_minutes=0.0), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_neither_does_it_where_events_are_closer_than_clocks_are_right(log: list[Event], random: Any) -> None:
    shuffled = list(log)
    random.shuffle(shuffled)
    roots = [*MATERIAL, *CARRIERS, *VESSELS]
    assert answers(index_of(shuffled), roots) == answers(index_of(log), roots)


@given(logs())
@settings(max_examples=50)
def test_a_trace_reaches_what_a_plain_fold_over_the_log_on_networkx_reaches(log: list[Event]) -> None:
    index, graph = index_of(log), reference.graph_of(log)
    names = {one.canonical for one in MATERIAL}
    for root, direction in itertools.product(MATERIAL, DIRECTIONS):
        answer = index.trace(root.canonical, direction)
        if isinstance(answer, TraceAnswer):
            assert material(answer) == reference.reached(graph, root.canonical, direction) & names


@given(logs(step_minutes=7.0))
@settings(max_examples=50)
def test_backward_is_the_inverse_of_forward(log: list[Event]) -> None:
    index = index_of(log)
    known = [one.canonical for one in MATERIAL if isinstance(index.trace(one.canonical), TraceAnswer)]
    forward = {(one, other) for one in known for other in material(index.trace(one, "forward"))}
    backward = {(other, one) for one in known for other in material(index.trace(one, "backward"))}
    assert forward == backward


@given(logs())
@settings(max_examples=50)
def test_both_directions_are_the_union_of_each(log: list[Event]) -> None:
    index = index_of(log)
    for root in MATERIAL:
        both, back, fore = (index.trace(root.canonical, one) for one in ("both", *DIRECTIONS))
        if isinstance(both, TraceAnswer) and isinstance(back, TraceAnswer) and isinstance(fore, TraceAnswer):
            assert material(both) == material(back) | material(fore)
            assert set(both.edges) == {*back.edges, *fore.edges}
            assert set(both.events) == {*back.events, *fore.events}


@given(logs(), st.integers(0, 14))
@settings(max_examples=50)
def test_known_at_answers_as_an_index_that_stopped_there(log: list[Event], count: int) -> None:
    roots = [*MATERIAL, *CARRIERS]
    moment = T0 + timedelta(seconds=count) - timedelta(microseconds=1)
    assert answers(index_of(log), roots, known_at=moment) == answers(index_of(log[:count]), roots)


@given(logs(), st.integers(0, 14))
@settings(max_examples=50)
def test_as_of_answers_as_if_nothing_had_happened_later(log: list[Event], hours: int) -> None:
    moment = at(60.0 * hours + 30)
    before = [one for one in log if one.event_time <= moment or one.error is not None]
    roots = MATERIAL
    narrowed = answers(index_of(log), roots, as_of=moment)
    plain = answers(index_of(before), roots)
    for key, answer in plain.items():
        assert _without_names(narrowed[key]) == _without_names(answer)


def _without_names(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "aliases"}


@given(logs(most=10))
@settings(max_examples=25)
def test_an_appended_event_is_visible_to_the_next_question(log: list[Event]) -> None:
    index = TraceIndex()
    for number, event in enumerate(log):
        index.apply(number + 1, T0 + timedelta(seconds=number), event)
        assert answers(index, MATERIAL) == answers(index_of(log[: number + 1]), MATERIAL)


@given(quick_moves(), st.data())
@settings(max_examples=250)
def test_clocks_wrong_by_300_seconds_never_lose_a_link(log: list[Event], data: st.DataObject) -> None:
    wrong = [_with_clock_error(one, data.draw(st.sampled_from([-300, 0, 300]) | st.integers(-300, 300))) for one in log]
    truth, recorded = index_of(log, delta_s=0.0), index_of(wrong)
    for root, direction in itertools.product(MATERIAL[:2], DIRECTIONS):
        answer = truth.trace(root.canonical, direction)
        if isinstance(answer, TraceAnswer):
            seen = recorded.trace(root.canonical, direction)
            assert material(answer) <= material(seen)
            assert isinstance(seen, TraceAnswer)
            assert set(answer.carriers) <= set(seen.carriers)


def _with_clock_error(event: Event, seconds: int) -> Event:
    shift = timedelta(seconds=seconds)
    plant = dict(event.plant)
    for key in ("start", "end"):
        if key in plant:
            plant[key] = format_time(parse_time(str(plant[key])) + shift)
    return replace(event, event_time=event.event_time + shift, plant=plant)


@given(logs() | logs(step_minutes=0.0))
@settings(max_examples=50)
def test_the_reader_tells_the_same_runs_whatever_the_order_of_arrival(log: list[Event]) -> None:
    assert told(index_of(log).read()) == told(index_of(log[::-1]).read())


def told(reader: Reader) -> list[Any]:
    things = [one.canonical for one in (*MATERIAL, *CARRIERS, *VESSELS)]
    return [
        reader.runs(),
        reader.things(),
        reader.holders(),
        [
            (
                reader.mounts_in(one),
                reader.mounts_of(one),
                reader.packings_of(one),
                reader.packings_in(one),
                reader.contents_of(one),
                reader.carriers_of(one),
                reader.top_carrier_of(one),
                reader.cleanings_of(one),
                reader.voyages_of(one),
                [replace(fact, sequence=0, recorded=T0) for fact in reader.facts_of(one)],
                sorted(visit.thing for visit in reader.descendants([one])),
                reader.ancestors_of([one]),
            )
            for one in things
        ],
    ]
