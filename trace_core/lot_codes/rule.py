"""A rule of lot codes: what is printed for a moment of production, and what a printed code says.

`issue` and `parse` are pure and inverse to each other; `CodeIssuer` adds the counters. Nothing here measures a rule
(when it first repeats, what it leaks, which codes are confused): measures take a `CodeRule` and change nothing here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias, assert_never
from zoneinfo import ZoneInfo

from trace_core.errors import IdentifierError, SpecError, TimeError
from trace_core.lot_codes.calendar_parts import days_meant, write_token
from trace_core.lot_codes.check_characters import CheckScheme
from trace_core.lot_codes.faults import faults_of_rule
from trace_core.lot_codes.parts import CodeFields, DateText, Hour, Literal, Part, Reset, Sequence, Shift, Word

MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class CodeRule:
    """One rule. Made only when sound: SpecError with all faults otherwise.

    ``day_starts`` is when the production day begins on the wall clock: at 06:00, what is made at 02:00 belongs to the
    day before. ``shifts`` are names and starts in order of the clock; before the first start the last one of the day
    before still runs. ``zone`` is the plant's; without it the moment's own wall clock counts.
    """

    name: str
    parts: tuple[Part, ...]
    check: CheckScheme | None = None
    day_starts: time = MIDNIGHT
    shifts: tuple[tuple[str, time], ...] = ()
    zone: ZoneInfo | None = None
    max_length: int = 20
    """GS1 AI (10) holds 20 characters."""
    any_script: bool = False
    """Whether literals and shift names may leave CSET 82; such a code fits no AI (10)."""

    def __post_init__(self) -> None:
        numbered = [(f"$.parts[{number}]", part) for number, part in enumerate(self.parts)]
        if faults := faults_of_rule(numbered, self.check, self.shifts, self.max_length, self.any_script):
            raise SpecError(f"rule {self.name!r}", faults)

    @property
    def length(self) -> int:
        """How many characters every code has."""
        return sum(part.width for part in self.parts) + (self.check is not None)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The date tokens printed, in order."""
        return tuple(token for part in self.parts if isinstance(part, DateText) for token in part.tokens)

    @property
    def sequence(self) -> Sequence | None:
        """The sequence part, if the rule has one."""
        return next((part for part in self.parts if isinstance(part, Sequence)), None)

    def wall(self, when: datetime) -> datetime:
        """``when`` on the plant's wall clock; TimeError for a time without zone."""
        if when.tzinfo is None:
            raise TimeError("a time with a zone", when, f"rule {self.name!r}")
        return when.astimezone(self.zone) if self.zone else when

    def production_day(self, when: datetime) -> date:
        """The day that what is made at ``when`` counts to."""
        wall = self.wall(when)
        return wall.date() - timedelta(days=wall.time() < self.day_starts)

    def shift_at(self, when: datetime) -> str:
        """The shift that runs at ``when``; "" where the rule declares none."""
        now = self.wall(when).time()
        running = [name for name, start in self.shifts if start <= now]
        return running[-1] if running else self.shifts[-1][0] if self.shifts else ""

    def fields_at(self, when: datetime, sequence: int | None = None, **words: str) -> CodeFields:
        """What the code of a lot begun at ``when`` says. ``words``: a value for every word that has several."""
        day = self.production_day(when)
        first, last = _days_printed(day, self.tokens)
        return CodeFields(
            first,
            last,
            self.wall(when).hour if any(isinstance(part, Hour) for part in self.parts) else None,
            self.shift_at(when) if any(isinstance(part, Shift) for part in self.parts) else "",
            self._sequence_at(day, sequence),
            self._words(words),
        )

    def _sequence_at(self, day: date, number: int | None) -> int | None:
        part = self.sequence
        if part is None:
            if number is not None:
                raise IdentifierError("no sequence, as the rule prints none", number, f"rule {self.name!r}")
            return None
        where = f"rule {self.name!r} on {day.isoformat()}"
        if isinstance(number, bool) or not isinstance(number, int) or number < part.start:
            raise IdentifierError(f"a sequence of {part.start} or more", number, where)
        if number > part.largest:
            remedy = "widen the sequence, or let it begin anew more often"
            raise IdentifierError(f"a sequence of at most {part.largest} (per {part.reset})", number, where, remedy)
        return number

    def _words(self, given: dict[str, str]) -> tuple[tuple[str, str], ...]:
        parts = [part for part in self.parts if isinstance(part, Word)]
        known = [part.name for part in parts]
        if unknown := sorted(given.keys() - set(known)):
            raise IdentifierError(f"words of the rule ({', '.join(known) or 'none'})", unknown[0], self._where)
        found = []
        for part in parts:
            value = given.get(part.name) or (part.values[0] if len(part.values) == 1 else "")
            if fault := _fault_of_word(part, value):
                raise IdentifierError(fault, value, f"{self._where}, {part.name}")
            found.append((part.name, value))
        return tuple(found)

    @property
    def _where(self) -> str:
        return f"rule {self.name!r}"

    def issue(self, when: datetime, sequence: int | None = None, **words: str) -> str:
        """The code of a lot begun at ``when``: ``rule.issue(now, sequence=17, line="2")``.

        IdentifierError for a word or sequence the rule cannot print, an overflow with its date.
        """
        return self.write(self.fields_at(when, sequence, **words))

    def series_at(self, when: datetime, **words: str) -> Series:
        """The codes begun at ``when`` by their sequence numbers: `issue` for many, looking at the day once.

        IdentifierError as `issue`, and for a rule without a sequence.
        """
        part = self.sequence
        if part is None:
            remedy = "give the rule a sequence part"
            raise IdentifierError("a sequence, to number units by", "none", self._where, remedy)
        fields, place = self.fields_at(when, part.start, **words), self.parts.index(part)
        before, after = (
            "".join(self._written(one, fields) for one in parts)
            for parts in (self.parts[:place], self.parts[place + 1 :])
        )
        return Series(before, part, after, self.check)

    def write(self, fields: CodeFields) -> str:
        """The code that says ``fields``, as `fields_at` or `parse` made them for this rule."""
        body = "".join(self._written(part, fields) for part in self.parts)
        return body + self.check.of(body) if self.check else body

    def _written(self, part: Part, fields: CodeFields) -> str:
        match part:
            case Literal():
                return part.text
            case Word():
                return fields.word(part.name)
            case DateText():
                assert fields.first_day is not None, "fields of another rule: no day"
                return "".join(write_token(token, fields.first_day, self.tokens) for token in part.tokens)
            case Hour():
                assert fields.hour is not None, "fields of another rule: no hour"
                return f"{fields.hour:02}"
            case Shift():
                return fields.shift
            case Sequence():
                assert fields.sequence is not None, "fields of another rule: no sequence"
                return part.write(fields.sequence)
        assert_never(part)

    def parse(self, code: str, near: date | None = None) -> CodeFields:
        """What ``code`` says; the inverse of `issue` where ``near`` is a day close to its production.

        A year printed with one or two digits means the year nearest to ``near``; without ``near`` the days stay None.
        IdentifierError, with the place in the code, for one that the rule cannot have made.
        """
        where = f"lot code {code!r}, rule {self.name!r}"
        if len(code) != self.length:
            raise IdentifierError(f"{self.length} characters", f"{len(code)} characters", where)
        reading = _Reading(self, where)
        place = 0
        for part in self.parts:
            reading.take(part, code[place : place + part.width], place)
            place += part.width
        if self.check and (expected := self.check.of(code[:-1])) != code[-1]:
            raise IdentifierError(f"check character {expected}", code[-1], where, "read the code again")
        return reading.fields(near)


def _fault_of_word(part: Word, value: str) -> str:
    if part.values:
        return "" if value in part.values else f"one of {', '.join(part.values)}"
    if len(value) != part.width or any(char not in part.alphabet for char in value):
        return f"{part.width} characters of {part.alphabet}"
    return ""


class _Reading:
    """One code being read: what its parts said so far."""

    def __init__(self, rule: CodeRule, where: str) -> None:
        self._rule = rule
        self._where = where
        self._dates: dict[str, int] = {}
        self._words: list[tuple[str, str]] = []
        self._hour: int | None = None
        self._shift = ""
        self._sequence: int | None = None

    def take(self, part: Part, text: str, place: int) -> None:
        """Read one part; IdentifierError where ``text`` cannot be it."""
        match part:
            case Literal():
                self._demand(text == part.text, repr(part.text), text, place)
            case Word():
                fault = _fault_of_word(part, text)
                self._demand(not fault, fault, text, place)
                self._words.append((part.name, text))
            case DateText():
                for token in part.tokens:
                    digits = text[: len(token)]
                    self._dates[token] = self._number(digits, len(token), place)
                    text, place = text[len(token) :], place + len(token)
            case Hour():
                self._hour = self._number(text, part.width, place)
                self._demand(self._hour < 24, "an hour from 00 to 23", text, place)
            case Shift():
                names = [name for name, _ in self._rule.shifts]
                self._demand(text in names, f"a shift ({', '.join(names)})", text, place)
                self._shift = text
            case Sequence():
                fits = all(char in part.alphabet for char in text)
                self._demand(fits, f"{part.width} characters of {part.alphabet}", text, place)
                self._sequence = part.read(text)
                self._demand(self._sequence >= part.start, f"a sequence of {part.start} or more", text, place)

    def _number(self, text: str, width: int, place: int) -> int:
        self._demand(text.isascii() and text.isdigit(), f"{width} digits", text, place)
        return int(text)

    def _demand(self, met: bool, expected: str, text: str, place: int) -> None:
        if not met:
            raise IdentifierError(expected, text, f"{self._where}, character {place + 1}")

    def fields(self, near: date | None) -> CodeFields:
        """All parts together; IdentifierError where the date exists in no year."""
        span = None
        if self._dates:
            try:
                span = days_meant(self._dates, near)
            except ValueError:
                said = " ".join(f"{token}={value}" for token, value in self._dates.items())
                raise IdentifierError("a date that exists", said, self._where) from None
        first, last = span or (None, None)
        return CodeFields(first, last, self._hour, self._shift, self._sequence, tuple(self._words))


@dataclass(frozen=True, slots=True)
class Series:
    """The codes of one moment: all that is printed but the sequence, and how that is written."""

    before: str
    sequence: Sequence
    after: str
    check: CheckScheme | None

    def __call__(self, number: int) -> str:
        """The code with the sequence ``number``, one that `CodeIssuer.reserve` gave."""
        body = f"{self.before}{self.sequence.write(number)}{self.after}"
        return body + self.check.of(body) if self.check else body


@functools.lru_cache(maxsize=1 << 12)
def _days_printed(day: date, tokens: tuple[str, ...]) -> tuple[date, date] | tuple[None, None]:
    """The days that the date of ``day``, printed with these tokens, means."""
    printed = {token: int(write_token(token, day, tokens)) for token in tokens}
    return (days_meant(printed, day) if printed else None) or (None, None)


_Lane: TypeAlias = tuple[tuple[str, str], ...]
_Period: TypeAlias = tuple[int, ...]

KEPT_PERIODS = 32
"""How many periods of each set of words keep their counter: more than the 25 hours of the longest day, since an hour or
a shift of one production day can come twice (clocks set back; a day that starts in the middle of a night shift)."""


class CodeIssuer:
    """Issues codes of one rule, counting each sequence from its start with every reset and for every set of words."""

    def __init__(self, rule: CodeRule) -> None:
        self.rule = rule
        self._counters: dict[_Lane, dict[_Period, int]] = {}
        self._closed: dict[_Lane, _Period] = {}

    def issue(self, when: datetime, **words: str) -> str:
        """The next code at ``when``. TimeError for a period closed long ago: its codes might come out twice."""
        if self.rule.sequence is None:
            return self.rule.issue(when, None, **words)
        return self.rule.issue(when, self.reserve(when, 1, **words), **words)

    def reserve(self, when: datetime, count: int, **words: str) -> int:
        """Keep the next ``count`` sequence numbers at ``when``; gives the first, for `CodeRule.issue` with each.

        IdentifierError where the rule has no sequence or the last number does not fit; TimeError as `issue`.
        """
        part = self.rule.sequence
        if part is None:
            remedy = "give the rule a sequence part"
            raise IdentifierError("a sequence, to number units by", "none", f"rule {self.rule.name!r}", remedy)
        lane = tuple(sorted(words.items()))
        period = self._period_at(part, when)
        counters = self._counters.setdefault(lane, {})
        closed = self._closed.get(lane)
        if period not in counters and closed is not None and period <= closed:
            raise TimeError(f"one of the last {KEPT_PERIODS} periods (per {part.reset})", when, self.rule.name)
        first = counters.get(period, part.start)
        if first + count - 1 > part.largest:
            self.rule.fields_at(when, first + count - 1, **words)  # refuses the number, with the day it does not fit
        counters[period] = first + count
        if len(counters) > KEPT_PERIODS:
            oldest = min(counters)
            del counters[oldest]
            self._closed[lane] = oldest
        return first

    def _period_at(self, part: Sequence, when: datetime) -> _Period:
        day = self.rule.production_day(when)
        match part.reset:
            case Reset.NEVER:
                return ()
            case Reset.YEAR:
                return (day.year,)
            case Reset.MONTH:
                return (day.year, day.month)
            case Reset.WEEK:
                return (day.isocalendar().year, day.isocalendar().week)
            case Reset.DAY:
                return (day.toordinal(),)
            case Reset.SHIFT:
                names = [name for name, _ in self.rule.shifts]
                return (day.toordinal(), names.index(self.rule.shift_at(when)))
            case Reset.HOUR:
                return (day.toordinal(), self.rule.wall(when).hour)
        assert_never(part.reset)
