"""People who repair and set up: so many at a time, first come, first served."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from trace_core.errors import BadInput

if TYPE_CHECKING:
    from twin.line.line import Line


class Crew:
    """``size`` people shared by the stations of a line; each job takes one of them."""

    __slots__ = ("_kernel", "_waiting", "_worked", "began", "busy", "name", "size")

    def __init__(self, line: Line, name: str, size: int = 1) -> None:
        if size < 1:
            raise BadInput("a crew of at least 1", size, f"crew {name}")
        self._kernel = line.kernel
        self.name = name
        self.size = size
        self.busy = 0
        self.began = line.kernel.now
        self._worked = 0.0
        self._waiting: deque[Callable[[], object]] = deque()

    def request(self, granted: Callable[[], object]) -> None:
        """Ask for one of them: ``granted`` is called when one is free, at once where one is."""
        if self.busy < self.size:
            self._begin(granted)
        else:
            self._waiting.append(granted)

    def _begin(self, granted: Callable[[], object]) -> None:
        self.busy += 1
        self._worked -= self._kernel.now
        granted()

    def release(self) -> None:
        """One of them is done: the next job, if there is one."""
        assert self.busy, f"crew {self.name}: released more often than granted"
        self.busy -= 1
        self._worked += self._kernel.now
        if self._waiting:
            self._begin(self._waiting.popleft())

    @property
    def waiting(self) -> int:
        """Jobs that wait for one of them."""
        return len(self._waiting)

    @property
    def utilisation(self) -> float:
        """The part of their time they worked."""
        now = self._kernel.now
        return (self._worked + self.busy * now) / ((now - self.began) * self.size)
