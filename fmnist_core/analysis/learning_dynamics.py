"""Learning dynamics: which images each epoch learned and forgot."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_COUNT


class EpochChanges(NamedTuple):
    """Images whose prediction became correct or wrong in an epoch, the clearest change first.

    Attributes:
        learned: (m,) indices of images predicted correctly after it and wrongly before.
        forgotten: (m,) indices of images predicted wrongly after it and correctly before.
    """

    learned: NDArray[np.int64]
    forgotten: NDArray[np.int64]


def epoch_changes(
    labels: NDArray[np.uint8],
    probabilities_before: NDArray[np.uint8] | None,
    probabilities_after: NDArray[np.uint8],
    predictions_before: NDArray[np.uint8] | None,
    predictions_after: NDArray[np.uint8],
) -> EpochChanges:
    """Which images an epoch learned and which it forgot.

    Args:
        labels: (n,) classes.
        probabilities_before: (n, 10) in 255ths before the epoch; ``None`` before the first one,
            when everything counts as wrong.
        probabilities_after: (n, 10) in 255ths after it.
        predictions_before: (n,) classes predicted before the epoch, if any.
        predictions_after: (n,) classes predicted after it.

    Returns:
        Images whose label gained or lost most probability first, then by index.
    """
    rows = np.arange(len(labels))
    correct_after = predictions_after == labels
    gain = probabilities_after[rows, labels].astype(np.int64)
    if probabilities_before is None or predictions_before is None:
        correct_before = np.zeros(len(labels), dtype=bool)
    else:
        correct_before = predictions_before == labels
        gain -= probabilities_before[rows, labels]
    learned = np.flatnonzero(correct_after & ~correct_before)
    forgotten = np.flatnonzero(~correct_after & correct_before)
    return EpochChanges(
        learned[np.argsort(-gain[learned], kind="stable")],
        forgotten[np.argsort(gain[forgotten], kind="stable")],
    )


def forgetting_events(
    labels: NDArray[np.uint8], predictions_by_epoch: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Forgetting events (n,): how often an image was correct after an epoch and not after the next.

    As Toneva et al. (2019) count them, here on test images.

    Args:
        labels: (n,) classes.
        predictions_by_epoch: (epochs, n) classes predicted after each epoch.
    """
    correct = predictions_by_epoch == labels
    events: NDArray[np.int64] = (correct[:-1] & ~correct[1:]).sum(axis=0)
    return events


def matrices_by_epoch(
    labels: NDArray[np.uint8], predictions_by_epoch: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """The confusion matrix after each epoch: counts (epochs, 10, 10)."""
    classes = CLASS_COUNT
    epochs = len(predictions_by_epoch)
    rows = np.arange(epochs)[:, None] * classes + labels
    cells = rows * classes + predictions_by_epoch
    counts: NDArray[np.int64] = np.bincount(cells.ravel(), minlength=epochs * classes**2)
    return counts.reshape(epochs, classes, classes)


class ImageHistory(NamedTuple):
    """The predictions of a run for one image, epoch by epoch.

    Attributes:
        probabilities: (epochs, 10), of each class after each epoch.
        learned: epochs (from 1) after which the prediction was correct and before which not.
        forgotten: epochs after which the prediction was wrong and before which correct.
    """

    probabilities: NDArray[np.float64]
    learned: NDArray[np.int64]
    forgotten: NDArray[np.int64]


def image_history(
    label: int, predictions: NDArray[np.uint8], probabilities: NDArray[np.uint8]
) -> ImageHistory:
    """When an image was learned and forgotten; before the first epoch it counts as wrong.

    Args:
        label: of the image.
        predictions: (epochs,) predicted classes.
        probabilities: (epochs, 10) in 255ths.
    """
    correct = np.concatenate([[False], predictions == label])
    return ImageHistory(
        probabilities / 255.0,
        np.flatnonzero(correct[1:] & ~correct[:-1]) + 1,
        np.flatnonzero(~correct[1:] & correct[:-1]) + 1,
    )
