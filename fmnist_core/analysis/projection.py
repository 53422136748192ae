"""Projections of images to a map: principal components and t-SNE."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Method = Literal["pca", "tsne"]
_PERPLEXITY = 30
_ROUNDS = 1_000
_ROUND = re.compile(r"Iteration (\d+)")


class Basis(NamedTuple):
    """Mean and principal directions of a set of points.

    Attributes:
        center: (d,) the mean.
        directions: (d, k) unit vectors, that of the largest variance first; the largest number of
            each is positive, so that no map stands upside down by chance.
    """

    center: NDArray[np.float32]
    directions: NDArray[np.float32]


def principal_components(points: NDArray[Any], count: int) -> Basis:
    """Principal components (Pearson, 1901), with scikit-learn.

    Args:
        points: (n, …) numbers, n at least 2; everything after the first axis is one point.
        count: how many directions; fewer where there are fewer points or dimensions.
    """
    from sklearn.decomposition import PCA

    flat = points.reshape(len(points), -1).astype(np.float32)
    # The shares of the variance, which nobody reads, are not defined where all points are equal.
    with np.errstate(invalid="ignore"):
        model = PCA(min(count, *flat.shape), svd_solver="covariance_eigh").fit(flat)
    return Basis(model.mean_, model.components_.T)


def project(points: NDArray[Any], basis: Basis) -> NDArray[np.float32]:
    """Project points (n, …) onto the principal directions: (n, k) float32."""
    flat = points.reshape(len(points), -1)
    projected = np.zeros((len(flat), basis.directions.shape[1]), np.float32)
    for start in range(0, len(flat), 5_000):
        rows = slice(start, start + 5_000)
        projected[rows] = (flat[rows] - basis.center) @ basis.directions
    return projected


def tsne(points: NDArray[np.float32], report: Callable[[float], None]) -> NDArray[np.float32]:
    """t-SNE (van der Maaten and Hinton, 2008) in two dimensions, with scikit-learn.

    Args:
        points: (n, d) float32, n at least 4.
        report: called with the share that is done, 0 to 1.

    Returns:
        (n, 2) float32; the same for the same points. All 0 where all points are equal.
    """
    from sklearn.manifold import TSNE

    report(0.0)
    if not np.ptp(points, axis=0).any():
        # A dead network's. scikit-learn divides by their spread, and the process ends.
        return np.zeros((len(points), 2), np.float32)
    model = TSNE(
        perplexity=min(_PERPLEXITY, (len(points) - 1) / 3),
        init="pca",
        max_iter=_ROUNDS,
        random_state=0,
        verbose=2,
    )
    # What it prints is the only way in which it tells how far it is.
    with contextlib.redirect_stdout(_Listener(report)):
        embedding: NDArray[np.float32] = model.fit_transform(points)
    return embedding


class _Listener(io.TextIOBase):
    """Reads the iteration from what t-SNE prints, and reports whenever it prints anything.

    Whoever is told may end it by an error, so it is told also before the first iteration.
    """

    def __init__(self, report: Callable[[float], None]) -> None:
        self._report = report
        self._share = 0.0

    def write(self, text: str) -> int:
        for iteration in _ROUND.findall(text):
            self._share = min(1.0, 0.1 + 0.9 * int(iteration) / _ROUNDS)
        self._report(self._share)
        return len(text)


def to_map_coordinates(points: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Scale points (n, 2) into a square from 0 to 65,535 with y downwards, aspect ratio kept."""
    if not len(points):
        return np.zeros((0, 2), np.uint16)
    low, high = points.min(axis=0), points.max(axis=0)
    span = max(float((high - low).max()), 1e-9)
    unit_square = (points - (low + high) / 2) / span + 0.5
    unit_square[:, 1] = 1 - unit_square[:, 1]
    pixels: NDArray[np.uint16] = np.rint(np.clip(unit_square, 0, 1) * 65_535).astype(np.uint16)
    return pixels


def inside_polygon(points: NDArray[np.uint16], polygon: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie inside a polygon, by the even-odd rule (Shimrat, 1962).

    Args:
        points: (n, 2).
        polygon: (k, 2) corners in the same unit; fewer than three enclose nothing.
    """
    encircled = np.zeros(len(points), dtype=bool)
    x, y = points[:, 0].astype(np.float64), points[:, 1].astype(np.float64)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 != y2:
            crosses = (y1 > y) != (y2 > y)
            encircled ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return encircled if len(polygon) > 2 else np.zeros(len(points), dtype=bool)
