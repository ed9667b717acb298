"""What declared work needs for what it makes, as bills of materials of things that bear a lot or a number.

What an operation makes without either is seen by nobody: its inputs count as inputs of the first thing made of it that
bears one. A line is required where each unit takes exactly so much of it and none is lost on the way unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from plant_models.spec import PlantSpec
from plant_models.work import Input, Operation, Step


@dataclass(frozen=True, slots=True)
class Line:
    """So much of an item for one unit of what is made."""

    item: str
    quantity: Decimal
    is_required: bool


@dataclass(frozen=True, slots=True)
class WorkBom:
    """What one unit of ``item`` takes in the operation ``by``; of a by-product, what it is made of."""

    by: str
    item: str
    lines: tuple[Line, ...]


def boms_of_work(spec: PlantSpec) -> Iterator[WorkBom]:
    """The bills of materials of all routes, each once; what is made of itself (rework, other labels) has none."""
    seen: set[WorkBom] = set()
    for route in spec.routes.values():
        for steps in (route.steps, *(change.steps for change in route.changes)):
            for bom in _along(spec, steps):
                if bom.lines and bom not in seen:
                    seen.add(bom)
                    yield bom


def _along(spec: PlantSpec, steps: list[Step]) -> Iterator[WorkBom]:
    """What is made on the way, from one thing that bears a lot or a number to the next."""
    carried, lines, is_exact = "", tuple[Line, ...](), True
    for step in steps:
        names = [step] if isinstance(step, str) else list(step)
        after = carried, lines, is_exact
        for name in names:
            operation = spec.operations[name]
            item, made_of = carried, lines
            if operation.makes is not None:
                item, made_of = operation.makes, tuple(_lines(operation, carried, lines, is_exact=is_exact))
            if operation.lot is not None or operation.serial is not None:
                if operation.makes is not None or lines:
                    yield WorkBom(name, item, made_of)
                loose = tuple(Line(line.item, line.quantity, is_required=False) for line in made_of)
                for by_product in operation.also_makes:
                    yield WorkBom(name, by_product, loose)
                after = item, (), True
            else:
                is_lossless = not operation.scraps and operation.inspects is None and operation.heel is None
                after = item, made_of, not made_of or (is_exact and is_lossless)
        carried, lines, is_exact = after


def _lines(operation: Operation, carried: str, lines: tuple[Line, ...], *, is_exact: bool) -> Iterator[Line]:
    """The inputs of ``operation`` for one unit; what comes in unseen stands for what it was made of."""
    assert operation.amount is not None, "what makes something says how much"
    amount = operation.amount.value
    for name, one in operation.inputs.items():
        share = Decimal(0) if one.quantity is None else one.quantity.value / amount
        if name == carried and lines:
            for line in lines:
                yield Line(line.item, line.quantity * share, line.is_required and is_exact)
            continue
        yield Line(name, share, is_exact and operation.heel is None and _is_fixed(one))
        for other in one.instead:
            yield Line(other, share, is_required=False)


def _is_fixed(one: Input) -> bool:
    free = one.up_to or one.by_potency or one.fills_up or bool(one.instead)
    return one.quantity is not None and not free
