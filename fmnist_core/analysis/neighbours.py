"""k-nearest neighbours by Euclidean distance, of images or of the features of a network.

Exact, as an index is that compares everything: equal rows have distance 0, equal distances stand by
index, and neither the size of a table nor the number of threads changes anything. A matrix product
in float32 gives a lower bound of every distance; only of what this leaves over is it computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Report = Callable[[float], None]
# A table of so many rows and columns is worked on at a time.
_TABLE = 2_000
# Differences of pairs are computed for so many numbers at a time.
_NUMBERS_AT_ONCE = 2**18
# What a float32 operation may be off, as a share of what it is computed from.
_ROUNDING = 2.0**-24


class Neighbours(NamedTuple):
    """The k nearest neighbours of one or several images, nearest first.

    Attributes:
        indices: (k,) or (m, k), of what was searched.
        distances: likewise; between images the root mean squared difference of a pixel, 0 to 255.
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float64]


def nearest_neighbours(
    queries: NDArray[Any],
    references: NDArray[Any],
    count: int,
    excluded: NDArray[np.int64] | None = None,
    report: Report = lambda share: None,
) -> Neighbours:
    """k-nearest neighbours by Euclidean distance, of each query among the references.

    Args:
        queries: (m, d) numbers.
        references: (n, d) numbers; may be memory-mapped, they are read in parts.
        count: how many to find for each query, at most n.
        excluded: (m,) for each query the reference that does not count, such as itself.
        report: called with the share that is done, 0 to 1.

    Returns:
        Indices of references and distances, both (m, k), where k is ``count``, or less where there
        are not so many.
    """
    if len(queries) == 1:
        return _nearest_of_one(
            queries[0], references, count, -1 if excluded is None else excluded[0]
        )
    search = _Search(queries, references, count, excluded)
    for rows, columns, bounds in _tables(queries, references, count, report):
        search.look(rows, columns, bounds)
    return search.found()


def nearest_both_ways(
    a: NDArray[Any], b: NDArray[Any], count: int, report: Report = lambda share: None
) -> tuple[Neighbours, Neighbours]:
    """``nearest_neighbours`` of each of a among b and of each of b among a, for little more work.

    Args:
        a: (m, d) numbers.
        b: (n, d) numbers.
        count: how many to find for each.
        report: called with the share that is done, 0 to 1.
    """
    of_a, of_b = _Search(a, b, count), _Search(b, a, count)
    for rows, columns, bounds in _tables(a, b, count, report):
        of_a.look(rows, columns, bounds)
        of_b.look(columns, rows, bounds.T)
    return of_a.found(), of_b.found()


def nearest_images(
    images: NDArray[np.uint8],
    references: NDArray[np.uint8],
    count: int,
    excluded: NDArray[np.int64] | None = None,
) -> Neighbours:
    """``nearest_neighbours`` of images by their pixels.

    Args:
        images: (m, …) uint8; everything after the first axis are pixels.
        references: (n, …) uint8; may be memory-mapped, they are read in parts.
        count: how many to find for each image, at most n.
        excluded: (m,) for each image the reference that does not count, such as itself.

    Returns:
        Indices (m, k) and distances (m, k), the root mean squared difference of a pixel, 0 to 255.
    """
    nearest = nearest_neighbours(_flat(images), _flat(references), count, excluded)
    return per_pixel(nearest, prod(images.shape[1:]))


def per_pixel(nearest: Neighbours, pixels: int) -> Neighbours:
    """Neighbours with the root mean squared difference of a pixel instead of the whole distance."""
    return Neighbours(nearest.indices, nearest.distances / np.sqrt(pixels))


def pixel_distances(image: NDArray[np.uint8], images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Distances (n,) of images from one: the root mean squared difference of a pixel.

    Args:
        image: (28, 28) uint8.
        images: (n, 28, 28) uint8; may be memory-mapped, it is read in parts.
    """
    return np.sqrt(_squares_from(image.ravel(), _flat(images)) / image.size)


def _flat(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return images.reshape(len(images), prod(images.shape[1:]))


def _nearest_of_one(
    query: NDArray[Any], references: NDArray[Any], count: int, excluded: int
) -> Neighbours:
    """The same for one query: to compute all its distances is faster than to bound them first."""
    squares = _squares_from(query, references)
    order = np.argsort(squares, kind="stable")
    indices = order[order != excluded][:count]
    return Neighbours(indices[None], np.sqrt(squares[indices])[None])


class _Search:
    """The nearest references of each query among those looked at so far.

    Args:
        queries: (m, d).
        references: (n, d).
        count: as of ``nearest_neighbours``.
        excluded: as of ``nearest_neighbours``.
    """

    def __init__(
        self,
        queries: NDArray[Any],
        references: NDArray[Any],
        count: int,
        excluded: NDArray[np.int64] | None = None,
    ) -> None:
        self._queries, self._references = queries, references
        self._count = max(0, min(count, len(references) - (excluded is not None)))
        self._excluded = np.full(len(queries), -1) if excluded is None else excluded
        self._indices = np.zeros((len(queries), self._count), np.int64)
        self._squares = np.zeros((len(queries), self._count))
        # Of thousands of equal rows, as a dead network gives them, only the first can be found;
        # with all of them every query would be compared one by one.
        self._possible = _earlier_copies(references) <= self._count

    def look(self, rows: slice, columns: slice, bounds: NDArray[np.float32]) -> None:
        """Look at a table of lower bounds of the squared distances of some queries and references.

        Args:
            rows: the queries.
            columns: the references, those of one call after those of the call before; the first
                ones more than ``count``, or all.
            bounds: (len(rows), len(columns)).
        """
        if not self._count:
            return
        limits = self._squares[rows, -1]
        if columns.start == 0:
            limits = self._first_limits(rows, bounds)
        upper = np.nextafter(limits.astype(np.float32), np.float32(np.inf))
        # Written so that what is not a number is no reason to leave one out.
        near = ~(bounds > upper[:, None]) & self._possible[columns]
        places = np.flatnonzero(near)
        query = rows.start + places // near.shape[1]
        reference = columns.start + places % near.shape[1]
        others = reference != self._excluded[query]
        query, reference = query[others], reference[others]
        squares = _squared_distances(self._queries, self._references, query, reference)
        if columns.start > 0:
            before = np.repeat(np.arange(rows.start, rows.stop), self._count)
            query = np.concatenate([before, query])
            reference = np.concatenate([self._indices[rows].ravel(), reference])
            squares = np.concatenate([self._squares[rows].ravel(), squares])
        # Of equal ones those with the smaller index stand before the others, and stay there.
        order = np.lexsort((squares, query))
        starts = np.searchsorted(query[order], np.arange(rows.start, rows.stop))
        nearest = order[starts[:, None] + np.arange(self._count)]
        self._indices[rows], self._squares[rows] = reference[nearest], squares[nearest]

    def found(self) -> Neighbours:
        """What was found, when all tables were looked at."""
        return Neighbours(self._indices, np.sqrt(self._squares))

    def _first_limits(self, rows: slice, bounds: NDArray[np.float32]) -> NDArray[np.float64]:
        """Squared distances (m,) within which there are enough: those of any that seem near."""
        last = min(self._count, bounds.shape[1] - 1)
        near = np.argpartition(bounds, last, axis=1)[:, : last + 1]
        query = np.repeat(np.arange(rows.start, rows.stop), last + 1)
        squares = _squared_distances(self._queries, self._references, query, near.ravel())
        squares[near.ravel() == self._excluded[query]] = np.inf
        limits: NDArray[np.float64] = np.sort(squares.reshape(near.shape))[:, self._count - 1]
        return limits


def _tables(
    a: NDArray[Any], b: NDArray[Any], count: int, report: Report
) -> Iterator[tuple[slice, slice, NDArray[np.float32]]]:
    """Tables of lower bounds of the squared distances of all of a and b, with their slices."""
    side = max(_TABLE, count + 1)
    for row in range(0, len(a), side):
        rows = slice(row, min(row + side, len(a)))
        values, lengths, slack = _measured(a[rows])
        a_factors = np.column_stack(
            [values, slack * lengths, (1 - slack) * lengths**2, np.ones_like(lengths)]
        )
        for column in range(0, len(b), side):
            report((row + (rows.stop - row) * column / len(b)) / len(a))
            columns = slice(column, min(column + side, len(b)))
            values, lengths, slack = _measured(b[columns])
            # |a|² + |b|² - 2 ab, less what the product may be off: (|a| + |b|)² times the slack.
            b_factors = np.column_stack(
                [-2 * values, -2 * lengths, np.ones_like(lengths), (1 - slack) * lengths**2]
            )
            yield rows, columns, a_factors @ b_factors.T


def _measured(rows: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32], np.float32]:
    """Rows (m, d) as float32, their lengths (m,), and twice the share that a product may be off."""
    values = rows.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", values, values))
    return values, lengths, np.float32(2 * (rows.shape[1] + 8) * _ROUNDING)


def _squared_distances(
    a: NDArray[Any], b: NDArray[Any], a_rows: NDArray[np.int64], b_rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Squared distances (p,) of pairs of rows, computed directly: exact for whole numbers."""
    squares = np.empty(len(a_rows))
    step = max(1, _NUMBERS_AT_ONCE // max(1, a.shape[1]))
    for start in range(0, len(a_rows), step):
        pairs = slice(start, start + step)
        differences = np.subtract(a[a_rows[pairs]], b[b_rows[pairs]], dtype=_exact_type(a, b))
        squares[pairs] = np.einsum("ij,ij->i", differences, differences)
    return squares


def _squares_from(query: NDArray[Any], references: NDArray[Any]) -> NDArray[np.float64]:
    """Squared distances (n,) of all references (n, d) from one query (d,), likewise."""
    squares = np.empty(len(references))
    step = max(1, _NUMBERS_AT_ONCE // max(1, len(query)))
    for start in range(0, len(references), step):
        differences = np.subtract(
            references[start : start + step], query, dtype=_exact_type(query, references)
        )
        squares[start : start + step] = np.einsum("ij,ij->i", differences, differences)
    return squares


def _exact_type(a: NDArray[Any], b: NDArray[Any]) -> type[np.generic]:
    """In what differences are computed: squares of 33,000 pixels fit into int32, which is fast."""
    return np.int32 if a.dtype == b.dtype == np.uint8 else np.float64


def _earlier_copies(rows: NDArray[Any]) -> NDArray[np.int64]:
    """How many earlier rows each of the rows (n, d) equals."""
    written = pd.Series([row.tobytes() for row in rows], dtype=object)
    copies: NDArray[np.int64] = written.groupby(written).cumcount().to_numpy()
    return copies
