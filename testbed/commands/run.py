"""``tracetwin run``: a twin into a store."""

from __future__ import annotations

from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from testbed.options import DEFAULT_STORE, AsJson, Seed, Store, duration_of, text_of
from testbed.output import print_document, print_facts, print_line, print_next, progress, say

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from plant_models import PlantSpec
    from trace_core.capture.records import Report
    from trace_core.log.port import EventLog
    from twin import TwinRun
    from twin.faults import AnyFault
    from twin.inputs import ExternalInput
    from twin.simulation import Running


def run(
    plant: Annotated[str, typer.Argument(metavar="PLANT", help="A name that ships, or the path of a YAML file.")],
    until: Annotated[str, typer.Option(metavar="TIME", help="How long to run: 12h, 5d, 2w.")] = "5d",
    seed: Seed = 1,
    faults: Annotated[
        str | None, typer.Option(metavar="FILE", help="What goes wrong: a YAML file, or a name that ships.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write down what really happened: .npz, .parquet, or a folder/.")
    ] = None,
    speed: Annotated[
        str, typer.Option(metavar="max|1|60", help="How fast: max, or simulated seconds a second (1 is real time).")
    ] = "max",
    inputs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Inputs from outside: repeated if it is there, else written.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write report.html, with pictures of the run, there.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write down what each fault did, beside the truth.")
    ] = None,
    append: Annotated[bool, typer.Option("--append", help="Write into a store that holds something else too.")] = False,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Run a plant's twin; its devices report into the store. Run again, it goes on where it was interrupted."""
    from scenarios.faults import open_faults
    from testbed.live import speed_of
    from testbed.plants import open_plant
    from testbed.run_files import check_folder, check_writable, save_truth
    from twin.faults import labels_csv

    spec = open_plant(plant)
    length = duration_of(until, "--until")
    declared = open_faults(faults, spec) if faults is not None else ()
    for name, path in (("--truth", truth), ("--labels", labels)):
        if path is not None:
            check_writable(path, name)
    if out is not None:
        check_folder(out)
    began = perf_counter()
    pace = Pace(speed_of(speed), inputs)
    reports = _Kept() if truth is not None and not truth.suffix else None
    ran, document = _run_into(store, spec, seed, length, declared, pace, reports, append=append)
    if truth is not None:
        save_truth(truth, ran, reports)
    if labels is not None:
        labels.write_text(labels_csv(ran.labels), "utf-8")
    document["elapsed_s"] = round(perf_counter() - began, 3)
    if out is not None:
        from scenarios.report.runs import write_run

        write_run(out, spec, ran, document)
    if as_json:
        print_document(document)
        return
    print_line(f"{spec.title}: {document['until']} with seed {seed}, {document['events']:,} events in {store}.")
    print_facts({name: document[name] for name in ("truth_hash", "log_hash", "ledger_hash")})
    print_line(f"The mass balance closes at all of {len(document['balances'])} places.")
    steps = [f"tracetwin export csv --store {store} --out events.csv", f"tracetwin verify --store {store}"]
    if truth is None:
        steps.append("--truth FILE.npz keeps what really happened, to score an answer against")
    print_next(*steps)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a run is driven: ``speed`` in simulated seconds a second, None for as fast as possible; its log of inputs."""

    speed: float | None = None
    inputs: Path | None = None

    @property
    def is_repeated(self) -> bool:
        """Whether the inputs are those of an earlier session."""
        return self.inputs is not None and self.inputs.exists()


_Kept = list[tuple["Report", "datetime"]]


def _run_into(
    store: str,
    spec: PlantSpec,
    seed: int,
    length: timedelta,
    faults: tuple[AnyFault, ...],
    pace: Pace,
    reports: _Kept | None,
    *,
    append: bool,
) -> tuple[TwinRun, dict[str, Any]]:
    from plant_models import masterdata_of, plant_hash, profile_of
    from scenarios.declared import format_duration
    from trace_core.core import TraceCore, ledger_hash
    from trace_core.log.opening import open_store
    from trace_core.vocabulary.clock import SetClock
    from twin.simulation import Running

    clock, given = SetClock(spec.start), _inputs(pace, spec, seed)
    with closing(open_store(store, clock)) as log, log.batch() if pace.speed is None else nullcontext():
        stamp = _stamp_of(spec, plant_hash(spec), seed, format_duration(length), faults, pace)
        _claim(log, store, stamp, append=append)
        core = TraceCore(log, clock, rules=profile_of(spec).rules())
        core.append_masterdata([stamp, *masterdata_of(spec)], source=spec.plant)
        with progress(spec.title, length.total_seconds()) as advance:

            def deliver(report: Report, arrives: datetime) -> object:
                clock.set(arrives)
                advance((arrives - spec.start).total_seconds())
                if reports is not None:
                    reports.append((report, arrives))
                return core.capture(report)

            ran = _drive(Running(spec, seed, length, faults, deliver, inputs=given), pace)
        return ran, {
            "schema": "tracetwin/run/1",
            "plant": spec.plant,
            "plant_hash": plant_hash(spec),
            "seed": seed,
            "until": format_duration(length),
            "truth_hash": ran.truth.hash,
            "log_hash": log.head().hash.hex(),
            "ledger_hash": ledger_hash(log.read()),
            "events": len(core.index),
            "balances": [{"station": one.station, "residual": one.residual} for one in ran.balances],
        }


def _inputs(pace: Pace, spec: PlantSpec, seed: int) -> tuple[ExternalInput, ...]:
    """The inputs of an earlier session; none where this one is the first."""
    from trace_core.errors import BadInput
    from twin.inputs import read_inputs

    if pace.is_repeated and pace.inputs is not None:
        return read_inputs(text_of(pace.inputs, "a log of inputs"), str(pace.inputs), spec.plant, seed)
    if pace.inputs is not None and pace.speed is None:
        raise BadInput("a log of inputs", "no such file", f"--inputs {pace.inputs}", "write one with --speed 60")
    return ()


def _drive(running: Running, pace: Pace) -> TwinRun:
    """Run to the end, as fast as possible or at a speed."""
    from plant_models import plant_hash
    from testbed.live import logged, run_live
    from twin.inputs import heading

    if pace.speed is None:
        return running.finish()
    first = heading(running.spec.plant, plant_hash(running.spec), running.seed)
    with logged(None if pace.is_repeated else pace.inputs, first) as note:
        ran, behind_s = run_live(running, pace.speed, note)
    say(f"simulated time was {behind_s:,.1f} s behind at most")
    return ran


def _stamp_of(spec: PlantSpec, spec_hash: str, seed: int, until: str, faults: tuple[AnyFault, ...], pace: Pace) -> Any:
    import hashlib

    from trace_core.vocabulary.masterdata import RunStamp

    told = hashlib.sha256(repr(faults).encode()).hexdigest()
    marks = {"faults": told} if pace.inputs is None else {"faults": told, "inputs": "logged"}
    name = hashlib.sha256(f"{spec_hash} {seed} {until} {' '.join(marks.values())}".encode()).hexdigest()[:32]
    return RunStamp(f"urn:plant:document:-:run:{name}", spec.plant, spec_hash, seed, until, marks)


def _claim(log: EventLog, store: str, stamp: Any, *, append: bool) -> None:
    """Refuse a store that holds another run, or anything but a run, unless ``append``."""
    from trace_core.core.entries import master_of
    from trace_core.errors import AnotherRun
    from trace_core.log.port import EntryKind
    from trace_core.vocabulary.masterdata import RunStamp

    if append:
        return
    first = next(iter(log.read(limit=1)), None)
    if first is None:
        return
    held = master_of(first) if first.entry.kind is EntryKind.MASTERDATA else None
    remedy = "name another --store, or --append to mix them"
    if not isinstance(held, RunStamp):
        raise AnotherRun(store, f"it holds {log.head().sequence:,} records that no run wrote", remedy)
    if held != stamp:
        faults = "" if held.attributes == stamp.attributes else " with other faults or inputs"
        problem = f"it holds the run of {held.plant}, seed {held.seed}, {held.until}{faults}"
        if held.plant_hash != stamp.plant_hash and held.plant == stamp.plant:
            problem += " as that plant was declared then"
        raise AnotherRun(store, problem, remedy)
