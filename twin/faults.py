"""All faults a run can be given, and what is wrong with them where they do not fit the plant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from math import inf
from typing import Literal, TypeAlias

from plant_models.spec import PlantSpec
from trace_core.capture.records import RecordType
from trace_core.errors import Fault, near_names
from trace_core.vocabulary.times import format_time
from twin.conduct import ConductFault, ConductKind, equipment_of
from twin.observe.faults import (
    ALL,
    ENTRY_KINDS,
    SYSTEM_KINDS,
    CaptureFault,
    ClockError,
    FaultKind,
    FaultLabel,
    Login,
)
from twin.observe.when import Pattern, When

AnyFault: TypeAlias = CaptureFault | ConductFault

POSTINGS = ("DeliveryNote", "PurchaseOrder", "StockCount", "TestResult", "WorkOrder")
SYSTEMS = ("ERP", "LIMS", "WMS")
"""The business systems of every plant, as stations and devices of their postings."""

FaultClass: TypeAlias = Literal["capture", "system", "conduct"]

METHODS = ("manual", "barcode", "rfid", "plc", "instrument", "mobile")

LONGEST_S = 3.2e9
"""A hundred years: no declared time is longer."""


def class_of(kind: str) -> FaultClass:
    """Whether a kind of fault is one of capture, of a system, or of conduct."""
    if kind in SYSTEM_KINDS:
        return "system"
    return "conduct" if kind in ENTRY_KINDS or kind in set(ConductKind) else "capture"


def labels_csv(labels: Iterable[FaultLabel]) -> str:
    """The labels of a run as CSV, in the order in which the faults struck: the key for who looks for them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [one.name for one in fields(FaultLabel)]
    writer.writerow(["class", *names])
    for label in labels:
        values = [getattr(label, name) for name in names]
        cells = [format_time(one) if isinstance(one, datetime) else one for one in values]
        writer.writerow([class_of(label.kind), *cells])
    return text.getvalue()


def faults_in(faults: Sequence[AnyFault], spec: PlantSpec, paths: Sequence[str] = ()) -> Iterator[Fault]:
    """What is wrong with declared faults: unknown names, impossible rates and times, names used twice.

    ``paths`` say where each is declared, where that is not simply its place in the list.
    """
    seen: set[str] = set()
    for fault, path in zip(faults, paths or [f"$.faults[{number}]" for number in range(len(faults))], strict=True):
        if not 0.0 <= fault.rate <= 1.0:
            yield Fault(f"{path}.rate", "a probability from 0 to 1", fault.rate)
        yield from _unknown(path, "stations", fault.stations, [*spec.stations, *_more_places(fault, spec), ALL])
        yield from _unknown(path, "items", fault.items, spec.items)
        yield from _timing_in(path, fault.when)
        yield from _capture_in(path, fault, spec) if isinstance(fault, CaptureFault) else _conduct_in(path, fault)
        if fault.stream in seen:
            yield Fault(f"{path}.name", "a name, as another fault hits the same reports", fault.name)
        seen.add(fault.stream)


def _more_places(fault: AnyFault, spec: PlantSpec) -> Iterable[str]:
    """Where a fault can be besides the stations: systems post, vessels and feeders are cleaned and changed."""
    return SYSTEMS if isinstance(fault, CaptureFault) else equipment_of(spec)


def _capture_in(path: str, fault: CaptureFault, spec: PlantSpec) -> Iterator[Fault]:
    if not 0.0 <= fault.delay_s <= LONGEST_S:
        yield Fault(f"{path}.delay_s", "a delay of 0 s or more", fault.delay_s)
    records = [*(one.name for one in RecordType if one is not RecordType.ARRIVE), *POSTINGS, ALL]
    yield from _unknown(path, "records", fault.records, records)
    yield from _unknown(path, "devices", fault.devices, [*spec.devices, *SYSTEMS])
    yield from _unknown(path, "methods", fault.methods, METHODS)
    used = {device.method for device in spec.devices.values()}
    if fault.methods and not used.intersection(fault.methods) and set(fault.methods) <= set(METHODS):
        remedy = f"its devices work by {', '.join(sorted(used))}; name stations to try it there all the same"
        yield Fault(f"{path}.methods", "a method that some device of the plant works by", fault.methods, remedy)
    yield from _needs_in(path, fault)
    if isinstance(fault.details, ClockError) and not abs(fault.details.offset_s) <= LONGEST_S:
        yield Fault(f"{path}.offset", "a time that a clock can be off by", fault.details.offset_s)
    if isinstance(fault.details, Login) and len(fault.details.badge.encode()) > 12:
        yield Fault(f"{path}.badge", "a badge of at most 12 bytes", fault.details.badge)


def _needs_in(path: str, fault: CaptureFault) -> Iterator[Fault]:
    ends = fault.when.until_s < inf
    if fault.kind is FaultKind.CUT_OVER and not ends:
        yield Fault(f"{path}.until", "the moment of going live", None, "add until: 5d")
    is_link = fault.kind in (FaultKind.OUTAGE, FaultKind.SILENT_LINK)
    if is_link and not ends and fault.when.pattern is not Pattern.OUTAGE:
        yield Fault(f"{path}.every", "when the link is down", None, "add every and lasts, or from and until")
    if fault.kind is FaultKind.CLOCK and not isinstance(fault.details, ClockError):
        yield Fault(f"{path}.offset", "how far the clock is off", None, "add offset, drift_ppm or both")


def _conduct_in(path: str, fault: ConductFault) -> Iterator[Fault]:
    if not 0.0 < fault.share <= 10.0:
        yield Fault(f"{path}.share", "a share above 0 and up to 10", fault.share)
    if fault.kind is ConductKind.SLOW_SCREEN_SKIP and not 0.0 < fault.capture_s <= LONGEST_S:
        yield Fault(f"{path}.capture_seconds", "how long the screen takes, above 0 s", fault.capture_s)


def _timing_in(path: str, when: When) -> Iterator[Fault]:
    if not 0.0 <= when.from_s < when.until_s:
        yield Fault(f"{path}.until", "a moment after from", when.until_s, "let until be later than from")
    if when.pattern is Pattern.OUTAGE and not (0.0 < when.every_s <= LONGEST_S and 0.0 < when.lasts_s <= LONGEST_S):
        yield Fault(f"{path}.every", "a mean gap and a mean length above 0 s", (when.every_s, when.lasts_s))
    if when.pattern is Pattern.SHIFT_CHANGE and not (when.factor >= 1.0 and 0.0 < when.around_s <= LONGEST_S):
        yield Fault(f"{path}.factor", "a factor from 1 and a time around the change above 0 s", when.factor)
    if when.pattern is Pattern.AT_LOT_CHANGE and when.first < 1:
        yield Fault(f"{path}.first", "one report or more", when.first)


def _unknown(path: str, part: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    known = list(known)
    for name in names:
        if name not in known:
            near = near_names(name, known)
            remedy = f"did you mean {' or '.join(near)}?" if near else f"one of {', '.join(known)}"
            yield Fault(f"{path}.{part}", f"{part[:-1]} of the plant", name, remedy)
