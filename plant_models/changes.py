"""A plant file with other values at named places: the arms of an experiment, one machine faster, ten times the orders.

A path names keys from the top (``operations.turning.takes``), with numbers for what stands in a list
(``machines.oven.breakdowns[0].repair``). What comes of it is checked as a plant file is.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from plant_models.plant_file import load, tree_of
from plant_models.spec import PlantSpec
from trace_core.errors import Fault, SpecError, near_names

_STEP = re.compile(r"[^.\[\]]+|\[\d+\]")


def changed(text: str, source: str, changes: Mapping[str, object]) -> PlantSpec:
    """The plant that ``text`` declares, with each path of ``changes`` set to its value.

    SpecError with all paths that lead nowhere, or with every fault of the plant that came of it.
    """
    if not changes:
        return load(text, source)
    return load(json.dumps(with_changes(tree_of(text, source), source, changes)), source)


def with_changes(tree: Any, source: str, changes: Mapping[str, object]) -> Any:
    """A copy of ``tree`` (mappings, lists, plain values) with each path set; SpecError with all that lead nowhere.

    Everything before the last step must be there; the last may be a key that the file leaves out.
    """
    fresh = copy.deepcopy(tree)
    if faults := [fault for path, value in changes.items() if (fault := _set(fresh, path, value)) is not None]:
        raise SpecError(source, faults)
    return fresh


def _set(tree: Any, path: str, value: object) -> Fault | None:
    steps = _STEP.findall(path.removeprefix("$."))
    if not steps or not re.fullmatch(r"[^.\[\]]+(\.[^.\[\]]+|\[\d+\])*", path.removeprefix("$.")):
        return Fault(path, "a path such as operations.turning.takes or breakdowns[0].repair", path)
    around, where = tree, "$"
    for step in steps[:-1]:
        if (fault := _missing(around, step, where)) is not None:
            return fault
        around, where = _at(around, step), _joined(where, step)
    last = steps[-1]
    if isinstance(around, dict) and not last.startswith("["):
        around[last] = value
        return None
    if (fault := _missing(around, last, where)) is not None:
        return fault
    around[int(last[1:-1])] = value
    return None


def _at(around: Any, step: str) -> Any:
    return around[int(step[1:-1])] if step.startswith("[") else around[step]


def _joined(where: str, step: str) -> str:
    return f"{where}{step}" if step.startswith("[") else f"{where}.{step}"


def _missing(around: Any, step: str, where: str) -> Fault | None:
    """What is wrong with going on by ``step``; None where it leads somewhere."""
    if step.startswith("["):
        if not isinstance(around, list):
            return Fault(where, "a list to count in", around, "name a key instead of a number")
        if int(step[1:-1]) >= len(around):
            return Fault(where, f"a number below {len(around)} in brackets", step)
        return None
    if not isinstance(around, dict):
        return Fault(where, f"a mapping with the key {step!r}", around)
    if step in around:
        return None
    near = near_names(step, [str(key) for key in around])
    known = f"one of {', '.join(map(str, around))}" if around else "there is none yet"
    remedy = f"did you mean {' or '.join(near)}?" if near else known
    return Fault(_joined(where, step), f"a key of {where}", step, remedy)
