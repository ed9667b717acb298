"""Reading the index in words: runs, mounts, packings, voyages, facts. For the rooms above, who see no rows.

A reader is one moment's reading (as of, known at); take a new one after an event was applied. Ids are canonical; one
nobody recorded gives nothing. Lists are sorted by time and id, never by arrival.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from trace_core.genealogy import place_reading, run_reading
from trace_core.genealogy.accounts import Account, account_of
from trace_core.genealogy.columns import EVER, to_microseconds
from trace_core.genealogy.records import Cleaning, Fact, FactKind, Mount, Packing, Run, Visit, Voyage, WayIn
from trace_core.genealogy.traversal import Reach, Way, backward, forward
from trace_core.genealogy.view import View
from trace_core.vocabulary.identity import Kind


class Reader:
    """The records as they count at one moment."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._tables = view.tables

    # ---- things

    def things(self, *kinds: Kind) -> list[str]:
        """Every id of these kinds (lots and serials where none is given) that an event known then names, sorted."""
        wanted = set(kinds or (Kind.LOT, Kind.SERIAL))
        names = self._tables.names
        return sorted(names.canonical[node] for node in self._known_nodes() if names.kinds[node] in wanted)

    def lots_of(self, item: str) -> list[str]:
        """The lots of an item (GTIN-14 or item number), sorted."""
        names = self._tables.names
        nodes = names.nodes_of_item(item, self._view.known)
        return sorted(names.canonical[node] for node in nodes if names.kinds[node] is Kind.LOT)

    def kind_of(self, thing: str) -> Kind | None:
        """What sort of thing it is; None where nobody named it."""
        node = self._node(thing)
        return None if node < 0 else self._view.kind(node)

    def item_of(self, thing: str) -> str:
        """The item number of a lot or serial; "" where its id has none."""
        node = self._node(thing)
        return "" if node < 0 else self._tables.names.items.value(self._tables.names.item[node]) or ""

    def code_of(self, thing: str) -> str:
        """The lot code or serial in its id; "" where there is none."""
        node = self._node(thing)
        return "" if node < 0 else self._tables.names.codes[node]

    def account_of(self, thing: str) -> Account | None:
        """Supply and use of a thing, row by row; None where nobody named it."""
        node = self._node(thing)
        return None if node < 0 else account_of(self._view, node)

    # ---- runs

    def runs(self) -> list[Run]:
        """Every process with a report that counts, by start."""
        return run_reading.runs_in(self._view, range(len(self._tables.processes)))

    def runs_making(self, thing: str) -> list[Run]:
        """The runs that made a thing."""
        node = self._node(thing)
        return run_reading.runs_in(self._view, self._view.makers(node) if node >= 0 else ())

    def runs_using(self, thing: str) -> list[Run]:
        """The runs that took a thing: by name, in a carrier, or out of a vessel it lay in."""
        node = self._node(thing)
        return run_reading.runs_in(self._view, self._view.users(node) if node >= 0 else ())

    def runs_drawing(self, holder: str) -> list[Run]:
        """The runs that drew from a vessel, slot or carrier."""
        draws = self._tables.draws
        node = self._node(holder)
        rows = draws.by_holder.rows(node) if node >= 0 else ()
        processes = {draws.process[row] for row in rows if not self._view.dead[draws.event[row]]}
        return run_reading.runs_in(self._view, processes)

    # ---- who lay in what

    def holders(self) -> list[str]:
        """Every vessel, slot or place something was mounted in or drawn from, sorted; assemblies are none."""
        names, draws = self._tables.names, self._tables.draws
        return sorted(
            names.canonical[node]
            for node in self._known_nodes()
            if names.kinds[node] in (Kind.EQUIPMENT, Kind.LOCATION) or draws.by_holder.first(node) >= 0
        )

    def mounts_in(self, holder: str) -> list[Mount]:
        """Everything that lay in a vessel or slot, or was built into an assembly."""
        node = self._node(holder)
        return place_reading.mounts(self._view, self._view.mounted(node) if node >= 0 else ())

    def mounts_of(self, thing: str) -> list[Mount]:
        """The vessels, slots and assemblies a thing lay in."""
        node = self._node(thing)
        return place_reading.mounts(self._view, self._view.mounted_in(node) if node >= 0 else ())

    def cleanings_of(self, vessel: str) -> list[Cleaning]:
        """Every cleaning of a vessel, effective or not."""
        node = self._node(vessel)
        return place_reading.cleanings(self._view, node) if node >= 0 else []

    def packings_of(self, thing: str) -> list[Packing]:
        """The windows in which a thing lay in carriers, directly."""
        node = self._node(thing)
        return place_reading.packings(self._view, self._view.packed_in(node) if node >= 0 else ())

    def packings_in(self, carrier: str) -> list[Packing]:
        """The windows of what lay in a carrier, directly."""
        node = self._node(carrier)
        return place_reading.packings(self._view, self._view.packed(node) if node >= 0 else ())

    def contents_of(self, carrier: str, at: datetime | None = None) -> list[str]:
        """What lies in a carrier, nested, at a moment (in the end, where none is given), sorted."""
        node = self._node(carrier)
        when = _when(at)
        stays = self._view.contents(node, when, when, 0) if node >= 0 else ()
        return sorted({self._view.canonical(stay.window.child) for stay in stays})

    def carriers_of(self, thing: str, at: datetime | None = None) -> list[str]:
        """Every carrier a thing lies in at a moment (in the end, where none is given), outer ones included, sorted."""
        return sorted({holder for holder, _ in self._around(thing, at)})

    def top_carrier_of(self, thing: str, at: datetime | None = None) -> str:
        """The outermost carrier a thing lies in at a moment; "" where it lies in none; the first by id of several."""
        around = list(self._around(thing, at))
        inner = {child for _, child in around}
        return min((holder for holder, _ in around if holder not in inner), default="")

    def _around(self, thing: str, at: datetime | None) -> Iterator[tuple[str, str]]:
        node = self._node(thing)
        when = _when(at)
        for stay in self._view.outer(node) if node >= 0 else ():
            if stay.start <= when <= stay.end:
                yield self._view.canonical(stay.holder), self._view.canonical(stay.window.child)

    # ---- what happened to a thing

    def facts_of(self, thing: str, *kinds: FactKind) -> list[Fact]:
        """The events, other than transformations, that name a thing; of these kinds where some are given; by time."""
        node = self._node(thing)
        found = place_reading.facts(self._view, node) if node >= 0 else ()
        wanted = (one for one in found if not kinds or one.kind in kinds)
        return sorted(wanted, key=lambda one: (one.time, one.event, one.kind, str(one.quantity)))

    def voyages_of(self, thing: str) -> list[Voyage]:
        """Every shipment of a thing, by itself or in a carrier while it lay there; voided ones left out; by time."""
        node = self._node(thing)
        return place_reading.voyages(self._view, node) if node >= 0 else []

    # ---- how far it reaches

    def descendants(self, things: Sequence[str]) -> list[Visit]:
        """The things and all that was made of them, in order of discovery, each with what brought it in."""
        return self._visits(forward(self._view, self._nodes(things)))

    def ancestors(self, things: Sequence[str]) -> list[Visit]:
        """The things and all they were made of, in order of discovery, each with what brought it in."""
        return self._visits(backward(self._view, self._nodes(things)))

    def ancestors_of(self, things: Collection[str]) -> list[str]:
        """All that the things were made of, at any depth, sorted; themselves only where a loop leads back."""
        nodes = self._nodes(sorted(things))
        reach = backward(self._view, nodes)
        made_of = {one for found in reach.reached.values() for one in found}
        return sorted(self._view.canonical(one) for one in made_of)

    def _visits(self, reach: Reach) -> list[Visit]:
        return [self._visit(thing, way) for thing, way in reach.things.items()]

    def _visit(self, thing: int, way: Way) -> Visit:
        view = self._view
        name = view.canonical(thing)
        if way.source < 0:
            return Visit(name, WayIn.ROOT)
        source = view.canonical(way.source)
        if way.process >= 0:
            holders = {one.holder for one in view.inputs_of(way.process) if one.thing in (way.source, thing)}
            run, holder = run_reading.run_name(view, way.process), min(holders, default=-1)
            if holder < 0:
                return Visit(name, WayIn.MADE, source, run)
            return Visit(name, WayIn.DRAWN, source, run, view.canonical(holder))
        if way.holder >= 0:
            return Visit(name, WayIn.CONTENTS, source, "", view.canonical(way.holder))
        return Visit(name, WayIn.RENAMED, source)

    # ---- numbers

    def _node(self, thing: str) -> int:
        names = self._tables.names
        node = names.known(thing)
        return node if node < 0 or names.first_event[node] < self._view.known else -1

    def _nodes(self, things: Sequence[str]) -> list[int]:
        return list(dict.fromkeys(node for node in map(self._node, things) if node >= 0))

    def _known_nodes(self) -> Iterator[int]:
        first = self._tables.names.first_event
        return (node for node in range(len(first)) if first[node] < self._view.known)


def _when(at: datetime | None) -> int:
    return EVER if at is None else to_microseconds(at)
