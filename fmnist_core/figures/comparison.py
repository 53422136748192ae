"""Curves of several runs in one chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import plotly.graph_objects as go

from fmnist_core.figures.theme import CLASS_COLORS, empty_figure
from fmnist_core.runs import RunEvents

Curve = Literal["test", "validation", "train"]
_DASHES = ("solid", "dash", "dot", "dashdot")
_NAMES = {"test": "test", "validation": "validation", "train": "training"}


class NamedEvents(NamedTuple):
    """A run's name on screen and what its training reported."""

    name: str
    events: RunEvents


def accuracy_curves(runs: Sequence[NamedEvents], curve: Curve = "test") -> go.Figure:
    """The accuracy of each run after each epoch, in percent.

    Args:
        runs: in the order of the table beside the chart.
        curve: which pictures the accuracy is of.
    """
    figure = go.Figure()
    for number, run in enumerate(runs):
        points = [(event.epoch, getattr(event, f"{curve}_accuracy")) for event in run.events.epochs]
        known = [(epoch, 100 * value) for epoch, value in points if value is not None]
        if not known:
            continue
        color = CLASS_COLORS[number % len(CLASS_COLORS)]
        figure.add_scatter(
            x=[epoch for epoch, _ in known],
            y=[value for _, value in known],
            name=run.name,
            mode="lines+markers",
            line={
                "color": color,
                "width": 2.4,
                "dash": _DASHES[number // len(CLASS_COLORS) % len(_DASHES)],
            },
            marker={"size": 7},
            hovertemplate="%{y:.1f} % after epoch %{x}<extra>%{fullData.name}</extra>",
        )
    if not figure.data:
        return empty_figure(f"None of these runs has a {_NAMES[curve]} accuracy yet.")
    figure.update_xaxes(title="Epoch", rangemode="tozero", zeroline=False)
    figure.update_yaxes(title=None, ticksuffix=" %")
    figure.update_layout(uirevision="compare", hovermode="closest")
    return figure
