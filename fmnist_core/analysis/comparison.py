"""Comparison of runs: McNemar's test, seed groups, Pareto front, ensembles, smoothing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import combinations
from math import isfinite, sqrt
from statistics import fmean
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, stdtrit

from fmnist_core.dataset import CLASS_COUNT
from fmnist_core.runs.identity import Identity, without_fold, without_seed


class Paired(NamedTuple):
    """Which of the same images two runs classify correctly, as ascending indices.

    Attributes:
        only_a, only_b: images that one of them alone classifies correctly.
        neither, both: images that none of them, or each of them, classifies correctly.
        p: the p-value of McNemar's exact test, from 0 to 1.
    """

    only_a: NDArray[np.int64]
    only_b: NDArray[np.int64]
    neither: NDArray[np.int64]
    both: NDArray[np.int64]
    p: float


def mcnemar(only_a: int, only_b: int) -> float:
    """The two-sided p-value of McNemar's test in its exact form (McNemar, 1947).

    Under equal runs each image that only one of them classifies correctly is a fair coin.

    Args:
        only_a: how many images only the first run classifies correctly.
        only_b: how many only the second run classifies correctly.
    """
    # Not by scipy.stats, which takes longer to load than the first page.
    return min(1.0, 2 * float(bdtr(min(only_a, only_b), only_a + only_b, 0.5)))


def paired(labels: ArrayLike, a: ArrayLike, b: ArrayLike) -> Paired:
    """Compare the predictions of two runs image by image, with McNemar's test.

    Args:
        labels: (n,) classes.
        a: (n,) classes that the first run predicts.
        b: (n,) classes that the second run predicts.
    """
    correct_a, correct_b = np.equal(a, labels), np.equal(b, labels)
    groups = [
        np.flatnonzero(mask)
        for mask in (
            correct_a & ~correct_b,
            ~correct_a & correct_b,
            ~correct_a & ~correct_b,
            correct_a & correct_b,
        )
    ]
    return Paired(
        groups[0], groups[1], groups[2], groups[3], mcnemar(len(groups[0]), len(groups[1]))
    )


class Pair(NamedTuple):
    """Two of several runs, compared on the same images.

    Attributes:
        a, b: their indices in the sequence of runs, the smaller first.
        only_a, only_b: how many images one of them alone classifies correctly.
        p: the p-value of McNemar's exact test, corrected for all pairs.
    """

    a: int
    b: int
    only_a: int
    only_b: int
    p: float


def all_pairs(labels: ArrayLike, predictions: Sequence[NDArray[np.uint8]]) -> list[Pair]:
    """Compare every two of several runs image by image, with corrected McNemar tests.

    Args:
        labels: (n,) classes.
        predictions: one (n,) array of predicted classes a run.
    """
    correct = np.array([np.equal(predicted, labels) for predicted in predictions], np.float64)
    only_correct = correct @ (1 - correct).T
    pairs = list(combinations(range(len(predictions)), 2))
    counts = [(round(only_correct[a, b]), round(only_correct[b, a])) for a, b in pairs]
    corrected = holm([mcnemar(*only_counts) for only_counts in counts])
    return [
        Pair(*pair, *only_counts, p)
        for pair, only_counts, p in zip(pairs, counts, corrected, strict=True)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's correction of the p-values of several tests (Holm, 1979).

    Args:
        p_values: of the tests, from 0 to 1; the result has the same order.
    """
    order = np.argsort(p_values, kind="stable")
    # The smallest p counts for all tests, the next for one less; none may fall below one before.
    adjusted = np.asarray(p_values, dtype=np.float64)[order] * np.arange(len(order), 0, -1)
    corrected = np.empty_like(adjusted)
    corrected[order] = np.minimum(np.maximum.accumulate(adjusted), 1)
    return [float(p) for p in corrected]


def welch(a: Sequence[float], b: Sequence[float]) -> float:
    """The two-sided p-value of Welch's t-test on the accuracies of two configurations (1947).

    Args:
        a: accuracies of runs that differ in the seed alone, at least two.
        b: likewise of the other configuration.
    """
    from scipy.stats import ttest_ind

    p = float(ttest_ind(a, b, equal_var=False).pvalue)
    # Without any variance the statistic is NaN.
    return p if isfinite(p) else float(np.mean(a) == np.mean(b))


def class_agreement(
    labels: NDArray[np.uint8], a: NDArray[np.uint8], b: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Agreement of two runs by class: (10, 4) images, same prediction, only A, only B correct."""
    rows = []
    for class_id in range(CLASS_COUNT):
        of_class = labels == class_id
        predicted_a, predicted_b = a[of_class], b[of_class]
        correct_a, correct_b = predicted_a == class_id, predicted_b == class_id
        rows.append(
            (
                int(of_class.sum()),
                int((predicted_a == predicted_b).sum()),
                int((correct_a & ~correct_b).sum()),
                int((~correct_a & correct_b).sum()),
            )
        )
    return np.array(rows, dtype=np.int64)


class Spread(NamedTuple):
    """Mean and deviation of the accuracies of several runs of one configuration.

    Attributes:
        kind: whether they differ in the seed alone, or are folds of one cross-validation.
        members: indices of the runs in the sequence given, ascending.
        mean: of their accuracies, where runs of the same seed or fold count together as one.
        deviation: the sample standard deviation of these; of a single one 0.
        margin: half of the 95 % interval of the mean (Student, 1908); of a single one infinite.
    """

    kind: Literal["seeds", "folds"]
    members: tuple[int, ...]
    mean: float
    deviation: float
    margin: float


def seed_groups(runs: Sequence[Identity], accuracies: Sequence[float]) -> list[Spread]:
    """Group runs that differ in the seed or the cross-validation fold alone, best mean first.

    The folds of a cross-validation are trained and validated on different images, so they are no
    seed replicates; the first fold is a run like any other, and belongs to both.

    Args:
        runs: what they are.
        accuracies: of the same runs, shares between 0 and 1.
    """
    folds = [run.spec.training.validation_fold for run in runs]
    seeds = [run.spec.training.seed for run in runs]
    by_seed = _grouped([without_seed(run) for run in runs])
    by_fold = [
        group
        for group in _grouped([without_fold(run) for run in runs])
        if len({folds[index] for index in group}) > 1
    ]
    in_folds = {index for group in by_fold for index in group if folds[index]}
    seed_only = [group for group in by_seed if len(group) > 1 or group[0] not in in_folds]

    def averaged(group: list[int], keys: list[int]) -> list[float]:
        return means_by([keys[index] for index in group], [accuracies[index] for index in group])

    spreads = [
        *(_spread("seeds", group, averaged(group, seeds)) for group in seed_only),
        *(_spread("folds", group, averaged(group, folds)) for group in by_fold),
    ]
    return sorted(spreads, key=lambda spread: -spread.mean)


def means_by(keys: Sequence[Hashable], values: Sequence[float]) -> list[float]:
    """The mean of the values of each key, such as a seed: runs from one seed are no replicates.

    Args:
        keys: of the values.
        values: as many.
    """
    return [fmean(values[index] for index in group) for group in _grouped(keys)]


def _grouped(keys: Sequence[Hashable]) -> list[list[int]]:
    """The indices of equal keys, in the order in which they first come."""
    groups: dict[Hashable, list[int]] = {}
    for index, key in enumerate(keys):
        groups.setdefault(key, []).append(index)
    return list(groups.values())


def _spread(
    kind: Literal["seeds", "folds"], members: Sequence[int], values: Sequence[float]
) -> Spread:
    count, mean = len(values), float(np.mean(values))
    if count == 1:
        return Spread(kind, tuple(members), mean, 0.0, float("inf"))
    deviation = float(np.std(values, ddof=1))
    margin = float(stdtrit(count - 1, 0.975)) * deviation / sqrt(count)
    return Spread(kind, tuple(members), mean, deviation, margin)


def pareto_front(costs: ArrayLike, gains: ArrayLike) -> NDArray[np.bool_]:
    """Which points (n,) lie on the Pareto front: none costs as little and gains more, or less.

    Args:
        costs: (n,) the lower the better.
        gains: (n,) the higher the better.
    """
    cost, gain = np.asarray(costs, np.float64), np.asarray(gains, np.float64)
    no_worse = (cost[None, :] <= cost[:, None]) & (gain[None, :] >= gain[:, None])
    better = (cost[None, :] < cost[:, None]) | (gain[None, :] > gain[:, None])
    beaten: NDArray[np.bool_] = np.any(no_worse & better, axis=1)
    return ~beaten


def ensemble(probabilities: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Ensemble: the mean (n, 10) of the probabilities of several runs, each counting alike.

    Args:
        probabilities: one (n, 10) array a run, at least one; rows summing to 1.
    """
    total = np.zeros(probabilities[0].shape, np.float64)
    for of_run in probabilities:
        total += of_run
    mean: NDArray[np.float32] = (total / len(probabilities)).astype(np.float32)
    return mean


class Member(NamedTuple):
    """A run that joins an ensemble.

    Attributes:
        run: its index.
        correct: how many images the ensemble classifies correctly with it and those before it.
    """

    run: int
    correct: int


def forward_selection(
    labels: ArrayLike, probabilities: Sequence[NDArray[np.float32]]
) -> list[Member]:
    """Greedy forward selection of an ensemble: the best run, then always the one that helps most.

    It goes on to the last run, also where that makes the ensemble worse; of equal ones the first
    joins (Caruana et al., 2004, without repetition).

    Args:
        labels: (n,) classes.
        probabilities: one (n, 10) array a run, at least one; rows summing to 1.
    """
    remaining, members = [*range(len(probabilities))], list[Member]()
    total = np.zeros(probabilities[0].shape, np.float64)
    while remaining:
        correct = [
            int((np.add(total, probabilities[index]).argmax(axis=1) == labels).sum())
            for index in remaining
        ]
        best = int(np.argmax(correct))
        members.append(Member(remaining[best], correct[best]))
        total += probabilities[remaining.pop(best)]
    return members


def smoothed(values: ArrayLike, weight: float) -> NDArray[np.float64]:
    """Exponential moving average without the bias of its start, as TensorBoard draws it.

    The average is divided by the weight it has collected (Kingma and Ba, 2015, section 3).

    Args:
        values: (n,).
        weight: of what came before, from 0 (nothing is smoothed) to below 1.
    """
    series = np.asarray(values, np.float64)
    if weight <= 0 or not len(series):
        return series
    result, average = np.empty_like(series), 0.0
    for index, value in enumerate(series):
        average = weight * average + (1 - weight) * value
        result[index] = average / (1 - weight ** (index + 1))
    return result
