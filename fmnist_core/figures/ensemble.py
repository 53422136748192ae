"""What each run brings to an ensemble, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from fmnist_core.figures.run_style import RunStyle
from fmnist_core.text import for_chart, shortened

_LONGEST = 34


class Joined(NamedTuple):
    """A run that joins an ensemble: its name and look, and what the ensemble reaches then."""

    name: str
    style: RunStyle
    accuracy: float


def ensemble_chart(members: Sequence[Joined], best: int) -> go.Figure:
    """Accuracy of an ensemble as one run after the other joins it, from above to below.

    Args:
        members: in the order in which they join, at least one; accuracies are shares.
        best: so many of them, from the first on, are the best set.
    """
    percent = [100 * member.accuracy for member in members]
    styles = [member.style for member in members]
    rows = [*range(len(members))]
    figure = go.Figure()
    figure.add_scatter(
        x=percent,
        y=rows,
        mode="markers+text",
        marker={
            "size": 15,
            "color": [style.color for style in styles],
            "symbol": [
                style.symbol + ("" if row < best else "-open") for row, style in enumerate(styles)
            ],
            "line": {"width": 2},
        },
        text=[f"  {_gain_text(percent, row)}" for row in rows],
        textposition="middle right",
        cliponaxis=False,
        hovertemplate="%{x:.2f} % of the test pictures<extra></extra>",
    )
    span = max(0.2, max(percent) - min(percent))
    figure.update_xaxes(
        title="Test accuracy with this run and those above",
        ticksuffix=" %",
        # The texts stand at the right of the markers.
        range=[min(percent) - 0.08 * span, max(percent) + 0.45 * span],
    )
    figure.update_yaxes(
        range=[len(members) - 0.4, -0.6],
        tickvals=rows,
        ticktext=[_row_text(member.name, row) for row, member in enumerate(members)],
        showgrid=False,
        zeroline=False,
    )
    figure.update_layout(
        uirevision="ensemble", dragmode=False, showlegend=False, hovermode="closest"
    )
    return figure


def _row_text(name: str, row: int) -> str:
    return f"{'+ ' if row else ''}{for_chart(shortened(name, _LONGEST))}  "


def _gain_text(percent: Sequence[float], row: int) -> str:
    """``"92.39 %"``, and from the second on ``"92.81 % (+0.42)"``."""
    text = f"{percent[row]:.2f} %"
    if not row:
        return text
    gain = percent[row] - percent[row - 1]
    return f"{text} ({'−' if gain < 0 else '+'}{abs(gain):.2f})"
