"""Commands, options, JSON keys and limits can be looked up in the documentation, and its links lead somewhere."""

from __future__ import annotations

import importlib
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from tests.docs.pages import ROOT
from tests.testbed.conftest import Call
from tests.testbed.documents import document, event

COMMANDS = (ROOT / "docs" / "commands.md").read_text("utf-8")
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
LIMITS = {
    "MAX_DOCUMENT_BYTES": "trace_core.exchange.source_text",
    "MAX_DEPTH": "trace_core.exchange.source_text",
    "MAX_PAYLOAD_BYTES": "trace_core.log.port",
    "MAX_TEXT_BYTES": "trace_core.log.port",
    "MAX_CHARACTERS": "trace_core.vocabulary.identity",
    "MAX_QUANTITY_DIGITS": "trace_core.vocabulary.epcis_json",
    "MAX_CELL_CHARACTERS": "trace_core.exchange.tables",
    "MAX_ROWS_PER_EVENT": "trace_core.exchange.tables",
    "MAX_WARNINGS": "trace_core.core.ingest",
    "DEFAULT_EDGE_LIMIT": "trace_core.genealogy.answer",
}


def options_of(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(command, option) of the whole program; a command without options comes with an empty one."""
    children = getattr(command, "commands", {})
    for name, child in children.items():
        yield from options_of(child, (*path, name))
    yield " ".join(path), ""
    for parameter in command.params:
        for option in (*parameter.opts, *parameter.secondary_opts):
            if option.startswith("--"):
                yield " ".join(path), option


def test_every_command_and_option_stands_in_the_documentation() -> None:
    from testbed.cli import app

    found = list(options_of(typer.main.get_command(app)))
    assert len(found) > 40
    missing = [pair for pair in found if f"tracetwin {pair[0]}".strip() not in COMMANDS or pair[1] not in COMMANDS]
    assert missing == []


def keys_of(value: Any) -> Iterator[str]:
    """The names in a document; those that are ids (``aliases``) are no names."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            if name != "aliases":
                yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


JSON_COMMANDS = [
    "recall --suspect https://id.gs1.org/01/04012345123456/10/L1 --store {store} --json",
    "trace https://id.gs1.org/01/04012345123456/10/L2 --direction both --store {store} --json",
    "hold https://id.gs1.org/01/04012345123456/10/L1 --who Li --why glass --store {store} --json",
    "hold --list --store {store} --json",
    "verify --store {store} --json",
    "verify --expect-head 1111111111111111111111111111111111111111111111111111111111111111 --store {store} --json",
    "ingest mixed.jsonld broken.json --store {store} --json",
    "plants --json",
    "plants show yoghurt --json",
    "scenarios --json",
    "run yoghurt --until 6h --store other.db --json",
]


@pytest.mark.parametrize("line", JSON_COMMANDS, ids=[one[:22] for one in JSON_COMMANDS])
def test_every_key_of_the_json_stands_in_the_documentation(
    call: Call, store: pathlib.Path, tmp_path: pathlib.Path, line: str
) -> None:
    mixed = document(event(3, bizStep="frobnicating"), event(4, eventTime="yesterday"))
    (tmp_path / "mixed.jsonld").write_text(mixed)
    (tmp_path / "broken.json").write_text("{")
    answer = call(*line.format(store=store).split()).json
    words = set(re.findall(r"`([a-z_]+)`", COMMANDS))
    assert f"`{answer['schema']}`" in COMMANDS
    assert sorted(set(keys_of(answer)) - words - {"schema"}) == []


def test_the_limits_in_the_documentation_are_the_limits() -> None:
    text = (ROOT / "docs" / "own-records.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| ([\d,]+(?: [KM]iB)?) \|", text, flags=re.MULTILINE))
    assert set(rows) == set(LIMITS)
    for name, shown in rows.items():
        number, _, unit = shown.replace(",", "").partition(" ")
        told = int(number) * {"": 1, "KiB": 2**10, "MiB": 2**20}[unit]
        assert getattr(importlib.import_module(LIMITS[name]), name) == told, name


@pytest.mark.parametrize("page", PAGES, ids=[one.relative_to(ROOT).as_posix() for one in PAGES])
def test_every_link_leads_to_something(page: pathlib.Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{page.name}: {target}"
        if heading:
            assert heading in anchors_of(file), f"{page.name}: {target}"


def anchors_of(page: pathlib.Path) -> set[str]:
    """The headings of a page as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
