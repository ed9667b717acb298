"""From suspects to a recall: the scope, and around it what a person who signs it asks for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from trace_core.scope.affected import Claim, spread
from trace_core.scope.answer import Consignee, Finding, InScope, MassBalance, RecallAnswer
from trace_core.scope.doubt import DWELL_FACTOR, TOLERANCE, is_missing, is_over_used, is_unseen
from trace_core.scope.evidence import ZERO, Evidence, Ledger, Shipment
from trace_core.scope.run_accounts import SLACK

DEFAULT_ERRORS = 2
"""Wrong records a possible lot may need: a plain swap of two labels is two (SCIENCE.md, section 3); 0 is no default."""


def recall(
    evidence: Evidence, suspects: Mapping[str, str], *, delta: timedelta, errors: int = DEFAULT_ERRORS
) -> RecallAnswer:
    """The scope of a recall of ``suspects`` (id to the reason it is suspect), at most ``errors`` wrong records deep.

    ``delta`` is how far any two clocks may differ. Never silently shorter: what is left out by ``errors`` is a finding.
    """
    reached = spread(evidence, suspects, delta)
    unseen = sorted(lot for lot, claim in reached.items() if is_unseen(lot) and claim.errors_needed <= errors)
    claims = {lot: claim for lot, claim in reached.items() if not is_unseen(lot)}
    too_deep = sorted(lot for lot, claim in claims.items() if claim.errors_needed > errors)
    kept = {lot: claim for lot, claim in claims.items() if claim.errors_needed <= errors}
    finished = [lot for lot in kept if _is_finished(evidence, lot)]
    unit = _recall_unit(evidence, finished)
    finished = [lot for lot in finished if _is_counted_in(evidence.ledgers.get(lot), unit)]
    counted = {lot: _units(evidence.ledgers.get(lot)) for lot in finished}
    consignees, shipped = _consignees(evidence, counted, delta)
    certain, possible = (_rows(kept, counted, is_certain=one) for one in (True, False))
    return RecallAnswer(
        suspects=tuple(sorted(suspects)),
        certain=certain,
        possible=possible,
        cleared=_cleared(evidence, claims, too_deep),
        unit=unit,
        units_certain=sum((counted[lot] for lot in finished if kept[lot].is_certain), ZERO),
        units_possible=sum((counted[lot] for lot in finished if not kept[lot].is_certain), ZERO),
        in_stock=max(ZERO, sum(counted.values(), ZERO) - shipped - _gone(evidence, finished, unit)),
        shipped=shipped,
        customers=consignees,
        mass_balance=mass_balance(evidence, suspects),
        assumptions=_assumptions(delta, errors),
        findings=(*_findings(evidence, kept, too_deep, suspects), *_unseen_findings(unseen)),
    )


def mass_balance(evidence: Evidence, lots: Iterable[str]) -> MassBalance:
    """Received against accounted for over ``lots``; without numbers where a lot has none or the units differ."""
    ledgers = [evidence.ledgers[lot] for lot in lots if lot in evidence.ledgers]
    units = {one.unit for one in ledgers}
    if len(units) != 1 or any(one.received is None for one in ledgers):
        return MassBalance(None, None, "")
    received = sum((one.received or ZERO for one in ledgers), ZERO)
    by = {
        "used": sum((one.used for one in ledgers), ZERO),
        "shipped": sum((one.shipped for one in ledgers), ZERO),
        "scrapped": sum((one.scrapped for one in ledgers), ZERO),
        "counted_in_stock": sum((one.counted or ZERO for one in ledgers), ZERO),
    }
    accounted = sum(by.values(), ZERO)
    return MassBalance(received, accounted, units.pop(), {**by, "not_accounted": received - accounted})


def _rows(claims: Mapping[str, Claim], counted: Mapping[str, Decimal], *, is_certain: bool) -> tuple[InScope, ...]:
    return tuple(
        InScope(lot, claim.reason, claim.errors_needed, claim.via, counted.get(lot))
        for lot, claim in sorted(claims.items())
        if claim.is_certain is is_certain
    )


def _is_finished(evidence: Evidence, lot: str) -> bool:
    """Whether the lot is goods as they leave: packed, shipped, a serial, or made and not used by any run or vessel."""
    if evidence.packings_of(lot) or evidence.shipments_of(lot):
        return True
    ledger = evidence.ledgers.get(lot)
    return ledger is not None and not evidence.runs_using(lot) and not evidence.stays_of(lot)


def _recall_unit(evidence: Evidence, finished: Sequence[str]) -> str:
    """The unit most finished lots are counted in; what is packed or shipped decides before what merely lies there."""
    packed = [lot for lot in finished if evidence.packings_of(lot) or evidence.shipments_of(lot)]
    units = Counter(evidence.ledgers[lot].unit for lot in (packed or finished) if lot in evidence.ledgers)
    return min(units, key=lambda unit: (-units[unit], unit)) if units else ""


def _is_counted_in(ledger: Ledger | None, unit: str) -> bool:
    return ledger is None or ledger.is_serial or ledger.unit == unit


def _units(ledger: Ledger | None) -> Decimal:
    if ledger is None:
        return ZERO
    if ledger.is_serial:
        return Decimal(1)
    return ZERO if ledger.received is None else max(ZERO, ledger.received - ledger.used)


def _gone(evidence: Evidence, finished: Sequence[str], unit: str) -> Decimal:
    ledgers = [evidence.ledgers[lot] for lot in finished if lot in evidence.ledgers]
    return sum((one.scrapped for one in ledgers if one.unit == unit), ZERO)


def _consignees(
    evidence: Evidence, counted: Mapping[str, Decimal], delta: timedelta
) -> tuple[tuple[Consignee, ...], Decimal]:
    """Who got the finished lots, and how much left in all; of several shipments of one packing the last counts."""
    units: dict[str, Decimal] = defaultdict(lambda: ZERO)
    carriers: dict[str, set[str]] = defaultdict(set)
    doubtful: dict[str, set[str]] = defaultdict(set)
    for lot, made in counted.items():
        last = {(one.packing or one.event): one for one in evidence.shipments_of(lot)}
        for shipment in last.values():
            units[shipment.destination] += made if shipment.quantity is None else shipment.quantity
            if shipment.carrier:
                carriers[shipment.destination].add(shipment.carrier)
    for shipment in _doubtful_shipments(evidence, counted, delta):
        doubtful[shipment.destination].add(shipment.carrier)
    everyone = sorted({*units, *doubtful})
    return (
        tuple(
            Consignee(one, units.get(one, ZERO), tuple(sorted(carriers[one])), tuple(sorted(doubtful[one])))
            for one in everyone
        ),
        sum(units.values(), ZERO),
    )


def _doubtful_shipments(evidence: Evidence, counted: Mapping[str, Decimal], delta: timedelta) -> list[Shipment]:
    """Shipments of carriers with no recorded contents that may hold what is missing among the packings of the lots."""
    starts = [
        evidence.ledgers[lot].first_seen - delta
        for lot, made in counted.items()
        if lot in evidence.ledgers and not evidence.ledgers[lot].is_serial and _packed(evidence, lot) < made
    ]
    if not starts:
        return []
    since = min(starts)
    return [one for one in evidence.shipments if one.thing == one.carrier and one.time >= since]


def _packed(evidence: Evidence, lot: str) -> Decimal:
    return sum((one.quantity or ZERO for one in evidence.packings_of(lot)), ZERO)


def _cleared(evidence: Evidence, claims: Mapping[str, Claim], too_deep: Sequence[str]) -> dict[str, int]:
    untouched = sum(1 for lot in evidence.ledgers if lot not in claims)
    reasons = {"no record leads here, and no open record could": untouched}
    if too_deep:
        reasons["only if more records were wrong than the dial allows"] = len(too_deep)
    return reasons


def _assumptions(delta: timedelta, errors: int) -> tuple[str, ...]:
    return (
        f"any two clocks differ by at most {delta.total_seconds():g} s",
        "a lot is in a vessel from its charge to the next verified empty or effective clean (clean_break)",
        f"a lot counts as accounted for when at most {_percent(TOLERANCE)} of it is missing",
        f"recipes are exact to {_percent(SLACK)}: who took less has an unrecorded input, who made less an output",
        f"a lot of unknown fate is used within {DWELL_FACTOR} times the slowest recorded time of its item",
        f"at most {errors} records are wrong; any number may be missing",
        "a wrong label that no account contradicts is not searched for",
    )


def _unseen_findings(unseen: Sequence[str]) -> Iterable[Finding]:
    if unseen:
        detail = f"{len(unseen)} runs of the scope made something nobody recorded; look for it on the floor"
        yield Finding("unrecorded_output", tuple(unseen), detail)


def _percent(share: Decimal) -> str:
    return f"{(100 * share).normalize():f} %"


def _findings(
    evidence: Evidence, kept: Mapping[str, Claim], too_deep: Sequence[str], suspects: Mapping[str, str]
) -> Iterable[Finding]:
    ledgers = [evidence.ledgers[lot] for lot in sorted(kept) if lot in evidence.ledgers]
    for ledger in ledgers:
        is_source = ledger.lot in suspects or not _is_finished(evidence, ledger.lot)
        if is_source and ledger.missing is not None and is_missing(ledger):
            detail = f"{ledger.missing} {ledger.unit} of {ledger.received} are not accounted for"
            yield Finding("not_accounted", (ledger.lot,), detail)
    for ledger in ledgers:
        if is_over_used(ledger):
            detail = f"{-(ledger.missing or ZERO)} {ledger.unit} more than the {ledger.received} there were"
            yield Finding("over_consumption", (ledger.lot,), detail)
    if too_deep:
        detail = f"{len(too_deep)} lots would need more wrong records than the dial allows; raise --errors to see them"
        yield Finding("left_out_by_dial", tuple(too_deep), detail)
