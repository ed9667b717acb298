"""Faults as declared in a scenario or a ``--faults`` file: what goes wrong when the plant works and reports.

A file is a list, or a mapping with the one key ``faults``::

    faults:
      - {kind: missed, rate: 0.05}                                   # 5 % of all device records are never made
      - {kind: late, rate: 0.02, delay: 6h, stations: [line-1]}      # these arrive later, six hours on average
      - {kind: outage, pattern: outage, every: 2d, lasts: 3h}        # the network is down now and then
      - {kind: unregistered_change, rate: 0.1, stations: [line-2]}   # a lot is changed and nobody says so
      - {kind: typical, method: manual, stations: [goods-in]}        # what usually goes wrong with typed entries

All kinds with their keys stand in docs/faults.md. Faults of capture and of systems never change what happens
(ARCHITECTURE.md, wall 4); conduct may.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from importlib import resources
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.declared import read_yaml, validate
from scenarios.declared_fault import DeclaredFault
from trace_core.errors import DocumentError, Fault, SpecError, UnknownName

if TYPE_CHECKING:
    from plant_models.spec import PlantSpec
    from twin.faults import AnyFault

_YAML = (".yaml", ".yml")


def load_faults(text: str, source: str, plant: PlantSpec | None = None) -> tuple[AnyFault, ...]:
    """The faults a ``--faults`` file declares; every fault of the file at once as :class:`SpecError`.

    With ``plant``, stations and the like that it does not have are refused as well: such a fault would silently do
    nothing.
    """
    tree = read_yaml(text, source)
    if isinstance(tree, dict) and set(tree) == {"faults"}:
        tree = tree["faults"]
    try:
        declared: Sequence[DeclaredFault] = validate(tuple[DeclaredFault, ...], tree, source)
    except SpecError as error:
        more = _misfits_of_the_sound(tree, plant, source) if plant is not None and isinstance(tree, list) else ()
        raise SpecError(source, (*error.faults, *more)) from error
    if plant is not None:
        check_faults(declared, plant, source)
    return to_faults(declared)


def _misfits_of_the_sound(tree: list[object], plant: PlantSpec, source: str) -> tuple[Fault, ...]:
    """What the entries that can be read name and the plant has not, so that a file is mended in one round."""
    sound: list[tuple[int, DeclaredFault]] = []
    for number, entry in enumerate(tree):
        with suppress(SpecError):
            sound.append((number, validate(DeclaredFault, entry, source)))
    found = misfits([one for _, one in sound], plant)
    places = {f"$.faults[{place}]": f"$.faults[{number}]" for place, (number, _) in enumerate(sound)}
    return tuple(
        Fault(places[head] + one.path.removeprefix(head), one.expected, one.got, one.remedy)
        for one in found
        if (head := one.path.partition("]")[0] + "]") in places
    )


def open_faults(name: str, plant: PlantSpec | None = None) -> tuple[AnyFault, ...]:
    """The faults of a shipped name, or of a YAML file where ``name`` is the path of one."""
    path = Path(name)
    if name in fault_names() or not (path.suffix in _YAML or path.exists()):
        return load_faults(shipped_faults(name), name, plant)
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise DocumentError("a list of faults", error.strerror or str(error), name) from error
    except UnicodeDecodeError as error:
        raise DocumentError("text in UTF-8", str(error), name) from error
    return load_faults(text, name, plant)


def fault_names() -> tuple[str, ...]:
    """The names of the fault files that ship, sorted."""
    files = (resources.files("scenarios") / "library" / "faults").iterdir()
    return tuple(sorted(one.name.removesuffix(".yaml") for one in files if one.name.endswith(".yaml")))


def shipped_faults(name: str) -> str:
    """The YAML text of a shipped fault file; :class:`UnknownName` with near names where there is none."""
    if name not in fault_names():
        raise UnknownName("fault file", name, fault_names())
    return (resources.files("scenarios") / "library" / "faults" / f"{name}.yaml").read_text("utf-8")


def faults_about(name: str) -> str:
    """What a shipped fault file is about: the first sentence of its comment."""
    lines = takewhile(lambda line: line.startswith("#"), shipped_faults(name).splitlines())
    return " ".join(line.lstrip("# ") for line in lines).partition(". ")[0].removesuffix(".") + "."


def to_faults(declared: Sequence[DeclaredFault]) -> tuple[AnyFault, ...]:
    """All of ``declared`` as the twin takes them."""
    from scenarios.run_faults import run_fault

    return tuple(run_fault(single) for one in declared for single in one.expanded())


def check_faults(declared: Sequence[DeclaredFault], plant: PlantSpec, source: str) -> None:
    """Refuse what does not fit the plant, all of it at once as :class:`SpecError`."""
    if found := misfits(declared, plant):
        raise SpecError(source, found)


def misfits(declared: Sequence[DeclaredFault], plant: PlantSpec) -> tuple[Fault, ...]:
    """What of ``declared`` does not fit the plant, each with its path."""
    from twin.faults import faults_in

    paths = [f"$.faults[{number}]" for number, one in enumerate(declared) for _ in one.expanded()]
    every_method = {
        f"$.faults[{number}].methods"
        for number, one in enumerate(declared)
        if one.kind == "typical" and one.method is None
    }  # of which a plant need not have all
    found = {str(fault): fault for fault in faults_in(to_faults(declared), plant, paths)}
    return tuple(fault for fault in found.values() if fault.path not in every_method)
