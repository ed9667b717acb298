"""The chores: set-up notes what it did, heals what was interrupted, and make and Windows have the same commands."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

from tools import tasks

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def house(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A house in a temporary folder, with a true .venv, and with installers that only note what they were asked for."""
    asked: list[str] = []
    venv = tmp_path / ".venv"
    monkeypatch.setattr(tasks, "ROOT", tmp_path)
    monkeypatch.setattr(tasks, "VENV", venv)
    monkeypatch.setattr(tasks, "NOTE", venv / tasks.NOTE.name)
    monkeypatch.setattr(tasks, "VENV_PYTHON", venv / tasks.VENV_PYTHON.relative_to(tasks.BIN.parent))
    monkeypatch.setattr(tasks, "LOCKS", tmp_path)
    for name in ("run.txt", "test.txt", "pyproject.toml"):
        (tmp_path / name).write_text("a==1\n", "utf-8")
    monkeypatch.setattr(tasks, "install_layer", asked.append)
    return asked


def test_the_second_set_up_does_nothing(house: list[str]) -> None:
    tasks.set_up("run")
    tasks.set_up("run")
    assert house == ["run"]


def test_a_layer_is_added_to_those_before_it(house: list[str]) -> None:
    tasks.set_up("run")
    tasks.set_up("run", "test")
    assert house == ["run", "test"]


def test_a_changed_lock_is_installed_again_and_no_other(house: list[str]) -> None:
    tasks.set_up("run", "test")
    (tasks.LOCKS / "test.txt").write_text("a==2\n", "utf-8")
    tasks.set_up("run", "test")
    assert house == ["run", "test", "test"]


def test_a_changed_project_file_installs_the_run_time_layer_again(house: list[str]) -> None:
    tasks.set_up("run", "test")
    (tasks.ROOT / "pyproject.toml").write_text("changed", "utf-8")
    tasks.set_up("run", "test")
    assert house == ["run", "test", "run"]


def test_a_killed_set_up_is_started_over_from_an_empty_environment(
    house: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(layer: str) -> None:
        (tasks.VENV / "half-a-package").touch()
        raise KeyboardInterrupt  # like a kill, nothing after it is done

    monkeypatch.setattr(tasks, "install_layer", killed)
    with pytest.raises(KeyboardInterrupt):
        tasks.set_up("run")
    monkeypatch.setattr(tasks, "install_layer", house.append)
    tasks.set_up("run")
    assert house == ["run"]
    assert not (tasks.VENV / "half-a-package").exists()


def test_a_set_up_that_failed_leaves_the_layers_before_it_usable(
    house: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(layer: str) -> None:
        raise tasks.Stop("no network", 1)

    tasks.set_up("run")
    monkeypatch.setattr(tasks, "install_layer", fails)
    with pytest.raises(tasks.Stop, match="no network"):
        tasks.set_up("run", "test")
    tasks.set_up("run")
    assert house == ["run"]


@pytest.mark.parametrize("note", ["", "{", "[]", '{"house": {}}', '{"layers": {}}'])
def test_a_note_that_is_no_note_means_a_new_environment(house: list[str], note: str) -> None:
    tasks.set_up("run")
    tasks.NOTE.write_text(note, "utf-8")
    tasks.set_up("run")
    assert house == ["run", "run"]


def test_an_environment_that_was_moved_is_made_anew(house: list[str]) -> None:
    tasks.set_up("run")
    note = json.loads(tasks.NOTE.read_text("utf-8"))
    note["house"]["root"] = "elsewhere"
    tasks.NOTE.write_text(json.dumps(note), "utf-8")
    tasks.set_up("run")
    assert house == ["run", "run"]


def test_an_environment_whose_python_is_gone_is_made_anew(house: list[str]) -> None:
    tasks.set_up("run")
    tasks.VENV_PYTHON.unlink()
    tasks.set_up("run")
    assert house == ["run", "run"]
    assert tasks.VENV_PYTHON.exists()


def test_pip_is_used_where_pip_was_told_of_another_index(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = "global.index-url='an-index'\n:env:.cert='a file'\nglobal.extra-index-url='another'\nnot a setting"
    monkeypatch.setattr(tasks, "find_pip", lambda: ["pip"])
    monkeypatch.setattr(tasks, "output_of", lambda *command: listed)
    commands: list[tuple[str, ...]] = []

    def run(*command: str, **_: object) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr(tasks, "run", run)
    tasks.choose_installer()("-r", "a lock")
    assert [command[:2] for command in commands] == [("pip", "install")]
    told = tasks.pip_settings(["pip"])
    assert told == {"index-url": "an-index", "cert": "a file", "extra-index-url": "another"}
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    assert tasks.environment_for_uv(told)["UV_DEFAULT_INDEX"] == "an-index"
    assert tasks.environment_for_uv(told)["SSL_CERT_FILE"] == "a file"


def test_a_browser_that_is_named_and_is_none_is_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACETWIN_BROWSER", "no such file")
    assert tasks.find_browser() is None
    assert "'no such file'" in tasks.browser_advice()


def test_where_debian_cannot_be_asked_set_up_stops_with_the_exact_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "driver_runs", lambda: False)
    monkeypatch.setattr(tasks, "find_browser", lambda: None)
    monkeypatch.setattr(tasks, "apt_prefix", lambda: None)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(tasks.Stop, match="sudo apt-get install --yes --no-install-recommends libatomic1 chromium"):
        tasks.set_up_browser()


def test_make_and_the_script_have_the_same_commands() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)[0].split())
    ruled = {name for line in re.findall(r"^([a-z][a-z ]*):$", makefile, flags=re.MULTILINE) for name in line.split()}
    assert targets == ruled == set(tasks.CHORES)


def test_continuous_integration_runs_the_commands_of_a_user() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    loop = re.search(r"for target in (.*); do", script)
    assert loop
    assert loop[1].split() == ["drill", "check", "test"]
    assert set(loop[1].split()) <= set(tasks.CHORES)


@pytest.mark.parametrize("arguments", [["nonsense"], ["check", "unasked"]])
def test_bad_use_is_refused_with_the_commands_there_are(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasks.main(arguments) == 2
    assert "expected one of drill, test, check" in capsys.readouterr().err


def test_the_script_needs_nothing_but_the_standard_library() -> None:
    command = (sys.executable, "-I", "-S", str(ROOT / "tools" / "tasks.py"), "help")
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}).stdout
    assert all(f"  {name} " in shown for name in tasks.CHORES)
