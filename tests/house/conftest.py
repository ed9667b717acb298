"""What the tests of the house look at: every file that belongs to the project, and a fresh interpreter."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def _listed_by_git() -> list[str] | None:
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.split("\0") if done.returncode == 0 and done.stdout else None


def _is_no_leftover(name: str) -> bool:
    parts = name.split("/")
    hidden = parts[0].startswith(".") and parts[0] not in {".ci", ".gitignore"}
    return not hidden and parts[0] != "drills" and "__pycache__" not in parts


@pytest.fixture(scope="session")
def project_texts() -> dict[str, str]:
    """Every text file of the project that is or would be committed: its path, with slashes, to its text."""
    walked = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*"))
    texts = {}
    for name in _listed_by_git() or filter(_is_no_leftover, walked):
        path = ROOT / name
        if path.is_file() and b"\0" not in path.read_bytes()[:8192]:
            texts[name] = path.read_text("utf-8", errors="replace")  # some samples are Latin-1 on purpose
    return texts


@pytest.fixture(scope="session")
def fresh_python() -> Callable[[str], str]:
    """Run a program in a fresh interpreter, in the project's folder, and give what it prints."""

    def run(program: str) -> str:
        environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "PYTHONPATH": ""}
        command = (sys.executable, "-W", "error", "-c", program)
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
