"""What the records leave open, read conservatively: any number of reports may be missing.

A lot that the records account for in full cannot be anywhere else unless a record is wrong. One with something left can
be where something is lacking: in a run that took its item without a record, in a vessel that takes the item. A run
that made less than it took made something nobody recorded; that *unseen lot* is argued on like any other: it may be a
lot without a maker, or have gone into a run that lacks an input. Where another lot of the item is over-used, some of
its records may carry the wrong label: possible with one wrong record.

What is not searched: a wrong label that no account contradicts. The answer says so among its assumptions.
Source: SCIENCE.md, section 3, A4; the proof over all consistent histories is SCOPE-j's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from trace_core.scope.evidence import BEGINNING, ZERO, Evidence, Ledger, Run, Stay
from trace_core.scope.run_accounts import RunAccounts

TOLERANCE = Decimal("0.005")
"""Share of a lot that may be missing before it counts as missing: scales and rounding (SCIENCE.md, section 4)."""

DWELL_FACTOR = 2
"""A lot of unknown fate is looked for this many times as long as the slowest recorded lot of its item took."""

_UNSEEN = "unseen output of "


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


def is_unseen(lot: str) -> bool:
    """Whether this stands for what a run made and nobody recorded."""
    return lot.startswith(_UNSEEN)


def meets(stay: Stay, start: datetime, end: datetime, delta: timedelta) -> bool:
    """Whether the stay and the interval may overlap, give or take the clocks' margin."""
    return stay.start - delta <= end and (stay.end is None or start <= stay.end + delta)


class Doubts:
    """The open ends of one body of evidence."""

    def __init__(self, evidence: Evidence, delta: timedelta) -> None:
        self._evidence = evidence
        self._delta = delta
        self._accounts = RunAccounts(evidence)
        self._lacking: dict[str, list[Run]] = defaultdict(list)
        self._unfinished: dict[str, Run] = {}
        for run in evidence.runs:
            for item in self._accounts.lacking(run):
                self._lacking[item].append(run)
            if self._accounts.is_unfinished(run):
                self._unfinished[_UNSEEN + run.id] = run
        self._orphans = [one for one in evidence.ledgers.values() if not one.has_origin and not one.is_serial]
        self._over_used: dict[str, list[Ledger]] = defaultdict(list)
        for ledger in evidence.ledgers.values():
            if is_over_used(ledger):
                self._over_used[ledger.item].append(ledger)
        self._dwell = _dwell_by_item(evidence)
        self._age = _age_by_item(evidence)

    def of(self, lot: str) -> Iterator[OpenEnd]:
        """The lots that may hold some of ``lot`` although no record says so; unseen lots among them."""
        if is_unseen(lot):
            yield from self._after_unseen(self._unfinished[lot])
            return
        for run in (*self._evidence.runs_using(lot), *self._runs_drawing(lot)):
            yield from self._unseen_of(run, f"{run.id} took {lot} and did not report all that it made")
        yield from self._through_unrecorded_draws(lot)
        ledger = self._evidence.ledgers.get(lot)
        since = None if ledger is None else self._open_since(ledger)
        if ledger is None or since is None or not ledger.item or ledger.is_serial:
            return
        since -= self._delta
        yield from self._through_lacking_runs((ledger.item,), since, f"{ledger.item} that nobody recorded")
        yield from self._through_vessels(ledger, since)
        yield from self._through_orphans(ledger, since)
        yield from self._through_labels(ledger, since)

    def is_closed(self, vessel: str, until: datetime) -> bool:
        """Whether nothing can have gone into ``vessel`` by ``until`` without a record: no lot of its items is open."""
        items = {stay.item for stay in self._evidence.stays_in(vessel)}
        if any(items & self._accounts.products_of(run) for run in self._unfinished.values()):
            return False
        return not any(
            ledger.item in items and ledger.first_seen - self._delta <= until and open_since(ledger) is not None
            for ledger in self._evidence.ledgers.values()
        )

    def _open_since(self, ledger: Ledger) -> datetime | None:
        """See `open_since`; a lot whose arrival nobody recorded may have been there as long as others of its item."""
        if ledger.has_origin:
            return open_since(ledger)
        age = self._age.get(ledger.item)
        return BEGINNING if age is None else max(BEGINNING, ledger.first_seen - age)

    # ---- runs

    def _through_lacking_runs(self, items: Iterable[str], since: datetime, what: str) -> Iterator[OpenEnd]:
        for item in (*items, ""):
            for run in self._lacking[item]:
                if self._accounts.span(run)[1] >= since:
                    yield from self._outputs(run, f"{run.id} took {what}")

    def _through_unrecorded_draws(self, lot: str) -> Iterator[OpenEnd]:
        """Runs that lack the item of a vessel in which the lot lay at about their time."""
        for stay in self._evidence.stays_of(lot):
            for run in self._lacking[stay.item]:
                if meets(stay, *self._accounts.span(run), self._delta):
                    yield from self._outputs(run, f"{run.id} may have drawn from {stay.vessel} with {lot} in it")

    def _runs_drawing(self, lot: str) -> Iterator[Run]:
        for stay in self._evidence.stays_of(lot):
            for run, draw in self._evidence.draws_from(stay.vessel):
                if meets(stay, draw.start, draw.end, self._delta):
                    yield run

    def _outputs(self, run: Run, reason: str, errors: int = 0) -> Iterator[OpenEnd]:
        for made in run.made:
            yield OpenEnd(made.lot, reason, errors)
        yield from self._unseen_of(run, reason, errors)

    def _unseen_of(self, run: Run, reason: str, errors: int = 0) -> Iterator[OpenEnd]:
        if _UNSEEN + run.id in self._unfinished:
            yield OpenEnd(_UNSEEN + run.id, reason, errors)

    def _after_unseen(self, run: Run) -> Iterator[OpenEnd]:
        items, since = self._accounts.products_of(run), self._accounts.span(run)[0] - self._delta
        for orphan in self._orphans:
            if (not orphan.item or orphan.item in items) and orphan.first_seen >= since:
                yield OpenEnd(orphan.lot, f"nobody recorded who made it; {run.id} may have")
        yield from self._through_lacking_runs(sorted(items), since, f"something that {run.id} may have made")

    # ---- vessels, lots without a maker, labels

    def _through_vessels(self, ledger: Ledger, since: datetime) -> Iterator[OpenEnd]:
        dwell = self._dwell.get(ledger.item)
        for vessel in self._evidence.vessels_of_item(ledger.item):
            left = None if dwell is None else _next_empty(self._evidence, vessel, since + dwell + 2 * self._delta)
            for run, draw in self._evidence.draws_from(vessel):
                if draw.end >= since and (left is None or draw.start <= left + self._delta):
                    reason = f"{ledger.lot} is not accounted for and may have been charged into {vessel} ({run.id})"
                    yield from self._outputs(run, reason)

    def _through_orphans(self, ledger: Ledger, since: datetime) -> Iterator[OpenEnd]:
        """Lots without a maker that more than the known runs may have made."""
        for orphan in self._orphans:
            is_later = orphan.lot != ledger.lot and orphan.first_seen >= since
            if is_later and self._accounts.may_take(orphan.item, ledger.item) and self._has_unknown_maker(orphan):
                reason = f"nobody recorded what it was made from; {orphan.item or 'its item'} may take {ledger.item}"
                yield OpenEnd(orphan.lot, reason)

    def _has_unknown_maker(self, orphan: Ledger) -> bool:
        """Whether a run without any report may have made the orphan.

        Where as many runs that may have made its item lack an output as there are lots of it without a maker, each lot
        is the output of one of them, unless an order went by without any report.
        """
        if not orphan.item:
            return True
        makers = sum(1 for run in self._unfinished.values() if orphan.item in self._accounts.products_of(run))
        orphans = sum(1 for one in self._orphans if one.item == orphan.item)
        return makers < orphans or self._accounts.has_silent_order(orphan.item)

    def _through_labels(self, ledger: Ledger, since: datetime) -> Iterator[OpenEnd]:
        for other in self._over_used[ledger.item]:
            if other.lot == ledger.lot:
                continue
            for run in self._evidence.runs_using(other.lot):
                if run.end >= since:
                    reason = f"{run.id} recorded {other.lot}, of which more was used than there was"
                    yield from self._outputs(run, reason, errors=1)


def open_since(ledger: Ledger) -> datetime | None:
    """From when some of the lot may be where nobody recorded it; None where the records account for all of it.

    What a count found was there when it was counted, and may have gone since.
    """
    if ledger.received is None:
        return ledger.first_seen
    left = ledger.received - (ledger.accounted - (ledger.counted or ZERO))
    if left <= TOLERANCE * ledger.received:
        return None
    return ledger.first_seen if is_missing(ledger) or ledger.counted_at is None else ledger.counted_at


def _dwell_by_item(evidence: Evidence) -> dict[str, timedelta]:
    """By item, how long the slowest lot took from its first record to its charge into a vessel, times the factor."""
    slowest: dict[str, timedelta] = {}
    for lot, ledger in evidence.ledgers.items():
        for stay in evidence.stays_of(lot):
            took = stay.start - ledger.first_seen
            slowest[ledger.item] = max(slowest.get(ledger.item, timedelta(0)), took)
    return {item: DWELL_FACTOR * took for item, took in slowest.items()}


def _age_by_item(evidence: Evidence) -> dict[str, timedelta]:
    """By item, how old the oldest lot of recorded origin was when a run took it, times the factor."""
    oldest: dict[str, timedelta] = {}
    for run in evidence.runs:
        for use in run.uses:
            ledger = evidence.ledgers.get(use.lot)
            if ledger is not None and ledger.has_origin:
                oldest[use.item] = max(oldest.get(use.item, timedelta(0)), run.end - ledger.first_seen)
    return {item: DWELL_FACTOR * age for item, age in oldest.items()}


def _next_empty(evidence: Evidence, vessel: str, after: datetime) -> datetime | None:
    """The first recorded end of a stay in ``vessel`` later than ``after``: its next clean or verified empty."""
    ends = _ends(evidence.stays_in(vessel))
    return min((end for end in ends if end >= after), default=None)


def _ends(stays: Sequence[Stay]) -> Iterator[datetime]:
    return (stay.end for stay in stays if stay.end is not None)
