"""Findings about structure and names: what the records of a trace lack, contradict or repeat. Answers, not errors."""

from __future__ import annotations

from collections.abc import Iterable

from trace_core.genealogy.answer import FindingKind
from trace_core.genealogy.balances import find_quantities
from trace_core.genealogy.columns import EVER
from trace_core.genealogy.movements import find_movements
from trace_core.genealogy.tables import UnknownInput
from trace_core.genealogy.trace import Trace
from trace_core.genealogy.windows import Window
from trace_core.vocabulary.identity import Kind

_SHOWN_IDS = 5
"""Ids a sentence names at most; the finding lists them all."""


def find_all(trace: Trace) -> None:
    """Note every finding about the members of a trace, its carriers and its events."""
    _find_loops(trace)
    _find_missing(trace)
    _find_classes(trace)
    _find_shared_parts(trace)
    _find_reused_carriers(trace)
    _find_event_ids(trace)
    _find_bad_identifiers(trace)
    _find_names(trace)
    find_movements(trace)
    find_quantities(trace)


def report_homonyms(trace: Trace, named: dict[str, list[int]]) -> None:
    """A name asked for that means several things: all of them are roots."""
    for query, nodes in named.items():
        ids = trace.names(nodes)
        if len(ids) > 1:
            trace.report(FindingKind.HOMONYM, ids, f"{query!r} is a name of {len(ids)} things")


def _find_loops(trace: Trace) -> None:
    for group in trace.loops:
        ids = trace.names(group)
        detail = "is recorded as made from itself" if len(ids) == 1 else "are recorded as made from one another"
        more = " and others" if len(ids) > _SHOWN_IDS else ""
        trace.report(FindingKind.SELF_LOOP, ids, f"{', '.join(ids[:_SHOWN_IDS])}{more} {detail}")


def _find_missing(trace: Trace) -> None:
    view = trace.view
    for process in trace.processes:
        taken = view.inputs_of(process)
        unknown = view.unknown_inputs(process)
        draws = list(view.process_draws(process))
        made = {view.tables.outputs.thing[row] for row in view.process_outputs(process)}
        if unknown or draws:
            _report_unknown(trace, process, unknown, [row for row in draws if not view.draw_inputs(row)], made)
        if not made:
            things = trace.names(one.thing for one in taken)
            trace.report(FindingKind.MISSING_FIELD, things, f"{trace.process_name(process)} has no output recorded")
        if not taken and not unknown and not draws:
            detail = f"{trace.process_name(process)} has no input recorded"
            trace.report(FindingKind.MISSING_FIELD, trace.names(made), detail)


def _report_unknown(trace: Trace, process: int, unknown: list[UnknownInput], empty: list[int], made: set[int]) -> None:
    name, view = trace.process_name(process), trace.view
    things = trace.names(made) or trace.names(one.thing for one in view.inputs_of(process))
    for one in unknown:
        amount = f"{one.quantity} {one.unit} of " if one.quantity is not None else ""
        why = f" ({one.reason})" if one.reason else ""
        detail = f"{name} took {amount}{one.item or 'an item nobody named'} from a lot nobody recorded{why}"
        trace.report(FindingKind.MISSING_FIELD, things, detail)
    for row in empty:
        holder = view.canonical(view.tables.draws.holder[row])
        detail = f"{name} drew from {holder}, where no record says what lay in it"
        trace.report(FindingKind.MISSING_FIELD, (*things, holder), detail)


def _find_classes(trace: Trace) -> None:
    view = trace.view
    events = view.tables.events
    found: dict[str, list[str]] = {}
    named = set(trace.events).union(*(view.process_events(process) for process in trace.processes))
    for event in named & events.classes.keys():
        for one in events.classes[event]:
            found.setdefault(one, []).append(view.label(event))
    for one, labels in found.items():
        detail = f"names a class, no lot or serial, in {min(labels)}{_more(labels)}: no link goes through it"
        trace.report(FindingKind.CLASS_LEVEL_ITEM, (one,), detail)


def _more(labels: Iterable[str]) -> str:
    count = len(set(labels)) - 1
    return f" and {count} more events" if count else ""


def _find_shared_parts(trace: Trace) -> None:
    view = trace.view
    for thing in trace.members:
        if view.kind(thing) is not Kind.SERIAL:
            continue
        windows = [one for one in view.mounted_in(thing) if view.kind(one.holder) not in _PLACES]
        parents = sorted({a.holder for a in windows for b in windows if _are_at_once(a, b, view.margin)})
        if parents:
            ids = trace.names((thing, *parents))
            detail = f"{trace.name(thing)} is recorded in {len(parents)} assemblies at the same time"
            trace.report(FindingKind.SHARED_PART, ids, detail)


_PLACES = frozenset({Kind.EQUIPMENT, Kind.LOCATION})


def _are_at_once(one: Window, other: Window, margin: int) -> bool:
    if one.holder == other.holder:
        return False
    return min(one.end, other.end) - max(one.start, other.start) > margin


def _find_reused_carriers(trace: Trace) -> None:
    view = trace.view
    carriers = {stay.holder for stays in trace.stays.values() for stay in stays}
    carriers |= {root for root in trace.roots if trace.is_mere_carrier(root)}
    for carrier in carriers:
        windows = sorted(view.packed(carrier), key=lambda one: (one.start, one.end))
        fillings = _fillings(windows)
        if fillings > 1:
            detail = f"was packed, emptied and packed again: {fillings} fillings"
            trace.report(FindingKind.REUSED_CARRIER, (trace.name(carrier),), detail)
        elif _is_packed_after_shipping(trace, carrier, windows):
            detail = "was packed again after it had been shipped, and nobody recorded that it was emptied"
            trace.report(FindingKind.REUSED_CARRIER, (trace.name(carrier),), detail)


def _fillings(windows: list[Window]) -> int:
    """How many times a carrier was filled from empty."""
    fillings, busy_until = 0, -EVER - 1
    for window in windows:
        fillings += window.start > busy_until
        busy_until = max(busy_until, window.end)
    return fillings


def _is_packed_after_shipping(trace: Trace, carrier: int, windows: list[Window]) -> bool:
    starts = [window.start for window in windows if window.is_start_known]
    times = [time for _, time in trace.view.shipments(carrier)]
    return bool(starts) and any(starts[0] <= time < starts[-1] - trace.view.margin for time in times)


def _find_event_ids(trace: Trace) -> None:
    view = trace.view
    shared = view.tables.events.shared
    for event_id in {shared.ids[event] for event in trace.events if shared.is_shared(event)}:
        group = shared.group_of(event_id, view.known)
        used = sum(not shared.declared[one] for one in group)
        if used > 1:
            trace.report(FindingKind.REUSED_EVENT_ID, (event_id,), f"{used} different events carry this id; all count")
        if shared.is_ambiguous(group):
            detail = f"an error declaration equals none of the {used} events with this id: none is withdrawn"
            trace.report(FindingKind.AMBIGUOUS_DECLARATION, (event_id,), detail)


def _find_bad_identifiers(trace: Trace) -> None:
    view = trace.view
    problems = view.tables.names.problems
    carriers = {stay.holder for stays in trace.stays.values() for stay in stays}
    found = {(trace.name(node), problems[node]) for node in {*trace.members, *carriers} if node in problems}
    for event in trace.events & view.tables.events.bad_ids.keys():
        found.update(view.tables.events.bad_ids[event])
    for one, problem in found:
        trace.report(FindingKind.BAD_IDENTIFIER, (one,), problem)


def _find_names(trace: Trace) -> None:
    view = trace.view
    groups: dict[int, set[int]] = {}
    for node, shown in trace.shown.items():
        groups.setdefault(shown, set()).add(node)
    for shown, group in groups.items():
        detail = f"one thing under {len(group)} ids, shown as {view.canonical(shown)}"
        trace.report(FindingKind.ALIAS, (view.canonical(one) for one in group), detail)
    names = view.tables.names
    for form in {form for node in trace.members for form in names.shared_forms(node, view.known)}:
        ids = trace.names(names.called(form, view.known))
        if len(ids) > 1:
            trace.report(FindingKind.HOMONYM, ids, f"{form!r} is a name of {len(ids)} things")
