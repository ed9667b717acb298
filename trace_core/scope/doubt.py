"""What the records leave open, read conservatively.

A lot that the records account for in full cannot be anywhere else unless a record is wrong. A lot with something
missing can: in a run that took its item from a lot nobody recorded, in a run whose recipe needs more of the item than
was recorded, in a vessel that takes the item, in a lot whose making was never recorded. Each such place is possible,
with its reason, and needs no wrong record: any number of reports may be missing. Where another lot of the item is
over-used, some of its records may carry the wrong label: possible with one wrong record.

What is not searched: a wrong label that no account contradicts. The answer says so among its assumptions.
Source: SCIENCE.md, section 3, A4; the proof over all consistent histories is SCOPE-j's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from trace_core.scope.evidence import ZERO, Evidence, Ledger, Run

TOLERANCE = Decimal("0.005")
"""Share of a lot that may be missing before it counts as missing: scales and rounding (SCIENCE.md, section 4)."""

SHORTAGE = Decimal("0.02")
"""Share of a recipe's need that a run may lack before an input counts as not recorded."""

DWELL_FACTOR = 2
"""A lot of unknown fate is looked for this many times as long as the slowest recorded lot of its item took."""


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """A lot that may hold some of another, and why; ``errors`` = how many records would have to be wrong."""

    lot: str
    reason: str
    errors: int = 0


def is_missing(ledger: Ledger) -> bool:
    """Whether some of the lot went nobody recorded where; unknown quantities count as missing."""
    return ledger.missing is None or ledger.missing > TOLERANCE * (ledger.received or ZERO)


def is_over_used(ledger: Ledger) -> bool:
    """Whether the records use more of the lot than there was."""
    return ledger.missing is not None and ledger.missing < -TOLERANCE * (ledger.received or ZERO)


class Doubts:
    """The open ends of one body of evidence, found by item."""

    def __init__(self, evidence: Evidence, delta: timedelta) -> None:
        self._evidence = evidence
        self._delta = delta
        self._gaps: dict[str, list[Run]] = defaultdict(list)
        self._short: dict[str, list[Run]] = defaultdict(list)
        self._orphans = [one for one in evidence.ledgers.values() if not one.has_origin and not one.is_serial]
        self._over_used: dict[str, list[Ledger]] = defaultdict(list)
        self._unfinished_runs: dict[str, list[Run]] = defaultdict(list)
        for run in evidence.runs:
            self._note_run(run)
        for ledger in evidence.ledgers.values():
            if is_over_used(ledger):
                self._over_used[ledger.item].append(ledger)
        self._dwell = _dwell_by_item(evidence)
        self._takes = _takes_by_item(evidence)

    def of(self, lot: str) -> Iterator[OpenEnd]:
        """The lots that may hold some of ``lot`` although no record says so."""
        ledger = self._evidence.ledgers.get(lot)
        if ledger is None or not ledger.item or ledger.is_serial:
            return
        yield from self._unfinished(ledger)
        if not is_missing(ledger):
            return
        since = ledger.first_seen - self._delta
        yield from self._through_runs(ledger, since)
        yield from self._through_vessels(ledger, since)
        yield from self._through_orphans(ledger, since)
        yield from self._through_labels(ledger, since)

    def _note_run(self, run: Run) -> None:
        for gap in run.gaps:
            self._gaps[gap.item].append(run)
        for item in _short_items(run, self._evidence):
            self._short[item].append(run)
        if run.planned_item and not run.made:
            self._unfinished_runs[run.planned_item].append(run)

    def _through_runs(self, ledger: Ledger, since: datetime) -> Iterator[OpenEnd]:
        for run in (*self._gaps[ledger.item], *self._gaps[""]):
            if run.end >= since:
                yield from _outputs(run, ledger.lot, f"{run.id} took {ledger.item} from a lot nobody recorded")
        for run in self._short[ledger.item]:
            if run.end >= since:
                reason = f"{run.id} needed more {ledger.item} than was recorded"
                yield from _outputs(run, ledger.lot, reason)

    def _through_vessels(self, ledger: Ledger, since: datetime) -> Iterator[OpenEnd]:
        dwell = self._dwell.get(ledger.item)
        for vessel in self._evidence.vessels_of_item(ledger.item):
            left = None if dwell is None else _next_empty(self._evidence, vessel, since + dwell + 2 * self._delta)
            for run, draw in self._evidence.draws_from(vessel):
                if draw.end >= since and (left is None or draw.start <= left + self._delta):
                    reason = f"{ledger.lot} is not accounted for and may have been charged into {vessel} ({run.id})"
                    yield from _outputs(run, ledger.lot, reason)

    def _through_orphans(self, ledger: Ledger, since: datetime) -> Iterator[OpenEnd]:
        for orphan in self._orphans:
            if orphan.lot == ledger.lot or orphan.first_seen < since or not self._may_take(orphan.item, ledger.item):
                continue
            makers = self._makers_of(orphan)
            if makers is None:
                reason = f"nobody recorded what it was made from; {orphan.item or 'its item'} may take {ledger.item}"
                yield OpenEnd(orphan.lot, reason)
            for run in makers or ():
                if ledger.item in _open_items(run, self._evidence):
                    reason = f"{run.id} may have made it, and took {ledger.item} that nobody recorded"
                    yield OpenEnd(orphan.lot, reason)

    def _makers_of(self, orphan: Ledger) -> list[Run] | None:
        """The runs one of which made the orphan; None where it may have been one nobody reported on.

        Where as many runs of its item lack their output as there are lots of it without a maker, each lot is the
        output of one of them, unless an order went by without any report.
        """
        unfinished = self._unfinished_runs[orphan.item]
        orphans = sum(1 for one in self._orphans if one.item == orphan.item)
        if not orphan.item or self._evidence.silent_orders[orphan.item] or len(unfinished) < orphans:
            return None
        return [run for run in unfinished if run.start <= orphan.first_seen + self._delta]

    def _through_labels(self, ledger: Ledger, since: datetime) -> Iterator[OpenEnd]:
        for other in self._over_used[ledger.item]:
            if other.lot == ledger.lot:
                continue
            for run in self._evidence.runs_using(other.lot):
                if run.end >= since:
                    reason = f"{run.id} recorded {other.lot}, of which more was used than there was"
                    yield from _outputs(run, ledger.lot, reason, errors=1)

    def _unfinished(self, ledger: Ledger) -> Iterator[OpenEnd]:
        """A run that took the lot and never reported what it made: its output is among the lots without a maker."""
        for run in self._evidence.runs_using(ledger.lot):
            if run.made:
                continue
            for orphan in self._orphans:
                fits = orphan.item == run.planned_item if run.planned_item else self._may_take(orphan.item, ledger.item)
                if fits and orphan.lot != ledger.lot and orphan.first_seen >= run.start - self._delta:
                    yield OpenEnd(orphan.lot, f"{run.id} took {ledger.lot} and never reported what it made")

    def _may_take(self, made: str, item: str) -> bool:
        """Whether a lot of ``made`` can hold ``item``; bought items hold nothing, a lot of no known item anything."""
        return not made or item in self._takes.get(made, ())


def _outputs(run: Run, lot: str, reason: str, errors: int = 0) -> Iterator[OpenEnd]:
    for made in run.made:
        if made.lot != lot:
            yield OpenEnd(made.lot, reason, errors)


def _short_items(run: Run, evidence: Evidence) -> Iterator[str]:
    """The items of which the run recorded less than every recipe of its outputs needs."""
    for made in run.made:
        recipes = evidence.recipes.get(made.item, ())
        lacks = [
            _lacking(run, recipe.needs, made.quantity if recipe.unit == made.unit else None, evidence)
            for recipe in recipes
        ]
        if lacks:
            yield from sorted(set.intersection(*lacks))


def _open_items(run: Run, evidence: Evidence) -> set[str]:
    """The items that an unfinished run took without a record: by a gap, or because its recipe needs them."""
    items = {gap.item for gap in run.gaps}
    for recipe in evidence.recipes.get(run.planned_item, ()):
        items |= _lacking(run, recipe.needs, None, evidence)
    return items


def _lacking(run: Run, needs: Mapping[str, Decimal], made: Decimal | None, evidence: Evidence) -> set[str]:
    lacking = set()
    for item, per_unit in needs.items():
        took = _taken(run, item, evidence)
        if took == ZERO or (made is not None and took is not None and took < per_unit * made * (1 - SHORTAGE)):
            lacking.add(item)
    return lacking


def _taken(run: Run, item: str, evidence: Evidence) -> Decimal | None:
    """How much of ``item`` the run recorded; None = some, of unknown quantity; a draw counts for every item inside."""
    total = ZERO
    for use in run.uses:
        if use.item == item:
            if use.quantity is None:
                return None
            total += use.quantity
    for draw in run.draws:
        if any(stay.item == item for stay in evidence.stays_in(draw.vessel)):
            if draw.quantity is None:
                return None
            total += draw.quantity
    return total


def _takes_by_item(evidence: Evidence) -> dict[str, set[str]]:
    """By item made here, the items its runs took, by recipe or by record."""
    takes: dict[str, set[str]] = defaultdict(set)
    for item, recipes in evidence.recipes.items():
        for recipe in recipes:
            takes[item].update(recipe.needs)
    for run in evidence.runs:
        took = {use.item for use in run.uses} | {gap.item for gap in run.gaps}
        took.update(stay.item for draw in run.draws for stay in evidence.stays_in(draw.vessel))
        for made in run.made:
            takes[made.item] |= took
    return takes


def _dwell_by_item(evidence: Evidence) -> dict[str, timedelta]:
    """By item, how long the slowest lot took from its first record to its charge into a vessel, times the factor."""
    slowest: dict[str, timedelta] = {}
    for lot, ledger in evidence.ledgers.items():
        for stay in evidence.stays_of(lot):
            took = stay.start - ledger.first_seen
            slowest[ledger.item] = max(slowest.get(ledger.item, timedelta(0)), took)
    return {item: DWELL_FACTOR * took for item, took in slowest.items()}


def _next_empty(evidence: Evidence, vessel: str, after: datetime) -> datetime | None:
    """The first recorded end of a stay in ``vessel`` later than ``after``: its next clean or verified empty."""
    ends = [stay.end for stay in evidence.stays_in(vessel) if stay.end is not None and stay.end >= after]
    return min(ends) if ends else None
