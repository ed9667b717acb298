"""A drill's folder appears whole or not at all, and takes nothing away that it did not make."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.folder import CARD, Write, check_folder, write_folder
from trace_core.errors import BadInput


def text(content: str) -> Write:
    return lambda path: path.write_text(content, "utf-8")


def drill(content: str) -> dict[str, Write]:
    return {CARD: text(json.dumps({"schema": "tracetwin/scorecard/1"})), "report.html": text(content)}


def names(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))


def test_a_new_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    write_folder(tmp_path / "a" / "b", drill("x"))
    assert names(tmp_path) == ["a", "a/b", "a/b/report.html", f"a/b/{CARD}"]


def test_an_earlier_drill_is_replaced_and_what_others_put_there_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    write_folder(folder, {**drill("old"), "picture.svg": text("old")})
    (folder / "my-notes.txt").write_text("mine")
    (folder / "theirs").mkdir()
    (folder / "theirs" / "answer.csv").write_text("id")
    write_folder(folder, drill("new"))
    assert (folder / "report.html").read_text() == "new"
    assert (folder / "my-notes.txt").read_text() == "mine"
    assert (folder / "theirs" / "answer.csv").read_text() == "id"
    assert names(tmp_path)[0] == "d"
    assert not [one for one in tmp_path.iterdir() if one.name != "d"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    write_folder(tmp_path, drill("x")) if not any(tmp_path.iterdir()) else None
    assert (tmp_path / "report.html").read_text() == "x"


@pytest.mark.parametrize("card", [None, "no json", "[]", '{"schema": "somebody/else"}'])
def test_a_folder_that_no_drill_made_is_refused_and_left_as_it_is(tmp_path: Path, card: str | None) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    if card is not None:
        (tmp_path / CARD).write_text(card)
    with pytest.raises(BadInput, match=r"an earlier drill.*choose another --out"):
        write_folder(tmp_path, drill("x"))
    assert not (tmp_path / "report.html").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("a file")
    with pytest.raises(BadInput, match="expected a folder"):
        write_folder(tmp_path / "d", drill("x"))


def test_a_drill_that_fails_half_way_leaves_the_earlier_one(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise KeyboardInterrupt

    folder = tmp_path / "d"
    write_folder(folder, drill("old"))
    with pytest.raises(KeyboardInterrupt):
        write_folder(folder, {"report.html": text("new"), "truth.npz": fail})
    assert (folder / "report.html").read_text() == "old"
    assert names(tmp_path) == ["d", "d/report.html", f"d/{CARD}"]


def test_a_place_where_nothing_can_be_written_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="a folder that can be written"):
        write_folder(tmp_path / "file" / "d", drill("x"))


def killed_between_the_renames(folder: Path) -> None:
    """A process of its own, killed when the earlier folder is out of the way and the new one not yet in its place."""
    program = """
import os, pathlib, signal, sys
from scenarios.folder import CARD, write_folder
rename = pathlib.Path.rename
def rename_and_die(path, target):
    rename(path, target)
    os.kill(os.getpid(), signal.SIGKILL)
pathlib.Path.rename = rename_and_die
write_folder(pathlib.Path(sys.argv[1]), {CARD: lambda path: path.write_text('{}')})
"""
    assert subprocess.run([sys.executable, "-c", program, str(folder)], check=False).returncode == -signal.SIGKILL


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_what_a_killed_drill_moved_aside_is_put_back_with_what_others_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    write_folder(folder, drill("old"))
    (folder / "my-notes.txt").write_text("mine")
    killed_between_the_renames(folder)
    assert not folder.exists()
    check_folder(folder)
    assert names(tmp_path) == ["d", "d/my-notes.txt", "d/report.html", f"d/{CARD}"]
    write_folder(folder, drill("new"))
    assert (folder / "report.html").read_text() == "new"
    assert (folder / "my-notes.txt").read_text() == "mine"


@pytest.mark.skipif(os.name != "posix", reason="process numbers as POSIX gives them")
def test_an_unfinished_folder_is_removed_once_its_process_is_gone_and_never_before(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for process in (gone.pid, os.getppid()):
        (tmp_path / f".d.{process}.new").mkdir()
    (tmp_path / f".d.{gone.pid}.new.mine").mkdir()
    write_folder(tmp_path / "d", drill("x"))
    assert not (tmp_path / f".d.{gone.pid}.new").exists()
    assert (tmp_path / f".d.{os.getppid()}.new").is_dir()
    assert (tmp_path / f".d.{gone.pid}.new.mine").is_dir()


def test_a_place_where_no_folder_can_be_made_is_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match=r"a folder that can be written.*which is a file.*choose another --out"):
        check_folder(tmp_path / "file" / "d" / "e")
