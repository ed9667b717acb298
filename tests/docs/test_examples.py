"""The documentation is executed: its files are made, its commands run, its Python is a doctest."""

from __future__ import annotations

import doctest
import pathlib

import pytest

from tests.docs.pages import ROOT, Bindings, Block, Step, blocks_of, steps_of
from tests.docs.shell import Shell

PAGES = sorted(one.relative_to(ROOT).as_posix() for one in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
WITH_EXAMPLES = [
    page
    for page in PAGES
    if any(one.language in {"console", "python"} for one in blocks_of((ROOT / page).read_text("utf-8")))
]


def run_page(blocks: list[Block], folder: pathlib.Path, name: str) -> list[str]:
    """Every fault of the page's examples, each with its line."""
    shell, faults, names = Shell(folder), list[str](), dict[str, object]()
    for block in blocks:
        if block.file:
            block.write(folder)
        elif block.language == "console":
            steps = steps_of(block)
            for step, following in zip(steps, [*steps[1:], None], strict=True):
                fault = shell.fault_of(step, following)
                if fault:
                    faults.append(f"{name}:{step.line}: {fault}")
        elif block.language == "python":
            faults.extend(_doctest(block, names, name))
    return faults


def _doctest(block: Block, names: dict[str, object], name: str) -> list[str]:
    told: list[str] = []
    test = doctest.DocTestParser().get_doctest(block.text, names, name, name, block.line - 1)
    assert test.examples, f"{name}:{block.line}: a python block without a >>> line is not checked by anything"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=told.append, clear_globs=False)
    names.update(test.globs)
    return told


@pytest.mark.parametrize("page", WITH_EXAMPLES)
def test_every_example_prints_what_the_page_shows(
    page: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    faults = run_page(list(blocks_of((ROOT / page).read_text("utf-8"))), tmp_path, page)
    assert not faults, "\n\n".join(faults)


def test_the_pages_with_examples_are_found() -> None:
    assert {"docs/commands.md", "docs/own-records.md", "docs/python.md"} <= set(WITH_EXAMPLES)


def test_an_example_that_is_not_true_is_found(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = "```console\n$ tracetwin --version\ntracetwin ...\n$ tracetwin verify --store none.db\n```\n"
    page += "```python\n>>> 1 + 1\n3\n```\n"
    faults = run_page(list(blocks_of(page)), tmp_path, "page.md")
    assert len(faults) == 2, faults
    assert faults[0].startswith("page.md:4: ")
    assert "line 7" in faults[1]


def test_an_id_means_the_same_all_over_a_page() -> None:
    bindings = Bindings()
    assert bindings.agree(("held under H-AAAAAAAAAA",), "held under H-0123456789\n")
    assert bindings.in_command("release H-AAAAAAAAAA") == ["release", "H-0123456789"]
    assert bindings.agree(("H-AAAAAAAAAA", "...", "end"), "H-0123456789\nmore\nand more\nend\n")
    assert not bindings.agree(("H-AAAAAAAAAA",), "H-9999999999\n")
    assert not bindings.agree(("lots  2",), "lots  3\n")


def test_a_file_may_be_shown_piece_by_piece(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = "```yaml file: a.yaml\none: 1\n```\n```yaml more of: a.yaml\ntwo: 2\n```\n"
    page += "```console\n$ cat a.yaml\none: 1\ntwo: 2\n```\n"
    assert run_page(list(blocks_of(page)), tmp_path, "page.md") == []


def test_a_long_command_goes_on_behind_a_backslash() -> None:
    block = Block("console", "$ tracetwin trace A \\\n    --store s.db\nfound\n$ echo $?\n0\n", 10)
    assert steps_of(block) == [
        Step(10, "tracetwin trace A  --store s.db", ("found",)),
        Step(13, "echo $?", ("0",)),
    ]
