"""What a command names, as identities: things of the genealogy, and places of the masterdata."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from trace_core.control.holds import Reach
from trace_core.errors import near_names
from trace_core.genealogy.answer import UnknownThing
from trace_core.genealogy.index import TraceIndex
from trace_core.vocabulary.identity import Identity, Kind, Place, identify, plant_id
from trace_core.vocabulary.masterdata import Equipment, Location, MasterdataView


class Naming:
    """Resolves what people write into what the log knows."""

    def __init__(
        self,
        index: TraceIndex,
        masterdata: MasterdataView,
        kind_of: Callable[[str], Kind | None],
        forms_of: Callable[[str], tuple[str, ...]],
        seen_places: Callable[[], frozenset[str]],
    ) -> None:
        self._index = index
        self._kind_of = kind_of
        self._forms_of = forms_of
        self._seen_places = seen_places
        self._masterdata = masterdata

    def things(
        self, ids: Sequence[str], reach: Reach, *, in_advance: bool = False, known_at: datetime | None = None
    ) -> tuple[Identity, ...] | UnknownThing:
        """All that ``ids`` name, homonyms included; `UnknownThing` for those that name nothing.

        ``in_advance`` takes such a name for a thing that is still to come.
        """
        found: dict[Identity, None] = {}
        unknown: list[UnknownThing] = []
        for text in ids:
            named = self._places(text) if reach is Reach.LOCATION else self._nodes(text, known_at)
            if isinstance(named, UnknownThing) and in_advance:
                named = (_unseen(text, reach),)
            if isinstance(named, UnknownThing):
                unknown.append(named)
            else:
                found.update(dict.fromkeys(named))
        if unknown:
            return replace(unknown[0], others=tuple(unknown[1:]))
        return tuple(found)

    def forms(self, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The other forms in which each of ``ids`` (canonical) came in; ids with none are left out."""
        return {one: found for one in ids if (found := self._forms_of(one))}

    def _nodes(self, text: str, known_at: datetime | None) -> tuple[Identity, ...] | UnknownThing:
        found = self._index.find(text, known_at)
        return found if isinstance(found, UnknownThing) else tuple(self._identity(one) for one in found)

    def _identity(self, canonical: str) -> Identity:
        kind = self._kind_of(canonical)
        identity = identify(canonical, Place.EPC)
        return identity if kind is None or kind is identity.kind else replace(identity, kind=kind)

    def _places(self, text: str) -> tuple[Identity, ...] | UnknownThing:
        names = {one.id: one.name for one in self._masterdata.all() if isinstance(one, Equipment | Location)}
        known = {_place(one).canonical for one in names} | self._seen_places()
        named = {_place(one).canonical for one, name in names.items() if text == name}
        named |= {_place(text).canonical} & known
        if named:
            return tuple(_place(one) for one in sorted(named))
        return UnknownThing(text, near_names(text, [*sorted(known), *filter(None, names.values())]))


def _place(text: str) -> Identity:
    return identify(text, Place.LOCATION)


def _unseen(text: str, reach: Reach) -> Identity:
    """A thing nobody recorded yet, by what its id says of itself."""
    if reach is Reach.LOCATION:
        return _place(text)
    item, bar, code = text.partition("|")
    if bar:
        return plant_id(Kind.LOT, code.replace("%7C", "|"), item.replace("%7C", "|"))
    return identify(text, Place.EPC)
