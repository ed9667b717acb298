"""What must hold of lot-code rules where they are used: sound, short enough for the records, all their words known."""

from __future__ import annotations

from plant_models.fault_list import FaultList
from plant_models.mentions import code_uses
from plant_models.work_mentions import WORDS_OF_WORK, codes_of_work
from trace_core.errors import SpecError, near_names
from trace_core.lot_codes import CodeRule, read_rule
from trace_core.lot_codes.parts import ALPHABETS, Literal, Shift, Word

MAX_CODE = 20
"""Characters that GS1 AI (10) holds, and AI (21) as well: what a plant prints stands in an element string."""

MAX_LABEL_BYTES = 48
"""UTF-8 bytes of LOT_ID and PART_ID in a device's record."""

MAX_BADGE_BYTES = 12
"""UTF-8 bytes of OPERATOR in a device's record."""

_GTIN_DIGITS = 14
_NUMBERS = WORDS_OF_WORK | {"charge"}


def check_codes(found: FaultList) -> None:
    """Add every fault of a lot-code rule, and of how it is used."""
    rules: dict[str, CodeRule] = {}
    for name, declared in found.spec.lot_codes.items():
        try:
            rules[name] = read_rule(declared, name)
        except SpecError as error:
            for fault in error.faults:
                path = f"$.lot_codes.{name}{fault.path.removeprefix('$')}"
                found.add(path, fault.expected, fault.got, fault.remedy)
            continue
        _length(found, f"$.lot_codes.{name}", rules[name])
    for path, name, given in code_uses(found.spec):
        if name in rules:
            _words(found, path, rules[name], given)
    for path, name, words in codes_of_work(found.spec):
        if name in rules:
            _words(found, path, rules[name], set(words))
            _printed(found, path, rules[name])
    _codes_of_parties(found, rules)
    _codes_of_positions(found, rules)


def words_of(rule: CodeRule) -> set[str]:
    """The words of ``rule`` for which a value must be given."""
    return {part.name for part in rule.parts if isinstance(part, Word) and len(part.values) != 1}


def _length(found: FaultList, path: str, rule: CodeRule) -> None:
    size = _most_bytes(rule)
    if size > MAX_LABEL_BYTES:
        remedy = "shorten its parts; a device's record has no more room for a lot"
        found.add(f"{path}.parts", f"a code of at most {MAX_LABEL_BYTES} bytes of UTF-8", size, remedy)


def _most_bytes(rule: CodeRule) -> int:
    total = rule.length
    for part in rule.parts:
        if isinstance(part, Literal):
            total += len(part.text.encode()) - len(part.text)
        elif isinstance(part, Shift):
            total += max((len(name.encode()) - len(name) for name, _ in rule.shifts), default=0)
    return total


def _printed(found: FaultList, path: str, rule: CodeRule) -> None:
    """What a plant makes itself it prints with the GTIN, in a GS1 element string."""
    if not rule.any_script and rule.length > MAX_CODE:
        remedy = "shorten the rule: GS1 AI (10) and (21) hold no more"
        found.add(path, f"a code of at most {MAX_CODE} characters", f"{rule.length} characters", remedy)
    if path.endswith(".serial") and rule.sequence is None:
        found.add(path, "a rule with a sequence, so that no two units get one serial", rule.name, "add {sequence: 6}")


def _words(found: FaultList, path: str, rule: CodeRule, given: set[str]) -> None:
    for part in rule.parts:
        if not isinstance(part, Word) or len(part.values) == 1:
            continue
        if part.name not in given:
            can = ", ".join(sorted(given)) or "none"
            near = near_names(part.name, given)
            remedy = f"did you mean {near[0]}?" if near else "leave the word out, or give it values with one value only"
            found.add(path, f"a rule whose open words are known here ({can})", part.name, remedy)
        elif part.name in _NUMBERS and part.alphabet == ALPHABETS["letters"] and path.startswith("$.operations"):
            found.add(path, f"digits for {part.name}, which is a number", part.alphabet, "leave alphabet out")
        elif part.name == "item" and part.width > _GTIN_DIGITS:
            found.add(path, f"at most {_GTIN_DIGITS} characters of item, the length of a GTIN", part.width)


def _codes_of_parties(found: FaultList, rules: dict[str, CodeRule]) -> None:
    """The code of a supplier or line must be as wide as the word that prints it."""
    spec = found.spec
    uses = [(rule, name) for one in spec.supplies.values() for rule in [one.lot_code] for name in one.suppliers]
    for collecting in spec.collecting.values():
        uses += [(collecting.collected_code, name) for visit in collecting.rounds for name in visit.suppliers]
    for rule, name in dict.fromkeys(uses):
        if rule in rules and name in spec.suppliers:
            _fits_word(found, f"$.suppliers.{name}.code", rules[rule], rule, "supplier", spec.suppliers[name].code)
    for name, line in spec.lines.items():
        if line.lot_code in rules:
            _fits_word(found, f"$.lines.{name}.code", rules[line.lot_code], line.lot_code, "line", line.code)


def _codes_of_positions(found: FaultList, rules: dict[str, CodeRule]) -> None:
    """The names of a furnace's positions must be as wide as the word that prints them."""
    spec = found.spec
    for operation in spec.operations.values():
        rule = operation.lot.code if operation.lot is not None else ""
        for station in operation.at if rule in rules else ():
            collects = spec.machines[station].collects if station in spec.machines else None
            for number, position in enumerate(collects.positions if collects is not None else ()):
                path = f"$.machines.{station}.collects.positions[{number}]"
                _fits_word(found, path, rules[rule], rule, "position", position)


def _fits_word(found: FaultList, path: str, rule: CodeRule, name: str, word: str, code: str) -> None:
    for part in rule.parts:
        if not isinstance(part, Word) or part.name != word or part.values:
            continue
        if len(code) != part.width or any(char not in part.alphabet for char in code):
            expected = f"{part.width} characters of {part.alphabet}, as the rule {name} prints"
            found.add(path, expected, code, "widen the word of the rule, give it an alphabet, or change the code")
