"""Labels that may be wrong: networks that never trained on a picture contradict it together.

Confident learning (Northcutt, Jiang and Chuang, 2021): a picture counts as one of class j only if
its probability of j is at least the mean that pictures labelled j have. Where that class is not
the label, the label is suspicious.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES

AGREEMENT = 0.75
WITHIN = 0.05
_CLASSES = len(CLASS_NAMES)


def eligible_voters(accuracies: Mapping[str, float], least: float | None = None) -> list[str]:
    """Who may judge labels: those at most 5 points less accurate than the best, best first.

    Args:
        accuracies: 0 to 1, of each network.
        least: compare with this accuracy instead of the best one.
    """
    bar = max(accuracies.values(), default=0.0) if least is None else least
    able = [name for name, reached in accuracies.items() if reached >= bar - WITHIN]
    return sorted(able, key=lambda name: -accuracies[name])


class Votes(NamedTuple):
    """What networks say together of pictures that none of them trained on.

    Attributes:
        models: (n,) how many networks judged each picture.
        probabilities: (n, 10), their mean; 0 where nobody judged.
        votes: (n, 10) how many of them name each class.
    """

    models: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    votes: NDArray[np.int64]

    @property
    def voted(self) -> int:
        """How many pictures at least one network judged."""
        return int((self.models > 0).sum())


def pool(count: int, answers: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]) -> Votes:
    """Put the answers of networks together.

    Args:
        count: pictures in the split.
        answers: of each network the numbers (m,) of pictures that it did not train on, without
            repeats, and its probabilities (m, 10) for them.
    """
    models = np.zeros(count, np.int64)
    sums = np.zeros((count, _CLASSES))
    votes = np.zeros((count, _CLASSES), np.int64)
    for numbers, probabilities in answers:
        models[numbers] += 1
        sums[numbers] += probabilities
        votes[numbers, probabilities.argmax(axis=1)] += 1
    return Votes(models, sums / np.maximum(models, 1)[:, None], votes)


class LabelErrors(NamedTuple):
    """Pictures whose label is contradicted, the clearest first.

    Attributes:
        numbers: (m,) of the pictures.
        suggested: (m,) what the networks say instead.
        agreeing: (m,) how many of them say so.
    """

    numbers: NDArray[np.int64]
    suggested: NDArray[np.int64]
    agreeing: NDArray[np.int64]


def suspects(labels: NDArray[np.uint8], found: Votes, agreement: float = AGREEMENT) -> LabelErrors:
    """The pictures that confident learning counts under another class than their label.

    Ranked by the normalised margin, the label's probability minus the suggested one's.

    Args:
        labels: (n,) classes.
        found: what the networks say.
        agreement: the share of them that must name the suggested class themselves.
    """
    known = np.flatnonzero(found.models)
    shown, given = found.probabilities[known], labels[known].astype(np.int64)
    places = np.arange(len(known))
    own = shown[places, given]
    counts = np.bincount(given, minlength=_CLASSES)
    sums = np.bincount(given, weights=own, minlength=_CLASSES)
    # A class without a picture has no threshold, so nothing is counted under it.
    thresholds = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    counted = np.where(shown >= thresholds, shown, -1.0)
    suggested = counted.argmax(axis=1)
    agreeing = found.votes[known, suggested]
    wrong = (counted[places, suggested] >= 0) & (suggested != given)
    wrong &= agreeing >= agreement * found.models[known]
    chosen = np.flatnonzero(wrong)
    margins = own[chosen] - shown[chosen, suggested[chosen]]
    chosen = chosen[np.argsort(margins, kind="stable")]
    return LabelErrors(known[chosen], suggested[chosen], agreeing[chosen])
