"""The saliency map over its image."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.colors import FOREGROUND, SEQUENTIAL, color_scheme

_OUTLINE = 64


def saliency_map(
    image: NDArray[np.uint8], saliency: NDArray[np.float32], dark: bool = False
) -> go.Figure:
    """Saliency map as a heatmap, with the outline of the image over it.

    Args:
        image: (28, 28) uint8.
        saliency: (28, 28), 0 to 1.
        dark: for a dark page.
    """
    scale = SEQUENTIAL[color_scheme(dark)]
    figure = go.Figure(
        go.Heatmap(
            z=np.round(saliency.astype(float), 3),
            zmin=0,
            zmax=1,
            colorscale=[[n / (len(scale) - 1), color] for n, color in enumerate(scale)],
            showscale=False,
            customdata=image,
            hovertemplate="%{z:.0%} of the strongest pixel<br>brightness %{customdata}"
            "<extra></extra>",
        )
    )
    if image.max() > _OUTLINE:
        figure.add_contour(
            z=image.astype(int),
            contours={"start": _OUTLINE, "end": _OUTLINE, "size": 1, "coloring": "none"},
            line={"color": FOREGROUND[color_scheme(dark)], "width": 1.5, "smoothing": 0.6},
            showscale=False,
            hoverinfo="skip",
        )
    hidden = {"visible": False, "constrain": "domain"}
    figure.update_xaxes(**hidden)
    figure.update_yaxes(**hidden, autorange="reversed", scaleanchor="x")
    figure.update_layout(showlegend=False, dragmode=False)
    return figure


def share_on_clothes(image: NDArray[np.uint8], saliency: NDArray[np.float32]) -> float:
    """The share of the saliency that lies on foreground pixels; 0 without any."""
    total = float(saliency.sum(dtype=np.float64))
    return float(saliency[image > 0].sum(dtype=np.float64)) / total if total else 0.0
