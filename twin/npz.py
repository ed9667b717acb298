"""Named arrays as one file: NumPy's npz, the same bytes for the same arrays, nothing in it that could run."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from trace_core.errors import DocumentError, LimitExceeded

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

MAX_BYTES = 4 << 30
"""Uncompressed: about 100 million rows of the widest table of a truth."""

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The zip format's own beginning: when a file was written is no part of what it says."""


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    """Write ``arrays`` to ``path``, whole or not at all."""
    target = Path(path)
    fresh = target.with_name(f".{target.name}.new")
    with zipfile.ZipFile(fresh, "w") as archive:
        for name, values in arrays.items():
            buffer = io.BytesIO()
            little = values.astype(values.dtype.newbyteorder("<"), copy=False)
            np.lib.format.write_array(buffer, little, version=(1, 0), allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy", _FIRST_DAY)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, buffer.getvalue(), compresslevel=6)
    fresh.replace(target)


def read_arrays(path: str | os.PathLike[str]) -> dict[str, Array]:
    """The arrays of the file at ``path``; DocumentError where it is none that `write_arrays` could have written."""
    where = os.fspath(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if (size := sum(member.file_size for member in members)) > MAX_BYTES:
                raise LimitExceeded(f"at most {MAX_BYTES} bytes once unpacked", size, where)
            return {member.filename.removesuffix(".npy"): _read(archive, member) for member in members}
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError) as error:
        raise DocumentError("a truth, as a run or a drill writes it (.npz)", str(error), where) from error
    except OSError as error:
        raise DocumentError("a file that can be read", error.strerror or str(error), where) from error


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    values: Array = np.lib.format.read_array(io.BytesIO(archive.read(member)), allow_pickle=False)
    return values
