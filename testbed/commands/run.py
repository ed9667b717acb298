"""``tracetwin run``: a twin into a store."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from testbed.options import DEFAULT_STORE, AsJson, Seed, Store, duration_of, spare_stores, text_of
from testbed.output import print_document, print_facts, print_line, print_next, print_table, progress

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from plant_models import PlantSpec
    from trace_core.capture.records import Report
    from trace_core.log.port import EventLog
    from twin import TwinRun
    from twin.observe.faults import CaptureFault


def run(
    plant: Annotated[str, typer.Argument(metavar="PLANT", help="A name that ships, or the path of a YAML file.")],
    until: Annotated[str, typer.Option(metavar="TIME", help="How long to run: 12h, 5d, 2w.")] = "5d",
    seed: Seed = 1,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Capture faults: reports missed, late, doubled, mislabelled.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE.npz", help="Write down what really happened, for `tracetwin score`.")
    ] = None,
    append: Annotated[bool, typer.Option("--append", help="Write into a store that holds something else too.")] = False,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Run a plant's twin; its devices report into the store. Run again, it goes on where it was interrupted."""
    from scenarios.faults import load_faults
    from testbed.plants import open_plant

    spec = open_plant(plant)
    length = duration_of(until, "--until")
    declared = load_faults(text_of(faults, "a list of faults"), str(faults), spec) if faults is not None else ()
    if truth is not None:
        _check_writable(truth)
    began = perf_counter()
    ran, document = _run_into(store, spec, seed, length, declared, append=append)
    if truth is not None:
        ran.truth.save(truth)
    document["elapsed_s"] = round(perf_counter() - began, 3)
    if as_json:
        print_document(document)
        return
    print_line(f"{spec.title}: {document['until']} with seed {seed}, {document['events']:,} events in {store}.")
    print_facts({name: document[name] for name in ("truth_hash", "log_hash", "ledger_hash")})
    rows = [(one["station"], f"{one['residual']:,}") for one in document["balances"] if one["residual"]]
    if rows:
        print_table("What came in and is neither there nor left, in quanta of mass", ("station", "residual"), rows)
    else:
        print_line(f"The mass balance closes at all of {len(document['balances'])} places.")
    steps = [f"tracetwin export csv --store {store} --out events.csv", f"tracetwin verify --store {store}"]
    if truth is None:
        steps.append("--truth FILE.npz keeps what really happened, to score an answer against")
    print_next(*steps)


def _run_into(
    store: str, spec: PlantSpec, seed: int, length: timedelta, faults: tuple[CaptureFault, ...], *, append: bool
) -> tuple[TwinRun, dict[str, Any]]:
    from plant_models import masterdata_of, plant_hash, profile_of
    from scenarios.declared import format_duration
    from trace_core.core import TraceCore, ledger_hash
    from trace_core.log.opening import open_store
    from trace_core.vocabulary.clock import SetClock
    from twin import simulate

    clock = SetClock(spec.start)
    with closing(open_store(store, clock)) as log, log.batch():
        stamp = _stamp_of(spec, plant_hash(spec), seed, format_duration(length), faults)
        _claim(log, store, stamp, append=append)
        core = TraceCore(log, clock, rules=profile_of(spec).rules())
        core.append_masterdata([stamp, *masterdata_of(spec)], source=spec.plant)
        with progress(spec.title, length.total_seconds()) as advance:

            def deliver(report: Report, arrives: datetime) -> object:
                clock.set(arrives)
                advance((arrives - spec.start).total_seconds())
                return core.capture(report)

            ran = simulate(spec, seed, length, faults, deliver)
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


def _stamp_of(spec: PlantSpec, spec_hash: str, seed: int, until: str, faults: tuple[CaptureFault, ...]) -> Any:
    import hashlib

    from trace_core.vocabulary.masterdata import RunStamp

    told = hashlib.sha256(repr(faults).encode()).hexdigest()
    name = hashlib.sha256(f"{spec_hash} {seed} {until} {told}".encode()).hexdigest()[:32]
    return RunStamp(f"urn:plant:document:-:run:{name}", spec.plant, spec_hash, seed, until, {"faults": told})


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
        faults = "" if held.attributes == stamp.attributes else " with other faults"
        problem = f"it holds the run of {held.plant}, seed {held.seed}, {held.until}{faults}"
        if held.plant_hash != stamp.plant_hash and held.plant == stamp.plant:
            problem += " as that plant was declared then"
        raise AnotherRun(store, problem, remedy)


def _check_writable(path: Path) -> None:
    """Find out before the run, not after it, that its truth could not be written."""
    from trace_core.errors import BadInput

    if path.is_dir():
        raise BadInput("a file to write", "a folder", f"--truth {path}", "name a file in it, such as truth.npz")
    spare_stores(path, "--truth")
    is_new = not path.exists()
    with path.open("ab"):
        pass
    if is_new:
        path.unlink()
