"""Chosen pictures as a file to take away."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.analysis.image_statistics import Traits
from fmnist_core.dataset import CLASS_NAMES, Split
from fmnist_core.table import csv_file


def as_csv(
    numbers: NDArray[np.int64],
    labels: NDArray[np.uint8],
    predictions: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
) -> bytes:
    """A table of test pictures, one a line, in the order given.

    Args:
        numbers: (m,) of the pictures.
        labels, predictions: (n,) classes.
        probabilities: (n, 10), rows summing to 1.
    """
    names = np.array(CLASS_NAMES)
    shown = probabilities[numbers].astype(np.float64)
    table = pd.DataFrame(
        {
            "split": "test",
            "number": numbers,
            "label": names[labels[numbers]],
            "predicted": names[predictions[numbers]],
            "confidence": shown[np.arange(len(numbers)), predictions[numbers]].round(6),
        }
        | {f"p({name})": shown[:, place].round(6) for place, name in enumerate(CLASS_NAMES)}
    )
    return csv_file(table)


def as_table(
    split: Split, numbers: NDArray[np.int64], labels: NDArray[np.uint8], measured: Traits
) -> bytes:
    """A table of pictures and what was measured on them, one a line, in the order given.

    Args:
        split: whose pictures.
        numbers: (m,) of the pictures.
        labels: (n,) classes of all pictures of the split.
        measured: of all pictures of the split.
    """
    table = pd.DataFrame(
        {
            "split": split,
            "number": numbers,
            "class": labels[numbers],
            "label": np.array(CLASS_NAMES)[labels[numbers]],
            "brightness": measured.brightness[numbers].round(3),
            "ink": measured.ink[numbers],
            "oddness": measured.oddness[numbers].round(3),
        }
    )
    return csv_file(table)
