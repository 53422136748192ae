"""Calibration: expected calibration error, reliability, risk and coverage."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fmnist_core.analysis.metrics import wilson_interval

BINS = 10


def reliability(confidences: NDArray[np.float32], correct: NDArray[np.bool_]) -> pd.DataFrame:
    """Reliability of predictions: confidence against accuracy in ten bins of equal width.

    Args:
        confidences: (n,) probability of each predicted class, 0 to 1.
        correct: (n,) whether the prediction was correct.

    Returns:
        A row a bin: ``low`` and ``high`` (its ends; the lower one belongs to the bin before, as
        Guo et al. (2017) draw them, but 0 to the first), ``images``, ``confidence`` (mean),
        ``accuracy``, and ``accuracy_low`` and ``accuracy_high``, its 95 % Wilson interval. A bin
        without an image has the count 0 and NaN for the rest.
    """
    edges = np.linspace(0, 1, BINS + 1)
    confidence = confidences.astype(np.float64)
    bin_indices = np.clip(np.digitize(confidence, edges[1:-1], right=True), 0, BINS - 1)
    counts = np.bincount(bin_indices, minlength=BINS)
    filled = counts > 0
    divisor = np.where(filled, counts, 1)
    correct_counts = np.bincount(bin_indices, weights=correct, minlength=BINS)
    sums = np.bincount(bin_indices, weights=confidence, minlength=BINS)
    intervals = [
        wilson_interval(int(correct_count), int(count))
        for correct_count, count in zip(correct_counts, counts, strict=True)
    ]
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "images": counts,
            "confidence": np.where(filled, sums / divisor, np.nan),
            "accuracy": np.where(filled, correct_counts / divisor, np.nan),
            "accuracy_low": np.where(filled, [interval.low for interval in intervals], np.nan),
            "accuracy_high": np.where(filled, [interval.high for interval in intervals], np.nan),
        }
    )


def expected_calibration_error(table: pd.DataFrame) -> float:
    """Expected calibration error (Naeini et al., 2015): mean of |confidence - accuracy|, by images.

    Args:
        table: from ``reliability``; without an image the error is 0.
    """
    total = table["images"].sum()
    gaps = (table["confidence"] - table["accuracy"]).abs() * table["images"]
    return float(gaps.sum() / total) if total else 0.0


class Coverage(NamedTuple):
    """The risk-coverage curve: what happens when only predictions above a threshold are kept.

    Attributes:
        thresholds: (m,) confidences, the highest first.
        coverages: (m,) shares of all images whose confidence reaches the threshold.
        accuracies: (m,) shares of these images that are classified correctly.
    """

    thresholds: NDArray[np.float64]
    coverages: NDArray[np.float64]
    accuracies: NDArray[np.float64]


def coverage_curve(confidences: NDArray[np.float32], correct: NDArray[np.bool_]) -> Coverage:
    """Accuracy against coverage (El-Yaniv and Wiener, 2010), one point a distinct confidence."""
    by_confidence = np.argsort(-confidences, kind="stable")
    ranked = confidences[by_confidence].astype(np.float64)
    last_of_ties = np.flatnonzero(np.diff(ranked, append=-1.0) != 0)
    answered_counts = last_of_ties + 1
    return Coverage(
        ranked[last_of_ties],
        answered_counts / max(1, len(ranked)),
        np.cumsum(correct[by_confidence])[last_of_ties] / answered_counts,
    )


class AnsweredCount(NamedTuple):
    """How many images reach a confidence threshold, and how many of these are correct."""

    answered: int
    correct: int


def count_answered(
    confidences: NDArray[np.float32], correct: NDArray[np.bool_], threshold: float
) -> AnsweredCount:
    """Count the predictions whose confidence reaches a threshold, and the correct ones."""
    mask = confidences >= np.float32(threshold)
    return AnsweredCount(int(mask.sum()), int((mask & correct).sum()))
