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
from ui.services import dataset, engine

KEY_DIGITS = 16


# Resources, because they are read by every visitor and never changed: no copies.
@st.cache_resource(show_spinner=False, max_entries=4)
def _moments(sha256: str, split: Split) -> Moments:
    data = dataset()
    return moments(data.images(split), np.asarray(data.labels(split)))


def moments_of(split: Split) -> Moments:
    """The average pictures of the ten classes."""
    return _moments(dataset().sha256, split)


@st.cache_resource(show_spinner=False, max_entries=4)
def _traits(sha256: str, split: Split) -> ImageStatistics:
    data = dataset()
    return measure_images(
        data.images(split), np.asarray(data.labels(split)), moments_of("train").means
    )


def statistics_of(split: Split) -> ImageStatistics:
    """Brightness, ink and oddness of every picture."""
    return _traits(dataset().sha256, split)


@st.cache_resource(show_spinner=False, max_entries=40)
def _intensities(sha256: str, split: Split, number: int) -> NDArray[np.float64]:
    data = dataset()
    return intensity_shares(data.images(split)[np.asarray(data.labels(split)) == number])


def intensities_of(split: Split, number: int) -> NDArray[np.float64]:
    """How often which brightness occurs in a class."""
    return _intensities(dataset().sha256, split, number)


def neighbourhoods_key() -> str:
    """Under which the engine keeps what it works out once for this dataset."""
    return f"explore-crowds-{dataset().sha256[:KEY_DIGITS]}"


def neighbourhoods_now(height: int | None = None, meanwhile: str = "") -> Arrays | None:
    """What the engine worked out, drawn as progress till it is there; see ``ui.background.ask``."""
    return ask(neighbourhoods_key(), neighbourhoods, height=height, meanwhile=meanwhile)


def neighbourhoods_if_there() -> Arrays | None:
    """The same where it is there already; asks for it otherwise, and draws nothing."""
    return engine().request_task(neighbourhoods_key(), neighbourhoods).arrays


@st.cache_resource(show_spinner=False, max_entries=64)
def _ordered(
    sha256: str, split: Split, classes: tuple[int, ...], order: Order, seed: int
) -> NDArray[np.int64]:
    return sort_images(class_image_indices(split, classes), order, seed, statistics_of(split))


def ordered(
    split: Split, classes: tuple[int, ...], order: Order, seed: int, known: Arrays | None
) -> NDArray[np.int64]:
    """The numbers of the pictures of some classes in an order.

    Args:
        split: whose pictures.
        classes: none means all.
        order: what comes first.
        seed: of the shuffle.
        known: what the engine worked out; without it, orders that need it are by number.
    """
    sha256 = dataset().sha256
    if order not in FROM_NEIGHBOURHOODS:
        return _ordered(sha256, split, classes, order, seed if order == "shuffled" else 0)
    numbers = class_image_indices(split, classes)
    if known is None:
        return numbers
    return sort_images(
        numbers,
        order,
        knn_distance=known[f"crowd_{split}"],
        duplicate_distance=known[f"gap_{split}"],
    )


@st.cache_resource(show_spinner=False, max_entries=500)
def _alike(sha256: str, split: Split, picture: int, among: Split, count: int) -> Neighbours:
    data = dataset()
    image = np.asarray(data.images(split)[picture])
    found = nearest_images(image, data.images(among), count + 1)
    others = found.indices != picture if split == among else np.ones(len(found.indices), bool)
    return Neighbours(found.indices[others][:count], found.distances[others][:count])


def alike(split: Split, picture: int, among: Split, count: int) -> Neighbours:
    """The pictures of a split most like a picture, without the picture itself."""
    return _alike(dataset().sha256, split, picture, among, count)


@st.cache_resource(show_spinner=False, max_entries=4)
def _flat_map(sha256: str, split: Split) -> NDArray[np.float32]:
    data = dataset()
    seen = data.images(split)[map_indices(np.asarray(data.labels(split)))]
    return project(seen, principal_components(seen, 2))


def flat_map(split: Split) -> NDArray[np.float32]:
    """The two main directions of the pixels: the map that is there at once."""
    return _flat_map(dataset().sha256, split)


@lru_cache(maxsize=64)
def _icon(sha256: str, number: int, dark: bool) -> str:
    data = dataset()
    labels = np.asarray(data.train_labels)
    chosen = np.flatnonzero(labels == number)
    typical = chosen[statistics_of("train").distance_to_mean[chosen].argmin()]
    foreground_pixels = np.asarray(data.train_images[typical])
    paper = np.full_like(foreground_pixels, 255 if dark else 0)
    buffer = io.BytesIO()
    Image.fromarray(np.stack([paper, foreground_pixels], axis=-1), "LA").save(buffer, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def icon(number: int, dark: bool) -> str:
    """The most typical training picture of a class as ink without paper, for a label."""
    return _icon(dataset().sha256, number, dark)
