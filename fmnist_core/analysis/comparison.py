"""Comparison of runs: McNemar's test, seed groups, Pareto front, ensembles, smoothing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import combinations
from math import isfinite, sqrt
from statistics import fmean
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.runs.identity import Identity, without_fold, without_seed


class Paired(NamedTuple):
    """Which of the same pictures two runs name rightly, as ascending numbers.

    Attributes:
        only_a, only_b: right by one of them alone.
        neither, both: right by none, or by the two.
        p: of McNemar's exact test, from 0 to 1.
    """

    only_a: NDArray[np.int64]
    only_b: NDArray[np.int64]
    neither: NDArray[np.int64]
    both: NDArray[np.int64]
    p: float


def mcnemar(only_a: int, only_b: int) -> float:
    """The two-sided p of McNemar's test in its exact form (McNemar, 1947).

    Under equal runs each picture that only one of them gets right is a fair coin.

    Args:
        only_a: how many pictures only the one gets right.
        only_b: how many only the other gets right.
    """
    # Imported only where it is needed, as all of scipy.stats: it takes longer than the first page.
    from scipy.stats import binomtest

    count = only_a + only_b
    return float(binomtest(only_a, count).pvalue) if count else 1.0


def paired(labels: ArrayLike, a: ArrayLike, b: ArrayLike) -> Paired:
    """Compare two runs picture by picture.

    Args:
        labels: (n,) classes.
        a: (n,) classes that the one run predicts.
        b: (n,) classes that the other predicts.
    """
    right_a, right_b = np.equal(a, labels), np.equal(b, labels)
    parts = [
        np.flatnonzero(part)
        for part in (right_a & ~right_b, ~right_a & right_b, ~right_a & ~right_b, right_a & right_b)
    ]
    return Paired(parts[0], parts[1], parts[2], parts[3], mcnemar(len(parts[0]), len(parts[1])))


class Pair(NamedTuple):
    """Two of several runs on the same pictures.

    Attributes:
        a, b: their places in what was given, the smaller first.
        only_a, only_b: how many pictures are named rightly by one of them alone.
        p: of McNemar's exact test, corrected for all pairs.
    """

    a: int
    b: int
    only_a: int
    only_b: int
    p: float


def all_pairs(labels: ArrayLike, answers: Sequence[NDArray[np.uint8]]) -> list[Pair]:
    """Compare every two of several runs picture by picture.

    Args:
        labels: (n,) classes.
        answers: (n,) classes that each run names.
    """
    right = np.array([np.equal(one, labels) for one in answers], np.float64)
    only = right @ (1 - right).T
    places = list(combinations(range(len(answers)), 2))
    counts = [(round(only[a, b]), round(only[b, a])) for a, b in places]
    corrected = holm([mcnemar(*count) for count in counts])
    return [
        Pair(*place, *count, p) for place, count, p in zip(places, counts, corrected, strict=True)
    ]


def holm(values: Sequence[float]) -> list[float]:
    """The p of several tests, corrected for having been asked at once (Holm, 1979).

    Args:
        values: of the tests, from 0 to 1.
    """
    order = np.argsort(values, kind="stable")
    # The smallest p counts for all tests, the next for one less; none may fall below one before.
    raised = np.asarray(values, dtype=np.float64)[order] * np.arange(len(order), 0, -1)
    corrected = np.empty_like(raised)
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return [float(p) for p in corrected]


def welch(a: Sequence[float], b: Sequence[float]) -> float:
    """The two-sided p that two configurations reach the same on average (Welch, 1947).

    Args:
        a: accuracies of runs that differ in the seed alone, at least two.
        b: likewise of the other configuration.
    """
    from scipy.stats import ttest_ind

    p = float(ttest_ind(a, b, equal_var=False).pvalue)
    # Without any spread the statistic is no number.
    return p if isfinite(p) else float(np.mean(a) == np.mean(b))


def class_agreement(
    labels: NDArray[np.uint8], a: NDArray[np.uint8], b: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """For each class (10, 4): its pictures, same answer, right only by A, right only by B."""
    rows = []
    for number in range(len(CLASS_NAMES)):
        of = labels == number
        mine, others = a[of], b[of]
        right, right_b = mine == number, others == number
        rows.append(
            (
                int(of.sum()),
                int((mine == others).sum()),
                int((right & ~right_b).sum()),
                int((~right & right_b).sum()),
            )
        )
    return np.array(rows, dtype=np.int64)


class Spread(NamedTuple):
    """Several runs of one configuration.

    Attributes:
        kind: whether they differ in the seed alone, or are parts of one cross-validation.
        members: places in what was given, in its order.
        mean: of their accuracies, where runs of the same seed or part count together as one.
        deviation: the sample standard deviation of these; of a single one 0.
        margin: half of the 95 % interval of the mean (Student, 1908); of a single one infinite.
    """

    kind: Literal["seeds", "folds"]
    members: tuple[int, ...]
    mean: float
    deviation: float
    margin: float


def seed_groups(runs: Sequence[Identity], accuracies: Sequence[float]) -> list[Spread]:
    """Group runs of one configuration, the best mean first.

    Parts of a cross-validation are trained and judged on other pictures each, so they are no
    seeds; the first part is a run like any other, and belongs to both.

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
        if len({folds[place] for place in group}) > 1
    ]
    parts = {place for group in by_fold for place in group if folds[place]}
    kept = [group for group in by_seed if len(group) > 1 or group[0] not in parts]

    def apart(group: list[int], by: list[int]) -> list[float]:
        return means_by([by[place] for place in group], [accuracies[place] for place in group])

    found = [
        *(_spread("seeds", group, apart(group, seeds)) for group in kept),
        *(_spread("folds", group, apart(group, folds)) for group in by_fold),
    ]
    return sorted(found, key=lambda spread: -spread.mean)


def means_by(keys: Sequence[Hashable], values: Sequence[float]) -> list[float]:
    """One mean for each key, such as a seed: two runs from one seed say hardly more than one.

    Args:
        keys: of the values.
        values: as many.
    """
    return [fmean(values[place] for place in group) for group in _grouped(keys)]


def _grouped(keys: Sequence[Hashable]) -> list[list[int]]:
    """The places of equal keys, in the order in which they first come."""
    groups: dict[Hashable, list[int]] = {}
    for place, key in enumerate(keys):
        groups.setdefault(key, []).append(place)
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
    """Which points (n,) nothing beats: no other costs at most as much and gains more, or less.

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
    """The mean (n, 10) of what several runs say, each counting alike.

    Args:
        probabilities: one (n, 10) a run, at least one; rows summing to 1.
    """
    total = np.zeros(probabilities[0].shape, np.float64)
    for one in probabilities:
        total += one
    mean: NDArray[np.float32] = (total / len(probabilities)).astype(np.float32)
    return mean


def smoothed(values: ArrayLike, weight: float) -> NDArray[np.float64]:
    """An exponential moving average without the pull of its start, as TensorBoard draws it.

    The average is divided by the weight it has collected (Kingma and Ba, 2015, section 3).

    Args:
        values: (n,).
        weight: of what came before, from 0 (nothing is smoothed) to below 1.
    """
    wanted = np.asarray(values, np.float64)
    if weight <= 0 or not len(wanted):
        return wanted
    result, last = np.empty_like(wanted), 0.0
    for number, value in enumerate(wanted):
        last = weight * last + (1 - weight) * value
        result[number] = last / (1 - weight ** (number + 1))
    return result
