"""What is shipped: the rooms with everything that lies in them, and nothing else."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ROOMS = {"trace_core", "hw_adapters", "plant_models", "twin", "scenarios", "testbed"}


def test_the_wheel_holds_every_file_of_the_rooms_and_no_other(
    tmp_path: pathlib.Path, project_texts: dict[str, str]
) -> None:
    command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path))
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(tmp_path.glob("tracetwin-*.whl"))) as wheel:
        shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
        licence = [name for name in wheel.namelist() if name.endswith("/licenses/LICENSE")]
    assert licence
    assert {name.split("/")[0] for name in shipped} == ROOMS
    assert {f"{room}/py.typed" for room in ROOMS} <= shipped
    assert {name for name in project_texts if name.split("/")[0] in ROOMS} <= shipped
