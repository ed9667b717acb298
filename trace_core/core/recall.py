"""The scope of a recall, asked of the core: suspects by name, or by what passed a station in a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import perf_counter

from trace_core.control.holds import Reach
from trace_core.core.breaches import Breaches
from trace_core.core.naming import Naming
from trace_core.errors import BadInput
from trace_core.genealogy.answer import UnknownThing
from trace_core.genealogy.index import TraceIndex
from trace_core.genealogy.reader import Reader
from trace_core.scope.affected import outputs_of, runs_at
from trace_core.scope.answer import Finding, RecallAnswer
from trace_core.scope.evidence import Evidence
from trace_core.scope.recall import DEFAULT_ERRORS
from trace_core.scope.recall import recall as scope_of
from trace_core.vocabulary.identity import Kind
from trace_core.vocabulary.times import format_time

_HOLDERS = frozenset({Kind.CARRIER, Kind.ASSET})


@dataclass(frozen=True, slots=True)
class RecallQuestion:
    """What a recall is asked: suspects by name, or all that passed ``station`` (in ``window``), or both."""

    suspects: Sequence[str] = ()
    station: str | None = None
    window: tuple[datetime, datetime] | None = None
    errors: int | None = None
    as_of: datetime | None = None
    known_at: datetime | None = None


def recall(
    question: RecallQuestion,
    index: TraceIndex,
    evidence: Callable[[], Evidence],
    naming: Naming,
    breaches: Breaches,
) -> RecallAnswer | UnknownThing:
    """The scope; a carrier stands for all it ever held, `UnknownThing` for a name nobody knows."""
    _check(question)
    began = perf_counter()
    reader = index.read(question.as_of, question.known_at)
    delta = timedelta(seconds=2 * index.delta_s)  # two clocks, each wrong by delta_s at most
    named = _named(question, naming, reader)
    if isinstance(named, UnknownThing):
        return named
    if question.station is not None:
        passed = _passed(question.station, question.window, naming, evidence(), delta)
        if isinstance(passed, UnknownThing):
            return passed
        named = {**passed, **named}
    errors = DEFAULT_ERRORS if question.errors is None else question.errors
    answer = scope_of(evidence(), named, delta=delta, errors=errors)
    found = [Finding(one.kind.value, one.ids, one.detail) for one in breaches.findings(sorted(answer.ids))]
    return replace(
        answer,
        findings=(*answer.findings, *found),
        aliases=naming.forms([*answer.suspects, *sorted(answer.ids)]),
        elapsed_ms=round(1000 * (perf_counter() - began), 3),
    )


def _check(question: RecallQuestion) -> None:
    if not question.suspects and question.station is None:
        raise BadInput("a suspect or a station", "neither", "recall", "name what is suspect")
    if question.station is None and question.window is not None:
        raise BadInput("a station with the window", "none", "recall")
    if question.window is not None and question.window[0] > question.window[1]:
        got = " to ".join(format_time(one) for one in question.window)
        raise BadInput("a window that starts before it ends", got, "recall", "exchange its ends")
    if question.errors is not None and question.errors < 0:
        raise BadInput("a number of wrong records of 0 or more", question.errors, "recall")


def _named(question: RecallQuestion, naming: Naming, reader: Reader) -> dict[str, str] | UnknownThing:
    """The suspects by id with the reason they are suspect, carriers opened."""
    found = naming.things(question.suspects, Reach.LOT, known_at=question.known_at)
    if isinstance(found, UnknownThing):
        return found
    named: dict[str, str] = {}
    for one in found:
        inside = _ever_in(one.canonical, reader) if one.kind in _HOLDERS else []
        for thing in inside:
            named.setdefault(thing, f"lay in suspect {one.canonical}")
        if not inside:
            named[one.canonical] = "named as suspect"
    return named


def _ever_in(carrier: str, reader: Reader) -> list[str]:
    """The lots and serials a carrier held in any window, through nested ones; loops end."""
    seen, waiting, found = {carrier}, [carrier], []
    while waiting:
        for packing in reader.packings_in(waiting.pop()):
            if packing.thing in seen:
                continue
            seen.add(packing.thing)
            if reader.kind_of(packing.thing) in _HOLDERS:
                waiting.append(packing.thing)
            else:
                found.append(packing.thing)
    return sorted(found)


def _passed(
    station: str, window: tuple[datetime, datetime] | None, naming: Naming, evidence: Evidence, delta: timedelta
) -> dict[str, str] | UnknownThing:
    places = naming.things([station], Reach.LOCATION)
    if isinstance(places, UnknownThing):
        return places
    runs = runs_at(evidence, [one.canonical for one in places], window, delta)
    when = f" between {format_time(window[0])} and {format_time(window[1])}" if window else ""
    reason = f"made at {station}{when}"
    return {made.lot: reason for made in outputs_of(runs)}
