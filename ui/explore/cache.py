"""Caches of Explore data, keyed by the dataset's content."""

from __future__ import annotations

import base64
import io
from functools import lru_cache

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from fmnist_core.analysis.image_statistics import (
    ImageStatistics,
    Moments,
    intensity_shares,
    measure_images,
    moments,
)
from fmnist_core.analysis.near_duplicates import neighbourhoods
from fmnist_core.analysis.neighbours import Neighbours, nearest_images
from fmnist_core.analysis.projection import principal_components, project
from fmnist_core.analysis.sorting import FROM_NEIGHBOURHOODS, Order, sort_images
from fmnist_core.dataset import Split
from fmnist_core.images import map_indices
from fmnist_core.task_types import Arrays
from ui.background import ask
from ui.cache import class_image_indices
from ui.services import dataset, request_task

KEY_DIGITS = 16


# Resources, because they are read by every visitor and never changed: no copies.
@st.cache_resource(show_spinner=False, max_entries=4)
def _moments(sha256: str, split: Split) -> Moments:
    data = dataset()
    return moments(data.images(split), np.asarray(data.labels(split)))


def moments_of(split: Split) -> Moments:
    """Counts, mean images and standard deviations of the ten classes of a split."""
    return _moments(dataset().sha256, split)


@st.cache_resource(show_spinner=False, max_entries=4)
def _statistics(sha256: str, split: Split) -> ImageStatistics:
    data = dataset()
    return measure_images(
        data.images(split), np.asarray(data.labels(split)), moments_of("train").means
    )


def statistics_of(split: Split) -> ImageStatistics:
    """Brightness, foreground pixels and distance to the class mean of every image of a split."""
    return _statistics(dataset().sha256, split)


@st.cache_resource(show_spinner=False, max_entries=40)
def _intensities(sha256: str, split: Split, class_id: int) -> NDArray[np.float64]:
    data = dataset()
    return intensity_shares(data.images(split)[np.asarray(data.labels(split)) == class_id])


def intensities_of(split: Split, class_id: int) -> NDArray[np.float64]:
    """Histogram (17,) of the pixel intensities of a class, as shares; the first bin is 0 alone."""
    return _intensities(dataset().sha256, split, class_id)


def neighbourhoods_key() -> str:
    """The key of the background task that computes the neighbourhoods of this dataset."""
    return f"explore-neighbourhoods-{dataset().sha256[:KEY_DIGITS]}"


def neighbourhoods_or_progress(height: int | None = None, meanwhile: str = "") -> Arrays | None:
    """The kNN arrays, or ``None`` and a progress bar; arguments as of ``ui.background.ask``."""
    return ask(neighbourhoods_key(), neighbourhoods, height=height, meanwhile=meanwhile)


def cached_neighbourhoods() -> Arrays | None:
    """The kNN arrays, or ``None`` until they are computed; starts the task and draws nothing."""
    return request_task(neighbourhoods_key(), neighbourhoods).arrays


@st.cache_resource(show_spinner=False, max_entries=64)
def _ordered_images(
    sha256: str, split: Split, classes: tuple[int, ...], order: Order, seed: int
) -> NDArray[np.int64]:
    return sort_images(class_image_indices(split, classes), order, seed, statistics_of(split))


def ordered_images(
    split: Split, classes: tuple[int, ...], order: Order, seed: int, knn_arrays: Arrays | None
) -> NDArray[np.int64]:
    """Indices of the images of some classes in a sort order.

    Args:
        split: of the images.
        classes: none means all.
        order: what comes first.
        seed: of the shuffle.
        knn_arrays: of ``cached_neighbourhoods``; without them, orders that need them are by index.
    """
    sha256 = dataset().sha256
    if order not in FROM_NEIGHBOURHOODS:
        return _ordered_images(sha256, split, classes, order, seed if order == "shuffled" else 0)
    indices = class_image_indices(split, classes)
    if knn_arrays is None:
        return indices
    return sort_images(
        indices,
        order,
        knn_distance=knn_arrays[f"crowd_{split}"],
        duplicate_distance=knn_arrays[f"gap_{split}"],
    )


@st.cache_resource(show_spinner=False, max_entries=500)
def _neighbours_of(
    sha256: str, split: Split, image_index: int, among: Split, count: int
) -> Neighbours:
    data = dataset()
    images = data.images(split)[image_index : image_index + 1]
    excluded = np.array([image_index]) if split == among else None
    nearest = nearest_images(images, data.images(among), count, excluded)
    return Neighbours(nearest.indices[0], nearest.distances[0])


def neighbours_of(split: Split, image_index: int, among: Split, count: int) -> Neighbours:
    """Nearest neighbours of an image among a split by pixels, without the image itself."""
    return _neighbours_of(dataset().sha256, split, image_index, among, count)


@st.cache_resource(show_spinner=False, max_entries=4)
def _pca_map(sha256: str, split: Split) -> NDArray[np.float32]:
    data = dataset()
    images = data.images(split)[map_indices(np.asarray(data.labels(split)))]
    return project(images, principal_components(images, 2))


def pca_map(split: Split) -> NDArray[np.float32]:
    """Coordinates (n, 2) of the map by the first two principal components of the pixels."""
    return _pca_map(dataset().sha256, split)


@lru_cache(maxsize=64)
def _class_icon(sha256: str, class_id: int, dark: bool) -> str:
    data = dataset()
    labels = np.asarray(data.train_labels)
    indices = np.flatnonzero(labels == class_id)
    typical = indices[statistics_of("train").distance_to_mean[indices].argmin()]
    image = np.asarray(data.train_images[typical])
    background = np.full_like(image, 255 if dark else 0)
    buffer = io.BytesIO()
    Image.fromarray(np.stack([background, image], axis=-1), "LA").save(buffer, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def class_icon(class_id: int, dark: bool) -> str:
    """Icon of a class as data URL: its most typical training image, background transparent."""
    return _class_icon(dataset().sha256, class_id, dark)
