"""``python -m tests.docs.rewrite PAGE...``: runs the pages' commands and shows what they print now.

Only what no longer agrees is written anew, with ``...`` for today's times and durations: read the difference before
you commit it. Python blocks are left alone.
"""

from __future__ import annotations

import contextlib
import pathlib
import re
import sys
import tempfile

from tests.docs.pages import ROOT, Block, blocks_of, steps_of
from tests.docs.shell import Shell

_ELAPSED = re.compile(r'("(?:elapsed_ms|elapsed_s|trace_ms)": )[\d.]+')
_NOW = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def rewritten(page: pathlib.Path, folder: pathlib.Path) -> str:
    """The text of ``page`` with what its commands print now."""
    text = page.read_text("utf-8")
    lines, shell = text.splitlines(), Shell(folder)
    fresh: list[tuple[int, int, list[str]]] = []
    for block in blocks_of(text):
        if block.file:
            block.write(folder)
        elif block.language == "console":
            fresh.extend(_of_block(block, shell, lines))
    for begin, end, printed in reversed(fresh):
        lines[begin:end] = printed
    return "\n".join(lines) + "\n"


def _of_block(block: Block, shell: Shell, lines: list[str]) -> list[tuple[int, int, list[str]]]:
    """Line ranges of the page, from 0, and what to put there."""
    found = []
    for step in steps_of(block):
        printed = shell.run(step.command)
        if not shell.bindings.agree(step.shown, printed, is_varying=step.is_varying):
            begin = step.line
            while lines[begin - 1].endswith("\\"):
                begin += 1
            tidy = _NOW.sub("...", _ELAPSED.sub(r"\1...", shell.bindings.named(printed)))
            found.append((begin, begin + len(step.shown), [one.rstrip() for one in tidy.splitlines() if one.strip()]))
    return found


def main(pages: list[str]) -> None:
    """Rewrite the pages named, paths from the project's root."""
    for name in pages:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            text = rewritten(ROOT / name, pathlib.Path(folder))
        (ROOT / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
