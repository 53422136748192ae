"""The difference of two confusion matrices."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.colors import FOREGROUND, QUIET_CELL, SERIES, color_scheme, translucent
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.theme import empty_figure

# So that the numbers stand out in both themes.
_FADED = 0.55


def difference_heatmap(a: NDArray[np.int64], b: NDArray[np.int64], dark: bool = False) -> go.Figure:
    """Difference of two confusion matrices: how many images more B has in each cell than A.

    Blue cells suit B: fewer mistakes, or more correct predictions. Orange cells suit A.

    Args:
        a: confusion matrix (10, 10) of counts, rows are labels.
        b: likewise of the second run.
        dark: for a dark page.
    """
    difference = b - a
    if not difference.any():
        return empty_figure("The two confuse the same classes equally often.")
    names, colors = list(CLASS_NAMES), SERIES[color_scheme(dark)]
    # On the diagonal more is better, elsewhere less is.
    gain = np.where(np.eye(len(names), dtype=bool), difference, -difference)
    most = int(np.abs(gain).max())
    figure = go.Figure(
        go.Heatmap(
            z=np.sign(gain) * np.sqrt(np.abs(gain)),
            x=names,
            y=names,
            text=[[_signed(value) for value in row] for row in difference],
            texttemplate="%{text}",
            textfont={"color": FOREGROUND[color_scheme(dark)]},
            customdata=np.dstack([a, b]),
            hovertemplate="It is <b>%{y}</b>, it says <b>%{x}</b><br>A: %{customdata[0]} pictures, "
            "B: %{customdata[1]}<extra></extra>",
            colorscale=[
                [0, translucent(colors["validation"], _FADED)],
                [0.5, translucent(QUIET_CELL, 0.10)],
                [1, translucent(colors["train"], _FADED)],
            ],
            zmin=-np.sqrt(most),
            zmax=np.sqrt(most),
            showscale=False,
            xgap=2,
            ygap=2,
        )
    )
    figure.update_yaxes(
        autorange="reversed", title={"text": "It is ↓", "standoff": 16}, showgrid=False
    )
    figure.update_xaxes(title="It says →", side="top", tickangle=-40, showgrid=False)
    figure.update_layout(
        uirevision="difference",
        dragmode=False,
        meta={"narrow": {"xaxis.tickangle": -90, "xaxis.title.text": "", "yaxis.title.text": ""}},
    )
    return figure


def _signed(value: int) -> str:
    """``"+3"``, ``"−3"`` with the sign of mathematics, and nothing for 0."""
    return f"{value:+d}".replace("-", "−") if value else ""
