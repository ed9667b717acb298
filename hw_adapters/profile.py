"""The profile: which devices there are, what their numbers mean, and in which units they count.

One profile is read by both sides: the emulated device builds its memory from it, capture its rules. It is projected
from a declared plant, or written by hand for a real one.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from trace_core.capture.rules import CaptureRules

Number = Annotated[int, Field(ge=1, le=65_535)]
"""STATION, SLOT and NOK_CODE of the mailbox: u16, 0 means none."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class StationProfile(_Part):
    """A station of a device. ``equipment`` and ``location`` are canonical ids, ``measures`` names MEAS1..4."""

    number: Number
    equipment: Annotated[str, Field(min_length=1)]
    location: str = ""
    operation: str = ""
    measures: Annotated[tuple[str, ...], Field(max_length=4)] = ()


class SlotProfile(_Part):
    """A slot, feeder or vessel of a device, by the canonical id of what it is."""

    number: Number
    vessel: Annotated[str, Field(min_length=1)]


class BankProfile(_Part):
    """Slots that are passed together: ``number`` in the SLOT of a passage means all of ``slots`` (their numbers)."""

    number: Number
    slots: Annotated[tuple[Number, ...], Field(min_length=1)]


class DeviceProfile(_Part):
    """A device by name: its stations, slots and banks of slots, each with the number its records carry."""

    name: Annotated[str, Field(min_length=1)]
    stations: Annotated[tuple[StationProfile, ...], Field(min_length=1)]
    slots: tuple[SlotProfile, ...] = ()
    banks: tuple[BankProfile, ...] = ()

    @model_validator(mode="after")
    def _numbers_differ(self) -> Self:
        for kind, numbers in (
            ("station", [one.number for one in self.stations]),
            ("slot", [*(one.number for one in self.slots), *(one.number for one in self.banks)]),
        ):
            if twice := [number for number, count in Counter(numbers).items() if count > 1]:
                message = f"device {self.name!r}: each {kind} number once, got {twice[0]} twice"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _banks_have_slots(self) -> Self:
        known = {slot.number for slot in self.slots}
        for bank in self.banks:
            if unknown := [number for number in bank.slots if number not in known]:
                message = f"device {self.name!r}, bank {bank.number}: slots of the device, got {unknown[0]}"
                raise ValueError(message)
        return self


class Profile(_Part):
    """All devices of a plant. ``units`` maps the unit of a record to its UN/ECE code, ``reasons`` NOK_CODE to words."""

    name: Annotated[str, Field(min_length=1)]
    devices: Annotated[tuple[DeviceProfile, ...], Field(min_length=1)]
    units: dict[str, str]
    reasons: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = Counter(device.name for device in self.devices)
        if twice := [name for name, count in names.items() if count > 1]:
            message = f"each device once, got {twice[0]!r} twice"
            raise ValueError(message)
        return self

    def hash(self) -> str:
        """SHA-256 of the profile as canonical JSON: it travels with every record as provenance."""
        text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def rules(self) -> CaptureRules:
        """The capture rules of these devices."""
        from trace_core.capture.rules import CaptureRules, StationRule  # late: the twin reads profiles, never the rules

        stations = [(device.name, station) for device in self.devices for station in device.stations]
        return CaptureRules(
            stations={
                (device, one.number): StationRule(one.equipment, one.location, one.operation)
                for device, one in stations
            },
            slots={(device.name, slot.number): slot.vessel for device in self.devices for slot in device.slots},
            banks={
                (device.name, bank.number): tuple(slot.vessel for slot in device.slots if slot.number in bank.slots)
                for device in self.devices
                for bank in device.banks
            },
            units=dict(self.units),
            measurements={(device, one.number): one.measures for device, one in stations if one.measures},
        )
