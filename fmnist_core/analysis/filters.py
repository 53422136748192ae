"""Filters and sort orders of test images: cell of the matrix, right or wrong, confidence."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES

Cell = tuple[int, int]
Answers = Literal["wrong", "right", "both"]
Order = Literal["confidence", "margin", "loss", "forgotten", "similar", "number"]
ANSWERS: tuple[Answers, ...] = get_args(Answers)
ORDERS: tuple[Order, ...] = get_args(Order)
_CLASSES = len(CLASS_NAMES)


class Selection(NamedTuple):
    """A part of the confusion matrix: a cell, a row, a column, some cells, or all of it.

    Attributes:
        truth: only pictures of this class; ``None`` takes all.
        predicted: only pictures called this class; ``None`` takes all.
        cells: several cells (truth, predicted); where there are any, they alone count.
    """

    truth: int | None = None
    predicted: int | None = None
    cells: tuple[Cell, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cells) or self.truth is not None or self.predicted is not None

    def covers(self) -> NDArray[np.bool_]:
        """The cells (10, 10) that are chosen; without a choice, all."""
        chosen = np.zeros((_CLASSES, _CLASSES), dtype=bool)
        if self.cells:
            chosen[tuple(np.transpose(self.cells))] = True
            return chosen
        every = slice(None)
        chosen[
            every if self.truth is None else self.truth,
            every if self.predicted is None else self.predicted,
        ] = True
        return chosen


class ImageFilter(NamedTuple):
    """Which pictures are looked at.

    Attributes:
        selection: their place in the confusion matrix.
        answers: only wrong or right answers, or both.
        low, high: the confidence of the answer in percent, 0 to 100, ends included.
    """

    selection: Selection = Selection()
    answers: Answers = "wrong"
    low: int = 0
    high: int = 100


def image_filter(
    labels: NDArray[np.uint8],
    predictions: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
    wanted: ImageFilter,
) -> NDArray[np.int64]:
    """The numbers (m,) of the pictures that pass, ascending.

    Args:
        labels: (n,) classes.
        predictions: (n,) classes named; where two probabilities tie, they alone know which.
        probabilities: (n, 10), rows summing to 1.
        wanted: what passes.
    """
    passes = wanted.selection.covers()[labels, predictions]
    if wanted.answers != "both":
        passes &= (predictions == labels) == (wanted.answers == "right")
    if (wanted.low, wanted.high) != (0, 100):
        confidence = 100 * probabilities.max(axis=1)
        passes &= (confidence >= wanted.low) & (confidence <= wanted.high)
    return np.flatnonzero(passes)


def arrange(
    numbers: NDArray[np.int64],
    labels: NDArray[np.uint8],
    probabilities: NDArray[np.float32],
    order: Order,
    forgotten: NDArray[np.int64] | None = None,
    distances: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """The same pictures, the most telling first; equal ones stand by number.

    Args:
        numbers: (m,) of the pictures, ascending.
        labels: (n,) classes.
        probabilities: (n, 10), rows summing to 1.
        order: by the answer's confidence; by its lead over the label's probability, or over the
            second answer where it is right; by the loss, −ln of the label's probability; by how
            often a picture was forgotten; by similarity to a picture; or by number.
        forgotten: (n,) times, for that order.
        distances: (n,) from the picture that the others shall be similar to, for that order.
    """
    if order == "number" or not len(numbers):
        return numbers
    shown = probabilities[numbers].astype(np.float64)
    if order == "confidence":
        keys = shown.max(axis=1)
    elif order == "margin":
        keys = margins(labels[numbers], shown)
    elif order == "loss":
        keys = -shown[np.arange(len(numbers)), labels[numbers]]
    elif order == "similar":
        keys = np.zeros(len(numbers)) if distances is None else -distances[numbers]
    else:
        keys = np.zeros(len(numbers)) if forgotten is None else forgotten[numbers]
    return numbers[np.argsort(-keys, kind="stable")]


def margins(labels: NDArray[np.uint8], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how much (n,) each answer leads: over the label, where it is right over the second."""
    ranked = np.sort(probabilities, axis=1)
    label = probabilities[np.arange(len(labels)), labels]
    right = probabilities.argmax(axis=1) == labels
    lead: NDArray[np.float64] = ranked[:, -1] - np.where(right, ranked[:, -2], label)
    return lead
