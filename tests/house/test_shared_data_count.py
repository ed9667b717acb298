"""A run says how many tests the lack of shared data cost, and fails if it was promised the data and skipped one."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TESTS = """
import pytest
def test_reads(shared_data): assert (shared_data / "here").exists()
@pytest.mark.shared_data
def test_gives_up(): pytest.skip("part of the data is missing")
def test_trials(trials): assert list(trials(30)) == {expected}
"""


def run_in_a_small_project(
    folder: pathlib.Path, *options: str, expected: str = "[0, 10, 20]", **environment: str
) -> subprocess.CompletedProcess[str]:
    (folder / "tests").mkdir(parents=True)
    (folder / "tools").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "tests")
    shutil.copy(ROOT / "tools" / "tasks.py", folder / "tools")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests" / "test_small.py").write_text(TESTS.format(expected=expected), "utf-8")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TRACETWIN", "PYTEST"))}
    command = (sys.executable, "-m", "pytest", "tests", "-q", "-p", "no:cacheprovider", *options)
    return subprocess.run(command, cwd=folder, env=kept | environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_skips_for_lack_of_data_are_counted(tmp_path: pathlib.Path, options: tuple[str, ...]) -> None:
    result = run_in_a_small_project(tmp_path / "a" / "project", *options)
    assert "shared data: 2 tests skipped for lack of it (set TRACETWIN_DATA to run them)" in result.stdout
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_a_run_that_was_promised_the_data_fails_on_a_skip(tmp_path: pathlib.Path, options: tuple[str, ...]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "here").touch()
    result = run_in_a_small_project(tmp_path / "a" / "project", *options, TRACETWIN_DATA=str(tmp_path / "data"))
    assert "shared data: 1 tests skipped for lack of it (FAILED, as TRACETWIN_DATA is set)" in result.stdout
    assert "2 passed, 1 skipped" in result.stdout
    assert result.returncode == 1


def test_a_promised_folder_that_is_none_fails_the_tests_that_need_it(tmp_path: pathlib.Path) -> None:
    result = run_in_a_small_project(tmp_path / "a" / "project", TRACETWIN_DATA=str(tmp_path / "nowhere"))
    assert "TRACETWIN_DATA: expected a folder of shared data" in result.stdout
    assert result.returncode == 1


def test_the_data_beside_the_project_is_found_without_being_named(tmp_path: pathlib.Path) -> None:
    (tmp_path / "shared" / "data").mkdir(parents=True)
    (tmp_path / "shared" / "data" / "here").touch()
    result = run_in_a_small_project(tmp_path / "project")
    assert "2 passed, 1 skipped" in result.stdout
    assert result.returncode == 0


def test_a_soak_runs_every_trial_and_goes_on_where_it_was_interrupted(tmp_path: pathlib.Path) -> None:
    interrupted = run_in_a_small_project(
        tmp_path / "project", expected="0 / 0 or [seed for seed in []]", TRACETWIN_SOAK="1"
    )
    assert interrupted.returncode == 1
    stops_at_7 = "1\ndef test_stops(trials):\n    for seed in trials(30): assert seed < 7, f'stopped at {seed}'"
    project = tmp_path / "again"
    for _ in range(2):
        shutil.rmtree(project / "tests", ignore_errors=True)
        shutil.rmtree(project / "tools", ignore_errors=True)
        result = run_in_a_small_project(project, "-k", "stops", expected=stops_at_7, TRACETWIN_SOAK="1")
        assert "stopped at 7" in result.stdout
    note = next((project / ".soak").glob("*.json")).read_text("utf-8")
    assert '"passed": 7, "of": 30' in note
