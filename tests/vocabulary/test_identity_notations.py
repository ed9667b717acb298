"""Every notation of one GS1 key is one identity: EPC URN, Digital Link of any domain, element string, barcode."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from biip.checksums import gs1_standard_check_digit
from biip.gs1_messages import GS1Message
from hypothesis import example, given
from hypothesis import strategies as st

from trace_core.errors import IdentifierError
from trace_core.vocabulary import gs1_keys, identity
from trace_core.vocabulary.element_string import read_elements
from trace_core.vocabulary.identity import (
    Identity,
    Kind,
    Place,
    identify,
    parse_gs1,
    to_digital_link,
    to_element_string,
    to_epc_urn,
)

CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CSET_39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SHORT_NAMES = {"01": "gtin", "10": "lot", "21": "ser", "00": "sscc", "414": "gln", "8003": "grai", "8011": "cpsn"}


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


def checked(length: int) -> st.SearchStrategy[str]:
    return digits(length - 1).map(lambda body: body + gs1_keys.check_digit(body))


def code(longest: int, alphabet: str = CSET_82) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=1, max_size=longest)


@st.composite
def keys(draw: st.DrawFn) -> list[tuple[str, str]]:
    """A sound GS1 key as (AI, value) pairs, finest level only."""
    gtin, number = checked(14), checked(13)
    piece = st.integers(1, 99).flatmap(lambda total: st.integers(1, total).map(lambda one: f"{one:02}{total:02}"))
    prefix = digits(6)
    cpid = st.builds(str.__add__, prefix, code(24, CSET_39))
    serial = st.integers(0, 10**12 - 1).map(str)
    shapes: list[tuple[tuple[str, st.SearchStrategy[str]], ...]] = [
        (("01", gtin),),
        (("01", gtin), ("10", code(20))),
        (("01", gtin), ("21", code(20))),
        (("01", gtin), ("235", code(28))),
        (("8006", st.builds(str.__add__, gtin, piece)), ("21", code(20))),
        (("8010", cpid), ("8011", serial)),
        (("8010", cpid),),
        (("00", checked(18)),),
        (("414", number),),
        (("414", number), ("254", code(20).filter(lambda text: text != "0"))),
        (("417", number),),
        (("8003", st.builds(lambda gln, tail: f"0{gln}{tail}", number, code(16))),),
        (("8003", number.map(lambda gln: f"0{gln}")),),
        (("8004", st.builds(str.__add__, prefix, code(24))),),
        (("253", st.builds(str.__add__, number, code(17))),),
        (("255", st.builds(str.__add__, number, code(12, "0123456789"))),),
        (("401", st.builds(str.__add__, prefix, code(24))),),
        (("402", checked(17)),),
        (("8017", checked(18)),),
        (("8018", checked(18)),),
    ]
    return [(ai, draw(value)) for ai, value in draw(st.sampled_from(shapes))]


def link(pairs: list[tuple[str, str]], host: str = "https://id.gs1.org", *, short: bool = False) -> str:
    path = "/".join(f"{SHORT_NAMES.get(ai, ai) if short else ai}/{quote(value, safe='')}" for ai, value in pairs)
    return f"{host}/{path}"


@given(keys(), st.integers(6, 12))
def test_every_notation_of_a_key_is_one_identity(pairs: list[tuple[str, str]], prefix_length: int) -> None:
    one = identify(link(pairs))
    assert one.problem == ""
    assert one.canonical == to_digital_link(one)
    assert identify(one.canonical) == one
    barcode = "".join(f"{ai}{value}\x1d" for ai, value in pairs)
    forms = [
        link(pairs, "http://example.com", short=True),
        link(pairs, "https://trace.example.org:8443/some/where") + "?linkType=all&17=251231#part",
        link(pairs) + "/",
        f"]C1{barcode}",
        f"]d2\x1d{barcode[:-1]}",
        f"]Q1{link(pairs)}",
        barcode,
    ]
    for form in forms:
        again = identify(form)
        assert (again, again.kind, again.scheme, again.item, again.code, again.problem) == (
            one,
            one.kind,
            one.scheme,
            one.item,
            one.code,
            "",
        ), form
        assert again.form == form
    assert parse_gs1(barcode[:-1]) == one
    value = pairs[0][1]
    if one.scheme in {"giai", "ginc", "cpi"} and not (value[:prefix_length].isdigit() and len(value) > prefix_length):
        with pytest.raises(IdentifierError, match=f"a company prefix of {prefix_length} digits and a reference"):
            to_epc_urn(one, prefix_length)
        return
    urn = to_epc_urn(one, prefix_length)
    assert identify(urn) == one, urn
    assert identify(urn).kind is one.kind


def brackets_are_clear(pairs: list[tuple[str, str]]) -> bool:
    """Whether no value holds a bracketed number: printed element strings cannot tell that from the next element."""
    return all("(" not in value for _, value in pairs)


@given(keys().filter(brackets_are_clear))
def test_printed_element_strings_go_in_and_out(pairs: list[tuple[str, str]]) -> None:
    one = identify(link(pairs))
    printed = to_element_string(one)
    assert printed == "".join(f"({ai}){value}" for ai, value in pairs)
    assert identify(printed) == one
    assert identify(" ".join(f"({ai}) {value}" for ai, value in pairs)) == one


@given(keys().filter(brackets_are_clear))
def test_barcode_splitting_agrees_with_biip(pairs: list[tuple[str, str]]) -> None:
    barcode = "\x1d".join(f"{ai}{value}" for ai, value in pairs) + "\x1d17251231"
    reference = [(element.ai.ai, element.value) for element in GS1Message.parse(barcode).element_strings]
    assert [tuple(element) for element in read_elements(barcode)] == reference


@given(st.text("0123456789", min_size=1, max_size=40))
def test_check_digits_agree_with_biip(body: str) -> None:
    assert int(gs1_keys.check_digit(body)) == gs1_standard_check_digit(body)
    assert gs1_keys.is_sound(body + gs1_keys.check_digit(body))


@given(keys(), st.sampled_from(Place))
def test_the_place_never_changes_a_gs1_key(pairs: list[tuple[str, str]], place: Place) -> None:
    assert identify(link(pairs), place) == identify(link(pairs))
    assert identify(link(pairs), place).kind is identify(link(pairs)).kind


COMMON = st.one_of(
    st.builds(link, keys()),
    st.builds("urn:epc:id:sgtin:{}.{}.{}".format, digits(7), digits(6), code(21, "aB1.-/%(")),
    st.builds("urn:epc:class:lgtin:{}.{}.{}".format, digits(9), digits(4), code(20, "aB1.-/%(")),
    st.builds("urn:epc:id:sscc:{}.{}".format, digits(7), st.text("0123456789", min_size=9, max_size=11)),
    st.builds("urn:plant:{}:{}:{}:{}".format, st.sampled_from(["lot", "serial", "order"]), code(2), code(3), code(4)),
    st.builds("urn:plant:lot:-:{}:{}".format, checked(14), code(20)),
    st.builds("https://id.gs1.org/01/{}/10/{}".format, digits(14), code(20, "aB1.-_~%'")),
    st.builds("https://id.gs1.org/00/{}".format, digits(18)),
)


@given(COMMON)
@example("https://id.gs1.org/01/04012345123457/10/L1")
@example("urn:plant:lot:-:4012345123456:L1")
@example("urn:epc:id:sscc:08600031303.0004")
def test_the_short_way_of_reading_common_forms_reads_them_as_the_long_way_does(text: str) -> None:
    short, long = identity._common(text), identity._any(text, Place.ANY)
    if short is not None:
        assert [getattr(short, name) for name in Identity.__slots__] == [
            getattr(long, name) for name in Identity.__slots__
        ]


def test_every_common_form_takes_the_short_way() -> None:
    for text in (
        "https://id.gs1.org/01/04012345123456/10/L-1",
        "https://id.gs1.org/00/340123451111111111",
        "urn:epc:class:lgtin:4012345.012345.Lot987",
        "urn:epc:id:sgtin:4012345.011111.9876",
        "urn:epc:id:sscc:4012345.3111111111",
        "urn:plant:carrier:-::P-17",
    ):
        assert identity._common(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "urn:epc:id:gid:95100000.12345.400",
        "urn:epc:id:adi:35962.PQ7VZ4.M37GXB92",
        "urn:epc:id:bic:CSQU3054383",
        "urn:epc:id:imovn:9176187",
        "urn:epc:idpat:sgtin:4012345.*.*",
        "urn:epc:idpat:sscc:4012345.*",
    ],
)
def test_epcs_without_a_gs1_key_stay_as_they_are(text: str) -> None:
    one = identify(text)
    assert (one.canonical, one.problem) == (text, "")
    assert one.kind is (Kind.CLASS if "*" in text else one.kind)
    with pytest.raises(IdentifierError, match="a sound GS1 key"):
        to_epc_urn(one, 7)


def test_a_serial_in_a_digital_link_with_a_lot_is_the_serial() -> None:
    one = identify("https://id.gs1.org/01/04012345123456/22/2A/10/ABC/21/99")
    assert one.canonical == "https://id.gs1.org/01/04012345123456/21/99"
    assert one.kind is Kind.SERIAL


def test_a_logistic_label_names_its_carrier_and_not_its_contents() -> None:
    one = identify("(00)340123451111111111(02)04012345123456(37)12(10)L1")
    assert (one.kind, one.code) == (Kind.CARRIER, "340123451111111111")


def test_a_bracket_inside_of_a_lot_code_begins_no_element_unless_it_can_be_an_ai() -> None:
    assert identify("(01)04012345123456(10)A(123)B").code == "A(123)B"
    assert identify("(01)04012345123456(10)A(21)B").kind is Kind.SERIAL


def test_an_overlong_lot_in_a_barcode_is_not_cut() -> None:
    one = identify("]C10104012345123456" + "10" + "A" * 20 + "21B")
    assert one.problem == "expected 1 to 20 characters of CSET 82, got 23"
    assert one.kind is Kind.LOT


def test_contradicting_elements_are_a_problem() -> None:
    assert "expected one (10)" in identify("(01)04012345123456(10)A(10)B").problem
    assert identify("(01)04012345123456(10)A(10)A").problem == ""


@pytest.mark.parametrize(
    "text", ["", "x", "(99)A", "(01)", "LOT-1", "01", "]C1", "]A0123", "(xx)1", "\x1d", "0104012345123456\x1d0Z"]
)
def test_what_holds_no_gs1_key_is_none(text: str) -> None:
    one = parse_gs1(text)
    assert one is None or one.problem


def test_single_gtin_symbols_name_their_class() -> None:
    assert identify("]E04012345123456").canonical == "https://id.gs1.org/01/04012345123456"
    assert identify("]E412345670").canonical == "https://id.gs1.org/01/00000012345670"
    assert "expected 13 digits" in identify("]E0401234512345").problem


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("https://id.gs1.org/01/04012345123456/10/A", 5),
        ("https://id.gs1.org/01/04012345123456/10/A", 13),
        ("https://id.gs1.org/8013/1987654Ad4X4bL5ttr2310c2K", 7),
        ("https://id.gs1.org/414/4012345000054/7040/1A2B", 7),
        ("https://id.gs1.org/8018/401234500000067657/8019/1", 7),
        ("urn:plant:lot:-::L1", 7),
    ],
)
def test_what_has_no_epc_urn_says_so(text: str, length: int) -> None:
    assert identify(text).problem == ""
    with pytest.raises(IdentifierError):
        to_epc_urn(identify(text), length)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/",
        "https://example.com",
        "https://example.com/01/15",
        "https://example.com/401/about",
        "https://example.com/blog/2024/10/21/recall",
        "https://example.com/01/04012345123456/photos/3",
        "https://id.gs1.org/voc/Product",
        "http://",
    ],
)
def test_addresses_that_are_no_digital_link_are_plain_uris(address: str) -> None:
    one = identify(address, Place.LOCATION)
    assert (one.canonical, one.scheme, one.kind, one.problem) == (address, "uri", Kind.LOCATION, "")
