"""``tracetwin plants`` and ``tracetwin scenarios``: what ships, what it looks like, and whether one's own is sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from testbed.options import AsJson
from testbed.output import print_document, print_facts, print_line, print_next, print_table

if TYPE_CHECKING:
    from plant_models import PlantSpec

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
    print_next(f"tracetwin plants show {specs[0].plant}", f"tracetwin run {specs[0].plant} --until 5d")


def show(plant: Plant, as_json: AsJson = False) -> None:
    """Draw a plant: what flows from where to where, and how much there is of everything."""
    from plant_models import plant_hash
    from testbed.plants import open_plant

    spec = open_plant(plant)
    flows = list(_flows(spec))
    if as_json:
        counted: dict[str, Any] = {name: len(getattr(spec, name)) for name in _COUNTED}
        print_document(
            {
                "schema": "tracetwin/plant/1",
                "plant": spec.plant,
                "title": spec.title,
                "plant_hash": plant_hash(spec),
                **counted,
                "flows": [{"from": source, "through": through, "to": target} for source, through, target in flows],
            }
        )
        return
    print_line(f"{spec.title} ({spec.plant}), recalled by the {spec.recall_unit}")
    print_facts({**{name: f"{len(getattr(spec, name)):,}" for name in _COUNTED}, "hash": plant_hash(spec)})
    print_line()
    width = max((len(source) for source, _, _ in flows), default=0)
    for source, through, target in flows:
        print_line(f"  {source:>{width}} ──{through}──▶ {target}")
    print_next(f"tracetwin run {plant} --until 5d --seed 1")


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


def list_scenarios(as_json: AsJson = False) -> None:
    """List the recall drills that ship."""
    from scenarios.spec import load_shipped, names

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


_COUNTED = ("items", "suppliers", "customers", "stations", "devices", "stocks", "vessels", "processes", "lines")


def _flows(spec: PlantSpec) -> Iterator[tuple[str, str, str]]:
    """What moves: (from, through, to), in the order of the file."""
    for collecting in spec.collecting.values():
        givers = {name for one in collecting.rounds for name in one.suppliers}
        yield f"{len(givers)} suppliers", f"{len(collecting.vehicles)} vehicles", collecting.unloads_to
    for item, supply in spec.supplies.items():
        stock = next((name for name, one in spec.stocks.items() if item in one.keeps), "")
        yield ", ".join(supply.suppliers), item, stock or item
    for name, process in spec.processes.items():
        yield process.draws_from, process.station, f"{name} ({len(process.tanks.members)} tanks)"
    for name, product in spec.products.items():
        yield product.process, ", ".join(product.lines), name
    yield f"{len(spec.products)} products", "carriers", spec.carriers.store
    yield spec.carriers.store, spec.shipping.station, f"{len(spec.customers)} customers"
