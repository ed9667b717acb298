"""What an experiment declares: a plant, a line or a chain, what is varied, how long, how often, and what is measured.

An experiment is a YAML file; the shipped ones lie in ``scenarios/library/experiments``, and ``docs/experiments.md``
explains every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from scenarios.declared import Duration, Strict, format_duration, parse_duration, read_yaml, validate
from scenarios.declared_fault import DeclaredFault
from scenarios.experiments.chain import Chain
from scenarios.experiments.lines import LineModel
from trace_core.errors import BadInput, DocumentError, UnknownName

Text = Annotated[str, Field(min_length=1, max_length=300)]
ResponseName = Literal["whole_chain", "recorded_scans", "made", "throughput", "time_in_line", "population"]

PLANT_RESPONSES = frozenset({"whole_chain", "recorded_scans", "made"})
LINE_RESPONSES = frozenset({"throughput", "time_in_line", "population"})

FAULTS = "faults"
"""The key of a level that adds faults instead of changing a value."""

MAX_ARMS = 1000
MAX_REPLICATIONS = 10_000

_YAML = (".yaml", ".yml")


class WarmUp(Strict):
    """What is cut off the front of every run: a fixed time, or what MSER-5 or Welch's procedure finds."""

    by: Literal["fixed", "mser", "welch"]
    lasts: Duration | None = None
    window: Annotated[int, Field(ge=1, le=1000)] = 5

    @model_validator(mode="after")
    def _lasts_belongs_to_fixed(self) -> WarmUp:
        if (self.by == "fixed") != (self.lasts is not None):
            raise PydanticCustomError("warm_up", "a time such as 6h, or {by: mser}, or {by: welch, window: 5}")
        return self


def _warm_up(declared: object) -> object:
    if not isinstance(declared, str):
        return declared
    return {"by": "fixed", "lasts": format_duration(parse_duration(declared))}


class Law(Strict):
    """A curve to hold the results against: ``response`` = base to the power of exponent.

    ``base`` and ``exponent`` name factors whose levels are numbers.
    """

    response: ResponseName
    base: Text
    exponent: Text


class Chart(Strict):
    """One picture: ``response`` over the numbers of factor ``x``, a line for each level of ``lines``."""

    title: Text
    response: ResponseName
    x: Text
    lines: Text
    where: dict[Text, Text] = Field(default_factory=dict)


class Experiment(Strict):
    """A declared experiment."""

    experiment: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    title: Text
    about: Annotated[str, Field(max_length=2000)] = ""
    plant: Text | None = None
    chain: Chain | None = None
    line: LineModel | None = None
    finished: Text | None = None
    until: Duration
    warm_up: Annotated[WarmUp | None, BeforeValidator(_warm_up)] = None
    bucket: Duration | None = None
    replications: Annotated[int, Field(ge=1, le=MAX_REPLICATIONS)] = 10
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    faults: tuple[DeclaredFault, ...] = ()
    factors: Annotated[dict[Text, Annotated[dict[Text, dict[str, Any]], Field(min_length=1)]], Field(min_length=1)]
    combinations: tuple[dict[Text, tuple[Text, ...]], ...] = ()
    baseline: dict[Text, Text] | None = None
    responses: Annotated[tuple[ResponseName, ...], Field(min_length=1)]
    law: Law | None = None
    charts: tuple[Chart, ...] = ()
    source: dict[str, Any] = Field(default_factory=dict, exclude=True)
    """What the file says, as it says it: what levels change before it is read again. Set by `load`."""

    @model_validator(mode="after")
    def _one_subject(self) -> Experiment:
        if sum(one is not None for one in (self.plant, self.chain, self.line)) != 1:
            raise PydanticCustomError("subject", "one of plant, chain and line")
        known = LINE_RESPONSES if self.line is not None else PLANT_RESPONSES
        if wrong := sorted(set(self.responses) - known):
            expected = f"responses among {', '.join(sorted(known))}"
            context = {"expected": expected, "wrong": ", ".join(wrong)}
            raise PydanticCustomError("responses", "{expected}; not {wrong}", context)
        if self.plant is not None and self.finished is None and {"whole_chain", "made"} & set(self.responses):
            raise PydanticCustomError("finished", "finished: the item whose units are looked at")
        if self.bucket is not None and not 2 <= self.until / self.bucket <= 100_000:
            raise PydanticCustomError("bucket", "a bucket of which 2 to 100000 make up the run")
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Experiment:
        chosen = [pair for one in self.combinations for pair in one.items()]
        chosen += [(factor, (level,)) for factor, level in (self.baseline or {}).items()]
        for factor, levels in chosen:
            _check_levels(self.factors, factor, levels)
        for chart in self.charts:
            for factor in (chart.x, chart.lines, *chart.where):
                _check_levels(self.factors, factor, (chart.where[factor],) if factor in chart.where else ())
            _check_measured(self.responses, chart.response)
            _check_numbers(self.factors, chart.x)
        if self.law is not None:
            for factor in (self.law.base, self.law.exponent):
                _check_levels(self.factors, factor, ())
                _check_numbers(self.factors, factor)
            _check_measured(self.responses, self.law.response)
        if self.baseline is not None and set(self.baseline) != set(self.factors):
            raise PydanticCustomError("baseline", "a baseline with one level of every factor")
        return self

    @property
    def bucket_s(self) -> float:
        """How long each part of a run is that is measured by itself; a hundredth of the run unless declared."""
        return (self.bucket or self.until / 100).total_seconds()


_Factors = Mapping[str, Mapping[str, Any]]


def _check_levels(factors: _Factors, factor: str, levels: tuple[str, ...]) -> None:
    if factor not in factors:
        raise PydanticCustomError(
            "factor", "a declared factor ({known}); not {factor}", {"known": ", ".join(factors), "factor": factor}
        )
    for level in levels:
        if level not in factors[factor]:
            known = ", ".join(factors[factor])
            context = {"factor": factor, "known": known, "level": level}
            raise PydanticCustomError("level", "a level of {factor} ({known}); not {level}", context)


def _check_measured(responses: tuple[str, ...], response: str) -> None:
    if response not in responses:
        raise PydanticCustomError(
            "response", "a response that is measured: put {name} among responses", {"name": response}
        )


def _check_numbers(factors: _Factors, factor: str) -> None:
    for level in factors[factor]:
        try:
            float(level)
        except ValueError:
            context = {"factor": factor, "level": level}
            raise PydanticCustomError("number", "numbers as levels of {factor}; not {level}", context) from None


def names() -> tuple[str, ...]:
    """The names of the experiments that ship, sorted."""
    files = (resources.files("scenarios") / "library" / "experiments").iterdir()
    return tuple(sorted(one.name.removesuffix(".yaml") for one in files if one.name.endswith(".yaml")))


def load(text: str, source: str) -> Experiment:
    """The experiment a YAML text declares; all faults at once, each with its path, as :class:`SpecError`."""
    tree = read_yaml(text, source)
    declared: Experiment = validate(Experiment, tree, source)
    assert isinstance(tree, dict), "what is an experiment is a mapping"
    return declared.model_copy(update={"source": tree})


def open_experiment(name: str) -> Experiment:
    """The experiment of a shipped name (with or without ``.yaml``), or of a file; its plant is looked for beside it."""
    path, bare = Path(name), name.removesuffix(".yaml")
    if bare in names() and not path.exists():
        return load(
            (resources.files("scenarios") / "library" / "experiments" / f"{bare}.yaml").read_text("utf-8"), name
        )
    if path.suffix not in _YAML:
        raise UnknownName("experiment", name, names())
    try:
        declared = load(path.read_text("utf-8-sig"), name)
    except OSError as error:
        raise DocumentError("a file that can be read", error.strerror or str(error), name) from error
    except UnicodeDecodeError as error:
        raise DocumentError("text in UTF-8", str(error), name) from error
    if declared.plant is not None and Path(declared.plant).suffix in _YAML:
        return declared.model_copy(update={"plant": str(path.parent / declared.plant)})
    return declared


def with_replications(experiment: Experiment, replications: int | None) -> Experiment:
    """The same with another number of replications; BadInput where that is none."""
    if replications is None:
        return experiment
    if not 1 <= replications <= MAX_REPLICATIONS:
        raise BadInput(f"1 to {MAX_REPLICATIONS} replications", replications, "--replications")
    return experiment.model_copy(update={"replications": replications})
