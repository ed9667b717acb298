"""The guide to plant files: every key is in it with what it is left out, every example is one that would be taken."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, NamedTuple, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from plant_models import load
from plant_models.plant_file import _values
from plant_models.spec import PlantSpec
from plant_models.work_mentions import WORDS_OF_WORK
from tests.docs.pages import ROOT, blocks_of
from trace_core.lot_codes import read_rule

PAGE = (ROOT / "docs" / "plant-files.md").read_text("utf-8")
DURATIONS = {("Clean", "every"), ("Orders", "first")}
"""Keys whose default is a duration; all other numbers are shares or counts."""


class Row(NamedTuple):
    """A key as the guide explains it."""

    key: str
    example: str
    left_out: str
    what: str


def tables() -> dict[str, list[Row]]:
    """The rows of each table of keys, by the part of a plant file they are keys of."""
    found = re.findall(r"<!-- keys: (\w+) -->\n\n\|[^\n]+\n\|[-|]+\n((?:\|[^\n]+\n)+)", PAGE)
    cells = {name: [re.split(r" \| ", line.strip("| ")) for line in rows.splitlines()] for name, rows in found}
    return {name: [Row(c[0].strip("`"), c[1].strip("`"), c[2], c[3]) for c in rows] for name, rows in cells.items()}


def parts_of(model: type[BaseModel], seen: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """Every part that a plant file can have, by name."""
    if model.__name__ not in seen:
        seen[model.__name__] = model
        for field in model.model_fields.values():
            for inner in models_in(field.annotation):
                parts_of(inner, seen)
    return seen


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for inner in get_args(annotation) for one in models_in(inner)]


TABLES = tables()
PARTS = parts_of(PlantSpec, {})


def shown(part: str, key: str, field: FieldInfo) -> str:
    """What the guide must show for a key that is left out."""
    if field.is_required():
        return "**needed**"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ({}, [], ""):
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    return "0 s" if (part, key) in DURATIONS else f"{value:g}" if isinstance(value, float) else str(value)


@pytest.mark.parametrize("name", PARTS)
def test_the_guide_explains_every_key_of_a_part_and_no_other(name: str) -> None:
    assert name in TABLES, f"docs/plant-files.md has no table of the keys of {name}"
    assert sorted(row.key for row in TABLES[name]) == sorted(PARTS[name].model_fields)
    for row in TABLES[name]:
        assert row.left_out == shown(name, row.key, PARTS[name].model_fields[row.key]), row.key
        assert row.what, row.key


def test_the_guide_has_no_table_of_a_part_there_is_not() -> None:
    assert set(TABLES) == set(PARTS)


@pytest.mark.parametrize("name", TABLES)
def test_every_example_of_a_key_is_one_that_a_plant_file_takes(name: str) -> None:
    for row in TABLES[name]:
        field = PARTS[name].model_fields[row.key]
        values, _ = _values(f"{row.key}: {row.example}", "the guide")
        adapter: TypeAdapter[Any] = TypeAdapter(annotated(PARTS[name], row.key))
        try:
            adapter.validate_json(json.dumps(values[row.key]))
        except ValidationError as error:
            pytest.fail(f"{name}.{row.key}: {row.example}: {error} ({field})")


def annotated(part: type[BaseModel], key: str) -> Any:
    """The annotation of a key with everything it is checked by."""
    field = part.model_fields[key]
    annotation = field.annotation
    for one in field.metadata:
        annotation = Annotated[annotation, one]  # type: ignore[assignment]
    return annotation


def test_an_example_that_no_plant_file_takes_would_be_found() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(annotated(PARTS["Orders"], "amount"))
    with pytest.raises(ValidationError):
        adapter.validate_json('"300"')
    with pytest.raises(ValidationError):
        TypeAdapter(annotated(PARTS["Operation"], "scraps")).validate_json("2.5")


def test_every_choice_of_a_key_stands_in_the_guide() -> None:
    for name, part in PARTS.items():
        for key in part.model_fields:
            what = next(row for row in TABLES[name] if row.key == key)
            for choice in choices_of(part.model_fields[key].annotation):
                assert re.search(rf"\b{choice}\b", f"{what.what} {what.example} {what.left_out}"), (
                    f"{name}.{key}: {choice}"
                )


def choices_of(annotation: Any) -> list[str]:
    if getattr(annotation, "__origin__", None) is not None and "Literal" in str(annotation.__origin__):
        return [str(one) for one in get_args(annotation)]
    return [one for inner in get_args(annotation) for one in choices_of(inner)]


def test_the_worked_example_is_sound_and_short() -> None:
    (text,) = [block.text for block in blocks_of(PAGE) if block.file == "roastery.yaml"]
    assert load(text, "roastery.yaml").plant == "roastery"
    assert len(text.splitlines()) < 120


def test_the_parts_of_lot_codes_are_as_the_guide_says() -> None:
    table = PAGE.partition("| part | prints |")[2].partition("\n\n")[0]
    parts = re.findall(r"^\| `(.+?)` \|", table, flags=re.MULTILINE)
    declared, _ = _values(
        "parts: [" + ", ".join(parts) + ']\nshifts: {A: "06:00", B: "14:00"}\nmax_length: 30', "guide"
    )
    assert len(read_rule(declared, "the guide").parts) == len(parts)
    for word in WORDS_OF_WORK:
        assert f"`{word}`" in PAGE
