"""What moved in spite of a hold: recorded as it happened, and said in every answer that touches it."""

from __future__ import annotations

from collections.abc import Iterable

from trace_core.genealogy.answer import Finding, FindingKind
from trace_core.vocabulary.events import Event, TransformationEvent, amounts_in


class Breaches:
    """A fold over the log of all that moved while a hold stood against it."""

    def __init__(self) -> None:
        self._found: dict[str, dict[Finding, None]] = {}
        self._declared: set[str] = set()
        self._event_of: dict[Finding, str] = {}

    def apply(self, event: Event) -> None:
        """Take in one event."""
        if event.error is not None:
            self._declared.add(event.event_id)
            return
        holds = event.plant.get("despiteHold")
        if not isinstance(holds, list) or not holds:
            return
        parent = None if isinstance(event, TransformationEvent) else getattr(event, "parent", None)
        named = {one.id.canonical for one in amounts_in(event)} | ({parent.canonical} if parent else set())
        did = event.biz_step or "used"
        detail = f"{did} in spite of hold {', '.join(map(str, holds))} (event {event.event_id})"
        finding = Finding(FindingKind.MOVED_WHILE_HELD, tuple(sorted(named)), detail)
        self._event_of[finding] = event.event_id
        for one in named:
            self._found.setdefault(one, {})[finding] = None

    def findings(self, ids: Iterable[str]) -> tuple[Finding, ...]:
        """The breaches that concern any of ``ids``, each once, in the order they came in."""
        found = dict.fromkeys(finding for one in ids for finding in self._found.get(one, ()))
        return tuple(one for one in found if self._event_of[one] not in self._declared)
