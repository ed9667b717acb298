"""How one code becomes another under the eye, the finger and the beam: one slip at a time, never none."""

from __future__ import annotations

from collections.abc import Sequence

from twin.observe.faults import Slip
from twin.streams import Stream

SLIPS_OF_METHOD: dict[str, tuple[Slip, ...]] = {
    "manual": ("keyboard", "transposed", "dropped", "look_alike"),
    "mobile": ("keyboard", "look_alike", "dropped"),
    "barcode": ("look_alike",),
    "rfid": ("dropped",),
    "plc": ("look_alike", "dropped"),
    "instrument": ("look_alike", "transposed"),
}
"""Which slips a method is known for. Typing and reading off: assumptions; who scans seldom misreads at all."""

LOOK_ALIKE = dict(zip("0O1I5S8B2Z6G", "O0I1S5B8Z2G6", strict=True))
"""Pairs that people and cameras take for each other."""

_ROWS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")

_NEXT_KEYS = {
    key: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in _ROWS
    for place, key in enumerate(row)
}  # fmt: skip
"""The keys to the left and right of a key (QWERTY)."""


def misread(code: str, slips: Sequence[Slip], stream: Stream) -> str:
    """``code`` with one of ``slips`` made; where none of them can be, with its last character taken for another.

    What stands before the last bracket, the application identifiers of an element string, is never misread.
    """
    first = stream.below(len(slips))
    for slip in (*slips[first:], *slips[:first]):
        changed = _SLIPS[slip](code, code.rfind(")") + 1, stream)
        if changed != code:
            return changed
    return f"{code[:-1]}{(int(code[-1]) + 1) % 10}" if code[-1:].isdecimal() else f"{code[:-1]}?"


def _look_alike(code: str, start: int, stream: Stream) -> str:
    return _replaced(code, [at for at in range(start, len(code)) if code[at] in LOOK_ALIKE], LOOK_ALIKE, stream)


def _keyboard(code: str, start: int, stream: Stream) -> str:
    return _replaced(code, [at for at in range(start, len(code)) if code[at] in _NEXT_KEYS], _NEXT_KEYS, stream)


def _replaced(code: str, places: list[int], others: dict[str, str], stream: Stream) -> str:
    if not places:
        return code
    at = stream.choice(places)
    return code[:at] + stream.choice(others[code[at]]) + code[at + 1 :]


def _dropped(code: str, start: int, stream: Stream) -> str:
    if len(code) - start < 2:
        return code
    at = start + stream.below(len(code) - start)
    return code[:at] + code[at + 1 :]


def _transposed(code: str, start: int, stream: Stream) -> str:
    places = [at for at in range(start, len(code) - 1) if code[at] != code[at + 1]]
    if not places:
        return code
    at = stream.choice(places)
    return code[:at] + code[at + 1] + code[at] + code[at + 2 :]


_SLIPS = {"look_alike": _look_alike, "keyboard": _keyboard, "dropped": _dropped, "transposed": _transposed}
