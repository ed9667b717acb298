"""Pictures as inline SVG with real text: lines over numbers or time, and bars of shares. Pure drawing, no page.

Each picture is drawn for a width, so that its text is the size of the page's text on a wide screen and on a phone:
draw it once for each and let the page show the one that fits (classes ``wide`` and ``narrow``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10

WIDE, NARROW = 720, 350
"""Widths in CSS pixels: a page's column, and a phone's."""

PALETTE = (
    "var(--chart-1, #0f6b72)", "var(--chart-2, #c5322a)", "var(--chart-3, #7a2e8e)", "var(--chart-4, #b5760a)",
    "var(--chart-5, #2458b3)", "var(--chart-6, #1d7a4a)", "var(--chart-7, #8a5a44)", "var(--chart-8, #55606e)",
)  # fmt: skip
"""Told apart by people who see colours differently too, as marks and a list of names go with them."""

GREY = len(PALETTE) - 1
"""The colour of what is there to compare with."""

_INK, _MUTED, _LINE = "var(--ink, #17202b)", "var(--muted, #55606e)", "var(--line, #d8dee5)"


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: its points, where they have one the half-width of their interval, and how it is drawn.

    ``marks``: a sign at each point; ``dashed``: a law rather than a measurement; ``hollow`` points are set apart.
    ``colour`` counts in the palette.
    """

    name: str
    points: Sequence[tuple[float, float]]
    colour: int = 0
    spread: Sequence[float] = ()
    marks: bool = False
    dashed: bool = False
    steps: bool = False
    hollow: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Axes:
    """What stands at the axes; ``x_ticks`` fixed where given. ``show_x`` and ``show_y`` write a number."""

    x_title: str
    y_title: str
    show_x: Callable[[float], str] = "{:g}".format
    show_y: Callable[[float], str] = "{:g}".format
    x_ticks: Sequence[float] = ()
    from_zero: bool = True
    most_y: float | None = None


def line_chart(label: str, curves: Sequence[Curve], axes: Axes, width: int = WIDE) -> str:
    """Curves over numbers as one ``<svg>``; ``label`` says to a reader of the screen what it shows."""
    frame = _Frame.around(curves, axes, width)
    parts = [_open(label, width, frame.height), *frame.grid(axes)]
    for number, curve in enumerate(curves):
        parts += _curve(curve, number, frame, axes)
    return "".join((*parts, "</svg>"))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, and how long each part of it is, in the order of the names of the parts."""

    name: str
    parts: Sequence[float]


BAR_HEIGHT, BAR_GAP = 20, 10

MOST_NAME = 230
"""What names before bars may take of the width; longer ones are cut."""


def stacked_bars(
    label: str, bars: Sequence[Bar], names: Sequence[str], colours: Sequence[int], width: int = WIDE
) -> str:
    """A bar a row, each as long as the others, its parts as shares of it. Names stand over the bars on a phone."""
    assert len(names) == len(colours), "each part has a name and a colour"
    is_narrow = width < 500
    left = 0 if is_narrow else min(MOST_NAME, 12 + max((_text_width(bar.name) for bar in bars), default=0))
    pitch = BAR_HEIGHT + BAR_GAP + (16 if is_narrow else 0)
    height = pitch * len(bars) + 4
    parts = [_open(label, width, height)]
    for row, bar in enumerate(bars):
        y = row * pitch + (16 if is_narrow else 0)
        x, place = (0, y - 4) if is_narrow else (left - 8, y + 15)
        anchor = "start" if is_narrow else "end"
        parts.append(_text(x, place, _cut(bar.name, width if is_narrow else left - 8), anchor=anchor, size=12.5))
        parts += _parts_of(bar, names, colours, left, y, width - left)
    return "".join((*parts, "</svg>"))


def _parts_of(
    bar: Bar, names: Sequence[str], colours: Sequence[int], left: float, y: float, length: float
) -> list[str]:
    whole = sum(bar.parts) or 1.0
    parts, x = [], left
    for name, number, value in zip(names, colours, bar.parts, strict=True):
        wide = value / whole * length
        if wide > 0:
            title = escape(f"{bar.name}: {name} {value / whole:.1%}")
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{BAR_HEIGHT}" fill="{colour(number)}">'
                f"<title>{title}</title></rect>"
            )
            if wide > 34:
                share = f"{value / whole:.0%}"
                parts.append(_text(x + wide / 2, y + 14.5, share, anchor="middle", size=11, fill="#fff"))
        x += wide
    return parts


def legend(names: Sequence[str], colours: Sequence[int] | None = None, dashed: frozenset[int] = frozenset()) -> str:
    """A list of names with their colours, to stand under a picture."""
    entries = []
    for place, name in enumerate(names):
        number = place if colours is None else colours[place]
        if place in dashed:
            swatch = (
                f'style="background:none;border-radius:0;border-top:2px dashed {colour(number)};width:20px;height:0"'
            )
        else:
            swatch = f'style="background:{colour(number)}"'
        entries.append(f'<li><span class="swatch" {swatch}></span>{escape(name)}</li>')
    return f'<ul class="legend">{"".join(entries)}</ul>'


def colour(number: int) -> str:
    """The colour of that number; they come round again."""
    return PALETTE[number % len(PALETTE)]


# ---- frame and axes


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where numbers stand on the paper."""

    left: float
    top: float
    width: float
    height: int
    inner: float
    tall: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    y_ticks: tuple[float, ...]
    x_ticks: tuple[float, ...]

    @classmethod
    def around(cls, curves: Sequence[Curve], axes: Axes, width: int) -> _Frame:
        xs = [x for curve in curves for x, _ in curve.points] or [0.0, 1.0]
        ys = [y + sign * wide for curve in curves for (_, y), wide in _with_spread(curve) for sign in (-1, 1)] or [0.0]
        low, high = (min(0.0, *ys) if axes.from_zero else min(ys)), max(ys)
        high = axes.most_y if axes.most_y is not None else high
        y_ticks = _ticks(low, high, 5)
        tall = 250 if width >= 500 else 210
        left = 14 + max(_text_width(axes.show_y(one)) for one in y_ticks)
        x_ticks = tuple(axes.x_ticks) or tuple(
            one for one in _ticks(min(xs), max(xs), 7 if width >= 500 else 4) if min(xs) <= one <= max(xs)
        )
        inner = width - left - 14
        return cls(left, 26, width, tall + 74, inner, tall, min(xs), max(xs), y_ticks[0], max(high, y_ticks[-1]),
                   y_ticks, x_ticks)  # fmt: skip

    def x(self, value: float) -> float:
        """From the left edge; a single value stands in the middle."""
        return self.left + self.inner * (0.5 if self.x_high == self.x_low else
                                         (value - self.x_low) / (self.x_high - self.x_low))  # fmt: skip

    def y(self, value: float) -> float:
        """From the top."""
        span = self.y_high - self.y_low or 1.0
        return self.top + self.tall * (1 - (value - self.y_low) / span)

    def grid(self, axes: Axes) -> list[str]:
        """The lines across, the numbers at both axes and what they count."""
        parts, right = [], self.left + self.inner
        for tick in self.y_ticks:
            y = self.y(tick)
            parts.append(f'<path d="M{self.left:.1f} {y:.1f}H{right:.1f}" stroke="{_LINE}" stroke-width="1"/>')
            parts.append(_text(self.left - 7, y + 4, axes.show_y(tick), anchor="end", fill=_MUTED))
        bottom, last = self.top + self.tall, -1e9
        for tick in self.x_ticks:
            x, shown = self.x(tick), axes.show_x(tick)
            half = _text_width(shown) / 2 + 4
            parts.append(f'<path d="M{x:.1f} {bottom:.1f}v5" stroke="{_MUTED}" stroke-width="1"/>')
            if x - half < last:
                continue
            last = x + half
            parts.append(_text(min(x, self.width - half), bottom + 19, shown, anchor="middle", fill=_MUTED))
        parts.append(_text(0, 13, axes.y_title, fill=_MUTED))
        parts.append(_text(right, bottom + 39, axes.x_title, anchor="end", fill=_MUTED))
        return parts


def _ticks(low: float, high: float, about: int) -> tuple[float, ...]:
    """Round numbers from at most ``low`` to at least ``high``."""
    if not (isfinite(low) and isfinite(high)) or high <= low:
        return (low, low + 1.0)
    raw = (high - low) / about
    size = 10.0 ** floor(log10(raw))
    step = next(size * one for one in (1, 2, 2.5, 5, 10) if size * one >= raw * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return tuple(round(one * step, 12) for one in range(first, last + 1))


# ---- curves

_MARKS = ("circle", "square", "diamond", "triangle")


def _with_spread(curve: Curve) -> list[tuple[tuple[float, float], float]]:
    spread = [one if isfinite(one) else 0.0 for one in curve.spread] or [0.0] * len(curve.points)
    return list(zip(curve.points, spread, strict=True))


def _curve(curve: Curve, number: int, frame: _Frame, axes: Axes) -> list[str]:
    stroke = colour(curve.colour)
    style = 'stroke-dasharray="5 4" stroke-width="1.6"' if curve.dashed else 'stroke-width="2"'
    path = _path(curve, frame)
    parts = [f'<path d="{path}" fill="none" stroke="{stroke}" {style} stroke-linejoin="round"/>']
    if not curve.marks:
        return parts
    for place, ((x, y), wide) in enumerate(_with_spread(curve)):
        at_x, at_y = frame.x(x), frame.y(y)
        if wide:
            parts.append(
                f'<path d="M{at_x:.1f} {frame.y(y - wide):.1f}V{frame.y(y + wide):.1f}" stroke="{stroke}" '
                'stroke-width="1.4" opacity=".7"/>'
            )
        title = escape(f"{curve.name}, {axes.x_title} {axes.show_x(x)}: {axes.show_y(y)}")
        fill = "var(--paper, #fff)" if place in curve.hollow else stroke
        parts.append(_mark(_MARKS[number % len(_MARKS)], at_x, at_y, fill, stroke, title))
    return parts


def _path(curve: Curve, frame: _Frame) -> str:
    parts, is_open = [], False
    for x, y in curve.points:
        if not isfinite(y):
            is_open = False
            continue
        if not is_open:
            parts.append(f"M{frame.x(x):.1f} {frame.y(y):.1f}")
        elif curve.steps:
            parts.append(f"H{frame.x(x):.1f}V{frame.y(y):.1f}")
        else:
            parts.append(f"L{frame.x(x):.1f} {frame.y(y):.1f}")
        is_open = True
    return "".join(parts)


def _mark(shape: str, x: float, y: float, fill: str, stroke: str, title: str) -> str:
    paths = {
        "circle": f"M{x - 4:.1f} {y:.1f}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
        "square": f"M{x - 3.6:.1f} {y - 3.6:.1f}h7.2v7.2h-7.2Z",
        "diamond": f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5Z",
        "triangle": f"M{x:.1f} {y - 4.8:.1f}l4.8 8.4h-9.6Z",
    }
    return f'<path d="{paths[shape]}" fill="{fill}" stroke="{stroke}" stroke-width="1.8"><title>{title}</title></path>'


# ---- text


def _open(label: str, width: float, height: float) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="100%" style="max-width:{width * 1.35:.0f}px" role="img" '
        f'aria-label="{escape(label)}">'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: float = 12, fill: str = _INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="font-size:{size}px;fill:{fill}">'
        f"{escape(text)}</text>"
    )


def _text_width(text: str) -> float:
    """About how wide ``text`` is at 12 units; signs of East Asia are twice as wide."""
    return sum(12.4 if ord(sign) > 0x2E80 else 6.9 for sign in text)


def _cut(text: str, width: float) -> str:
    """``text`` as far as it fits."""
    if _text_width(text) <= width:
        return text
    while text and _text_width(text) > width - 10:
        text = text[:-1]
    return f"{text.rstrip()}…"


def both(draw: Callable[[int], str]) -> str:
    """A picture for a wide page and for a phone, of which the page shows one."""
    return f'<div class="wide">{draw(WIDE)}</div><div class="narrow">{draw(NARROW)}</div>'
