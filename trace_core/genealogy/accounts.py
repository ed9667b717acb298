"""The account of one thing: where it came from, what became of it, exactly, in units that convert or say so."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from trace_core.errors import QuantityError
from trace_core.genealogy.columns import NONE
from trace_core.genealogy.event_columns import FactKind
from trace_core.genealogy.tables import Portions
from trace_core.genealogy.view import View
from trace_core.vocabulary.identity import Kind
from trace_core.vocabulary.units import EACH, NO_CONVERSIONS, convert

_EXACT = Context(prec=4096)


class Part(NamedTuple):
    """A quantity (None = not said) in a unit (None = pieces), by an event at a time."""

    quantity: Decimal | None
    unit: str | None
    event: int
    time: int


@dataclass(slots=True)
class Account:
    """Every recorded fact about one thing, by what it did to it."""

    thing: int
    added: list[Part] = field(default_factory=list)
    made: list[Part] = field(default_factory=list)
    received: list[Part] = field(default_factory=list)
    used: list[Part] = field(default_factory=list)
    charged: list[Part] = field(default_factory=list)
    """Put into vessels and slots, less the remainder taken out again."""
    scrapped: list[Part] = field(default_factory=list)
    commissioned: list[int] = field(default_factory=list)
    """Events of its commissioning that are no ADD."""
    events: list[int] = field(default_factory=list)
    """Events other than transformations that name it."""
    is_used_in_carrier: bool = False

    @property
    def has_source(self) -> bool:
        """Whether some event added, commissioned or received it."""
        return bool(self.added or self.received or self.commissioned)


_LISTS = {FactKind.RECEIPT: "received", FactKind.SCRAP: "scrapped"}


def account_of(view: View, thing: int) -> Account:
    """The account of ``thing``; cost: the rows that name it."""
    account = Account(thing)
    _read_mentions(view, account)
    tables = view.tables
    _read_portions(view, tables.inputs, thing, account.used)
    _read_portions(view, tables.outputs, thing, account.made)
    for window in view.mounted_in(thing):
        if view.kind(window.holder) in (Kind.EQUIPMENT, Kind.LOCATION):
            left = window.quantity
            if left is not None and window.left is not None:
                left = max(Decimal(0), _EXACT.subtract(left, window.left))
            start = window.start if window.is_start_known else tables.events.time[window.start_event]
            account.charged.append(Part(left, view.unit(window.unit), window.start_event, start))
    account.is_used_in_carrier = any(view.users_of_carrier(stay) for stay in view.outer(thing))
    return account


def _read_portions(view: View, portions: Portions, thing: int, parts: list[Part]) -> None:
    dead, time, following = view.dead, view.tables.events.time, portions.by_thing.next
    row = portions.by_thing.first(thing)
    while row >= 0:
        event = portions.event[row]
        if not dead[event] and not portions.is_removal[row]:
            parts.append(Part(view.quantity(portions.quantity[row]), view.unit(portions.unit[row]), event, time[event]))
        row = following[row]


def _read_mentions(view: View, account: Account) -> None:
    mentions, events = view.tables.mentions, view.tables.events
    dead, kinds, following = view.dead, events.kind, mentions.by_thing.next
    commissioning = (events.texts.known("commissioning"), events.texts.known("creating_class_instance"))
    row = mentions.by_thing.first(account.thing)
    while row >= 0:
        event, this, row = mentions.event[row], row, following[row]
        if dead[event]:
            continue
        account.events.append(event)
        kind = kinds[event]
        if kind >= FactKind.TRANSFORMATION or mentions.is_parent[this]:
            continue
        is_add = events.is_add[event]
        if is_add or kind == FactKind.RECEIPT or kind == FactKind.SCRAP:
            quantity, unit = view.quantity(mentions.quantity[this]), view.unit(mentions.unit[this])
            part = Part(quantity, unit, event, events.time[event])
            if is_add:
                account.added.append(part)
            if kind == FactKind.RECEIPT:
                account.received.append(part)
            elif kind == FactKind.SCRAP:
                account.scrapped.append(part)
        elif events.step[event] in commissioning and events.step[event] != NONE:
            account.commissioned.append(event)


# ---- sums


Exact: TypeAlias = Decimal | Fraction
"""A sum: decimal while nothing is converted, a fraction once something is. Both compare with one another exactly."""

ZERO = Decimal(0)


class Balance(NamedTuple):
    """Supply and use of a thing in one ``unit`` (None = pieces); ``used`` counts what is known of it."""

    supply: Exact
    used: Exact
    scrapped: Exact
    unit: str | None
    is_use_known: bool
    """Whether every use has its quantity, so that what is left can be told."""


def balance_of(view: View, account: Account) -> Balance | tuple[str, str] | None:
    """The balance of a lot; None where no supply was recorded; two units where they do not convert.

    Supply = quantities added and made, else the largest receipt (EVENTS.md, over_consumption). Use = inputs, or what
    was charged into vessels where that is more: the same material is often reported both ways.
    """
    supplied = [one for one in (*account.added, *account.made) if one.quantity is not None]
    received = [one for one in account.received if one.quantity is not None]
    if not supplied and not received:
        return None
    unit = min(one.unit or EACH for one in supplied or received)
    spent = (*account.used, *account.charged, *account.scrapped)
    units = {one.unit or EACH for one in (*supplied, *received, *spent) if one.quantity is not None}
    for other in sorted(units - {unit}) if len(units) > 1 else ():
        if converted_amount(view, account.thing, ONE, other, unit) is None:
            return unit, other

    def total(parts: list[Part]) -> Exact:
        return _total(view, account.thing, parts, unit)

    return Balance(
        supply=total(supplied) if supplied else max(total([one]) for one in received),
        used=max(total(account.used), total(account.charged)),
        scrapped=total(account.scrapped),
        unit=None if all(one.unit is None for one in supplied or received) else unit,
        is_use_known=not account.is_used_in_carrier and all(one.quantity is not None for one in spent),
    )


ONE = Decimal(1)


def _total(view: View, thing: int, parts: list[Part], unit: str) -> Exact:
    total: Exact = ZERO
    for one in parts:
        if one.quantity is not None:
            source = one.unit or EACH
            if source == unit:
                total = plus(total, one.quantity)
            else:
                total = plus(total, converted_amount(view, thing, one.quantity, source, unit) or ZERO)
    return total


def plus(one: Exact, other: Exact) -> Exact:
    """The exact sum."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return _EXACT.add(one, other)
    return Fraction(one) + Fraction(other)


def minus(one: Exact, other: Exact) -> Exact:
    """The exact difference."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return _EXACT.subtract(one, other)
    return Fraction(one) - Fraction(other)


def converted_amount(view: View, thing: int, amount: Decimal, source: str, target: str) -> Exact | None:
    """``amount`` of ``thing`` in another unit, exactly; None where nothing declares how."""
    if source == target:
        return amount
    item = view.tables.names.item[thing]
    name = view.tables.names.items.value(item) or ""
    try:
        return convert(amount, source, target, view.tables.conversions.get(name, NO_CONVERSIONS))
    except QuantityError:
        return None
