"""The confusion matrix as a heatmap, for the report, which is light."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.analysis.metrics import row_shares
from fmnist_core.colors import (
    FOREGROUND,
    QUIET_CELL,
    SEQUENTIAL,
    translucent,
)
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.theme import empty_figure

_DIAGONAL = translucent(QUIET_CELL, 0.16)


def confusion_heatmap(matrix: NDArray[np.int64]) -> go.Figure:
    """Confusion matrix as a heatmap: rows are labels, columns predictions; mistakes are coloured.

    Args:
        matrix: counts (10, 10).
    """
    if not matrix.sum():
        return empty_figure("There are no predictions yet.")
    shares = row_shares(matrix)
    text = matrix.astype(str)
    mistake_shares = shares.copy()
    # The diagonal holds most images; left in, it would bleach every mistake.
    np.fill_diagonal(mistake_shares, np.nan)
    names = list(CLASS_NAMES)
    figure = go.Figure(
        go.Heatmap(
            z=mistake_shares,
            x=names,
            y=names,
            text=np.where(matrix == 0, "", text),
            texttemplate="%{text}",
            customdata=np.dstack([matrix, 100 * shares]),
            hovertemplate="<b>%{y}</b> taken for <b>%{x}</b><br>%{customdata[0]} pictures, "
            "%{customdata[1]:.1f} % of its class<extra></extra>",
            colorscale=SEQUENTIAL["light"],
            zmin=0,
            zmax=max(0.05, float(np.nanmax(mistake_shares))),
            showscale=False,
            xgap=2,
            ygap=2,
            hoverongaps=False,
        )
    )
    _add_diagonal(figure, matrix, text, names, FOREGROUND["light"])
    figure.update_yaxes(
        autorange="reversed", title={"text": "It is ↓", "standoff": 16}, showgrid=False, ticks=""
    )
    figure.update_xaxes(title="It says →", side="top", tickangle=-40, showgrid=False, ticks="")
    figure.update_layout(dragmode=False)
    return figure


def _add_diagonal(
    figure: go.Figure,
    matrix: NDArray[np.int64],
    text: NDArray[np.str_],
    names: list[str],
    text_color: str,
) -> None:
    """The correct predictions: visible and clickable, in a colour of their own."""
    diagonal = np.full(matrix.shape, np.nan)
    np.fill_diagonal(diagonal, 1.0)
    diagonal_text = np.where(np.eye(len(names), dtype=bool), text, "")
    figure.add_heatmap(
        z=diagonal,
        x=names,
        y=names,
        text=diagonal_text,
        texttemplate="%{text}",
        textfont={"color": text_color},
        customdata=matrix,
        hovertemplate="<b>%{y}</b>, right<br>%{customdata} pictures<extra></extra>",
        colorscale=[[0, _DIAGONAL], [1, _DIAGONAL]],
        showscale=False,
        xgap=2,
        ygap=2,
        hoverongaps=False,
    )
