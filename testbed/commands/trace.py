"""``tracetwin trace`` and ``tracetwin recall``: what went where, and how far a suspicion reaches."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from testbed.options import DEFAULT_STORE, AsJson, AsOf, KnownAt, Store, open_log, spare_stores, time_of
from testbed.output import counted, print_document, print_facts, print_line, print_next, print_table, readable, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scenarios.report.labels import Labels


def trace(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Lots, serials, carriers: any form, or ITEM|LOT.")],
    direction: Annotated[str, typer.Option(metavar="WAY", help="backward, forward or both.")] = "backward",
    as_of: AsOf = None,
    known_at: KnownAt = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.html", help="Write the genealogy as a page too.")
    ] = None,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Show what things were made of, or what was made of them, and where it went."""
    from scenarios.report.labels import Labels
    from testbed.stores import core_over, known_or_exit

    moments = time_of(as_of, "--as-of"), time_of(known_at, "--known-at")
    if out is not None:
        spare_stores(out, "--out")
    with closing(open_log(store, "ro")) as log:
        core = core_over(log)
        answer = known_or_exit(core.trace(ids, direction, *moments), store).to_dict()
    if out is not None:
        from scenarios.report import write_trace

        write_trace(out, answer, core.masterdata, core.index.read(*moments))
    if as_json:
        print_document(answer)
        return
    _print_trace(answer, Labels(core.masterdata))
    if out is not None:
        print_next(f"open {out}")
    else:
        print_next(
            "--out trace.html draws it; --json gives all of it",
            f"tracetwin recall --suspect {typed(answer['roots'][0])} --store {store}",
        )


def recall(
    suspect: Annotated[
        list[str] | None, typer.Option("--suspect", metavar="ID", help="A suspect lot, serial or carrier; repeatable.")
    ] = None,
    station: Annotated[
        str | None, typer.Option(metavar="S", help="Suspect is all that passed this equipment in the window.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="TIME", help="Start of the window.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help="End of the window.")] = None,
    errors: Annotated[
        int | None, typer.Option(min=0, metavar="J", help="How many records may be wrong for a thing to be possible.")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write report.html and affected.csv there too.")
    ] = None,
    store: Store = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Find the scope of a recall: what is certainly and what is possibly affected, where it is, and who has it."""
    from scenarios.report.labels import Labels
    from testbed.stores import core_over, known_or_exit
    from trace_core.errors import BadInput

    window = _window(station, since, until)
    if not suspect and station is None:
        raise BadInput("a suspect", "none", "recall", "give --suspect ID, or --station S with --from TIME --to TIME")
    moments = time_of(as_of, "--as-of"), time_of(known_at, "--known-at")
    with closing(open_log(store, "ro")) as log:
        core = core_over(log)
        found = known_or_exit(core.recall(suspect or (), station, window, errors, *moments), store)
        answer = found.to_dict()
        if out is not None:
            _write_recall(out, core, answer, moments)
    if as_json:
        print_document(answer)
        return
    _print_recall(answer, Labels(core.masterdata))
    if out is not None:
        print_next(f"open {out / 'report.html'}; {out / 'affected.csv'} is the list to act on")
    else:
        print_next(
            "--out recall/ writes the report and the list to act on",
            f"tracetwin hold {typed(answer['suspects'][0])} --reach descendants --who NAME --why REASON --store {store}"
            if answer["suspects"]
            else "--json gives all of it",
        )


def _window(station: str | None, since: str | None, until: str | None) -> Any:
    from trace_core.errors import BadInput

    if station is None:
        if since is not None or until is not None:
            raise BadInput("--station with --from and --to", "no station", "recall", "say at which equipment")
        return None
    start, end = time_of(since, "--from"), time_of(until, "--to")
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise BadInput("a window --from TIME --to TIME with --station", "a part of it", "recall")
    if end < start:
        raise BadInput("--to no earlier than --from", f"{since} to {until}", "recall")
    return start, end


def _write_recall(out: Path, core: Any, answer: Mapping[str, Any], moments: tuple[Any, Any]) -> None:
    from scenarios.report import write_recall
    from trace_core.genealogy.answer import TraceAnswer

    genealogy = core.trace(answer["suspects"], "forward", *moments) if answer["suspects"] else None
    drawn = genealogy.to_dict() if isinstance(genealogy, TraceAnswer) else None
    write_recall(out, answer, drawn, core.masterdata, answer.get("unit") or "unit", core.index.read(*moments))


def _print_trace(answer: Mapping[str, Any], labels: Labels) -> None:
    facts = {
        "direction": answer["direction"],
        "lots": f"{len(answer['lots']):,}",
        "serials": f"{len(answer['serials']):,}",
        "carriers": f"{len(answer['carriers']):,}",
        "origins": f"{len(answer['origins']):,}",
        "links": f"{len(answer['edges']):,}",
        "shipments": f"{len(answer['shipments']):,}",
        "complete": "yes" if answer["complete"] else "NO: see the findings",
    }
    for root in answer["roots"]:
        print_line(f"{readable(root)}  {labels.name(root)}".rstrip())
    print_facts(facts)
    rows = [
        (_named(labels, one["input"]), _named(labels, one["output"]), _amount(one["quantity"], one["unit"]))
        for one in answer["edges"]
    ]
    if rows:
        print_table("What went into what", ("from", "into", "quantity"), rows)
    if answer["shipments"]:
        shipped = [
            (_named(labels, one["carrier"]), _named(labels, one["destination"]), one["time"])
            for one in answer["shipments"]
        ]
        print_table("Shipped", ("what", "to", "when"), shipped)
    _print_findings(answer, labels)


def _print_recall(answer: Mapping[str, Any], labels: Labels) -> None:
    unit = _unit_word(answer["unit"])
    balance = answer["mass_balance"]
    print_facts(
        {
            "suspects": ", ".join(_named(labels, one) for one in answer["suspects"][:3])
            + (f" and {len(answer['suspects']) - 3:,} more" if len(answer["suspects"]) > 3 else ""),
            "certainly affected": f"{len(answer['certain']):,} lots and things, {answer['units']['certain']:,} {unit}",
            "possibly affected": f"{len(answer['possible']):,} lots and things, {answer['units']['possible']:,} {unit}",
            "cleared": f"{answer['cleared_count']:,}",
            "in stock": f"{answer['in_stock']:,} {unit}",
            "shipped": f"{answer['shipped']:,} {unit} to {counted(len(answer['customers']), 'customer')}",
            "mass balance": "unknown" if balance["percent"] is None else f"{balance['percent']} % accounted for",
        }
    )
    rows = [("certain", _named(labels, one["id"]), labels.shown(one["reason"])) for one in answer["certain"]]
    rows += [("possible", _named(labels, one["id"]), labels.shown(one["reason"])) for one in answer["possible"]]
    print_table("The scope", ("", "what", "why"), rows)
    customers = [
        (_named(labels, one["id"]) or "nobody recorded who", f"{one['units']:,}") for one in answer["customers"]
    ]
    if customers:
        print_table("Who has it", ("customer", "units"), customers)
    _print_findings(answer, labels)
    print_line("Assumed")
    for one in answer["assumptions"]:
        print_line(f"  {one}")


def _print_findings(answer: Mapping[str, Any], labels: Labels) -> None:
    rows = [
        (one["kind"], ", ".join(map(labels.code, one["ids"][:3])), labels.shown(one["detail"]))
        for one in answer["findings"]
    ]
    if rows:
        print_table("Findings", ("kind", "about", "what"), rows)


def _named(labels: Labels, id_text: str | None) -> str:
    """The code on the label and the name beside it; the id in full is for --json and the page."""
    if not id_text:
        return ""
    code, name = labels.code(id_text), labels.name(id_text)
    return f"{code}  {name}" if name and name != code else code


def _amount(quantity: object, unit: str | None) -> str:
    return "" if quantity is None else f"{quantity} {_unit_word(unit)}"


_PIECES = (None, "", "C62", "H87", "EA")


def _unit_word(code: str | None) -> str:
    """The symbol people know a unit by; a code that no table holds stays as it is."""
    from trace_core.vocabulary.unit_table import UNITS

    if code in _PIECES:
        return "pieces"
    return UNITS[code].symbol if code in UNITS else str(code)
