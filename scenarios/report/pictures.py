"""Where things stand in a picture: a genealogy's boxes and curves, the segments of a bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log10

from scenarios.report.labels import Labels, shortened
from scenarios.report.layers import Box, Column, Drawing

WIDTH = 1000.0
"""Width of a drawing in its own units; it is scaled to the page. 1000 keeps 12-unit text at 8 points or more on A4."""

BOX_HEIGHT = 34.0
PITCH_Y = 42.0
HEADING = 46.0
MAX_BOX_WIDTH = 168.0
GAP_X = 26.0
VESSEL = "vessel "
"""Begins the group of a vessel; no item number holds a space."""

COLUMN_OF_TITLE = 8.4
COLUMN_OF_SUBTITLE = 6.6
"""Width of one column of 12-unit bold and of 10.5-unit plain text in the widest common face (DejaVu Sans, digits)."""


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box and its two lines of text, cut to fit; ``long`` is both in full, ``full`` the id (said by the tool tip)."""

    x: float
    y: float
    width: float
    title: str
    subtitle: str
    long: tuple[str, str]
    full: str
    style: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A connection as an SVG path."""

    path: str
    width: float
    style: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a column: the item, or how many; below it the count."""

    x: float
    title: str
    subtitle: str
    long: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A genealogy ready to be written as SVG, and the same columns as a list for narrow screens."""

    height: float
    boxes: tuple[PlacedBox, ...]
    curves: tuple[Curve, ...]
    headings: tuple[Heading, ...]
    bands: tuple[tuple[Heading, tuple[PlacedBox, ...]], ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar, in percent of its length."""

    label: str
    value: float
    start: float
    length: float
    style: str


def draw(drawing: Drawing, labels: Labels, headings: Sequence[str] = ()) -> Picture | None:
    """The picture of a drawing; None where there is nothing to draw. ``headings`` name the last columns."""
    if not drawing.columns:
        return None
    pitch = WIDTH / len(drawing.columns)
    width = min(MAX_BOX_WIDTH, pitch - GAP_X)
    tallest = max(len(column.boxes) for column in drawing.columns)
    placed: dict[str, PlacedBox] = {}
    bands: list[tuple[Heading, tuple[PlacedBox, ...]]] = []
    for number, column in enumerate(drawing.columns):
        from_end = len(drawing.columns) - number
        named = headings[-from_end] if from_end <= len(headings) else ""
        x = number * pitch + (pitch - width) / 2
        top = HEADING + (tallest - len(column.boxes)) * PITCH_Y / 2
        boxes = {
            box.key: _place(box, column, labels, x, top + row * PITCH_Y, width) for row, box in enumerate(column.boxes)
        }
        placed |= boxes
        bands.append((_heading(column, labels, x + width / 2, pitch, named), tuple(boxes.values())))
    curves = tuple(
        _curve(placed[line.start], placed[line.end], line.count, on_path=line.on_path)
        for line in sorted(drawing.lines, key=lambda one: one.on_path)
    )
    return Picture(
        height=HEADING + tallest * PITCH_Y,
        boxes=tuple(placed.values()),
        curves=curves,
        headings=tuple(heading for heading, _ in bands),
        bands=tuple(bands),
    )


def _place(box: Box, column: Column, labels: Labels, x: float, y: float, width: float) -> PlacedBox:
    letters, small_letters = int((width - 14) / COLUMN_OF_TITLE), int((width - 14) / COLUMN_OF_SUBTITLE)
    style = "root" if box.is_root else "path" if box.on_path else "other"
    if box.count > 1 or box.key.startswith("+"):
        title = f"+ {box.count:,} more"
        subtitle = "on the path" if box.on_path else ""
        return PlacedBox(x, y, width, title, subtitle, (title, subtitle), title, f"{style} more")
    id = box.ids[0]
    title, subtitle = labels.code(id), labels.name(id)
    if subtitle and not column.groups and labels.kind(id) != "carrier":
        title, subtitle = subtitle, title
    if subtitle == title or (len(column.groups) == 1 and subtitle == labels.item_name(column.groups[0])):
        subtitle = ""
    full = f"{labels.name(id)} {id}".strip()
    cut = shortened(title, letters), shortened(subtitle, small_letters)
    return PlacedBox(x, y, width, *cut, (title, subtitle), full, style)


def _heading(column: Column, labels: Labels, x: float, pitch: float, named: str) -> Heading:
    letters = int((pitch - 6) / COLUMN_OF_TITLE)
    if named:
        title = named
    elif column.groups and all(one.startswith(VESSEL) for one in column.groups):
        title = "mixing vessels"
    elif len(column.groups) == 1:
        title = labels.item_name(column.groups[0]) or labels.code(column.groups[0])
    else:
        title = f"{len(column.groups):,} items"
    return Heading(x, shortened(title, letters), f"{column.total:,}", title)


def _curve(start: PlacedBox, end: PlacedBox, count: int, *, on_path: bool) -> Curve:
    y1, y2 = start.y + BOX_HEIGHT / 2, end.y + BOX_HEIGHT / 2
    forward = start.x < end.x
    x1, x2 = (start.x + start.width, end.x) if forward else (start.x, end.x + end.width)
    if start.x == end.x:
        x2 = end.x
    bend = max(18.0, abs(x2 - x1) / 2)
    ends = (x1 + bend, x2 - bend) if forward else (x1 - bend, x2 + (bend if start.x != end.x else -bend))
    path = f"M{x1:.1f} {y1:.1f}C{ends[0]:.1f} {y1:.1f} {ends[1]:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    style = ("path" if on_path else "other") + ("" if forward else " back")
    return Curve(path, round(1.2 + log10(count) * 0.9, 2), style)


def bar(
    parts: Iterable[tuple[str, float, str]], whole: float | None = None, offset: float = 0.0
) -> tuple[Segment, ...]:
    """Segments one after the other from ``offset`` on, as percent of ``whole`` (their sum by default); none empty."""
    parts = [(label, float(value), style) for label, value, style in parts]
    whole = whole or sum(value for _, value, _ in parts)
    if not whole:
        return ()
    starts = [offset]
    for _, value, _ in parts:
        starts.append(starts[-1] + value)
    return tuple(
        Segment(label, value, round(100 * start / whole, 3), round(100 * (end - start) / whole, 3), style)
        for (label, value, style), (start, end) in zip(parts, pairwise(starts), strict=True)
        if value
    )
