"""Shipped plants run once on clean capture, with a trace core that heard all of it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plant_models import PlantSpec, load, masterdata_of, profile_of, shipped
from scenarios.answers import claims_of_json
from scenarios.score import Score, score
from scenarios.spec import Hazard
from trace_core.capture.records import Answer, AnswerCode, DeviceRecord, Report
from trace_core.core import TraceCore
from trace_core.log import MemoryLog
from trace_core.scope.answer import RecallAnswer
from trace_core.vocabulary.clock import SetClock
from twin import TwinRun, simulate
from twin.truth import Candidate

CONTAINS = Hazard(kind="discrete")
"""What holds any of a suspect; residue on equipment is another question."""


@dataclass(frozen=True)
class Answered:
    """A run, what was reported of it, what was refused, and the core that took it in."""

    spec: PlantSpec
    run: TwinRun
    core: TraceCore
    records: tuple[DeviceRecord, ...]
    refused: tuple[tuple[Report, Answer], ...]

    def recall(self, lot: str) -> RecallAnswer:
        """What the core answers when ``lot`` is bad."""
        answer = self.core.recall([lot])
        assert isinstance(answer, RecallAnswer), answer
        return answer

    def scored(self, lot: str) -> Score:
        """The core's recall of ``lot`` held against the truth."""
        return score(self.run.truth, claims_of_json(self.recall(lot).to_dict()), [lot], CONTAINS)

    def received(self) -> list[Candidate]:
        """The lots that came from suppliers and were used."""
        return [one for one in self.run.truth.candidates() if one.is_received and one.first_use is not None]

    def station(self, record: DeviceRecord) -> str:
        """The station that made ``record``."""
        numbers = self.spec.devices[record.device].stations
        return next(station for station, number in numbers.items() if number == record.station)


@functools.cache
def answered(name: str, days: float, seed: int = 1) -> Answered:
    """A shipped plant run for ``days``, made once."""
    spec = load(shipped(name), name)
    clock = SetClock(spec.start)
    core = TraceCore(MemoryLog(clock), clock, rules=profile_of(spec).rules())
    core.append_masterdata(masterdata_of(spec))
    records: list[DeviceRecord] = []
    refused: list[tuple[Report, Answer]] = []

    def deliver(report: Report, arrives: datetime) -> None:
        clock.set(arrives)
        answer = core.capture(report)
        if answer.code is not AnswerCode.RELEASE:
            refused.append((report, answer))
        if isinstance(report, DeviceRecord):
            records.append(report)

    run = simulate(spec, seed, timedelta(days=days), deliver=deliver)
    return Answered(spec, run, core, tuple(records), tuple(refused))


@functools.cache
def ran(name: str, days: float, seed: int = 1, **options: Any) -> TwinRun:
    """A shipped plant run for ``days`` with nobody listening."""
    return simulate(load(shipped(name), name), seed, timedelta(days=days), **options)
