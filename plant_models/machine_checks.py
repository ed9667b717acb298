"""What must hold of machines, their times, shifts, feeders and signals, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from plant_models.fault_list import FaultList
from plant_models.work import Collects, Feeders, LawSpec, Machine, Shift, Signal
from plant_models.work_mentions import parts_of

_NEEDS_MEAN = frozenset({"exponential", "erlang", "lognormal", "normal"})
_PARAMETER_OF = {
    "cv": ("lognormal", "normal"),
    "phases": ("erlang",),
    "least": ("uniform", "triangular", "normal"),
    "most": ("uniform", "triangular", "normal"),
}
"""Which laws a parameter belongs to."""


def check_machines(found: FaultList) -> None:
    """Add every fault of a law, machine, shift, feeder or signal that its own values show."""
    spec = found.spec
    for path, law in parts_of(spec, LawSpec):
        _law(found, path, law)
    for name, shifts in spec.shifts.items():
        _shifts(found, f"$.shifts.{name}", shifts)
    for name, machine in spec.machines.items():
        _machine(found, f"$.machines.{name}", machine)
    for station, feeders in spec.feeders.items():
        _feeders(found, station, feeders)
    for name, signal in spec.signals.items():
        _signal(found, f"$.signals.{name}", signal)


# ---- laws


def _law(found: FaultList, path: str, law: LawSpec) -> None:
    for parameter, laws in _PARAMETER_OF.items():
        given = parameter in law.model_fields_set and getattr(law, parameter) is not None
        if given and law.law not in laws:
            remedy = f"leave it out, or choose {' or '.join(laws)}"
            found.add(f"{path}.{parameter}", f"no {parameter}, as {law.law} has none", getattr(law, parameter), remedy)
    if law.law in _NEEDS_MEAN and law.mean == 0:
        found.add(f"{path}.mean", f"a mean above 0 s for {law.law}", "0 s", "a bare 0 s is fixed, without a law")
    if law.law in ("uniform", "triangular"):
        for end in ("least", "most"):
            if getattr(law, end) is None:
                found.add(f"{path}.{end}", f"both ends, least and most, of {law.law}", None, f"give {end}: a duration")
    if law.least is not None and law.most is not None:
        _ends(found, path, law, law.least, law.most)


def _ends(found: FaultList, path: str, law: LawSpec, least: float, most: float) -> None:
    if least > most or (least == most and law.law != "normal"):
        remedy = "exchange them" if least > most else f"a bare {most:g} s is fixed"
        found.add(path, "least below most", f"least {least:g} s, most {most:g} s", remedy)
    elif law.law == "uniform" and abs(law.mean - (least + most) / 2) > 1e-6 * most:
        remedy = "leave mean out; the ends say it"
        found.add(f"{path}.mean", f"{(least + most) / 2:g} s, the middle of least and most", f"{law.mean:g} s", remedy)
    elif not least <= law.mean <= most:
        found.add(f"{path}.mean", f"a mean from {least:g} s to {most:g} s", f"{law.mean:g} s")


# ---- shifts


_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _shifts(found: FaultList, path: str, shifts: list[Shift]) -> None:
    hours: list[tuple[int, int, str]] = []
    for number, shift in enumerate(shifts):
        where = f"{path}[{number}]"
        length = _minutes(shift.begins, shift.ends)
        if length == 0:
            remedy = "declare a whole day as two shifts, such as 06:00 to 18:00 and 18:00 to 06:00"
            found.add(f"{where}.ends", "an end that is not the begin", shift.ends.isoformat("minutes"), remedy)
        for place, pause in enumerate(shift.breaks):
            begins = _minutes(shift.begins, pause.begins)
            if not begins < begins + _minutes(pause.begins, pause.ends) <= length:
                said = f"{pause.begins:%H:%M} to {pause.ends:%H:%M}"
                expected = f"a break within the shift, {shift.begins:%H:%M} to {shift.ends:%H:%M}"
                found.add(f"{where}.breaks[{place}]", expected, said)
        for day in dict.fromkeys(shift.days):
            start = _WEEK.index(day) * _DAY_MINUTES + shift.begins.hour * 60 + shift.begins.minute
            hours.append((start, start + length, where))
    _overlaps(found, hours)


def _overlaps(found: FaultList, hours: list[tuple[int, int, str]]) -> None:
    ordered = sorted(hours)
    again = [(start + _WEEK_MINUTES, end + _WEEK_MINUTES, where) for start, end, where in ordered[:1]]
    following = [*ordered[1:], *again]
    for (_, end, where), (start, _, other) in zip(ordered, following, strict=False):
        if start < end:
            day = _WEEK[start // _DAY_MINUTES % 7]
            found.add(
                where, f"shifts that do not overlap those at {other}", f"both run on {day}", "shorten one of them"
            )


def _minutes(begins: time, ends: time) -> int:
    """Minutes from one time of day to the next such time."""
    return (ends.hour * 60 + ends.minute - begins.hour * 60 - begins.minute) % _DAY_MINUTES


# ---- machines


def _machine(found: FaultList, path: str, machine: Machine) -> None:
    if machine.collects is not None and machine.conveys is not None:
        found.add(f"{path}.conveys", "either collects or conveys", "both", "declare two stations, one after the other")
    if machine.conveys is not None and machine.serves != 1:
        remedy = f"conveys.holds says how many are on it ({machine.conveys.holds})"
        found.add(f"{path}.serves", "1 for a machine that conveys", machine.serves, remedy)
    if machine.conveys is not None:
        for feature in ("open", "breakdowns", "set_up", "waiting"):
            if getattr(machine, feature) not in (None, []):
                remedy = "declare it at the station before or after"
                found.add(f"{path}.{feature}", f"no {feature} at a machine that conveys", feature, remedy)
        if machine.blocking != "after":
            found.add(f"{path}.blocking", "no blocking, as a conveyor stops when its first load cannot leave", "before")
    if machine.at_close == "pauses" and machine.open is None:
        found.add(f"{path}.at_close", "no at_close, as the machine never closes", "pauses", "declare open: a shift")
    if machine.set_up is not None and machine.set_up.between != "campaigns" and machine.set_up.campaign != 1:
        found.add(f"{path}.set_up.campaign", "no campaign without between: campaigns", machine.set_up.campaign)
    for number, one in enumerate(machine.breakdowns):
        if one.every.mean == 0:
            found.add(f"{path}.breakdowns[{number}].every", "a time above 0 between breakdowns", "0 s")
    if machine.collects is not None:
        _collects(found, f"{path}.collects", machine.collects)


def _collects(found: FaultList, path: str, collects: Collects) -> None:
    positions = collects.positions
    if positions and len(positions) != collects.loads:
        remedy = f"name {collects.loads} positions, or let loads be {len(positions)}"
        found.add(f"{path}.positions", f"{collects.loads} positions, one for each load", len(positions), remedy)
    for number, one in enumerate(positions):
        if one in positions[:number]:
            found.add(f"{path}.positions[{number}]", "each position once", one)
    for number, one in enumerate(collects.hot):
        found.known(f"{path}.hot[{number}]", one, positions, "position of this machine")
    wanted = {"hot": bool(collects.hot), "chance": collects.chance > 0, "defect": collects.defect is not None}
    if any(wanted.values()) and not all(wanted.values()):
        given = ", ".join(name for name, is_given in wanted.items() if is_given)
        missing = ", ".join(name for name, is_given in wanted.items() if not is_given)
        found.add(path, "hot, chance and defect together", given, f"{missing} must be declared as well")


# ---- feeders and signals


def _feeders(found: FaultList, station: str, feeders: Feeders) -> None:
    spec = found.spec
    path = f"$.feeders.{station}"
    if feeders.kind == "hopper" and feeders.splice > 0:
        found.add(f"{path}.splice", "no splice, as a hopper is refilled while it runs", feeders.splice, "leave it out")
    for device, declared in spec.devices.items():
        taken = {number: slot for slot, number in declared.slots.items()}
        if station in declared.stations and feeders.bank in taken:
            remedy = f"slot {taken[feeders.bank]} of {device} has it; choose another"
            found.add(f"{path}.bank", "a number that no slot of the device has", feeders.bank, remedy)
    banks = {
        other: one.bank for other, one in spec.feeders.items() if other != station and _together(found, station, other)
    }
    for other, bank in banks.items():
        if bank == feeders.bank and other < station:
            found.add(
                f"{path}.bank", "a number that no other bank of the device has", bank, f"the bank of {other} has it"
            )
    taken_there = _taken_at(found, station)
    for slot, item in feeders.slots.items():
        if item in spec.items and item not in taken_there:
            can = ", ".join(sorted(taken_there)) or "nothing"
            remedy = f"they take {can}"
            found.add(f"{path}.slots.{slot}", f"an item that an operation at {station} takes", item, remedy)


def _together(found: FaultList, station: str, other: str) -> bool:
    return any(station in one.stations and other in one.stations for one in found.spec.devices.values())


def _taken_at(found: FaultList, station: str) -> set[str]:
    inputs = (one.inputs for one in found.spec.operations.values() if station in one.at)
    return {item for taken in inputs for name, declared in taken.items() for item in (name, *declared.instead)}


def _signal(found: FaultList, path: str, signal: Signal) -> None:
    for expected, is_wrong, got, remedy in _faults_of_signal(signal):
        if is_wrong:
            found.add(path, expected, got, remedy)


def _faults_of_signal(signal: Signal) -> Iterator[tuple[str, bool, object, str]]:
    limits = signal.limits
    yield ("limits from low to high", limits is not None and limits[0] >= limits[1], limits, "exchange them")
    outside = limits is not None and not limits[0] <= signal.mean <= limits[1]
    yield ("a mean within the limits", outside, signal.mean, "what dwells there would always be outside")
    yield (
        "limits, as there is a defect",
        signal.defect is not None and limits is None,
        None,
        "add limits: [low, high]",
    )
    stands = signal.excursion is not None and signal.excursion.by == 0
    yield ("an excursion that goes somewhere", stands, 0, "give by: how far, above or below 0")
