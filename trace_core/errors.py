"""Every exception tracetwin raises on purpose, as one tree.

::

    TracetwinError
    ├── BadInput                 what was expected, what came, where, what to do          (exit 2)
    │   ├── IdentifierError      an id that does not meet its scheme
    │   ├── QuantityError        a number or unit that is none
    │   ├── TimeError            a time without zone, out of order, from the future
    │   ├── DocumentError        a file that cannot be read as what it claims to be
    │   │   └── LimitExceeded    too large, too deep, too many: names the limit
    │   ├── SpecError            a declared plant, scenario, rule or mapping with faults: all at once
    │   ├── UnknownName          a name nobody declared; suggests near ones
    │   └── NotCopyable          a run asked to be copied holds something that cannot be
    ├── StoreError               the log cannot be opened, read or written               (exit 2)
    │   ├── ForeignStore         not a tracetwin store
    │   ├── NewerStore           written by a newer version
    │   ├── StoreBusy            locked by another process
    │   ├── StoreReadOnly        no right to write
    │   ├── StoreFull            no space left
    │   ├── StoreDamaged         the file or its chain is broken
    │   └── AnotherRun           holds another run than the one to be written
    ├── SelfCheckFailed          a finished run contradicts itself: a defect of the twin  (exit 2)
    └── CommandRefused           a control command the rules do not allow                 (exit 1)

Expected outcomes (a lot nobody knows, a device offline) are values, not exceptions. A programmer's mistake is an
``assert``. Each class derives its message from its attributes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class TracetwinError(Exception):
    """Root of the tree; never raised itself."""


class BadInput(TracetwinError):
    """Something given from outside cannot be used."""

    def __init__(self, expected: str, got: object, where: str = "", remedy: str = "") -> None:
        self.expected = expected
        self.got = got
        self.where = where
        self.remedy = remedy
        super().__init__(expected, got, where, remedy)

    def __str__(self) -> str:
        shown = repr(self.got)
        if len(shown) > 120:
            shown = f"{shown[:117]}..."
        message = f"expected {self.expected}, got {shown}"
        if self.where:
            message = f"{self.where}: {message}"
        if self.remedy:
            message = f"{message}; {self.remedy}"
        return message


class IdentifierError(BadInput):
    """An identifier that does not meet the scheme it claims."""


class QuantityError(BadInput):
    """A quantity that is not an exact, finite number with a known unit."""


class TimeError(BadInput):
    """A time without a zone, in no known format, or later than the clock allows."""


class DocumentError(BadInput):
    """A file that cannot be read as the kind of document it claims to be."""


class LimitExceeded(DocumentError):
    """A document larger, deeper or longer than the named limit."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a declared file: where it stands, what was expected there, what came, what to do."""

    path: str
    expected: str
    got: object
    remedy: str = ""

    def __str__(self) -> str:
        return str(BadInput(self.expected, self.got, self.path, self.remedy))


class SpecError(BadInput):
    """A declared file (plant, scenario, rule, mapping) with one or more faults, all of them."""

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        assert faults, "a SpecError needs at least one fault"
        self.source = source
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(first.expected, first.got, f"{source}: {first.path}", first.remedy)

    def __str__(self) -> str:
        if len(self.faults) == 1:
            return f"{self.source}: {self.faults[0]}"
        lines = "".join(f"\n  {fault}" for fault in self.faults)
        return f"{self.source}: {len(self.faults)} faults{lines}"


MAX_NAMES_SHOWN = 12
"""Names a message lists where none looks like the one that came."""


class UnknownName(BadInput):
    """A name that nothing declared carries; ``near`` holds up to three that look like it."""

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        self.kind = kind
        self.name = name
        names = tuple(known)
        self.near = near_names(name, names)
        remedy = f"did you mean {' or '.join(self.near)}?" if self.near else ""
        if not remedy and 0 < len(names) <= MAX_NAMES_SHOWN:
            remedy = f"choose one of {', '.join(sorted(names))}"
        super().__init__(f"a known {kind}", name, where, remedy)


class NotCopyable(BadInput):
    """A run that cannot be copied as it stands; ``holder`` names the object that forbids it, ``reason`` says why."""

    def __init__(self, holder: str, reason: str) -> None:
        self.holder = holder
        self.reason = reason
        super().__init__("a run made of parts that can be copied", reason, holder, "branch it by replay")


class SelfCheckFailed(TracetwinError):
    """A finished run contradicts itself: nothing it says can be relied on. ``failures`` name places and numbers."""

    def __init__(self, failures: Sequence[str]) -> None:
        assert failures, "a failed check says what failed"
        self.failures = tuple(failures)
        super().__init__(self.failures)

    def __str__(self) -> str:
        shown = "".join(f"\n  {one}" for one in self.failures[:MAX_NAMES_SHOWN])
        more = len(self.failures) - MAX_NAMES_SHOWN
        rest = f"\n  and {more} more" if more > 0 else ""
        return f"the run contradicts itself, please report it:{shown}{rest}"


class StoreError(TracetwinError):
    """The log cannot be opened, read or written; ``store`` says which, ``remedy`` what to do."""

    def __init__(self, store: str, problem: str, remedy: str = "") -> None:
        self.store = store
        self.problem = problem
        self.remedy = remedy
        super().__init__(store, problem, remedy)

    def __str__(self) -> str:
        message = f"store {self.store}: {self.problem}"
        return f"{message}; {self.remedy}" if self.remedy else message


class ForeignStore(StoreError):
    """The file exists and is not a tracetwin store."""


class NewerStore(StoreError):
    """The store was written by a newer schema than this version reads."""


class StoreBusy(StoreError):
    """Another process holds the store's write lock."""


class StoreReadOnly(StoreError):
    """The store cannot be written by this user."""


class StoreFull(StoreError):
    """There is no space left for the store; nothing of the refused append was written."""


class StoreDamaged(StoreError):
    """The store's file or its hash chain is broken."""


class AnotherRun(StoreError):
    """The store already holds a run, and it is not the one to be written."""


class CommandRefused(TracetwinError):
    """A control command the rules do not allow; ``reason`` is the rule, ``subject`` what it was about."""

    def __init__(self, command: str, subject: str, reason: str, remedy: str = "") -> None:
        self.command = command
        self.subject = subject
        self.reason = reason
        self.remedy = remedy
        super().__init__(command, subject, reason, remedy)

    def __str__(self) -> str:
        message = f"{self.command} {self.subject}: {self.reason}"
        return f"{message}; {self.remedy}" if self.remedy else message


def near_names(name: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Up to ``limit`` of the known names that look most like ``name``, best first; case is ignored."""
    by_folded: dict[str, str] = {}
    for one in known:
        by_folded.setdefault(one.casefold(), one)
    hits = difflib.get_close_matches(name.casefold(), by_folded, n=limit, cutoff=0.6)
    return tuple(by_folded[hit] for hit in hits)
