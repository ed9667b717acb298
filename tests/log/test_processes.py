"""Several processes at one store, and processes that are killed: nothing acknowledged is lost, nothing stands twice."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from tests.log import ingesting_process
from tests.log.ingesting_process import batch
from tests.log.stores import CLOCK
from trace_core.log import SqliteLog, Verification

PROCESS = Path(ingesting_process.__file__)


class Start(Protocol):
    """Starts an ingesting process."""

    def __call__(self, store: Path, writer: str, first: int, last: int, size: int) -> subprocess.Popen[str]: ...


@pytest.fixture
def start() -> Iterator[Start]:
    """What a failing test leaves running is killed."""
    started: list[subprocess.Popen[str]] = []

    def run(store: Path, writer: str, first: int, last: int, size: int) -> subprocess.Popen[str]:
        arguments = [str(store), writer, str(first), str(last), str(size)]
        command = [sys.executable, str(PROCESS), *arguments]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def remaining_output(process: subprocess.Popen[str]) -> str:
    """What the process still said before its end (communicate would lose what readline has buffered)."""
    assert process.stdout is not None
    assert process.stderr is not None
    rest = process.stdout.read()
    assert process.stderr.read() == ""
    process.wait()
    process.stdout.close()
    process.stderr.close()
    return rest


def acknowledged(output: str) -> list[int]:
    """The batches a process acknowledged; a line cut by the kill counts for none."""
    return [int(line.split()[1]) for line in output.splitlines(keepends=True) if line.endswith("\n")]


def ids_in(store: Path) -> tuple[Counter[str], Verification]:
    log = SqliteLog(store, CLOCK, is_read_only=True)
    try:
        return Counter(record.entry.event_id for record in log.read()), log.verify()
    finally:
        log.close()


def test_what_a_killed_process_acknowledged_is_there_once_and_the_chain_is_whole(
    trials: Callable[[int], Iterator[int]], start: Start, tmp_path: Path
) -> None:
    """200 kills at random moments, from before the store exists to the middle of a commit or checkpoint.

    Four kills in a row hit the same store; each new process goes on with the last batch nobody acknowledged.
    """
    acked_before: list[int] = []
    store = tmp_path / "none.db"
    size = survivors = 0
    for count, seed in enumerate(trials(200)):
        stream = np.random.default_rng((20261102, seed))
        if count % 4 == 0:
            store, acked_before, size = tmp_path / f"{seed}.db", [], int(stream.integers(1, 60))
        first = acked_before[-1] + 1 if acked_before else 0
        process = start(store, "killed", first, 100_000, size)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(int(stream.integers(0, 12)))]
        killer = threading.Timer(float(stream.uniform(0, 0.03 if lines else 0.3)), process.kill)
        killer.start()
        acked = acknowledged("".join(lines) + remaining_output(process))
        killer.join()
        assert acked == list(range(first, first + len(acked)))
        acked_before += acked
        survivors += _check_survivors(store, acked_before, size)
    assert survivors > 0


def _check_survivors(store: Path, acked: list[int], size: int) -> int:
    if not acked and (not store.exists() or store.stat().st_size == 0):
        return 0
    log = SqliteLog(store, CLOCK)  # recovers what the kill left, as the next command would
    log.close()
    ids, verification = ids_in(store)
    assert verification.is_intact
    assert set(ids.values()) <= {1}, "a fact stands twice"
    lost = {entry.event_id for number in acked for entry in batch("killed", number, size)} - set(ids)
    assert not lost, "an acknowledged event is lost"
    unacked = set(ids) - {entry.event_id for number in acked for entry in batch("killed", number, size)}
    next_batch = {entry.event_id for entry in batch("killed", acked[-1] + 1 if acked else 0, size)}
    assert unacked <= next_batch, "more is there than one batch in flight"
    assert not unacked or next_batch <= set(ids), "an append was half-written"
    return len(ids)


def test_two_writers_and_a_reader_work_at_one_store_which_both_writers_lay_out(start: Start, tmp_path: Path) -> None:
    store = tmp_path / "plant.db"
    writers = [start(store, writer, 0, 40, 5) for writer in ("a", "b", "a")]
    seen = 0
    while any(process.poll() is None for process in writers):
        if not store.exists() or not store.stat().st_size:
            continue
        log = SqliteLog(store, CLOCK)
        records = list(log.read())
        assert [record.sequence for record in records] == list(range(1, len(records) + 1))
        assert len(records) >= seen
        assert log.verify().is_intact
        seen = len(records)
        log.close()
    for process in writers:
        assert acknowledged(remaining_output(process)) == list(range(40))
    ids, verification = ids_in(store)
    assert verification.is_intact
    assert set(ids) == {f"urn:{writer}:{number}:{one}" for writer in "ab" for number in range(40) for one in range(5)}
    assert set(ids.values()) == {1}


def test_many_processes_may_lay_a_store_out_at_once(
    trials: Callable[[int], Iterator[int]], start: Start, tmp_path: Path
) -> None:
    for seed in trials(20):
        store = tmp_path / f"{seed}.db"
        writers = [start(store, f"w{number}", 0, 1, 2) for number in range(4)]
        for process in writers:
            assert acknowledged(remaining_output(process)) == [0]
        ids, verification = ids_in(store)
        assert verification.is_intact
        assert len(ids) == 8


def test_a_killed_store_can_be_read_before_anybody_repairs_it(start: Start, tmp_path: Path) -> None:
    store = tmp_path / "plant.db"
    process = start(store, "killed", 0, 100_000, 20)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(5)]
    process.kill()
    acked = acknowledged("".join(lines) + remaining_output(process))
    before = store.read_bytes()
    ids, verification = ids_in(store)
    assert verification.is_intact
    assert len(ids) >= 20 * len(acked) >= 100
    assert store.read_bytes() == before
