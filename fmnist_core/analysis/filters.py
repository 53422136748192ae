"""Filters and sort orders of test images: confusion-matrix cell, correctness, confidence."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_COUNT

Cell = tuple[int, int]
Correctness = Literal["wrong", "right", "both"]
Order = Literal["confidence", "margin", "loss", "forgotten", "similar", "number"]
CORRECTNESS: tuple[Correctness, ...] = get_args(Correctness)
ORDERS: tuple[Order, ...] = get_args(Order)


class Selection(NamedTuple):
    """A part of the confusion matrix: a cell, a row, a column, some cells, or all of it.

    Attributes:
        truth: only images of this class; ``None`` takes all.
        predicted: only images predicted as this class; ``None`` takes all.
        cells: several cells (truth, predicted); where there are any, they alone count.
    """

    truth: int | None = None
    predicted: int | None = None
    cells: tuple[Cell, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cells) or self.truth is not None or self.predicted is not None

    def covers(self) -> NDArray[np.bool_]:
        """The cells (10, 10) that are chosen; without a choice, all."""
        mask = np.zeros((CLASS_COUNT, CLASS_COUNT), dtype=bool)
        if self.cells:
            mask[tuple(np.transpose(self.cells))] = True
            return mask
        all_classes = slice(None)
        mask[
            all_classes if self.truth is None else self.truth,
            all_classes if self.predicted is None else self.predicted,
        ] = True
        return mask


class ImageFilter(NamedTuple):
    """Which test images to keep.

    Attributes:
        selection: their cells of the confusion matrix.
        correctness: only misclassified images, only correct ones, or both.
        low, high: the confidence of the prediction in percent, 0 to 100, ends included.
    """

    selection: Selection = Selection()
    correctness: Correctness = "wrong"
    low: int = 0
    high: int = 100


def filter_images(
    labels: NDArray[np.uint8],
    predictions: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
    criteria: ImageFilter,
) -> NDArray[np.int64]:
    """The indices (m,) of the images that pass a filter, ascending.

    Args:
        labels: (n,) classes.
        predictions: (n,) predicted classes; where two probabilities tie, they decide.
        probabilities: (n, 10), rows summing to 1.
        criteria: the filter.
    """
    mask = criteria.selection.covers()[labels, predictions]
    if criteria.correctness != "both":
        mask &= (predictions == labels) == (criteria.correctness == "right")
    if (criteria.low, criteria.high) != (0, 100):
        confidence = 100 * probabilities.max(axis=1)
        mask &= (confidence >= criteria.low) & (confidence <= criteria.high)
    return np.flatnonzero(mask)


def sort_images(
    indices: NDArray[np.int64],
    labels: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
    order: Order,
    forgotten: NDArray[np.int64] | None = None,
    distances: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Sort the indices of test images, the most telling first; equal ones by index.

    Args:
        indices: (m,) of the images, ascending.
        labels: (n,) classes.
        probabilities: (n, 10), rows summing to 1.
        order: by the prediction's confidence; by its margin, see ``margins``; by the loss, −ln of
            the label's probability; by how often an image was forgotten; by similarity to one
            image; or by index.
        forgotten: (n,) forgetting events, for that order.
        distances: (n,) from the image that the others shall be similar to, for that order.
    """
    if order == "number" or not len(indices):
        return indices
    selected = probabilities[indices].astype(np.float64)
    if order == "confidence":
        keys = selected.max(axis=1)
    elif order == "margin":
        keys = margins(labels[indices], selected)
    elif order == "loss":
        keys = -selected[np.arange(len(indices)), labels[indices]]
    elif order == "similar":
        keys = np.zeros(len(indices)) if distances is None else -distances[indices]
    else:
        keys = np.zeros(len(indices)) if forgotten is None else forgotten[indices]
    return indices[np.argsort(-keys, kind="stable")]


def margins(labels: NDArray[np.uint8], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Margins (n,) of the predictions: over the label, or where correct over the second class."""
    ranked = np.sort(probabilities, axis=1)
    label_probabilities = probabilities[np.arange(len(labels)), labels]
    correct = probabilities.argmax(axis=1) == labels
    lead: NDArray[np.float64] = ranked[:, -1] - np.where(
        correct, ranked[:, -2], label_probabilities
    )
    return lead
