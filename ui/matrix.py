"""The confusion matrix as a table of buttons, with its epochs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.theme import SEQUENTIAL

Scale = Literal["counts", "truth", "predicted"]
_ASSETS = Path(__file__).resolve().parent / "assets"
_component = st.components.v2.component(
    "atelier_matrix", js=(_ASSETS / "matrix.js").read_text(), isolate_styles=False
)


def matrix_table(
    matrices: NDArray[np.int64],
    key: str,
    scale: Scale,
    order: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    epoch: int,
    asked: int,
    on_pick: Callable[[int | None, int | None, bool], None],
    on_epoch: Callable[[int], None],
) -> None:
    """Show the matrix after an epoch; the browser itself redraws it for every other one.

    Args:
        matrices: counts (epochs, 10, 10), at least one; rows are labels.
        key: of the component.
        scale: what stands in the cells and carries the colour.
        order: (10,) of the rows and columns, class numbers.
        chosen: (10, 10), the cells to frame.
        epoch: shown first, from 1.
        asked: the epoch that was asked for, where it is not the one that can be shown.
        on_pick: told the row and column clicked (``None`` for all of them), and whether it is to
            be added to what is chosen.
        on_epoch: told the epoch that the visitor moved to.
    """

    def picked() -> None:
        asked = st.session_state[key]["picked"]
        on_pick(asked["truth"], asked["predicted"], asked["add"])

    _component(
        key=key,
        data={
            "names": list(CLASS_NAMES),
            "order": order.tolist(),
            "matrices": matrices.reshape(len(matrices), -1).tolist(),
            "scale": scale,
            "chosen": chosen.ravel().tolist(),
            "epoch": epoch,
            "asked": asked,
            "colors": SEQUENTIAL,
        },
        on_picked_change=picked,
        on_epoch_change=lambda: on_epoch(st.session_state[key]["epoch"]),
    )
