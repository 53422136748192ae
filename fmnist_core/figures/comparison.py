"""Learning curves of several runs in one chart, accuracy over loss, one hover for both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go

from fmnist_core.analysis.comparison import smoothed
from fmnist_core.figures.line_ends import NAMES_AT, LineEnd, end_axis, leaders, spread_out
from fmnist_core.figures.run_style import RunStyle, run_styles
from fmnist_core.figures.theme import empty_figure
from fmnist_core.runs import EpochEvent, RunEvents
from fmnist_core.text import for_chart

Split = Literal["test", "validation", "train"]
Axis = Literal["epoch", "step", "time"]
Quantity = Literal["accuracy", "loss"]
SPLIT_NAMES: dict[Split, str] = {
    "test": "test",
    "validation": "validation",
    "train": "while training",
}
# Colour, dash and marker are the run's.
_WIDTHS: dict[Split, float] = {"test": 3, "validation": 1.6, "train": 1.6}
_MARKERS: dict[Split, str] = {"test": "", "validation": "-open", "train": ""}
_AXIS_NAMES: dict[Axis, str] = {
    "epoch": "Epoch",
    "step": "Step, a change of the weights each",
    "time": "Seconds of training",
}
# The vertical axis of each quantity, its share of the height, and that of the names at its right.
_AXES: dict[Quantity, str] = {"accuracy": "y", "loss": "y2"}
_DOMAINS: dict[Quantity, list[float]] = {"accuracy": [0.42, 1], "loss": [0, 0.36]}
_NAME_AXES: dict[Quantity, str] = {"accuracy": "y3", "loss": "y4"}
# More names than this in one box would hide the curves.
_MOST_IN_ONE_BOX = 8
_MOST_MARKERS = 12
# So many names of the usual size fit one under the other beside each part of the chart.
_MOST_NAMES: dict[Quantity, int] = {"accuracy": 16, "loss": 10}


class NamedEvents(NamedTuple):
    """A run's name on screen and colour, the events of its training, and its steps in an epoch."""

    name: str
    color: int
    events: RunEvents
    steps: int


class _Curve(NamedTuple):
    """One line of the chart."""

    run: NamedEvents
    style: RunStyle
    split: Split
    quantity: Quantity
    x: list[float]
    y: list[float]
    values: list[float]


def run_curves(
    runs: Sequence[NamedEvents],
    splits: Sequence[Split] = ("test",),
    axis: Axis = "epoch",
    smoothing: float = 0.0,
) -> go.Figure:
    """Learning curves of several runs: accuracy in percent above, loss below, by epoch.

    Args:
        runs: each has its own colour; those that share one differ in marker and dash.
        splits: whose accuracy and loss: thick lines, thin ones with open markers, or without any.
        axis: what the curves run along: epochs, steps, or seconds of training.
        smoothing: weight of earlier values in the moving average, 0 to below 1.
    """
    curves = [
        curve
        for run, style in zip(runs, run_styles([run.color for run in runs]), strict=True)
        for split in splits
        for quantity in _AXES
        if (curve := _curve(run, style, split, quantity, axis, smoothing)) is not None
    ]
    if not curves:
        return empty_figure("None of these runs has reported such an accuracy yet.")
    named: set[str] = set()
    traces = []
    for curve in curves:
        first = curve.quantity == "accuracy" and curve.run.name not in named
        named |= {curve.run.name} if first else set()
        traces.append(_trace(curve, first))
    figure = go.Figure(traces)
    figure.update_layout(
        xaxis={"title": {"text": _AXIS_NAMES[axis]}, "zeroline": False,
               "anchor": "y2", "showspikes": True, "spikemode": "across", "spikethickness": 1,
               "spikedash": "dot", "spikesnap": "cursor"},
        yaxis={"title": {"text": "Accuracy"}, "ticksuffix": " %"},
        yaxis2={"title": {"text": "Loss"}, "zeroline": False},
        uirevision=f"compare.{axis}",
        hovermode="x unified" if len(traces) <= 2 * _MOST_IN_ONE_BOX else "closest",
        hoversubplots="axis",
        # In pixels: far enough that a few epochs on a wide screen leave no gap.
        hoverdistance=150,
        showlegend=False,
        # A phone has no room for names beside the lines.
        meta={"narrow": {"showlegend": True, "yaxis3.showticklabels": False,
                         "yaxis4.showticklabels": False}},
    )  # fmt: skip
    furthest = max(curve.x[-1] for curve in curves)
    figure.update_xaxes(range=[0, furthest * NAMES_AT])
    for quantity in _AXES:
        _name_lines(figure, [one for one in curves if one.quantity == quantity], quantity, furthest)
    return figure


def _curve(
    run: NamedEvents,
    style: RunStyle,
    split: Split,
    quantity: Quantity,
    axis: Axis,
    smoothing: float,
) -> _Curve | None:
    name = f"{split}_{quantity}"
    events = [event for event in run.events.epochs if getattr(event, name) is not None]
    if not events:
        return None
    scale = 100 if quantity == "accuracy" else 1
    values = [scale * getattr(event, name) for event in events]
    along = [_along(event, axis, run.steps) for event in events]
    return _Curve(run, style, split, quantity, along, smoothed(values, smoothing).tolist(), values)


def _trace(curve: _Curve, in_legend: bool) -> dict[str, Any]:
    run, style, split, quantity = curve.run, curve.style, curve.split, curve.quantity
    unit = " %" if quantity == "accuracy" else ""
    digits = ".1f" if quantity == "accuracy" else ".3f"
    return {
        "type": "scatter",
        "x": curve.x,
        "y": curve.y,
        "customdata": curve.values,
        "yaxis": _AXES[quantity],
        "name": for_chart(run.name),
        "legendgroup": run.name,
        "showlegend": in_legend,
        "mode": "lines" if split == "train" else "lines+markers",
        "line": {"color": style.color, "width": _WIDTHS[split], "dash": style.dash},
        "marker": {
            "size": 9,
            "symbol": style.symbol + _MARKERS[split],
            "maxdisplayed": _MOST_MARKERS,
        },
        "hovertemplate": f"{for_chart(run.name)}, {_figure_name(split, quantity)} "
        f"%{{customdata:{digits}}}{unit}<extra></extra>",
    }


def _name_lines(
    figure: go.Figure, curves: Sequence[_Curve], quantity: Quantity, furthest: float
) -> None:
    """Put the name of each run at the end of its line, the best ones where there are too many."""
    by_run = {curve.run.name: curve for curve in reversed(curves)}
    best_first = sorted(
        by_run.values(), key=lambda one: one.y[-1] * (-1 if quantity == "accuracy" else 1)
    )
    ends = [
        LineEnd(one.run.name, one.style, one.x[-1], one.y[-1])
        for one in best_first[: _MOST_NAMES[quantity]]
    ]
    drawn = [value for curve in curves for value in curve.y]
    lowest, highest = min(drawn), max(drawn)
    padding = max(0.06 * (highest - lowest), 0.5 if quantity == "accuracy" else 0.01)
    top = min(100.0, highest + padding) if quantity == "accuracy" else highest + padding
    limits = (max(0.0, lowest - padding), top)
    places = spread_out([end.y for end in ends], limits, _MOST_NAMES[quantity])
    number = _NAME_AXES[quantity][1:]
    figure.add_traces(leaders(ends, places, furthest, _NAME_AXES[quantity]))
    figure.update_layout(
        {
            f"yaxis{_AXES[quantity][1:]}": {"range": limits, "domain": _DOMAINS[quantity]},
            f"yaxis{number}": end_axis(ends, places, limits, _AXES[quantity]),
        }
    )


def _figure_name(split: Split, quantity: Quantity) -> str:
    """``"test accuracy"``, ``"loss while training"``."""
    name = SPLIT_NAMES[split]
    return f"{quantity} {name}" if split == "train" else f"{name} {quantity}"


def _along(event: EpochEvent, axis: Axis, steps: int) -> float:
    return {"epoch": event.epoch, "step": event.epoch * steps, "time": event.elapsed}[axis]
