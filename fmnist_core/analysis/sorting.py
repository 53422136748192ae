"""Sort orders of images: by index, chance, brightness, distance to the class mean, density."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.image_statistics import ImageStatistics

Order = Literal[
    "number",
    "shuffled",
    "bright",
    "dark",
    "full",
    "sparse",
    "typical",
    "odd",
    "crowded",
    "lonely",
    "twins",
]
ORDERS: tuple[Order, ...] = get_args(Order)
# These need ``near_duplicates.neighbourhoods``, which the engine computes once.
FROM_NEIGHBOURHOODS: tuple[Order, ...] = ("crowded", "lonely", "twins")


def sort_images(
    indices: NDArray[np.int64],
    order: Order,
    seed: int = 0,
    statistics: ImageStatistics | None = None,
    knn_distance: NDArray[np.float32] | None = None,
    duplicate_distance: NDArray[np.float32] | None = None,
) -> NDArray[np.int64]:
    """Sort the indices of images of a split; equal ones by index.

    Args:
        indices: (m,) of the images, ascending.
        order: by index, by chance, or by a statistic: mean brightness, foreground pixels, distance
            to the class mean, mean distance to the nearest images of the class, or distance to the
            nearest image of the other split.
        seed: of the shuffle; the same seed gives the same order.
        statistics: of all images of the split.
        knn_distance: (n,) mean distance to the nearest images of the class.
        duplicate_distance: (n,) distance to the nearest image of the other split.

    Raises:
        ValueError: the order needs an argument that was not given.
    """
    if order == "number":
        return indices
    if order == "shuffled":
        return np.random.default_rng(seed).permutation(indices)
    values, sign = {
        "bright": (statistics and statistics.brightness, -1),
        "dark": (statistics and statistics.brightness, 1),
        "full": (statistics and statistics.foreground_pixels, -1),
        "sparse": (statistics and statistics.foreground_pixels, 1),
        "typical": (statistics and statistics.distance_to_mean, 1),
        "odd": (statistics and statistics.distance_to_mean, -1),
        "crowded": (knn_distance, 1),
        "lonely": (knn_distance, -1),
        "twins": (duplicate_distance, 1),
    }[order]
    if values is None:
        raise ValueError(f"the order {order} needs what was measured")
    return indices[np.argsort(sign * values[indices], kind="stable")]
