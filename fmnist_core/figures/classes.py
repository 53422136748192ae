"""Charts of the classes: average images, intensity histograms, near-duplicates by class."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from fmnist_core.colors import CLASS_COLORS, CORRECTNESS_COLORS, DIVERGING, SERIES, color_scheme
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.theme import empty_figure


def intensity_histogram(
    shares: NDArray[np.float64], class_id: int, dark: bool = False
) -> go.Figure:
    """Histogram of the pixel intensities of a class, without blank pixels.

    Args:
        shares: (1 + bins,) from ``fmnist_core.analysis.image_statistics.intensity_shares``.
        class_id: of the class, for its colour.
        dark: for a dark page.
    """
    if not shares.sum():
        return empty_figure("There are no pictures.")
    bins = len(shares) - 1
    edges = 1 + np.arange(bins + 1) * 255 // bins
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:] - 1) / 2,
            y=100 * shares[1:],
            width=np.diff(edges),
            customdata=np.transpose([edges[:-1], edges[1:] - 1]),
            marker={"color": CLASS_COLORS[class_id], "line": {"width": 0}},
            hovertemplate="Values %{customdata[0]} to %{customdata[1]}: %{y:.1f} % of all pixels"
            "<extra></extra>",
        )
    )
    figure.update_xaxes(title="Value of a pixel", range=[0, 256])
    figure.update_yaxes(title="Share of all pixels", ticksuffix=" %")
    figure.update_layout(dragmode=False, showlegend=False, bargap=0)
    return figure


def difference_map(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    names: tuple[str, str],
    dark: bool = False,
) -> go.Figure:
    """Difference of the mean images of two classes, pixel by pixel.

    Args:
        first: (28, 28) mean image of a class, 0 to 255.
        second: (28, 28) mean image of another class.
        names: of the two classes.
        dark: for a dark page.
    """
    difference = first - second
    top = max(1.0, float(np.abs(difference).max()))
    low, middle, high = DIVERGING[color_scheme(dark)]
    figure = go.Figure(
        go.Heatmap(
            z=difference,
            customdata=np.stack([first, second], axis=-1),
            zmin=-top,
            zmax=top,
            colorscale=[[0, low], [0.5, middle], [1, high]],
            showscale=False,
            hovertemplate=f"Row %{{y}}, column %{{x}}<br>{names[0]}: %{{customdata[0]:.0f}}<br>"
            f"{names[1]}: %{{customdata[1]:.0f}}<extra></extra>",
        )
    )
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(visible=False, autorange="reversed", scaleanchor="x", constrain="domain")
    figure.update_layout(dragmode=False)
    return figure


def lookalike_bars(matrix: NDArray[np.int64], dark: bool = False) -> go.Figure:
    """Bars: how often the nearest image of the other split has the same label, by class.

    Args:
        matrix: counts (10, 10), rows are labels, columns the labels of the nearest images.
        dark: for a dark page.
    """
    totals = matrix.sum(axis=1)
    if not totals.all():
        return empty_figure("There are no pictures.")
    shares = 100 * matrix / totals[:, None]
    same = np.diag(shares)
    order = np.argsort(-same, kind="stable")
    other_shares = shares - np.diag(same)
    largest_other = other_shares.max(axis=1)
    commonest_other = other_shares.argmax(axis=1)
    names = [CLASS_NAMES[class_id] for class_id in order]
    wrong_color = CORRECTNESS_COLORS[color_scheme(dark)][1]
    figure = go.Figure()
    for label, values, color in (
        ("Same label", same, SERIES[color_scheme(dark)]["train"]),
        ("Most common other label", largest_other, wrong_color),
        ("Any other label", other_shares.sum(axis=1) - largest_other, f"{wrong_color}66"),
    ):
        figure.add_bar(
            y=names,
            x=values[order],
            orientation="h",
            name=label,
            marker={"color": color},
            customdata=[CLASS_NAMES[commonest_other[class_id]] for class_id in order],
            hovertemplate="%{y}: %{x:.1f} % "
            + ("%{customdata}" if "common" in label else label.lower())
            + "<extra></extra>",
        )
    figure.update_xaxes(
        title="Label of the most similar training picture", ticksuffix=" %", range=[0, 100]
    )
    figure.update_layout(barmode="stack", dragmode=False, bargap=0.3)
    figure.update_layout(legend_traceorder="normal")
    return figure
