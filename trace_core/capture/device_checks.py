"""What must hold before a device's record can become an event; each refusal says what was expected and what came."""

from __future__ import annotations

import re
from collections.abc import Mapping

from trace_core.capture.records import DeviceRecord, RecordType
from trace_core.capture.rejection import Rejection, RejectReason
from trace_core.capture.rules import CaptureRules
from trace_core.vocabulary.epcis_json import MAX_QUANTITY_DIGITS

TEXT_LIMITS_BYTES = {"part_id": 48, "lot_id": 48, "item": 20, "order": 20, "operator": 12}
"""What the mailbox holds (DEVICES.md 2 B), in bytes of UTF-8."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def fault_of(record: DeviceRecord, rules: CaptureRules) -> Rejection | None:
    """The first reason why ``record`` cannot be a fact, or None."""
    return (
        _key_fault(record)
        or _station_fault(record, rules)
        or _text_fault(record)
        or _quantity_fault(record, rules)
        or _missing_fault(record)
    )


def _key_fault(record: DeviceRecord) -> Rejection | None:
    if record.sequence < 1 or record.epoch < 0 or not is_text(record.device):
        got = f"device {record.device!r}, epoch {record.epoch}, sequence {record.sequence}"
        return Rejection(RejectReason.BAD_KEY, f"expected a device, an epoch from 0 and a sequence from 1, got {got}")
    if record.time is not None and record.time.tzinfo is None:
        return Rejection(RejectReason.BAD_TIME, f"expected a time with its offset, got {record.time.isoformat()}")
    return None


def _station_fault(record: DeviceRecord, rules: CaptureRules) -> Rejection | None:
    if (record.device, record.station) not in rules.stations:
        known = sorted(number for device, number in rules.stations if device == record.device)
        where = f"stations {known}" if known else "no station"
        return Rejection(
            RejectReason.UNKNOWN_STATION,
            f"expected a station of the profile ({where} of device {record.device!r}), got {record.station}",
        )
    if _needs_slot(record) and not _is_known_slot(record, rules):
        known = sorted(number for device, number in (*rules.slots, *rules.banks) if device == record.device)
        return Rejection(
            RejectReason.UNKNOWN_SLOT,
            f"expected one of the slots {known} of device {record.device!r}, got {record.slot}",
        )
    return None


def _is_known_slot(record: DeviceRecord, rules: CaptureRules) -> bool:
    """A slot, or, for a passage that names no lot, a bank of them."""
    key = (record.device, record.slot)
    if key in rules.slots:
        return True
    is_passage = record.type is RecordType.CONSUME and not record.lot_id and not record.part_id
    return is_passage and key in rules.banks


def _needs_slot(record: DeviceRecord) -> bool:
    if record.type in (RecordType.MOUNT, RecordType.UNMOUNT, RecordType.CLEAN):
        return True
    return record.type is RecordType.CONSUME and record.slot != 0


def _text_fault(record: DeviceRecord) -> Rejection | None:
    for name, limit in TEXT_LIMITS_BYTES.items():
        text: str = getattr(record, name)
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > limit:
            return Rejection(
                RejectReason.TEXT_TOO_LONG, f"{name}: expected at most {limit} bytes of UTF-8, got {size}: {text!r}"
            )
        if _SURROGATE.search(text):
            return Rejection(RejectReason.BAD_IDENTIFIER, f"{name}: expected text that UTF-8 can hold, got {text!r}")
    return None


def _quantity_fault(record: DeviceRecord, rules: CaptureRules) -> Rejection | None:
    if record.unit and record.unit not in rules.units:
        known = ", ".join(sorted(rules.units))
        return Rejection(RejectReason.UNKNOWN_UNIT, f"expected a unit of the profile ({known}), got {record.unit!r}")
    number = record.quantity
    if number is None:
        return None
    too_long = number.is_finite() and (
        len(number.as_tuple().digits) > MAX_QUANTITY_DIGITS or abs(number.adjusted()) > MAX_QUANTITY_DIGITS
    )
    if not number.is_finite() or number < 0 or too_long:
        return Rejection(
            RejectReason.BAD_QUANTITY,
            f"expected a finite quantity of 0 or more with at most {MAX_QUANTITY_DIGITS} digits, got {number}",
        )
    return None


_NEEDS: Mapping[RecordType, tuple[tuple[str, ...], ...]] = {
    RecordType.ARRIVE: (("part_id", "lot_id"),),
    RecordType.COMPLETE: (("part_id", "lot_id"),),
    RecordType.MEASURE: (("part_id", "lot_id"),),
    RecordType.SCRAP: (("part_id", "lot_id"),),
    RecordType.RECEIPT: (("part_id", "lot_id"),),
    RecordType.SHIP: (("part_id", "lot_id"),),
    RecordType.MOUNT: (("lot_id", "part_id"),),
    RecordType.PACK: (("part_id",), ("lot_id",)),
}


def is_text(text: str) -> bool:
    """Whether ``text`` says something and UTF-8 can hold it."""
    return bool(text.strip()) and text.isprintable()


def _missing_fault(record: DeviceRecord) -> Rejection | None:
    for alternatives in _NEEDS.get(record.type, ()):
        if not any(getattr(record, name) for name in alternatives):
            return Rejection(
                RejectReason.MISSING_FIELD, f"expected {' or '.join(alternatives)} in a {record.type.name}, got none"
            )
    return None
