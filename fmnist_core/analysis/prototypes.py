"""How like its training pictures an image is: the distance to the nearest of a hundred a class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_COUNT, SIDE, Dataset

PER_CLASS = 100
# Blocks of so many pixels a side are averaged: a shift by one pixel changes little.
BLOCK = 2
HALF = SIDE // BLOCK
# So many percent of the test images of a class are closer: farther ones are unusual, or like none.
UNUSUAL, UNLIKE = 95.0, 99.5


class Prototypes(NamedTuple):
    """Training images to compare with, in half their size.

    Attributes:
        images: (10, 100, 196) uint8, the first of each class.
        limits: (10, 2) float32, Euclidean distances: beyond the first an image is unusual for the
            class, beyond the second it is like none of it.
    """

    images: NDArray[np.uint8]
    limits: NDArray[np.float32]

    def packed(self) -> bytes:
        """As ``ui/components/network/likeness.js`` reads them: limits, then images."""
        return self.limits.astype("<f4").tobytes() + self.images.tobytes()


def prototypes(data: Dataset) -> Prototypes:
    """The prototypes of all classes, and how far the test images of each are from them."""
    train_labels, test_labels = np.asarray(data.train_labels), np.asarray(data.test_labels)
    images, limits = [], []
    for class_id in range(CLASS_COUNT):
        chosen = np.flatnonzero(train_labels == class_id)[:PER_CLASS]
        prototype = halved(data.train_images[chosen])
        own = halved(data.test_images[np.flatnonzero(test_labels == class_id)])
        images.append(prototype)
        limits.append(np.percentile(nearest(own, prototype), (UNUSUAL, UNLIKE)))
    return Prototypes(np.stack(images), np.array(limits, np.float32))


def halved(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images (n, 28, 28) as (n, 196) uint8, each value the mean of 2 × 2 pixels."""
    blocks = np.asarray(images, np.float32).reshape(-1, HALF, BLOCK, HALF, BLOCK)
    means: NDArray[np.uint8] = np.rint(blocks.mean(axis=(2, 4))).astype(np.uint8)
    return means.reshape(-1, HALF**2)


def nearest(points: NDArray[np.uint8], prototype: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The distance (n,) of each point (n, d) to the nearest of the others (k, d)."""
    a, b = points.astype(np.float32), prototype.astype(np.float32)
    squares = (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)
    distances: NDArray[np.float32] = np.sqrt(np.maximum(squares.min(axis=1), 0))
    return distances
