from __future__ import annotations

import os
import pathlib
import subprocess
import sys

from tests.twin.runs import Watched, plant, watched
from twin import simulate
from twin.ledger import Move

ROOT = pathlib.Path(__file__).resolve().parents[2]

RUN = """
import hashlib
from datetime import timedelta
from plant_models import load, shipped
from twin import CaptureFault, FaultKind, simulate
from twin.observe.faults import ClockError
from twin.observe.when import Pattern, When
digest = hashlib.sha256()
when = When(Pattern.OUTAGE, until_s=200_000.0, every_s=20_000.0, lasts_s=20_000.0)
faults = [CaptureFault(kind, 0.1, name=kind, when=when, details=ClockError(5.0)) for kind in FaultKind]
deliver = lambda report, arrives: digest.update(repr((report, arrives)).encode())
run = simulate(load(shipped("yoghurt"), "yoghurt"), 7, timedelta(hours=60), faults, deliver)
print(run.truth.hash, digest.hexdigest(), hashlib.sha256(repr(run.labels).encode()).hexdigest(), run.counts)
"""


def test_the_same_seed_gives_the_same_bytes_in_any_process() -> None:
    """Truth, reports and labels; another hash seed shows an order that comes from a set of texts."""
    answers = {
        subprocess.run(
            [sys.executable, "-c", RUN],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("0", "1", "4711")
    }
    assert len(answers) == 1


def test_a_longer_run_begins_like_a_shorter_one(juice: Watched) -> None:
    short = watched("juice", 1, 100.0)
    assert juice.reports[: len(short.reports)] == short.reports
    for table, columns in short.run.truth.tables.items():
        for column, values in columns.items():
            longer = juice.run.truth.tables[table][column]
            assert (longer[: len(values)] == values).all(), f"{table}.{column}"


def test_another_seed_is_another_run() -> None:
    hashes = {watched("juice", seed, 50.0).run.truth.hash for seed in range(5)}
    assert len(hashes) == 5


def test_adding_a_customer_shifts_nobody_elses_luck() -> None:
    spec = plant("juice")
    more = spec.model_copy(update={"customers": spec.customers | {"乙店": spec.customers["甲店"]}})
    before = watched("juice", 1, 100.0).run
    after = simulate(more, 1, before.end - before.start)
    made, shipped = [], []
    for run in (before, after):
        moves = run.truth.tables["moves"]
        rows = moves["kind"] <= Move.PACK
        made.append([moves[column][rows].tolist() for column in ("time_ms", "kind", "quantity", "mass")])
        shipped.append(len(run.truth.tables["shipped"]["time_ms"]))
    assert made[0] == made[1]
    assert shipped[0] < shipped[1]
