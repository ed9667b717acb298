"""A run at a speed, with a person at the keyboard: pause, speed, orders, stops, faults; every input is logged.

What is typed is a line of words: ``pause``, ``resume``, ``step``, ``speed 60``, ``order NAME [AMOUNT]``,
``stop STATION``, ``resume STATION``, ``fault NAME on|off``, ``remark TEXT``.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TextIO

from testbed.output import say
from trace_core.errors import BadInput, TracetwinError, UnknownName

if TYPE_CHECKING:
    from twin import TwinRun
    from twin.drive import Paced
    from twin.inputs import Action, ExternalInput
    from twin.simulation import Running

WORDS = ("pause", "resume", "step", "speed", "order", "stop", "fault", "remark")

_WITH_AMOUNT = re.compile(r"(.+?) +(\d+(?:\.\d+)? ?[^\W\d]\S*)")
"""An order with how much of it: ``rings 200 piece``."""

Note = Callable[["ExternalInput"], object]


def speed_of(text: str) -> float | None:
    """Simulated seconds a second; None for ``max``."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError as error:
        expected = "max, or how many simulated seconds a second takes (1 is real time)"
        raise BadInput(expected, text, "--speed") from error
    from twin.drive import FASTEST

    if not 0.0 < speed <= FASTEST:
        raise BadInput(f"max, or a speed above 0 and up to {FASTEST:,.0f} simulated seconds a second", text, "--speed")
    return speed


def run_live(running: Running, speed: float, note: Note | None, lines: TextIO | None = None) -> tuple[TwinRun, float]:
    """Run at ``speed`` while commands are read from ``lines`` (the keyboard); gives also how far it was behind at most.

    ``note`` is told each input; without one inputs are refused, as nobody could repeat the run.
    """
    return asyncio.run(_session(running, speed, note, sys.stdin if lines is None else lines))


async def _session(running: Running, speed: float, note: Note | None, lines: TextIO) -> tuple[TwinRun, float]:
    from twin.drive import Paced

    paced, loop = Paced(running, speed), asyncio.get_running_loop()

    def typed(line: str) -> None:
        try:
            told = obey(paced, line, note)
        except TracetwinError as error:
            told = str(error)
        if told:
            say(told)

    def read() -> None:
        with contextlib.suppress(RuntimeError, ValueError, OSError):  # the loop or the keyboard is closed: the end
            for line in lines:
                loop.call_soon_threadsafe(typed, line)

    Thread(target=read, daemon=True).start()  # asyncio cannot wait for a keyboard on every system
    return await paced.run(), paced.most_behind_s


def obey(paced: Paced, line: str, note: Note | None) -> str:
    """Do what a line says; gives what to tell the person. UnknownName and BadInput where it cannot be done."""
    word, _, rest = line.strip().partition(" ")
    rest = rest.strip()
    match word:
        case "":
            return ""
        case "pause":
            paced.pause()
        case "resume" if not rest:
            paced.resume()
        case "step":
            paced.step()
        case "speed":
            paced.change_speed(speed_of(rest) or 0.0)
        case "order" | "stop" | "resume" | "fault" | "remark":
            _apply(paced, action_of(word, rest), note)
        case _:
            raise UnknownName("command", word, WORDS)
    behind = f", {paced.lag_s:.1f} s behind" if paced.lag_s else ""
    return f"at {paced.running.now_s:,.3f} s{behind}: {line.strip()}"


def _apply(paced: Paced, action: Action, note: Note | None) -> None:
    if note is None:
        raise BadInput("--inputs FILE, so that what you do can be repeated", "none", "an input from outside")
    note(paced.apply(action))


def action_of(word: str, rest: str) -> Action:
    """The input that a line of words names."""
    from twin.inputs import ExtraOrder, FaultSwitched, Remark, StationResumed, StationStopped

    if word == "order":
        match = _WITH_AMOUNT.fullmatch(rest)
        return ExtraOrder(match[1], match[2]) if match else ExtraOrder(rest)
    if word == "stop":
        return StationStopped(rest)
    if word == "resume":
        return StationResumed(rest)
    if word == "remark":
        return Remark(rest)
    fault, _, state = rest.rpartition(" ")
    if state not in {"on", "off"}:
        raise BadInput("fault NAME on, or fault NAME off", rest, "fault")
    return FaultSwitched(fault.strip(), state == "on")


@contextlib.contextmanager
def logged(path: Path | None, heading: str) -> Iterator[Note | None]:
    """A function that writes each input as a line of ``path``, at once; None where there is no path."""
    if path is None:
        yield None
        return
    from twin.inputs import line_of

    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(heading)
        file.flush()

        def note(one: ExternalInput) -> None:
            file.write(line_of(one))
            file.flush()

        yield note
