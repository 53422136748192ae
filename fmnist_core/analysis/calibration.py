"""Calibration: expected calibration error, reliability, risk and coverage."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.analysis.metrics import wilson_interval

BINS = 10


def reliability(confidences: NDArray[np.float32], right: NDArray[np.bool_]) -> pd.DataFrame:
    """Confidence against accuracy in ten bins of equal width.

    Args:
        confidences: (n,) of the answers, 0 to 1.
        right: (n,) whether the answer was right.

    Returns:
        A row a bin: ``low`` and ``high`` (its ends; the lower one belongs to the bin before, as
        Guo et al. (2017) draw them, but 0 to the first), ``pictures``, ``confidence`` (mean),
        ``accuracy``, and ``accuracy_low`` and ``accuracy_high``, its 95 % Wilson interval. A bin
        without a picture has the count 0 and no figures.
    """
    edges = np.linspace(0, 1, BINS + 1)
    confidence = confidences.astype(np.float64)
    places = np.clip(np.digitize(confidence, edges[1:-1], right=True), 0, BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    filled = counts > 0
    divisor = np.where(filled, counts, 1)
    hits = np.bincount(places, weights=right, minlength=BINS)
    sums = np.bincount(places, weights=confidence, minlength=BINS)
    intervals = [
        wilson_interval(int(hit), int(count)) for hit, count in zip(hits, counts, strict=True)
    ]
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "pictures": counts,
            "confidence": np.where(filled, sums / divisor, np.nan),
            "accuracy": np.where(filled, hits / divisor, np.nan),
            "accuracy_low": np.where(filled, [part.low for part in intervals], np.nan),
            "accuracy_high": np.where(filled, [part.high for part in intervals], np.nan),
        }
    )


def expected_calibration_error(table: pd.DataFrame) -> float:
    """The mean gap between confidence and accuracy over all pictures (Naeini et al., 2015).

    Args:
        table: from ``reliability``; without a picture the error is 0.
    """
    total = table["pictures"].sum()
    gaps = (table["confidence"] - table["accuracy"]).abs() * table["pictures"]
    return float(gaps.sum() / total) if total else 0.0


class Coverage(NamedTuple):
    """What happens when only answers at least so sure are given.

    Attributes:
        thresholds: (m,) confidences, the highest first.
        coverages: (m,) shares of all pictures that get an answer.
        accuracies: (m,) shares of those answers that are right.
    """

    thresholds: NDArray[np.float64]
    coverages: NDArray[np.float64]
    accuracies: NDArray[np.float64]


def coverage_curve(confidences: NDArray[np.float32], right: NDArray[np.bool_]) -> Coverage:
    """Accuracy against coverage (El-Yaniv and Wiener, 2010), one point a distinct confidence."""
    order = np.argsort(-confidences, kind="stable")
    ranked = confidences[order].astype(np.float64)
    last = np.flatnonzero(np.diff(ranked, append=-1.0) != 0)
    given = last + 1
    return Coverage(
        ranked[last],
        given / max(1, len(ranked)),
        np.cumsum(right[order])[last] / given,
    )


class Answered(NamedTuple):
    """How many pictures are answered at a threshold, and how many of these rightly."""

    given: int
    right: int


def answered(
    confidences: NDArray[np.float32], right: NDArray[np.bool_], threshold: float
) -> Answered:
    """Count the answers whose confidence reaches the threshold."""
    given = confidences >= np.float32(threshold)
    return Answered(int(given.sum()), int((given & right).sum()))
