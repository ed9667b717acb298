"""What comes into a run from outside: an order more, a station stopped, a fault switched on, a remark.

Each is logged with the simulated time at which it took effect, as one line of JSON. A run that is given such a log does
the same at the same moments, so that a session in real time is repeated to the byte as fast as possible.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from plant_models.amounts import Amount, parse_amount
from trace_core.errors import BadInput, DocumentError, UnknownName

if TYPE_CHECKING:
    from twin.floor import Floor
    from twin.plant import Plant

SCHEMA = "tracetwin/inputs/1"

MAX_INPUTS = 1_000_000
"""Lines a log may have: a person who acts every second for eleven days."""


@dataclass(frozen=True, slots=True)
class ExtraOrder:
    """One more order, besides what the plan releases: of ``orders`` by name, or a product of the plan.

    ``amount`` (``200 kg``) is what the declaration says where it is "".
    """

    name: str
    amount: str = ""


@dataclass(frozen=True, slots=True)
class StationStopped:
    """``station`` begins nothing more, and what is on it stands, until it is resumed."""

    station: str


@dataclass(frozen=True, slots=True)
class StationResumed:
    """``station`` goes on."""

    station: str


@dataclass(frozen=True, slots=True)
class FaultSwitched:
    """A declared fault, by its name, hits from now on (``on``) or no longer."""

    fault: str
    on: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wanted to be remembered of this moment; nothing in the plant changes."""

    text: str


Action: TypeAlias = ExtraOrder | StationStopped | StationResumed | FaultSwitched | Remark

_KINDS: Mapping[str, type[Action]] = {
    "order": ExtraOrder,
    "stop": StationStopped,
    "resume": StationResumed,
    "fault": FaultSwitched,
    "remark": Remark,
}
_WORDS = {kind: word for word, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class ExternalInput:
    """``action`` took effect ``time_s`` after the start, once all that was due by then had happened."""

    time_s: float
    action: Action

    def to_dict(self) -> dict[str, Any]:
        """Its line of a log."""
        action = self.action
        return {"time_s": self.time_s, "input": _WORDS[type(action)], **msgspec.to_builtins(action)}


@dataclass(slots=True)
class InputLog:
    """The inputs of one run: ``ahead`` those still to come of an earlier session, ``done`` those that took effect."""

    ahead: deque[ExternalInput]
    done: list[ExternalInput] = field(default_factory=list)

    @classmethod
    def of(cls, inputs: Iterable[ExternalInput]) -> InputLog:
        """A log of what is to come; BadInput where times are negative or go back."""
        ahead, last_s = deque(inputs), 0.0
        for number, one in enumerate(ahead):
            if not last_s <= one.time_s < inf:
                expected = f"a time of at least {last_s} s, as inputs stand in the order in which they took effect"
                raise BadInput(expected, one.time_s, f"input {number + 1}")
            last_s = one.time_s
        return cls(ahead)

    @property
    def next_s(self) -> float:
        """When the next one is due."""
        return self.ahead[0].time_s if self.ahead else inf

    def due(self, moment_s: float) -> ExternalInput | None:
        """The next one, taken off the list, where it is due by ``moment_s``."""
        return self.ahead.popleft() if self.next_s <= moment_s else None

    def note(self, done: ExternalInput) -> None:
        """``done`` has taken effect."""
        self.done.append(done)


Effect = Callable[[], object]


def effect_of(action: Action, floor: Floor, plant: Plant) -> Effect:
    """What ``action`` does to this plant, not done yet; UnknownName where the plant has no such thing."""
    match action:
        case ExtraOrder(name, amount):
            return _order(name, amount, plant)
        case StationStopped(station):
            return _station(station, plant, "stop")
        case StationResumed(station):
            return _station(station, plant, "resume")
        case FaultSwitched(fault, on):
            return _switch(fault, floor, on=on)
        case Remark():
            return _nothing


def _nothing() -> None:
    return None


def _order(name: str, text: str, plant: Plant) -> Effect:
    if name not in plant.orderable:
        raise UnknownName("order or product of the plan", name, plant.orderable, "extra order")
    amount = _amount(text) if text else None
    return lambda: plant.add_order(name, amount)


def _amount(text: str) -> Amount:
    from pydantic_core import PydanticCustomError

    try:
        return parse_amount(text)
    except PydanticCustomError as error:
        raise BadInput(error.message(), text, "extra order") from error


def _station(name: str, plant: Plant, act: Literal["stop", "resume"]) -> Effect:
    station = plant.stations.get(name)
    if station is None:
        raise UnknownName("station that can be stopped", name, plant.stations, act)
    return station.stop if act == "stop" else station.resume


def _switch(name: str, floor: Floor, *, on: bool) -> Effect:
    for holder in (floor.observer, floor.conduct):
        if name in holder.switchable:
            return lambda: holder.switch(name, on=on)
    known = [*floor.observer.switchable, *floor.conduct.switchable]
    raise UnknownName("fault of this run", name, known, "switch a fault")


# ---- as a file


def heading(plant: str, plant_hash: str, seed: int) -> str:
    """The first line of a log: of which run it is."""
    return _line({"schema": SCHEMA, "plant": plant, "plant_hash": plant_hash, "seed": seed})


def line_of(one: ExternalInput) -> str:
    """One input as its line of a log, end of line included."""
    return _line(one.to_dict())


def _line(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


def read_inputs(text: str, source: str, plant: str = "", seed: int | None = None) -> tuple[ExternalInput, ...]:
    """The inputs of a log; with ``plant`` and ``seed``, BadInput where it tells of another run.

    DocumentError with the line where it is no log.
    """
    lines = text.split("\n")  # not splitlines: a remark may hold other ends of lines
    if len(lines) > MAX_INPUTS:
        raise DocumentError(f"at most {MAX_INPUTS} lines", len(lines), source)
    _check_heading(_tree(lines[0] if lines else "", f"{source}, line 1"), source, plant, seed)
    return tuple(_read(line, f"{source}, line {number}") for number, line in enumerate(lines[1:], 2) if line.strip())


def _tree(line: str, where: str) -> dict[str, Any]:
    try:
        tree = json.loads(line)
    except ValueError as error:
        raise DocumentError("a line of JSON", line, where) from error
    if not isinstance(tree, dict):
        raise DocumentError("a JSON object", tree, where)
    return tree


def _check_heading(tree: Mapping[str, Any], source: str, plant: str, seed: int | None) -> None:
    if tree.get("schema") != SCHEMA:
        raise DocumentError(f'a log of inputs: {{"schema": "{SCHEMA}"}} first', tree, f"{source}, line 1")
    for key, ours in (("plant", plant or None), ("seed", seed)):
        held = tree.get(key)
        if ours is not None and held is not None and held != ours:
            remedy = f"run the {key} it was logged of, or take the {key} out of its first line"
            raise BadInput(f"inputs of {key} {ours!r}", held, f"{source}, line 1", remedy)


def _read(line: str, where: str) -> ExternalInput:
    tree = _tree(line, where)
    time_s, word = tree.pop("time_s", None), tree.pop("input", None)
    if not isinstance(time_s, int | float) or isinstance(time_s, bool):
        raise DocumentError("time_s: seconds from the start of the run", time_s, where)
    if word not in _KINDS:
        raise DocumentError(f"input: one of {', '.join(_KINDS)}", word, where)
    return ExternalInput(float(time_s), action_from(word, tree, where))


def action_from(word: str, values: Mapping[str, Any], where: str) -> Action:
    """The action called ``word`` (order, stop, resume, fault, remark) with these values; DocumentError where none."""
    kind = _KINDS[word]
    if unknown := set(values) - set(kind.__slots__):
        raise DocumentError(f"{word} with {', '.join(kind.__slots__)}", sorted(unknown), where)
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise DocumentError(f"{word} with {', '.join(kind.__slots__)}", str(error), where) from error
