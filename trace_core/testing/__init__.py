"""Contract suites: one per port, to be passed by every implementation, ours or yours.

They are plain classes with ``test_*`` methods, for pytest to collect from a subclass; nothing here needs pytest itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trace_core.testing.log_contract import EventLogContract

__all__ = ["EventLogContract"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from trace_core.testing import log_contract

    return getattr(log_contract, name)


def __dir__() -> list[str]:
    return sorted(__all__)
