"""Colours and the Plotly template of every chart, light and dark."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from plotly.io.json import to_json_plotly

# In the order of CLASS_NAMES. Searched for: any two stay apart under the three kinds of colour
# blindness, and each stands out on paper and on a dark page. Classes are always named as well.
CLASS_COLORS: tuple[str, ...] = (
    "#246CE4",
    "#CC7818",
    "#309C6C",
    "#B43C18",
    "#9C48B4",
    "#90543C",
    "#E454B4",
    "#606084",
    "#909048",
    "#3C6C60",
)

# Blue against orange can be told apart with every common colour blindness.
SERIES: dict[str, dict[str, str]] = {
    "light": {"train": "#2A66AE", "validation": "#C25A00", "test": "#5D5569"},
    "dark": {"train": "#7FB4F5", "validation": "#F7A450", "test": "#C9C1D4"},
}

# Lightness alone carries the scale: from the page to the far end.
SEQUENTIAL: dict[str, list[str]] = {
    "light": ["#F8F1E6", "#F3C9A5", "#E2845A", "#B5402F", "#651426"],
    "dark": ["#221E28", "#5A2B3C", "#A6443F", "#E68455", "#FFDCA8"],
}

# The colours of correct and wrong predictions as the pages' own style sheet has them.
CORRECTNESS_COLORS: dict[str, list[str]] = {
    "light": ["#1F7A5A", "#B3402F"],
    "dark": ["#5FC79D", "#F0806C"],
}
# From low confidence, which is what one looks for, to high.
CONFIDENCE_COLORS: dict[str, list[str]] = {
    "light": ["#651426", "#B5402F", "#E2845A", "#9DB4C8", "#5F86AC"],
    "dark": ["#FFDCA8", "#E68455", "#A6443F", "#5B6F91", "#46546E"],
}
# A difference with two signs: the middle is the page.
DIVERGING: dict[str, list[str]] = {
    "light": ["#2A66AE", "#FBF7F0", "#C25A00"],
    "dark": ["#7FB4F5", "#17141B", "#F7A450"],
}

# Text and lines.
FOREGROUND = {"light": "#26212B", "dark": "#F3EDE4"}
_GRID = {"light": "#E6DDCF", "dark": "#35303D"}
_CARD = {"light": "#FFFFFF", "dark": "#2A2531"}
FONT = "Inter, Helvetica Neue, Arial, sans-serif"


def color_scheme(dark: bool) -> str:
    """The key of the colour tables above."""
    return "dark" if dark else "light"


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
    text_color, grid = FOREGROUND[color_scheme(dark)], _GRID[color_scheme(dark)]
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
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
        },
        "hoverlabel": {
            "bgcolor": _CARD[color_scheme(dark)],
            "bordercolor": grid,
            "font": {"family": FONT, "size": 14, "color": text_color},
        },
    }


def _axis_style(dark: bool) -> dict[str, Any]:
    grid = _GRID[color_scheme(dark)]
    return {
        "gridcolor": grid,
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
