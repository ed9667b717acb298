"""Opens the store a path names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from trace_core.errors import StoreError
from trace_core.log.port import EventLog
from trace_core.vocabulary.clock import Clock

IN_MEMORY = ":memory:"
"""Names a log that lives as long as the process."""


def open_store(where: str | os.PathLike[str], clock: Clock, *, mode: Literal["rw", "ro", "create"] = "rw") -> EventLog:
    """The log at ``where``: the path of an SQLite file, or ``:memory:``.

    ``rw`` appends to the store and makes it where there is none; ``ro`` reads, never makes or changes one; ``create``
    refuses one that holds records already. Raises a ``StoreError`` that says what is in the way.
    """
    text = os.fspath(where)
    if text == IN_MEMORY and mode != "ro":
        from trace_core.log.memory import MemoryLog

        return MemoryLog(clock)
    if not text or text == IN_MEMORY:
        raise StoreError(repr(text), "expected the path of a store", "name its file, such as plant.db")
    scheme, separator, _ = text.partition("://")
    if separator and scheme.isalpha():
        raise StoreError(f"{scheme}://...", "expected the path of an SQLite file; this version opens no other store")
    from trace_core.log.sqlite import SqliteLog

    return SqliteLog(Path(text), clock, is_read_only=mode == "ro", must_be_new=mode == "create")
