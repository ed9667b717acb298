"""What an identity is: one canonical form a thing, nothing padded or mended, the plant's own names in any script."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trace_core.errors import IdentifierError
from trace_core.vocabulary.identity import (
    MAX_CHARACTERS,
    Identity,
    Kind,
    Place,
    identify,
    plant_id,
    to_digital_link,
    to_element_string,
)

GTIN = "04012345123456"
OWN_KINDS = st.sampled_from([kind for kind in Kind if kind is not Kind.CLASS])
short_text = st.text(max_size=40)


@given(OWN_KINDS, st.text(min_size=1, max_size=40), short_text, short_text)
@example(Kind.LOT, "批次/7:1", "牛奶", "-")
@example(Kind.LOT, "e\u0301", "", "")
@example(Kind.SERIAL, "a:b|c %\x00", ":", "%2D")
@example(Kind.CARRIER, "\U0001f404", " ", "مزرعة")
def test_parsing_what_was_written_gives_the_same_thing(kind: Kind, code: str, item: str, issuer: str) -> None:
    one = plant_id(kind, code, item, issuer)
    again = identify(one.canonical)
    assert again == one
    assert (again.kind, again.issuer, again.item, again.code, again.problem) == (
        one.kind,
        one.issuer,
        one.item,
        one.code,
        "",
    )
    assert one.code == unicodedata.normalize("NFC", code)
    assert one.canonical.isascii()


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(lambda text: text.strip(" "))
)
@example("urn:plant:lot:-:%:a")
@example("urn:plant:lot:-:%FF:a")
@example("urn:epc:id:sgtin:")
@example("urn:epc:")
@example("https://id.gs1.org/01/")
@example("https://id.gs1.org/01/%FF/10/%FF")
@example("(01)")
@example("]C1")
@example("urn:gdst:a:product:lot:class:")
@example("urn:uuid:")
def test_no_text_is_too_odd_to_be_an_id(text: str) -> None:
    one = identify(text)
    assert one.form == text
    assert one.canonical
    assert identify(one.canonical) == one
    assert identify(one.canonical, Place.CLASS) == one


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
)
def test_the_same_code_of_two_issuers_or_two_items_is_two_lots(code: str, one: str, other: str) -> None:
    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    assert (plant_id(Kind.LOT, code, "milk", one) == plant_id(Kind.LOT, code, "milk", other)) is same
    assert (plant_id(Kind.LOT, code, f"x{one}") == plant_id(Kind.LOT, code, f"x{other}")) is same


def test_equality_is_the_canonical_form_alone() -> None:
    urn = identify("urn:epc:class:lgtin:4012345.012345.Lot987")
    link = identify("https://id.gs1.org/01/04012345123456/10/Lot987")
    assert urn == link
    assert hash(urn) == hash(link)
    assert urn.form != link.form
    assert len({urn, link}) == 1


@pytest.mark.parametrize(
    ("text", "kind", "scheme", "problem"),
    [
        ("https://id.gs1.org/01/04012345123457/10/L1", Kind.LOT, "lgtin", "expected a check digit 6, got 7"),
        ("https://id.gs1.org/00/34012345111111111", Kind.CARRIER, "sscc", "expected 18 digits, got 17 characters"),
        (
            "urn:epc:id:sscc:08600031303.0004",
            Kind.CARRIER,
            "sscc",
            "expected 17 digits of company prefix and reference, got 15",
        ),
        (
            "https://id.gs1.org/01/04012345123456/10/ABCDEFGHIJKLMNOPQRSTU",
            Kind.LOT,
            "lgtin",
            "expected 1 to 20 characters of CSET 82, got 21",
        ),
        (
            "https://id.gs1.org/01/04012345123456/10/L%20%C3%A4",
            Kind.LOT,
            "lgtin",
            "expected characters of CSET 82 only, got ' ' at position 2",
        ),
        ("(00)340123451111111112", Kind.CARRIER, "sscc", "expected a check digit 1, got 2"),
        (
            "https://id.gs1.org/8006/040123451234560302/21/9",
            Kind.SERIAL,
            "itip",
            "expected a piece from 1 to its total, got 03 of 02",
        ),
        ("https://id.gs1.org/8010/4012345abc/8011/1", Kind.SERIAL, "cpi", "'a' at position 8"),
        ("https://id.gs1.org/8010/4012345ABC/8011/01", Kind.SERIAL, "cpi", "without leading zeros"),
        ("https://id.gs1.org/8003/14012345000228", Kind.CLASS, "grai", "expected a first digit 0"),
        ("https://id.gs1.org/8004/ABC", Kind.ASSET, "giai", "company prefix"),
        ("https://id.gs1.org/8013/1987654Ad4X4bL5ttr2310c2L", Kind.CLASS, "gmn", "check character pair 2K, got 2L"),
        ("urn:epc:id:sgtin:40123.01234567.1", Kind.SERIAL, "sgtin", "company prefix of 6 to 12 digits"),
        ("urn:epc:class:lgtin:4012345.01234५.1", Kind.LOT, "lgtin", "digits only"),
        ("urn:epc:class:lgtin:4012345.012345.A/B", Kind.LOT, "lgtin", "escaped as %XX"),
        ("urn:epc:class:lgtin:4012345.012345", Kind.LOT, "lgtin", "CSET 82"),
        ("urn:epc:id:sgln:4012345.00005.", Kind.LOCATION, "sgln", "CSET 82"),
        ("urn:plant:lot:-:milk", Kind.LOT, "plant", "expected kind, issuer, item and code, got 3 parts"),
        ("urn:plant:lot:-:milk:%E7%89", Kind.LOT, "plant", "broken escape"),
        ("urn:plant:lot:-:milk:", Kind.LOT, "plant", "expected a code"),
        ("urn:plant:widget:-::1", Kind.OTHER, "plant", "expected a kind"),
        ("urn:uuid:1234", Kind.OTHER, "uuid", "expected 32 hexadecimal digits"),
    ],
)
def test_a_bad_id_is_kept_as_it_came_typed_by_its_scheme_and_says_why(
    text: str, kind: Kind, scheme: str, problem: str
) -> None:
    one = identify(text)
    assert (one.canonical, one.form, one.kind, one.scheme) == (text, text, kind, scheme)
    assert problem in one.problem
    with pytest.raises(IdentifierError):
        to_digital_link(one)


@pytest.mark.parametrize(
    ("text", "character"), [("a\tb", 2), ("\x00", 1), ("lot\n", 4), ("a\ud800", 2), ("a\u2028b", 2), ("\x85x", 1)]
)
def test_control_characters_are_refused_with_their_position(text: str, character: int) -> None:
    with pytest.raises(IdentifierError, match=f"character {character}: expected an id without control characters"):
        identify(text)


@pytest.mark.parametrize("text", ["", "  ", "x" * (MAX_CHARACTERS + 1)])
def test_what_is_no_id_at_all_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError):
        identify(text)


def test_the_longest_id_is_taken() -> None:
    assert identify("x" * MAX_CHARACTERS).scheme == "text"


def test_only_text_is_an_id() -> None:
    with pytest.raises(IdentifierError, match="an id as text, got 12"):
        identify(12)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("URN:EPC:class:lgtin:4012345.012345.Lot987", "https://id.gs1.org/01/04012345123456/10/Lot987"),
        ("HTTPS://ID.GS1.ORG/01/04012345123456/10/LOT987", "https://id.gs1.org/01/04012345123456/10/LOT987"),
        ("https://example.com/01/4012345123456", "https://id.gs1.org/01/04012345123456"),
        ("https://example.com/gtin/12345670", "https://id.gs1.org/01/00000012345670"),
        ("https://id.gs1.org/01/04012345123456/10/a%2fb", "https://id.gs1.org/01/04012345123456/10/a%2Fb"),
        ("https://id.gs1.org/01/04012345123456/10/%41%2D", "https://id.gs1.org/01/04012345123456/10/A-"),
        ("urn:uuid:62D3E027-04e6-4952-89da-ed4e1c60414f", "urn:uuid:62d3e027-04e6-4952-89da-ed4e1c60414f"),
        ("Urn:Plant:lot:-:milk:a:b", "urn:plant:lot:-:milk:a%3Ab"),
        ("urn:plant:lot:-:牛奶:%e6%89%b9", "urn:plant:lot:-:%E7%89%9B%E5%A5%B6:%E6%89%B9"),
        ("urn:plant:lot:-::e%CC%81", "urn:plant:lot:-::%C3%A9"),
        ("urn:plant:lot:-::e\u0301", "urn:plant:lot:-::%C3%A9"),
        ("urn:plant:lot::milk:1", "urn:plant:lot:-:milk:1"),
        (f"urn:plant:lot:-:{GTIN[1:]}:L1", f"https://id.gs1.org/01/{GTIN}/10/L1"),
        ("  LOT 17 ", "LOT 17"),
        ("Mu\u0308sli", "M\u00fcsli"),
    ],
)
def test_ways_of_writing_one_thing_meet_in_one_form(text: str, canonical: str) -> None:
    assert identify(text).canonical == canonical
    assert identify(text).problem == ""


def test_case_inside_of_a_code_is_meant() -> None:
    assert identify(f"https://id.gs1.org/01/{GTIN}/10/a") != identify(f"https://id.gs1.org/01/{GTIN}/10/A")


def test_a_plants_own_lot_of_a_gtin_is_a_gs1_key_where_the_code_fits() -> None:
    assert plant_id(Kind.LOT, "L1", GTIN).canonical == f"https://id.gs1.org/01/{GTIN}/10/L1"
    assert plant_id(Kind.SERIAL, "S/1", GTIN[1:]).canonical == f"https://id.gs1.org/01/{GTIN}/21/S%2F1"
    assert plant_id(Kind.CLASS, GTIN).canonical == f"https://id.gs1.org/01/{GTIN}"
    assert plant_id(Kind.LOT, "批次", GTIN).canonical == f"urn:plant:lot:-:{GTIN}:%E6%89%B9%E6%AC%A1"
    assert plant_id(Kind.LOT, "L" * 21, GTIN).scheme == "plant"
    assert plant_id(Kind.LOT, "L1", GTIN, issuer="farm-7").scheme == "plant"
    assert plant_id(Kind.LOT, "L1", "04012345123457").scheme == "plant"


@pytest.mark.parametrize("kind", Kind)
def test_an_own_thing_needs_a_code(kind: Kind) -> None:
    with pytest.raises(IdentifierError, match="a code"):
        plant_id(kind, "")


def test_an_own_class_is_named_by_its_item() -> None:
    assert plant_id(Kind.CLASS, "milk") == plant_id(Kind.CLASS, "", item="milk") == identify("urn:plant:class:-:milk:")
    assert not plant_id(Kind.CLASS, "milk").is_node


def test_text_that_utf8_cannot_hold_is_refused() -> None:
    with pytest.raises(IdentifierError, match="UTF-8"):
        plant_id(Kind.LOT, "a\udcff")


def test_an_own_name_too_long_once_encoded_is_refused() -> None:
    with pytest.raises(IdentifierError, match="once encoded"):
        plant_id(Kind.LOT, "批" * 300)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("LOT 17", (Kind.OTHER, Kind.SERIAL, Kind.CLASS, Kind.LOCATION, Kind.PARTY)),
        ("https://example.com/x", (Kind.OTHER, Kind.SERIAL, Kind.CLASS, Kind.LOCATION, Kind.PARTY)),
        (
            "urn:uuid:62d3e027-04e6-4952-89da-ed4e1c60414f",
            (Kind.OTHER, Kind.SERIAL, Kind.LOT, Kind.LOCATION, Kind.PARTY),
        ),
        ("urn:plant:lot:-::1", (Kind.LOT,) * 5),
        ("urn:gdst:example.org:product:class:feedmill.1u", (Kind.CLASS,) * 5),
        ("urn:epc:id:sgln:4012345.00005.0", (Kind.LOCATION,) * 5),
        ("urn:epc:id:gdti:4012345.00009.PO-4711", (Kind.DOCUMENT,) * 5),
        ("urn:plant:event:line1:3:17", (Kind.OTHER,) * 5),
    ],
)
def test_the_place_settles_only_a_kind_that_the_scheme_leaves_open(text: str, kinds: tuple[Kind, ...]) -> None:
    found = [identify(text, place) for place in Place]
    assert tuple(one.kind for one in found) == kinds
    assert {one.canonical for one in found} == {
        text if "sgln" not in text and "gdti" not in text else found[0].canonical
    }


@pytest.mark.parametrize(
    ("text", "kind", "issuer", "item", "code"),
    [
        (
            "urn:gdst:example.org:product:lot:class:processor.2u.v1-0122-2022",
            Kind.LOT,
            "example.org",
            "processor.2u",
            "v1-0122-2022",
        ),
        ("urn:gdst:example.org:product:class:processor.2u", Kind.CLASS, "example.org", "processor.2u", ""),
        ("urn:gdst:example.org:product:serial:obj:co.item.s.1", Kind.SERIAL, "example.org", "co.item", "s.1"),
        ("urn:gdst:example.org:location:loc:processor.plant1u", Kind.LOCATION, "example.org", "", "processor.plant1u"),
        ("urn:gdst:traceregister.com:party:tr1.2", Kind.PARTY, "traceregister.com", "", "tr1.2"),
        ("urn:ibm:ift:product:lot:class:c.i.l", Kind.LOT, "ift", "c.i", "l"),
        ("urn:gdst:bizStep:hatching", Kind.OTHER, "", "", ""),
    ],
)
def test_industry_names_are_typed_by_pattern_and_keep_their_form(
    text: str, kind: Kind, issuer: str, item: str, code: str
) -> None:
    one = identify(text)
    assert (one.canonical, one.kind, one.issuer, one.item, one.code) == (text, kind, issuer, item, code)


def test_only_lots_serials_carriers_and_assets_are_nodes() -> None:
    nodes = {kind for kind in Kind if Identity("x", kind, "text").is_node}
    assert nodes == {Kind.LOT, Kind.SERIAL, Kind.CARRIER, Kind.ASSET}


def test_a_business_key_joins_item_and_code_and_escapes_the_bar() -> None:
    assert plant_id(Kind.LOT, "L|1", "mi|lk").business_key == "mi%7Clk|L%7C1"
    assert identify(f"(01){GTIN}(10)L1").business_key == f"{GTIN}|L1"
    assert plant_id(Kind.LOT, "L1").business_key == ""
    assert identify(f"(01){GTIN}").business_key == ""


def test_what_is_no_gs1_key_has_no_element_string() -> None:
    with pytest.raises(IdentifierError, match="a sound GS1 key, got 'urn:plant:lot:-:milk:1'"):
        to_element_string(plant_id(Kind.LOT, "1", "milk"))


def test_fnc1_in_a_bad_barcode_is_shown_and_not_kept() -> None:
    one = identify("]C10104012345123457" + "\x1d10L1")
    assert one.canonical == "]C10104012345123457␝10L1"
    assert "expected a check digit 6, got 7" in one.problem
    assert identify(one.canonical) == one


@pytest.mark.parametrize(
    ("text", "item", "code"),
    [
        ("https://id.gs1.org/01/04012345123457/10/Lot987", "04012345123457", "Lot987"),
        ("https://id.gs1.org/01/04012345123456/10/%E6%9E%9C%E4%B9%99", "04012345123456", "果乙"),
        ("(01)04012345123457(10)Lot987", "04012345123457", "Lot987"),
        ("urn:epc:class:lgtin:4012345.0123.Lot987", "4012345.0123", "Lot987"),
        ("urn:epc:id:sgtin:4012345.0123.S-1", "4012345.0123", "S-1"),
        ("https://id.gs1.org/00/095201234000000010", "", "095201234000000010"),
    ],
)
def test_an_unsound_key_still_says_its_item_and_code_as_they_stand(text: str, item: str, code: str) -> None:
    one = identify(text)
    assert one.problem
    assert (one.canonical, one.item, one.code) == (text, item, code)
