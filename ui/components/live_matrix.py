"""The confusion matrix of the live view: a table whose cells breathe with what an epoch changed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.colors import INKS, SEQUENTIAL
from fmnist_core.dataset import CLASS_NAMES, CLASS_NOUNS


def matrix_data(
    counts: NDArray[np.int64] | None,
    before: NDArray[np.int64] | None,
    label: str,
    notice: str = "",
) -> dict[str, Any]:
    """What the component draws the matrix from.

    Args:
        counts: (10, 10), rows are labels; ``None`` before the first epoch.
        before: those of the epoch before; ``None`` of the first.
        label: what a screen reader says the table is.
        notice: what stands below a matrix without counts.
    """
    return {
        "counts": None if counts is None else counts.ravel().tolist(),
        "before": None if before is None else before.ravel().tolist(),
        "label": label,
        "notice": notice,
        "names": list(CLASS_NAMES),
        "nouns": [noun.many for noun in CLASS_NOUNS],
        "colors": SEQUENTIAL,
        "inks": list(INKS),
    }
