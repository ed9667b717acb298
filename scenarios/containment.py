"""How fast a recall stops what is still in our hands: holds ordered one after the other, through the core itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from scenarios.spec import Response
from trace_core.capture.records import Answer, AnswerCode
from trace_core.control.holds import Hold
from trace_core.core import TraceCore
from trace_core.vocabulary.clock import SetClock

WHO = "recall drill"


@dataclass(frozen=True, slots=True)
class Holds:
    """The holds of one recall: when each thing was held, in seconds from the detection, and the core that holds it."""

    held_after_s: Mapping[str, float]
    scope_issued_s: float
    last_s: float
    _core: TraceCore
    _stopped: dict[str, bool] = field(default_factory=dict)

    def covering(self, lot: str, carrier: str) -> float | None:
        """When units of ``lot`` on ``carrier`` (empty = none) were stopped; None where they may still go on.

        What is stopped because of something else it lies in or was made of counts from the last hold.
        """
        direct = [self.held_after_s[one] for one in (lot, carrier) if one in self.held_after_s]
        if direct:
            return min(direct)
        things = [one for one in (lot, carrier) if one]
        return self.last_s if any(self._is_stopped(one) for one in things) else None

    def _is_stopped(self, thing: str) -> bool:
        if thing not in self._stopped:
            answer = self._core.may(thing)
            self._stopped[thing] = isinstance(answer, Answer) and answer.code is AnswerCode.BLOCK
        return self._stopped[thing]


def place_holds(
    core: TraceCore, clock: SetClock, detected: datetime, recall: Mapping[str, Any], response: Response
) -> Holds:
    """Hold everything in the scope, suspects first, then what is certain, then what is possible.

    The first order is given ``decision_s`` after the detection; each takes ``hold_s``, one after the other.
    """
    suspects = [str(one) for one in recall["suspects"]]
    ids = dict.fromkeys([*suspects, *(str(one["id"]) for level in ("certain", "possible") for one in recall[level])])
    held: dict[str, float] = {}
    for number, id in enumerate(ids, start=1):
        after_s = response.decision_s + number * response.hold_s
        clock.set(detected + timedelta(seconds=after_s))
        if isinstance(core.hold(id, who=WHO, why=f"in the recall of {', '.join(suspects)}"), Hold):
            held[id] = after_s
    return Holds(held, response.decision_s, response.decision_s + len(ids) * response.hold_s, core)
