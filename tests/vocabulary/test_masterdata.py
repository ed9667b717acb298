"""Masterdata: values that go to JSON and back; the latest record of an id is the one that counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from trace_core.errors import DocumentError
from trace_core.vocabulary.json_text import from_bytes, to_bytes
from trace_core.vocabulary.masterdata import (
    Bom,
    BomLine,
    Equipment,
    EquipmentKind,
    Item,
    Location,
    MasterdataView,
    MasterRecord,
    Party,
    RunStamp,
    Vocabulary,
    master_from_json,
    master_to_json,
)

RECORDS: list[MasterRecord] = [
    Item("04012345222228", "草莓酸奶", "BX", {"shelfLife": "28 d"}),
    Bom(
        "B1",
        "04012345222228",
        "BX",
        (BomLine("M1", Decimal("3.20"), "KGM"), BomLine("M2", Decimal(1), "H87", required=False)),
    ),
    Equipment("urn:plant:equipment:-::S1", EquipmentKind.VESSEL, "Silo 1", "", Decimal("50000.5"), "LTR"),
    Equipment("urn:plant:equipment:-::L1", EquipmentKind.STATION),
    Location("urn:plant:location:-::CS", "Cold store", internal=True),
    Party("urn:plant:party:-::C7", "惠民超市", "customer"),
    Vocabulary("urn:x", "urn:epcglobal:epcis:vtype:epcclass", {"a": "b"}),
    RunStamp("run", "yoghurt", "ab" * 32, 1, "P12D"),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda one: type(one).__name__)
def test_a_record_comes_back_from_its_json_as_it_was(record: MasterRecord) -> None:
    assert master_from_json(from_bytes(to_bytes(master_to_json(record)))) == record


def test_the_latest_record_of_an_id_counts() -> None:
    view = MasterdataView([Item("M1", "old"), Item("M1", "new")])
    assert view.name_of("M1") == "new"
    assert view.name_of("M2") == ""
    assert view.get("M2") is None


def test_recipes_are_found_by_what_they_make() -> None:
    first, second = Bom("B1", "P", "BX", ()), Bom("B2", "P", "BX", ())
    view = MasterdataView([first, second, Bom("B1", "P", "BX", (BomLine("M", Decimal(1), "KGM"),))])
    assert [bom.id for bom in view.boms_of("P")] == ["B1", "B2"]
    assert len(view.boms_of("P")[0].lines) == 1


@pytest.mark.parametrize("raw", [{"record": "Sermon"}, {}, {"record": "Item", "id": "M", "sermon": 1}])
def test_json_that_is_no_masterdata_is_refused(raw: dict[str, object]) -> None:
    with pytest.raises(DocumentError):
        master_from_json(raw)
