"""Label errors: labels that networks contradict which never trained on the image.

Confident learning (Northcutt, Jiang and Chuang, 2021): an image counts as one of class j only if
its probability of j is at least the mean that images labelled j have. Where that class is not
the label, the label is suspicious.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_COUNT

# The share of voters that must predict the suggested class.
AGREEMENT = 0.75
ACCURACY_TOLERANCE = 0.05


def eligible_voters(accuracies: Mapping[str, float], reference: float | None = None) -> list[str]:
    """The networks that vote on labels: at most 5 points less accurate than the best, best first.

    Args:
        accuracies: 0 to 1, of each network.
        reference: compare with this accuracy instead of the best one.
    """
    best = max(accuracies.values(), default=0.0) if reference is None else reference
    eligible = [
        name for name, accuracy in accuracies.items() if accuracy >= best - ACCURACY_TOLERANCE
    ]
    return sorted(eligible, key=lambda name: -accuracies[name])


class Votes(NamedTuple):
    """Pooled predictions of networks for images that they did not train on.

    Attributes:
        models: (n,) how many networks voted on each image.
        probabilities: (n, 10), their mean; 0 where none voted.
        votes: (n, 10) how many of them predict each class.
    """

    models: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    votes: NDArray[np.int64]

    @property
    def voted(self) -> int:
        """How many images at least one network voted on."""
        return int((self.models > 0).sum())


def pool_votes(
    count: int, predictions: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]
) -> Votes:
    """Pool the predictions of networks into votes.

    Args:
        count: images in the split.
        predictions: of each network the indices (m,) of images that it did not train on, without
            repeats, and its probabilities (m, 10) for them.
    """
    models = np.zeros(count, np.int64)
    sums = np.zeros((count, CLASS_COUNT))
    votes = np.zeros((count, CLASS_COUNT), np.int64)
    for indices, probabilities in predictions:
        models[indices] += 1
        sums[indices] += probabilities
        votes[indices, probabilities.argmax(axis=1)] += 1
    return Votes(models, sums / np.maximum(models, 1)[:, None], votes)


class LabelErrors(NamedTuple):
    """Images whose label is contradicted, the clearest first.

    Attributes:
        indices: (m,) of the images.
        suggested: (m,) classes that the networks predict instead.
        agreeing: (m,) how many of them predict it.
    """

    indices: NDArray[np.int64]
    suggested: NDArray[np.int64]
    agreeing: NDArray[np.int64]


def find_label_errors(
    labels: NDArray[np.uint8], votes: Votes, agreement: float = AGREEMENT
) -> LabelErrors:
    """Find label errors: images that confident learning counts under another class.

    Ranked by the normalised margin, the label's probability minus the suggested one's.

    Args:
        labels: (n,) classes.
        votes: of the networks, from ``pool_votes``.
        agreement: the share of them that must predict the suggested class themselves.
    """
    voted = np.flatnonzero(votes.models)
    probabilities, voted_labels = votes.probabilities[voted], labels[voted].astype(np.int64)
    rows = np.arange(len(voted))
    label_probabilities = probabilities[rows, voted_labels]
    counts = np.bincount(voted_labels, minlength=CLASS_COUNT)
    sums = np.bincount(voted_labels, weights=label_probabilities, minlength=CLASS_COUNT)
    # A class without an image has no threshold, so nothing is counted under it.
    thresholds = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    above_threshold = np.where(probabilities >= thresholds, probabilities, -1.0)
    suggested = above_threshold.argmax(axis=1)
    agreeing = votes.votes[voted, suggested]
    suspicious = (above_threshold[rows, suggested] >= 0) & (suggested != voted_labels)
    suspicious &= agreeing >= agreement * votes.models[voted]
    chosen = np.flatnonzero(suspicious)
    margins = label_probabilities[chosen] - probabilities[chosen, suggested[chosen]]
    chosen = chosen[np.argsort(margins, kind="stable")]
    return LabelErrors(voted[chosen], suggested[chosen], agreeing[chosen])
