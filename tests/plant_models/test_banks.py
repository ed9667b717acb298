"""What feeders tell the devices' profile and the core: slots by their numbers, and banks that pass together."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hw_adapters.profile import BankProfile, DeviceProfile, SlotProfile, StationProfile
from plant_models import load, masterdata_of, profile_of, shipped
from plant_models.projection import equipment_id
from trace_core.vocabulary.masterdata import Equipment, EquipmentKind

STATION = StationProfile(number=1, equipment="urn:plant:equipment:-::placer")


def test_a_bank_means_all_slots_of_its_station() -> None:
    spec = load(shipped("smt"), "smt")
    banks = profile_of(spec).rules().banks
    for device, station in (("PLACE-1", "placer-1"), ("PLACE-2", "placer-2"), ("PRINT", "printer")):
        feeders = spec.feeders[station]
        assert banks[device, feeders.bank] == tuple(equipment_id(slot) for slot in feeders.slots)


def test_a_reel_slot_holds_one_lot_at_a_time_and_stands_at_its_station() -> None:
    found = {one.id: one for one in masterdata_of(load(shipped("smt"), "smt")) if isinstance(one, Equipment)}
    slot = found[equipment_id("1-01")]
    assert slot.kind is EquipmentKind.SLOT
    assert slot.part_of == equipment_id("placer-1")


def test_a_bank_of_slots_that_the_device_does_not_have_is_refused() -> None:
    slots = (SlotProfile(number=1, vessel="urn:plant:equipment:-::1-01"),)
    with pytest.raises(ValidationError, match="bank 100: slots of the device, got 2"):
        DeviceProfile(name="PLACE", stations=(STATION,), slots=slots, banks=(BankProfile(number=100, slots=(1, 2)),))


def test_a_bank_and_a_slot_never_share_a_number() -> None:
    slots = (SlotProfile(number=1, vessel="urn:plant:equipment:-::1-01"),)
    with pytest.raises(ValidationError, match="each slot number once, got 1 twice"):
        DeviceProfile(name="PLACE", stations=(STATION,), slots=slots, banks=(BankProfile(number=1, slots=(1,)),))
