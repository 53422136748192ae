"""Sort orders of images: by number, chance, brightness, distance to the class mean, density."""

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
# These wait for what the engine works out once.
FROM_NEIGHBOURHOODS: tuple[Order, ...] = ("crowded", "lonely", "twins")


def arrange(
    numbers: NDArray[np.int64],
    order: Order,
    seed: int = 0,
    measured: ImageStatistics | None = None,
    knn_distance: NDArray[np.float32] | None = None,
    gap: NDArray[np.float32] | None = None,
) -> NDArray[np.int64]:
    """The same pictures in another order; equal ones stand by number.

    Args:
        numbers: (m,) of the pictures, ascending.
        order: by number, by chance, or by what was measured: mean brightness, pixels that are not
            blank, distance to the average picture of the class, how crowded it is around the
            picture, or how similar its nearest picture of the other split is.
        seed: of the shuffle; the same seed gives the same order.
        measured: of all pictures of the split.
        knn_distance: (n,) mean distance to the nearest images of the class.
        gap: (n,) distance to the nearest picture of the other split.

    Raises:
        ValueError: the order needs what was not given.
    """
    if order == "number":
        return numbers
    if order == "shuffled":
        return np.random.default_rng(seed).permutation(numbers)
    values, sign = {
        "bright": (measured and measured.brightness, -1),
        "dark": (measured and measured.brightness, 1),
        "full": (measured and measured.foreground_pixels, -1),
        "sparse": (measured and measured.foreground_pixels, 1),
        "typical": (measured and measured.distance_to_mean, 1),
        "odd": (measured and measured.distance_to_mean, -1),
        "crowded": (knn_distance, 1),
        "lonely": (knn_distance, -1),
        "twins": (gap, 1),
    }[order]
    if values is None:
        raise ValueError(f"the order {order} needs what was measured")
    return numbers[np.argsort(sign * values[numbers], kind="stable")]
