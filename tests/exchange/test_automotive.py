"""Automotive as-built data: parts, assemblies, batches, and what is missing in it."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.exchange.builders import CLOCK, read
from trace_core.exchange.documents import DocumentKind, read_document
from trace_core.vocabulary.epcis_json import event_from_epcis
from trace_core.vocabulary.events import AssociationEvent

CAR = "urn:uuid:00000000-0000-4000-8000-000000000001"
GEAR = "urn:uuid:00000000-0000-4000-8000-000000000002"
OIL = "urn:uuid:00000000-0000-4000-8000-000000000003"
KEY = "https://catenax.io/schema/TestDataContainer/1.0.0"


def part(number: str, instance: str, made: str = "2026-01-02T03:04:05Z", **more: Any) -> dict[str, Any]:
    return {
        "localIdentifiers": [
            {"key": "manufacturerId", "value": "BPNL1"},
            {"key": "partInstanceId", "value": instance},
        ],
        "manufacturingInformation": {"date": made, "country": "DEU"},
        "partTypeInformation": {"manufacturerPartId": number, "nameAtManufacturer": "Getriebe 变速箱"},
        **more,
    }


def child(of: str, quantity: Any = 1, unit: str = "unit:piece", **more: Any) -> dict[str, Any]:
    return {
        "childCatenaXId": of,
        "lifecycleContext": "AsBuilt",
        "createdOn": "2026-02-03T04:05:06.789Z",
        "quantity": {"quantityNumber": quantity, "measurementUnit": {"lexicalValue": unit}},
        **more,
    }


def container(id: str, **aspects: Any) -> dict[str, Any]:
    return {"catenaXId": id, **{f"urn:bamm:io.catenax.x:1.0.0#{name}": [value] for name, value in aspects.items()}}


def events(*containers: Any) -> list[dict[str, Any]]:
    found = read({KEY: list(containers)}, strict=True)
    assert found.kind is DocumentKind.AUTOMOTIVE_JSON
    assert [one.rejection for one in found.events] == [None] * len(list(found.events))
    return [one.event for one in found.events]


def test_the_real_file_has_all_its_parts_and_links(shared_data: Path) -> None:
    for strict in (True, False):
        found = read_document(shared_data / "automotive/smallTestdata.json", strict=strict, clock=CLOCK)
        stored = [event_from_epcis(one.event) for one in found.events if one.is_accepted]
        assert Counter(type(one).__name__ for one in stored) == {"ObjectEvent": 161, "AssociationEvent": 84}
        built = [one for one in stored if isinstance(one, AssociationEvent)]
        assert sum(len(one.epcs) + len(one.amounts) for one in built) == 283
        assert len([one for one in found.warnings if "holds no part data" in one.reason]) == 1


def test_a_serial_part_is_commissioned_with_its_business_key_as_alias() -> None:
    (gear,) = events(container(GEAR, SerialPart=part("A|1", "NO-1")))
    assert gear["epcList"] == [GEAR]
    assert gear["plant:alias"] == ["A%7C1|NO-1"]
    assert gear["eventTime"] == "2026-01-02T03:04:05.000Z"


def test_an_assembly_holds_serials_and_measured_batches() -> None:
    _, _, _, built = events(
        container(
            CAR,
            SerialPartTypization=part("C", "1"),
            SingleLevelBomAsBuilt={"childItems": [child(GEAR), child(OIL, "0.25", "unit:kilogram")]},
        ),
        container(GEAR, SerialPart=part("G", "2")),
        container(OIL, Batch=part("O", "3")),
    )
    assert (built["type"], built["parentID"], built["childEPCs"]) == ("AssociationEvent", CAR, [GEAR])
    assert built["childQuantityList"] == [{"epcClass": OIL, "quantity": Decimal("0.25"), "uom": "KGM"}]
    assert built["eventTime"] == "2026-02-03T04:05:06.789Z"


def test_a_batch_made_of_parts_uses_them_up() -> None:
    *_, made = events(
        container(OIL, Batch=part("O", "1"), AssemblyPartRelationship={"childParts": [child(GEAR)]}),
        container(GEAR, SerialPart=part("G", "2")),
    )
    assert made["type"] == "TransformationEvent"
    assert (made["inputEPCList"], made["outputQuantityList"]) == ([GEAR], [{"epcClass": OIL}])


def test_a_link_that_only_the_child_states_counts_once() -> None:
    usage = {"parentItems": [{**child(GEAR), "childCatenaXId": None, "catenaXId": CAR}]}
    found = events(
        container(CAR, SerialPart=part("C", "1"), SingleLevelBomAsBuilt={"childItems": [child(GEAR)]}),
        container(GEAR, SerialPart=part("G", "2"), SingleLevelUsageAsBuilt=usage),
    )
    assert sum(one["type"] == "AssociationEvent" for one in found) == 1
    found = events(
        container(CAR, SerialPart=part("C", "1")),
        container(GEAR, SerialPart=part("G", "2"), SingleLevelUsageAsBuilt=usage),
    )
    assert found[-1]["childEPCs"] == [GEAR]


def test_children_fitted_at_different_times_are_different_events() -> None:
    later = child(OIL, createdOn="2026-02-04T00:00:00Z")
    found = events(
        container(CAR, SerialPart=part("C", "1"), SingleLevelBomAsBuilt={"childItems": [child(GEAR), later]})
    )
    assert [one["eventTime"] for one in found[1:]] == ["2026-02-03T04:05:06.789Z", "2026-02-04T00:00:00.000Z"]


def test_links_that_were_only_planned_are_left_out_with_a_warning() -> None:
    planned = child(GEAR, lifecycleContext="AsPlanned")
    found = read({KEY: [container(CAR, SerialPart=part("C", "1"), SingleLevelBomAsBuilt={"childItems": [planned]})]})
    assert len(list(found.events)) == 1
    assert any("asplanned" in one.reason for one in found.warnings)


def test_times_are_never_made_up_in_silence() -> None:
    raw = {
        KEY: [
            container(
                CAR, SerialPart=part("C", "1", ""), SingleLevelBomAsBuilt={"childItems": [child(GEAR, createdOn=None)]}
            ),
            container(GEAR, SerialPart=part("G", "2", "2026-01-02T03:04:05")),
            container(OIL, Batch=part("O", "3", "2026-01-02")),
            {
                "catenaXId": "urn:uuid:00000000-0000-4000-8000-000000000009",
                "PlainObject": [{"CREATION_DATE": "2026-05-06T00:00:00Z"}],
            },
        ]
    }
    found = read(raw)
    times = [one.event["eventTime"] for one in found.events]
    assert times == [
        "2026-05-06T00:00:00.000Z",
        "2026-01-02T03:04:05.000Z",
        "2026-01-02T00:00:00.000Z",
        "2026-05-06T00:00:00.000Z",
    ]
    reasons = " ".join(one.reason for one in found.warnings)
    for said in ("no usable manufacturing date", "taken as UTC", "a date without time", "no time at which"):
        assert said in reasons


def test_odd_containers_are_warnings_not_failures() -> None:
    odd: list[Any] = [
        5,
        {},
        {"catenaXId": 7},
        {"catenaXId": "no id"},
        container(CAR, SerialPart=5),
        container(GEAR, AssemblyPartRelationship=[1]),
    ]
    found = read(
        json.dumps(
            {
                KEY: [
                    *odd,
                    container(
                        OIL, Batch=part("O", "1"), AssemblyPartRelationship={"childParts": [5, {"childCatenaXId": 1}]}
                    ),
                ]
            }
        )
    )
    assert len(list(found.events)) == 1
    assert len(found.warnings) >= 6


def test_reading_twice_gives_the_same_events() -> None:
    raw = [container(CAR, SerialPart=part("C", "1"), SingleLevelBomAsBuilt={"childItems": [child(GEAR)]})]
    assert events(*raw) == events(*raw)


def test_names_and_makers_become_masterdata() -> None:
    found = read({KEY: [container(GEAR, SerialPart=part("G", "2"))]})
    assert [(type(one).__name__, getattr(one, "name", "")) for one in found.masterdata] == [
        ("Item", "Getriebe 变速箱"),
        ("Item", "Getriebe 变速箱"),
        ("Party", "BPNL1"),
    ]
