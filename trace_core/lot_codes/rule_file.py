"""A rule of lot codes from a declaration in YAML, JSON or Python values, with all of its faults at once.

::

    rule: yoghurt-cup
    parts:
      - "L"                                    # a text: the same in every code
      - date: YDDD                             # YYYY YY Y, MM, DD, DDD, WW, D
      - line: 1                                # plant, line, item: so many characters
      - {word: mould, width: 2, alphabet: clear, values: ["A7", "C3"]}
      - shift: 1
      - hour: 2
      - sequence: 3
        reset: day                             # never, year, month, week, day, shift, hour
    check: iso7064-37-36                       # gs1 luhn damm verhoeff iso7064-11-2 -37-2 -37-36, or none
    day_starts: "06:00"                        # what is made at 02:00 belongs to the day before
    shifts: {A: "06:00", B: "14:00", C: "22:00"}
    zone: Asia/Shanghai
    max_length: 20                             # up to 64 where no GS1 AI (10) has to hold the code
    characters: gs1                            # or any: literals and shift names in any script
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trace_core.errors import Fault, SpecError, near_names
from trace_core.lot_codes.calendar_parts import DATE_TOKENS, split_form
from trace_core.lot_codes.check_characters import DIGITS, SCHEMES, CheckScheme
from trace_core.lot_codes.faults import faults_of_rule
from trace_core.lot_codes.parts import (
    ALPHABETS,
    DateText,
    Hour,
    Literal,
    Part,
    Reset,
    Sequence,
    Shift,
    Word,
)
from trace_core.lot_codes.rule import MIDNIGHT, CodeRule

_KEYS = ("rule", "parts", "check", "day_starts", "shifts", "zone", "max_length", "characters")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def read_rule(declared: object, source: str = "lot code rule") -> CodeRule:
    """The rule declared by a mapping, as YAML or JSON gives it; SpecError with every fault and its path."""
    reader = _Reader()
    if not isinstance(declared, Mapping):
        raise SpecError(source, [Fault("$", "a mapping with a key 'parts'", declared)])
    reader.no_other_keys("$", declared, _KEYS)
    name = reader.text("$.rule", declared.get("rule", "lot code"))
    parts = reader.parts(declared.get("parts"))
    check = reader.check(declared.get("check", "none"))
    day_starts = reader.clock("$.day_starts", declared.get("day_starts", "00:00"))
    shifts = reader.shifts(declared.get("shifts", {}))
    zone = reader.zone(declared.get("zone"))
    max_length = reader.number("$.max_length", declared.get("max_length", 20), 1, 64, fallback=64)
    any_script = reader.any_script(declared.get("characters", "gs1"))
    known = {fault.path for fault in reader.faults}
    together = faults_of_rule(parts, check, shifts, max_length, any_script)
    # A list of parts that could not be read says nothing about the rule as a whole.
    faults = reader.faults + [fault for fault in together if not known & {fault.path, "$.parts"}]
    if faults:
        raise SpecError(source, faults)
    return CodeRule(name, tuple(part for _, part in parts), check, day_starts, shifts, zone, max_length, any_script)


def read_rule_text(text: str, source: str = "lot code rule") -> CodeRule:
    """The rule declared in YAML (JSON is YAML); SpecError where it is neither, or has faults."""
    import yaml  # 30 ms, and a plant's rule comes inside of a plant's file

    try:
        declared = yaml.safe_load(text)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        path = "$" if line is None else f"line {line + 1}"
        raise SpecError(source, [Fault(path, "YAML", getattr(error, "problem", None) or str(error))]) from None
    return read_rule(declared, source)


class _Reader:
    """Turns declared values into parts, and gathers what cannot be read."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, expected: str, got: object, remedy: str = "") -> None:
        self.faults.append(Fault(path, expected, got, remedy))

    def no_other_keys(self, path: str, declared: Mapping[Any, Any], known: tuple[str, ...]) -> None:
        for key in declared:
            if key not in known:
                near = near_names(str(key), known)
                remedy = f"did you mean {near[0]}?" if near else ""
                self.fault(f"{path}.{key}", f"one of {', '.join(known)}", key, remedy)

    def text(self, path: str, value: object) -> str:
        if isinstance(value, str) and value:
            return value
        remedy = "put it in quotes, or leading zeros are lost" if isinstance(value, int | float) else ""
        self.fault(path, "a text", value, remedy)
        return str(value)

    def any_script(self, value: object) -> bool:
        if value not in ("gs1", "any"):
            self.fault("$.characters", "gs1 or any", value)
        return value != "gs1"

    def number(self, path: str, value: object, least: int, most: int, fallback: int = 1) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.fault(path, f"a number from {least} to {most}" if least < most else str(least), value)
        return fallback

    def clock(self, path: str, value: object) -> time:
        # YAML 1.1 reads 22:00 without quotes as a number of base 60: 1320, which are the minutes after midnight.
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
            return time(*divmod(value, 60))
        match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self.fault(path, "a time of the day such as 06:00", value)
            return MIDNIGHT
        return time(int(match[1]), int(match[2]))

    def shifts(self, value: object) -> tuple[tuple[str, time], ...]:
        if not isinstance(value, Mapping):
            self.fault("$.shifts", "names and starts such as {A: '06:00', B: '14:00'}", value)
            return ()
        return tuple(
            (self.text(f"$.shifts.{name}", name), self.clock(f"$.shifts.{name}", start))
            for name, start in value.items()
        )

    def zone(self, value: object) -> ZoneInfo | None:
        if value is None:
            return None
        try:
            return ZoneInfo(value if isinstance(value, str) else "")
        except (ValueError, OSError, ZoneInfoNotFoundError):  # a directory, an odd name, an unknown one
            self.fault("$.zone", "a time zone such as Asia/Shanghai", value)
            return None

    def check(self, value: object) -> CheckScheme | None:
        if value is None or value == "none":
            return None
        scheme = SCHEMES.get(value) if isinstance(value, str) else None
        if scheme is None:
            self.fault("$.check", f"none or one of {', '.join(SCHEMES)}", value)
        return scheme

    def parts(self, value: object) -> list[tuple[str, Part]]:
        if not isinstance(value, list | tuple):
            self.fault("$.parts", "a list of parts", value)
            return []
        found = []
        for number, declared in enumerate(value):
            path = f"$.parts[{number}]"
            part = self.part(path, declared)
            if part is not None:
                found.append((path, part))
        return found

    def part(self, path: str, declared: object) -> Part | None:
        if isinstance(declared, str):
            return Literal(declared)
        if not isinstance(declared, Mapping):
            self.fault(path, "a text or a mapping such as {date: YYDDD}", declared, "put a text in quotes")
            return None
        kinds = [key for key in declared if key in _READERS]
        if len(kinds) != 1:
            self.fault(path, f"exactly one of {', '.join(_READERS)}", dict(declared))
            return None
        reader, known = _READERS[kinds[0]]
        self.no_other_keys(path, declared, (kinds[0], *known))
        return reader(self, path, declared)

    def literal(self, path: str, declared: Mapping[str, object]) -> Part:
        return Literal(self.text(f"{path}.literal", declared["literal"]))

    def date(self, path: str, declared: Mapping[str, object]) -> Part | None:
        form = declared["date"]
        tokens = split_form(form) if isinstance(form, str) else ()
        if not tokens:
            self.fault(f"{path}.date", f"a form of {' '.join(DATE_TOKENS)} such as YYDDD", form)
            return None
        return DateText(tokens)

    def hour(self, path: str, declared: Mapping[str, object]) -> Part:
        self.number(f"{path}.hour", declared["hour"], 2, 2)
        return Hour()

    def shift(self, path: str, declared: Mapping[str, object]) -> Part:
        return Shift(self.number(f"{path}.shift", declared["shift"], 1, 20))

    def sequence(self, path: str, declared: Mapping[str, object]) -> Part:
        width = self.number(f"{path}.sequence", declared["sequence"], 1, 20)
        reset = declared.get("reset", str(Reset.DAY))
        if reset not in [str(one) for one in Reset]:
            self.fault(f"{path}.reset", f"one of {', '.join(Reset)}", reset)
            reset = str(Reset.DAY)
        alphabet = self.alphabet(path, declared)
        start = declared.get("start", 1)
        if isinstance(start, bool) or not isinstance(start, int):
            self.fault(f"{path}.start", "a number of 0 or more", start)
            start = 1
        return Sequence(width, Reset(str(reset)), alphabet, start)

    def alphabet(self, path: str, declared: Mapping[str, object]) -> str:
        name = declared.get("alphabet", "digits")
        if isinstance(name, str) and name in ALPHABETS:
            return ALPHABETS[name]
        self.fault(f"{path}.alphabet", f"one of {', '.join(ALPHABETS)}", name)
        return DIGITS

    def word(self, path: str, declared: Mapping[str, object]) -> Part:
        name = self.text(f"{path}.word", declared["word"])
        return self.named(path, name, declared.get("width"), f"{path}.width", declared)

    def named(self, path: str, name: str, width: object, at: str, declared: Mapping[str, object]) -> Part:
        values = declared.get("values", [])
        if not isinstance(values, list | tuple):
            self.fault(f"{path}.values", "a list of texts", values)
            values = []
        texts = tuple(self.text(f"{path}.values[{number}]", one) for number, one in enumerate(values))
        characters = self.number(at, width, 1, 20)
        return Word(name, characters, self.alphabet(path, declared), texts)


def _named(name: str) -> Callable[[_Reader, str, Mapping[str, object]], Part | None]:
    return lambda reader, path, declared: reader.named(path, name, declared[name], f"{path}.{name}", declared)


_OPTIONS_OF_WORD = ("alphabet", "values")
_READERS: dict[str, tuple[Callable[[_Reader, str, Mapping[str, object]], Part | None], tuple[str, ...]]] = {
    "literal": (_Reader.literal, ()),
    "date": (_Reader.date, ()),
    "hour": (_Reader.hour, ()),
    "shift": (_Reader.shift, ()),
    "sequence": (_Reader.sequence, ("reset", "alphabet", "start")),
    "plant": (_named("plant"), _OPTIONS_OF_WORD),
    "line": (_named("line"), _OPTIONS_OF_WORD),
    "item": (_named("item"), _OPTIONS_OF_WORD),
    "word": (_Reader.word, ("width", *_OPTIONS_OF_WORD)),
}
