"""What a reader of any file may count on: no trace of a machine, short functions, honest names."""

from __future__ import annotations

import ast
import pathlib
import re
from collections.abc import Iterator

import pytest

from tools import tasks

ROOMS = ("trace_core/", "hw_adapters/", "plant_models/", "twin/", "scenarios/", "testbed/")
LONGEST_FUNCTION = 70  # STYLE: nine in ten are under 35 lines, none is above this
NAMELESS = {"manager", "managers", "helper", "helpers", "util", "utils", "common", "base", "data", "info", "misc"}


@pytest.fixture(scope="session")
def trees(project_texts: dict[str, str]) -> dict[str, ast.Module]:
    """Every module of the rooms and the tools, parsed."""
    ours = {name: text for name, text in project_texts.items() if name.startswith((*ROOMS, "tools/"))}
    return {name: ast.parse(text) for name, text in ours.items() if name.endswith(".py")}


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_no_file_names_a_folder_of_somebodys_machine(project_texts: dict[str, str]) -> None:
    homes = re.compile(
        "(?<![A-Za-z0-9._~-])/(" + "|".join(("work", "home", "root", "Users", "opt")) + r")/[\w.-]|C:\\+Users"
    )
    found = {name: match[0] for name, text in project_texts.items() if (match := homes.search(text))}
    assert found == {}


def test_no_function_is_longer_than_a_page(trees: dict[str, ast.Module]) -> None:
    lengths = {
        f"{name}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for name, tree in trees.items()
        for node in functions_of(tree)
    }
    assert len(lengths) > 30
    assert {place: length for place, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_nine_functions_in_ten_are_under_35_lines(trees: dict[str, ast.Module]) -> None:
    lengths = sorted((node.end_lineno or 0) - node.lineno + 1 for tree in trees.values() for node in functions_of(tree))
    assert lengths[len(lengths) * 9 // 10] < 35


def test_no_module_has_a_name_that_says_nothing(trees: dict[str, ast.Module]) -> None:
    assert [name for name in trees if set(pathlib.PurePosixPath(name).stem.split("_")) & NAMELESS] == []


def test_every_module_postpones_its_annotations(trees: dict[str, ast.Module]) -> None:
    def postpones(tree: ast.Module) -> bool:
        return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)

    assert [name for name, tree in trees.items() if len(tree.body) > 1 and not postpones(tree)] == []


def test_a_browser_draws_a_page(browser: object) -> None:
    from playwright.sync_api import Browser

    assert isinstance(browser, Browser)
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_content("<h1>批次 4711</h1>")
    assert page.inner_text("h1") == "批次 4711"
    assert page.evaluate("window.innerWidth") == 390
    page.close()


def test_the_browser_of_the_tests_is_found_by_set_up() -> None:
    assert tasks.find_browser() is not None, tasks.browser_advice()
