"""The arguments that several commands share, and the reading of what was given for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from trace_core.log.port import EventLog

DEFAULT_STORE = "tracetwin.db"

Store = Annotated[str, typer.Option("--store", metavar="STORE", help="The store: the path of an SQLite file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="The seed: the same one gives the same bytes.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="TIME", help="Ask as of this event time (ISO 8601 with offset).")
]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", metavar="TIME", help="Ask as of what the core had learnt by this time.")
]


def open_log(where: str, mode: Literal["rw", "ro"], *, must_exist: bool = False) -> EventLog:
    """The store's log; ``ro`` never makes one, and ``must_exist`` keeps ``rw`` from it too."""
    from trace_core.errors import StoreError
    from trace_core.log.opening import open_store
    from trace_core.vocabulary.clock import SystemClock

    if must_exist and "://" not in where and not Path(where).exists():
        raise StoreError(
            where, "there is no such store", "name it with --store, or fill it with: tracetwin ingest FILE"
        )
    return open_store(where, SystemClock(), mode=mode)


def time_of(text: str | None, option: str) -> datetime | None:
    """The moment given for ``option``, or None where it was left out."""
    if text is None:
        return None
    from trace_core.vocabulary.times import parse_time

    return parse_time(text, option)


def duration_of(text: str, option: str) -> timedelta:
    """The length of time given for ``option``: 90s, 30min, 6h, 5d, 2w."""
    from pydantic_core import PydanticCustomError

    from scenarios.declared import parse_duration
    from trace_core.errors import BadInput

    try:
        return parse_duration(text)
    except PydanticCustomError as error:
        raise BadInput(error.message(), text, option) from error


def spare_stores(path: Path, option: str) -> None:
    """BadInput where writing ``path`` would overwrite a store: records are appended to, never replaced."""
    from trace_core.errors import BadInput

    if not path.is_file():
        return
    with path.open("rb") as file:
        is_store = file.read(len(_SQLITE)) == _SQLITE
    if is_store:
        where = f"{option} {path}"
        raise BadInput("a file that may be overwritten", "a store or another database", where, "name another file")


_SQLITE = b"SQLite format 3\0"


def text_of(path: Path, what: str) -> str:
    """The text of a file a person wrote, with or without a byte-order mark."""
    from trace_core.errors import DocumentError

    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{what} in UTF-8", f"byte {error.object[error.start]:#04x} at {error.start}", str(path)
        ) from error
