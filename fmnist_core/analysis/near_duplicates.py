"""Mean k-nearest-neighbour distance within a class, and near-duplicates across the split."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.projection import principal_components, project
from fmnist_core.dataset import CLASS_COUNT, PIXEL_COUNT, load
from fmnist_core.task_types import Arrays, Report

DIMENSIONS = 50
NEIGHBOURS = 10
# Two images that differ less than that, root mean squared over the pixels, are near-duplicates:
# 5 % of the full range, where the median distance to the nearest image is 12 %.
NEAR_DUPLICATE = 12.75
_ROWS_AT_ONCE = 500


def neighbourhoods(report: Report) -> Arrays:
    """k-nearest-neighbour distance and nearest image across the split, of every image.

    Args:
        report: called with the progress.

    Returns:
        For each split, the arrays ``crowd_…`` (n,) of ``mean_knn_distance`` among the images of its
        class in both splits, ``twin_…`` (n,) the most similar image of the other split, and
        ``gap_…`` (n,) the root mean squared difference of a pixel to it, 0 to 255.
    """
    data = load(download=False)
    splits = [data.train_images, data.test_images]
    images = np.concatenate(splits).reshape(-1, PIXEL_COUNT)
    labels = np.concatenate([data.train_labels, data.test_labels])
    report(0.02, "Finding the main directions in which pictures differ")
    basis = principal_components(splits[0], DIMENSIONS)
    projected = project(images, basis)
    knn_distance = np.zeros(len(images), np.float32)
    for class_id in range(CLASS_COUNT):
        report(0.1 + 0.03 * class_id, "Looking how crowded it is around each picture")
        of_class = np.flatnonzero(labels == class_id)
        knn_distance[of_class] = mean_knn_distance(projected[of_class], NEIGHBOURS)
    train_count = len(splits[0])

    def report_comparison(share: float) -> None:
        report(0.4 + 0.6 * share, "Comparing 10,000 test with 60,000 training pictures")

    duplicates = nearest_across_splits(
        images[train_count:], images[:train_count], report_comparison
    )
    return {
        "crowd_train": knn_distance[:train_count],
        "crowd_test": knn_distance[train_count:],
        "twin_test": duplicates[0],
        "gap_test": duplicates[1],
        "twin_train": duplicates[2],
        "gap_train": duplicates[3],
    }


def mean_knn_distance(points: NDArray[np.float32], neighbours: int) -> NDArray[np.float32]:
    """Mean k-nearest-neighbour distance of each point: small where points are dense.

    Args:
        points: (n, d) float32 points.
        neighbours: how many of the nearest others count; fewer where there are not so many.

    Returns:
        (n,) float32, in the unit of the points; 0 for a point alone.
    """
    count = len(points)
    neighbours = min(neighbours, count - 1)
    distances = np.zeros(count, np.float32)
    if neighbours < 1:
        return distances
    squares = np.einsum("ij,ij->i", points, points)
    for start in range(0, count, _ROWS_AT_ONCE):
        rows = points[start : start + _ROWS_AT_ONCE]
        squared = squares - 2 * rows @ points.T
        squared += squares[start : start + len(rows), None]
        diagonal = np.arange(len(rows))
        squared[diagonal, start + diagonal] = np.inf
        nearest = np.partition(squared, neighbours - 1, axis=1)[:, :neighbours]
        distances[start : start + len(rows)] = np.sqrt(np.maximum(nearest, 0)).mean(axis=1)
    return distances


def nearest_across_splits(
    queries: NDArray[np.uint8], references: NDArray[np.uint8], report: Callable[[float], None]
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
    """The nearest image of the other split, for all images of both splits.

    Args:
        queries: (n, 784) uint8, not empty.
        references: (m, 784) uint8, not empty.
        report: called with the share that is done, 0 to 1.

    Returns:
        For each of ``queries`` the index of the nearest of ``references`` and the root mean
        squared difference of a pixel; then for each of ``references`` the same among ``queries``.
    """
    reference_rows = references.astype(np.float32)
    squares = np.einsum("ij,ij->i", reference_rows, reference_rows)
    nearest_references = np.zeros(len(queries), np.int32)
    nearest_queries = np.zeros(len(references), np.int32)
    best = np.full(len(references), np.inf, np.float32)
    for start in range(0, len(queries), _ROWS_AT_ONCE):
        report(start / len(queries))
        rows = queries[start : start + _ROWS_AT_ONCE].astype(np.float32)
        squared = np.matmul(rows, reference_rows.T)
        squared *= -2
        squared += squares
        squared += np.einsum("ij,ij->i", rows, rows)[:, None]
        nearest_references[start : start + len(rows)] = squared.argmin(axis=1)
        nearest = squared.argmin(axis=0)
        smallest = squared[nearest, np.arange(len(references))]
        closer = smallest < best
        nearest_queries[closer], best[closer] = nearest[closer] + start, smallest[closer]
    return (
        nearest_references,
        _pixel_distances(queries, references[nearest_references]),
        nearest_queries,
        _pixel_distances(references, queries[nearest_queries]),
    )


def _pixel_distances(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Root mean squared differences (n,) of a pixel, computed anew.

    Those from the large matrix products are off in the last digits.
    """
    distances = np.zeros(len(a), np.float32)
    for start in range(0, len(a), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        differences = a[rows].astype(np.float32) - b[rows]
        distances[rows] = np.sqrt(np.einsum("ij,ij->i", differences, differences) / a.shape[1])
    return distances
