"""A PLANT argument: the name of a plant that ships, or the path of a declaration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plant_models import PlantSpec

SUFFIXES = (".yaml", ".yml", ".json")


def open_plant(name: str) -> PlantSpec:
    """The plant ``name`` means; UnknownName with near names, or SpecError with every fault of the file."""
    from plant_models import load, shipped
    from testbed.options import text_of

    if Path(name).suffix.lower() in SUFFIXES:
        return load(text_of(Path(name), "a plant's declaration"), name)
    return load(shipped(name), name)
