"""Metrics from labels and predictions: accuracy, Wilson interval, confusion matrix, F1."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fmnist_core.dataset import CLASS_NAMES

if TYPE_CHECKING:
    # Loaded where they are needed: together they take longer than the first page, which needs none.
    import pandas as pd

_MOST_LOPSIDED = 1.25
# Shares in words where "1 in so many" would be too coarse.
_PARTS = {(1, 2): 1 / 2, (2, 5): 2 / 5, (1, 3): 1 / 3, (3, 10): 3 / 10, (1, 4): 1 / 4}
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
        """Whether one ± would say too little, as with few pictures or near 0 and 1."""
        sides = self.high - self.value, self.value - self.low
        return max(sides) > _MOST_LOPSIDED * min(sides)


_OF_NOTHING = Interval(float("nan"), float("nan"), float("nan"))


def wilson_interval(right: int, count: int, confidence: float = 0.95) -> Interval:
    """A share with its score interval (Wilson, 1927).

    Args:
        right: how many of the pictures count, 0 to ``count``.
        count: how many there are; of none the share is unknown: 0 with the interval 0 to 1.
        confidence: between 0 and 1.
    """
    if count == 0:
        return Interval(0.0, 0.0, 1.0)
    share, z = right / count, NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    margin = z * sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    # At the ends the formula is exact, its arithmetic is not.
    low = middle - margin if right > 0 else 0.0
    return Interval(share, low, middle + margin if right < count else 1.0)


def accuracy_interval(accuracy: float, count: int) -> Interval:
    """The 95 % Wilson interval of an accuracy measured on so many pictures."""
    return wilson_interval(round(accuracy * count), count)


def accuracy_text(accuracy: float | None, count: int) -> str:
    """An accuracy with its 95 % interval, in percent.

    Args:
        accuracy: share of the pictures; ``None`` where nobody measured.
        count: how many pictures it was measured on.

    Examples: ``"87.1 % ± 0.7"``, and where that is lopsided ``"99.9 % (99.8 to 100.0)"``
    """
    if accuracy is None:
        return "not measured"
    interval = accuracy_interval(accuracy, count)
    if interval.lopsided:
        return f"{100 * accuracy:.1f} % ({100 * interval.low:.1f} to {100 * interval.high:.1f})"
    return f"{100 * accuracy:.1f} % ± {100 * interval.margin:.1f}"


def confusion_matrix(labels: ArrayLike, predictions: ArrayLike) -> NDArray[np.int64]:
    """Counts (10, 10): the row is the label, the column the prediction, in dataset order."""
    from sklearn.metrics import confusion_matrix as counted

    matrix: NDArray[np.int64] = counted(labels, predictions, labels=np.arange(len(CLASS_NAMES)))
    return matrix


def row_shares(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each count (10, 10) as a share of its row; a class without pictures has zeros."""
    totals = matrix.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = np.divide(
        matrix, totals, out=np.zeros(matrix.shape), where=totals > 0
    )
    return shares


def column_shares(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each count (10, 10) as a share of its column; a class never named has zeros."""
    return row_shares(matrix.T).T


def similar_order(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """The ten classes so that those that are taken for each other stand together.

    Two classes are near when many of their pictures are given the other's name. They are
    clustered by average linkage, with the leaves turned so that neighbours are as near as can be
    (Bar-Joseph et al., 2001).

    Args:
        matrix: counts (10, 10), rows are labels.

    Returns:
        Class numbers (10,); without any mistake, the dataset's order.
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
    """The off-diagonal cells with the most pictures, most first.

    Returns:
        Columns ``truth`` and ``predicted`` (class numbers), ``pictures``, ``of`` (pictures of the
        true class); cells without a picture are left out.
    """
    import pandas as pd

    mistakes = matrix.copy()
    np.fill_diagonal(mistakes, 0)
    order = np.argsort(mistakes, axis=None, kind="stable")[::-1][:count]
    truth, predicted = np.unravel_index(order, matrix.shape)
    table = pd.DataFrame(
        {
            "truth": truth,
            "predicted": predicted,
            "pictures": mistakes[truth, predicted],
            "of": matrix.sum(axis=1)[truth],
        }
    )
    return table[table["pictures"] > 0].reset_index(drop=True)


def worst_classes(matrix: NDArray[np.int64], count: int) -> pd.DataFrame:
    """The classes that are named rightly least often, worst first.

    Args:
        matrix: counts (10, 10), rows are labels.
        count: how many classes.

    Returns:
        Columns ``truth``, ``right``, ``of`` (pictures of the class), and ``mistaken_for``, the
        class it is called most often when it is called wrongly (-1 where it never is); classes
        without pictures are left out.
    """
    import pandas as pd

    right, totals = np.diag(matrix), matrix.sum(axis=1)
    wrong = matrix - np.diag(right)
    table = pd.DataFrame(
        {
            "truth": np.arange(len(matrix)),
            "right": right,
            "of": totals,
            "mistaken_for": np.where(wrong.any(axis=1), wrong.argmax(axis=1), -1),
        }
    )
    table = table[table["of"] > 0]
    order = (table["right"] / table["of"]).sort_values(kind="stable").index
    return table.loc[order[:count]].reset_index(drop=True)


def class_scores(matrix: NDArray[np.int64]) -> pd.DataFrame:
    """Precision, recall and F1 of each class with their 95 % intervals.

    Precision and recall are shares of pictures and have Wilson intervals. F1 is none, but it
    grows with F* = TP / (TP + FP + FN), which is one: F1 = 2 F* / (1 + F*) (Hand, Christen and
    Kirielle, 2021). Its interval is that of F*, carried over.

    Args:
        matrix: counts (10, 10), rows are labels.

    Returns:
        A row a class in dataset order: ``pictures``, then ``precision``, ``recall`` and ``f1``,
        each with ``_low`` and ``_high``; a share of nothing is no number, nor are its ends.
    """
    import pandas as pd

    rows = []
    for number in range(len(matrix)):
        right = int(matrix[number, number])
        pictures, named = int(matrix[number].sum()), int(matrix[:, number].sum())
        star = wilson_interval(right, pictures + named - right)
        scores = {
            "precision": wilson_interval(right, named) if named else _OF_NOTHING,
            "recall": wilson_interval(right, pictures) if pictures else _OF_NOTHING,
            "f1": Interval(*(2 * part / (1 + part) for part in star))
            if named + pictures
            else _OF_NOTHING,
        }
        row: dict[str, float] = {"pictures": pictures}
        for name, score in scores.items():
            row |= {name: score.value, f"{name}_low": score.low, f"{name}_high": score.high}
        rows.append(row)
    return pd.DataFrame(rows)


def one_in(pictures: int, of: int) -> str:
    """A share in words: ``"1 in 9"``, ``"2 in 5"``, ``"most"``, ``"almost all"``, ``"all"``.

    Args:
        pictures: at least 1.
        of: at least as many.
    """
    share = pictures / of
    if pictures == of:
        return "all"
    if share > 1 / 2:
        return "almost all" if share >= _ALMOST_ALL else "most"
    if share < min(_PARTS.values()):
        return f"1 in {round(of / pictures):,}"
    part, whole = min(_PARTS, key=lambda known: abs(_PARTS[known] - share))
    return f"{part} in {whole}"
