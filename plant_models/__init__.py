"""Plants as declarations: no clock, no randomness, no input or output."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plant_models.changes import changed
    from plant_models.plant_file import load, names, plant_hash, shipped
    from plant_models.projection import masterdata_of, profile_of
    from plant_models.spec import PlantSpec

__all__ = ["PlantSpec", "changed", "load", "masterdata_of", "names", "plant_hash", "profile_of", "shipped"]

_ELSEWHERE = {
    "PlantSpec": "spec",
    "changed": "changes",
    "load": "plant_file",
    "masterdata_of": "projection",
    "names": "plant_file",
    "plant_hash": "plant_file",
    "profile_of": "projection",
    "shipped": "plant_file",
}


def __getattr__(name: str) -> object:
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_ELSEWHERE[name]}"), name)
    globals()[name] = value  # importing the module `load` has put that in the place of the function
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
