"""The look of every chart, light and dark: fonts, margins, lines."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from plotly.io.json import to_json_plotly

from fmnist_core.colors import CARD, FOREGROUND, GRID, TRANSPARENT, color_scheme

FONT = "Inter, Helvetica Neue, Arial, sans-serif"


def themed_json(figure: go.Figure, dark: bool = False) -> str:
    """A figure with the project's look, as JSON for plotly.js.

    The look is laid over the plain description: Plotly would validate every part of it anew, which
    took ten times as long as drawing the figure.

    Args:
        figure: any chart of the project; left as it is.
        dark: for a dark page.
    """
    described: dict[str, Any] = figure.to_plotly_json()
    layout = described.setdefault("layout", {})
    _override(layout, _layout_style(dark, titled=bool(layout.get("title", {}).get("text"))))
    for name in {"xaxis", "yaxis", *(key for key in layout if key[1:].startswith("axis"))}:
        _override(layout.setdefault(name, {}), _axis_style(dark))
    text: str = to_json_plotly(described)
    return text


def _override(target: dict[str, Any], overlay: dict[str, Any]) -> None:
    for key, value in overlay.items():
        if isinstance(value, dict):
            _override(target.setdefault(key, {}), value)
        else:
            target[key] = value


def _layout_style(dark: bool, titled: bool) -> dict[str, Any]:
    text_color, grid = FOREGROUND[color_scheme(dark)], GRID[color_scheme(dark)]
    return {
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "font": {"family": FONT, "size": 14, "color": text_color},
        "title": {
            "font": {"family": "Fraunces, Georgia, serif", "size": 19},
            "x": 0,
            "xanchor": "left",
            "pad": {"l": 4},
        },
        "margin": {"l": 12, "r": 16, "t": 48 if titled else 16, "b": 12},
        "legend": {
            "orientation": "h",
            "yref": "container",
            "yanchor": "bottom",
            "y": 0,
            "x": 0,
            "font": {"size": 13},
            # Said, so that they grow with the text of a projector.
            "itemwidth": 30,
            "tracegroupgap": 10,
        },
        "hoverlabel": {
            "bgcolor": CARD[color_scheme(dark)],
            "bordercolor": grid,
            "font": {"family": FONT, "size": 14, "color": text_color},
        },
    }


def _axis_style(dark: bool) -> dict[str, Any]:
    grid = GRID[color_scheme(dark)]
    return {
        "gridcolor": grid,
        "gridwidth": 1,
        "linecolor": grid,
        "zerolinecolor": grid,
        "automargin": True,
        "title": {"font": {"size": 14}},
        "tickfont": {"size": 13},
    }


def empty_figure(message: str) -> go.Figure:
    """An empty chart with a message."""
    figure = go.Figure()
    figure.add_annotation(
        text=message, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font_size=15
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_layout(dragmode=False)
    return figure
