"""Precision, recall and F1 of each class, as a table in HTML that fits every width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fmnist_core.analysis.metrics import NO_SHARE, Interval, percent_text
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.text import for_html

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = {"Precision": "precision", "Recall": "recall", "F1": "f1"}
_LABEL = "Precision, recall and F1 of each class, the weakest first"


def class_scores_html(scores: pd.DataFrame) -> str:
    """The scores as a table whose rows are headed by a button each.

    Args:
        scores: of :func:`fmnist_core.analysis.metrics.class_scores`, in the order of the rows; the
            index is the class.

    Returns:
        A ``table`` without colours of its own: its classes begin with ``fm-scores``, its bars are
        as long as their share of the cell.
    """
    heads = "".join(f'<th scope="col">{title}</th>' for title in ("Class", *_COLUMNS))
    rows = "".join(_row(int(class_id), row) for class_id, row in scores.iterrows())
    return (
        f'<table class="fm-scores" aria-label="{_LABEL}"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(class_id: int, row: pd.Series) -> str:
    cells = "".join(
        _cell(Interval(row[name], row[f"{name}_low"], row[f"{name}_high"]))
        for name in _COLUMNS.values()
    )
    name = for_html(CLASS_NAMES[class_id])
    return (
        f'<tr data-class="{class_id}"><th scope="row"><button type="button">{name}</button></th>'
        f"{cells}</tr>"
    )


def _cell(share: Interval) -> str:
    value = percent_text(share.value)
    if value == NO_SHARE:
        return f"<td>{NO_SHARE}</td>"
    low, high = 100 * share.low, 100 * share.high
    return (
        f"<td><b>{value}</b> <small>{percent_text(share.low)}–{percent_text(share.high)}</small>"
        f'<i aria-hidden="true"><i style="width:{100 * share.value:.2f}%"></i>'
        f'<i style="left:{low:.2f}%;width:{high - low:.2f}%"></i></i></td>'
    )
