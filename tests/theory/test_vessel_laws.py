"""The laws of vessels and pipes against what the engine's own mixing laws give.

What is not one vessel is put together from several, as pipes and tanks stand behind and beside each other in a plant.
"""

from __future__ import annotations

import json
import pathlib
from itertools import count
from math import exp, factorial
from typing import Any

import numpy as np
import pytest

from tests.twin.shop import Shop
from twin.material import Item, Lot, MixedVessel, Portion
from twin.mixing import Content, LifoVessel, Mixing, PlugVessel, SeriesVessel, content

ITEM = Item(0, "item", "09521001000009", "kg", 3, 1, float("inf"))
NUMBERS = count()


@pytest.fixture(scope="module")
def rows(shared_data: pathlib.Path) -> dict[str, list[dict[str, float]]]:
    file = shared_data.parent / "reference" / "theory.json"
    if not file.exists():
        pytest.skip(f"no reference table beside the shared data ({file.name})")
    tables: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return {name: table["rows"] for name, table in tables.items() if "rows" in table}


def portion() -> Portion:
    number = next(NUMBERS)
    return Portion(number, Lot(number, ITEM, f"L{number}", f"L{number}", f"L{number}"), 0.0)


def full(vessel: Content, volume: int) -> Portion:
    old = portion()
    vessel.fill(old, volume)
    return old


def pass_through(vessel: Content, new: Portion, volume: int, steps: int, volumes: float) -> float:
    """Let ``volumes`` times the content through in ``steps`` of filling and drawing; the share of new in the last."""
    part = round(volume * volumes / steps)
    share = 0.0
    for _ in range(steps):
        vessel.fill(new, part)
        share = vessel.draw(part).shares.get(new, 0.0)
    return share


# ---- one vessel


@pytest.mark.parametrize("theta", [0.25, 1.0, 3.0, 5.0])
def test_washout_of_a_mixed_vessel(theta: float) -> None:
    """exp(-theta) as the limit of steps d: the event form is (1 + d/V)^-n, above it by less than theta d / 2V."""
    volume, steps = 100_000_000, 4000
    vessel = MixedVessel()
    old, new = full(vessel, volume), portion()
    pass_through(vessel, new, volume, steps, theta)
    step = theta / steps
    assert vessel.shares()[old] == pytest.approx((1 + step) ** -steps, rel=1e-9)
    assert 0 <= vessel.shares()[old] - exp(-theta) <= exp(-theta) * theta * step


@pytest.mark.parametrize("heel", [0.02, 0.1, 0.5])
@pytest.mark.parametrize("mixing", ["mixed", "series"])
def test_a_heel_of_a_mixed_vessel_shrinks_by_its_share_and_of_tanks_in_series_at_least_so_much(
    heel: float, mixing: Mixing
) -> None:
    """h^n; the last of several tanks in series holds more of what came first, so they let it go faster."""
    vessel, capacity = content(mixing, 3), 1_000_000
    old, new = full(vessel, capacity), portion()
    for refills in range(1, 8):
        vessel.draw(round(capacity * (1 - heel)))
        vessel.fill(new, capacity - vessel.quantity)
        left, law = vessel.shares()[old], heel**refills
        assert left == pytest.approx(law, rel=1e-9) if mixing == "mixed" or refills == 1 else left < law
        assert old in vessel.surface.contacts


@pytest.mark.parametrize("heel", [0.02, 0.1, 0.5])
def test_a_heel_in_a_pipe_is_gone_after_one_refill_and_at_the_bottom_of_a_heap_it_stays_for_ever(heel: float) -> None:
    pipe, heap, capacity = PlugVessel(), LifoVessel(), 1_000_000
    oldest = [full(pipe, capacity), full(heap, capacity)]
    for _ in range(5):
        for vessel in (pipe, heap):
            vessel.draw(round(capacity * (1 - heel)))
            vessel.fill(portion(), capacity - vessel.quantity)
    assert oldest[0] not in pipe.shares()
    assert heap.shares()[oldest[1]] == pytest.approx(heel, abs=1e-12)


@pytest.mark.parametrize("tanks", [1, 2, 3, 5, 10])
@pytest.mark.parametrize("theta", [0.25, 1.0, 2.0])
def test_tanks_in_series(tanks: int, theta: float) -> None:
    """F = P(n, n theta): what a step has become of new material, to the order of the step."""
    volume, steps = 100_000_000, 4000
    vessel = SeriesVessel(tanks)
    full(vessel, volume)
    leaving = pass_through(vessel, portion(), volume, steps, theta)
    passed = tanks * theta
    law = 1.0 - exp(-passed) * sum(passed**number / factorial(number) for number in range(tanks))
    density = tanks * passed ** (tanks - 1) * exp(-passed) / factorial(tanks - 1)
    assert leaving == pytest.approx(law, abs=(density + tanks * theta) * theta / steps)


@pytest.mark.parametrize("tanks", [1, 2, 4])
def test_filling_and_drawing_tanks_in_series_is_the_limit_of_many_small_transfers(tanks: int) -> None:
    """The closed form against the flows themselves, integrated in small steps over mixed tanks of equal level."""
    vessel = SeriesVessel(tanks)
    first, second = full(vessel, 1000), portion()
    vessel.fill(second, 500)
    drawn = vessel.draw(600)
    amounts = np.tile([1000.0 / tanks, 0.0], (tanks, 1))
    steps = 20_000
    for quantity in (500.0, -600.0):
        part = quantity / steps
        for _ in range(steps):
            shares = amounts / amounts.sum(axis=1, keepdims=True)
            ahead = np.arange(1, tanks + 1) / tanks
            flows = (1 - ahead) * part if part > 0 else -ahead * part
            amounts -= flows[:, None] * shares
            amounts[1:] += flows[:-1, None] * shares[:-1]
            amounts[0, 1] += max(part, 0.0)
    left = amounts.sum(axis=0)
    gone = np.array([1000.0, 500.0]) - left
    assert drawn.shares[first] == pytest.approx(gone[0] / 600, abs=1e-3)
    assert vessel.shares()[second] == pytest.approx(left[1] / 900, abs=1e-3)


def test_a_pipe_keeps_the_order_and_delays_by_its_volume() -> None:
    """Outlet order is inlet order; what goes in comes out when volume / flow more has gone in, exactly."""
    volume, flow = 1000, 50
    pipe = PlugVessel()
    full(pipe, volume)
    sent = [portion() for _ in range(40)]
    came: list[tuple[int, Portion]] = []
    for minute, one in enumerate(sent):
        pipe.fill(one, flow)
        came += [(minute, out) for out in pipe.draw(flow).shares]
    assert [out for _, out in came][-20:] == sent[:20]
    assert [minute - sent.index(out) for minute, out in came if out in sent] == [volume // flow] * 20


def fill_mix_discharge(volume: int, quantity: int, cycles: int) -> float:
    vessel = MixedVessel()
    old, new = full(vessel, volume), portion()
    for _ in range(cycles):
        vessel.fill(new, quantity)
        vessel.draw(quantity)
    return vessel.shares()[old]


# ---- several


def pipe_then_tank(pipe_s: int, tank_s: int, after_s: float, per_s: int) -> float:
    """The share of new in what leaves a mixed tank behind a pipe, ``after_s`` after new material came."""
    pipe, tank = PlugVessel(), MixedVessel()
    full(pipe, pipe_s * per_s)
    full(tank, tank_s * per_s)
    new, leaving, parts = portion(), 0.0, 1000
    for _ in range(round(after_s * parts)):
        pipe.fill(new, per_s // parts)
        for one, share in pipe.draw(per_s // parts).shares.items():
            tank.fill(one, round(share * per_s / parts))
        leaving = tank.draw(per_s // parts).shares.get(new, 0.0)
    return leaving


def dead_zone_and_bypass(bypasses: float, active: float, theta: float) -> float:
    """A tank of which only a part takes part, and a flow of which some goes past it (Cholette and Cloutier)."""
    volume, steps = 100_000_000, 5000
    tank = MixedVessel()
    full(tank, round(active * volume))
    inside = pass_through(tank, portion(), round(active * volume), steps, (1 - bypasses) * theta / active)
    return bypasses + (1 - bypasses) * inside


def laminar_pipe(theta: float, layers: int) -> float:
    """Layers of a pipe side by side, each a plug, as fast as the parabola says: the share of new in what leaves.

    By area: layer x from the axis (0) to the wall (1) flows 2 (1 - x) times as fast as the mean.
    """
    each, leaving = 1_000_000, 0.0
    total = 0.0
    for layer in range(layers):
        speed = 2 * (1 - (layer + 0.5) / layers)
        pipe, new = PlugVessel(), portion()
        full(pipe, each)
        passed, last = round(each * speed * theta), 1000
        pipe.fill(new, passed + last)
        if passed:
            pipe.draw(passed)
        leaving += speed * pipe.draw(last).shares.get(new, 0.0)
        total += speed
    return leaving / total


def distinct_lots(lots: int, units: int, drawn: int, tries: int) -> float:
    """Lots among ``drawn`` units that a picker who never takes the one in turn takes out of a store of single units."""
    seen = 0
    for seed in range(tries):
        shop = Shop(seed)
        stock = shop.stock("ring", disobeys=1.0)
        bait = shop.fill("ring", 1)
        parts = [shop.portion("ring") for _ in range(lots)]
        for one in parts:
            for _ in range(units):
                stock.put(one, 1)
        taken = stock.take(bait.lot.item, drawn)
        assert all(one is not bait for one, _ in taken)
        seen += len({one for one, _ in taken})
    return seen / tries


def test_a_picker_at_random_spreads_over_lots_as_drawing_without_replacement_does() -> None:
    """m (1 - C(ms - s, q) / C(ms, q)) for m = 6 lots of s = 4, q = 5; 4 standard errors."""
    tries, law = 400, 6 * (1 - 15504 / 42504)
    assert distinct_lots(6, 4, 5, tries) == pytest.approx(law, abs=4 * 0.65 / tries**0.5)


# ---- the reference


def test_the_reference_rows_of_vessels(rows: dict[str, list[dict[str, float]]]) -> None:
    """Every row of theory.json about vessels, within 1e-9 or what the steps they are made in allow."""
    for row in rows["cstr_washout"]:
        vessel, volume, theta = MixedVessel(), 100_000_000, row["theta"]
        old = full(vessel, volume)
        pass_through(vessel, portion(), volume, 5000, theta)
        assert vessel.shares()[old] == pytest.approx(row["remaining_fraction_of_old"], abs=theta**2 / 5000)
    for row in rows["tanks_in_series"]:
        series, volume = SeriesVessel(int(row["n_tanks"])), 100_000_000
        full(series, volume)
        leaving = pass_through(series, portion(), volume, 5000, row["theta"])
        assert leaving == pytest.approx(row["F"], abs=(row["E"] + row["n_tanks"] * row["theta"]) * row["theta"] / 5000)
    for row in rows["plug_flow"]:
        pipe, flow, passed = PlugVessel(), int(row["flow"]), 0
        full(pipe, int(row["volume"]))
        new = portion()
        while new not in pipe.surface.contacts:
            pipe.fill(new, flow)
            pipe.draw(flow)
            passed += 1
        assert passed - 1 == row["delay"]  # what leaves in the step after `delay` whole ones is the first of the new
    for row in rows["pfr_then_cstr"]:
        leaving = pipe_then_tank(int(row["tp"]), int(row["tm"]), row["t"], 1_000_000)
        assert leaving == pytest.approx(row["F"], abs=1e-3)
    for row in rows["laminar_pipe"]:
        assert laminar_pipe(row["theta"], 2000) == pytest.approx(row["F"], abs=2 / 2000)
    for row in rows["dead_zone_bypass"]:
        law = row["F"]
        assert dead_zone_and_bypass(row["b"], row["m"], row["theta"]) == pytest.approx(law, abs=row["theta"] / 2000)
    for row in rows["fill_mix_discharge"]:
        made = fill_mix_discharge(int(row["V"]), int(row["q"]), int(row["n"]))
        assert made == pytest.approx(row["share"], abs=1e-9)
    for row in rows["random_bin_mixing"]:
        made = distinct_lots(int(row["lots"]), int(row["units_each"]), int(row["drawn"]), 150)
        assert made == pytest.approx(row["expected_distinct_lots"], abs=4 * 0.7 / 150**0.5)
