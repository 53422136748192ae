"""A table of the classes' scores; a click on a row leads to the pictures of the class."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from fmnist_core.dataset import CLASS_COUNT
from fmnist_core.figures.class_scores import class_scores_html
from ui.components.acts import as_int, receive, seen
from ui.components.modules import component

_component = component("class_scores", room="fm-scores-room")


def class_scores_table(scores: pd.DataFrame, key: str, on_open: Callable[[int], object]) -> None:
    """Show the scores; a row is opened by a click, or by keys at its button.

    Args:
        scores: of :func:`fmnist_core.analysis.metrics.class_scores`, in the order of the rows; the
            index is the class.
        key: of the component.
        on_open: called with the class whose row was clicked.
    """
    _component(
        key=key,
        data={"html": class_scores_html(scores), "seen": seen(key)},
        on_opened_change=receive(key, "opened", _class_of, on_open),
    )


def _class_of(value: object) -> int | None:
    class_id = as_int(value)
    return class_id if class_id is not None and 0 <= class_id < CLASS_COUNT else None
