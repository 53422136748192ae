"""Projections of images to a map: principal components and t-SNE."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

Method = Literal["pca", "tsne"]
_PERPLEXITY = 30
_ROUNDS = 1_000
_ROUND = re.compile(r"Iteration (\d+)")


class Basis(NamedTuple):
    """Where the pictures' cloud lies and in which directions it stretches most.

    Attributes:
        center: (d,) the mean.
        directions: (d, k) unit vectors, the longest stretch first.
        shares: (k,) of the whole variance, 0 to 1.
    """

    center: NDArray[np.float32]
    directions: NDArray[np.float32]
    shares: NDArray[np.float64]


def components(points: NDArray[Any], count: int) -> Basis:
    """Principal components (Pearson, 1901), from the eigenvectors of the covariance.

    Args:
        points: (n, …) numbers; everything after the first axis is one point.
        count: how many directions, at most the points' dimensions.
    """
    flat = points.reshape(len(points), -1).astype(np.float32)
    center = flat.mean(axis=0)
    flat -= center
    covariance = (flat.T @ flat) / max(1, len(flat))
    width = len(covariance)
    variances, vectors = eigh(covariance, subset_by_index=(width - min(count, width), width - 1))
    directions = vectors[:, ::-1]
    # An eigenvector's sign is chance; with a fixed one the map never stands upside down.
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.sign(directions[largest, np.arange(directions.shape[1])])
    total = max(float(np.trace(covariance)), 1e-12)
    shares = variances[::-1].astype(np.float64) / total
    return Basis(center, directions.astype(np.float32), np.maximum(shares, 0))


def project(points: NDArray[Any], basis: Basis) -> NDArray[np.float32]:
    """Where points (n, …) lie along the directions, (n, k) float32."""
    flat = points.reshape(len(points), -1)
    found = np.zeros((len(flat), basis.directions.shape[1]), np.float32)
    for start in range(0, len(flat), 5_000):
        part = slice(start, start + 5_000)
        found[part] = (flat[part] - basis.center) @ basis.directions
    return found


def tsne(points: NDArray[np.float32], say: Callable[[float], None]) -> NDArray[np.float32]:
    """t-SNE (van der Maaten and Hinton, 2008) in two dimensions, with scikit-learn.

    Args:
        points: (n, d) float32, n at least 4.
        say: told the share done.

    Returns:
        (n, 2) float32; the same for the same points.
    """
    from sklearn.manifold import TSNE

    worker = TSNE(
        perplexity=min(_PERPLEXITY, (len(points) - 1) / 3),
        init="pca",
        max_iter=_ROUNDS,
        random_state=0,
        verbose=2,
    )
    say(0.0)
    # What it prints is the only way in which it tells how far it is.
    with contextlib.redirect_stdout(_Listener(say)):
        found: NDArray[np.float32] = worker.fit_transform(points)
    return found


class _Listener(io.TextIOBase):
    """Reads the round from what t-SNE prints."""

    def __init__(self, say: Callable[[float], None]) -> None:
        self._say = say

    def write(self, text: str) -> int:
        for number in _ROUND.findall(text):
            self._say(min(1.0, 0.1 + 0.9 * int(number) / _ROUNDS))
        return len(text)


def on_screen(places: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Places (n, 2) in a square from 0 to 65,535 with y downwards; the map keeps its shape."""
    if not len(places):
        return np.zeros((0, 2), np.uint16)
    low, high = places.min(axis=0), places.max(axis=0)
    span = max(float((high - low).max()), 1e-9)
    square = (places - (low + high) / 2) / span + 0.5
    square[:, 1] = 1 - square[:, 1]
    whole: NDArray[np.uint16] = np.rint(np.clip(square, 0, 1) * 65_535).astype(np.uint16)
    return whole


def inside(places: NDArray[np.uint16], loop: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points a closed line encircles, by the even-odd rule (Shimrat, 1962).

    Args:
        places: (n, 2).
        loop: (k, 2) corners in the same unit; fewer than three encircle nothing.
    """
    hit = np.zeros(len(places), dtype=bool)
    x, y = places[:, 0].astype(np.float64), places[:, 1].astype(np.float64)
    for (x1, y1), (x2, y2) in zip(loop, np.roll(loop, -1, axis=0), strict=True):
        if y1 != y2:
            crosses = (y1 > y) != (y2 > y)
            hit ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return hit if len(loop) > 2 else np.zeros(len(places), dtype=bool)
