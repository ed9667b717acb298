"""What one question reached: members, processes, stays in carriers, events and origins, as node and event numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from trace_core.genealogy.accounts import Account, account_of
from trace_core.genealogy.answer import Direction, Finding, FindingKind
from trace_core.genealogy.columns import EVER
from trace_core.genealogy.run_reading import run_name
from trace_core.genealogy.traversal import Reach, backward, forward, loops
from trace_core.genealogy.view import Stay, View
from trace_core.vocabulary.identity import Kind


@dataclass(slots=True)
class Trace:
    """What a question reached, before it is put into words; node and event numbers throughout."""

    view: View
    roots: list[int]
    reaches: list[Reach]
    members: list[int]
    """Roots, contents of roots, ancestors and descendants, by number."""
    loops: list[list[int]]
    shown: dict[int, int]
    """Things under the name an answer shows them by: differs for renamed ones only."""
    accounts: dict[int, Account] = field(default_factory=dict)
    stays: dict[int, list[Stay]] = field(default_factory=dict)
    """Member to its stays in carriers."""
    events: set[int] = field(default_factory=set)
    carrier_events: dict[int, list[int]] = field(default_factory=dict)
    """Member to the events that name its carriers while it lay in them."""
    open_shipments: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    """Shipped things to the (event, destination) of shipments nobody received."""
    origins: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def name(self, node: int) -> str:
        """The canonical id an answer shows for ``node``."""
        return self.view.canonical(self.shown.get(node, node))

    def names(self, nodes: Iterable[int]) -> tuple[str, ...]:
        """The ids of ``nodes``, sorted, each once."""
        return tuple(sorted({self.name(node) for node in nodes}))

    @property
    def processes(self) -> set[int]:
        """Every process reached."""
        return {process for reach in self.reaches for process in reach.processes}

    def process_order(self, process: int) -> tuple[str, str]:
        """Orders processes by what they are called, never by when they arrived."""
        tables = self.view.tables
        events = self.view.process_events(process)
        return tables.processes.names[process], min((self.view.label(event) for event in events), default="")

    def process_name(self, process: int) -> str:
        """What people call a process: its transformationID, what it builds, or its event."""
        return run_name(self.view, process)

    def report(self, kind: FindingKind, ids: Iterable[str], detail: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(kind, tuple(sorted(set(ids))), detail))

    def is_mere_carrier(self, node: int) -> bool:
        """Whether ``node`` is a carrier something was packed in: it stands for that, and is no material itself."""
        if self.view.kind(node) not in _CARRIERS or self.view.tables.packed.by_holder.first(node) < 0:
            return False
        return bool(self.view.packed(node))


_CARRIERS = frozenset({Kind.CARRIER, Kind.ASSET})


def reached(view: View, roots: list[int], direction: Direction) -> Trace:
    """Everything a question reaches, with accounts, events and origins."""
    reaches = []
    if direction is not Direction.FORWARD:
        reaches.append(backward(view, roots))
    if direction is not Direction.BACKWARD:
        reaches.append(forward(view, roots))
    members = sorted({thing for reach in reaches for thing in reach.things})
    groups = {tuple(group) for reach in reaches for group in loops(reach)}
    looped = [list(group) for group in sorted(groups)]
    trace = Trace(view, roots, reaches, members, looped, _shown(view, reaches))
    _collect(trace)
    return trace


def _shown(view: View, reaches: list[Reach]) -> dict[int, int]:
    """Of things that were renamed, the name they got last: the one that the records name first at the latest time."""
    peers: dict[int, set[int]] = {}
    for reach in reaches:
        for thing, others in reach.renamed.items():
            joined = {thing, *others}.union(*(peers.get(one, ()) for one in (thing, *others)))
            for one in joined:
                peers[one] = joined
    shown: dict[int, int] = {}
    for group in {frozenset(joined) for joined in peers.values()}:
        latest = max(group, key=lambda one: (_first_time(view, one), view.canonical(one)))
        shown.update(dict.fromkeys(group, latest))
    return shown


def _first_time(view: View, thing: int) -> int:
    tables = view.tables
    times = [tables.events.time[tables.mentions.event[row]] for row in view.mentions(thing)]
    times += [tables.events.time[tables.outputs.event[row]] for row in view.output_rows(thing)]
    times += [tables.events.time[tables.inputs.event[row]] for row in view.input_rows(thing)]
    return min(times, default=-EVER)


# ---- members and events


def _collect(trace: Trace) -> None:
    view = trace.view
    roots = set(trace.roots)
    for thing in trace.members:
        account = trace.accounts[thing] = account_of(view, thing)
        if thing in roots or not trace.is_mere_carrier(thing):
            trace.events.update(account.events)
        if stays := view.outer(thing):
            trace.stays[thing] = stays
            around = trace.carrier_events[thing] = list(_carrier_events(view, stays))
            trace.events.update(around)
        for window in view.mounted_in(thing):
            trace.events.update(one for one in (window.start_event, window.end_event) if one >= 0)
    for reach in trace.reaches:
        _collect_processes(trace, reach)
    trace.origins = _origins(trace)


def _carrier_events(view: View, stays: list[Stay]) -> Iterator[int]:
    """The events that name a carrier while the thing lay in it: from ADD to DELETE, give or take the margin."""
    mentions, time = view.tables.mentions, view.tables.events.time
    for stay in stays:
        low, high = stay.start - view.margin, stay.end + view.margin
        for row in view.mentions(stay.holder):
            event = mentions.event[row]
            if low <= time[event] <= high:
                yield event


def _collect_processes(trace: Trace, reach: Reach) -> None:
    """Every report of what went into and came out of a process on this way; none that only made something else."""
    view, things = trace.view, reach.things
    outputs, draws = view.tables.outputs, view.tables.draws
    for process in reach.processes:
        if view.tables.processes.assembled[process] >= 0:
            continue  # assemblies are reported by events that name their parts
        taken = view.inputs_of(process)
        made = list(view.process_outputs(process))
        if reach.is_backward:
            made = [row for row in made if outputs.thing[row] in things]
            trace.events.update(draws.event[row] for row in view.process_draws(process))
            trace.events.update(one.event for one in view.unknown_inputs(process))
        else:
            taken = [one for one in taken if one.thing in things]
        trace.events.update(outputs.event[row] for row in made)
        trace.events.update(one.event for one in taken)


def _origins(trace: Trace) -> list[int]:
    """The members of roots, their contents and ancestors that nothing made; a carrier is none, its contents are."""
    view = trace.view
    possible: set[int] = set(trace.roots)
    for reach in trace.reaches:
        possible |= set(reach.things) if reach.is_backward else reach.contents
    by_name: dict[int, list[int]] = {}
    for thing in possible:
        if view.kind(thing) in _MATERIAL and not trace.is_mere_carrier(thing):
            by_name.setdefault(trace.shown.get(thing, thing), []).append(thing)
    return sorted(shown for shown, group in by_name.items() if not any(view.makers(one) for one in group))


_MATERIAL = frozenset({Kind.LOT, Kind.SERIAL, Kind.CARRIER, Kind.ASSET})
