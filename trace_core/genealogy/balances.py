"""Findings about quantities: more used than there was, something left, units that nothing joins. Exact, per lot."""

from __future__ import annotations

from decimal import Decimal

from trace_core.genealogy.accounts import ONE, ZERO, Account, Balance, Exact, balance_of, converted_amount, minus, plus
from trace_core.genealogy.answer import FindingKind
from trace_core.genealogy.tables import plain
from trace_core.genealogy.trace import Trace
from trace_core.genealogy.view import View
from trace_core.vocabulary.identity import Kind
from trace_core.vocabulary.units import EACH, format_amount


def find_quantities(trace: Trace) -> None:
    """Note what does not balance; where units do not convert, that, and never a loss."""
    for thing in trace.members:
        if trace.view.kind(thing) is Kind.LOT:
            _check_balance(trace, trace.accounts[thing])
    _check_units_of_processes(trace)


def _check_balance(trace: Trace, account: Account) -> None:
    balance = balance_of(trace.view, account)
    name = trace.name(account.thing)
    if balance is None:
        return
    if not isinstance(balance, Balance):
        detail = f"recorded in {balance[0]} and in {balance[1]}, and nothing declares how they convert"
        trace.report(FindingKind.UNIT_MISMATCH, (name,), detail)
        return
    unit = balance.unit or "pieces"
    if balance.used > balance.supply:
        over = _text(minus(balance.used, balance.supply))
        detail = f"{over} {unit} more used than there was: {_text(balance.used)} of {_text(balance.supply)} {unit}"
        trace.report(FindingKind.OVER_CONSUMPTION, (name,), detail)
        return
    if not balance.is_use_known:
        return
    left = minus(minus(balance.supply, balance.used), balance.scrapped)
    if left > 0:
        left = minus(left, _on_the_way(trace, account, balance.unit))
    if left > 0:
        detail = f"{_text(left)} of {_text(balance.supply)} {unit} neither used, scrapped nor on the way"
        trace.report(FindingKind.REMAINING_STOCK, (name,), detail)


def _on_the_way(trace: Trace, account: Account, unit: str | None) -> Exact:
    """How much of a lot left in shipments that nobody received, by itself or in a carrier."""
    view, thing = trace.view, account.thing
    mentions = view.tables.mentions
    unreceived = {event for event, _ in trace.open_shipments.get(thing, ())}
    parts = [
        (view.quantity(mentions.quantity[row]), view.unit(mentions.unit[row]))
        for row, _ in (view.shipments(thing) if unreceived else ())
        if mentions.event[row] in unreceived
    ]
    own = {stay.own for stay in trace.stays.get(thing, ()) if stay.holder in trace.open_shipments}
    parts += [(window.quantity, view.unit(window.unit)) for window in own]
    total: Exact = ZERO
    for quantity, source in parts:
        if quantity is not None:
            total = plus(total, converted_amount(view, thing, quantity, source or EACH, unit or EACH) or ZERO)
    return total


def _check_units_of_processes(trace: Trace) -> None:
    """Processes whose output is measured in units that none of their inputs has: their yield cannot be computed."""
    view = trace.view
    tables = view.tables
    found: dict[tuple[str, str], set[int]] = {}
    for process in trace.processes:
        rows = list(view.process_outputs(process))
        made = {tables.outputs.unit[row] for row in rows if tables.outputs.quantity[row] >= 0}
        taken = {one.unit for one in view.inputs_of(process) if one.quantity is not None}
        if not made or not taken or not made.isdisjoint(taken):
            continue
        thing = tables.outputs.thing[rows[0]]
        sources = sorted(view.unit(code) or EACH for code in taken)
        targets = sorted(view.unit(code) or EACH for code in made)
        if not any(_joins(view, thing, source, target) for source in sources for target in targets):
            found.setdefault((", ".join(sources), ", ".join(targets)), set()).update(
                tables.outputs.thing[row] for row in rows
            )
    for (source, target), things in found.items():
        detail = f"made in {target} from inputs in {source}, and nothing declares how they convert: no yield or loss"
        trace.report(FindingKind.UNIT_MISMATCH, trace.names(things), detail)


def _joins(view: View, thing: int, source: str, target: str) -> bool:
    return source == target or converted_amount(view, thing, ONE, source, target) is not None


def _text(amount: Exact) -> str:
    return f"{plain(amount):f}" if isinstance(amount, Decimal) else format_amount(amount)
