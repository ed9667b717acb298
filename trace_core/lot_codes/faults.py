"""What is wrong with a declared rule of lot codes: every fault, each with its path."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import time
from itertools import pairwise

from trace_core.errors import Fault
from trace_core.lot_codes import parts as kinds
from trace_core.lot_codes.calendar_parts import fault_of_tokens
from trace_core.lot_codes.check_characters import DIGITS, CheckScheme
from trace_core.lot_codes.parts import DateText, Hour, Literal, Part, Reset, Shift, Word
from trace_core.vocabulary.gs1_keys import is_lot_code

MAX_PARTS = 40
MAX_WIDTH = 20
_CSET_82 = frozenset(char for char in map(chr, range(128)) if is_lot_code(char))
# What `CodeRule.issue` takes beside the words.
_RESERVED = ("self", "when", "sequence")


def faults_of_rule(
    numbered: Sequence[tuple[str, Part]],
    check: CheckScheme | None,
    shifts: Sequence[tuple[str, time]],
    max_length: int,
    any_script: bool,
) -> list[Fault]:
    """All faults of a rule whose parts stand at the given paths; none where it is sound."""
    faults = [fault for path, part in numbered for fault in _faults_of_part(path, part)]
    if not any_script:
        faults += _faults_of_characters(numbered, shifts)
    faults += _faults_together(numbered, shifts)
    if check is not None:
        faults += _faults_of_check(numbered, check, shifts)
    faults += _faults_of_shifts(shifts)
    length = sum(part.width for _, part in numbered) + (check is not None)
    if length > max_length:
        faults.append(Fault("$.parts", f"at most {max_length} characters in all", length, "GS1 AI (10) holds 20"))
    if not numbered:
        faults.append(Fault("$.parts", "at least one part", []))
    elif len(numbered) > MAX_PARTS:
        faults.append(Fault("$.parts", f"at most {MAX_PARTS} parts", len(numbered)))
    return faults


def _faults_of_part(path: str, part: Part) -> Iterator[Fault]:
    if isinstance(part, Literal):
        if not part.text or unicodedata.normalize("NFC", part.text) != part.text or not part.text.isprintable():
            yield Fault(path, "printable text in Unicode's form NFC", part.text)
        return
    if isinstance(part, DateText):
        if not part.tokens:
            yield Fault(path, "a date form such as YYDDD", "")
        return
    if not 1 <= part.width <= MAX_WIDTH:
        yield Fault(path, f"a width from 1 to {MAX_WIDTH}", part.width)
    elif isinstance(part, Word):
        if not part.name.isidentifier() or part.name in _RESERVED:
            yield Fault(path, f"a name for the word, and none of {', '.join(_RESERVED)}", part.name)
        for value in part.values:
            if len(value) != part.width or any(char not in part.alphabet for char in value):
                yield Fault(f"{path}.values", f"values of {part.width} characters of {part.alphabet}", value)
        if len(set(part.values)) != len(part.values):
            yield Fault(f"{path}.values", "each value once", list(part.values))
    elif isinstance(part, kinds.Sequence) and not 0 <= part.start <= part.largest:
        yield Fault(f"{path}.start", f"a start from 0 to {part.largest}", part.start)


def _faults_of_characters(numbered: Sequence[tuple[str, Part]], shifts: Sequence[tuple[str, time]]) -> Iterator[Fault]:
    """Alphabets and dates lie inside of CSET 82; what a rule spells out itself may not."""
    spelled = [(path, part.text) for path, part in numbered if isinstance(part, Literal)]
    spelled += [(f"$.shifts.{name}", name) for name, _ in shifts]
    for path, text in spelled:
        if not set(text) <= _CSET_82:
            remedy = "declare characters: any, and the code fits no GS1 AI (10)"
            yield Fault(path, "characters of GS1 CSET 82", text, remedy)


def _faults_together(numbered: Sequence[tuple[str, Part]], shifts: Sequence[tuple[str, time]]) -> Iterator[Fault]:
    """Parts that stand twice, or that need something the rule does not declare."""
    seen: dict[str, str] = {}
    for path, part in numbered:
        if isinstance(part, Literal | DateText):
            continue
        name = part.name if isinstance(part, Word) else type(part).__name__.lower()
        if name in seen:
            yield Fault(path, f"each part once ({name} stands at {seen[name]})", name)
        seen.setdefault(name, path)
        needs_shifts = isinstance(part, Shift) or (isinstance(part, kinds.Sequence) and part.reset is Reset.SHIFT)
        if needs_shifts and not shifts:
            yield Fault("$.shifts", "names and starts of the shifts", None, f"{path} needs them")
        elif isinstance(part, Shift) and any(len(name) != part.width for name, _ in shifts):
            yield Fault(path, f"shifts with names of {part.width} characters", [name for name, _ in shifts])
    tokens = [token for _, part in numbered if isinstance(part, DateText) for token in part.tokens]
    if expected := fault_of_tokens(tokens):
        first = next(path for path, part in numbered if isinstance(part, DateText))
        yield Fault(first, expected, " ".join(tokens))


def _faults_of_check(
    numbered: Sequence[tuple[str, Part]], check: CheckScheme, shifts: Sequence[tuple[str, time]]
) -> Iterator[Fault]:
    """A check covers every character that can vary, or a fault in it goes unseen."""
    for path, part in numbered:
        uncovered = sorted(set(_varying(part, shifts)) - set(check.covers))
        if uncovered:
            remedy = "use iso7064-37-36" if len(check.covers) == len(DIGITS) else "use digits and capital letters"
            yield Fault("$.check", f"a scheme that covers {path}", check.name, f"{uncovered[0]!r} is not; {remedy}")


def _varying(part: Part, shifts: Sequence[tuple[str, time]]) -> str:
    if isinstance(part, Literal):
        return ""
    if isinstance(part, Word):
        return "".join(part.values) or part.alphabet
    if isinstance(part, Shift):
        return "".join(name for name, _ in shifts)
    return DIGITS if isinstance(part, DateText | Hour) else part.alphabet


def _faults_of_shifts(shifts: Sequence[tuple[str, time]]) -> Iterator[Fault]:
    if len({name for name, _ in shifts}) != len(shifts):
        yield Fault("$.shifts", "each name once", [name for name, _ in shifts])
    for (name, start), (later, next_start) in pairwise(shifts):
        if next_start <= start:
            yield Fault(f"$.shifts.{later}", f"a start after {start:%H:%M}, when {name} begins", f"{next_start:%H:%M}")
