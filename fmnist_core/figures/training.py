"""Learning curves of one training, live or finished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import plotly.graph_objects as go

from fmnist_core.colors import FOREGROUND, SERIES, color_scheme
from fmnist_core.figures.theme import empty_figure
from fmnist_core.runs import BatchEvent, EpochEvent, RateEvent, RunEvents
from fmnist_core.runs.identity import factor_text
from fmnist_core.specs import TrainingSpec

Quantity = Literal["accuracy", "loss"]
_TITLES = {"accuracy": "Accuracy", "loss": "Loss"}
_MOST_BATCH_POINTS = 600


def learning_curve(
    events: RunEvents, epochs: int, quantity: Quantity, dark: bool = False
) -> go.Figure:
    """Learning curve: accuracy or loss over the epochs, batches light, the best epoch marked.

    A dashed line stands where a visitor changed the learning rate.

    Args:
        events: of the training so far.
        epochs: how many epochs it will have; fixes the width of the axis.
        quantity: accuracies are shown in percent, losses as mean cross-entropies.
        dark: for a dark page.
    """
    if not events.batches and not events.epochs:
        return empty_figure("The curve begins with the first pictures.")
    colors = SERIES[color_scheme(dark)]
    figure = go.Figure()
    _add_batches(figure, events.batches, quantity, colors["train"])
    _add_epochs(figure, events.epochs, "train", quantity, "While training", colors["train"])
    _add_epochs(figure, events.epochs, "validation", quantity, "Validation", colors["validation"])
    _add_epochs(figure, events.epochs, "test", quantity, "Test", colors["test"])
    _mark_best(figure, events.best_epoch, quantity, colors["validation"])
    _mark_rates(figure, events.rates, FOREGROUND[color_scheme(dark)])
    figure.update_xaxes(
        title="Epoch", range=[0, epochs + 0.06 * epochs], dtick=_tick(epochs), zeroline=False
    )
    figure.update_yaxes(
        title=None, ticksuffix=" %" if quantity == "accuracy" else "", rangemode="normal"
    )
    figure.update_layout(
        title=_TITLES[quantity], uirevision="curve", meta={"newest": _newest(events)}
    )
    return figure


def _newest(events: RunEvents) -> float:
    """When the worker reported the newest point, in seconds since 1970: how fresh the chart is."""
    last = [event.at for event in events.batches[-1:]] + [event.at for event in events.epochs[-1:]]
    return max(last)


def _mark_rates(figure: go.Figure, rates: Sequence[RateEvent], line_color: str) -> None:
    for event in rates:
        figure.add_vline(
            x=event.position,
            line={"color": line_color, "width": 1.5, "dash": "dash"},
            annotation={"text": f"rate {multiplier_text(event.multiplier)}", "font": {"size": 13}},
            annotation_position="top right",
        )


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


def _add_batches(
    figure: go.Figure, batches: Sequence[BatchEvent], quantity: Quantity, color: str
) -> None:
    thinned = batches[:: max(1, len(batches) // _MOST_BATCH_POINTS)]
    figure.add_scatter(
        x=[event.position for event in thinned],
        y=[_axis_value(getattr(event, quantity), quantity) for event in thinned],
        name="While training, as it goes",
        mode="lines",
        line={"color": color, "width": 1.2},
        opacity=0.45,
        hovertemplate="%{y:.1f} %<extra></extra>"
        if quantity == "accuracy"
        else "%{y:.3f}<extra></extra>",
    )


def _add_epochs(
    figure: go.Figure,
    epochs: Sequence[EpochEvent],
    split: Literal["train", "validation", "test"],
    quantity: Quantity,
    name: str,
    color: str,
) -> None:
    values = [(event.epoch, getattr(event, f"{split}_{quantity}")) for event in epochs]
    measured = [
        (epoch, _axis_value(value, quantity)) for epoch, value in values if value is not None
    ]
    if not measured:
        return
    figure.add_scatter(
        x=[epoch for epoch, _ in measured],
        y=[value for _, value in measured],
        name=name,
        mode="lines+markers",
        line={
            "color": color,
            "width": 2.6,
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


def _mark_best(figure: go.Figure, best: EpochEvent | None, quantity: Quantity, color: str) -> None:
    if best is None:
        return
    value = best.validation_accuracy if quantity == "accuracy" else best.validation_loss
    figure.add_scatter(
        x=[best.epoch],
        y=[_axis_value(value or 0.0, quantity)],
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
    return 100 * value if quantity == "accuracy" else value


def _tick(epochs: int) -> int:
    return next((step for step in (1, 2, 5, 10, 20) if epochs / step <= 12), 50)
