"""What EPCIS 2.0 asks of an event: every violation, each with its path.

The rules are those of the standard's JSON schema and of its XML schemas 1.2 and 2.0 with CBV 2.0's word lists, written
down from the standard's text (GS1 EPCIS 2.0, clauses 7 and 8; CBV 2.0, clause 7), as one table of fields per event
type. Events have the shape of EPCIS 2.0 JSON-LD whatever they were written in; where JSON and XML differ, the
:class:`~trace_core.exchange.epcis_words.Notation` decides.

An id that claims to be a GS1 key and is none (wrong check digit, wrong length) is a violation too. One exception: the
check digit of a GRAI written as a Digital Link, which GS1's and others' published EPCIS 2.0 documents leave out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from trace_core.exchange import epcis_values as check
from trace_core.exchange.epcis_values import Checker, Place
from trace_core.exchange.epcis_words import (
    ALERT,
    BIZ_STEP,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT,
    PARTY,
    TRANSACTION,
    Notation,
)
from trace_core.exchange.violations import Faults, Violation

EVENT_TYPES = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")


def violations(event: Any, notation: Notation = Notation.JSON_2_0, where: str = "$") -> list[Violation]:
    """Everything in ``event`` that the standard refuses, in the order of its fields; paths begin with ``where``."""
    faults = Faults()
    if not isinstance(event, Mapping):
        faults.add(where, "an event object", event)
        return faults.found
    kind = event.get("type")
    fields = _FIELDS_OF.get(kind) if isinstance(kind, str) else None
    if fields is None:
        if kind is None:
            faults.missing(f"{where}.type", f"an event type ({', '.join(EVENT_TYPES)})")
        else:
            faults.add(f"{where}.type", f"an event type ({', '.join(EVENT_TYPES)})", kind)
        fields = _EVERY_FIELD
    _check_fields(event, fields, where, notation, faults)
    for name in _REQUIRED:
        if event.get(name) is None:
            faults.missing(f"{where}.{name}", name)
    if isinstance(kind, str) and kind in _RULES_OF:
        _RULES_OF[kind](event, where, notation, faults)
    return faults.found


def _check_fields(
    event: Mapping[str, Any], fields: Mapping[str, Checker], where: str, notation: Notation, faults: Faults
) -> None:
    for name, value in event.items():
        checker = fields.get(name)
        if checker is not None:
            checker(value, f"{where}.{name}", notation, faults)
        else:
            check.extension_name(name, where, faults)


# ---- what the types ask beyond their single fields


def _needs_action(event: Mapping[str, Any], where: str, faults: Faults) -> None:
    if event.get("action") is None:
        faults.missing(f"{where}.action", "action (ADD, OBSERVE, DELETE)")


def _names(event: Mapping[str, Any], *lists: str) -> bool:
    return any(event.get(name) for name in lists)


def _object_rules(event: Mapping[str, Any], where: str, notation: Notation, faults: Faults) -> None:
    _needs_action(event, where, faults)
    observed_place = event.get("sensorElementList") and event.get("readPoint")
    if not (_names(event, "quantityList") or "epcList" in event or observed_place):
        faults.missing(where, "epcList or quantityList, or sensorElementList with readPoint")
    elif not notation.is_json and not (_names(event, "epcList", "quantityList") or event.get("sensorElementList")):
        faults.missing(where, "at least one epc or quantityElement")


def _nested_rules(event: Mapping[str, Any], where: str, notation: Notation, faults: Faults) -> None:
    """AggregationEvent and AssociationEvent: EPCIS 2.0, 7.4.3 and 7.4.6."""
    _needs_action(event, where, faults)
    deletes = event.get("action") == "DELETE"
    if not deletes and not _names(event, "childEPCs", "childQuantityList"):
        faults.missing(where, "childEPCs or childQuantityList (only DELETE may go without)")
    parent_needed = event["type"] == "AssociationEvent" or event.get("action") in ("ADD", "DELETE")
    if parent_needed and event.get("parentID") is None:
        faults.missing(f"{where}.parentID", "parentID")


def _transaction_rules(event: Mapping[str, Any], where: str, notation: Notation, faults: Faults) -> None:
    _needs_action(event, where, faults)
    if not event.get("bizTransactionList"):
        faults.missing(f"{where}.bizTransactionList", "at least one business transaction")
    named = _names(event, "quantityList") or "epcList" in event
    if not named and event.get("action") != "DELETE":
        faults.missing(where, "epcList or quantityList (only DELETE may go without)")


def _transformation_rules(event: Mapping[str, Any], where: str, notation: Notation, faults: Faults) -> None:
    inputs = _names(event, "inputEPCList", "inputQuantityList")
    outputs = _names(event, "outputEPCList", "outputQuantityList")
    if event.get("transformationID"):
        if not inputs and not outputs:
            faults.missing(where, "at least one input or output")
        return
    if not inputs:
        faults.missing(where, "inputEPCList or inputQuantityList (or a transformationID that ties reports together)")
    if not outputs:
        faults.missing(where, "outputEPCList or outputQuantityList (or a transformationID that ties reports together)")


_RULES_OF: dict[str, Callable[[Mapping[str, Any], str, Notation, Faults], None]] = {
    "ObjectEvent": _object_rules,
    "AggregationEvent": _nested_rules,
    "AssociationEvent": _nested_rules,
    "TransactionEvent": _transaction_rules,
    "TransformationEvent": _transformation_rules,
}

_REQUIRED = ("eventTime", "eventTimeZoneOffset")


# ---- the parts of an event


def _quantity(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        faults.add(path, "a number", value)
    elif not Decimal(value).is_finite() or value < 0:
        faults.add(path, "a finite quantity of 0 or more", value)


_QUANTITY_ELEMENT = check.record(
    {"epcClass": check.identifier(Place.CLASS), "quantity": _quantity, "uom": check.unit_code},
    required=("epcClass",),
    open_to_extensions=False,
)

_PLACE = check.record({"id": check.identifier(Place.LOCATION)}, required=("id",))

_PERSISTENT = check.record(
    {"set": check.list_of(check.word(DISPOSITION), 1), "unset": check.list_of(check.word(DISPOSITION), 1)},
    open_to_extensions=False,
    any_of=("set", "unset"),
)

_ERROR_DECLARATION = check.record(
    {
        "declarationTime": check.time,
        "reason": check.word(ERROR_REASON),
        "correctiveEventIDs": check.list_of(check.uri),
    },
    required=("declarationTime",),
)

_SENSOR_METADATA = check.record(
    {
        "time": check.time,
        "startTime": check.time,
        "endTime": check.time,
        "deviceID": check.uri,
        "deviceMetadata": check.uri,
        "rawData": check.uri,
        "dataProcessingMethod": check.uri,
        "bizRules": check.uri,
    }
)

_SENSOR_REPORT = check.record(
    {
        "type": check.word(MEASUREMENT),
        "exception": check.word(ALERT),
        "component": check.word(COMPONENT),
        "time": check.time,
        "stringValue": check.text,
        "booleanValue": check.truth_value,
        "hexBinaryValue": check.hexadecimal,
        "uom": check.text,
        **dict.fromkeys(
            (
                "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules", "microorganism",
                "chemicalSubstance", "coordinateReferenceSystem", "uriValue",
            ),
            check.uri,
        ),
        **dict.fromkeys(
            ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), check.number
        ),
    },
    # The JSON schema asks for the type always, the XML schema never; an alert says what it is by its exception.
    any_of=("type", "exception"),
)  # fmt: skip

_SENSOR_ELEMENT = check.record(
    {"sensorMetadata": _SENSOR_METADATA, "sensorReport": check.list_of(_SENSOR_REPORT, 1)},
    required=("sensorReport",),
)

_ILMD = check.record({})

# GS1 Web vocabulary's CertificationDetails as EPCIS 2.0 uses it (8.2.1); dates are calendar dates.
_CERTIFICATION = check.record(
    {
        **dict.fromkeys(
            (
                "gs1:certificationAuditDate", "gs1:certificationStartDate", "gs1:certificationEndDate",
                "gs1:initialCertificationDate",
            ),
            check.date,
        ),
        **dict.fromkeys(
            (
                "gs1:certificationAgency", "gs1:certificationIdentification", "gs1:certificationStandard",
                "gs1:certificationStatement", "gs1:certificationSubject", "gs1:certificationType",
                "gs1:certificationValue",
            ),
            check.text,
        ),
        "gs1:certificationURI": check.uri,
        "gs1:certificationStatus": check.one_of("ACTIVE", "INACTIVE"),
    }
)  # fmt: skip


def _certification_info(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    """A URI, or a list of URIs, or a list of certification details; XML 1.2 knows no such field and checks nothing."""
    if notation is Notation.XML_1_2:
        return
    for number, one in enumerate(value if isinstance(value, list) else [value]):
        spot = f"{path}[{number}]" if isinstance(value, list) else path
        if isinstance(one, Mapping):
            details = one.get("gs1:CertificationDetails")
            if details is None:
                faults.missing(f"{spot}.gs1:CertificationDetails", "certification details")
                continue
            for piece in details if isinstance(details, list) else [details]:
                _CERTIFICATION(piece, f"{spot}.gs1:CertificationDetails", notation, faults)
        else:
            check.uri(one, spot, notation, faults)


def _epc_list(value: Any, path: str, notation: Notation, faults: Faults) -> None:
    check.list_of(check.identifier(Place.EPC))(value, path, notation, faults)
    if notation.is_json and isinstance(value, list):
        seen: set[str] = set()
        for number, one in enumerate(value):
            if isinstance(one, str) and one in seen:
                faults.add(f"{path}[{number}]", "an id that is not in the list already", one)
            elif isinstance(one, str):
                seen.add(one)


def _links(field: str, type_word: Checker, *, type_needed: bool, place: Place) -> Checker:
    return check.list_of(
        check.record(
            {"type": type_word, field: check.identifier(place)},
            required=("type", field) if type_needed else (field,),
            open_to_extensions=False,
        )
    )


_PARTY_WORD = check.word(PARTY)

# ---- the table of fields

_COMMON: dict[str, Checker] = {
    "@context": check.context,
    "type": check.anything,
    "eventID": check.uri,
    "eventTime": check.time,
    "recordTime": check.time,
    "eventTimeZoneOffset": check.zone_offset,
    "certificationInfo": _certification_info,
    "errorDeclaration": _ERROR_DECLARATION,
    "bizStep": check.word(BIZ_STEP),
    "disposition": check.word(DISPOSITION),
    "persistentDisposition": _PERSISTENT,
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": _links("bizTransaction", check.word(TRANSACTION), type_needed=False, place=Place.ANY),
    "sourceList": _links("source", _PARTY_WORD, type_needed=True, place=Place.PARTY),
    "destinationList": _links("destination", _PARTY_WORD, type_needed=True, place=Place.PARTY),
    "sensorElementList": check.list_of(_SENSOR_ELEMENT),
}
_ACTION: dict[str, Checker] = {"action": check.one_of("ADD", "OBSERVE", "DELETE")}
_PARENT: dict[str, Checker] = {"parentID": check.identifier(Place.EPC)}
_AMOUNTS = check.list_of(_QUANTITY_ELEMENT)
_NESTED: dict[str, Checker] = {**_PARENT, "childEPCs": _epc_list, "childQuantityList": _AMOUNTS}
_THINGS: dict[str, Checker] = {"epcList": _epc_list, "quantityList": _AMOUNTS}

_FIELDS_OF: dict[str, dict[str, Checker]] = {
    "ObjectEvent": {**_COMMON, **_ACTION, **_THINGS, "ilmd": _ILMD},
    "AggregationEvent": {**_COMMON, **_ACTION, **_NESTED},
    "AssociationEvent": {**_COMMON, **_ACTION, **_NESTED},
    "TransactionEvent": {**_COMMON, **_ACTION, **_PARENT, **_THINGS},
    "TransformationEvent": {
        **_COMMON,
        "inputEPCList": _epc_list,
        "inputQuantityList": _AMOUNTS,
        "outputEPCList": _epc_list,
        "outputQuantityList": _AMOUNTS,
        "transformationID": check.uri,
        "ilmd": _ILMD,
    },
}
_EVERY_FIELD: dict[str, Checker] = {name: one for fields in _FIELDS_OF.values() for name, one in fields.items()}

STANDARD_FIELDS = frozenset(_EVERY_FIELD)
"""The names of all fields that an EPCIS 2.0 event may have without a namespace."""
