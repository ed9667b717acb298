"""``twin.year``: a year of the electronics plant at ten million boards, with the truth on and every report built.

The declaration is ``smt`` with other numbers: panels of 20, a tenth of the takt, three shifts on seven days; orders,
lots and pallets to match. Reports are counted in batches and dropped, as a system would that keeps none of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from plant_models import load, shipped
from plant_models.changes import changed
from plant_models.spec import PlantSpec
from trace_core.capture.records import Report
from twin import simulate

NAME = "twin.year"
SMALL_DAYS, LARGE_DAYS = 3, 365
BATCH = 10_000
"""Reports that are looked at together: what a bulk insert takes."""

GROWTH = 13
"""How many times the shipped plant's boards a day the year makes: what lots and reorder points grow by."""

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Counted:
    """Counts reports in batches that are not kept."""

    def __init__(self) -> None:
        self.reports = 0
        self.batches = 0
        self._batch: list[tuple[Report, datetime]] = []

    def take(self, report: Report, arrives: datetime) -> None:
        """A report arrives."""
        self._batch.append((report, arrives))
        if len(self._batch) == BATCH:
            self.drop()

    def drop(self) -> None:
        """The batch is counted and gone."""
        self.reports += len(self._batch)
        self.batches += bool(self._batch)
        self._batch = []


def year_plant() -> PlantSpec:
    """``smt`` as a factory of ten million boards a year."""
    text = shipped("smt")
    return changed(text, "smt at ten million a year", _changes(load(text, "smt")))


def _changes(spec: PlantSpec) -> Mapping[str, object]:
    """What is not as in the shipped file, by path."""
    changes = {"shifts.two-shifts": _THREE_SHIFTS, **_LINE}
    loading = {"at": ["loader"], "takes": "8 s", "makes": "blank", "amount": "20 board", "load": "20 board"}
    marked = {"scraps": 0.01, "scrap_reason": spec.operations["load-panels"].scrap_reason}
    changes["operations.load-panels"] = {**loading, "inputs": {"bare-panel": "1 panel"}, **marked}
    for station, machine in spec.machines.items():
        changes |= {f"machines.{station}.tools.{tool}.life": 400_000 for tool in machine.tools}
    for order in spec.orders:
        changes[f"orders.{order}.amount"] = "14 500 board"
        changes[f"orders.{order}.days"] = WEEK
    for item, supply in spec.supplies.items():
        for field in ("lot", "reorder_below"):
            amount = getattr(supply, field)
            changes[f"supplies.{item}.{field}"] = f"{amount.value * GROWTH} {amount.unit}"
    for customer, declared in spec.customers.items():
        changes[f"customers.{customer}.carriers_a_day"] = declared.carriers_a_day * 5
    return changes


_THREE_SHIFTS = [
    {"days": WEEK, "begins": begins, "ends": ends, "breaks": [{"begins": pause, "ends": over}]}
    for begins, ends, pause, over in (
        ("06:00", "14:00", "10:00", "10:20"),
        ("14:00", "22:00", "18:00", "18:20"),
        ("22:00", "06:00", "02:00", "02:20"),
    )
]

_LINE: Mapping[str, object] = {
    "items.bare-panel.mass": "480 g",
    "operations.print.takes": "22 s",
    "operations.inspect-paste.takes": "15 s",
    "operations.inspect-paste.inspects.sample": 20,
    "operations.place-chips.takes": {"law": "normal", "mean": "1.9 s", "cv": 0.03},
    "operations.place-large.takes": {"law": "normal", "mean": "1.85 s", "cv": 0.03},
    "operations.inspect-joints.takes": "22 s",
    "operations.inspect-joints.inspects.sample": 20,
    "operations.depanel.takes": "0.7 s",
    "machines.oven.conveys.holds": 12,
    "machines.touch-up.serves": 6,
    "machines.ict": {"serves": 8, "open": "two-shifts", "waiting": 40},
    "machines.functional-test.serves": 24,
    "machines.repair.serves": 16,
    "supplies.solder-paste.container": "6500 g",  # one drum thaws at a time
    "feeders.placer-1.splice": 0.98,
    "feeders.placer-2.splice": 0.95,
    "packing.controller.inner": 64,
    "carriers.capacity": "1280 board",
}


def measured(days: int, seed: int) -> list[dict[str, object]]:
    """The rows of one run: minutes, peak memory, boards, rows and bytes of truth, and reports."""
    spec, counted = year_plant(), Counted()
    say(f"{NAME}: {days} days")
    began, began_cpu = time.perf_counter(), time.process_time()
    run = simulate(spec, seed, timedelta(days=days), deliver=counted.take)
    counted.drop()
    minutes = (time.perf_counter() - began) / 60
    cpu_minutes = (time.process_time() - began_cpu) / 60
    if wrong := [balance for balance in run.balances if balance.residual]:
        raise SystemExit(f"{NAME}: a balance does not close: {wrong[0]}")
    tables = run.truth.tables
    size = sum(values.nbytes for columns in tables.values() for values in columns.values())
    figures: list[tuple[str, float, str]] = [
        (NAME, round(minutes, 3), "min"),
        (f"{NAME}.cpu", round(cpu_minutes, 3), "min of one processor"),
        (f"{NAME}.peak_memory", round(_peak_gib(), 3), "GiB"),
        (f"{NAME}.boards", int(tables["packed"]["count"].sum()), "boards packed"),
        (f"{NAME}.boards_a_year", int(tables["packed"]["count"].sum()) * 365 // days, "boards a year"),
        (f"{NAME}.truth_rows", sum(len(next(iter(columns.values()))) for columns in tables.values()), "rows"),
        (f"{NAME}.truth_size", round(size / 1e6, 1), "MB"),
        (f"{NAME}.reports", counted.reports, "reports built"),
    ]
    return [_row(name, value, unit, days) for name, value, unit in figures]


def _row(name: str, value: float, unit: str, days: int) -> dict[str, object]:
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "peer": None,
        "peer_value": None,
        "ratio": None,
        "size": f"{days} days",
        "runs": 1,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }


def _peak_gib() -> float:
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes on macOS, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def say(line: str) -> None:
    """Progress goes to stderr; stdout belongs to the rows."""
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Run and print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="a whole year instead of three days")
    parser.add_argument("--days", type=int, help="so many days")
    asked = parser.parse_args()
    days = asked.days or (LARGE_DAYS if asked.large else SMALL_DAYS)
    json.dump(measured(days, seed=1), sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
