"""Which training pictures look most like a picture, pixel by pixel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_ROWS_AT_ONCE = 6_000


class Neighbours(NamedTuple):
    """The nearest pictures, nearest first.

    Attributes:
        numbers: (k,) in the training split.
        distances: (k,), the root mean squared difference of a pixel, 0 to 255.
    """

    numbers: NDArray[np.int64]
    distances: NDArray[np.float64]


def nearest(image: NDArray[np.uint8], images: NDArray[np.uint8], count: int) -> Neighbours:
    """The pictures with the smallest Euclidean distance in pixel space.

    Args:
        image: (28, 28) uint8.
        images: (n, 28, 28) uint8; may be memory-mapped, it is read in parts.
        count: how many to find, at most n.
    """
    wanted = image.ravel().astype(np.float32)
    squares = np.empty(len(images), np.float64)
    for start in range(0, len(images), _ROWS_AT_ONCE):
        part = images[start : start + _ROWS_AT_ONCE].reshape(-1, wanted.size)
        gap = part.astype(np.float32) - wanted
        squares[start : start + len(part)] = np.einsum("ij,ij->i", gap, gap)
    count = min(count, len(images))
    numbers = np.argpartition(squares, count - 1)[:count] if count else np.zeros(0, np.int64)
    numbers = numbers[np.lexsort((numbers, squares[numbers]))]
    return Neighbours(numbers, np.sqrt(squares[numbers] / wanted.size))
