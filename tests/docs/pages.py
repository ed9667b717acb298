"""A documentation page as blocks, and the little shell in which its examples run.

Fences of a page, by the first words behind the backticks:

- ``yaml file: sap.yaml`` (any language): the block is written to that file; ``encoding: gb18030`` may follow.
  ``yaml more of: sap.yaml``: the block is added to its end.
- ``console``: lines that begin with ``$`` are run; what follows is what they print. Commands are ``tracetwin ...``,
  ``echo $?`` (the exit code of the one before; 0 is expected where it is not asked), ``cat FILE`` and ``ls [DIR]``. A
  line that ends with a backslash goes on in the next. ``console varying``: numbers may differ, as they do when a plant
  that ships is changed.
- ``python``: a doctest.

Shown output is compared line by line without blank lines, however wide the columns are. ``...`` stands for any text,
on a line of its own for any lines. Ids and hashes that differ from run to run (``H-`` and ten digits, 64 hexadecimal
digits) stand for whatever was printed in their place, and mean the same in later commands of the page.
"""

from __future__ import annotations

import pathlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
_FENCE = re.compile(r"^```(?P<info>.*)$")
_NAMED = re.compile(r"\b(?:file|(?P<more>more of)):\s*(?P<file>\S+)(?:\s+encoding:\s*(?P<encoding>\S+))?")
_VARYING = re.compile(r"\b(?:H-[0-9A-F]{10}|[0-9a-f]{64})\b")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the file it makes (if any), its text, and the line its text begins on."""

    language: str
    text: str
    line: int
    file: str = ""
    encoding: str = "utf-8"
    is_varying: bool = False
    is_more: bool = False

    def write(self, folder: pathlib.Path) -> None:
        """Make the file it is, or add to it, in ``folder``."""
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if self.is_more else b""
        path.write_bytes(before + self.text.encode(self.encoding))


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a console block and what the page shows for it."""

    line: int
    command: str
    shown: tuple[str, ...]
    is_varying: bool = False


def blocks_of(text: str) -> Iterator[Block]:
    """The fenced blocks of a Markdown page, in order."""
    info: str | None = None
    begun, lines = 0, list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        fence = _FENCE.match(line)
        if fence and info is None:
            info, begun, lines = fence["info"].strip(), number + 1, []
        elif fence and info is not None:
            named = _NAMED.search(info)
            language = info.split()[0] if info else ""
            content = "".join(f"{one}\n" for one in lines)
            if named:
                yield Block(
                    language,
                    content,
                    begun,
                    named["file"],
                    named["encoding"] or "utf-8",
                    is_more=named["more"] is not None,
                )
            else:
                yield Block(language, content, begun, is_varying=info.split()[1:] == ["varying"])
            info = None
        elif info is not None:
            lines.append(line)
    assert info is None, f"line {begun - 1}: a fence that is never closed"


def steps_of(block: Block) -> list[Step]:
    """The commands of a console block."""
    steps: list[Step] = []
    command, begun, shown = "", 0, list[str]()
    goes_on = False
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        if goes_on:
            command += " " + line.strip().removesuffix("\\")
        elif line.startswith("$ "):
            if command:
                steps.append(Step(begun, command, tuple(shown), block.is_varying))
            command, begun, shown = line[2:].removesuffix("\\"), number, []
        else:
            assert command, f"line {number}: output before any command"
            shown.append(line)
        goes_on = line.endswith("\\") and (goes_on or line.startswith("$ "))
    if command:
        steps.append(Step(begun, command, tuple(shown), block.is_varying))
    return steps


@dataclass(slots=True)
class Bindings:
    """What the ids and hashes of a page stand for in this run."""

    meant: dict[str, str] = field(default_factory=dict)

    def in_command(self, command: str) -> list[str]:
        """The words of ``command``, with this run's ids in place of the page's."""
        return shlex.split(_VARYING.sub(lambda match: self.meant.get(match[0], match[0]), command))

    def agree(self, shown: tuple[str, ...], printed: str, *, is_varying: bool = False) -> bool:
        """Whether what the page shows is what was printed; remembers what its ids stand for."""
        names: list[str] = []
        parts = [self._part(line, names, is_varying) for line in map(_plain, shown) if line]
        lines = "".join(f"{line}\n" for line in map(_plain, printed.splitlines()) if line)
        match = re.fullmatch("".join(parts), lines)
        if match is None:
            return False
        self.meant.update(zip(names, match.groups(), strict=True))
        return True

    def named(self, printed: str) -> str:
        """What was printed, with the ids the page uses."""
        for name, meant in self.meant.items():
            printed = printed.replace(meant, name)
        return printed

    def _part(self, line: str, names: list[str], is_varying: bool) -> str:
        if line == "...":
            return r"(?:.*\n)*?"
        out, done = "", 0
        for varying in _VARYING.finditer(line):
            out += _wild(line[done : varying.start()], is_varying)
            known = self.meant.get(varying[0])
            if known is not None:
                out += re.escape(known)
            elif varying[0] in names:
                out += rf"\{names.index(varying[0]) + 1}"
            else:
                names.append(varying[0])
                out += "(" + ("H-[0-9A-F]{10}" if varying[0].startswith("H-") else "[0-9a-f]{64}") + ")"
            done = varying.end()
        return out + _wild(line[done:], is_varying) + r"\n"


def _wild(text: str, is_varying: bool) -> str:
    literal = ".*?".join(map(re.escape, text.split("...")))
    return re.sub(r"\d(?:[\d,]|\\\.\d)*", lambda _: r"\d[\d,.]*", literal) if is_varying else literal


def _plain(line: str) -> str:
    """A line without what only makes columns: runs of blanks and rules."""
    return re.sub("─+", "─", re.sub(r"\s+", " ", line)).strip()
