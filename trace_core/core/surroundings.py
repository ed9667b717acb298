"""What the interlock asks of the genealogy, read from the trace index."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from trace_core.control.interlock import Lodging
from trace_core.genealogy.columns import EVER
from trace_core.genealogy.index import TraceIndex
from trace_core.genealogy.traversal import backward
from trace_core.genealogy.view import View
from trace_core.vocabulary.identity import Kind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class IndexSurroundings:
    """:class:`~trace_core.control.interlock.Surroundings` over all that the index knows now."""

    def __init__(self, index: TraceIndex) -> None:
        self._index = index
        self._tables = index.view().tables  # they grow; a view is one moment's reading of them

    def kind_of(self, thing: str) -> Kind | None:
        """What sort of thing ``thing`` (canonical) is; None where nobody named it."""
        node = self._tables.names.known(thing)
        return self._tables.names.kinds[node] if node >= 0 else None

    def forms_of(self, thing: str) -> tuple[str, ...]:
        """The other forms in which ``thing`` (canonical) came in, sorted."""
        node = self._tables.names.known(thing)
        return tuple(self._tables.names.forms(node, len(self._index))) if node >= 0 else ()

    def was_made(self, thing: str) -> bool:
        """Whether some event reported ``thing`` as an output."""
        node = self._tables.names.known(thing)
        return node >= 0 and self._tables.outputs.by_thing.first(node) >= 0

    def contents_of(self, holder: str) -> Collection[str]:
        """All that lies in a carrier or vessel now, nested; itself left out."""
        view = self._index.view()
        node = _node(view, holder)
        if node < 0:
            return ()
        inside = {window.child for window in view.mounted(node) if window.end >= EVER}
        for one in (node, *sorted(inside)):
            inside.update(stay.window.child for stay in view.contents(one, EVER, EVER, 0) if stay.end >= EVER)
        return {view.canonical(one) for one in inside} - {holder}

    def lodgings_of(self, thing: str) -> Collection[Lodging]:
        """Every carrier, vessel or assembly ``thing`` lies in or ever lay in, outer ones included."""
        view = self._index.view()
        node = _node(view, thing)
        if node < 0:
            return ()
        ends = [(stay.holder, stay.end) for stay in view.outer(node)]
        for carrier in (node, *(holder for holder, _ in ends)):
            ends += [(window.holder, window.end) for window in view.mounted_in(carrier)]
        return {Lodging(view.canonical(holder), _moment(end)) for holder, end in ends}

    def ancestors_of(self, things: Collection[str], *, with_carriers: bool) -> Collection[str]:
        """All that ``things`` were made of, at any depth; the carriers those ever lay in on demand."""
        view = self._index.view()
        roots = sorted(node for node in (_node(view, one) for one in things) if node >= 0)
        found = set(backward(view, roots).things)
        if with_carriers:
            found |= {stay.holder for one in list(found) for stay in view.outer(one)}
        return {view.canonical(one) for one in found}


def _node(view: View, canonical: str) -> int:
    return view.tables.names.known(canonical)


def _moment(microseconds: int) -> datetime | None:
    return None if microseconds >= EVER else _EPOCH + timedelta(microseconds=microseconds)
