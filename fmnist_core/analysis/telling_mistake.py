"""The telling mistake of a run: a confident one, of its most frequent confusion."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from fmnist_core.analysis.metrics import most_confused
from fmnist_core.dataset import CLASS_COUNT

# From this confidence on a mistake surprises.
_CONFIDENT = 0.8


class TellingMistake(NamedTuple):
    """A mistake that shows what a network confuses most.

    Attributes:
        image_index: of the test image.
        truth: its label.
        predicted: the class that the network takes it for.
        confidence: the probability of that class, 0 to 1.
        confused: how many images with that label the network takes for that class.
        suspicious: whether the label is a suspicious one, so that the network may be right.
    """

    image_index: int
    truth: int
    predicted: int
    confidence: float
    confused: int
    suspicious: bool


def telling_mistake(
    labels: ArrayLike,
    predictions: ArrayLike,
    confidences: ArrayLike,
    suspicious: ArrayLike,
) -> TellingMistake | None:
    """Pick a mistake to show: the most confident one of the most frequent confusion.

    Images whose label is suspicious are passed over, as long as the network is wrong about another
    one with a confidence of at least 0.8. A network alone contradicts nearly every label that it
    is confidently wrong about: then the most confident mistake is picked although it is suspicious.

    Args:
        labels: (n,) classes.
        predictions: (n,) predicted classes, of the epoch that the run kept.
        confidences: (n,) probabilities of the predicted classes, 0 to 1.
        suspicious: indices of images whose label networks contradict, as in ``LabelErrors``.

    Returns:
        The mistake; of equals the one with the lowest classes and index. ``None`` where every
        prediction is correct.
    """
    truths, classes = np.asarray(labels, np.int64), np.asarray(predictions, np.int64)
    # Counted here: the first page does not wait for scikit-learn to load.
    counts = np.bincount(CLASS_COUNT * truths + classes, minlength=CLASS_COUNT**2)
    confusions = most_confused(counts.reshape(CLASS_COUNT, CLASS_COUNT), 1)
    if confusions.empty:
        return None
    truth, predicted = (int(confusions[name][0]) for name in ("truth", "predicted"))
    confused = np.flatnonzero((truths == truth) & (classes == predicted))
    confidence = np.asarray(confidences, np.float64)[confused]
    is_suspicious = np.isin(confused, np.asarray(suspicious, np.int64))
    candidates = np.flatnonzero(~is_suspicious & (confidence >= _CONFIDENT))
    if not len(candidates):
        candidates = np.arange(len(confused))
    chosen = candidates[confidence[candidates].argmax()]
    return TellingMistake(
        int(confused[chosen]),
        truth,
        predicted,
        float(confidence[chosen]),
        len(confused),
        bool(is_suspicious[chosen]),
    )


def most_confident_mistake(
    labels: ArrayLike, predictions: ArrayLike, confidences: ArrayLike, truth: int, predicted: int
) -> int:
    """The index of the image of a confusion that the network is most confident about.

    Args:
        labels: (n,) classes.
        predictions: (n,) predicted classes.
        confidences: (n,) of the predictions, in any unit.
        truth: the class of the images.
        predicted: the class that they are taken for; at least one is.
    """
    confused = np.flatnonzero(np.equal(labels, truth) & np.equal(predictions, predicted))
    return int(confused[np.asarray(confidences)[confused].argmax()])
