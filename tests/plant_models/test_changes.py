"""A plant with other values at named places."""

from __future__ import annotations

import pytest

from plant_models import changed, load, plant_hash, shipped
from trace_core.errors import SpecError


def test_nothing_changed_is_the_plant_itself() -> None:
    text = shipped("yoghurt")
    assert plant_hash(changed(text, "yoghurt", {})) == plant_hash(load(text, "yoghurt"))


def test_a_value_is_set_where_the_path_leads() -> None:
    spec = changed(shipped("yoghurt"), "yoghurt", {"$.shipping.loading": "45 min", "counts.days": ["tue"]})
    assert spec.shipping is not None
    assert spec.shipping.loading == 45 * 60
    assert spec.counts is not None
    assert spec.counts.days == ["tue"]


def test_a_place_in_a_list_is_named_by_its_number() -> None:
    spec = changed(shipped("yoghurt"), "yoghurt", {"operators[0].badge": "X1"})
    assert spec.operators[0].badge == "X1"


def test_a_key_that_the_file_leaves_out_may_be_given() -> None:
    item = next(iter(load(shipped("yoghurt"), "yoghurt").items))
    spec = changed(shipped("yoghurt"), "yoghurt", {f"items.{item}.opened_life": "9 d"})
    assert spec.items[item].opened_life == 9 * 86_400


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("shiping.loading", "did you mean shipping"),
        ("shipping.loading.hours", "a mapping with the key 'hours'"),
        ("operators[99].badge", "a number below"),
        ("shipping[0]", "a list to count in"),
        ("shipping..loading", "a path such as"),
        ("", "a path such as"),
        ("shipping.colour", "colour"),
        ("shipping.loading", "a duration"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(path: str, expected: str) -> None:
    with pytest.raises(SpecError, match=expected):
        changed(shipped("yoghurt"), "yoghurt", {path: "-1 h"})


def test_all_paths_that_lead_nowhere_are_named_at_once() -> None:
    with pytest.raises(SpecError) as refused:
        changed(shipped("yoghurt"), "yoghurt", {"shiping.loading": "1 h", "stock.raw.policy": "fifo"})
    assert len(refused.value.faults) == 2
