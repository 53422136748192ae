"""The confusion matrix as a table of buttons, with a slider of its epochs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.filters import Selection
from fmnist_core.colors import INKS, SEQUENTIAL
from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES, CLASS_NOUNS
from ui.components.acts import as_int, receive, seen
from ui.components.modules import component

Scale = Literal["counts", "truth", "predicted"]
_component = component("confusion_matrix")


def matrix_table(  # noqa: PLR0913
    matrices: NDArray[np.int64],
    key: str,
    scale: Scale,
    order: NDArray[np.int64],
    selection: Selection,
    epoch: int,
    on_pick: Callable[[Selection], None],
    on_epoch: Callable[[int], None],
    leads_to: str = "",
) -> None:
    """Show the confusion matrix after an epoch; the browser itself redraws it for every other one.

    Args:
        matrices: counts (epochs, 10, 10), at least one; rows are labels.
        key: of the component.
        scale: what stands in the cells and carries the colour.
        order: (10,) the class of each row and column.
        selection: the cells to frame.
        epoch: shown first, from 1.
        on_pick: called with the selection after a click.
        on_epoch: called with the epoch that the visitor moved to.
        leads_to: the key of the container that a click scrolls to where that stands below.
    """
    _component(
        key=key,
        data={
            "names": list(CLASS_NAMES),
            "nouns": [[noun.one, noun.many] for noun in CLASS_NOUNS],
            "leadsTo": leads_to,
            "order": order.tolist(),
            "matrices": matrices.reshape(len(matrices), -1).tolist(),
            "scale": scale,
            "selection": selection._asdict(),
            "epoch": epoch,
            "colors": SEQUENTIAL,
            "inks": list(INKS),
            "seen": seen(key),
        },
        on_picked_change=receive(key, "picked", _selection, on_pick),
        on_epoch_change=receive(key, "epoch", as_int, on_epoch),
    )


def _selection(state: object) -> Selection | None:
    """The selected cells, from the component; ``None`` for what it would never send."""
    try:
        truth, predicted, cells = (state[name] for name in Selection._fields)  # type: ignore[index]
        pairs = tuple(sorted((row, column) for row, column in cells))
    except (TypeError, KeyError, ValueError):
        return None
    classes = range(CLASS_COUNT)
    line_ids = [class_id for class_id in (truth, predicted) if class_id is not None]
    if any(
        as_int(class_id) not in classes for class_id in (*line_ids, *chain.from_iterable(pairs))
    ):
        return None
    return Selection(truth, predicted, pairs)
