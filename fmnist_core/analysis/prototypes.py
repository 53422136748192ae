"""How like its training pictures an image is: the distance to the nearest of a hundred a class.

The hundred stand for their class: they are the nearest to the centres of k-means, which takes a
minute. The dataset never changes, so their indices lie in ``prototypes.npy`` beside this file, as
``scripts/prototypes.py`` has written them.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import SIDE, Dataset

PER_CLASS = 100
# Blocks of so many pixels a side are averaged: a shift by one pixel changes little.
BLOCK = 2
HALF = SIDE // BLOCK
# So many percent of the test images of a class are closer: farther ones are unusual, or like none.
UNUSUAL, UNLIKE = 95.0, 99.5
# So many percent are smoother: noise, whose means are those of grey clothes, is like none.
ROUGH = 99.9
# Of `Prototypes.packed`; another one has another address.
LAYOUT = 2
INDICES = Path(__file__).with_name("prototypes.npy")


class Prototypes(NamedTuple):
    """Training images to compare with, in half their size.

    Attributes:
        images: (10, 100, 196) uint8.
        limits: (10, 3) float32: two Euclidean distances, beyond the first of which an image is
            unusual for the class and beyond the second like none of it; and a roughness, beyond
            which it is like none either.
    """

    images: NDArray[np.uint8]
    limits: NDArray[np.float32]

    def packed(self) -> bytes:
        """As ``ui/components/network/likeness.js`` reads them: limits, then images."""
        return self.limits.astype("<f4").tobytes() + self.images.tobytes()


@cache
def prototype_indices() -> NDArray[np.uint16]:
    """The training images that stand for their classes, indices (10, 100)."""
    indices: NDArray[np.uint16] = np.load(INDICES, allow_pickle=False)
    return indices


@cache
def prototypes_digest(sha256: str) -> str:
    """What changes with the prototypes of a dataset: 16 hexadecimal digits.

    Args:
        sha256: of the dataset.
    """
    content = f"{sha256} {LAYOUT} ".encode() + prototype_indices().tobytes()
    return hashlib.sha256(content).hexdigest()[:16]


def prototypes(data: Dataset) -> Prototypes:
    """The prototypes of all classes, and how far the test images of each are from them."""
    test_labels = np.asarray(data.test_labels)
    images, limits = [], []
    for class_id, indices in enumerate(prototype_indices()):
        prototype = halved(data.train_images[indices])
        own = data.test_images[np.flatnonzero(test_labels == class_id)]
        far = np.percentile(nearest(halved(own), prototype), (UNUSUAL, UNLIKE))
        images.append(prototype)
        limits.append([*far, np.percentile(roughness(own), ROUGH)])
    return Prototypes(np.stack(images), np.array(limits, np.float32))


def choose_prototypes(points: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
    """k-medoids, nearly: of k-means' clusters the points nearest to the centres, each another one.

    Args:
        points: (n, d), of one class.
        count: of clusters, at most n.

    Returns:
        Indices (k,) of points, rising.
    """
    from sklearn.cluster import KMeans

    values = points.astype(np.float32)
    centers = KMeans(count, n_init=1, max_iter=60, random_state=0).fit(values).cluster_centers_
    squares = (values**2).sum(axis=1) - 2 * centers @ values.T
    chosen: list[int] = []
    for distances in squares:
        distances[chosen] = np.inf
        chosen.append(int(distances.argmin()))
    return np.sort(chosen)


def halved(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images (n, 28, 28) as (n, 196) uint8, each value the mean of 2 × 2 pixels."""
    blocks = np.asarray(images, np.float32).reshape(-1, HALF, BLOCK, HALF, BLOCK)
    means: NDArray[np.uint8] = np.rint(blocks.mean(axis=(2, 4))).astype(np.uint8)
    return means.reshape(-1, HALF**2)


def roughness(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far pixels of images (n, 28, 28) are from the mean of their 2 × 2, on average (n,)."""
    blocks = np.asarray(images, np.float32).reshape(-1, HALF, BLOCK, HALF, BLOCK)
    away = np.abs(blocks - blocks.mean(axis=(2, 4), keepdims=True))
    means: NDArray[np.float32] = away.mean(axis=(1, 2, 3, 4))
    return means


def nearest(points: NDArray[np.uint8], prototype: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The distance (n,) of each point (n, d) to the nearest of the others (k, d)."""
    a, b = points.astype(np.float32), prototype.astype(np.float32)
    squares = (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)
    distances: NDArray[np.float32] = np.sqrt(np.maximum(squares.min(axis=1), 0))
    return distances
