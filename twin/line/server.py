"""One machine of a station with more than plain service: what it is at, and what comes next.

A load goes through phases: the gate (blocking before service), set-up, material, work, out. Breakdowns, the end of the
hours and a stop from outside halt it in whatever phase it is; it goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from twin.line.features import Breakdowns, SetUp
from twin.line.places import (
    BLOCKED,
    CLOSED,
    DOWN,
    SETTING_UP,
    STARVED,
    STATES,
    WAITING_MATERIAL,
    WORKING,
    Load,
    Node,
    Place,
)

if TYPE_CHECKING:
    from twin.line.line import Line

EMPTY, GATE, SET_UP, MATERIAL, WORK, OUT = range(6)
_STATE_OF = (STARVED, BLOCKED, SETTING_UP, WAITING_MATERIAL, WORKING, BLOCKED)


class Keeper(Protocol):
    """What a machine asks its station."""

    line: Line
    name: str
    breakdowns: tuple[Breakdowns, ...]
    set_up: SetUp | None
    asks_before: bool
    next_set_up: Callable[[], float]

    @property
    def accepts(self) -> bool:
        """Whether a load may begin."""

    @property
    def is_halted(self) -> bool:
        """Whether what is under way stands still."""

    @property
    def works(self) -> bool:
        """Whether work of the caller's says what becomes of a load."""

    def target_of(self, load: Load) -> Node:
        """Where ``load`` goes on."""

    def seconds_of(self, load: Load) -> float:
        """How long ``load`` takes; below 0 where it cannot begin."""

    def results_of(self, load: Load, count: int, begin_s: float) -> list[Load]:
        """What goes on of ``load``, which is finished."""

    def gave(self) -> None:
        """A load has left."""

    def scrapped(self, load: Load, count: int) -> None:
        """A breakdown has spoilt ``load``."""

    def emptied(self) -> None:
        """The machine is empty: let in the next."""

    def moved_up(self) -> Place:
        """The machine is empty: let in the next that waits inside; gives the station, whose givers are told next."""


class Server:
    """A machine of ``station``. ``load`` is what is in it, ``count`` so many loads; ``out`` what is finished of it."""

    __slots__ = (
        "_asked",
        "_at",
        "_began",
        "_failing",
        "_granted",
        "_is_running",
        "_is_set_up",
        "_kernel",
        "_key",
        "_left",
        "_made",
        "_run",
        "_since",
        "_station",
        "_timer",
        "_total",
        "_wears",
        "count",
        "down",
        "load",
        "out",
        "phase",
        "spent",
        "state",
    )

    def __init__(self, station: Keeper, number: int) -> None:
        self._station = station
        self._kernel = station.line.kernel
        self._timer = self._due
        self._is_running = False
        self._run = self._left = self._total = self._began = 0.0
        self._failing: Wear | None = None
        self._asked = self._granted = False
        self._at: Node | None = None
        self._is_set_up = False
        self._key: object = None
        self._made = 0
        self.load: Load = None
        self.count = 0
        self.out: list[Load] = []
        self.phase = EMPTY
        self.down = 0
        self.state = STARVED if station.accepts else CLOSED
        self.spent = [0.0] * len(STATES)
        self._since = self._kernel.now
        names = [f"{station.name}/{number}/breakdown {one}" for one in range(len(station.breakdowns))]
        self._wears = [Wear(self, station, spec, name) for spec, name in zip(station.breakdowns, names, strict=True)]

    @property
    def is_ready(self) -> bool:
        """Whether it could take a load now, if its station is open."""
        return self.phase == EMPTY and not self.down

    @property
    def occupied(self) -> int:
        """Loads in it."""
        return len(self.out) if self.phase == OUT else self.count

    def take(self, load: Load, count: int) -> None:
        """Begin with ``load``, which is ``count`` loads."""
        self.load, self.count = load, count
        self.phase = GATE
        self.go_on()

    def go_on(self) -> None:
        """Go on from where it stands, as far as that is possible now."""
        if not self.down and not self._station.is_halted:
            if self.phase == GATE and self._may_begin():
                self._prepare()
            if self.phase == MATERIAL:
                self._begin()
            if self.phase == WORK or (self.phase == SET_UP and self._granted):
                self._start()
        self.show()

    def _may_begin(self) -> bool:
        """Whether there is room for what it will finish, where that is asked before service."""
        if not self._station.asks_before:
            return True
        if self._asked:
            return False
        if self._at is None:
            self._at = self._station.target_of(self.load)
        self._asked = isinstance(self._at, Place) and not self._at.has_room(self)
        return not self._asked

    def _prepare(self) -> None:
        """Set up where the load asks for it, else on to its work."""
        spec = self._station.set_up
        self.phase = MATERIAL
        if spec is None:
            return
        key = None if spec.key is None else spec.key(self.load)
        ends_campaign = spec.campaign is not None and self._made >= spec.campaign
        is_ready = not self._is_set_up or not (key != self._key or ends_campaign)
        self._is_set_up, self._key = True, key
        if is_ready:
            return
        self.phase = SET_UP
        self._made = 0
        self._left = self._station.next_set_up()
        self._granted = spec.crew is None
        if spec.crew is not None:
            spec.crew.request(self._set_up_granted)

    def _set_up_granted(self) -> None:
        self._granted = True
        self.go_on()

    def _begin(self) -> None:
        seconds = self._station.seconds_of(self.load)
        if seconds >= 0:
            self.phase = WORK
            self._left = self._total = seconds
            self._began = self._kernel.now

    def _start(self) -> None:
        """Run until the work is done or the next breakdown is due; at the same moment the work is done first."""
        if self._is_running:
            return
        self._run, self._failing = self._left, None
        if self.phase == WORK:
            for wear in self._wears:
                if wear.left < self._run:
                    self._run, self._failing = wear.left, wear
        self._is_running = True
        self._kernel.call_in(self._run, self._timer)

    def _ran(self, seconds: float) -> None:
        self._is_running = False
        self._left -= seconds
        if self.phase == WORK:
            for wear in self._wears:
                wear.left -= seconds

    def halt(self) -> None:
        """Stop where it stands."""
        if self._is_running:
            self._ran(self._run - self._kernel.cancel(self._timer))
        self.show()

    def _due(self) -> None:
        failing = self._failing
        self._ran(self._run)
        if failing is not None:
            failing.fail()
        elif self.phase == SET_UP:
            self._set_up_done()
        else:
            self._finish()

    def _set_up_done(self) -> None:
        spec = self._station.set_up
        assert spec is not None
        self.phase = MATERIAL
        if spec.done is not None:
            spec.done(self.load)
        if spec.crew is not None:
            spec.crew.release()
        self.go_on()

    def _finish(self) -> None:
        self._made += self.count
        self.out = self._station.results_of(self.load, self.count, self._began)
        self.phase = OUT
        if self._station.works:
            self._at = None  # work may send a load elsewhere than where room was asked for
        if self._pass_on():
            self._station.emptied()

    def _pass_on(self) -> bool:
        """Give on what is finished; False where something is left."""
        while self.out:
            node = self._at or self._station.target_of(self.out[0])
            self._at = None
            if not node.offer(self.out[0], self):
                self._at = node
                self.show()
                return False
            self.out.pop(0)
            self._station.gave()
        self._vacate()
        return True

    def _vacate(self) -> None:
        self.load, self.count, self._at = None, 0, None
        self.phase = EMPTY
        self.show()

    def room(self, node: Node) -> Place | None:
        """There is room for what it finished, or will finish."""
        self._asked = False
        if self.phase == GATE:
            self.go_on()
            return None
        if not self._pass_on():
            return None
        return self._station.moved_up()

    def fail(self, policy: str) -> None:
        """Break down; ``policy`` says what becomes of the load that is worked on."""
        self.halt()
        self.down += 1
        if self.phase == WORK and policy == "restarted":
            self._left = self._total
        elif self.phase == WORK and policy == "scrapped":
            self._station.scrapped(self.load, self.count)
            self._vacate()
        self.show()

    def mended(self) -> None:
        """Repaired: on from where it stands."""
        self.down -= 1
        self.go_on()
        if self.phase == EMPTY:
            self._station.emptied()

    def show(self) -> None:
        """Note the time in the present state, if that has changed."""
        state = _STATE_OF[self.phase]
        if self.down:
            state = DOWN
        elif self._is_closed():
            state = CLOSED
        if state != self.state:
            now = self._kernel.now
            self.spent[self.state] += now - self._since
            self.state, self._since = state, now

    def _is_closed(self) -> bool:
        if self.phase == EMPTY:
            return not self._station.accepts
        return self.phase != OUT and self._station.is_halted

    def times(self) -> list[float]:
        """Seconds in each state up to now."""
        times = self.spent.copy()
        times[self.state] += self._kernel.now - self._since
        return times

    def waits_on(self) -> tuple[Node, ...] | None:
        """The node it is blocked by; none where it waits for material; None where it goes on by itself."""
        if self.phase == MATERIAL and not self.down:
            return ()
        is_blocked = self.phase == OUT or (self.phase == GATE and self._asked)
        return (self._at,) if is_blocked and self._at is not None else None


class Wear:
    """A way in which one machine fails; ``left``: working time to its next failure, infinite where a clock counts."""

    __slots__ = ("_every", "_repair", "_server", "_spec", "_station", "left")

    def __init__(self, server: Server, station: Keeper, spec: Breakdowns, name: str) -> None:
        self._server = server
        self._station = station
        self._spec = spec
        self._every: Callable[[], float] = station.line.sampler(spec.every, f"{name}/every")
        self._repair: Callable[[], float] = station.line.sampler(spec.repair, f"{name}/repair")
        self.left = float("inf")
        self._wind_up()

    def _wind_up(self) -> None:
        if self._spec.counts == "working":
            self.left = self._every()
        else:
            self._station.line.kernel.call_in(self._every(), self.fail)

    def fail(self) -> None:
        """It happens."""
        self._server.fail(self._spec.load)
        if self._spec.crew is None:
            self._begin()
        else:
            self._spec.crew.request(self._begin)

    def _begin(self) -> None:
        self._station.line.kernel.call_in(self._repair(), self._end)

    def _end(self) -> None:
        if self._spec.crew is not None:
            self._spec.crew.release()
        self._wind_up()
        self._server.mended()
