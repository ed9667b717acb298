"""JSON documents with exact numbers, bounded depth, and the line of every event.

Numbers with a fraction are ``Decimal``. Strict reading takes what RFC 8259 is; lenient reading also takes ``//`` and
``/* */`` comments, control characters in texts, names given twice (the last counts) and NaN (as ``Decimal('NaN')``, for
the event's checks to refuse), and says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate
from typing import Any

from trace_core.errors import DocumentError, LimitExceeded
from trace_core.exchange.source_text import MAX_DEPTH, MAX_NUMBER_CHARACTERS, line_and_column, near, position
from trace_core.exchange.violations import Violation

_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_STRING_OR_COMMENT = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING_OR_NO_NUMBER = re.compile(rf"{_STRING}|-?Infinity|NaN", re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")
_NOT_BRACKETS = re.compile(r"[^\[\]{}]+")
_STEP = {"{": 1, "[": 1, "}": -1, "]": -1}
# The way to the events of an EPCIS document: objects on it are walked, everything else is decoded at once.
_ENVELOPE = frozenset({"epcisBody", "queryResults", "resultsBody"})
_LIST = "eventList"
_MENDINGS = 4  # two kinds of fault can be mended, each once in a text and once more behind the other
_END = "the end of the document"
_LONG_NUMBER = "a number of at most {limit} characters and as large an exponent (MAX_NUMBER_CHARACTERS)"


@dataclass(frozen=True, slots=True)
class Item:
    """One element of an event list: the value, its line, and the names that stood twice in it."""

    value: Any
    line: int
    doubled: tuple[str, ...] = ()


@dataclass(slots=True)
class JsonText:
    """A JSON text being read. ``notes`` are the deviations that lenient reading let pass."""

    text: str
    source: str
    lenient: bool
    notes: list[Violation] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    items_path: str = ""
    _doubled: list[str] = field(default_factory=list)
    _decoder: json.JSONDecoder = field(init=False)

    def __post_init__(self) -> None:
        self._use_decoder(strict=True)

    def read(self) -> Any:
        """The value of the text; of an EPCIS document the event list's elements go to ``items``, and None stands there.

        Raises DocumentError with line and column where it is no JSON, LimitExceeded where it is too deep.
        """
        self._check_depth()
        for _ in range(_MENDINGS):
            try:
                return self._whole()
            except _Faulty as fault:
                if not self.lenient or not self._mend(fault):
                    raise self._refused(fault) from None
            self.items.clear()
            self.items_path = ""
            self._doubled.clear()
        raise AssertionError("every mending takes its kind of fault away")

    def _use_decoder(self, *, strict: bool) -> None:
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._pairs,
            parse_float=_number,
            parse_int=_integer,
            parse_constant=self._no_number,
            strict=strict,
        )

    # ---- walking

    def _whole(self) -> Any:
        start = self._skip(0)
        value, end = self._envelope(start, "$") if self.text[start : start + 1] == "{" else self._decode(start)
        end = self._skip(end)
        if end != len(self.text):
            raise _Faulty(end, _END)
        if self._doubled:
            self._note_doubled("$", self._taken_doubled(), 0)
        return value

    def _envelope(self, start: int, path: str) -> tuple[dict[str, Any], int]:
        """The object at ``start``, walked key by key."""
        out: dict[str, Any] = {}
        at = self._skip(start + 1)
        if self._char(at) == "}":
            return out, at + 1
        while True:
            if self._char(at) != '"':
                raise _Faulty(at, "a name in double quotes")
            key, at = self._decode(at)
            key_end = at
            at = self._skip(at)
            if self._char(at) != ":":
                raise _Faulty(at, "':' behind a name")
            at = self._skip(at + 1)
            if key in out:
                self._note_doubled(path, (key,), key_end)
            out[key], at = self._member(key, at, f"{path}.{key}")
            if self._doubled:
                self._note_doubled(f"{path}.{key}", self._taken_doubled(), at)
            at = self._skip(at)
            mark = self._char(at)
            if mark == "}":
                return out, at + 1
            if mark != ",":
                raise _Faulty(at, "',' or '}'")
            at = self._skip(at + 1)

    def _member(self, key: str, at: int, path: str) -> tuple[Any, int]:
        if key in _ENVELOPE and self._char(at) == "{":
            return self._envelope(at, path)
        if key == _LIST and self._char(at) == "[" and self.items_path in {"", path}:
            self.items.clear()
            self.items_path = path
            return None, self._list(at)
        return self._decode(at)

    def _list(self, start: int) -> int:
        """Reads the elements of the list at ``start`` into ``items``; where it ends."""
        line, counted = position(self.text, start)[0], start
        at = self._skip(start + 1)
        if self._char(at) == "]":
            return at + 1
        while True:
            line += self.text.count("\n", counted, at)
            counted = at
            value, at = self._decode(at)
            self.items.append(Item(value, line, self._taken_doubled()))
            at = self._skip(at)
            mark = self._char(at)
            if mark == "]":
                return at + 1
            if mark != ",":
                raise _Faulty(at, "',' or ']'")
            at = self._skip(at + 1)

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def _char(self, at: int) -> str:
        return self.text[at : at + 1]

    def _decode(self, at: int) -> tuple[Any, int]:
        try:
            return self._decoder.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            raise _Faulty(error.pos, "JSON", error.msg) from error
        except StopIteration as error:
            raise _Faulty(at, "a JSON value") from error
        except _TooLong as error:
            raise LimitExceeded(
                _LONG_NUMBER.format(limit=MAX_NUMBER_CHARACTERS),
                f"{len(error.number)} characters",
                f"{self.source}: {line_and_column(self.text, max(0, self.text.find(error.number, at)))}",
            ) from None
        except _NoNumber as error:
            raise self._refused(_Faulty(self._find_no_number(at), "a number", error.word)) from None
        except RecursionError:
            raise self._too_deep() from None

    # ---- limits and deviations

    def _check_depth(self) -> None:
        """Refuses more than MAX_DEPTH levels; strings and brackets alone are looked at, so this is fast."""
        brackets = _NOT_BRACKETS.sub("", _STRING_OR_COMMENT.sub("", self.text))
        if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH:
            raise self._too_deep()

    def _too_deep(self) -> LimitExceeded:
        return LimitExceeded(f"at most {MAX_DEPTH} levels of nesting (MAX_DEPTH)", "more", self.source)

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(pairs)
        if len(out) != len(pairs):
            seen: set[str] = set()
            for name, _ in pairs:
                if name in seen:
                    self._doubled.append(name)
                seen.add(name)
        return out

    def _taken_doubled(self) -> tuple[str, ...]:
        taken = tuple(self._doubled)
        self._doubled.clear()
        return taken

    def _note_doubled(self, path: str, names: tuple[str, ...], at: int) -> None:
        if not self.lenient:
            raise DocumentError(
                "every name once in an object", names[0], f"{self.source}: {line_and_column(self.text, at)}"
            )
        for name in names:
            self.notes.append(Violation(f"{path}.{name}", "stands twice; the last one counts"))

    def _no_number(self, word: str) -> Any:
        if not self.lenient:
            raise _NoNumber(word)
        return Decimal(word.replace("Infinity", "Inf"))

    def _find_no_number(self, start: int) -> int:
        for match in _STRING_OR_NO_NUMBER.finditer(self.text, start):
            if not match.group().startswith('"'):
                return match.start()
        return start

    def _mend(self, fault: _Faulty) -> bool:
        """Whether lenient reading can take the text after all: without its comments, or with control characters."""
        if self.text.startswith(("//", "/*"), fault.at):
            bare = _without_comments(self.text)
            if bare == self.text:  # a comment that never ends
                return False
            count = len(list(_comments(self.text)))
            self.text = bare
            where = line_and_column(self.text, fault.at)
            self.notes.append(Violation("$", f"JSON has no comments; {count} left out, the first at {where}"))
            return True
        if fault.detail.startswith("Invalid control character"):
            self._use_decoder(strict=False)
            self.notes.append(Violation("$", f"control character in a text at {line_and_column(self.text, fault.at)}"))
            return True
        return False

    def _refused(self, fault: _Faulty) -> DocumentError:
        where = f"{self.source}: {line_and_column(self.text, fault.at)}"
        if self.text.startswith(("//", "/*"), fault.at):
            return DocumentError(
                "JSON, which has no comments", near(self.text, fault.at), where, "take them out, or read it leniently"
            )
        at_end = not self.text[fault.at :].strip()
        got = "end of text" if at_end else near(self.text, fault.at)
        cut_off = at_end or fault.detail.startswith("Unterminated string")
        remedy = "the document seems cut off" if cut_off and self.text.strip() else ""
        if fault.expected == _END and self.text.startswith("{", fault.at):
            remedy = "a file with one event a line must be named .jsonl"
        detail = f" ({fault.detail})" if fault.detail and not at_end else ""
        return DocumentError(f"{fault.expected}{detail}", got, where, remedy)


class _Faulty(Exception):  # a signal inside this module, never seen outside
    def __init__(self, at: int, expected: str, detail: str = "") -> None:
        super().__init__(at, expected, detail)
        self.at = at
        self.expected = expected
        self.detail = detail


class _TooLong(Exception):  # as above
    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class _NoNumber(Exception):  # as above
    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def _number(text: str) -> Decimal:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise _TooLong(text)
    try:
        value = Decimal(text)
    except ArithmeticError:
        raise _TooLong(text) from None
    if abs(value.adjusted()) > MAX_NUMBER_CHARACTERS:
        raise _TooLong(text)
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise _TooLong(text)
    return int(text)


def _comments(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _STRING_OR_COMMENT.finditer(text) if not match.group().startswith('"'))


def _without_comments(text: str) -> str:
    """``text`` with spaces instead of its comments, so that every position stays what it was."""

    def blank(match: re.Match[str]) -> str:
        found = match.group()
        return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)

    return _STRING_OR_COMMENT.sub(blank, text)
