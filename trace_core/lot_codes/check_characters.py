"""Check characters of lot codes: seven schemes, each a pure function of the characters it covers.

What each finds differs widely, see docs of the rule and the tests, which hold the rates against theory: GS1 mod-10
misses every jump transposition, Damm and Verhoeff miss no single and no adjacent fault, ISO 7064 also few jumps.
Default for codes with letters is ISO 7064 MOD 37,36; MOD 37-2 can print ``*``, which is the stop character of Code 39
and a wildcard in spreadsheets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trace_core.vocabulary.gs1_keys import check_digit

DIGITS = "0123456789"
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class CheckScheme:
    """One scheme: the characters it ``covers``, those it may ``print``, and ``character``, from covered text."""

    name: str
    covers: str
    prints: str
    character: Callable[[str], str]

    def of(self, payload: str) -> str:
        """The check character of ``payload``; characters the scheme does not cover (separators) do not count."""
        return self.character("".join(char for char in payload if char in self.covers))


def luhn(digits: str) -> str:
    """ISO/IEC 7812-1, annex B: every second digit from the right is doubled and its digits are summed."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        doubled = int(char) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


# H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004, p. 111: totally anti-symmetric, zero diagonal.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def damm(digits: str) -> str:
    """Damm 2004: walk the quasigroup from 0; the check digit leads back to 0."""
    interim = 0
    for char in digits:
        interim = _DAMM[interim][int(char)]
    return str(interim)


def _dihedral(one: int, other: int) -> int:
    """The product of two elements of the dihedral group of the pentagon: 0-4 rotate, 5-9 reflect."""
    turn, reflect = one % 5, one >= 5
    other_turn, other_reflect = other % 5, other >= 5
    turned = (turn - other_turn) % 5 if reflect else (turn + other_turn) % 5
    return turned + 5 * (reflect != other_reflect)


_VERHOEFF_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _permuted(digit: int, times: int) -> int:
    for _ in range(times % 8):  # the permutation has order 8
        digit = _VERHOEFF_PERMUTATION[digit]
    return digit


_VERHOEFF_ROWS = tuple(tuple(_permuted(digit, times) for digit in range(10)) for times in range(8))
_DIHEDRAL = tuple(tuple(_dihedral(one, other) for other in range(10)) for one in range(10))


def verhoeff(digits: str) -> str:
    """J. Verhoeff, "Error Detecting Decimal Codes", 1969: products in the dihedral group D5 of permuted digits."""
    total = 0
    for place, char in enumerate(reversed(digits), start=1):
        total = _DIHEDRAL[total][_VERHOEFF_ROWS[place % 8][int(char)]]
    return str(_DIHEDRAL[total].index(0))


def _pure(modulus: int, prints: str) -> Callable[[str], str]:
    """ISO/IEC 7064:2003, 7 (pure systems with one check character, radix 2): congruent to 1."""

    def character(payload: str) -> str:
        total = 0
        for char in payload:
            total = (total + prints.index(char)) * 2 % modulus
        return prints[(1 - total) % modulus]

    return character


def mod_37_36(payload: str) -> str:
    """ISO/IEC 7064:2003, 9 (hybrid system MOD 37,36)."""
    total = 36
    for char in payload:
        total = ((total + ALPHANUMERIC.index(char)) % 36 or 36) * 2 % 37
    return ALPHANUMERIC[(1 - total) % 36]


def _scheme(name: str, covers: str, prints: str, character: Callable[[str], str]) -> tuple[str, CheckScheme]:
    return name, CheckScheme(name, covers, prints, character)


SCHEMES: Mapping[str, CheckScheme] = dict(
    [
        _scheme("gs1", DIGITS, DIGITS, check_digit),
        _scheme("luhn", DIGITS, DIGITS, luhn),
        _scheme("damm", DIGITS, DIGITS, damm),
        _scheme("verhoeff", DIGITS, DIGITS, verhoeff),
        _scheme("iso7064-11-2", DIGITS, f"{DIGITS}X", _pure(11, f"{DIGITS}X")),
        _scheme("iso7064-37-2", ALPHANUMERIC, f"{ALPHANUMERIC}*", _pure(37, f"{ALPHANUMERIC}*")),
        _scheme("iso7064-37-36", ALPHANUMERIC, ALPHANUMERIC, mod_37_36),
    ]
)
"""Every scheme by the name a rule declares it with."""
