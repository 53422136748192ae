"""The ladder: how training and test accuracy improve from step to step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from fmnist_core.analysis.metrics import Interval
from fmnist_core.colors import FOREGROUND, SERIES, color_scheme
from fmnist_core.presets.references import HUMAN, NETWORKS, RANDOM

_LOWEST, _HIGHEST = 80.0, 100.0
# Shares of the height: the top of the random guess, and where the rest begins; the axis breaks
# between them.
_FLOOR, _BREAK = 0.07, 0.13
_SHIFT = 0.09


class Rung(NamedTuple):
    """A step of the ladder as the chart shows it.

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
    """Chart of training and test accuracy by step, with their gap and published accuracies.

    The axis begins at 80 %: a band below it, apart, holds the random guess.

    Args:
        rungs: the steps in order, at least one.
        dark: for a dark page.
    """
    colors, foreground = SERIES[color_scheme(dark)], FOREGROUND[color_scheme(dark)]
    figure = go.Figure()
    _add_gaps(figure, rungs, colors["validation"])
    _add_points(figure, rungs, "train", "Training pictures", colors["train"], "circle", -_SHIFT)
    _add_points(figure, rungs, "test", "Test pictures", foreground, "square", _SHIFT)
    _add_references(figure, len(rungs), foreground)
    _add_break(figure)
    positions = list(range(1, len(rungs) + 1))
    figure.update_xaxes(
        tickvals=positions,
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
                "xaxis.ticktext": [f"<b>{position}</b>" for position in positions],
                "annotations": [],
            }
        },
    )
    return figure


def _add_gaps(figure: go.Figure, rungs: Sequence[Rung], color: str) -> None:
    """The generalisation gap: a bar from test to training accuracy."""
    measured = [(n, r.test, r.train) for n, r in enumerate(rungs, 1) if r.test and r.train]
    for position, test, train in measured:
        low, high = sorted((_axis_percent(test.value), _axis_percent(train.value)))
        points = 100 * (train.value - test.value)
        figure.add_scatter(
            x=[position, position],
            y=[low, high],
            mode="lines",
            line={"color": color, "width": 10},
            opacity=0.32,
            showlegend=position == measured[0][0],
            legendgroup="gap",
            name="Gap between the two",
            hoverinfo="skip",
        )
        figure.add_annotation(
            x=position,
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
    split: str,
    name: str,
    color: str,
    symbol: str,
    shift: float,
) -> None:
    measured = [
        (position, rung, interval)
        for position, rung in enumerate(rungs, 1)
        if (interval := getattr(rung, split)) is not None
    ]
    figure.add_scatter(
        x=[position + shift for position, _, _ in measured],
        y=[_axis_percent(interval.value) for _, _, interval in measured],
        error_y={
            "type": "data",
            "array": [100 * (interval.high - interval.value) for _, _, interval in measured],
            "arrayminus": [100 * (interval.value - interval.low) for _, _, interval in measured],
            "color": color,
            "thickness": 1.8,
            "width": 6,
        },
        customdata=[
            [
                rung.name.replace("<br>", " "),
                _interval_text(interval),
                "so far, its training goes on" if rung.live else "",
            ]
            for _, rung, interval in measured
        ],
        mode="lines+markers",
        line={"color": color, "width": 2, "dash": "solid" if split == "test" else "dot"},
        marker={
            "size": 12,
            "color": color,
            "symbol": [f"{symbol}-open" if rung.live else symbol for _, rung, _ in measured],
            "line": {"width": 2, "color": color},
        },
        name=name,
        hovertemplate="<b>%{customdata[0]}</b><br>"
        + name
        + ": %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )


def _add_references(figure: go.Figure, count: int, foreground: str) -> None:
    right = count + 0.55
    for index, reference in enumerate((HUMAN, *NETWORKS)):
        human = index == 0
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
                "color": foreground,
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
        line={"color": foreground, "width": 1.4, "dash": "dash"},
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


def _interval_text(interval: Interval) -> str:
    low, high = 100 * interval.low, 100 * interval.high
    return f"{100 * interval.value:.2f} %, 95 % interval {low:.1f} to {high:.1f}"


def _axis_percent(share: float) -> float:
    """An accuracy in percent, never below the axis."""
    return max(_LOWEST, 100 * share)
