"""``tracetwin verify``: is the store as it was written?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from testbed.options import DEFAULT_STORE, AsJson, Store, open_log
from testbed.output import print_document, print_facts, print_line, print_next

if TYPE_CHECKING:
    from trace_core.log.port import Verification


def verify(
    store: Store = DEFAULT_STORE,
    expect_head: Annotated[
        str | None, typer.Option(metavar="HASH", help="The head noted earlier: finds a store whose end was cut off.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute the hash chain over every stored byte; exit 1 and the first bad record where it is broken."""
    verification = _verification_of(store, _hash_of(expect_head))
    bad = verification.first_bad
    answer: dict[str, Any] = {
        "schema": "tracetwin/verify/1",
        "intact": verification.is_intact,
        "records": verification.records,
        "head": verification.head.hash.hex(),
        "first_bad": bad and {"sequence": bad.sequence, "event_id": bad.event_id, "reason": bad.reason},
    }
    if as_json:
        print_document(answer)
    elif bad is None:
        print_line(f"{store} is intact.")
        print_facts({"records": f"{verification.records:,}", "head": answer["head"]})
        print_next(f"note the head elsewhere; tracetwin verify --store {store} --expect-head HEAD finds a cut tail too")
    else:
        print_line(f"{store} is NOT intact: record {bad.sequence} (event {bad.event_id or 'without id'}): {bad.reason}")
        print_next("keep the file as it is, and restore the last back-up whose head you noted")
    if bad is not None:
        raise typer.Exit(1)


def _verification_of(store: str, expect_head: bytes | None) -> Verification:
    """The verification; a store too broken to be opened is one that is not intact from its first record on."""
    from contextlib import closing

    from trace_core.errors import StoreDamaged
    from trace_core.log.port import GENESIS, FirstBad, Head, Verification

    try:
        with closing(open_log(store, "ro")) as log:
            return log.verify(expect_head)
    except StoreDamaged as damage:
        return Verification(0, Head(0, GENESIS), FirstBad(1, "", f"cannot be opened: {damage.problem}"))


def _hash_of(text: str | None) -> bytes | None:
    from trace_core.errors import BadInput

    if text is None:
        return None
    try:
        head = bytes.fromhex(text)
    except ValueError:
        head = b""
    if len(head) != 32:
        raise BadInput("a head of 64 hexadecimal digits", text, "--expect-head", "take it from an earlier verify")
    return head
