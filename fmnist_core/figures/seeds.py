"""Mistakes by how many seed replicates make them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.colors import SERIES, color_scheme
from fmnist_core.figures.theme import empty_figure


def shared_bars(counts: NDArray[np.int64], chosen: int | None, dark: bool = False) -> go.Figure:
    """Bars: how many of a run's mistakes are made by 1, 2, … of its seed replicates.

    Args:
        counts: (runs,) from ``fmnist_core.analysis.seeds.shared_mistakes``.
        chosen: the number of runs whose bar is to stand out.
        dark: for a dark page.
    """
    if not counts.sum():
        return empty_figure("There is no mistake to show.")
    runs = np.arange(1, len(counts) + 1)
    colors = SERIES[color_scheme(dark)]
    figure = go.Figure(
        go.Bar(
            x=runs,
            y=counts,
            text=[f"{count:,}" for count in counts],
            textposition="outside",
            cliponaxis=False,
            marker={
                "color": [
                    colors["validation"] if run_count == chosen else colors["train"]
                    for run_count in runs
                ]
            },
            hovertemplate="%{y:,} mistakes are made by %{x} of "
            f"{len(counts)} runs<extra></extra>",
        )
    )
    figure.update_xaxes(title="Runs that get the picture wrong", dtick=1)
    figure.update_yaxes(title="Mistakes of this run", range=[0, 1.15 * int(counts.max())])
    figure.update_layout(bargap=0.25, dragmode=False, showlegend=False)
    return figure
