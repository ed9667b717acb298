"""What lay in which carrier, and what came by way of which mixed vessel: what a drawing adds to a trace."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from trace_core.genealogy.reader import Reader

Link: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Inside:
    """``packed``: content and carrier. ``through``: for a link of the trace, the mixed vessel between its ends."""

    packed: frozenset[Link] = frozenset()
    through: Mapping[Link, str] | None = None


def inside(reader: Reader, *traces: Mapping[str, Any]) -> Inside:
    """What the records say of the things in ``traces``."""
    things = {str(one) for trace in traces for key in ("roots", "lots", "serials") for one in trace[key]}
    carriers = {str(one) for trace in traces for one in trace["carriers"]}
    around = things | carriers
    packed = {
        (one.thing, one.carrier)
        for thing in sorted(around)
        for one in reader.packings_of(thing)
        if one.carrier in carriers
    }
    ends = {str(one["output"]) for trace in traces for one in trace.get("edges", [])}
    return Inside(frozenset(packed), _mixed(_ways(reader, ends)))


def _ways(reader: Reader, outputs: Iterable[str]) -> dict[str, set[Link]]:
    """By vessel, the links that lead through it."""
    ways: dict[str, set[Link]] = defaultdict(set)
    for output in sorted(outputs):
        for run in reader.runs_making(output):
            for portion in run.drawn:
                ways[portion.holder].add((portion.thing, output))
    return ways


def _mixed(ways: Mapping[str, set[Link]]) -> dict[Link, str]:
    """Only vessels that hold several lots at once and give to several: a tank with one batch tells nothing more."""
    through: dict[Link, str] = {}
    for vessel in sorted(ways):
        inputs = Counter(start for start, _ in ways[vessel])
        outputs = Counter(end for _, end in ways[vessel])
        if max(inputs.values()) > 1 and max(outputs.values()) > 1:
            through.update(dict.fromkeys(ways[vessel], vessel))
    return through
