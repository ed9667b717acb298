"""Examinations of loads: what is found goes to rework or is scrapped, what passes goes on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from typing import Protocol

from plant_models.work import Inspection
from trace_core.capture.records import Result
from twin.floor import Floor
from twin.inspecting import Finding, Inspector
from twin.laboratory import Laboratory
from twin.ledger import Move
from twin.material import Lot
from twin.signals import Signals
from twin.work.loads import Load
from twin.work.reports import Reports
from twin.work.splitting import first_numbers, set_apart

NOMINAL, SPREAD, OFF = 1.0, 0.02, 0.2
"""What is measured of a good unit, as a share of its nominal value; how it scatters; how far off a bad one is."""


class Scrapper(Protocol):
    """Who throws away what failed for good."""

    def scrap(self, load: Load, reason: int) -> None:
        """All of ``load`` is thrown away."""

    def split_off(self, load: Load) -> None:
        """``load`` is now a load of its own."""

    def is_gone(self, load: Load) -> None:
        """Nothing is left of ``load``."""


class Examination:
    """The inspection of one operation at one station."""

    def __init__(
        self,
        floor: Floor,
        name: str,
        station: str,
        spec: Inspection,
        inspector: Inspector,
        laboratory: Laboratory,
        signals: Signals,
        reports: Reports,
        scrapper: Scrapper,
    ) -> None:
        self._floor = floor
        self._name = name
        self._spec = spec
        self._inspector = inspector
        self._laboratory = laboratory
        self._signals = signals
        self._reports = reports
        self._scrapper = scrapper
        self._reason = floor.spec.reasons[spec.reason]
        self._sample_reason = floor.spec.reasons[spec.sample_reason or spec.reason]
        self._judged: dict[Hashable, dict[Lot, bool]] = {}
        self._meter = floor.stream(f"inspects/{name}/{station}/measures")
        self._outside = floor.ledger.place("laboratory", inside=False)

    def of(self, load: Load) -> list[Load]:
        """What goes on of ``load``: the good, and apart from them what is to be reworked."""
        finding = self._inspector.look(load.units, load.flaws, self._key(load))
        rejected = _without(finding.rejected, finding.destroyed) if finding.destroyed else finding.rejected
        if self._spec.after is not None:
            self._judge_later(load, finding)
            rejected = []
        if finding.destroyed:
            self._destroy(load, finding.destroyed)
        return self._sort(load, rejected, finding)

    def _key(self, load: Load) -> Hashable:
        if self._spec.of == "lot":
            return load.material[0][0].lot
        return load.charge if self._spec.of == "charge" else load

    def _sort(self, load: Load, rejected: list[int], finding: Finding) -> list[Load]:
        if load.quantity and len(rejected) < load.units:
            bad = set_apart(load, rejected) if rejected else None
            if finding.sampled:
                self._tell(load, Result.OK)
            parts = [load]
        else:
            bad, parts = (load if load.quantity else None), []
        if bad is not None:
            is_apart = bad is not load
            if is_apart:
                self._scrapper.split_off(bad)
            self._tell(bad, Result.NOK)
            if self._goes_back(bad):
                parts.append(bad)
            else:
                self._scrapper.scrap(bad, self._reason)
                self._scrapper.is_gone(bad)
        elif not parts:
            self._scrapper.is_gone(load)
        return parts

    def _goes_back(self, bad: Load) -> bool:
        """Whether ``bad`` is reworked once more; else it has failed for good."""
        passes = bad.passes.get(self._name, 0) + 1
        if self._spec.rework is None or passes > self._spec.passes:
            return False
        bad.passes[self._name] = passes
        bad.via = self._spec.rework
        if bad.back < 0:
            bad.back = bad.step
        return True

    def _destroy(self, load: Load, places: list[int]) -> None:
        sample = set_apart(load, places)
        order, numbers = load.order, list(sample.numbers)
        for portion, quantity in sample.material:
            self._floor.ledger.move(Move.SAMPLE, order.place, self._outside, portion.lot.item, quantity, portion)
            if numbers:
                self._floor.ledger.moved_serials(first_numbers(numbers, quantity))
        if sample.is_named and self._reports.is_on:
            self._reports.scrap(order.run_id(sample.run), sample, self._sample_reason)

    def _judge_later(self, load: Load, finding: Finding) -> None:
        """The verdict on the load, or on the lot or charge it belongs to: that is on all of it, sampled or not."""
        if self._spec.of == "load" and not finding.sampled:
            return
        is_good = not finding.is_refused and not (self._spec.sample is None and finding.rejected)
        judged = self._judged.setdefault(self._key(load), {}) if self._spec.of != "load" else {}
        lots = dict.fromkeys(portion.lot for portion, _ in load.material)
        if not is_good:
            lots |= dict.fromkeys(lot for lot, was_good in judged.items() if was_good)
        for lot in lots:
            if judged.get(lot) is not is_good:
                judged[lot] = is_good
                self._laboratory.give(lot, is_good, self._spec.looks_for[0], after_s=self._spec.after or 0.0)

    # ---- what is reported

    def _tell(self, load: Load, result: Result) -> None:
        if not load.is_named or load.is_unregistered or not self._reports.is_on:
            return
        code = self._reason if result is Result.NOK else 0
        measured = tuple(self._measured(name, load, result) for name in self._spec.measures)
        self._reports.measure(load.order.run_id(load.run), load, result, nok_code=code, measured=measured)

    def _measured(self, name: str, load: Load, result: Result) -> float:
        """A signal of that name as it was while the load dwelt here; else a share of what it should be."""
        if name in self._floor.spec.signals:
            return round(self._signals.seen(name, load.begun_s, self._floor.now).mean, 3)
        return round(self._meter.normal(NOMINAL + OFF * (result is Result.NOK), SPREAD), 4)


def _without(places: list[int], gone: list[int]) -> list[int]:
    """``places`` as they are counted once the units at ``gone`` are gone."""
    return [place - bisect_left(gone, place) for place in places]
