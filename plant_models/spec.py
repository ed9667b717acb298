"""What a plant file declares, as frozen values: what there is, what flows where, and when.

Structure only: references between the parts are checked in :mod:`plant_models.references`. A plant is made of items,
parties, stations, and parts that move material: collecting rounds, supplies into stocks, vessels, batch processes,
packing lines, a store of carriers, and shipping. The engine knows these parts; which of them a plant has, and every
number, is declared. Names and codes may be in any script.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator
from pydantic_core import PydanticCustomError

from plant_models.amounts import (
    Duration,
    Flow,
    Gln,
    Gtin,
    LongDuration,
    Quantity,
    SomeQuantity,
    TimeOfDay,
    Weekday,
)
from plant_models.work import (
    Count,
    Feeders,
    Machine,
    Operation,
    Orders,
    Packing,
    Route,
    Shift,
    Signal,
    Transfer,
)
from trace_core.errors import TimeError
from trace_core.vocabulary.times import parse_time


def _moment(text: Any) -> datetime:
    try:
        return parse_time(text)
    except TimeError as error:
        raise PydanticCustomError("moment", "a time with offset such as 2026-03-02T00:00:00+01:00") from error


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError of text that names no file
        raise PydanticCustomError("zone", "a time zone of the IANA list such as Europe/Vienna") from error
    except KeyError as error:
        raise PydanticCustomError("zone", "a time zone of the IANA list such as Europe/Vienna") from error
    return text


def _name(text: str) -> str:
    if not 0 < len(text.strip()) == len(text) <= 60 or not text.isprintable():
        raise PydanticCustomError("name", "a name of 1 to 60 printable characters without space at its ends")
    return text


Name = Annotated[str, AfterValidator(_name)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Moment = Annotated[
    datetime, PlainValidator(_moment), PlainSerializer(lambda moment: moment.isoformat(), return_type=str)
]
Number = Annotated[int, Field(ge=1, le=65_535)]
"""STATION and SLOT of the mailbox: u16, 0 means none."""


class Declared(BaseModel):
    """A part of a plant file: nothing unknown in it, nothing converted in silence, never changed afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class UnitSpec(Declared):
    """A unit of the plant: its UN/ECE code and how many decimals are counted (kg with 3: to the gram)."""

    code: Name
    decimals: Annotated[int, Field(ge=0, le=6)] = 0


class Company(Declared):
    """Who runs the plant; ``prefix`` is the GS1 company prefix of the carriers it numbers."""

    name: Name
    gln: Gln
    prefix: Annotated[str, Field(pattern=r"^[0-9]{6,12}$")]


class ItemSpec(Declared):
    """A material or product. ``mass`` of one unit; left out where the unit is the plant's mass unit.

    ``opened_life``: how long it may be used once its container was opened or mounted (paste, moisture-sensitive parts);
    ``thaws``: how long a container must stand before it may be opened. ``needs_release``: the test whose good verdict
    each lot waits for before it is used or leaves.
    """

    name: Name
    gtin: Gtin
    unit: Name
    mass: SomeQuantity | None = None
    shelf_life: LongDuration | None = None
    opened_life: LongDuration | None = None
    thaws: LongDuration | None = None
    needs_release: Name | None = None


class SpreadSpec(Declared):
    """A normal spread cut at its ends."""

    mean: SomeQuantity
    sd: Quantity
    least: Quantity
    most: SomeQuantity


class Supplier(Declared):
    """A party that gives material; ``code`` is what lot-code rules write for it, ``amount`` what one round collects."""

    name: Name
    gln: Gln | None = None
    code: Annotated[str, Field(min_length=1, max_length=6)]
    amount: SpreadSpec | None = None


class Customer(Declared):
    """A party that takes carriers, so many on an average day; ``needs_release``: only what the laboratory passed.

    ``takes``: the oldest by the store's policy, or the freshest that may leave, as chains with short dates ask.
    ``items``: what it buys, each on carriers of its own; left out, whatever there is.
    """

    name: Name
    gln: Gln | None = None
    carriers_a_day: Annotated[float, Field(ge=0.0, le=1000.0)]
    days: list[Weekday]
    at: TimeOfDay
    needs_release: bool = False
    takes: Literal["oldest", "freshest"] = "oldest"
    items: list[Name] = Field(default_factory=list)


class Operator(Declared):
    """A person, by badge; those of ``quality`` release and countersign, all others work."""

    badge: Annotated[str, Field(min_length=1, max_length=12)]
    name: Name
    role: Literal["production", "quality"] = "production"


class Site(Declared):
    """One of several plants under one roof of planning, with a wall clock of its own."""

    name: Name
    gln: Gln | None = None
    timezone: Annotated[str, AfterValidator(_zone)] | None = None


class Location(Declared):
    """A place of the plant; ``site`` where there are several."""

    name: Name
    gln: Gln | None = None
    site: Name | None = None


class Station(Declared):
    """A place that does and reports something."""

    name: Name
    location: Name
    operation: Name


class DeviceClock(Declared):
    """How a device's clock is off: by so many seconds at the start, and by so many parts in a million more later."""

    offset_s: Annotated[float, Field(ge=-86_400.0, le=86_400.0)] = 0.0
    drift_ppm: Annotated[float, Field(ge=-10_000.0, le=10_000.0)] = 0.0


class Device(Declared):
    """What reports: the numbers it gives to its stations and to the slots and vessels at it, and what MEAS1..4 are.

    ``method`` is how its records come about, which says what can go wrong with them.
    """

    stations: dict[Name, Number]
    slots: dict[Name, Number] = Field(default_factory=dict)
    measures: dict[Name, Annotated[list[Name], Field(min_length=1, max_length=4)]] = Field(default_factory=dict)
    method: Literal["manual", "barcode", "rfid", "plc", "instrument", "mobile"] = "plc"
    clock: DeviceClock | None = None


class Clean(Declared):
    """A clean: how long, how often (0 s: after every use), and the chance that it really cleans."""

    takes: LongDuration
    every: Duration = 0.0
    efficacy: Share = 1.0


class TestSpec(Declared):
    """An examination: how long until its verdict, and the chance that what it looks for is there."""

    characteristic: Name
    takes: LongDuration
    chance: Share
    limit: Annotated[str, Field(max_length=60)] = ""
    reason: Name


class Stock(Declared):
    """A store of lots: of which items, in which order they go out, where they are booked, why the old are scrapped.

    ``disobeys``: how often a picker takes another container than the policy says. ``bins``: places containers lie in,
    for the policy ``nearest`` (the lowest bin first). ``capacity``: the most that lies here of each item; what would
    bring more waits.
    """

    policy: Literal["fifo", "fefo", "lifo", "nearest"]
    station: Name
    expired_reason: Name
    keeps: Annotated[list[Name], Field(min_length=1)]
    disobeys: Share = 0.0
    bins: Annotated[int, Field(ge=1, le=100_000)] = 1
    capacity: dict[Name, SomeQuantity] = Field(default_factory=dict)


class Potency(Declared):
    """How much of what is weighed is substance, by lot: a share with its standard deviation."""

    mean: Annotated[float, Field(gt=0.0, le=2.0)]
    sd: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0


class Supply(Declared):
    """How an item comes into its stock: lots of a size in containers, ordered when stock falls below a point.

    ``container_lots``: each container bears a number of its own, under which it is received and used.
    """

    suppliers: Annotated[list[Name], Field(min_length=1)]
    lot: SomeQuantity
    container: SomeQuantity
    lot_code: Name
    opening_lots: Annotated[int, Field(ge=0, le=1000)] = 1
    reorder_below: Quantity
    lead_time: LongDuration
    certificate: bool = False
    potency: Potency | None = None
    container_lots: bool = False


class Round(Declared):
    """One collecting round: which vehicle, when, and whom it visits in which order."""

    vehicle: Name
    days: Annotated[list[Weekday], Field(min_length=1)]
    at: TimeOfDay
    suppliers: Annotated[list[Name], Field(min_length=1)]


class Vehicle(Declared):
    """A vessel on wheels, empty and cleaned after each round."""

    capacity: SomeQuantity
    clean: Clean


class Collecting(Declared):
    """Rounds that collect one item from many suppliers, merge it into one lot, test that, and unload it."""

    collects: Name
    makes: Name
    collected_code: Name
    made_code: Name
    vehicles: Annotated[dict[Name, Vehicle], Field(min_length=1)]
    rounds: Annotated[list[Round], Field(min_length=1)]
    amount: SpreadSpec
    travel: LongDuration
    pumping: Flow
    station: Name
    test: Name
    unloads_to: Name
    unloading: Flow


class VesselGroup(Declared):
    """Vessels of one kind that hold one item; ``mixing`` says how what flows out depends on what flowed in.

    ``mixed`` perfectly, ``plug`` first in first out, ``lifo`` last in first out, ``series`` as ``tanks`` mixed ones
    behind each other.

    ``heel`` stays when a vessel is drawn down; ``rest`` is the time between filling, drawing and cleaning, in which
    valves are set and pipes connected. A clean is due ``clean.every`` after the last and done once a vessel is down.
    """

    members: Annotated[dict[Name, SomeQuantity], Field(min_length=1)]
    holds: Name
    heel: Quantity
    rest: LongDuration
    station: Name
    clean: Clean
    mixing: Literal["mixed", "plug", "lifo", "series"] = "mixed"
    tanks: Annotated[int, Field(ge=2, le=100)] = 2


class Recipe(Declared):
    """What a batch takes: fixed inputs, and one that fills it up to its size."""

    makes: Name
    batch: SomeQuantity
    inputs: dict[Name, SomeQuantity] = Field(default_factory=dict)
    fills_up_with: Name


class Tanks(Declared):
    """The tanks a process runs its batches in, each for one batch; ``holds_for`` until it can be drawn."""

    members: Annotated[list[Name], Field(min_length=1)]
    capacity: SomeQuantity
    holds_for: LongDuration
    spread: Share = 0.05
    clean: Clean


class Process(Declared):
    """A batch process: draws from vessels through one station into tanks."""

    station: Name
    draws_from: Name
    flow: Flow
    recipes: Annotated[list[Name], Field(min_length=1)]
    lot_code: Name
    clean: Clean
    tanks: Tanks
    tank_station: Name


class PackedInput(Declared):
    """What one unit of a product takes besides its batch; ``new_lot``: another lot of it starts another printed lot."""

    item: Name
    quantity: SomeQuantity
    new_lot: bool = False


class Rework(Declared):
    """Change-over product, as an item of its own; ``max_generation`` says how often material may come round again."""

    item: Name
    up_to: SomeQuantity
    lot_code: Name
    max_generation: Annotated[int, Field(ge=1, le=100)] = 1
    limit_reason: Name


class Product(Declared):
    """A saleable item: from which batch, with what, on which lines."""

    item: Name
    process: Name
    recipe: Name
    takes: SomeQuantity
    inputs: list[PackedInput] = Field(default_factory=list)
    lines: Annotated[list[Name], Field(min_length=1)]
    rework: Rework | None = None
    weight: Annotated[float, Field(gt=0.0)] = 1.0


class Sampling(Declared):
    """What is taken from each printed lot for a test."""

    test: Name
    quantity: SomeQuantity
    reason: Name


class Line(Declared):
    """A packing line: runs of one printed lot each; its hold-up is pushed out to rework, then it is cleaned."""

    station: Name
    palletiser: Name
    code: Annotated[str, Field(min_length=1, max_length=3)]
    flow: Flow
    hold_up: Quantity
    smallest_run: SomeQuantity
    first_check: SomeQuantity
    remainder_reason: Name
    lot_code: Name
    clean: Clean
    sampling: Sampling | None = None


class Carriers(Declared):
    """How products are stacked: a carrier may mix the end of one lot with the begin of the next of the same item."""

    capacity: SomeQuantity
    extension: Annotated[int, Field(ge=0, le=9)] = 0
    store: Name


class Shipping(Declared):
    """How carriers leave: where, in which order, how old at least.

    ``keeps`` stay as safety stock, split among the products by their weight.
    """

    station: Name
    policy: Literal["fifo", "fefo"]
    least_age: Duration
    keeps: Quantity | None = None
    loading: LongDuration


class Plan(Declared):
    """The order book of a week: one batch an entry, released at a time of day, given up when too old."""

    release_at: TimeOfDay
    give_up_after: LongDuration
    week: dict[Weekday, list[Name]]


class Counts(Declared):
    """When stock is counted."""

    days: list[Weekday]
    at: TimeOfDay


class PlantSpec(Declared):
    """A declared plant."""

    plant: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    title: Name
    start: Moment
    timezone: Annotated[str, AfterValidator(_zone)]
    recall_unit: Name
    mass_unit: Name
    company: Company
    units: Annotated[dict[Name, UnitSpec], Field(min_length=1)]
    reasons: dict[Name, Number]
    items: Annotated[dict[Name, ItemSpec], Field(min_length=1)]
    suppliers: dict[Name, Supplier]
    customers: dict[Name, Customer]
    operators: Annotated[list[Operator], Field(min_length=1)]
    locations: Annotated[dict[Name, Location], Field(min_length=1)]
    stations: Annotated[dict[Name, Station], Field(min_length=1)]
    devices: Annotated[dict[Name, Device], Field(min_length=1)]
    lot_codes: dict[Name, dict[str, Any]]
    tests: dict[Name, TestSpec] = Field(default_factory=dict)
    stocks: dict[Name, Stock] = Field(default_factory=dict)
    supplies: dict[Name, Supply] = Field(default_factory=dict)
    collecting: dict[Name, Collecting] = Field(default_factory=dict)
    vessels: dict[Name, VesselGroup] = Field(default_factory=dict)
    recipes: dict[Name, Recipe] = Field(default_factory=dict)
    processes: dict[Name, Process] = Field(default_factory=dict)
    products: dict[Name, Product] = Field(default_factory=dict)
    lines: dict[Name, Line] = Field(default_factory=dict)
    shifts: dict[Name, Annotated[list[Shift], Field(min_length=1)]] = Field(default_factory=dict)
    crews: dict[Name, Count] = Field(default_factory=dict)
    machines: dict[Name, Machine] = Field(default_factory=dict)
    operations: dict[Name, Operation] = Field(default_factory=dict)
    routes: dict[Name, Route] = Field(default_factory=dict)
    orders: dict[Name, Orders] = Field(default_factory=dict)
    feeders: dict[Name, Feeders] = Field(default_factory=dict)
    transfers: dict[Name, Transfer] = Field(default_factory=dict)
    signals: dict[Name, Signal] = Field(default_factory=dict)
    packing: dict[Name, Packing] = Field(default_factory=dict)
    sites: dict[Name, Site] = Field(default_factory=dict)
    carriers: Carriers | None = None
    shipping: Shipping | None = None
    plan: Plan | None = None
    counts: Counts | None = None
