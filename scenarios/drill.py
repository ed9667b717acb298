"""A recall drill from end to end: run the plant, find out which lot was bad, ask the core, score what it answers.

The truth is passed on unopened: only :mod:`scenarios.score` looks inside.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec.json import format as indented

from plant_models import load as load_plant
from plant_models import masterdata_of, plant_hash, profile_of
from plant_models import shipped as shipped_plant
from scenarios.answers import claims_of_json
from scenarios.containment import Holds, place_holds
from scenarios.declared import format_duration
from scenarios.faults import misfits, to_faults
from scenarios.folder import CARD, Write, check_folder, write_folder
from scenarios.report.affected import affected_csv
from scenarios.report.cell import drill_cell
from scenarios.report.drills import DrillDocuments, drill_page, duration_text
from scenarios.report.inside import Inside, inside
from scenarios.report.labels import Labels
from scenarios.report.views import scope_rows
from scenarios.score import (
    SUSPECT_FILE,
    Containment,
    Score,
    Suspect,
    containment,
    draw_suspect,
    score,
    suspect_document,
)
from scenarios.scorecard import Measured, RunFacts, scorecard
from scenarios.spec import Scenario, load, load_shipped
from trace_core.core import TraceCore
from trace_core.errors import DocumentError, Fault, SpecError, near_names
from trace_core.genealogy.answer import UnknownThing
from trace_core.log import MemoryLog
from trace_core.vocabulary.clock import SetClock
from trace_core.vocabulary.json_text import to_bytes
from twin.simulation import TwinRun, simulate

if TYPE_CHECKING:
    import pandas as pd

    from plant_models.spec import PlantSpec
    from trace_core.capture.records import Report
    from trace_core.genealogy.answer import TraceAnswer
    from trace_core.scope.answer import RecallAnswer

Progress = Callable[[str, float], object]
"""Told what is being done, and how much of the drill is done, 0 to 1."""

_YAML = (".yaml", ".yml")

SHARE_OF_RUN = 0.85
"""How much of a drill's time the run takes, for the progress bar."""


@dataclass(frozen=True, slots=True)
class Drill:
    """What a drill came to. ``folder`` is None where nothing was written.

    ``recall`` and ``trace`` are the core's answers; where the suspect is in no record at all, that it is unknown.
    ``core`` goes on answering from the drill's log.
    """

    card: Mapping[str, Any]
    score: Score
    recall: RecallAnswer | UnknownThing
    trace: TraceAnswer | UnknownThing
    core: TraceCore
    page: str
    folder: Path | None

    @property
    def passed(self) -> bool:
        """Whether every check of the scenario passed."""
        return bool(self.card["verdict"] == "pass")

    def to_dict(self) -> dict[str, Any]:
        """The score card."""
        return dict(self.card)

    def to_frame(self) -> pd.DataFrame:
        """The printed lots as a pandas frame: one row a lot, columns as :class:`scenarios.score.LotScore`."""
        import pandas as pd

        return pd.DataFrame([asdict(one) for one in self.score.by_lot])

    def _repr_html_(self) -> str:
        return drill_cell(self.card, self.score)


def run_drill(
    scenario: str | Scenario, seed: int = 1, out: Path | str | None = None, progress: Progress | None = None
) -> Drill:
    """Run one drill; with ``out``, its folder is written there (see :mod:`scenarios.folder`).

    ``scenario`` is a shipped name, the path of a YAML file, or a loaded one. Same scenario, seed and version: the same
    bytes, but for the times ``trace_ms`` and ``elapsed_ms``.
    """
    say = progress or (lambda doing, share: None)
    declared = scenario if isinstance(scenario, Scenario) else open_scenario(scenario)
    folder = Path(out) if out is not None else None
    if folder is not None:
        check_folder(folder)
    ran = _run(declared, seed, say)
    say("recalling", SHARE_OF_RUN)
    answered = _ask(ran, declared, seed)
    say("scoring", SHARE_OF_RUN + 0.05)
    judged = _judge(ran, answered, declared, seed)
    say("writing the report", SHARE_OF_RUN + 0.1)
    page = drill_page(_documents(ran, answered, judged, declared, seed))
    if folder is not None:
        write_folder(folder, _files(ran, answered, judged, declared, page))
    say("done", 1.0)
    return Drill(judged.card, judged.score, answered.recall, answered.trace, ran.core, page, folder)


def open_scenario(name: str) -> Scenario:
    """The scenario of a shipped name, or of a YAML file where ``name`` is the path of one."""
    path = Path(name)
    if path.suffix not in _YAML:
        return load_shipped(name)
    scenario = load(_text(path), str(path))
    if Path(scenario.plant).suffix in _YAML:  # beside the scenario, wherever that was opened from
        return scenario.model_copy(update={"plant": str(path.parent / scenario.plant)})
    return scenario


@dataclass(frozen=True, slots=True)
class _Ran:
    plant: PlantSpec
    run: TwinRun
    core: TraceCore
    clock: SetClock
    log_hash: str


@dataclass(frozen=True, slots=True)
class _Answered:
    suspect: Suspect
    recall: RecallAnswer | UnknownThing
    trace: TraceAnswer | UnknownThing
    recall_document: Mapping[str, Any]
    trace_document: Mapping[str, Any]
    context_document: Mapping[str, Any] | None
    within: Inside
    trace_ms: float


@dataclass(frozen=True, slots=True)
class _Judged:
    score: Score
    card: dict[str, Any]
    contained: Containment
    holds: Holds


def _run(scenario: Scenario, seed: int, say: Progress) -> _Ran:
    plant = _open_plant(scenario.plant)
    _check_fit(scenario, plant)
    faults = to_faults(scenario.faults)
    clock = SetClock(plant.start)
    core = TraceCore(MemoryLog(clock), clock, rules=profile_of(plant).rules())
    core.append_masterdata(masterdata_of(plant), source=plant.plant)
    until = scenario.until

    def deliver(report: Report, arrives: datetime) -> object:
        clock.set(arrives)
        say("running the plant", SHARE_OF_RUN * min(1.0, (arrives - plant.start) / until))
        return core.capture(report)

    run = simulate(plant, seed, until, faults, deliver)
    clock.set(run.end)
    return _Ran(plant, run, core, clock, core.log.head().hash.hex())


def _check_fit(scenario: Scenario, plant: PlantSpec) -> None:
    """Refuse what the plant does not have, all of it at once, before an hour is spent on the run."""
    named = (("item", scenario.suspect.item, plant.items), ("station", scenario.suspect.station, plant.stations))
    found = [
        Fault(f"$.suspect.{key}", f"{key} of the plant", name, _near(name, known))
        for key, name, known in named
        if name is not None and name not in known
    ]
    if found := [*found, *misfits(scenario.faults, plant)]:
        raise SpecError(scenario.scenario, found)


def _near(name: str, known: Iterable[str]) -> str:
    near = near_names(name, known)
    return f"did you mean {' or '.join(near)}?" if near else f"one of {', '.join(known)}"


def _ask(ran: _Ran, scenario: Scenario, seed: int) -> _Answered:
    suspect = draw_suspect(ran.run.truth, scenario.suspect, seed)
    began = perf_counter()
    recall = ran.core.recall([suspect.lot])
    trace_ms = round(1000 * (perf_counter() - began), 3)
    trace = ran.core.trace(suspect.lot, "forward")
    if isinstance(recall, UnknownThing) or isinstance(trace, UnknownThing):
        nothing = _nothing_known(suspect.lot)
        return _Answered(suspect, recall, trace, *nothing, None, Inside(), trace_ms)
    context = ran.core.trace(trace.lots, "backward") if trace.lots else trace
    assert not isinstance(context, UnknownThing), "what a trace named is known"
    documents = recall.to_dict(), trace.to_dict(), context.to_dict()
    within = inside(ran.core.index.read(), *documents[1:])
    return _Answered(suspect, recall, trace, *documents, within, trace_ms)


def _nothing_known(suspect: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The documents of an answer that knows nothing of its suspect: an outcome, which scores as what it is worth."""
    finding = {"kind": "unresolved_origin", "ids": [suspect], "detail": "no report that arrived names the suspect"}
    none = {"findings": [finding], "aliases": {}, "elapsed_ms": 0.0}
    recall = {
        "schema": "tracetwin/recall/1", "suspects": [suspect], "certain": [], "possible": [], "cleared_count": 0,
        "units": {"certain": 0, "possible": 0}, "in_stock": 0, "shipped": 0, "customers": [],
        "mass_balance": {"received": None, "accounted": None, "percent": None, "by": {}}, "assumptions": [], **none,
    }  # fmt: skip
    lists = ("lots", "serials", "carriers", "origins", "edges", "events", "shipments")
    trace = {"schema": "tracetwin/trace/1", "direction": "forward", "roots": [suspect], "complete": False, **none}
    return recall, {**trace, **{name: [] for name in lists}}


def _judge(ran: _Ran, answered: _Answered, scenario: Scenario, seed: int) -> _Judged:
    truth, suspects = ran.run.truth, [answered.suspect.lot]
    got = score(truth, claims_of_json(answered.recall_document), suspects, scenario.hazard)
    holds = place_holds(ran.core, ran.clock, ran.run.end, answered.recall_document, scenario.response)
    contained = containment(truth, suspects, scenario.hazard, holds.covering)
    percent = answered.recall_document["mass_balance"]["percent"]
    facts = RunFacts(
        plant=ran.plant.plant,
        plant_hash=plant_hash(ran.plant),
        seed=seed,
        version=importlib.metadata.version("tracetwin"),
        unit=ran.plant.recall_unit,
        until=format_duration(scenario.until),
        truth_hash=truth.hash,
        log_hash=ran.log_hash,
        capture=asdict(ran.run.counts),
    )
    measured = Measured(
        mass_balance_percent=None if percent is None else float(percent),
        trace_ms=answered.trace_ms,
        time_to_contain_s=contained.time_s,
        escaped_units=contained.escaped_units,
        notes=contained.notes,
    )
    return _Judged(got, scorecard(scenario, facts, got, measured), contained, holds)


def _documents(ran: _Ran, answered: _Answered, judged: _Judged, scenario: Scenario, seed: int) -> DrillDocuments:
    unit = ran.plant.recall_unit
    return DrillDocuments(
        title_en=scenario.title.en,
        title_zh=scenario.title.zh,
        period=_period(ran.run.start, ran.run.end, ran.plant.timezone),
        why=_why(answered.suspect, scenario, seed),
        card=judged.card,
        score=judged.score,
        recall=answered.recall_document,
        trace=answered.trace_document,
        context=answered.context_document,
        within=answered.within,
        names=ran.core.masterdata,
        clocks=[
            ("scope issued, first hold ordered", judged.holds.scope_issued_s),
            ("last hold placed", judged.holds.last_s),
            (f"last affected {unit} in own control on hold", judged.contained.time_s),
        ],
        notes=tuple(judged.contained.notes.values()),
    )


def _files(ran: _Ran, answered: _Answered, judged: _Judged, scenario: Scenario, page: str) -> dict[str, Write]:
    labels = Labels(ran.core.masterdata)
    recall = answered.recall_document
    suspect = suspect_document([answered.suspect.lot], scenario.hazard)
    return {
        CARD: _json_of(judged.card),
        "answer.json": _json_of(recall),
        SUSPECT_FILE: _json_of(suspect),
        "affected.csv": lambda path: path.write_bytes(affected_csv(scope_rows(recall, labels), labels)),
        "report.html": lambda path: path.write_text(page, "utf-8"),
        "truth.npz": ran.run.truth.save,
    }


def _json_of(document: Mapping[str, Any]) -> Write:
    return lambda path: path.write_bytes(indented(to_bytes(document), indent=2) + b"\n")


def _open_plant(name: str) -> PlantSpec:
    path = Path(name)
    if path.suffix not in _YAML:
        return load_plant(shipped_plant(name), name)
    return load_plant(_text(path), str(path))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise DocumentError("a file that can be read", error.strerror or str(error), str(path)) from error
    except UnicodeDecodeError as error:
        raise DocumentError("text in UTF-8", str(error), str(path)) from error


def _why(suspect: Suspect, scenario: Scenario, seed: int) -> str:
    rule = scenario.suspect
    which = "received lots" if rule.receipts else "lots"
    which += f" of {rule.item}" if rule.item else ""
    which += f" from {rule.station}" if rule.station else ""
    used = [
        f"{words} {duration_text(limit.total_seconds())}"
        for words, limit in (("at least", rule.first_used_before_end), ("at most", rule.first_used_within))
        if limit is not None
    ]
    which += f" first used {' and '.join(used)} before the end" if used else ""
    return f"Drawn after the run, by seed {seed}, among {suspect.candidates:,} {which}."


def _period(start: datetime, end: datetime, timezone: str) -> str:
    first, last = (moment.astimezone(ZoneInfo(timezone)) for moment in (start, end))
    return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}, {last:%H:%M}"
