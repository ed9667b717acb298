"""What capture must be told about a plant to make events of its reports: the declared rules, as one value.

A profile (:mod:`hw_adapters.profile`) builds it; nothing here is code of one plant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class StationRule:
    """What one station of a device is: canonical ids of its equipment and of the place it stands at, and its work."""

    equipment: str
    location: str = ""
    operation: str = ""


@dataclass(frozen=True, slots=True)
class CaptureRules:
    """How the numbers that devices send map to the plant's names.

    ``stations`` by (device, STATION), ``slots`` by (device, SLOT) to the canonical id of the slot, feeder or vessel,
    ``banks`` by (device, SLOT) to several of them that a passage draws from at once, as a placer does from its feeders;
    ``units`` from the name a record carries to the unit of the event (UN/ECE Recommendation 20 code or own word); a
    name that is not there is refused. ``measurements`` by (device, STATION) names MEAS1..4.
    """

    stations: Mapping[tuple[str, int], StationRule]
    slots: Mapping[tuple[str, int], str] = field(default_factory=lambda: MappingProxyType({}))
    banks: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    units: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    measurements: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
