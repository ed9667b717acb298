"""Small plants for the tests of declared work: one shop floor, and whatever operations a test declares on it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plant_models import PlantSpec, load, masterdata_of, profile_of
from trace_core.capture.records import DeviceRecord, RecordType, Report
from trace_core.core import TraceCore
from trace_core.genealogy.answer import TraceAnswer
from trace_core.log import MemoryLog
from trace_core.vocabulary.clock import SetClock
from trace_core.vocabulary.gs1_keys import check_digit
from twin import TwinRun, simulate
from twin.faults import AnyFault
from twin.truth import UnitGroup

MASSES = {
    "bar": "10 kg",
    "other-bar": "10 kg",
    "blank": "2 kg",
    "hard": "2 kg",
    "pin": "0.1 kg",
    "cap": "0.1 kg",
    "unit": "2.2 kg",
    "ring": "2 kg",
    "pair": "4 kg",
}
DAILY = ({"date": "YYMMDD"}, {"sequence": 3, "reset": "day"})
WEIGHED = ("powder", "water", "mix", "dust")
STATIONS = ("store", "saw", "cell", "bench", "oven", "mixer", "mending", "packer", "dock", "hardener", "far-store")


@dataclass(frozen=True)
class Contact:
    """The hazard that counts every touch."""

    kind: str = "contact"
    threshold: float = 0.0


def declared(**sections: Any) -> PlantSpec:
    """The shop floor with these sections; items not named are known, stocks and supplies are given unless replaced."""
    own = {name: sections.pop(name, {}) for name in ("items", "stocks", "supplies", "lot_codes", "device")}
    kept = ["bar", "other-bar", "blank", "hard", "pin", "cap", "ring", "pair", *WEIGHED]
    plant = {
        "plant": "shop",
        "title": "Shop",
        "start": "2026-03-02T00:00:00+01:00",
        "timezone": "Europe/Vienna",
        "recall_unit": "piece",
        "mass_unit": "kg",
        "company": {"name": "Works", "gln": "9521003000015", "prefix": "9521003"},
        "units": {"kg": {"code": "KGM", "decimals": 3}, "piece": {"code": "H87"}},
        "reasons": {name: number for number, name in enumerate(("bad", "lost", "expired", "substitution"), 1)},
        "items": _items(own["items"]),
        "suppliers": {"mill": {"name": "Mill", "code": "01"}, "outside": {"name": "Hardener", "code": "02"}},
        "customers": {
            "shop": {"name": "Shop", "carriers_a_day": 3, "days": ["mon", "tue", "wed", "thu", "fri"], "at": "15:00"}
        },
        "operators": [
            {"badge": "P-01", "name": "Wang"},
            {"badge": "P-02", "name": "Huber"},
            {"badge": "Q-01", "name": "Novak", "role": "quality"},
        ],
        "locations": {"hall": {"name": "Hall"}},
        "stations": {name: {"name": name, "location": "hall", "operation": name} for name in STATIONS},
        "devices": {
            "PLC": {"stations": {name: number for number, name in enumerate(STATIONS, 1)}} | own["device"],
        },
        "lot_codes": {
            "supplied": {"parts": [{"word": "supplier", "width": 2}, *DAILY]},
            "made": {"parts": [{"word": "station", "width": 2}, *DAILY]},
            "serial": {"parts": [{"date": "YYMMDD"}, {"sequence": 5, "reset": "day"}]},
        }
        | own["lot_codes"],
        "stocks": {
            "all": {"policy": "fifo", "station": "store", "expired_reason": "expired", "keeps": kept},
        }
        | own["stocks"],
        "supplies": {
            "bar": supply("200 piece", "20 piece"),
            "pin": supply("400 piece", "50 piece"),
        }
        | own["supplies"],
        "carriers": {"capacity": "48 piece", "extension": 1, "store": "packer"},
        "shipping": {"station": "dock", "policy": "fifo", "least_age": "0 s", "loading": "5 min"},
        "packing": {"unit": {"station": "packer", "units": "12 piece", "inner": 2, "by_serial": True}},
    } | sections
    return load(json.dumps(_only_what_is_used(plant)), "shop")


def _items(changed: dict[str, Any]) -> dict[str, Any]:
    items: dict[str, Any] = {}
    for number, name in enumerate((*MASSES, *WEIGHED)):
        body = f"95210020{number:04}"
        items[name] = {"name": name, "gtin": body + check_digit(body), "unit": "kg" if name in WEIGHED else "piece"}
        if name in MASSES:
            items[name]["mass"] = MASSES[name]
        items[name] |= changed.get(name, {})
    return items


def supply(lot: str, container: str, **more: Any) -> dict[str, Any]:
    """A supply of lots in containers, ordered again at half a lot."""
    amount, unit = lot.split()
    below = {"reorder_below": f"{int(amount) // 2} {unit}", "lead_time": "2 h"}
    return {"suppliers": ["mill"], "lot": lot, "container": container, "lot_code": "supplied"} | below | more


def _only_what_is_used(plant: dict[str, Any]) -> dict[str, Any]:
    """The plant without stations, items and devices' numbers that nothing uses: a plant file may not name such."""
    lists = ("items", "stations", "devices", "stocks")
    used = json.dumps({name: part for name, part in plant.items() if name not in lists})
    used += json.dumps([{k: v for k, v in stock.items() if k != "keeps"} for stock in plant["stocks"].values()])
    items = [name for name in plant["items"] if f'"{name}"' in used]
    stations = [name for name in plant["stations"] if f'"{name}"' in used]
    plant["items"] = {name: plant["items"][name] for name in items}
    plant["stations"] = {name: plant["stations"][name] for name in stations}
    numbers = plant["devices"]["PLC"]["stations"]
    plant["devices"]["PLC"]["stations"] = {name: numbers[name] for name in stations}
    operations = plant["operations"]
    ends = [route["steps"][-1] for route in plant["routes"].values()]
    comes = {operations[end].get("makes") for end in ends} | set(plant["supplies"])
    comes |= {name for operation in operations.values() for name in operation.get("also_makes", {})}
    for stock in plant["stocks"].values():
        stock["keeps"] = [name for name in stock["keeps"] if name in items and name in comes]
    if '"unit"' not in json.dumps(plant["operations"]):
        for section in ("packing", "carriers", "shipping", "customers"):
            plant.pop(section)
        plant["customers"] = {}
        for name in ("packer", "dock"):
            plant["stations"].pop(name, None)
            plant["devices"]["PLC"]["stations"].pop(name, None)
        plant["items"].pop("unit", None)
    return plant


@dataclass(frozen=True)
class Watched:
    """A run, what was reported of it, and a core that took the reports in."""

    spec: PlantSpec
    run: TwinRun
    reports: list[Report]
    core: TraceCore

    def records(self, kind: RecordType, station: str = "") -> list[DeviceRecord]:
        """The records of one type, of one station where it is given."""
        number = self.spec.devices["PLC"].stations.get(station)
        found = [one for one in self.reports if isinstance(one, DeviceRecord) and one.type is kind]
        return [one for one in found if number in (None, one.station)]

    @property
    def units(self) -> tuple[UnitGroup, ...]:
        """All units as if nothing were suspect."""
        return self.run.truth.units([], Contact(), one_by_one=True)

    def reach(self, lot: str) -> tuple[set[str], set[str]]:
        """The units that truly hold some of ``lot``, and those the core finds, by serial or lot."""
        groups = self.run.truth.units([lot], Contact(), one_by_one=True)
        names = {group.serial or group.lot for group in groups}
        truly = {group.serial or group.lot for group in groups if group.affected}
        answer = self.core.trace([lot], "forward")
        if not isinstance(answer, TraceAnswer):
            return truly, set()
        return truly, ({lot, *answer.lots, *answer.serials}) & names


def watched(spec: PlantSpec, hours: float, seed: int = 1, faults: tuple[AnyFault, ...] = ()) -> Watched:
    """A run of ``spec``, captured."""
    clock = SetClock(spec.start)
    core = TraceCore(MemoryLog(clock), clock, rules=profile_of(spec).rules())
    core.append_masterdata(masterdata_of(spec))
    reports: list[Report] = []

    def deliver(report: Report, moment: datetime) -> None:
        clock.set(moment)
        core.capture(report)
        reports.append(report)

    run = simulate(spec, seed, timedelta(hours=hours), faults, deliver)
    assert {one.station: one.residual for one in run.balances} == {one.station: 0 for one in run.balances}
    return Watched(spec, run, reports, core)


def cached(build: Callable[[], PlantSpec], hours: float) -> Callable[[], Watched]:
    """The run of the plant that ``build`` declares, made once."""
    return functools.cache(lambda: watched(build(), hours))
