"""Reliability diagram and risk-coverage curve."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.analysis.calibration import Coverage
from fmnist_core.colors import SERIES, color_scheme
from fmnist_core.figures.theme import empty_figure

_MOST_POINTS = 400
_NEAR_THE_END = 0.8


def reliability_diagram(table: pd.DataFrame, dark: bool = False) -> go.Figure:
    """Reliability diagram: accuracy over confidence, with intervals and image counts.

    Args:
        table: from ``fmnist_core.analysis.calibration.reliability``.
        dark: for a dark page.
    """
    filled = table[table["images"] > 0]
    if filled.empty:
        return empty_figure("There are no answers yet.")
    colors = SERIES[color_scheme(dark)]
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"dash": "dot", "width": 1.5, "color": colors["test"]},
        name="As confident as accurate",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=100 * filled["confidence"],
        y=100 * filled["accuracy"],
        error_y={
            "array": 100 * (filled["accuracy_high"] - filled["accuracy"]),
            "arrayminus": 100 * (filled["accuracy"] - filled["accuracy_low"]),
            "thickness": 1.5,
        },
        customdata=filled["images"],
        text=[f"{count:,}" for count in filled["images"]],
        # The last ones have no room at their right.
        textposition=[
            "top left" if share > _NEAR_THE_END else "bottom right"
            for share in filled["confidence"]
        ],
        mode="lines+markers+text",
        line={"color": colors["train"], "width": 2.5},
        marker={"size": 9},
        name="This run, with the number of pictures",
        hovertemplate="%{customdata:,} pictures<br>confidence: %{x:.1f} %<br>accuracy: %{y:.1f} %"
        "<extra></extra>",
    )
    figure.update_xaxes(title="Confidence", ticksuffix=" %", range=[0, 108])
    figure.update_yaxes(title="Accuracy", ticksuffix=" %", range=[0, 106])
    figure.update_layout(dragmode=False)
    return figure


def confidence_histograms(
    confidences: NDArray[np.float32], correct: NDArray[np.bool_], dark: bool = False
) -> go.Figure:
    """Histograms of the confidence of correct and of wrong predictions, as shares of each.

    Args:
        confidences: (n,) probability of each predicted class, 0 to 1.
        correct: (n,) whether the prediction was correct.
        dark: for a dark page.
    """
    if not len(confidences):
        return empty_figure("There are no answers yet.")
    colors = SERIES[color_scheme(dark)]
    edges = np.linspace(0, 100, 21)
    figure = go.Figure()
    for name, chosen, color in (
        ("Right", correct, colors["train"]),
        ("Wrong", ~correct, colors["validation"]),
    ):
        counts, _ = np.histogram(100.0 * confidences[chosen], edges)
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=100 * counts / max(1, counts.sum()),
            customdata=np.transpose([counts, edges[:-1], edges[1:]]),
            name=f"{name}: {counts.sum():,} pictures",
            marker={"color": color},
            opacity=0.75,
            hovertemplate="%{customdata[1]:.0f} to %{customdata[2]:.0f} % confident: "
            "%{customdata[0]:,} pictures, %{y:.1f} %<extra>" + name + "</extra>",
        )
    figure.update_xaxes(title="Confidence", ticksuffix=" %", range=[0, 100])
    figure.update_yaxes(title="Share of these answers", ticksuffix=" %")
    figure.update_layout(barmode="overlay", bargap=0.05, dragmode=False)
    return figure


def coverage_chart(curve: Coverage, threshold: float, dark: bool = False) -> go.Figure:
    """Risk-coverage curve: accuracy over the share of images whose prediction is kept.

    Args:
        curve: from ``fmnist_core.analysis.calibration.coverage_curve``.
        threshold: confidence from 0 to 1 to point at.
        dark: for a dark page.
    """
    if not len(curve.thresholds):
        return empty_figure("There are no answers yet.")
    colors = SERIES[color_scheme(dark)]
    count = len(curve.thresholds)
    thinned = np.unique(np.linspace(0, count - 1, min(count, _MOST_POINTS)).round().astype(int))
    figure = go.Figure(
        go.Scatter(
            x=100 * curve.coverages[thinned],
            y=100 * curve.accuracies[thinned],
            customdata=100 * curve.thresholds[thinned],
            mode="lines",
            line={"color": colors["train"], "width": 2.5},
            name="Accuracy of its answers",
            hovertemplate="%{x:.1f} % answered, %{y:.2f} % of them right<br>"
            "at least %{customdata:.1f} % confident<extra></extra>",
        )
    )
    reached = np.flatnonzero(curve.thresholds >= np.float32(threshold))
    if len(reached):
        index = reached[-1]
        figure.add_scatter(
            x=[100 * curve.coverages[index]],
            y=[100 * curve.accuracies[index]],
            mode="markers",
            marker={"size": 13, "color": colors["validation"]},
            name="Your threshold",
            hoverinfo="skip",
        )
    figure.update_xaxes(title="Share answered", ticksuffix=" %", range=[0, 101])
    figure.update_yaxes(title="Accuracy of its answers", ticksuffix=" %")
    figure.update_layout(dragmode=False)
    return figure
