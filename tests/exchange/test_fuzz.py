"""Whatever bytes come, reading raises nothing but a DocumentError, and what is accepted can be stored and written."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.builders import CLOCK, LOT, SGTIN, XML_EVENT, document, event, xml
from tests.exchange.test_automotive import CAR, GEAR, KEY, child, container, part
from trace_core.errors import DocumentError
from trace_core.exchange.csv_writer import write_csv
from trace_core.exchange.documents import read_bytes
from trace_core.exchange.epcis_writer import write_epcis
from trace_core.exchange.epcis_xml_writer import event_to_xml
from trace_core.exchange.event_hash import event_hash
from trace_core.vocabulary.epcis_json import event_from_epcis, event_to_epcis

FULL = event(
    eventID="urn:x:1",
    epcList=[SGTIN],
    bizStep="shipping",
    disposition="in_transit",
    readPoint={"id": "urn:x:r"},
    bizTransactionList=[{"type": "po", "bizTransaction": "urn:x:b"}],
    sourceList=[{"type": "location", "source": "urn:x:s"}],
    persistentDisposition={"set": ["expired"]},
    ilmd={"a:b": "c"},
    certificationInfo="https://a.example/",
    sensorElementList=[
        {"sensorMetadata": {"time": "2026-11-02T06:45:00Z"}, "sensorReport": [{"type": "Mass", "value": 1.5}]}
    ],
    errorDeclaration={
        "declarationTime": "2026-11-02T06:45:00Z",
        "reason": "did_not_occur",
        "correctiveEventIDs": ["urn:x:2"],
    },
)
SAMPLES = (
    json.dumps(
        document(FULL, event(), **{"@context": ["https://ref.gs1.org/epcis-context.jsonld", {"a": "urn:a:"}]})
    ).encode(),
    json.dumps({"Content": json.dumps(document(event()))}).encode(),
    xml(XML_EVENT + event_to_xml(FULL)).encode(),
    json.dumps(
        {
            KEY: [
                container(CAR, SerialPart=part("C", "1"), SingleLevelBomAsBuilt={"childItems": [child(GEAR)]}),
                container(GEAR, Batch=part("G", "2")),
            ]
        }
    ).encode(),
)
PIECES = st.sampled_from(
    [
        b"null",
        b"[]",
        b"{}",
        b'""',
        b"-1",
        b"NaN",
        b"1e999",
        b"true",
        b'"\\ud800"',
        b'"\xff"',
        b"<a/>",
        b"&x;",
        b"//c\n",
        b"/*",
        b'"2026-01-01"',
        b"[[1]]",
        b'{"id":[]}',
        b"<![CDATA[",
        b"\x00",
        b"\xef\xbb\xbf",
        LOT.encode(),
        b'xmlns:a="u"',
        b"}",
        b"]",
    ]
)


def use(raw: dict[str, Any]) -> None:
    """Everything that is done with an accepted event."""
    stored = event_from_epcis(raw)
    event_from_epcis(event_to_epcis(stored))
    assert event_hash(raw).startswith("ni:///sha-256;")
    write_epcis([raw], io.BytesIO(), CLOCK)
    write_csv([raw], io.StringIO())
    with contextlib.suppress(DocumentError):
        event_to_xml(raw)


def read_and_use(content: bytes) -> None:
    for strict in (True, False):
        try:
            found = read_bytes(content, "fuzz", strict=strict, clock=CLOCK)
        except DocumentError as error:
            str(error)  # its message can be made, whatever came
            continue
        for one in found.events:
            if one.is_accepted:
                use(one.event)


@given(st.data())
def test_mutated_documents_raise_nothing_but_document_errors(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(SAMPLES))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 30)))
        content = content[:start] + data.draw(PIECES | st.binary(max_size=3)) + content[end:]
    read_and_use(content)


@given(st.data())
def test_values_of_the_wrong_shape_raise_nothing_but_document_errors(data: st.DataObject) -> None:
    scalars = (
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.sampled_from([LOT, SGTIN, "ADD"])
    )
    values = st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "type", "epcClass", "quantity", "a:b", "source"]), inner, max_size=3
            )
        ),
        max_leaves=6,
    )
    raw = dict(FULL)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.sampled_from(sorted(FULL)))] = data.draw(values)
    read_and_use(json.dumps(document(raw)).encode())


@given(st.binary(max_size=200))
def test_any_bytes_raise_nothing_but_document_errors(content: bytes) -> None:
    read_and_use(content)
