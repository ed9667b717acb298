"""The command line and a small store, as the tests of the testbed have them."""

from __future__ import annotations

from tests.testbed.conftest import call, store

__all__ = ["call", "store"]
