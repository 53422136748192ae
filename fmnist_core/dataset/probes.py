"""The probe images: a few test images that a network is asked about while it trains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset.content import CLASS_COUNT, CLASS_NAMES, HARDEST_CLASSES

PROBE_COUNT = 12
MOST_DRAWS = 10_000
_PURPOSE = 5


def probe_indices(labels: NDArray[np.uint8], seed: int, draw: int = 0) -> NDArray[np.int64]:
    """Draw the probe images of a run: one of each class, and a second one of the hardest.

    Args:
        labels: (n,) of the test images, each class among them at least twice.
        seed: of the run, 0 or more.
        draw: other images each time they are shuffled, from 0.

    Returns:
        (12,) int64 indices into the test images, in the order of the classes.
    """
    random = np.random.default_rng([seed, _PURPOSE, draw])
    chosen: list[int] = []
    for class_id in range(CLASS_COUNT):
        count = 2 if CLASS_NAMES[class_id] in HARDEST_CLASSES else 1
        of_class = np.flatnonzero(np.asarray(labels) == class_id)
        chosen += random.choice(of_class, size=count, replace=False).tolist()
    return np.array(chosen, dtype=np.int64)
