"""From a declared fault to the value the twin takes: seconds for durations, defaults for what was left out."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING

from twin.conduct import ConductFault, ConductKind
from twin.faults import AnyFault
from twin.observe.faults import (
    ALL,
    Blank,
    Buffer,
    CaptureFault,
    ClockError,
    Coding,
    Details,
    FaultKind,
    GoLive,
    Homonym,
    Login,
    Misreading,
    Sending,
)
from twin.observe.when import Pattern, When

if TYPE_CHECKING:
    from scenarios.declared_fault import DeclaredFault

REPLAY_S = 60.0
SWAP_S = 1800.0
"""How long before a record that comes again, and how long one of two swapped waits, where nothing is said."""


def run_fault(one: DeclaredFault) -> AnyFault:
    """``one``, which is no preset, as the twin takes it."""
    rate = 1.0 if one.rate is None else one.rate
    stations = one.stations or (ALL,)
    if one.kind in set(ConductKind):
        return ConductFault(
            kind=ConductKind(one.kind),
            rate=rate,
            stations=stations,
            items=one.items,
            name=one.name,
            when=_when(one),
            share=0.05 if one.share is None else one.share,
            capture_s=one.capture_seconds or 0.0,
            patience_s=_seconds(one.patience, 0.0),
        )
    return CaptureFault(
        kind=FaultKind(one.kind),
        rate=rate,
        stations=stations,
        records=one.records or (ALL,),
        delay_s=_delay_s(one),
        name=one.name,
        devices=one.devices,
        methods=one.methods,
        items=one.items,
        when=_when(one),
        details=_details(one),
    )


def _seconds(duration: timedelta | None, default_s: float) -> float:
    return default_s if duration is None else duration.total_seconds()


def _delay_s(one: DeclaredFault) -> float:
    if one.kind == "replayed":
        return _seconds(one.delay, REPLAY_S)
    if one.kind == "swapped":
        return _seconds(one.within, SWAP_S)
    return _seconds(one.delay or one.window, 0.0)


def _when(one: DeclaredFault) -> When:
    default = When()
    return When(
        pattern=Pattern(one.pattern),
        from_s=_seconds(one.starts, 0.0),
        until_s=_seconds(one.until, inf),
        first=one.first or default.first,
        factor=one.factor or default.factor,
        around_s=_seconds(one.around, default.around_s),
        every_s=_seconds(one.every, 0.0) if one.pattern == "outage" else 0.0,
        lasts_s=_seconds(one.lasts, 0.0),
    )


def _details(one: DeclaredFault) -> Details | None:
    match one.kind:
        case "misread":
            return Misreading(one.slips or ())
        case "batched":
            return Sending(_seconds(one.every, 0.0))
        case "outage":
            return Buffer(0) if one.buffered is False else Buffer(one.capacity or Buffer().capacity)
        case "clock":
            return ClockError(one.offset or 0.0, one.drift_ppm or 0.0)
        case "empty_field":
            return Blank(one.field or "lot_id")
        case "shared_login":
            return Login(one.badge or "")
        case "duplicate_code" | "reused_code":
            return Homonym(one.same_item is not False, _seconds(one.after, 0.0))
        case "other_codes":
            return Coding(one.of or "lots", one.prefix or Coding().prefix, bool(one.crosswalk))
        case "cut_over":
            return GoLive(one.opening_balance is not False)
    return None
