"""A Plotly chart that keeps its zoom while its data change, and that can be clicked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

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
            **chart_data(
                figure if isinstance(figure, str) else themed_json(figure, is_dark()),
                0 if height == "place" else height,
                label,
                least_width,
                on_click is not None,
            ),
            "seen": seen(key),
        },
        on_clicked_change=receive(key, "clicked", _coordinate, on_click or (lambda _: None)),
        # Its place, also before the browser has the code that draws it.
        height="content" if height == "place" else height,
    )


def chart_data(
    figure: str, height: int, label: str, least_width: int = 0, click: bool = False
) -> dict[str, Any]:
    """What the component draws a chart from; see ``chart``.

    Args:
        figure: of ``themed_json``.
        height: in pixels; 0 fills its place.
        label: what a screen reader says the chart is.
        least_width: in pixels; where there is less, the chart is scrolled sideways.
        click: whether a point can be clicked.
    """
    return {
        "figure": figure,
        "height": height,
        "label": label,
        "click": click,
        "leastWidth": least_width,
        "library": library_address(),
    }


def library_address() -> str:
    """The address of Plotly's script, from ``/`` on."""
    return under_base(f"/assets/plotly.min.js?v={plotly.__version__}")


def _coordinate(x: object) -> float | None:
    """The x of the clicked point, from the component; ``None`` for anything else."""
    if isinstance(x, int | float) and math.isfinite(x):
        return x
    return None
