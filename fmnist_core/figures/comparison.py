"""Learning curves of several runs in one chart, accuracy over loss, one hover for both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import plotly.graph_objects as go

from fmnist_core.analysis.comparison import smoothed
from fmnist_core.colors import CLASS_COLORS
from fmnist_core.figures.theme import empty_figure
from fmnist_core.runs import EpochEvent, RunEvents
from fmnist_core.text import for_chart

Split = Literal["test", "validation", "train"]
Axis = Literal["epoch", "step", "time"]
SPLIT_NAMES: dict[Split, str] = {
    "test": "test",
    "validation": "validation",
    "train": "while training",
}
_DASHES: dict[Split, str] = {"test": "solid", "validation": "dash", "train": "dot"}
_AXIS_NAMES: dict[Axis, str] = {
    "epoch": "Epoch",
    "step": "Step, a change of the weights each",
    "time": "Seconds of training",
}
# More names than this in one box would hide the curves.
_MOST_IN_ONE_BOX = 8


class NamedEvents(NamedTuple):
    """A run's name on screen, the events of its training, and its steps in an epoch."""

    name: str
    events: RunEvents
    steps: int


def run_color(index: int) -> str:
    """The colour of a run by its index among those that are compared."""
    return CLASS_COLORS[index % len(CLASS_COLORS)]


def run_curves(
    runs: Sequence[NamedEvents],
    splits: Sequence[Split] = ("test",),
    axis: Axis = "epoch",
    smoothing: float = 0.0,
) -> go.Figure:
    """Learning curves of several runs: accuracy in percent above, loss below, by epoch.

    Args:
        runs: in the order of their colours.
        splits: whose accuracy and loss; each has a dash of its own.
        axis: what the curves run along: epochs, steps, or seconds of training.
        smoothing: weight of earlier values in the moving average, 0 to below 1.
    """
    traces: list[dict[str, Any]] = []
    for index, run in enumerate(runs):
        first = True
        for split in splits:
            added = _traces(run, index, split, axis, smoothing, first)
            traces += added
            first = first and not added
    if not traces:
        return empty_figure("None of these runs has reported such an accuracy yet.")
    figure = go.Figure(traces)
    figure.update_layout(
        xaxis={"title": {"text": _AXIS_NAMES[axis]}, "rangemode": "tozero", "zeroline": False,
               "anchor": "y2", "showspikes": True, "spikemode": "across", "spikethickness": 1,
               "spikedash": "dot", "spikesnap": "cursor"},
        yaxis={"title": {"text": "Accuracy"}, "ticksuffix": " %", "domain": [0.44, 1]},
        yaxis2={"title": {"text": "Loss"}, "domain": [0, 0.38], "rangemode": "tozero",
                "zeroline": False},
        uirevision=f"compare.{axis}",
        hovermode="x unified" if len(traces) <= 2 * _MOST_IN_ONE_BOX else "closest",
        hoversubplots="axis",
        # In pixels: far enough that a few epochs on a wide screen leave no gap.
        hoverdistance=150,
    )  # fmt: skip
    return figure


def _traces(
    run: NamedEvents, index: int, split: Split, axis: Axis, smoothing: float, first: bool
) -> list[dict[str, Any]]:
    traces = []
    for quantity, y_axis in (("accuracy", "y"), ("loss", "y2")):
        events = [e for e in run.events.epochs if getattr(e, f"{split}_{quantity}") is not None]
        if not events:
            continue
        scale = 100 if quantity == "accuracy" else 1
        values = [scale * getattr(event, f"{split}_{quantity}") for event in events]
        unit = " %" if quantity == "accuracy" else ""
        digits = ".1f" if quantity == "accuracy" else ".3f"
        traces.append(
            {
                "type": "scatter",
                "x": [_along(event, axis, run.steps) for event in events],
                "y": smoothed(values, smoothing).tolist(),
                "customdata": values,
                "yaxis": y_axis,
                "name": for_chart(run.name),
                "legendgroup": run.name,
                "showlegend": quantity == "accuracy" and first,
                "mode": "lines+markers",
                "line": {"color": run_color(index), "width": 2.2, "dash": _DASHES[split]},
                "marker": {"size": 6},
                "hovertemplate": f"{for_chart(run.name)}, {_figure_name(split, quantity)} "
                f"%{{customdata:{digits}}}{unit}<extra></extra>",
            }
        )
    return traces


def _figure_name(split: Split, quantity: str) -> str:
    """``"test accuracy"``, ``"loss while training"``."""
    name = SPLIT_NAMES[split]
    return f"{quantity} {name}" if split == "train" else f"{name} {quantity}"


def _along(event: EpochEvent, axis: Axis, steps: int) -> float:
    return {"epoch": event.epoch, "step": event.epoch * steps, "time": event.elapsed}[axis]
