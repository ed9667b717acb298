"""What an answer was worth: the only module that sees both the answer and the truth (ARCHITECTURE.md, wall 2).

A unit is in the answer if its printed lot, its own number or its last carrier is. Units, lots and kilograms are scored
alike (SCIENCE.md, 4); a lot is missed if any affected unit of it is, and it is over if the answer holds any of it
though nothing of it is affected.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.answers import Answer, Claim, Confidence, PrintedIds, names_serials, read_answer, resolve
from scenarios.oracle import Truth, UnitGroup
from scenarios.spec import Hazard, SuspectRule
from scenarios.tally import Tally, Weighed, rounded, tally
from trace_core.errors import BadInput, DocumentError
from trace_core.genealogy.answer import UnknownThing

if TYPE_CHECKING:
    from trace_core.core import TraceCore
    from twin.truth import Truth as SavedTruth

SCORE_SCHEMA = "tracetwin/score/1"
SUSPECT_SCHEMA = "tracetwin/suspect/1"
SUSPECT_FILE = "suspect.json"

TAUS = (0.0, 1e-6, 1e-4, 1e-3, 1e-2)
"""The shares of suspect material at which affected(tau) is reported, whatever the scenario's hazard (SCIENCE.md, 2)."""

NEAR_THRESHOLD = 0.01
"""Units whose share lies within this part of a dose's threshold are reported, not scored (SCIENCE.md, 2)."""

CONTACT = Hazard(kind="contact")

IN_OWN_CONTROL = ("stock", "rework")
"""The places whose units a hold can still stop."""


@dataclass(frozen=True, slots=True)
class LotScore:
    """One printed lot, in units: how many there are, are affected, answered for, missed and recalled without need."""

    lot: str
    units: int
    affected: int
    held: Confidence | None
    missed: int
    over: int
    stock: int
    shipped: int


@dataclass(frozen=True, slots=True)
class PlaceScore:
    """What is affected, answered for and missed among the units at one place (stock, shipped, scrap, ...)."""

    place: str
    affected: int
    answered: int
    missed: int


@dataclass(frozen=True, slots=True)
class Score:
    """An answer held against the truth; see :mod:`scenarios.tally` for the figures."""

    suspects: tuple[str, ...]
    hazard: Hazard
    units: Tally
    lots: Tally
    mass_kg: Tally
    affected_shipments: int
    affected_at: tuple[tuple[float, int], ...]
    near_threshold_units: int
    fifo_law: float | None
    places: tuple[PlaceScore, ...]
    by_lot: tuple[LotScore, ...]
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The document ``tracetwin score --json`` prints; truth, answer and metrics as on a score card."""
        return {
            "schema": SCORE_SCHEMA,
            "suspects": list(self.suspects),
            "hazard": self.hazard.model_dump(mode="json"),
            "truth": self.truth_part(),
            "answer": self.answer_part(),
            "metrics": self.metrics_part(),
            "lots": self.lots.to_dict(),
            "mass_kg": self.mass_kg.to_dict(),
            "affected_at": [{"tau": tau, "units": units} for tau, units in self.affected_at],
            "near_threshold_units": self.near_threshold_units,
            "missed_lots": [one.lot for one in self.by_lot if one.missed],
            "over_lots": [one.lot for one in self.by_lot if one.over and not one.affected],
            "unknown_ids": list(self.unknown),
            "notes": list(self.notes),
        }

    def truth_part(self) -> dict[str, Any]:
        """How much is affected."""
        return {
            "affected_units": self.units.affected,
            "affected_lots": self.lots.affected,
            "affected_shipments": self.affected_shipments,
        }

    def answer_part(self) -> dict[str, Any]:
        """How many units the answer holds."""
        return {"certain_units": self.units.certain, "possible_units": self.units.possible}

    def metrics_part(self) -> dict[str, Any]:
        """The figures in units; ratios to nine places, None where nothing is affected."""
        return {
            "missed_units": self.units.missed,
            "missed_by_certain": self.units.missed_by_certain,
            "over_units": self.units.over,
            "over_recall_factor": rounded(self.units.over_recall_factor),
            "precision": rounded(self.units.precision),
            "recall": rounded(self.units.recall),
        }


@dataclass(frozen=True, slots=True)
class Suspect:
    """The lot that turned out to be bad, drawn among ``candidates``."""

    lot: str
    candidates: int


@dataclass(frozen=True, slots=True)
class Containment:
    """How fast what is affected was stopped: ``time_s`` from the detection, None where it never was (``notes`` say)."""

    time_s: float | None
    escaped_units: int
    notes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Judged:
    group: UnitGroup
    affected: bool
    held: Confidence | None


def score(truth: Truth, answer: Answer | Iterable[Claim], suspects: Sequence[str], hazard: Hazard) -> Score:
    """``answer`` held against what ``hazard`` reached from the ``suspects`` (any form of their ids)."""
    claims = () if isinstance(answer, Answer) else tuple(answer)
    groups = truth.units(suspects, hazard, one_by_one=names_serials(claims))
    if not isinstance(answer, Answer):
        answer = resolve(claims, _printed_ids(groups, truth))
    counted, near = _set_apart_near_threshold(groups, hazard)
    lifted = _lifted(counted, hazard.level)
    judged = [
        _Judged(one, affected, answer.confidence_in(one.lot, one.carrier, one.serial))
        for one, affected in zip(counted, lifted, strict=True)
    ]
    by_lot = _lot_scores(judged)
    return Score(
        suspects=tuple(suspects),
        hazard=hazard,
        units=tally(Weighed(one.group.count, one.affected, one.held) for one in judged),
        lots=_lot_tally(by_lot),
        mass_kg=tally(Weighed(one.group.mass_kg, one.affected, one.held) for one in judged),
        affected_shipments=len({one.group.shipment for one in judged if one.affected and one.group.shipment}),
        affected_at=_affected_at(truth, suspects),
        near_threshold_units=near,
        fifo_law=fifo_law(by_lot),
        places=_place_scores(judged),
        by_lot=by_lot,
        unknown=answer.unknown,
        notes=answer.notes,
    )


def draw_suspect(truth: Truth, rule: SuspectRule, seed: int) -> Suspect:
    """The lot that turns out to be bad: one of those the rule allows, by a stream that nothing else draws from.

    The stream is named after nothing but this choice, so that scenarios with the same rule and truth choose alike.
    """
    from twin.streams import Streams

    latest = truth.end - (rule.first_used_before_end or timedelta(0))
    earliest = None if rule.first_used_within is None else truth.end - rule.first_used_within
    found = sorted(
        one.lot
        for one in truth.candidates(rule.item)
        if one.first_use is not None
        and one.first_use <= latest
        and (earliest is None or one.first_use >= earliest)
        and rule.station in (None, one.station)
        and (one.is_received or not rule.receipts)
    )
    if not found:
        raise BadInput("a lot that the scenario's rule allows", "none", "suspect", "run longer, or relax the rule")
    return Suspect(Streams(seed).named("scenario/suspect").choice(found), len(found))


@dataclass(frozen=True, slots=True)
class ChainScore:
    """Finished units, and whether all that is truly in them is in what the records say of their lot."""

    lot: str
    made_s: float
    units: int
    is_whole: bool


def chain_scores(truth: SavedTruth, item: str, core: TraceCore) -> list[ChainScore]:
    """Whether the chain of each finished unit of ``item`` is recorded whole, back to every receipt.

    Whole: the core knows the unit's lot, its backward trace is complete, and it names every lot that is truly in it.
    """
    from twin.ancestry import made_units

    recorded: dict[str, frozenset[str]] = {}
    found = []
    for made in made_units(truth, item):
        if made.lot not in recorded:
            recorded[made.lot] = _recorded(core, made.lot)
        is_whole = bool(recorded[made.lot]) and made.ancestors <= recorded[made.lot]
        found.append(ChainScore(made.lot, made.made_s, made.units, is_whole))
    return found


def _recorded(core: TraceCore, lot: str) -> frozenset[str]:
    """The lot and all that its complete backward trace names; nothing where it is unknown or not complete."""
    answer = core.trace([lot], "backward")
    if isinstance(answer, UnknownThing) or not answer.complete:
        return frozenset()
    return frozenset((lot, *answer.lots, *answer.origins))


def containment(
    truth: Truth, suspects: Sequence[str], hazard: Hazard, held_after_s: Callable[[str, str], float | None]
) -> Containment:
    """When the last affected unit in our own control was stopped; ``held_after_s`` says it of a lot on a carrier.

    Of a numbered unit it is asked by its own number.

    Nothing leaves from the detection on. Scrapped and sampled units are out of the trade and need no hold.
    """
    groups = truth.units(suspects, hazard, one_by_one=True)
    affected = [one for one, is_affected in zip(groups, _lifted(groups, hazard.level), strict=True) if is_affected]
    escaped = sum(one.count for one in affected if one.place == "shipped")
    ours = [(one, held_after_s(one.serial or one.lot, one.carrier)) for one in affected if one.place in IN_OWN_CONTROL]
    loose = sum(one.count for one, after_s in ours if after_s is None)
    notes: dict[str, str] = {}
    if not ours:
        notes["time_to_contain_s"] = "Nothing affected was left in our own control: there was nothing to hold."
    if escaped:
        notes["escaped_units"] = f"{escaped:,} affected had left our control at the detection and cannot be contained."
    if loose:
        notes["time_to_contain_s"] = f"{loose:,} affected in our own control are not on hold after the last hold."
        return Containment(None, escaped, notes)
    return Containment(max((after_s for _, after_s in ours if after_s is not None), default=0.0), escaped, notes)


def fifo_law(by_lot: Iterable[LotScore]) -> float | None:
    """(R + L - g) / R of SCIENCE.md, 1: R affected units in printed lots of L units, g their greatest common divisor.

    L is measured: the mean size of the lots that hold affected units, to the unit. None where nothing is affected.
    """
    reached = [one for one in by_lot if one.affected]
    if not reached:
        return None
    affected = sum(one.affected for one in reached)
    lot_size = round(sum(one.units for one in reached) / len(reached))
    return (affected + lot_size - gcd(affected, lot_size)) / affected


def _printed_ids(groups: Sequence[UnitGroup], truth: Truth) -> PrintedIds:
    """What stands on the labels of units, and raw and intermediate lots, so that naming one of those is no fault."""
    return PrintedIds(
        lots=frozenset(one.lot for one in groups) | frozenset(truth.known_ids()),
        carriers=frozenset(one.carrier for one in groups if one.carrier),
        is_serial=truth.knows,
    )


def _set_apart_near_threshold(groups: Sequence[UnitGroup], hazard: Hazard) -> tuple[list[UnitGroup], int]:
    if hazard.kind != "dose":
        return list(groups), 0
    margin = hazard.threshold * NEAR_THRESHOLD
    near = {id(one) for one in groups if abs(one.share - hazard.threshold) <= margin}
    return [one for one in groups if id(one) not in near], sum(one.count for one in groups if id(one) in near)


def _lifted(groups: Sequence[UnitGroup], level: str) -> list[bool]:
    """Whether each group is affected once the hazard's level is: its own units, its whole lot or its whole carrier."""
    if level == "unit":
        return [one.affected for one in groups]
    whole = {getattr(one, level) for one in groups if one.affected} - {""}
    return [one.affected or getattr(one, level) in whole for one in groups]


def _lot_scores(judged: Sequence[_Judged]) -> tuple[LotScore, ...]:
    by_lot: dict[str, list[_Judged]] = {}
    for one in judged:
        by_lot.setdefault(one.group.lot, []).append(one)
    return tuple(_lot_score(lot, by_lot[lot]) for lot in sorted(by_lot))


def _lot_score(lot: str, judged: Sequence[_Judged]) -> LotScore:
    def units(chosen: Iterable[_Judged]) -> int:
        return sum(one.group.count for one in chosen)

    levels = {one.held for one in judged}
    return LotScore(
        lot=lot,
        units=units(judged),
        affected=units(one for one in judged if one.affected),
        held="certain" if "certain" in levels else "possible" if "possible" in levels else None,
        missed=units(one for one in judged if one.affected and one.held is None),
        over=units(one for one in judged if not one.affected and one.held is not None),
        stock=units(one for one in judged if one.group.place == "stock"),
        shipped=units(one for one in judged if one.group.place == "shipped"),
    )


def _lot_tally(by_lot: Sequence[LotScore]) -> Tally:
    return tally(Weighed(1, one.affected > 0, None if one.missed else one.held) for one in by_lot)


def _place_scores(judged: Sequence[_Judged]) -> tuple[PlaceScore, ...]:
    places: dict[str, list[int]] = {}
    for one in judged:
        counts = places.setdefault(one.group.place, [0, 0, 0])
        counts[0] += one.group.count * one.affected
        counts[1] += one.group.count * (one.held is not None)
        counts[2] += one.group.count * (one.affected and one.held is None)
    return tuple(PlaceScore(place, *counts) for place, counts in sorted(places.items()))


def _affected_at(truth: Truth, suspects: Sequence[str]) -> tuple[tuple[float, int], ...]:
    """Units in contact (tau 0, by the exact set), then units with a share of at least tau."""
    groups = truth.units(suspects, CONTACT)
    return tuple((tau, sum(one.count for one in groups if one.affected and one.share >= tau)) for tau in TAUS)


def score_files(truth_file: Path, answer_file: Path, suspects: Sequence[str] = ()) -> Score:
    """The score of an answer file against a truth file, for ``tracetwin score``.

    Beside a drill's truth lies ``suspect.json``, which says what was suspected and feared; ``suspects`` overrules it,
    and a plain run's truth needs it (the hazard is contact then).
    """
    from twin.output.parquet import SUFFIX, read_truth
    from twin.truth import Truth as SavedTruth

    claims = read_answer(_read(answer_file), str(answer_file))
    beside = truth_file.with_name(SUSPECT_FILE)
    if suspects:
        known, hazard = tuple(suspects), CONTACT
    elif beside.exists():
        known, hazard = read_suspect(beside)
    else:
        raise BadInput(f"the suspect: no {SUSPECT_FILE} beside the truth", str(truth_file), remedy="give --suspect ID")
    try:
        truth = read_truth(truth_file) if truth_file.suffix == SUFFIX else SavedTruth.load(truth_file)
    except OSError as error:
        raise DocumentError("a file that can be read", error.strerror or str(error), str(truth_file)) from error
    return score(truth, claims, _meant(known, truth), hazard)


def _meant(suspects: Sequence[str], truth: SavedTruth) -> tuple[str, ...]:
    """What ``suspects`` name in the run, in any form; as it came where the run knows no such thing."""
    known = PrintedIds(truth.known_ids(), frozenset(), truth.knows)
    meant = []
    for suspect in suspects:
        found = known.find(suspect)
        if len(found) > 1:
            raise BadInput("one thing of the run", suspect, "--suspect", f"it is {', '.join(found)}: name one of them")
        meant.append(found[0] if found else suspect)
    return tuple(meant)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentError("a file that can be read", error.strerror or str(error), str(path)) from error


def read_suspect(path: Path) -> tuple[tuple[str, ...], Hazard]:
    """What a drill wrote beside its truth: the suspects, and the hazard; DocumentError where it is no such file."""
    try:
        tree = json.loads(_read(path))
        return tuple(str(one) for one in tree["suspects"]), Hazard.model_validate(tree["hazard"])
    except (ValueError, KeyError, TypeError) as error:
        raise DocumentError(f"a document {SUSPECT_SCHEMA}", str(error), str(path)) from error


def suspect_document(suspects: Sequence[str], hazard: Hazard) -> dict[str, Any]:
    """What :func:`read_suspect` reads."""
    return {"schema": SUSPECT_SCHEMA, "suspects": list(suspects), "hazard": hazard.model_dump(mode="json")}
