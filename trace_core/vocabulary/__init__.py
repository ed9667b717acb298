"""The words everything else is said in: identities, quantities, events, masterdata, clocks, times."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trace_core.vocabulary.clock import Clock, SetClock, SystemClock
    from trace_core.vocabulary.epcis_json import content_hash, event_from_epcis, event_to_epcis
    from trace_core.vocabulary.events import (
        Action,
        AggregationEvent,
        Amount,
        AssociationEvent,
        ErrorDeclaration,
        Event,
        Link,
        ObjectEvent,
        TransactionEvent,
        TransformationEvent,
        amounts_in,
    )
    from trace_core.vocabulary.identity import (
        Identity,
        Kind,
        Place,
        identify,
        parse_gs1,
        plant_id,
        to_digital_link,
        to_element_string,
        to_epc_urn,
    )
    from trace_core.vocabulary.masterdata import (
        Bom,
        BomLine,
        Equipment,
        EquipmentKind,
        Item,
        Location,
        Masterdata,
        MasterdataView,
        MasterRecord,
        Party,
        RunStamp,
        Vocabulary,
    )
    from trace_core.vocabulary.times import format_time, parse_time

_MODULES = {
    "Action": "trace_core.vocabulary.events",
    "AggregationEvent": "trace_core.vocabulary.events",
    "Amount": "trace_core.vocabulary.events",
    "AssociationEvent": "trace_core.vocabulary.events",
    "Bom": "trace_core.vocabulary.masterdata",
    "BomLine": "trace_core.vocabulary.masterdata",
    "Clock": "trace_core.vocabulary.clock",
    "Equipment": "trace_core.vocabulary.masterdata",
    "EquipmentKind": "trace_core.vocabulary.masterdata",
    "ErrorDeclaration": "trace_core.vocabulary.events",
    "Event": "trace_core.vocabulary.events",
    "Identity": "trace_core.vocabulary.identity",
    "Item": "trace_core.vocabulary.masterdata",
    "Kind": "trace_core.vocabulary.identity",
    "Link": "trace_core.vocabulary.events",
    "Location": "trace_core.vocabulary.masterdata",
    "MasterRecord": "trace_core.vocabulary.masterdata",
    "Masterdata": "trace_core.vocabulary.masterdata",
    "MasterdataView": "trace_core.vocabulary.masterdata",
    "ObjectEvent": "trace_core.vocabulary.events",
    "Party": "trace_core.vocabulary.masterdata",
    "Place": "trace_core.vocabulary.identity",
    "RunStamp": "trace_core.vocabulary.masterdata",
    "SetClock": "trace_core.vocabulary.clock",
    "SystemClock": "trace_core.vocabulary.clock",
    "TransactionEvent": "trace_core.vocabulary.events",
    "TransformationEvent": "trace_core.vocabulary.events",
    "Vocabulary": "trace_core.vocabulary.masterdata",
    "amounts_in": "trace_core.vocabulary.events",
    "content_hash": "trace_core.vocabulary.epcis_json",
    "event_from_epcis": "trace_core.vocabulary.epcis_json",
    "event_to_epcis": "trace_core.vocabulary.epcis_json",
    "format_time": "trace_core.vocabulary.times",
    "identify": "trace_core.vocabulary.identity",
    "parse_gs1": "trace_core.vocabulary.identity",
    "parse_time": "trace_core.vocabulary.times",
    "plant_id": "trace_core.vocabulary.identity",
    "to_digital_link": "trace_core.vocabulary.identity",
    "to_element_string": "trace_core.vocabulary.identity",
    "to_epc_urn": "trace_core.vocabulary.identity",
}

__all__ = [
    "Action",
    "AggregationEvent",
    "Amount",
    "AssociationEvent",
    "Bom",
    "BomLine",
    "Clock",
    "Equipment",
    "EquipmentKind",
    "ErrorDeclaration",
    "Event",
    "Identity",
    "Item",
    "Kind",
    "Link",
    "Location",
    "MasterRecord",
    "Masterdata",
    "MasterdataView",
    "ObjectEvent",
    "Party",
    "Place",
    "RunStamp",
    "SetClock",
    "SystemClock",
    "TransactionEvent",
    "TransformationEvent",
    "Vocabulary",
    "amounts_in",
    "content_hash",
    "event_from_epcis",
    "event_to_epcis",
    "format_time",
    "identify",
    "parse_gs1",
    "parse_time",
    "plant_id",
    "to_digital_link",
    "to_element_string",
    "to_epc_urn",
]


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
