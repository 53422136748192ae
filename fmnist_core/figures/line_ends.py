"""Names at the ends of lines: beside the chart, none over another, each tied to its line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fmnist_core.figures.run_style import RunStyle
from fmnist_core.text import for_chart

# Where the names stand, in lengths of the longest line.
NAMES_AT = 1.06
_LONGEST = 30


class LineEnd(NamedTuple):
    """Where the line of a run ends, in the numbers of the chart, and what stands there."""

    name: str
    style: RunStyle
    x: float
    y: float


def spread_out(values: Sequence[float], limits: tuple[float, float], most: int) -> list[float]:
    """Places for names: as near as can be to the values, and far enough apart.

    Args:
        values: where each name would stand by itself.
        limits: the lowest and the highest value of the axis, between which they stand.
        most: so many names would fill the axis.
    """
    if not values:
        return []
    low, high = limits
    gap = (high - low) / max(most, len(values))
    order = np.argsort(values, kind="stable")
    # Nearest to the values in the sense of least squares: what would overlap is pooled.
    blocks: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        mean, count = values[index] - rank * gap, 1
        while blocks and blocks[-1][0] >= mean:
            before, length = blocks.pop()
            mean = (mean * count + before * length) / (count + length)
            count += length
        blocks.append((mean, count))
    shifted = [mean for mean, count in blocks for _ in range(count)]
    ceiling = high - gap / 2 - (len(values) - 1) * gap
    placed = [
        min(max(value, low + gap / 2), max(low + gap / 2, ceiling)) + rank * gap
        for rank, value in enumerate(shifted)
    ]
    places = np.empty(len(values))
    places[order] = placed
    return [float(place) for place in places]


def end_axis(
    ends: Sequence[LineEnd], places: Sequence[float], limits: tuple[float, float], over: str
) -> dict[str, Any]:
    """An axis at the right whose ticks are the names; Plotly makes room for them.

    Args:
        ends: of the lines.
        places: where the name of each stands.
        limits: of the axis.
        over: Plotly's name of the axis whose values it shares.
    """
    return {
        "overlaying": over,
        "matches": over,
        "side": "right",
        "range": limits,
        "showgrid": False,
        "zeroline": False,
        "tickvals": list(places),
        "ticktext": [_tick_text(end) for end in ends],
    }


def leaders(
    ends: Sequence[LineEnd], places: Sequence[float], furthest: float, axis: str
) -> list[dict[str, Any]]:
    """Faint lines from where each line ends to its name, level as far as the other lines reach.

    Args:
        ends: of the lines.
        places: where the name of each stands.
        furthest: the x that the longest line reaches; the names stand a little beyond.
        axis: Plotly's name of the axis of the names.
    """
    return [
        {
            "type": "scatter",
            "x": [end.x, furthest, furthest * NAMES_AT],
            "y": [end.y, end.y, place],
            "yaxis": axis,
            "mode": "lines",
            "line": {"color": end.style.color, "width": 1, "dash": "dot"},
            "opacity": 0.7,
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for end, place in zip(ends, places, strict=True)
    ]


def _tick_text(end: LineEnd) -> str:
    name = end.name if len(end.name) <= _LONGEST else f"{end.name[: _LONGEST - 1]}…"
    return f'<span style="color: {end.style.color}">{end.style.glyph}</span> {for_chart(name)}'
