"""What devices and systems report: the only things capture ever sees.

A :class:`DeviceRecord` is what the sequence-echo mailbox can carry (DEVICES.md, pattern B), in memory and on the wire
alike. A :class:`Posting` comes from a business system or a person. Neither is a fact yet: capture rules make events of
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, IntFlag
from typing import Protocol, TypeAlias


class RecordType(IntEnum):
    """REQ_TYPE of the mailbox."""

    ARRIVE = 1  # an interlock question: may this go here now?
    COMPLETE = 2
    CONSUME = 3
    MEASURE = 4
    SCRAP = 5
    RECEIPT = 6
    SHIP = 7
    MOUNT = 8
    UNMOUNT = 9
    PACK = 10
    CLEAN = 11


class Result(IntEnum):
    """RESULT of the mailbox."""

    NONE = 0
    OK = 1
    NOK = 2
    REWORK = 3
    ABORT = 4


class Flag(IntFlag):
    """FLAGS of the mailbox."""

    OFFLINE = 1  # recorded while the connection was down
    BYPASSED = 2
    CLOCK_BAD = 4
    CRC = 8


NO_FLAGS = Flag(0)


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """One request of a device. (device, epoch, sequence) identifies it: the same again is the same record.

    ``time`` is the device's own clock, None where it has none. Texts are at most 48 bytes UTF-8 (part, lot), 20 (item,
    order), 12 (operator). ``quantity`` is exact; ``unit`` is the name the profile gives the unit's number.
    """

    device: str
    epoch: int
    sequence: int
    type: RecordType
    time: datetime | None
    station: int = 0
    slot: int = 0
    part_id: str = ""
    lot_id: str = ""
    item: str = ""
    order: str = ""
    operator: str = ""
    result: Result = Result.NONE
    nok_code: int = 0
    quantity: Decimal | None = None
    unit: str = ""
    measurements: tuple[float, ...] = ()
    flags: Flag = NO_FLAGS


@dataclass(frozen=True, slots=True)
class DeliveryNote:
    """The business system's word on a delivery: who gets it. ``number`` is what SHIP records carry as order."""

    source: str
    number: str
    time: datetime
    customer: str
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """The business system's word on a receipt: who sent it. ``number`` is what RECEIPT records carry as order."""

    source: str
    number: str
    time: datetime
    supplier: str
    item: str
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """The business system's word on an order: what is to be made. ``number`` is what station records carry as order."""

    source: str
    number: str
    time: datetime
    item: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class TestResult:
    """A laboratory's verdict on a lot, often days after the sample was taken."""

    source: str
    number: str
    time: datetime
    lot_id: str
    item: str
    characteristic: str
    result: Result
    value: Decimal | None = None
    unit: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class StockCount:
    """How much of a lot was found at a place when somebody counted; never changes genealogy."""

    source: str
    number: str
    time: datetime
    lot_id: str
    item: str
    location: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class LotAlias:
    """A line of a system's crosswalk: the lot it calls ``other_lot_id`` (of ``other_item``) is this one."""

    source: str
    number: str
    time: datetime
    lot_id: str
    item: str
    other_lot_id: str
    other_item: str


Posting: TypeAlias = DeliveryNote | PurchaseOrder | WorkOrder | TestResult | StockCount | LotAlias
"""What business systems, laboratories and people report. (source, number) identifies it."""

Report: TypeAlias = DeviceRecord | Posting
"""Anything that reaches capture."""


class AnswerCode(IntEnum):
    """ANS_CODE of the mailbox."""

    RELEASE = 1
    BLOCK = 2
    DUPLICATE = 3
    RETRY_LATER = 4
    REJECT_FORMAT = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What the core answers to one record; ``reason`` 0 = none, ``assigned`` a lot, serial or route given out."""

    code: AnswerCode
    reason: int = 0
    text: str = ""
    assigned: str = ""


class Channel(Protocol):
    """The way from a device to the core and back: in memory, or over a fieldbus."""

    def ask(self, record: DeviceRecord) -> Answer:
        """Hand over ``record``; the answer is given once the record is safe."""
