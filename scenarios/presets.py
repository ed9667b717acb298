"""What usually goes wrong, by method of capture: the faults that ``kind: typical`` stands for.

Rates with a source are named in docs/faults.md; the others are assumptions, and said to be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

KEYED_CODE = 12
"""Characters of a code as people key it in."""

PER_KEYSTROKE = 1 / 300
"""Errors of good typists per keystroke (between 1 in 200 and 1 in 400: docs/faults.md)."""

PER_SCANNED = 1 / 2_800_000
"""Wrong characters per character scanned in Code 128, worst case (docs/faults.md)."""

TYPICAL: Mapping[str, tuple[dict[str, Any], ...]] = MappingProxyType(
    {
        "manual": (
            {"kind": "missed", "rate": 0.03, "pattern": "shift_change", "factor": 3.0},
            {"kind": "misread", "rate": round(1 - (1 - PER_KEYSTROKE) ** KEYED_CODE, 4)},
            {"kind": "empty_field", "rate": 0.01},
            {"kind": "late", "rate": 0.10, "delay": "2h"},
            {"kind": "late_backfill", "rate": 0.05},
            {"kind": "copied_entry", "rate": 0.02},
            {"kind": "shared_login", "rate": 0.05},
        ),
        "barcode": (
            {"kind": "missed", "rate": 0.02, "pattern": "shift_change", "factor": 3.0},
            {"kind": "mislabelled", "rate": 0.002},
            {"kind": "duplicated", "rate": 0.01},
            {"kind": "misread", "rate": round(KEYED_CODE * PER_SCANNED, 8)},
        ),
        "rfid": (
            {"kind": "missed", "rate": 0.02},
            {"kind": "stray", "rate": 0.01},
            {"kind": "duplicated", "rate": 0.02},
        ),
        "plc": (
            {"kind": "lost", "rate": 0.0001},
            {"kind": "replayed", "rate": 0.0005, "delay": "10s"},
            {"kind": "clock", "drift_ppm": 20.0},
        ),
        "instrument": (
            {"kind": "batched", "every": "1h"},
            {"kind": "lost", "rate": 0.001},
            {"kind": "clock", "offset": "2min", "drift_ppm": 50.0},
        ),
        "mobile": (
            {"kind": "missed", "rate": 0.02},
            {"kind": "duplicated", "rate": 0.005},
            {"kind": "outage", "pattern": "outage", "every": "12h", "lasts": "5min"},
            {"kind": "shared_login", "rate": 0.02},
        ),
    }
)
"""The preset of each method, as a file would declare it."""
