"""A drill's folder: it appears whole or not at all, and takes nothing away that it did not make itself."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trace_core.errors import BadInput

CARD = "scorecard.json"

Write = Callable[[Path], object]
"""Writes one file at the path it is given."""


def check_folder(folder: Path) -> None:
    """Refuse a place where a drill must not be written: a file, a folder with something in it that no drill made, or
    one where nothing can be made.

    An earlier folder that a killed process had moved aside is put back first, and its unfinished one removed.
    """
    _mend(folder)
    if folder.is_dir():
        if not any(folder.iterdir()) or _is_drill(folder):
            return
        got = ", ".join(sorted(one.name for one in folder.iterdir())[:5])
        raise BadInput("a new folder, or that of an earlier drill", got, str(folder), "choose another --out")
    if folder.exists() or folder.is_symlink():
        raise BadInput("a folder", "a file", str(folder), "choose another --out")
    there = next(one for one in folder.absolute().parents if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        got = f"{there}, which is {'not open to us' if there.is_dir() else 'a file'}"
        raise BadInput("a folder that can be written", got, str(folder), "choose another --out")


def _mend(folder: Path) -> None:
    """Finish what processes that are gone left half done between the two steps of :func:`_swap`."""
    if not folder.parent.is_dir():
        return
    left = re.compile(rf"\.{re.escape(folder.name)}\.(\d+)\.(new|old)\Z")
    try:
        found = [(one, match) for one in sorted(folder.parent.iterdir()) if (match := left.match(one.name))]
    except OSError:
        return
    for path, match in found:
        if _is_running(int(match.group(1))):
            continue
        if match.group(2) == "old" and not folder.exists():
            path.rename(folder)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _is_running(process: int) -> bool:
    """Whether the process may still be at work. Where nobody can be asked (Windows), it may."""
    if process == os.getpid():
        return False
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def write_folder(folder: Path, files: Mapping[str, Write]) -> None:
    """Write ``files`` into a fresh folder and put it in the place of ``folder``; other files in there are kept.

    Interrupted at any moment, the folder is the earlier one or the new one; what a killed process left beside it is
    put back or taken away by the next :func:`check_folder`.
    """
    check_folder(folder)
    with _fresh_beside(folder) as fresh:
        for name, write in files.items():
            write(fresh / name)
        if folder.exists():
            _carry_over(folder, fresh, leave=set(files))
        _swap(fresh, folder)


def _is_drill(folder: Path) -> bool:
    try:
        card = json.loads((folder / CARD).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(card, dict) and str(card.get("schema", "")).startswith("tracetwin/scorecard/")


@contextmanager
def _fresh_beside(folder: Path) -> Iterator[Path]:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = _beside(folder, "new")
        fresh.mkdir()
    except OSError as error:
        remedy = "choose another --out"
        raise BadInput("a folder that can be written", error.strerror or str(error), str(folder), remedy) from error
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _carry_over(earlier: Path, fresh: Path, leave: set[str]) -> None:
    for one in earlier.iterdir():
        if one.name in leave:
            continue
        if one.is_dir() and not one.is_symlink():
            shutil.copytree(one, fresh / one.name, symlinks=True)
        else:
            shutil.copy2(one, fresh / one.name, follow_symlinks=False)


def _swap(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    earlier = _beside(folder, "old")
    folder.rename(earlier)
    try:
        fresh.rename(folder)
    except BaseException:
        earlier.rename(folder)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _beside(folder: Path, ending: str) -> Path:
    """A name next to ``folder`` for this process alone; what a killed one of its number left is removed."""
    path = folder.with_name(f".{folder.name}.{os.getpid()}.{ending}")
    shutil.rmtree(path, ignore_errors=True)
    return path
