"""The text of a document's bytes, within limits: encodings, byte-order marks, and where a fault stands.

No document is read whole before its size is known; what cannot be decoded is refused with its line and column.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from trace_core.errors import DocumentError, LimitExceeded

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""One JSON or XML document is held in memory while it is read, at about ten times its size; tables are streamed."""

MAX_DEPTH = 100
"""Nesting of objects, lists or elements; the deepest real document here has 16 levels."""

MAX_NUMBER_CHARACTERS = 400
"""Characters of one number, and its largest exponent: more than any float (308) needs, and no number bomb."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first two characters of a document are ASCII, so that the zero bytes tell the encoding (RFC 4627, clause 3).
_ZEROS = (
    (re.compile(rb"\x00\x00\x00[^\x00]"), "utf-32-be"),
    (re.compile(rb"[^\x00]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00[^\x00]"), "utf-16-be"),
    (re.compile(rb"[^\x00]\x00"), "utf-16-le"),
)


def read_limited(path: Path, limit_bytes: int = MAX_DOCUMENT_BYTES) -> bytes:
    """The bytes of the file ``path``; LimitExceeded above ``limit_bytes``, before it is read whole."""
    try:
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except OSError as error:
        raise DocumentError("a file that can be read", str(path), str(path), error.strerror or str(error)) from error
    if len(content) > limit_bytes:
        raise LimitExceeded(
            f"a document of at most {limit_bytes // (1024 * 1024)} MiB (MAX_DOCUMENT_BYTES)",
            f"{path.stat().st_size} bytes",
            str(path),
            "split it, or use JSON lines or CSV, which are streamed without limit",
        )
    return content


def encoding_of(content: bytes) -> tuple[str, int]:
    """The Unicode encoding that ``content`` shows by its mark or its zero bytes, and the length of its mark."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding, len(mark)
    for pattern, encoding in _ZEROS:
        if pattern.match(content):
            return encoding, 0
    return "utf-8", 0


def decoded(content: bytes, source: str, encoding: str = "") -> str:
    """The text of ``content``, in ``encoding`` or as its marks say, else UTF-8; refused where it is not that."""
    found, skip = encoding_of(content)
    used = found if skip or not encoding else encoding
    try:
        return content[skip:].decode(used)
    except LookupError as error:
        raise DocumentError("a known encoding", encoding, source) from error
    except UnicodeDecodeError as error:
        before = content[skip : skip + error.start].decode(used, errors="replace")
        bad = content[skip + error.start : skip + error.start + 1]
        raise DocumentError(
            f"text in {used.upper()}",
            bad,
            f"{source}: {line_and_column(before, len(before))}",
            "it looks like Latin-1 or another 8-bit encoding: save it as UTF-8" if used == "utf-8" else "",
        ) from error


def line_and_column(text: str, offset: int) -> str:
    """``line 3, column 14`` of the character at ``offset``."""
    line, column = position(text, offset)
    return f"line {line}, column {column}"


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at ``offset``."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def near(text: str, offset: int) -> str:
    """The next few characters at ``offset``, for a message; "end of text" where there are none."""
    piece = text[offset : offset + 20]
    return piece or "end of text"
