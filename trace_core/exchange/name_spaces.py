"""The prefixes of a document: which name space each stands for, and which of them an event needs.

An event is stored alone, so it takes with it, under ``@context``, what its own prefixes mean. The prefixes that GS1's
context defines for everybody are left out. Source: GS1 EPCIS 2.0, 10.3; W3C JSON-LD 1.1, 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trace_core.vocabulary.epcis_json import PLANT_NAMESPACE

GS1_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

# What GS1's own context defines; the text behind each is the one EPCIS documents write in XML.
STANDARD_PREFIXES: Mapping[str, str] = {
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda",
    "dcterms": "http://purl.org/dc/terms/",
    "epcis": "https://ref.gs1.org/epcis/",
    "gs1": "https://gs1.org/voc/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "plant": PLANT_NAMESPACE,
}
_OTHER_SPELLINGS = {
    "gs1": {"https://ref.gs1.org/voc", "https://www.gs1.org/voc", "http://gs1.org/voc"},
    "cbvmda": {"https://ref.gs1.org/cbv/mda"},
}


@dataclass(frozen=True, slots=True)
class Context:
    """A JSON-LD context taken apart: prefix -> name space, and the addresses of contexts that are not GS1's."""

    prefixes: Mapping[str, str]
    others: tuple[str, ...] = ()

    def needed_by(self, event: Mapping[str, Any]) -> dict[str, str]:
        """The prefixes among this context's own that ``event`` uses, in alphabetical order."""
        if not self.prefixes:
            return {}
        used = {text.partition(":")[0] for text in _texts(event) if ":" in text}
        return {prefix: self.prefixes[prefix] for prefix in sorted(used & self.prefixes.keys())}


def is_standard(prefix: str, space: str) -> bool:
    """Whether ``prefix`` stands for what GS1's context says it does."""
    plain = space.rstrip("/#:")
    known = STANDARD_PREFIXES.get(prefix)
    return known is not None and (known.rstrip("/#:") == plain or plain in _OTHER_SPELLINGS.get(prefix, ()))


def parse_context(raw: Any) -> Context:
    """The context that an ``@context`` states; what is neither an address nor a prefix is passed over."""
    prefixes: dict[str, str] = {}
    others: list[str] = []
    for one in raw if isinstance(raw, list) else [raw]:
        if isinstance(one, str):
            if not _is_gs1_context(one):
                others.append(one)
        elif isinstance(one, Mapping):
            for prefix, meaning in one.items():
                # A prefix may also be defined by an object with its @id (JSON-LD 1.1, 4.4).
                space = meaning.get("@id") if isinstance(meaning, Mapping) else meaning
                if isinstance(space, str) and not prefix.startswith("@") and not is_standard(prefix, space):
                    prefixes[prefix] = space
    return Context(prefixes, tuple(others))


def with_context(event: dict[str, Any], outer: Context) -> dict[str, Any]:
    """``event`` carrying the meaning of its own prefixes, its own context before the document's."""
    own = parse_context(event["@context"]) if "@context" in event else Context({})
    merged = Context({**outer.prefixes, **own.prefixes}, tuple(dict.fromkeys((*outer.others, *own.others))))
    out = {name: value for name, value in event.items() if name != "@context"}
    needed = merged.needed_by(out)
    if merged.others:
        out["@context"] = [*merged.others, *([needed] if needed else [])]
    elif needed:
        out["@context"] = needed
    return out


def space_of(prefix: str, context: Context) -> str | None:
    """The name space of ``prefix``, or None where nobody says."""
    return context.prefixes.get(prefix) or STANDARD_PREFIXES.get(prefix)


def _is_gs1_context(address: str) -> bool:
    plain = address.lower()
    return "epcis-context" in plain and ("gs1.org/" in plain or "gs1.github.io/" in plain)


def _texts(value: Any) -> Iterator[str]:
    """Every name and every text in ``value``; without recursion, since the depth is bounded but the stack is shared."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            yield from (name for name in one if name != "@context")
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
