"""Connections to real devices: profile, codec, handshake, inbox and gateway, and one file for each fieldbus library."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hw_adapters.profile import Profile

__all__ = ["Profile"]


def __getattr__(name: str) -> object:
    if name != "Profile":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hw_adapters.profile import Profile

    return Profile


def __dir__() -> list[str]:
    return sorted(__all__)
