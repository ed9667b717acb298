"""Tools that wear: counted down, changed at the end of their life, taken from stock where they are items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plant_models.work import Tool as ToolSpec
from trace_core.capture.records import RecordType
from twin.floor import Floor
from twin.laws import sampler
from twin.ledger import Move
from twin.material import Item, Portion
from twin.stock import Stock


@dataclass(frozen=True, slots=True)
class Wear:
    """What a load did to the tools and they to it.

    ``contacts``: the tools it met that are items, the same object as before unless one was ``changed``; ``stop_s``: how
    long the machine stood for changes, done by ``crews``; ``worn``: first place, count and chance of defects of the
    units made by a tool in the last tenth of its life.
    """

    stop_s: float
    contacts: tuple[Portion, ...]
    changed: bool
    worn: tuple[tuple[int, int, float], ...] = ()
    crews: tuple[str, ...] = ()


class _Tool:
    def __init__(self, floor: Floor, station: str, name: str, spec: ToolSpec, stocks: Mapping[str, Stock]) -> None:
        self.name = name
        self.spec = spec
        self.item: Item | None = None if spec.item is None else floor.items[spec.item]
        self.stock: Stock | None = None if spec.item is None else stocks[spec.item]
        self.change = sampler(spec.change, floor.stream(f"tools/{station}/{name}"))
        self.left = spec.life if self.item is None else 0
        self.portion: Portion | None = None
        self.worn_from = -(-spec.life // 10) if spec.worn else 0  # so few units before its end it begins to be worn

    def needed(self, units: int) -> int:
        """How many tools more a load of ``units`` takes."""
        return 0 if units <= self.left else -(-(units - self.left) // self.spec.life)


class ToolSet:
    """The tools of one machine.

    A tool at the end of its life is changed in the middle of a load if need be. The first tools are in when the plant
    starts where they are no items; else they are mounted at the first load, which counts as set-up and takes no time.
    """

    def __init__(self, floor: Floor, station: str, tools: Mapping[str, ToolSpec], stocks: Mapping[str, Stock]) -> None:
        self.name = f"{station} tools"
        self._floor = floor
        self._station = station
        self._place = floor.ledger.place(self.name)
        self._waste = floor.ledger.place("waste", inside=False)
        self._slots = _slots_at(floor, station)
        self._tools = [_Tool(floor, station, name, spec, stocks) for name, spec in tools.items()]
        self._contacts: tuple[Portion, ...] = ()
        self._same = Wear(0.0, (), changed=False)
        self._quiet = self._quiet_units()
        self._used = 0

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots of the tools whose changes are reported."""
        return tuple(tool.name for tool in self._tools if tool.item is not None and tool.name in self._slots)

    def held(self) -> dict[str, int]:
        """What the mounted tools weigh that came from stock, in quanta of mass."""
        mounted = (tool.portion for tool in self._tools if tool.portion is not None)
        return {self.name: sum(portion.lot.item.mass * _piece(portion.lot.item) for portion in mounted)}

    def is_ready(self, units: int, retry: Callable[[], object] | None = None) -> bool:
        """Whether all tools a load takes are there; where one is not, ``retry`` is called when there are more."""
        if self._used + units <= self._quiet:
            return True
        self._count_down()
        is_ready = True
        for tool in self._tools:
            needed = tool.needed(units)
            if tool.item is None or tool.stock is None or not needed:
                continue
            if not tool.stock.is_ready(tool.item, needed * _piece(tool.item)):
                is_ready = False
                if retry is not None:
                    tool.stock.when_more(tool.item, retry)
        return is_ready

    def use(self, units: int) -> Wear:
        """Work on ``units``; costs one comparison while no tool is worn or at its end."""
        if self._used + units <= self._quiet:
            self._used += units
            return self._same
        return self._use(units)

    def _use(self, units: int) -> Wear:
        self._count_down()
        stop_s, worn, crews = 0.0, list[tuple[int, int, float]](), list[str]()
        met: list[Portion] = []
        for tool in self._tools:
            if tool.portion is not None and tool.left:
                met.append(tool.portion)
            made = 0
            while made < units:
                if not tool.left:
                    stop_s += self._change(tool, crews)
                    met += [tool.portion] if tool.portion is not None else []
                part = min(tool.left, units - made)
                sound = min(part, max(0, tool.left - tool.worn_from))
                if part > sound:
                    worn.append((made + sound, part - sound, tool.spec.worn))
                tool.left -= part
                made += part
        contacts = tuple(met)
        changed = contacts != self._contacts
        self._contacts = contacts if changed else self._contacts
        now_in = tuple(tool.portion for tool in self._tools if tool.portion is not None and tool.left)
        self._same = Wear(0.0, self._contacts, changed=False)
        self._quiet, self._used = (self._quiet_units() if now_in == contacts else 0), 0
        return Wear(stop_s, self._contacts, changed, tuple(worn), tuple(dict.fromkeys(crews)))

    def _quiet_units(self) -> int:
        """How many units no tool has anything to say about."""
        return min((max(0, tool.left - tool.worn_from) for tool in self._tools), default=1_000_000_000)

    def _count_down(self) -> None:
        used, self._used = self._used, 0
        self._quiet -= used
        for tool in self._tools:
            tool.left -= used

    def _change(self, tool: _Tool, crews: list[str]) -> float:
        """Another tool comes in; gives how long that takes."""
        is_first = tool.item is not None and tool.portion is None
        self._dispose(tool)
        if tool.item is not None and tool.stock is not None:
            piece = _piece(tool.item)
            portion = tool.stock.take(tool.item, piece)[0][0]
            self._floor.ledger.move(Move.FEED, tool.stock.place, self._place, tool.item, piece, portion)
            tool.portion = portion
            self._report(tool, RecordType.MOUNT)
        tool.left = tool.spec.life
        if is_first:
            return 0.0
        if tool.spec.crew is not None:
            crews.append(tool.spec.crew)
        return tool.change()

    def _dispose(self, tool: _Tool) -> None:
        if tool.portion is not None:
            item = tool.portion.lot.item
            self._report(tool, RecordType.UNMOUNT)
            self._report(tool, RecordType.SCRAP)
            self._floor.ledger.move(Move.SCRAP, self._place, self._waste, item, _piece(item), tool.portion)
            tool.portion = None

    def _report(self, tool: _Tool, kind: RecordType) -> None:
        if tool.portion is not None and tool.name in self._slots:
            lot = tool.portion.lot
            self._floor.observer.record(self._station, kind, lot=lot, quantity=_piece(lot.item), slot=tool.name)


def _piece(item: Item) -> int:
    """One tool, in quanta."""
    return int(10**item.decimals)


def _slots_at(floor: Floor, station: str) -> frozenset[str]:
    """The slots of the device that reports for ``station``."""
    devices = (device for device in floor.spec.devices.values() if station in device.stations)
    return frozenset(name for device in devices for name in device.slots)
