"""A Plotly chart that keeps its zoom while its data change, and that can be clicked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import plotly
import plotly.graph_objects as go

from fmnist_core.figures.theme import themed_json
from ui.base_path import under_base
from ui.components.acts import receive, seen
from ui.components.modules import component
from ui.theme import is_dark

_component = component("chart")


def chart(
    figure: go.Figure | str,
    key: str,
    height: int | Literal["place"],
    label: str,
    on_click: Callable[[float], None] | None = None,
    least_width: int = 0,
) -> None:
    """Draw a figure, or change the one drawn before under the same key.

    Args:
        figure: from ``fmnist_core.figures``; gets the visitor's theme here. Or what
            ``themed_json`` made of one, where a page keeps that for all visitors.
        key: keeps zoom and hover across updates.
        height: in pixels where text has its usual size; it grows with the text. ``"place"`` fills
            the place that the style sheet gives it.
        label: what a screen reader says the chart is.
        on_click: called with the x of the point that is clicked.
        least_width: in pixels; where there is less, the chart is scrolled sideways.
    """
    _component(
        key=key,
        data={
            "figure": figure if isinstance(figure, str) else themed_json(figure, is_dark()),
            "height": 0 if height == "place" else height,
            "label": label,
            "click": on_click is not None,
            "leastWidth": least_width,
            "seen": seen(key),
            "library": under_base(f"/assets/plotly.min.js?v={plotly.__version__}"),
        },
        on_clicked_change=receive(key, "clicked", _coordinate, on_click or (lambda _: None)),
        # Its place, also before the browser has the code that draws it.
        height="content" if height == "place" else height,
    )


def _coordinate(x: object) -> float | None:
    """The x of the clicked point, from the component; ``None`` for anything else."""
    if isinstance(x, int | float) and math.isfinite(x):
        return x
    return None
