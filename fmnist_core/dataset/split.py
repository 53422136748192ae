"""Stratified splits and samples, and examples of the classes, seeded."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fmnist_core.dataset.content import CLASS_COUNT
from fmnist_core.errors import FmnistError

LARGEST_SHARE = 0.5
# Of the images that pages show as examples.
EXAMPLES_SEED = 4

Indices = npt.NDArray[np.int64]
Labels = npt.NDArray[np.integer[Any]]


def stratified_split(
    labels: Labels, share: float, seed: int, fold: int = 0
) -> tuple[Indices, Indices]:
    """Split images into training and validation, stratified by class.

    The folds 0, 1, 2, … of one seed are those of a cross-validation: they are disjoint until each
    image has been in one, and begin again then.

    Args:
        labels: (n,) integer class of each image.
        share: of the images to hold out, 0 to 0.5. Exactly `round(share * n)` images are taken,
            and each class gives its own share of them to within one image.
        seed: 0 or more; the same seed gives the same split.
        fold: of the cross-validation to hold out, from 0.

    Returns:
        Indices of the training images and of the validation images, int64, each sorted.

    Raises:
        FmnistError: the share, the seed or the fold is out of its range.
    """
    if isinstance(share, bool) or not isinstance(share, int | float):
        raise FmnistError(f"The validation share must be a number from 0 to 0.5, not {share!r}.")
    if not (math.isfinite(share) and 0.0 <= share <= LARGEST_SHARE):
        raise FmnistError(f"The validation share must be from 0 to 0.5, not {share}.")
    if isinstance(fold, bool) or not isinstance(fold, int | np.integer) or fold < 0:
        raise FmnistError(f"The validation part must be a whole number of 0 or more, not {fold!r}.")
    all_indices = np.arange(len(labels), dtype=np.int64)
    validation = _draw(labels, all_indices, round(share * len(labels)), seed, share, fold)
    return np.setdiff1d(all_indices, validation, assume_unique=True), validation


def stratified_sample(labels: Labels, indices: Indices, count: int, seed: int) -> Indices:
    """Draw a stratified sample of `count` out of `indices`, with the class shares of these.

    Args:
        labels: (n,) integer class of each image.
        indices: into `labels`, to choose from, without repeats.
        count: how many to take, 0 to `len(index)`.
        seed: 0 or more; the same seed gives the same sample.

    Returns:
        The chosen indices, (count,) int64, sorted.

    Raises:
        FmnistError: the count or the seed is out of its range.
    """
    if isinstance(count, bool) or not isinstance(count, int | np.integer):
        raise FmnistError(f"The number of pictures must be a whole number, not {count!r}.")
    if not 0 <= count <= len(indices):
        raise FmnistError(
            f"The number of pictures must be from 0 to {len(indices):,}, not {count:,}."
        )
    share = count / max(len(indices), 1)
    return _draw(labels, np.asarray(indices, dtype=np.int64), int(count), seed, share)


def fold_count(share: float) -> int:
    """The number of folds of a cross-validation that holds out that share of the images."""
    # 1 / 0.1 is 10, but 1 / 0.07 * 0.07 may be a hair more than 1 in binary.
    return math.ceil(1 / share - 1e-9) if share > 0 else 0


def _draw(
    labels: Labels, indices: Indices, count: int, seed: int, share: float, fold: int = 0
) -> Indices:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise FmnistError(f"The seed must be a whole number of 0 or more, not {seed!r}.")
    random = np.random.default_rng(seed)
    class_ids, sizes = np.unique(labels[indices], return_counts=True)
    chosen = [
        np.roll(random.permutation(indices[labels[indices] == class_id]), -fold * int(size))[:size]
        for class_id, size in zip(class_ids, _apportion(sizes * share, count), strict=True)
    ]
    return np.sort(np.concatenate(chosen)) if chosen else np.empty(0, dtype=np.int64)


def _apportion(quotas: npt.NDArray[np.floating[Any]], count: int) -> npt.NDArray[np.int64]:
    """Round quotas to whole numbers that sum to `count`: largest remainders (Hamilton, 1792)."""
    # 0.29 * 100 is 28.999999999999996 in binary: what is almost whole counts as whole.
    whole: npt.NDArray[np.int64] = np.floor(quotas + 1e-9).astype(np.int64)
    most_cut = np.argsort(whole - quotas, kind="stable")[: count - int(whole.sum())]
    whole[most_cut] += 1
    return whole


def class_examples(labels: Labels) -> Indices:
    """One image of each class, drawn at random and always the same.

    Args:
        labels: (n,) class of each image; every class occurs.

    Returns:
        Their indices, (10,) int64, by class.
    """
    random = np.random.default_rng(EXAMPLES_SEED)
    return np.array(
        [random.choice(np.flatnonzero(labels == class_id)) for class_id in range(CLASS_COUNT)],
        np.int64,
    )
