"""Features of a network's last hidden layer: nearest neighbours and a map of images by them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.neighbours import nearest_neighbours
from fmnist_core.analysis.projection import Method, principal_components, project, tsne
from fmnist_core.dataset import PIXEL_COUNT, Dataset, Split, load
from fmnist_core.images import map_indices
from fmnist_core.interpret.network import load_network
from fmnist_core.specs import RunSpec, multiply_adds
from fmnist_core.specs.layers import IMAGE_SHAPE
from fmnist_core.task_types import Arrays, Report

NEIGHBOURS = 12
_DIMENSIONS = 50
_MOST_FEATURES = 512
_CHUNK_MULTIPLY_ADDS = 10**9
_CHUNK_MOST = 2_000
_LARGEST_HALF = float(np.finfo(np.float16).max)


def features(report: Report, root: str, run_id: str, split: Split) -> Arrays:
    """Features of the images of a split: the inputs of the network's last layer.

    Where there are more than 512 of them, they are projected onto 512 random directions, which
    keeps distances almost as they are (Johnson and Lindenstrauss, 1984). The projection is the
    same for every split.

    Args:
        report: called with the progress.
        root: the runs folder.
        run_id: of a run that this installation trained.
        split: ``"train"`` or ``"test"``.

    Returns:
        ``features`` (n, d) float16, one row an image of the split, d at most 512.
    """
    report(0.0, "Opening the network")
    model, spec = load_network(root, run_id)
    return {"features": _features(report, model, spec, split, (0.05, 1.0))}


def neighbours(report: Report, root: str, run_id: str) -> Arrays:
    """The nearest training images of each test image, by the features of the network.

    Args:
        report: called with the progress.
        root: the runs folder.
        run_id: of a run that this installation trained.

    Returns:
        ``numbers`` (10000, 12) uint16, in the training split, nearest first; ``distances``
        (10000, 12) float32, Euclidean between features as ``features`` makes them.
    """
    report(0.0, "Opening the network")
    model, spec = load_network(root, run_id)
    train = _features(report, model, spec, "train", (0.05, 0.5))
    test = _features(report, model, spec, "test", (0.5, 0.6))

    def report_search(share: float) -> None:
        report(0.6 + 0.4 * share, "Comparing 10,000 with 60,000 pictures")

    nearest = nearest_neighbours(test, train, NEIGHBOURS, report=report_search)
    return {
        "numbers": nearest.indices.astype(np.uint16),
        "distances": nearest.distances.astype(np.float32),
    }


def _features(
    report: Report, model: Any, spec: RunSpec, split: Split, span: tuple[float, float]
) -> NDArray[np.float16]:
    import keras
    import tensorflow as tf

    layer_input = model.get_layer("logits").input
    width = int(layer_input.shape[-1])
    feature_model = keras.Model(model.inputs, layer_input)
    projection = None if width <= _MOST_FEATURES else _projection(width)

    @tf.function(input_signature=[tf.TensorSpec((None, *IMAGE_SHAPE), tf.uint8)])  # type: ignore[untyped-decorator]
    def forward(images: Any) -> Any:
        values = feature_model(tf.cast(images, tf.float32), training=False)
        return values if projection is None else values @ projection

    images = load(download=False).images(split)
    chunk = max(50, min(_CHUNK_MOST, _CHUNK_MULTIPLY_ADDS // max(1, multiply_adds(spec))))
    rows = np.empty((len(images), min(width, _MOST_FEATURES)), np.float16)
    for start in range(0, len(images), chunk):
        share = span[0] + (span[1] - span[0]) * start / len(images)
        report(share, f"Showing it {len(images):,} pictures")
        batch = forward(np.asarray(images[start : start + chunk])[..., None]).numpy()
        rows[start : start + chunk] = np.clip(batch, -_LARGEST_HALF, _LARGEST_HALF)
    return rows


def _projection(width: int) -> NDArray[np.float32]:
    random = np.random.default_rng(width)
    directions = random.standard_normal((width, _MOST_FEATURES), np.float32)
    scaled: NDArray[np.float32] = directions / np.float32(np.sqrt(_MOST_FEATURES))
    return scaled


def compute_map(
    report: Report, method: Method, split: Split, root: str = "", run_id: str = ""
) -> Arrays:
    """Compute a map of images: a two-dimensional projection of pixels or features.

    Args:
        report: called with the progress.
        method: the first two principal components, or t-SNE of the first 50.
        split: whose images.
        root: the runs folder, where features are projected.
        run_id: of the run whose features are projected; without one, the pixels are.

    Returns:
        ``places`` (k, 2) float32 of the images of ``map_indices``.

    Raises:
        FmnistError: the features cannot be computed; says why.
    """
    data = load(download=False)
    indices = map_indices(np.asarray(data.labels(split)))
    points = _points(report, data, split, root, run_id)[indices]
    report(0.3 if run_id else 0.02, "Finding the main directions in which the pictures differ")
    if method == "pca":
        return {"places": project(points, principal_components(points, 2))}
    basis = principal_components(points, _DIMENSIONS)
    start = 0.35 if run_id else 0.05

    def report_tsne(share: float) -> None:
        report(start + (1 - start) * share, "Moving similar pictures together")

    return {"places": tsne(project(points, basis), report_tsne)}


def _points(report: Report, data: Dataset, split: Split, root: str, run_id: str) -> NDArray[Any]:
    if not run_id:
        return data.images(split).reshape(-1, PIXEL_COUNT)

    def report_features(share: float, message: str) -> None:
        report(0.3 * share, message)

    rows = features(report_features, root, run_id, split)["features"]
    # Of a layer of one neuron the map is a line.
    return np.pad(rows, ((0, 0), (0, 1))) if rows.shape[1] == 1 else rows
