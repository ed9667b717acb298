"""The files a run leaves behind besides its store, checked before the run and written after it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from testbed.options import spare_stores
from trace_core.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

    from trace_core.capture.records import Report
    from twin import TwinRun

TRUTHS = (".npz", ".parquet")


def check_writable(path: Path, option: str) -> None:
    """Find out before the run, not after it, that what ``option`` asks for could not be written.

    A truth without suffix is a folder of Parquet files; Parquet needs its library.
    """
    spare_stores(path, option)
    if option == "--truth":
        _check_truth(path)
        if not path.suffix:
            return
    if path.is_dir():
        raise BadInput("a file to write", "a folder", f"{option} {path}", "name a file in it")
    is_new = not path.exists()
    with path.open("ab"):
        pass
    if is_new:
        path.unlink()


def check_folder(folder: Path, option: str = "--out") -> None:
    """Find out before the run, not after it, that nothing could be written into ``folder``; leaves nothing behind."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        problem = "a file" if folder.exists() and not folder.is_dir() else error.strerror or str(error)
        raise BadInput("a folder that can be written", problem, f"{option} {folder}", "choose another") from error
    finally:
        for one in missing:
            with suppress(OSError):
                one.rmdir()


def _check_truth(path: Path) -> None:
    from twin.output.parquet import check_installed

    if path.suffix and path.suffix not in TRUTHS:
        raise BadInput("FILE.npz, FILE.parquet or a folder", str(path), "--truth")
    if path.suffix != ".npz":
        check_installed()
    if not path.suffix and path.exists() and not path.is_dir():
        raise BadInput("a folder", "a file", f"--truth {path}", "name a folder, or a file ending in .npz or .parquet")


def save_truth(path: Path, run: TwinRun, reports: Iterable[tuple[Report, datetime]] | None) -> None:
    """Write the truth as the suffix of ``path`` says; a folder gets the reports too."""
    from twin.output.parquet import write_folder, write_truth

    if path.suffix == ".npz":
        run.truth.save(path)
    elif path.suffix:
        write_truth(run.truth, path)
    else:
        write_folder(run.truth, path, reports)
