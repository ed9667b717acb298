"""What we stand on: pinned by hash, without an address, under licences we can live with, each with its reason."""

from __future__ import annotations

import importlib.metadata
import pathlib
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

# The GPL and the AGPL bind whoever ships us; the LGPL does not bind who only imports.
BINDING = re.compile(r"\bA?GPL|(?<!LESSER )(?<!LIBRARY )GENERAL PUBLIC LICENSE")


def pins_of(lock: pathlib.Path) -> list[Requirement]:
    text = lock.read_text("utf-8").replace("\\\n", " ")
    return [Requirement(re.split(r"\s--hash", line)[0].strip()) for line in text.splitlines() if line.strip()]


def licences_of(name: str) -> list[str]:
    metadata = importlib.metadata.metadata(name)
    fields = [text for key in ("License-Expression", "License") for text in metadata.get_all(key) or []]
    classifiers = [text for text in metadata.get_all("Classifier") or [] if text.startswith("License ::")]
    return [text.split("\n")[0].upper() for text in (*fields, *classifiers) if text.strip()]


def test_a_licence_that_binds_is_recognised() -> None:
    for text in ("GPL-3.0-only", "AGPLv3", "License :: OSI Approved :: GNU General Public License v2 (GPLv2)"):
        assert BINDING.search(text.upper())
    for text in (
        "LGPL-3.0-or-later",
        "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)",
        "MIT",
    ):
        assert not BINDING.search(text.upper())


@pytest.mark.parametrize("pin", pins_of(ROOT / "requirements" / "run.txt"), ids=lambda pin: pin.name)
def test_no_run_time_package_is_under_the_gpl_or_the_agpl(pin: Requirement) -> None:
    if pin.marker is None or pin.marker.evaluate():
        licences = licences_of(pin.name)
        assert licences, f"{pin.name} states no licence"
        assert not [text for text in licences if BINDING.search(text)]
    else:
        assert pin.name == "colorama"  # Windows only; under the BSD licence


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_every_package_by_hash(lock: pathlib.Path) -> None:
    entries = lock.read_text("utf-8").replace("\\\n", " ").splitlines()
    assert entries
    for entry in entries:
        assert re.fullmatch(r"[\w.-]+==\S+( ; .+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", entry), entry


def test_a_package_has_one_version_in_all_locks_and_on_all_systems() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for pin in pins_of(lock):
            versions.setdefault(canonicalize_name(pin.name), set()).add(str(pin.specifier))
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_no_lock_and_no_setting_holds_the_address_of_a_host(project_texts: dict[str, str]) -> None:
    address = re.compile(
        r"https?://|file://|\b[\w-]+\.(org|com|net|io|dev|de|cn)\b|\b\d+\.\d+\.\d+\.\d+:\d+\b|--(extra-)?index-url"
    )
    settings = ("requirements/", "pyproject.toml", "Makefile", ".ci/", "tools/")
    held = {name: address.findall(text) for name, text in project_texts.items() if name.startswith(settings)}
    assert {name: found for name, found in held.items() if found} == {}
    assert "pyproject.toml" in held


def test_the_locks_hold_every_declared_package() -> None:
    groups = PROJECT["dependency-groups"]
    wanted = {"run": PROJECT["project"]["dependencies"] + groups["build"]}
    wanted |= {layer: groups[layer] for layer in ("test", "dev", "bench")}
    for layer, declared in wanted.items():
        pinned = {canonicalize_name(pin.name): pin for pin in pins_of(ROOT / "requirements" / f"{layer}.txt")}
        for requirement in map(Requirement, declared):
            version = str(pinned[canonicalize_name(requirement.name)].specifier).removeprefix("==")
            assert requirement.specifier.contains(version), f"{requirement} against {version} in {layer}.txt"


def test_every_run_time_dependency_has_its_reason_and_its_way_out() -> None:
    rows = (ROOT / "docs" / "dependencies.md").read_text("utf-8").splitlines()
    first_cells = {canonicalize_name(row.split("|")[1].strip(" `")) for row in rows if row.startswith("|")}
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]}
    assert declared <= first_cells
