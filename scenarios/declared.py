"""Declared files (scenarios, faults) as checked values: all faults of a file at once, each with its path."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Sequence
from datetime import timedelta
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from trace_core.errors import DocumentError, Fault, LimitExceeded, SpecError, near_names

MAX_CHARACTERS = 1_000_000
"""A declared file is written by hand; a megabyte is more than a thousand pages of it."""

MAX_DEPTH = 50
"""Levels of nesting; the deepest shape that means something has five."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d|w)\Z", re.ASCII)
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_EXPECTED = {
    "missing": "a value here",
    "extra_forbidden": "no such key",
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}

Declared = TypeVar("Declared")


class Strict(BaseModel):
    """What every declared mapping is: no unknown keys, no silent conversions, never changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def parse_duration(text: object) -> timedelta:
    """The length of time ``text`` names: ``90s``, ``30min``, ``6h``, ``12d``, ``2w``; above zero, at most 100 years."""
    if isinstance(text, timedelta):
        seconds = text.total_seconds()
    else:
        match = _DURATION.match(text) if isinstance(text, str) else None
        seconds = float(match.group(1)) * _SECONDS[match.group(2)] if match else 0.0
    if not 0.0 < seconds <= 100 * 365.25 * 86400:
        raise PydanticCustomError("duration", "a duration above zero and up to 100 years such as 30min, 6h or 12d")
    return timedelta(seconds=seconds)


def format_duration(duration: timedelta) -> str:
    """``duration`` as :func:`parse_duration` reads it, in the largest unit that goes in evenly: ``36h``, ``12d``."""
    seconds = duration.total_seconds()
    for unit in ("d", "h", "min"):
        if not seconds % _SECONDS[unit]:
            return f"{seconds / _SECONDS[unit]:.0f}{unit}"
    return f"{seconds:g}s"


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
"""A declared length of time, see :func:`parse_duration`."""


def read_yaml(text: str, source: str) -> object:
    """The plain tree of a YAML text. Aliases and keys given twice are refused: it stands once, in full."""
    if len(text) > MAX_CHARACTERS:
        raise LimitExceeded(f"at most {MAX_CHARACTERS} characters", len(text), source)
    try:
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader, made stricter
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{source}, line {mark.line + 1}, column {mark.column + 1}" if mark else source
        raise DocumentError("YAML", error.problem or str(error), where) from error
    except yaml.YAMLError as error:
        raise DocumentError("YAML", str(error), source) from error


def validate(kind: type[Declared] | Any, tree: object, source: str) -> Declared:
    """``tree`` as a value of ``kind`` (a model, or a list of one); every fault at once as :class:`SpecError`."""
    adapter: TypeAdapter[Declared] = TypeAdapter(kind)
    try:
        return adapter.validate_json(json.dumps(tree, default=str))
    except ValidationError as error:
        faults = [fault for detail in error.errors() for fault in _faults_from(detail, tree)]
        raise SpecError(source, faults) from error


def faulty_keys(problems: Sequence[tuple[str, str, str]]) -> PydanticCustomError:
    """The error of a mapping whose keys do not fit each other: key, what was expected, and what to do, for each."""
    return PydanticCustomError("faulty_keys", "keys that fit each other", {"problems": list(problems)})


def _faults_from(detail: ErrorDetails, tree: object) -> list[Fault]:
    if detail["type"] != "faulty_keys":
        return [_fault_from(detail, tree)]
    path = _path(detail)
    given = detail["input"] if isinstance(detail["input"], dict) else {}
    problems = detail["ctx"]["problems"]
    return [Fault(f"{path}.{key}", expected, given.get(key, "nothing"), remedy) for key, expected, remedy in problems]


def _path(detail: ErrorDetails) -> str:
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in detail["loc"])


def _fault_from(detail: ErrorDetails, tree: object) -> Fault:
    kind = detail["type"]
    path = _path(detail)
    if kind == "missing":
        return Fault(path, _EXPECTED[kind], "nothing", "add the key")
    if kind == "extra_forbidden":
        return Fault(path, _EXPECTED[kind], detail["loc"][-1], "take it out, or mend its spelling")
    expected = _EXPECTED.get(kind) or _first_lower(detail["msg"])
    remedy = ""
    choices = re.findall(r"'([^']+)'", str(detail.get("ctx", {}).get("expected", "")))
    if choices and isinstance(detail["input"], str) and (near := near_names(detail["input"], choices)):
        remedy = f"did you mean {' or '.join(near)}?"
    return Fault(path, expected, detail["input"], remedy)


def _first_lower(message: str) -> str:
    message = message.removeprefix("Value error, ").removeprefix("Input should be ")
    return message[:1].lower() + message[1:]


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader without aliases, duplicate keys, or nesting deeper than ``MAX_DEPTH``."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.MarkedYAMLError(None, None, "an alias; write the value out", mark)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(None, None, f"more than {MAX_DEPTH} levels", mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"the key {key.value!r} twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)
