from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from plant_models.work import Signal as SignalSpec
from tests.twin.shop import Shop
from twin.inspecting import flaw_bits
from twin.signals import BLOCK, Signal, Signals

HOUR = 3600.0


def signal(shop: Shop, **declared: Any) -> Signal:
    base = {"station": "coater", "unit": "Cel", "mean": 60.0, "sd": 0.5, "every": "1 min"}
    return Signal(shop.floor, "temperature", 0, SignalSpec.model_validate(base | declared))


def test_a_value_does_not_depend_on_what_was_asked_before() -> None:
    moments = [0.0, 59.9, 60.0, 61.0 * BLOCK, 7e6, 60.0 * BLOCK - 0.1]
    alone = [signal(Shop()).at(moment) for moment in moments]
    one = signal(Shop())
    assert [one.at(moment) for moment in (*moments[::-1], *moments)] == [*alone[::-1], *alone]
    assert alone[0] == alone[1] != alone[2]  # a sample holds until the next


def test_noise_is_about_the_mean_and_a_dwell_sees_every_sample_of_it() -> None:
    one, hours = signal(Shop()), 500
    seen = one.seen(0.0, hours * HOUR)
    samples = [one.at(60.0 * number) for number in range(hours * 60)]
    assert seen.mean == pytest.approx(np.mean(samples))
    assert (seen.low, seen.high) == (min(samples), max(samples))
    assert seen.mean == pytest.approx(60.0, abs=4 * 0.5 / (60 * hours) ** 0.5)
    assert np.std(samples) == pytest.approx(0.5, rel=0.05)


def test_drift_begins_again_with_every_set_up() -> None:
    shop = Shop()
    one = signal(shop, sd=0.0, drift_an_hour=2.0)
    shop.wait(3 * HOUR)
    one.set_up()
    shop.wait(HOUR)
    assert [one.at(moment * HOUR) for moment in (0, 2, 3, 3.5, 4)] == [60.0, 64.0, 60.0, 61.0, 62.0]


def test_an_excursion_counts_to_the_second_and_is_in_the_truth() -> None:
    shop = Shop()
    one = signal(
        shop, sd=0.0, limits=(55.0, 65.0), every="10 min", excursion={"every": "1 h", "lasts": "90 s", "by": -8.0}
    )
    shop.wait(3 * HOUR)
    assert one.seen(0.0, 3 * HOUR).outside_s == pytest.approx(180.0)
    first = one.seen(HOUR - 30.0, HOUR + 30.0)
    assert (first.low, first.high) == (52.0, 60.0)
    assert first.outside_s == pytest.approx(30.0)
    assert one.seen(HOUR + 20.0, HOUR + 60.0).outside_s == pytest.approx(40.0)
    assert one.seen(HOUR + 90.0, 2 * HOUR).outside_s == 0.0
    rows = shop.floor.ledger.tables["excursions"].arrays()
    assert rows["time_ms"].tolist() == [3_600_000, 7_290_000]
    assert rows["until_ms"].tolist() == [3_690_000, 7_380_000]
    assert rows["by"].tolist() == [-8.0, -8.0]


def test_what_dwelt_outside_the_limits_gets_the_defect_by_its_chance_and_nothing_else_does() -> None:
    shop = Shop()
    signals = Signals(shop.floor, flaw_bits(shop.floor.spec))
    for _ in range(80):  # or the drift alone would leave the limits
        signals.set_up("coater")
        shop.wait(12 * HOUR)
    rows = shop.floor.ledger.tables["excursions"].arrays()
    assert len(rows["time_ms"]) > 8
    begin, inside = rows["time_ms"][0] / 1000, dict[int, int]()
    signals.passed("coater", begin - 900.0, begin - 300.0, 1000, inside)
    signals.passed("saw", begin, begin + 60.0, 1000, inside)
    assert not inside
    outside: dict[int, int] = {}
    signals.passed("coater", begin - 60.0, begin + 60.0, 1000, outside)
    assert set(outside.values()) == {flaw_bits(shop.floor.spec)["too-cold"]}
    assert len(outside) / 1000 == pytest.approx(0.5, abs=4 * (0.25 / 1000) ** 0.5)
    assert signals.seen("coater-temperature", begin, begin).mean < 55.0
