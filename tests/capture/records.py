"""A small plant's rules and any record its devices could send: shared by the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from trace_core.capture import CaptureRules, DeviceRecord, Flag, RecordType, Result, StationRule
from trace_core.vocabulary.identity import Identity, Kind, plant_id
from trace_core.vocabulary.masterdata import MasterRecord

RECEIVED = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
GTIN = "04012345123456"
SSCC = "340123450000000017"
SILO = plant_id(Kind.EQUIPMENT, "silo-1").canonical
FILLER = plant_id(Kind.EQUIPMENT, "filler-1").canonical
FEEDERS = tuple(plant_id(Kind.EQUIPMENT, name).canonical for name in ("1-01", "1-02"))
HALL = plant_id(Kind.LOCATION, "hall").canonical
RULES = CaptureRules(
    stations={("plc", 1): StationRule(FILLER, HALL, "filling"), ("plc", 2): StationRule(SILO)},
    slots={("plc", 1): SILO, ("plc", 3): FEEDERS[0], ("plc", 4): FEEDERS[1]},
    banks={("plc", 100): FEEDERS},
    units={"kg": "KGM", "box": "BX"},
)


class Papers:
    """Knowledge as a test sets it up."""

    def __init__(self, *papers: MasterRecord, made: tuple[str, ...] = ()) -> None:
        self._papers = {one.id: one for one in papers}
        self._made = frozenset(made)

    def get(self, key: str, /) -> MasterRecord | None:
        return self._papers.get(key)

    def was_made(self, lot: Identity) -> bool:
        return lot.canonical in self._made


def record(type: RecordType, **fields: Any) -> DeviceRecord:
    """A sound record of station 1, with ``fields`` changed."""
    sound = {"device": "plc", "epoch": 3, "sequence": 7, "time": RECEIVED, "station": 1}
    return DeviceRecord(**{**sound, **fields}, type=type)


_text = st.text(max_size=60) | st.sampled_from(
    ["", "L1", GTIN, SSCC, f"(01){GTIN}(10)L1", "批号-7", "a:b", "\x1d", "(10)"]
)
_quantity = st.none() | st.decimals(allow_nan=True, allow_infinity=True) | st.just(Decimal("12.50"))

any_record = st.builds(
    DeviceRecord,
    device=st.sampled_from(["plc", "other", "", "p lc/ü", "\udc80"]),
    epoch=st.integers(-1, 70000),
    sequence=st.integers(-1, 70000),
    type=st.sampled_from(RecordType),
    time=st.none() | st.datetimes() | st.datetimes(timezones=st.just(UTC)),
    station=st.integers(0, 3),
    slot=st.integers(0, 2) | st.just(100),
    part_id=_text,
    lot_id=_text,
    item=_text,
    order=_text,
    operator=_text,
    result=st.sampled_from(Result),
    nok_code=st.integers(0, 65535),
    quantity=_quantity,
    unit=st.sampled_from(["", "kg", "box", "stone"]),
    measurements=st.lists(st.floats(width=32), max_size=4).map(tuple),
    flags=st.integers(0, 15).map(Flag),
)

__all__ = ["FEEDERS", "FILLER", "GTIN", "HALL", "RECEIVED", "RULES", "SILO", "SSCC", "Papers", "any_record", "record"]
