"""One declared fault: its keys as a person writes them, checked against each other and against its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from scenarios.declared import Duration, Strict, faulty_keys, parse_duration
from scenarios.fault_kinds import ALSO_CALLED, RULES, KindName
from scenarios.presets import TYPICAL
from trace_core.errors import near_names

RecordName = Literal[
    "COMPLETE", "CONSUME", "MEASURE", "SCRAP", "RECEIPT", "SHIP", "MOUNT", "UNMOUNT", "PACK", "CLEAN",
    "DeliveryNote", "PurchaseOrder", "StockCount", "TestResult", "WorkOrder",
]  # fmt: skip
"""What a device or a business system reports. ``*`` means every record of a device."""

Method = Literal["manual", "barcode", "rfid", "plc", "instrument", "mobile"]
"""How a device's records come about."""

ALL = "*"


def _listed(declared: object) -> object:
    if declared == ALL:
        return ()
    return tuple(declared) if isinstance(declared, list) else declared


def _kind(declared: object) -> object:
    if not isinstance(declared, str) or declared in RULES:
        return declared
    if declared in ALSO_CALLED:
        return ALSO_CALLED[declared]
    near = near_names(declared, RULES) or near_names(declared, ALSO_CALLED)
    remedy = f"did you mean {' or '.join(near)}?" if near else f"one of {', '.join(RULES)}"
    raise PydanticCustomError("fault_kind", "a kind of fault; {remedy}", {"remedy": remedy})


def _offset(declared: object) -> float:
    """Seconds, from a duration that may be negative."""
    is_back = isinstance(declared, str) and declared.startswith("-")
    duration = parse_duration(declared[1:] if is_back and isinstance(declared, str) else declared).total_seconds()
    return -duration if is_back else duration


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class DeclaredFault(Strict):
    """One fault: what (``kind``), how often (``rate``), where (``stations`` and what narrows them), when (``pattern``).

    ``name`` tells two faults of one kind on the same reports apart. Which other keys belong to which kind says
    :data:`scenarios.fault_kinds.RULES`; a key that belongs to another kind is refused.
    """

    kind: Annotated[KindName, BeforeValidator(_kind)]
    rate: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    name: str = ""
    # where
    stations: Names = ()
    devices: Names = ()
    methods: Annotated[tuple[Method, ...], BeforeValidator(_listed)] = ()
    items: Names = ()
    records: Annotated[tuple[RecordName, ...], BeforeValidator(_listed)] = ()
    # when
    pattern: Literal["independent", "at_lot_change", "shift_change", "outage"] = "independent"
    starts: Annotated[Duration | None, Field(alias="from")] = None
    until: Duration | None = None
    first: Annotated[int, Field(ge=1, le=1000)] | None = None
    factor: Annotated[float, Field(ge=1.0, le=1000.0)] | None = None
    around: Duration | None = None
    every: Duration | None = None
    lasts: Duration | None = None
    # what, by kind
    delay: Duration | None = None
    window: Duration | None = None
    within: Duration | None = None
    after: Duration | None = None
    at: Literal["shift_end"] | None = None
    slips: tuple[Literal["look_alike", "dropped", "transposed", "keyboard"], ...] | None = None
    buffered: bool | None = None
    capacity: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    offset: Annotated[float, PlainValidator(_offset)] | None = None
    drift_ppm: Annotated[float, Field(ge=-1e6, le=1e6)] | None = None
    field: Literal["lot_id", "part_id", "slot", "order", "operator", "item", "quantity"] | None = None
    badge: Annotated[str, Field(min_length=1, max_length=12)] | None = None
    same_item: bool | None = None
    of: Literal["lots", "items"] | None = None
    prefix: Annotated[str, Field(min_length=1, max_length=8)] | None = None
    crosswalk: bool | None = None
    opening_balance: bool | None = None
    share: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    capture_seconds: Annotated[float, Field(gt=0.0, le=86_400.0)] | None = None
    patience: Duration | None = None
    method: Method | None = None
    scale: Annotated[float, Field(ge=0.0, le=100.0)] | None = None

    @model_validator(mode="after")
    def _keys_belong_to_the_kind(self) -> DeclaredFault:
        if problems := list(self._problems()):
            raise faulty_keys(problems)
        return self

    def _problems(self) -> Iterator[tuple[str, str, str]]:
        """Key, what was expected, and what to do, for each key that does not fit the others."""
        rules = RULES[self.kind]
        given = self.given()
        if self.pattern not in rules.patterns:
            yield "pattern", f"a pattern that {self.kind} can have", f"one of {', '.join(rules.patterns)}"
            return
        allowed = rules.allowed(self.pattern)
        for key in sorted(given - allowed):
            yield key, f"no such key for {self.kind} with the pattern {self.pattern}", "take it out"
        for key in sorted(rules.needs - given):
            yield key, f"a value, as {self.kind} needs one", "add the key"
        if rules.either and not given.intersection(rules.either):
            yield rules.either[0], f"{' or '.join(rules.either)} for {self.kind}", "add one"
        if self.kind == "batched" and {"every", "at"} <= given:
            yield "at", "every or at: shift_end, not both", "take one out"
        if self.pattern == "outage":
            for key in sorted({"every", "lasts"} - given):
                yield key, "a mean gap and a mean length of outages", "add the key"
        elif self.kind in ("outage", "silent_link") and "until" not in given:
            yield "pattern", "pattern: outage with every and lasts, or until", "say when the link is down"
        if self.starts is not None and self.until is not None and self.starts >= self.until:
            yield "until", "a time later than from", "let until be later than from"
        if self.buffered is False and self.capacity is not None:
            yield "capacity", "no capacity where nothing is buffered", "take it out"

    def given(self) -> frozenset[str]:
        """The keys that were declared, as they are written."""
        return frozenset("from" if key == "starts" else key for key in self.model_fields_set)

    def expanded(self) -> tuple[DeclaredFault, ...]:
        """What a preset stands for; any other fault is itself.

        Without stations or devices a method's preset is for the devices that work by it; with them, for these.
        """
        if self.kind != "typical":
            return (self,)
        shared = {
            key: value
            for key in ("stations", "devices", "items", "records", "starts", "until")
            if (value := getattr(self, key))
        }
        shared = {("from" if key == "starts" else key): value for key, value in shared.items()}
        is_placed = "stations" in shared or "devices" in shared
        found = []
        for method in [self.method] if self.method else list(TYPICAL):
            for one in TYPICAL[method]:
                named: dict[str, Any] = {"name": f"{self.name or 'typical'}/{method}/{one['kind']}"}
                if not is_placed:
                    named["methods"] = (method,)
                if "rate" in one:
                    named["rate"] = min(1.0, one["rate"] * (1.0 if self.scale is None else self.scale))
                found.append(DeclaredFault.model_validate(one | shared | named))
        return tuple(found)
