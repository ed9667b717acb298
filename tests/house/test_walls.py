"""Each floor and wall is broken on purpose, in a copy, and import-linter has to see it; the house itself stands."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import tomllib

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# (contract, the file that breaks it, its last line): one breach for each way through a wall.
BREACHES = [
    ("floors", "trace_core/errors_breach.py", "import twin"),
    ("floors", "hw_adapters/breach.py", "import plant_models"),
    ("floors", "plant_models/breach.py", "import twin.breach"),
    ("floors", "twin/breach.py", "import scenarios"),
    ("floors", "scenarios/breach.py", "import testbed"),
    ("rooms", "trace_core/errors.py", "import trace_core.vocabulary"),
    ("rooms", "trace_core/vocabulary/breach.py", "import trace_core.lot_codes"),
    ("rooms", "trace_core/lot_codes/breach.py", "import trace_core.log"),
    ("rooms", "trace_core/log/breach.py", "import trace_core.genealogy"),
    ("rooms", "trace_core/genealogy/breach.py", "import trace_core.capture"),
    ("rooms", "trace_core/capture/breach.py", "import trace_core.genealogy"),
    ("rooms", "trace_core/scope/breach.py", "import trace_core.localise"),
    ("rooms", "trace_core/localise/breach.py", "import trace_core.monitor"),
    ("rooms", "trace_core/monitor/breach.py", "import trace_core.scope"),
    ("rooms", "trace_core/scope/breach.py", "import trace_core.control"),
    ("rooms", "trace_core/control/breach.py", "import trace_core.exchange"),
    ("rooms", "trace_core/exchange/breach.py", "import trace_core.core"),
    ("rooms", "trace_core/core.py", "import trace_core.api"),
    ("rooms", "trace_core/api/breach.py", "import trace_core.testing"),
    ("rooms", "trace_core/room_without_a_place.py", "import trace_core.errors"),
    ("wall-1", "trace_core/log/breach.py", "import simpy"),
    ("wall-1", "trace_core/capture/breach.py", "from pymodbus import client"),
    ("wall-1", "trace_core/api/breach.py", "def late():\n    import asyncua"),
    ("wall-2-direct", "twin/breach.py", "import trace_core"),
    ("wall-2-direct", "twin/breach.py", "import trace_core.log"),
    ("wall-2-direct", "twin/observe/breach.py", "from trace_core.capture import rules"),
    ("wall-2-direct", "twin/breach.py", "import hw_adapters.gateway"),
    ("wall-2-roundabout", "plant_models/breach.py", "import trace_core.genealogy"),
    ("wall-2-roundabout", "hw_adapters/profile.py", "import trace_core.log"),
    ("wall-2-truth", "scenarios/breach.py", "import twin.truth"),
    ("wall-2-truth", "scenarios/breach.py", "from twin.truth import Truth"),
    ("wall-3", "twin/breach.py", "import hw_adapters.gateway"),
    ("wall-3", "hw_adapters/codec.py", "import hw_adapters.modbus"),
    ("kernel", "scenarios/breach.py", "import simpy"),
    ("declarations", "plant_models/breach.py", "import random"),
    ("cycles", "trace_core/log/breach.py", "import trace_core.log.breach_back"),
]

# Rooms of the plan that a breach names, and that may not exist yet; and honest imports, which no wall may hinder.
PLANNED = {
    **{
        f"trace_core/{room}/__init__.py": ""
        for room in ("lot_codes", "log", "genealogy", "capture", "scope", "localise")
    },
    **{
        f"trace_core/{room}/__init__.py": ""
        for room in ("monitor", "control", "exchange", "api", "testing", "vocabulary")
    },
    **{f"hw_adapters/{room}/__init__.py": "" for room in ("gateway", "modbus")},
    "trace_core/core.py": "",
    "trace_core/capture/rules.py": "",
    "trace_core/capture/records.py": "import trace_core.vocabulary",
    "hw_adapters/profile.py": "import trace_core.capture.rules",
    "hw_adapters/codec.py": "",
    "twin/observe/__init__.py": "import trace_core.capture.records, hw_adapters.profile, trace_core.lot_codes",
    "twin/truth.py": "import trace_core.vocabulary, trace_core.errors",
    "plant_models/breach.py": "",
    "twin/breach.py": "import simpy, plant_models.breach, hw_adapters.profile, hw_adapters.codec, twin.truth",
    "scenarios/score.py": "import twin.truth",
    "scenarios/breach.py": "import twin.breach, scenarios.score, trace_core.log",
    "trace_core/log/breach_back.py": "import trace_core.log.breach",
    "trace_core/log/breach.py": "",
}


def lint(folder: pathlib.Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    only = () if contract is None else ("--contract", contract)
    command = (sys.executable, "-c", LINT, "--no-cache", *only)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A copy of the house in which every planned room has at least a door."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in CONTRACTS["root_packages"]:
        shutil.copytree(ROOT / package, folder / package, ignore=lambda _, names: _neither_folder_nor_python(names))
    for name, text in PLANNED.items():
        path = folder / name
        if path.with_suffix("").is_dir():  # a module may have grown into a package
            path = path.with_suffix("") / "__init__.py"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return folder


def _neither_folder_nor_python(names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__" or ("." in name and not name.endswith(".py"))]


def test_the_house_stands() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_copy_with_every_planned_room_stands(copy: pathlib.Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("contract", "file", "line"), BREACHES, ids=[f"{c}: {f}: {x.split()[-1]}" for c, f, x in BREACHES]
)
def test_a_breach_is_seen(copy: pathlib.Path, contract: str, file: str, line: str) -> None:
    path = copy / file
    if path.with_suffix("").is_dir():
        path = path.with_suffix("") / "breach.py"
    before = path.read_bytes() if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((before or b"") + b"\n" + line.encode() + b"\n")
    try:
        result = lint(copy, contract)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
    assert path.stem in result.stdout


def test_every_contract_is_broken_once() -> None:
    assert {contract["id"] for contract in CONTRACTS["contracts"]} == {contract for contract, _, _ in BREACHES}
