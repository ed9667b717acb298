"""Check characters: published examples, the algebra they rest on, and the rates at which they find mistakes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trace_core.lot_codes.check_characters import ALPHANUMERIC, DIGITS, SCHEMES, CheckScheme, _dihedral


@pytest.mark.parametrize(
    ("name", "payload", "character"),
    [
        ("gs1", "629104150021", "3"),  # GS1 check digit calculator's own example
        ("luhn", "7992739871", "3"),  # ISO/IEC 7812-1
        ("damm", "572", "4"),  # Damm's thesis
        ("verhoeff", "236", "3"),
        ("verhoeff", "12345", "1"),
        ("iso7064-11-2", "000000021825009", "7"),  # ORCID iD 0000-0002-1825-0097
        ("iso7064-11-2", "000000012146438", "X"),  # ISNI 0000 0001 2146 438X
        ("iso7064-11-2", "079", "X"),  # ISO 7064, example of the standard
        ("iso7064-37-2", "G123498654321", "H"),  # ISBT 128 donation number
        ("iso7064-37-36", "A12425GABC1234002", "M"),  # GRid A1-2425G-ABC1234002-M
    ],
)
def test_published_codes_have_the_character_they_print(name: str, payload: str, character: str) -> None:
    assert SCHEMES[name].of(payload) == character


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
def test_no_single_wrong_character_goes_unseen(scheme: CheckScheme) -> None:
    @given(st.text(scheme.covers, min_size=1, max_size=19), st.data())
    def check(payload: str, data: st.DataObject) -> None:
        code = payload + scheme.of(payload)
        place = data.draw(st.integers(0, len(payload) - 1))
        wrong = data.draw(st.sampled_from([char for char in scheme.covers if char != code[place]]))
        assert scheme.of(payload[:place] + wrong + payload[place + 1 :]) != code[-1]

    check()


@pytest.mark.parametrize("name", ["damm", "verhoeff", "iso7064-11-2", "iso7064-37-2"])
def test_no_swap_of_neighbours_goes_unseen(name: str) -> None:
    scheme = SCHEMES[name]

    @given(st.text(scheme.covers, min_size=2, max_size=19), st.data())
    def check(payload: str, data: st.DataObject) -> None:
        code = payload + scheme.of(payload)
        place = data.draw(st.integers(0, len(payload) - 2))
        swapped = payload[:place] + payload[place + 1] + payload[place] + payload[place + 2 :]
        assert (scheme.of(swapped) == code[-1]) is (swapped == payload)

    check()


def test_separators_do_not_count() -> None:
    assert SCHEMES["iso7064-37-36"].of("A1-2425G-ABC1234002") == "M"
    assert SCHEMES["damm"].of("L5-72") == SCHEMES["damm"].of("572")


def test_the_dihedral_group_is_a_group_and_does_not_commute() -> None:
    elements = range(10)
    for one, two, three in itertools.product(elements, repeat=3):
        assert _dihedral(_dihedral(one, two), three) == _dihedral(one, _dihedral(two, three))
    assert all(_dihedral(one, 0) == _dihedral(0, one) == one for one in elements)
    assert all(0 in {_dihedral(one, other) for other in elements} for one in elements)
    assert _dihedral(1, 5) != _dihedral(5, 1)


# In percent: one wrong character, two neighbours swapped, two with one between swapped, two places overwritten at
# random. Measured elsewhere in 20,000 trials; the first three of the decimal schemes also follow from their algebra.
RATES = {
    "gs1": (100, 88.8, 0, 90.7),
    "luhn": (100, 97.9, 0, 90.8),
    "damm": (100, 100, 89.7, 90.9),
    "verhoeff": (100, 100, 94.3, 90.7),
    "iso7064-11-2": (100, 100, 100, 91.7),
    "iso7064-37-2": (100, 100, 100, 97.5),
    "iso7064-37-36": (100, 99.9, 98.1, 97.4),
}
TRIALS = 4000


@pytest.mark.parametrize("name", RATES)
def test_mistakes_are_found_at_the_measured_rates(name: str) -> None:
    scheme, random = SCHEMES[name], np.random.default_rng(7)
    found, tried = np.zeros(4), np.zeros(4)
    for draw in random.integers(len(scheme.covers), size=(TRIALS, 12)):
        payload = [scheme.covers[value] for value in draw]
        character = scheme.of("".join(payload))
        first, second = random.choice(12 - 2, 2, replace=False)
        for number, wrong in enumerate(_mistakes(payload, int(first), int(second), scheme.covers, random)):
            if wrong != payload:
                tried[number] += 1
                found[number] += scheme.of("".join(wrong)) != character
    # Three standard errors of a share near 90 % in 3,600 trials that change the code are 1.5 points.
    assert found / tried * 100 == pytest.approx(RATES[name], abs=1.6)


def _mistakes(payload: list[str], place: int, other: int, covers: str, random: np.random.Generator) -> list[list[str]]:
    swaps = []
    for apart in (1, 2):
        swapped = list(payload)
        swapped[place], swapped[place + apart] = payload[place + apart], payload[place]
        swaps.append(swapped)
    drawn = [covers[value] for value in random.integers(len(covers), size=2)]
    substituted, overwritten = list(payload), list(payload)
    substituted[place] = drawn[0]
    overwritten[place], overwritten[other] = drawn
    return [substituted, *swaps, overwritten]


def test_letters_taken_for_digits_are_found() -> None:
    swaps = (("O", "0"), ("I", "1"), ("S", "5"), ("B", "8"), ("Z", "2"))
    for name in ("iso7064-37-2", "iso7064-37-36"):
        scheme = SCHEMES[name]
        for letter, digit in swaps:
            for payload in (f"A7{letter}3K", f"{letter}{letter}9", f"Q{letter}"):
                for place in [n for n, char in enumerate(payload) if char == letter]:
                    misread = payload[:place] + digit + payload[place + 1 :]
                    assert scheme.of(misread) != scheme.of(payload)


def test_only_the_schemes_that_say_so_print_other_characters_than_they_cover() -> None:
    extra = {name: set(scheme.prints) - set(scheme.covers) for name, scheme in SCHEMES.items()}
    assert {name: chars for name, chars in extra.items() if chars} == {"iso7064-11-2": {"X"}, "iso7064-37-2": {"*"}}
    assert {scheme.covers for scheme in SCHEMES.values()} == {DIGITS, ALPHANUMERIC}
