"""Short ways to ask an index made of a few events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tests.genealogy.documents import index_of
from trace_core.genealogy import Finding, FindingKind, TraceAnswer, TraceIndex
from trace_core.vocabulary.events import Event
from trace_core.vocabulary.identity import Identity


def ask(
    log: Sequence[Event] | TraceIndex,
    thing: Identity | str,
    direction: str = "both",
    as_of: datetime | None = None,
    known_at: datetime | None = None,
) -> TraceAnswer:
    """The answer about a thing that is known."""
    index = log if isinstance(log, TraceIndex) else index_of(log)
    answer = index.trace(thing if isinstance(thing, str) else thing.canonical, direction, as_of, known_at)
    assert isinstance(answer, TraceAnswer), answer
    return answer


def lots(*identities: Identity) -> tuple[str, ...]:
    """Canonical ids, sorted."""
    return tuple(sorted(one.canonical for one in identities))


def found(answer: TraceAnswer, kind: FindingKind) -> list[Finding]:
    """The findings of one kind."""
    return [one for one in answer.findings if one.kind is kind]


def kinds(answer: TraceAnswer) -> set[FindingKind]:
    """The kinds of findings in an answer."""
    return {one.kind for one in answer.findings}
