"""Events and masterdata as an EPCIS 2.0 capture document in JSON-LD, streamed.

What strict reading accepts goes out so that strict reading accepts it again, and every event keeps its CBV event hash.
Source: GS1 EPCIS 2.0, 10.2 and 10.3.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from typing import IO, Any

from trace_core.errors import BadInput
from trace_core.exchange.epcis_values import is_uri
from trace_core.exchange.header_masterdata import write_vocabularies
from trace_core.exchange.name_spaces import GS1_CONTEXT, STANDARD_PREFIXES, parse_context
from trace_core.vocabulary.clock import Clock
from trace_core.vocabulary.identity import Place, identify
from trace_core.vocabulary.json_text import to_bytes
from trace_core.vocabulary.masterdata import MasterRecord
from trace_core.vocabulary.times import format_time

SPOOL_BYTES = 8 * 1024 * 1024
"""Events are kept in memory up to here while the prefixes they use are gathered, and in a temporary file beyond."""

_ID_LISTS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_AMOUNT_LISTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")


def write_epcis(
    events: Iterable[Mapping[str, Any]],
    out: IO[bytes],
    clock: Clock,
    masterdata: Iterable[MasterRecord] = (),
    header: Mapping[str, Any] | None = None,
) -> int:
    """Writes a document with ``events`` (EPCIS 2.0 JSON shape) to ``out``; how many events.

    ``header`` may add ``sender``, ``receiver``, ``instanceIdentifier`` and ``id``; the creation date is the clock's.
    """
    prefixes: dict[str, str] = {"plant": STANDARD_PREFIXES["plant"]}
    others: dict[str, None] = {}
    count = 0
    with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool:
        for event in events:
            spool.write(b",\n" if count else b"\n")
            spool.write(to_bytes(_hoisted(_with_uris(event), prefixes, others)))
            count += 1
        head: dict[str, Any] = {"type": "EPCISDocument", "schemaVersion": "2.0"}
        head["creationDate"] = format_time(clock.now())
        head.update(header or {})
        vocabularies = write_vocabularies(masterdata)
        if vocabularies:
            head["epcisHeader"] = {"epcisMasterData": {"vocabularyList": vocabularies}}
        context = to_bytes([GS1_CONTEXT, *others, prefixes])
        out.write(b'{"@context":' + context + b"," + to_bytes(head)[1:-1])
        out.write(b',"epcisBody":{"eventList":[')
        spool.seek(0)
        shutil.copyfileobj(spool, out)
        out.write(b"\n]}}\n")
    return count


def _hoisted(event: dict[str, Any], prefixes: dict[str, str], others: dict[str, None]) -> dict[str, Any]:
    """``event`` without its own context, which goes to the document's; a prefix that means two things stays with it."""
    if "@context" not in event:
        return event
    own = parse_context(event.pop("@context"))
    others.update(dict.fromkeys(own.others))
    kept = {prefix: space for prefix, space in own.prefixes.items() if prefixes.setdefault(prefix, space) != space}
    if kept:
        event["@context"] = kept
    return event


def _with_uris(event: Mapping[str, Any]) -> dict[str, Any]:
    """``event`` with ids that came as element strings or barcodes written as URIs, as the standard asks."""
    out = dict(event)
    for name in _ID_LISTS:
        if isinstance(out.get(name), list):
            out[name] = [_uri(one, Place.EPC) for one in out[name]]
    for name in _AMOUNT_LISTS:
        if isinstance(out.get(name), list):
            out[name] = [{**one, "epcClass": _uri(one["epcClass"], Place.CLASS)} for one in out[name]]
    for name in ("parentID", "transformationID"):
        if name in out:
            out[name] = _uri(out[name], Place.EPC)
    for name in ("readPoint", "bizLocation"):
        if isinstance(out.get(name), Mapping) and "id" in out[name]:
            out[name] = {**out[name], "id": _uri(out[name]["id"], Place.LOCATION)}
    return out


def _uri(text: Any, place: Place) -> Any:
    if not isinstance(text, str) or is_uri(text):
        return text
    try:
        canonical = identify(text, place).canonical
    except BadInput:
        return text
    return canonical if is_uri(canonical) else text
