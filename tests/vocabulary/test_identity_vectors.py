"""Identities held against documents and vectors that nobody here wrote."""

from __future__ import annotations

import json
import pathlib
import re

import pytest

from trace_core.vocabulary.element_string import _AI_LENGTHS, _PREDEFINED
from trace_core.vocabulary.gs1_keys import KEY_AIS
from trace_core.vocabulary.identity import Kind, Place, identify

ANY_ID = re.compile(
    r'(?:urn:(?:epc:(?:id|class|idpat)|gdst):|https?://[^/"<\s]+/(?:gtin|00|01|253|255|401|402|41[457]|80\d\d)/)[^"<\s\\{]+'
)


@pytest.mark.shared_data
def test_the_event_hash_vectors_normalise_every_key_as_we_do(shared_data: pathlib.Path) -> None:
    folder = shared_data / "epcis" / "event-hash" / "examples"
    document = json.loads((folder / "epclist_normalisation.jsonld").read_text("utf-8"))
    given = document["epcisBody"]["eventList"][0]["epcList"]
    expected = re.findall(
        r"epc=(https.*?)(?=epc=|action=)", (folder / "epclist_normalisation.prehashes").read_text("utf-8")
    )
    assert len(expected) == 23
    assert sorted(identify(epc, Place.EPC).canonical for epc in given) == sorted(expected)


# From epcisDocWithAllGS1Keys: the prehash file of that document is interleaved with an overwritten one, so the pairs
# stand here as its intact stretches show them.
ALL_KEYS = {
    "urn:epc:id:sgtin:4012345.012345.12": ("01/04012345123456/21/12", Kind.SERIAL),
    "urn:epc:id:sscc:4012345.0000000333": ("00/040123450000003338", Kind.CARRIER),
    "urn:epc:id:grai:4012345.66666.87": ("8003/0401234566666387", Kind.ASSET),
    "urn:epc:id:giai:4012345.AAbb": ("8004/4012345AAbb", Kind.ASSET),
    "urn:epc:id:gsrn:4012345.9876540000": ("8018/401234598765400000", Kind.PARTY),
    "urn:epc:id:gsrnp:4012345.0000098765": ("8017/401234500000987658", Kind.OPERATOR),
    "urn:epc:id:gdti:4012345.55555.98": ("253/401234555555498", Kind.DOCUMENT),
    "urn:epc:id:cpi:4012345.ABC.123": ("8010/4012345ABC/8011/123", Kind.SERIAL),
    "urn:epc:id:sgcn:4012345.99999.44": ("255/401234599999044", Kind.DOCUMENT),
    "urn:epc:id:ginc:4012345.333": ("401/4012345333", Kind.ORDER),
    "urn:epc:id:gsin:4012345.999987654": ("402/40123459999876541", Kind.ORDER),
    "urn:epc:id:itip:4012345.012345.01.02.999": ("8006/040123451234560102/21/999", Kind.SERIAL),
    "urn:epc:id:upui:4012345.012345.AB12": ("01/04012345123456/235/AB12", Kind.SERIAL),
    "urn:epc:class:lgtin:4054739.099914.20160711": ("01/04054739999148/10/20160711", Kind.LOT),
    "urn:epc:idpat:sgtin:4054739.099914.*": ("01/04054739999148", Kind.CLASS),
    "urn:epc:idpat:grai:4012345.66666.*": ("8003/04012345666663", Kind.CLASS),
    "urn:epc:idpat:gdti:4012345.55555.*": ("253/4012345555554", Kind.CLASS),
    "urn:epc:idpat:sgcn:4012345.99999.*": ("255/4012345999990", Kind.CLASS),
    "urn:epc:idpat:cpi:4012345.ABC.*": ("8010/4012345ABC", Kind.CLASS),
    "urn:epc:idpat:itip:4012345.012345.01.02.*": ("8006/040123451234560102", Kind.CLASS),
    "urn:epc:id:sgln:4012345.00011.987": ("414/4012345000115/254/987", Kind.LOCATION),
}


@pytest.mark.parametrize("urn", ALL_KEYS)
def test_every_kind_of_key_has_its_canonical_form_and_kind(urn: str) -> None:
    path, kind = ALL_KEYS[urn]
    one = identify(urn)
    assert (one.canonical, one.kind, one.problem) == (f"https://id.gs1.org/{path}", kind, "")


@pytest.mark.shared_data
def test_every_key_of_the_document_of_all_keys_is_among_them(shared_data: pathlib.Path) -> None:
    path = shared_data / "epcis" / "event-hash" / "examples" / "epcisDocWithAllGS1Keys.jsonld"
    found = set(re.findall(r'"(urn:epc:(?:id|class|idpat):[^"]+)"', path.read_text("utf-8")))
    assert found <= set(ALL_KEYS)


# Read off each document; the GRAIs lack their filler digit 0, which the check digit gives away.
BAD_IN_THE_DATA = {
    "https://id.example.com/8003/030013450007718765",
    "https://id.gs1.org/8003/030013450007718765",
    "https://id.example.com/8003/039123450007718765",
    "https://id.example.com/8003/952012200000001004",
    "https://id.gs1.org/414/1234567089451",
    "https://id.gs1.org/414/1234567089452",
    "https://id.gs1.org/414/1234567089453",
    "https://id.gs1.org/417/1234567089453",
    "urn:epc:id:sscc:08600031303.0004",
    "urn:epc:id:sscc:08600031303.0005",
}


@pytest.mark.shared_data
def test_every_key_in_the_shared_documents_has_a_kind_and_only_known_ones_are_bad(shared_data: pathlib.Path) -> None:
    found: set[str] = set()
    for path in sorted((shared_data / "epcis").rglob("*")):
        if path.suffix in {".json", ".jsonld", ".xml", ".log"}:
            found.update(ANY_ID.findall(path.read_text("utf-8", errors="replace")))
    assert len(found) > 200
    identities = {text: identify(text) for text in found}
    assert {text for text, one in identities.items() if one.problem} == BAD_IN_THE_DATA
    without_kind = {text for text, one in identities.items() if one.kind is Kind.OTHER}
    assert all(re.match(r"urn:gdst:(bizStep|certType|eez|rfmo|fao|gear|kde)\b", text) for text in without_kind)


@pytest.mark.shared_data
def test_lengths_of_application_identifiers_agree_with_the_syntax_dictionary(shared_data: pathlib.Path) -> None:
    keys = set()
    lines = (shared_data / "gs1" / "gs1-syntax-dictionary.txt").read_text("utf-8").splitlines()
    for line in lines:
        entry = re.match(r"(\d{2,4})(?:-(\d{4}))?\s+(\S*)\s+([NXYZ]\S.*?)(?:\s{2,}|$)(.*)", line)
        if not entry:
            continue
        ai, _, flags, form, attributes = entry.groups()
        assert _AI_LENGTHS[ai[:2]] == len(ai), line
        assert ("*" in flags) == (ai[:2] in _PREDEFINED), line
        if "*" in flags:
            length = sum(int(number) for number in re.findall(r"[NXYZ](\d+)", form))
            assert _PREDEFINED[ai[:2]] == len(ai) + length, line
        if "dlpkey" in attributes:
            keys.add(ai)
    assert keys == set(KEY_AIS)


@pytest.mark.shared_data
def test_identities_of_the_oracles_are_the_forms_the_oracles_use(shared_data: pathlib.Path) -> None:
    for path in sorted((shared_data / "oracles").glob("*.json")):
        for query in json.loads(path.read_text("utf-8")).get("queries", ()):
            names = [*query.get("ancestor_lots", ()), *query.get("descendant_lots", ()), *query.get("carriers", ())]
            one_each = {identify(name).canonical for name in names}
            assert len(one_each) == len(set(names))
            for name in query.get("carriers", ()):
                assert identify(name).kind is Kind.CARRIER, name
            for name in (*query.get("ancestor_lots", ()), *query.get("descendant_lots", ())):
                assert identify(name, Place.CLASS).kind in {Kind.LOT, Kind.SERIAL}, name
