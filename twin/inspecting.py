"""Flaws of units and how inspections find them, miss them, and see some where there are none.

A load's flaws are sparse: a mapping from the place of a unit in the load to bits, one for each kind of defect. Nothing
is drawn or kept for a unit that is sound and is found so.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from plant_models.spec import PlantSpec
from plant_models.work import Defect, Inspection
from twin.draws import beta, sample, struck
from twin.floor import Floor
from twin.material import Lot, Portion


def flaw_bits(spec: PlantSpec) -> dict[str, int]:
    """A bit for each kind of defect that the plant declares anywhere, in the order of the file."""
    return {name: 1 << number for number, name in enumerate(dict.fromkeys(_defects(spec)))}


def _defects(spec: PlantSpec) -> Iterator[str]:
    for operation in spec.operations.values():
        yield from operation.defects
        yield from operation.mends
        if operation.inspects is not None:
            yield from operation.inspects.looks_for
    for machine in spec.machines.values():
        if machine.collects is not None and machine.collects.defect is not None:
            yield machine.collects.defect
    yield from (signal.defect for signal in spec.signals.values() if signal.defect is not None)


def mark(flaws: dict[int, int], places: list[int], bit: int) -> None:
    """The units at ``places`` have the defect of ``bit``."""
    for place in places:
        flaws[place] = flaws.get(place, 0) | bit


class Defects:
    """The defects that one operation makes. With ``by_lot`` each lot has a chance of its own about the declared one."""

    def __init__(self, floor: Floor, operation: str, declared: Mapping[str, Defect], bits: Mapping[str, int]) -> None:
        self._laws = [(bits[name], defect) for name, defect in declared.items()]
        self._luck = [floor.stream(f"defects/{operation}/{name}") for name in declared]
        self._lots = [floor.stream(f"defects/{operation}/{name}/lots") for name in declared]
        self._chances: dict[tuple[int, Lot], float] = {}
        self.tells_inputs_apart = any(defect.by_lot and defect.of is not None for defect in declared.values())
        """Whether it matters which lots went in."""

    def make(self, count: int, flaws: dict[int, int], lot: Lot, used: Sequence[Portion] = ()) -> None:
        """What the operation does to ``count`` units of ``lot``, made of ``used``; adds to ``flaws``."""
        for number, (bit, defect) in enumerate(self._laws):
            chance = defect.chance
            if defect.by_lot:
                chance = self._chance(number, defect, lot if defect.of is None else _lot_of(defect.of, used, lot))
            mark(flaws, struck(self._luck[number], count, chance), bit)

    def make_worn(self, first: int, count: int, flaws: dict[int, int], chance: float) -> None:
        """What a worn tool adds to the units from ``first`` on: each defect of the operation, with ``chance``."""
        for number, (bit, _) in enumerate(self._laws):
            mark(flaws, [first + place for place in struck(self._luck[number], count, chance)], bit)

    def _chance(self, number: int, defect: Defect, lot: Lot) -> float:
        chance = self._chances.get((number, lot))
        if chance is None:
            chance = self._chances[number, lot] = beta(self._lots[number], defect.chance, defect.by_lot)
        return chance


def _lot_of(item: str, used: Sequence[Portion], otherwise: Lot) -> Lot:
    """The lot of the first portion of ``item`` among what was used."""
    return next((portion.lot for portion in used if portion.lot.item.name == item), otherwise)


@dataclass(frozen=True, slots=True)
class Finding:
    """What an inspection found in one load. Places are in ascending order and never in both lists.

    ``is_refused``: more than the plan accepts were bad, so that all of it is rejected.
    """

    rejected: list[int]
    destroyed: list[int]
    sampled: int
    is_refused: bool = False


@dataclass(slots=True)
class _Plan:
    """How far the sample of one lot or charge has come."""

    sampled: int = 0
    bad: int = 0


class Inspector:
    """The inspection of one operation: of every unit, or by a sampling plan (n, c) of each load, lot or charge."""

    def __init__(self, floor: Floor, operation: str, spec: Inspection, bits: Mapping[str, int]) -> None:
        self._spec = spec
        self._mask = sum(bits[name] for name in dict.fromkeys(spec.looks_for))
        self._misses = floor.stream(f"inspects/{operation}/misses")
        self._alarms = floor.stream(f"inspects/{operation}/false alarms")
        self._picks = floor.stream(f"inspects/{operation}/sample")
        self._plans: dict[Hashable, _Plan] = {}

    def is_bad(self, bits: int) -> bool:
        """Whether a unit with these flaws has any that is looked for."""
        return bool(bits & self._mask)

    def look(self, count: int, flaws: Mapping[int, int], key: Hashable = None) -> Finding:
        """Inspect a load of ``count`` units; ``key`` is the lot or charge that the plan is of."""
        spec = self._spec
        if spec.sample is None:
            return Finding(self._found(flaws, count), [], count)
        plan = _Plan() if spec.of == "load" else self._plans.setdefault(key, _Plan())
        size = min(spec.sample - plan.sampled, count)
        if plan.bad > spec.accepts:
            return Finding(list(range(count)), [], 0, is_refused=True)
        places = sample(self._picks, count, size)
        found = self._found_among(flaws, places)
        plan.sampled += size
        plan.bad += len(found)
        is_refused = plan.bad > spec.accepts
        destroyed = places if spec.destroys else []
        rejected = list(range(count)) if is_refused else found
        if destroyed:
            gone = set(destroyed)
            rejected = [place for place in rejected if place not in gone]
        return Finding(rejected, destroyed, size, is_refused)

    def _found(self, flaws: Mapping[int, int], count: int) -> list[int]:
        """Of every unit of a load, those that are found bad, rightly or not."""
        bad = [place for place in sorted(flaws) if flaws[place] & self._mask] if flaws else []
        found = [place for place in bad if not self._misses.chance(self._spec.misses)]
        if self._spec.false_alarms:
            known = set(bad)
            alarms = struck(self._alarms, count, self._spec.false_alarms)
            found = sorted(found + [place for place in alarms if place not in known])
        return found

    def _found_among(self, flaws: Mapping[int, int], places: list[int]) -> list[int]:
        spec = self._spec
        found = []
        for place in places:
            if flaws.get(place, 0) & self._mask:
                is_found = not self._misses.chance(spec.misses)
            else:
                is_found = bool(spec.false_alarms) and self._alarms.chance(spec.false_alarms)
            if is_found:
                found.append(place)
        return found
