"""JSON text with exact numbers: what the log stores and what is hashed.

Decimals are written as JSON numbers digit by digit and read back as decimals, so a quantity survives any number of
round trips. Keys are sorted, so equal values give equal bytes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = "bool | int | float | Decimal | str | list[Json] | dict[str, Json] | None"
"""A JSON value; numbers with a fraction are ``Decimal`` once read."""

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


def to_bytes(value: Any) -> bytes:
    """``value`` as compact UTF-8 JSON with sorted keys and exact decimals."""
    return _ENCODER.encode(value)


def from_bytes(text: bytes) -> Any:
    """The value of JSON text written by :func:`to_bytes`; numbers with a fraction come back as ``Decimal``."""
    return _DECODER.decode(text)
