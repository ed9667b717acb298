"""A flow as a picture: SVG that stands alone, and a page with the picture and its key. No script, nothing fetched.

Made for print as well: kinds are named in the key, flows differ by how they are dashed, and the ground is white.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from html import escape
from itertools import pairwise

from plant_models.drawing import BOX_WIDTH, LINE_HEIGHT, MARGIN, Box, Drawing, Point, Wire, lay_out
from plant_models.flow_graph import FlowKind, PlaceKind, flow_of
from plant_models.spec import PlantSpec

_COLOURS = {
    PlaceKind.SUPPLIERS: "#5b6472",
    PlaceKind.STOCK: "#8a6d1f",
    PlaceKind.WORK: "#1f5fa8",
    PlaceKind.REWORK: "#b3471d",
    PlaceKind.VESSEL: "#12776f",
    PlaceKind.TRANSFER: "#6b3fa0",
    PlaceKind.CARRIERS: "#3b7a2a",
    PlaceKind.CUSTOMERS: "#5b6472",
}
_STROKES = {
    FlowKind.FORWARD: ("#46505c", "", 1.4),
    FlowKind.REWORK: ("#b3471d", "6 4", 1.6),
    FlowKind.TRANSFER: ("#6b3fa0", "2 3", 2.2),
}
_PLACE_WORDS = {
    PlaceKind.WORK: "operation",
    PlaceKind.VESSEL: "vessels",
    PlaceKind.TRANSFER: "transfer between sites",
}
_KEY_PITCH = 22.0
_FLOW_WORDS = {FlowKind.REWORK: "back for rework", FlowKind.TRANSFER: "between sites"}

_TITLE_COLUMNS, _LINE_COLUMNS = 17, 23
"""Columns that fit a box: 9.6 units of 14-unit bold, 7.2 of 12-unit plain text in a wide face (DejaVu Sans)."""

_STYLE = (
    "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans CJK SC','PingFang SC',"
    "'Microsoft YaHei',sans-serif;fill:#1c2430}.t{font-size:14px;font-weight:650}.l{font-size:12px;fill:#48525f}"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body{{margin:0 auto;padding:12px 8px;max-width:60rem;background:#fff;color:#1c2430;font:15px/1.5 system-ui,
-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}}
h1{{font-size:22px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}}p{{margin:0 0 14px;color:#48525f}}
svg{{display:block;width:100%;height:auto;max-width:{width:.0f}px;margin:0 auto}}
</style></head><body><h1>{title}</h1><p>{facts}</p>
{picture}</body></html>
"""


def flow_svg(spec: PlantSpec) -> str:
    """The flow of a sound plant as an SVG document."""
    drawing = lay_out(flow_of(spec))
    key = list(_key(drawing, drawing.height))
    height = drawing.height + _KEY_PITCH * len({y for _, y in key}) + (MARGIN if key else 0.0)
    size = f'width="{drawing.width:.0f}" height="{height:.0f}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {drawing.width:.0f} {height:.0f}" role="img">',
        f"<title>{escape(spec.title)}: what flows from where to where</title><style>{_STYLE}</style>",
        "<defs>",
        *(_arrow_head(kind, colour) for kind, (colour, _, _) in _STROKES.items()),
        "</defs>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        *(_wire(wire) for wire in sorted(drawing.wires, key=lambda one: one.flow.kind is not FlowKind.FORWARD)),
        *(_box(box) for box in drawing.boxes),
        *(text for text, _ in key),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def flow_page(spec: PlantSpec) -> str:
    """The flow of a sound plant as an HTML page."""
    picture = flow_svg(spec)
    width = lay_out(flow_of(spec)).width
    facts = f"{spec.plant}, recalled by the {spec.recall_unit}. A box or line says more when pointed at."
    return _PAGE.format(title=escape(spec.title), facts=escape(facts), picture=picture, width=width * 1.2)


# ---- parts of the picture


def _box(box: Box) -> str:
    colour = _COLOURS[box.place.kind]
    left = box.x + 14
    edge = f'x="{box.x:.1f}" y="{box.y:.1f}" height="{box.height:.1f}"'
    texts = [
        ("t", fitted(box.place.title, _TITLE_COLUMNS)),
        *(("l", fitted(one, _LINE_COLUMNS)) for one in box.place.lines),
    ]
    written = [
        f'<text class="{style}" x="{left:.1f}" y="{box.y + 19 + LINE_HEIGHT * number:.1f}">{escape(text)}</text>'
        for number, (style, text) in enumerate(texts)
    ]
    frame = f'<rect {edge} width="{BOX_WIDTH:.1f}" rx="4" fill="#fff" stroke="{colour}"/>'
    mark = f'<rect {edge} width="6" fill="{colour}"/>'
    return f'<g class="place"><title>{escape(box.place.full)}</title>{frame}{mark}{"".join(written)}</g>'


def _wire(wire: Wire) -> str:
    colour, dashes, width = _STROKES[wire.flow.kind]
    pattern = f' stroke-dasharray="{dashes}"' if dashes else ""
    said = escape(f"{wire.flow.kind}: {', '.join(wire.flow.what)}")
    return (
        f'<path class="flow" d="{_path(wire.points)}" fill="none" stroke="{colour}" stroke-width="{width}"{pattern} '
        f'marker-end="url(#{wire.flow.kind})"><title>{said}</title></path>'
    )


def _path(points: tuple[Point, ...]) -> str:
    """Straight where a lane runs straight, else bent with upright ends."""
    steps = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x1, y1), (x2, y2) in pairwise(points):
        if x1 == x2:
            steps.append(f"V{y2:.1f}")
        else:
            bend = (y2 - y1) / 2
            steps.append(f"C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2:.1f}")
    return "".join(steps)


def _arrow_head(kind: FlowKind, colour: str) -> str:
    return (
        f'<marker id="{kind}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 .5 8 4 0 7.5z" fill="{colour}"/></marker>'
    )


def _key(drawing: Drawing, top: float) -> Iterator[tuple[str, float]]:
    """What colours and dashes mean, for what the picture has, each with its y."""
    places = list(dict.fromkeys(box.place.kind for box in drawing.boxes))
    flows = list(dict.fromkeys(wire.flow.kind for wire in drawing.wires if wire.flow.kind in _FLOW_WORDS))
    signs = [(_mark, 11, _PLACE_WORDS.get(kind, str(kind)), str(kind)) for kind in places]
    signs += [(_dash, 24, _FLOW_WORDS[kind], str(kind)) for kind in flows]
    x, y = MARGIN, top + LINE_HEIGHT
    for sign, width, word, kind in signs:
        if x > MARGIN and x + width + 7.4 * len(word) > drawing.width - MARGIN:
            x, y = MARGIN, y + _KEY_PITCH
        text = f'<text class="l" x="{x + width:.1f}" y="{y:.1f}">{word}</text>'
        yield sign(x, y, kind) + text, y
        x += width + 7.4 * len(word) + 12


def _mark(x: float, y: float, kind: str) -> str:
    return f'<rect x="{x:.1f}" y="{y - 9:.1f}" width="6" height="11" fill="{_COLOURS[PlaceKind(kind)]}"/>'


def _dash(x: float, y: float, kind: str) -> str:
    colour, dashes, width = _STROKES[FlowKind(kind)]
    return f'<path d="M{x:.1f} {y - 4:.1f}h18" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dashes}"/>'


def columns(text: str) -> int:
    """How many columns of a terminal ``text`` takes: Chinese characters take two, accents none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def fitted(text: str, room: int) -> str:
    """``text``, cut with an ellipsis where it takes more than ``room`` columns."""
    if columns(text) <= room:
        return text
    kept = text
    while kept and columns(kept) > room - 1:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
