"""The arms of an experiment: every combination of levels, each a plant, chain or line of its own, checked in full."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from plant_models import PlantSpec
from plant_models import load as load_plant
from plant_models import shipped as shipped_plant
from plant_models.changes import with_changes
from plant_models.plant_file import tree_of
from scenarios.declared import validate
from scenarios.declared_fault import DeclaredFault
from scenarios.experiments.chain import Chain, item_of, plant_of
from scenarios.experiments.lines import LineModel
from scenarios.experiments.spec import FAULTS, MAX_ARMS, Experiment
from scenarios.faults import check_faults
from trace_core.errors import DocumentError, Fault, LimitExceeded, SpecError, UnknownName

_YAML = (".yaml", ".yml")
_MODELS = ("chain", "line", FAULTS)


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to run: its level of each factor, and what is run, as JSON that any process can read.

    ``plant`` is a plant's declaration or "", ``line`` a line's or ""; ``finished`` is the item that is looked at.
    """

    levels: Mapping[str, str]
    plant: str
    line: str
    faults: str
    finished: str

    @property
    def name(self) -> str:
        """Its levels in words."""
        return ", ".join(f"{factor.replace('_', ' ')} {level}" for factor, level in self.levels.items())


def arms_of(experiment: Experiment) -> tuple[Arm, ...]:
    """All arms, in the order of the file; SpecError with what does not fit in the first arm where something does not.

    LimitExceeded where there would be more than ``MAX_ARMS``.
    """
    chosen = list(dict.fromkeys(tuple(levels.items()) for levels in _combinations(experiment)))
    if len(chosen) > MAX_ARMS:
        raise LimitExceeded(f"at most {MAX_ARMS} arms", len(chosen), experiment.experiment)
    base = _base(experiment)
    return tuple(_arm(experiment, dict(levels), base) for levels in chosen)


def _combinations(experiment: Experiment) -> Iterator[dict[str, str]]:
    for chosen in experiment.combinations or ({},):
        levels = [chosen.get(factor, tuple(declared)) for factor, declared in experiment.factors.items()]
        for combination in product(*levels):
            yield dict(zip(experiment.factors, combination, strict=True))


def _base(experiment: Experiment) -> dict[str, Any]:
    """What every arm begins with, as the file says it: the subject's tree under its word, and the faults by name."""
    source = experiment.source
    faults = {str(one.get("name") or number): one for number, one in enumerate(source.get(FAULTS, ()))}
    tree: dict[str, Any] = {FAULTS: faults, **{word: source[word] for word in ("chain", "line") if word in source}}
    if experiment.plant is not None:
        tree["plant"] = tree_of(_plant_text(experiment.plant), experiment.plant)
    return tree


def _plant_text(name: str) -> str:
    if Path(name).suffix not in _YAML:
        return shipped_plant(name)
    try:
        return Path(name).read_text("utf-8-sig")
    except OSError as error:
        raise DocumentError("a file that can be read", error.strerror or str(error), name) from error


def _arm(experiment: Experiment, levels: dict[str, str], base: Mapping[str, Any]) -> Arm:
    where = f"{experiment.experiment}, {', '.join(f'{factor} {level}' for factor, level in levels.items())}"
    tree, in_plant, added = dict(base), dict[str, Any](), list[Any]()
    for factor, level in levels.items():
        for path, value in experiment.factors[factor][level].items():
            if path == FAULTS:
                added += value if isinstance(value, list) else [value]
            elif path.split(".")[0].split("[")[0] in _MODELS:
                tree = with_changes(tree, where, {path: value})
            else:
                in_plant[path] = value
    declared = [*tree[FAULTS].values(), *added]
    faults: tuple[DeclaredFault, ...] = validate(tuple[DeclaredFault, ...], declared, where)
    if experiment.line is not None:
        _refuse_in_line(in_plant, faults, where)
        validate(LineModel, tree["line"], where)
        return Arm(levels, "", json.dumps(tree["line"]), "[]", "")
    plant, finished = _plant(experiment, tree, where)
    text = json.dumps(with_changes(plant, where, in_plant))
    spec = load_plant(text, where)
    _check_finished(finished, spec, where)
    check_faults(faults, spec, where)
    return Arm(levels, text, "", json.dumps(declared), finished)


def _plant(experiment: Experiment, tree: Mapping[str, Any], where: str) -> tuple[Any, str]:
    if experiment.chain is None:
        return tree["plant"], experiment.finished or ""
    chain: Chain = validate(Chain, tree["chain"], where)
    return plant_of(chain), experiment.finished or item_of(chain.steps)


def _refuse_in_line(in_plant: Mapping[str, Any], faults: tuple[DeclaredFault, ...], where: str) -> None:
    if in_plant:
        found = [Fault(path, "a path that begins with line", path) for path in in_plant]
        raise SpecError(where, found)
    if faults:
        raise SpecError(where, [Fault(FAULTS, "no faults: a line of stations reports nothing", len(faults))])


def _check_finished(finished: str, spec: PlantSpec, where: str) -> None:
    if finished and finished not in spec.items:
        raise UnknownName("item of the plant", finished, spec.items, f"{where}: finished")
