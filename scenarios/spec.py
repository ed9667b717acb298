"""What a scenario declares: a plant, how long it runs, what is feared, what is suspected, and what counts as passed.

A scenario is a YAML file; the shipped ones lie in ``scenarios/library``. ``docs/reading-a-report.md`` explains every
key beside the report that comes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from scenarios.declared import Duration, Strict, read_yaml, validate
from scenarios.declared_fault import DeclaredFault
from trace_core.errors import UnknownName

Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Seconds: TypeAlias = Annotated[float, Field(ge=0.0, le=31_557_600.0)]

MetricName = Literal[
    "missed_units", "missed_by_certain", "over_units", "over_recall_factor", "precision", "recall",
    "mass_balance_percent", "time_to_contain_s", "escaped_units",
]  # fmt: skip
"""The metrics of a score card that a scenario may limit. An elapsed time is never among them."""


class Title(Strict):
    """What people call the scenario."""

    en: Text
    zh: str = ""


class Hazard(Strict):
    """What is feared (SCIENCE.md, 2).

    ``contact``: a unit is affected if any of the suspect material was where it was drawn from. ``dose``: if its share
    of suspect material is ``threshold`` or more. ``discrete``: if it is, or came out of, the very container.
    ``level``: what is affected as a whole once any of it is: the single ``unit``, its printed ``lot``, its ``carrier``.
    """

    kind: Literal["contact", "dose", "discrete"]
    threshold: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    unit: Literal["share"] = "share"
    level: Literal["unit", "lot", "carrier"] = "unit"

    @model_validator(mode="after")
    def _threshold_belongs_to_dose(self) -> Hazard:
        if (self.kind == "dose") != (self.threshold > 0.0):
            raise PydanticCustomError("threshold", "a threshold above 0 where, and only where, the kind is dose")
        return self


class SuspectRule(Strict):
    """Which lots may turn out to be the bad one; one of them is drawn after the run, by the scenario's own stream.

    ``item``: lots of it; ``station``: lots received or made there; ``receipts: true``: lots that came from a supplier;
    together, lots that fit all of them. ``first_used_before_end`` leaves out lots first used later than that before the
    end of the run, ``first_used_within`` lots first used earlier than that.
    """

    item: str | None = None
    station: str | None = None
    receipts: bool = False
    first_used_before_end: Duration | None = None
    first_used_within: Duration | None = None

    @model_validator(mode="after")
    def _somewhere_to_look(self) -> SuspectRule:
        if self.item is None and self.station is None and not self.receipts:
            raise PydanticCustomError("suspect", "an item, a station, or receipts: true")
        latest, earliest = self.first_used_before_end, self.first_used_within
        if latest is not None and earliest is not None and latest >= earliest:
            raise PydanticCustomError("suspect", "first_used_within longer than first_used_before_end")
        return self


class Response(Strict):
    """How fast people act, from the detection on: ``decision_s`` until the holds are ordered, ``hold_s`` for each."""

    decision_s: Seconds
    hold_s: Seconds


class Limit(Strict):
    """What a metric may be; a bare number is ``at_most``. ``law`` computes it from an exact law and the truth.

    ``fifo`` is (R + L - g) / R of SCIENCE.md, 1: see :func:`scenarios.score.fifo_law`.
    """

    at_least: float | None = None
    at_most: float | None = None
    law: Literal["fifo"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _number_is_at_most(cls, declared: object) -> object:
        is_number = isinstance(declared, int | float) and not isinstance(declared, bool)
        return {"at_most": declared} if is_number else declared

    @model_validator(mode="after")
    def _says_something(self) -> Limit:
        low, high = self.at_least, self.at_most
        if (low is None and high is None) == (self.law is None):
            raise PydanticCustomError("limit", "a number, at_least and at_most, or a law")
        if low is not None and high is not None and low > high:
            raise PydanticCustomError("limit", "at_least not above at_most")
        return self


class Scenario(Strict):
    """A declared recall drill."""

    scenario: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    title: Title
    plant: Text
    until: Duration
    hazard: Hazard
    suspect: SuspectRule
    faults: tuple[DeclaredFault, ...] = ()
    response: Response
    limits: dict[MetricName, Limit]

    @field_validator("limits")
    @classmethod
    def _limits_both_ways(cls, limits: Mapping[str, Limit]) -> Mapping[str, Limit]:
        for name in ("missed_units", "over_recall_factor"):
            if name not in limits:
                raise PydanticCustomError("limits", f"a limit for {name}: either alone is passed by a useless answer")
        for name, limit in limits.items():
            if name in ("precision", "recall", "mass_balance_percent") and limit.at_least is None:
                raise PydanticCustomError("limits", f"an at_least for {name}, where more is better")
            if limit.law and name != "over_recall_factor":
                raise PydanticCustomError("limits", f"a number for {name}: the law is about over_recall_factor")
        return limits


def names() -> tuple[str, ...]:
    """The names of the scenarios that ship, sorted."""
    files = (resources.files("scenarios") / "library").iterdir()
    return tuple(sorted(one.name.removesuffix(".yaml") for one in files if one.name.endswith(".yaml")))


def shipped(name: str) -> str:
    """The YAML text of a shipped scenario; :class:`UnknownName` with near names where there is none."""
    if name not in names():
        raise UnknownName("scenario", name, names())
    return (resources.files("scenarios") / "library" / f"{name}.yaml").read_text("utf-8")


def load(text: str, source: str) -> Scenario:
    """The scenario a YAML text declares; all faults at once, each with its path, as :class:`SpecError`."""
    return validate(Scenario, read_yaml(text, source), source)


def load_shipped(name: str) -> Scenario:
    """The shipped scenario called ``name``."""
    return load(shipped(name), name)
