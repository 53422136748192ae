"""The confusion matrix as a table of buttons, with a slider of its epochs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.filters import Selection
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.theme import SEQUENTIAL
from ui.components.acts import number, receive, script_of, seen

Scale = Literal["counts", "truth", "predicted"]
_component = st.components.v2.component(
    "atelier_confusion_matrix", js=script_of("confusion_matrix.js"), isolate_styles=False
)


def matrix_table(
    matrices: NDArray[np.int64],
    key: str,
    scale: Scale,
    order: NDArray[np.int64],
    selection: Selection,
    epoch: int,
    on_pick: Callable[[Selection], None],
    on_epoch: Callable[[int], None],
) -> None:
    """Show the matrix after an epoch; the browser itself redraws it for every other one.

    Args:
        matrices: counts (epochs, 10, 10), at least one; rows are labels.
        key: of the component.
        scale: what stands in the cells and carries the colour.
        order: (10,) of the rows and columns, class numbers.
        selection: the cells to frame.
        epoch: shown first, from 1.
        on_pick: told what is selected after a click.
        on_epoch: told the epoch that the visitor moved to.
    """
    _component(
        key=key,
        data={
            "names": list(CLASS_NAMES),
            "order": order.tolist(),
            "matrices": matrices.reshape(len(matrices), -1).tolist(),
            "scale": scale,
            "selection": selection._asdict(),
            "epoch": epoch,
            "colors": SEQUENTIAL,
            "seen": seen(key),
        },
        on_picked_change=receive(key, "picked", _selection, on_pick),
        on_epoch_change=receive(key, "epoch", number, on_epoch),
    )


def _selection(told: object) -> Selection | None:
    """What the component says is selected."""
    try:
        truth, predicted, cells = (told[name] for name in Selection._fields)  # type: ignore[index]
        pairs = tuple(sorted((row, column) for row, column in cells))
    except (TypeError, KeyError, ValueError):
        return None
    classes = range(len(CLASS_NAMES))
    named = [each for each in (truth, predicted) if each is not None]
    if any(number(each) not in classes for each in (*named, *chain.from_iterable(pairs))):
        return None
    return Selection(truth, predicted, pairs)
