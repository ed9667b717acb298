"""How far a trace reaches: breadth first over things and processes, iterative, each visited once, loops and all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from trace_core.genealogy.columns import EVER, NONE
from trace_core.genealogy.view import View
from trace_core.vocabulary.identity import Kind


class Way(NamedTuple):
    """How a thing came into a trace: from ``source`` through ``process``, or by its holder, or by another name."""

    source: int
    process: int = NONE
    holder: int = NONE


ROOT = Way(NONE)


@dataclass(slots=True)
class Reach:
    """Everything reached, in order of discovery. ``things`` holds the roots too; ``contents`` what the roots held."""

    is_backward: bool
    roots: list[int]
    things: dict[int, Way] = field(default_factory=dict)
    processes: dict[int, int] = field(default_factory=dict)
    """Process to the thing that led to it."""
    onward: dict[int, list[int]] = field(default_factory=dict)
    """Thing to the processes it leads to."""
    reached: dict[int, list[int]] = field(default_factory=dict)
    """Process to the things it leads to."""
    contents: set[int] = field(default_factory=set)
    renamed: dict[int, set[int]] = field(default_factory=dict)


def backward(view: View, roots: Iterable[int]) -> Reach:
    """All that the roots were made of."""
    reach = Reach(is_backward=True, roots=list(roots))
    return _walk(view, reach, view.makers, lambda process: [one.thing for one in view.inputs_of(process)])


def forward(view: View, roots: Iterable[int]) -> Reach:
    """All that was made of the roots."""
    thing = view.tables.outputs.thing
    reach = Reach(is_backward=False, roots=list(roots))
    return _walk(view, reach, view.users, lambda process: [thing[row] for row in view.process_outputs(process)])


def _walk(
    view: View,
    reach: Reach,
    processes_of: Callable[[int], set[int]],
    things_of: Callable[[int], list[int]],
) -> Reach:
    things, processes = reach.things, reach.processes
    queue: list[int] = []
    for root in reach.roots:
        things[root] = ROOT
        queue.append(root)
    for root in reach.roots:
        for child, holder in contents_of_root(view, root):
            reach.contents.add(child)
            if child not in things:
                things[child] = Way(root, holder=holder)
                queue.append(child)
    renames = view.tables.renamed_in
    for thing in queue:  # grows while it is walked
        if renames and (peers := view.peers(thing)):
            reach.renamed[thing] = peers
            _reach_peers(peers, thing, things, queue)
        onward = reach.onward[thing] = sorted(processes_of(thing))
        for process in onward:
            if process in processes:
                continue
            processes[process] = thing
            found = reach.reached[process] = list(dict.fromkeys(things_of(process)))
            for one in found:
                if one not in things:
                    things[one] = Way(thing, process)
                    queue.append(one)
    return reach


def _reach_peers(peers: set[int], thing: int, things: dict[int, Way], queue: list[int]) -> None:
    for peer in sorted(peers):
        if peer not in things:
            things[peer] = Way(thing)
            queue.append(peer)


def contents_of_root(view: View, root: int) -> list[tuple[int, int]]:
    """What a carrier or vessel asked for stands for: (thing, innermost holder) of all it held in any window.

    With an ``as_of`` what it held at that time, by the records, without margin.
    """
    start, end, margin = (-EVER, EVER, view.margin) if view.as_of is None else (view.as_of, view.as_of, 0)
    found = [(stay.window.child, stay.holder) for stay in view.contents(root, start, end, margin)]
    if view.kind(root) in (Kind.EQUIPMENT, Kind.LOCATION):
        for window in view.mounted(root):
            if window.start <= end and window.end >= start:
                found.append((window.child, root))
                inside = view.contents(window.child, max(start, window.start), min(end, window.end), margin)
                found += [(stay.window.child, stay.holder) for stay in inside]
    return list(dict.fromkeys(found))


def loops(reach: Reach) -> list[list[int]]:
    """The groups of things that lead back to themselves, each sorted; a process that takes its own output is one."""
    onward: dict[int, list[int]] = {}
    for thing, processes in reach.onward.items():
        onward[thing] = [-2 - process for process in processes]
    for thing, peers in reach.renamed.items():
        onward[thing] = onward[thing] + sorted(peers)
    for process, things in reach.reached.items():
        onward[-2 - process] = things
    return [
        sorted(node for node in group if node >= 0)
        for group in _strong_components(_without_ends(onward), onward)
        if any(node < 0 for node in group)
    ]


def _without_ends(onward: dict[int, list[int]]) -> set[int]:
    """The nodes left when those that nothing leads to are taken away again and again: empty where there is no loop."""
    leading: dict[int, int] = dict.fromkeys(onward, 0)
    for targets in onward.values():
        for target in targets:
            leading[target] += 1
    ends = [node for node, count in leading.items() if count == 0]
    for node in ends:  # grows while it is walked
        for target in onward[node]:
            leading[target] -= 1
            if leading[target] == 0:
                ends.append(target)
    return leading.keys() - set(ends)


def _strong_components(nodes: set[int], onward: dict[int, list[int]]) -> list[list[int]]:
    """The strongly connected components of more than one node (Tarjan 1972, with a stack of its own)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    open_nodes: list[int] = []
    is_open: set[int] = set()
    components: list[list[int]] = []
    for start in sorted(nodes):
        if start in number:
            continue
        work = [(start, iter(onward[start]))]
        number[start] = low[start] = len(number)
        open_nodes.append(start)
        is_open.add(start)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in number:
                    number[target] = low[target] = len(number)
                    open_nodes.append(target)
                    is_open.add(target)
                    work.append((target, iter(onward[target])))
                    break
                if target in is_open:
                    low[node] = min(low[node], number[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    component = [open_nodes.pop()]
                    while component[-1] != node:
                        component.append(open_nodes.pop())
                    is_open.difference_update(component)
                    if len(component) > 1:
                        components.append(component)
    return components
