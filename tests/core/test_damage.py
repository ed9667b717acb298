"""No answer from a record that is not what was written."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from trace_core.core import TraceCore
from trace_core.errors import StoreDamaged
from trace_core.log import open_store
from trace_core.vocabulary.clock import SystemClock
from trace_core.vocabulary.epcis_json import event_from_epcis

EVENT = {
    "type": "ObjectEvent",
    "eventTime": "2026-11-02T06:45:00+01:00",
    "action": "ADD",
    "bizStep": "receiving",
    "quantityList": [{"epcClass": "urn:plant:lot:-:cocoa:L1", "quantity": 5}],
}


def test_a_question_to_a_store_with_a_changed_record_is_refused_and_points_to_verify(tmp_path: Path) -> None:
    path = tmp_path / "plant.db"
    log = open_store(path, SystemClock())
    TraceCore(log, SystemClock()).append_events(
        [event_from_epcis({**EVENT, "eventID": f"urn:e:{n}"}) for n in range(3)]
    )
    log.close()
    changed = apsw.Connection(str(path))
    table, column = next(
        (name, "payload")
        for (name,) in changed.execute("select name from sqlite_schema where type = 'table'")
        if any(row[1] == "payload" for row in changed.execute(f"pragma table_info({name})"))
    )
    changed.execute(
        f"update {table} set {column} = cast(replace(cast({column} as text), 'cocoa', 'bocoa') as blob)"
        f" where sequence = 2"
    )
    changed.close()
    log = open_store(path, SystemClock(), mode="ro")
    with pytest.raises(StoreDamaged, match=r"record 2 .* tracetwin verify"):
        TraceCore(log, SystemClock())
    log.close()
