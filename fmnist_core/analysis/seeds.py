"""Seed variance: which mistakes of a run its seed replicates make as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class SeedAgreement(NamedTuple):
    """How many seed replicates misclassify each image.

    Attributes:
        runs: how many runs are compared, the run itself included.
        misclassified: (n,) how many of them misclassify the image.
        agreeing: (n,) how many of them predict the same class as the run.
    """

    runs: int
    misclassified: NDArray[np.int64]
    agreeing: NDArray[np.int64]


def seed_agreement(
    labels: NDArray[np.uint8],
    predictions: NDArray[np.uint8],
    replicates: Sequence[NDArray[np.uint8]],
) -> SeedAgreement:
    """Agreement of a run's predictions with those of its seed replicates.

    Args:
        labels: (n,) classes.
        predictions: (n,) classes that the run predicts.
        replicates: likewise for each of its seed replicates.
    """
    all_predictions = np.stack([predictions, *replicates])
    return SeedAgreement(
        len(all_predictions),
        (all_predictions != labels).sum(axis=0),
        (all_predictions == predictions).sum(axis=0),
    )


def shared_mistakes(
    labels: NDArray[np.uint8], predictions: NDArray[np.uint8], agreement: SeedAgreement
) -> NDArray[np.int64]:
    """How many mistakes (runs,) of this run are made by 1, 2, … runs; the first are its own."""
    mistakes = agreement.misclassified[predictions != labels]
    counts: NDArray[np.int64] = np.bincount(mistakes, minlength=agreement.runs + 1)[1:]
    return counts
