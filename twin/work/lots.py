"""Which lot what is made belongs to, and what the label of a new one says."""

from __future__ import annotations

from collections.abc import Sequence

from plant_models.spec import PlantSpec
from plant_models.work import LotRule
from trace_core.lot_codes import read_rule
from trace_core.lot_codes.parts import Word
from twin.floor import Floor
from twin.material import Item, Lot, Portion
from twin.work.loads import Load, Owner


def words_for(spec: PlantSpec, rule: str, station: str, item: Item) -> dict[str, str]:
    """What the words of ``rule`` say at ``station`` for ``item``: numbers cut or filled to the width printed.

    ``station`` and ``line`` are the device's number of the station, ``item`` the end of the GTIN, ``site`` the number
    of the site in the plant file. ``charge`` and ``position`` are another for each load: see `Lots`.
    """
    number = next((one.stations[station] for one in spec.devices.values() if station in one.stations), 0)
    site = spec.locations[spec.stations[station].location].site
    values = {
        "station": number,
        "line": number,
        "item": int(item.gtin),
        "site": 0 if site is None else list(spec.sites).index(site) + 1,
    }
    return {
        name: str(values[name]).zfill(width)[-width:]
        for name, width in _open_words(spec, rule).items()
        if name in values
    }


def _open_words(spec: PlantSpec, rule: str) -> dict[str, int]:
    """The words of ``rule`` whose values are not fixed, with their widths."""
    parts = read_rule(spec.lot_codes[rule], rule).parts
    return {part.name: part.width for part in parts if isinstance(part, Word) and len(part.values) != 1}


class Lots:
    """The lots of one item that one operation makes, at whichever of its stations."""

    def __init__(self, floor: Floor, rule: LotRule | None, item: Item) -> None:
        self._floor = floor
        self._rule = rule
        self._item = item
        self._size = None if rule is None or rule.size is None else floor.quanta(rule.size)
        self._key: object = None
        self._lot: Lot | None = None
        self._made = 0
        self._words: dict[str, dict[str, str]] = {}
        self._widths = {} if rule is None else _open_words(floor.spec, rule.code)

    def lot(
        self, load: Load, station: str, quantity: int, used: Sequence[Portion], charge: object, *, rework: bool
    ) -> Lot:
        """The lot that ``quantity`` made now at ``station`` of ``load`` belongs to.

        ``charge`` is what the load is worked together with; ``rework``: made of the item itself, which keeps its lot
        where no rule says otherwise.
        """
        rule = self._rule
        if rule is None:
            return self._unruled(load.order, station, used, rework=rework)
        key = _occasion(rule, load, used, charge)
        full = self._size is not None and self._made + quantity > self._size
        if self._lot is None or key != self._key or full:
            words = self._words_at(station, load)
            self._lot = self._floor.new_lot(
                self._item, rule.code, station, received=False, printed=False, potency=1.0, **words
            )
            self._key, self._made = key, 0
        self._made += quantity
        return self._lot

    def _words_at(self, station: str, load: Load) -> dict[str, str]:
        words = self._words.get(station)
        if words is None:
            assert self._rule is not None, "only a rule prints words"
            words = self._words[station] = words_for(self._floor.spec, self._rule.code, station, self._item)
        if width := self._widths.get("charge"):
            words = words | {"charge": load.charge.rpartition("/")[2].zfill(width)[-width:]}
        return words | {"position": load.position} if "position" in self._widths else words

    def _unruled(self, order: Owner, station: str, used: Sequence[Portion], *, rework: bool) -> Lot:
        if rework:
            return next(portion.lot for portion in used if portion.lot.item is self._item)
        lot = order.lots.get(self._item)
        if lot is None:
            lot = order.lots[self._item] = self._floor.ledger.lot(self._item, order.number, station)
            self._floor.ledger.nominal[lot.index] = None
        return lot


def _occasion(rule: LotRule, load: Load, used: Sequence[Portion], charge: object) -> object:
    """What the lot goes with: another lot begins as soon as this is another."""
    if rule.begins == "order":
        return load.order
    if rule.begins == "input":
        return frozenset(portion.lot for portion in used)
    return load if rule.begins == "load" else charge
