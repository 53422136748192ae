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
    """The k nearest neighbours of one or several images, nearest first.

    Attributes:
        indices: (k,) or (m, k), of the images searched.
        distances: likewise; between images the root mean squared difference of a pixel, 0 to 255.
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float64]


def nearest_images(image: NDArray[np.uint8], images: NDArray[np.uint8], count: int) -> Neighbours:
    """The nearest neighbours of an image by Euclidean distance in pixel space.

    Args:
        image: (28, 28) uint8.
        images: (n, 28, 28) uint8; may be memory-mapped, it is read in parts.
        count: how many to find, at most n.
    """
    distances = pixel_distances(image, images)
    count = min(count, len(images))
    indices = np.argpartition(distances, count - 1)[:count] if count else np.zeros(0, np.int64)
    indices = indices[np.lexsort((indices, distances[indices]))]
    return Neighbours(indices, distances[indices])


def pixel_distances(image: NDArray[np.uint8], images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Distances (n,) of images from one: the root mean squared difference of a pixel.

    Args:
        image: (28, 28) uint8.
        images: (n, 28, 28) uint8; may be memory-mapped, it is read in parts.
    """
    pixels = image.ravel().astype(np.float32)
    squares = np.empty(len(images), np.float64)
    for start in range(0, len(images), _ROWS_AT_ONCE):
        rows = images[start : start + _ROWS_AT_ONCE].reshape(-1, pixels.size)
        differences = rows.astype(np.float32) - pixels
        squares[start : start + len(rows)] = np.einsum("ij,ij->i", differences, differences)
    return np.sqrt(squares / pixels.size)


def nearest_rows(
    rows: NDArray[np.float16],
    table: NDArray[np.float16],
    count: int,
    report: Callable[[float], None] = lambda share: None,
) -> Neighbours:
    """k-nearest neighbours by Euclidean distance, for each row among the rows of a table.

    Args:
        rows: (m, d) features.
        table: (n, d) features.
        count: how many to find for each, at most n.
        report: called with the share that is done, 0 to 1.

    Returns:
        Indices in ``table`` and distances, both (m, count), nearest first; equal ones by index.
    """
    count = min(count, len(table))
    table_rows = table.astype(np.float32)
    lengths = np.einsum("ij,ij->i", table_rows, table_rows)
    indices = np.empty((len(rows), count), np.int64)
    distances = np.empty((len(rows), count))
    for start in range(0, len(rows), _TABLE_ROWS_AT_ONCE):
        report(start / len(rows))
        chunk = rows[start : start + _TABLE_ROWS_AT_ONCE].astype(np.float32)
        # A row's own length is the same for all, so it decides nothing.
        approximate = lengths - 2 * (chunk @ table_rows.T)
        candidates = _smallest(approximate, 2 * count)
        # That difference of large numbers is inexact; among the few that are left it is computed
        # directly, so that the order is right and an image's distance to itself is 0.
        differences = table_rows[candidates].astype(np.float64) - chunk[:, None]
        exact_distances = np.sqrt(np.einsum("ijk,ijk->ij", differences, differences))
        order = np.lexsort((candidates, exact_distances), axis=1)[:, :count]
        indices[start : start + len(chunk)] = np.take_along_axis(candidates, order, axis=1)
        distances[start : start + len(chunk)] = np.take_along_axis(exact_distances, order, axis=1)
    return Neighbours(indices, distances)


def _smallest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """The indices (m, count) of the smallest values of each row (m, n), in no order.

    The smallest values lie in the blocks with the smallest minima, so that only few are compared.
    """
    rows, length = values.shape
    blocks = -(-length // _BLOCK)
    if blocks <= count:
        unordered: NDArray[np.int64] = np.argpartition(values, min(count, length) - 1, axis=1)
        return unordered[:, :count]
    padded = np.full((rows, blocks * _BLOCK), np.inf, np.float32)
    padded[:, :length] = values
    blocked = padded.reshape(rows, blocks, _BLOCK)
    best_blocks = np.argpartition(blocked.min(axis=2), count - 1, axis=1)[:, :count]
    candidates = np.take_along_axis(blocked, best_blocks[:, :, None], axis=1).reshape(rows, -1)
    columns = np.argpartition(candidates, count - 1, axis=1)[:, :count]
    block_indices = np.take_along_axis(best_blocks, columns // _BLOCK, axis=1)
    indices: NDArray[np.int64] = block_indices * _BLOCK + columns % _BLOCK
    return indices
