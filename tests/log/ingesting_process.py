"""A process that appends batches and says so: `python ingesting_process.py STORE WRITER FIRST LAST BATCH`.

Prints `ack N` once all entries of batch N are acknowledged. Every second batch repeats half of the one before, as a
device does that had no answer.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from trace_core.log import Entry, Outcome, SqliteLog
from trace_core.testing.log_contract import entry_of
from trace_core.vocabulary.clock import SystemClock


def batch(writer: str, number: int, size: int) -> list[Entry]:
    """The entries of a batch; batches of any process with the same writer are the same."""
    own = [entry_of(f"urn:{writer}:{number}:{one}", f"{number}.{one} " + "x" * (one * 97 % 900)) for one in range(size)]
    return [*batch(writer, number - 1, size)[: size // 2], *own] if number % 2 else own


def main(store: str, writer: str, first: str, last: str, size: str) -> None:
    log = SqliteLog(Path(store), SystemClock())
    for number in range(int(first), int(last)):
        outcomes = log.append(batch(writer, number, int(size)))
        assert all(one.outcome in {Outcome.ACCEPTED, Outcome.DUPLICATE} for one in outcomes)
        sys.stdout.write(f"ack {number}\n")
        sys.stdout.flush()
    log.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
