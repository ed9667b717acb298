"""Who a thing is: one `Identity` for every way in which a lot, serial, carrier, class, place or party is written.

The canonical form is the GS1 Digital Link URI where the id is a sound GS1 key, ``urn:plant:...`` for the plant's own
things, else the id as it came. An id that does not meet the scheme it claims (wrong check digit, SSCC of 15 digits,
lot of 21 characters) is never padded or mended: it is its own canonical form and says its `problem`.

>>> identify("urn:epc:class:lgtin:4012345.012345.Lot987").canonical
'https://id.gs1.org/01/04012345123456/10/Lot987'
>>> identify("(01)04012345123456(10)Lot987") == identify("https://example.com/gtin/4012345123456/lot/Lot987?x=1")
True
>>> identify("https://id.gs1.org/01/04012345123457/10/Lot987").problem
'expected a check digit 6, got 7'
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from trace_core.errors import IdentifierError
from trace_core.vocabulary.digital_link import CANONICAL_HOST, read_digital_link
from trace_core.vocabulary.element_string import (
    FNC1,
    VISIBLE_FNC1,
    key_of_elements,
    read_elements,
    write_element_string,
)
from trace_core.vocabulary.epc_urn import read_epc_urn, write_epc_urn
from trace_core.vocabulary.gs1_keys import (
    Key,
    Kind,
    Misfit,
    check_digit,
    is_gtin,
    is_lot_code,
    is_sound,
    trade_item_key,
)
from trace_core.vocabulary.plant_urn import THIS_PLANT, PlantName, read_plant_urn, write_plant_urn

__all__ = [
    "MAX_CHARACTERS",
    "Identity",
    "Kind",
    "Place",
    "identify",
    "parse_gs1",
    "plant_id",
    "to_digital_link",
    "to_element_string",
    "to_epc_urn",
]

MAX_CHARACTERS = 2048
"""No id is longer: what browsers and databases of other systems still take as one URI."""

CACHED_IDS = 1 << 17
"""How many ids `identify` remembers, about 60 MB when full: one plant's lots and carriers of some months."""


class Place(StrEnum):
    """Where an id stood in an event; it settles the kind of ids whose scheme does not imply one."""

    ANY = "any"
    EPC = "epc"
    CLASS = "class"
    LOCATION = "location"
    PARTY = "party"


@dataclass(frozen=True, slots=True)
class Identity:
    """One thing. Two identities are equal when their canonical forms are, however they were written."""

    canonical: str
    kind: Kind = field(compare=False)
    scheme: str = field(compare=False)
    """The key or family it is written in: sgtin, sscc, gdst, plant, uuid, uri, text, ..."""
    issuer: str = field(default="", compare=False)
    """Who gave the id where it says so: ``-`` is this plant, "" means inside the key."""
    item: str = field(default="", compare=False)
    """GTIN-14 or item number; the number a serial or extension narrows down."""
    code: str = field(default="", compare=False)
    """Lot code, serial, or the whole key where it has no parts."""
    form: str = field(default="", compare=False)
    """As it came."""
    problem: str = field(default="", compare=False)
    """Why it does not meet its scheme (finding ``bad_identifier``); "" where it does."""

    @property
    def is_node(self) -> bool:
        """Whether a trace goes through it: lots, serials, carriers, assets, but never a class."""
        return self.kind in _NODES

    @property
    def business_key(self) -> str:
        """``ITEM|CODE`` with ``|`` inside of a part written %7C; "" where it has no item or no code."""
        if not self.item or not self.code:
            return ""
        return f"{self.item.replace('|', '%7C')}|{self.code.replace('|', '%7C')}"

    def __str__(self) -> str:
        return self.canonical


_NODES = frozenset({Kind.LOT, Kind.SERIAL, Kind.CARRIER, Kind.ASSET})

# What a plain uri or text, and a urn:uuid, is taken for at each place.
_KIND_AT = {
    Place.ANY: Kind.OTHER,
    Place.EPC: Kind.SERIAL,
    Place.CLASS: Kind.CLASS,
    Place.LOCATION: Kind.LOCATION,
    Place.PARTY: Kind.PARTY,
}

# C0, DEL and C1 without FNC1, line and paragraph separators, and lone surrogates, which no UTF-8 can hold.
_UNFIT = re.compile("[\x00-\x1c\x1e\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_LINK = re.compile(r"https?://", re.IGNORECASE)


@lru_cache(maxsize=CACHED_IDS)
def identify(text: str, place: Place = Place.ANY) -> Identity:
    """The identity that ``text`` names; ``place`` never changes the canonical form, only an undecided kind.

    Barcode data is recognised by an FNC1 or a symbology identifier; without either use `parse_gs1`.
    Raises IdentifierError for what is no id at all: no text, empty, over 2,048 characters, control characters.
    """
    return _common(text) or _any(text, place)


def _any(form: str, place: Place) -> Identity:
    text = _checked(form)
    head = text[:4].lower()
    if head == "urn:":
        return _from_urn(text, form, place)
    if head == "http" and _LINK.match(text):
        return _resolved(read_digital_link(text), text, form, place, "uri")
    if head[0] == "(" or _SYMBOL.match(text) or FNC1 in text or VISIBLE_FNC1 in text:
        return _from_elements(text, form, place)
    scheme = "uri" if _HAS_SCHEME.match(text) else "text"
    return Identity(unicodedata.normalize("NFC", text), _KIND_AT[place], scheme, form=form)


# The forms that make up nearly all of a plant's events, in one match each: 3 us instead of 7 us, and ingestion reads
# two ids an event. A test holds them against `_any`, which reads them too.
_COMMON_LINK = re.compile(r"https://id\.gs1\.org/0(?:1/([0-9]{14})/(10|21)/([A-Za-z0-9_.\-]{1,20})|0/([0-9]{18}))")
_COMMON_EPC = re.compile(
    r"urn:epc:(class:lgtin|id:sgtin|id:sscc):([0-9]{6,12})\.([0-9])([0-9]*)(?:\.([A-Za-z0-9_.\-]{1,20}))?"
)
_COMMON_OWN = re.compile(
    r"urn:plant:(lot|serial|carrier):([A-Za-z0-9_~\-]{1,99}):([A-Za-z0-9_.~\-]{0,99}):([A-Za-z0-9_.~\-]{1,99})"
)

_KIND_OF_URN = {"class:lgtin": ("10", Kind.LOT, "lgtin"), "id:sgtin": ("21", Kind.SERIAL, "sgtin")}


def _common(text: object) -> Identity | None:
    """`_any` for the commonest forms, as long as they are sound and need no decoding; else None."""
    if not isinstance(text, str):
        return None
    head = text[:9]
    if head == "https://i" and (link := _COMMON_LINK.fullmatch(text)):
        gtin, ai, code, sscc = link.groups()
        if is_sound(gtin or sscc):
            if sscc:
                return Identity(text, Kind.CARRIER, "sscc", "", "", sscc, text)
            kind, scheme = (Kind.LOT, "lgtin") if ai == "10" else (Kind.SERIAL, "sgtin")
            return Identity(text, kind, scheme, "", gtin, code, text)
    elif head[:8] == "urn:epc:" and (epc := _COMMON_EPC.fullmatch(text)):
        sort, prefix, first, rest, code = epc.groups()
        number = f"{first}{prefix}{rest}"
        number = f"{number}{check_digit(number)}"
        if code is None:
            if sort == "id:sscc" and len(number) == 18:
                return Identity(f"{CANONICAL_HOST}00/{number}", Kind.CARRIER, "sscc", "", "", number, text)
        elif len(number) == 14 and sort != "id:sscc":
            ai, kind, scheme = _KIND_OF_URN[sort]
            return Identity(f"{CANONICAL_HOST}01/{number}/{ai}/{code}", kind, scheme, "", number, code, text)
    elif head == "urn:plant" and (own := _COMMON_OWN.fullmatch(text)):
        word, issuer, item, code = own.groups()
        if not item.isdigit():
            return Identity(text, Kind(word), "plant", issuer, item, code, text)
    return None


_SYMBOL = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(//)?[^\s/]")


def _checked(text: object) -> str:
    if not isinstance(text, str):
        raise IdentifierError("an id as text", text)
    stripped = text.strip(" ")
    if not stripped:
        raise IdentifierError("an id", text, remedy="leave the field out where there is none")
    if len(stripped) > MAX_CHARACTERS:
        raise IdentifierError(f"an id of at most {MAX_CHARACTERS} characters", f"{len(stripped)} characters")
    if odd := _UNFIT.search(stripped):
        raise IdentifierError("an id without control characters", stripped, f"character {odd.start() + 1}")
    return stripped


def _resolved(key: Key | Misfit | None, text: str, form: str, place: Place, scheme: str) -> Identity:
    """The identity of a sound key; the text itself where it is a misfit, or no GS1 key at all (None)."""
    if isinstance(key, Key):
        return Identity(CANONICAL_HOST + key.path, key.kind, key.scheme, "", key.item, key.code, form)
    if key is None:
        return Identity(unicodedata.normalize("NFC", text), _KIND_AT[place], scheme, form=form)
    return Identity(text, key.kind, key.scheme, "", key.item, key.code, form, key.problem)


def _from_elements(text: str, form: str, place: Place) -> Identity:
    if text[:1] == "]" and _LINK.match(text, 3):  # a QR code or DataMatrix that holds a Digital Link
        return _resolved(read_digital_link(text[3:]), text[3:], form, place, "uri")
    shown = text.replace(FNC1, VISIBLE_FNC1)
    try:
        key = key_of_elements(read_elements(text))
    except IdentifierError as error:
        if text[0] == "(" and FNC1 not in text:
            return Identity(unicodedata.normalize("NFC", shown), _KIND_AT[place], "text", form=form)
        problem = f"expected {error.expected}, got {error.got!r}"
        return Identity(shown, _KIND_AT[place], "text", form=form, problem=problem)
    return _resolved(key, shown, form, place, "text")


def _from_urn(text: str, form: str, place: Place) -> Identity:
    if text[:4] != "urn:":
        text = f"urn:{text[4:]}"
    namespace, _, rest = text[4:].partition(":")
    if namespace not in _FAMILIES:  # RFC 8141: the namespace is written in any case
        namespace = namespace.lower()
    if namespace == "epc":
        return _from_epc(text if text.startswith("urn:epc:") else f"urn:epc:{rest}", form, place)
    family = _FAMILIES.get(namespace)
    if family is not None:
        return family(rest, text, form, place)
    return Identity(unicodedata.normalize("NFC", text), _KIND_AT[place], "uri", form=form)


def _from_epc(text: str, form: str, place: Place) -> Identity:
    key = read_epc_urn(text)
    if key is not None:
        return _resolved(key, text, form, place, "uri")
    head = text.split(":", 4)
    sort, scheme = (head[2], head[3]) if len(head) == 5 else ("", "")
    kind = Kind.CLASS if sort in {"idpat", "pat"} else _OTHER_EPCS.get(scheme, _KIND_AT[place])
    return Identity(text, kind, scheme or "uri", form=form)


# Keys of the EPC standard that GS1 keys do not cover (TDS 1.13, 6.3): part and aircraft numbers, containers, vessels.
_OTHER_EPCS = {
    "gid": Kind.SERIAL,
    "adi": Kind.SERIAL,
    "usdod": Kind.SERIAL,
    "bic": Kind.CARRIER,
    "imovn": Kind.EQUIPMENT,
}


def _from_plant(rest: str, text: str, form: str, place: Place) -> Identity:
    if rest.startswith("event:"):  # an event's own id, made by a device: names no thing
        return Identity(text, Kind.OTHER, "plant", form=form)
    name = read_plant_urn(rest)
    if isinstance(name, PlantName):
        return _plant_identity(name, form)
    word = rest.partition(":")[0].lower()
    kind = Kind(word) if word in _KIND_WORDS else _KIND_AT[place]
    return Identity(text, kind, "plant", form=form, problem=name)


_KIND_WORDS = frozenset(str(kind) for kind in Kind)


def _plant_identity(name: PlantName, form: str) -> Identity:
    """The identity of a plant's own thing: a GS1 key where this plant's item is a GTIN and the code fits AI (10)."""
    kind, issuer, item, code = name
    if issuer == THIS_PLANT and is_gtin(item):
        ai = _AI_OF_KIND.get(kind)
        if ai is not None and (is_lot_code(code) if ai else not code):
            return _resolved(trade_item_key(item.zfill(14), ai, code), "", form, Place.ANY, "")
    return Identity(write_plant_urn(name), kind, "plant", issuer, item, code, form)


_AI_OF_KIND = {Kind.LOT: "10", Kind.SERIAL: "21", Kind.CLASS: ""}


def _from_uuid(rest: str, text: str, form: str, place: Place) -> Identity:
    kind = Kind.LOT if place is Place.CLASS else _KIND_AT[place]
    if _UUID.fullmatch(rest):
        return Identity(f"urn:uuid:{rest.lower()}", kind, "uuid", code=rest.lower(), form=form)
    problem = f"expected 32 hexadecimal digits as 8-4-4-4-12, got {rest!r}"
    return Identity(text, kind, "uuid", form=form, problem=problem)


_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def _from_industry(rest: str, text: str, form: str, place: Place) -> Identity:
    """``urn:gdst:<owner>:product:lot:class:<company>.<item>.<lot>`` and its kin (GDST 1.2, IBM Food Trust)."""
    text = unicodedata.normalize("NFC", text)
    match = _INDUSTRY.fullmatch(rest)
    if match is None:
        return Identity(text, _KIND_AT[place], "uri", form=form)
    issuer, sort, name = match.groups()
    kind = _INDUSTRY_KINDS[sort]
    item, code = "", name
    if kind is Kind.CLASS:
        item, code = name, ""
    elif sort.startswith("product") and name.count(".") >= 2:
        company, number, code = name.split(".", 2)
        item = f"{company}.{number}"
    return Identity(text, kind, "gdst", issuer, item, code, form)


_INDUSTRY_KINDS = {
    "product:lot:class": Kind.LOT,
    "product:serial:obj": Kind.SERIAL,
    "product:class": Kind.CLASS,
    "lpn:obj": Kind.CARRIER,
    "location:loc": Kind.LOCATION,
    "party": Kind.PARTY,
}
_INDUSTRY = re.compile(rf"([^:]+):({'|'.join(_INDUSTRY_KINDS)}):(.+)")

_FAMILIES = {"plant": _from_plant, "uuid": _from_uuid, "gdst": _from_industry, "ibm": _from_industry}


def plant_id(kind: Kind, code: str, item: str = "", issuer: str = THIS_PLANT) -> Identity:
    """The identity of a thing the plant (or another ``issuer``) names itself.

    A lot or serial of this plant whose item is a sound GTIN and whose code AI (10) can carry is a GS1 key; a class may
    give its number as ``code`` or ``item``. Any script; text is taken in NFC. IdentifierError for an empty code.
    """
    if kind is Kind.CLASS and not item:
        code, item = "", code
    name = PlantName(kind, _own_text(issuer) or THIS_PLANT, _own_text(item), _own_text(code))
    if not name.code and not (kind is Kind.CLASS and name.item):
        raise IdentifierError("a code", code, f"{kind} of item {item!r}")
    urn = write_plant_urn(name)
    if len(urn) > MAX_CHARACTERS:
        raise IdentifierError(f"an id of at most {MAX_CHARACTERS} characters once encoded", f"{len(urn)} characters")
    return _plant_identity(name, urn)


def _own_text(part: str) -> str:
    if odd := _SURROGATE.search(part):
        raise IdentifierError("text that UTF-8 can hold", part, f"character {odd.start() + 1}")
    return unicodedata.normalize("NFC", part)


_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_gs1(text: str) -> Identity | None:
    """The identity in an element string or barcode data, marked or bare (``0104012345123456`` ``10Lot987``).

    None where the text is no element string or holds no key; a key that is not sound has its ``problem``.
    """
    try:
        key = key_of_elements(read_elements(_checked(text)))
    except IdentifierError:
        return None
    shown = text.strip(" ").replace(FNC1, VISIBLE_FNC1)
    return None if key is None else _resolved(key, shown, text, Place.ANY, "text")


def to_digital_link(identity: Identity) -> str:
    """The canonical Digital Link; IdentifierError where the identity is no sound GS1 key."""
    return CANONICAL_HOST + _key(identity).path


def to_element_string(identity: Identity) -> str:
    """``(01)...(10)...``; IdentifierError where the identity is no sound GS1 key."""
    return write_element_string(_key(identity))


def to_epc_urn(identity: Identity, company_prefix_length: int) -> str:
    """The EPC URN, which needs to know how many digits (6 to 12) the company prefix has.

    A class is written as the pattern of its instances. IdentifierError where the key has no EPC URN (GMN, GSRN with
    instance, lots of pieces) or the identity is no sound GS1 key.
    """
    return write_epc_urn(_key(identity), company_prefix_length)


def _key(identity: Identity) -> Key:
    if not identity.problem and identity.canonical.startswith(CANONICAL_HOST):
        key = read_digital_link(identity.canonical)
        if isinstance(key, Key):
            return key
    raise IdentifierError("a sound GS1 key", identity.canonical, remedy=identity.problem)
