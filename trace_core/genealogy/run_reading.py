"""Runs in words: what a process took, drew and made, when and where."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from trace_core.genealogy.columns import NONE, Ints, to_moment
from trace_core.genealogy.records import Draw, Gap, Portion, Run
from trace_core.genealogy.view import Input, View


def moment(microseconds: int) -> datetime:
    """The time of an event or interval, which always is one a calendar holds."""
    found = to_moment(microseconds)
    assert found is not None, "an event has a time"
    return found


def runs_in(view: View, processes: Iterable[int]) -> list[Run]:
    """The processes with a report that counts, by start."""
    runs = (_run_kept(view, process) for process in processes)
    return sorted((one for one in runs if one is not None), key=lambda one: (one.start, one.id))


def run_name(view: View, process: int) -> str:
    """What a run is called: its transformationID, the assembly it is, or its event."""
    processes = view.tables.processes
    built = processes.assembled[process]
    if built >= 0:
        return f"assembly of {view.canonical(built)}"
    labels = (view.label(event) for event in view.process_events(process))
    return processes.names[process] or min(labels, default="")


def _run_kept(view: View, process: int) -> Run | None:
    """The run of a process, put into words once a view: a run of a thousand serials is asked for by each of them."""
    if process not in view.runs:
        view.runs[process] = _run(view, process)
    return view.runs[process]


def _run(view: View, process: int) -> Run | None:
    events = sorted(view.process_events(process))
    if not events:
        return None
    columns = view.tables.events
    taken = view.inputs_of(process)
    draws = [_draw(view, row) for row in view.process_draws(process)]
    times = [moment(columns.time[event]) for event in events]
    return Run(
        id=run_name(view, process),
        is_assembly=view.tables.processes.assembled[process] >= 0,
        start=min([*times, *(draw.start for draw in draws)]),
        end=max([*times, *(draw.end for draw in draws)]),
        named=_portions(view, (one for one in taken if one.holder == NONE)),
        drawn=_portions(view, (one for one in taken if one.holder != NONE)),
        draws=tuple(sorted(draws, key=lambda one: (one.start, one.end, one.holder, one.event))),
        gaps=_gaps(view, process),
        made=_made(view, process),
        equipment=_words(view, columns.equipment, events),
        work_orders=_words(view, columns.work_order, events),
        operations=_words(view, columns.operation, events),
        events=tuple(sorted(view.label(event) for event in events)),
    )


def _words(view: View, column: Ints, events: Iterable[int]) -> tuple[str, ...]:
    return tuple(sorted({view.tables.events.text(column[event]) for event in events} - {""}))


def _portions(view: View, taken: Iterable[Input]) -> tuple[Portion, ...]:
    found = [
        Portion(
            thing=view.canonical(one.thing),
            quantity=one.quantity,
            unit=view.unit(one.unit),
            event=view.label(one.event),
            time=moment(view.tables.events.time[one.event]),
            holder=view.canonical(one.holder) if one.holder >= 0 else "",
            is_bounded=not (one.is_sure and one.is_alone),
        )
        for one in taken
    ]
    return tuple(sorted(found, key=_portion_order))


def _portion_order(one: Portion) -> tuple[datetime, str, str, str, Decimal]:
    return one.time, one.thing, one.holder, one.event, Decimal(-1) if one.quantity is None else one.quantity


def _made(view: View, process: int) -> tuple[Portion, ...]:
    outputs = view.tables.outputs
    rows = view.process_outputs(process)
    if view.tables.processes.assembled[process] >= 0:
        return _portions(view, (Input(outputs.thing[row], outputs.event[row], None, NONE) for row in rows))[:1]
    return _portions(
        view,
        (
            Input(outputs.thing[row], outputs.event[row], view.quantity(outputs.quantity[row]), outputs.unit[row])
            for row in rows
        ),
    )


def _draw(view: View, row: int) -> Draw:
    draws = view.tables.draws
    return Draw(
        holder=view.canonical(draws.holder[row]),
        start=moment(draws.start[row]),
        end=moment(draws.end[row]),
        quantity=view.quantity(draws.quantity[row]),
        unit=view.unit(draws.unit[row]),
        event=view.label(draws.event[row]),
    )


def _gaps(view: View, process: int) -> tuple[Gap, ...]:
    time = view.tables.events.time
    found = [
        Gap(one.item, one.quantity, one.unit, one.reason, view.label(one.event), moment(time[one.event]))
        for one in view.unknown_inputs(process)
    ]
    return tuple(sorted(found, key=lambda one: (one.time, one.event, one.item, str(one.quantity))))
