"""What every test may ask for: the real documents, seeded trials, a browser; and what the summary says about skips."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tools import tasks

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = ("trace_core", "hw_adapters", "plant_models", "twin", "scenarios", "testbed")

# A timing is never a test: no profile has a deadline. `make test` and CI use `ci`, so that a commit has one verdict.
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile(
    "soak", deadline=None, print_blob=True, max_examples=int(os.environ.get("TRACETWIN_SOAK_EXAMPLES", "2000"))
)
hypothesis.settings.load_profile(
    os.environ.get("TRACETWIN_HYPOTHESIS") or ("ci" if os.environ.get("CI") == "true" else "dev")
)


@pytest.fixture(scope="session")
def shared_data() -> pathlib.Path:
    """The folder of real documents: TRACETWIN_DATA, or ../shared/data of the project; skips where there is none."""
    declared = os.environ.get("TRACETWIN_DATA")
    folder = pathlib.Path(declared) if declared else ROOT.parent / "shared" / "data"
    if folder.is_dir():
        return folder.resolve()
    if declared:
        pytest.fail(f"TRACETWIN_DATA: expected a folder of shared data, got {declared!r}, which is none", pytrace=False)
    pytest.skip("no shared data here: set TRACETWIN_DATA to the folder that holds epcis/, gs1/, automotive/ ...")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, driven by Playwright; fails with the line that installs it, and never skips.

    Kept for a module, not for the session: while Playwright runs, no test of the same process can start an event loop.
    """
    from playwright.sync_api import sync_playwright

    executable = tasks.find_browser()
    if executable is None:
        pytest.fail(tasks.browser_advice(), pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(tasks.browser_flags()))
        yield chromium
        chromium.close()


@pytest.fixture
def trials(request: pytest.FixtureRequest) -> Callable[[int], Iterator[int]]:
    """Seeds of repeated trials: `for seed in trials(200)` gives 20 of them in `make test`, all 200 under `make soak`.

    A soak can be interrupted: seeds that passed are noted in .soak/ and left out the next time, as long as no code of
    ours changed; once all have passed the next soak begins anew. A seed has passed when the loop asks for the next one.
    """

    def seeds(full_count: int) -> Iterator[int]:
        if os.environ.get("TRACETWIN_SOAK") != "1":
            yield from range(0, full_count, 10)
            return
        note = ROOT / ".soak" / (hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16] + ".json")
        code = _fingerprint_of_our_code()
        noted = json.loads(note.read_text("utf-8")) if note.exists() else {}
        passed = noted.get("passed", 0) if noted.get("code") == code else 0
        note.parent.mkdir(exist_ok=True)
        for seed in range(passed, full_count):
            yield seed
            text = json.dumps({"test": request.node.nodeid, "code": code, "passed": seed + 1, "of": full_count})
            fresh = note.with_suffix(".new")
            fresh.write_text(text, "utf-8")
            fresh.replace(note)
        note.unlink(missing_ok=True)

    return seeds


def _fingerprint_of_our_code() -> str:
    digest = hashlib.sha256()
    for folder in (*ROOMS, "tests"):
        for path in sorted((ROOT / folder).rglob("*.*")):
            if path.suffix in {".py", ".yaml", ".html"}:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for a fixture with the fixture's marker, so that nobody can forget it."""
    for item in items:
        for name in {"shared_data", "trials"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(name)


def _skipped_for_lack_of_shared_data(terminal: Any) -> int:
    return sum("shared_data" in report.keywords for report in terminal.stats.get("skipped", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that was promised the shared data (TRACETWIN_DATA is set) and skipped a test of it."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal and os.environ.get("TRACETWIN_DATA") and _skipped_for_lack_of_shared_data(terminal):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many tests of the shared data did not run."""
    count = _skipped_for_lack_of_shared_data(terminalreporter)
    verdict = (
        "FAILED, as TRACETWIN_DATA is set" if os.environ.get("TRACETWIN_DATA") else "set TRACETWIN_DATA to run them"
    )
    terminalreporter.write_line(f"shared data: {count} tests skipped for lack of it{f' ({verdict})' if count else ''}")
