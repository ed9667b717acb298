"""A conveyor, oven or pipe: loads leave in the order in which they came, each after its time on it (plug flow)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from trace_core.errors import BadInput
from twin.line.places import BLOCKED, CLOSED, STARVED, STATES, WAITING_MATERIAL, WORKING, Giver, Load, Node, let_in
from twin.line.station import Station

if TYPE_CHECKING:
    from twin.line.line import Line


class Conveyor(Station):
    """Carries up to ``holds`` loads of ``line``; ``options`` are ``takes``, ``work`` and ``then`` of `Station`.

    When the first load cannot leave, all stand still and none comes on; where it ``accumulates``, those behind move on
    until they close up. A load whose time is shorter than that of the one before leaves right behind it. One whose work
    cannot begin waits where the belt begins, and none comes on behind it. It is ``working`` while it carries loads.
    """

    __slots__ = (
        "_accumulates",
        "_at",
        "_belt",
        "_call",
        "_entry",
        "_held",
        "_holds",
        "_is_due",
        "_is_stopped",
        "_out",
        "_since",
        "_spent_in",
        "_standing_s",
        "_state",
        "_stood_s",
    )

    def __init__(self, line: Line, name: str, *, holds: int, accumulates: bool = False, **options: Any) -> None:
        super().__init__(line, name, waiting=0, **options)
        if holds < 1:
            raise BadInput("a conveyor that holds at least 1 load", holds, f"conveyor {name}: holds")
        self._holds = holds
        self._accumulates = accumulates
        self._belt: deque[Carried] = deque()
        self._entry: list[Load] = []
        self._out: list[Load] = []
        self._call = self._arrived
        self._is_due = False
        self._standing_s: float | None = None
        self._stood_s = 0.0
        self._is_stopped = False
        self._at: Node | None = None
        self._held = 0.0
        self._state = STARVED
        self._since = self.began
        self._spent_in = [0.0] * len(STATES)

    def is_free(self) -> bool:
        """Whether it would take a load now."""
        return len(self._belt) < self._holds and self._standing_s is None and not self._entry

    def offer(self, load: Load, giver: Giver) -> bool:
        """True: taken; else ``giver`` waits for room."""
        if not self.is_free():
            self.givers.append(giver)
            return False
        self._held -= self._kernel.now
        self._entry = [load]
        self._come_on()
        return True

    def _come_on(self) -> None:
        """The load at the begin of the belt comes on, if its work can begin."""
        load = self._entry[0]
        seconds = self._takes() if self._work is None else self._work.begin(load)
        if seconds < 0:
            self._show()
            return
        self._entry.clear()
        due = self._moved() + seconds
        if self._belt:
            due = max(due, self._belt[-1].due)
        self._belt.append(Carried(load, due, self._kernel.now))
        self._set_out()

    def _moved(self) -> float:
        """Seconds the belt has moved since the start."""
        now = self._kernel.now if self._standing_s is None else self._standing_s
        return now - self._stood_s

    def _set_out(self) -> None:
        """Wait for the first load to arrive at the end, if nothing stands in the way."""
        if self._belt and not self._is_due and not self._out and self._standing_s is None:
            self._is_due = True
            self._kernel.call_in(max(0.0, self._belt[0].due - self._moved()), self._call)
        self._show()

    def _stand(self) -> None:
        """The belt stands still."""
        if self._standing_s is None:
            self._standing_s = self._kernel.now
            if self._is_due:
                self._is_due = False
                self._kernel.cancel(self._call)

    def _move(self) -> None:
        """The belt moves, unless it is stopped or the first load cannot leave."""
        if self._standing_s is not None and not self._is_stopped and (self._accumulates or not self._out):
            self._stood_s += self._kernel.now - self._standing_s
            self._standing_s = None
            if self._entry:
                self._come_on()
        self._set_out()

    def _arrived(self) -> None:
        """The first load is at the end."""
        self._is_due = False
        first, now = self._belt[0], self._kernel.now
        self._finished += 1
        if self._work is None:
            self._log.extend((now, first.since, self._number, first.load))
            self._out = [first.load]
        else:
            self._out = self._results(self._work.end(first.load), 1)
            self._held += (1 - len(self._out)) * now
        if self._give():
            let_in(self)

    def _give(self) -> bool:
        """Give on the first load; False where something is left of it."""
        while self._out:
            node = self._at or self._target(self._out[0])
            self._at = None
            if not node.offer(self._out[0], self):
                self._at = node
                if not self._accumulates:
                    self._stand()
                self._show()
                return False
            self._out.pop(0)
            self._held += self._kernel.now
        self._belt.popleft()
        self._move()
        return True

    def room(self, node: Node) -> Conveyor | None:
        """Where the first load goes there is room."""
        return self if self._give() else None

    def retry(self) -> None:
        """The load that could not come on is asked again, unless the belt stands still."""
        if self._entry and self._standing_s is None:
            self._come_on()
            let_in(self)

    def stop(self) -> None:
        """From outside: the belt stands still until `resume`; what is at its end still leaves where there is room."""
        self._is_stopped = True
        self._stand()
        self._show()

    def resume(self) -> None:
        """From outside: it goes on."""
        self._is_stopped = False
        self._move()
        let_in(self)

    def _show(self) -> None:
        state = BLOCKED if self._out else CLOSED if self._is_stopped else WORKING if self._belt else STARVED
        if state == STARVED and self._entry:
            state = WAITING_MATERIAL
        if state != self._state:
            now = self._kernel.now
            self._spent_in[self._state] += now - self._since
            self._state, self._since = state, now

    @property
    def is_stopped(self) -> bool:
        """Whether it is stopped from outside."""
        return self._is_stopped

    @property
    def occupied(self) -> int:
        """Loads on it."""
        return len(self._entry) + len(self._belt) + max(0, len(self._out) - 1)

    @property
    def states(self) -> tuple[str, ...]:
        """What it is at now."""
        return (STATES[self._state],)

    def _spent(self) -> list[float]:
        spent = self._spent_in.copy()
        spent[self._state] += self._kernel.now - self._since
        return spent

    def load_seconds(self) -> float:
        """Loads on it, integrated over time."""
        return self._held + self.occupied * self._kernel.now + self.queue_seconds()

    def waits_on(self) -> tuple[object, ...] | None:
        """The node that its first load cannot enter."""
        if self._out:
            return (self._at,)
        return () if self._entry and not self._belt else None


class Carried:
    """A load on the belt: when it is due by the belt's clock, and since when it is there."""

    __slots__ = ("due", "load", "since")

    def __init__(self, load: Load, due: float, since: float) -> None:
        self.load = load
        self.due = due
        self.since = since
