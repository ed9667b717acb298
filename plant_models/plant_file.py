"""A plant file read: YAML made safe, all faults at once with path and line; and the hash that travels with each run."""

from __future__ import annotations

import hashlib
import json
import re
from importlib import resources
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from plant_models.references import faults_between
from plant_models.repair import faults_of_the_sound_parts
from plant_models.spec import PlantSpec
from trace_core.errors import Fault, SpecError, UnknownName, near_names

MAX_CHARACTERS = 4 << 20
"""A plant file is no longer: a thousand stations take about 200 kB."""

MAX_NODES = 200_000
"""Values of a plant file once its aliases are followed: stops a file of a few lines that stands for billions."""

MAX_DEPTH = 40


def load(text: str, source: str) -> PlantSpec:
    """The plant that ``text`` (YAML or JSON) declares; ``source`` names it in messages.

    SpecError with every fault, its path and line, in the order of the file: keys that stand twice, malformed values,
    and what does not fit between the sound parts.
    """
    values, walk = _values(text, source)
    try:
        spec = PlantSpec.model_validate_json(json.dumps(values))
    except ValidationError as error:
        faults = [_fault(detail, walk.lines) for detail in error.errors(include_url=False)]
        faults += faults_of_the_sound_parts(values, error)
        raise SpecError(source, _placed(walk.twice + faults, walk.lines)) from None
    faults = walk.twice + faults_between(spec)
    if faults:
        raise SpecError(source, _placed(faults, walk.lines))
    return spec


def tree_of(text: str, source: str) -> Any:
    """What a plant file says, not looked at yet: mappings, lists and plain values; SpecError where it is no YAML."""
    values, walk = _values(text, source)
    if walk.twice:
        raise SpecError(source, _placed(walk.twice, walk.lines))
    return values


def names() -> tuple[str, ...]:
    """The names of the plants that ship."""
    folder = resources.files("plant_models") / "plants"
    return tuple(sorted(one.name.removesuffix(".yaml") for one in folder.iterdir() if one.name.endswith(".yaml")))


def shipped(name: str) -> str:
    """The text of a plant that ships; UnknownName with near ones where there is none."""
    if name not in names():
        raise UnknownName("plant", name, names())
    return (resources.files("plant_models") / "plants" / f"{name}.yaml").read_text("utf-8")


def plant_hash(spec: PlantSpec) -> str:
    """SHA-256 of the declaration as canonical JSON: comments, key order and ways to write a duration do not count."""
    canonical = json.dumps(
        spec.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


# ---- YAML


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core words: no dates, no base-60 numbers (``14:00`` stays a text), no yes and no."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own shape


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", "~n\0"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first))


def _values(text: str, source: str) -> tuple[Any, _Walk]:
    if len(text) > MAX_CHARACTERS:
        raise SpecError(source, [Fault("$", f"at most {MAX_CHARACTERS} characters", f"{len(text)} characters")])
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                raise SpecError(source, [Fault("$", "a plant's declaration", "an empty file")])
            walk = _Walk()
            walk.visit(node, "$", 0)
            if walk.faults:
                raise SpecError(source, walk.faults)
            return loader.construct_document(node), walk
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        path = "$" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise SpecError(source, [Fault(path, "YAML", problem)]) from None
    except RecursionError:
        raise SpecError(source, [Fault("$", f"at most {MAX_DEPTH} levels", "hundreds of them")]) from None


class _Walk:
    """Notes the line of every value, and faults YAML itself lets pass: a key twice, aliases that explode.

    Where a key stands ``twice`` the first one counts, and what only the other one holds is added to it, so that the
    rest of the file can be checked all the same.
    """

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []
        self.twice: list[Fault] = []
        self._left = MAX_NODES

    def visit(self, node: yaml.Node, path: str, depth: int) -> None:
        self._left -= 1
        if self._left == -1:
            self.faults.append(Fault(path, f"at most {MAX_NODES} values, aliases followed", "more"))
        if depth > MAX_DEPTH:
            self.faults.append(Fault(path, f"at most {MAX_DEPTH} levels", depth))
        self.lines[path] = node.start_mark.line + 1
        if self._left < 0 or depth > MAX_DEPTH:
            return
        if isinstance(node, yaml.SequenceNode):
            for number, child in enumerate(node.value):
                self.visit(child, f"{path}[{number}]", depth + 1)
        elif isinstance(node, yaml.MappingNode):
            self._visit_pairs(node, path, depth)
        elif node.tag not in _PLAIN_TAGS:
            self.faults.append(Fault(_at(path, self.lines[path]), "a text, number, true, false or null", node.tag))

    def _visit_pairs(self, node: yaml.MappingNode, path: str, depth: int) -> None:
        first: dict[str, tuple[yaml.Node, int]] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag != _TEXT:
                shown = key.value if isinstance(key, yaml.ScalarNode) else key.id
                remedy = "put it in quotation marks"
                self.faults.append(Fault(_at(path, line), "a text as key", shown, remedy))
            elif key.value in first:
                before, its_line = first[key.value]
                remedy = f"it stands in line {its_line} already; rename one, or join them"
                self.twice.append(Fault(_at(f"{path}.{key.value}", line), "each key once", key.value, remedy))
                _join(before, value)
            else:
                first[key.value] = (value, line)
        texts = [pair for pair in node.value if isinstance(pair[0], yaml.ScalarNode)]
        node.value = [(key, value) for key, value in texts if first.get(key.value, (None,))[0] is value]
        for name, (value, line) in first.items():
            self.visit(value, f"{path}.{name}", depth + 1)
            self.lines[f"{path}.{name}"] = line


def _join(node: yaml.Node, other: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode) and isinstance(other, yaml.MappingNode) and node is not other:
        known = {key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
        node.value = [*node.value, *(pair for pair in other.value if getattr(pair[0], "value", None) not in known)]


_TEXT = "tag:yaml.org,2002:str"
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null"))


# ---- faults


def _fault(detail: ErrorDetails, lines: dict[str, int]) -> Fault:
    path = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in detail["loc"])
    if detail["type"] == "missing":
        return Fault(path, "a value", None, "it must be declared")
    if detail["type"] == "extra_forbidden":
        return Fault(path, f"one of {', '.join(_keys_at(detail['loc'][:-1]))}", detail["loc"][-1], _near_key(detail))
    if path.endswith(".[key]"):
        path = path.removesuffix(".[key]")
    ours = _EXPECTED.get(detail["type"])
    expected = detail["msg"] if ours is None else ours.format_map(detail.get("ctx", {}))
    expected = expected.removeprefix("Input should be ").removeprefix("Value error, ")
    return Fault(_around(path, lines), expected[:1].lower() + expected[1:], detail["input"], _remedy(detail))


def _remedy(detail: ErrorDetails) -> str:
    given = detail["input"]
    if detail["type"] == "string_type" and _is_number(given):
        return "put it in quotation marks"
    if detail["type"] == "literal_error":
        near = near_names(str(given), re.findall(r"'([^']+)'", detail.get("ctx", {}).get("expected", "")), limit=1)
        return f"did you mean {near[0]}?" if near else ""
    share = detail["type"] == "less_than_equal" and detail.get("ctx", {}).get("le") == 1.0
    if share and _is_number(given) and 1 < given <= 100:
        return f"{given} % is {given / 100:g}"
    percent = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", given) if isinstance(given, str) else None
    if detail["type"] == "float_type" and percent is not None:
        return f"{percent[1]} % is {float(percent[1]) / 100:g}"
    return ""


_EXPECTED = {
    "string_pattern_mismatch": "a text that matches {pattern}",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "greater_than_equal": "a number of at least {ge:g}",
    "greater_than": "a number above {gt:g}",
    "less_than_equal": "a number of at most {le:g}",
    "less_than": "a number below {lt:g}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
}
"""Our words for pydantic's most frequent types of error."""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _near_key(detail: ErrorDetails) -> str:
    near = near_names(str(detail["loc"][-1]), _keys_at(detail["loc"][:-1]))
    return f"did you mean {' or '.join(near)}?" if near else "leave it out"


def _keys_at(steps: tuple[int | str, ...]) -> list[str]:
    """The keys the schema knows at ``steps``."""
    schema: dict[str, Any] = PlantSpec.model_json_schema()
    definitions = schema.get("$defs", {})
    for step in steps:
        schema = _resolved(schema, definitions)
        by_name = schema.get("properties", {}).get(step)
        schema = by_name or schema.get("items") or schema.get("additionalProperties") or {}
    return list(_resolved(schema, definitions).get("properties", {}))


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    for option in (schema, *schema.get("anyOf", ())):
        if "$ref" in option:
            found: dict[str, Any] = definitions[option["$ref"].rsplit("/", 1)[-1]]
            return found
    return schema


def _placed(faults: list[Fault], lines: dict[str, int]) -> list[Fault]:
    """The faults in the order of the file, each with its line, or that of the nearest part around it in the file."""
    placed: list[tuple[int, Fault]] = []
    for fault in faults:
        if match := _LINE.search(fault.path):
            placed.append((int(match[1]), fault))
            continue
        line = lines.get(_around(fault.path, lines), 1)
        placed.append((line, Fault(_at(fault.path, line), fault.expected, fault.got, fault.remedy)))
    return [fault for _, fault in sorted(placed, key=lambda one: one[0])]


_LINE = re.compile(r" \(line (\d+)\)$")


def _around(path: str, lines: dict[str, int]) -> str:
    """``path``, or the nearest part around it that the file has: a bare duration stands for a law with a mean."""
    while path not in lines and path != "$":
        path = re.sub(r"(\.[^.\[]*|\[\d+\])$", "", path) or "$"
    return path


def _at(path: str, line: int) -> str:
    return f"{path} (line {line})"
