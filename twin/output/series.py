"""What a run's truth says over time: how much each place held, how much of each item was finished."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.columns import NOTHING
from twin.ledger import Move
from twin.npz import Array
from twin.truth import Truth


@dataclass(frozen=True, slots=True)
class OverTime:
    """``values[i]`` at ``times_s[i]`` (seconds from the start), or in the part of the run that ends there."""

    name: str
    times_s: Array
    values: Array


def stock_over_time(truth: Truth, places: list[str], points: int = 240) -> list[OverTime]:
    """The mass in kg that each of ``places`` held at ``points`` moments spread evenly over the run.

    Never below 0: where a part writes its moves down in sums, what left may stand there before what came.
    """
    moves = truth.tables["moves"]
    end_s = (truth.end - truth.start).total_seconds()
    times_s = np.linspace(0.0, end_s, points + 1)
    upto = np.searchsorted(moves["time_ms"], times_s * 1000.0, side="right")
    kg = _kg_per_quantum(truth)
    found = []
    for name in places:
        place = truth.names.places.index(name)
        change = np.where(moves["target"] == place, moves["mass"], 0) - np.where(
            moves["source"] == place, moves["mass"], 0
        )
        held = np.maximum(np.concatenate(([0], np.cumsum(change)))[upto], 0) * kg
        found.append(OverTime(name, times_s, held))
    return found


def _kg_per_quantum(truth: Truth) -> float:
    """Mass is counted in whole quanta of the plant's unit; an item whose kg and quanta are known tells their size."""
    for kg, quanta in zip(truth.names.kg_per_unit, truth.names.unit_masses, strict=False):
        if quanta > 1:
            return kg / quanta
    return 1.0


def made_over_time(truth: Truth, part_s: float) -> list[OverTime]:
    """Units an hour of each item that was put into stock or onto carriers, for each part of the run of ``part_s``."""
    moves = truth.tables["moves"]
    made = np.isin(moves["kind"], (Move.FINISH, Move.PACK)) & (moves["portion"] != NOTHING)
    portions, times_s = moves["portion"][made], moves["time_ms"][made] / 1000.0
    items = truth.tables["lots"]["item"][truth.tables["portions"]["lot"][portions]]
    end_s = (truth.end - truth.start).total_seconds()
    edges = np.minimum(np.arange(int(np.ceil(end_s / part_s - 1e-9)) + 1) * part_s, end_s)
    places = np.minimum((times_s / part_s).astype(int), len(edges) - 2)
    hours = np.diff(edges) / 3600.0
    quantities = moves["quantity"][made]
    return [
        OverTime(
            truth.names.items[item],
            edges[1:],
            np.bincount(places[items == item], quantities[items == item], len(hours)) / hours,
        )
        for item in np.unique(items).tolist()
    ]
