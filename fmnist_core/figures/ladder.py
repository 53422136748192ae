"""The ladder: how training and test accuracy improve from step to step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from fmnist_core.analysis.metrics import Interval
from fmnist_core.figures.theme import INK, SERIES, mode
from fmnist_core.presets.references import HUMAN, NETWORKS, RANDOM

_LOWEST, _HIGHEST = 80.0, 100.0
# The part of the height for the guess, and where the rest begins: between them the axis breaks.
_FLOOR, _BREAK = 0.07, 0.13
_SHIFT = 0.09


class Rung(NamedTuple):
    """What the chart shows of a step.

    Attributes:
        name: of the step, in a line or two, parted by ``<br>``.
        facts: parameters and time, as text.
        train, test: accuracies with their intervals; ``None`` was not measured (yet).
        live: whether its training still goes on.
    """

    name: str
    facts: str
    train: Interval | None
    test: Interval | None
    live: bool = False


def ladder_chart(rungs: Sequence[Rung], dark: bool = False) -> go.Figure:
    """Both accuracies of each step in percent, their gap as a bar, and what others reached.

    The axis begins at 80 %: a band below it, apart, holds the random guess.

    Args:
        rungs: the steps in order, at least one.
        dark: for a dark page.
    """
    colors, foreground_pixels = SERIES[mode(dark)], INK[mode(dark)]
    figure = go.Figure()
    _add_gaps(figure, rungs, colors["validation"])
    _add_points(figure, rungs, "train", "Training pictures", colors["train"], "circle", -_SHIFT)
    _add_points(figure, rungs, "test", "Test pictures", foreground_pixels, "square", _SHIFT)
    _add_references(figure, len(rungs), foreground_pixels)
    _add_break(figure)
    places = list(range(1, len(rungs) + 1))
    figure.update_xaxes(
        tickvals=places,
        ticktext=[f"<b>{rung.name}</b><br>{rung.facts}" for rung in rungs],
        range=[0.45, len(rungs) + 0.55],
        showgrid=False,
        anchor="y2",
    )
    figure.update_layout(
        yaxis={
            "range": [_LOWEST, _HIGHEST],
            "ticksuffix": " %",
            "dtick": 5,
            "domain": [_BREAK, 1],
            "zeroline": False,
        },
        yaxis2={
            "range": [0, 20],
            "tickvals": [10],
            "ticktext": ["10 %"],
            "domain": [0, _FLOOR],
            "zeroline": False,
            "showgrid": False,
        },
        uirevision="ladder",
        dragmode=False,
        hovermode="closest",
        meta={
            "narrow": {
                "xaxis.ticktext": [f"<b>{place}</b>" for place in places],
                "annotations": [],
            }
        },
    )
    return figure


def _add_gaps(figure: go.Figure, rungs: Sequence[Rung], color: str) -> None:
    """The distance from test to training accuracy, which is what was learned by heart."""
    both = [(n, r.test, r.train) for n, r in enumerate(rungs, 1) if r.test and r.train]
    for number, test, train in both:
        low, high = sorted((_shown(test.value), _shown(train.value)))
        points = 100 * (train.value - test.value)
        figure.add_scatter(
            x=[number, number],
            y=[low, high],
            mode="lines",
            line={"color": color, "width": 10},
            opacity=0.32,
            showlegend=number == both[0][0],
            legendgroup="gap",
            name="Gap between the two",
            hoverinfo="skip",
        )
        figure.add_annotation(
            x=number,
            y=(low + high) / 2,
            text=f"{points:+.1f}" if abs(points) >= 0.05 else "0.0",
            showarrow=False,
            xanchor="left",
            xshift=16,
            font={"size": 12.5},
        )


def _add_points(
    figure: go.Figure,
    rungs: Sequence[Rung],
    which: str,
    name: str,
    color: str,
    symbol: str,
    shift: float,
) -> None:
    known = [
        (n, rung, value)
        for n, rung in enumerate(rungs, 1)
        if (value := getattr(rung, which)) is not None
    ]
    figure.add_scatter(
        x=[n + shift for n, _, _ in known],
        y=[_shown(value.value) for _, _, value in known],
        error_y={
            "type": "data",
            "array": [100 * (value.high - value.value) for _, _, value in known],
            "arrayminus": [100 * (value.value - value.low) for _, _, value in known],
            "color": color,
            "thickness": 1.8,
            "width": 6,
        },
        customdata=[
            [
                rung.name.replace("<br>", " "),
                f"{100 * v.value:.2f} %, 95 % interval {100 * v.low:.1f} to {100 * v.high:.1f}",
                "so far, its training goes on" if rung.live else "",
            ]
            for _, rung, v in known
        ],
        mode="lines+markers",
        line={"color": color, "width": 2, "dash": "solid" if which == "test" else "dot"},
        marker={
            "size": 12,
            "color": color,
            "symbol": [f"{symbol}-open" if rung.live else symbol for _, rung, _ in known],
            "line": {"width": 2, "color": color},
        },
        name=name,
        hovertemplate="<b>%{customdata[0]}</b><br>"
        + name
        + ": %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )


def _add_references(figure: go.Figure, count: int, foreground_pixels: str) -> None:
    right = count + 0.55
    for place, reference in enumerate((HUMAN, *NETWORKS)):
        human = place == 0
        value = 100 * reference.accuracy
        figure.add_shape(
            type="line",
            x0=0.45,
            x1=right,
            y0=value,
            y1=value,
            layer="below",
            opacity=0.75 if human else 0.4,
            line={
                "color": foreground_pixels,
                "width": 1.6 if human else 1.1,
                "dash": "dash" if human else "dot",
            },
        )
        figure.add_annotation(
            x=1,
            xref="paper",
            y=value,
            text=f"{reference.name} {value:.1f} %",
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            font={"size": 12.5},
            opacity=1 if human else 0.8,
        )
    figure.add_scatter(
        x=[0.45, right],
        y=[100 * RANDOM] * 2,
        yaxis="y2",
        mode="lines",
        line={"color": foreground_pixels, "width": 1.4, "dash": "dash"},
        showlegend=False,
        hovertemplate="A random guess is right one time in ten<extra></extra>",
    )
    figure.add_annotation(
        x=1,
        xref="paper",
        y=100 * RANDOM,
        yref="y2",
        text="A random guess",
        showarrow=False,
        xanchor="right",
        yanchor="bottom",
        font={"size": 12.5},
    )


def _add_break(figure: go.Figure) -> None:
    """Where the axis leaves out everything between the guess and 80 %."""
    figure.add_annotation(
        x=0,
        xref="paper",
        y=(_FLOOR + _BREAK) / 2,
        yref="paper",
        text="≈",
        showarrow=False,
        font={"size": 18},
    )


def _shown(share: float) -> float:
    """In percent, and never below the axis."""
    return max(_LOWEST, 100 * share)
