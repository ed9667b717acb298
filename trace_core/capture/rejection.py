"""Why a report is no fact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class RejectReason(IntEnum):
    """ANS_REASON of an answer REJECT_FORMAT. Control's own reasons begin at 101."""

    UNKNOWN_STATION = 1
    UNKNOWN_SLOT = 2
    UNKNOWN_UNIT = 3
    BAD_QUANTITY = 4
    BAD_IDENTIFIER = 5
    TEXT_TOO_LONG = 6
    MISSING_FIELD = 7
    BAD_KEY = 8  # epoch or sequence cannot be
    BAD_TIME = 9
    REUSED_KEY = 10  # the same (device, epoch, sequence) with other content


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a report is no fact; ``text`` says what was expected and what came."""

    reason: RejectReason
    text: str
