"""Every row of shared/reference/theory.json against the engine, within the tolerance of SCIENCE 1.

By default the runs are as long as a minute allows for all of them: four standard errors, most half-widths within 1 %.
Under soak they go on until every half-width is within 1 %.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from tests.theory import line_laws, queue_laws
from tests.theory.measuring import BATCHES, Claim, Row, pooled

Model = Callable[[Row, int, int], list[Claim]]

LAWS: dict[str, tuple[Model, int]] = {
    "balanced_exponential_lines_BAS": (line_laws.balanced, 60_000),
    "unbalanced_exponential_lines_BAS": (line_laws.unbalanced, 80_000),
    "balanced_erlang_lines_BAS": (line_laws.balanced_erlang, 80_000),
    "two_machine_unreliable_exponential_ODF_BAS": (line_laws.unreliable_pair, 60_000),
    "two_machine_deterministic_discrete_time": (line_laws.deterministic_pair, 60_000),
    "MM1": (queue_laws.mm1, 400_000),
    "MMc": (queue_laws.mmc, 300_000),
    "MMcc_ErlangB": (queue_laws.erlang_b, 100_000),
    "MM1K": (queue_laws.mm1k, 150_000),
    "MG1": (queue_laws.mg1, 200_000),
    "MM1_breakdowns_ODF_preempt_resume": (queue_laws.mm1_breakdowns, 300_000),
    "jackson_tandem": (queue_laws.tandem, 200_000),
    "MM1_bernoulli_rework": (queue_laws.bernoulli_rework, 150_000),
    "jackson_rework_scrap": (queue_laws.rework_scrap, 150_000),
    "machine_repair_MMcN": (queue_laws.machine_repair, 60_000),
    "conwip_balanced_exponential": (queue_laws.conwip, 40_000),
    "conwip_unbalanced_mva": (queue_laws.closed_ring, 100_000),
    "kitting_two_inputs": (line_laws.kitting, 100_000),
    "assembly_max_exponential": (line_laws.assembly, 30_000),
    "deterministic_line": (line_laws.deterministic, 0),
    "rolled_yield": (line_laws.rolled_yield, 20_000),
    "wait_to_batch": (queue_laws.wait_to_batch, 100_000),
    "availability": (queue_laws.availability, 10_000),
    "MGinf": (queue_laws.mginf, 60_000),
    "exact_traces_BAS": (line_laws.exact_trace, 0),
}
"""How each law is built, and the size of a short run: parts, customers or seconds."""

ELSEWHERE = {
    "cstr_washout", "tanks_in_series", "plug_flow", "pfr_then_cstr", "laminar_pipe", "dead_zone_bypass",
    "fill_mix_discharge", "fifo_lot_genealogy", "random_bin_mixing",
}  # fmt: skip
"""Laws of material, which test_material_laws.py and test_vessel_laws.py hold the vessels and stocks against."""

PRECISION = 0.01
"""The half-width SCIENCE 1 asks for."""

SOAK_RUNS = 1000
"""Runs pooled at most until the half-width is small enough: 400 million customers of the busiest queue."""


CONFIRMING_SEED = 1_000_000


def repeated_faults(run: Callable[[int], list[Claim]], runs: list[list[Claim]]) -> list[str]:
    """Faults of ``runs`` that come again in at least four times as many fresh runs, by themselves.

    Four standard errors strike by chance once in some 4,000 claims, and a soak makes about 460 of them: one soak in
    nine would fail an engine without fault (`conwip_unbalanced_mva` did, by 4.1; 60 other seeds gave -0.3). More data
    make a true difference clearer and leave nothing of a chance one.
    """
    if not any(claim.fault() for claim in pooled(runs)):
        return []
    fresh = [run(CONFIRMING_SEED + number) for number in range(max(8, 4 * len(runs)))]
    pairs = zip(pooled(runs), pooled(fresh), strict=True)
    return [fault for first, again in pairs if first.fault() and (fault := again.fault())]


@pytest.fixture(scope="module")
def table(shared_data: pathlib.Path) -> dict[str, Any]:
    file = shared_data.parent / "reference" / "theory.json"
    if not file.exists():
        pytest.skip(f"no reference table beside the shared data ({file.name})")
    loaded: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return loaded


def rows_of(table: dict[str, Any], key: str) -> list[Row]:
    rows: list[Row] = table[key].get("rows", [table[key]])
    assert rows
    return rows


def test_every_key_of_the_reference_table_has_a_test(table: dict[str, Any]) -> None:
    assert set(table) - {"_meta"} == set(LAWS) | ELSEWHERE
    here = pathlib.Path(__file__).parent
    tests = "".join((here / name).read_text("utf-8") for name in ("test_material_laws.py", "test_vessel_laws.py"))
    assert not [key for key in ELSEWHERE if f'"{key}"' not in tests]


@pytest.mark.shared_data
@pytest.mark.parametrize("key", LAWS)
def test_the_engine_keeps_the_law(table: dict[str, Any], key: str) -> None:
    model, size = LAWS[key]
    faults = []
    for number, row in enumerate(rows_of(table, key)):
        faults += [f"row {number}: {fault}" for claim in model(row, 1, size) if (fault := claim.fault())]
    assert not faults, "\n".join(faults)


def test_a_difference_that_is_there_is_confirmed_and_one_by_chance_is_not() -> None:
    def run(seed: int, bias: float) -> list[Claim]:
        return [Claim("x", 1.0, np.random.default_rng(seed).normal(1.0 + bias, 0.05, BATCHES))]

    unlucky = [[Claim("x", 1.0, np.random.default_rng(0).normal(1.05, 0.05, BATCHES))]]
    assert pooled(unlucky)[0].fault()
    assert repeated_faults(partial(run, bias=0.0), unlucky) == []
    assert repeated_faults(partial(run, bias=0.05), unlucky)


@pytest.mark.soak
@pytest.mark.shared_data
@pytest.mark.parametrize("key", LAWS)
def test_the_engine_keeps_the_law_to_one_percent(table: dict[str, Any], key: str) -> None:
    model, size = LAWS[key]
    for number, row in enumerate(rows_of(table, key)):
        runs = [model(row, 100, size)]
        while wide := [claim for claim in pooled(runs) if claim.expected and claim.half_width > PRECISION]:
            assert len(runs) < SOAK_RUNS, f"row {number}: too wide after {len(runs)} runs: {wide[0].name}"
            runs.append(model(row, 100 + len(runs), size))
        faults = repeated_faults(lambda seed, row=row: model(row, seed, size), runs)  # type: ignore[misc]
        assert not faults, f"row {number}: " + "\n".join(faults)
