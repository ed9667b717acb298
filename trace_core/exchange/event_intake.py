"""Where an event read from any document is judged: accepted, accepted with warnings, or rejected with a reason.

Strict: any violation of the standard rejects the event. Lenient: what can be understood is mended and accepted, and
each deviation is a warning; only what cannot be understood is rejected. Neither stops at the first fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from trace_core.errors import BadInput
from trace_core.exchange.epcis_rules import violations
from trace_core.exchange.epcis_words import Notation
from trace_core.exchange.name_spaces import Context, with_context
from trace_core.exchange.repairs import repaired
from trace_core.exchange.violations import Violation, shown
from trace_core.vocabulary.clock import Clock
from trace_core.vocabulary.epcis_json import event_from_epcis
from trace_core.vocabulary.times import parse_time

FUTURE_TOLERANCE_S = 300
"""How far ahead of our clock an event may be: two clocks, each up to 150 s wrong, still agree."""


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One event of a document, in the shape of EPCIS 2.0 JSON-LD, and what was found wrong with it.

    ``position`` counts from 0 in the document's event list, ``path`` and ``line`` say where it stands. ``rejection`` is
    why it is not accepted, or None; ``violations`` are all faults: the reasons in strict reading, the warnings in
    lenient reading. A rejected entry that is no object at all has an empty ``event``.
    """

    position: int
    path: str
    line: int | None
    event: dict[str, Any]
    violations: tuple[Violation, ...] = ()
    rejection: Violation | None = None

    @property
    def event_id(self) -> str | None:
        """The eventID it came with."""
        value = self.event.get("eventID")
        return value if isinstance(value, str) and value else None

    @property
    def is_accepted(self) -> bool:
        """Whether it can be stored."""
        return self.rejection is None

    @property
    def warnings(self) -> tuple[Violation, ...]:
        """The deviations it was accepted with; none for a rejected one, whose faults are its ``violations``."""
        return self.violations if self.is_accepted else ()


@dataclass(frozen=True, slots=True)
class Intake:
    """How the events of one document are judged."""

    strict: bool
    clock: Clock
    notation: Notation = Notation.JSON_2_0
    context: Context = Context({})  # noqa: RUF009 - an immutable value

    def judge(
        self, value: Any, position: int, path: str, line: int | None = None, more: Iterable[Violation] = ()
    ) -> RawEvent:
        """``value`` as an event of the document; ``more`` are faults that its reader already found."""
        if not isinstance(value, Mapping):
            fault = Violation(path, f"expected an event object, got {shown(value)}")
            return RawEvent(position, path, line, {}, (fault,), fault)
        event = dict(value)
        found = [*more, *violations(event, self.notation, path)]
        event = with_context(event, self.context)
        unfit = _unfit(event, path)
        if unfit is not None:
            return RawEvent(position, path, line, _without_unfit(event), (unfit, *found), unfit)
        found.extend(self._future(event, path))
        if self.strict:
            return RawEvent(position, path, line, event, tuple(found), found[0] if found else None)
        work = repaired(event, path)
        try:
            event_from_epcis(work.event, path)
        except BadInput as error:
            reason = Violation(error.where or path, f"expected {error.expected}, got {shown(error.got)}")
            return RawEvent(position, path, line, event, tuple(found), reason)
        return RawEvent(position, path, line, work.event, _with_repairs(found, work.notes))

    def _future(self, event: Mapping[str, Any], path: str) -> Iterable[Violation]:
        latest = self.clock.now() + timedelta(seconds=FUTURE_TOLERANCE_S)
        moment = _moment(event)
        if moment is not None and moment > latest:
            now = self.clock.now().isoformat(timespec="seconds")
            yield Violation(
                f"{path}.eventTime",
                f"expected a time not later than now ({now}, {FUTURE_TOLERANCE_S} s allowed),"
                f" got {shown(event['eventTime'])}",
            )


def _moment(event: Mapping[str, Any]) -> datetime | None:
    time, offset = event.get("eventTime"), event.get("eventTimeZoneOffset")
    try:
        return parse_time(time, borrowed_offset=offset if isinstance(offset, str) else "")
    except BadInput:
        return None


def _with_repairs(found: list[Violation], notes: Mapping[str, str]) -> tuple[Violation, ...]:
    """The faults found, each with what was done about it, then the repairs that no fault announced."""
    said: set[str] = set()
    out = []
    for one in found:
        done = "" if one.path in said else notes.get(one.path, "")
        if done:
            said.add(one.path)
        out.append(Violation(one.path, f"{one.reason}; {done}") if done else one)
    out.extend(Violation(path, done) for path, done in notes.items() if path not in said)
    return tuple(out)


# ---- what cannot be stored at all


def _unfit(event: Mapping[str, Any], where: str) -> Violation | None:
    """The first number that is none, or text that UTF-8 cannot hold, anywhere in ``event``."""
    if _is_fit(event):
        return None
    waiting: list[tuple[str, Any]] = [(where, event)]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, str):
            if not one.isascii() and _has_surrogate(one):
                return Violation(path, f"expected text that UTF-8 can hold, got {shown(one)}")
        elif isinstance(one, Decimal):
            if not one.is_finite():
                return Violation(path, f"expected a finite number, got {one}")
        elif isinstance(one, Mapping):
            for name, value in one.items():
                if not name.isascii() and _has_surrogate(name):
                    return Violation(path, f"expected names that UTF-8 can hold, got {shown(name)}")
                waiting.append((f"{path}.{name}", value))
        elif isinstance(one, list):
            waiting.extend((f"{path}[{number}]", value) for number, value in enumerate(one))
    return None


def _is_fit(event: Mapping[str, Any]) -> bool:
    """Whether no number and no text in ``event`` is unfit: asked of every event, so it keeps no paths."""
    waiting: list[Any] = [event]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if not one.isascii() and _has_surrogate(one):
                return False
        elif isinstance(one, dict):
            waiting.extend(one)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, Decimal) and not one.is_finite():
            return False
    return True


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _without_unfit(event: Mapping[str, Any]) -> dict[str, Any]:
    """Only what is surely fit to be shown of an event that cannot be stored: its id, type and time."""
    kept = {}
    for name in ("eventID", "type", "eventTime"):
        value = event.get(name)
        if isinstance(value, str) and not _has_surrogate(value):
            kept[name] = value
    return kept
