"""Nearest neighbours of images, by pixels or by the features of a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_ROWS_AT_ONCE = 6_000
_TABLE_ROWS_AT_ONCE = 250
_BLOCK = 100


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
    far = pixel_distances(image, images)
    count = min(count, len(images))
    numbers = np.argpartition(far, count - 1)[:count] if count else np.zeros(0, np.int64)
    numbers = numbers[np.lexsort((numbers, far[numbers]))]
    return Neighbours(numbers, far[numbers])


def pixel_distances(image: NDArray[np.uint8], images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How far (n,) each picture is from one: the root mean squared difference of a pixel.

    Args:
        image: (28, 28) uint8.
        images: (n, 28, 28) uint8; may be memory-mapped, it is read in parts.
    """
    wanted = image.ravel().astype(np.float32)
    squares = np.empty(len(images), np.float64)
    for start in range(0, len(images), _ROWS_AT_ONCE):
        part = images[start : start + _ROWS_AT_ONCE].reshape(-1, wanted.size)
        gap = part.astype(np.float32) - wanted
        squares[start : start + len(part)] = np.einsum("ij,ij->i", gap, gap)
    return np.sqrt(squares / wanted.size)


def nearest_rows(
    rows: NDArray[np.float16],
    among: NDArray[np.float16],
    count: int,
    report: Callable[[float], None] = lambda share: None,
) -> Neighbours:
    """For each row the rows of another table with the smallest Euclidean distance.

    Args:
        rows: (m, d).
        among: (n, d).
        count: how many to find for each, at most n.
        report: told the share done.

    Returns:
        Numbers in ``among`` and distances, both (m, count), nearest first; equal ones by number.
    """
    count = min(count, len(among))
    table = among.astype(np.float32)
    lengths = np.einsum("ij,ij->i", table, table)
    numbers = np.empty((len(rows), count), np.int64)
    distances = np.empty((len(rows), count))
    for start in range(0, len(rows), _TABLE_ROWS_AT_ONCE):
        report(start / len(rows))
        part = rows[start : start + _TABLE_ROWS_AT_ONCE].astype(np.float32)
        # The part's own length is the same for all, so it decides nothing.
        nearly = lengths - 2 * (part @ table.T)
        some = _smallest(nearly, 2 * count)
        # That difference of large numbers is inexact; among the few that are left it is computed
        # directly, so that the order is right and a picture's distance to itself is 0.
        gaps = table[some].astype(np.float64) - part[:, None]
        exact = np.sqrt(np.einsum("ijk,ijk->ij", gaps, gaps))
        order = np.lexsort((some, exact), axis=1)[:, :count]
        numbers[start : start + len(part)] = np.take_along_axis(some, order, axis=1)
        distances[start : start + len(part)] = np.take_along_axis(exact, order, axis=1)
    return Neighbours(numbers, distances)


def _smallest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """The places (m, count) of the smallest values of each row (m, n), in no order.

    The smallest values lie in the blocks with the smallest minima, so that only few are compared.
    """
    rows, length = values.shape
    blocks = -(-length // _BLOCK)
    if blocks <= count:
        every: NDArray[np.int64] = np.argpartition(values, min(count, length) - 1, axis=1)
        return every[:, :count]
    padded = np.full((rows, blocks * _BLOCK), np.inf, np.float32)
    padded[:, :length] = values
    cut = padded.reshape(rows, blocks, _BLOCK)
    best = np.argpartition(cut.min(axis=2), count - 1, axis=1)[:, :count]
    kept = np.take_along_axis(cut, best[:, :, None], axis=1).reshape(rows, -1)
    inside = np.argpartition(kept, count - 1, axis=1)[:, :count]
    block = np.take_along_axis(best, inside // _BLOCK, axis=1)
    places: NDArray[np.int64] = block * _BLOCK + inside % _BLOCK
    return places
