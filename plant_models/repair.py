"""A stand-in for a plant file with malformed parts, so that what stands between its sound parts is checked as well.

Refused values are replaced by samples until the whole is well formed, twice and with different samples: a fault that is
found both times, and not at a replaced value, does not come from the samples.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from plant_models.references import faults_between
from plant_models.spec import PlantSpec
from trace_core.errors import Fault

_Steps = tuple[int | str, ...]

_FIRST: tuple[Any, ...] = (
    *("1 h", "1 kg", "1 kg/h", "06:00", "mon", "952100", "09521001000000", "9521001000000", "2026-01-01T00:00:00Z"),
    *("UTC", "x", 1, 0.5, True, "fifo", {}, [], ["x"], ["mon"], [{}], {"x": {}}, {"x": "1 kg"}, {"x": 1}),
)
_SECOND: tuple[Any, ...] = (
    *("2 h", "7 kg", "7 kg/h", "07:00", "tue", "952200", "09521001000017", "9521001000017", "2026-02-02T00:00:00Z"),
    *("Asia/Tokyo", "y", 3, 0.25, False, "fefo", {}, [], ["y"], ["tue"], [{}], {"y": {}}, {"y": "7 kg"}, {"y": 3}),
)
"""One sample of every form a value of a plant file can have, and another one."""

_MOST_ROUNDS = 200


def faults_of_the_sound_parts(values: Any, error: ValidationError) -> list[Fault]:
    """Faults between the parts of ``values`` that ``error`` does not touch; none where too little is sound."""
    found: list[list[Fault]] = []
    for samples in (_FIRST, _SECOND):
        repaired = copy.deepcopy(values)
        replaced = _repair(repaired, error, samples)
        if replaced is None or any(_is_list_of_names(_at(repaired, steps)) for steps in replaced):
            return []
        spec = PlantSpec.model_validate_json(json.dumps(repaired))
        found.append([fault for fault in faults_between(spec) if not _stands_in(fault, replaced)])
    return [fault for fault in found[0] if fault in found[1]]


def _repair(values: Any, error: ValidationError, samples: Sequence[Any]) -> set[_Steps] | None:
    """Replace what ``error`` refuses, and what is refused after that; gives what was, None where it fails."""
    replaced: set[_Steps] = set()
    tried: dict[_Steps, int] = {}
    for _ in range(_MOST_ROUNDS):
        for detail in error.errors(include_url=False, include_context=False):
            steps = detail["loc"]
            if detail["type"] == "extra_forbidden" or steps[-1:] == ("[key]",):
                holder = _at(values, steps[:-1] if detail["type"] == "extra_forbidden" else steps[:-2])
                holder.pop(steps[-1] if detail["type"] == "extra_forbidden" else steps[-2], None)
                continue
            while steps and not isinstance(_at(values, steps[:-1]), dict | list):
                steps = steps[:-1]  # a bare duration stands for a law with a mean
            turn = tried.get(steps, 0)
            if turn == len(samples) or not steps:
                return None
            replaced.add(steps)
            holder = _at(values, steps[:-1])
            key: Any = steps[-1]
            holder[key] = copy.deepcopy(_sample(detail["type"], str(detail["msg"]), samples, turn))
            tried[steps] = turn + 1
        try:
            PlantSpec.model_validate_json(json.dumps(values))
        except ValidationError as again:
            error = again
        else:
            return replaced
    return None


def _sample(kind: str, message: str, samples: Sequence[Any], turn: int) -> Any:
    """One of the words that the message lists where only some are allowed, else the next sample."""
    allowed = re.findall("'([^']+)'", message) if kind == "literal_error" else []
    return allowed[0 if samples is _FIRST else -1] if allowed else samples[turn]


def _at(values: Any, steps: _Steps) -> Any:
    for step in steps:
        try:
            values = values[step]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def _is_list_of_names(value: Any) -> bool:
    """Whether a sample stands for names that others may refer to: what they miss then, the file may well have."""
    return isinstance(value, list) or (isinstance(value, dict) and not value.keys() - {"x", "y"})


def _stands_in(fault: Fault, replaced: set[_Steps]) -> bool:
    for steps in replaced:
        path = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
        if fault.path.startswith(path):
            return True
    return False
