"""Mean k-nearest-neighbour distance within a class, and near-duplicates across the split."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.image_statistics import PIXELS
from fmnist_core.analysis.projection import components, project
from fmnist_core.dataset import load
from fmnist_core.task_types import Arrays, Report

DIMENSIONS = 50
NEIGHBOURS = 10
# Two pictures that differ less than that, root mean squared over the pixels, are near-duplicates:
# 5 % of the full range, where the median distance to the nearest picture is 12 %.
NEAR_DUPLICATE = 12.75
_ROWS_AT_ONCE = 500


def neighbourhoods(report: Report) -> Arrays:
    """k-nearest-neighbour distance and nearest image across the split, of every image.

    Args:
        report: told the share done and what is done now.

    Returns:
        For each split, the arrays ``crowd_…`` (n,) of ``mean_knn_distance`` among the images of its
        class in both splits, ``twin_…`` (n,) the most similar image of the other split, and
        ``gap_…`` (n,) the root mean squared difference of a pixel to it, 0 to 255.
    """
    data = load(download=False)
    splits = [data.train_images, data.test_images]
    images = np.concatenate(splits).reshape(-1, PIXELS)
    labels = np.concatenate([data.train_labels, data.test_labels])
    report(0.02, "Finding the main directions in which pictures differ")
    basis = components(splits[0], DIMENSIONS)
    places = project(images, basis)
    knn_distance = np.zeros(len(images), np.float32)
    for number in range(10):
        report(0.1 + 0.03 * number, "Looking how crowded it is around each picture")
        chosen = np.flatnonzero(labels == number)
        knn_distance[chosen] = mean_knn_distance(places[chosen], NEIGHBOURS)
    border = len(splits[0])

    def say(share: float) -> None:
        report(0.4 + 0.6 * share, "Comparing 10,000 test with 60,000 training pictures")

    duplicates = across(images[border:], images[:border], say)
    return {
        "crowd_train": knn_distance[:border],
        "crowd_test": knn_distance[border:],
        "twin_test": duplicates[0],
        "gap_test": duplicates[1],
        "twin_train": duplicates[2],
        "gap_train": duplicates[3],
    }


def mean_knn_distance(places: NDArray[np.float32], neighbours: int) -> NDArray[np.float32]:
    """Mean k-nearest-neighbour distance of each point: small in a crowd, large for a lonely one.

    Args:
        places: (n, d) float32 points.
        neighbours: how many of the nearest others count; fewer where there are not so many.

    Returns:
        (n,) float32, in the unit of the points; 0 for a point alone.
    """
    count = len(places)
    neighbours = min(neighbours, count - 1)
    found = np.zeros(count, np.float32)
    if neighbours < 1:
        return found
    squares = np.einsum("ij,ij->i", places, places)
    for start in range(0, count, _ROWS_AT_ONCE):
        rows = places[start : start + _ROWS_AT_ONCE]
        gaps = squares - 2 * rows @ places.T
        gaps += squares[start : start + len(rows), None]
        own = np.arange(len(rows))
        gaps[own, start + own] = np.inf
        nearest = np.partition(gaps, neighbours - 1, axis=1)[:, :neighbours]
        found[start : start + len(rows)] = np.sqrt(np.maximum(nearest, 0)).mean(axis=1)
    return found


def across(
    few: NDArray[np.uint8], many: NDArray[np.uint8], say: Callable[[float], None]
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
    """The nearest picture on the other side, for all pictures of both sides.

    Args:
        few: (n, 784) uint8, not empty.
        many: (m, 784) uint8, not empty.
        say: told the share done.

    Returns:
        For each of ``few`` the place of the nearest of ``many`` and the root mean squared
        difference of a pixel; then for each of ``many`` the same among ``few``.
    """
    other = many.astype(np.float32)
    squares = np.einsum("ij,ij->i", other, other)
    near_few = np.zeros(len(few), np.int32)
    near_many = np.zeros(len(many), np.int32)
    best = np.full(len(many), np.inf, np.float32)
    for start in range(0, len(few), _ROWS_AT_ONCE):
        say(start / len(few))
        rows = few[start : start + _ROWS_AT_ONCE].astype(np.float32)
        gaps = np.matmul(rows, other.T)
        gaps *= -2
        gaps += squares
        gaps += np.einsum("ij,ij->i", rows, rows)[:, None]
        near_few[start : start + len(rows)] = gaps.argmin(axis=1)
        at = gaps.argmin(axis=0)
        value = gaps[at, np.arange(len(many))]
        closer = value < best
        near_many[closer], best[closer] = at[closer] + start, value[closer]
    return near_few, _gaps(few, many[near_few]), near_many, _gaps(many, few[near_many])


def _gaps(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Measured anew: the winners' distances from the large products are off in the last digits."""
    found = np.zeros(len(left), np.float32)
    for start in range(0, len(left), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        gap = left[part].astype(np.float32) - right[part]
        found[part] = np.sqrt(np.einsum("ij,ij->i", gap, gap) / left.shape[1])
    return found
