"""What a plant file declares of its work: machines, operations, routes, orders, feeders, transfers, signals.

An *operation* turns what comes to it into what it makes. A *load* is what goes through a machine at once: it begins as
a ticket of an order, takes its inputs from stocks and feeders, and carries its material from operation to operation
along a *route*; what the last one makes goes into the stock that keeps it, or onto carriers. How a *machine* works (how
many loads, what may wait, when it is open, how it fails) stands apart from what is done on it.
"""

from __future__ import annotations

import contextlib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from plant_models.amounts import (
    Duration,
    LongDuration,
    Quantity,
    SomeQuantity,
    TimeOfDay,
    Weekday,
    parse_duration,
)

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Word = Annotated[str, Field(min_length=1, max_length=60)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Part(BaseModel):
    """A part of a plant file: nothing unknown in it, nothing converted in silence, never changed afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _as_law(declared: Any) -> Any:
    """A bare duration as a fixed law, and the mean of a uniform one, which its ends say."""
    if isinstance(declared, str):
        return {"law": "fixed", "mean": declared}
    if isinstance(declared, dict) and declared.get("law") == "uniform" and "mean" not in declared:
        middle = 0.0
        with contextlib.suppress(PydanticCustomError):
            middle = (parse_duration(declared.get("least")) + parse_duration(declared.get("most"))) / 2
        return {**declared, "mean": f"{middle:.6f} s"}
    if not isinstance(declared, dict | LawSpec):
        raise PydanticCustomError("law", "a duration such as 45 min, or a law such as {law: exponential, mean: 45 min}")
    return declared


class LawSpec(Part):
    """A time as it varies. A bare duration is fixed.

    ``cv`` is the standard deviation as a share of the mean (lognormal, normal); ``phases`` of an erlang; ``least`` and
    ``most`` are the ends of uniform and triangular (``mean`` is then the mode of a triangular) and cut a normal. A
    uniform law needs no ``mean``: it is the middle.
    """

    law: Literal["fixed", "exponential", "erlang", "lognormal", "normal", "uniform", "triangular"]
    mean: Duration
    cv: Annotated[float, Field(gt=0.0, le=10.0)] = 0.25
    phases: Annotated[int, Field(ge=1, le=1000)] = 2
    least: Duration | None = None
    most: Duration | None = None


Law = Annotated[LawSpec, BeforeValidator(_as_law)]


# ---- machines


class Break(Part):
    """A pause within a shift."""

    begins: TimeOfDay
    ends: TimeOfDay


class Shift(Part):
    """Hours of work on some weekdays; ``ends`` before ``begins`` is the next morning."""

    days: Annotated[list[Weekday], Field(min_length=1)]
    begins: TimeOfDay
    ends: TimeOfDay
    breaks: list[Break] = Field(default_factory=list)


class Breakdown(Part):
    """How a machine fails. ``every`` counts ``working`` time (operation-dependent) or the ``clock``.

    ``load``: what becomes of the load in it: ``kept`` (worked on after the repair), ``restarted`` or ``scrapped``.
    ``crew``: who repairs; left out, the repair begins at once.
    """

    every: Law
    repair: Law
    counts: Literal["working", "clock"] = "working"
    load: Literal["kept", "restarted", "scrapped"] = "kept"
    crew: Word | None = None
    reason: Word | None = None


class SetUp(Part):
    """Work between loads that differ: in what they ``make``, in their ``order``, or after a ``campaign`` of so many.

    ``cleans``: the set-up is a clean with this efficacy, after which what was on the machine touches nothing more.
    """

    takes: Law
    between: Literal["items", "orders", "campaigns"] = "items"
    campaign: Count = 1
    crew: Word | None = None
    cleans: Share | None = None


class Tool(Part):
    """A tool that wears: changed after ``life`` units; ``item``: a tool from stock by serial or lot, with genealogy.

    ``worn`` is the chance of the operation's defect in the last tenth of its life. Where the station's device has a
    slot of a tool's name, the changes of a tool from stock are reported, and each load draws on it.
    """

    life: Count
    change: Law
    item: Word | None = None
    crew: Word | None = None
    worn: Share = 0.0


class Collects(Part):
    """A batch machine (furnace, autoclave): so many loads together, each at a position; it waits at most so long.

    ``positions`` names the places in the order in which they are filled; ``hot`` ones can run out of limits: with
    ``chance`` per charge every load there gets ``defect``.
    """

    loads: Count
    waits: Duration | None = None
    positions: list[Word] = Field(default_factory=list)
    hot: list[Word] = Field(default_factory=list)
    chance: Share = 0.0
    defect: Word | None = None


class Conveys(Part):
    """A conveyor, oven or pipe: loads leave in the order in which they came, each after the operation's time.

    ``holds`` so many; ``accumulates``: those behind a blocked one close up, else all stop.
    """

    holds: Count
    accumulates: bool = False


class Machine(Part):
    """How a station works; a station without one serves one load at a time, is always open and never fails.

    ``waiting``: loads that may stand before it, any number where left out. ``blocking``: ``after`` service it keeps a
    finished load until the next machine has room; ``before``: it begins only when there is room.
    """

    serves: Count = 1
    waiting: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    blocking: Literal["after", "before"] = "after"
    open: Word | None = None
    at_close: Literal["finishes", "pauses"] = "finishes"
    breakdowns: list[Breakdown] = Field(default_factory=list)
    set_up: SetUp | None = None
    tools: dict[Word, Tool] = Field(default_factory=dict)
    collects: Collects | None = None
    conveys: Conveys | None = None


# ---- operations


class Input(Part):
    """What an operation takes for the ``amount`` it makes, from the load that comes in, from stock, or from feeders.

    ``issue``: ``pick`` as needed, ``kit`` for the whole order before it begins, ``backflush`` booked by the bill of
    materials after the fact; real use then differs from the book by ``off`` (relative standard deviation).
    ``up_to``: takes what there is, at most so much (tailings, rework). ``by_potency``: the amount is of pure substance;
    ``fills_up``: this input fills up what others leave open (instead of a quantity of its own). ``instead``: items that
    may stand in for it, each use recorded as a deviation. ``matched``: the unit that fits best by size.
    """

    quantity: Quantity | None = None
    issue: Literal["pick", "kit", "backflush"] = "pick"
    off: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0
    up_to: bool = False
    by_potency: bool = False
    fills_up: bool = False
    instead: list[Word] = Field(default_factory=list)
    matched: bool = False


def _as_input(declared: Any) -> Any:
    if isinstance(declared, str):
        return {"quantity": declared}
    if not isinstance(declared, dict | Input):
        raise PydanticCustomError("input", "an amount such as 12 kg, or keys such as {fills_up: true}")
    return declared


class LotRule(Part):
    """When what is made begins a new lot, and its code: with each order, each load, each furnace ``charge``, or
    whenever the lot of an ``input`` changes; ``size``: at the latest after so much.
    """

    code: Word
    begins: Literal["order", "load", "charge", "input"] = "order"
    size: SomeQuantity | None = None


class Defect(Part):
    """A fault in a unit that an operation makes with ``chance``; ``by_lot`` is its correlation within a lot.

    ``of``: the input whose lots differ so (a lot of chips that wets badly); left out, the lots of what is made.
    """

    chance: Share
    by_lot: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    of: Word | None = None


class Inspection(Part):
    """An examination. ``looks_for`` names defects; ``misses`` is its beta error, ``false_alarms`` its alpha error.

    ``sample``: so many units of each ``of`` load, lot or charge (left out: every unit), the whole rejected when more
    than ``accepts`` are bad; of a lot or charge the units of the load that comes first. ``destroys`` what it samples,
    which is scrapped for ``sample_reason`` (left out: ``reason``). ``after``: the verdict comes so much later and does
    not hold the load up; what it is about waits for release where the item ``needs_release``. What fails goes to
    ``rework`` (an operation), at most ``passes`` times, else it is scrapped for ``reason``.
    """

    looks_for: Annotated[list[Word], Field(min_length=1)]
    misses: Share = 0.0
    false_alarms: Share = 0.0
    sample: Count | None = None
    of: Literal["load", "lot", "charge"] = "load"
    accepts: Annotated[int, Field(ge=0)] = 0
    destroys: bool = False
    after: Duration | None = None
    rework: Word | None = None
    passes: Annotated[int, Field(ge=1, le=100)] = 1
    reason: Word
    sample_reason: Word | None = None
    measures: Annotated[list[Word], Field(max_length=4)] = Field(default_factory=list)


class Signature(Part):
    """Who signs for an operation: the second badge of the four-eyes rule, or quality assurance."""

    meaning: Word
    by: Literal["second", "quality"] = "second"


class Operation(Part):
    """A step of work at one of its stations: of those free the first declared, else the one with the fewest waiting.

    ``takes`` is for each ``load`` or each ``unit`` it makes. ``makes`` with ``amount`` and ``inputs`` is the bill of
    materials: so much of each input for that amount; ``loses`` is the mass that goes as chips, vapour or dust for the
    same amount, and ``also_makes`` are by-products. An operation that makes nothing leaves the load as it is.
    ``scraps`` is the chance that a unit is lost on the way. ``serial``: each unit gets one by this rule. ``load``: how
    much it makes at once where it cuts what comes in into smaller loads or is the first of a route. ``rework``: this
    operation is a declared way back: the load returns to the operation it failed at, or goes ``then`` on. ``outside``:
    a supplier does it, the load travels there and back. ``heel``: so much stays in the machine for the next load.
    """

    at: Annotated[list[Word], Field(min_length=1)]
    takes: Law
    each: Literal["load", "unit"] = "load"
    makes: Word | None = None
    amount: SomeQuantity | None = None
    inputs: dict[Word, Annotated[Input, BeforeValidator(_as_input)]] = Field(default_factory=dict)
    also_makes: dict[Word, SomeQuantity] = Field(default_factory=dict)
    also_code: Word | None = None
    loses: Quantity | None = None
    load: SomeQuantity | None = None
    lot: LotRule | None = None
    serial: Word | None = None
    scraps: Share = 0.0
    scrap_reason: Word | None = None
    defects: dict[Word, Defect] = Field(default_factory=dict)
    inspects: Inspection | None = None
    mends: list[Word] = Field(default_factory=list)
    rework: bool = False
    then: Word | None = None
    sizes: Annotated[float, Field(gt=0.0)] | None = None
    signed: Signature | None = None
    outside: Word | None = None
    travels: Law | None = None
    heel: Quantity | None = None
    wet: bool = False


def _checked_step(declared: Any) -> Any:
    """One message for whatever is no step, instead of one for each form it might have had."""
    names = [declared] if isinstance(declared, str) else declared
    several = isinstance(names, list | dict) and (isinstance(declared, str) or len(names) > 1)
    if several and all(isinstance(one, str) and one for one in names) and _are_weights(declared):
        return {one: float(weight) for one, weight in declared.items()} if isinstance(declared, dict) else declared
    raise PydanticCustomError("step", "an operation, a list of two or more, or operations with weights above 0")


def _are_weights(declared: Any) -> bool:
    numbers = declared.values() if isinstance(declared, dict) else ()
    return all(type(one) in (int, float) and 0 < one < float("inf") for one in numbers)


Step = Annotated[str | list[str] | dict[str, float], PlainValidator(_checked_step)]
"""An operation; a list of alternatives (the least busy); or alternatives with their weights."""


class RouteChange(Part):
    """From so long after the start on, the route is another one."""

    after: LongDuration
    steps: Annotated[list[Step], Field(min_length=1)]


class Route(Part):
    """The operations in order, and how the route changed over time."""

    steps: Annotated[list[Step], Field(min_length=1)]
    changes: list[RouteChange] = Field(default_factory=list)


class Orders(Part):
    """Work orders of a route, each for ``amount`` of what its first operation makes.

    They come ``every`` so long, or on ``days`` ``at`` a time, or when the stock of what the route makes falls
    ``when_below``; ``open_at_most`` so many at a time.
    """

    route: Word
    amount: SomeQuantity
    every: Law | None = None
    first: Duration = 0.0
    days: list[Weekday] = Field(default_factory=list)
    at: TimeOfDay | None = None
    when_below: SomeQuantity | None = None
    open_at_most: Count | None = None


# ---- feeders, transfers, signals


class Feeders(Part):
    """Places at a station that hold one container each of what an operation takes: reels, drums, hoppers.

    ``slots`` maps each to its item. At run-out the next container is mounted: with a ``splice`` without stopping, else
    the machine stands for ``change``. ``kind`` hopper: the new lot is poured on what is left and mixes with it.
    ``returns``: after an order what is left goes back to its stock; hoppers, whose lots have mixed, are emptied into
    the waste by a set-up that ``cleans`` instead. ``bank`` is the number records of a passage carry.
    """

    slots: Annotated[dict[Word, Word], Field(min_length=1)]
    kind: Literal["reel", "hopper"] = "reel"
    change: Law
    splice: Share = 0.0
    returns: bool = False
    bank: Annotated[int, Field(ge=1, le=65_535)]


class Transfer(Part):
    """Material sent on to another site, on days: what the stock ``source`` holds of ``item`` into the stock ``target``.

    ``relabel``: the receiving site gives each lot a code of its own by this rule.
    """

    item: Word
    source: Word
    target: Word
    ships_at: Word
    arrives_at: Word
    days: Annotated[list[Weekday], Field(min_length=1)]
    at: TimeOfDay
    most: SomeQuantity
    takes: Law
    relabel: Word | None = None


class Excursion(Part):
    """A time outside the limits: how often, for how long, how far."""

    every: Law
    lasts: Law
    by: float


class Signal(Part):
    """A process value at a station, sampled ``every`` so long: noise about a mean, drift since set-up, excursions.

    What dwells in the station while the value is outside ``limits`` gets ``defect`` with ``chance``.
    """

    station: Word
    unit: Word
    mean: float
    sd: Annotated[float, Field(ge=0.0)]
    every: LongDuration
    drift_an_hour: float = 0.0
    excursion: Excursion | None = None
    limits: tuple[float, float] | None = None
    defect: Word | None = None
    chance: Share = 1.0


class Packing(Part):
    """Onto carriers: ``item`` at a palletiser station, ``units`` to the inner carrier, ``inner`` of these to the outer.

    ``by_serial``: each unit is packed by its own number, else by lot and count. ``store`` and ``ships_at``: the
    stations where its carriers stand and leave, where those are not the plant's (another site).
    """

    station: Word
    units: SomeQuantity
    inner: Count | None = None
    by_serial: bool = False
    store: Word | None = None
    ships_at: Word | None = None
