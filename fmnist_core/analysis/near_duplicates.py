"""Mean k-nearest-neighbour distance within a class, and near-duplicates across the split."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.neighbours import nearest_both_ways, nearest_neighbours, per_pixel
from fmnist_core.analysis.projection import principal_components, project
from fmnist_core.dataset import CLASS_COUNT, PIXEL_COUNT, load
from fmnist_core.task_types import Arrays, Report

DIMENSIONS = 50
NEIGHBOURS = 10
# Two images that differ less than that, root mean squared over the pixels, are near-duplicates:
# 5 % of the full range, where the median distance to the nearest image is 12 %.
NEAR_DUPLICATE = 12.75
_COMPARING = "Comparing 10,000 test with 60,000 training pictures"


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
    test, train = images[train_count:], images[:train_count]
    of_test, of_train = (
        per_pixel(nearest, PIXEL_COUNT)
        for nearest in nearest_both_ways(
            test, train, 1, lambda share: report(0.4 + 0.6 * share, _COMPARING)
        )
    )
    return {
        "crowd_train": knn_distance[:train_count],
        "crowd_test": knn_distance[train_count:],
        "twin_test": of_test.indices[:, 0].astype(np.int32),
        "gap_test": of_test.distances[:, 0].astype(np.float32),
        "twin_train": of_train.indices[:, 0].astype(np.int32),
        "gap_train": of_train.distances[:, 0].astype(np.float32),
    }


def mean_knn_distance(points: NDArray[np.float32], neighbours: int) -> NDArray[np.float32]:
    """Mean k-nearest-neighbour distance of each point: small where points are dense.

    Args:
        points: (n, d) float32 points.
        neighbours: how many of the nearest others count; fewer where there are not so many.

    Returns:
        (n,) float32, in the unit of the points; 0 for a point alone.
    """
    nearest = nearest_neighbours(points, points, neighbours, excluded=np.arange(len(points)))
    if not nearest.distances.shape[1]:
        return np.zeros(len(points), np.float32)
    means: NDArray[np.float32] = nearest.distances.mean(axis=1).astype(np.float32)
    return means
