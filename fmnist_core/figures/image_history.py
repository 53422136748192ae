"""Predicted probabilities of one image over the epochs."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from fmnist_core.analysis.learning_dynamics import ImageHistory
from fmnist_core.colors import CLASS_COLORS, MARKER_OUTLINE
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.theme import empty_figure

# A class that never got a tenth is a line along the floor: it hides what matters.
_WORTH_A_LINE = 0.1
_MARKS = (("Learned", "triangle-up"), ("Forgotten", "triangle-down"))


def probability_history(history: ImageHistory, label: int, epoch: int | None = None) -> go.Figure:
    """Predicted probabilities of an image over the epochs, the label's with a stronger line.

    Args:
        history: from ``fmnist_core.analysis.learning_dynamics.image_history``.
        label: of the image; its curve carries marks where it was learned and forgotten.
        epoch: to point at, from 1.
    """
    epochs = len(history.probabilities)
    if not epochs:
        return empty_figure("This run kept no answers of its epochs.")
    x = np.arange(1, epochs + 1)
    figure = go.Figure()
    for class_id, name in enumerate(CLASS_NAMES):
        values = 100 * history.probabilities[:, class_id]
        if class_id != label and values.max() < 100 * _WORTH_A_LINE:
            continue
        figure.add_scatter(
            x=x,
            y=values,
            name=f"{name} (label)" if class_id == label else name,
            mode="lines+markers",
            line={"color": CLASS_COLORS[class_id], "width": 3.5 if class_id == label else 1.5},
            marker={"size": 7 if class_id == label else 4},
            hovertemplate=f"{name}: %{{y:.0f}} %<extra></extra>",
        )
    for (mark, symbol), changed_epochs in zip(
        _MARKS, (history.learned, history.forgotten), strict=True
    ):
        if len(changed_epochs):
            figure.add_scatter(
                x=changed_epochs,
                y=100 * history.probabilities[changed_epochs - 1, label],
                name=mark,
                mode="markers",
                marker={
                    "symbol": symbol,
                    "size": 15,
                    "color": CLASS_COLORS[label],
                    "line": {"width": 1.5, "color": MARKER_OUTLINE},
                },
                hovertemplate=f"{mark} in epoch %{{x}}<extra></extra>",
            )
    if epoch is not None and epochs > 1:
        figure.add_vline(x=epoch, line={"dash": "dot", "width": 1.5})
    figure.update_yaxes(range=[-4, 104], ticksuffix=" %")
    figure.update_xaxes(title="Epoch", dtick=max(1, -(-epochs // 10)), range=[0.6, epochs + 0.4])
    figure.update_layout(uirevision="biography", dragmode=False, hovermode="x unified")
    return figure
