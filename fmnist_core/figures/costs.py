"""Accuracy against cost: Pareto front of parameters, time or operations, parallel coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from fmnist_core.analysis.comparison import pareto_front
from fmnist_core.analysis.metrics import accuracy_interval
from fmnist_core.colors import FOREGROUND, SEQUENTIAL, color_scheme
from fmnist_core.figures.comparison import run_color
from fmnist_core.figures.theme import empty_figure
from fmnist_core.text import for_chart


class Cost(NamedTuple):
    """A run's name, its test accuracy as a share, and what it took."""

    name: str
    accuracy: float
    cost: float


def cost_chart(runs: Sequence[Cost], title: str, unit: str, dark: bool = False) -> go.Figure:
    """Scatter chart of test accuracy over a cost on a logarithmic axis, with the Pareto front.

    Args:
        runs: in the order of their colours; those without a cost above 0 are left out.
        title: of the axis.
        unit: of the cost, as text.
        dark: for a dark page.
    """
    indices = [index for index, run in enumerate(runs) if run.cost > 0]
    if not indices:
        return empty_figure("None of these runs has a result yet.")
    with_cost = [runs[index] for index in indices]
    costs = np.array([run.cost for run in with_cost])
    values = np.array([run.accuracy for run in with_cost])
    best = np.flatnonzero(pareto_front(costs, values))
    best = best[np.argsort(costs[best], kind="stable")]
    line_color = FOREGROUND[color_scheme(dark)]
    figure = go.Figure()
    figure.add_scatter(
        x=costs[best],
        y=100 * values[best],
        mode="lines",
        line={"color": line_color, "width": 1.6, "dash": "dash", "shape": "hv"},
        name="Nothing here is better for less",
        hoverinfo="skip",
    )
    for position, (index, run) in enumerate(zip(indices, with_cost, strict=True)):
        interval = accuracy_interval(run.accuracy)
        figure.add_scatter(
            x=[run.cost],
            y=[100 * run.accuracy],
            mode="markers",
            name=for_chart(run.name),
            error_y={
                "type": "data",
                "array": [100 * (interval.high - run.accuracy)],
                "arrayminus": [100 * (run.accuracy - interval.low)],
                "thickness": 1.2,
                "color": line_color,
            },
            marker={
                "size": 14,
                "color": run_color(index),
                "line": {"width": 2.5 if position in best else 0, "color": line_color},
            },
            hovertemplate=f"<b>{for_chart(run.name)}</b><br>%{{y:.1f}} % of the test pictures"
            f"<br>{run.cost:,.0f} {unit}<extra></extra>",
        )
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
    figure.update_layout(uirevision=f"cost.{title}", dragmode=False, hovermode="closest")
    return figure


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
