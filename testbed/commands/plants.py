"""``tracetwin plants`` and ``tracetwin scenarios``: what ships, what it looks like, and whether one's own is sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from testbed.options import AsJson
from testbed.output import print_document, print_facts, print_line, print_next, print_table

if TYPE_CHECKING:
    from plant_models import PlantSpec
    from plant_models.flow_graph import FlowGraph

Plant = Annotated[str, typer.Argument(metavar="PLANT", help="A name that ships, or the path of a YAML file.")]


def list_plants(context: typer.Context, as_json: AsJson = False) -> None:
    """List the plants that ship."""
    if context.invoked_subcommand is not None:
        return
    from plant_models import load, names, shipped

    specs = [load(shipped(name), name) for name in names()]
    if as_json:
        plants = [{"name": one.plant, "title": one.title, "recall_unit": one.recall_unit} for one in specs]
        print_document({"schema": "tracetwin/plants/1", "plants": plants})
        return
    print_table("Plants", ("plant", "what it makes", "recalls by"), [(s.plant, s.title, s.recall_unit) for s in specs])
    print_next("tracetwin plants show NAME", "tracetwin run NAME --until 5d")


def show(
    plant: Plant,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Draw the flow: a picture (.svg) or a page (.html).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw a plant: what flows from where to where, and how much there is of everything."""
    from plant_models import plant_hash
    from plant_models.flow_graph import flow_of
    from testbed.plants import open_plant

    spec = open_plant(plant)
    if out is not None:
        _write_picture(out, spec)
    graph = flow_of(spec)
    counted = {name: len(getattr(spec, name)) for name in _COUNTED}
    if as_json:
        titles = {key: place.title for key, place in graph.places.items()}
        flows = [
            {"from": titles[one.start], "through": ", ".join(one.what), "to": titles[one.end], "kind": str(one.kind)}
            for one in graph.flows.values()
        ]
        facts = {"plant": spec.plant, "title": spec.title, "plant_hash": plant_hash(spec), **counted}
        print_document({"schema": "tracetwin/plant/1", **facts, "flows": flows})
        return
    print_line(f"{spec.title} ({spec.plant}), recalled by the {spec.recall_unit}")
    print_facts({**{name: f"{count:,}" for name, count in counted.items() if count}, "hash": plant_hash(spec)})
    print_line()
    for line in _flow_lines(graph):
        print_line(f"  {line}")
    steps = [f"open {out}"] if out is not None else [f"tracetwin plants show {plant} --out flow.svg"]
    print_next(*steps, f"tracetwin run {plant} --until 5d --seed 1")


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The declaration of a plant.")], as_json: AsJson = False
) -> None:
    """Check a plant file; all its faults at once, each with its path. Exit 1 where it has any."""
    from plant_models import load
    from testbed.options import text_of
    from trace_core.errors import SpecError

    text = text_of(file, "a plant's declaration")
    faults: list[dict[str, str]] = []
    try:
        spec = load(text, str(file))
    except SpecError as error:
        faults = [{"path": one.path, "reason": str(one).removeprefix(f"{one.path}: ")} for one in error.faults]
        if as_json:
            print_document({"schema": "tracetwin/plant-check/1", "file": str(file), "faults": faults})
        else:
            print_line(str(error))
        raise typer.Exit(1) from None
    if as_json:
        print_document({"schema": "tracetwin/plant-check/1", "file": str(file), "faults": faults})
        return
    print_line(f"{file} is sound: {spec.title} ({spec.plant}).")
    print_next(f"tracetwin plants show {file}", f"tracetwin run {file} --until 5d")


def list_scenarios(
    faults: Annotated[bool, typer.Option("--faults", help="The fault files for `tracetwin run --faults`.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the recall drills that ship, or the fault files."""
    from scenarios.spec import load_shipped, names

    if faults:
        _list_faults(as_json=as_json)
        return
    drills = [load_shipped(name) for name in names()]
    if as_json:
        rows = [
            {"name": one.scenario, "title": one.title.en, "plant": one.plant, "hazard": one.hazard.kind}
            for one in drills
        ]
        print_document({"schema": "tracetwin/scenarios/1", "scenarios": rows})
        return
    shown = [(one.scenario, one.title.en, one.title.zh, one.plant, one.hazard.kind) for one in drills]
    print_table("Recall drills", ("scenario", "what happens", "", "plant", "hazard"), shown)
    print_next(f"tracetwin drill {drills[0].scenario} --seed 1", "tracetwin drill --all")


def _list_faults(*, as_json: bool) -> None:
    from scenarios.faults import fault_names, faults_about, open_faults

    files = [(name, faults_about(name), sorted({one.kind for one in open_faults(name)})) for name in fault_names()]
    if as_json:
        rows = [{"name": name, "title": about, "kinds": kinds} for name, about, kinds in files]
        print_document({"schema": "tracetwin/fault-files/1", "fault_files": rows})
        return
    print_table("Fault files", ("name", "what goes wrong"), [(name, about) for name, about, _ in files])
    print_next(f"tracetwin run yoghurt --until 5d --faults {files[0][0]}")


_COUNTED = (
    *("items", "suppliers", "customers", "stations", "devices", "stocks", "vessels", "processes", "lines"),
    *("machines", "operations", "routes", "orders", "feeders", "transfers", "sites"),
)
_ARROWS = {"forward": ("──", "──▶"), "rework": ("╌╌", "╌╌▷"), "transfer": ("══", "══▶")}


def _flow_lines(graph: FlowGraph) -> Iterator[str]:
    """Each flow as a line, sources aligned; a place between two sites has its lines apart."""
    from plant_models.drawing import in_reading_order
    from plant_models.flow_graph import named
    from plant_models.flow_svg import columns

    width = max((columns(graph.places[one.start].title) for one in graph.flows.values()), default=0)
    for one in in_reading_order(graph):
        begin, end = _ARROWS[one.kind]
        source, target = graph.places[one.start], graph.places[one.end]
        space = " " * (width - columns(source.title))
        where = f" ({target.lines[0]})" if target.lines else ""
        yield f"{space}{source.title} {begin}{named(one.what, 'items')}{end} {target.title}{where}"


def _write_picture(out: Path, spec: PlantSpec) -> None:
    """Write the flow as ``out`` asks by its ending."""
    from plant_models.flow_svg import flow_page, flow_svg
    from testbed.options import spare_stores
    from trace_core.errors import BadInput

    forms = {".svg": flow_svg, ".html": flow_page}
    form = forms.get(out.suffix.lower())
    if form is None:
        raise BadInput("a file name that ends in .svg or .html", str(out), "--out")
    spare_stores(out, "--out")
    out.write_text(form(spec), "utf-8")
