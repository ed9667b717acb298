"""The command line, in this process and as a process of its own, and stores to use it on."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.testbed.documents import document, event, made

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
Call = Callable[..., "Called"]


class Called:
    """What a command printed and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@pytest.fixture
def call(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs a command in this process, in an empty folder."""
    from testbed.cli import app

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Called:
        result = CliRunner().invoke(app, [str(one) for one in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Called(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def program(tmp_path: pathlib.Path) -> Callable[..., Called]:
    """Runs a command as a process of its own, in an empty folder."""

    def run(*arguments: object, **options: Any) -> Called:
        done = subprocess.run(command(arguments), cwd=tmp_path, capture_output=True, text=True, timeout=120, **options)
        return Called(done.returncode, done.stdout, done.stderr)

    return run


def command(arguments: Sequence[object]) -> list[str]:
    """The command line of a process that runs the program from this checkout, wherever it is started."""
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from testbed.cli import main; main()"
    return [sys.executable, "-c", start, *map(str, arguments)]


@pytest.fixture
def store(call: Call, tmp_path: pathlib.Path) -> pathlib.Path:
    """A store in which lot 1 was made into lot 2, lot 2 packed and shipped."""
    path = tmp_path / "events.jsonld"
    path.write_text(document(event(1), made(2, 1), *_packed_and_shipped()))
    assert call("ingest", path, "--store", tmp_path / "plant.db").code == 0
    return tmp_path / "plant.db"


def _packed_and_shipped() -> list[dict[str, Any]]:
    pallet = "https://id.gs1.org/00/340123450000000017"
    packed = event(8, type="AggregationEvent", action="ADD", bizStep="packing", parentID=pallet)
    packed["childQuantityList"] = packed.pop("quantityList")
    packed["childQuantityList"][0]["epcClass"] = event(2)["quantityList"][0]["epcClass"]
    shipped = event(9, bizStep="shipping", epcList=[pallet])
    del shipped["quantityList"]
    shipped["destinationList"] = [{"type": "possessing_party", "destination": "https://id.gs1.org/417/9521321000010"}]
    return [packed, shipped]
