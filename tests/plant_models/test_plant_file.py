from __future__ import annotations

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import plant_models
from plant_models import load, masterdata_of, names, plant_file, plant_hash, profile_of, shipped
from trace_core.errors import SpecError, UnknownName
from trace_core.vocabulary.identity import identify
from trace_core.vocabulary.masterdata import Bom, Equipment, Item, Party, master_from_json, master_to_json

YOGHURT = shipped("yoghurt")

MISTAKES = {
    "$.units.kg.decimals": ("decimals: 3", "decimals: three"),
    "$.items.strawberry-prep.shelf_life": ("shelf_life: 60 d", "shelf_life: -60 d"),
    "$.items.natural-box.gtin": ('gtin: "9521001001007"', 'gtin: "9521001001008"'),
    "$.vessels.silos.rset": ("rest: 20 min", "rset: 20 min"),
    "$.vessels.silos.rest": None,
    "$.recall_unit": ("recall_unit: box", "recall_unit: bocks"),
    "$.collecting.milk-rounds.test": ("test: inhibitors", "test: inhibitor"),
    "$.products.natural.lines[1]": ("lines: [line-1, line-3]", "lines: [line-1, line-33]"),
    "$.supplies.strawberry-prep.lot": ("lot: 2400 kg", "lot: 2400 box"),
    "$.lot_codes.printed.parts[3].reset": ("{sequence: 2, reset: day}], check", "{sequence: 2, reset: daily}], check"),
    "$.operators[1].badge": ("badge: M-02", "badge: M-01"),
    "$.plan.week.mon[0]": ("mon: [strawberry, natural", "mon: [strawbery, natural"),
    "$.timezone": ("timezone: Europe/Vienna", "timezone: Europe/Viena"),
}
"""A fault and the path under which it must be found; malformed values and what does not fit together, in one file."""


BILLIONS = "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))])
"""A few lines that stand for 43 million values."""


def faulty(text: str, *changes: tuple[str, str]) -> SpecError:
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    with pytest.raises(SpecError) as caught:
        load(text, "mine.yaml")
    return caught.value


def paths(error: SpecError) -> list[str]:
    return [fault.path.partition(" (line ")[0] for fault in error.faults]


def test_a_file_with_many_faults_gives_a_message_for_each_with_path_and_line() -> None:
    error = faulty(YOGHURT, *(change for change in MISTAKES.values() if change))
    assert set(paths(error)) >= set(MISTAKES)
    assert len(error.faults) == len(MISTAKES)
    text = str(error)
    for fault in error.faults:
        assert " (line " in fault.path
        assert str(fault) in text
    assert "did you mean rest?" in text
    assert "did you mean strawberry?" in text
    assert "did you mean inhibitors?" in text


@pytest.mark.parametrize(
    "path", [path for path, change in MISTAKES.items() if change and path != "$.vessels.silos.rset"]
)
def test_each_fault_alone_is_found_where_it_stands(path: str) -> None:
    change = MISTAKES[path]
    assert change is not None
    error = faulty(YOGHURT, change)
    assert paths(error) == [path]
    line = next(number for number, text in enumerate(YOGHURT.splitlines(), 1) if change[0] in text)
    assert f"(line {line})" in error.faults[0].path


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("takes: 2.55 kg", "takes: 2.65 kg"), "expected a mass of 3.24 kg"),
        (("heel: 300 kg", "heel: 30000 kg"), "a capacity above the heel"),
        (("capacity: 10 500 kg", "capacity: 9500 kg"), "room for a batch"),
        (("tanker-1: 1}", "tanker-2: 1}"), "a station no other device reports for"),
        (("silo-1: 1, silo-2: 2, tanker-1: 11", "silo-1: 1, silo-2: 1, tanker-1: 11"), "a different number for each"),
        (("keeps: [milk-powder, sugar, cup, lid]", "keeps: [milk-powder, cup, lid]"), "a stock that keeps it"),
        (("{item: lid, quantity: 20 piece}", "{item: farm-milk, quantity: 20 kg}"), "some supply brings in"),
        (("milk-powder: 250 kg", "milk-powder: 9999 kg"), "inputs that together stay below the batch"),
        (("lot: 2400 kg", "lot: 100 kg"), "a lot that lasts for the smallest run"),
        (("{item: cup, quantity: 20 piece}", "{item: cup, quantity: 20.5 piece}"), "at most 0 decimals of piece"),
        (("code: MTI", "code: ZMF"), "a code no other supplier has"),
        (("mean: 3100 kg", "mean: 4600 kg"), "least <= mean <= most"),
        (("unloads_to: silos", "unloads_to: silo"), "did you mean silos?"),
        (("lot_code: batch", "lot_code: printed"), "a rule whose open words are known here"),
        (("badge: M-01", "badge: 操作员一号"), "at most 12 bytes of UTF-8"),
        (("start: 2026-03-02T00:00:00+01:00", "start: 2026-03-02"), "a time with offset"),
    ],
)
def test_what_does_not_fit_together_is_said_in_words(change: tuple[str, str], expected: str) -> None:
    assert expected in str(faulty(YOGHURT, change))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "an empty file"),
        ("# nothing but a comment", "an empty file"),
        ("[]", "expected a mapping, got []"),
        ("plant", "expected a mapping, got 'plant'"),
        ("a: [", "line 1, column 5: expected YAML"),
        ("a: 1\nb: 2\na: 3", "$.a (line 3): expected each key once"),
        ("a: !!python/object/apply:os.system [ls]", "python/object"),
        ("1: 2", "expected a text as key, got '1'"),
        ("&a [*a]", "levels"),
        ("[" * 10_000, "at most 40 levels"),
        (
            BILLIONS,
            "at most 200000 values",
        ),
        ("x" * (4 << 20) + "x", "at most 4194304 characters"),
        ("a: \x07", "special characters are not allowed"),
    ],
)
def test_what_is_no_plant_file_is_refused_without_harm(text: str, expected: str) -> None:
    with pytest.raises(SpecError) as caught:
        load(text, "odd.yaml")
    assert str(caught.value).startswith("odd.yaml: ")
    assert expected in str(caught.value)


@given(st.text(max_size=200))
def test_any_text_gives_a_plant_or_faults_and_never_another_error(text: str) -> None:
    with pytest.raises(SpecError):
        load(text, "odd.yaml")


def test_json_is_a_plant_file_too_and_gives_the_same_hash() -> None:
    values, _ = plant_file._values(YOGHURT, "yoghurt")
    assert plant_hash(load(json.dumps(values), "yoghurt.json")) == plant_hash(load(YOGHURT, "yoghurt.yaml"))


def test_only_what_is_declared_counts_for_the_hash() -> None:
    spec = load(YOGHURT, "yoghurt")
    same = YOGHURT.replace("rest: 20 min", "rest: 1200 s   # said otherwise").replace("heel: 300 kg", "heel: 300.0 kg")
    assert plant_hash(load(same, "yoghurt")) == plant_hash(spec)
    other = YOGHURT.replace("rest: 20 min", "rest: 21 min")
    assert plant_hash(load(other, "yoghurt")) != plant_hash(spec)


def test_times_of_day_and_dates_stay_what_they_were_written_as() -> None:
    spec = load(YOGHURT, "yoghurt")
    assert spec.plan is not None
    assert spec.plan.release_at.isoformat() == "04:00:00"
    assert spec.customers["retailer-01"].at.hour >= 4


def test_an_unknown_plant_is_refused_with_near_names() -> None:
    assert "yoghurt" in names()
    with pytest.raises(UnknownName, match="did you mean yoghurt"):
        shipped("yogurt")


@pytest.mark.parametrize("name", names())
def test_every_shipped_plant_loads_and_is_what_it_is_called(name: str) -> None:
    spec = load(shipped(name), name)
    assert spec.plant == name
    assert (pathlib.Path(plant_models.__file__).parent.parent / "docs" / "plants" / f"{name}.md").exists()


def test_masterdata_names_everything_once_by_canonical_ids_that_read_back() -> None:
    spec = load(YOGHURT, "yoghurt")
    records = masterdata_of(spec)
    ids = [record.id for record in records]
    assert len(set(ids)) == len(ids)
    assert all(identify(id.partition("#")[0]).canonical == id.partition("#")[0] for id in ids)
    assert all(not identify(id.partition("#")[0]).problem for id in ids)
    assert [master_from_json(master_to_json(record)) for record in records] == records
    counts = {kind: sum(isinstance(record, kind) for record in records) for kind in (Item, Bom, Equipment, Party)}
    assert counts[Item] == len(spec.items)
    assert counts[Party] == len(spec.suppliers) + len(spec.customers) + 1
    assert counts[Equipment] == len(spec.stations) + 2 + 6
    assert counts[Bom] == len(spec.recipes) + 2 * len(spec.products)  # each product has a change-over product


def test_a_recipes_lines_make_one_unit_of_output() -> None:
    spec = load(YOGHURT, "yoghurt")
    for record in masterdata_of(spec):
        if isinstance(record, Bom) and record.unit == "KGM":
            assert sum(line.quantity for line in record.lines) == 1


def test_the_profile_knows_every_station_and_slot_of_the_plant() -> None:
    spec = load(YOGHURT, "yoghurt")
    rules = profile_of(spec).rules()
    assert len(rules.stations) == len(spec.stations)
    assert {rule.operation for rule in rules.stations.values()} == {one.operation for one in spec.stations.values()}
    assert rules.units == {"kg": "KGM", "piece": "H87", "box": "BX"}
    assert set(rules.slots.values()) >= {f"urn:plant:equipment:-::{name}" for name in ("silo-1", "silo-2", "tank-6")}
    assert profile_of(spec).hash() == profile_of(load(YOGHURT, "again")).hash()
