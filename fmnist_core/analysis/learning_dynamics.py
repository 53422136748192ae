"""Learning dynamics: which images each epoch learned and forgot."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES


class Changes(NamedTuple):
    """Pictures whose verdict changed in an epoch, the clearest change first.

    Attributes:
        learned: (m,) numbers of pictures named rightly now and wrongly before.
        forgotten: (m,) numbers of pictures named wrongly now and rightly before.
    """

    learned: NDArray[np.int64]
    forgotten: NDArray[np.int64]


def changes(
    labels: NDArray[np.uint8],
    before: NDArray[np.uint8] | None,
    after: NDArray[np.uint8],
    predictions_before: NDArray[np.uint8] | None,
    predictions_after: NDArray[np.uint8],
) -> Changes:
    """What an epoch taught and what it undid.

    Args:
        labels: (n,) classes.
        before: (n, 10) probabilities in 255ths before the epoch; ``None`` before the first one,
            when everything counts as wrong.
        after: (n, 10) probabilities in 255ths after it.
        predictions_before: (n,) classes predicted before the epoch, if any.
        predictions_after: (n,) classes predicted after it.

    Returns:
        Pictures whose label gained or lost most probability first, then by number.
    """
    places = np.arange(len(labels))
    right_after = predictions_after == labels
    gain = after[places, labels].astype(np.int64)
    if before is None or predictions_before is None:
        right_before = np.zeros(len(labels), dtype=bool)
    else:
        right_before = predictions_before == labels
        gain -= before[places, labels]
    learned = np.flatnonzero(right_after & ~right_before)
    forgotten = np.flatnonzero(~right_after & right_before)
    return Changes(
        learned[np.argsort(-gain[learned], kind="stable")],
        forgotten[np.argsort(gain[forgotten], kind="stable")],
    )


def forgetting(
    labels: NDArray[np.uint8], predictions_by_epoch: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """How often each picture was right after an epoch and wrong after the next.

    Forgetting events as Toneva et al. (2019) count them, here on test pictures.

    Args:
        labels: (n,) classes.
        predictions_by_epoch: (epochs, n) classes named after each epoch.
    """
    right = predictions_by_epoch == labels
    lost: NDArray[np.int64] = (right[:-1] & ~right[1:]).sum(axis=0)
    return lost


def matrices_by_epoch(
    labels: NDArray[np.uint8], predictions_by_epoch: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """The confusion matrix after each epoch: counts (epochs, 10, 10)."""
    classes = len(CLASS_NAMES)
    epochs = len(predictions_by_epoch)
    place = np.arange(epochs)[:, None] * classes + labels
    cells = place * classes + predictions_by_epoch
    counts: NDArray[np.int64] = np.bincount(cells.ravel(), minlength=epochs * classes**2)
    return counts.reshape(epochs, classes, classes)


class ImageHistory(NamedTuple):
    """What a run made of one picture, epoch by epoch.

    Attributes:
        probabilities: (epochs, 10), of each class after each epoch.
        learned: epochs (from 1) after which it was named rightly and before which it was not.
        forgotten: epochs after which it was named wrongly and before which it was right.
    """

    probabilities: NDArray[np.float64]
    learned: NDArray[np.int64]
    forgotten: NDArray[np.int64]


def image_history(
    label: int, answers: NDArray[np.uint8], probabilities: NDArray[np.uint8]
) -> ImageHistory:
    """When a picture was learned and forgotten; before the first epoch it counts as wrong.

    Args:
        label: of the picture.
        answers: (epochs,) classes named.
        probabilities: (epochs, 10) in 255ths.
    """
    right = np.concatenate([[False], answers == label])
    return ImageHistory(
        probabilities / 255.0,
        np.flatnonzero(right[1:] & ~right[:-1]) + 1,
        np.flatnonzero(~right[1:] & right[:-1]) + 1,
    )
