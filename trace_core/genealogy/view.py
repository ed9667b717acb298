"""The records as they count at one moment: none that is void, later than the moment, or not yet known.

Everything a question needs is asked here in node and event numbers: what went into a process and came out of it, what
lay in a carrier or vessel and when. Recorded links are never cut on times. Links that exist only through time (a draw
from a vessel, the contents of a carrier that was used up) hold where the intervals meet within the clocks' margin.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from trace_core.genealogy.columns import EVER, NONE
from trace_core.genealogy.event_columns import EventColumns, FactKind
from trace_core.genealogy.records import Run
from trace_core.genealogy.tables import CONVERSIONS_ATTRIBUTE, Holdings, Tables, UnknownInput
from trace_core.genealogy.windows import Clean, HolderFact, HolderRules, Intervals, Window, windows_of
from trace_core.vocabulary.identity import Kind
from trace_core.vocabulary.masterdata import EquipmentKind

__all__ = ["CONVERSIONS_ATTRIBUTE", "Input", "Stay", "View"]


class Input(NamedTuple):
    """Something a process took. ``holder`` is the carrier or vessel it came out of; ``NONE`` where it was named."""

    thing: int
    event: int
    quantity: Decimal | None
    unit: int
    holder: int = NONE
    is_sure: bool = True
    is_alone: bool = True
    """Whether nothing else can have come out of the holder."""


class Stay(NamedTuple):
    """A thing lay in ``holder``, directly or nested, from ``start`` to ``end``: where all its windows overlap."""

    holder: int
    start: int
    end: int
    window: Window
    """The window of this carrier and what lay in it directly."""
    own: Window
    """The window of the thing itself, in its innermost carrier."""


class View:
    """One moment's reading of the tables. Windows are worked out when first asked for and kept."""

    def __init__(self, tables: Tables, known: int, as_of: int | None) -> None:
        self.tables = tables
        self.known = known
        self.as_of = as_of
        self.margin = tables.margin
        self.dead = _dead(tables.events, known, as_of)
        """1 for each event that does not count."""
        self._packed: dict[int, list[Window]] = {}
        self._mounted: dict[int, list[Window]] = {}
        self._held: dict[int, Intervals[Window]] = {}
        self._drawn: dict[int, Intervals[int]] = {}
        self._outer: dict[int, list[Stay]] = {}
        self._around: dict[tuple[bool, int], list[Window]] = {}
        self._inputs: dict[int, list[Input]] = {}
        self._shipments: dict[int, list[tuple[int, int]]] = {}
        self.open_shipments: dict[int, list[tuple[int, str]]] = {}
        """What `movements.open_shipments_of` has found so far."""
        self.runs: dict[int, Run | None] = {}
        """What `run_reading` has put into words so far."""

    # ---- names

    def find(self, query: str) -> list[int]:
        """The nodes that ``query`` names; things a trace goes through, and holders."""
        return self.tables.names.find(query, self.known)

    def near(self, query: str) -> tuple[str, ...]:
        """Known names that look like ``query``."""
        return self.tables.names.near(query, self.known)

    def canonical(self, node: int) -> str:
        """The canonical id of a node."""
        return self.tables.names.canonical[node]

    def kind(self, node: int) -> Kind:
        """What sort of thing a node is."""
        return self.tables.names.kinds[node]

    def unit(self, code: int) -> str | None:
        """The unit of a code."""
        return self.tables.amounts.units.value(code)

    def quantity(self, code: int) -> Decimal | None:
        """The quantity of a code."""
        return self.tables.amounts.quantities.value(code)

    def label(self, event: int) -> str:
        """The eventID as answers show it."""
        return self.tables.events.shared.label(event)

    # ---- rows that count

    def mentions(self, thing: int) -> Iterator[int]:
        """Rows of the events, other than transformations, that name ``thing``."""
        mentions, dead = self.tables.mentions, self.dead
        event, following = mentions.event, mentions.by_thing.next
        row = mentions.by_thing.first(thing)
        while row >= 0:
            if not dead[event[row]]:
                yield row
            row = following[row]

    def input_rows(self, thing: int) -> Iterator[int]:
        """Input rows of ``thing``."""
        inputs, dead = self.tables.inputs, self.dead
        return (row for row in inputs.by_thing.rows(thing) if not dead[inputs.event[row]])

    def output_rows(self, thing: int) -> Iterator[int]:
        """Output rows of ``thing``."""
        outputs, dead = self.tables.outputs, self.dead
        return (row for row in outputs.by_thing.rows(thing) if not dead[outputs.event[row]])

    def process_outputs(self, process: int) -> Iterator[int]:
        """Output rows of ``process``."""
        outputs, dead = self.tables.outputs, self.dead
        return (row for row in outputs.by_process.rows(process) if not dead[outputs.event[row]])

    def process_draws(self, process: int) -> Iterator[int]:
        """Draws of ``process``."""
        draws, dead = self.tables.draws, self.dead
        return (row for row in draws.by_process.rows(process) if not dead[draws.event[row]])

    def process_events(self, process: int) -> Iterator[int]:
        """Events that report on ``process``."""
        processes, dead = self.tables.processes, self.dead
        rows = processes.events.rows(process)
        return (event for event in (processes.event_of_row[row] for row in rows) if not dead[event])

    def unknown_inputs(self, process: int) -> list[UnknownInput]:
        """What ``process`` took of lots nobody recorded."""
        unknown = self.tables.processes.unknown_inputs.get(process, ())
        return [one for one in unknown if not self.dead[one.event]]

    def peers(self, thing: int) -> set[int]:
        """The other names of the same thing, by renames."""
        found: set[int] = set()
        for event in self.tables.renamed_in.get(thing, ()):
            if not self.dead[event]:
                found.update(self.tables.renames[event])
        return found - {thing}

    def shipments(self, thing: int) -> list[tuple[int, int]]:
        """(mention row, time) of each shipping of ``thing`` that was not voided, by time.

        A void_shipping takes back the last shipping before it, give or take the clocks' margin.
        """
        found = self._shipments.get(thing)
        if found is None:
            found = self._shipments[thing] = self._unvoided_shipments(thing)
        return found

    def _unvoided_shipments(self, thing: int) -> list[tuple[int, int]]:
        mentions, time, kind = self.tables.mentions, self.tables.events.time, self.tables.events.kind
        voids, shipped = [], []
        for row in self.mentions(thing):
            event = mentions.event[row]
            if kind[event] == FactKind.SHIPMENT and not mentions.is_parent[row]:
                shipped.append((time[event], row))
            elif kind[event] == FactKind.SHIPMENT_VOIDED:
                voids.append(time[event])
        shipped.sort()
        for moment in sorted(voids):
            before = [one[0] for one in shipped if one[0] <= moment + self.margin]
            shipped = [one for one in shipped if not before or one[0] != before[-1]]
        return [(row, moment) for moment, row in shipped]

    # ---- who lay in what

    def packed(self, holder: int) -> list[Window]:
        """The windows of a carrier."""
        if holder not in self._packed:
            rules = HolderRules(self.margin, counts_out=True)
            self._packed[holder] = self._windows(self.tables.packed, holder, [], rules)
        return self._packed[holder]

    def mounted(self, holder: int) -> list[Window]:
        """The windows of a vessel or slot, and of the parts of an assembly."""
        if holder not in self._mounted:
            kind = self.tables.equipment_kinds.get(self.canonical(holder))
            rules = HolderRules(self.margin, is_one_at_a_time=kind is EquipmentKind.SLOT)
            self._mounted[holder] = self._windows(self.tables.mounted, holder, self._cleans(holder), rules)
        return self._mounted[holder]

    def _windows(self, holdings: Holdings, holder: int, cleans: list[Clean], rules: HolderRules) -> list[Window]:
        time, dead = self.tables.events.time, self.dead
        facts = []
        for row in holdings.by_holder.rows(holder):
            event = holdings.event[row]
            if not dead[event]:
                quantity = self.quantity(holdings.quantity[row])
                child, act = holdings.child[row], holdings.act[row]
                facts.append(HolderFact(time[event], act, child, event, quantity, holdings.unit[row]))
        if len(facts) > 1:  # at equal times by what events are called, never by arrival
            facts.sort(key=lambda fact: (fact.time, fact.act, self.label(fact.event), self.canonical(fact.child)))
        return windows_of(holder, facts, cleans, rules) if facts else []

    def _cleans(self, holder: int) -> list[Clean]:
        cleanings = self.tables.cleanings
        return [
            Clean(cleanings.start[row], cleanings.end[row], cleanings.event[row])
            for row in cleanings.by_holder.rows(holder)
            if cleanings.is_effective[row] and not self.dead[cleanings.event[row]]
        ]

    def packed_in(self, thing: int) -> list[Window]:
        """The windows in which ``thing`` lay in carriers, directly."""
        return self._windows_around(self.tables.packed, thing)

    def mounted_in(self, thing: int) -> list[Window]:
        """The windows in which ``thing`` lay in vessels and slots, or was built into something, directly."""
        return self._windows_around(self.tables.mounted, thing)

    def _windows_around(self, holdings: Holdings, thing: int) -> list[Window]:
        if holdings.by_child.first(thing) < 0:
            return []
        key = (holdings is self.tables.packed, thing)
        found = self._around.get(key)
        if found is None:
            found = self._around[key] = self._find_windows_around(holdings, thing)
        return found

    def _find_windows_around(self, holdings: Holdings, thing: int) -> list[Window]:
        holders = {holdings.holder[row] for row in holdings.by_child.rows(thing)}
        windows = self.packed if holdings is self.tables.packed else self.mounted
        return [window for holder in sorted(holders) for window in windows(holder) if window.child == thing]

    def outer(self, thing: int) -> list[Stay]:
        """Every carrier that held ``thing``, nested ones included, with when."""
        if self.tables.packed.by_child.first(thing) < 0:
            return []
        stays = self._outer.get(thing)
        if stays is None:
            stays = self._outer[thing] = list(self._climb(thing))
        return stays

    def _climb(self, thing: int) -> Iterator[Stay]:
        seen = set()
        stack: list[tuple[int, int, int, Window | None]] = [(thing, -EVER, EVER, None)]
        while stack:
            child, start, end, own = stack.pop()
            for window in self.packed_in(child):
                low, high = max(start, window.start), min(end, window.end)
                stay = Stay(window.holder, low, high, window, own or window)
                if low - self.margin <= high + self.margin and stay not in seen:
                    seen.add(stay)
                    stack.append((window.holder, low, high, stay.own))
                    yield stay

    def contents(self, holder: int, start: int, end: int, margin: int) -> Iterator[Stay]:
        """Everything that lay in ``holder`` at some time from ``start`` to ``end``, nested; each with its last window.

        A stay's ``holder`` is the innermost carrier here, and its child the window's.
        """
        yield from self._descend([(holder, -EVER, EVER)], start, end, margin)

    def _descend(self, stack: list[tuple[int, int, int]], start: int, end: int, margin: int) -> Iterator[Stay]:
        seen = set()
        while stack:
            holder, since, until = stack.pop()
            if self.tables.packed.by_holder.first(holder) < 0:
                continue
            for window in self.packed(holder):
                low, high = max(since, window.start), min(until, window.end)
                if low - margin > high + margin or low - margin > end or high + margin < start:
                    continue
                if (window.child, low, high) not in seen:
                    seen.add((window.child, low, high))
                    stack.append((window.child, low, high))
                    yield Stay(holder, low, high, window, window)

    def held(self, holder: int) -> Intervals[Window]:
        """The windows of everything directly in ``holder``, by time."""
        if holder not in self._held:
            windows = [*self.mounted(holder), *self.packed(holder)]
            self._held[holder] = Intervals(windows, lambda one: (one.start, one.end))
        return self._held[holder]

    def drawn(self, holder: int) -> Intervals[int]:
        """The draws from ``holder``, by time."""
        if holder not in self._drawn:
            draws, dead = self.tables.draws, self.dead
            rows = [row for row in draws.by_holder.rows(holder) if not dead[draws.event[row]]]
            self._drawn[holder] = Intervals(rows, lambda row: (draws.start[row], draws.end[row]))
        return self._drawn[holder]

    # ---- processes

    def makers(self, thing: int) -> set[int]:
        """The processes that made ``thing``."""
        process = self.tables.outputs.process
        return {process[row] for row in self.output_rows(thing)}

    def users(self, thing: int) -> set[int]:
        """The processes that took ``thing``: by name, in a carrier they used up, or from a vessel it lay in."""
        process = self.tables.inputs.process
        found = {process[row] for row in self.input_rows(thing)}
        outer = self.outer(thing)
        if outer:
            for stay in outer:
                found |= self.users_of_carrier(stay)
        if outer or self.tables.mounted.by_child.first(thing) >= 0:
            found |= self._drawers(thing, -EVER, EVER)
            for stay in outer:
                found |= self._drawers(stay.holder, stay.start, stay.end)
        return found

    def users_of_carrier(self, stay: Stay) -> set[int]:
        """The processes that took what lay in a carrier during a stay, by taking the carrier or drawing from it."""
        inputs, time = self.tables.inputs, self.tables.events.time
        low, high = stay.start - self.margin, stay.end + self.margin
        rows = self.input_rows(stay.holder)
        found = {inputs.process[row] for row in rows if low <= time[inputs.event[row]] <= high}
        if self.tables.draws.by_holder.first(stay.holder) >= 0:
            process = self.tables.draws.process
            found |= {process[row] for row in self.drawn(stay.holder).meeting(low, high)}
        return found

    def _drawers(self, thing: int, start: int, end: int) -> set[int]:
        process = self.tables.draws.process
        found: set[int] = set()
        for window in self.mounted_in(thing):
            low, high = max(start, window.start) - self.margin, min(end, window.end) + self.margin
            if low <= high and self.tables.draws.by_holder.first(window.holder) >= 0:
                found.update(process[row] for row in self.drawn(window.holder).meeting(low, high))
        return found

    def inputs_of(self, process: int) -> list[Input]:
        """Everything ``process`` took, parallel rows kept."""
        found = self._inputs.get(process)
        if found is None:
            found = [*self._named_inputs(process)]
            if self.tables.draws.by_process.first(process) >= 0:
                found += self._drawn_inputs(process)
            self._inputs[process] = found
        return found

    def _named_inputs(self, process: int) -> Iterator[Input]:
        inputs, dead = self.tables.inputs, self.dead
        rows = [row for row in inputs.by_process.rows(process) if not dead[inputs.event[row]]]
        if any(inputs.is_removal[row] for row in rows):
            put_in = {inputs.thing[row] for row in rows if not inputs.is_removal[row]}
            rows = [row for row in rows if not inputs.is_removal[row] or inputs.thing[row] not in put_in]
        carriers, time = self.tables.packed.by_holder, self.tables.events.time
        for row in rows:
            thing, event = inputs.thing[row], inputs.event[row]
            yield Input(thing, event, self.quantity(inputs.quantity[row]), inputs.unit[row])
            if carriers.first(thing) >= 0:
                yield from self._carried([(thing, -EVER, EVER)], event, time[event], time[event])

    def _carried(self, stack: list[tuple[int, int, int]], event: int, start: int, end: int) -> Iterator[Input]:
        seen: dict[tuple[int, int], Input] = {}
        for stay in self._descend(stack, start, end, self.margin):
            window = stay.window
            is_sure = max(stay.start, start) <= min(stay.end, end)
            key = (window.child, stay.holder)
            if key not in seen or (is_sure and not seen[key].is_sure):
                seen[key] = Input(window.child, event, window.quantity, window.unit, stay.holder, is_sure)
        yield from seen.values()

    def _drawn_inputs(self, process: int) -> Iterator[Input]:
        for row in self.process_draws(process):
            yield from self.draw_inputs(row)

    def draw_inputs(self, row: int) -> list[Input]:
        """What a draw may have got: everything that lay in the holder while it ran, give or take the margin."""
        draws = self.tables.draws
        start, end, event, holder = draws.start[row], draws.end[row], draws.event[row], draws.holder[row]
        windows = list(self.held(holder).meeting(start - self.margin, end + self.margin))
        children = {window.child for window in windows}
        is_alone = len(children) == 1
        sure = {window.child for window in windows if window.start <= end and window.end >= start}
        quantity, unit = (self.quantity(draws.quantity[row]), draws.unit[row]) if is_alone else (None, NONE)
        found = [Input(child, event, quantity, unit, holder, child in sure, is_alone) for child in sorted(children)]
        stack = [(window.child, window.start, window.end) for window in windows]
        found += [one._replace(is_alone=is_alone and one.is_alone) for one in self._carried(stack, event, start, end)]
        return found


def _dead(events: EventColumns, known: int, as_of: int | None) -> bytearray:
    shared = events.shared
    if known == len(events) and as_of is None:
        return shared.void
    dead = shared.void.copy() if known == len(events) else shared.void_at(known)
    if as_of is not None:
        late = np.frombuffer(events.time, dtype=np.int64) > as_of
        flags = np.frombuffer(dead, dtype=np.uint8)
        dead = bytearray((flags | late).tobytes())
    return dead
