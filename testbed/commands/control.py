"""``tracetwin hold`` and ``tracetwin release``: stop things, and let them go again."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from testbed.options import DEFAULT_STORE, AsJson, Store, open_log
from testbed.output import print_document, print_facts, print_line, print_next, print_table, readable, typed

if TYPE_CHECKING:
    from trace_core.control.holds import Hold

Who = Annotated[str, typer.Option(help="Who decides it; kept with the event, never left out.")]
Why = Annotated[str, typer.Option(help="Why; kept with the event, never left out.")]


def hold(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Lots, serials, carriers or places.")] = None,
    who: Who = "",
    why: Why = "",
    reach: Annotated[
        str, typer.Option(metavar="REACH", help="lot, descendants (all made of it, now or later), carrier, location.")
    ] = "lot",
    in_advance: Annotated[
        bool, typer.Option("--in-advance", help="Hold a thing nobody has recorded yet, to stop it when it comes.")
    ] = False,
    listing: Annotated[bool, typer.Option("--list", help="Show the holds in force, and change nothing.")] = False,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Put things on hold: from then on no station that asks is told to go on with them, shipping first of all."""
    from testbed.stores import core_over, known_or_exit
    from trace_core.control.holds import Reach
    from trace_core.errors import BadInput, UnknownName

    if listing:
        _list_holds(store, as_json=as_json)
        return
    if not ids:
        raise BadInput("one or more ids", "none", "hold", "or --list to see the holds in force")
    _check_signed("hold", who, why)
    if reach not in set(Reach):
        raise UnknownName("reach", reach, Reach, f"--reach ({', '.join(Reach)})")
    with closing(open_log(store, "rw", must_exist=True)) as log:
        core = core_over(log)
        placed = known_or_exit(core.hold(ids, who, why, reach, in_advance=in_advance), store)
    if as_json:
        print_document({"schema": "tracetwin/hold/1", **_hold_to_dict(placed)})
        return
    print_line(f"Held under {placed.hold_id}, reach {placed.reach.value}:")
    for one in placed.things:
        print_line(f"  {readable(one.canonical)}")
    print_next(
        f"tracetwin release {placed.hold_id} --who NAME --why REASON --store {store}",
        f"tracetwin recall --suspect {typed(placed.things[0].canonical)} --store {store}",
    )


def release(
    hold_id: Annotated[str, typer.Argument(metavar="HOLD-ID", help="The hold's id, as `hold` printed it.")],
    who: Who = "",
    why: Why = "",
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """End a hold by its id; exit 1 where no such hold is in force."""
    from testbed.stores import core_over
    from trace_core.vocabulary.times import format_time

    _check_signed("release", who, why)
    with closing(open_log(store, "rw", must_exist=True)) as log:
        done = core_over(log).release(hold_id, who, why)
    facts = {"hold_id": done.hold_id, "who": done.who, "why": done.why, "released_at": format_time(done.released_at)}
    if as_json:
        print_document({"schema": "tracetwin/release/1", **facts})
    else:
        print_line(f"Released {hold_id}.")
        print_facts(facts)


def _check_signed(command: str, who: str, why: str) -> None:
    from trace_core.errors import BadInput

    for option, value in (("--who", who), ("--why", why)):
        if not value.strip():
            raise BadInput(f"{option} with a text", value, command, "it is kept with the event, so that others can ask")


def _list_holds(store: str, *, as_json: bool) -> None:
    from testbed.stores import core_over

    with closing(open_log(store, "ro")) as log:
        holds = core_over(log).holds()
    if as_json:
        print_document({"schema": "tracetwin/holds/1", "holds": [_hold_to_dict(one) for one in holds]})
        return
    if not holds:
        print_line(f"Nothing is on hold in {store}.")
        return
    rows = [
        (one.hold_id, one.reach.value, ", ".join(readable(thing.canonical) for thing in one.things), one.who, one.why)
        for one in holds
    ]
    print_table(f"On hold in {store}", ("hold", "reach", "things", "who", "why"), rows)


def _hold_to_dict(hold: Hold) -> dict[str, Any]:
    from trace_core.vocabulary.times import format_time

    return {
        "hold_id": hold.hold_id,
        "things": [one.canonical for one in hold.things],
        "reach": hold.reach.value,
        "who": hold.who,
        "why": hold.why,
        "placed_at": format_time(hold.placed_at),
    }
