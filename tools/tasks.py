#!/usr/bin/env python3
"""Every chore of this project as one command, with nothing but the standard library: `python3 tools/tasks.py help`.

The Makefile calls this script, so Windows and macOS have the same commands without make. Set-up happens by itself, in
layers: `drill` needs the run-time packages, `test` adds the tests' and a browser, `check` adds the linters. Each layer
is a hash-pinned lock in requirements/; .venv/tracetwin-setup.json notes which locks are installed, so that a second run
skips set-up within milliseconds.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = ROOT / "requirements"
NOTE = VENV / "tracetwin-setup.json"
PEERS = VENV / "peers"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
EXE = ".exe" if WINDOWS else ""
VENV_PYTHON = BIN / f"python{EXE}"
UV = BIN / f"uv{EXE}"
PYTHON: str = getattr(sys, "_base_executable", sys.executable)  # the system's, even when .venv's own runs this script
OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (22, 3)  # the first with `pip --python`, which fills a venv that holds no pip of its own
CACHES = (".hypothesis", ".import_linter_cache", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".soak")


class Stop(Exception):
    """Cannot go on; the message says what is missing and the exact line that gives it. `status` is the exit code."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


def say(line: str) -> None:
    """Print a line of progress to stderr, so that stdout belongs to the command that runs."""
    print(line, file=sys.stderr, flush=True)


Word = str | pathlib.Path


def run(*command: Word, **changes: Any) -> int:
    """Run a command in the project's folder and give its exit code."""
    return subprocess.run(command, cwd=ROOT, check=False, **changes).returncode


def output_of(*command: Word) -> str | None:
    """Give what a command prints, or None where it cannot run or fails."""
    try:
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


# Set-up


def house() -> dict[str, str]:
    """Give what a virtual environment depends on besides its packages: where it stands, and on which interpreter."""
    interpreter = VENV_PYTHON.resolve()
    config = VENV / "pyvenv.cfg"
    return {
        "root": str(ROOT),
        "interpreter": str(interpreter) if interpreter.exists() else "",
        "config": config.read_text("utf-8") if config.exists() else "",
    }


def fingerprint(layer: str) -> str:
    """Give the hash of all that decides what a layer installs."""
    digest = hashlib.sha256((LOCKS / f"{layer}.txt").read_bytes())
    if layer == "run":
        digest.update((ROOT / "pyproject.toml").read_bytes())
    return digest.hexdigest()


def read_note() -> dict[str, Any]:
    """Give the note of the last set-up; empty where there is none, or where an interruption left half of one."""
    try:
        note = json.loads(NOTE.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def write_note(layers: dict[str, str], under_way: str | None) -> None:
    """Write the note in one step: a reader sees the old one or the new one, never a half."""
    fresh = NOTE.with_suffix(".new")
    fresh.write_text(json.dumps({"house": house(), "layers": layers, "under_way": under_way}, indent=1), "utf-8")
    fresh.replace(NOTE)


def is_sound(note: dict[str, Any]) -> bool:
    """Tell whether the virtual environment is ours, whole, in its place, and on an interpreter that is still there."""
    here = house()
    is_whole = isinstance(note.get("layers"), dict) and note.get("under_way") is None
    return is_whole and bool(here["interpreter"]) and note.get("house") == here


def missing_layers(note: dict[str, Any], wanted: Sequence[str]) -> list[str]:
    """Give the wanted layers whose lock is not the installed one."""
    if not is_sound(note):
        return list(wanted)
    return [layer for layer in wanted if note["layers"].get(layer) != fingerprint(layer)]


def set_up(*wanted: str) -> None:
    """Bring the wanted layers into .venv; does nothing, within milliseconds, where they are there already.

    A set-up that was killed is started over from an empty .venv; one that failed (no network) leaves the layers before
    it usable.
    """
    if not missing_layers(read_note(), wanted):
        return
    with one_at_a_time():
        note = read_note()
        if not is_sound(note):
            create_venv()
            note = {"layers": {}}
        installed: dict[str, str] = note["layers"]
        started = time.monotonic()
        for layer in missing_layers(read_note(), wanted):
            write_note(installed, under_way=layer)
            try:
                install_layer(layer)
                installed[layer] = fingerprint(layer)
            except Stop:
                write_note(installed, under_way=None)
                raise
            write_note(installed, under_way=None)
        say(f"set-up: done in {time.monotonic() - started:.0f} s")


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the set-up lock; the system frees it even if we are killed."""
    with (ROOT / ".setup.lock").open("w", encoding="utf-8") as file:
        for attempt in range(36_000):
            try:
                if sys.platform == "win32":
                    import msvcrt

                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                else:
                    import fcntl

                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if attempt == 0:
                    say("set-up: another one is running; waiting for it")
                time.sleep(0.1)
        else:
            raise Stop("set-up: waited an hour for another set-up to end; end it, then try again", 1)
        yield


def create_venv() -> None:
    """Make an empty .venv without pip, because Debian's python3 cannot put one in (no python3-venv)."""
    if VENV.exists():
        say("set-up: making .venv anew (it was half made, moved, or its Python is gone)")
        shutil.rmtree(VENV)
    version = ".".join(map(str, sys.version_info[:3]))
    say(f"set-up: .venv on Python {version}")
    if run(PYTHON, "-m", "venv", "--without-pip", VENV, stdout=sys.stderr) != 0:
        raise Stop(f"set-up: {PYTHON} -m venv --without-pip .venv failed; see above", 1)
    write_note({}, under_way=None)


def install_layer(layer: str) -> None:
    """Install one lock, and with the run-time layer this project itself, editable."""
    lock = LOCKS / f"{layer}.txt"
    pins = sum("==" in line for line in lock.read_text("utf-8").splitlines())
    say(f"set-up: {layer} packages ({pins} pinned by hash in requirements/{layer}.txt)")
    install = choose_installer()
    # Peers stand apart: what they bring (one has a package named `tests`) must not be found by anything else.
    apart = ("--target", str(PEERS)) if layer == "bench" else ()
    install(*apart, "--require-hashes", "-r", str(lock))
    if layer == "run":
        install("--no-build-isolation", "--no-deps", "--editable", str(ROOT))


def choose_installer() -> Callable[..., None]:
    """Give the quicker installer that fits: uv, itself pinned by hash; or pip, where pip was told of another index."""
    pip = find_pip()
    told = pip_settings(pip)
    if {"index-url", "no-index", "proxy"} & set(told) or not bring_uv(pip):
        return functools.partial(install_by_pip, pip)

    uv_install: tuple[Word, ...] = (UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", VENV_PYTHON)

    def by_uv_or_pip(*arguments: str) -> None:
        if run(*uv_install, *arguments, env=environment_for_uv(told), stdout=sys.stderr) != 0:
            say("set-up: uv could not; trying with pip")
            install_by_pip(pip, *arguments)

    return by_uv_or_pip


def install_by_pip(pip: Sequence[str], *arguments: str) -> None:
    """Install into .venv by pip."""
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    if run(*pip, "install", *quiet, *arguments, stdout=sys.stderr) != 0:
        raise Stop(f"set-up: pip could not install {' '.join(arguments)}; see above", 1)


def bring_uv(pip: Sequence[str]) -> bool:
    """Tell whether uv is in .venv, after an attempt to put it there."""
    if not UV.exists():
        try:
            install_by_pip(pip, "--only-binary", ":all:", "--require-hashes", "-r", str(LOCKS / "installer.txt"))
        except Stop:
            say("set-up: no uv for this machine; going on with pip alone")
    return UV.exists()


def find_pip() -> list[str]:
    """Give the command of a pip that fills .venv from outside, or of the one that Python's ensurepip puts in."""
    for python in dict.fromkeys((sys.executable, PYTHON)):
        found = re.match(r"pip (\d+)\.(\d+)", output_of(python, "-m", "pip", "--version") or "")
        if found and (int(found[1]), int(found[2])) >= OLDEST_PIP:
            return [python, "-m", "pip", "--python", str(VENV_PYTHON)]
    if output_of(VENV_PYTHON, "-m", "ensurepip") is not None:
        return [str(VENV_PYTHON), "-m", "pip"]
    oldest = ".".join(map(str, OLDEST_PIP))
    raise Stop(f"set-up: {PYTHON} has no pip >= {oldest}; on Debian: apt-get install --yes python3-pip")


def pip_settings(pip: Sequence[str]) -> dict[str, str]:
    """Give what pip was told in files and in the environment: its setting's name to its value."""
    lines = (output_of(*pip, "config", "list") or "").splitlines()
    found = (re.fullmatch(r"[^.]*\.([\w-]+)='(.*)'", line.strip()) for line in lines)
    return {match[1]: match[2] for match in found if match}


def environment_for_uv(told: dict[str, str]) -> dict[str, str]:
    """Give the environment in which uv meets the index and certificates that pip does; nothing of it enters a file."""
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    environment.setdefault("UV_PYTHON_DOWNLOADS", "never")
    environment.setdefault("UV_SYSTEM_CERTS", "true")  # an own authority of the network, as pip on Debian knows it
    if "index-url" in told:
        environment.setdefault("UV_DEFAULT_INDEX", told["index-url"])
    if "cert" in told:
        environment.setdefault("SSL_CERT_FILE", told["cert"])
    return environment


_RESOLVE_FOR_ALL = (
    "--universal",
    "--fork-strategy",
    "fewest",
    "--python-version",
    "3.11",
)  # all systems, 3.11 and later
_WITHOUT_ADDRESSES = ("--generate-hashes", "--no-header", "--no-annotate")
_LOCK_SOURCES = {
    "installer": ("-",),
    "run": ("pyproject.toml", "--group", "build"),
    "test": ("--group", "pyproject.toml:test", "-c", "requirements/run.txt"),
    "dev": ("--group", "pyproject.toml:dev", "-c", "requirements/run.txt", "-c", "requirements/test.txt"),
    "bench": ("--group", "pyproject.toml:bench", "-c", "requirements/run.txt", "-c", "requirements/test.txt"),
}


def lock(*arguments: str) -> int:
    """Resolve requirements/*.txt anew from pyproject.toml (keeps the pins that still fit; --upgrade lifts them)."""
    if not is_sound(read_note()):
        set_up("run")
    pip = find_pip()
    if not bring_uv(pip):
        raise Stop("lock: needs uv; see above", 1)
    for layer, source in _LOCK_SOURCES.items():
        target = LOCKS / f"{layer}.txt"
        done = subprocess.run(
            (
                UV,
                "pip",
                "compile",
                "--quiet",
                *_RESOLVE_FOR_ALL,
                *_WITHOUT_ADDRESSES,
                *arguments,
                *source,
                "-o",
                target,
            ),
            cwd=ROOT,
            env=environment_for_uv(pip_settings(pip)),
            input="uv\n",  # what "-" reads
            text=True,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode != 0:
            raise Stop(f"lock: uv could not resolve {target.relative_to(ROOT)}; see above", 1)
        say(f"lock: {target.relative_to(ROOT)}")
    return 0


# The browser of the tests

_BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "microsoft-edge")
_BROWSER_PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
)
_APT = ("apt-get", "install", "--yes", "--no-install-recommends")


def find_browser() -> str | None:
    """Give the path of a Chromium, Chrome or Edge: what TRACETWIN_BROWSER names, or the first of the usual places."""
    named = os.environ.get("TRACETWIN_BROWSER")
    if named:
        return named if pathlib.Path(named).exists() else None
    on_path = (shutil.which(name) for name in _BROWSER_NAMES)
    in_place = (place for place in _BROWSER_PLACES if pathlib.Path(place).exists())
    return next((path for path in (*on_path, *in_place) if path), None)


def browser_flags() -> tuple[str, ...]:
    """Give the flags under which Chromium runs headless, offline and repeatable, as root too."""
    flags = (
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    )
    as_root = not WINDOWS and os.geteuid() == 0
    return (*flags, "--no-sandbox") if as_root else flags


def browser_advice(missing: Sequence[str] = ("chromium",)) -> str:
    """Give the exact line that puts onto this machine what the browser tests lack."""
    named = os.environ.get("TRACETWIN_BROWSER")
    if named and not pathlib.Path(named).exists():
        return f"TRACETWIN_BROWSER: expected the path of a Chromium, Chrome or Edge, got {named!r}, which is none"
    line = {
        "darwin": "brew install --cask google-chrome",
        "win32": "winget install --exact --id Google.Chrome",
    }.get(sys.platform, " ".join(("sudo", *_APT, *missing)))
    return f"the tests of pages and reports need a browser. Run:\n    {line}\nor name one in TRACETWIN_BROWSER"


def set_up_browser() -> None:
    """See to it that Playwright's driver and a browser run: install what is missing on Debian, else say the line."""
    missing = missing_for_browser()
    if not missing:
        return
    as_root = apt_prefix()
    if as_root is None or os.environ.get("TRACETWIN_BROWSER"):
        raise Stop(browser_advice(missing))
    say(f"set-up: Debian packages {' '.join(missing)}, about a minute")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (("apt-get", "update"), (*_APT, *missing)):
        options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        done = subprocess.run((*as_root, *step), check=False, text=True, env=environment, **options)
        if done.returncode != 0:
            say(f"{' '.join(step)}: {done.stdout[-2000:]}")  # the end says what went wrong
    still = missing_for_browser()
    if still:
        raise Stop("set-up: apt-get could not; see above\n" + browser_advice(still))


def missing_for_browser() -> list[str]:
    """Give the Debian packages that the browser tests lack here."""
    driver = () if driver_runs() else ("libatomic1",)
    return [*driver, *(() if find_browser() else ("chromium",))]


def driver_runs() -> bool:
    """Tell whether Playwright's own node starts: on a bare Debian it lacks libatomic1."""
    return output_of(VENV_PYTHON, "-m", "playwright", "--version") is not None


def apt_prefix() -> tuple[str, ...] | None:
    """Give what to write before apt-get to be root: nothing, or sudo; None where neither is possible."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ()
    return ("sudo", "--non-interactive") if output_of("sudo", "--non-interactive", "true") is not None else None


# The chores


def tracetwin(*arguments: str) -> int:
    """Run the project's own command."""
    return run(BIN / f"tracetwin{EXE}", *arguments)


def drill(*arguments: str) -> int:
    """Set up, run the main recall drill, print its score card, say where the report lies."""
    set_up("run")
    return tracetwin("drill", "yoghurt-contaminated-fruit", "--seed", "1", *arguments)


def serve(*arguments: str) -> int:
    """Set up, then serve the API and the page (arguments of `tracetwin serve`)."""
    set_up("run")
    return tracetwin("serve", *arguments)


def test(*arguments: str) -> int:
    """Set up what the tests need, browser included, and run them all (arguments of pytest)."""
    set_up("run", "test")
    set_up_browser()
    status = pytest("ci", *arguments)
    if status == 5:  # pytest: no tests collected
        say("test: expected at least one test, found none; look at the selection and at tests/")
    return status


def soak(*arguments: str) -> int:
    """Run the full counts of kills, streams and worlds; go on where the last soak was interrupted."""
    set_up("run", "test")
    set_up_browser()
    status = pytest("soak", "-m", "soak or trials or hypothesis", *arguments)
    return 0 if status == 5 else status  # a selection without anything to soak is no failure


def pytest(profile: str, *arguments: str) -> int:
    """Run pytest on all cores, one test file staying on one core, so that its costly fixtures are made once."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parallel = ("-n", str(min(cores, 8)), "--dist", "loadfile") if cores > 1 else ()
    environment = {"TRACETWIN_HYPOTHESIS": profile, **os.environ, "TRACETWIN_SOAK": "1" if profile == "soak" else "0"}
    return run(VENV_PYTHON, "-m", "pytest", *parallel, *arguments, env=environment)


def check() -> int:
    """Lint, format, types, and the floors and walls as import contracts."""
    set_up("run", "test", "dev")
    chores = {
        "ruff check": (BIN / f"ruff{EXE}", "check", "--quiet", "--output-format", "concise"),
        "ruff format --check": (BIN / f"ruff{EXE}", "format", "--check", "--quiet"),
        "mypy --strict": (BIN / f"mypy{EXE}", "--no-error-summary"),
        "import contracts": (BIN / f"lint-imports{EXE}", "--no-cache"),
    }
    failed = []
    for name, command in chores.items():
        started = time.monotonic()
        status = run(*command, stdout=sys.stderr)
        say(f"check: {name}: {'kept' if status == 0 else 'BROKEN'} ({time.monotonic() - started:.1f} s)")
        if status != 0:
            failed.append(name)
    return 1 if failed else 0


def bench(*arguments: str) -> int:
    """Run every file of benchmarks/ and write benchmarks/results.json (ARGS=--large: the sizes the claims name).

    A benchmark is a script that prints its rows, a JSON list, on stdout and its progress on stderr. A peer that cannot
    be installed is one that its rows say is not there.
    """
    set_up("run", "test")
    try:
        set_up("bench")
    except Stop as stop:
        say(f"bench: going on without peers: {stop}")
    folder = ROOT / "benchmarks"
    scripts = [path for path in sorted(folder.glob("*.py")) if not path.name.startswith("_")]
    if not scripts:
        say("bench: there is no benchmark yet")
        return 0
    commit = output_of("git", "rev-parse", "HEAD")
    if output_of("git", "status", "--porcelain", "--untracked-files=no"):
        commit = f"{commit}+"  # measured on uncommitted changes
    rows: list[dict[str, Any]] = []
    failed = []
    for script in scripts:
        say(f"bench: {script.name}")
        command: tuple[Word, ...] = (VENV_PYTHON, "-m", f"{folder.name}.{script.stem}", *arguments)
        done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
        try:
            if done.returncode != 0:
                raise ValueError(f"exit code {done.returncode}")
            rows += [{**row, "commit": commit} for row in json.loads(done.stdout)]
        except (ValueError, TypeError) as fault:
            say(f"bench: {script.name}: expected a JSON list of rows on stdout, got {fault}")
            failed.append(script.name)
    results = folder / "results.json"
    results.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for row in rows:
        beside = "" if row.get("ratio") is None else f", {row['ratio']} x {row.get('peer')}"
        say(f"  {row.get('name')}: {row.get('value')} {row.get('unit')}{beside}")
    say(f"bench: {len(rows)} rows in {results.relative_to(ROOT)}")
    return 1 if failed else 0


def clean() -> int:
    """Remove what set-up and the tools made (.venv, caches); stores and drills stay."""
    for folder in (VENV, *(ROOT / name for name in CACHES)):
        shutil.rmtree(folder, ignore_errors=True)
    for cache in list(ROOT.rglob("__pycache__")):
        shutil.rmtree(cache, ignore_errors=True)
    (ROOT / ".setup.lock").unlink(missing_ok=True)
    return 0


def show_help() -> int:
    """Print this list."""
    print("python3 tools/tasks.py COMMAND [ARGUMENTS], or make COMMAND [ARGS=...]:")
    for name, chore in CHORES.items():
        print(f"  {name:<7} {(chore.call.__doc__ or '').splitlines()[0]}")
    return 0


class Chore(NamedTuple):
    """A command of this script: what it calls, and whether it passes arguments on."""

    call: Callable[..., int]
    takes_arguments: bool


CHORES = {
    "drill": Chore(drill, True),
    "test": Chore(test, True),
    "check": Chore(check, False),
    "soak": Chore(soak, True),
    "bench": Chore(bench, True),
    "serve": Chore(serve, True),
    "lock": Chore(lock, True),
    "clean": Chore(clean, False),
    "help": Chore(show_help, False),
}


def main(arguments: Sequence[str]) -> int:
    """Run the chore that the arguments name and give its exit code: 2 = bad use, 130 = Ctrl-C."""
    name, *rest = arguments or ("help",)
    chore = CHORES.get(name.lstrip("-"))
    if chore is None or (rest and not chore.takes_arguments):
        say(f"tasks: expected one of {', '.join(CHORES)}, got {' '.join(arguments)!r}")
        return 2
    if sys.version_info < OLDEST_PYTHON:
        say(f"tasks: expected Python 3.11 or newer, got {sys.version.split()[0]} ({sys.executable})")
        say(f"try: make {name} PYTHON=python3.11")
        return 2
    try:
        return chore.call(*rest)
    except Stop as stop:
        say(str(stop))
        return stop.status
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
