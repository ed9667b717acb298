"""Runs of plants that the laws are held against."""

from __future__ import annotations

import pytest

from tests.twin.runs import Watched, watched


@pytest.fixture(scope="session")
def yoghurt() -> Watched:
    """Twelve days of the shipped dairy."""
    return watched("yoghurt", 1, 288.0)


@pytest.fixture(scope="session")
def juice() -> Watched:
    """Ten days of the tests' own plant."""
    return watched("juice", 1, 240.0)
