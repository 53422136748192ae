"""One Plotly chart that stays in place while its numbers change, and that can be clicked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go
import streamlit as st

from fmnist_core.figures.theme import themed_json
from ui.theme import is_dark

_ASSETS = Path(__file__).resolve().parent / "assets"
_component = st.components.v2.component(
    "atelier_chart", js=(_ASSETS / "chart.js").read_text(), isolate_styles=False
)


def chart(
    figure: go.Figure | str, key: str, height: int, label: str, on_click: bool = False
) -> dict[str, Any] | None:
    """Draw a figure, or change the one drawn before under the same key.

    Args:
        figure: from ``fmnist_core.figures``; gets the visitor's theme here. Or what
            ``themed_json`` made of one, where a page keeps that for all visitors.
        key: keeps zoom and hover across updates.
        height: in pixels.
        label: what a screen reader says the chart is.
        on_click: report clicks.

    Returns:
        In the run of the script after a click, the point: ``x``, ``y`` and ``customdata``.
    """
    result = _component(
        key=key,
        data={
            "figure": figure if isinstance(figure, str) else themed_json(figure, is_dark()),
            "height": height,
            "label": label,
            "click": on_click,
            "library": f"/assets/plotly.min.js?v={plotly.__version__}",
        },
        on_clicked_change=_nothing,
        # Its place, also before the browser has the code that draws it.
        height=height,
    )
    clicked: dict[str, Any] | None = result.clicked
    return clicked


def _nothing() -> None:
    """Streamlit reports a trigger only to components that name a callback for it."""
