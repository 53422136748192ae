"""Learning curves of one training, live or finished."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import plotly.graph_objects as go

from fmnist_core.colors import FOREGROUND, SERIES, color_scheme
from fmnist_core.dataset import CLASS_COUNT
from fmnist_core.runs import BatchEvent, EpochEvent, RunEvents
from fmnist_core.runs.identity import factor_text
from fmnist_core.specs import TrainingSpec

Quantity = Literal["accuracy", "loss"]
_TITLES = {"accuracy": "Accuracy", "loss": "Loss"}
# As many points as a chart of a phone has pixels.
MOST_BATCH_POINTS = 300
# An untrained network guesses: one picture in ten, and the cross-entropy of ten equal chances.
_GUESS: dict[Quantity, float] = {"accuracy": 1 / CLASS_COUNT, "loss": math.log(CLASS_COUNT)}
# In percent. From the second height on, only the upper half of the axis is shown.
WHOLE_AXIS, CLOSE_AXIS, CLOSE_FROM = (0, 100), (50, 100), 60
# The axis ends at the first of these that the training has not passed.
_ENDS = (0.5, 1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200)
# Beyond the end, so that the last point is whole.
_MARGIN = 0.06
_BEGINS = {
    "name": "begins",
    "text": "The curve begins with the first pictures.",
    "font": {"size": 15},
    "showarrow": False,
    "x": 0.5,
    "xref": "paper",
    "y": 0.5,
    "yref": "paper",
}


def learning_curve(
    events: RunEvents,
    epochs: int,
    quantity: Quantity,
    dark: bool = False,
    validates: bool = True,
) -> go.Figure:
    """Learning curve: accuracy or loss over the epochs, batches light, the best epoch marked.

    It begins where a network guesses. The axis of epochs grows with the training, and that of the
    accuracy shows its upper half once the curve is there. A dashed line stands where a visitor
    changed the learning rate. Every curve is there from the start, and says in its ``meta`` which
    events add to it, so that a browser can go on drawing (``ui/components/live_points.js``).

    Args:
        events: of the training so far.
        epochs: how many epochs it will have, at which the axis ends at the latest.
        quantity: accuracies are shown in percent, losses as mean cross-entropies.
        dark: for a dark page.
        validates: whether it keeps pictures for validation. Before the first epoch the legend says
            what will come, so that the chart keeps its size.
    """
    colors, line_color = SERIES[color_scheme(dark)], FOREGROUND[color_scheme(dark)]
    figure = go.Figure()
    _add_batches(figure, events.batches, quantity, colors["train"])
    _add_epochs(figure, events.epochs, "train", quantity, "While training", colors["train"])
    has_validation = validates or bool(events.epochs)
    if has_validation:
        _add_epochs(
            figure, events.epochs, "validation", quantity, "Validation", colors["validation"]
        )
    _add_epochs(figure, events.epochs, "test", quantity, "Test", colors["test"])
    if has_validation:
        _mark_best(figure, events, quantity, colors["validation"])
    marks = [_rate_mark(line_color, event.position, event.multiplier) for event in events.rates]
    ends = [end for end in _ENDS if end < epochs] + [epochs]
    reached = max([0.0, *(one.position for one in events.batches[-1:]), float(len(events.epochs))])
    figure.update_xaxes(title="Epoch", range=_epoch_axis(ends, reached), nticks=8, zeroline=False)
    figure.update_yaxes(title=None, rangemode="normal")
    close = quantity == "accuracy" and _highest(events) >= CLOSE_FROM
    if quantity == "accuracy":
        axis = CLOSE_AXIS if close else WHOLE_AXIS
        figure.update_yaxes(ticksuffix=" %", range=list(axis))
        _add_guess(figure, epochs, line_color)
    begins = [] if events.batches or events.epochs else [_BEGINS]
    figure.update_layout(
        title=_TITLES[quantity],
        uirevision="curve",
        shapes=[mark["shape"] for mark in marks],
        annotations=[
            *figure.layout.annotations,
            *begins,
            *(mark["annotation"] for mark in marks),
        ],
        meta={
            "newest": _newest(events),
            "best": events.best_epoch.validation_loss if events.best_epoch else None,
            "rate": _rate_mark(line_color),
            "begins": _BEGINS,
            "points": MOST_BATCH_POINTS,
            "ends": ends,
            "margin": _MARGIN,
            "close": {"is": close, "from": CLOSE_FROM, "range": CLOSE_AXIS, "whole": WHOLE_AXIS}
            if quantity == "accuracy"
            else None,
        },
    )
    return figure


def _epoch_axis(ends: Sequence[float], reached: float) -> list[float]:
    """From the beginning to the first of the ends that the training has not passed."""
    end = next((end for end in ends if end >= reached), ends[-1])
    return [0, (1 + _MARGIN) * end]


def _highest(events: RunEvents) -> float:
    """The highest accuracy of any curve, in percent."""
    values = [event.accuracy for event in events.batches]
    for event in events.epochs:
        accuracies = (event.train_accuracy, event.test_accuracy, event.validation_accuracy)
        values += [value for value in accuracies if value is not None]
    return 100 * max(values, default=0.0)


def _add_guess(figure: go.Figure, epochs: int, line_color: str) -> None:
    """The accuracy of a random guess, as a line that the training leaves behind."""
    height = _axis_value(_GUESS["accuracy"], "accuracy")
    figure.add_scatter(
        meta={"event": "none"},
        x=[0, (1 + _MARGIN) * epochs],
        y=[height, height],
        mode="lines",
        line={"color": line_color, "width": 1.5, "dash": "dash"},
        opacity=0.55,
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_annotation(
        name="guess",
        text=f"A random guess: {height:.0f} %",
        font={"size": 13},
        showarrow=False,
        x=1,
        xref="paper",
        xanchor="right",
        y=height,
        yanchor="bottom",
    )


def _newest(events: RunEvents) -> float:
    """When the worker reported the newest point, in seconds since 1970: how fresh the chart is."""
    last = [event.at for event in events.batches[-1:]] + [event.at for event in events.epochs[-1:]]
    return max(last, default=0.0)


def _rate_mark(line_color: str, position: float = 0.0, multiplier: float = 1.0) -> dict[str, Any]:
    """The line and the words where a visitor changed the learning rate."""
    return {
        "shape": {
            "type": "line",
            "x0": position,
            "x1": position,
            "xref": "x",
            "y0": 0,
            "y1": 1,
            "yref": "y domain",
            "line": {"color": line_color, "width": 1.5, "dash": "dash"},
        },
        "annotation": {
            "text": rate_mark_text(multiplier),
            "font": {"size": 13},
            "showarrow": False,
            "x": position,
            "xref": "x",
            "xanchor": "left",
            "y": 1,
            "yref": "y domain",
            "yanchor": "top",
        },
    }


def rate_mark_text(multiplier: float) -> str:
    """What stands at the line of a changed learning rate: ``"rate × 3"``."""
    return f"rate {multiplier_text(multiplier)}"


def multiplier_text(multiplier: float) -> str:
    """``"× 3"``, ``"÷ 10"``, ``"× 1"``."""
    return "× 1" if multiplier == 1 else factor_text(multiplier)


def learning_rate_text(training: TrainingSpec, multiplier: float) -> str:
    """The learning rate and how it was changed: ``"Learning rate 0.003 (× 3)"``.

    Args:
        training: whose schedule may let it rise and fade; then its highest value is said.
        multiplier: what a visitor multiplied it with.
    """
    name = "Learning rate" if training.schedule == "constant" else "Peak learning rate"
    changed = "" if multiplier == 1 else f" ({multiplier_text(multiplier)})"
    return f"{name} {training.learning_rate * multiplier:.3g}{changed}"


def thinned_batches(batches: Sequence[BatchEvent]) -> list[BatchEvent]:
    """Every so many batch events, the first and the newest among them; few enough to be sent."""
    step = -(-len(batches) // MOST_BATCH_POINTS) or 1
    thinned = list(batches[::-step][::-1])
    return thinned if thinned[:1] == list(batches[:1]) else [batches[0], *thinned]


def _meta(event: str, value: str, quantity: Quantity) -> dict[str, Any]:
    """Which events add a point to a curve: their kind, the field of its height, and its scale."""
    return {"event": event, "value": value, "scale": _axis_value(1, quantity)}


def _add_batches(
    figure: go.Figure, batches: Sequence[BatchEvent], quantity: Quantity, color: str
) -> None:
    thinned = thinned_batches(batches)
    begin = _axis_value(_GUESS[quantity], quantity)
    figure.add_scatter(
        meta={**_meta("batch", quantity, quantity), "begin": begin},
        # What a screen shows of it; more digits would be half of what a browser loads for a curve.
        x=[0, *(round(event.position, 4) for event in thinned)],
        y=[begin, *(_axis_value(getattr(event, quantity), quantity) for event in thinned)],
        name="While training, as it goes",
        mode="lines",
        line={"color": color, "width": 2.4},
        opacity=0.6,
        hovertemplate="%{y:.1f} %<extra></extra>"
        if quantity == "accuracy"
        else "%{y:.3f}<extra></extra>",
    )


def _points_of(
    shown: Sequence[EpochEvent], finished: Sequence[EpochEvent], field: str, quantity: Quantity
) -> tuple[list[int | None], list[float | None]]:
    """The points of epochs that have measured a field.

    Before any has finished, one without a place: a curve without any point would not be in the
    legend.
    """
    if not finished:
        return [None], [None]
    measured = [event for event in shown if getattr(event, field) is not None]
    heights = [_axis_value(getattr(event, field), quantity) for event in measured]
    return [event.epoch for event in measured], [*heights]


def _add_epochs(
    figure: go.Figure,
    epochs: Sequence[EpochEvent],
    split: Literal["train", "validation", "test"],
    quantity: Quantity,
    name: str,
    color: str,
) -> None:
    x, y = _points_of(epochs, epochs, f"{split}_{quantity}", quantity)
    figure.add_scatter(
        meta=_meta("epoch", f"{split}_{quantity}", quantity),
        x=x,
        y=y,
        name=name,
        mode="lines+markers",
        line={
            "color": color,
            "width": 3.2,
            "dash": {"train": "solid", "validation": "solid", "test": "dot"}[split],
        },
        marker={
            "size": 8,
            "symbol": {"train": "circle", "validation": "diamond", "test": "square"}[split],
        },
        hovertemplate=f"{name}, epoch %{{x}}: %{{y:.1f}} %<extra></extra>"
        if quantity == "accuracy"
        else f"{name}, epoch %{{x}}: %{{y:.3f}}<extra></extra>",
    )


def _mark_best(figure: go.Figure, events: RunEvents, quantity: Quantity, color: str) -> None:
    best = [] if events.best_epoch is None else [events.best_epoch]
    x, y = _points_of(best, events.epochs, f"validation_{quantity}", quantity)
    figure.add_scatter(
        meta=_meta("best", f"validation_{quantity}", quantity),
        x=x,
        y=y,
        name="Best epoch",
        mode="markers",
        marker={
            "size": 17,
            "symbol": "circle-open",
            "color": color,
            "line": {"width": 2.5, "color": color},
        },
        hovertemplate="Best epoch so far: %{x}, by validation loss<extra></extra>",
    )


def _axis_value(value: float, quantity: Quantity) -> float:
    return round(100 * value, 2) if quantity == "accuracy" else round(value, 4)
