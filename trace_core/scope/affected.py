"""How far a suspicion reaches: a walk over what is recorded, and over what the records leave open.

Every lot reached carries the strongest claim found for it: certain before possible, fewer wrong records before more.
The recorded part follows inputs, and draws from a vessel while the lot was in it (policy ``clean_break``: presence
ends only with a verified empty or an effective clean, which is sound for any mixing). The open part is
:mod:`trace_core.scope.doubt`. Source: SCIENCE.md, sections 2 and 3.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from trace_core.scope.doubt import Doubts, meets
from trace_core.scope.evidence import ZERO, Draw, Evidence, Made, Run, Stay, Use


@dataclass(frozen=True, slots=True, order=True)  # the order settles ties of the queue
class Claim:
    """Why a lot is in the scope: ``errors_needed`` records would have to be wrong; certain claims need none."""

    is_certain: bool
    errors_needed: int
    reason: str
    via: str = ""

    @property
    def rank(self) -> tuple[bool, int]:
        """Lower is stronger."""
        return (not self.is_certain, self.errors_needed)


@dataclass(frozen=True, slots=True)
class Step:
    """One way a suspicion passes on: to ``lot``, certainly or not, with the reason to show."""

    lot: str
    is_certain: bool
    reason: str
    errors: int = 0


def spread(evidence: Evidence, suspects: Mapping[str, str], delta: timedelta) -> dict[str, Claim]:
    """Every lot and serial the suspects (id to reason) may have reached, themselves included, with the claim for it.

    Cost: one pass over the runs, draws and open questions of the lots reached; loops end because a claim only ever
    gets stronger.
    """
    doubts = Doubts(evidence, delta)
    best: dict[str, Claim] = {}
    queue: list[tuple[tuple[bool, int], str, Claim]] = []
    for lot, reason in suspects.items():
        claim = Claim(is_certain=True, errors_needed=0, reason=reason)
        heapq.heappush(queue, (claim.rank, lot, claim))
    while queue:
        _, lot, claim = heapq.heappop(queue)
        if lot in best:
            continue
        best[lot] = claim
        for step in (*recorded_steps(evidence, doubts, lot, delta), *_open_steps(doubts, lot)):
            if step.lot not in best:
                onward = Claim(
                    claim.is_certain and step.is_certain, claim.errors_needed + step.errors, step.reason, via=lot
                )
                heapq.heappush(queue, (onward.rank, step.lot, onward))
    return best


def recorded_steps(evidence: Evidence, doubts: Doubts, lot: str, delta: timedelta) -> Iterator[Step]:
    """Where the records say that ``lot`` went, or may have gone, by inputs and by vessels."""
    for run in evidence.runs_using(lot):
        yield from _through_inputs(evidence, run, lot)
    for stay in evidence.stays_of(lot):
        for run, draw in evidence.draws_from(stay.vessel):
            if meets(stay, draw.start, draw.end, delta):
                yield from _through_vessel(evidence, doubts, run, draw, stay, delta)


def _open_steps(doubts: Doubts, lot: str) -> Iterator[Step]:
    for open_end in doubts.of(lot):
        yield Step(open_end.lot, is_certain=False, reason=open_end.reason, errors=open_end.errors)


def _through_inputs(evidence: Evidence, run: Run, lot: str) -> Iterator[Step]:
    uses = [use for use in run.uses if use.lot == lot]
    if all(use.is_bounded for use in uses):
        yield from _steps(run, lot, f"{run.id} took {lot}, by times within the clocks' margin")
        return
    for made in run.made:
        if made.lot == lot:
            continue
        if _surely_holds(evidence, run, made, uses[0]):
            yield Step(made.lot, is_certain=True, reason=f"made from {lot} in {run.id}")
        else:
            reason = f"{run.id} took {lot}, and nobody recorded what of it went into this lot"
            yield Step(made.lot, is_certain=False, reason=reason)


def _steps(run: Run, lot: str, reason: str) -> Iterator[Step]:
    return (Step(made.lot, is_certain=False, reason=reason) for made in run.made if made.lot != lot)


def _surely_holds(evidence: Evidence, run: Run, made: Made, use: Use) -> bool:
    """Whether ``made`` holds some of the lot used, whatever else the run made.

    A run of one output put everything into it, if that is what was ordered or its recipe has such an item; else another
    output may have gone unrecorded. Of several outputs, those hold some whose recipe needs the item, where no other lot
    can have given it.
    """
    recipes = evidence.recipes.get(made.item, ())
    is_needed = any(use.item in recipe.needs for recipe in recipes)
    if len({one.lot for one in run.made}) == 1:
        is_needed = is_needed or any(use.item in recipe.options for recipe in recipes)
        return is_needed or (run.planned_item == made.item if run.planned_item else not recipes)
    return is_needed and _is_only_source(run, use)


def _is_only_source(run: Run, use: Use) -> bool:
    """Whether nothing else can have given the run its ``use.item``."""
    if not use.item or run.draws or any(gap.item in ("", use.item) for gap in run.gaps):
        return False
    return all(other.lot == use.lot for other in run.uses if other.item == use.item)


def _through_vessel(
    evidence: Evidence, doubts: Doubts, run: Run, draw: Draw, stay: Stay, delta: timedelta
) -> Iterator[Step]:
    others = [
        one for one in evidence.stays_in(draw.vessel) if one.lot != stay.lot and meets(one, draw.start, draw.end, delta)
    ]
    is_surely_there = stay.start + delta <= draw.start and (stay.end is None or draw.end <= stay.end - delta)
    is_certain = is_surely_there and len({one.lot for one in run.made}) == 1 and _must_hold(draw, others)
    is_certain = is_certain and doubts.is_closed(draw.vessel, draw.end)
    reason = f"drawn from {draw.vessel} with {stay.lot} in it ({run.id})"
    for made in run.made:
        if made.lot != stay.lot:
            yield Step(made.lot, is_certain, reason)


def _must_hold(draw: Draw, others: Sequence[Stay]) -> bool:
    """Whether the draw is more than all other lots together can have supplied, whatever the mixing."""
    if not others:
        return True
    if draw.quantity is None or any(one.quantity is None or one.unit != draw.unit for one in others):
        return False
    return draw.quantity > sum((one.quantity or ZERO for one in others), ZERO)


def runs_at(
    evidence: Evidence, equipment: Iterable[str], window: tuple[datetime, datetime] | None, delta: timedelta
) -> list[Run]:
    """The runs that passed any of ``equipment``, in the window widened by the clocks' margin, or ever."""
    wanted = set(equipment)
    passed = [run for run in evidence.runs if wanted.intersection(run.equipment)]
    if window is None:
        return passed
    since, until = window[0] - delta, window[1] + delta
    return [run for run in passed if run.start <= until and since <= run.end]


def outputs_of(runs: Iterable[Run]) -> list[Made]:
    """Everything the runs made, in their order."""
    return [made for run in runs for made in run.made]
