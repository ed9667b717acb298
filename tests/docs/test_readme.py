"""The README's table of commands is true: each of them runs as it stands there, in that order, in one folder."""

from __future__ import annotations

import json
import pathlib
import re

import pytest

from tests.docs.pages import ROOT
from tests.docs.shell import Shell
from tests.testbed.documents import document, event, lot, made

COMMAND = re.compile(r"`(tracetwin [^`]+)`")


def commands_of_the_table() -> list[str]:
    rows = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith("|")]
    return [command for row in rows for command in COMMAND.findall(row)]


def sensible(command: str, held_under: str) -> str:
    """The command with a thing of this folder for each word that stands for one."""
    if command.startswith("tracetwin plants check"):
        command = command.replace("FILE", "mine.yaml")
    words = {
        "--until 5d": "--until 6h",
        "FILE...": "events.jsonld",
        "LOT": lot(1),
        "HOLD": held_under,
        "--who ... --why ...": "--who Li --why glass",
        "drills/.../truth.npz": "drills/yoghurt-contaminated-fruit-1/truth.npz",
    }
    for word, meant in words.items():
        command = command.replace(word, meant)
    assert "..." not in command, command
    assert re.search(r"\b[A-Z]{3,}\b", command) is None, command
    return command


def test_every_command_of_the_readme_runs(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from plant_models import shipped

    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.jsonld").write_text(document(event(1), made(2, 1)))
    (tmp_path / "mine.yaml").write_text(shipped("yoghurt"), "utf-8")
    (tmp_path / "theirs.csv").write_text("id\n")
    shell, held_under, ran = Shell(tmp_path), "", set[str]()
    for command in commands_of_the_table():
        typed = sensible(command, held_under)
        printed = shell.run(typed)
        assert shell.code == 0, f"{typed}\n{printed}"
        held_under = next(iter(re.findall(r"H-[0-9A-F]{10}", printed)), held_under)
        ran.add(typed.split()[1])
    assert {"drill", "run", "ingest", "trace", "recall", "hold", "release", "score", "export", "verify"} <= ran
    assert (tmp_path / "recall" / "report.html").exists()
    assert json.loads((tmp_path / "events.jsonld").read_text("utf-8"))["epcisBody"]["eventList"]
