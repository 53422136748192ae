"""Stratified splits and samples, seeded."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fmnist_core.errors import FmnistError

LARGEST_SHARE = 0.5

Index = npt.NDArray[np.int64]
Labels = npt.NDArray[np.integer[Any]]


def stratified_split(labels: Labels, share: float, seed: int, fold: int = 0) -> tuple[Index, Index]:
    """Set a share of the pictures aside for validation.

    The parts 0, 1, 2, … of one seed rotate through all pictures: they lie apart until each picture
    has had its turn, as in cross-validation, and begin again then.

    Args:
        labels: (n,) integer class of each picture.
        share: part to set aside, 0 to 0.5. Exactly `round(share * n)` pictures are taken, and
            each class gives its own share of them to within one picture.
        seed: 0 or more; the same seed gives the same split.
        fold: which part of the rotation is set aside, from 0.

    Returns:
        Indexes of the training pictures and of the validation pictures, int64, each sorted.

    Raises:
        FmnistError: the share, the seed or the part is out of its range.
    """
    if isinstance(share, bool) or not isinstance(share, int | float):
        raise FmnistError(f"The validation share must be a number from 0 to 0.5, not {share!r}.")
    if not (math.isfinite(share) and 0.0 <= share <= LARGEST_SHARE):
        raise FmnistError(f"The validation share must be from 0 to 0.5, not {share}.")
    if isinstance(fold, bool) or not isinstance(fold, int | np.integer) or fold < 0:
        raise FmnistError(f"The validation part must be a whole number of 0 or more, not {fold!r}.")
    everything = np.arange(len(labels), dtype=np.int64)
    validation = _draw(labels, everything, round(share * len(labels)), seed, share, fold)
    return np.setdiff1d(everything, validation, assume_unique=True), validation


def stratified_sample(labels: Labels, index: Index, count: int, seed: int) -> Index:
    """Take `count` pictures out of `index`, with the class shares of `index`.

    Args:
        labels: (n,) integer class of each picture.
        index: indexes into `labels` to choose from, without repeats.
        count: how many to take, 0 to `len(index)`.
        seed: 0 or more; the same seed gives the same sample.

    Returns:
        The chosen indexes, (count,) int64, sorted.

    Raises:
        FmnistError: the count or the seed is out of its range.
    """
    if isinstance(count, bool) or not isinstance(count, int | np.integer):
        raise FmnistError(f"The number of pictures must be a whole number, not {count!r}.")
    if not 0 <= count <= len(index):
        raise FmnistError(
            f"The number of pictures must be from 0 to {len(index):,}, not {count:,}."
        )
    share = count / max(len(index), 1)
    return _draw(labels, np.asarray(index, dtype=np.int64), int(count), seed, share)


def fold_count(share: float) -> int:
    """How many parts of that share a rotation has until every picture had its turn."""
    # 1 / 0.1 is 10, but 1 / 0.07 * 0.07 may be a hair more than 1 in binary.
    return math.ceil(1 / share - 1e-9) if share > 0 else 0


def _draw(
    labels: Labels, index: Index, count: int, seed: int, share: float, fold: int = 0
) -> Index:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise FmnistError(f"The seed must be a whole number of 0 or more, not {seed!r}.")
    random = np.random.default_rng(seed)
    classes, sizes = np.unique(labels[index], return_counts=True)
    chosen = [
        np.roll(random.permutation(index[labels[index] == name]), -fold * int(take))[:take]
        for name, take in zip(classes, _apportion(sizes * share, count), strict=True)
    ]
    return np.sort(np.concatenate(chosen)) if chosen else np.empty(0, dtype=np.int64)


def _apportion(quotas: npt.NDArray[np.floating[Any]], count: int) -> npt.NDArray[np.int64]:
    """Round quotas to whole numbers that sum to `count`: largest remainders (Hamilton, 1792)."""
    # 0.29 * 100 is 28.999999999999996 in binary: what is almost whole counts as whole.
    whole: npt.NDArray[np.int64] = np.floor(quotas + 1e-9).astype(np.int64)
    most_cut = np.argsort(whole - quotas, kind="stable")[: count - int(whole.sum())]
    whole[most_cut] += 1
    return whole
