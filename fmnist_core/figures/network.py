"""The network diagram: feature maps as stacks of sheets, dense layers as columns, to scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import prod, sqrt

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES
from fmnist_core.figures.stages import Stage, stages
from fmnist_core.specs import RunSpec
from fmnist_core.text import for_html

# All lengths are units of the drawing; at its normal size a unit is about a pixel.
_WIDEST_ROW = 1330
_NARROWEST = 1130
_GAP, _WIDEST_GAP = 18, 210
_MARGIN = 8
_BRACKET = 30
_TITLE, _TEXT = 13.0, 11.5
_LINE = 16
# The side of a pixel, by the most stages that are drawn with it.
_PIXELS = {5: 5.2, 8: 3.5, 99: 2.5}
_SMALL_PIXEL = 2.5
_MOST_FILTERS, _DEEPEST = 256, 40
_MOST_NEURONS, _TALLEST, _SHORTEST, _COLUMN = 2048, 150, 12, 16
_CELL, _CELL_GAP = 9, 15
_MOST_LINES = 9


@dataclass(frozen=True)
class _Body:
    """A stage's drawing. ``x``, ``y`` is the top left of its front; the depth goes up and right."""

    stage: Stage
    width: float
    height: float
    depth: float
    pixel: float
    x: float = 0.0
    y: float = 0.0

    @property
    def rise(self) -> float:
        return 0.55 * self.depth

    @property
    def column_width(self) -> float:
        """The width of its column: of the drawing or of the text below it."""
        drawn = self.width + self.depth + (70 if self.stage.kind == "answer" else 0)
        return max(drawn, *(_text_width(text, size) for text, size, _ in _lines(self.stage)))


def network_svg(spec: RunSpec, image: NDArray[np.uint8] | None = None) -> str:
    """The network diagram as SVG, in one row or in two where it would not fit.

    Args:
        spec: a valid run.
        image: (28, 28) uint8, to draw where the network begins.

    Returns:
        An ``svg`` element without colours of its own: its classes begin with ``fm-draw``.
    """
    drawn_stages = stages(spec)
    pixel = next(side for most, side in _PIXELS.items() if len(drawn_stages) <= most)
    rows = _rows([_body(stage, pixel) for stage in drawn_stages])
    width = max([_NARROWEST, *(_row_width(row) for row in rows)])
    drawn: list[str] = []
    top = 0.0
    for row_index, row in enumerate(rows):
        placed, bottom = _lay_out(row, width, top)
        drawn += _draw_row(placed, image)
        if len(rows) > 1:
            drawn.append(_row_arrow(placed[0], width - 6 if row_index == 0 else 1))
        top = bottom + _LINE
    return (
        f'<svg class="fm-draw" viewBox="0 0 {width:.0f} {top - _LINE:.0f}" aria-hidden="true" '
        f'focusable="false">{"".join(drawn)}</svg>'
    )


def stage_svg(stage: Stage, image: NDArray[np.uint8] | None = None) -> str:
    """One stage of the network diagram alone, to the same scale for every stage."""
    body = _body(stage, _SMALL_PIXEL)
    width, height = body.width + body.depth + 2, body.height + body.rise + 2
    drawn = _draw(replace(body, x=1, y=1 + body.rise), image, alone=True)
    return (
        f'<svg class="fm-draw" viewBox="0 0 {width:.1f} {height:.1f}" aria-hidden="true" '
        f'focusable="false" style="width:{width / 20:.2f}rem">{drawn}</svg>'
    )


def _body(stage: Stage, pixel: float) -> _Body:
    if stage.kind in ("picture", "convolution", "pooling"):
        side = max(4.0, pixel * stage.shape[0])
        filters = 1 if stage.kind == "picture" else stage.shape[-1]
        depth = 0.0 if filters == 1 else _DEEPEST * sqrt(filters / _MOST_FILTERS)
        return _Body(stage, side, side, depth, pixel)
    if stage.kind == "answer":
        return _Body(stage, _CELL, 10 * _CELL_GAP - (_CELL_GAP - _CELL), 0, pixel)
    reach = (_TALLEST - _SHORTEST) * (prod(stage.shape) / _MOST_NEURONS) ** 0.35
    return _Body(stage, _COLUMN, _SHORTEST + reach, 0, pixel)


def _rows(bodies: list[_Body]) -> list[list[_Body]]:
    if _row_width(bodies) <= _WIDEST_ROW:
        return [bodies]
    # Not inside a block, as long as both rows fit.
    cuts = sorted(
        range(1, len(bodies)),
        key=lambda cut: (
            _widest(bodies, cut) > _WIDEST_ROW,
            0 < bodies[cut - 1].stage.block == bodies[cut].stage.block,
            _widest(bodies, cut),
        ),
    )
    return [bodies[: cuts[0]], bodies[cuts[0] :]]


def _widest(bodies: Sequence[_Body], cut: int) -> float:
    """The width of the wider of two rows."""
    return max(_row_width(bodies[:cut]), _row_width(bodies[cut:]))


def _row_width(row: Sequence[_Body]) -> float:
    return sum(body.column_width for body in row) + _GAP * (len(row) - 1) + 2 * _MARGIN


def _lay_out(row: Sequence[_Body], width: float, top: float) -> tuple[list[_Body], float]:
    """Give each body its coordinates; also return where the texts below them end."""
    column_widths = sum(body.column_width for body in row)
    gap = min(_WIDEST_GAP, (width - 2 * _MARGIN - column_widths) / max(1, len(row) - 1))
    x = (width - column_widths - gap * (len(row) - 1)) / 2
    tallest = max(body.height + body.rise for body in row)
    brackets = _BRACKET if any(body.stage.block for body in row) else 4
    middle = top + brackets + tallest / 2
    placed = []
    for body in row:
        left = x + (body.column_width - body.width - body.depth) / 2
        if body.stage.kind == "answer":
            left = x + (body.column_width - body.width - 70) / 2
        placed.append(replace(body, x=left, y=middle - (body.height - body.rise) / 2))
        x += body.column_width + gap
    lines = max(len(_lines(body.stage)) for body in row)
    return placed, top + brackets + tallest + _LINE * (lines + 0.9)


def _draw_row(row: Sequence[_Body], image: NDArray[np.uint8] | None) -> list[str]:
    middle = row[0].y + (row[0].height - row[0].rise) / 2
    tallest = max(body.height + body.rise for body in row)
    top, bottom = middle - tallest / 2, middle + tallest / 2
    drawn = [
        _brackets(row, top - _BRACKET),
        *(_full_connections(a, b) for a, b in pairwise(row)),
    ]
    for body in row:
        drawn.append(
            f"<g><title>{for_html(body.stage.meaning)}</title>{_draw(body, image)}"
            f"{_texts(body, bottom)}</g>"
        )
    drawn += [_kernel_window(a, b) for a, b in pairwise(row)]
    return drawn


def _draw(body: _Body, image: NDArray[np.uint8] | None, alone: bool = False) -> str:
    kind = body.stage.kind
    if kind == "picture":
        return _rect(body.x, body.y, body.width, body.height, "fm-draw-paper") + (
            _pixels(body, image) if image is not None else ""
        )
    if kind in ("convolution", "pooling"):
        return _stack(body)
    if kind == "answer":
        return _output_neurons(body, named=not alone)
    return _column(body)


def _stack(body: _Body) -> str:
    """A feature map for each few filters, the front one with its values."""
    filters = body.stage.shape[-1]
    sheets = min(filters, 12, max(2, round(body.depth / 3)))
    name = f"fm-draw-{body.stage.kind}"
    drawn = []
    for sheet in range(sheets - 1, -1, -1):
        away = body.depth * sheet / max(1, sheets - 1)
        drawn.append(
            _rect(body.x + away, body.y - 0.55 * away, body.width, body.height, f"fm-sheet {name}")
        )
    side = body.stage.shape[0]
    if 1 < side <= 14:
        cell = body.width / side
        lines = "".join(
            f"M{body.x + cell * n:.1f} {body.y:.1f}v{body.height:.1f}"
            f"M{body.x:.1f} {body.y + cell * n:.1f}h{body.width:.1f}"
            for n in range(1, side)
        )
        drawn.append(f'<path class="fm-draw-grid {name}" d="{lines}"/>')
    return "".join(drawn)


def _column(body: _Body) -> str:
    """A column of neurons; where they are many, a dot stands for several."""
    name = f"fm-draw-{body.stage.kind}"
    dots = _dots(body)
    step = body.height / dots
    middle = body.x + body.width / 2
    circles = "".join(
        f'<circle cx="{middle:.1f}" cy="{body.y + step * (n + 0.5):.1f}" r="2.3"/>'
        for n in range(dots)
    )
    frame = _rect(body.x, body.y, body.width, body.height, f"fm-column {name}", corner=5)
    return f'{frame}<g class="fm-dots {name}">{circles}</g>'


def _dots(body: _Body) -> int:
    return max(1, min(prod(body.stage.shape), int((body.height - 4) // 7)))


def _output_neurons(body: _Body, named: bool) -> str:
    """The ten output neurons, each with the name of its class where there is room."""
    drawn = []
    for class_id, name in enumerate(CLASS_NAMES):
        y = body.y + _CELL_GAP * class_id + _CELL / 2
        drawn.append(
            f'<circle class="fm-draw-answer" cx="{body.x + _CELL / 2:.1f}" cy="{y:.1f}" '
            f'r="{_CELL / 2}"/>'
        )
        if not named:
            continue
        drawn.append(
            f'<text class="fm-draw-class" x="{body.x + _CELL + 6:.1f}" y="{y + 3.8:.1f}" '
            f'font-size="{_TEXT}">{for_html(name)}</text>'
        )
    return "".join(drawn)


def _pixels(body: _Body, image: NDArray[np.uint8]) -> str:
    """An image in five strengths of ink, each one path of horizontal runs."""
    strengths = np.ceil(image / 51).astype(int)
    drawn = []
    for strength in range(1, 6):
        runs = []
        for row, row_strengths in enumerate(strengths):
            column = 0
            for has_strength, group in groupby(row_strengths == strength):
                length = len(list(group))
                if has_strength:
                    x, y = body.x + column * body.pixel, body.y + row * body.pixel
                    wide, high = length * body.pixel, body.pixel
                    runs.append(f"M{x:.1f} {y:.1f}h{wide:.1f}v{high:.1f}h-{wide:.1f}z")
                column += length
        drawn.append(
            f'<path class="fm-draw-ink" opacity="{strength / 5:.1f}" d="{"".join(runs)}"/>'
        )
    return "".join(drawn)


def _full_connections(a: _Body, b: _Body) -> str:
    """Full connections: the area between two bodies, and lines for some of them."""
    if b.stage.window:
        return ""
    x, sources, targets = a.x + a.width + a.depth, _port_heights(a), _port_heights(b)
    top, bottom = a.y - a.rise, a.y + a.height - a.rise
    points = f"{x:.1f},{top:.1f} {b.x:.1f},{b.y:.1f} {b.x:.1f},{b.y + b.height:.1f} "
    lines = "".join(f"M{x:.1f} {y:.1f}L{b.x:.1f} {to:.1f}" for y in sources for to in targets)
    return (
        f'<polygon class="fm-draw-flow" points="{points}{x:.1f},{bottom:.1f}"/>'
        f'<path class="fm-draw-lines" d="{lines}"/>'
    )


def _port_heights(body: _Body) -> list[float]:
    """The heights at which lines reach a body: its neurons, or places on its edge."""
    count = CLASS_COUNT if body.stage.kind == "answer" else min(_MOST_LINES, _dots(body))
    step = body.height / count
    return [body.y - body.rise + step * (index + 0.5) for index in range(count)]


def _kernel_window(a: _Body, b: _Body) -> str:
    """The kernel's window on the front feature map, and the value computed from it."""
    if not b.stage.window:
        return ""
    side = min(a.width, b.stage.window * a.pixel)
    x, y = a.x + 0.62 * (a.width - side), a.y + 0.3 * (a.height - side)
    to_x, to_y = b.x + 0.35 * b.width, b.y + 0.4 * b.height
    return (
        f'{_rect(x, y, side, side, "fm-draw-window")}<path class="fm-draw-rays" '
        f'd="M{x + side:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}L{x + side:.1f} {y + side:.1f}"/>'
        f'<circle class="fm-draw-value" cx="{to_x:.1f}" cy="{to_y:.1f}" r="1.8"/>'
    )


def _row_arrow(body: _Body, x: float) -> str:
    """An arrow head where one row ends and the next begins."""
    y = body.y + (body.height - body.rise) / 2
    return f'<path class="fm-draw-goes-on" d="M{x:.1f} {y - 6:.1f}l5 6l-5 6"/>'


def _brackets(row: Sequence[_Body], y: float) -> str:
    """A line over the stages of each block, with its number."""
    drawn = []
    for block, group in groupby(row, key=lambda body: body.stage.block):
        if not block:
            continue
        bodies = list(group)
        left, right = (_centre(body) + sign * body.column_width / 2 for body, sign in _ends(bodies))
        drawn.append(
            f'<path class="fm-draw-bracket" d="M{left:.1f} {y + 20:.1f}v-4H{right:.1f}v4"/>'
            f'<text class="fm-draw-block" x="{(left + right) / 2:.1f}" y="{y + 11:.1f}" '
            f'text-anchor="middle" font-size="{_TEXT}">Block {block}</text>'
        )
    return "".join(drawn)


def _ends(bodies: list[_Body]) -> list[tuple[_Body, int]]:
    return [(bodies[0], -1), (bodies[-1], 1)]


def _centre(body: _Body) -> float:
    extra = 70 if body.stage.kind == "answer" else body.depth
    return body.x + (body.width + extra) / 2


def _lines(stage: Stage) -> list[tuple[str, float, str]]:
    """The lines of text below a stage: text, size and class."""
    lines = [(stage.title, _TITLE, "fm-draw-title")]
    if stage.detail:
        lines.append((stage.detail, _TEXT, "fm-draw-text"))
    if stage.kind != "picture":
        lines.append((stage.shape_text, _TEXT, "fm-draw-text"))
    if stage.parameters:
        lines.append((f"{stage.parameters:,}", _TEXT, "fm-draw-number"))
        lines.append((f"parameters, {stage.share_text}", _TEXT, "fm-draw-text"))
    return lines + [(note, _TEXT, "fm-draw-note") for note in stage.notes]


def _texts(body: _Body, top: float) -> str:
    x = _centre(body)
    return "".join(
        f'<text class="{name}" x="{x:.1f}" y="{top + _LINE * (n + 1.25):.1f}" '
        f'text-anchor="middle" font-size="{size}">{for_html(text)}</text>'
        for n, (text, size, name) in enumerate(_lines(body.stage))
    )


def _text_width(text: str, size: float) -> float:
    """More than any of the fonts needs."""
    return len(text) * size * (0.6 if size == _TITLE else 0.56)


def _rect(x: float, y: float, width: float, height: float, name: str, corner: float = 1.5) -> str:
    return (
        f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="{corner}"/>'
    )
