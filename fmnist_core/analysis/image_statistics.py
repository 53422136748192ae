"""Statistics of images: brightness, foreground pixels, distance to the class mean."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_COUNT, PIXEL_COUNT

_ROWS_AT_ONCE = 5_000


class Moments(NamedTuple):
    """Pixel-wise mean and standard deviation of the images of each class.

    Attributes:
        counts: (10,) images.
        means: (10, 28, 28), 0 to 255.
        deviations: (10, 28, 28), the population standard deviation of each pixel, 0 to 127.5.
    """

    counts: NDArray[np.int64]
    means: NDArray[np.float64]
    deviations: NDArray[np.float64]


class ImageStatistics(NamedTuple):
    """Statistics of each image of a split.

    Attributes:
        brightness: (n,), the mean of all 784 pixels, 0 to 255.
        foreground_pixels: (n,), how many pixels are not blank, 0 to 784.
        distance_to_mean: (n,), the root mean squared difference of a pixel to the mean image of
            the class in the training split, 0 to 255; the most typical image has the smallest.
    """

    brightness: NDArray[np.float64]
    foreground_pixels: NDArray[np.int64]
    distance_to_mean: NDArray[np.float64]


def moments(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Moments:
    """Mean and standard deviation of every pixel in every class; 0 for a class without images.

    Args:
        images: (n, 28, 28) uint8.
        labels: (n,) classes.
    """
    counts = np.bincount(labels, minlength=CLASS_COUNT)
    sums, squares = np.zeros((2, CLASS_COUNT, PIXEL_COUNT))
    for class_id in range(CLASS_COUNT):
        pixels = images[labels == class_id].reshape(-1, PIXEL_COUNT)
        sums[class_id] = pixels.sum(axis=0, dtype=np.int64)
        # Squares of uint8 fit into uint16, and sums of whole numbers are exact.
        squares[class_id] = np.square(pixels, dtype=np.uint16).sum(axis=0, dtype=np.int64)
    divisors = np.maximum(counts, 1)[:, None]
    means = sums / divisors
    deviations = np.sqrt(np.maximum(squares / divisors - means**2, 0))
    shape = (CLASS_COUNT, *images.shape[1:])
    return Moments(counts, means.reshape(shape), deviations.reshape(shape))


def measure_images(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], means: NDArray[np.float64]
) -> ImageStatistics:
    """Brightness, foreground pixels and distance to the class mean of every image.

    Args:
        images: (n, 28, 28) uint8; may be memory-mapped, it is read in parts.
        labels: (n,) classes.
        means: (10, 28, 28), the mean image of each class.
    """
    count = len(images)
    brightness, distance_to_mean = np.zeros(count), np.zeros(count)
    foreground_pixels = np.zeros(count, np.int64)
    flat = means.reshape(CLASS_COUNT, PIXEL_COUNT).astype(np.float32)
    for start in range(0, count, _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        pixels = images[rows].reshape(-1, PIXEL_COUNT)
        brightness[rows] = pixels.mean(axis=1, dtype=np.float64)
        foreground_pixels[rows] = np.count_nonzero(pixels, axis=1)
        differences = pixels - flat[labels[rows]]
        distance_to_mean[rows] = np.sqrt(
            np.einsum("ij,ij->i", differences, differences) / PIXEL_COUNT
        )
    return ImageStatistics(brightness, foreground_pixels, distance_to_mean)


def intensity_shares(images: NDArray[np.uint8], bins: int = 16) -> NDArray[np.float64]:
    """Histogram of pixel intensities, as shares; the first element counts exact zeros alone.

    Args:
        images: (n, 28, 28) uint8.
        bins: equal parts of 1 to 255.

    Returns:
        (1 + bins,) shares that sum to 1, or zeros without images.
    """
    values = np.bincount(images.ravel(), minlength=256).astype(np.float64)
    edges = 1 + np.arange(bins) * 255 // bins
    shares = np.concatenate([values[:1], np.add.reduceat(values, edges)])
    whole: NDArray[np.float64] = shares / max(1.0, values.sum())
    return whole


def rank_share(values: NDArray[np.float64], value: float) -> float:
    """The share of values larger than one, 0 to 1; 0 without values."""
    return float((values > value).mean()) if len(values) else 0.0


def lookalike_matrix(
    labels: NDArray[np.uint8], duplicates: NDArray[np.int32], other_labels: NDArray[np.uint8]
) -> NDArray[np.int64]:
    """Count by class where the nearest image of the other split belongs.

    Args:
        labels: (n,) classes.
        duplicates: (n,) indices of the nearest images in the other split.
        other_labels: (m,) classes of the other split.

    Returns:
        (10, 10) counts; rows are labels, columns the labels of the nearest images.
    """
    pairs = labels.astype(np.int64) * CLASS_COUNT + other_labels[duplicates]
    return np.bincount(pairs, minlength=CLASS_COUNT**2).reshape(CLASS_COUNT, CLASS_COUNT)
