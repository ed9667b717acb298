"""A chain of so many steps as a plant: what one step makes, the next one uses, lot by lot, each use one scan.

It is the plainest plant in which the question of how far back a chain is recorded has a depth: a finished lot of a
chain of k steps stands on k scans, one a step, back to the receipt of its raw material.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from scenarios.declared import Duration, Strict
from trace_core.vocabulary.gs1_keys import check_digit

DEEPEST = 100

PREFIX = "9521"
"""GS1's prefix for demonstrations: no such number is in use."""


class Chain(Strict):
    """``steps`` operations behind each other; each takes one order ``every`` so long and works for ``takes``.

    ``lots``: how much is made at once, one size a step, from the first on and round again: with sizes that do not fit
    into each other a lot takes from several lots, each a scan more. ``loads``: in how many loads an order is worked on,
    each of which scans what it takes.
    """

    steps: Annotated[int, Field(ge=1, le=DEEPEST)]
    lots: Annotated[tuple[Annotated[int, Field(ge=1, le=10_000)], ...], Field(min_length=1, max_length=DEEPEST)] = (12,)
    loads: Annotated[int, Field(ge=1, le=100)] = 1
    every: Duration
    takes: Duration


def item_of(step: int) -> str:
    """What ``step`` makes; the raw material is made by step 0."""
    return f"product {step}" if step else "raw material"


def plant_of(chain: Chain) -> dict[str, Any]:
    """The declaration of ``chain`` as a plant file's tree."""
    steps = range(1, chain.steps + 1)
    return {
        "plant": "chain",
        "title": f"Chain of {chain.steps} {'step' if chain.steps == 1 else 'steps'}",
        "start": "2026-03-02T00:00:00+00:00",
        "timezone": "UTC",
        "recall_unit": "piece",
        "mass_unit": "kg",
        "company": {"name": "Chain", "gln": _number(12, 1), "prefix": PREFIX + "00"},
        "units": {"kg": {"code": "KGM", "decimals": 3}, "piece": {"code": "H87"}},
        "reasons": {"expired": 1},
        "items": {item_of(step): _item(step) for step in range(chain.steps + 1)},
        "suppliers": {"supplier": {"name": "Supplier", "code": "1"}},
        "customers": {},
        "operators": [{"badge": f"P-{number:02}", "name": f"Operator {number}"} for number in range(1, 4)],
        "locations": {"hall": {"name": "Hall"}},
        "stations": _stations(chain.steps),
        "devices": {"PLC": {"stations": {"store": 1, **{f"step {step}": step + 1 for step in steps}}}},
        "lot_codes": _lot_codes(),
        "stocks": {"store": _stock(chain)},
        "supplies": {item_of(0): _supply(chain)},
        "operations": {f"step {step}": _operation(step, chain) for step in steps},
        "routes": {f"step {step}": {"steps": [f"step {step}"]} for step in steps},
        "orders": {f"step {step}": _orders(step, chain) for step in steps},
    }


def _number(digits: int, number: int) -> str:
    """A GS1 number of so many digits and its check digit."""
    body = PREFIX + f"{number:0{digits - len(PREFIX)}}"
    return body + check_digit(body)


def _item(step: int) -> dict[str, Any]:
    return {"name": item_of(step).capitalize(), "gtin": _number(12, 100 + step), "unit": "piece", "mass": "1 kg"}


def _stations(steps: int) -> dict[str, Any]:
    made = {f"step {step}": {"name": f"Step {step}", "location": "hall", "operation": "making"} for step in
            range(1, steps + 1)}  # fmt: skip
    return {"store": {"name": "Store", "location": "hall", "operation": "storing"}, **made}


def _lot_codes() -> dict[str, Any]:
    return {
        "received": {"parts": ["R", {"date": "YYMMDD"}, {"sequence": 4, "reset": "day"}]},
        "made": {"parts": ["L", {"date": "YYMMDD"}, {"sequence": 5, "reset": "day"}]},
    }


def _stock(chain: Chain) -> dict[str, Any]:
    keeps = [item_of(step) for step in range(chain.steps + 1)]
    return {"policy": "fifo", "station": "store", "expired_reason": "expired", "keeps": keeps}


def _size(step: int, chain: Chain) -> int:
    return chain.lots[(step - 1) % len(chain.lots)]


SUPPLY_LOTS = 10
"""Lots of raw material in stock at the start; ordered again at once, so that the receipt never holds the chain up."""


def _supply(chain: Chain) -> dict[str, Any]:
    """Lots of the size the first step takes."""
    size = _size(1, chain)
    lot = f"{size} piece"
    return {
        "suppliers": ["supplier"], "lot": lot, "container": lot, "lot_code": "received", "opening_lots": SUPPLY_LOTS,
        "reorder_below": f"{size * (SUPPLY_LOTS - 1)} piece", "lead_time": "1 min",
    }  # fmt: skip


def _operation(step: int, chain: Chain) -> dict[str, Any]:
    size = _size(step, chain)
    load = max(1, size // chain.loads)
    return {
        "at": [f"step {step}"], "takes": f"{chain.takes.total_seconds() / chain.loads:.3f} s", "makes": item_of(step),
        "amount": "1 piece", "inputs": {item_of(step - 1): "1 piece"}, "load": f"{load} piece",
        "lot": {"code": "made", "begins": "order"},
    }  # fmt: skip


def _orders(step: int, chain: Chain) -> dict[str, Any]:
    every_s = chain.every.total_seconds() * _size(step, chain) / _size(1, chain)
    first_s = (step - 1) * chain.takes.total_seconds()
    return {
        "route": f"step {step}", "amount": f"{_size(step, chain)} piece", "every": f"{every_s:.3f} s",
        "first": f"{first_s:.3f} s",
    }  # fmt: skip
