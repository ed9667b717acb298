from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plant_models.work import Tool
from tests.twin.shop import Shop
from twin.tools import ToolSet, Wear


class Saw:
    """A saw with tools; ``blade`` is taken from stock."""

    def __init__(self, **tools: dict[str, Any]) -> None:
        self.shop = Shop()
        self.shop.stock("blade", disobeys=0.0)
        declared = {name: Tool.model_validate({"change": "2 min"} | spec) for name, spec in tools.items()}
        self.tools = ToolSet(self.shop.floor, "saw", declared, self.shop.stocks)

    def use(self, units: int) -> Wear:
        assert self.tools.is_ready(units)
        return self.tools.use(units)


def test_a_tool_is_changed_at_the_end_of_its_life_in_the_middle_of_a_load_if_need_be() -> None:
    saw = Saw(belt={"life": 10, "crew": "fitters"})
    wears = [saw.use(units) for units in (4, 4, 4, 8, 25)]
    assert [wear.stop_s for wear in wears] == [0.0, 0.0, 120.0, 0.0, 360.0]
    assert [wear.crews for wear in wears] == [(), (), ("fitters",), (), ("fitters",)]


@given(st.integers(1, 30), st.lists(st.integers(1, 70), max_size=30))
def test_changes_are_as_many_as_lives_were_used_up(life: int, loads: list[int]) -> None:
    saw, stood_s, made = Saw(belt={"life": life}), 0.0, 0
    for units in loads:
        stood_s += saw.use(units).stop_s
        made += units
        assert stood_s == 120.0 * ((made - 1) // life)


@given(st.integers(1, 40), st.lists(st.integers(1, 50), max_size=25))
def test_the_units_of_the_last_tenth_of_a_life_are_named(life: int, loads: list[int]) -> None:
    saw, made = Saw(belt={"life": life, "worn": 0.3}), 0
    for units in loads:
        wear = saw.use(units)
        worn = {made + place for first, count, _ in wear.worn for place in range(first, first + count)}
        assert worn == {unit for unit in range(made, made + units) if unit % life >= life - -(-life // 10)}
        made += units


def test_a_tool_from_stock_is_met_by_what_it_makes_and_is_scrapped_when_worn() -> None:
    saw = Saw(blade={"life": 10, "item": "blade"})
    first, second = saw.shop.fill("blade", 1), saw.shop.fill("blade", 1)
    wears = [saw.use(6), saw.use(3), saw.use(5), saw.use(5)]
    assert [wear.contacts for wear in wears] == [(first,), (first,), (first, second), (second,)]
    assert [wear.changed for wear in wears] == [True, False, True, True]
    assert [wear.stop_s for wear in wears] == [0.0, 0.0, 120.0, 0.0]
    assert wears[1].contacts is wears[0].contacts
    assert saw.tools.held() == {"saw tools": second.lot.item.mass} == {"saw tools": saw.shop.balance("saw tools")}
    assert saw.shop.balance("waste") == first.lot.item.mass
    assert not saw.tools.is_ready(10, saw.shop.call)
    saw.shop.fill("blade", 1)
    saw.shop.wait(1.0)
    assert saw.shop.called == [0.0]
    assert saw.tools.is_ready(10)
