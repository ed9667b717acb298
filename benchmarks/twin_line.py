"""The claim `twin.line`: five machines, buffers of 10, blocking after service, exponential times, the same for all.

Ours are the stations that plants get, with a truth row for each completed operation. Every peer must finish the last
part at the same time as the recursion of departure times says (simantha with times rounded up to whole numbers).
Seconds are of processor time, so that a busy machine weighs on none of them. Prints a JSON list of rows; ``--large``
takes ten times the parts.
"""

from __future__ import annotations

import gc
import json
import math
import statistics
import sys
from time import process_time
from typing import Any

import numpy as np

from benchmarks._line_peers import BUFFER, PEERS, Run, Service, makespan
from twin.line import Line, Place, Recorded, Sink, Source, Station

MACHINES = 5
SEED = 20_261_120
SLACK = 1e-6
"""The relative difference of makespans that is rounding."""

Row = dict[str, Any]


def draws(parts: int) -> Service:
    """Exponential service times of mean 1, machine by machine."""
    drawn: Service = np.random.default_rng(SEED).exponential(size=(MACHINES, parts)).tolist()
    return drawn


def ours(service: Service) -> tuple[Run, Line]:
    """The line of shipped stations, with its table of operations."""
    line = Line()
    place: Place = Sink(line, "out")
    for number in reversed(range(MACHINES)):
        waiting = BUFFER if number else 0
        place = Station(line, f"machine {number}", takes=Recorded(service[number]), waiting=waiting, then=place)
    Source(line, "in", then=place, limit=len(service[0]))
    began = process_time()
    line.run_out()
    seconds = process_time() - began
    assert len(line.operations) == MACHINES * len(service[0])
    assert line.check() == []
    return (seconds, line.kernel.now), line


def must_agree(name: str, service: Service, got: float) -> None:
    """Fail where a line finished its last part at another time than the recursion says."""
    expected = makespan(service)
    if not math.isclose(got, expected, rel_tol=SLACK):
        raise AssertionError(f"{name}: expected the last part at {expected!r}, got {got!r}")


def compare(peer: str, parts: int, runs: int) -> Row:
    """The row of one peer: ours and theirs in turn, the medians of ``runs`` each."""
    service = draws(parts)
    if peer == "simantha":
        service = [[float(math.ceil(one)) for one in times] for times in service]
    row: Row = {"name": "twin.line", "unit": "parts/s", "peer": peer, "size": parts, "runs": runs}
    mine, theirs = [], []
    try:
        for _ in range(runs):
            gc.collect()
            (seconds, end), _ = ours(service)
            must_agree("ours", service, end)
            mine.append(seconds)
            gc.collect()
            seconds, end = PEERS[peer](service)
            must_agree(peer, service, end)
            theirs.append(seconds)
    except ImportError as missing:
        print(f"twin.line: {peer} is not installed ({missing})", file=sys.stderr)
        (seconds, _), _ = ours(service)
        return {**row, "value": round(parts / seconds), "peer_value": None, "ratio": None, "note": f"no {peer} here"}
    value, peer_value = parts / statistics.median(mine), parts / statistics.median(theirs)
    print(f"twin.line: {value:,.0f} parts/s, {peer} {peer_value:,.0f}", file=sys.stderr)
    return {**row, "value": round(value), "peer_value": round(peer_value), "ratio": round(value / peer_value, 2)}


def bytes_a_row(parts: int) -> Row:
    """What a truth row of a line takes; the claim allows 60 bytes."""
    _, line = ours(draws(parts))
    columns = line.operations.arrays()
    value = sum(column.nbytes for column in columns.values()) / len(line.operations)
    claim = {"peer": "claim", "peer_value": 60, "ratio": round(60 / value, 2)}
    return {"name": "twin.line.row", "value": value, "unit": "bytes/row", **claim, "size": parts * MACHINES, "runs": 1}


def main(arguments: list[str]) -> int:
    """Print the rows."""
    parts, runs = (200_000, 5) if "--large" in arguments else (20_000, 5)
    rows = [compare(peer, parts, runs) for peer in PEERS]
    print(json.dumps([*rows, bytes_a_row(parts)], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
