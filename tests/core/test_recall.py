"""The scope of a recall as the core is asked for it; the scope itself is examined in tests/scope."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.control.plant import Plant, lot, pallet
from trace_core.capture.records import RecordType
from trace_core.core import TraceCore
from trace_core.errors import BadInput
from trace_core.genealogy.answer import UnknownThing
from trace_core.scope.answer import RecallAnswer
from trace_core.vocabulary.identity import Kind, plant_id
from trace_core.vocabulary.masterdata import Equipment, EquipmentKind
from trace_core.vocabulary.times import format_time

MIXER = plant_id(Kind.EQUIPMENT, "mixer").canonical
SSCC = f"https://id.gs1.org/00/{pallet(1)}"


def scope(core: TraceCore, *suspects: str, **question: object) -> RecallAnswer:
    found = core.recall(suspects, **question)  # type: ignore[arg-type]
    assert isinstance(found, RecallAnswer), found
    return found


def test_a_suspect_lot_takes_with_it_what_was_made_of_it() -> None:
    plant = Plant()
    plant.make("A", "B")
    plant.make("X", "Y")
    found = scope(plant.core, lot("A"))
    assert [one.id for one in found.certain] == [lot("A"), lot("B")]
    assert found.elapsed_ms > 0


def test_a_suspect_may_be_named_in_any_form() -> None:
    plant = Plant()
    plant.make("A", "B")
    assert scope(plant.core, "jam|A").ids == scope(plant.core, lot("A")).ids == scope(plant.core, "A").ids


def test_a_suspect_carrier_stands_for_all_it_ever_held_nested_too() -> None:
    plant = Plant()
    plant.pack(1, "A")
    plant.load(2, 1)
    plant.unpack(1, "A")
    found = scope(plant.core, pallet_id(2))
    assert [(one.id, one.reason) for one in found.certain] == [(lot("A"), f"lay in suspect {pallet_id(2)}")]


def test_a_carrier_of_unknown_contents_is_itself_in_the_scope() -> None:
    plant = Plant()
    plant.report(RecordType.SHIP, part_id=pallet(1))
    assert [one.id for one in scope(plant.core, SSCC).certain] == [SSCC]


def test_a_station_in_a_window_makes_suspect_what_was_made_there_then() -> None:
    plant = Plant()
    plant.core.append_masterdata([Equipment(MIXER, EquipmentKind.STATION, "Mixer 1")])
    plant.make("A", "B")
    since = plant.clock.now() + timedelta(hours=1)
    plant.wait(hours=2)
    plant.make("C", "D")
    until = plant.clock.now()
    plant.wait(hours=2)
    plant.make("E", "F")
    plant.make("G", "H", station=2)
    in_window = scope(plant.core, station="Mixer 1", window=(since, until))
    assert in_window.suspects == (lot("D"),)
    assert f"made at Mixer 1 between {format_time(since)}" in in_window.certain[0].reason
    assert scope(plant.core, station=MIXER).suspects == (lot("B"), lot("D"), lot("F"))
    assert scope(plant.core, lot("G"), station=MIXER, window=(since, until)).suspects == (lot("D"), lot("G"))


def test_a_window_needs_its_station() -> None:
    plant = Plant()
    plant.make("A", "B")
    with pytest.raises(BadInput, match="a station with the window"):
        plant.core.recall([lot("A")], window=(plant.clock.now(), plant.clock.now()))


def test_unknown_suspects_and_stations_are_values() -> None:
    plant = Plant()
    plant.make("LOT-77", "B")
    assert isinstance(plant.core.recall([lot("LOT-78")]), UnknownThing)
    assert isinstance(plant.core.recall(station="nowhere"), UnknownThing)


def test_known_at_recalls_from_what_the_core_had_learnt() -> None:
    plant = Plant()
    plant.make("A", "B")
    moment = plant.clock.now()
    plant.wait(hours=1)
    plant.make("B", "C")
    assert scope(plant.core, lot("A"), known_at=moment).ids == {lot("A"), lot("B")}
    assert isinstance(plant.core.recall([lot("C")], known_at=moment), UnknownThing)


def test_what_moved_in_spite_of_a_hold_is_said_in_the_recall() -> None:
    plant = Plant()
    plant.pack(1, "A")
    plant.core.hold(lot("A"), "Li", "glass")
    plant.report(RecordType.SHIP, part_id=pallet(1))
    plant.make("A", "B")
    kinds = [one.kind for one in scope(plant.core, lot("A")).findings]
    assert "moved_while_held" in kinds


def pallet_id(number: int) -> str:
    return f"https://id.gs1.org/00/{pallet(number)}"
