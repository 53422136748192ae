"""Metrics from labels and predictions: accuracy, Wilson interval, confusion matrix, F1."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isnan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.dataset import CLASS_COUNT, TEST_SIZE

if TYPE_CHECKING:
    # Loaded where they are needed: together they take longer than the first page, which needs none.
    import pandas as pd

# In place of a share of nothing.
NO_SHARE = "–"
_MOST_LOPSIDED = 1.25
# Shares in words where "1 in so many" would be too coarse.
_FRACTIONS = {(1, 2): 1 / 2, (2, 5): 2 / 5, (1, 3): 1 / 3, (3, 10): 3 / 10, (1, 4): 1 / 4}
_ALMOST_ALL = 0.95


class Interval(NamedTuple):
    """A share between 0 and 1 with the ends of its confidence interval."""

    value: float
    low: float
    high: float

    @property
    def margin(self) -> float:
        """The wider side of the interval."""
        return max(self.high - self.value, self.value - self.low)

    @property
    def lopsided(self) -> bool:
        """Whether one ± would say too little, as with few images or near 0 and 1."""
        sides = self.high - self.value, self.value - self.low
        return max(sides) > _MOST_LOPSIDED * min(sides)


_UNDEFINED = Interval(float("nan"), float("nan"), float("nan"))


def wilson_interval(successes: int, count: int, confidence: float = 0.95) -> Interval:
    """Wilson score interval of a share (Wilson, 1927).

    Args:
        successes: how many of the trials succeeded, 0 to ``count``.
        count: how many trials there were; of none the share is unknown: 0 with the interval 0 to 1.
        confidence: between 0 and 1.
    """
    if count == 0:
        return Interval(0.0, 0.0, 1.0)
    share, z = successes / count, NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    margin = z * sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    # At the ends the formula is exact, its arithmetic is not.
    low = middle - margin if successes > 0 else 0.0
    return Interval(share, low, middle + margin if successes < count else 1.0)


def accuracy_interval(accuracy: float, count: int = TEST_SIZE) -> Interval:
    """The 95 % Wilson interval of an accuracy measured on ``count`` images."""
    return wilson_interval(round(accuracy * count), count)


def percent_text(share: float, digits: int = 1) -> str:
    """A share in percent, as one rounds at school: halves go up.

    ``format`` rounds what a binary fraction comes to: 92.25 would become 92.2, and 91.35 91.3.

    Args:
        share: between 0 and 1; of nothing there is none: NaN.
        digits: how many after the point.

    Examples: ``"92.3"`` for 0.9225, ``"–"`` for NaN
    """
    if isnan(share):
        return NO_SHARE
    # Shares are counts over counts: what differs in the twelfth place is the arithmetic's.
    percent = Decimal(str(round(100 * float(share), 10)))
    return str(percent.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def accuracy_text(accuracy: float | None, count: int = TEST_SIZE) -> str:
    """An accuracy with its 95 % interval, in percent.

    Args:
        accuracy: share of the images; ``None`` where it was not measured.
        count: how many images it was measured on.

    Examples: ``"87.1 % ± 0.7"``, where that is lopsided ``"99.9 % (99.8 to 100.0)"``, and of no
        images ``"–"``
    """
    if accuracy is None:
        return "not measured"
    if count == 0:
        return NO_SHARE
    interval = accuracy_interval(accuracy, count)
    if interval.lopsided:
        low, high = percent_text(interval.low), percent_text(interval.high)
        return f"{percent_text(accuracy)} % ({low} to {high})"
    return f"{percent_text(accuracy)} % ± {percent_text(interval.margin)}"


def accuracy_in_sentence(accuracy: float) -> str:
    """An accuracy on the test images within a sentence: ``"87.1 % (± 0.7)"``."""
    text = accuracy_text(accuracy)
    return text if "(" in text else text.replace("± ", "(± ") + ")"


def confusion_matrix(labels: ArrayLike, predictions: ArrayLike) -> NDArray[np.int64]:
    """Confusion matrix (10, 10) of counts: rows are labels, columns predictions."""
    from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix

    matrix: NDArray[np.int64] = sklearn_confusion_matrix(
        labels, predictions, labels=np.arange(CLASS_COUNT)
    )
    return matrix


def row_shares(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """The confusion matrix (10, 10) normalised by rows; a class without images has zeros."""
    totals = matrix.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = np.divide(
        matrix, totals, out=np.zeros(matrix.shape), where=totals > 0
    )
    return shares


def similar_order(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """Class order in which classes that are confused with each other stand together.

    Two classes are near when many of their images are predicted as the other. They are clustered
    by average linkage, with the leaves turned so that neighbours are as near as can be
    (Bar-Joseph et al., 2001).

    Args:
        matrix: counts (10, 10), rows are labels.

    Returns:
        Class ids (10,); without any mistake, the dataset's order.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    mistakes = row_shares(matrix)
    np.fill_diagonal(mistakes, 0)
    near = mistakes + mistakes.T
    if not near.any():
        return np.arange(len(matrix))
    distances = squareform(1 - near / near.max(), checks=False)
    order: NDArray[np.int64] = leaves_list(
        optimal_leaf_ordering(linkage(distances, "average"), distances)
    ).astype(np.int64)
    return order if order[0] < order[-1] else order[::-1]


def most_confused(matrix: NDArray[np.int64], count: int) -> pd.DataFrame:
    """The most confused pairs: the off-diagonal cells with the most images, most first.

    Of equal ones those of the lower classes come first.

    Returns:
        Columns ``truth`` and ``predicted`` (class ids), ``images`` (count), ``total`` (images of
        the true class); cells without an image are left out.
    """
    import pandas as pd

    mistakes = matrix.copy()
    np.fill_diagonal(mistakes, 0)
    order = np.argsort(-mistakes, axis=None, kind="stable")[:count]
    truth, predicted = np.unravel_index(order, matrix.shape)
    table = pd.DataFrame(
        {
            "truth": truth,
            "predicted": predicted,
            "images": mistakes[truth, predicted],
            "total": matrix.sum(axis=1)[truth],
        }
    )
    return table[table["images"] > 0].reset_index(drop=True)


def worst_classes(matrix: NDArray[np.int64], count: int) -> pd.DataFrame:
    """The classes with the lowest recall, worst first.

    Args:
        matrix: counts (10, 10), rows are labels.
        count: how many classes.

    Returns:
        Columns ``truth``, ``correct``, ``total`` (images of the class), and ``mistaken_for``, the
        class it is most often misclassified as (-1 where it never is); classes without images
        are left out.
    """
    import pandas as pd

    correct, totals = np.diag(matrix), matrix.sum(axis=1)
    mistakes = matrix - np.diag(correct)
    table = pd.DataFrame(
        {
            "truth": np.arange(len(matrix)),
            "correct": correct,
            "total": totals,
            "mistaken_for": np.where(mistakes.any(axis=1), mistakes.argmax(axis=1), -1),
        }
    )
    table = table[table["total"] > 0]
    order = (table["correct"] / table["total"]).sort_values(kind="stable").index
    return table.loc[order[:count]].reset_index(drop=True)


def class_scores(matrix: NDArray[np.int64]) -> pd.DataFrame:
    """Precision, recall and F1 of each class with their 95 % intervals.

    Precision and recall are shares of images and have Wilson intervals. F1 is none, but it
    grows with F* = TP / (TP + FP + FN), which is one: F1 = 2 F* / (1 + F*) (Hand, Christen and
    Kirielle, 2021). Its interval is that of F*, carried over.

    Args:
        matrix: counts (10, 10), rows are labels.

    Returns:
        A row a class in dataset order: ``images`` (count), then ``precision``, ``recall`` and
        ``f1``, each with ``_low`` and ``_high``; a share of nothing is NaN, and so are its ends.
    """
    import pandas as pd

    rows = []
    for class_id in range(len(matrix)):
        true_positives = int(matrix[class_id, class_id])
        actual, predicted = int(matrix[class_id].sum()), int(matrix[:, class_id].sum())
        f_star = wilson_interval(true_positives, actual + predicted - true_positives)
        scores = {
            "precision": wilson_interval(true_positives, predicted) if predicted else _UNDEFINED,
            "recall": wilson_interval(true_positives, actual) if actual else _UNDEFINED,
            "f1": Interval(*(2 * bound / (1 + bound) for bound in f_star))
            if predicted + actual
            else _UNDEFINED,
        }
        row: dict[str, float] = {"images": actual}
        for name, score in scores.items():
            row |= {name: score.value, f"{name}_low": score.low, f"{name}_high": score.high}
        rows.append(row)
    return pd.DataFrame(rows)


def share_text(count: int, total: int) -> str:
    """A share in words: ``"1 in 9"``, ``"2 in 5"``, ``"most"``, ``"almost all"``, ``"all"``.

    Args:
        count: at least 1.
        total: at least as many; of nothing there is no share, and of it no word but ``"–"``.
    """
    if not total:
        return NO_SHARE
    share = count / total
    if count == total:
        return "all"
    if share > 1 / 2:
        return "almost all" if share >= _ALMOST_ALL else "most"
    if share < min(_FRACTIONS.values()):
        return f"1 in {(2 * total + count) // (2 * count):,}"
    numerator, denominator = min(_FRACTIONS, key=lambda fraction: abs(_FRACTIONS[fraction] - share))
    return f"{numerator} in {denominator}"
