"""Accuracy against cost: Pareto front of parameters, time or operations, parallel coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.analysis.comparison import pareto_front
from fmnist_core.analysis.metrics import accuracy_interval
from fmnist_core.colors import FOREGROUND, SEQUENTIAL, color_scheme
from fmnist_core.figures.run_style import RunStyle, run_styles
from fmnist_core.figures.theme import empty_figure
from fmnist_core.text import for_chart

# The room for names in the chart of costs, on a laptop.
_LETTERS_WIDE, _LINES_HIGH = 130.0, 18.0
_LONGEST = 30
# Where a name stands beside its marker, the preferred side first.
_SIDES: dict[str, dict[str, Any]] = {
    "right": {"xanchor": "left", "yanchor": "middle", "xshift": 10},
    "left": {"xanchor": "right", "yanchor": "middle", "xshift": -10},
    "above": {"xanchor": "center", "yanchor": "bottom", "yshift": 9},
    "below": {"xanchor": "center", "yanchor": "top", "yshift": -9},
}


class Cost(NamedTuple):
    """A run's name and colour, its test accuracy as a share, and what it took."""

    name: str
    color: int
    accuracy: float
    cost: float


def cost_chart(runs: Sequence[Cost], title: str, unit: str, dark: bool = False) -> go.Figure:
    """Scatter chart of test accuracy over a cost on a logarithmic axis, with the Pareto front.

    Args:
        runs: those without a cost above 0 are left out.
        title: of the axis.
        unit: of the cost, as text.
        dark: for a dark page.
    """
    styles = run_styles([run.color for run in runs])
    shown = [(run, style) for run, style in zip(runs, styles, strict=True) if run.cost > 0]
    if not shown:
        return empty_figure("None of these runs has a result yet.")
    costs = np.array([run.cost for run, _ in shown])
    values = np.array([100 * run.accuracy for run, _ in shown])
    best = np.flatnonzero(pareto_front(costs, values))
    best = best[np.argsort(costs[best], kind="stable")]
    line_color = FOREGROUND[color_scheme(dark)]
    figure = go.Figure()
    figure.add_scatter(
        x=costs[best],
        y=values[best],
        mode="lines",
        line={"color": line_color, "width": 1.6, "dash": "dash", "shape": "hv"},
        name="Best for the cost",
        hoverinfo="skip",
    )
    for position, (run, style) in enumerate(shown):
        figure.add_scatter(**_point(run, style, position in best, unit, line_color))
    spread = np.log10([costs.min(), costs.max()])
    padding = max(0.15, 0.12 * float(spread[1] - spread[0]))
    ticks = [step * 10.0**power for power in range(-1, 13) for step in (1, 2, 5)]
    figure.update_xaxes(
        title=title,
        type="log",
        range=[spread[0] - padding, spread[1] + padding],
        tickvals=ticks,
        ticktext=[_tick_text(tick) for tick in ticks],
    )
    figure.update_yaxes(title="Test accuracy", ticksuffix=" %")
    figure.update_layout(
        uirevision=f"cost.{title}",
        dragmode=False,
        hovermode="closest",
        showlegend=False,
        annotations=_names(shown, np.log10(costs), values, padding, {*best.tolist()}),
        # A phone has no room for names beside the markers.
        meta={"narrow": {"showlegend": True, "annotations": []}},
    )
    return figure


def _point(run: Cost, style: RunStyle, is_best: bool, unit: str, line_color: str) -> dict[str, Any]:
    """The marker of a run with the interval of its accuracy."""
    interval = accuracy_interval(run.accuracy)
    return {
        "x": [run.cost],
        "y": [100 * run.accuracy],
        "mode": "markers",
        "name": for_chart(run.name),
        "error_y": {
            "type": "data",
            "array": [100 * (interval.high - run.accuracy)],
            "arrayminus": [100 * (run.accuracy - interval.low)],
            "thickness": 1.2,
            "color": line_color,
        },
        "marker": {
            "size": 14,
            "symbol": style.symbol,
            "color": style.color,
            "line": {"width": 2 if is_best else 0, "color": line_color},
        },
        "hovertemplate": f"<b>{for_chart(run.name)}</b><br>%{{y:.2f}} % of the test pictures"
        f"<br>{run.cost:,.0f} {unit}<extra></extra>",
    }


def _names(
    shown: Sequence[tuple[Cost, RunStyle]],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    padding: float,
    best: set[int],
) -> list[dict[str, Any]]:
    """The name of each run beside its marker, at a side where none stands already.

    The best for the cost have the dashed line at their right.
    """
    # In letters and lines, of which the chart is about so many wide and high.
    across = (x - x.min() + padding) / (float(np.ptp(x)) + 2 * padding) * _LETTERS_WIDE
    up = (y - y.min()) / max(1.0, float(np.ptp(y))) * _LINES_HIGH
    taken = [(column - 1.0, row - 0.5, column + 1.0, row + 0.5) for column, row in
             zip(across, up, strict=True)]  # fmt: skip
    names = []
    for index, (run, _) in enumerate(shown):
        column, row = float(across[index]), float(up[index])
        name = run.name if len(run.name) <= _LONGEST else f"{run.name[: _LONGEST - 1]}…"
        sides = sorted(_SIDES, key=lambda side: side == "right") if index in best else [*_SIDES]
        boxes = {side: _box(side, column, row, len(name)) for side in sides}
        free = [
            side
            for side, box in boxes.items()
            if box[0] >= 0 and box[2] <= _LETTERS_WIDE
            and not any(_overlap(box, other) for other in taken)
        ]  # fmt: skip
        if not free:
            continue
        side = free[0]
        taken.append(boxes[side])
        names.append(
            {
                "x": float(x[index]),
                "y": float(y[index]),
                "text": for_chart(name),
                "showarrow": False,
                "font": {"size": 13},
                **_SIDES[side],
            }
        )
    return names


def _box(side: str, column: float, row: float, length: int) -> tuple[float, float, float, float]:
    """Left, lower, right and upper edge of a name, in letters and lines."""
    left = {"right": column + 1.3, "left": column - 1.3 - length}.get(side, column - length / 2)
    low = {"above": row + 0.6, "below": row - 1.6}.get(side, row - 0.5)
    return left, low, left + length, low + 1


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _tick_text(value: float) -> str:
    """``"0.5"``, ``"200"``, ``"50k"``, ``"2M"``."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def parallel_chart(
    columns: Sequence[tuple[str, Sequence[float]]],
    accuracies: Sequence[float],
    dark: bool = False,
) -> go.Figure:
    """Parallel coordinates: a line for each run through its settings to its test accuracy.

    Args:
        columns: name and value (n,) of each setting; one with a single value is left out.
        accuracies: (n,) shares.
        dark: for a dark page.
    """
    varying = [(name, values) for name, values in columns if len(set(values)) > 1]
    if not varying:
        return empty_figure("These runs differ in no number that could be drawn.")
    scale = SEQUENTIAL[color_scheme(dark)]
    percent = [100 * value for value in accuracies]
    dimensions: list[dict[str, Any]] = [_dimension(name, values) for name, values in varying]
    dimensions.append({"label": "Test accuracy, %", "values": percent})
    figure = go.Figure(
        go.Parcoords(
            line={
                "color": percent,
                "colorscale": [[0, scale[1]], [1, scale[-1]]],
            },
            dimensions=dimensions,
            labelfont={"size": 13},
            tickfont={"size": 12},
            domain={"y": [0.02, 0.86], "x": [0.04, 0.95]},
        )
    )
    figure.update_layout(uirevision="parallel")
    return figure


def _dimension(name: str, values: Sequence[float]) -> dict[str, Any]:
    """An axis of the parallel coordinates; logarithmic where its values span powers of ten."""
    levels = sorted(set(values))
    if levels[0] > 0 and levels[-1] / levels[0] >= 20:
        ticks = levels if len(levels) <= 6 else [levels[0], levels[len(levels) // 2], levels[-1]]
        return {
            "label": name,
            "values": np.log10(values).tolist(),
            "tickvals": np.log10(ticks).tolist(),
            "ticktext": [f"{tick:,g}" if tick < 1 else f"{tick:,.0f}" for tick in ticks],
        }
    return {"label": name, "values": list(values)}
