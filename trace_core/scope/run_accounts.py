"""What a run took against what it made: which inputs it lacks, and whether it made something nobody recorded.

Recipes say what an output needs; where there is none, inputs and outputs in the same unit are compared. Which items go
into which, and which are made together, is learnt from recipes and from the runs themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from trace_core.scope.evidence import ZERO, Evidence, Made, Recipe, Run

SLACK = Decimal("0.001")
"""Share by which a run's inputs and outputs may differ from its recipe before something went unrecorded: weighing."""


class RunAccounts:
    """The accounts of every run of one body of evidence."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._units = {one.item: one.unit for one in evidence.ledgers.values()}
        self._takes: dict[str, set[str]] = defaultdict(set)
        self._together: dict[str, set[str]] = defaultdict(set)
        self._longest: dict[str, timedelta] = defaultdict(timedelta)
        self._reported = _reported(evidence.runs)
        for item, recipes in evidence.recipes.items():
            for recipe in recipes:
                self._takes[item].update(recipe.needs, recipe.options)
        for run in evidence.runs:
            self._learn(run)

    def _learn(self, run: Run) -> None:
        took = set(self.taken(run)) | {gap.item for gap in run.gaps}
        items = {made.item for made in run.made} | ({run.planned_item} if run.planned_item else set())
        for item in items:
            self._takes[item] |= took
            self._together[item] |= items
            self._longest[item] = max(self._longest[item], run.end - run.start)

    def lacking(self, run: Run) -> set[str]:
        """The items of which the run took more than was recorded; "" where nobody recorded which item.

        Where inputs and outputs in one unit balance, less of an item than its recipe needs was made up by another. A
        run that reported no output may lack anything its product takes.
        """
        taken = self.taken(run)
        lacking = {gap.item for gap in run.gaps} | {item for item in self._needed(run) if item not in taken}
        if not run.made:
            return lacking | {item for one in self.products_of(run) for item in self._takes[one]}
        unit, least, inputs = self._same_unit(run)
        if least is None or inputs is None:
            return lacking | {item for item, amount in self._needed(run).items() if _is_less(taken.get(item), amount)}
        if inputs < least * (1 - SLACK):
            wanted = {item for one in run.made for item in self._takes[one.item]}
            lacking |= {item for item in wanted if self._units.get(item, unit) == unit}
        return lacking

    def is_unfinished(self, run: Run) -> bool:
        """Whether the run made something that nobody recorded: nothing, not what was ordered, or less than it took."""
        if _lacks_its_product(run):
            return True
        taken = self.taken(run)
        _, least, inputs = self._same_unit(run)
        if least is not None and inputs is not None and inputs > least * (1 + SLACK):
            return True
        return any(_is_more(taken.get(item), amount) for item, amount in self._needed(run).items())

    def taken(self, run: Run) -> dict[str, Decimal | None]:
        """What the run recorded by item; a draw counts for every item that lay in its vessel."""
        found: dict[str, Decimal | None] = {}
        for use in run.uses:
            _add(found, use.item, use.quantity)
        for draw in run.draws:
            for item in sorted({stay.item for stay in self._evidence.stays_in(draw.vessel)}):
                _add(found, item, draw.quantity)
        return found

    def products_of(self, run: Run) -> set[str]:
        """The items the run may have made: what it was ordered to make, what it made, and what is made with those.

        Where it reported none of that: all that may hold something it took.
        """
        items = {made.item for made in run.made} | ({run.planned_item} if run.planned_item else set())
        if items:
            return {one for item in items for one in self._together[item]}
        taken = set(self.taken(run))
        return {made for made, takes in self._takes.items() if takes & taken}

    def may_take(self, made: str, item: str) -> bool:
        """Whether a lot of ``made`` can hold ``item``; bought items hold nothing, a lot of no known item anything."""
        return not made or item in self._takes.get(made, ())

    def span(self, run: Run) -> tuple[datetime, datetime]:
        """Between when and when the run can have been: its first or last report may be missing.

        No run is taken to have lasted longer than the longest recorded one of its products.
        """
        longest = max((self._longest[item] for item in self.products_of(run)), default=timedelta(0))
        return min(run.start, run.end - longest), max(run.end, run.start + longest)

    def has_silent_order(self, item: str) -> bool:
        """Whether an order that may make ``item`` went by without any report."""
        return any(
            item == planned or item in self._together.get(planned, ()) for planned in self._evidence.silent_orders
        )

    def _needed(self, run: Run) -> dict[str, Decimal | None]:
        """What the outputs need by recipe, where each has one: the items all its recipes need, the least of each.

        None: some, no recipe says how much. What came back as the item it was (rework, another label) needs nothing
        more. Of a run that reported no output, what the ordered item needs, without amounts.
        """
        if not run.made:
            recipes = self._evidence.recipes.get(run.planned_item, ())
            return dict.fromkeys(_common_needs(recipes))
        needed: dict[str, Decimal | None] = {}
        taken = self.taken(run)
        for made in self._made(run):
            recipes = tuple(one for one in self._evidence.recipes.get(made.item, ()) if one.unit == made.unit)
            if not recipes:
                return {}
            quantity = made.quantity
            if made.item in taken and quantity is not None:
                back = taken[made.item]
                taken[made.item] = None if back is None else max(ZERO, back - quantity)
                quantity = ZERO if back is None else quantity - min(back, quantity)
                if not quantity:
                    continue
            for item in _common_needs(recipes):
                per_unit = min(one.needs[item] for one in recipes)
                _add(needed, item, per_unit * quantity if quantity is not None and per_unit else None)
        return needed

    def _made(self, run: Run) -> list[Made]:
        """What the run made, one row a lot; of a lot more of which was packed than reported made, what was packed."""
        found: dict[str, Made] = {}
        for one in run.made:
            known = found.get(one.lot)
            both = (
                None
                if known is None or known.quantity is None or one.quantity is None
                else known.quantity + one.quantity
            )
            found[one.lot] = one if known is None else replace(one, quantity=both)
        return [self._at_least_packed(one) for one in found.values()]

    def _at_least_packed(self, made: Made) -> Made:
        rows = [one for one in self._evidence.packings_of(made.lot) if one.unit == made.unit]
        packed = sum((one.quantity or ZERO for one in rows), ZERO)
        reported = self._reported.get(made.lot)
        if made.quantity is None or reported is None or packed <= reported:
            return made
        return replace(made, quantity=made.quantity + packed - reported)

    def _same_unit(self, run: Run) -> tuple[str, Decimal | None, Decimal | None]:
        """The one unit of the outputs, what they need at least in it, and the sum of all that was taken in it.

        They need what they weigh; where recipes say more (what evaporates, several pieces for one) what these say. None
        where there is none.
        """
        units = {made.unit for made in run.made}
        if len(units) != 1:
            return "", None, None
        unit = units.pop()
        used = [one.quantity for one in run.uses if one.unit == unit]
        drawn = [one.quantity for one in run.draws if one.unit == unit]
        least = _sum(one.quantity for one in self._made(run))
        if least is not None:
            needed = self._needed(run)
            by_recipe = (needed[item] for item in needed if self._units.get(item) == unit)
            least = max(least, sum((amount or ZERO for amount in by_recipe), ZERO))
        return unit, least, _sum([*used, *drawn]) if used or drawn else None


def _reported(runs: Iterable[Run]) -> dict[str, Decimal | None]:
    """How much of each lot all runs together reported made; None where one of them did not say."""
    found: dict[str, Decimal | None] = {}
    for run in runs:
        for made in run.made:
            _add(found, made.lot, made.quantity)
    return found


def _lacks_its_product(run: Run) -> bool:
    return not run.made or (bool(run.planned_item) and all(one.item != run.planned_item for one in run.made))


def _common_needs(recipes: Sequence[Recipe]) -> list[str]:
    return sorted(set.intersection(*(set(one.needs) for one in recipes))) if recipes else []


def _add(amounts: dict[str, Decimal | None], item: str, quantity: Decimal | None) -> None:
    known = amounts.get(item, ZERO)
    amounts[item] = None if quantity is None or known is None else known + quantity


def _is_less(taken: Decimal | None, needed: Decimal | None) -> bool:
    return taken is not None and needed is not None and taken < needed * (1 - SLACK)


def _is_more(taken: Decimal | None, needed: Decimal | None) -> bool:
    return taken is not None and needed is not None and taken > needed * (1 + SLACK)


def _sum(quantities: Iterable[Decimal | None]) -> Decimal | None:
    total = ZERO
    for one in quantities:
        if one is None:
            return None
        total += one
    return total
