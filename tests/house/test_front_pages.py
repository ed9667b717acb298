"""Importing one room does not load the others, and the command line answers `--help` without the heavy libraries."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FRONT_PAGES = ("trace_core", "hw_adapters", "plant_models", "twin", "scenarios", "testbed")
EXAMINED = ("api", "control", "core", "exchange", "genealogy", "localise", "log", "monitor", "scope", "testing")
HEAVY = ("apsw", "biip", "jinja2", "lxml", "msgspec", "networkx", "numpy", "pandas", "pydantic", "simpy")
LOADED = "; import sys; print(' '.join(sys.modules))"
TOUCH_ALL = "import {0}; [getattr({0}, name) for name in getattr({0}, '__all__', ())]"


def rooms_of_the_ground(modules: str) -> set[str]:
    return set(re.findall(r"\btrace_core\.(\w+)", modules))


@pytest.mark.parametrize("page", FRONT_PAGES)
def test_a_front_page_loads_no_library_and_no_other_floor(fresh_python: Callable[[str], str], page: str) -> None:
    modules = {name.split(".")[0] for name in fresh_python(f"import {page}{LOADED}").split()}
    assert page in modules
    assert modules & {*HEAVY, "rich", "typer"} == set()
    assert modules & set(FRONT_PAGES) == {page}


@pytest.mark.parametrize("page", [page for page in FRONT_PAGES if page != "testbed"])  # testbed is for the command line
def test_a_front_page_gives_every_name_it_promises(fresh_python: Callable[[str], str], page: str) -> None:
    count = fresh_python(TOUCH_ALL.format(page) + f"; print(len(set({page}.__all__)), len({page}.__all__))").split()
    assert int(count[0]) == int(count[1]) > 0


def test_the_front_page_of_the_ground_loads_no_room(fresh_python: Callable[[str], str]) -> None:
    assert rooms_of_the_ground(fresh_python(f"import trace_core{LOADED}")) == set()


def test_twin_loads_nothing_of_what_it_examines_even_when_every_name_is_used(
    fresh_python: Callable[[str], str],
) -> None:
    walk = "import importlib, pkgutil, twin; names = [m.name for m in pkgutil.walk_packages(twin.__path__, 'twin.')]"
    every_module = f"{walk}; [importlib.import_module(name) for name in names]"
    loaded = rooms_of_the_ground(fresh_python(f"{every_module}; {TOUCH_ALL.format('twin')}{LOADED}"))
    assert loaded & set(EXAMINED) == set()


def test_scenarios_open_the_truth_through_the_score_alone(fresh_python: Callable[[str], str]) -> None:
    # The import contract sees `import twin.truth`; this is the other door, `from twin import ...` by the front page.
    for path in sorted((ROOT / "scenarios").rglob("*.py")):
        if path.relative_to(ROOT / "scenarios").parts[0] not in {"score.py", "score"}:
            for line in re.findall(r"from twin import (\([^)]*\)|[^\n]*)", path.read_text("utf-8")):
                names = re.findall(r"\w+", line)
                homes = fresh_python(
                    f"import twin; print([getattr(twin, n).__module__ for n in {names} if hasattr(twin, n)])"
                )
                assert "twin.truth" not in homes, f"{path.name} opens the truth: {line}"


def ask_for_help(fresh_python: Callable[[str], str], then: str) -> str:
    call = "import sys; from testbed.cli import main\nsys.argv = ['tracetwin', '--help']\n"
    leave = "try: main()\nexcept SystemExit: pass\n"
    return fresh_python(call + leave + then)


def test_help_loads_no_heavy_library(fresh_python: Callable[[str], str]) -> None:
    modules = ask_for_help(fresh_python, "print('#', *sys.modules)").rpartition("#")[2]
    assert {name.split(".")[0] for name in modules.split()} & set(HEAVY) == set()


def test_every_command_stands_in_the_readme(fresh_python: Callable[[str], str]) -> None:
    shown = ask_for_help(fresh_python, "")
    commands = re.findall(r"^[│ ]{1,4}([a-z][a-z-]*)(?:\s{2,}|\s*│?$)", shown, flags=re.MULTILINE)
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {"drill", "ingest", "trace", "recall"} <= set(commands), shown
    assert [name for name in commands if f"tracetwin {name}" not in readme] == []
