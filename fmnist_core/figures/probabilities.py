"""Predicted probabilities of one image as bars."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.colors import CLASS_COLORS
from fmnist_core.dataset import CLASS_NAMES


def probability_bars(probabilities: NDArray[np.float32], truth: int) -> go.Figure:
    """Bars of the ten predicted probabilities, the true class in bold.

    Args:
        probabilities: (10,), summing to 1.
        truth: the image's label, 0 to 9.
    """
    names = [
        f"<b>{name}</b> (label)" if class_id == truth else name
        for class_id, name in enumerate(CLASS_NAMES)
    ]
    percent = 100 * probabilities.astype(float)
    figure = go.Figure(
        go.Bar(
            x=percent,
            y=names,
            orientation="h",
            marker={"color": list(CLASS_COLORS)},
            text=[_percent(value) for value in percent],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.2f} %<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 128], showgrid=False, showticklabels=False, zeroline=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="")
    figure.update_layout(showlegend=False, bargap=0.28, dragmode=False)
    return figure


def _percent(value: float) -> str:
    if value < 0.05:
        return "0 %"
    return f"{value:.1f} %" if value < 99.95 else "100 %"
